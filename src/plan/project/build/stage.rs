//! Stages: who can do them, alone or together, and what that takes.

use super::{Builder, Crew, Means};
use crate::domain::words::near;
use crate::plan::project::{Member, Mistake, Stage};
use crate::plan::schedule::model::{Kind, Mode, Time, Use};

/// More ways than this to make up a team are refused.
const MOST_TEAMS: usize = 2000;

impl Builder<'_> {
    /// Everybody or every team that may do a stage, by index of the agents.
    pub(super) fn crews(&self, stage: &Stage, key: &str) -> Result<Vec<Crew>, Mistake> {
        let alone = [Member { skill: stage.skill.clone(), level: stage.level, agents: stage.agents.clone() }];
        if !stage.team.is_empty() && (stage.skill.is_some() || !stage.agents.is_empty()) {
            return Err(Mistake::new(key, &stage.name, "a stage has either a team or its own skill and agents"));
        }
        let places: &[Member] = if stage.team.is_empty() { &alone } else { &stage.team };
        let mut crews: Vec<Crew> = vec![Vec::new()];
        for place in places {
            let able = self.able(place, key)?;
            let joined = crews
                .iter()
                .flat_map(|crew| able.iter().filter(|one| !crew.contains(one)).map(|&one| [crew, &[one][..]].concat()));
            crews = joined.take(MOST_TEAMS + 1).collect();
        }
        if crews.len() > MOST_TEAMS {
            return Err(Mistake::new(key, &stage.name, "too many ways to make up this team; name its agents"));
        }
        let mut seen = std::collections::BTreeSet::new();
        crews.retain(|crew| {
            let mut sorted = crew.clone();
            sorted.sort_unstable();
            seen.insert(sorted)
        });
        if let Some(name) = &stage.pinned_to {
            let pinned = self.agent(name, key)?;
            crews.retain(|crew| crew.contains(&pinned));
        }
        Ok(crews)
    }

    fn agent(&self, name: &str, key: &str) -> Result<usize, Mistake> {
        let found = self.project.agents.iter().position(|agent| agent.name == name);
        let meant = || near(name, self.project.agents.iter().map(|agent| &agent.name));
        let hint = || meant().map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        found.ok_or_else(|| Mistake::new(key, name, format!("no agent has that name{}", hint())))
    }

    /// Who may take a place.
    fn able(&self, place: &Member, key: &str) -> Result<Vec<usize>, Mistake> {
        for name in &place.agents {
            self.agent(name, key)?;
        }
        let able = self.project.agents.iter().enumerate().filter(|(_, agent)| {
            let named = place.agents.is_empty() || place.agents.contains(&agent.name);
            let level = |skill: &String| agent.skills.get(skill).is_some_and(|&level| level >= place.level);
            named && place.skill.as_ref().is_none_or(level)
        });
        Ok(able.map(|(at, _)| at).collect())
    }

    /// A stage in the hands of a crew.
    pub(super) fn mode(&self, stage: &Stage, crew: &[usize], paths: &[usize], key: &str) -> Result<Mode, Mistake> {
        // A team is as fast as the one who has least time for it.
        let focus = crew.iter().map(|&agent| self.project.agents[agent].focus).fold(1.0, f64::min);
        let duration = (f64::from(stage.effort.0) / focus).ceil() as Time;
        let mut mode = Mode { duration, cost: 0, uses: Vec::new(), resumes: true };
        for &agent in crew {
            let of = &self.project.agents[agent];
            self.take(&mut mode, Means::Agent(agent), 1);
            for name in &of.shares {
                let shared = self.resource(name, &format!("agents[{agent}].shares"))?;
                self.take(&mut mode, Means::Resource(shared), 1);
            }
            let cost = of.cost_per_hour.checked_mul(i64::from(stage.effort.0)).map(|cost| cost / 60);
            let wrong = || Mistake::new(key, of.cost_per_hour.to_string(), "more money than can be counted");
            mode.cost = cost.and_then(|cost| mode.cost.checked_add(cost)).ok_or_else(wrong)?;
            mode.resumes &= of.resumes;
        }
        for (name, &amount) in &stage.uses {
            let used = self.resource(name, key)?;
            self.take(&mut mode, Means::Resource(used), amount);
        }
        mode.uses.extend(paths.iter().map(|&resource| Use { resource, amount: 1 }));
        Ok(mode)
    }

    fn resource(&self, name: &str, key: &str) -> Result<usize, Mistake> {
        let found = self.project.resources.iter().position(|resource| resource.name == name);
        found.ok_or_else(|| Mistake::new(key, name, "no resource has that name; add it to `resources`"))
    }

    /// Adds what an agent or a resource stands for to what a mode uses.
    fn take(&self, mode: &mut Mode, whose: Means, amount: u32) {
        for &resource in &self.parts[&whose] {
            // Rolling allowances are taken as a whole, the others minute by minute.
            let rolling = matches!(self.resources[resource].kind, Kind::Rolling { .. });
            let amount = if rolling { amount.saturating_mul(mode.duration) } else { amount };
            match mode.uses.iter_mut().find(|used| used.resource == resource) {
                Some(used) => used.amount = used.amount.saturating_add(amount),
                None => mode.uses.push(Use { resource, amount }),
            }
        }
    }
}
