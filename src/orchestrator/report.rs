//! What the orchestrator says about itself, as data: for the header of a board, or as lines of `vayu orchestrate`.

use serde::Serialize;

use super::tick::{Deed, Step};
use crate::domain::{Command, Rejection, TaskNumber};

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// This process leads now.
    Leads {
        /// Fencing number.
        epoch: u64,
    },
    /// Another process leads; this one stands by.
    StandsBy {
        /// Who leads.
        leader: String,
    },
    /// Something was done.
    Did {
        /// Name of the command, or of what was done to a process.
        what: &'static str,
        /// The task.
        #[serde(skip_serializing_if = "Option::is_none")]
        task: Option<TaskNumber>,
        /// Why.
        why: String,
    },
    /// Something was to be done, and a rule said no: somebody else was quicker.
    Refused {
        /// Name of the command.
        what: &'static str,
        /// The task.
        #[serde(skip_serializing_if = "Option::is_none")]
        task: Option<TaskNumber>,
        /// Which rule, in words.
        why: String,
    },
    /// The board could not be read or written; it is tried again.
    Trouble {
        /// What happened.
        why: String,
    },
    /// This process orchestrates no more.
    Left,
}

impl Report {
    pub(super) fn did(step: &Step) -> Self {
        Self::Did { what: step.name(), task: step.number, why: step.why.clone() }
    }

    pub(super) fn refused(step: &Step, why: &Rejection) -> Self {
        Self::Refused { what: step.name(), task: step.number, why: why.to_string() }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let task = |task: &Option<TaskNumber>| task.map(|number| format!(" {number}")).unwrap_or_default();
        match self {
            Self::Leads { epoch } => write!(f, "leads this board (epoch {epoch})"),
            Self::StandsBy { leader } => write!(f, "stands by; {leader} leads"),
            Self::Did { what, task: number, why } => write!(f, "{what}{}: {why}", task(number)),
            Self::Refused { what, task: number, why } => write!(f, "{what}{} not done: {why}", task(number)),
            Self::Trouble { why } => write!(f, "cannot work: {why}; tries again"),
            Self::Left => write!(f, "orchestrates no more"),
        }
    }
}

impl Step {
    /// The name of what is done.
    pub fn name(&self) -> &'static str {
        match &self.deed {
            Deed::Submit(commands) => commands.last().map_or("nothing", Command::name),
            Deed::Forget(..) => "process_gone",
            Deed::AskToEnd(_) => "end_process",
            Deed::Kill(_) => "kill_process",
        }
    }
}
