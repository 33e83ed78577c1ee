//! What an agent may do by its role. People and vayu itself may do everything; so may an agent of whom nothing is said.

use super::{Draft, Rejection, Ruling};
use crate::domain::command::{AgentField, Command};
use crate::domain::{ActorKind, Agent, AgentId, Permission, TaskId};

impl Draft<'_, '_> {
    /// Refuses an agent what its role does not allow.
    pub(super) fn permit(&self, command: &Command) -> Ruling {
        let Some(agent) = self.acting_agent() else { return Ok(()) };
        let Some(permissions) = &agent.permissions else { return Ok(()) };
        if matches!(command, Command::EditAgent { changes, .. } if changes.iter().any(is_permissions)) {
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
            | Command::AddDependency { task_id, .. }
            | Command::RemoveDependency { task_id, .. } => {
                (!self.is_own(*task_id, agent)).then_some((Permission::Edit, "change tasks of others"))
            }
            Command::ReviewTask { .. } => Some((Permission::Review, "judge work")),
            Command::AssignTask { agent_id, .. } => to_others(own, *agent_id, "give tasks to others"),
            Command::EditAgent { agent_id, .. } => to_others(own, *agent_id, "change other agents"),
            Command::CreateSprint(_) | Command::StartSprint { .. } | Command::CloseSprint { .. } => {
                Some((Permission::Plan, "plan sprints"))
            }
            _ => None,
        }
    }

    /// Work that the agent has in hand, or that it asked for itself.
    fn is_own(&self, id: TaskId, agent: &Agent) -> bool {
        self.facts.tasks.get(&id).is_some_and(|task| {
            let asked = task.requester.kind == ActorKind::Agent && task.requester.id == agent.name;
            asked || task.agent() == Some(agent.agent_id)
        })
    }
}

fn to_others(own: AgentId, other: AgentId, deed: &'static str) -> Option<(Permission, &'static str)> {
    (own != other).then_some((Permission::Assign, deed))
}

fn is_permissions(field: &AgentField) -> bool {
    matches!(field, AgentField::Permissions(_))
}
