//! What cannot be had together: minimal sets of requirements, and what would resolve them.

use std::collections::BTreeSet;

use serde::Serialize;

use super::levers::{names, value};
use super::rule::Rule;
use super::{Change, Ground, Lever, Mistake, Project, Task, Trial, build};
use crate::plan::schedule::model::{Due, Objective, Problem, Time};
use crate::plan::schedule::{Budget, Found, order, solve};

/// More relaxations than this are not named.
const MOST: usize = 5;
/// More conflicts than this are not looked into.
const MOST_CONFLICTS: usize = 3;
/// A set of requirements is asked for so many steps at most.
const ENOUGH: u64 = 400;

/// Requirements that cannot be met together: without any one of them the others can.
#[derive(Debug, Clone, Serialize)]
pub struct Conflict {
    /// The task that should be planned for certain and is not.
    pub task: String,
    /// The requirements, in words.
    pub requirements: Vec<String>,
    /// True if it is certain that they cannot be met; else no way was found.
    pub proved: bool,
    /// Value that is kept without it.
    pub kept: i64,
    /// What would resolve it, each as small as can be: dates before hours, hours before people, then the most valuable.
    pub relaxations: Vec<Lever>,
}

/// The conflicts of a plan: one for each task that has to be done, or has a deadline, and cannot be.
///
/// # Errors
/// A mistake in the project.
pub fn conflicts(ground: Ground, trial: &mut Trial) -> Result<Vec<Conflict>, Mistake> {
    let mut conflicts: Vec<Conflict> = Vec::new();
    let mut explained: BTreeSet<String> = BTreeSet::new();
    for (at, task) in ground.project.tasks.iter().enumerate() {
        let demanded = task.optional_value().is_none() || task.deadline.is_some();
        let explained_already = explained.contains(&task.name) || conflicts.len() >= MOST_CONFLICTS;
        if ground.plan.places[at].is_some() || !demanded || explained_already {
            continue;
        }
        let must = must(ground.project, task);
        if let Some(set) = minimal(&must, trial)? {
            explained.extend(set.iter().filter_map(Rule::task).map(str::to_owned));
            conflicts.push(ground.conflict(task, &must, &set, trial)?);
        }
    }
    Ok(conflicts)
}

/// What has to be done for certain: the task, all that has no choice, and all that these wait for. Nothing else counts.
fn must(project: &Project, task: &Task) -> Project {
    let mut wanted: BTreeSet<&str> = BTreeSet::new();
    let required = project.tasks.iter().filter(|one| one.optional_value().is_none() || one.name == task.name);
    let mut open: Vec<&str> = required.map(|one| one.name.as_str()).collect();
    while let Some(name) = open.pop() {
        if wanted.insert(name) {
            let task = project.tasks.iter().find(|one| one.name == name);
            open.extend(task.iter().flat_map(|task| &task.after).map(super::After::task));
        }
    }
    let mut must = Project { tasks: Vec::new(), ..project.clone() };
    must.tasks = project.tasks.iter().filter(|one| wanted.contains(one.name.as_str())).cloned().collect();
    must.tasks.iter_mut().for_each(|one| one.value = None);
    must
}

/// Whether everything can be planned, and whether it is certain that it cannot.
struct Answer {
    solved: bool,
    proved: bool,
}

fn ask(project: &Project, trial: &mut Trial) -> Result<Answer, Mistake> {
    ask_without(project, &[], trial)
}

/// Asks with some orders given up. What comes before is still needed by the deadline of what came after it.
fn ask_without(project: &Project, orders: &[(&str, &str)], trial: &mut Trial) -> Result<Answer, Mistake> {
    let mut problem = Problem { objective: Objective::default(), ..build(project)?.problem };
    let order = order(&problem).map_err(|fault| Mistake::new("tasks", "", fault.to_string()))?;
    for &at in order.iter().rev() {
        let given_up = orders.iter().filter(|(task, _)| project.tasks[at].name == *task);
        for before in given_up.map(|(_, before)| index(project, before)) {
            let deadline = problem.activities[at].deadline;
            problem.activities[at].after.retain(|link| link.activity != before);
            let own = &mut problem.activities[before].deadline;
            *own = [*own, deadline].into_iter().flatten().min();
        }
    }
    let found = run(&problem, &mut Trial { steps: trial.steps.min(ENOUGH), ..trial.again() })?;
    Ok(Answer { solved: found.plan.score.missing == 0, proved: found.bound.missing > 0 })
}

fn run(problem: &Problem, trial: &mut Trial) -> Result<Found, Mistake> {
    let mut budget = Budget { steps: trial.steps, stop: trial.stop };
    let found = solve(problem, trial.seed, &mut budget, &mut |_| {});
    found.map_err(|fault| Mistake::new("tasks", "", fault.to_string()))
}

