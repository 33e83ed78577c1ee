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

/// A proposal that nobody has decided on.
#[derive(Debug, Clone, PartialEq)]
pub struct Open {
    /// Its recommended way.
    pub choice: Choice,
    /// What was expected of that way when it was proposed.
    pub outlook: Outlook,
    /// Whether that way is still possible just as it was proposed.
    pub possible: bool,
}

/// What to do about proposals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Leave everything as it is.
    Nothing,
    /// Open one.
    Propose,
    /// Take the open one back: there is no reason for it any more.
    Withdraw,
    /// Put another one in the place of the open one, in one step, so that there are never two.
    Replace,
}

/// Whether to ask. `expected` is what the plan promised when it was made or accepted, `carried` what becomes of it if
/// nobody decides, `proposed` what is to be expected of the recommended way.
pub fn decide(
    expected: &Outlook,
    carried: &Outlook,
    proposed: &Outlook,
    open: Option<&Open>,
    replanned: &Replanned,
) -> Verdict {
    let reason = carried.differs(expected);
    let helps = !replanned.best().moves.is_empty() || !replanned.best().keeps_everything();
    match open {
        None if reason && helps => Verdict::Propose,
        Some(_) if !reason || !helps => Verdict::Withdraw,
        Some(open) if open.choice.plan.places == replanned.best().plan.places => Verdict::Nothing,
        Some(open) if !open.possible || proposed.differs(&open.outlook) => Verdict::Replace,
        _ => Verdict::Nothing,
    }
}
