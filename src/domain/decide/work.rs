//! Steps of a task between lanes: moved, queued, paused, blocked, cancelled, opened again.

use super::{Draft, Event, Fence, Rejection, Ruling, Status, TaskId, Transition};
use crate::domain::attempt::Outcome;
use crate::domain::command::{NewEscalation, Report};
use crate::domain::escalation::EscalationKind;
use crate::domain::id::AgentId;
use crate::domain::lane::Lane;
use crate::domain::task::{AssignmentMethod, Blocker, BlockerKind};

impl Draft<'_, '_> {
    /// Puts a card into a lane by the step that this means.
    pub(super) fn move_task(&mut self, id: TaskId, lane: Lane, agent: Option<AgentId>, fence: Fence) -> Ruling {
        let task = self.card(id)?;
        let (status, waits) = (task.status, task.admission.is_some());
        if Lane::of(status) == lane && !waits {
            return Ok(());
        }
        match lane {
            Lane::Backlog if waits => self.stop_waiting(id),
            Lane::Backlog if status == Status::Queued => self.step(id, Transition::Shelve, None),
            Lane::Backlog if status.is_closed() || status == Status::Failed => self.reopen_task(id),
            Lane::Backlog => {
                self.release_task(id, fence, None)?;
                self.shelve(id)
            }
            Lane::Ready => self.move_to_ready(id, status, fence),
            Lane::InProgress => {
                let agent = agent.ok_or_else(|| Rejection::Invalid("say which agent shall do it".into()))?;
                self.assign_task(id, agent, AssignmentMethod::Assigned, None, fence)
            }
            Lane::Review => self.submit_task(id, fence, &Report::default()),
            Lane::Done => self.complete_task(id, fence, agent, &Report::default()),
        }
    }

    fn move_to_ready(&mut self, id: TaskId, status: Status, fence: Fence) -> Ruling {
        match status {
            Status::Failed => self.retry_task(id),
            Status::Blocked => self.unblock_task(id),
            Status::Completed | Status::Cancelled => {
                self.reopen_task(id)?;
                self.queue_task(id)
            }
            Status::Created => self.queue_task(id),
            _ => self.release_task(id, fence, None),
        }
    }

    pub(super) fn queue_task(&mut self, id: TaskId) -> Ruling {
        let task = self.facts.task(id)?;
        match task.status {
            Status::Queued => Ok(()),
            Status::Created if task.admission.is_some() => Ok(()),
            Status::Created | Status::Blocked if !self.facts.unmet(task).is_empty() => self.block_if_unmet(id),
            Status::Created => self.make_ready(id, Transition::Queue, None),
            // The table has no such step, whatever the task waits for and whether or not there is room.
            _ => self.step(id, Transition::Queue, None),
        }
    }

    pub(super) fn report_progress(
        &mut self,
        id: TaskId,
        fence: Fence,
        progress: Option<u8>,
        step: Option<String>,
        artifacts: &[String],
    ) -> Ruling {
        self.pass_fence(id, fence)?;
        if self.status(id)? == Status::Assigned {
            self.start_task(id, fence, None)?;
        }
        let task = self.card(id)?;
        if task.status != Status::Executing {
            return Err(Rejection::NotReady {
                number: task.number,
                why: format!("it is {}, not executing", task.status),
            });
        }
        let percent = progress.unwrap_or(task.execution.progress);
        if percent > 100 {
            return Err(Rejection::Invalid(format!("progress is 0 to 100, not {percent}")));
        }
        let step = step.or_else(|| task.execution.current_step.clone());
        if percent == task.execution.progress && step == task.execution.current_step && artifacts.is_empty() {
            return Ok(());
        }
        self.emit(Event::TaskProgressed { task_id: id, progress: percent, step, artifacts: artifacts.to_vec() })
    }

    pub(super) fn pause_task(&mut self, id: TaskId, fence: Fence, reason: Option<String>) -> Ruling {
        self.pass_fence(id, fence)?;
        self.step(id, Transition::Pause, reason)?;
        self.close_attempt(id, Outcome::Paused, None, &Report::default())
    }

    pub(super) fn resume_task(&mut self, id: TaskId, fence: Fence) -> Ruling {
        self.pass_fence(id, fence)?;
        let task = self.card(id)?;
        let (number, agent, held) = (task.number, task.agent(), task.claim.is_some());
        let (Some(agent), true) = (agent, held) else {
            return Err(Rejection::NotReady { number, why: "nobody holds it; unblock or release it instead".into() });
        };
        self.step(id, Transition::Resume, None)?;
        if self.facts.task(id)?.blocker.is_some() {
            self.emit(Event::BlockerSet { task_id: id, blocker: None })?;
        }
        self.open_attempt(id, agent, None)
    }

