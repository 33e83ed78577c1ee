//! The sprint wizard: a draft that is saved at each step, what follows from it, and the commands it ends in.
//!
//! This module owns the six steps of a plan. It must never read the board or the clock itself: the face brings a
//! [`Ground`], keeps the [`Draft`], shows the [`Outlook`] and submits [`commands`] as one change.
//!
//! Places of what is to come: a learned estimator fills [`Sizes`] before [`jobs`] is called; a forecast reads the
//! schedule and adds to [`Outlook`]; a language model writes the draft's objectives and pieces.

mod advice;
mod aims;
mod check;
mod commit;
mod fill;
mod ground;
mod outlook;
mod schedule;
mod spend;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, DurationRound, NaiveTime};
use serde::{Deserialize, Serialize};

pub use advice::{Advice, Clash, Help};
pub use aims::{Aim, Analysis};
pub use check::{Check, Weight};
pub use commit::{commands, layout};
pub use fill::{fill, leaves};
pub use ground::{Ground, Job, Offer, Outside, Running, jobs};
pub use outlook::Outlook;
pub use schedule::{AT_ONCE, LeftOut, Schedule, Slot, THOROUGH, Turn};
pub use spend::{Bill, Spending};

use super::breakdown::{Library, Piece, UNCLEAR, break_down};
use super::objectives::{Objective, Reading};
use crate::domain::hours::is_weekend;
use crate::domain::sprint::Allotment;
use crate::domain::{AgentId, Ids, Policy, SprintId, TaskId, Timestamp};

/// Form of the draft; drafts of another form are put aside.
const VERSION: u32 = 2;
/// Usual length of a sprint in days.
pub const USUAL_DAYS: i64 = 14;

/// The steps of a plan, in their order; each can be opened at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// What it is for, and when.
    #[default]
    Goal,
    /// What the team can do.
    Capacity,
    /// What is to be reached.
    Objectives,
    /// Which tasks go in.
    Tasks,
    /// Who does what when.
    Schedule,
    /// A last look, and the start.
    Start,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Goal, Self::Capacity, Self::Objectives, Self::Tasks, Self::Schedule, Self::Start];

    /// From 1 to 6.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// Heading.
    pub fn title(self) -> &'static str {
        ["Goal & dates", "Capacity", "Objectives", "Tasks", "Schedule", "Start sprint"][self as usize]
    }

    /// The step after this one, or this one if it is the last.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1).min(5)]
    }

    /// The step before this one, or this one if it is the first.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }
}

/// A size that was given in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sizes {
    /// Minutes of work.
    pub minutes: Option<u32>,
    /// Story points.
    pub points: Option<f64>,
}

/// A plan in the making, as it is saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Form of this record.
    pub version: u32,
    /// Where the planner stands.
    pub step: Step,
    /// Id of the sprint to be.
    pub sprint_id: SprintId,
    /// Its name; empty: `Sprint N`.
    pub name: String,
    /// What it is for.
    pub goal: String,
    /// First instant.
    pub starts_at: Timestamp,
    /// First instant after it.
    pub ends_at: Timestamp,
    /// Minutes set by hand, by agent.
    pub by_hand: BTreeMap<AgentId, Allotment>,
    /// Story points that shall not be exceeded; none: what the capacity gives.
    pub points: Option<f64>,
    /// The objectives as they were typed.
    pub text: String,
    /// What was read from them.
    pub objectives: Vec<Objective>,
    /// What they say that shall not be done; no tasks are made of that.
    #[serde(default)]
    pub limits: Vec<String>,
    /// Tasks made for them, with what holds them together.
    pub pieces: Vec<Piece>,
    /// Tasks of the backlog that go in.
    pub picks: BTreeSet<TaskId>,
    /// Of the tasks that go in, those that nobody commits to: done if there is time.
    pub stretch: BTreeSet<TaskId>,
    /// Sizes given here to tasks of the backlog.
    pub sizes: BTreeMap<TaskId, Sizes>,
}

