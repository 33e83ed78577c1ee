//! Questions to the human and what their answers do.

use super::{Draft, Event, Fence, Rejection, Ruling, Status, TaskId};
use crate::domain::command::{NewEscalation, TaskField};
use crate::domain::escalation::{Escalation, EscalationState, Remedy};
use crate::domain::id::{EscalationId, SprintId};
use crate::domain::task::AssignmentMethod;
use crate::domain::{ActorKind, Timestamp};

impl Draft<'_, '_> {
    /// Asks once: an open question about the same task and topic stands.
    pub(super) fn escalate(&mut self, new: &NewEscalation) -> Ruling {
        let standing = |ask: &Escalation| {
            ask.task_id == new.task_id && ask.topic == new.topic && ask.state == EscalationState::Open
        };
        if new.task_id.is_some() && self.facts.escalations.values().any(standing) {
            return Ok(());
        }
        let escalation = self.question(new)?;
        self.emit(Event::EscalationRaised { escalation: Box::new(escalation) })
    }

    /// A new question as it is kept.
    pub(super) fn question(&mut self, new: &NewEscalation) -> Result<Escalation, Rejection> {
        if new.question.trim().is_empty() {
            return Err(Rejection::Invalid("a question has text".into()));
        }
        Ok(Escalation {
            escalation_id: EscalationId(self.cx.ids.next()),
            number: self.facts.next_escalation,
            rev: 0,
            kind: new.kind,
            task_id: new.task_id,
            topic: new.topic.clone(),
            asked_by: self.cx.actor.name.clone(),
            question: new.question.clone(),
            context: new.context.clone(),
            impact: new.impact.clone(),
            choices: new.choices.clone(),
            recommended: new.recommended.filter(|index| *index < new.choices.len()),
            otherwise: new.otherwise.clone(),
            raised_at: self.at(),
            snoozed_until: None,
            delegated_to: None,
            state: EscalationState::Open,
            closed_at: None,
            answered_by: None,
            choice: None,
            answer: None,
        })
    }

    fn open_question(&self, id: EscalationId) -> Result<&Escalation, Rejection> {
        let missing = || Rejection::NotFound { what: "question", name: id.to_string(), hint: None };
        let ask = self.facts.escalations.get(&id).ok_or_else(missing)?;
        if ask.state == EscalationState::Open {
            return Ok(ask);
        }
        let by = ask.answered_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        Err(Rejection::Conflict { what: ask.label(), how: format!("it is {}{by} already", ask.state) })
    }

    pub(super) fn answer_escalation(
        &mut self,
        id: EscalationId,
        choice: Option<usize>,
        words: Option<String>,
    ) -> Ruling {
        if self.cx.actor.kind == ActorKind::Agent {
            return Err(Rejection::HumansOnly("answer this"));
        }
        let ask = self.open_question(id)?.clone();
        let words = words.filter(|words| !words.trim().is_empty());
        let chosen = match choice {
            Some(index) => Some(ask.choices.get(index).ok_or_else(|| {
                Rejection::Invalid(format!("{} has choices 1 to {}", ask.label(), ask.choices.len()))
            })?),
            None if words.is_some() && !ask.wants_a_choice() => None,
            None if words.is_some() => return Err(Rejection::Invalid(choose(&ask))),
            None => return Err(Rejection::Invalid("choose one of the options, or answer in words".into())),
        };
        let by = self.cx.actor.name.clone();
        self.emit(Event::EscalationAnswered {
            escalation_id: id,
            task_id: ask.task_id,
            choice,
            answer: words.clone(),
            by: by.clone(),
        })?;
        match chosen.map(|choice| &choice.remedy) {
            Some(Remedy::AcceptPlan { sprint_id, proposal_id, option }) => {
                return self.accept_plan(*sprint_id, *proposal_id, *option);
            }
            Some(Remedy::DropProposal { sprint_id, proposal_id }) => {
                let reason = words.as_deref().unwrap_or("the plan stays as it is");
                return self.drop_proposal(*sprint_id, *proposal_id, Some(reason));
            }
            _ => {}
        }
        let Some(task) = ask.task_id.filter(|task| self.facts.tasks.contains_key(task)) else { return Ok(()) };
        let said = match (chosen.map(|choice| choice.label.as_str()), words) {
            (Some(label), Some(words)) => format!("{label}: {words}"),
            (Some(label), None) => label.to_owned(),
            (None, words) => words.unwrap_or_default(),
        };
        self.comment(task, &format!("{} {}\n→ {said}", ask.label(), ask.question), Some(by), None)?;
        let remedy = chosen.map_or(Remedy::Answer, |choice| choice.remedy.clone());
        self.apply_remedy(task, &remedy, &said)
    }

