//! When what is done by whom: plans for work that shares people, agents, machines and allowances.
//!
//! It owns the model of such work, plans for it and bounds that no plan can beat. It must never read a clock or depend
//! on chance: the same problem, seed and number of steps give the same plan.

mod bound;
pub mod force;
pub(in crate::plan) mod generate;
pub mod model;
pub(in crate::plan) mod net;
pub mod plan;
pub(in crate::plan) mod random;
pub(in crate::plan) mod search;
pub(in crate::plan) mod supply;
mod why;

use generate::Generator;
pub use generate::Reason;
pub use supply::Supply;
pub use why::{Binding, bindings, left_out};

use model::{Fault, Problem};
use net::Net;
pub use net::order;
use plan::{Plan, Score};

/// When a search ends, besides having proved its plan.
pub struct Budget<'a> {
    /// Steps: plans generated or moves made.
    pub steps: u64,
    /// Asked after every few steps: true ends the search.
    pub stop: &'a mut dyn FnMut() -> bool,
}

/// A plan and what is known about it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The best plan.
    pub plan: Plan,
    /// No plan can be worth less.
    pub bound: Score,
    /// Steps taken.
    pub steps: u64,
}

impl Found {
    /// True if there is no better plan.
    pub fn is_proved(&self) -> bool {
        self.plan.score <= self.bound
    }
}

/// Plans a problem: a first plan at once, then better ones as long as the budget lasts. `on_plan` sees each of them.
///
/// # Errors
/// The fault that keeps the problem from being planned at all.
pub fn solve(
    problem: &Problem,
    seed: u64,
    budget: &mut Budget,
    on_plan: &mut dyn FnMut(&Plan),
) -> Result<Found, Fault> {
    look(problem, None, seed, budget, on_plan)
}

/// As [`solve`], from a plan, perhaps of a problem that was a little different: what is found is never worse than what is
/// left of it when everything that the rules do not allow any more is taken out.
///
/// # Errors
/// The fault that keeps the problem from being planned at all.
pub fn improve(
    problem: &Problem,
    plan: &Plan,
    seed: u64,
    budget: &mut Budget,
    on_plan: &mut dyn FnMut(&Plan),
) -> Result<Found, Fault> {
    look(problem, Some(plan), seed, budget, on_plan)
}

/// What no plan of a problem can beat.
///
/// # Errors
/// The fault that keeps the problem from being planned at all.
pub fn bound(problem: &Problem) -> Result<Score, Fault> {
    problem.check()?;
    Ok(bound::bound(problem, &Net::of(problem)?))
}

fn look(
    problem: &Problem,
    from: Option<&Plan>,
    seed: u64,
    budget: &mut Budget,
    on_plan: &mut dyn FnMut(&Plan),
) -> Result<Found, Fault> {
    problem.check()?;
    let net = Net::of(problem)?;
    let mut best = from.map(|plan| Generator::new(problem, &net).what_is_left(plan));
    let mut search = search::search(problem, &net, seed, best.as_ref());
    let mut steps = 0;
    loop {
        if best.as_ref().is_none_or(|best| search.score() < best.score) {
            on_plan(best.insert(search.plan()));
        }
        let proved = best.as_ref().is_some_and(|best| best.score <= search.bound());
        if proved || steps >= budget.steps || (budget.stop)() {
            break;
        }
        steps += search.run();
    }
    let found = Found { plan: best.unwrap_or_default(), bound: search.bound(), steps };
    debug_assert!(found.bound <= found.plan.score, "{:?} is above {:?}", found.bound, found.plan.score);
    Ok(found)
}
