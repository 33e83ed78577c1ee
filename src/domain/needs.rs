//! What a decision has to know: the rows that are loaded before a command is decided on.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Task;
use super::command::{AgentField, Command, NewTask, Patch, TaskField};
use super::facts::Need;
use super::id::{AgentId, SprintId, TaskId, TaskNumber};
use super::record::{Record, RecordId};
use super::sprint::Layout;

impl Command {
    /// What a decision about this command needs to know.
    pub fn needs(&self) -> Vec<Need> {
        match self {
            Self::CreateTask(new) => create_needs(new),
            Self::ImportTask(task) => import_needs(task),
            Self::ImportRecord(record) => record_needs(record),
            Self::EditTask { task_id, changes, .. } => edit_needs(*task_id, changes),
            Self::MoveTask { task_id, agent_id, .. } | Self::CompleteTask { task_id, agent_id, .. } => {
                [Some(Need::Reach(*task_id)), agent_id.map(Need::Agent)].into_iter().flatten().collect()
            }
            Self::AssignTask { task_id, agent_id, .. } | Self::ClaimTask { agent_id, task_id: Some(task_id), .. } => {
                vec![Need::Task(*task_id), Need::Agent(*agent_id)]
            }
            Self::ClaimTask { agent_id, task_id: None, .. } => vec![Need::Agent(*agent_id), Need::ReadyFor(*agent_id)],
            Self::CancelTask { task_id, .. } => vec![Need::Subtree(*task_id)],
            Self::AddDependency { task_id, dependency } => {
                vec![Need::Task(*task_id), Need::Brief(dependency.task_id), Need::Upstream(dependency.task_id)]
            }
            Self::BlockTask { task_id, .. }
            | Self::SubmitTask { task_id, .. }
            | Self::ReviewTask { task_id, .. }
            | Self::ReopenTask { task_id } => vec![Need::Reach(*task_id)],
            Self::QueueTask { task_id }
            | Self::StartTask { task_id, .. }
            | Self::ReportProgress { task_id, .. }
            | Self::PauseTask { task_id, .. }
            | Self::ResumeTask { task_id, .. }
            | Self::UnblockTask { task_id }
            | Self::FailTask { task_id, .. }
            | Self::ReleaseTask { task_id, .. }
            | Self::ExpireClaim { task_id, .. }
            | Self::RetryTask { task_id }
            | Self::RemoveDependency { task_id, .. }
            | Self::Comment { task_id, .. } => vec![Need::Task(*task_id)],
            Self::AddAgent(new) => vec![Need::AgentNamed(new.name.clone())],
            Self::EditAgent { agent_id, changes } => agent_needs(*agent_id, changes),
            Self::CreateSprint(new) => new.sprint_id.map(Need::Sprint).into_iter().collect(),
            Self::Configure(_) | Self::Halt { .. } => vec![Need::Record(RecordId::Policy)],
            Self::StartSprint { sprint_id } => vec![Need::ActiveSprint, Need::SprintScope(*sprint_id), Need::Team],
            Self::CloseSprint { sprint_id, carry_to } => {
                let mut needs = vec![Need::SprintScope(*sprint_id), Need::SprintPast(*sprint_id)];
                needs.extend(carry_to.map(Need::Sprint));
                needs
            }
            Self::SetPlan { sprint_id, layout } => plan_needs(*sprint_id, [&**layout]),
            Self::ProposePlan { sprint_id, options, .. } => {
                plan_needs(*sprint_id, options.iter().map(|option| &option.layout))
            }
            Self::AcceptPlan { sprint_id, .. } | Self::DropProposal { sprint_id, .. } => plan_needs(*sprint_id, []),
            Self::Escalate(new) => new.task_id.map(Need::Reach).into_iter().collect(),
            Self::AnswerEscalation { escalation_id, .. }
            | Self::SnoozeEscalation { escalation_id, .. }
            | Self::DelegateEscalation { escalation_id, .. }
            | Self::WithdrawEscalation { escalation_id } => vec![Need::Escalation(*escalation_id)],
            Self::Restore { patches, .. } => patches.iter().flat_map(restore_needs).collect(),
        }
    }
}

