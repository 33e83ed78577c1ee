//! What every reader yields: tasks in neutral words, tied to each other by the keys of the place they come from.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Kind;
use crate::domain::task::{Category, Complexity, Criterion, DependencyKind};
use crate::domain::{ActorKind, Level, Priority, TaskKind, Timestamp};

/// Where a task stood at its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Default)]
pub enum State {
    /// To be done, begun or not.
    #[default]
    Open,
    /// Held up there by something that is not another task.
    Blocked,
    /// Done.
    Done,
    /// Will not be done.
    Dropped,
}

/// A predecessor, by its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// Key of the task that comes first.
    pub on: String,
    /// What the edge means.
    pub kind: DependencyKind,
    /// The condition of a conditional edge, in words.
    pub condition: Option<String>,
}

/// A remark made at the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Who.
    pub author: String,
    /// When; none: the source does not say.
    pub at: Option<Timestamp>,
    /// What.
    pub text: String,
}

/// Who asked for a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asker {
    /// Person, agent or program.
    pub kind: ActorKind,
    /// Name there.
    pub name: String,
}

/// The fields of a task that its source knows; `None` and empty mean that it says nothing about them, so that an
/// update leaves what the board knows.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Fields {
    /// Title on one line.
    pub title: String,
    /// Long text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Sort of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<TaskKind>,
    /// Level, where the source names one; else it follows from the parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Holds others together, even if none of them is in the file.
    pub group: bool,
    /// What the work does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Where it stands.
    pub state: State,
    /// What holds it up, for [`State::Blocked`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_because: Option<String>,
    /// Urgency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Done or dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Wanted by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Not to be started earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// When it is done.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acceptance: Vec<Criterion>,
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asker: Option<Asker>,
    /// Names of those who have it there, the one who answers for it first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<String>,
    /// Skill and level, 1 to 5.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub skills: BTreeMap<String, u8>,
    /// Roles wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<u32>,
    /// Story points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    /// Looks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<Complexity>,
    /// Labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Milestone, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milestone: Option<String>,
    /// Address there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What is worth knowing of its past there, in few words each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Named results.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
}

/// One task on its way in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Incoming {
    /// Its id at the source: what others refer to it by, and what a second import finds it by.
    pub key: String,
    /// Line of the file on which it begins, from 1.
    pub line: usize,
    /// Its fields.
    pub fields: Fields,
    /// Key of the task that it is a part of.
    pub parent: Option<String>,
    /// Whether the parent was named in so many words, not only readable from the keys.
    pub parent_named: bool,
    /// Predecessors.
    pub waits: Vec<Wait>,
    /// Links that order no work, with the word for them: kept in the task's notes.
    pub mentions: Vec<(String, String)>,
    /// Remarks.
    pub remarks: Vec<Remark>,
    /// What could not be read of it, in words; the task itself comes in.
    pub warnings: Vec<String>,
}

impl Incoming {
    /// A task with nothing but a key, a line and a title.
    pub fn new(key: impl Into<String>, line: usize, title: impl Into<String>) -> Self {
        Self { key: key.into(), line, fields: Fields { title: title.into(), ..Fields::default() }, ..Self::default() }
    }

    /// Adds a plain edge: `on` comes first.
    pub fn wait_for(&mut self, on: impl Into<String>) {
        self.waits.push(Wait { on: on.into(), kind: DependencyKind::Sequential, condition: None });
    }
}

/// Something that did not come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Line of the file, from 1.
    pub line: usize,
    /// What it was about: a key, an edge.
    pub what: String,
    /// Why not.
    pub reason: String,
}

impl Skipped {
    /// Something on `line` that did not come in.
    pub fn new(line: usize, what: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { line, what: what.into(), reason: reason.into() }
    }
}

/// All that was read from one stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The format; with the key it tells where a task came from.
    pub kind: Kind,
    /// Tasks, in file order.
    pub incoming: Vec<Incoming>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
}

impl Batch {
    /// Nothing yet.
    pub fn new(kind: Kind) -> Self {
        Self { kind, incoming: Vec::new(), skipped: Vec::new() }
    }

    /// Notes that something on `line` does not come in.
    pub fn skip(&mut self, line: usize, what: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push(Skipped::new(line, what, reason));
    }
}
