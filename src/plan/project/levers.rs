//! What would help: each change that could let more in is tried, by planning again with it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Built, Change, Means, Mistake, Project, Stage, build};
use crate::plan::schedule::plan::{Place, Plan, Score, Slot};
use crate::plan::schedule::{Budget, Found, Reason, improve, left_out};

/// More changes than this are not tried.
const MOST: usize = 24;
/// More agents than this are not tried for the same skill.
const MOST_PUPILS: usize = 3;

/// How long each change is tried.
pub struct Trial<'a> {
    /// Where chance begins.
    pub seed: u64,
    /// Steps for each change.
    pub steps: u64,
    /// Asked after every few steps: true ends the search for one change.
    pub stop: &'a mut dyn FnMut() -> bool,
}

impl Trial<'_> {
    /// The same once more, for another search.
    pub(super) fn again(&mut self) -> Trial<'_> {
        Trial { seed: self.seed, steps: self.steps, stop: self.stop }
    }
}

/// A change and what it brings.
#[derive(Debug, Clone, Serialize)]
pub struct Lever {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The change in words.
    pub text: String,
    /// Tasks that have to be done and still are not.
    pub missing: u32,
    /// Value of what is planned with it.
    pub kept: i64,
    /// Value that it brings back.
    pub gain: i64,
    /// Tasks that come in.
    pub comes: Vec<String>,
    /// Tasks that go out.
    pub goes: Vec<String>,
    /// The same change for others does as much.
    pub or: Vec<String>,
    /// True for the one that brings most for least.
    pub recommended: bool,
}

/// A project planned with a change.
#[derive(Debug)]
pub(super) struct Tried {
    pub project: Project,
    pub found: Found,
}

/// What is planned so far: the ground on which changes are tried.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The project.
    pub project: &'a Project,
    /// The problem that was made of it.
    pub built: &'a Built,
    /// Its plan.
    pub plan: &'a Plan,
}

/// Tries every change that could let more in, the best first. A change never brings less than nothing, as nobody has to
/// make use of it.
///
/// # Errors
/// A mistake in the project.
pub fn levers(ground: Ground, trial: &mut Trial) -> Result<Vec<Lever>, Mistake> {
    let mut levers = Vec::new();
    for change in candidates(ground) {
        // With more than can be counted there is no plan at all.
        if let Ok(tried) = ground.tried(&change, trial) {
            levers.push(ground.lever(change, &tried));
        }
    }
    levers.sort_by_key(|lever: &Lever| (lever.missing, -lever.kept, lever.change.rank()));
    let mut levers = grouped(levers.into_iter());
    let better = |lever: &Lever| lever.gain > 0 || lever.missing < ground.plan.score.missing;
    // Another agent is no small thing to ask for: only if nothing else helps.
    let hires = |lever: &Lever| matches!(lever.change, Change::Agent { .. });
    let first = levers.iter().position(|lever| better(lever) && !hires(lever));
    if let Some(first) = first.or(levers.iter().position(better)) {
        levers[first].recommended = true;
    }
    Ok(levers)
}

/// One lever for each skill: with the agent for whom it brings most.
fn grouped(levers: impl Iterator<Item = Lever>) -> Vec<Lever> {
    let mut kept: Vec<Lever> = Vec::new();
    for lever in levers {
        let Change::Skill { agent, skill, level } = &lever.change else {
            kept.push(lever);
            continue;
        };
        let same = |one: &&mut Lever| match &one.change {
            Change::Skill { skill: other, level: height, .. } => (other, height) == (skill, level),
            _ => false,
        };
        match kept.iter_mut().find(same) {
            Some(best) if (best.missing, best.kept) == (lever.missing, lever.kept) => best.or.push(agent.clone()),
            Some(_) => {}
            None => kept.push(lever),
        }
    }
    kept
}

