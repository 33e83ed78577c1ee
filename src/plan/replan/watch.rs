//! When a change is worth a question, and when the question is over.

use serde::Serialize;

use super::{Choice, Replanned};
use crate::plan::schedule::model::Time;

/// A date that moves by more than this is worth a question: half a working day.
pub const HALF_DAY: Time = 4 * 60;
/// A chance that moves by so much is worth a question.
pub const POINTS: f64 = 0.05;

/// What is to be expected of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Outlook {
    /// Whether it breaks a hard rule: somebody is not there, a date that must be kept is not.
    pub broken: bool,
    /// When the last activity ends.
    pub finish: Time,
    /// When it should.
    pub goal: Option<Time>,
    /// The date that holds in 80 of 100 cases, where there is a forecast.
    pub likely: Option<Time>,
    /// The chance to reach the goal, from 0 to 1, where there is a forecast.
    pub chance: Option<f64>,
}

impl Outlook {
    /// Of a way to go on, without a forecast.
    pub fn of(choice: &Choice, goal: Option<Time>) -> Self {
        let deadline = choice.dates.iter().any(|shift| shift.activity.is_some());
        let broken = deadline || !choice.leaves.is_empty();
        Self { broken, finish: choice.finish, goal, likely: None, chance: None }
    }

    fn misses(&self) -> bool {
        self.goal.is_some_and(|goal| self.finish > goal)
    }

    /// Whether it is worth a question that `self` has become of what was expected.
    fn differs(&self, expected: &Self) -> bool {
        let date = self.likely.zip(expected.likely).is_some_and(|(now, then)| now.abs_diff(then) > HALF_DAY);
        let chance = self.chance.zip(expected.chance).is_some_and(|(now, then)| (now - then).abs() >= POINTS);
        self.broken && !expected.broken || self.misses() && !expected.misses() || date || chance
    }
}

/// Whether to ask. `expected` is what the plan promised when it was made or accepted, `carried` what becomes of it if
/// nobody decides. There is a reason if that is another thing, or if something came in that can have a place; and it must
/// help.
pub fn is_worth_asking(expected: &Outlook, carried: &Outlook, replanned: &Replanned) -> bool {
    let best = replanned.best();
    let comes = best.comes.len() > replanned.carried.comes.len();
    let helps = comes || !best.moves.is_empty() || !best.keeps_everything();
    helps && (comes || carried.differs(expected))
}
