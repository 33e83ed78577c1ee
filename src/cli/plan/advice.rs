//! What `vayu plan solve` says beside the plan: what stands in the way, what would help and what pins cost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::SolveArgs;
use crate::plan::project::{
    Built, Conflict, Gap, Ground, Lever, Mistake, Price, Project, Trial, Whole, conflicts, levers, prices,
};
use crate::plan::schedule::Found;

/// Each change is tried for so many steps, at least and at most.
const STEPS: std::ops::RangeInclusive<u64> = 30..=3000;
/// Changes that are tried in all, about.
const CHANGES: u64 = 30;

/// What is known beside the plan. Nothing where nothing is left out or pinned.
#[derive(Debug, Default, Serialize)]
pub struct Advice {
    /// What cannot be had together.
    pub conflicts: Vec<Conflict>,
    /// What would let more in, the best first.
    pub levers: Vec<Lever>,
    /// What each pin costs.
    pub pins: Vec<Price>,
    /// When everything could be done at the earliest, if something is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everything: Option<Whole>,
}

/// How long advice may take.
#[derive(Debug)]
pub struct Patience<'a> {
    seed: u64,
    steps: u64,
    until: Instant,
    interrupted: &'a AtomicBool,
}

impl<'a> Patience<'a> {
    /// As long again as the plan took, in steps where those were given: then the answer does not depend on the machine.
    pub fn new(args: &SolveArgs, found: &Found, took: Duration, interrupted: &'a AtomicBool) -> Self {
        let pace = found.steps.max(1) as f64 / took.as_secs_f64().max(1e-3);
        let steps = (pace * args.budget.as_secs_f64()) as u64 / CHANGES;
        let steps = args.steps.unwrap_or(steps.clamp(*STEPS.start(), *STEPS.end()));
        let most = args.steps.map_or(3 * args.budget, |_| Duration::from_hours(1));
        Self { seed: args.seed, steps, until: Instant::now() + most, interrupted }
    }

    /// A question of its own, for which there is more time than for one of many changes.
    pub fn asked<T>(&mut self, ask: impl FnOnce(&mut Trial) -> T) -> T {
        self.steps *= CHANGES / 3;
        let answer = self.given(ask);
        self.steps /= CHANGES / 3;
        answer
    }

    fn given<T>(&mut self, ask: impl FnOnce(&mut Trial) -> T) -> T {
        let mut stop = || Instant::now() >= self.until || self.interrupted.load(Ordering::Relaxed);
        ask(&mut Trial { seed: self.seed, steps: self.steps, stop: &mut stop })
    }
}

impl Advice {
    /// For a plan, as far as there is something to say.
    pub fn of(
        project: &Project,
        built: &Built,
        found: &Found,
        gaps: &[Gap],
        patience: &mut Patience,
    ) -> Result<Self, Mistake> {
        let ground = Ground { project, built, plan: &found.plan };
        let pins = patience.given(|trial| prices(ground, trial))?;
        if found.plan.places.iter().all(Option::is_some) {
            return Ok(Self { pins, ..Self::default() });
        }
        Ok(Self {
            conflicts: patience.given(|trial| conflicts(ground, trial))?,
            levers: patience.given(|trial| levers(ground, trial))?,
            pins,
            everything: Some(Whole::of(project, gaps)?),
        })
    }
}
