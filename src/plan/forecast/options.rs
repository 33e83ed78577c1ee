//! What would help: tasks that leave, tasks that change hands, somebody more. Each is played with the same luck as the
//! plan itself, and the best one again with new luck, as the best of many is always a little lucky.

use std::cmp::Ordering;

use serde::Serialize;

use super::play::Twist;
use super::runs::Simulation;
use super::{Beliefs, Goal, Question};
use crate::plan::schedule::model::{Fault, Kind};
use crate::plan::schedule::plan::Plan;

/// Runs for each way that is tried.
const TRIAL: u64 = 500;
/// Runs of a chance that is shown.
const SHOWN: u64 = 2000;
/// Tasks on which most hangs that are tried in other hands.
const SWAPPED: usize = 3;
/// Tasks that leave at most.
const MOST_CUTS: usize = 12;
/// What does not bring the goal so much nearer, as a chance, is of no use.
const LEAST: f64 = 0.02;
/// What does not reach the goal has to bring it so much nearer to be recommended.
const MUCH: f64 = 0.1;

/// The chance that a cut has to lead to, and the share of the tasks that it may cost, to be recommended.
const EVEN: f64 = 0.5;
const A_PART: f64 = 1.0 / 3.0;
/// What costs a larger share of the tasks is not told at all.
const MOST_OF_IT: f64 = 0.5;

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
    /// The chance to reach the goal with it, 0 to 1, played again with new luck.
    pub chance: f64,
    /// Value that is lost with it.
    pub lost: i64,
    /// It reaches the goal as likely as wanted, or brings it much nearer, and nothing else does so for less. A cut that
    /// leaves the goal unlikely or costs more than a third of the tasks is not.
    pub recommended: bool,
}

/// The ways to come nearer to a chance for a goal, the best first: of those that reach it the one that loses least, then
/// the others by how near they come. Ways that change nothing are left out.
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
    // The best of many was a little lucky: what is shown is played with new luck, and so is what it is compared with.
    let luck = seed ^ 0x5EED_F4E5;
    let before = plain.with(&Twist::default(), SHOWN, luck).chance(goal);
    let mut found: Vec<WhatIf> = trial.cut(&plain, wanted).into_iter().collect();
    found.extend(trial.swaps(&plain)?);
    found.extend(trial.additions()?);
    for way in &mut found {
        way.chance = trial.played(&way.lever, SHOWN, luck)?;
    }
    let share = |way: &WhatIf| trial.share_cut(&plain, &way.lever);
    found.retain(|way| way.chance > before + LEAST && share(way) <= MOST_OF_IT);
    found.sort_by(|a, b| best_first(a, b, wanted));
    let helps = |way: &WhatIf| way.chance >= wanted || way.chance > before + MUCH;
    let best = found.iter().position(|way| helps(way) && gets_somewhere(way, share(way)));
    if let Some(best) = best {
        found[best].recommended = true;
    }
    Ok(found)
}

/// To leave out much for a goal that stays unlikely is no advice.
fn gets_somewhere(way: &WhatIf, share: f64) -> bool {
    !matches!(way.lever, Lever::Cut(_)) || way.chance >= EVEN && share <= A_PART
}