/// The name that follows a sprint's name, if that ends with a number: `Sprint 14`, `Sprint 15`.
fn name_after(name: &str) -> Option<String> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = name[stem.len()..].parse::<u32>().ok()?.checked_add(1)?;
    Some(format!("{stem}{number}"))
}

/// The pieces with the dates of their objective: by when on those that nothing else of it waits for, from when on those
/// that wait for nothing.
fn dated(mut pieces: Vec<Piece>, objective: &Objective, now: Timestamp) -> Vec<Piece> {
    let deadline = objective.due.and_then(|due| due.at(now));
    let awaited: BTreeSet<TaskId> = pieces.iter().flat_map(|piece| piece.after.iter().copied()).collect();
    for piece in pieces.iter_mut().filter(|piece| piece.is_task() && !awaited.contains(&piece.task_id)) {
        piece.deadline = deadline;
    }
    let not_before = objective.from.and_then(|from| from.at(now));
    for piece in pieces.iter_mut().filter(|piece| piece.is_task() && piece.after.is_empty()) {
        piece.not_before = not_before;
    }
    pieces
}

/// The first instant of the day of `at`, in UTC.
pub fn midnight(at: Timestamp) -> Timestamp {
    at.date_naive().and_time(NaiveTime::MIN).and_utc()
}

/// The first instant of the first day from here on that is neither on a weekend nor a holiday.
fn day_of_work(from: Timestamp, policy: &Policy) -> Timestamp {
    let first = from.duration_round_up(Duration::days(1)).unwrap_or(from);
    let works = |at: &Timestamp| {
        let date = at.date_naive();
        !is_weekend(date) && !policy.holidays.iter().any(|days| days.contains(date))
    };
    (0..366).map(|days| first + Duration::days(days)).find(works).unwrap_or(first)
}

impl Draft {
    /// An empty plan of the next sprint: it begins now or, while another sprint runs, with the first day of work after it.
    pub fn next(ground: &Ground, ids: &mut dyn Ids) -> Self {
        let first =
            ground.active.as_ref().map_or(ground.now, |active| day_of_work(active.sprint.ends_at, &ground.policy));
        if first > ground.now { Self::new(first, ids) } else { Self::new(ground.now, ids) }
    }

    /// An empty plan that begins at a time and ends with the fourteenth day.
    pub fn new(now: Timestamp, ids: &mut dyn Ids) -> Self {
        Self {
            version: VERSION,
            step: Step::Goal,
            sprint_id: SprintId(ids.next()),
            name: String::new(),
            goal: String::new(),
            starts_at: now,
            ends_at: midnight(now) + Duration::days(USUAL_DAYS),
            by_hand: BTreeMap::new(),
            points: None,
            text: String::new(),
            objectives: Vec::new(),
            limits: Vec::new(),
            pieces: Vec::new(),
            picks: BTreeSet::new(),
            stretch: BTreeSet::new(),
            sizes: BTreeMap::new(),
        }
    }

