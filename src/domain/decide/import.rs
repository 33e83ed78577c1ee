//! Bringing in tasks from other tools, and rows of other boards.

use super::create::{check_description, check_points, check_requirements, check_title};
use super::plan::check_shape;
use super::team::check_limits;
use super::{Draft, Event, Rejection, Ruling, Status, TaskId, Transition};
use crate::domain::id::{SprintId, TaskNumber};
use crate::domain::record::Record;
use crate::domain::sprint::SprintState;
use crate::domain::task::Task;
use crate::domain::{Agent, Attempt, Escalation, Level, Proposal, Sprint, SprintPlan, Timestamp};

/// Largest number that a row may bring along; above it, counting on would soon come to an end.
const MAX_NUMBER: i64 = 1 << 53;

impl Draft<'_, '_> {
    /// Brings a task in with its past. One that is here already is only closed or reopened; its fields are edited.
    pub(super) fn import_task(&mut self, incoming: &Task) -> Ruling {
        if self.facts.tasks.contains_key(&incoming.task_id) {
            return self.follow(incoming);
        }
        if let Some(twin) = self.twin(incoming) {
            let how = "another import brought it in meanwhile; import the file again".to_owned();
            return Err(Rejection::Conflict { what: twin.number.to_string(), how });
        }
        check_task(incoming)?;
        let mut task = incoming.clone();
        task.number = self.free_number(incoming);
        task.dependencies.blocking.clear();
        (task.claim, task.admission) = (None, None);
        // Nobody holds it here, whatever was the case there; what was ready goes through the lane's limit below.
        if !task.status.is_closed() && task.status != Status::Blocked {
            task.status = Status::Created;
        }
        self.check_place(&task)?;
        let id = task.task_id;
        self.emit(Event::TaskImported { task: Box::new(task) })?;
        self.block_if_unmet(id)?;
        if incoming.status == Status::Queued && self.status(id)? == Status::Created {
            return self.queue_task(id);
        }
        Ok(())
    }

    /// The task that came from the same place under another id.
    fn twin(&self, incoming: &Task) -> Option<&Task> {
        let external = incoming.external.as_ref()?;
        let same =
            |task: &&Task| task.external.as_ref().is_some_and(|e| e.source == external.source && e.key == external.key);
        self.facts.tasks.values().find(same)
    }

    /// The number that the task brings along, if nobody has it.
    fn free_number(&self, task: &Task) -> TaskNumber {
        let taken = |number| {
            self.facts.briefs.iter().any(|(id, brief)| brief.number == number && *id != task.task_id)
                || self.facts.tasks.values().any(|other| other.number == number && other.task_id != task.task_id)
        };
        if (1..=MAX_NUMBER).contains(&task.number.0) && !taken(task.number) {
            task.number
        } else {
            TaskNumber(self.facts.next_task)
        }
    }

    /// Its predecessors and its whole are here, and the whole is coarser than a task. A task that is new cannot close a
    /// circle: nothing waits for it yet.
    fn check_place(&self, task: &Task) -> Ruling {
        for edge in &task.dependencies.blocked_by {
            if self.facts.brief(edge.task_id).is_none() {
                return Err(Rejection::no_task(edge.task_id));
            }
        }
        let Some(parent) = task.parent_id else { return Ok(()) };
        let brief = self.facts.brief(parent).ok_or_else(|| Rejection::no_task(parent))?;
        if brief.level == Level::Task {
            return Err(Rejection::Invalid(format!("{} is a task and has no parts", brief.number)));
        }
        Ok(())
    }

    /// What was closed or reopened there is closed or reopened here, unless somebody is at it.
    fn follow(&mut self, incoming: &Task) -> Ruling {
        let ours = self.facts.task(incoming.task_id)?;
        let id = ours.task_id;
        let busy = ours.claim.is_some() || ours.status.is_held() || ours.status == Status::Reviewing;
        match (ours.status.is_closed(), incoming.status.is_closed()) {
            (false, true) if !busy => self.close_as_there(id, incoming),
            (true, false) => {
                self.step(id, Transition::Reopen, Some("reopened where it comes from".into()))?;
                self.block_if_unmet(id)?;
                self.block_successors(id)?;
                self.open_ancestors(id)
            }
            _ => Ok(()),
        }
    }

    fn close_as_there(&mut self, id: TaskId, incoming: &Task) -> Ruling {
        self.stop_waiting(id)?;
        let mut task = self.facts.task(id)?.clone();
        task.status = incoming.status;
        task.blocker = None;
        task.retry_at = None;
        task.execution.progress = incoming.execution.progress;
        task.execution.ended_at = incoming.execution.ended_at.or(Some(self.at()));
        task.execution.outputs.extend(incoming.execution.outputs.clone());
        self.emit(Event::TaskImported { task: Box::new(task) })?;
        self.after_end(id)
    }

    /// Brings in a row of another board as it is. A row that is here gives way only to a newer one.
    pub(super) fn import_record(&mut self, record: &Record) -> Ruling {
        let row = match record {
            Record::Policy(policy) => return self.configure(policy),
            Record::Task(task) => self.task_as_it_is(task)?.map(|task| Record::Task(Box::new(task))),
            Record::Attempt(attempt) => self.attempt_as_it_is(attempt)?.then(|| record.clone()),
            Record::Agent(agent) => self.agent_as_it_is(agent)?.then(|| record.clone()),
            Record::Sprint(sprint) => self.sprint_as_it_is(sprint)?.map(|sprint| Record::Sprint(Box::new(sprint))),
            Record::Plan(plan) => self.plan_as_it_is(plan)?.then(|| record.clone()),
            Record::Proposal(proposal) => self.proposal_as_it_is(proposal)?.then(|| record.clone()),
            Record::Baseline(base) => self.is_new_book(base.sprint_id, record)?.then(|| record.clone()),
            Record::Outcome(outcome) => self.is_new_book(outcome.sprint_id, record)?.then(|| record.clone()),
            Record::Escalation(ask) => self.ask_as_it_is(ask).map(|ask| Record::Escalation(Box::new(ask))),
            Record::Comment(comment) => {
                (!self.facts.comments.contains_key(&comment.comment_id)).then(|| record.clone())
            }
        };
        row.map_or(Ok(()), |row| self.emit(Event::RecordImported { row: Box::new(row) }))
    }

