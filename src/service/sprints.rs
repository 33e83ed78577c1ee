//! What is known about sprints: the books of the closed ones, how far the scope has moved, what was corrected later.
//!
//! It only gathers: what follows from the books is for [`crate::domain::sprint::Report`] to say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Error;
use crate::domain::sprint::{Books, Report, Tally, TaskOutcome};
use crate::domain::{Level, Rejection, Sprint, SprintState, Status, Task, TaskId, TaskNumber};
use crate::store::Read;
use crate::store::view::{Filter, Page};

/// The report of a closed sprint.
///
/// # Errors
/// When it is not closed, or was closed by a version that wrote nothing down, or the board cannot be read.
pub fn report(read: &dyn Read, sprint: &Sprint) -> Result<Report, Error> {
    if sprint.state != SprintState::Closed {
        let (name, state) = (&sprint.name, sprint.state);
        let why =
            format!("{name} is {state}; its report is written when it is closed. `vayu sprint status` shows it now");
        return Err(Rejection::Invalid(why).into());
    }
    let Some(books) = books(read, sprint)? else {
        let why = format!("{} was closed by an older version of vayu, which wrote no outcome down", sprint.name);
        return Err(Rejection::Invalid(why).into());
    };
    let (earlier, unrecorded) = closed_before(read, sprint)?;
    Ok(Report::of(&books, &earlier, unrecorded))
}

fn books(read: &dyn Read, sprint: &Sprint) -> Result<Option<Books>, Error> {
    let Some(outcome) = read.outcome(sprint.sprint_id)? else { return Ok(None) };
    Ok(Some(Books { sprint: sprint.clone(), baseline: read.baseline(sprint.sprint_id)?, outcome }))
}

/// Sprints that were closed before this one, oldest first, and how many more nothing is known of.
fn closed_before(read: &dyn Read, sprint: &Sprint) -> Result<(Vec<Books>, usize), Error> {
    let place = |sprint: &Sprint| (sprint.closed_at, sprint.number);
    let mut closed = read.sprints()?;
    closed.retain(|other| other.state == SprintState::Closed && place(other) < place(sprint));
    closed.sort_by_key(place);
    let mut known = Vec::new();
    for other in &closed {
        known.extend(books(read, other)?);
    }
    let unrecorded = closed.len() - known.len();
    Ok((known, unrecorded))
}

/// The sprint that was closed last.
///
/// # Errors
/// When the board cannot be read.
pub fn last_closed(read: &dyn Read) -> Result<Option<Sprint>, Error> {
    let closed = read.sprints()?.into_iter().filter(|sprint| sprint.state == SprintState::Closed);
    Ok(closed.max_by_key(|sprint| (sprint.closed_at, sprint.number)))
}

/// What a sprint set out to do, and what came and went since.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Scope {
    /// What was committed to.
    pub committed: Tally,
    /// What is done if there is time.
    pub stretch: Tally,
    /// What came later.
    pub added: Tally,
    /// What was taken out, by its points at the start.
    pub removed: Tally,
}

/// How far the scope of a sprint has moved since its start, or had moved at its close; none without a baseline.
///
/// # Errors
/// When the board cannot be read.
pub fn scope(read: &dyn Read, sprint: &Sprint) -> Result<Option<Scope>, Error> {
    let Some(base) = read.baseline(sprint.sprint_id)? else { return Ok(None) };
    let mut scope = Scope { committed: base.committed, stretch: base.stretch, ..Scope::default() };
    let planned: BTreeMap<TaskId, Option<f64>> = base.tasks.iter().map(|task| (task.task_id, task.points)).collect();
    let mut here = BTreeSet::new();
    if let Some(outcome) = read.outcome(sprint.sprint_id)? {
        here.extend(outcome.tasks.iter().map(|task| task.task_id));
        scope.added = outcome.added.iter().fold(Tally::default(), |sum, task| sum.and(task.points));
    } else {
        for task in members(read, sprint)? {
            let ended_before = task.status.is_closed() && task.execution.ended_at.is_some_and(|at| at < base.taken_at);
            if !planned.contains_key(&task.task_id) && !ended_before {
                scope.added = scope.added.and(task.metadata.story_points);
            }
            here.insert(task.task_id);
        }
    }
    let gone = planned.iter().filter(|(id, _)| !here.contains(*id));
    scope.removed = gone.fold(Tally::default(), |sum, (_, points)| sum.and(*points));
    Ok(Some(scope))
}

fn members(read: &dyn Read, sprint: &Sprint) -> Result<Vec<Task>, Error> {
    let levels = vec![Level::Task];
    let filter = Filter { sprint: Some(sprint.sprint_id), levels, archived: true, ..Filter::default() };
    Ok(read.list_tasks(&filter, Page::ALL)?)
}

/// A task of a closed sprint that is not any more what the books say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The task.
    pub task_id: TaskId,
    /// Its number then.
    pub number: TaskNumber,
    /// The beginning of its title then.
    pub title: String,
    /// What is different, in words.
    pub what: Vec<String>,
}

/// What was changed about the tasks of a closed sprint after its close. Leftovers are expected to go on: of them only
/// those are told that are gone. Changes nothing about the report.
///
/// # Errors
/// When the board cannot be read.
pub fn corrections(read: &dyn Read, sprint: &Sprint) -> Result<Vec<Correction>, Error> {
    let Some(outcome) = read.outcome(sprint.sprint_id)? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for then in outcome.tasks.iter().chain(&outcome.added) {
        let what = match read.task(then.task_id)? {
            None => vec!["deleted".to_owned()],
            Some(now) if then.done => differences(then, &now, sprint),
            Some(_) => Vec::new(),
        };
        if !what.is_empty() {
            let (task_id, number, title) = (then.task_id, then.number, then.title.clone());
            found.push(Correction { task_id, number, title, what });
        }
    }
    Ok(found)
}

fn differences(then: &TaskOutcome, now: &Task, sprint: &Sprint) -> Vec<String> {
    let number = |points: Option<f64>| points.map_or_else(|| "none".to_owned(), |points| points.to_string());
    let minutes = |estimate: Option<u32>| estimate.map_or_else(|| "none".to_owned(), |minutes| format!("{minutes}m"));
    let points = (then.points, now.metadata.story_points);
    let estimate = (then.estimate, now.metadata.estimated_duration);
    let told = [
        (now.status != Status::Completed).then(|| format!("taken up again, now {}", now.status)),
        (now.sprint_id != Some(sprint.sprint_id)).then(|| "moved out of the sprint".to_owned()),
        (points.0 != points.1).then(|| format!("points {} → {}", number(points.0), number(points.1))),
        (estimate.0 != estimate.1).then(|| format!("estimate {} → {}", minutes(estimate.0), minutes(estimate.1))),
        now.archived_at.map(|_| "archived".to_owned()),
    ];
    told.into_iter().flatten().collect()
}
