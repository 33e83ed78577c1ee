//! What follows from a step: successors become ready, parents roll up, full lanes let the next card in.

use super::{Draft, Event, Rejection, Ruling, Status, TaskId, Transition};
use crate::domain::escalation::EscalationState;
use crate::domain::lane::Lane;
use crate::domain::task::{Admission, Assignment, AssignmentMethod};
use crate::domain::{AgentId, TaskNumber};

impl Draft<'_, '_> {
    /// True if the card may enter the lane now.
    pub(super) fn has_room(&self, lane: Lane, id: TaskId) -> bool {
        let expedited = self.facts.tasks.get(&id).is_some_and(|task| task.expedite || task.lane() == lane);
        expedited
            || self
                .facts
                .lanes
                .get(&lane)
                .is_none_or(|load| load.count < load.limit && load.waiting.iter().all(|waiting| *waiting == id))
    }

    /// Puts the card into the queue for a full lane.
    pub(super) fn wait_for(&mut self, lane: Lane, id: TaskId, agent_id: Option<AgentId>) -> Ruling {
        let since = self.at();
        self.emit(Event::AdmissionQueued { task_id: id, admission: Admission { lane, since, agent_id } })
    }

    /// Takes a step that makes the card ready. When `Ready` is full it waits for room there: a created card stays what
    /// it is meanwhile, any other is queued but not admitted.
    pub(super) fn make_ready(&mut self, id: TaskId, by: Transition, reason: Option<String>) -> Ruling {
        let room = self.has_room(Lane::Ready, id) || !self.facts.task(id)?.is_card();
        if !room {
            self.wait_for(Lane::Ready, id, None)?;
        }
        if room || by != Transition::Queue { self.step(id, by, reason) } else { Ok(()) }
    }

    /// Lets waiting cards in while their lanes have room.
    pub(super) fn settle_lanes(&mut self) -> Ruling {
        let wip = &self.facts.policy.wip;
        for (lane, load) in &mut self.facts.lanes {
            load.limit = wip.get(lane).copied().unwrap_or(u32::MAX);
        }
        for lane in Lane::LIMITED {
            while let Some(id) = self.next_admitted(*lane) {
                self.admit(*lane, id)?;
            }
        }
        Ok(())
    }

    fn next_admitted(&self, lane: Lane) -> Option<TaskId> {
        let load = self.facts.lanes.get(&lane)?;
        let known = |id: &&TaskId| self.facts.tasks.contains_key(id);
        let express = |id: &&TaskId| self.facts.tasks.get(id).is_some_and(|task| task.expedite);
        let first = load.waiting.iter().filter(known).find(express);
        first.or_else(|| load.waiting.iter().find(known).filter(|_| load.count < load.limit)).copied()
    }

    fn admit(&mut self, lane: Lane, id: TaskId) -> Ruling {
        let task = self.facts.task(id)?;
        let (status, agent) = (task.status, task.admission.as_ref().and_then(|admission| admission.agent_id));
        self.emit(Event::AdmissionEnded { task_id: id, lane, admitted: true })?;
        match (lane, status, agent) {
            (Lane::Ready, Status::Created, _) => self.step(id, Transition::Queue, None),
            (Lane::InProgress, Status::Queued | Status::Rejected, Some(agent)) => {
                self.step(id, Transition::Assign, None)?;
                self.set_assignment(id, agent, AssignmentMethod::Assigned, None)
            }
            _ => Ok(()),
        }
    }

    /// Takes the card out of any admission queue.
    pub(super) fn stop_waiting(&mut self, id: TaskId) -> Ruling {
        let Some(lane) = self.facts.task(id)?.admission.as_ref().map(|admission| admission.lane) else {
            return Ok(());
        };
        self.emit(Event::AdmissionEnded { task_id: id, lane, admitted: false })
    }

    pub(super) fn set_assignment(
        &mut self,
        id: TaskId,
        agent: AgentId,
        method: AssignmentMethod,
        why: Option<serde_json::Value>,
    ) -> Ruling {
        let assignment = Assignment {
            primary_agent: agent,
            collaborators: Vec::new(),
            assigned_at: self.at(),
            assignment_method: method,
            pattern: None,
            why,
        };
        self.emit(Event::TaskAssigned { task_id: id, assignment: Some(Box::new(assignment)) })
    }

