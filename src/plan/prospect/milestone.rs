//! When milestones are reached: what the sprint does for them by its runs, and what is open beyond by the team's pace.

use std::collections::BTreeMap;

use serde::Serialize;

use super::pace::{Pace, Paced};
use super::{Told, WANTED};
use crate::domain::Timestamp;
use crate::plan::forecast::{Goal, Runs};

/// Milestones that are told.
const MOST: usize = 12;
/// More tasks than this are not foretold by the pace: that takes their number squared, and says little so far ahead.
const MOST_BY_PACE: usize = 500;

/// What is open of a milestone on the whole board.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenPart {
    /// Its name.
    pub name: String,
    /// Open tasks.
    pub open: usize,
    /// The latest of their deadlines.
    pub due_at: Option<Timestamp>,
}

/// When a milestone is reached.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Milestone {
    /// Its name.
    pub name: String,
    /// Its open tasks that are looked at in the sprint.
    pub tasks: usize,
    /// When the last of those ends, with even chances; none if that is far off, or it has no part in the sprint.
    pub p50_at: Option<Timestamp>,
    /// The same with a chance of 80 %.
    pub p80_at: Option<Timestamp>,
    /// The chance that they are done by the end of the sprint, 0 to 1; none if it has no part in it.
    pub chance: Option<f64>,
    /// Its open tasks in the sprint that are not looked at: without a place in its plan, or done only if there is time.
    pub not_counted: usize,
    /// Its open tasks besides: in no sprint, or in another one.
    pub beyond: usize,
    /// When all of that is done, too, if it comes next; none if there is nothing, or too little was done so far to go by.
    pub pace: Option<ByPace>,
    /// The latest deadline of a task of it.
    pub due_at: Option<Timestamp>,
    /// The chance that all of it is done by then, 0 to 1; none where nobody can say so.
    pub due_chance: Option<f64>,
}

/// A date by how many tasks were done a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ByPace {
    /// Tasks that have to be done: what is left of the sprint, and what is beyond.
    pub tasks: usize,
    /// With even chances; none if that is years away.
    pub p50_at: Option<Timestamp>,
    /// With a chance of 80 %.
    pub p80_at: Option<Timestamp>,
    /// What it rests on.
    #[serde(flatten)]
    pub basis: Paced,
    /// So many were never done in as many days as there are left to its deadline.
    pub never_reached: bool,
}

/// A milestone as the sprint sees it.
#[derive(Debug, Default)]
struct Part {
    /// Its tasks that are looked at.
    inside: Vec<usize>,
    /// How many of the sprint are not.
    out: usize,
    /// Whether some of those cannot go on.
    stuck: bool,
    /// What is open of it on the board.
    open: OpenPart,
}

impl Told<'_> {
    /// Those with a part in the sprint first, by when they are reached, then the others by their deadlines.
    /// At most twelve, and how many more there are.
    pub(super) fn milestones(&self, runs: &Runs, pace: Option<&Pace>) -> (Vec<Milestone>, usize) {
        let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
        for open in &self.deeds.milestones {
            parts.entry(&open.name).or_default().open = open.clone();
        }
        let stuck = self.course.stuck();
        for (at, (job, _)) in self.course.items.iter().enumerate() {
            let Some(name) = &job.milestone else { continue };
            let part = parts.entry(name).or_default();
            match self.plan.places[at] {
                Some(_) => part.inside.push(at),
                None => part.out += 1,
            }
            part.stuck |= stuck.contains(&job.task_id);
            part.open.due_at = part.open.due_at.max(job.deadline);
        }
        let far = |at: Option<Timestamp>| (at.is_none(), at);
        let mut all: Vec<(&str, Part)> =
            parts.into_iter().filter(|(_, part)| part.inside.len() + part.out + part.open.open > 0).collect();
        all.sort_by_cached_key(|(_, Part { inside, open, .. })| {
            let end = runs.quantile_of(inside, WANTED).filter(|_| !inside.is_empty()).and_then(|time| self.date(time));
            (inside.is_empty(), far(end), far(open.due_at))
        });
        let more = all.len().saturating_sub(MOST);
        let told = all.into_iter().take(MOST).map(|(name, part)| self.milestone(name, &part, runs, pace)).collect();
        (told, more)
    }

    fn milestone(&self, name: &str, part: &Part, runs: &Runs, pace: Option<&Pace>) -> Milestone {
        let Part { inside, out, stuck, open } = part;
        let by = |at: Timestamp| Goal { activities: inside.clone(), by: self.time(at) };
        let date = |level| runs.quantile_of(inside, level).and_then(|time| self.date(time));
        let has_part = !inside.is_empty();
        let beyond = open.open.saturating_sub(inside.len() + out);
        let tasks = self.plan.places.iter().flatten().count() + out + beyond;
        let pace = pace.filter(|_| out + beyond > 0 && tasks <= MOST_BY_PACE);
        // Nobody knows when what cannot go on will be done.
        let due_chance = open.due_at.filter(|_| !stuck).and_then(|due| match pace {
            Some(pace) => Some(pace.chance(tasks, due)),
            None => (has_part && out + beyond == 0).then(|| runs.chance(&by(due))),
        });
        Milestone {
            name: name.to_owned(),
            tasks: inside.len(),
            p50_at: date(0.5).filter(|_| has_part),
            p80_at: date(WANTED).filter(|_| has_part),
            chance: has_part.then(|| runs.chance(&by(self.course.ends_at))),
            not_counted: *out,
            beyond,
            pace: pace.map(|pace| ByPace {
                tasks,
                p50_at: pace.when(tasks, 0.5),
                p80_at: pace.when(tasks, WANTED),
                basis: pace.basis,
                never_reached: open.due_at.is_some_and(|due| pace.is_unheard_of(tasks, due)),
            }),
            due_at: open.due_at,
            due_chance,
        }
    }
}
