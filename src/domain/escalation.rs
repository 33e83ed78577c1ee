//! Questions that only a human can decide, with their options and what each option does.

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::id::{AgentId, EscalationId, ProposalId, SprintId, TaskId};
use super::vocabulary::words;

words! {
    /// What the human is asked for.
    pub enum EscalationKind {
        /// A question from an agent.
        Question = "question",
        /// A decision about stuck work.
        Decision = "decision",
        /// A word on finished work.
        Approval = "approval",
        /// Nothing; it is good to know.
        Notice = "notice",
    }
}

words! {
    /// Where an escalation stands.
    pub enum EscalationState {
        /// Waits for an answer.
        Open = "open",
        /// Answered.
        Answered = "answered",
        /// No longer of interest.
        Withdrawn = "withdrawn",
    }
}

/// What an option does to the task when it is chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Remedy {
    /// Only the answer itself goes to the agent.
    Answer,
    /// Queue it for one more try.
    Retry,
    /// Give it to this agent.
    Reassign {
        /// The agent.
        agent_id: AgentId,
    },
    /// Take it from whoever holds it; it is ready again.
    Release,
    /// Drop the skill requirements, so that anybody may take it.
    DropRequirements,
    /// Move the deadline to this instant.
    MoveDeadline {
        /// When it is then.
        to: Timestamp,
    },
    /// Move the deadline by this many minutes from the answer on; in questions of older boards.
    Postpone {
        /// Minutes.
        minutes: i64,
    },
    /// Drop the deadline.
    DropDeadline,
    /// Do not do it.
    Cancel,
    /// Accept the work.
    Accept,
    /// Send it back.
    SendBack,
    /// Leave it as it is.
    Leave,
    /// Change the plan of a sprint as proposed.
    AcceptPlan {
        /// The sprint.
        sprint_id: SprintId,
        /// The proposal that the question is about; no other one is accepted by it.
        proposal_id: ProposalId,
        /// Which of its ways, from 0.
        option: usize,
    },
    /// Leave the plan of a sprint as it is.
    DropProposal {
        /// The sprint.
        sprint_id: SprintId,
        /// The proposal that the question is about.
        proposal_id: ProposalId,
    },
}

impl Remedy {
    /// The sprint whose plan it decides on.
    pub fn sprint(&self) -> Option<SprintId> {
        match self {
            Self::AcceptPlan { sprint_id, .. } | Self::DropProposal { sprint_id, .. } => Some(*sprint_id),
            _ => None,
        }
    }
}

/// One way to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What the human reads.
    pub label: String,
    /// What it costs or touches.
    #[serde(default)]
    pub detail: String,
    /// What it does.
    pub remedy: Remedy,
}

/// One question to the human.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// Id.
    pub escalation_id: EscalationId,
    /// Short number, `ASK-31`.
    pub number: i64,
    /// Raised by every change.
    #[serde(default)]
    pub rev: u64,
    /// What is asked for.
    pub kind: EscalationKind,
    /// Which task.
    #[serde(default)]
    pub task_id: Option<TaskId>,
    /// Why it was raised, as a word; the same task is asked about once per topic.
    pub topic: String,
    /// Who asks.
    pub asked_by: String,
    /// The question.
    pub question: String,
    /// What one should know to answer.
    #[serde(default)]
    pub context: String,
    /// What waits for the answer, in words.
    #[serde(default)]
    pub impact: String,
    /// Two to four ways to answer; empty: in words only.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// Index of the recommended choice.
    #[serde(default)]
    pub recommended: Option<usize>,
    /// What happens if nobody answers, in words.
    #[serde(default)]
    pub otherwise: String,
    /// Since when.
    pub raised_at: Timestamp,
    /// Hidden until.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
    /// Who shall answer; none: any human.
    #[serde(default)]
    pub delegated_to: Option<String>,
    /// State.
    pub state: EscalationState,
    /// When it was answered or withdrawn.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// Who answered.
    #[serde(default)]
    pub answered_by: Option<String>,
    /// Index of the choice taken.
    #[serde(default)]
    pub choice: Option<usize>,
    /// The answer in words.
    #[serde(default)]
    pub answer: Option<String>,
}

impl Escalation {
    /// Whether somebody wants to be told something; what is to be approved or noted is no question.
    pub fn is_question(&self) -> bool {
        matches!(self.kind, EscalationKind::Question | EscalationKind::Decision)
    }

    /// `ASK-31`, or `APR-31` for approvals.
    pub fn label(&self) -> String {
        let prefix = if self.kind == EscalationKind::Approval { "APR" } else { "ASK" };
        format!("{prefix}-{}", self.number)
    }

    /// True if words alone would answer nothing: every way out is something to be done.
    pub fn wants_a_choice(&self) -> bool {
        !self.choices.is_empty() && self.choices.iter().all(|choice| choice.remedy != Remedy::Answer)
    }
}
