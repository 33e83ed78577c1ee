//! Whose a task is: assigned, claimed, started, released, taken back.

use serde_json::Value;

use super::{Draft, Event, Fence, Granted, Rejection, Ruling, Status, TaskId, Transition};
use crate::domain::agent::{Agent, AgentKind};
use crate::domain::attempt::{Failure, Outcome};
use crate::domain::command::Report;
use crate::domain::id::AgentId;
use crate::domain::lane::Lane;
use crate::domain::task::{AssignmentMethod, Claim};

/// Lease of a person's claim: a working day. People are asked before their work is taken.
const HUMAN_LEASE: u32 = 8 * 3600;

impl Draft<'_, '_> {
    pub(super) fn assign_task(
        &mut self,
        id: TaskId,
        agent_id: AgentId,
        method: AssignmentMethod,
        why: Option<Value>,
        fence: Fence,
    ) -> Ruling {
        self.pass_fence(id, fence)?;
        let status = self.card(id)?.status;
        if status == Status::Created {
            self.queue_task(id)?;
        } else if status.is_held() {
            self.release_task(id, fence, Some("given to another".into()))?;
        } else if status == Status::Failed {
            self.retry_task(id)?;
        }
        self.readiness(id)?;
        self.check_assignee(id, agent_id)?;
        if !self.has_room(Lane::InProgress, id) {
            self.stop_waiting(id)?;
            return self.wait_for(Lane::InProgress, id, Some(agent_id));
        }
        self.stop_waiting(id)?;
        self.step(id, Transition::Assign, None)?;
        self.set_assignment(id, agent_id, method, why)
    }

    /// A person may give any task to any agent; vayu keeps to skills and limits.
    fn check_assignee(&self, id: TaskId, agent_id: AgentId) -> Ruling {
        let (task, agent) = (self.facts.task(id)?, self.facts.agent(agent_id)?);
        let misfit = |why: String| Err(Rejection::Misfit { number: task.number, agent: agent.name.clone(), why });
        if agent.draining {
            return misfit("it is draining and takes nothing new".into());
        }
        if self.cx.actor.is_human() {
            return Ok(());
        }
        if let Some(why) = agent.misfit(&task.requirements) {
            return misfit(why);
        }
        if self.load(agent) >= agent.wip_limit {
            return misfit(format!("it has {} of {} tasks", self.load(agent), agent.wip_limit));
        }
        Ok(())
    }

    fn load(&self, agent: &Agent) -> u32 {
        self.facts.load.get(&agent.agent_id).copied().unwrap_or(0)
    }

    pub(super) fn claim_task(&mut self, agent_id: AgentId, wanted: Option<TaskId>, lease: Option<u32>) -> Ruling {
        let agent = self.facts.agent(agent_id)?.clone();
        let nothing = |why: String| Rejection::NothingReady { agent: agent.name.clone(), why };
        if agent.draining {
            return Err(nothing("it is draining".into()));
        }
        if let Some(why) = self.facts.policy.halted.as_ref().filter(|_| agent.kind == AgentKind::Ai) {
            return Err(nothing(format!("work is halted: {why}")));
        }
        let id = match (wanted, &self.facts.candidate) {
            (Some(id), _) => id,
            (None, Some(Ok(id))) => *id,
            (None, Some(Err(none))) => return Err(nothing(none.why.clone())),
            (None, None) => return Err(nothing("no task is ready".into())),
        };
        self.check_claim(id, &agent)?;
        let task = self.card(id)?;
        let mine = task.status == Status::Assigned;
        let in_hand = if mine { self.facts.claimed.get(&agent_id).copied().unwrap_or(0) } else { self.load(&agent) };
        if in_hand >= agent.wip_limit {
            return Err(nothing(format!("it has {in_hand} of {} tasks", agent.wip_limit)));
        }
        if !self.has_room(Lane::InProgress, id) {
            let limit = self.facts.lanes.get(&Lane::InProgress).map_or(0, |load| load.limit);
            return Err(nothing(format!("In progress is full ({limit} of {limit})")));
        }
        self.stop_waiting(id)?;
        if self.status(id)? == Status::Failed {
            self.step(id, Transition::Retry, None)?;
        }
        if !mine {
            self.step(id, Transition::Assign, None)?;
            self.set_assignment(id, agent_id, AssignmentMethod::Claimed, None)?;
        }
        self.grant(id, &agent, lease)
    }

    fn check_claim(&self, id: TaskId, agent: &Agent) -> Ruling {
        let task = self.card(id)?;
        let not_ready = |why: String| Err(Rejection::NotReady { number: task.number, why });
        if let Some(claim) = &task.claim {
            return Err(Rejection::Held {
                number: task.number,
                holder: self.facts.agent_name(claim.agent_id),
                until: self.facts.leases.get(&id).and_then(|lease| lease.until),
            });
        }
        self.readiness(id)?;
        match task.status {
            Status::Queued | Status::Rejected => {}
            Status::Failed if task.retry_at.is_some_and(|at| at <= self.at()) => {}
            Status::Assigned if task.agent() == Some(agent.agent_id) => {}
            Status::Assigned => {
                let holder = task.agent().map(|id| self.facts.agent_name(id)).unwrap_or_default();
                return Err(Rejection::Held { number: task.number, holder, until: None });
            }
            Status::Created => return not_ready("it is in the backlog; `vayu task ready` makes it ready".into()),
            Status::Blocked => {
                let why = task.blocker.as_ref().map_or("something".into(), |blocker| blocker.reason.clone());
                return not_ready(format!("it is blocked: {why}"));
            }
            Status::Failed => return not_ready("it failed and waits for its retry or for a decision".into()),
            status => return not_ready(format!("it is {status}")),
        }
        match agent.misfit(&task.requirements) {
            Some(why) => Err(Rejection::Misfit { number: task.number, agent: agent.name.clone(), why }),
            None => Ok(()),
        }
    }