    fn apply_remedy(&mut self, id: TaskId, remedy: &Remedy, said: &str) -> Ruling {
        let status = self.status(id)?;
        match remedy {
            Remedy::Answer if self.facts.task(id)?.blocker.is_some() => self.unblock_task(id),
            // What is about a plan is done by then.
            Remedy::Answer | Remedy::Leave | Remedy::AcceptPlan { .. } | Remedy::DropProposal { .. } => Ok(()),
            Remedy::Retry if status == Status::Failed => self.retry_task(id),
            Remedy::Retry => self.unblock_task(id),
            Remedy::Reassign { agent_id } => {
                self.assign_task(id, *agent_id, AssignmentMethod::Assigned, None, Fence::Force)
            }
            Remedy::Release => self.release_task(id, Fence::Force, Some(said.to_owned())),
            Remedy::DropRequirements => {
                let mut needs = self.facts.task(id)?.requirements.clone();
                needs.capabilities.clear();
                needs.roles.clear();
                self.emit(Event::TaskEdited { task_id: id, changes: vec![TaskField::Requirements(needs)] })
            }
            Remedy::MoveDeadline { to } if *to <= self.at() => {
                let why = "that date has passed; `vayu task edit NUMBER --deadline DATE` sets another one";
                Err(Rejection::Invalid(why.into()))
            }
            Remedy::MoveDeadline { to } => {
                self.emit(Event::TaskEdited { task_id: id, changes: vec![TaskField::Deadline(Some(*to))] })
            }
            Remedy::Postpone { minutes } => {
                let deadline = self.facts.task(id)?.deadline.unwrap_or(self.cx.at);
                let later = deadline.max(self.at()) + chrono::Duration::minutes(*minutes);
                self.emit(Event::TaskEdited { task_id: id, changes: vec![TaskField::Deadline(Some(later))] })
            }
            Remedy::DropDeadline => {
                self.emit(Event::TaskEdited { task_id: id, changes: vec![TaskField::Deadline(None)] })
            }
            Remedy::Cancel => self.cancel_task(id, Some(said.to_owned())),
            Remedy::Accept => self.review_task(id, true, Some(said.to_owned()), None),
            Remedy::SendBack => self.review_task(id, false, Some(said.to_owned()), None),
        }
    }

    pub(super) fn snooze_escalation(&mut self, id: EscalationId, until: Timestamp) -> Ruling {
        self.open_question(id)?;
        self.emit(Event::EscalationSnoozed { escalation_id: id, until })
    }

    pub(super) fn delegate_escalation(&mut self, id: EscalationId, to: &str) -> Ruling {
        self.open_question(id)?;
        if to.trim().is_empty() {
            return Err(Rejection::Invalid("somebody has to be named".into()));
        }
        self.emit(Event::EscalationDelegated { escalation_id: id, to: to.to_owned() })
    }

    pub(super) fn withdraw_escalation(&mut self, id: EscalationId) -> Ruling {
        let about = self.open_question(id)?.choices.iter().find_map(|choice| choice.remedy.sprint());
        self.emit(Event::EscalationWithdrawn { escalation_id: id })?;
        let asks = |sprint: &SprintId| self.facts.proposals.get(sprint).is_some_and(|open| open.question == Some(id));
        match about.filter(asks) {
            Some(sprint) => self.drop_if_open(sprint, "the question about it was taken back"),
            None => Ok(()),
        }
    }
}

/// Words alone would decide nothing: which of the ways out is meant.
fn choose(ask: &Escalation) -> String {
    let ways = ask.choices.iter().enumerate().map(|(n, choice)| format!("{} {}", n + 1, choice.label));
    format!("{} needs a choice, and words can go along with it: {}", ask.label(), ways.collect::<Vec<_>>().join(", "))
}
