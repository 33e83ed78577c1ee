//! What the past teaches a plan: how everybody works, what a minute costs, what sprints did. It takes hundreds of reads,
//! so a board that stays open keeps it until something happens that changes it.

use std::collections::BTreeMap;

use super::planning::happened;
use super::{Error, Service, estimates, habits};
use crate::domain::sprint::FEWEST_SPRINTS;
use crate::domain::task::ReviewStatus;
use crate::domain::{ChangeId, Event, Sprint, SprintState};
use crate::plan::capacity::Habits;
use crate::plan::estimate::spend::Rates;
use crate::store::Read;

/// What was learned.
#[derive(Debug, Clone)]
pub(super) struct Lessons {
    /// How everybody works.
    pub habits: Habits,
    /// What a minute of work costs.
    pub money: Rates,
    /// How many tokens it takes.
    pub tokens: Rates,
    /// Story points that each of the last three sprints did, oldest first; none until so many were closed.
    pub done: Vec<f64>,
}

/// What was learned up to a change.
#[derive(Debug)]
pub(super) struct Kept {
    upto: ChangeId,
    lessons: Lessons,
}

impl Lessons {
    /// Read anew.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn read(service: &Service, sprints: &[Sprint]) -> Result<Self, Error> {
        let (read, now) = (service.read(), service.now());
        let upto = read.head()?;
        let team = estimates::Team::read(read, &now)?;
        let seen = habits::seen(read, &now, &team, sprints)?;
        let (money, tokens) = seen.rates();
        let lessons = Self { money, tokens, done: done(read, sprints)?, habits: seen.habits() };
        *service.learned.borrow_mut() = Some(Kept { upto, lessons: lessons.clone() });
        Ok(lessons)
    }

    /// As they were read last, unless something has happened since that teaches something else.
    ///
    /// # Errors
    /// When the board cannot be read.
    pub fn recall(service: &Service, sprints: &[Sprint]) -> Result<Self, Error> {
        let head = service.read().head()?;
        let known = service.learned.borrow().as_ref().map(|kept| kept.upto);
        match known {
            Some(upto) if upto == head || !happened(service, upto, teaches)? => {}
            _ => return Self::read(service, sprints),
        }
        let carried = service.learned.borrow_mut().as_mut().map(|kept| {
            kept.upto = head;
            kept.lessons.clone()
        });
        carried.map_or_else(|| Self::read(service, sprints), Ok)
    }
}

/// True of an end of work, a judgement, an answer, a sprint's bounds, and of what hours are counted by.
fn teaches(event: &Event) -> bool {
    match event {
        Event::ReviewSet { review, .. } => review.as_ref().is_some_and(|review| review.status != ReviewStatus::Pending),
        Event::AttemptEnded { .. }
        | Event::EscalationAnswered { .. }
        | Event::SprintStarted { .. }
        | Event::SprintClosed { .. }
        | Event::AgentAdded { .. }
        | Event::AgentEdited { .. }
        | Event::PolicyChanged { .. }
        | Event::TaskImported { .. }
        | Event::RecordImported { .. }
        | Event::Restored { .. } => true,
        _ => false,
    }
}

/// Story points that each of the last three sprints did, oldest first; none until so many were closed.
fn done(read: &dyn Read, sprints: &[Sprint]) -> Result<Vec<f64>, Error> {
    let mut done = Vec::new();
    let closed = sprints.iter().filter(|sprint| sprint.state == SprintState::Closed && sprint.started_at.is_some());
    let closed: BTreeMap<i64, &Sprint> = closed.map(|sprint| (sprint.number, sprint)).collect();
    for sprint in closed.values().rev().take(FEWEST_SPRINTS) {
        let Some(outcome) = read.outcome(sprint.sprint_id)? else { continue };
        let tasks = outcome.tasks.iter().chain(&outcome.added).filter(|task| task.done);
        done.push(tasks.filter_map(|task| task.points).sum());
    }
    done.reverse();
    Ok(if done.len() < FEWEST_SPRINTS { Vec::new() } else { done })
}
