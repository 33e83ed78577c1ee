//! Undo and redo: rows go back to what a change found. Whether newer changes to the same rows stand in the way is known
//! to the log and has been checked before; what refers to a row that would go, and what the rules say about the rows as
//! they would be, is checked here. A limit of a lane is no such rule: who takes a step back finds the card where it
//! was, even if the lane is over its limit then.

use super::{Draft, Event, Rejection, Ruling, Status, TaskId};
use crate::domain::command::Patch;
use crate::domain::deps;
use crate::domain::id::ChangeId;
use crate::domain::record::RecordId;
use crate::domain::sprint::SprintState;

impl Draft<'_, '_> {
    pub(super) fn restore(&mut self, change: ChangeId, patches: &[Patch]) -> Ruling {
        let refuse = |why: String| Err(Rejection::NotUndoable { change, why });
        for patch in patches {
            if let Some(why) = self.hindrance(patch) {
                return refuse(why);
            }
        }
        patches.iter().try_for_each(|patch| self.emit(Event::Restored { change, patch: patch.clone() }))?;
        if let Some(why) = patches.iter().find_map(|patch| self.breach(patch.id)) {
            return refuse(why);
        }
        for patch in patches {
            if let RecordId::Task(id) = patch.id {
                self.settle_restored(id)?;
            }
        }
        Ok(())
    }

    /// What follows from the state that the task is in again, for itself, its successors and its whole.
    fn settle_restored(&mut self, id: TaskId) -> Ruling {
        let Some(status) = self.facts.tasks.get(&id).map(|task| task.status) else { return Ok(()) };
        self.block_if_unmet(id)?;
        self.free_if_met(id)?;
        match status {
            Status::Completed => self.free_successors(id),
            Status::Cancelled => self.block_successors(id),
            _ => {
                self.block_successors(id)?;
                self.open_ancestors(id)
            }
        }
    }

    /// Why the patch cannot be laid over what is there now.
    fn hindrance(&self, patch: &Patch) -> Option<String> {
        let Some(fields) = &patch.fields else { return self.facts.referred.get(&patch.id).cloned() };
        let whole = fields.contains_key("record");
        (!whole && self.facts.record(patch.id).is_none()).then(|| "what it changed is gone".to_owned())
    }

    /// Which rule the row breaks as it was put back: the world around it may have changed.
    fn breach(&self, id: RecordId) -> Option<String> {
        match id {
            RecordId::Task(id) => self.task_breach(id),
            RecordId::Sprint(id) => {
                let active = |state| state == SprintState::Active;
                let restored = self.facts.sprints.get(&id).filter(|sprint| active(sprint.state))?;
                let mut others = self.facts.sprints.values().filter(|other| other.sprint_id != restored.sprint_id);
                if let Some(other) = others.clone().find(|other| active(other.state)) {
                    return Some(format!("{} is active now", other.name));
                }
                // One sprint is active at a time: one that was closed after this one's start was started after its close.
                let later = others.find(|other| other.closed_at > restored.started_at)?;
                Some(format!("{} was closed since; its report counts what this one came to", later.name))
            }
            RecordId::Proposal(id) if !self.facts.proposals.contains_key(&id) => None,
            RecordId::Plan(id) | RecordId::Proposal(id) => {
                let closed = self.facts.sprints.get(&id).filter(|sprint| sprint.state == SprintState::Closed)?;
                Some(format!("{} is closed; its plan stays as it is", closed.name))
            }
            _ => None,
        }
    }

    fn task_breach(&self, id: TaskId) -> Option<String> {
        let task = self.facts.tasks.get(&id)?;
        let others = || self.facts.tasks.values().filter(|other| other.task_id != id);
        if self.facts.briefs.iter().any(|(other, brief)| *other != id && brief.number == task.number) {
            return Some(format!("{} is another task now", task.number));
        }
        let express = |task: &crate::domain::Task| task.expedite && task.is_card() && !task.status.is_closed();
        if let Some(other) = others().find(|other| express(task) && express(other)) {
            return Some(format!("{} is expedited now", other.number));
        }
        let circle = |on| deps::cycle(&self.facts.edges, id, on);
        let closed = task.dependencies.blocked_by.iter().find_map(|edge| circle(edge.task_id))?;
        let path = closed.into_iter().filter_map(|id| self.facts.brief(id)).map(|brief| brief.number).collect();
        Some(Rejection::Cycle { path }.to_string())
    }
}
