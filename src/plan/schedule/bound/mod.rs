//! What no plan can beat: longest chains, work against what pools can do, and the least that each activity costs.
//!
//! Chains are placed alone, with opening hours and allowances; work is held against what a set of pools can do between
//! the earliest begin and the latest end of it (energetic reasoning over the intervals that heads and tails span).
//!
//! It owns lower bounds only. It must never look at a plan.

mod knapsack;
mod work;

use super::generate::Generator;
use super::model::{Activity, Earlier, Objective, Problem, Time};
use super::net::Net;
use super::plan::{Score, Terms};
use work::Work;

/// A bound on the score of every plan.
pub fn bound(problem: &Problem, net: &Net) -> Score {
    let alone = Generator::new(problem, net).alone();
    let mut score = Score::default();
    for (activity, alone) in problem.activities.iter().zip(&alone) {
        match (alone, activity.value) {
            (None, None) => score.missing += 1,
            (None, Some(value)) => score.lost += value,
            (Some(_), Some(value)) => score.lost += value.min(0),
            (Some(_), None) => {}
        }
    }
    let required: Vec<bool> = problem.activities.iter().map(|activity| activity.value.is_none()).collect();
    let certain = Work::of(problem, net, &alone, &required);
    if score.missing == 0 && certain.is_too_much() {
        score.missing = 1;
    }
    let squeezed = knapsack::least_lost(&certain);
    // What would be lost without it counts as planned: leaving it out is worse than any term.
    let planned = |activity: &Activity| activity.value.is_none_or(|value| value > 0 && squeezed == 0);
    let planned: Vec<bool> = problem.activities.iter().map(planned).collect();
    score.lost += squeezed;
    let terms = terms(problem, net, &alone, &planned);
    Score { value: terms.weighted(problem), ..score }
}

/// The least of each term if these activities are planned.
fn terms(problem: &Problem, net: &Net, alone: &[Option<Alone>], planned: &[bool]) -> Terms {
    let mut terms = Terms::default();
    for at in (0..planned.len()).filter(|&at| planned[at]) {
        let (activity, Some(alone)) = (&problem.activities[at], &alone[at]) else { continue };
        let end = alone.end();
        terms.finish = terms.finish.max(i64::from(end));
        terms.lateness += activity.lateness(end);
        let cheapest = activity.stages.iter().filter_map(|stage| stage.modes.iter().map(|mode| mode.cost).min());
        terms.cost += cheapest.sum::<i64>();
        let head = alone.ready.first().copied().unwrap_or(0);
        terms.stability += activity.earlier.as_ref().map_or(0, |earlier| unavoidable(activity, earlier, head));
    }
    if problem.objective.finish > 0 {
        terms.finish = terms.finish.max(i64::from(Work::of(problem, net, alone, planned).finish()));
    }
    terms
}

/// Departures from an earlier plan that cannot be avoided: whoever did it is not there, or it is too late.
fn unavoidable(activity: &Activity, earlier: &Earlier, head: Time) -> i64 {
    let gone = earlier.modes.iter().any(Option::is_none);
    let late = activity.begun.is_empty() && earlier.starts.first().is_some_and(|&start| start < head);
    4 * i64::from(gone) + i64::from(late)
}

/// An activity as if nothing else needed anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// By stage that has yet to begin: the earliest time that it may begin at.
    pub ready: Vec<Time>,
    /// By stage: the earliest end.
    pub ends: Vec<Time>,
}

impl Alone {
    /// The earliest end of all stages.
    pub fn end(&self) -> Time {
        self.ends.last().copied().unwrap_or(0)
    }
}

/// Whether only the end of the last activity counts.
pub fn by_finish_only(objective: Objective) -> bool {
    objective.finish > 0 && Objective { finish: 0, ..objective } == Objective::default()
}
