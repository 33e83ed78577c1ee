//! What somebody wants: the imperative half of the domain. Every face turns its user's wish into one of these.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::agent::{Division, Window};
use super::attempt::Failure;
use super::days::Days;
use super::escalation::{Choice, EscalationKind};
use super::id::{AgentId, ChangeId, ClaimToken, EscalationId, ProposalId, SprintId, TaskId};
use super::record::{Record, RecordId};
use super::sprint::{Alternative, Carry, Layout};
use super::task::{
    AssignmentMethod, BlockerKind, Category, Complexity, Criterion, Dependency, External, Requester, Requirements,
};
use super::{AgentKind, Lane, Level, Permission, Policy, Priority, Task, TaskKind, Timestamp, Zone};

/// Proof that the one who speaks is the one who holds the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fence {
    /// No claim is shown: refused if somebody else holds the task.
    #[default]
    None,
    /// The worker's token: refused if the claim is not its own any more.
    Token(ClaimToken),
    /// A human overrides whoever holds it; logged.
    Force,
}

/// A task to be written down.
#[derive(Debug, Clone, Default)]
pub struct NewTask {
    /// Id chosen by the caller; a second create with it is refused.
    pub task_id: Option<TaskId>,
    /// Title, not empty.
    pub title: String,
    /// Long text.
    pub description: String,
    /// Sort; by default a user request.
    pub kind: Option<TaskKind>,
    /// Level; by default a task.
    pub level: Option<Level>,
    /// The task it is a part of.
    pub parent_id: Option<TaskId>,
    /// By default execution.
    pub category: Option<Category>,
    /// By default normal.
    pub priority: Option<Priority>,
    /// Wanted by.
    pub deadline: Option<Timestamp>,
    /// Not to be started earlier.
    pub not_before: Option<Timestamp>,
    /// When it is done.
    pub acceptance: Vec<Criterion>,
    /// Who asked; by default the actor.
    pub requester: Option<Requester>,
    /// What it needs.
    pub requirements: Requirements,
    /// Predecessors.
    pub blocked_by: Vec<Dependency>,
    /// Minutes.
    pub estimate: Option<u32>,
    /// Minutes from what is undercut to what is exceeded in one of ten cases each.
    pub estimate_range: Option<[u32; 2]>,
    /// Where the estimate is from, as in [`crate::domain::task::Metadata::estimate_by`].
    pub estimate_by: Option<String>,
    /// Story points.
    pub points: Option<f64>,
    /// Looks.
    pub complexity: Option<Complexity>,
    /// Labels.
    pub tags: Vec<String>,
    /// Retries allowed; by default 3.
    pub max_retries: Option<u32>,
    /// Longest run in seconds.
    pub run_limit: Option<u32>,
    /// Sprint.
    pub sprint_id: Option<SprintId>,
    /// Milestone, by name.
    pub milestone: Option<String>,
    /// Stays in the backlog instead of becoming ready.
    pub backlog: bool,
}

/// One field of a task and its new value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum TaskField {
    /// Title.
    Title(String),
    /// Long text.
    Description(String),
    /// Sort of work.
    Type(TaskKind),
    /// Level.
    Level(Level),
    /// Parent.
    Parent(Option<TaskId>),
    /// Category.
    Category(Category),
    /// Priority.
    Priority(Priority),
    /// Deadline.
    Deadline(Option<Timestamp>),
    /// Earliest start.
    NotBefore(Option<Timestamp>),
    /// Criteria.
    Acceptance(Vec<Criterion>),
    /// Requirements.
    Requirements(Requirements),
    /// Minutes; takes a range away.
    Estimate(Option<u32>),
    /// Minutes from what is undercut to what is exceeded in one of ten cases each; comes after the estimate.
    EstimateRange(Option<[u32; 2]>),
    /// Where the estimate that was just set is from, if not from whoever sets it.
    EstimateBy(Option<String>),
    /// Story points.
    Points(Option<f64>),
    /// Complexity.
    Complexity(Option<Complexity>),
    /// Labels.
    Tags(Vec<String>),
    /// Retries allowed.
    MaxRetries(u32),
    /// Longest run in seconds.
    RunLimit(Option<u32>),
    /// Sprint.
    Sprint(Option<SprintId>),
    /// What was left of it when a sprint was closed.
    Carry(Option<Carry>),
    /// Milestone.
    Milestone(Option<String>),
    /// Express pass through lane limits.
    Expedite(bool),
    /// Put away or brought back.
    Archived(bool),
    /// Where it comes from.
    External(Option<External>),
}