    fn task_as_it_is(&self, incoming: &Task) -> Result<Option<Task>, Rejection> {
        check_task(incoming)?;
        let mut task = incoming.clone();
        task.dependencies.blocking.clear();
        match self.facts.tasks.get(&task.task_id) {
            Some(ours) if ours.claim.is_some() || age(ours) >= age(&task) => return Ok(None),
            Some(ours) => {
                task.number = ours.number;
                task.epoch = task.epoch.max(ours.epoch);
            }
            None => task.number = self.free_number(incoming),
        }
        let open_elsewhere =
            |other: &Task| other.expedite && other.task_id != task.task_id && !other.status.is_closed();
        task.expedite &= !self.facts.tasks.values().any(open_elsewhere);
        Ok(Some(task))
    }

    /// An attempt that runs needs a task that is executing, and is the only one that runs; else it stays out.
    fn attempt_as_it_is(&self, attempt: &Attempt) -> Result<bool, Rejection> {
        let task = self.facts.task(attempt.task_id)?;
        let other = self.facts.open_attempt(attempt.task_id).filter(|open| open.attempt_id != attempt.attempt_id);
        let no_room = task.status != Status::Executing || other.is_some();
        if attempt.ended_at.is_none() && no_room {
            return Ok(false);
        }
        Ok(self.facts.attempts.get(&attempt.attempt_id).is_none_or(|ours| ours.rev < attempt.rev))
    }

    fn agent_as_it_is(&self, agent: &Agent) -> Result<bool, Rejection> {
        self.check_agent_name(&agent.name, Some(agent.agent_id))?;
        check_limits(&agent.skills, agent.wip_limit)?;
        Ok(self.facts.agents.get(&agent.agent_id).is_none_or(|ours| ours.rev < agent.rev))
    }

    fn sprint_as_it_is(&self, incoming: &Sprint) -> Result<Option<Sprint>, Rejection> {
        let mut sprint = incoming.clone();
        match self.facts.sprints.get(&sprint.sprint_id) {
            Some(ours) if ours.rev >= sprint.rev || ours.state == SprintState::Closed => return Ok(None),
            Some(ours) => sprint.number = ours.number,
            None => sprint.number = sprint.number.max(self.facts.next_sprint),
        }
        let active = |other: &Sprint| other.state == SprintState::Active && other.sprint_id != sprint.sprint_id;
        if let Some(other) = self.facts.sprints.values().find(|other| active(other))
            && sprint.state == SprintState::Active
        {
            let how = format!("{} is active on this board; close it first", other.name);
            return Err(Rejection::Conflict { what: sprint.name.clone(), how });
        }
        Ok(Some(sprint))
    }

    /// A plan of a sprint of this board gives way to one that was changed oftener, unless the sprint is closed or a
    /// proposal to change it is open.
    fn plan_as_it_is(&self, plan: &SprintPlan) -> Result<bool, Rejection> {
        let id = plan.sprint_id;
        let settled = self.sprint(id)?.state == SprintState::Closed || self.facts.proposals.contains_key(&id);
        check_shape(&plan.layout)?;
        Ok(self.facts.plans.get(&id).is_none_or(|ours| !settled && ours.rev < plan.rev))
    }

    /// What is written once gives way to nothing, and comes in only with a sprint that has begun or ended.
    fn is_new_book(&self, id: SprintId, record: &Record) -> Result<bool, Rejection> {
        let state = self.sprint(id)?.state;
        let fits = match record {
            Record::Outcome(_) => state == SprintState::Closed,
            _ => state != SprintState::Planned,
        };
        Ok(fits && self.facts.record(record.id()).is_none())
    }

    /// A proposal comes in with the plan that it would change, and only where none is open.
    fn proposal_as_it_is(&self, proposal: &Proposal) -> Result<bool, Rejection> {
        let id = proposal.sprint_id;
        let open = self.sprint(id)?.state != SprintState::Closed;
        proposal.options.iter().try_for_each(|option| check_shape(&option.layout))?;
        let plan = self.facts.plans.get(&id).map(|plan| plan.plan_id);
        Ok(open && plan == proposal.from && !self.facts.proposals.contains_key(&id))
    }

    fn ask_as_it_is(&self, incoming: &Escalation) -> Option<Escalation> {
        let mut ask = incoming.clone();
        match self.facts.escalations.get(&ask.escalation_id) {
            Some(ours) if ours.rev >= ask.rev => return None,
            Some(ours) => ask.number = ours.number,
            None => ask.number = ask.number.max(self.facts.next_escalation),
        }
        Some(ask)
    }
}

/// Of two states of one task the later and, at the same time, the oftener changed is the newer.
fn age(task: &Task) -> (Timestamp, u64) {
    (task.updated_at, task.rev)
}

fn check_task(task: &Task) -> Ruling {
    check_title(&task.title)?;
    check_description(&task.description)?;
    check_points(task.metadata.story_points)?;
    check_requirements(&task.requirements)
}