/// Nobody new has to be found for a swap, and nothing is lost by it.
fn best_first(a: &WhatIf, b: &WhatIf, wanted: f64) -> Ordering {
    let reaches = |way: &WhatIf| way.chance >= wanted;
    let effort = |way: &WhatIf| matches!(way.lever, Lever::Add(_));
    let nearest = b.chance.total_cmp(&a.chance);
    let cheapest =
        if reaches(a) && reaches(b) { a.lost.cmp(&b.lost).then(effort(a).cmp(&effort(b))) } else { Ordering::Equal };
    reaches(b).cmp(&reaches(a)).then(cheapest).then(nearest)
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

    /// The share of what is asked for that leaves with a cut, and with what waits for it.
    fn share_cut(&self, plain: &Simulation, lever: &Lever) -> f64 {
        let Lever::Cut(cuts) = lever else { return 0.0 };
        let out = plain.world.without(cuts);
        let planned = plain.runs.planned_ones();
        let asked = if self.goal.activities.is_empty() { &planned } else { &self.goal.activities };
        asked.iter().filter(|&&at| out[at]).count() as f64 / asked.len().max(1) as f64
    }

    fn value(&self, out: &[bool]) -> i64 {
        let placed = self.question.plan.places.iter().zip(&self.question.problem.activities).zip(out);
        placed.filter(|((place, _), out)| place.is_some() && **out).filter_map(|((_, one), _)| one.value).sum()
    }

    /// One task after another leaves until the goal is as likely as wanted: of what is worth least the one that brings
    /// most. What turns out not to have been in the way comes back.
    fn cut(&self, plain: &Simulation, wanted: f64) -> Option<WhatIf> {
        let mut cuts = Vec::new();
        while self.chance_without(plain, &cuts) < wanted && cuts.len() < MOST_CUTS {
            let Some(next) = self.worth_least(plain, &plain.world.without(&cuts)) else { break };
            cuts.push(next);
            // A sprint of nothing is no way to reach its goal.
            let out = plain.world.without(&cuts);
            let asked =
                if self.goal.activities.is_empty() { plain.runs.planned_ones() } else { self.goal.activities.clone() };
            if asked.iter().all(|&at| out[at]) {
                cuts.pop();
                break;
            }
        }
        let mut dear = cuts.clone();
        dear.sort_by_key(|&at| std::cmp::Reverse(self.value(&plain.world.without(&[at]))));
        for one in dear {
            let others: Vec<usize> = cuts.iter().copied().filter(|&at| at != one).collect();
            if self.chance_without(plain, &others) >= wanted {
                cuts = others;
            }
        }
        let (chance, lost) = (self.chance_without(plain, &cuts), self.value(&plain.world.without(&cuts)));
        let any = !cuts.is_empty();
        any.then_some(WhatIf { lever: Lever::Cut(cuts), chance, lost, recommended: false })
    }

    fn chance_without(&self, plain: &Simulation, cuts: &[usize]) -> f64 {
        self.chance(plain, &plain.world.without(cuts), TRIAL, self.seed)
    }

    fn chance(&self, plain: &Simulation, out: &[bool], runs: u64, seed: u64) -> f64 {
        let twist = Twist { out: out.to_vec(), ..Twist::default() };
        plain.with(&twist, runs, seed).chance(&self.goal_without(out))
    }

    /// Of what is worth least, each step twice the one below, what brings the most time on what is critical.
    fn worth_least(&self, plain: &Simulation, out: &[bool]) -> Option<usize> {
        let worth = |at: usize| {
            let leaves = self.leaving(plain, at)?;
            let gain: f64 = (0..leaves.len())
                .filter(|&one| leaves[one] && !out[one])
                .map(|one| plain.runs.minutes_of(one).sum::<f64>() * (0.05 + plain.runs.criticality(one)))
                .sum();
            Some((self.value(&leaves).max(1).ilog2(), gain))
        };
        let open = plain.runs.planned_ones().into_iter().filter(|&at| !out[at]);
        let of_least = |a: &((u32, f64), usize), b: &((u32, f64), usize)| {
            a.0.0.cmp(&b.0.0).then(b.0.1.total_cmp(&a.0.1)).then(a.1.cmp(&b.1))
        };
        open.filter_map(|at| Some((worth(at)?, at))).min_by(of_least).map(|(_, at)| at)
    }

    /// What hangs most on an activity, in other hands.
    fn swaps(&self, plain: &Simulation) -> Result<Option<WhatIf>, Fault> {
        let mut critical = plain.runs.planned_ones();
        critical.retain(|&at| self.question.problem.activities[at].begun.is_empty());
        critical.sort_by(|&a, &b| plain.runs.criticality(b).total_cmp(&plain.runs.criticality(a)));
        let mut best: Option<WhatIf> = None;
        for &activity in critical.iter().take(SWAPPED) {
            let present = self.question.plan.places[activity].as_ref().map(|place| place.slots[0].mode);
            let modes = 0..self.question.problem.activities[activity].stages[0].modes.len();
            for mode in modes.filter(|mode| Some(*mode) != present).take(SWAPPED) {
                let lever = Lever::Swap { activity, mode };
                let chance = self.played(&lever, TRIAL, self.seed)?;
                if best.as_ref().is_none_or(|best| chance > best.chance) {
                    best = Some(WhatIf { lever, chance, lost: 0, recommended: false });
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
                best = Some(WhatIf { lever, chance, lost: 0, recommended: false });
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
}

fn swap(plan: &mut Plan, activity: usize, mode: usize) {
    if let Some(slot) = plan.places[activity].as_mut().and_then(|place| place.slots.first_mut()) {
        slot.mode = mode;
    }
}

#[cfg(test)]
mod tests {
    use super::{Lever, WhatIf, gets_somewhere};

    #[test]
    fn a_cut_is_advised_only_if_it_gets_somewhere() {
        let way = |lever: Lever, chance| WhatIf { lever, chance, lost: 0, recommended: false };
        let cut = |chance| way(Lever::Cut(vec![0]), chance);
        assert!(gets_somewhere(&cut(0.6), 0.25));
        assert!(!gets_somewhere(&cut(0.16), 0.25), "the goal stays unlikely");
        assert!(!gets_somewhere(&cut(0.9), 13.0 / 22.0), "hardly anything is left");
        assert!(gets_somewhere(&way(Lever::Add(0), 0.16), 0.0), "nothing is lost by somebody more");
    }
}