    /// What follows when a task is completed or cancelled.
    pub(super) fn after_end(&mut self, id: TaskId) -> Ruling {
        self.withdraw_questions(id)?;
        if self.status(id)? == Status::Completed {
            self.free_successors(id)?;
        }
        self.roll_up(id)
    }

    pub(super) fn withdraw_questions(&mut self, id: TaskId) -> Ruling {
        let open: Vec<_> = self
            .facts
            .escalations
            .values()
            .filter(|ask| ask.task_id == Some(id) && ask.state == EscalationState::Open)
            .map(|ask| ask.escalation_id)
            .collect();
        open.into_iter().try_for_each(|escalation_id| self.emit(Event::EscalationWithdrawn { escalation_id }))
    }

    /// Successors that waited only for this are ready.
    pub(super) fn free_successors(&mut self, id: TaskId) -> Ruling {
        for successor in self.facts.successors.get(&id).cloned().unwrap_or_default() {
            self.free_if_met(successor)?;
        }
        Ok(())
    }

    /// Makes a blocked task ready when nothing stands in its way any more.
    pub(super) fn free_if_met(&mut self, id: TaskId) -> Ruling {
        let Some(task) = self.facts.tasks.get(&id) else { return Ok(()) };
        if task.status != Status::Blocked || task.blocker.is_some() || !self.facts.unmet(task).is_empty() {
            return Ok(());
        }
        self.make_ready(id, Transition::Unblock, None)
    }

    /// Blocks a task that has not begun when a predecessor is not met.
    pub(super) fn block_if_unmet(&mut self, id: TaskId) -> Ruling {
        let Some(task) = self.facts.tasks.get(&id) else { return Ok(()) };
        let unmet = self.facts.unmet(task);
        if unmet.is_empty() || !matches!(task.status, Status::Created | Status::Queued) {
            return Ok(());
        }
        self.stop_waiting(id)?;
        self.step(id, Transition::Block, Some(waits_for(&unmet)))
    }

    fn roll_up(&mut self, id: TaskId) -> Ruling {
        let Some(parent) = self.facts.task(id)?.parent_id else { return Ok(()) };
        let done = self.facts.parts.get(&parent).is_some_and(|parts| parts.open == 0 && parts.completed > 0);
        if !done || self.facts.tasks.get(&parent).is_none_or(|task| task.status.is_closed()) {
            return Ok(());
        }
        self.step(parent, Transition::RollUp, Some("all its parts have ended".into()))?;
        self.after_end(parent)
    }

    /// Takes up completed ancestors again when a part of them is open again.
    pub(super) fn open_ancestors(&mut self, id: TaskId) -> Ruling {
        let Some(parent) = self.facts.task(id)?.parent_id else { return Ok(()) };
        match self.facts.tasks.get(&parent) {
            Some(task) if task.status == Status::Completed => {
                self.step(parent, Transition::Reopen, Some("a part of it is open".into()))?;
                self.block_if_unmet(parent)?;
                self.block_successors(parent)?;
                self.open_ancestors(parent)
            }
            _ => Ok(()),
        }
    }

    /// Successors that have not begun wait again.
    pub(super) fn block_successors(&mut self, id: TaskId) -> Ruling {
        for successor in self.facts.successors.get(&id).cloned().unwrap_or_default() {
            self.block_if_unmet(successor)?;
        }
        Ok(())
    }

    /// The reason why work on this card cannot begin, if there is one.
    pub(super) fn readiness(&self, id: TaskId) -> Ruling {
        let task = self.card(id)?;
        let not_ready = |why: String| Err(Rejection::NotReady { number: task.number, why });
        let unmet = self.facts.unmet(task);
        if !unmet.is_empty() {
            return not_ready(waits_for(&unmet));
        }
        if let Some(at) = task.not_before.filter(|at| *at > self.at()) {
            return not_ready(format!("not before {}", at.format("%Y-%m-%d %H:%M UTC")));
        }
        if self.facts.haunted.contains(&id) {
            return not_ready("reclaim waits: the last worker's process has not been seen gone".into());
        }
        if task.archived_at.is_some() {
            return not_ready("it is archived".into());
        }
        Ok(())
    }
}

fn waits_for(unmet: &[TaskNumber]) -> String {
    let list: Vec<_> = unmet.iter().map(ToString::to_string).collect();
    format!("waits for {}", list.join(", "))
}
