//! Ready tasks that nobody on the team can do, whoever is there: a question for the human, not for time.

use super::situation::{Candidate, Ready, Situation};
use crate::domain::AgentId;

/// A task that nobody can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfit<'a> {
    /// The task.
    pub ready: &'a Ready,
    /// What the closest one lacks, as in `has no cobol`.
    pub missing: String,
    /// The agent that comes closest.
    pub closest: Option<AgentId>,
    /// Further ready tasks that ask for the same.
    pub alike: usize,
}

/// One entry per set of requirements that nobody meets, with the task that waits most urgently; none while there is no
/// team at all.
pub fn unfit(situation: &Situation) -> Vec<Unfit<'_>> {
    let mut found: Vec<Unfit> = Vec::new();
    if situation.team.is_empty() {
        return found;
    }
    let mut ready: Vec<&Ready> = situation.ready.iter().filter(|ready| asks_for_something(ready)).collect();
    ready.sort_by_key(|ready| (ready.priority, ready.queued_at, ready.number));
    for task in ready {
        let same = |unfit: &&mut Unfit| {
            let (a, b) = (&unfit.ready.requirements, &task.requirements);
            a.capabilities == b.capabilities && a.roles == b.roles
        };
        if let Some(known) = found.iter_mut().find(same) {
            known.alike += 1;
        } else if situation.team.iter().all(|member| member.agent.misfit(&task.requirements).is_some()) {
            found.push(describe(task, &situation.team));
        }
    }
    found
}

fn asks_for_something(ready: &Ready) -> bool {
    !ready.requirements.capabilities.is_empty() || !ready.requirements.roles.is_empty()
}

fn describe<'a>(ready: &'a Ready, team: &[Candidate]) -> Unfit<'a> {
    let closest = team.iter().max_by_key(|member| (met(member, ready), std::cmp::Reverse(&member.agent.name)));
    let missing = closest.and_then(|member| member.agent.misfit(&ready.requirements)).unwrap_or_default();
    Unfit { ready, missing, closest: closest.map(|member| member.agent.agent_id), alike: 0 }
}

/// Levels that the agent has of those that are asked for.
fn met(member: &Candidate, ready: &Ready) -> u32 {
    let level = |skill: &String| member.agent.skills.get(skill).copied().unwrap_or(0);
    let role = member.agent.role.as_ref().is_some_and(|role| ready.requirements.roles.contains(role));
    let skills = ready.requirements.capabilities.iter().map(|(skill, wanted)| u32::from(level(skill).min(*wanted)));
    skills.sum::<u32>() + 5 * u32::from(role)
}
