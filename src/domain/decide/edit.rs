//! Changing fields and edges.

use std::collections::BTreeSet;

use super::create::{check_description, check_points, check_requirements, check_title};
use super::{Draft, Event, Rejection, Ruling, TaskId};
use crate::domain::command::TaskField;
use crate::domain::deps;
use crate::domain::id::TaskNumber;
use crate::domain::task::Dependency;
use crate::domain::{Level, Status};

impl Draft<'_, '_> {
    pub(super) fn edit_task(&mut self, id: TaskId, changes: &[TaskField], expected: Option<u64>) -> Ruling {
        let task = self.facts.task(id)?;
        if let Some(expected) = expected.filter(|rev| *rev != task.rev) {
            let how = format!("it is at revision {}, you saw {expected}; read it again", task.rev);
            return Err(Rejection::Conflict { what: task.number.to_string(), how });
        }
        for change in changes {
            self.check_edit(id, change)?;
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.leave_proposal(id, changes)?;
        self.emit(Event::TaskEdited { task_id: id, changes: changes.to_vec() })?;
        if changes.iter().any(|change| matches!(change, TaskField::Archived(true))) {
            self.stop_waiting(id)?;
        }
        if changes.iter().any(|change| matches!(change, TaskField::Parent(Some(_)))) {
            self.open_ancestors_of_open(id)?;
        }
        Ok(())
    }

    fn open_ancestors_of_open(&mut self, id: TaskId) -> Ruling {
        if self.status(id)?.is_closed() { Ok(()) } else { self.open_ancestors(id) }
    }

    fn check_edit(&self, id: TaskId, change: &TaskField) -> Ruling {
        let task = self.facts.task(id)?;
        match change {
            TaskField::Title(title) => check_title(title),
            TaskField::Description(text) => check_description(text),
            TaskField::Points(points) => check_points(*points),
            TaskField::Requirements(needs) => check_requirements(needs),
            TaskField::Parent(Some(parent)) => self.check_new_parent(id, *parent),
            TaskField::Level(level) if *level != Level::Task && (task.status.is_held() || task.claim.is_some()) => {
                Err(Rejection::Invalid(format!("{} is being worked on; release it first", task.number)))
            }
            TaskField::Level(Level::Task) if self.facts.parts.get(&id).is_some_and(|p| p.open + p.completed > 0) => {
                Err(Rejection::Invalid(format!("{} has parts; a task has none", task.number)))
            }
            TaskField::Expedite(true) => self.check_expedite(id),
            TaskField::Archived(true) if task.status.is_held() => {
                Err(Rejection::Invalid(format!("{} is being worked on; cancel or release it first", task.number)))
            }
            _ => Ok(()),
        }
    }

    fn check_expedite(&self, id: TaskId) -> Ruling {
        let task = self.card(id)?;
        if task.status.is_closed() {
            return Err(Rejection::Invalid(format!("{} is {} already", task.number, task.status)));
        }
        let other =
            self.facts.tasks.values().find(|t| t.expedite && t.task_id != id && t.is_card() && !t.status.is_closed());
        other.map_or(Ok(()), |other| Err(Rejection::ExpediteTaken { holder: other.number }))
    }

    fn check_new_parent(&self, id: TaskId, parent: TaskId) -> Ruling {
        self.check_parent(parent)?;
        let mut path = vec![self.facts.task(id)?.number];
        let mut next = Some(parent);
        while let Some(ancestor) = next {
            let task = self.facts.task(ancestor)?;
            path.push(task.number);
            if ancestor == id {
                return Err(Rejection::Cycle { path });
            }
            next = task.parent_id;
        }
        Ok(())
    }

    pub(super) fn add_dependency(&mut self, id: TaskId, dependency: &Dependency) -> Ruling {
        let task = self.facts.task(id)?;
        if task.dependencies.blocked_by.contains(dependency) {
            return Ok(());
        }
        self.facts.brief(dependency.task_id).ok_or_else(|| Rejection::no_task(dependency.task_id))?;
        if let Some(circle) = deps::cycle(&self.facts.edges, id, dependency.task_id) {
            let path = circle.into_iter().map(|id| self.number(id)).collect();
            return Err(Rejection::Cycle { path });
        }
        if self.ancestors(id).contains(&dependency.task_id) {
            let (part, whole) = (task.number, self.number(dependency.task_id));
            return Err(Rejection::Invalid(format!(
                "{part} is a part of {whole}, which is done only when {part} is: it cannot wait for it"
            )));
        }
        self.emit(Event::DependencyAdded { task_id: id, dependency: dependency.clone() })?;
        self.block_if_unmet(id)?;
        self.free_if_met(id)
    }

    fn number(&self, id: TaskId) -> TaskNumber {
        self.facts.brief(id).map(|brief| brief.number).unwrap_or_default()
    }

    fn ancestors(&self, id: TaskId) -> BTreeSet<TaskId> {
        let parent = |id: TaskId| self.facts.tasks.get(&id).and_then(|task| task.parent_id);
        let mut found = BTreeSet::new();
        let mut next = parent(id);
        while let Some(ancestor) = next.filter(|ancestor| found.insert(*ancestor)) {
            next = parent(ancestor);
        }
        found
    }

    pub(super) fn remove_dependency(&mut self, id: TaskId, on: TaskId) -> Ruling {
        let task = self.facts.task(id)?;
        if !task.dependencies.blocked_by.iter().any(|edge| edge.task_id == on) {
            let (task, on) = (task.number, self.number(on));
            return Err(Rejection::Invalid(format!("{task} does not wait for {on}")));
        }
        self.emit(Event::DependencyRemoved { task_id: id, on })?;
        match self.status(id)? {
            Status::Blocked => self.free_if_met(id),
            _ => Ok(()),
        }
    }
}
