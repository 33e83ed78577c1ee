//! What would have to be there longer, and by how much, for what is left out.

use serde::Serialize;

use super::{Built, Means, Project};
use crate::plan::schedule::model::Kind;
use crate::plan::schedule::plan::Plan;
use crate::plan::schedule::{Reason, Supply};

/// Working time that is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Who or what for which stage, as in the reasons of what is left out.
    pub resource: String,
    /// Who or what, without the stage.
    pub of: String,
    /// Working minutes that the tasks left out for its sake need of it.
    pub needed: u64,
    /// Working minutes that it still has.
    pub free: u64,
    /// Working minutes that are missing.
    pub missing: u64,
}

/// What is missing by the reasons of what is left out, the most first.
pub(super) fn gaps(project: &Project, built: &Built, plan: &Plan, reasons: &[(usize, Reason)]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for &(at, reason) in reasons {
        let Reason::Capacity(resource) = reason else { continue };
        let name = place(project, built, at, resource);
        let needed = needed(built, at, resource);
        if let Some(gap) = gaps.iter_mut().find(|gap| gap.resource == name) {
            gap.needed += needed;
        } else {
            let of = built.label(project, resource);
            gaps.push(Gap { resource: name, of, needed, free: free(built, plan, resource), missing: 0 });
        }
    }
    for gap in &mut gaps {
        // Free time that is in pieces too short for anything counts as none.
        gap.missing = if gap.needed > gap.free { gap.needed - gap.free } else { gap.needed };
    }
    gaps.retain(|gap| gap.needed > 0);
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.missing));
    gaps
}

/// A resource as a reason names it: with the stage that needs it, where a task has several.
pub(super) fn place(project: &Project, built: &Built, at: usize, resource: usize) -> String {
    let label = built.label(project, resource);
    let stages = &built.problem.activities[at].stages;
    let uses = |stage: &crate::plan::schedule::model::Stage| {
        stage.modes.iter().flat_map(|mode| &mode.uses).any(|used| used.resource == resource)
    };
    match stages.iter().position(uses) {
        Some(stage) if stages.len() > 1 => format!("{label} {}", project.tasks[at].stages[stage].name),
        _ => label,
    }
}

/// Working minutes of the stages of a task that may use a resource.
fn needed(built: &Built, at: usize, resource: usize) -> u64 {
    let stages = built.problem.activities[at].stages.iter();
    let lengths = stages.filter_map(|stage| {
        let modes = stage.modes.iter().filter(|mode| mode.uses.iter().any(|used| used.resource == resource));
        modes.map(|mode| u64::from(mode.duration)).min()
    });
    lengths.sum()
}

/// Working minutes that whoever a resource stands for has left within the plan.
fn free(built: &Built, plan: &Plan, resource: usize) -> u64 {
    let means = built.means[resource];
    if matches!(means, Means::Lane(_) | Means::Path(..)) {
        return 0;
    }
    let problem = &built.problem;
    let pool = |&one: &usize| matches!(problem.resources[one].kind, Kind::Pool { .. });
    let pools: Vec<usize> = (0..built.means.len()).filter(|&one| built.means[one] == means).filter(pool).collect();
    let placed = problem.activities.iter().zip(&plan.places).filter_map(|(one, place)| Some((one, place.as_ref()?)));
    let modes = placed.flat_map(|(one, place)| one.stages.iter().zip(&place.slots));
    let work = modes.flat_map(|(stage, slot)| {
        let mode = &stage.modes[slot.mode];
        let used = mode.uses.iter().filter(|used| pools.contains(&used.resource));
        used.map(|used| u64::from(mode.duration) * u64::from(used.amount))
    });
    Supply::of(problem, problem.horizon).flow(&pools).between(0, problem.horizon).saturating_sub(work.sum())
}
