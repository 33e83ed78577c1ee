//! Steps of work: claim, start, progress, pause, submit, review, fail, release, cancel.

use serde_json::Value;

use super::{Draft, Event, Fence, Granted, Rejection, Ruling, Status, TaskId, Transition};
use crate::domain::agent::{Agent, AgentKind};
use crate::domain::attempt::{Attempt, Failure, Outcome};
use crate::domain::command::NewEscalation;
use crate::domain::command::Report;
use crate::domain::escalation::{Choice, EscalationKind, Remedy};
use crate::domain::hours;
use crate::domain::id::{AgentId, AttemptId};
use crate::domain::lane::Lane;
use crate::domain::task::{AssignmentMethod, Blocker, BlockerKind, Claim, Review, ReviewKind, ReviewStatus};

/// Lease of a person's claim: a working day. People are asked before their work is taken.
const HUMAN_LEASE: u32 = 8 * 3600;

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

    fn open_attempt(&mut self, id: TaskId, agent_id: AgentId, workspace: Option<String>) -> Ruling {
        let attempt = Attempt {
            attempt_id: AttemptId(self.cx.ids.next()),
            rev: 0,
            task_id: id,
            epoch: self.facts.task(id)?.epoch,
            agent_id,
            started_at: self.at(),
            ended_at: None,
            worked: None,
            outcome: None,
            failure: None,
            exit_code: None,
            last_lines: Vec::new(),
            summary: None,
            hand_over: None,
            open_points: Vec::new(),
            cost: None,
            tokens: None,
            model: self.facts.agents.get(&agent_id).and_then(|agent| agent.model.clone()),
            session: None,
            workspace,
        };
        self.emit(Event::AttemptStarted { attempt: Box::new(attempt) })
    }

    fn close_attempt(&mut self, id: TaskId, outcome: Outcome, failure: Option<Failure>, report: &Report) -> Ruling {
        let Some(attempt) = self.facts.open_attempt(id) else { return Ok(()) };
        let (attempt_id, worked) = (attempt.attempt_id, Some(self.worked(attempt, outcome)));
        // Words of a program: what is no name is not believed, and the report stands.
        let model = report.model.clone().filter(|model| super::team::check_model(model).is_ok());
        let report = Box::new(Report { model, ..report.clone() });
        self.emit(Event::AttemptEnded { attempt_id, task_id: id, outcome, failure, report, worked })
    }

    /// Minutes of an attempt that were work: what was lost has to be done again.
    fn worked(&self, attempt: &Attempt, outcome: Outcome) -> u32 {
        let Some(agent) = self.facts.agents.get(&attempt.agent_id).filter(|_| outcome != Outcome::Lost) else {
            return 0;
        };
        let seconds = hours::worked(agent, &self.facts.policy.holidays, attempt.started_at, self.at());
        ((seconds + 30) / 60).try_into().unwrap_or(u32::MAX)
    }

    fn end_claim(&mut self, id: TaskId, reason: &str) -> Ruling {
        let Some(claim) = self.facts.task(id)?.claim.as_ref() else { return Ok(()) };
        let actor = self.cx.actor;
        let forced = actor.is_human() && self.facts.agent_name(claim.agent_id) != actor.name;
        self.emit(Event::ClaimEnded { task_id: id, epoch: claim.epoch, reason: reason.into(), forced })
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

    /// An answered or unblocked task goes back to the agent that had it, else to the queue.
    fn give_back(&mut self, id: TaskId) -> Ruling {
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

    pub(super) fn submit_task(&mut self, id: TaskId, fence: Fence, report: &Report) -> Ruling {
        self.pass_fence(id, fence)?;
        self.bring_to_execution(id, fence)?;
        self.hand_in(id, report)?;
        if self.facts.policy.wants_review(self.facts.task(id)?.priority) {
            return self.ask_for_review(id);
        }
        self.finish(id)
    }

    fn bring_to_execution(&mut self, id: TaskId, fence: Fence) -> Ruling {
        match self.card(id)?.status {
            Status::Assigned => self.start_task(id, fence, None),
            Status::Paused if self.facts.task(id)?.claim.is_some() => self.resume_task(id, fence),
            _ => Ok(()),
        }
    }

    fn hand_in(&mut self, id: TaskId, report: &Report) -> Ruling {
        if !self.has_room(Lane::Review, id) && self.facts.policy.wants_review(self.facts.task(id)?.priority) {
            self.wait_for(Lane::Review, id, None)?;
        }
        self.step(id, Transition::Submit, None)?;
        self.close_attempt(id, Outcome::Submitted, None, report)?;
        self.end_claim(id, "handed in")
    }

    fn ask_for_review(&mut self, id: TaskId) -> Ruling {
        let review = Review {
            kind: ReviewKind::User,
            reviewer: None,
            status: ReviewStatus::Pending,
            feedback: None,
            quality_score: None,
            criteria: std::collections::BTreeMap::new(),
        };
        self.emit(Event::ReviewSet { task_id: id, review: Some(review) })?;
        let task = self.facts.task(id)?;
        let question = format!("Accept {}: {}?", task.number, shorten(&task.title, 80));
        let summary = self.facts.attempts.values().filter(|a| a.task_id == id).find_map(|a| a.summary.clone());
        let choice = |label: &str, remedy| Choice { label: label.into(), detail: String::new(), remedy };
        self.escalate(&NewEscalation {
            kind: EscalationKind::Approval,
            task_id: Some(id),
            topic: "review".into(),
            question,
            context: summary.unwrap_or_default(),
            impact: self.impact(id),
            choices: vec![choice("Accept the work", Remedy::Accept), choice("Send it back", Remedy::SendBack)],
            recommended: None,
            otherwise: "it waits in Review".into(),
        })
    }

    /// The review passed, or none was wanted.
    fn finish(&mut self, id: TaskId) -> Ruling {
        self.stop_waiting(id)?;
        self.step(id, Transition::Pass, None)?;
        self.after_end(id)
    }

    pub(super) fn review_task(
        &mut self,
        id: TaskId,
        passed: bool,
        feedback: Option<String>,
        score: Option<u8>,
    ) -> Ruling {
        if score.is_some_and(|score| score > 100) {
            return Err(Rejection::Invalid("a quality score is 0 to 100".into()));
        }
        let task = self.card(id)?;
        if task.status != Status::Reviewing {
            let by = if passed { Transition::Pass } else { Transition::Reject };
            return Err(Rejection::NoSuchStep { number: task.number, from: task.status, by });
        }
        let mut review = task.review.clone().unwrap_or(Review {
            kind: if self.cx.actor.is_human() { ReviewKind::User } else { ReviewKind::Peer },
            reviewer: None,
            status: ReviewStatus::Pending,
            feedback: None,
            quality_score: None,
            criteria: std::collections::BTreeMap::new(),
        });
        if review.kind == ReviewKind::User && !self.cx.actor.is_human() {
            return Err(Rejection::HumansOnly("judge this task"));
        }
        if self.author_is_actor(id) && review.kind != ReviewKind::SelfReview && !self.cx.actor.is_human() {
            return Err(Rejection::Invalid("the author does not review its own work".into()));
        }
        review.reviewer = Some(self.cx.actor.name.clone());
        review.status = if passed { ReviewStatus::Passed } else { ReviewStatus::Failed };
        review.feedback = feedback.or(review.feedback);
        review.quality_score = score.or(review.quality_score);
        self.emit(Event::ReviewSet { task_id: id, review: Some(review) })?;
        if passed { self.finish(id) } else { self.send_back(id) }
    }

    fn author_is_actor(&self, id: TaskId) -> bool {
        let author = self.facts.tasks.get(&id).and_then(crate::domain::Task::agent);
        author.is_some_and(|agent| self.facts.agent_name(agent) == self.cx.actor.name)
    }

    fn send_back(&mut self, id: TaskId) -> Ruling {
        self.stop_waiting(id)?;
        self.withdraw_questions(id)?;
        self.step(id, Transition::Reject, None)?;
        let agent = self.facts.task(id)?.assignment.as_ref().map(|a| a.primary_agent);
        match agent.filter(|agent| self.facts.agents.get(agent).is_some_and(|agent| !agent.draining)) {
            Some(_) if self.has_room(Lane::InProgress, id) => {
                self.step(id, Transition::Assign, Some("sent back with feedback".into()))
            }
            Some(agent) => self.wait_for(Lane::InProgress, id, Some(agent)),
            None => {
                self.make_ready(id, Transition::Release, None)?;
                self.emit(Event::TaskAssigned { task_id: id, assignment: None })
            }
        }
    }

    pub(super) fn complete_task(
        &mut self,
        id: TaskId,
        fence: Fence,
        agent: Option<AgentId>,
        report: &Report,
    ) -> Ruling {
        let task = self.facts.task(id)?;
        if task.level != crate::domain::Level::Task {
            let number = task.number;
            if let Some(open) = self.facts.parts.get(&id).map(|parts| parts.open).filter(|open| *open > 0) {
                let why = format!("{number} has {open} open parts; complete or cancel them first");
                return Err(Rejection::Invalid(why));
            }
            self.step(id, Transition::RollUp, Some("closed by hand".into()))?;
            return self.after_end(id);
        }
        if matches!(fence, Fence::Token(_)) || !self.cx.actor.is_human() {
            return self.submit_task(id, fence, report);
        }
        self.pass_fence(id, fence)?;
        self.walk_to_execution(id, agent)?;
        if self.status(id)? == Status::Executing {
            self.hand_in(id, report)?;
        }
        if self.status(id)? == Status::Reviewing && self.facts.task(id)?.review.is_some() {
            return self.review_task(id, true, None, None);
        }
        self.finish(id)
    }

    /// A person closes a card that nobody has worked on here: it takes every step, by that person.
    fn walk_to_execution(&mut self, id: TaskId, agent: Option<AgentId>) -> Ruling {
        match self.status(id)? {
            Status::Created | Status::Queued | Status::Failed | Status::Rejected => {
                let agent = agent.or(self.facts.task(id)?.agent());
                let agent = agent.ok_or_else(|| Rejection::Invalid("say which agent did it".into()))?;
                self.readiness(id)?;
                self.stop_waiting(id)?;
                match self.status(id)? {
                    Status::Created => self.step(id, Transition::Queue, None)?,
                    Status::Failed => self.step(id, Transition::Retry, None)?,
                    _ => {}
                }
                self.step(id, Transition::Assign, None)?;
                self.set_assignment(id, agent, AssignmentMethod::Claimed, None)?;
                self.start_task(id, Fence::Force, None)
            }
            Status::Assigned => self.start_task(id, Fence::Force, None),
            Status::Paused => {
                let agent = agent.or(self.facts.task(id)?.agent());
                let agent = agent.ok_or_else(|| Rejection::Invalid("say which agent did it".into()))?;
                self.step(id, Transition::Resume, None)?;
                self.open_attempt(id, agent, None)
            }
            Status::Blocked => self.readiness(id),
            _ => Ok(()),
        }
    }

    pub(super) fn fail_task(&mut self, id: TaskId, fence: Fence, failure: Failure, report: &Report) -> Ruling {
        self.pass_fence(id, fence)?;
        self.bring_to_execution(id, fence)?;
        self.step(id, Transition::Fail, report.summary.clone())?;
        self.close_attempt(id, Outcome::Failed, Some(failure), report)?;
        self.end_claim(id, "failed")?;
        self.plan_retry(id, failure)
    }

    fn plan_retry(&mut self, id: TaskId, failure: Failure) -> Ruling {
        let task = self.facts.task(id)?;
        let (done, allowed) = (task.metadata.retry_count, task.metadata.max_retries);
        if !failure.may_retry() || (failure.counts() && done >= allowed) {
            return Ok(());
        }
        let count = done + u32::from(failure.counts());
        let fraction = self.cx.ids.fraction();
        let seconds = if failure.counts() {
            self.facts.policy.retry_delay(count, fraction)
        } else {
            f64::from(self.facts.policy.retry_cap_seconds)
        };
        let retry_at = self.at() + chrono::Duration::milliseconds((seconds * 1000.0) as i64);
        self.emit(Event::RetryPlanned { task_id: id, retry_at, retry_count: count })
    }

    pub(super) fn retry_task(&mut self, id: TaskId) -> Ruling {
        self.make_ready(id, Transition::Retry, None)?;
        if self.facts.task(id)?.assignment.is_some() {
            self.emit(Event::TaskAssigned { task_id: id, assignment: None })?;
        }
        self.block_if_unmet(id)
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

/// At most `max` characters, with an ellipsis where text was left out.
pub(super) fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}
