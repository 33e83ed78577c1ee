//! What a change did, in a sentence that begins with a verb.

use crate::domain::command::TaskField;
use crate::domain::{Event, Lane, Transition};
use crate::store::view::ActivityRow;
use crate::tui::{text, words};

/// The sentence for a change; the text in it is not safe yet.
pub fn describe(row: &ActivityRow) -> String {
    let about = about(row);
    match row.command.as_str() {
        "undo" => format!("undid {}", row.target.map_or_else(String::new, |target| format!("change {target}"))),
        "redo" => format!("did again {}", row.target.map_or_else(String::new, |target| format!("change {target}"))),
        "import_task" if row.event_count > 1 => format!("imported {}", words::count(row.event_count, "record")),
        _ => match row.events.iter().max_by_key(|event| weight(event)) {
            Some(event) => sentence(event, &about),
            None => format!("{} {about}", row.command.replace('_', " ")),
        },
    }
}

fn about(row: &ActivityRow) -> String {
    match (row.task, &row.title) {
        (Some(number), Some(title)) => format!("{number} {title}"),
        (Some(number), None) => number.to_string(),
        _ => String::new(),
    }
}

/// The beginning of a text that may be long.
fn short(text: &str) -> String {
    text::clip(text, 200)
}

/// The event that says most about its change is told.
fn weight(event: &Event) -> u8 {
    match event {
        Event::TaskCreated { .. } | Event::EscalationRaised { .. } | Event::EscalationAnswered { .. } => 9,
        Event::AttemptEnded { .. } | Event::TaskClaimed { .. } | Event::CommentAdded { .. } => 7,
        Event::TaskStepped { by: Transition::Unblock | Transition::RollUp, .. } => 4,
        Event::TaskStepped { .. } => 6,
        Event::AdmissionQueued { .. } => 5,
        Event::AttemptStarted { .. } => 3,
        Event::TaskAssigned { .. } | Event::BlockerSet { .. } | Event::ReviewSet { .. } => 2,
        Event::AdmissionEnded { .. } | Event::ClaimEnded { .. } => 1,
        _ => 8,
    }
}

fn sentence(event: &Event, about: &str) -> String {
    match event {
        Event::TaskCreated { .. } => format!("wrote down {about}"),
        Event::TaskImported { .. } => format!("imported {about}"),
        Event::RecordImported { .. } => "imported a record".into(),
        Event::TaskEdited { changes, .. } => format!("changed {} of {about}", fields(changes)),
        Event::TaskStepped { by, to, reason, .. } => stepped(*by, Lane::of(*to), reason.as_deref(), about),
        Event::AdmissionQueued { admission, .. } => format!("queued {about} for {}", admission.lane.title()),
        Event::AdmissionEnded { lane, admitted: true, .. } => format!("let {about} into {}", lane.title()),
        Event::AdmissionEnded { lane, .. } => format!("took {about} out of the queue for {}", lane.title()),
        Event::TaskAssigned { assignment: Some(_), .. } => format!("assigned {about}"),
        Event::TaskAssigned { .. } => format!("took {about} from its agent"),
        Event::TaskClaimed { .. } => format!("took {about}"),
        Event::ClaimEnded { reason, .. } => format!("lost {about}: {reason}"),
        Event::AttemptStarted { .. } => format!("began {about}"),
        Event::AttemptEnded { outcome, report, .. } => {
            let summary = report.summary.as_ref().map(|summary| format!(": {}", short(summary))).unwrap_or_default();
            format!("{outcome} {about}{summary}")
        }
        Event::TaskProgressed { progress, step, .. } => {
            let step = step.as_ref().map(|step| format!(", {}", short(step))).unwrap_or_default();
            format!("is at {progress} % of {about}{step}")
        }
        Event::BlockerSet { blocker: Some(blocker), .. } => format!("blocked {about}: {}", short(&blocker.reason)),
        Event::BlockerSet { .. } => format!("unblocked {about}"),
        Event::RetryPlanned { retry_count, .. } => format!("planned retry {retry_count} of {about}"),
        Event::ReviewSet { .. } => format!("reviewed {about}"),
        Event::DependencyAdded { .. } => format!("made {about} wait for another task"),
        Event::DependencyRemoved { .. } => format!("freed {about} from waiting for another task"),
        Event::CommentAdded { comment } => format!("said about {about}: {}", short(&comment.text)),
        Event::AgentAdded { agent } => format!("added agent {}", agent.name),
        Event::AgentEdited { .. } => "changed an agent".into(),
        Event::SprintCreated { sprint } => format!("planned {}", sprint.name),
        Event::SprintStarted { committed_points, .. } => {
            format!("started a sprint of {}", words::points(*committed_points))
        }
        Event::SprintClosed { .. } => "closed a sprint".into(),
        Event::EscalationRaised { escalation } => {
            format!("asked {}: {}", escalation.label(), short(&escalation.question))
        }
        Event::EscalationAnswered { answer, .. } => {
            let answer = answer.as_ref().map(|answer| format!(": {}", short(answer))).unwrap_or_default();
            format!("answered a question about {about}{answer}")
        }
        Event::EscalationSnoozed { .. } => "put a question off".into(),
        Event::EscalationDelegated { to, .. } => format!("left a question to {to}"),
        Event::EscalationWithdrawn { .. } => "withdrew a question".into(),
        Event::PolicyChanged { .. } => "changed the settings of the board".into(),
        Event::Restored { .. } => format!("put back {about}"),
    }
}

fn stepped(by: Transition, to: Lane, reason: Option<&str>, about: &str) -> String {
    let verb = match by {
        Transition::Queue | Transition::Release => "made ready",
        Transition::Shelve => "shelved",
        Transition::Block => "blocked",
        Transition::Unblock => "unblocked",
        Transition::Assign => "assigned",
        Transition::Start => "started",
        Transition::Pause => "paused",
        Transition::Resume => "went on with",
        Transition::Submit => "handed in",
        Transition::Pass => "accepted",
        Transition::Reject => "sent back",
        Transition::Fail => "failed",
        Transition::Retry => "queued again",
        Transition::Cancel => "cancelled",
        Transition::Reopen => "took up again",
        Transition::RollUp => "completed all parts of",
    };
    let reason = reason.map(|reason| format!(": {}", short(reason))).unwrap_or_default();
    format!("{verb} {about}{reason} → {}", to.title())
}

fn fields(changes: &[TaskField]) -> String {
    let names: Vec<String> = changes.iter().map(field).collect();
    names.join(", ")
}

fn field(change: &TaskField) -> String {
    match change {
        TaskField::Priority(priority) => format!("priority to {}", priority.label()),
        TaskField::Points(points) => format!("points to {}", points.map_or_else(|| "none".into(), words::points)),
        TaskField::Archived(true) => "the place (archived)".into(),
        TaskField::Archived(false) => "the place (brought back)".into(),
        other => match serde_json::to_value(other).ok().and_then(|value| value.get("field").cloned()) {
            Some(name) => name.as_str().unwrap_or("a field").replace('_', " "),
            None => "a field".into(),
        },
    }
}