impl Ground<'_> {
    /// Plans again with a change, from the plan without it.
    pub(super) fn tried(&self, change: &Change, trial: &mut Trial) -> Result<Tried, Mistake> {
        let project = change.applied(self.project);
        let built = build(&project)?;
        let from = self.carried(&project, &built);
        let mut budget = Budget { steps: trial.steps, stop: trial.stop };
        let found = improve(&built.problem, &from, trial.seed, &mut budget, &mut |_| {});
        let found = found.map_err(|fault| Mistake::new("tasks", "", fault.to_string()))?;
        Ok(Tried { project, found })
    }

    /// The plan as one of another project, as far as tasks and crews are the same.
    pub(super) fn carried(&self, project: &Project, built: &Built) -> Plan {
        let places = project.tasks.iter().enumerate().map(|(to, task)| {
            let from = self.project.tasks.iter().position(|one| one.name == task.name)?;
            let place = self.plan.places[from].as_ref()?;
            let slots = place.slots.iter().enumerate().map(|(stage, slot)| {
                let crew = &self.built.crews[from][stage][slot.mode];
                Some(Slot { mode: built.crews[to][stage].iter().position(|one| one == crew)?, ..*slot })
            });
            Some(Place { slots: slots.collect::<Option<_>>()? })
        });
        Plan { places: places.collect(), score: Score::default() }
    }

    pub(super) fn lever(&self, change: Change, tried: &Tried) -> Lever {
        let before = names(self.project, self.plan);
        let after = names(&tried.project, &tried.found.plan);
        let (kept, had) = (value(self.project, &after), value(self.project, &before));
        // Nobody has to use what there is more of.
        let useless = (tried.found.plan.score.missing, -kept) > (self.plan.score.missing, -had);
        let apart = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
            let apart = one.difference(other).filter(|_| !useless);
            apart.map(|name| (*name).to_owned()).collect()
        };
        Lever {
            text: change.text(),
            missing: if useless { self.plan.score.missing } else { tried.found.plan.score.missing },
            kept: if useless { had } else { kept },
            gain: if useless { 0 } else { kept - had },
            comes: apart(&after, &before),
            goes: apart(&before, &after),
            or: Vec::new(),
            recommended: false,
            change,
        }
    }
}

/// A skill for those who lack it: first who lacks least of it, then who knows most.
pub(super) fn pupils(project: &Project, skill: &str, level: u32) -> impl Iterator<Item = Change> {
    let has = |agent: &super::Agent| agent.skills.get(skill).copied();
    let mut pupils: Vec<&super::Agent> =
        project.agents.iter().filter(|agent| has(agent).is_none_or(|have| have < level)).collect();
    let knows = |agent: &super::Agent| agent.skills.values().map(|&level| u64::from(level)).sum::<u64>();
    pupils.sort_by_key(|agent| std::cmp::Reverse((has(agent), knows(agent))));
    let change = |agent: &super::Agent| Change::Skill { agent: agent.name.clone(), skill: skill.to_owned(), level };
    pupils.into_iter().map(change).collect::<Vec<_>>().into_iter()
}

/// Names of what is planned.
pub(super) fn names<'a>(project: &'a Project, plan: &Plan) -> BTreeSet<&'a str> {
    let placed = project.tasks.iter().zip(&plan.places).filter(|(_, place)| place.is_some());
    placed.map(|(task, _)| task.name.as_str()).collect()
}

/// Value of these tasks.
pub(super) fn value(project: &Project, names: &BTreeSet<&str>) -> i64 {
    project.tasks.iter().filter(|task| names.contains(task.name.as_str())).filter_map(|task| task.value).sum()
}

/// Changes that could let something in, each once.
fn candidates(ground: Ground) -> Vec<Change> {
    let reasons = left_out(&ground.built.problem, ground.plan).unwrap_or_default();
    let mut out: Vec<usize> = (0..ground.plan.places.len()).filter(|&at| ground.plan.places[at].is_none()).collect();
    out.sort_by_key(|&at| std::cmp::Reverse(ground.project.tasks[at].optional_value().unwrap_or(i64::MAX)));
    let mut changes = Vec::new();
    for &at in &out {
        ground.skills(at, &mut changes);
        let reason = reasons.iter().find(|(one, _)| *one == at).map(|(_, reason)| *reason);
        ground.dates_and_things(at, reason, &mut changes);
    }
    ground.others(&out, &mut changes);
    let able = ground.able(&out);
    let hours = able.iter().filter_map(|&agent| {
        let one = &ground.project.agents[agent];
        let (minutes, each) = one.more_hours()?;
        Some(Change::Hours { agent: one.name.clone(), minutes, each })
    });
    changes.extend(hours.take(MOST / 3));
    changes.extend(ground.twins(&able));
    if !out.is_empty() && ground.project.ends.is_some() {
        changes.push(Change::Ends { minutes: ground.a_day() });
    }
    let mut once: Vec<Change> = Vec::new();
    for change in changes {
        if !once.contains(&change) && once.len() < MOST {
            once.push(change);
        }
    }
    once
}

