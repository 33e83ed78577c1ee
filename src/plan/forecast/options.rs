//! What would help: tasks that leave, tasks that change hands, somebody more. Each is played with the same luck as the
//! plan itself, and the best one again with new luck, as the best of many is always a little lucky.

use serde::Serialize;

use super::play::Twist;
use super::runs::Simulation;
use super::{Beliefs, Goal, Question};
use crate::plan::schedule::model::{Fault, Kind};
use crate::plan::schedule::plan::Plan;

/// Runs for each way that is tried.
const TRIAL: u64 = 500;
/// Runs of the chance that is shown.
const SHOWN: u64 = 4000;
/// Tasks on which most hangs that are tried in other hands.
const SWAPPED: usize = 3;
/// Tasks that leave at most.
const MOST_CUTS: usize = 12;

/// A change of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// These activities leave, and nothing that waits for them stays.
    Cut(Vec<usize>),
    /// The first stage of an activity is done in this way of its modes.
    Swap {
        /// The activity.
        activity: usize,
        /// The mode.
        mode: usize,
    },
    /// One more of this resource: somebody with the same skills and hours.
    Add(usize),
}

/// What a change of the plan would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhatIf {
    /// The change.
    pub lever: Lever,
    /// The chance to reach the goal with it, 0 to 1; of the one that is recommended it was played again with new luck.
    pub chance: f64,
    /// Value that is lost with it.
    pub lost: i64,
}

/// The ways to come nearer to a chance for a goal, the recommended one first: of those that reach it the one that loses
/// least, else the one that comes nearest. Ways that change nothing are left out.
///
/// # Errors
/// The fault of a problem that makes no sense.
pub fn what_ifs(
    question: &Question,
    beliefs: &Beliefs,
    goal: &Goal,
    wanted: f64,
    seed: u64,
) -> Result<Vec<WhatIf>, Fault> {
    let trial = Trial { question, beliefs, goal, seed };
    let mut plain = Simulation::new(question, beliefs, seed)?;
    plain.run(TRIAL);
    let before = plain.runs.chance(goal);
    let mut found: Vec<WhatIf> = trial.cut(&plain, wanted).into_iter().collect();
    found.extend(trial.swaps(&plain)?);
    found.extend(trial.additions()?);
    found.retain(|way| way.chance > before + 0.01);
    // Nobody new has to be found for a swap, and nothing is lost by it.
    let effort = |way: &WhatIf| matches!(way.lever, Lever::Add(_));
    found.sort_by(|a, b| {
        let reaches = |way: &WhatIf| way.chance >= wanted;
        let nearest = b.chance.total_cmp(&a.chance);
        reaches(b).cmp(&reaches(a)).then(if reaches(a) && reaches(b) {
            a.lost.cmp(&b.lost).then(effort(a).cmp(&effort(b))).then(nearest)
        } else {
            nearest
        })
    });
    found.dedup_by(|b, a| std::mem::discriminant(&a.lever) == std::mem::discriminant(&b.lever));
    if let Some(best) = found.first_mut() {
        best.chance = trial.again(best)?;
    }
    Ok(found)
}

struct Trial<'a> {
    question: &'a Question<'a>,
    beliefs: &'a Beliefs,
    goal: &'a Goal,
    seed: u64,
}

