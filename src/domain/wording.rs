//! What a change did, in a sentence that begins with a verb, as the log shows it on every face.

use std::collections::BTreeSet;

use super::command::{AgentField, TaskField};
use super::event::Event;
use super::id::ChangeId;
use super::lane::Lane;
use super::lifecycle::Transition;
use super::record::RecordId;
use super::task::Task;
use super::words;

/// Characters of a text from outside that a sentence holds.
const MOST: usize = 200;

/// One change: what was asked for, which change it takes back or does again, and what happened.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Name of the command.
    pub command: &'a str,
    /// The change that it undoes or redoes.
    pub target: Option<ChangeId>,
    /// Its events, or the first of them.
    pub events: &'a [Event],
    /// How many events it has.
    pub count: u64,
    /// The task that it is mainly about, as `#12 Title`; empty for none.
    pub about: &'a str,
}

/// The sentence for a change; text from outside in it is not safe for a terminal yet. A person's override of a claim
/// is always told.
pub fn sentence(deed: &Deed) -> String {
    let target = deed.target.map_or_else(String::new, |target| format!("change {target}"));
    match deed.command {
        "undo" => format!("undid {target}"),
        "redo" => format!("did again {target}"),
        "import_task" if deed.count > 1 => format!("imported {} records", deed.count),
        _ => match deed.events.iter().rev().max_by_key(|event| weight(event)) {
            Some(event) => {
                let (what, more) = (tell(event, deed.about), alike(deed.events, event));
                format!("{what}{more}{}", overriding(deed.events, event))
            }
            None => format!("{} {}", deed.command.replace('_', " "), deed.about),
        },
    }
}

fn overriding(events: &[Event], told: &Event) -> &'static str {
    let forced = |event: &Event| matches!(event, Event::ClaimEnded { forced: true, .. });
    if events.iter().any(forced) && !forced(told) { " (overriding its claim)" } else { "" }
}

/// How many other tasks the same happened to in one change.
fn alike(events: &[Event], told: &Event) -> String {
    let kind = std::mem::discriminant(told);
    let tasks: BTreeSet<_> = events
        .iter()
        .filter(|event| std::mem::discriminant(*event) == kind)
        .filter_map(|event| event.records().first().copied())
        .filter(|record| matches!(record, RecordId::Task(_)))
        .collect();
    match tasks.len() {
        0 | 1 => String::new(),
        tasks => format!(" and {} more", tasks - 1),
    }
}

/// The beginning of a text that may be long.
fn short(text: &str) -> String {
    words::cut(text, MOST)
}

/// The event that says most about its change is told.
fn weight(event: &Event) -> u8 {
    match event {
        Event::SprintStarted { .. } | Event::SprintClosed { .. } => 10,
        Event::TaskCreated { .. }
        | Event::EscalationRaised { .. }
        | Event::EscalationAnswered { .. }
        | Event::ProposalEnded { accepted: Some(_), .. } => 9,
        Event::ProposalEnded { .. }
        | Event::AttemptEnded { .. }
        | Event::TaskClaimed { .. }
        | Event::CommentAdded { .. } => 7,
        Event::TaskStepped { by: Transition::Unblock | Transition::RollUp, .. } => 4,
        Event::TaskStepped { .. } => 6,
        Event::AdmissionQueued { .. } | Event::BaselineTaken { .. } | Event::OutcomeWritten { .. } => 5,
        Event::AttemptStarted { .. } => 3,
        Event::TaskAssigned { .. } | Event::BlockerSet { .. } | Event::ReviewSet { .. } => 2,
        Event::AdmissionEnded { .. } | Event::ClaimEnded { .. } => 1,
        _ => 8,
    }
}

