//! Why a rule said no, in words that tell what would be allowed.

use super::Timestamp;
use super::id::{ChangeId, TaskId, TaskNumber};
use super::lane::Lane;
use super::lifecycle::{self, Status, Transition};

/// A rule said no. Nothing was changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// The life cycle has no such step.
    #[error("{number} is {from}: it cannot {by}; from {from} it can {}", allowed(*.from))]
    NoSuchStep {
        /// Which task.
        number: TaskNumber,
        /// Its state.
        from: Status,
        /// The step asked for.
        by: Transition,
    },
    /// Only tasks are worked on.
    #[error("{number} is a {level}, which rolls up its parts; only a task is assigned")]
    NotATask {
        /// Which.
        number: TaskNumber,
        /// Its level.
        level: super::Level,
    },
    /// The claim does not stand (any more): somebody else may be at work.
    #[error("{number} is not yours: {why}")]
    Fenced {
        /// Which task.
        number: TaskNumber,
        /// What became of it.
        why: String,
    },
    /// Another worker holds it.
    #[error("{number} is held by {holder}{}", lease_end(*.until))]
    Held {
        /// Which task.
        number: TaskNumber,
        /// By whom.
        holder: String,
        /// Until when, unless renewed.
        until: Option<Timestamp>,
    },
    /// Nothing is ready for this agent.
    #[error("nothing is ready for {agent}: {why}")]
    NothingReady {
        /// Which agent.
        agent: String,
        /// The commonest reason.
        why: String,
    },
    /// The task is not ready.
    #[error("{number} cannot start: {why}")]
    NotReady {
        /// Which task.
        number: TaskNumber,
        /// What it waits for.
        why: String,
    },
    /// The agent does not suit.
    #[error("{agent} does not suit {number}: {why}")]
    Misfit {
        /// Which task.
        number: TaskNumber,
        /// Which agent.
        agent: String,
        /// What is missing.
        why: String,
    },
    /// The edge would close a circle.
    #[error("that would close a circle: {}", in_words(path))]
    Cycle {
        /// The circle; first and last are the same.
        path: Vec<TaskNumber>,
    },
    /// The record changed meanwhile.
    #[error("{what} changed meanwhile: {how}")]
    Conflict {
        /// Which record.
        what: String,
        /// What happened to it.
        how: String,
    },
    /// There is nothing to undo or redo.
    #[error("nothing to {0}")]
    NothingTo(&'static str),
    /// This change cannot be taken back.
    #[error("change {change} cannot be undone: {why}")]
    NotUndoable {
        /// Which change.
        change: ChangeId,
        /// Why.
        why: String,
    },
    /// Another task has the express pass.
    #[error("{holder} is expedited already; one at a time")]
    ExpediteTaken {
        /// Which task.
        holder: TaskNumber,
    },
    /// A lane is full and this request does not queue.
    #[error("{} is full ({limit} of {limit})", lane.title())]
    LaneFull {
        /// Which lane.
        lane: Lane,
        /// Its limit.
        limit: u32,
    },
    /// Only people may do this.
    #[error("only a human may {0}")]
    HumansOnly(&'static str),
    /// The agent's role does not allow it.
    #[error(
        "{agent} may not {deed}: {} allows {}; a person can do it, or allow it in the role's file",
        role.as_ref().map_or_else(|| "what it was given".to_owned(), |role| format!("its role {role}")),
        if allowed.is_empty() { "nothing".to_owned() } else { allowed.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ") }
    )]
    NotPermitted {
        /// Which agent.
        agent: String,
        /// What it wanted to do.
        deed: &'static str,
        /// Its role.
        role: Option<String>,
        /// What it may do.
        allowed: Vec<super::Permission>,
    },
    /// No such record.
    #[error("no {what} `{name}` on this board{}", .hint.as_ref().map(|h| format!("; {h}")).unwrap_or_default())]
    NotFound {
        /// Kind of record.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What may help.
        hint: Option<String>,
    },
    /// A value is out of range or a name is taken.
    #[error("{0}")]
    Invalid(String),
}

/// Members of a circle that are named at either end of a long one.
const NAMED: usize = 8;

fn in_words(circle: &[TaskNumber]) -> String {
    let chain = |part: &[TaskNumber]| part.iter().map(ToString::to_string).collect::<Vec<_>>().join(" waits for ");
    match circle.len().checked_sub(2 * NAMED) {
        None | Some(0) => chain(circle),
        Some(between) => {
            let (first, last) = (chain(&circle[..NAMED]), chain(&circle[circle.len() - NAMED..]));
            format!("{first} waits for … {between} more … wait for {last}")
        }
    }
}

impl Rejection {
    /// No task with this id.
    pub fn no_task(id: TaskId) -> Self {
        Self::NotFound { what: "task", name: id.to_string(), hint: None }
    }
}

fn lease_end(until: Option<Timestamp>) -> String {
    until.map(|at| format!(" until {}", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))).unwrap_or_default()
}

fn allowed(from: Status) -> String {
    let steps: Vec<_> = lifecycle::allowed(from).map(|(by, to)| format!("{by} ({to})")).collect();
    if steps.is_empty() { "nothing".into() } else { steps.join(", ") }
}
