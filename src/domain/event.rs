//! What happened: the past-tense half of the domain. The log is made of these, and rows change by nothing else.

use serde::{Deserialize, Serialize};

use super::attempt::{Failure, Outcome};
use super::command::{AgentField, Patch, Report, TaskField};
use super::id::{AttemptId, ChangeId, EscalationId, SprintId, TaskId};
use super::record::{Record, RecordId};
use super::sprint::{Baseline, SprintOutcome};
use super::task::{Admission, Assignment, Blocker, Claim, Comment, Dependency, Review};
use super::{
    Agent, AgentId, Attempt, Escalation, Lane, Policy, Proposal, Sprint, SprintPlan, Status, Task, Timestamp,
    Transition,
};

/// Something that happened to one or more records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are named like what they hold; each variant says what happened")]
pub enum Event {
    /// A task was written down.
    TaskCreated { task: Box<Task> },
    /// A task was brought in or brought up to date from elsewhere.
    TaskImported { task: Box<Task> },
    /// A row of another board was brought in as it is.
    RecordImported { row: Box<Record> },
    /// Fields changed.
    TaskEdited { task_id: TaskId, changes: Vec<TaskField> },
    /// It took a step of its life cycle.
    TaskStepped {
        task_id: TaskId,
        by: Transition,
        from: Status,
        to: Status,
        #[serde(default)]
        reason: Option<String>,
    },
    /// It waits for room in a lane.
    AdmissionQueued { task_id: TaskId, admission: Admission },
    /// There was room, or it does not want to enter any more.
    AdmissionEnded { task_id: TaskId, lane: Lane, admitted: bool },
    /// It was given to an agent, or to nobody.
    TaskAssigned { task_id: TaskId, assignment: Option<Box<Assignment>> },
    /// A worker took hold of it.
    TaskClaimed { task_id: TaskId, claim: Claim },
    /// The hold ended.
    ClaimEnded {
        task_id: TaskId,
        epoch: u64,
        reason: String,
        /// A person ended it who was not its holder.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        forced: bool,
    },
    /// Work began.
    AttemptStarted { attempt: Box<Attempt> },
    /// Work ended.
    AttemptEnded {
        attempt_id: AttemptId,
        task_id: TaskId,
        outcome: Outcome,
        failure: Option<Failure>,
        report: Box<Report>,
        /// Minutes of it that were work; older versions did not say so.
        #[serde(default)]
        worked: Option<u32>,
    },
    /// Work went on.
    TaskProgressed {
        task_id: TaskId,
        progress: u8,
        step: Option<String>,
        #[serde(default)]
        artifacts: Vec<String>,
    },
    /// Something stands in the way, or nothing any more.
    BlockerSet { task_id: TaskId, blocker: Option<Blocker> },
    /// A retry was planned.
    RetryPlanned { task_id: TaskId, retry_at: Timestamp, retry_count: u32 },
    /// A review was asked for or given.
    ReviewSet { task_id: TaskId, review: Option<Review> },
    /// It waits for another task.
    DependencyAdded { task_id: TaskId, dependency: Dependency },
    /// It does not wait for it any more.
    DependencyRemoved { task_id: TaskId, on: TaskId },
    /// Somebody said something.
    CommentAdded { comment: Box<Comment> },
    /// An agent joined.
    AgentAdded { agent: Box<Agent> },
    /// An agent changed.
    AgentEdited { agent_id: AgentId, changes: Vec<AgentField> },
    /// A sprint was created.
    SprintCreated { sprint: Box<Sprint> },
    /// A sprint began.
    SprintStarted { sprint_id: SprintId, committed_points: f64 },
    /// A sprint ended.
    SprintClosed { sprint_id: SprintId },
    /// What a sprint sets out to do was written down, when it began.
    BaselineTaken { baseline: Box<Baseline> },
    /// What became of a sprint was written down, when it ended.
    OutcomeWritten { outcome: Box<SprintOutcome> },
    /// A sprint got a plan, the first one or another.
    PlanSet { plan: Box<SprintPlan> },
    /// A change of the plan was proposed.
    PlanProposed { proposal: Box<Proposal> },
    /// The proposal was accepted, by the index of the option, or dropped.
    ProposalEnded {
        sprint_id: SprintId,
        accepted: Option<usize>,
        #[serde(default)]
        reason: Option<String>,
    },
    /// The human was asked.
    EscalationRaised { escalation: Box<Escalation> },
    /// The human answered.
    EscalationAnswered {
        escalation_id: EscalationId,
        task_id: Option<TaskId>,
        choice: Option<usize>,
        answer: Option<String>,
        by: String,
    },
    /// The question was put off.
    EscalationSnoozed { escalation_id: EscalationId, until: Timestamp },
    /// Somebody else shall answer.
    EscalationDelegated { escalation_id: EscalationId, to: String },
    /// The question does not matter any more.
    EscalationWithdrawn { escalation_id: EscalationId },
    /// The settings changed.
    PolicyChanged {
        policy: Box<Policy>,
        /// Names of those that changed; older versions did not say so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        changed: Vec<String>,
    },
    /// A row was put back to what it had been, or removed again.
    Restored { change: ChangeId, patch: Patch },
}

