//! Rows of what is so now and leaves no history: leases, processes, heartbeats, who orchestrates.

use serde::Serialize;

use crate::domain::{AgentId, TaskId, TaskNumber, Timestamp};

/// One claim with its lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeaseRow {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// Who holds it.
    pub agent_id: AgentId,
    /// Whether the holder is a person.
    pub human: bool,
    /// Fencing number.
    pub epoch: u64,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// Whether it is over.
    pub expired: bool,
    /// The process that works on it, until it has been seen gone.
    pub process: Option<ProcessRow>,
}

/// A worker's process: enough to recognize it after its number was given to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessRow {
    /// Process id, also of its group.
    pub pid: i32,
    /// Start time in clock ticks since boot.
    pub start_ticks: u64,
    /// Boot it belongs to.
    pub boot_id: String,
}

/// What a heartbeat tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Liveness {
    /// Percent of a core.
    pub cpu_usage: Option<f32>,
    /// Percent of memory.
    pub memory_usage: Option<f32>,
}

/// Who orchestrates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeaderRow {
    /// Name of the process.
    pub holder: String,
    /// Fencing number.
    pub epoch: u64,
    /// Whether its lease is over.
    pub expired: bool,
}
