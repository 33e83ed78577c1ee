//! Newtypes for every id, and the loose references that people type.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.trim().parse().map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A task's permanent id (UUID v7).
    TaskId,
    /// An agent's permanent id.
    AgentId,
    /// A sprint's permanent id.
    SprintId,
    /// An escalation's permanent id.
    EscalationId,
    /// One of the plans that a sprint has had.
    PlanId,
    /// One of the proposals to change the plan of a sprint.
    ProposalId,
    /// One attempt at a task.
    AttemptId,
    /// A comment on a task.
    CommentId,
    /// The secret that proves a claim; whoever holds it is the worker.
    ClaimToken,
}

/// The short number people use for a task, `#12`: unique on one board, counted from 1, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct TaskNumber(pub i64);

impl fmt::Display for TaskNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("#{}", self.0))
    }
}

/// One committed change: a group of events that stand and are undone together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(pub i64);

impl fmt::Display for ChangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a person names a task: `12`, `#12`, a full id, or an unambiguous prefix of at least four hex digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskRef {
    /// The short number.
    Number(TaskNumber),
    /// The full id.
    Id(TaskId),
    /// The first hex digits of the id, dashes removed, lower case.
    Prefix(String),
}

impl FromStr for TaskRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.strip_prefix('#').unwrap_or(text);
        if let Ok(id) = text.parse::<TaskId>() {
            return Ok(Self::Id(id));
        }
        // Ids begin with their time, so with a zero; numbers never do.
        if !digits.starts_with('0')
            && let Some(number) = digits.parse().ok().filter(|number| (1..1_000_000_000_000).contains(number))
        {
            return Ok(Self::Number(TaskNumber(number)));
        }
        let hex: String = text.chars().filter(|c| *c != '-').collect::<String>().to_ascii_lowercase();
        if (4..=32).contains(&hex.len()) && hex.chars().all(|c| c.is_ascii_hexdigit()) {
            return Ok(Self::Prefix(hex));
        }
        Err(format!("`{text}` is not a task: write #12, 12, or the first digits of its id"))
    }
}

impl fmt::Display for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Id(id) => id.fmt(f),
            Self::Prefix(prefix) => prefix.fmt(f),
        }
    }
}

impl From<TaskId> for TaskRef {
    fn from(id: TaskId) -> Self {
        Self::Id(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ids_and_prefixes_are_told_apart() {
        assert_eq!("#12".parse(), Ok(TaskRef::Number(TaskNumber(12))));
        assert_eq!("12".parse(), Ok(TaskRef::Number(TaskNumber(12))));
        assert_eq!("019a-bcde".parse(), Ok(TaskRef::Prefix("019abcde".into())));
        assert_eq!("01998877".parse(), Ok(TaskRef::Prefix("01998877".into())));
        let id = Uuid::from_u128(7);
        assert_eq!(id.to_string().parse(), Ok(TaskRef::Id(TaskId(id))));
        assert!("".parse::<TaskRef>().is_err());
        assert!("#-3".parse::<TaskRef>().is_err());
        assert!("hello".parse::<TaskRef>().is_err());
    }
}