impl Event {
    /// The rows this is about; the first one changed.
    pub fn records(&self) -> Vec<RecordId> {
        match self {
            Self::TaskCreated { task } | Self::TaskImported { task } => vec![RecordId::Task(task.task_id)],
            Self::RecordImported { row } => vec![row.id()],
            Self::TaskEdited { task_id, .. }
            | Self::TaskStepped { task_id, .. }
            | Self::AdmissionQueued { task_id, .. }
            | Self::AdmissionEnded { task_id, .. }
            | Self::TaskAssigned { task_id, .. }
            | Self::TaskClaimed { task_id, .. }
            | Self::ClaimEnded { task_id, .. }
            | Self::TaskProgressed { task_id, .. }
            | Self::BlockerSet { task_id, .. }
            | Self::RetryPlanned { task_id, .. }
            | Self::ReviewSet { task_id, .. } => vec![RecordId::Task(*task_id)],
            Self::DependencyAdded { task_id, dependency } => {
                vec![RecordId::Task(*task_id), RecordId::Task(dependency.task_id)]
            }
            Self::DependencyRemoved { task_id, on } => vec![RecordId::Task(*task_id), RecordId::Task(*on)],
            Self::AttemptStarted { attempt } => {
                vec![RecordId::Attempt(attempt.attempt_id), RecordId::Task(attempt.task_id)]
            }
            Self::AttemptEnded { attempt_id, task_id, .. } => {
                vec![RecordId::Attempt(*attempt_id), RecordId::Task(*task_id)]
            }
            Self::CommentAdded { comment } => {
                vec![RecordId::Comment(comment.comment_id), RecordId::Task(comment.task_id)]
            }
            Self::AgentAdded { agent } => vec![RecordId::Agent(agent.agent_id)],
            Self::AgentEdited { agent_id, .. } => vec![RecordId::Agent(*agent_id)],
            Self::SprintCreated { sprint } => vec![RecordId::Sprint(sprint.sprint_id)],
            Self::SprintStarted { sprint_id, .. } | Self::SprintClosed { sprint_id } => {
                vec![RecordId::Sprint(*sprint_id)]
            }
            Self::BaselineTaken { baseline } => {
                vec![RecordId::Baseline(baseline.sprint_id), RecordId::Sprint(baseline.sprint_id)]
            }
            Self::OutcomeWritten { outcome } => {
                vec![RecordId::Outcome(outcome.sprint_id), RecordId::Sprint(outcome.sprint_id)]
            }
            Self::PlanSet { plan } => vec![RecordId::Plan(plan.sprint_id), RecordId::Sprint(plan.sprint_id)],
            Self::PlanProposed { proposal } => {
                vec![RecordId::Proposal(proposal.sprint_id), RecordId::Sprint(proposal.sprint_id)]
            }
            Self::ProposalEnded { sprint_id, .. } => {
                vec![RecordId::Proposal(*sprint_id), RecordId::Sprint(*sprint_id)]
            }
            Self::EscalationRaised { escalation } => {
                let mut records = vec![RecordId::Escalation(escalation.escalation_id)];
                records.extend(escalation.task_id.map(RecordId::Task));
                records
            }
            Self::EscalationAnswered { escalation_id, task_id, .. } => {
                let mut records = vec![RecordId::Escalation(*escalation_id)];
                records.extend(task_id.map(RecordId::Task));
                records
            }
            Self::EscalationSnoozed { escalation_id, .. }
            | Self::EscalationDelegated { escalation_id, .. }
            | Self::EscalationWithdrawn { escalation_id } => vec![RecordId::Escalation(*escalation_id)],
            Self::PolicyChanged { .. } => vec![RecordId::Policy],
            Self::Restored { patch, .. } => vec![patch.id],
        }
    }
}
