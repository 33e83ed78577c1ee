//! Sprints: a goal, dates and a scope, and the records that belong to one.

mod books;
mod guide;
mod plan;
mod report;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::id::SprintId;
use super::vocabulary::words;

pub use books::{Baseline, BaselineTask, Carry, KEPT_TITLE, SprintOutcome, Tally, TaskOutcome};
pub use guide::{GRACE, Guide, Word};
pub use plan::{
    Allotment, Alternative, Layout, Learned, LeftOut, MAX_OPTIONS, MAX_SLOTS, MAX_WORDS, Move, Price, Proposal, Slot,
    SprintPlan, Stage,
};
pub use report::{
    Books, DoneWork, Estimates, FEWEST_SPRINTS, FEWEST_TASKS, Flow, FlowLine, LOOKED_BACK, Line, Pace, Predictability,
    Range, Report, Velocity, Waited,
};

words! {
    /// Where a sprint stands; at most one is active.
    pub enum SprintState {
        /// Being planned.
        Planned = "planned",
        /// Running.
        Active = "active",
        /// Over.
        Closed = "closed",
    }
}

/// One sprint. Its scope is the set of tasks whose `sprint_id` names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sprint {
    /// Id.
    pub sprint_id: SprintId,
    /// Counted from 1.
    pub number: i64,
    /// Raised by every change.
    #[serde(default)]
    pub rev: u64,
    /// Name, by default `Sprint N`.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub goal: String,
    /// First day.
    pub starts_at: Timestamp,
    /// End of the last day.
    pub ends_at: Timestamp,
    /// State.
    pub state: SprintState,
    /// Objectives as the product owner wrote them.
    #[serde(default)]
    pub objectives: Vec<String>,
    /// Working minutes the team had when it was planned.
    #[serde(default)]
    pub capacity_minutes: Option<u32>,
    /// Story points committed when it was started.
    #[serde(default)]
    pub committed_points: Option<f64>,
    /// When it was started.
    #[serde(default)]
    pub started_at: Option<Timestamp>,
    /// When it was closed.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
}