/// A minimal set of rules that cannot be met together (`QuickXplain`, Junker 2004); none if all of them can.
fn minimal(must: &Project, trial: &mut Trial) -> Result<Option<Vec<Rule>>, Mistake> {
    let rules = Rule::all(must);
    if ask(must, trial)?.solved {
        return Ok(None);
    }
    let mut quick = Quick { must, rules: &rules, trial: trial.again() };
    let mut set = quick.explain(&[], false, &(0..rules.len()).collect::<Vec<_>>())?;
    // The search may have overlooked a way: each one has to be needed.
    let mut at = 0;
    while at < set.len() {
        let rest: Vec<usize> = set.iter().copied().filter(|&one| one != set[at]).collect();
        if quick.solvable(&rest)? { at += 1 } else { set = rest }
    }
    Ok(Some(set.into_iter().map(|at| rules[at].clone()).collect()))
}

/// Asks without some of the rules.
fn without<'a>(must: &Project, dropped: impl Iterator<Item = &'a Rule>, trial: &mut Trial) -> Result<Answer, Mistake> {
    let (orders, others): (Vec<&Rule>, Vec<&Rule>) = dropped.partition(|rule| matches!(rule, Rule::After { .. }));
    let project = others.into_iter().fold(must.clone(), |project, rule| rule.dropped(project));
    let orders = orders.into_iter().filter_map(|rule| match rule {
        Rule::After { task, before } => Some((task.as_str(), before.as_str())),
        _ => None,
    });
    ask_without(&project, &orders.collect::<Vec<_>>(), trial)
}

struct Quick<'a, 'b> {
    must: &'a Project,
    rules: &'a [Rule],
    trial: Trial<'b>,
}

impl Quick<'_, '_> {
    /// Whether everything can be planned if only these rules hold.
    fn solvable(&mut self, kept: &[usize]) -> Result<bool, Mistake> {
        let dropped = (0..self.rules.len()).filter(|at| !kept.contains(at)).map(|at| &self.rules[at]);
        Ok(without(self.must, dropped, &mut self.trial)?.solved)
    }

    /// Of the rules in question a smallest set that cannot hold together with those that are given. The first ones are
    /// the ones that are rather named.
    fn explain(&mut self, given: &[usize], fresh: bool, asked: &[usize]) -> Result<Vec<usize>, Mistake> {
        if fresh && !self.solvable(given)? {
            return Ok(Vec::new());
        }
        if asked.len() <= 1 {
            return Ok(asked.to_vec());
        }
        let (first, second) = asked.split_at(asked.len() / 2);
        let from_second = self.explain(&[given, first].concat(), true, second)?;
        let mut from_first = self.explain(&[given, &from_second].concat(), !from_second.is_empty(), first)?;
        from_first.extend(from_second);
        Ok(from_first)
    }
}

impl Ground<'_> {
    fn conflict(&self, task: &Task, must: &Project, set: &[Rule], trial: &mut Trial) -> Result<Conflict, Mistake> {
        let rules = Rule::all(must);
        let proved = without(must, rules.iter().filter(|rule| !set.contains(rule)), trial)?.proved;
        let mut forced = self.project.clone();
        forced.tasks.iter_mut().filter(|one| one.name == task.name).for_each(|one| one.value = None);
        let mut relaxations = Vec::new();
        for rule in set {
            for change in self.relaxed(rule, must, trial)? {
                let tried = Ground { project: &forced, ..*self }.tried(&change, trial)?;
                let lever = self.lever(change, &tried);
                let resolved = lever.comes.contains(&task.name) || matches!(lever.change, Change::Leave { .. });
                if resolved && !relaxations.iter().any(|one: &Lever| one.change == lever.change) {
                    relaxations.push(lever);
                }
            }
        }
        relaxations.sort_by_key(|lever| (lever.missing, lever.change.rank(), -lever.kept));
        relaxations.truncate(MOST);
        if let Some(first) = relaxations.first_mut() {
            first.recommended = true;
        }
        Ok(Conflict {
            task: task.name.clone(),
            requirements: set.iter().map(|rule| rule.text(self.project)).collect(),
            proved,
            kept: value(self.project, &names(self.project, self.plan)),
            relaxations,
        })
    }

    /// The smallest changes that take a rule out of the way of what has to be done.
    fn relaxed(&self, rule: &Rule, must: &Project, trial: &mut Trial) -> Result<Vec<Change>, Mistake> {
        let grown = |change: &dyn Fn(u32) -> Change, most: u32, unit: u32, trial: &mut Trial| {
            smallest(must, change, most, unit, trial).map(|found| found.into_iter().collect::<Vec<_>>())
        };
        match rule {
            Rule::Deadline { task } => later(must, Some(task), trial),
            Rule::Ends => later(must, None, trial),
            Rule::Effort { task, minutes } => {
                let shorter = |minutes| Change::Shorter { task: task.clone(), minutes };
                let mut changes = grown(&shorter, (*minutes).min(u64::from(u32::MAX)) as u32, 15, trial)?;
                let required = self.project.tasks.iter().any(|one| one.name == *task && one.value.is_none());
                changes.extend(required.then(|| Change::Leave { task: task.clone() }));
                Ok(changes)
            }
            Rule::Time { agent, .. } => {
                let each = must.agents.iter().find(|one| one.name == *agent).and_then(super::Agent::more_hours);
                let Some((_, each)) = each else { return Ok(Vec::new()) };
                let more = |minutes| Change::Hours { agent: agent.clone(), minutes, each };
                grown(&more, if each { 8 * 60 } else { 80 * 60 }, 30, trial)
            }
            Rule::Resource { resource, most } => {
                let more = |amount| Change::Resource { resource: resource.clone(), amount: u64::from(amount) };
                grown(&more, *most, 1, trial)
            }
            other => Ok(other.given_up(must)),
        }
    }
}

