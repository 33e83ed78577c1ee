//! Making the agent known to the board.

use super::{Options, RunError};
use crate::agents::roles::Role;
use crate::domain::command::{AgentField, NewAgent};
use crate::domain::{Actor, Agent, AgentKind, Command, Rejection, Zone};
use crate::service::{Error, Service};
use crate::store::view::Liveness;

/// The agent as the board knows it, added or brought up to date with what was asked for; and whether it was added.
pub(super) fn register(
    service: &mut Service,
    options: &Options,
    role: Option<&Role>,
) -> Result<(Agent, bool), RunError> {
    let actor = Actor::agent(options.name.clone());
    let known = service.read().agent_named(&options.name).map_err(Error::from)?;
    let added = known.is_none();
    match &known {
        Some(agent) if agent.kind == AgentKind::Human => {
            let why = format!("{} is a person on this board; give the agent another --name", agent.name);
            return Err(Error::from(Rejection::Invalid(why)).into());
        }
        Some(agent) => {
            let changes = changes(agent, options);
            if !changes.is_empty() {
                service.submit(&actor, Command::EditAgent { agent_id: agent.agent_id, changes })?;
            }
        }
        None => {
            service.submit(&actor, Command::AddAgent(Box::new(new_agent(options, role))))?;
        }
    }
    let agent = service.read().agent_named(&options.name).map_err(Error::from)?;
    allow(service, agent.as_ref(), role)?;
    let agent = service.read().agent_named(&options.name).map_err(Error::from)?;
    let missing = || Rejection::NotFound { what: "agent", name: options.name.clone(), hint: None };
    let agent = agent.ok_or_else(|| Error::from(missing()))?;
    service.present(agent.agent_id, &Liveness::default())?;
    Ok((agent, added))
}

/// What the role's file allows holds from now on. The file belongs to people: it is vayu that passes on what it says.
fn allow(service: &mut Service, agent: Option<&Agent>, role: Option<&Role>) -> Result<(), RunError> {
    let (Some(agent), Some(role)) = (agent, role) else { return Ok(()) };
    if agent.permissions != role.permissions {
        let changes = vec![AgentField::Permissions(role.permissions.clone())];
        let command = Command::EditAgent { agent_id: agent.agent_id, changes };
        service.submit(&Actor::system("roles"), command)?;
    }
    Ok(())
}

fn new_agent(options: &Options, role: Option<&Role>) -> NewAgent {
    let wip_limit = options.wip_limit.or(role.and_then(|role| role.wip_limit).map(std::num::NonZeroU32::get));
    NewAgent {
        name: options.name.clone(),
        kind: AgentKind::Ai,
        role: options.role.clone(),
        skills: options.skills.clone().or(role.map(Role::skills)).unwrap_or_default(),
        wip_limit: wip_limit.unwrap_or(1),
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: options.model.clone().map(|model| AgentField::Model(Some(model))).into_iter().collect(),
    }
}

/// What was asked for and is not so yet.
fn changes(agent: &Agent, options: &Options) -> Vec<AgentField> {
    let role = options.role.clone().filter(|role| agent.role.as_ref() != Some(role));
    let skills = options.skills.clone().filter(|skills| agent.skills != *skills);
    let wip_limit = options.wip_limit.filter(|limit| agent.wip_limit != *limit);
    let model = options.model.clone().filter(|model| agent.model.as_ref() != Some(model));
    let named = [role.map(|role| AgentField::Role(Some(role))), model.map(|model| AgentField::Model(Some(model)))];
    let sized = [skills.map(AgentField::Skills), wip_limit.map(AgentField::WipLimit)];
    named.into_iter().chain(sized).flatten().collect()
}
