//! Events in words, as the log shows them on every face.

use super::command::{AgentField, TaskField};
use super::event::Event;
use super::lifecycle::Status;

/// Phrases of one change that are shown; more are counted.
const SHOWN: usize = 6;

/// What happened, in one line: `queued → executing, claimed`. Ids are left out; the reader knows which task it is about.
pub fn in_words(events: &[Event], count: u64) -> String {
    let mut phrases = Vec::new();
    let mut steps: Vec<Status> = Vec::new();
    for event in events {
        if let Event::TaskStepped { from, to, .. } = event
            && steps.last().is_none_or(|last| last == from)
        {
            if steps.is_empty() {
                steps.push(*from);
                phrases.push(String::new());
            }
            steps.push(*to);
        } else if let Some(phrase) = phrase(event).filter(|phrase| !phrases.contains(phrase)) {
            phrases.push(phrase);
        }
    }
    if steps.first() == Some(&Status::Created) {
        phrases.retain(|phrase| phrase != "created");
    }
    if let Some(place) = phrases.iter_mut().find(|phrase| phrase.is_empty()) {
        *place = path(&steps);
    }
    let left_out = phrases.len().saturating_sub(SHOWN) as u64 + count.saturating_sub(events.len() as u64);
    phrases.truncate(SHOWN);
    if left_out > 0 {
        phrases.push(format!("and {left_out} more"));
    }
    phrases.join(", ")
}

/// All states that it went through.
fn path(steps: &[Status]) -> String {
    let words: Vec<&str> = steps.iter().map(|status| status.as_str()).collect();
    words.join(" → ")
}

/// One event, if it says something that others of the same change do not.
fn phrase(event: &Event) -> Option<String> {
    Some(match event {
        Event::TaskCreated { .. } => "created".into(),
        Event::TaskImported { .. } | Event::RecordImported { .. } => "imported".into(),
        Event::TaskEdited { changes, .. } => changed(changes.iter().map(TaskField::name)),
        Event::TaskStepped { from, to, .. } => format!("{from} → {to}"),
        Event::AdmissionQueued { admission, .. } => format!("waits for room in {}", admission.lane.title()),
        Event::AdmissionEnded { lane, admitted: true, .. } => format!("let into {}", lane.title()),
        Event::TaskAssigned { assignment: None, .. } => "given back".into(),
        Event::TaskClaimed { .. } => "claimed".into(),
        Event::AttemptEnded { outcome, report, .. } => with(&format!("attempt {outcome}"), report.summary.as_deref()),
        Event::TaskProgressed { progress, step, .. } => with(&format!("{progress} %"), step.as_deref()),
        Event::BlockerSet { blocker: Some(blocker), .. } => {
            format!("blocked by {}: {}", blocker.kind, blocker.reason)
        }
        Event::BlockerSet { blocker: None, .. } => "unblocked".into(),
        Event::RetryPlanned { retry_at, retry_count, .. } => {
            format!("retry {retry_count} at {}", retry_at.format("%H:%M:%S"))
        }
        Event::ReviewSet { review: Some(review), .. } => {
            with(&format!("review {}", review.status), review.feedback.as_deref())
        }
        Event::DependencyAdded { .. } => "waits for another".into(),
        Event::DependencyRemoved { .. } => "waits for one less".into(),
        Event::CommentAdded { comment } => format!("said: {}", comment.text),
        Event::AgentAdded { agent } => format!("{} joined the team", agent.name),
        Event::AgentEdited { changes, .. } => format!("agent {}", changed(changes.iter().map(AgentField::name))),
        Event::SprintCreated { sprint } => format!("{} written down", sprint.name),
        Event::SprintStarted { .. } => "sprint started".into(),
        Event::SprintClosed { .. } => "sprint closed".into(),
        Event::EscalationRaised { escalation } => format!("{} asked: {}", escalation.label(), escalation.question),
        Event::EscalationAnswered { answer, choice, .. } => {
            with("answered", answer.as_deref().or(chosen(*choice).as_deref()))
        }
        Event::EscalationSnoozed { until, .. } => format!("question put off until {}", until.format("%Y-%m-%d %H:%M")),
        Event::EscalationDelegated { to, .. } => format!("question passed on to {to}"),
        Event::EscalationWithdrawn { .. } => "question withdrawn".into(),
        Event::PolicyChanged { .. } => "settings changed".into(),
        Event::Restored { change, .. } => format!("change {change} taken back"),
        Event::AdmissionEnded { .. }
        | Event::TaskAssigned { .. }
        | Event::ClaimEnded { .. }
        | Event::AttemptStarted { .. }
        | Event::ReviewSet { review: None, .. } => return None,
    })
}

fn with(what: &str, more: Option<&str>) -> String {
    more.map_or_else(|| what.to_owned(), |more| format!("{what}: {more}"))
}

fn chosen(choice: Option<usize>) -> Option<String> {
    choice.map(|index| format!("option {}", index + 1))
}

fn changed(fields: impl Iterator<Item = &'static str>) -> String {
    format!("changed {}", fields.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{TaskId, Transition};

    fn stepped(by: Transition, from: Status, to: Status) -> Event {
        Event::TaskStepped { task_id: TaskId(Uuid::nil()), by, from, to, reason: None }
    }

    #[test]
    fn steps_of_one_change_are_one_path() {
        let events = [
            stepped(Transition::Assign, Status::Queued, Status::Assigned),
            stepped(Transition::Start, Status::Assigned, Status::Executing),
        ];
        assert_eq!(in_words(&events, 2), "queued → assigned → executing");
    }

    #[test]
    fn what_is_not_shown_is_counted() {
        let events = [Event::DependencyRemoved { task_id: TaskId(Uuid::nil()), on: TaskId(Uuid::nil()) }];
        assert_eq!(in_words(&events, 1000), "waits for one less, and 999 more");
    }
}
