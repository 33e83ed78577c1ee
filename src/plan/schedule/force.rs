//! What it would cost if an activity were done by others or earlier: planned again with that, the rest kept as far as
//! it can be.

use serde::Serialize;

use super::generate::Generator;
use super::model::{Calendar, Earlier, Fault, Kind, Mode, Problem, Resource, Time, Use};
use super::net::Net;
use super::plan::{Place, Plan, Terms};
use super::{Budget, improve};

/// Where chance begins: the same question has the same answer.
const SEED: u64 = 1;

/// A plan that was made to do as it is told, beside the one before.
#[derive(Debug, Clone)]
pub struct Forced {
    /// The plan.
    pub plan: Plan,
    /// What changes.
    pub change: Change,
    /// Activities that others do, that begin at another time, come in or go out; the one in question among them.
    pub moved: Vec<usize>,
}

/// What two plans of the same problem are worth, apart; more than nothing is worse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Activities that must be planned and are not.
    pub missing: i64,
    /// Value of what is left out.
    pub lost: i64,
    /// The weighted terms together.
    pub value: i64,
    /// Each term, before weights.
    pub terms: Terms,
    /// Each term times its weight; together they are the value.
    pub weighted: Terms,
}

/// What it would cost if the stages of an activity were done in some of their ways only. `allowed` is asked for stage and
/// mode. The plan is without the activity if that cannot be.
///
/// # Errors
/// The fault that keeps the problem from being planned at all.
pub fn in_other_ways(
    problem: &Problem,
    plan: &Plan,
    at: usize,
    allowed: &dyn Fn(usize, usize) -> bool,
    budget: &mut Budget,
) -> Result<Forced, Fault> {
    let mut told = faithful(problem, plan);
    let never = told.resources.len();
    told.resources.push(Resource { kind: Kind::Pool { capacity: 0 }, calendar: Calendar::default() });
    let activity = &mut told.activities[at];
    activity.value = None;
    for (stage, one) in activity.stages.iter_mut().enumerate() {
        // A stage that nobody of those can do anyway stays with whoever can.
        if (0..one.modes.len()).any(|mode| allowed(stage, mode)) {
            let others = one.modes.iter_mut().enumerate().filter(|(mode, _)| !allowed(stage, *mode));
            others.for_each(|(_, mode)| forbid(mode, never));
        }
    }
    Ok(Forced::of(problem, plan, improve(&told, plan, SEED, budget, &mut |_| {})?.plan))
}

/// A way that needs what there is nothing of, for as long as it takes to be noticed.
fn forbid(mode: &mut Mode, never: usize) {
    mode.uses.push(Use { resource: never, amount: 1 });
    mode.duration = mode.duration.max(1);
}

/// What it would cost if an activity began as early as it could if it came before all others; none if that is no earlier
/// than it does.
///
/// # Errors
/// The fault that keeps the problem from being planned at all.
pub fn earlier(problem: &Problem, plan: &Plan, at: usize, budget: &mut Budget) -> Result<Option<Forced>, Fault> {
    problem.check()?;
    let net = Net::of(problem)?;
    let mut told = faithful(problem, plan);
    told.activities[at].value = None;
    let first = Generator::new(problem, &net).put_first(at, plan);
    let now = plan.places[at].as_ref().map_or(Time::MAX, Place::start);
    let Some(start) = first.places[at].as_ref().map(Place::start).filter(|&start| start < now) else {
        return Ok(None);
    };
    told.activities[at].pin = Some(start);
    let found = improve(&told, &first, SEED, budget, &mut |_| {})?;
    Ok(Some(Forced::of(problem, plan, found.plan)))
}

/// The problem in which every departure from a plan counts a little.
fn faithful(problem: &Problem, plan: &Plan) -> Problem {
    let mut told = problem.clone();
    told.objective.stability = told.objective.stability.max(1);
    for (activity, place) in told.activities.iter_mut().zip(&plan.places) {
        let slots = place.iter().flat_map(|place| &place.slots);
        let earlier = Earlier {
            modes: slots.clone().map(|slot| Some(slot.mode)).collect(),
            starts: slots.map(|slot| slot.start).collect(),
        };
        activity.earlier = place.as_ref().map(|_| earlier);
    }
    told
}

impl Forced {
    fn of(problem: &Problem, before: &Plan, after: Plan) -> Self {
        let (before, after) = (Plan::of(problem, before.places.clone()), Plan::of(problem, after.places));
        let terms = after.terms(problem) - before.terms(problem);
        let change = Change {
            missing: i64::from(after.score.missing) - i64::from(before.score.missing),
            lost: after.score.lost - before.score.lost,
            value: after.score.value - before.score.value,
            terms,
            weighted: terms.times(&problem.objective),
        };
        let place = |place: &Option<Place>| {
            place.as_ref().map(|place| (place.start(), place.slots.iter().map(|slot| slot.mode).collect::<Vec<_>>()))
        };
        let moved = (0..after.places.len()).filter(|&at| place(&before.places[at]) != place(&after.places[at]));
        Self { moved: moved.collect(), change, plan: after }
    }
}
