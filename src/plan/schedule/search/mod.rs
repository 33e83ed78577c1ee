//! Looking for better plans: one search per structure that a problem may have, all behind [`Search`].
//!
//! Each search owns its representation and its moves. None knows a clock: whoever drives it decides when it ends.

mod assignment;
mod grid;
pub(in crate::plan) mod lists;
mod machines;
mod pools;
mod prices;
mod sequence;

use super::bound::bound;
use super::model::{Activity, Problem};
use super::net::Net;
use super::plan::{Plan, Score};
use assignment::Assignment;
use lists::Lists;
use machines::{Machines, Shop};
use pools::Pools;
use sequence::Sequence;

/// A search in small portions.
pub trait Search {
    /// Goes on for a few steps and returns how many; more than none.
    fn run(&mut self) -> u64;
    /// What the best plan so far is worth.
    fn score(&self) -> Score;
    /// The best plan so far.
    fn plan(&mut self) -> Plan;
    /// What no plan can beat.
    fn bound(&self) -> Score;
}

/// The search that fits a problem best, with a first plan; the general one goes on from the plan that is given.
pub fn search<'a>(problem: &'a Problem, net: &'a Net, seed: u64, from: Option<&Plan>) -> Box<dyn Search + 'a> {
    let bound = || bound(problem, net);
    if Assignment::carries(problem) {
        return Box::new(Assignment::new(problem, bound(), seed));
    }
    if Sequence::carries(problem) {
        return Box::new(Sequence::new(problem, bound(), seed));
    }
    if Shop::carries(problem) {
        return Box::new(Machines::new(problem, bound(), seed));
    }
    match problem.resources.len() {
        _ if !pools::carries(problem) => {}
        0..=4 => return Box::new(Pools::<1>::new(problem, net, bound(), seed)),
        5..=8 => return Box::new(Pools::<2>::new(problem, net, bound(), seed)),
        9..=16 => return Box::new(Pools::<4>::new(problem, net, bound(), seed)),
        _ => {}
    }
    Box::new(Lists::new(problem, net, seed, from))
}

/// Whether nothing but the end of the last activity counts, everything has to be done, and no date stands in the way.
fn plain(problem: &Problem) -> bool {
    let by_finish = super::bound::by_finish_only(problem.objective);
    let always_there = problem.resources.iter().all(|resource| resource.calendar.open.is_empty());
    by_finish && always_there && problem.horizon_is_wide() && problem.activities.iter().all(is_free)
}

/// Whether an activity has yet to begin and has to be done, whenever there is room, and there is no room to keep.
fn is_free(activity: &Activity) -> bool {
    let dated = activity.deadline.is_some() || activity.pin.is_some() || !activity.begun.is_empty();
    !dated && activity.value.is_none() && activity.holds.is_empty()
}