/// The sprint's members, its plan and proposal, and the agents that are named.
fn plan_needs<'a>(sprint_id: SprintId, layouts: impl IntoIterator<Item = &'a Layout>) -> Vec<Need> {
    let agents: BTreeSet<AgentId> =
        layouts.into_iter().flat_map(|layout| &layout.slots).filter_map(|slot| slot.agent_id).collect();
    let mut needs = vec![Need::SprintPlan(sprint_id)];
    needs.extend(agents.into_iter().map(Need::Agent));
    needs
}

/// The row, and what it could clash with once it is as it was.
fn restore_needs(patch: &Patch) -> Vec<Need> {
    let mut needs = vec![Need::Record(patch.id)];
    let Some(fields) = &patch.fields else { return needs };
    match patch.id {
        RecordId::Task(id) => {
            needs.extend([Need::Reach(id), Need::Expedited]);
            needs.extend(fields.get("number").and_then(Value::as_i64).map(|number| Need::Number(TaskNumber(number))));
            let edges = fields.get("dependencies").and_then(|edges| edges.get("blocked_by")).and_then(Value::as_array);
            let ids = edges.into_iter().flatten().filter_map(|edge| edge.get("task_id")?.as_str()?.parse().ok());
            needs.extend(ids.flat_map(|id: TaskId| [Need::Brief(id), Need::Upstream(id)]));
        }
        RecordId::Sprint(_) => needs.extend([Need::ActiveSprint, Need::LastClosedSprint]),
        _ => {}
    }
    needs
}

fn create_needs(new: &NewTask) -> Vec<Need> {
    let mut needs: Vec<Need> = new.blocked_by.iter().map(|dependency| Need::Brief(dependency.task_id)).collect();
    needs.extend(new.parent_id.map(Need::Reach));
    needs.extend(new.task_id.map(Need::Task));
    needs.extend(new.sprint_id.map(Need::Sprint));
    needs
}

fn import_needs(task: &Task) -> Vec<Need> {
    let mut needs: Vec<Need> =
        task.dependencies.blocked_by.iter().map(|dependency| Need::Brief(dependency.task_id)).collect();
    needs.extend([Need::Reach(task.task_id), Need::Number(task.number)]);
    needs.extend(task.parent_id.map(Need::Brief));
    needs.extend(task.external.as_ref().map(|e| Need::External(e.source.clone(), e.key.clone())));
    needs
}

fn record_needs(record: &Record) -> Vec<Need> {
    match record {
        Record::Task(task) => vec![Need::Task(task.task_id), Need::Number(task.number), Need::Expedited],
        Record::Attempt(attempt) => vec![Need::Task(attempt.task_id), Need::Record(record.id())],
        Record::Agent(agent) => vec![Need::Agent(agent.agent_id), Need::AgentNamed(agent.name.clone())],
        Record::Sprint(sprint) => vec![Need::Sprint(sprint.sprint_id), Need::ActiveSprint],
        Record::Plan(plan) => plan_needs(plan.sprint_id, [&plan.layout]),
        Record::Proposal(proposal) => plan_needs(proposal.sprint_id, proposal.options.iter().map(|o| &o.layout)),
        Record::Baseline(base) => vec![Need::SprintPlan(base.sprint_id)],
        Record::Outcome(outcome) => vec![Need::SprintPlan(outcome.sprint_id)],
        Record::Escalation(_) | Record::Comment(_) | Record::Policy(_) => vec![Need::Record(record.id())],
    }
}

fn edit_needs(task_id: TaskId, changes: &[TaskField]) -> Vec<Need> {
    let mut needs = vec![Need::Task(task_id)];
    for change in changes {
        match change {
            TaskField::Parent(Some(parent)) => needs.push(Need::Reach(*parent)),
            TaskField::Level(_) => needs.push(Need::Reach(task_id)),
            TaskField::Sprint(to) => {
                needs.push(Need::SprintOf(task_id));
                needs.extend(to.map(Need::Sprint));
            }
            TaskField::Expedite(true) => needs.push(Need::Expedited),
            _ => {}
        }
    }
    needs
}

fn agent_needs(agent_id: AgentId, changes: &[AgentField]) -> Vec<Need> {
    let mut needs = vec![Need::Agent(agent_id)];
    needs.extend(changes.iter().filter_map(|change| match change {
        AgentField::Name(name) => Some(Need::AgentNamed(name.clone())),
        _ => None,
    }));
    needs
}
