//! What a runner tells while it works, and what it has done in the end.

use std::fmt;

use serde::Serialize;

use super::{Recovered, Swept};
use crate::domain::TaskNumber;

/// What a runner tells while it works.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// It is known to the board as this agent.
    Registered {
        /// Name.
        agent: String,
        /// Whether it was added just now.
        added: bool,
    },
    /// It cleaned up after a runner that had died.
    Recovered(Recovered),
    /// It removed what finished runs had left.
    Swept(Swept),
    /// It took a task.
    Claimed {
        /// Number.
        number: TaskNumber,
        /// Title, as it stands.
        title: String,
    },
    /// A run has ended.
    Finished {
        /// Number.
        number: TaskNumber,
        /// How, in words.
        how: String,
        /// True if the work was handed in, or settled by the command itself.
        well: bool,
        /// The last lines of its output.
        last_lines: Vec<String>,
    },
    /// There is nothing to do.
    Waiting {
        /// Why.
        why: String,
    },
    /// Something is wrong that may pass by itself.
    Warning {
        /// What.
        what: String,
    },
    /// It takes no more tasks and waits for the present ones.
    Draining {
        /// So many.
        tasks: usize,
    },
}

impl Report {
    pub(super) fn warning(what: impl Into<String>) -> Self {
        Self::Warning { what: what.into() }
    }
}

/// The report as a sentence. Texts from outside stand in it as they are: whoever prints it makes them safe.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registered { agent, added: true } => write!(f, "{agent} has joined the team"),
            Self::Registered { agent, added: false } => write!(f, "{agent} is here"),
            Self::Recovered(Recovered { number, agent, how }) => {
                write!(f, "{number} was left behind by a runner of {agent} that died: {how}")
            }
            Self::Swept(Swept { runs, bytes, worktrees }) => {
                write!(f, "cleaned up: {runs} old runs ({} KiB)", bytes >> 10)?;
                worktrees.iter().try_for_each(|path| write!(f, ", merged worktree {}", path.display()))
            }
            Self::Claimed { number, title } => write!(f, "took {number} {title}"),
            Self::Finished { number, how, .. } => write!(f, "{number} {how}"),
            Self::Waiting { why } => write!(f, "waits: {why}"),
            Self::Warning { what } => write!(f, "warning: {what}"),
            Self::Draining { tasks: 1 } => f.write_str("finishes what it has and takes no more; again ends it now"),
            Self::Draining { tasks } => write!(f, "finishes {tasks} tasks and takes no more; again ends them now"),
        }
    }
}

/// What a runner has done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Runs that ended.
    pub finished: u64,
    /// Runs that did not end well.
    pub failed: u64,
    /// Runs whose claim was lost.
    pub lost: u64,
    /// The last run that did not end well: how, and its last lines.
    pub last_failure: Option<(String, Vec<String>)>,
    /// What kept it from taking a task or from doing it, unless it could take one later.
    pub trouble: Option<String>,
    /// Why it gave up, if it did.
    pub gave_up: Option<String>,
}
