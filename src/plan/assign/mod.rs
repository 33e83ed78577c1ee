//! Who does what: five phases (capability, availability, load, specialization, decision) from a situation to proposals.
//!
//! This module owns the choice of an agent for a ready task and the reasons of that choice. It must never change
//! anything, nor take work from an agent that has it: an assignment stands until its claim ends, so nothing flip-flops.
//!
//! Its place in what is to come: an auction replaces [`score`] by bids and keeps [`matching`]; a team is a second call
//! with the primary agent's seat taken out; learning feeds [`situation::Record`] with better numbers.

mod matching;
mod score;
pub mod situation;
mod unfit;
pub mod why;

pub use score::suits;
pub use situation::{Candidate, HeldWork, Planned, Ready, Record, Situation};
pub use unfit::{Unfit, unfit};
pub use why::{Outcome, Phase, Scores, Why};

use crate::domain::{AgentId, Policy, TaskId, Timestamp};

/// A task, the agent who should have it, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The task.
    pub task_id: TaskId,
    /// Who should do it.
    pub agent_id: AgentId,
    /// Candidates, their scores by phase, and the losers' reasons.
    pub why: Why,
}

/// Assigns ready tasks to agents with room, the most urgent first. Pure and deterministic: the same situation gives the
/// same proposals. What an agent takes by itself under the policy's strategy is left alone.
pub fn assign(situation: &Situation, policy: &Policy, now: Timestamp) -> Vec<Proposal> {
    let pushed = pushed(situation, policy, now);
    matching::decide(situation, policy, now, pushed)
}

/// A task that is to be handed out, with its place in the order.
struct Pushed<'a> {
    ready: &'a Ready,
    /// Priority after aging; lower is more urgent.
    rank: f64,
    /// Why it is handed out and not left to be taken.
    because: &'static str,
}

impl Pushed<'_> {
    /// Tasks of one band compete by what they would lose; a lower band is served completely first.
    fn band(&self) -> i64 {
        if self.ready.expedite { i64::MIN } else { self.rank.floor() as i64 }
    }
}

/// The tasks that the strategy hands out, most urgent first; within a band the longest waiting first.
fn pushed<'a>(situation: &'a Situation, policy: &Policy, now: Timestamp) -> Vec<Pushed<'a>> {
    let mut pushed: Vec<Pushed> = situation
        .ready
        .iter()
        .filter_map(|ready| {
            let hours = ready.hours_queued(now);
            let because = policy.pushes(ready.priority, ready.expedite, hours)?;
            Some(Pushed { ready, rank: policy.aged_rank(ready.priority, hours), because })
        })
        .collect();
    pushed.sort_by(|a, b| {
        let order = |p: &Pushed| (p.band(), p.ready.queued_at, p.ready.number);
        order(a).cmp(&order(b))
    });
    pushed
}

#[cfg(test)]
mod tests;
