//! What no plan can beat: longest chains, work against units, and the least that each activity costs by itself.

use std::collections::BTreeSet;

use super::model::{Activity, Earlier, Kind, Mode, Objective, Problem, Time};
use super::net::Net;
use super::plan::{Score, Terms};

/// Above so many looks, thresholds are tried on one side only.
const MOST_LOOKS: usize = 40_000_000;

/// A bound on the score of every plan.
pub fn bound(problem: &Problem, net: &Net) -> Score {
    let out = impossible(problem, net);
    let counts: Vec<bool> =
        out.iter().zip(&problem.activities).map(|(out, activity)| !out && !may_go(activity)).collect();
    let mut score = Score::default();
    let mut terms = Terms::default();
    for (at, activity) in problem.activities.iter().enumerate() {
        if out[at] {
            match activity.value {
                Some(value) => score.lost += value.max(0),
                None => score.missing += 1,
            }
            continue;
        }
        if may_go(activity) {
            score.lost += activity.value.unwrap_or(0);
            continue;
        }
        let end = net.head[at] + activity.shortest();
        terms.finish = terms.finish.max(i64::from(end));
        if let Some(due) = activity.due {
            terms.lateness += i64::from(due.weight) * i64::from(end.saturating_sub(due.at));
        }
        let cheapest = activity.stages.iter().filter_map(|stage| stage.modes.iter().map(|mode| mode.cost).min());
        terms.cost += cheapest.sum::<i64>();
        terms.stability += activity.earlier.as_ref().map_or(0, |earlier| unavoidable(activity, earlier, net.head[at]));
    }
    if problem.objective.finish > 0 {
        terms.finish = terms.finish.max(i64::from(by_work(problem, net, &counts)));
    }
    Score { value: terms.weighted(problem), ..score }
}

/// Departures from an earlier plan that cannot be avoided: whoever did it is not there, or it is too late.
fn unavoidable(activity: &Activity, earlier: &Earlier, head: Time) -> i64 {
    let gone = earlier.modes.iter().any(Option::is_none);
    let late = activity.begun.is_empty() && earlier.starts.first().is_some_and(|&start| start < head);
    4 * i64::from(gone) + i64::from(late)
}

/// Whether a plan loses nothing without it.
fn may_go(activity: &Activity) -> bool {
    activity.value.is_some_and(|value| value <= 0)
}

/// What cannot be in any plan: nobody can do it, it cannot end in time, or it waits for such a thing.
fn impossible(problem: &Problem, net: &Net) -> Vec<bool> {
    let mut out = vec![false; net.order.len()];
    for &at in &net.order {
        let activity = &problem.activities[at];
        let limit = activity.deadline.unwrap_or(Time::MAX).min(problem.horizon);
        let all_begun = activity.begun.len() == activity.stages.len();
        out[at] = activity.stages.iter().any(|stage| stage.modes.is_empty())
            || !all_begun && net.head[at] + activity.shortest() > limit
            || activity.waits_for().iter().any(|link| out[link.activity]);
    }
    out
}

/// Work that a set of pools has to do between a head and a tail.
#[derive(Debug, Clone, Copy)]
struct Demand {
    head: Time,
    tail: Time,
    work: u64,
}

/// The best bound by the work of any single pool, of all that can stand in for each other, and of the whole.
fn by_work(problem: &Problem, net: &Net, counts: &[bool]) -> Time {
    let tails = tails(problem, net, counts);
    let demands = |family: &Vec<usize>| demands(problem, net, counts, &tails, family);
    families(problem).iter().map(|family| most(&mut demands(family), units(problem, family))).max().unwrap_or(0)
}

/// Least time from the start of each to the end of the last of those that count.
fn tails(problem: &Problem, net: &Net, counts: &[bool]) -> Vec<Time> {
    let mut tails = vec![0; counts.len()];
    for &at in net.order.iter().rev() {
        let behind = net.after[at].iter().filter(|(next, _)| counts[*next]).map(|&(next, lag)| lag + tails[next]);
        tails[at] = problem.activities[at].shortest() + behind.max().unwrap_or(0);
    }
    tails
}

/// Sets of pools worth looking at.
fn families(problem: &Problem) -> BTreeSet<Vec<usize>> {
    let pool = |&resource: &usize| matches!(problem.resources[resource].kind, Kind::Pool { .. });
    let all: Vec<usize> = (0..problem.resources.len()).filter(pool).collect();
    let mut families: BTreeSet<Vec<usize>> = all.iter().map(|&resource| vec![resource]).collect();
    families.insert(all);
    for stage in problem.activities.iter().flat_map(|activity| &activity.stages).filter(|stage| stage.modes.len() > 1) {
        let used = stage.modes.iter().flat_map(|mode| &mode.uses).map(|used| used.resource).filter(pool);
        families.insert(used.collect::<BTreeSet<usize>>().into_iter().collect());
    }
    families
}

fn units(problem: &Problem, family: &[usize]) -> u64 {
    let units = family.iter().map(|&resource| match problem.resources[resource].kind {
        Kind::Pool { capacity } => u64::from(capacity),
        _ => 0,
    });
    units.sum()
}

fn demands(problem: &Problem, net: &Net, counts: &[bool], tails: &[Time], family: &[usize]) -> Vec<Demand> {
    let mut inside = vec![false; problem.resources.len()];
    for &resource in family {
        inside[resource] = true;
    }
    let mut demands = Vec::new();
    for at in (0..counts.len()).filter(|&at| counts[at]) {
        let (mut head, mut tail) = (net.head[at], tails[at]);
        let activity = &problem.activities[at];
        for (index, stage) in activity.stages.iter().enumerate() {
            let length = activity.least(index);
            tail -= length;
            if index < activity.begun.len() {
                head += length;
                continue;
            }
            let work = stage.modes.iter().map(|mode| work_within(mode, &inside)).min().unwrap_or(0);
            if work > 0 {
                demands.push(Demand { head, tail, work });
            }
            head += length;
        }
    }
    demands
}

fn work_within(mode: &Mode, inside: &[bool]) -> u64 {
    let units = mode.uses.iter().filter(|used| inside[used.resource]).map(|used| u64::from(used.amount));
    units.sum::<u64>() * u64::from(mode.duration)
}

/// The largest head + work / units + tail over all that begins no earlier and ends no later than some of them.
fn most(demands: &mut [Demand], units: u64) -> Time {
    if units == 0 {
        return 0;
    }
    demands.sort_by_key(|demand| std::cmp::Reverse(demand.head));
    let mut tails: Vec<Time> = demands.iter().map(|demand| demand.tail).collect();
    tails.sort_unstable();
    tails.dedup();
    if tails.len() * demands.len() > MOST_LOOKS / 50 {
        tails.truncate(1);
    }
    let mut best = 0;
    for tail in tails {
        let mut work = 0;
        for demand in demands.iter().filter(|demand| demand.tail >= tail) {
            work += demand.work;
            best = best.max(demand.head + work.div_ceil(units) as Time + tail);
        }
    }
    best
}

/// Whether only the end of the last activity counts.
pub fn by_finish_only(objective: Objective) -> bool {
    objective.finish > 0 && Objective { finish: 0, ..objective } == Objective::default()
}