impl TaskField {
    /// The field in words, for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Title(_) => "title",
            Self::Description(_) => "description",
            Self::Type(_) => "type",
            Self::Level(_) => "level",
            Self::Parent(_) => "parent",
            Self::Category(_) => "category",
            Self::Priority(_) => "priority",
            Self::Deadline(_) => "deadline",
            Self::NotBefore(_) => "earliest start",
            Self::Acceptance(_) => "acceptance",
            Self::Requirements(_) => "requirements",
            Self::Estimate(_) => "estimate",
            Self::EstimateRange(_) => "range of the estimate",
            Self::EstimateBy(_) => "source of the estimate",
            Self::Points(_) => "points",
            Self::Complexity(_) => "complexity",
            Self::Tags(_) => "labels",
            Self::MaxRetries(_) => "retries",
            Self::RunLimit(_) => "run limit",
            Self::Sprint(_) => "sprint",
            Self::Carry(_) => "carry-over",
            Self::Milestone(_) => "milestone",
            Self::Expedite(_) => "express pass",
            Self::External(_) => "origin",
            Self::Archived(true) => "to archived",
            Self::Archived(false) => "to not archived",
        }
    }
}

/// One field of an agent and its new value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum AgentField {
    /// Name.
    Name(String),
    /// Role.
    Role(Option<String>),
    /// What it may do.
    Permissions(Option<Vec<Permission>>),
    /// Skills.
    Skills(BTreeMap<String, u8>),
    /// Tasks at once.
    WipLimit(u32),
    /// When it works.
    Availability(Vec<Window>),
    /// Time zone of the windows.
    TimeZone(Zone),
    /// Days off.
    Away(Vec<Days>),
    /// What the working hours go into.
    Division(Division),
    /// Takes nothing new.
    Draining(bool),
    /// Cost per hour.
    CostPerHour(Option<f64>),
    /// Model and version; what was begun before keeps its own.
    Model(Option<String>),
}

impl AgentField {
    /// The field in words, for the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Name(_) => "name",
            Self::Role(_) => "role",
            Self::Permissions(_) => "permissions",
            Self::Skills(_) => "skills",
            Self::WipLimit(_) => "limit",
            Self::Availability(_) => "availability",
            Self::TimeZone(_) => "time zone",
            Self::Away(_) => "days off",
            Self::Division(_) => "division of hours",
            Self::Draining(true) => "to draining",
            Self::Draining(false) => "to not draining",
            Self::CostPerHour(_) => "cost",
            Self::Model(_) => "model",
        }
    }
}

/// An agent to be added.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// Unique name.
    pub name: String,
    /// Person or program.
    pub kind: AgentKind,
    /// Role.
    pub role: Option<String>,
    /// Skills.
    pub skills: BTreeMap<String, u8>,
    /// Tasks at once.
    pub wip_limit: u32,
    /// When it works.
    pub availability: Vec<Window>,
    /// Time zone.
    pub time_zone: Zone,
    /// Cost per hour.
    pub cost_per_hour: Option<f64>,
    /// What else holds of it from the beginning.
    pub also: Vec<AgentField>,
}

/// A sprint to be created.
#[derive(Debug, Clone)]
pub struct NewSprint {
    /// Id chosen by the caller, so that later commands of one change can refer to it; a second create with it is refused.
    pub sprint_id: Option<SprintId>,
    /// Name; by default `Sprint N`.
    pub name: Option<String>,
    /// Goal.
    pub goal: String,
    /// First day.
    pub starts_at: Timestamp,
    /// End of the last day.
    pub ends_at: Timestamp,
    /// Objectives.
    pub objectives: Vec<String>,
    /// Working minutes of the team.
    pub capacity_minutes: Option<u32>,
}

/// What a worker says when its attempt ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// What was done.
    pub summary: Option<String>,
    /// What the next one must know.
    pub hand_over: Option<String>,
    /// What is still open.
    pub open_points: Vec<String>,
    /// Results.
    pub artifacts: Vec<String>,
    /// Named results.
    pub outputs: BTreeMap<String, Value>,
    /// Exit code of the command.
    pub exit_code: Option<i32>,
    /// Last lines of output.
    pub last_lines: Vec<String>,
    /// Cost in the board's currency.
    pub cost: Option<f64>,
    /// Tokens that a language model read and wrote for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Model and version that did it, if the worker says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Transcript file.
    pub log: Option<String>,
}

