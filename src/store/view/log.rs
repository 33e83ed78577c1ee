//! Rows of the log: what was changed, and how it is taken back.

use serde::{Deserialize, Serialize};

use crate::domain::command::Patch;
use crate::domain::event::Event;
use crate::domain::wording::{Deed, sentence};
use crate::domain::{Actor, ChangeId, RecordId, TaskNumber, Timestamp};

/// Which part of the log to show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Older than this change.
    pub before: Option<ChangeId>,
    /// Newer than this change.
    pub after: Option<ChangeId>,
    /// About this row.
    pub record: Option<RecordId>,
    /// By this actor.
    pub actor: Option<String>,
    /// Most rows.
    pub limit: usize,
}

/// One change in the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivityRow {
    /// Number of the change.
    pub change: ChangeId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Name of the command.
    pub command: String,
    /// Number of the task it is mainly about.
    pub task: Option<TaskNumber>,
    /// Title of that task, shortened.
    pub title: Option<String>,
    /// How many events it holds.
    pub event_count: u64,
    /// The events, the first fifty.
    pub events: Vec<Event>,
    /// The change that undid it.
    pub undone_by: Option<ChangeId>,
    /// The change that it undoes or redoes.
    pub target: Option<ChangeId>,
}

impl ActivityRow {
    /// What it did, in a sentence; text from outside in it is not safe for a terminal yet.
    pub fn in_words(&self) -> String {
        let number = self.task.map(|number| number.to_string());
        let about: Vec<&str> = number.iter().chain(&self.title).map(String::as_str).collect();
        let about = about.join(" ");
        let Self { command, target, events, event_count: count, .. } = self;
        sentence(&Deed { command, target: *target, events, count: *count, about: &about })
    }
}

/// One row as a change found it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inverse {
    /// What to lay over the row to take the change back.
    #[serde(flatten)]
    pub patch: Patch,
}

/// How to take a change back.
#[derive(Debug, Clone, PartialEq)]
pub enum Undoing {
    /// By these patches.
    Patches(Vec<Patch>),
    /// Newer changes to the same rows stand in the way.
    Overtaken {
        /// The newest of them.
        by: ChangeId,
        /// In words: who did what.
        what: String,
    },
    /// It has been undone already, or it is an undo itself.
    Not(&'static str),
}
