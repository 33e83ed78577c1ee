//! The ways to go on, weighed against each other.

use crate::plan::schedule::left_out;
use crate::plan::schedule::model::{Fault, Objective, Problem, Time};
use crate::plan::schedule::net::Net;
use crate::plan::schedule::plan::{Place, Plan, Score, Terms};

use super::carry::Carry;
use super::ground::{Standing, Stood, World, ground};
use super::repair::Repair;
use super::{Choice, Facts, Kind, Move, Options, Replanned, Shift};

/// Nothing is late, nothing moves.
const NOTHING: Score = Score { missing: 0, lost: 0, value: 0 };
/// Seed of everything: the same question has the same answer.
const SEED: u64 = 1;
/// An earlier end by so much is worth a question of its own.
const SOONER: Time = 4 * 60;
/// Lateness that is nothing to speak of.
const SLACK: Time = 60;
/// Quarters of a move that fewest changes must save to be worth one.
const FEWER: i64 = 4;

/// Everything that is needed to answer.
pub struct Weigher<'a> {
    problem: &'a Problem,
    standing: &'a Standing,
    /// What departures are measured from: the plan that stands, or an earlier one that comes back.
    base: &'a Standing,
    facts: &'a Facts,
    options: &'a Options,
    goal: Time,
    /// With the goal as due date, measured from the plan that stands.
    ground: Problem,
}

impl<'a> Weigher<'a> {
    /// Looks at what stands.
    pub fn new(
        problem: &'a Problem,
        standing: &'a Standing,
        facts: &'a Facts,
        options: &'a Options,
    ) -> Result<Self, Fault> {
        let goal = options.goal.unwrap_or_else(|| standing.finish());
        let ground = ground(problem, standing, facts, goal, World::Goal);
        ground.check()?;
        let mut weigher = Self { problem, standing, base: standing, facts, options, goal, ground };
        if facts.event {
            weigher.base = weigher.older()?.unwrap_or(standing);
        }
        Ok(weigher)
    }

