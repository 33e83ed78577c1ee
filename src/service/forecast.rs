//! What a forecast needs from the board, the log of forecasts that were shown, and how good they were.
//!
//! It only carries: what follows is for [`crate::plan::prospect`] and [`crate::plan::forecast`] to say. The log is no part
//! of the board's history: it is kept like a draft, by sprint, and undo leaves it alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::course::course;
use super::estimates::begun;
use super::planning::point_rule;
use super::{Error, Service};
use crate::domain::{
    AgentId, Attempt, EscalationState, Outcome, Rejection, Sprint, SprintState, Status, Task, TaskId, Timestamp,
};
use crate::plan::capacity::PointRule;
use crate::plan::course::Course;
use crate::plan::forecast::Past;
use crate::plan::forecast::score::{Hits, brier, brier_of_base_rate, expectation, pinball};
use crate::plan::prospect::{Deed, Deeds, How, MODEL, Prospect};
use crate::store::{Now, Read};

/// Finished tasks that history is read from.
const HISTORY: usize = 500;
/// Forecasts of one sprint that are kept; the first one and the latest.
const KEPT: usize = 200;

/// Everything that a forecast is made of, read from the board.
#[derive(Debug, Clone)]
pub struct Asked {
    course: Course,
    deeds: Deeds,
}

impl Asked {
    /// What cannot go on, and what waits for that; none of it is counted.
    pub fn waits(&self) -> Vec<String> {
        self.course.waits()
    }

    /// The forecast; none where nothing is open that somebody can do. Takes a while: nothing for an event loop.
    ///
    /// # Errors
    /// What keeps the sprint from being planned at all.
    pub fn prospect(&self, how: How) -> Result<Option<Prospect>, String> {
        Prospect::of(&self.course, &self.deeds, how)
    }
}

/// Reads what a forecast of a sprint needs.
///
/// # Errors
/// When it is closed already, or the board cannot be read.
pub fn ask(read: &dyn Read, now: &Now, sprint: &Sprint) -> Result<Asked, Error> {
    if sprint.state == SprintState::Closed {
        let why = format!("{} is closed; `vayu sprint report` shows how it ended", sprint.name);
        return Err(Rejection::Invalid(why).into());
    }
    let deeds = Deeds {
        starts_at: Some(sprint.starts_at).filter(|_| sprint.state == SprintState::Planned),
        sprint: sprint.number,
        ..deeds(read, now)?
    };
    Ok(Asked { course: course(read, now, sprint)?, deeds })
}

/// What the team did so far: finished tasks, and those that somebody is at.
fn deeds(read: &dyn Read, now: &Now) -> Result<Deeds, Error> {
    let rule = point_rule(read)?;
    let sprints = read.sprints()?;
    let agents = read.agents(now)?.into_iter().map(|row| (row.agent.agent_id, row.agent.name));
    let names: BTreeMap<AgentId, String> = agents.collect();
    let number = |task: &Task| {
        let own = sprints.iter().find(|sprint| Some(sprint.sprint_id) == task.sprint_id);
        own.map_or(0, |sprint| sprint.number)
    };
    let mut tasks: Vec<(Timestamp, Deed)> = Vec::new();
    for task in begun(read, now, HISTORY)? {
        let attempts = read.attempts(task.task_id)?;
        let Some(past) = past(&task, &attempts, asks(read, task.task_id)?, &rule, now.wall) else { continue };
        let agent = attempts.first().and_then(|first| names.get(&first.agent_id).cloned());
        tasks.push((
            task.execution.ended_at.unwrap_or(now.wall),
            Deed { task_id: Some(task.task_id), agent, sprint: number(&task), past },
        ));
    }
    tasks.sort_by_key(|(at, _)| *at);
    let tasks = tasks.into_iter().map(|(_, deed)| deed).collect();
    Ok(Deeds { tasks, answers: answers(read)?, ..Deeds::default() })
}

fn asks(read: &dyn Read, task: TaskId) -> Result<u32, Error> {
    Ok(read.questions(Some(task))?.len() as u32)
}

