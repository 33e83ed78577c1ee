//! What stands, and the problem as it is for whoever wants to keep it.

use crate::plan::schedule::model::{Activity, Due, Earlier, Mode, Objective, Problem, Time};
use crate::plan::schedule::plan::{Place, Plan, Slot};

use super::Facts;

/// What a date that must be kept weighs, where it may move after all: more than everything else.
const HARD: u32 = 1000;

/// One stage in the plan that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// Which of its modes, as the problem at hand counts them; none if that way is no longer there.
    pub mode: Option<usize>,
    /// Begin.
    pub start: Time,
    /// End.
    pub end: Time,
}

/// What the plan that stands says of an activity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stood {
    /// Nothing: it came later.
    New,
    /// It is left out, and stays so.
    Out,
    /// Its stages have these places; stages beyond those came later.
    At(Vec<Stand>),
}

/// The plan that stands, in the words of the problem at hand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// By activity of the problem at hand.
    pub activities: Vec<Stood>,
}

impl Standing {
    /// A plan for the same activities with the same modes.
    pub fn of(plan: &Plan) -> Self {
        let stand = |slot: &Slot| Stand { mode: Some(slot.mode), start: slot.start, end: slot.end };
        let stood = |place: &Option<Place>| match place {
            Some(place) => Stood::At(place.slots.iter().map(stand).collect()),
            None => Stood::Out,
        };
        Self { activities: plan.places.iter().map(stood).collect() }
    }

    /// A plan for another problem: `same` says which activity of it each one of the problem at hand is. Resources are
    /// the same ones in both. A mode is found again by whom it uses first, and among several of those by what else it
    /// uses.
    pub fn from(before: &Problem, plan: &Plan, now: &Problem, same: &[Option<usize>]) -> Self {
        let activities = same.iter().enumerate().map(|(at, one)| match one.map(|one| (one, &plan.places[one])) {
            None => Stood::New,
            Some((_, None)) => Stood::Out,
            Some((one, Some(place))) => Stood::At(
                (0..now.activities[at].stages.len())
                    .filter_map(|stage| Some((stage, place.slots.get(stage)?)))
                    .map(|(stage, slot)| {
                        let mode = &before.activities[one].stages[stage].modes[slot.mode];
                        let mode = found_again(mode, &now.activities[at].stages[stage].modes);
                        Stand { mode, start: slot.start, end: slot.end }
                    })
                    .collect(),
            ),
        });
        Self { activities: activities.collect() }
    }

    /// Begin of an activity; none if it has no place.
    pub fn start(&self, at: usize) -> Option<Time> {
        self.stages(at)?.first().map(|stand| stand.start)
    }

    /// When the last activity ends.
    pub fn finish(&self) -> Time {
        let ends = (0..self.activities.len()).filter_map(|at| self.stages(at)?.last().map(|stand| stand.end));
        ends.max().unwrap_or(0)
    }

    /// The places of an activity; none if it has no place.
    pub fn stages(&self, at: usize) -> Option<&[Stand]> {
        match self.activities.get(at) {
            Some(Stood::At(stages)) => Some(stages),
            _ => None,
        }
    }

    /// The place of an activity, if all its ways are still there.
    pub(super) fn place(&self, at: usize) -> Option<Place> {
        let slot = |stand: &Stand| Some(Slot { mode: stand.mode?, start: stand.start, end: stand.end });
        Some(Place { slots: self.stages(at)?.iter().map(slot).collect::<Option<_>>()? })
    }

    fn earlier(&self, at: usize) -> Option<Earlier> {
        let stages = self.stages(at)?;
        Some(Earlier {
            modes: stages.iter().map(|stand| stand.mode).collect(),
            starts: stages.iter().map(|stand| stand.start).collect(),
        })
    }
}

fn found_again(mode: &Mode, among: &[Mode]) -> Option<usize> {
    let first = |mode: &Mode| mode.uses.first().map(|used| used.resource);
    let common = |other: &Mode| {
        let uses = |resource| mode.uses.iter().any(|used| used.resource == resource);
        let shared = other.uses.iter().filter(|used| uses(used.resource)).count();
        (shared, std::cmp::Reverse(other.uses.len()))
    };
    let same = among.iter().enumerate().filter(|(_, other)| first(other) == first(mode));
    // The first of those that are alike.
    same.rev().max_by_key(|(_, other)| common(other)).map(|(index, _)| index)
}

/// What may give way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// The goal; dates that must be kept are kept.
    Goal,
    /// All dates; everything is done.
    Dates,
    /// Activities that have not begun; goal and dates are kept.
    Tasks,
}

/// The problem as it is for whoever wants to keep what stands.
pub fn ground(problem: &Problem, standing: &Standing, facts: &Facts, goal: Time, world: World) -> Problem {
    let mut ground = problem.clone();
    ground.objective = Objective { lateness: problem.objective.lateness.max(1), ..Objective::default() };
    for (at, activity) in ground.activities.iter_mut().enumerate() {
        let begun = !activity.begun.is_empty();
        if standing.activities.get(at) == Some(&Stood::Out) && !begun {
            activity.stages.iter_mut().for_each(|stage| stage.modes.clear());
        }
        activity.earlier = standing.earlier(at).filter(|earlier| earlier.modes.len() <= activity.stages.len());
        let due = activity.due.unwrap_or(Due { at: goal, weight: 1 });
        activity.due = Some(Due { at: due.at.min(goal), weight: due.weight.max(1) });
        // Whoever keeps what stands does not hurry what is in time.
        activity.urgency = 0;
        if begun {
            soften(activity);
            continue;
        }
        activity.release = activity.release.max(facts.now);
        activity.pin = activity.pin.filter(|&pin| pin >= facts.now);
        match world {
            World::Goal => {}
            World::Dates => soften(activity),
            World::Tasks => activity.deadline = Some(activity.deadline.unwrap_or(goal).min(goal)),
        }
    }
    ground
}

/// A date that must be kept becomes one that should be kept before all others.
fn soften(activity: &mut Activity) {
    activity.pin = None;
    if let Some(deadline) = activity.deadline.take() {
        let weight = activity.due.map_or(1, |due| due.weight).saturating_mul(HARD);
        activity.due = Some(Due { at: deadline, weight });
    }
}
