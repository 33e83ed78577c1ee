//! What a task may ask of this team: never more than somebody here can give, and what is missing is said.

use std::collections::BTreeMap;

use super::playbook::Play;
use crate::domain::Agent;

/// What is asked for, and what would be but nobody has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ask {
    /// Skills and levels that at least one agent meets all of.
    pub skills: BTreeMap<String, u8>,
    /// Roles, asked for only where no skill could be.
    pub roles: Vec<String>,
    /// What nobody has, in words.
    pub lacks: Option<String>,
}

/// Matches what the task usually takes with what the team has: all of it if one agent has all; else the levels are
/// lowered to the best there is, then skills are left away, the least demanding first; else the role; else nothing.
pub fn ask(play: &Play, team: &[&Agent]) -> Ask {
    if play.skills.is_empty() && play.role.is_none() {
        return Ask::default();
    }
    if team.is_empty() {
        return Ask { lacks: Some("there is no team yet, so nothing is asked for".into()), ..Ask::default() };
    }
    let mut wanted: Vec<(&String, u8)> = play.skills.iter().map(|(skill, level)| (skill, *level)).collect();
    wanted.sort_by_key(|(skill, level)| (std::cmp::Reverse(*level), *skill));
    let mut skills: BTreeMap<String, u8> = BTreeMap::new();
    for (skill, level) in &wanted {
        if let Some(level) = reach(&skills, skill, *level, team) {
            skills.insert((*skill).clone(), level);
        }
    }
    let role = play.role.as_ref().filter(|role| has_role(team, role));
    let roles = if skills.is_empty() { role.cloned().into_iter().collect() } else { Vec::new() };
    let lacks = lacks(&wanted, &skills, play.role.as_deref().filter(|_| !roles.is_empty()), team);
    Ask { skills, roles, lacks }
}

fn has_role(team: &[&Agent], role: &String) -> bool {
    team.iter().any(|agent| agent.role.as_ref() == Some(role))
}

/// The highest level up to the wanted one that somebody has who meets all of `skills`, too.
fn reach(skills: &BTreeMap<String, u8>, skill: &str, wanted: u8, team: &[&Agent]) -> Option<u8> {
    let meets =
        |agent: &&&Agent| skills.iter().all(|(other, level)| agent.skills.get(other).is_some_and(|have| have >= level));
    team.iter().filter(meets).filter_map(|agent| agent.skills.get(skill)).max().map(|best| wanted.min(*best))
}

fn lacks(wanted: &[(&String, u8)], kept: &BTreeMap<String, u8>, role: Option<&str>, team: &[&Agent]) -> Option<String> {
    let beside = |skill: &String| {
        let rest = kept.iter().filter(|(other, _)| *other != skill).map(|(other, level)| format!("{other} {level}"));
        rest.collect::<Vec<_>>().join(" and ")
    };
    let missing: Vec<String> = wanted
        .iter()
        .filter_map(|(skill, level)| {
            let best = team.iter().filter_map(|agent| agent.skills.get(*skill)).max();
            match (best, kept.get(*skill)) {
                (None, _) => Some(format!("nobody has {skill}")),
                (Some(best), _) if best < level => Some(format!("{skill} {level} would do, the best here is {best}")),
                (Some(_), kept) if kept.is_none_or(|kept| kept < level) => {
                    Some(format!("nobody has {skill} {level} beside {}", beside(skill)))
                }
                _ => None,
            }
        })
        .collect();
    let stand_in = match (kept.is_empty(), role) {
        (true, Some(role)) => format!("; the role {role} stands in"),
        (true, None) => "; anyone may take it".into(),
        _ => String::new(),
    };
    (!missing.is_empty()).then(|| format!("{}{stand_in}", missing.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::{Division, parse_skills};
    use crate::domain::task::{Category, Complexity};
    use crate::domain::{AgentId, AgentKind, Timestamp, Zone};

    fn agent(n: u128, skills: &str, role: Option<&str>) -> Agent {
        Agent {
            agent_id: AgentId(uuid::Uuid::from_u128(n)),
            rev: 0,
            name: format!("a{n}"),
            kind: AgentKind::Ai,
            role: role.map(str::to_owned),
            permissions: None,
            skills: parse_skills(skills).expect("skills"),
            wip_limit: 1,
            availability: Vec::new(),
            time_zone: Zone::default(),
            away: Vec::new(),
            division: Division::default(),
            draining: false,
            cost_per_hour: None,
            model: None,
            created_at: Timestamp::default(),
        }
    }

    fn play(skills: &str, role: &str) -> Play {
        Play {
            key: "k".into(),
            package: None,
            title: "T".into(),
            description: String::new(),
            category: Category::Execution,
            skills: parse_skills(skills).expect("skills"),
            role: Some(role.into()),
            minutes: 60,
            points: Some(1.0),
            complexity: Complexity::Simple,
            acceptance: Vec::new(),
            after: Vec::new(),
            does: false,
        }
    }

    #[test]
    fn what_somebody_has_is_asked_for_as_it_is() {
        let (a, b) = (agent(1, "backend:4,sql:3", None), agent(2, "testing:5", None));
        let ask = ask(&play("backend:3,sql:2", "backend-dev"), &[&a, &b]);
        assert_eq!(ask, Ask { skills: parse_skills("backend:3,sql:2").expect("skills"), ..Ask::default() });
    }

    #[test]
    fn a_level_that_nobody_reaches_is_lowered_and_said() {
        let a = agent(1, "testing:2", None);
        let ask = ask(&play("testing:3", "qa"), &[&a]);
        assert_eq!(ask.skills.get("testing"), Some(&2));
        assert_eq!(ask.lacks.as_deref(), Some("testing 3 would do, the best here is 2"));
    }

    #[test]
    fn a_missing_skill_is_never_asked_for() {
        let (a, b) = (agent(1, "rust:4", None), agent(2, "", Some("qa")));
        let by_role = ask(&play("testing:3", "qa"), &[&a, &b]);
        assert_eq!((by_role.skills.len(), by_role.roles.as_slice()), (0, ["qa".to_owned()].as_slice()));
        let by_nobody = ask(&play("design:3", "designer"), &[&a, &b]);
        assert_eq!(by_nobody.lacks.as_deref(), Some("nobody has design; anyone may take it"));
        assert!(by_nobody.roles.is_empty());
    }

    #[test]
    fn skills_that_no_single_agent_unites_are_not_asked_for_together() {
        let (a, b) = (agent(1, "backend:3", None), agent(2, "api:4", None));
        let ask = ask(&play("backend:3,api:2", "backend-dev"), &[&a, &b]);
        assert_eq!(ask.skills, parse_skills("backend:3").expect("skills"));
        assert_eq!(ask.lacks.as_deref(), Some("nobody has api 2 beside backend 3"));
    }
}