/// Working minutes that answers took: of what took longer than half a day, two thirds were night.
fn answers(read: &dyn Read) -> Result<Vec<f64>, Error> {
    let took = read.questions(None)?.into_iter().filter(|ask| ask.state != EscalationState::Open).filter_map(|ask| {
        let minutes = (ask.closed_at? - ask.raised_at).num_minutes().max(1) as f64;
        Some(if minutes > 720.0 { minutes / 3.0 } else { minutes })
    });
    Ok(took.collect())
}

/// A task as history; none where nothing was measured.
fn past(task: &Task, attempts: &[Attempt], asks: u32, rule: &PointRule, now: Timestamp) -> Option<Past> {
    let done = task.status == Status::Completed;
    let sizes = &task.metadata;
    let thought = sizes.estimated_duration.or(sizes.story_points.map(|points| rule.minutes_of(points)))?;
    let seconds = |one: &Attempt| (one.ended_at.unwrap_or(now) - one.started_at).num_seconds().max(1) as f64;
    let all: f64 = attempts.iter().map(seconds).sum();
    let handed_in = attempts.iter().position(|one| one.outcome == Some(Outcome::Submitted));
    let first: f64 = attempts.iter().take(handed_in.map_or(attempts.len(), |at| at + 1)).map(seconds).sum();
    let measured = sizes.actual_duration.filter(|_| done).map_or(all / 60.0, f64::from);
    let share = if all > 0.0 { first / all } else { 1.0 };
    let submitted = attempts.iter().filter(|one| one.outcome == Some(Outcome::Submitted)).count() as u32;
    (measured > 0.0).then(|| Past {
        agent: None,
        sprint: 0,
        thought: f64::from(thought),
        took: measured * share,
        ended: done || handed_in.is_some(),
        // What was handed in last was let pass, or may be sent back yet.
        sent_back: Some(submitted.saturating_sub(u32::from(done || task.status == Status::Reviewing))),
        passed: done,
        redone: Some(measured * (1.0 - share)),
        redoing: !done && task.status != Status::Reviewing,
        asks: Some(asks),
        review: None,
    })
}

/// A forecast that was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Noted {
    /// When.
    pub at: Timestamp,
    /// What it was made by.
    pub model: String,
    /// Names everything that went in.
    pub inputs: String,
    /// When all is done with a chance of one half.
    pub p50_at: Option<Timestamp>,
    /// The same with a chance of 80 %.
    pub p80_at: Option<Timestamp>,
    /// The chance that all is done by the end of the sprint, 0 to 1.
    pub chance: f64,
    /// Open tasks at that time.
    pub tasks: usize,
    /// Tasks that it rests on.
    pub n: usize,
}

fn log_name(sprint: &Sprint) -> String {
    format!("forecast:{}", sprint.sprint_id)
}

/// The forecasts of a sprint that were shown, oldest first.
///
/// # Errors
/// When the board cannot be read.
pub fn log(read: &dyn Read, sprint: &Sprint) -> Result<Vec<Noted>, Error> {
    let text = read.draft(&log_name(sprint))?;
    // What another version wrote is not understood, and no reason to stop.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Writes down that a forecast was shown; the same one twice in a row counts once.
///
/// # Errors
/// When the board cannot be written.
pub fn note(service: &mut Service, sprint: &Sprint, prospect: &Prospect) -> Result<(), Error> {
    let mut log = log(service.read(), sprint)?;
    if log.last().is_some_and(|last| last.inputs == prospect.inputs) {
        return Ok(());
    }
    log.push(Noted {
        at: service.now().wall,
        model: MODEL.to_owned(),
        inputs: prospect.inputs.clone(),
        p50_at: prospect.p50_at,
        p80_at: prospect.p80_at,
        chance: prospect.chance,
        tasks: prospect.tasks,
        n: prospect.basis.n,
    });
    if log.len() > KEPT {
        log.remove(1);
    }
    let text = serde_json::to_string(&log).unwrap_or_default();
    service.keep_draft(&log_name(sprint), Some(&text))
}

/// A sprint that is over, with the first forecast of it that was shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// Number of the sprint.
    pub sprint: i64,
    /// Its name.
    pub name: String,
    /// What was told.
    pub told: Noted,
    /// When its last task was done; none if something was left over.
    pub done_at: Option<Timestamp>,
    /// Whether all was done by the end of the sprint.
    pub held: bool,
    /// Whether it was done by the 80 % date; none if nobody knows.
    pub by_p80: Option<bool>,
}