    pub(super) fn block_task(&mut self, id: TaskId, fence: Fence, kind: BlockerKind, reason: &str) -> Ruling {
        if reason.trim().is_empty() {
            return Err(Rejection::Invalid("say what stands in the way: --reason TEXT".into()));
        }
        self.pass_fence(id, fence)?;
        let shelved = self.facts.task(id)?.status == Status::Created;
        match self.card(id)?.status {
            Status::Executing => {
                self.step(id, Transition::Pause, Some(reason.into()))?;
                self.close_attempt(id, Outcome::Paused, None, &Report::default())?;
            }
            Status::Assigned => {
                self.step(id, Transition::Release, Some(reason.into()))?;
                self.step(id, Transition::Block, Some(reason.into()))?;
            }
            Status::Created | Status::Queued => {
                self.stop_waiting(id)?;
                self.step(id, Transition::Block, Some(reason.into()))?;
            }
            Status::Paused | Status::Blocked => {}
            _ => return self.step(id, Transition::Block, Some(reason.into())),
        }
        self.end_claim(id, "blocked")?;
        let task = self.facts.task(id)?;
        let known = task.blocker.as_ref().or(task.last_blocker.as_ref());
        let before = known.filter(|blocker| blocker.reason == reason).map_or(0, |blocker| blocker.count);
        let blocker = Blocker { kind, reason: reason.into(), since: self.at(), count: before + 1, shelved };
        self.emit(Event::BlockerSet { task_id: id, blocker: Some(blocker) })?;
        if kind == BlockerKind::Input && !self.cx.actor.is_human() {
            self.ask_about(id, reason)?;
        }
        Ok(())
    }

    fn ask_about(&mut self, id: TaskId, reason: &str) -> Ruling {
        self.escalate(&NewEscalation {
            kind: EscalationKind::Question,
            task_id: Some(id),
            topic: "input".into(),
            question: reason.into(),
            context: String::new(),
            impact: self.impact(id),
            choices: Vec::new(),
            recommended: None,
            otherwise: "it waits".into(),
        })
    }

    /// Who waits for this task, in words.
    pub(super) fn impact(&self, id: TaskId) -> String {
        let waiting = self.facts.successors.get(&id).map_or(0, Vec::len);
        match waiting {
            0 => "holds this task only".into(),
            1 => "holds this task and 1 more".into(),
            n => format!("holds this task and {n} more"),
        }
    }

    pub(super) fn unblock_task(&mut self, id: TaskId) -> Ruling {
        let task = self.facts.task(id)?;
        let status = task.status;
        let shelved = task.blocker.as_ref().is_some_and(|blocker| blocker.shelved);
        if task.blocker.is_some() {
            self.emit(Event::BlockerSet { task_id: id, blocker: None })?;
        }
        match status {
            Status::Blocked => {
                let unmet = self.facts.unmet(self.facts.task(id)?);
                if !unmet.is_empty() && self.events.is_empty() {
                    let number = self.facts.task(id)?.number;
                    let list: Vec<_> = unmet.iter().map(ToString::to_string).collect();
                    let why = format!("it waits for {}; `undepend` removes the edge", list.join(", "));
                    return Err(Rejection::NotReady { number, why });
                }
                self.free_if_met(id)?;
                // It was blocked in the backlog, and nobody has said that it shall begin.
                if shelved { self.shelve(id) } else { Ok(()) }
            }
            Status::Paused if self.facts.task(id)?.claim.is_none() => self.give_back(id),
            Status::Paused => Ok(()),
            _ => self.step(id, Transition::Unblock, None),
        }
    }

    /// Puts a task that nobody holds into the backlog; one that waits for others is there already.
    fn shelve(&mut self, id: TaskId) -> Ruling {
        self.stop_waiting(id)?;
        if self.status(id)? == Status::Queued { self.step(id, Transition::Shelve, None) } else { Ok(()) }
    }

    pub(super) fn cancel_task(&mut self, id: TaskId, reason: Option<String>) -> Ruling {
        self.facts.task(id)?;
        for part in self.subtree(id).into_iter().rev() {
            if !self.status(part)?.is_closed() {
                self.cancel_one(part, reason.clone())?;
            }
        }
        if self.events.is_empty() {
            return self.step(id, Transition::Cancel, reason);
        }
        Ok(())
    }

    fn cancel_one(&mut self, id: TaskId, reason: Option<String>) -> Ruling {
        if self.cx.actor.kind == crate::domain::ActorKind::Agent {
            self.pass_fence(id, Fence::None)?;
        }
        self.stop_waiting(id)?;
        self.close_attempt(id, Outcome::Cancelled, None, &Report::default())?;
        self.end_claim(id, "cancelled")?;
        self.step(id, Transition::Cancel, reason)?;
        self.after_end(id)
    }

    /// The task and all its loaded parts, parents first.
    fn subtree(&self, root: TaskId) -> Vec<TaskId> {
        let mut children: std::collections::BTreeMap<TaskId, Vec<TaskId>> = std::collections::BTreeMap::new();
        for task in self.facts.tasks.values() {
            if let Some(parent) = task.parent_id {
                children.entry(parent).or_default().push(task.task_id);
            }
        }
        let mut found = vec![root];
        let mut next = 0;
        while let Some(id) = found.get(next).copied() {
            found.extend(children.get(&id).into_iter().flatten());
            next += 1;
        }
        found
    }

    pub(super) fn reopen_task(&mut self, id: TaskId) -> Ruling {
        if self.cx.actor.kind == crate::domain::ActorKind::Agent {
            return Err(Rejection::HumansOnly("reopen what has ended"));
        }
        self.step(id, Transition::Reopen, None)?;
        self.block_if_unmet(id)?;
        self.block_successors(id)?;
        self.open_ancestors(id)
    }
}