    /// An earlier plan that is better again, measured from itself, and of which nothing has begun otherwise.
    fn older(&self) -> Result<Option<&'a Standing>, Fault> {
        for before in self.facts.before.iter().filter(|before| self.is_open(before)) {
            let problem = self.weighted(before, World::Goal, self.options.stability, 0);
            let net = Net::of(&problem)?;
            let carried = |standing| {
                let carry = Carry::of(&problem, &net, standing, self.facts, self.options);
                carry.plan(&problem, &net, standing)
            };
            if carried(before).score < carried(self.standing).score {
                return Ok(Some(before));
            }
        }
        Ok(None)
    }

    /// Whether all that has begun is the same in another plan as in the one that stands.
    fn is_open(&self, before: &Standing) -> bool {
        (0..self.problem.activities.len()).filter(|&at| !self.problem.activities[at].begun.is_empty()).all(|at| {
            let (was, is) = (before.stages(at).unwrap_or(&[]), self.standing.stages(at).unwrap_or(&[]));
            let begun = self.problem.activities[at].begun.len();
            was.get(..begun) == is.get(..begun)
        })
    }

    /// The problem with weights for this run.
    fn weighted(&self, base: &Standing, world: World, stability: u32, finish: u32) -> Problem {
        let mut problem = ground(self.problem, base, self.facts, self.goal, world);
        problem.objective = Objective { finish, stability, ..problem.objective };
        problem
    }

    /// Whether an earlier plan comes back.
    fn comes_back(&self) -> bool {
        !std::ptr::eq(self.base, self.standing)
    }

    /// All of the answer.
    pub fn replanned(&self) -> Result<Replanned, Fault> {
        let net = Net::of(&self.ground)?;
        let standing = Carry::of(&self.ground, &net, self.standing, self.facts, self.options);
        // Work goes on when its date has passed.
        let softened = self.weighted(self.standing, World::Dates, 0, 0);
        let carried = self.choice(Kind::Balanced, standing.plan(&softened, &net, self.standing).places, false);
        let scratch = self.scratch()?;
        let hit: Vec<usize> = (0..standing.hit.len()).filter(|&at| standing.hit[at]).collect();
        let options = match self.unchanged(&standing)? {
            Some(stays) => vec![stays],
            None => self.ways(&standing, &scratch)?,
        };
        Ok(Replanned { hit, carried, options, scratch })
    }

    /// The plan that stands, or the earlier one that comes back, if there is no reason to change it.
    fn unchanged(&self, standing: &Carry) -> Result<Option<Choice>, Fault> {
        let back = self.comes_back();
        if !back && !standing.is_whole() {
            return Ok(None);
        }
        let problem = self.weighted(self.base, World::Goal, self.options.stability, 0);
        let net = Net::of(&problem)?;
        let carry = Carry::of(&problem, &net, self.base, self.facts, self.options);
        let stays = self.choice(Kind::Balanced, carry.kept.clone(), true);
        let content = back || !self.facts.event || stays.lateness == 0;
        Ok(Some(stays).filter(|_| content && carry.is_whole()))
    }

    fn ways(&self, standing: &Carry, scratch: &Choice) -> Result<Vec<Choice>, Fault> {
        let steps = self.options.steps;
        let best = self.balanced(scratch)?;
        if !self.comes_back() && standing.is_whole() && best.leaves.is_empty() {
            // It holds: a little less lateness is no reason to change it.
            let stays = self.choice(Kind::Balanced, standing.kept.clone(), true);
            if stays.lateness <= most(scratch.lateness.min(best.lateness)) {
                return Ok(vec![stays]);
            }
        }
        if best.moves.is_empty() && best.keeps_everything() {
            return Ok(vec![best]);
        }
        let mut ways = if best.keeps_everything() { vec![best] } else { self.ways_out(best)? };
        let few = self.options.stability.max(1).saturating_mul(1000);
        let fewest = self.way(Kind::FewestChanges, World::Goal, few, 0, steps / 5)?;
        let saved = ways[0].price() - fewest.price();
        if fewest.leaves.len() <= ways[0].leaves.len() && saved >= FEWER * i64::from(self.options.stability) {
            ways.push(fewest);
        }
        let sooner = self.way(Kind::Sooner, World::Goal, self.options.stability, 1, steps / 5)?;
        if sooner.leaves.len() <= ways[0].leaves.len() && sooner.finish + SOONER <= ways[0].finish {
            ways.push(sooner);
        }
        Ok(distinct(ways))
    }

    /// What to do where not everything can be kept: the dates move, or activities leave.
    fn ways_out(&self, best: Choice) -> Result<Vec<Choice>, Fault> {
        let steps = self.options.steps / 3;
        let dates = if best.leaves.is_empty() {
            Choice { kind: Kind::DatesMove, ..best }
        } else {
            self.way(Kind::DatesMove, World::Dates, self.options.stability, 0, steps)?
        };
        let mut tasks = self.way(Kind::TasksLeave, World::Tasks, self.options.stability, 0, steps)?;
        if tasks.leaves.is_empty() {
            tasks.kind = Kind::KeepsDates;
        }
        // Where there is no more room at any later time either, moving a date saves nothing.
        let saves = dates.leaves.len() < tasks.leaves.len();
        Ok(if saves || tasks.leaves.is_empty() { vec![dates, tasks] } else { vec![tasks] })
    }

    /// The best plan by weight; where that is much later than one from scratch, moves get cheaper until it is not.
    fn balanced(&self, scratch: &Choice) -> Result<Choice, Fault> {
        let stability = self.options.stability;
        let best = self.way(Kind::Balanced, World::Goal, stability, 0, self.options.steps)?;
        let limit = most(scratch.lateness);
        let late = |choice: &Choice| choice.lateness > limit && choice.leaves.len() >= scratch.leaves.len();
        if !late(&best) {
            return Ok(best);
        }
        let problem = self.weighted(self.base, World::Goal, stability / 8, 0);
        let net = Net::of(&problem)?;
        let carry = Carry::of(&problem, &net, self.base, self.facts, self.options);
        let mut repair = Repair::new(&problem, &net, &carry, SEED);
        repair.offer(&best.plan);
        repair.run(self.options.steps / 2, NOTHING);
        let cheaper = self.choice(Kind::Balanced, repair.plan().places.clone(), true);
        if !late(&cheaper) {
            return Ok(cheaper);
        }
        repair.go_over(&scratch.plan, limit);
        let over = self.choice(Kind::Balanced, repair.plan().places.clone(), true);
        Ok(if over.lateness < cheaper.lateness { over } else { cheaper })
    }

    /// Looks for the best plan of a kind.
    fn way(&self, kind: Kind, world: World, stability: u32, finish: u32, steps: u64) -> Result<Choice, Fault> {
        let problem = self.weighted(self.base, world, stability, finish);
        let net = Net::of(&problem)?;
        let carry = Carry::of(&problem, &net, self.base, self.facts, self.options);
        let mut repair = Repair::new(&problem, &net, &carry, SEED);
        repair.run(steps, NOTHING);
        Ok(self.choice(kind, repair.plan().places.clone(), true))
    }

    fn scratch(&self) -> Result<Choice, Fault> {
        let mut problem = self.ground.clone();
        let net = Net::of(&problem)?;
        let carry = Carry::of(&problem, &net, self.standing, self.facts, self.options);
        problem.activities.iter_mut().for_each(|activity| activity.earlier = None);
        let mut repair = Repair::from_scratch(&problem, &net, &carry, SEED);
        repair.run(self.options.scratch_steps, NOTHING);
        Ok(self.choice(Kind::Balanced, repair.plan().places.clone(), true))
    }

    /// What places mean, measured from the plan that stands.
    fn choice(&self, kind: Kind, places: Vec<Option<Place>>, complete: bool) -> Choice {
        let plan = Plan::of(&self.ground, places);
        let Terms { finish, lateness, .. } = plan.terms(&self.ground);
        let leaves = self.leaves(&plan, complete);
        let moves = (0..plan.places.len()).filter_map(|at| self.step(&plan, at)).collect();
        let finish = Time::try_from(finish).unwrap_or(Time::MAX);
        Choice {
            kind,
            moves,
            finish,
            lateness,
            leaves,
            dates: self.dates(&plan, finish),
            comes: self.comes(&plan),
            plan,
        }
    }

    /// What is in a plan and came later than the one that stands.
    fn comes(&self, plan: &Plan) -> Vec<usize> {
        let is_new = |at: usize| matches!(self.standing.activities.get(at), Some(Stood::New) | None);
        (0..plan.places.len()).filter(|&at| plan.places[at].is_some() && is_new(at)).collect()
    }

    /// What is not in a plan and was in the one that stands, or came later.
    fn leaves(&self, plan: &Plan, complete: bool) -> Vec<(usize, Option<super::Reason>)> {
        let reasons = left_out(&self.ground, plan).unwrap_or_default();
        let counts = |at: usize| match self.standing.activities.get(at) {
            Some(Stood::At(_)) => true,
            Some(Stood::Out) => false,
            Some(Stood::New) | None => complete,
        };
        let out = (0..plan.places.len()).filter(|&at| plan.places[at].is_none() && counts(at));
        let reason = |at: usize| reasons.iter().find(|(one, _)| *one == at).map(|(_, reason)| *reason);
        out.map(|at| (at, reason(at))).collect()
    }

    fn dates(&self, plan: &Plan, finish: Time) -> Vec<Shift> {
        let mut dates: Vec<Shift> = Vec::new();
        for (at, place) in plan.places.iter().enumerate() {
            let (Some(place), activity) = (place, &self.problem.activities[at]) else { continue };
            if let Some(from) = activity.deadline.filter(|&deadline| place.end() > deadline) {
                dates.push(Shift { activity: Some(at), from, to: place.end() });
            }
            let pin = activity.pin.filter(|&pin| activity.begun.is_empty() && place.start() != pin);
            dates.extend(pin.map(|from| Shift { activity: Some(at), from, to: place.start() }));
        }
        if finish > self.goal {
            dates.push(Shift { activity: None, from: self.goal, to: finish });
        }
        dates
    }

    /// How an activity moves; none if it stays. What has begun does not move.
    fn step(&self, plan: &Plan, at: usize) -> Option<Move> {
        let (stages, place) = (self.standing.stages(at)?, plan.places[at].as_ref()?);
        let begun = self.problem.activities[at].begun.len();
        let modes_from: Vec<Option<usize>> = stages.iter().map(|stand| stand.mode).collect();
        let modes_to: Vec<usize> = place.slots.iter().map(|slot| slot.mode).collect();
        let other_agent = modes_from.iter().zip(&modes_to).skip(begun).any(|(from, to)| *from != Some(*to));
        let (start_from, start_to) = (stages.first()?.start, place.start());
        let quarters = 4 * i64::from(other_agent) + i64::from(begun == 0 && start_from != start_to);
        let price = quarters * i64::from(self.options.stability);
        (quarters > 0).then_some(Move { activity: at, modes_from, modes_to, start_from, start_to, other_agent, price })
    }
}

/// The most lateness that is as good as this: a tenth and an hour more.
fn most(lateness: i64) -> i64 {
    lateness + lateness / 10 + i64::from(SLACK)
}

/// Without those that are the same as one before.
fn distinct(ways: Vec<Choice>) -> Vec<Choice> {
    let mut kept: Vec<Choice> = Vec::new();
    for way in ways {
        if kept.iter().all(|other| other.plan.places != way.plan.places) {
            kept.push(way);
        }
    }
    kept
}