impl Judged {
    /// Hours from the forecast to then.
    fn hours(&self, at: Timestamp) -> f64 {
        (at - self.told.at).num_minutes() as f64 / 60.0
    }

    /// Hours that the 80 % date told, and those that it took, as far as that is known.
    fn p80(&self) -> Option<(f64, f64)> {
        let told = self.told.p80_at.map_or(f64::MAX, |at| self.hours(at));
        match (self.done_at, self.by_p80) {
            (Some(done), _) => Some((told, self.hours(done))),
            // It took longer than that, nobody knows by how much.
            (None, Some(false)) => Some((told, told + 1.0)),
            _ => None,
        }
    }
}

/// How good the forecasts were.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Closed sprints with a forecast, oldest first.
    pub sprints: Vec<Judged>,
    /// The 80 % date against what came, in hours from when it was told; none of nothing.
    pub p80: Option<Hits>,
    /// What can be said of it.
    pub verdict: &'static str,
    /// Brier score of the chances of the goal; 0 is best.
    pub brier: Option<f64>,
    /// The same of always telling how often goals were reached.
    pub brier_base: Option<f64>,
    /// Pinball loss in hours of always telling how long earlier sprints took; none below four of them.
    pub pinball_base: Option<f64>,
}

/// Scores the first forecast of each closed sprint. One sprint is one observation.
///
/// # Errors
/// When the board cannot be read.
pub fn score(read: &dyn Read) -> Result<Score, Error> {
    let mut closed = read.sprints()?;
    closed.retain(|sprint| sprint.state == SprintState::Closed);
    closed.sort_by_key(|sprint| (sprint.closed_at, sprint.number));
    let (mut sprints, mut lengths, mut base) = (Vec::new(), Vec::new(), Vec::new());
    for sprint in &closed {
        let Some(judged) = judge(read, sprint)? else { continue };
        if let Some(took) = judged.done_at.map(|at| judged.hours(at)) {
            base.extend(expectation(&lengths, 0.8).map(|told| pinball(0.8, told, took)));
            lengths.push(took);
        }
        sprints.push(judged);
    }
    let p80 = Hits::of(0.8, &sprints.iter().filter_map(Judged::p80).collect::<Vec<_>>());
    let chances: Vec<(f64, bool)> = sprints.iter().map(|one| (one.told.chance, one.held)).collect();
    Ok(Score {
        verdict: p80.map_or("nothing to judge yet", |hits| hits.verdict()),
        p80,
        brier: brier(&chances),
        brier_base: brier_of_base_rate(&chances),
        pinball_base: (!base.is_empty()).then(|| base.iter().sum::<f64>() / base.len() as f64),
        sprints,
    })
}

/// The first forecast of a sprint against how it ended; none where either is not known.
///
/// # Errors
/// When the board cannot be read.
pub fn judge(read: &dyn Read, sprint: &Sprint) -> Result<Option<Judged>, Error> {
    let (Some(told), Some(outcome)) = (log(read, sprint)?.into_iter().next(), read.outcome(sprint.sprint_id)?) else {
        return Ok(None);
    };
    let left_over = outcome.tasks.iter().chain(&outcome.added).any(crate::domain::sprint::TaskOutcome::is_left_over);
    let last = outcome.tasks.iter().chain(&outcome.added).filter_map(|task| task.done_at).max();
    let done_at = last.filter(|_| !left_over);
    let closed = sprint.closed_at.unwrap_or(outcome.written_at);
    let by_p80 = match (done_at, told.p80_at) {
        (Some(done), Some(p80)) => Some(done <= p80),
        (None, Some(p80)) if p80 <= closed => Some(false),
        _ => None,
    };
    let held = done_at.is_some_and(|done| done <= sprint.ends_at);
    Ok(Some(Judged { sprint: sprint.number, name: sprint.name.clone(), told, done_at, held, by_p80 }))
}