/// The smallest of growing changes with which everything can be planned.
fn smallest(
    must: &Project,
    change: &dyn Fn(u32) -> Change,
    most: u32,
    unit: u32,
    trial: &mut Trial,
) -> Result<Option<Change>, Mistake> {
    let (mut low, mut high) = (1, most.div_ceil(unit));
    if high == 0 || !ask(&change(high * unit).applied(must), trial)?.solved {
        return Ok(None);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if ask(&change(middle * unit).applied(must), trial)?.solved { high = middle } else { low = middle + 1 }
    }
    Ok(Some(change(high * unit)))
}

/// How much later a deadline, or the end of all, has to be at least.
fn later(must: &Project, task: Option<&str>, trial: &mut Trial) -> Result<Vec<Change>, Mistake> {
    let far = match task {
        Some(task) => Rule::Deadline { task: task.to_owned() }.dropped(must.clone()),
        None => Rule::Ends.dropped(must.clone()),
    };
    let date = match task {
        Some(task) => build(must)?.problem.activities[index(must, task)].deadline,
        None => Some(build(must)?.problem.horizon),
    };
    let (Some(date), mut problem) = (date, build(&far)?.problem) else { return Ok(Vec::new()) };
    for activity in &mut problem.activities {
        (activity.due, activity.urgency) = (None, 0);
    }
    match task {
        Some(task) => {
            problem.objective = Objective::LATENESS;
            problem.activities[index(must, task)].due = Some(Due { at: date, weight: 1 });
        }
        None => problem.objective = Objective::FINISH,
    }
    let found = run(&problem, trial)?;
    let minutes = match task {
        Some(_) => Time::try_from(found.plan.score.value).unwrap_or(Time::MAX),
        None => Time::try_from(found.plan.score.value).unwrap_or(Time::MAX).saturating_sub(date),
    };
    if found.plan.score.missing > 0 || minutes == 0 {
        return Ok(Vec::new());
    }
    Ok(vec![match task {
        Some(task) => Change::Deadline { task: task.to_owned(), minutes },
        None => Change::Ends { minutes },
    }])
}

fn index(project: &Project, task: &str) -> usize {
    project.tasks.iter().position(|one| one.name == task).unwrap_or_default()
}

/// What a pin costs: the plan without it, beside the plan with it.
#[derive(Debug, Clone, Serialize)]
pub struct Price {
    /// The task that is pinned.
    pub task: String,
    /// Value that would be kept without the pin, above what is kept now.
    pub value: i64,
    /// Tasks that have to be done and cannot because of it.
    pub missing: u32,
    /// The weighted terms that the pin adds, where it costs no value.
    pub score: i64,
    /// Tasks that are left out because of it.
    pub goes: Vec<String>,
    /// Tasks that are planned because of it.
    pub comes: Vec<String>,
    /// What the pinned task waits for, and takes along.
    pub needs: Vec<String>,
}

/// What each pin costs, and what it drives out.
///
/// # Errors
/// A mistake in the project.
pub fn prices(ground: Ground, trial: &mut Trial) -> Result<Vec<Price>, Mistake> {
    let pinned = ground.project.tasks.iter().filter(|task| task.is_pinned());
    let price = |task: &Task| {
        let tried = ground.tried(&Change::Unpin { task: task.name.clone() }, trial)?;
        let (with, without) = (names(ground.project, ground.plan), names(&tried.project, &tried.found.plan));
        let apart = |one: &BTreeSet<&str>, other: &BTreeSet<&str>| {
            one.difference(other).map(|name| (*name).to_owned()).collect::<Vec<_>>()
        };
        let alone = must(&Project { tasks: only_optional(ground.project, task), ..ground.project.clone() }, task);
        let needs = alone.tasks.iter().filter(|one| one.name != task.name).map(|one| one.name.clone());
        Ok(Price {
            value: value(ground.project, &without) - value(ground.project, &with),
            missing: ground.plan.score.missing.saturating_sub(tried.found.plan.score.missing),
            score: ground.plan.score.value - tried.found.plan.score.value,
            goes: apart(&without, &with),
            comes: apart(&with, &without),
            needs: needs.collect(),
            task: task.name.clone(),
        })
    };
    pinned.map(price).collect()
}

/// The tasks as if none but this one had to be done.
fn only_optional(project: &Project, but: &Task) -> Vec<Task> {
    let mut tasks = project.tasks.clone();
    for task in tasks.iter_mut().filter(|task| task.name != but.name) {
        task.value = task.value.or(Some(0));
        task.pinned = None;
        task.stages.iter_mut().for_each(|stage| stage.pinned_to = None);
    }
    tasks
}
