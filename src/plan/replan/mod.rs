//! Plans that change as little as they can when the world does.
//!
//! It owns what becomes of a plan after something has happened: what no longer holds, what each way to go on costs, and
//! whether that is worth a question. It must never change a plan by itself, read a clock or depend on chance.

mod carry;
mod ground;
mod options;
mod repair;
mod watch;

pub use super::schedule::generate::Reason;
use super::schedule::model::{Fault, Problem, Time};
use super::schedule::plan::Plan;

pub use ground::{Stand, Standing, Stood};
pub use watch::{Outlook, is_worth_asking};

/// What is known beside the problem.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The present: nothing that has not begun begins earlier. What has begun stands in the problem.
    pub now: Time,
    /// Whether anything has happened since the plan was made but time, and work that goes as planned. Without that a
    /// plan that holds is left as it is, even where a better one is possible.
    pub event: bool,
    /// Activities whose agents and start somebody has set.
    pub pinned: Vec<usize>,
    /// Plans that stood before the one that stands now, the latest first. If what made such a plan give way is over,
    /// and none of the work that was moved has begun, it comes back.
    pub before: Vec<Standing>,
}

/// What a change may cost, and how long to look for the best one.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// When everything is to be done: the due date of whatever has no earlier one. None means when the plan that
    /// stands ends.
    pub goal: Option<Time>,
    /// What begins within so much time from now keeps its agents and its start, if it can.
    pub freeze: Time,
    /// What a quarter of a move weighs, in units of lateness.
    pub stability: u32,
    /// Plans to look at for the change that is proposed.
    pub steps: u64,
    /// Plans to look at for the plan from scratch that is shown beside it.
    pub scratch_steps: u64,
}

impl Default for Options {
    /// Time in minutes: somebody else's work weighs an hour of lateness, another start a quarter of an hour.
    fn default() -> Self {
        Self { goal: None, freeze: 4 * 60, stability: 15, steps: 400, scratch_steps: 100 }
    }
}

/// One activity that would be done by others, or begin at another time.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Move {
    /// Index of the activity.
    pub activity: usize,
    /// By stage: which of its modes until now; none if that way is no longer there.
    pub modes_from: Vec<Option<usize>>,
    /// By stage: which of its modes then.
    pub modes_to: Vec<usize>,
    /// Its start until now.
    pub start_from: Time,
    /// Its start then.
    pub start_to: Time,
    /// True if somebody else does it.
    pub other_agent: bool,
    /// What that weighs, in units of lateness.
    pub price: i64,
}

/// A date that has to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Shift {
    /// Whose hard deadline; none means the goal.
    pub activity: Option<usize>,
    /// The date until now.
    pub from: Time,
    /// When it can be kept.
    pub to: Time,
}

/// What kind of way to go on it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Lateness and changes weighed against each other.
    Balanced,
    /// As few changes as the rules allow.
    FewestChanges,
    /// The earliest end for which that is worth its changes.
    Sooner,
    /// Everything is done, and dates move.
    DatesMove,
    /// As many changes as it takes to keep all dates.
    KeepsDates,
    /// The dates stay, and activities leave.
    TasksLeave,
}

/// A way to go on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Choice {
    /// What it is about.
    pub kind: Kind,
    /// The plan.
    pub plan: Plan,
    /// What changes.
    pub moves: Vec<Move>,
    /// End of the last activity.
    pub finish: Time,
    /// Lateness by weights of due dates and goal.
    pub lateness: i64,
    /// What was planned and would not be any more, with the reason if there is one in its own right.
    pub leaves: Vec<(usize, Option<Reason>)>,
    /// Dates that cannot be kept.
    pub dates: Vec<Shift>,
    /// What came later than the plan that stands, and has a place.
    pub comes: Vec<usize>,
}

impl Choice {
    /// Activities that are done by somebody else.
    pub fn changed_agents(&self) -> usize {
        self.moves.iter().filter(|step| step.other_agent).count()
    }

    /// What all moves weigh, in units of lateness.
    pub fn price(&self) -> i64 {
        self.moves.iter().map(|step| step.price).sum()
    }

    /// Whether it is the plan that stands, as far as anybody can decide.
    pub fn changes_nothing(&self) -> bool {
        self.moves.is_empty() && self.comes.is_empty() && self.keeps_everything()
    }

    /// Whether nothing leaves and no date moves.
    pub fn keeps_everything(&self) -> bool {
        self.leaves.is_empty() && self.dates.is_empty()
    }
}

/// What becomes of a plan.
#[derive(Debug, Clone)]
pub struct Replanned {
    /// Activities that cannot stay where they are, each for a reason of its own.
    pub hit: Vec<usize>,
    /// What happens if nobody decides: the same agents in the same order, later where that must be. What has lost its
    /// agents leaves.
    pub carried: Choice,
    /// Ways to go on, the recommended one first.
    pub options: Vec<Choice>,
    /// The plan that somebody would make who did not know the one that stands.
    pub scratch: Choice,
}

impl Replanned {
    /// Whether the plan still holds as it stands; if not, its dates are outdated.
    pub fn holds(&self) -> bool {
        self.hit.is_empty()
    }

    /// The recommended way.
    pub fn best(&self) -> &Choice {
        self.options.first().unwrap_or(&self.carried)
    }
}

/// Finds the plan that changes least.
///
/// # Errors
/// The fault that keeps the problem from being planned at all.
pub fn replan(problem: &Problem, standing: &Standing, facts: &Facts, options: &Options) -> Result<Replanned, Fault> {
    problem.check()?;
    options::Weigher::new(problem, standing, facts, options)?.replanned()
}
