//! One row per attempt at a task. A task is `executing` if and only if it has one open attempt.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::id::{AgentId, AttemptId, TaskId};
use super::vocabulary::words;

words! {
    /// How an attempt ended.
    pub enum Outcome {
        /// Handed in.
        Submitted = "submitted",
        /// Stopped half-way; the claim stands.
        Paused = "paused",
        /// Failed.
        Failed = "failed",
        /// The worker was not heard of any more.
        Lost = "lost",
        /// Given back or taken away.
        Released = "released",
        /// The task was cancelled.
        Cancelled = "cancelled",
    }
}

words! {
    /// The closed list of failure kinds; what each one means for a retry stands in [`Failure::may_retry`].
    pub enum Failure {
        /// The command ended with a non-zero exit code.
        Exit = "exit",
        /// A signal ended the command.
        Signal = "signal",
        /// The command could not be started.
        Spawn = "spawn",
        /// It ran longer than allowed.
        Timeout = "timeout",
        /// It wrote or used more than allowed.
        Limit = "limit",
        /// The worker was not heard of any more.
        Lost = "lost",
        /// The worker said that it cannot be done.
        Refused = "refused",
        /// A quota was used up (exit code 75): waits for its reset, not counted as a failure.
        Quota = "quota",
        /// Anything else: stops and asks.
        Unknown = "unknown",
    }
}

impl Failure {
    /// True if another attempt may help without a human's word.
    pub fn may_retry(self) -> bool {
        !matches!(self, Self::Refused | Self::Unknown)
    }

    /// True if the attempt counts against the retry limit.
    pub fn counts(self) -> bool {
        self != Self::Quota
    }
}

/// One attempt: from start to submission, pause, failure or loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Id.
    pub attempt_id: AttemptId,
    /// Raised by every change.
    #[serde(default)]
    pub rev: u64,
    /// The task.
    pub task_id: TaskId,
    /// Fencing number of the claim it runs under.
    pub epoch: u64,
    /// Who.
    pub agent_id: AgentId,
    /// Start.
    pub started_at: Timestamp,
    /// End; none while open.
    #[serde(default)]
    pub ended_at: Option<Timestamp>,
    /// Minutes of it that were work; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worked: Option<u32>,
    /// How it ended.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// What failed.
    #[serde(default)]
    pub failure: Option<Failure>,
    /// Exit code of the command.
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// Last lines of its output.
    #[serde(default)]
    pub last_lines: Vec<String>,
    /// What was done.
    #[serde(default)]
    pub summary: Option<String>,
    /// What the next one must know.
    #[serde(default)]
    pub hand_over: Option<String>,
    /// What is still open.
    #[serde(default)]
    pub open_points: Vec<String>,
    /// What it cost, in the board's currency.
    #[serde(default)]
    pub cost: Option<f64>,
    /// Tokens that a language model read and wrote for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Model and version that the agent worked with; none: not known, or a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Session of the agent program, for resuming.
    #[serde(default)]
    pub session: Option<String>,
    /// Folder it worked in.
    #[serde(default)]
    pub workspace: Option<String>,
}
