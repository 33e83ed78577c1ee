//! What things take in a run, and what comes in between.

use super::{Player, State};
use crate::plan::forecast::Role;
use crate::plan::forecast::belief::Belief;
use crate::plan::forecast::chance::Chance;
use crate::plan::forecast::world::{Job, Part};
use crate::plan::schedule::model::Time;

/// Working minutes after which somebody else is asked: two weeks.
const LONGEST_ANSWER: f64 = 4800.0;

impl Player<'_> {
    /// Risks that come true but for one: minutes for an activity, or for everybody.
    pub(super) fn blows(&self, seed: u64, run: u64, spared: Option<usize>) -> Vec<(Option<usize>, f64)> {
        let mut blows = Vec::new();
        for (at, risk) in self.risks.iter().enumerate() {
            let mut chance = Chance::of(seed ^ 0xB15C, run, at as u64);
            if chance.share() < risk.chance && spared != Some(at) {
                let minutes = range(risk.minutes, chance.normal());
                if risk.activities.is_empty() {
                    blows.push((None, minutes));
                }
                blows.extend(risk.activities.iter().map(|&activity| (Some(activity), minutes)));
            }
        }
        blows
    }

    /// Draws what a task takes, and notes where it stands.
    pub(super) fn prepare(&mut self, at: usize, belief: &Belief, mut chance: Chance, median: bool) {
        let Some(job) = &self.world.jobs[at] else { return };
        let begun = job.is_begun();
        let mut task = State {
            step: job.over,
            waits: if begun {
                0
            } else if job.never {
                u32::MAX
            } else {
                job.waits
            },
            // The wait of everybody, if there is one, is over by now.
            release: if begun { self.now } else { job.release.max(self.now) },
            rounds: job.pass.map_or(0, |pass| pass.rounds),
            begun,
            ..State::default()
        };
        if job.is_over() {
            self.ends[at] = job.ended;
            self.tasks[at] = State { waits: u32::MAX, ..task };
            return;
        }
        let deviation = chance.normal();
        let past_work = job.steps[..job.over].iter().rev().find(|part| part.role == Role::Work);
        task.work = job.pass.map_or_else(|| past_work.map_or(0.0, |part| part.minutes), |pass| pass.first);
        let deviation = if median && job.steps[job.over].role == Role::Work { 0.0 } else { deviation };
        task.chance = Some(chance);
        self.tasks[at] = task;
        self.draw(at, belief, deviation, job);
    }

    /// So many working minutes later.
    pub(super) fn delayed(&self, at: Time, minutes: Time) -> Time {
        if minutes == 0 { at } else { self.world.clocks[self.world.hours].after(at, minutes) }
    }

    /// The length of the stage that is to come or running.
    pub(super) fn draw(&mut self, at: usize, belief: &Belief, deviation: f64, job: &Job) {
        let task = &mut self.tasks[at];
        let part = &job.steps[task.step];
        let (minutes, middle, spread) = expected(part, task, belief, job);
        let chance = task.chance.as_mut().expect("a task that is played has its draws");
        let running = job.running.filter(|_| task.step == job.over && !task.drawn && minutes > 0.0);
        let (whole, left) = if let Some(worked) = running {
            let least = ((worked.max(1.0) / minutes).ln() - middle) / spread.max(1e-6);
            let whole = minutes * (middle + spread * chance.normal_above(least)).exp();
            (whole.max(worked), (whole - worked).max(1.0))
        } else {
            let whole = minutes * (middle + spread * deviation).exp();
            (whole, whole)
        };
        task.drawn = true;
        (task.left, task.pieces) = (left, 1);
        if part.role == Role::Work && task.rounds == 0 {
            task.work = whole;
            task.pieces += chance.count(belief.asks * if whole > 0.0 { left / whole } else { 0.0 });
        }
        self.minutes[at] += whole as f32;
    }

    /// When the answer to a question that is open now comes.
    pub(super) fn answered(&mut self, at: usize, belief: &Belief) -> Time {
        let (middle, spread) = belief.answer;
        let delay = self.chance(at).normal().mul_add(spread, middle).exp();
        self.world.clocks[self.world.answers].after(self.now, delay.min(LONGEST_ANSWER) as Time)
    }

    pub(super) fn chance(&mut self, at: usize) -> &mut Chance {
        self.tasks[at].chance.as_mut().expect("a task that is played has its draws")
    }

    /// Whether a review sends the work before it back; if so, that is what comes next.
    pub(super) fn is_sent_back(&mut self, at: usize, belief: &Belief, job: &Job) -> bool {
        let step = self.tasks[at].step;
        let Some(back) = job.steps[..step].iter().rposition(|part| part.role == Role::Work) else { return false };
        let refused = self.chance(at).share() < belief.sent_back(job.steps[back].who);
        if !refused || self.tasks[at].rounds >= belief.rounds {
            return false;
        }
        let deviation = self.chance(at).normal();
        let task = &mut self.tasks[at];
        (task.step, task.rounds) = (back, task.rounds + 1);
        self.draw(at, belief, deviation, job);
        true
    }
}

/// A draw from a range that goes from the 10 % to the 90 % quantile.
fn range((low, high): (f64, f64), deviation: f64) -> f64 {
    let (low, high) = (low.max(1.0).ln(), high.max(low).max(1.0).ln());
    (f64::midpoint(low, high) + (high - low) / 2.5631 * deviation).exp()
}

/// Minutes that a stage was thought to take, and the logarithm of what it takes against that: median and spread.
fn expected(part: &Part, task: &State, belief: &Belief, job: &Job) -> (f64, f64, f64) {
    let (middle, spread) = match part.role {
        Role::Work if task.rounds > 0 => return (task.work, belief.redo.0, belief.redo.1),
        Role::Work => {
            // What such tasks really took is not corrected by how far off sizes were that somebody said.
            let middle = if job.measured { 0.0 } else { belief.middle };
            (middle + belief.agent(part.who), job.spread.unwrap_or(belief.spread))
        }
        Role::Review => belief.review,
    };
    let again = if task.rounds > 0 { belief.look_again } else { 1.0 };
    (part.minutes * again, middle, spread)
}
