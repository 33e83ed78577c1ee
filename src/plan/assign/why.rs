//! The reasons of an assignment, as the board and `task status` show them: stored with the assignment as JSON.

use serde::{Deserialize, Serialize};

use crate::domain::policy::{Objective, Strategy};
use crate::domain::{AgentId, TaskNumber};

/// Candidates and excluded agents that are written down; more would only fill the log.
const MOST: usize = 12;

/// The phases of an assignment, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Has the skills and the role.
    Capability,
    /// Is there, at work, and takes new tasks.
    Availability,
    /// Has room.
    Load,
    /// Suits best.
    Specialization,
    /// The objective's word.
    Decision,
}

/// A candidate's scores by phase, each 0 to 1 where more is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Skill levels above what is asked for.
    pub capability: f64,
    /// Share of the work that fits into the present working hours.
    pub availability: f64,
    /// Room, weight of what is in hand, past speed, past success, machine load.
    pub load: f64,
    /// How closely the skills match what is asked for.
    pub specialization: f64,
    /// Expected finish, earlier is better.
    pub finish: f64,
    /// Expected cost, cheaper is better; none while unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// All of them, weighed by the objective.
    pub decision: f64,
}

/// How one agent fared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Name.
    pub agent: String,
    /// Id.
    pub agent_id: AgentId,
    /// The phase that it did not get past; `decision` for those who were only outdone, and for the winner.
    pub phase: Phase,
    /// Scores, for those who could have taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<Scores>,
    /// Why it did not get the task; none for the winner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<String>,
}

/// Why an agent got a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Why {
    /// The task.
    pub task: TaskNumber,
    /// Who got it.
    pub chosen: String,
    /// Who moves work on this board.
    pub strategy: Strategy,
    /// What was to be made best.
    pub objective: Objective,
    /// Why it was handed out and not left to be taken.
    pub because: String,
    /// Priority after aging, 0 for critical; lower is more urgent.
    pub urgency: f64,
    /// Agents, the winner first, then by score, then those who could not have taken it.
    pub candidates: Vec<Outcome>,
    /// Further agents that are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Why {
    /// Cuts the list to what is worth keeping.
    pub(super) fn bounded(mut self) -> Self {
        self.more = self.candidates.len().saturating_sub(MOST);
        self.candidates.truncate(MOST);
        self
    }

    /// One line for a card or a list: `builder-1: critical work is pushed; 0.81 against builder-2 0.64 (more loaded)`.
    pub fn line(&self) -> String {
        let score = |outcome: &Outcome| outcome.scores.map_or(0.0, |scores| scores.decision);
        let head = format!("{}: {}", self.chosen, self.because);
        let Some(winner) = self.candidates.first() else { return head };
        match self.candidates.get(1).filter(|second| second.scores.is_some()) {
            Some(second) => format!(
                "{head}; {:.2} against {} {:.2} ({})",
                score(winner),
                second.agent,
                score(second),
                second.lost.as_deref().unwrap_or("outdone")
            ),
            None => format!("{head}; nobody else could take it now"),
        }
    }
}
