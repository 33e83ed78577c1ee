//! The tech lead's daily round: hands out work, takes back what was dropped, tries again, and asks the human.
//!
//! This module owns the one lead of a board and its ticks. It must never act without the lead, decide what the domain
//! decides, or start work itself: it submits commands like everybody else, and every one of them has a reason.

mod act;
pub mod asks;
pub mod lease;
mod report;
mod rounds;
pub mod survey;
pub mod tick;

pub use report::Report;
pub use rounds::{Handle, spawn};
pub use survey::Depth;

use std::time::Duration;

use crate::service::{Error, Service};
use lease::{Lead, Standing};
use survey::Surveyor;

/// Name under which the orchestrator acts; it stands in the log and on the questions it asks.
pub const NAME: &str = "vayu";

/// So many workers that die or cannot be started within so many minutes halt the board.
const BREAKER_LIMIT: u64 = 10;
const BREAKER_MINUTES: i64 = 10;

/// How an orchestrator runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the process calls itself when it leads, for example `board` or `orchestrate`.
    pub name: String,
    /// Lease of the lead in milliseconds of the board's clock; another process takes over when it runs out.
    pub lease_ms: i64,
    /// Longest real time between two looks at leases and retries.
    pub pulse: Duration,
}

impl Options {
    /// With the usual lease of five seconds and one look per second.
    pub fn named(name: &str) -> Self {
        Self { name: name.into(), lease_ms: 5_000, pulse: Duration::from_secs(1) }
    }
}

/// One candidate for the lead of a board.
pub struct Orchestrator {
    service: Service,
    lead: Lead,
    surveyor: Surveyor,
}

impl Orchestrator {
    /// Over a board; does not lead yet.
    pub fn new(service: Service, options: &Options) -> Self {
        Self { service, lead: Lead::new(&options.name, options.lease_ms), surveyor: Surveyor::default() }
    }

    /// The name under which it leads.
    pub fn holder(&self) -> &str {
        self.lead.holder()
    }

    /// Takes or keeps the lead, if it can be had.
    ///
    /// # Errors
    /// When the board cannot be read or written.
    pub fn stand(&mut self) -> Result<Standing, Error> {
        self.surveyor.wake(&self.service.now());
        self.lead.keep(&mut self.service)
    }

    /// One tick, if it leads: looks, decides, acts. Returns how many steps changed the board.
    ///
    /// # Errors
    /// When the board cannot be read or written.
    pub fn tick(&mut self, depth: Depth, report: &mut dyn FnMut(Report)) -> Result<usize, Error> {
        if !matches!(self.stand()?, Standing::Leads(_)) {
            return Ok(0);
        }
        let now = self.service.now();
        let survey = self.surveyor.look(self.service.read(), now, depth)?;
        let steps = act::carry_out(&mut self.service, &mut self.lead, tick::tick(&survey), report)?;
        if steps == 0 {
            self.service.tidy()?;
        }
        Ok(steps)
    }

    /// Gives the lead back.
    ///
    /// # Errors
    /// When the board cannot be written; the lease runs out then.
    pub fn step_down(&mut self) -> Result<(), Error> {
        self.lead.step_down(&mut self.service)
    }
}