/// A question to be put to the human.
#[derive(Debug, Clone)]
pub struct NewEscalation {
    /// What is asked for.
    pub kind: EscalationKind,
    /// Which task.
    pub task_id: Option<TaskId>,
    /// Why, as a word; one open escalation per task and topic.
    pub topic: String,
    /// The question.
    pub question: String,
    /// Background.
    pub context: String,
    /// What waits for it.
    pub impact: String,
    /// Ways to answer.
    pub choices: Vec<Choice>,
    /// Recommended choice.
    pub recommended: Option<usize>,
    /// What happens without an answer.
    pub otherwise: String,
}

/// What somebody wants.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the fields are named like what they hold; each variant says what it does")]
pub enum Command {
    /// Write down a task.
    CreateTask(Box<NewTask>),
    /// Bring in a task from elsewhere; if it is here already, close or reopen it as the place it comes from did.
    ImportTask(Box<Task>),
    /// Bring in a row of another board as it is; one that is here gives way if the incoming one is newer.
    ImportRecord(Box<Record>),
    /// Change fields.
    EditTask { task_id: TaskId, changes: Vec<TaskField>, expected_rev: Option<u64> },
    /// Put a card into another lane, by the step that this means; queues when the lane is full.
    MoveTask { task_id: TaskId, lane: Lane, agent_id: Option<AgentId>, fence: Fence },
    /// Make it ready.
    QueueTask { task_id: TaskId },
    /// Give a task to an agent.
    AssignTask { task_id: TaskId, agent_id: AgentId, method: AssignmentMethod, why: Option<Value>, fence: Fence },
    /// Take a task, the named one or the best that is ready.
    ClaimTask { agent_id: AgentId, task_id: Option<TaskId>, lease_seconds: Option<u32> },
    /// Begin an attempt.
    StartTask { task_id: TaskId, fence: Fence, workspace: Option<String> },
    /// Say how it goes.
    ReportProgress { task_id: TaskId, fence: Fence, progress: Option<u8>, step: Option<String>, artifacts: Vec<String> },
    /// Stop half-way.
    PauseTask { task_id: TaskId, fence: Fence, reason: Option<String> },
    /// Go on.
    ResumeTask { task_id: TaskId, fence: Fence },
    /// Say that it cannot go on, and why; work in progress is paused.
    BlockTask { task_id: TaskId, fence: Fence, kind: BlockerKind, reason: String },
    /// Say that nothing stands in the way any more.
    UnblockTask { task_id: TaskId },
    /// Hand in.
    SubmitTask { task_id: TaskId, fence: Fence, report: Report },
    /// Judge what was handed in.
    ReviewTask { task_id: TaskId, passed: bool, feedback: Option<String>, score: Option<u8> },
    /// Say that it is done: for a worker the same as handing in, for a human the last word.
    CompleteTask { task_id: TaskId, fence: Fence, agent_id: Option<AgentId>, report: Report },
    /// Say that the attempt failed.
    FailTask { task_id: TaskId, fence: Fence, failure: Failure, report: Report },
    /// Give a task back, or take it away.
    ReleaseTask { task_id: TaskId, fence: Fence, reason: Option<String> },
    /// End a claim whose lease is over (the orchestrator's word).
    ExpireClaim { task_id: TaskId, epoch: u64, reason: String },
    /// Do not do it, nor any part of it.
    CancelTask { task_id: TaskId, reason: Option<String> },
    /// Take up what had ended.
    ReopenTask { task_id: TaskId },
    /// Queue a failed task again.
    RetryTask { task_id: TaskId },
    /// One task waits for another.
    AddDependency { task_id: TaskId, dependency: Dependency },
    /// It does not wait any more.
    RemoveDependency { task_id: TaskId, on: TaskId },
    /// Say something about a task. `at` and `author` are given by imports only.
    Comment { task_id: TaskId, text: String, author: Option<String>, at: Option<Timestamp> },
    /// Add an agent.
    AddAgent(Box<NewAgent>),
    /// Change an agent.
    EditAgent { agent_id: AgentId, changes: Vec<AgentField> },
    /// Create a sprint.
    CreateSprint(Box<NewSprint>),
    /// Start a sprint.
    StartSprint { sprint_id: SprintId },
    /// Close a sprint; open tasks leave it, or go to `carry_to`.
    CloseSprint { sprint_id: SprintId, carry_to: Option<SprintId> },
    /// Make a plan the plan of a sprint, in the place of the one that it has; an open proposal ends with that.
    SetPlan { sprint_id: SprintId, layout: Box<Layout> },
    /// Propose to change the plan of a sprint; refused while another proposal is open. The moves of the options are
    /// found out here. With a question the human is asked, too: its choices are the options, and to leave the plan as it
    /// is; whichever is chosen is done with the answer.
    ProposePlan { sprint_id: SprintId, cause: String, options: Vec<Alternative>, question: Option<Box<NewEscalation>> },
    /// Take an option of the open proposal, counted from 0; refused if another proposal is open by now.
    AcceptPlan { sprint_id: SprintId, proposal_id: ProposalId, option: usize },
    /// Go on as planned; refused if another proposal is open by now.
    DropProposal { sprint_id: SprintId, proposal_id: ProposalId, reason: Option<String> },
    /// Ask the human.
    Escalate(Box<NewEscalation>),
    /// Answer, by choice or in words.
    AnswerEscalation { escalation_id: EscalationId, choice: Option<usize>, words: Option<String> },
    /// Ask again later.
    SnoozeEscalation { escalation_id: EscalationId, until: Timestamp },
    /// Let somebody else answer.
    DelegateEscalation { escalation_id: EscalationId, to: String },
    /// The question is of no interest any more.
    WithdrawEscalation { escalation_id: EscalationId },
    /// Change the board's settings.
    Configure(Box<Policy>),
    /// Stop giving work to programs, with the reason, or let it go on (`why` is none), and leave the other settings as
    /// they are. Nothing happens if the board is not, or not any more, halted as it was `seen`.
    Halt { seen: Option<String>, why: Option<String> },
    /// Put rows back to what a change found; patches come from the log.
    Restore { change: ChangeId, redo: bool, patches: Vec<Patch> },
}