impl Trial<'_> {
    /// The goal without what has left.
    fn goal_without(&self, out: &[bool]) -> Goal {
        let kept = self.goal.activities.iter().copied().filter(|&at| !out[at]).collect();
        Goal { activities: kept, by: self.goal.by }
    }

    /// What may leave together with all that waits for it; none if anything of that has to stay.
    fn leaving(&self, plain: &Simulation, at: usize) -> Option<Vec<bool>> {
        let out = plain.world.without(&[at]);
        let activities = &self.question.problem.activities;
        let free = |at: usize| {
            let one = &activities[at];
            one.value.is_some() && one.pin.is_none() && one.begun.is_empty()
        };
        let planned = |at: usize| plain.world.jobs[at].is_some();
        (0..out.len()).filter(|&at| out[at] && planned(at)).all(free).then_some(out)
    }

    fn value(&self, out: &[bool]) -> i64 {
        let placed = self.question.plan.places.iter().zip(&self.question.problem.activities).zip(out);
        placed.filter(|((place, _), out)| place.is_some() && **out).filter_map(|((_, one), _)| one.value).sum()
    }

    /// One task after another leaves, always the one that brings most for its value, until the goal is as likely as
    /// wanted.
    fn cut(&self, plain: &Simulation, wanted: f64) -> Option<WhatIf> {
        let mut out = vec![false; plain.world.jobs.len()];
        let (mut cuts, mut chance) = (Vec::new(), plain.runs.chance(self.goal));
        while chance < wanted && cuts.len() < MOST_CUTS {
            let next = self.worth_least(plain, &out)?;
            let more = self.leaving(plain, next)?;
            out.iter_mut().zip(&more).for_each(|(out, more)| *out |= more);
            // A sprint of nothing is no way to reach its goal.
            if plain.runs.planned_ones().iter().all(|&at| out[at]) {
                return None;
            }
            cuts.push(next);
            let goal = self.goal_without(&out);
            if goal.activities.is_empty() && !self.goal.activities.is_empty() {
                return None;
            }
            chance = self.chance(plain, &out, TRIAL, self.seed);
        }
        (!cuts.is_empty()).then(|| WhatIf { lever: Lever::Cut(cuts), chance, lost: self.value(&out) })
    }

    fn chance(&self, plain: &Simulation, out: &[bool], runs: u64, seed: u64) -> f64 {
        let twist = Twist { out: out.to_vec(), ..Twist::default() };
        plain.with(&twist, runs, seed).chance(&self.goal_without(out))
    }

    /// What brings the most time on what is critical for its value.
    fn worth_least(&self, plain: &Simulation, out: &[bool]) -> Option<usize> {
        let worth = |at: usize| {
            let leaves = self.leaving(plain, at)?;
            let mean: f64 = (0..leaves.len())
                .filter(|&one| leaves[one] && !out[one])
                .map(|one| plain.runs.minutes_of(one).sum::<f64>() * (0.05 + plain.runs.criticality(one)))
                .sum();
            let value = self.value(&leaves).max(1) as f64;
            Some(mean / value)
        };
        let open = plain.runs.planned_ones().into_iter().filter(|&at| !out[at]);
        open.filter_map(|at| Some((worth(at)?, at))).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
    }

    /// What hangs most on an activity, in other hands.
    fn swaps(&self, plain: &Simulation) -> Result<Option<WhatIf>, Fault> {
        let mut critical = plain.runs.planned_ones();
        critical.retain(|&at| self.question.problem.activities[at].begun.is_empty());
        critical.sort_by(|&a, &b| plain.runs.criticality(b).total_cmp(&plain.runs.criticality(a)));
        let mut best: Option<WhatIf> = None;
        for &activity in critical.iter().take(SWAPPED) {
            for mode in 0..self.question.problem.activities[activity].stages[0].modes.len().min(SWAPPED) {
                let lever = Lever::Swap { activity, mode };
                let chance = self.played(&lever, TRIAL, self.seed)?;
                if best.as_ref().is_none_or(|best| chance > best.chance) {
                    best = Some(WhatIf { lever, chance, lost: 0 });
                }
            }
        }
        Ok(best)
    }

    /// One more of whoever is busiest.
    fn additions(&self) -> Result<Option<WhatIf>, Fault> {
        let mut load = vec![0_u64; self.question.problem.resources.len()];
        for (activity, place) in self.question.problem.activities.iter().zip(&self.question.plan.places) {
            for (stage, slot) in activity.stages.iter().zip(place.iter().flat_map(|place| &place.slots)) {
                let mode = &stage.modes[slot.mode];
                if let Some(who) = mode.uses.first() {
                    load[who.resource] += u64::from(mode.duration);
                }
            }
        }
        let mut busiest: Vec<usize> = (0..load.len()).filter(|&at| load[at] > 0).collect();
        busiest.sort_by_key(|&at| std::cmp::Reverse(load[at]));
        let mut best: Option<WhatIf> = None;
        for &resource in busiest.iter().take(SWAPPED) {
            let lever = Lever::Add(resource);
            let chance = self.played(&lever, TRIAL, self.seed)?;
            if best.as_ref().is_none_or(|best| chance > best.chance) {
                best = Some(WhatIf { lever, chance, lost: 0 });
            }
        }
        Ok(best)
    }

    /// The chance with a lever pulled.
    fn played(&self, lever: &Lever, runs: u64, seed: u64) -> Result<f64, Fault> {
        let (mut problem, mut plan) = (self.question.problem.clone(), self.question.plan.clone());
        match lever {
            Lever::Cut(cuts) => {
                let plain = Simulation::new(self.question, self.beliefs, seed)?;
                return Ok(self.chance(&plain, &plain.world.without(cuts), runs, seed));
            }
            Lever::Swap { activity, mode } => swap(&mut plan, *activity, *mode),
            Lever::Add(resource) => {
                if let Kind::Pool { capacity } = &mut problem.resources[*resource].kind {
                    *capacity += 1;
                }
            }
        }
        let question = Question { problem: &problem, plan: &plan, ..self.question.clone() };
        let mut simulation = Simulation::new(&question, self.beliefs, seed)?;
        simulation.run(runs);
        Ok(simulation.runs.chance(self.goal))
    }

    /// The chance of the best way, with new luck.
    fn again(&self, best: &WhatIf) -> Result<f64, Fault> {
        self.played(&best.lever, SHOWN, self.seed ^ 0x5EED_F4E5)
    }
}

fn swap(plan: &mut Plan, activity: usize, mode: usize) {
    if let Some(slot) = plan.places[activity].as_mut().and_then(|place| place.slots.first_mut()) {
        slot.mode = mode;
    }
}
