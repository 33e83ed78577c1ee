//! What the board *is*: tasks, agents, sprints, escalations, their life cycle, and the rules that govern every change.
//!
//! This layer owns meaning and never touches the world: no IO, clock, randomness, terminal or SQL. Time and ids
//! arrive from outside in [`Cx`].

pub mod agent;
mod apply;
pub mod attempt;
pub mod command;
pub mod days;
mod decide;
pub mod deps;
pub mod escalation;
pub mod event;
pub mod facts;
pub mod flow;
pub mod hours;
pub mod id;
pub mod lane;
pub mod lifecycle;
mod needs;
pub mod policy;
pub mod record;
pub mod rejection;
pub mod risk;
pub mod sprint;
pub mod task;
mod vocabulary;
pub mod waits;
pub mod when;
pub mod wording;
pub mod words;
pub mod zone;

pub use agent::{Agent, AgentKind, AgentStatus, Permission, Window};
pub use apply::apply_change;
pub use attempt::{Attempt, Failure, Outcome};
pub use command::{Command, Fence};
pub use days::Days;
pub use decide::{Decision, decide};
pub use escalation::{Escalation, EscalationKind, EscalationState, Remedy};
pub use event::Event;
pub use facts::{Facts, Lease, Need};
pub use id::{AgentId, AttemptId, ChangeId, ClaimToken, EscalationId, PlanId, SprintId, TaskId, TaskNumber, TaskRef};
pub use lane::Lane;
pub use lifecycle::{Status, Transition};
pub use policy::Policy;
pub use record::{Record, RecordId};
pub use rejection::Rejection;
pub use risk::Risk;
pub use sprint::{Baseline, Proposal, Sprint, SprintOutcome, SprintPlan, SprintState};
pub use task::{Level, Priority, Task, TaskKind};
pub use zone::Zone;

use serde::{Deserialize, Serialize};

/// A wall-clock instant in UTC, kept to the microsecond.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

vocabulary::words! {
    /// What sort of actor stands behind a change or a request.
    pub enum ActorKind {
        /// A person.
        Human = "human",
        /// An AI agent or script.
        Agent = "agent",
        /// vayu itself, for example its orchestrator.
        System = "system",
    }
}

/// Who did something: shown in the log and used for permission rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Sort of actor.
    pub kind: ActorKind,
    /// Agent name or user name.
    pub name: String,
}

impl Actor {
    /// A person called `name`.
    pub fn human(name: impl Into<String>) -> Self {
        Self { kind: ActorKind::Human, name: name.into() }
    }

    /// An agent called `name`.
    pub fn agent(name: impl Into<String>) -> Self {
        Self { kind: ActorKind::Agent, name: name.into() }
    }

    /// A part of vayu called `name`.
    pub fn system(name: impl Into<String>) -> Self {
        Self { kind: ActorKind::System, name: name.into() }
    }

    /// True for people.
    pub fn is_human(&self) -> bool {
        self.kind == ActorKind::Human
    }
}

/// Where fresh ids come from; random in the program, counted in tests.
pub trait Ids {
    /// An id never handed out before; later ids sort after earlier ones.
    fn next(&mut self) -> uuid::Uuid;
    /// A claim token that nobody can guess.
    fn token(&mut self) -> ClaimToken;
    /// A fraction in `0.0..1.0`, for jitter.
    fn fraction(&mut self) -> f64;
}

/// The circumstances of one decision: when, by whom, and the source of new ids.
pub struct Cx<'a> {
    /// Wall-clock time of the decision.
    pub at: Timestamp,
    /// Who asks.
    pub actor: &'a Actor,
    /// Fresh ids.
    pub ids: &'a mut dyn Ids,
}
