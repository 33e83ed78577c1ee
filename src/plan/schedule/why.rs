//! Why a plan is as it is: what holds each start back, and what keeps the rest out.

use serde::Serialize;

use super::generate::{Generator, Reason};
use super::model::{Fault, Kind, Problem, Time};
use super::net::Net;
use super::plan::Plan;

/// What holds a start back: it could not have been earlier because of this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// It starts at the origin or at its release.
    Release,
    /// It was set so.
    Pin,
    /// It has begun: that is a fact.
    Begun,
    /// This activity ends then, or its lag does.
    After(usize),
    /// This resource is in the hands of this activity until then.
    Taken {
        /// Index of the resource.
        resource: usize,
        /// Index of the activity.
        by: usize,
    },
    /// This resource is not there before.
    Closed(usize),
    /// Room in a lane, an allowance or a gap that is too short: nothing ends just then.
    Room,
}

/// Why what is left out cannot be added.
pub fn left_out(problem: &Problem, plan: &Plan) -> Result<Vec<(usize, Reason)>, Fault> {
    problem.check()?;
    let net = Net::of(problem)?;
    Ok(Generator::new(problem, &net).reasons(plan))
}

/// What holds each start back; nothing for what is left out.
pub fn bindings(problem: &Problem, plan: &Plan) -> Vec<Option<Binding>> {
    (0..plan.places.len())
        .map(|at| plan.places[at].as_ref().map(|place| binding(problem, plan, at, place.start())))
        .collect()
}

fn binding(problem: &Problem, plan: &Plan, at: usize, start: Time) -> Binding {
    let activity = &problem.activities[at];
    if !activity.begun.is_empty() {
        return Binding::Begun;
    }
    if activity.pin.is_some() {
        return Binding::Pin;
    }
    if start <= activity.release {
        return Binding::Release;
    }
    let ends = |one: usize| plan.places[one].as_ref().map(super::plan::Place::end);
    let waits = |until: Time| {
        let link = activity.after.iter().find(|link| ends(link.activity).is_some_and(|end| end + link.lag >= until));
        link.map(|link| Binding::After(link.activity))
    };
    if let Some(found) = waits(start) {
        return found;
    }
    let Some(slot) = plan.places[at].as_ref().and_then(|place| place.slots.first()) else { return Binding::Room };
    let uses = || activity.stages[0].modes[slot.mode].uses.iter().map(|used| used.resource);
    if let Some(found) = uses().find_map(|resource| taken(problem, plan, at, resource, start)) {
        return found;
    }
    let Some((resource, before)) = uses().find_map(|one| Some((one, opened(problem, one, start)?))) else {
        return Binding::Room;
    };
    // What ended at closing time, or later, is what held it back, if it could have begun then.
    let held = || taken(problem, plan, at, resource, before).filter(|_| activity.release <= before);
    waits(before).or_else(held).unwrap_or(Binding::Closed(resource))
}

/// If a resource opens just then, when it has closed before; 0 if never.
fn opened(problem: &Problem, resource: usize, start: Time) -> Option<Time> {
    let open = &problem.resources[resource].calendar.open;
    let at = open.iter().position(|&(from, _)| from == start)?;
    Some(at.checked_sub(1).map_or(0, |before| open[before].1))
}

/// Who else gives a unit of the resource back just then.
fn taken(problem: &Problem, plan: &Plan, at: usize, resource: usize, start: Time) -> Option<Binding> {
    if !matches!(problem.resources[resource].kind, Kind::Pool { .. }) {
        return None;
    }
    let placed = problem.activities.iter().zip(&plan.places).enumerate().filter(|(one, _)| *one != at);
    for (by, (activity, place)) in placed {
        let slots = place.iter().flat_map(|place| &place.slots);
        let ending = activity.stages.iter().zip(slots).filter(|(_, slot)| slot.end == start);
        let mut uses = ending.flat_map(|(stage, slot)| &stage.modes[slot.mode].uses);
        if uses.any(|used| used.resource == resource) {
            return Some(Binding::Taken { resource, by });
        }
    }
    None
}
