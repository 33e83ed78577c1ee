//! Whether deadlines of tasks are kept.

use serde::Serialize;

use super::{Told, WANTED};
use crate::domain::{TaskId, Timestamp};
use crate::plan::forecast::{Goal, Runs};

/// Deadlines that are told.
const MOST: usize = 12;

/// A task with a deadline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Due {
    /// The task.
    pub task_id: TaskId,
    /// Its number.
    pub label: String,
    /// Its title.
    pub title: String,
    /// When it has to be done.
    pub due_at: Timestamp,
    /// The chance that it is, 0 to 1.
    pub chance: f64,
    /// When it is done with a chance of 80 %; none if that is far off.
    pub p80_at: Option<Timestamp>,
}

impl Told<'_> {
    /// Those of all tasks that are looked at, the least likely to be kept first.
    pub(super) fn deadlines(&self, runs: &Runs) -> Vec<Due> {
        let due = |(at, (job, _)): (usize, &(super::super::wizard::Job, _))| {
            let due_at = job.deadline.filter(|_| self.plan.places[at].is_some())?;
            let own = Goal { activities: vec![at], by: self.time(due_at) };
            // What is open after its deadline has missed it, whatever it takes.
            let chance = if due_at <= self.course.ground.now { 0.0 } else { runs.chance(&own) };
            let p80_at = runs.quantile_of(&own.activities, WANTED).and_then(|time| self.date(time));
            let (label, title) = (job.label.clone(), job.title.clone());
            Some(Due { task_id: job.task_id, label, title, due_at, chance, p80_at })
        };
        let mut found: Vec<Due> = self.course.items.iter().enumerate().filter_map(due).collect();
        found.sort_by(|a, b| a.chance.total_cmp(&b.chance).then(a.due_at.cmp(&b.due_at)));
        found.truncate(MOST);
        found
    }
}