    /// The saved draft; `None` if the text is none of ours, or of another version.
    pub fn restore(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|draft| draft.version == VERSION)
    }

    /// The text to be saved.
    ///
    /// # Panics
    /// Never: every part of a draft can be written as JSON.
    pub fn save(&self) -> String {
        serde_json::to_string(self).expect("a draft is plain data")
    }

    /// Reads objectives from free text and makes their tasks anew. Text that has not changed changes nothing, so that
    /// what was picked and sized stays.
    pub fn set_objectives(&mut self, text: &str, library: &Library, ground: &Ground, ids: &mut dyn Ids) {
        if self.text == text {
            return;
        }
        text.clone_into(&mut self.text);
        let Reading { objectives: new, limits } = Reading::of(text);
        self.limits = limits;
        let mut old: Vec<(Objective, Vec<Piece>)> = std::mem::take(&mut self.objectives)
            .into_iter()
            .enumerate()
            .map(|(at, objective)| (objective, self.pieces.iter().filter(|p| p.objective == at).cloned().collect()))
            .collect();
        self.pieces.clear();
        for (number, objective) in new.into_iter().enumerate() {
            // An objective that is still there keeps its tasks, and what was decided about them.
            let pieces = match old.iter().position(|(known, _)| *known == objective) {
                Some(at) => old.swap_remove(at).1,
                None => dated(break_down(&objective, number, library, &ground.agents(), ids), &objective, ground.now),
            };
            self.pieces.extend(pieces.into_iter().map(|piece| Piece { objective: number, ..piece }));
            self.objectives.push(objective);
        }
    }

    /// True if this task goes in.
    pub fn is_picked(&self, id: TaskId) -> bool {
        self.picks.contains(&id) || self.pieces.iter().any(|piece| piece.task_id == id && piece.picked)
    }

    /// Puts a task in or takes it out.
    pub fn pick(&mut self, id: TaskId, picked: bool) {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.task_id == id) {
            piece.picked = picked;
        } else if picked {
            self.picks.insert(id);
        } else {
            self.picks.remove(&id);
        }
        if !picked {
            self.stretch.remove(&id);
        }
    }

    /// Gives a new task another title.
    pub fn rename(&mut self, id: TaskId, title: &str) {
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.task_id == id) {
            title.clone_into(&mut piece.title);
            // Somebody has said what it is.
            if piece.playbook == UNCLEAR {
                piece.playbook.clear();
            }
        }
    }

    /// Gives a task another size: minutes, points or both. What is not said follows from the other; nothing said leaves
    /// it as it is.
    pub fn resize(&mut self, id: TaskId, minutes: Option<u32>, points: Option<f64>) {
        if minutes.is_none() && points.is_none() {
            return;
        }
        if let Some(piece) = self.pieces.iter_mut().find(|piece| piece.task_id == id) {
            (piece.minutes, piece.points, piece.sized) = (minutes, points, true);
        } else {
            self.sizes.insert(id, Sizes { minutes, points });
        }
    }

    /// Commits to a task that goes in, or does it only if there is time; a task that does not go in yet does.
    pub fn commit_to(&mut self, id: TaskId, committed: bool) {
        self.pick(id, true);
        if committed {
            self.stretch.remove(&id)
        } else {
            self.stretch.insert(id)
        };
    }

    /// Takes everybody out who is not among these.
    pub fn only(&mut self, ground: &Ground, team: &BTreeSet<AgentId>) {
        let others = ground.team.iter().map(|member| member.agent.agent_id).filter(|id| !team.contains(id));
        self.by_hand.extend(others.map(|id| (id, Allotment::NONE)));
    }

    /// Forgets what is no longer on offer: tasks that were finished, archived or planned elsewhere meanwhile. Returns the
    /// picked ones among them.
    pub fn refresh(&mut self, ground: &Ground) -> Vec<TaskId> {
        let offered: BTreeSet<TaskId> = ground.offers.iter().map(|offer| offer.task_id).collect();
        let gone = self.picks.difference(&offered).copied().collect();
        self.picks.retain(|id| offered.contains(id));
        self.sizes.retain(|id, _| offered.contains(id));
        let own: BTreeSet<TaskId> = self.pieces.iter().map(|piece| piece.task_id).collect();
        self.stretch.retain(|id| offered.contains(id) || own.contains(id));
        gone
    }

    /// The sprint's name, with the default filled in.
    pub fn display_name(&self, ground: &Ground) -> String {
        let name = self.name.trim();
        match ground.newest.as_deref().and_then(name_after).filter(|_| name.is_empty()) {
            Some(next) => next,
            None if name.is_empty() => format!("Sprint {}", ground.next_sprint),
            None => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_sprint_is_named_after_the_last() {
        assert_eq!(name_after("Sprint 14"), Some("Sprint 15".into()));
        assert_eq!(name_after("S9"), Some("S10".into()));
        assert_eq!(name_after("Polish"), None);
        assert_eq!(name_after("4294967295"), None);
        assert_eq!(name_after(""), None);
    }
}
