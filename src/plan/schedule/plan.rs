//! A plan: where each stage is, and what the whole is worth, term by term.

use serde::Serialize;

use super::model::{Earlier, Kind, Objective, Problem, Time};

/// Where everything is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// By activity; none for what is left out.
    pub places: Vec<Option<Place>>,
    /// What the plan is worth.
    pub score: Score,
}

/// Where one activity is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// By stage.
    pub slots: Vec<Slot>,
}

/// Where one stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Slot {
    /// Which of its modes.
    pub mode: usize,
    /// Begin.
    pub start: Time,
    /// End; closed hours lie between.
    pub end: Time,
}

impl Place {
    /// Begin of the first stage.
    pub fn start(&self) -> Time {
        self.slots.first().map_or(0, |slot| slot.start)
    }

    /// End of the last stage.
    pub fn end(&self) -> Time {
        self.slots.last().map_or(0, |slot| slot.end)
    }
}

impl Score {
    /// Everything is planned and the terms sum up to this.
    pub fn of(value: i64) -> Self {
        Self { value, ..Self::default() }
    }
}

/// What a plan is worth; the smaller the better, the first difference decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Score {
    /// Activities that must be planned and are not.
    pub missing: u32,
    /// Value of what is left out.
    pub lost: i64,
    /// The sum of the weighted terms.
    pub value: i64,
}

/// What the objective is made of, before weights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// The end of the last activity.
    pub finish: i64,
    /// Lateness by the weights of the due dates.
    pub lateness: i64,
    /// Cost of the chosen modes.
    pub cost: i64,
    /// Busiest minus idlest resource of one unit.
    pub balance: i64,
    /// Departures from an earlier plan, in quarters of a move.
    pub stability: i64,
}

impl Plan {
    /// The places with what they are worth.
    pub fn of(problem: &Problem, places: Vec<Option<Place>>) -> Self {
        let score = score(problem, &places);
        Self { places, score }
    }

    /// What the objective is made of.
    pub fn terms(&self, problem: &Problem) -> Terms {
        terms(problem, &self.places)
    }
}

/// What places are worth.
pub(super) fn score(problem: &Problem, places: &[Option<Place>]) -> Score {
    let mut score = Score { value: terms(problem, places).weighted(problem), ..Score::default() };
    for (activity, _) in problem.activities.iter().zip(places).filter(|(_, place)| place.is_none()) {
        match activity.value {
            Some(value) => score.lost += value,
            None => score.missing += 1,
        }
    }
    score
}

impl Terms {
    /// The sum of the terms times their weights.
    pub fn weighted(&self, problem: &Problem) -> i64 {
        let Self { finish, lateness, cost, balance, stability } = self.times(&problem.objective);
        finish + lateness + cost + balance + stability
    }

    /// Each term times its weight.
    #[must_use]
    pub fn times(&self, weight: &Objective) -> Self {
        Self {
            finish: i64::from(weight.finish) * self.finish,
            lateness: i64::from(weight.lateness) * self.lateness,
            cost: i64::from(weight.cost) * self.cost,
            balance: i64::from(weight.balance) * self.balance,
            stability: i64::from(weight.stability) * self.stability,
        }
    }
}

impl std::ops::Sub for Terms {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            finish: self.finish - other.finish,
            lateness: self.lateness - other.lateness,
            cost: self.cost - other.cost,
            balance: self.balance - other.balance,
            stability: self.stability - other.stability,
        }
    }
}

fn terms(problem: &Problem, places: &[Option<Place>]) -> Terms {
    let mut terms = Terms::default();
    let placed = problem.activities.iter().zip(places);
    for (activity, place) in placed.filter_map(|(activity, place)| Some((activity, place.as_ref()?))) {
        let end = place.end();
        terms.finish = terms.finish.max(i64::from(end));
        terms.lateness += activity.lateness(end);
        let modes = activity.stages.iter().zip(&place.slots).map(|(stage, slot)| &stage.modes[slot.mode]);
        terms.cost += modes.map(|mode| mode.cost).sum::<i64>();
        terms.stability += activity.earlier.as_ref().map_or(0, |earlier| departures(earlier, place));
    }
    if problem.objective.balance != 0 {
        terms.balance = balance(problem, places);
    }
    terms
}

/// How far a place is from an earlier one, in quarters of a move.
pub fn departures(earlier: &Earlier, place: &Place) -> i64 {
    let other_way = earlier.modes.iter().zip(&place.slots).any(|(mode, slot)| *mode != Some(slot.mode));
    let other_time = earlier.starts.first() != Some(&place.start());
    4 * i64::from(other_way) + i64::from(other_time)
}

fn balance(problem: &Problem, places: &[Option<Place>]) -> i64 {
    let mut load = vec![0_i64; problem.resources.len()];
    for (activity, place) in problem.activities.iter().zip(places) {
        let slots = place.iter().flat_map(|place| &place.slots);
        for mode in activity.stages.iter().zip(slots).map(|(stage, slot)| &stage.modes[slot.mode]) {
            for used in &mode.uses {
                load[used.resource] += i64::from(mode.duration);
            }
        }
    }
    let unary = problem.resources.iter().map(|resource| resource.kind == Kind::Pool { capacity: 1 });
    let loads = || load.iter().zip(unary.clone()).filter(|(_, unary)| *unary).map(|(load, _)| *load);
    loads().max().unwrap_or(0) - loads().min().unwrap_or(0)
}
