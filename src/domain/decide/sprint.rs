//! Sprints: begun with a baseline, ended with an outcome.

use std::collections::BTreeSet;

use super::{Draft, Event, Rejection, Ruling, Status};
use crate::domain::Level;
use crate::domain::command::{NewSprint, TaskField};
use crate::domain::flow::spent;
use crate::domain::id::{SprintId, TaskId};
use crate::domain::sprint::{
    Baseline, BaselineTask, Carry, KEPT_TITLE, Sprint, SprintOutcome, SprintState, Stage, Tally, TaskOutcome,
};
use crate::domain::task::Task;

impl Draft<'_, '_> {
    pub(super) fn create_sprint(&mut self, new: &NewSprint) -> Ruling {
        if new.ends_at <= new.starts_at {
            return Err(Rejection::Invalid("a sprint ends after it starts".into()));
        }
        if let Some(taken) = new.sprint_id.and_then(|id| self.facts.sprints.get(&id)) {
            return Err(Rejection::Invalid(format!("{} has this id already", taken.name)));
        }
        let open = |sprint: &&Sprint| sprint.state != SprintState::Closed;
        let same = |sprint: &&Sprint| new.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&sprint.name));
        if let Some(taken) = self.facts.sprints.values().filter(open).find(same) {
            let why = format!("{} is the name of a sprint that is {}; choose another", taken.name, taken.state);
            return Err(Rejection::Invalid(why));
        }
        let number = self.facts.next_sprint;
        let sprint = Sprint {
            sprint_id: new.sprint_id.unwrap_or_else(|| SprintId(self.cx.ids.next())),
            number,
            rev: 0,
            name: new.name.clone().unwrap_or_else(|| format!("Sprint {number}")),
            goal: new.goal.clone(),
            starts_at: new.starts_at,
            ends_at: new.ends_at,
            state: SprintState::Planned,
            objectives: new.objectives.clone(),
            capacity_minutes: new.capacity_minutes,
            committed_points: None,
            started_at: None,
            closed_at: None,
        };
        self.emit(Event::SprintCreated { sprint: Box::new(sprint) })
    }

    pub(super) fn sprint(&self, id: SprintId) -> Result<&Sprint, Rejection> {
        let missing = || Rejection::NotFound { what: "sprint", name: id.to_string(), hint: None };
        self.facts.sprints.get(&id).ok_or_else(missing)
    }

    pub(super) fn start_sprint(&mut self, id: SprintId) -> Ruling {
        let sprint = self.sprint(id)?;
        if sprint.state != SprintState::Planned {
            return Err(Rejection::Invalid(format!("{} is {} already", sprint.name, sprint.state)));
        }
        if let Some(other) = self.facts.sprints.values().find(|s| s.state == SprintState::Active) {
            return Err(Rejection::Invalid(format!("{} is still active; close it first", other.name)));
        }
        let baseline = self.baseline(id)?;
        self.emit(Event::SprintStarted { sprint_id: id, committed_points: baseline.committed.points })?;
        self.emit(Event::BaselineTaken { baseline: Box::new(baseline) })?;
        for member in self.members(id) {
            let task = self.facts.task(member)?;
            if task.status == Status::Created && task.level == Level::Task {
                self.queue_task(member)?;
            }
        }
        Ok(())
    }

    pub(super) fn close_sprint(&mut self, id: SprintId, carry_to: Option<SprintId>) -> Ruling {
        let sprint = self.sprint(id)?;
        if sprint.state == SprintState::Closed {
            return Err(Rejection::Invalid(format!("{} is closed already", sprint.name)));
        }
        if let Some(next) = carry_to
            && (next == id || self.sprint(next)?.state == SprintState::Closed)
        {
            return Err(Rejection::Invalid("open tasks go to another sprint that is not closed".into()));
        }
        let outcome = self.outcome(id, carry_to)?;
        self.drop_if_open(id, "the sprint was closed")?;
        self.emit(Event::SprintClosed { sprint_id: id })?;
        self.emit(Event::OutcomeWritten { outcome: Box::new(outcome) })?;
        for member in self.members(id) {
            let task = self.facts.task(member)?;
            if !task.status.is_closed() {
                let carry = Carry { from: id, remaining: task.remaining_minutes() };
                let changes = vec![TaskField::Sprint(carry_to), TaskField::Carry(Some(carry))];
                self.emit(Event::TaskEdited { task_id: member, changes })?;
            }
        }
        Ok(())
    }

    fn members(&self, id: SprintId) -> Vec<TaskId> {
        self.facts.scope.get(&id).cloned().unwrap_or_default()
    }

    /// What is open when the sprint starts. What had ended before is none of its merits.
    fn baseline(&self, id: SprintId) -> Result<Baseline, Rejection> {
        let mut tasks = Vec::new();
        for member in self.members(id) {
            let task = self.facts.task(member)?;
            if task.is_card() && !task.status.is_closed() {
                tasks.push(self.baseline_task(id, task));
            }
        }
        let tally = |stretch| {
            let some = tasks.iter().filter(|task| task.stretch == stretch);
            some.fold(Tally::default(), |sum, task| sum.and(task.points))
        };
        let team = self.facts.agents.values().filter(|agent| !agent.draining);
        let team: BTreeSet<_> = team.map(|agent| agent.name.clone()).collect();
        Ok(Baseline {
            sprint_id: id,
            rev: 0,
            taken_at: self.at(),
            taken_by: self.cx.actor.clone(),
            capacity_minutes: self.sprint(id)?.capacity_minutes,
            team: team.into_iter().collect(),
            plan_id: self.facts.plans.get(&id).map(|plan| plan.plan_id),
            committed: tally(false),
            stretch: tally(true),
            tasks,
        })
    }

    fn baseline_task(&self, id: SprintId, task: &Task) -> BaselineTask {
        let layout = self.facts.plans.get(&id).map(|plan| &plan.layout);
        let slots = || layout.into_iter().flat_map(|layout| &layout.slots).filter(|slot| slot.task_id == task.task_id);
        let agent = slots().find(|slot| slot.stage == Stage::Work).and_then(|slot| slot.agent_id);
        let is_out = |layout: &crate::domain::sprint::Layout| {
            layout.stretch.contains(&task.task_id) || layout.left_out.iter().any(|left| left.task_id == task.task_id)
        };
        BaselineTask {
            task_id: task.task_id,
            number: task.number,
            title: kept_title(task),
            priority: task.priority,
            points: task.metadata.story_points,
            estimate: task.metadata.estimated_duration,
            remaining: task.remaining_minutes(),
            stretch: layout.is_some_and(is_out),
            carried_from: task.carry.map(|carry| carry.from).filter(|from| *from != id),
            agent: agent.map(|agent| self.facts.agent_name(agent)),
            starts_at: slots().map(|slot| slot.starts_at).min(),
            ends_at: slots().map(|slot| slot.ends_at).max(),
        }
    }

    fn outcome(&self, id: SprintId, carry_to: Option<SprintId>) -> Result<SprintOutcome, Rejection> {
        let baseline = self.facts.baselines.get(&id);
        let planned: BTreeSet<_> = baseline.iter().flat_map(|base| &base.tasks).map(|task| task.task_id).collect();
        // A task that was made a package is none any more, and thereby taken out.
        let is_task = |id: &TaskId| self.facts.task(*id).is_ok_and(|task| task.level == Level::Task);
        let members: Vec<_> = self.members(id).into_iter().filter(is_task).collect();
        let (mut tasks, mut added) = (Vec::new(), Vec::new());
        for member in &members {
            let task = self.facts.task(*member)?;
            let ended_before = |base: &Baseline| {
                task.status.is_closed() && task.execution.ended_at.is_some_and(|at| at < base.taken_at)
            };
            match (planned.contains(member), baseline) {
                (true, _) | (_, None) => tasks.push(self.task_outcome(id, task, carry_to)),
                (false, Some(base)) if !ended_before(base) => added.push(self.task_outcome(id, task, carry_to)),
                (false, Some(_)) => {}
            }
        }
        let here: BTreeSet<_> = members.iter().collect();
        let gone = baseline.iter().flat_map(|base| &base.tasks).filter(|task| !here.contains(&task.task_id));
        let removed = gone.map(|task| self.removed(task)).collect();
        let (written_at, written_by) = (self.at(), self.cx.actor.clone());
        let carried_to = carry_to.map(|next| self.sprint(next).map(|next| next.name.clone())).transpose()?;
        Ok(SprintOutcome { sprint_id: id, rev: 0, written_at, written_by, carried_to, tasks, added, removed })
    }

    fn task_outcome(&self, id: SprintId, task: &Task, carry_to: Option<SprintId>) -> TaskOutcome {
        let done = task.status == Status::Completed;
        let from = self.facts.sprints.get(&id).and_then(|sprint| sprint.started_at).unwrap_or(self.at());
        let past = self.facts.past.get(&task.task_id).map(Vec::as_slice).unwrap_or_default();
        let spent = spent(past, from, self.at());
        let open = !task.status.is_closed();
        TaskOutcome {
            task_id: task.task_id,
            number: task.number,
            title: kept_title(task),
            points: task.metadata.story_points,
            estimate: task.metadata.estimated_duration,
            status: Some(task.status),
            done,
            done_at: task.execution.ended_at.filter(|_| done),
            active_seconds: spent.active,
            waiting_seconds: spent.waits,
            actual: task.metadata.actual_duration,
            remaining: task.remaining_minutes().filter(|_| open),
            carried_to: carry_to.filter(|_| open),
        }
    }

    /// A task that was taken out; what became of it elsewhere is no merit of this sprint.
    fn removed(&self, base: &BaselineTask) -> TaskOutcome {
        let task = self.facts.tasks.get(&base.task_id);
        TaskOutcome {
            task_id: base.task_id,
            number: base.number,
            title: base.title.clone(),
            points: task.map_or(base.points, |task| task.metadata.story_points),
            estimate: task.map_or(base.estimate, |task| task.metadata.estimated_duration),
            status: task.map(|task| task.status),
            done: false,
            done_at: None,
            active_seconds: 0,
            waiting_seconds: std::collections::BTreeMap::new(),
            actual: task.and_then(|task| task.metadata.actual_duration),
            remaining: None,
            carried_to: None,
        }
    }
}

fn kept_title(task: &Task) -> String {
    task.title.chars().take(KEPT_TITLE).collect()
}