impl Ground<'_> {
    /// A day of dates, or eight hours where the project counts working time only.
    fn a_day(&self) -> u32 {
        if self.built.start.is_some() { 24 * 60 } else { 8 * 60 }
    }

    /// Skills that somebody would need for a task.
    fn skills(&self, at: usize, changes: &mut Vec<Change>) {
        let asked = |stage: &Stage| {
            let places = stage.team.iter().map(|place| (place.skill.clone(), place.level));
            places.chain([(stage.skill.clone(), stage.level)]).collect::<Vec<_>>()
        };
        let stages = self.project.tasks[at].stages.iter().filter(|stage| !stage.is_named());
        for (skill, level) in stages.flat_map(asked) {
            let Some(skill) = skill else { continue };
            changes.extend(pupils(self.project, &skill, level).take(MOST_PUPILS));
        }
    }

    fn dates_and_things(&self, at: usize, reason: Option<Reason>, changes: &mut Vec<Change>) {
        let task = &self.project.tasks[at];
        if task.deadline.is_some() && !matches!(reason, Some(Reason::NobodyCan | Reason::Predecessor(_))) {
            changes.push(Change::Deadline { task: task.name.clone(), minutes: self.a_day() });
        }
        let Some(Reason::Capacity(resource) | Reason::Budget(resource)) = reason else { return };
        match self.built.means[resource] {
            Means::Lane(lane) => changes.push(Change::Lane { lane: self.project.lanes[lane].name.clone() }),
            Means::Resource(one) => changes.push(self.more_of(one, at)),
            Means::Agent(_) | Means::Path(..) => {}
        }
    }

    fn more_of(&self, resource: usize, at: usize) -> Change {
        let one = &self.project.resources[resource];
        let stages = self.project.tasks[at].stages.iter();
        let asked: u64 = stages.filter_map(|stage| stage.uses.get(&one.name)).map(|&units| u64::from(units)).sum();
        let amount = match (one.budget, one.quotas.is_empty()) {
            (Some(_), _) => asked,
            (None, false) => 8 * 60,
            (None, true) => 1,
        };
        Change::Resource { resource: one.name.clone(), amount }
    }

    /// Stages that only named agents may do, for all tasks that are left out together.
    fn others(&self, out: &[usize], changes: &mut Vec<Change>) {
        let stages = out.iter().flat_map(|&at| &self.project.tasks[at].stages).filter(|stage| stage.is_named());
        let names: BTreeSet<&str> = stages.map(|stage| stage.name.as_str()).collect();
        for name in names {
            let named = |&&at: &&usize| {
                self.project.tasks[at].stages.iter().any(|stage| stage.name == name && stage.is_named())
            };
            let tasks = out.iter().filter(named).map(|&at| self.project.tasks[at].name.clone()).collect();
            changes.push(Change::Others { tasks, stage: name.to_owned() });
        }
    }

    /// Agents who may do something of what is left out, those first who may do the most of it.
    fn able(&self, out: &[usize]) -> Vec<usize> {
        let mut counts = vec![0_usize; self.project.agents.len()];
        for &at in out {
            let crews = self.built.crews[at].iter().flatten().flatten();
            crews.collect::<BTreeSet<_>>().into_iter().for_each(|&agent| counts[agent] += 1);
        }
        let mut able: Vec<usize> = (0..counts.len()).filter(|&agent| counts[agent] > 0).collect();
        able.sort_by_key(|&agent| std::cmp::Reverse(counts[agent]));
        able
    }

    /// One more of each kind of agent; those who can and have the same are of a kind.
    fn twins(&self, able: &[usize]) -> Vec<Change> {
        let mut kinds: Vec<usize> = Vec::new();
        for &agent in able {
            let one = &self.project.agents[agent];
            let alike = |&other: &usize| one.is_like(&self.project.agents[other]);
            if !kinds.iter().any(alike) && kinds.len() < MOST / 6 {
                kinds.push(agent);
            }
        }
        kinds.into_iter().map(|agent| Change::Agent { like: self.project.agents[agent].name.clone() }).collect()
    }
}
