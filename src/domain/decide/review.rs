//! Results: handed in, judged, sent back, accepted.

use super::{Draft, Event, Fence, Rejection, Ruling, Status, TaskId, Transition};
use crate::domain::attempt::Outcome;
use crate::domain::command::{NewEscalation, Report};
use crate::domain::escalation::{Choice, EscalationKind, Remedy};
use crate::domain::id::AgentId;
use crate::domain::lane::Lane;
use crate::domain::task::{AssignmentMethod, Review, ReviewKind, ReviewStatus};
use crate::domain::words::cut;

impl Draft<'_, '_> {
    pub(super) fn submit_task(&mut self, id: TaskId, fence: Fence, report: &Report) -> Ruling {
        self.pass_fence(id, fence)?;
        self.bring_to_execution(id, fence)?;
        self.hand_in(id, report)?;
        if self.facts.policy.wants_review(self.facts.task(id)?.priority) {
            return self.ask_for_review(id);
        }
        self.finish(id)
    }

    pub(super) fn bring_to_execution(&mut self, id: TaskId, fence: Fence) -> Ruling {
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
        let question = format!("Accept {}: {}?", task.number, cut(&task.title, 80));
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
}