    fn grant(&mut self, id: TaskId, agent: &Agent, lease: Option<u32>) -> Ruling {
        let usual = if agent.kind == AgentKind::Human { HUMAN_LEASE } else { self.facts.policy.lease_seconds };
        let claim = Claim {
            epoch: self.facts.task(id)?.epoch + 1,
            agent_id: agent.agent_id,
            claimed_at: self.at(),
            lease_seconds: lease.unwrap_or(usual).clamp(1, 86_400),
        };
        self.granted = Some(Granted { task_id: id, claim: claim.clone(), token: self.cx.ids.token() });
        self.emit(Event::TaskClaimed { task_id: id, claim })
    }

    pub(super) fn start_task(&mut self, id: TaskId, fence: Fence, workspace: Option<String>) -> Ruling {
        self.pass_fence(id, fence)?;
        self.readiness(id)?;
        let task = self.facts.task(id)?;
        if task.status == Status::Executing {
            return Ok(());
        }
        let held = task.claim.is_some() || self.cx.actor.is_human();
        let Some(agent) = task.agent().filter(|_| held) else {
            return Err(Rejection::NotReady { number: task.number, why: "nobody has claimed it".into() });
        };
        self.step(id, Transition::Start, None)?;
        self.open_attempt(id, agent, workspace)
    }

    pub(super) fn end_claim(&mut self, id: TaskId, reason: &str) -> Ruling {
        let Some(claim) = self.facts.task(id)?.claim.as_ref() else { return Ok(()) };
        let actor = self.cx.actor;
        let forced = actor.is_human() && self.facts.agent_name(claim.agent_id) != actor.name;
        self.emit(Event::ClaimEnded { task_id: id, epoch: claim.epoch, reason: reason.into(), forced })
    }

    /// An answered or unblocked task goes back to the agent that had it, else to the queue.
    pub(super) fn give_back(&mut self, id: TaskId) -> Ruling {
        let keeps = self
            .facts
            .task(id)?
            .assignment
            .as_ref()
            .is_some_and(|a| self.facts.agents.get(&a.primary_agent).is_some_and(|agent| !agent.draining));
        if keeps {
            self.step(id, Transition::Release, None)?;
            return self.step(id, Transition::Assign, None);
        }
        self.make_ready(id, Transition::Release, None)?;
        self.emit(Event::TaskAssigned { task_id: id, assignment: None })
    }

    pub(super) fn release_task(&mut self, id: TaskId, fence: Fence, reason: Option<String>) -> Ruling {
        self.pass_fence(id, fence)?;
        if self.status(id)? == Status::Executing {
            self.step(id, Transition::Pause, reason.clone())?;
            self.close_attempt(id, Outcome::Released, None, &Report::default())?;
        }
        self.make_ready(id, Transition::Release, reason)?;
        self.end_claim(id, "released")?;
        if self.facts.task(id)?.blocker.is_some() {
            self.emit(Event::BlockerSet { task_id: id, blocker: None })?;
        }
        self.emit(Event::TaskAssigned { task_id: id, assignment: None })?;
        self.block_if_unmet(id)
    }

    /// Ends a claim whose worker has not been heard of, once its process is gone.
    pub(super) fn expire_claim(&mut self, id: TaskId, epoch: u64, reason: &str) -> Ruling {
        let task = self.card(id)?;
        let number = task.number;
        if task.claim.as_ref().map(|claim| claim.epoch) != Some(epoch) {
            let how = "its claim is another one now".to_owned();
            return Err(Rejection::Conflict { what: number.to_string(), how });
        }
        if self.facts.leases.get(&id).is_some_and(|lease| lease.epoch == epoch && !lease.expired) {
            return Err(Rejection::Conflict { what: number.to_string(), how: "its lease was renewed".into() });
        }
        if self.facts.haunted.contains(&id) || self.facts.leases.get(&id).is_some_and(|lease| lease.has_process) {
            let why = "reclaim waits: the worker's process has not been seen gone".to_owned();
            return Err(Rejection::NotReady { number, why });
        }
        let (status, count) = (task.status, task.metadata.retry_count);
        let spent = count >= task.metadata.max_retries;
        self.close_attempt(id, Outcome::Lost, Some(Failure::Lost), &Report::default())?;
        self.end_claim(id, reason)?;
        if spent && status != Status::Paused {
            return self.step(id, Transition::Fail, Some(reason.into()));
        }
        let at = self.at();
        self.emit(Event::RetryPlanned { task_id: id, retry_at: at, retry_count: count + 1 })?;
        if status == Status::Executing {
            self.step(id, Transition::Pause, Some(reason.into()))?;
        }
        self.make_ready(id, Transition::Release, Some(reason.into()))?;
        self.emit(Event::TaskAssigned { task_id: id, assignment: None })?;
        self.block_if_unmet(id)
    }
}