/// One row and what to lay over it; `None` removes the row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Patch {
    /// Which row.
    pub id: RecordId,
    /// Fields to set.
    pub fields: Option<Map<String, Value>>,
}

impl Command {
    /// The command's name in the log: `create_task`, `claim_task`, …
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateTask(_) => "create_task",
            Self::ImportTask(_) => "import_task",
            Self::ImportRecord(_) => "import_record",
            Self::EditTask { .. } => "edit_task",
            Self::MoveTask { .. } => "move_task",
            Self::QueueTask { .. } => "queue_task",
            Self::AssignTask { .. } => "assign_task",
            Self::ClaimTask { .. } => "claim_task",
            Self::StartTask { .. } => "start_task",
            Self::ReportProgress { .. } => "report_progress",
            Self::PauseTask { .. } => "pause_task",
            Self::ResumeTask { .. } => "resume_task",
            Self::BlockTask { .. } => "block_task",
            Self::UnblockTask { .. } => "unblock_task",
            Self::SubmitTask { .. } => "submit_task",
            Self::ReviewTask { .. } => "review_task",
            Self::CompleteTask { .. } => "complete_task",
            Self::FailTask { .. } => "fail_task",
            Self::ReleaseTask { .. } => "release_task",
            Self::ExpireClaim { .. } => "expire_claim",
            Self::CancelTask { .. } => "cancel_task",
            Self::ReopenTask { .. } => "reopen_task",
            Self::RetryTask { .. } => "retry_task",
            Self::AddDependency { .. } => "add_dependency",
            Self::RemoveDependency { .. } => "remove_dependency",
            Self::Comment { .. } => "comment",
            Self::AddAgent(_) => "add_agent",
            Self::EditAgent { .. } => "edit_agent",
            Self::CreateSprint(_) => "create_sprint",
            Self::StartSprint { .. } => "start_sprint",
            Self::CloseSprint { .. } => "close_sprint",
            Self::SetPlan { .. } => "set_plan",
            Self::ProposePlan { .. } => "propose_plan",
            Self::AcceptPlan { .. } => "accept_plan",
            Self::DropProposal { .. } => "drop_proposal",
            Self::Escalate(_) => "escalate",
            Self::AnswerEscalation { .. } => "answer_escalation",
            Self::SnoozeEscalation { .. } => "snooze_escalation",
            Self::DelegateEscalation { .. } => "delegate_escalation",
            Self::WithdrawEscalation { .. } => "withdraw_escalation",
            Self::Configure(_) => "configure",
            Self::Halt { .. } => "halt",
            Self::Restore { redo: false, .. } => "undo",
            Self::Restore { redo: true, .. } => "redo",
        }
    }
}
