//! The play: one course of events for the history and for what is live; only the pace differs.

use std::collections::VecDeque;

use chrono::Duration;

use super::agenda::{Agenda, Happening};
use super::clock::DemoClock;
use super::script::{Item, Script};
use super::worker::Worker;
use crate::domain::{Actor, Command, TaskId, Timestamp};
use crate::service::{Done, Error, Service};

/// How fast and by whom things are done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Minutes of work per story point.
    pub(super) minutes_per_point: f64,
    /// Shortest and longest time between two jobs of a worker, in minutes.
    pub(super) gap: (f64, f64),
    /// Minutes after which the owner answers what nobody else has answered; a little more for some.
    pub(super) patience: i64,
    /// Whether work begins only in working hours.
    pub(super) hours: bool,
    /// Questions that may be open before no further one is asked.
    pub(super) asks: usize,
}

impl Pace {
    /// As a team works.
    pub(super) const HISTORY: Self =
        Self { minutes_per_point: 70.0, gap: (500.0, 3600.0), patience: 25, hours: true, asks: 1 };
    /// As somebody likes to watch it.
    pub(super) const LIVE: Self =
        Self { minutes_per_point: 40.0, gap: (2.0, 12.0), patience: 480, hours: false, asks: 3 };
}

/// A task that will be written down.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) item: Item,
    pub(super) id: TaskId,
    /// The task that it waits for.
    pub(super) after: Option<TaskId>,
    /// Written down with the others, but not meant for their sprint.
    pub(super) later: bool,
}

/// The board with everybody at it.
pub(super) struct Play {
    pub(super) service: Service,
    pub(super) clock: DemoClock,
    pub(super) script: Script,
    pub(super) rng: fastrand::Rng,
    pub(super) owner: Actor,
    pub(super) workers: Vec<Worker>,
    pub(super) agenda: Agenda,
    pub(super) pace: Pace,
    /// Bundles, in the order of the script.
    pub(super) epics: Vec<TaskId>,
    /// What the coming sprints are made of.
    pub(super) upcoming: VecDeque<Vec<Planned>>,
    /// Questions, incoming tasks and sprints used so far.
    pub(super) asked: usize,
    pub(super) came_in: usize,
    pub(super) planned: usize,
}

impl Play {
    pub(super) fn now(&self) -> Timestamp {
        self.service.now().wall
    }

    /// Does something by itself. A rule may say no, for example because somebody took the task away: so be it.
    ///
    /// # Errors
    /// Only when the board cannot be written.
    pub(super) fn attempt(&mut self, actor: &Actor, commands: &[Command]) -> Result<Option<Done>, Error> {
        match self.service.submit_all(actor, commands) {
            Ok(done) => Ok(Some(done)),
            Err(Error::Rejected(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets happen what is due by `until`; a clock that is held is set to each moment.
    ///
    /// # Errors
    /// When the board cannot be written.
    pub(super) fn go_on(&mut self, until: Timestamp, held: bool) -> Result<(), Error> {
        while let Some((at, what)) = self.agenda.due(until) {
            if held {
                self.clock.set(at);
            }
            self.happen(what)?;
        }
        Ok(())
    }

    fn happen(&mut self, what: Happening) -> Result<(), Error> {
        match what {
            Happening::Look(worker) => self.look(worker),
            Happening::Move(worker, job) => self.move_on(worker, job),
            Happening::Rounds => self.rounds(),
            Happening::Incoming => self.incoming(),
            Happening::SprintEnds(sprint) => self.end_sprint(sprint),
        }
    }

    pub(super) fn plan_in(&mut self, minutes: f64, what: Happening) {
        let at = self.now() + Duration::milliseconds((minutes * 60_000.0) as i64);
        let at = if self.pace.hours { super::agenda::at_work(at) } else { at };
        self.agenda.plan(at, what);
    }

    /// A number between the two.
    pub(super) fn between(&mut self, (least, most): (f64, f64)) -> f64 {
        least + (most - least) * self.rng.f64()
    }

    /// One of several texts.
    pub(super) fn pick(&mut self, texts: &[String]) -> String {
        self.rng.choice(texts).cloned().unwrap_or_default()
    }
}
