//! What an agent may do by its role. People and vayu itself may do everything; so may an agent of whom nothing is said.

use super::{Draft, Rejection, Ruling};
use crate::domain::command::{AgentField, Command};
use crate::domain::record::RecordId;
use crate::domain::{ActorKind, Agent, AgentId, Permission, TaskId};

impl Draft<'_, '_> {
    /// Refuses an agent what its role does not allow.
    pub(super) fn permit(&self, command: &Command) -> Ruling {
        let Some(agent) = self.acting_agent() else { return Ok(()) };
        let Some(permissions) = &agent.permissions else { return Ok(()) };
        if reaches_permissions(command) {
            return Err(Rejection::HumansOnly("change what an agent may do"));
        }
        let Some((wanted, deed)) = self.wanted(command, agent) else { return Ok(()) };
        if permissions.contains(&wanted) {
            return Ok(());
        }
        Err(Rejection::NotPermitted {
            agent: agent.name.clone(),
            deed,
            role: agent.role.clone(),
            allowed: permissions.clone(),
        })
    }

    fn acting_agent(&self) -> Option<&Agent> {
        let actor = self.cx.actor;
        let agents = (actor.kind == ActorKind::Agent).then(|| self.facts.agents.values()).into_iter().flatten();
        agents.into_iter().find(|agent| agent.name == actor.name)
    }

    /// The permission that a command needs, and what it does in words; what an agent does with its own work needs none.
    fn wanted(&self, command: &Command, agent: &Agent) -> Option<(Permission, &'static str)> {
        let own = agent.agent_id;
        match command {
            Command::ClaimTask { .. } => Some((Permission::Work, "take tasks")),
            Command::CreateTask(_) | Command::ImportTask(_) => Some((Permission::Create, "write down new tasks")),
            Command::EditTask { task_id, .. }
            | Command::MoveTask { task_id, .. }
            | Command::QueueTask { task_id }
            | Command::UnblockTask { task_id }
            | Command::CancelTask { task_id, .. }
            | Command::RetryTask { task_id }
            | Command::ReopenTask { task_id }
            | Command::BlockTask { task_id, .. }
            | Command::PauseTask { task_id, .. }
            | Command::ResumeTask { task_id, .. }
            | Command::ReleaseTask { task_id, .. }
            | Command::CompleteTask { task_id, .. }
            | Command::AddDependency { task_id, .. }
            | Command::RemoveDependency { task_id, .. } => self.to_tasks([*task_id], agent),
            Command::Restore { patches, .. } => {
                let tasks =
                    patches.iter().filter_map(|patch| if let RecordId::Task(id) = patch.id { Some(id) } else { None });
                let plans = patches.iter().any(|patch| is_of_sprint(patch.id));
                plans.then_some((Permission::Plan, "plan sprints")).or_else(|| self.to_tasks(tasks, agent))
            }
            Command::ReviewTask { .. } => Some((Permission::Review, "judge work")),
            Command::AssignTask { agent_id, .. } => to_others(own, *agent_id, "give tasks to others"),
            Command::EditAgent { agent_id, .. } => to_others(own, *agent_id, "change other agents"),
            Command::AddAgent(_) => Some((Permission::Assign, "change other agents")),
            Command::CreateSprint(_)
            | Command::StartSprint { .. }
            | Command::CloseSprint { .. }
            | Command::SetPlan { .. }
            | Command::ProposePlan { .. }
            | Command::AcceptPlan { .. }
            | Command::DropProposal { .. } => Some((Permission::Plan, "plan sprints")),
            // What a claim's token proves, what everybody may say, and what other rules leave to people or to vayu.
            Command::StartTask { .. }
            | Command::ReportProgress { .. }
            | Command::SubmitTask { .. }
            | Command::FailTask { .. }
            | Command::ExpireClaim { .. }
            | Command::Comment { .. }
            | Command::Escalate(_)
            | Command::AnswerEscalation { .. }
            | Command::SnoozeEscalation { .. }
            | Command::DelegateEscalation { .. }
            | Command::WithdrawEscalation { .. }
            | Command::ImportRecord(_)
            | Command::Configure(_)
            | Command::Halt { .. } => None,
        }
    }

    fn to_tasks(&self, tasks: impl IntoIterator<Item = TaskId>, agent: &Agent) -> Option<(Permission, &'static str)> {
        let others = tasks.into_iter().any(|id| !self.is_own(id, agent));
        others.then_some((Permission::Edit, "change tasks of others"))
    }

    /// Work that the agent has in hand, or that it asked for itself.
    fn is_own(&self, id: TaskId, agent: &Agent) -> bool {
        self.facts.tasks.get(&id).is_some_and(|task| {
            let asked = task.requester.kind == ActorKind::Agent && task.requester.id == agent.name;
            asked || task.agent() == Some(agent.agent_id)
        })
    }
}

fn is_of_sprint(id: RecordId) -> bool {
    use RecordId::{Baseline, Outcome, Plan, Proposal, Sprint};
    matches!(id, Sprint(_) | Plan(_) | Proposal(_) | Baseline(_) | Outcome(_))
}

fn to_others(own: AgentId, other: AgentId, deed: &'static str) -> Option<(Permission, &'static str)> {
    (own != other).then_some((Permission::Assign, deed))
}

/// True of what could change the permissions of an agent: directly, by rows of another board, or by going back in time.
fn reaches_permissions(command: &Command) -> bool {
    let among = |changes: &[AgentField]| changes.iter().any(|field| matches!(field, AgentField::Permissions(_)));
    match command {
        Command::EditAgent { changes, .. } => among(changes),
        Command::AddAgent(new) => among(&new.also),
        Command::ImportRecord(_) => true,
        Command::Restore { patches, .. } => {
            patches.iter().any(|patch| matches!(patch.id, RecordId::Agent(_) | RecordId::Policy))
        }
        _ => false,
    }
}