fn tell(event: &Event, about: &str) -> String {
    match event {
        Event::TaskCreated { task } => format!("wrote down {}", named(about, task)),
        Event::TaskImported { task } => format!("imported {}", named(about, task)),
        Event::RecordImported { .. } => "imported a record".into(),
        Event::TaskEdited { changes, .. } => format!("changed {} of {about}", fields(changes)),
        Event::TaskStepped { by, to, reason, .. } => stepped(*by, Lane::of(*to), reason.as_deref(), about),
        Event::AdmissionQueued { admission, .. } => format!("queued {about} for {}", admission.lane.title()),
        Event::AdmissionEnded { lane, admitted: true, .. } => format!("let {about} into {}", lane.title()),
        Event::AdmissionEnded { lane, .. } => format!("took {about} out of the queue for {}", lane.title()),
        Event::TaskAssigned { assignment: Some(_), .. } => format!("assigned {about}"),
        Event::TaskAssigned { .. } => format!("took {about} from its agent"),
        Event::TaskClaimed { .. } => format!("took {about}"),
        Event::ClaimEnded { forced: true, .. } => format!("overrode the claim on {about}"),
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
        Event::AgentEdited { changes, .. } => {
            let names: Vec<_> = changes.iter().map(AgentField::name).collect();
            format!("changed {} of an agent", names.join(", "))
        }
        Event::SprintCreated { sprint } => format!("planned {}", sprint.name),
        Event::SprintStarted { committed_points, .. } => {
            format!("started a sprint of {}", words::points(*committed_points))
        }
        Event::SprintClosed { .. } => "closed a sprint".into(),
        Event::BaselineTaken { baseline } => {
            format!("wrote down a baseline of {}", words::count(baseline.tasks.len(), "task"))
        }
        Event::OutcomeWritten { .. } => "wrote down what became of a sprint".into(),
        Event::PlanSet { plan } if plan.from.is_none() => "planned who does what when".into(),
        Event::PlanSet { .. } => "changed who does what when".into(),
        Event::PlanProposed { proposal } => format!("proposed another plan: {}", short(&proposal.cause)),
        Event::ProposalEnded { accepted: Some(_), .. } => "accepted another plan".into(),
        Event::ProposalEnded { reason, .. } => {
            let reason = reason.as_ref().map(|reason| format!(": {}", short(reason))).unwrap_or_default();
            format!("dropped the proposal of another plan{reason}")
        }
        Event::EscalationRaised { escalation } => {
            format!("asked {}: {}", escalation.label(), short(&escalation.question))
        }
        Event::EscalationAnswered { answer, choice, .. } => {
            let choice = choice.map(|index| format!(": option {}", index + 1)).unwrap_or_default();
            let answer = answer.as_ref().map(|answer| format!(": {}", short(answer))).unwrap_or_default();
            format!("answered a question about {about}{choice}{answer}")
        }
        Event::EscalationSnoozed { .. } => "put a question off".into(),
        Event::EscalationDelegated { to, .. } => format!("left a question to {to}"),
        Event::EscalationWithdrawn { .. } => "withdrew a question".into(),
        Event::PolicyChanged { changed, .. } if changed.is_empty() => "changed the settings of the board".into(),
        Event::PolicyChanged { changed, .. } => format!("changed the settings of the board: {}", changed.join(", ")),
        Event::Restored { .. } => format!("put back {about}"),
    }
}

/// The task by its name of now or, where it is gone, by the name that it had.
fn named(about: &str, task: &Task) -> String {
    if about.is_empty() { format!("{} {}", task.number, short(&task.title)) } else { about.to_owned() }
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
        TaskField::Points(points) => {
            format!("points to {}", points.map_or_else(|| "none".into(), |points| points.to_string()))
        }
        TaskField::Archived(true) => "the place (archived)".into(),
        TaskField::Archived(false) => "the place (brought back)".into(),
        other => other.name().into(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Status, TaskId};

    fn deed<'a>(command: &'a str, events: &'a [Event]) -> Deed<'a> {
        Deed { command, target: None, events, count: events.len() as u64, about: "#1 Write" }
    }

    #[test]
    fn an_override_is_always_told() {
        let task_id = TaskId(Uuid::nil());
        let ended = |forced| Event::ClaimEnded { task_id, epoch: 1, reason: "handed in".into(), forced };
        let (from, to) = (Status::Executing, Status::Reviewing);
        let step = Event::TaskStepped { task_id, by: Transition::Submit, from, to, reason: None };
        let told = sentence(&deed("complete_task", &[step.clone(), ended(true)]));
        assert_eq!(told, "handed in #1 Write → Review (overriding its claim)");
        assert_eq!(sentence(&deed("complete_task", &[step, ended(false)])), "handed in #1 Write → Review");
    }

    #[test]
    fn long_texts_are_cut() {
        let reason = Some("x".repeat(5000));
        let (from, to) = (Status::Executing, Status::Failed);
        let by = Transition::Fail;
        let step = Event::TaskStepped { task_id: TaskId(Uuid::nil()), by, from, to, reason };
        assert!(sentence(&deed("fail_task", &[step])).chars().count() < 250);
    }
}
