//! What would let more in, and what cannot be had together: tried by planning again, never guessed.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Job, Outlook};
use crate::domain::TaskId;
use crate::plan::project::{self, Conflict, Ground, Lever, Project, Trial, build, conflicts, levers};
use crate::plan::schedule::{Budget, improve};
use crate::plan::team::Basis;

/// Steps for each change that is tried.
const STEPS: u64 = 150;
/// Chance begins here: the same plan gets the same advice.
const SEED: u64 = 1;
/// Changes that are named.
const MOST: usize = 6;

/// What would help, and what is in each other's way.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Advice {
    /// Changes that let more in, the best first.
    pub levers: Vec<Help>,
    /// Deadlines that cannot be kept, each with why.
    pub conflicts: Vec<Clash>,
}

/// A change that lets more in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Help {
    /// What, in words.
    pub text: String,
    /// Tasks that come in.
    pub comes: Vec<TaskId>,
    /// Tasks that go out.
    pub goes: Vec<TaskId>,
    /// True for the one that brings most for least.
    pub recommended: bool,
}

/// What cannot be met together: without any one of it the rest can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clash {
    /// The task whose deadline cannot be kept.
    pub task_id: TaskId,
    /// What stands against each other, in words.
    pub requirements: Vec<String>,
    /// True if that is certain; else no way was found.
    pub proved: bool,
    /// What would resolve it, the smallest change first.
    pub ways: Vec<Help>,
}

/// Whether there is anything to give advice about.
pub(super) fn is_wanted(outlook: &Outlook) -> bool {
    let out = outlook.schedule.left_out.iter().any(|out| outlook.job(out.task_id).is_some_and(Job::is_committed));
    out || late(outlook).next().is_some()
}

/// Tasks that end after their deadlines.
fn late(outlook: &Outlook) -> impl Iterator<Item = &Job> {
    outlook.schedule.slots.iter().filter_map(|slot| {
        let job = outlook.job(slot.task_id)?;
        job.deadline.is_some_and(|deadline| slot.done_at() > deadline).then_some(job)
    })
}

/// Tries what would help, until it is stopped. A plan that cannot be changed gets none.
pub(super) fn advice(basis: &Basis, outlook: &Outlook, stop: &mut dyn FnMut() -> bool) -> Advice {
    let mut trial = Trial { seed: SEED, steps: STEPS, stop };
    let out = basis.plan.places.iter().any(Option::is_none);
    let found = if out { levers(basis.ground(), &mut trial).unwrap_or_default() } else { Vec::new() };
    let helps = found.iter().map(|lever| help(lever, outlook)).filter(|help| !help.comes.is_empty());
    let levers = helps.take(MOST).collect();
    let clashes = clashes(basis, outlook, &mut trial).unwrap_or_default();
    let conflicts = clashes.iter().filter_map(|conflict| clash(conflict, outlook)).collect();
    Advice { levers, conflicts }
}

/// Deadlines that are missed, as if they had to be kept: what keeps them from it.
fn clashes(basis: &Basis, outlook: &Outlook, trial: &mut Trial) -> Result<Vec<Conflict>, project::Mistake> {
    let late: BTreeSet<&str> = late(outlook).map(|job| job.label.as_str()).collect();
    if late.is_empty() {
        return Ok(Vec::new());
    }
    let project = kept_dates(&basis.project, &late);
    let built = build(&project)?;
    let mut budget = Budget { steps: trial.steps, stop: trial.stop };
    let Ok(found) = improve(&built.problem, &basis.plan, SEED, &mut budget, &mut |_| {}) else { return Ok(Vec::new()) };
    conflicts(Ground { project: &project, built: &built, plan: &found.plan }, trial)
}

fn kept_dates(project: &Project, late: &BTreeSet<&str>) -> Project {
    let mut project = project.clone();
    for task in project.tasks.iter_mut().filter(|task| late.contains(task.name.as_str())) {
        task.deadline.clone_from(&task.due);
    }
    project
}

fn help(lever: &Lever, outlook: &Outlook) -> Help {
    let ids = |names: &[String]| names.iter().filter_map(|name| named(outlook, name)).collect();
    let or = if lever.or.is_empty() { String::new() } else { format!(" or {}", lever.or.join(", ")) };
    let text = format!("{}{or}", lever.text);
    Help { text, comes: ids(&lever.comes), goes: ids(&lever.goes), recommended: lever.recommended }
}

fn clash(conflict: &Conflict, outlook: &Outlook) -> Option<Clash> {
    Some(Clash {
        task_id: named(outlook, &conflict.task)?,
        requirements: conflict.requirements.clone(),
        proved: conflict.proved,
        ways: conflict.relaxations.iter().map(|lever| help(lever, outlook)).collect(),
    })
}

fn named(outlook: &Outlook, label: &str) -> Option<TaskId> {
    outlook.jobs.iter().find(|job| job.label == label).map(|job| job.task_id)
}
