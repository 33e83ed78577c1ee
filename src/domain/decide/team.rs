//! Agents and settings.

use super::{Draft, Event, Rejection, Ruling};
use crate::domain::agent::{Agent, Division};
use crate::domain::command::{AgentField, NewAgent};
use crate::domain::id::AgentId;
use crate::domain::risk::{check_risks, number_after, number_risks};
use crate::domain::{ActorKind, Days, Policy};

/// Most stretches of days off that somebody has, or the whole team.
const MAX_DAYS: usize = 400;
/// Most bytes of the name of a model.
const MAX_MODEL: usize = 100;

impl Draft<'_, '_> {
    pub(super) fn add_agent(&mut self, new: &NewAgent) -> Ruling {
        self.check_agent_name(&new.name, None)?;
        check_limits(&new.skills, new.wip_limit)?;
        let agent = Agent {
            agent_id: AgentId(self.cx.ids.next()),
            rev: 0,
            name: new.name.trim().to_owned(),
            kind: new.kind,
            role: new.role.clone(),
            permissions: None,
            skills: new.skills.clone(),
            wip_limit: new.wip_limit,
            availability: new.availability.clone(),
            time_zone: new.time_zone.clone(),
            away: Vec::new(),
            division: Division::default(),
            draining: false,
            cost_per_hour: new.cost_per_hour,
            model: None,
            created_at: self.at(),
        };
        let id = agent.agent_id;
        self.emit(Event::AgentAdded { agent: Box::new(agent) })?;
        self.edit_agent(id, &new.also)
    }

    pub(super) fn check_agent_name(&self, name: &str, own: Option<AgentId>) -> Ruling {
        let name = name.trim();
        if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
            return Err(Rejection::Invalid("an agent's name has 1 to 200 bytes and no control characters".into()));
        }
        match self.facts.agents.values().find(|agent| agent.name == name && Some(agent.agent_id) != own) {
            Some(_) => Err(Rejection::Invalid(format!("there is an agent `{name}` already"))),
            None => Ok(()),
        }
    }

    pub(super) fn edit_agent(&mut self, id: AgentId, changes: &[AgentField]) -> Ruling {
        let agent = self.facts.agent(id)?;
        for change in changes {
            match change {
                AgentField::Name(name) => self.check_agent_name(name, Some(id))?,
                AgentField::Skills(skills) => check_limits(skills, 1)?,
                AgentField::WipLimit(limit) => check_limits(&agent.skills, *limit)?,
                AgentField::Away(days) => check_days(days)?,
                AgentField::Model(Some(model)) => check_model(model)?,
                AgentField::Division(division) => check_division(*division)?,
                _ => {}
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.emit(Event::AgentEdited { agent_id: id, changes: changes.to_vec() })
    }

    pub(super) fn configure(&mut self, policy: &Policy) -> Ruling {
        if self.cx.actor.kind == ActorKind::Agent {
            return Err(Rejection::HumansOnly("change the board's settings"));
        }
        if !(5..=86_400).contains(&policy.lease_seconds) {
            return Err(Rejection::Invalid("lease_seconds is 5 to 86400".into()));
        }
        if policy.wip.values().any(|limit| *limit == 0) {
            return Err(Rejection::Invalid("a lane's limit is at least 1; leave it out for no limit".into()));
        }
        check_days(&policy.holidays)?;
        let mut policy = policy.clone();
        number_risks(&mut policy.risks, number_after(&self.facts.policy.risks, self.facts.next_risk));
        check_risks(&policy.risks)?;
        if policy == self.facts.policy {
            return Ok(());
        }
        let changed = self.facts.policy.changed_in(&policy);
        self.emit(Event::PolicyChanged { policy: Box::new(policy), changed })
    }

    pub(super) fn halt(&mut self, seen: Option<&str>, why: Option<&str>) -> Ruling {
        if self.facts.policy.halted.as_deref() != seen {
            return Ok(());
        }
        self.configure(&Policy { halted: why.map(str::to_owned), ..self.facts.policy.clone() })
    }
}

pub(super) fn check_limits(skills: &std::collections::BTreeMap<String, u8>, wip_limit: u32) -> Ruling {
    if let Some((skill, level)) = skills.iter().find(|(_, level)| !(1..=5).contains(*level)) {
        return Err(Rejection::Invalid(format!("{skill}:{level}: a skill level is 1 to 5")));
    }
    if wip_limit == 0 {
        return Err(Rejection::Invalid("an agent's limit is at least 1; drain it to stop new work".into()));
    }
    Ok(())
}

/// What names a model; the same holds for what a worker says.
pub(super) fn check_model(model: &str) -> Ruling {
    if model.trim().is_empty() || model.len() > MAX_MODEL || model.contains(char::is_control) {
        let why = format!("a model's name has 1 to {MAX_MODEL} bytes and no control characters");
        return Err(Rejection::Invalid(why));
    }
    Ok(())
}

fn check_days(days: &[Days]) -> Ruling {
    if days.len() > MAX_DAYS {
        return Err(Rejection::Invalid(format!("{} stretches of days are too many: at most {MAX_DAYS}", days.len())));
    }
    match days.iter().find(|days| days.last < days.first) {
        Some(days) => Err(Rejection::Invalid(format!("{days}: the last day comes before the first"))),
        None => Ok(()),
    }
}

fn check_division(division: Division) -> Ruling {
    let (reviews, answers) = (division.reviews.unwrap_or(0), division.answers.unwrap_or(0));
    if u16::from(reviews) + u16::from(answers) > 100 {
        return Err(Rejection::Invalid("reviews and answers take 0 to 100 percent of the hours together".into()));
    }
    match division.focus {
        Some(0 | 101..) => Err(Rejection::Invalid("focus is 1 to 100 percent; a drained agent does no tasks".into())),
        _ => Ok(()),
    }
}
