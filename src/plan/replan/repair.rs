//! Repair first, then a look around it: what has lost its place is put into gaps, and a walk among lists that keep most
//! of what stands finds out whether moving a little more is worth it.
//!
//! The idea of repairing before searching follows matchup scheduling (Bean, Birge, Mittenthal and Noon 1991); that moves
//! have a price in the objective follows El Sakkout and Wallace (2000).

use crate::plan::schedule::generate::{Generator, List};
use crate::plan::schedule::model::{Problem, Time};
use crate::plan::schedule::net::Net;
use crate::plan::schedule::plan::{Place, Plan, Score, departures};
use crate::plan::schedule::random::Random;
use crate::plan::schedule::search::lists::shift;

use super::carry::{Carry, ordered};

/// How many plans back the one to compare with is.
const MEMORY: usize = 12;

/// What a plan is worth; the smaller the better. Of two that weigh the same, the one that moves fewer activities is
/// better, and then the one that moves them less far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Worth {
    score: Score,
    moved: usize,
    far: i64,
}

impl Worth {
    /// Worse than anything.
    const NONE: Self = Self { score: Score { missing: u32::MAX, lost: 0, value: 0 }, moved: 0, far: 0 };

    fn of(problem: &Problem, plan: &Plan) -> Self {
        let mut worth = Self { score: plan.score, ..Self::default() };
        for (activity, place) in problem.activities.iter().zip(&plan.places) {
            let (Some(earlier), Some(place)) = (&activity.earlier, place) else { continue };
            worth.moved += usize::from(departures(earlier, place) > 0);
            worth.far += earlier.starts.first().map_or(0, |&start| i64::from(start.abs_diff(place.start())));
        }
        worth
    }
}

/// The search.
#[derive(Debug)]
pub struct Repair<'a> {
    problem: &'a Problem,
    net: &'a Net,
    carry: &'a Carry,
    generator: Generator<'a>,
    random: Random,
    now: (Worth, List),
    best: (Worth, List, Plan),
    /// What is worth moving: what lost its place, and what is away from it or late in the plan at hand.
    away: Vec<usize>,
    movable: Vec<usize>,
    past: [Worth; MEMORY],
    steps: u64,
    /// There is nothing to go back to.
    fresh: bool,
}

impl<'a> Repair<'a> {
    /// Begins with the best of a few ways to put what has lost its place somewhere.
    pub fn new(problem: &'a Problem, net: &'a Net, carry: &'a Carry, seed: u64) -> Self {
        let mut repair = Self::empty(problem, net, carry, seed);
        for list in repair.first_lists() {
            repair.look(list);
        }
        repair.settle();
        repair
    }

    /// Begins with priority rules, as if nothing but what is fixed had ever been planned.
    pub fn from_scratch(problem: &'a Problem, net: &'a Net, carry: &'a Carry, seed: u64) -> Self {
        let mut repair = Self { fresh: true, ..Self::empty(problem, net, carry, seed) };
        for list in repair.fresh_lists() {
            repair.look(list);
        }
        repair.settle();
        repair
    }

    fn empty(problem: &'a Problem, net: &'a Net, carry: &'a Carry, seed: u64) -> Self {
        let movable = |&at: &usize| carry.wanted[at] && !carry.fixed[at];
        Self {
            problem,
            net,
            carry,
            generator: Generator::new(problem, net),
            random: Random::new(seed),
            now: (Worth::default(), List::default()),
            best: (Worth::NONE, List::default(), Plan::default()),
            away: Vec::new(),
            movable: (0..problem.activities.len()).filter(movable).collect(),
            past: [Worth::default(); MEMORY],
            steps: 0,
            fresh: false,
        }
    }

    /// Takes one more plan to begin with.
    pub fn offer(&mut self, plan: &Plan) {
        let list = self.listed(plan);
        self.look(list);
        self.settle();
    }

    /// Goes on for so many plans, or until the plan is worth no more than that.
    pub fn run(&mut self, steps: u64, bound: Score) -> &mut Self {
        let end = self.steps + steps;
        while self.steps < end && self.best.0.score > bound && !self.movable.is_empty() {
            self.step();
        }
        self.now = (self.best.0, self.best.1.clone());
        if !self.fresh {
            self.restore();
        }
        self
    }

    /// The best plan so far.
    pub fn plan(&self) -> &Plan {
        &self.best.2
    }

    /// Goes over to another plan, but for whatever can be put back without more lateness than `limit`.
    pub fn go_over(&mut self, to: &Plan, limit: i64) {
        self.best.0 = Worth::NONE;
        self.look(self.listed(to));
        let mut now = (self.best.1.clone(), self.best.2.clone());
        for _ in 0..2 {
            for at in self.departed() {
                let mut list = now.0.clone();
                self.put_back(&mut list, at);
                let plan = self.generator.generate(&list);
                let as_full = (plan.score.missing, plan.score.lost) <= (now.1.score.missing, now.1.score.lost);
                let closer = Worth::of(self.problem, &plan).moved < Worth::of(self.problem, &now.1).moved;
                if as_full && closer && plan.terms(self.problem).lateness <= limit {
                    now = (list, plan);
                }
            }
            self.best = (Worth::of(self.problem, &now.1), now.0.clone(), now.1.clone());
        }
    }

    /// The list that a plan follows from.
    fn listed(&self, plan: &Plan) -> List {
        let start = |at: usize| plan.places[at].as_ref().map_or(Time::MAX, Place::start);
        let order = ordered(self.net, |at| (!self.carry.fixed[at], start(at)));
        let mut list = List { order, ..self.carry.list.clone() };
        for at in (0..plan.places.len()).filter(|&at| !self.carry.fixed[at]) {
            for (stage, index) in self.generator.stages_of(at).enumerate() {
                let slot = plan.places[at].as_ref().map(|place| place.slots[stage]);
                list.modes[index] = slot.map(|slot| slot.mode as u16).or(list.modes[index]);
                list.floors[index] = slot.map_or(0, |slot| slot.start);
            }
        }
        list
    }

    /// Lists that keep what can be kept and place the rest behind it, at its old turn, or most urgent first.
    fn first_lists(&self) -> Vec<List> {
        let Carry { list, kept, fixed, .. } = self.carry;
        let start = |at: usize| list.floors[self.generator.first(at)];
        let due = |at: usize| self.problem.activities[at].due.map_or(Time::MAX, |due| due.at);
        let last = |at: usize| (!fixed[at], !fixed[at] && kept[at].is_none(), start(at));
        let urgent =
            |at: usize| (!fixed[at], !fixed[at] && kept[at].is_none(), if fixed[at] { start(at) } else { due(at) });
        let turn = |at: usize| (!fixed[at], false, start(at));
        let orders = [ordered(self.net, last), ordered(self.net, urgent), ordered(self.net, turn)];
        let mut free = list.clone();
        let mut staying = list.clone();
        for at in self.carry.loose().into_iter().filter(|&at| !fixed[at]) {
            for stage in self.generator.stages_of(at) {
                free.floors[stage] = 0;
                if !self.carry.set[at] {
                    free.modes[stage] = None;
                }
                staying.floors[stage] = 0;
            }
        }
        let with = |order: &Vec<u32>, list: &List| List { order: order.clone(), ..list.clone() };
        let freed = orders.iter().map(|order| with(order, &free));
        let stay = orders.iter().skip(1).map(|order| with(order, &staying));
        freed.chain(stay).chain([with(&orders[2], list)]).collect()
    }

    /// Lists by priority rules: the longest chains first, the most urgent first, what is urgent and short first.
    fn fresh_lists(&self) -> Vec<List> {
        let Carry { fixed, list, .. } = self.carry;
        let start = |at: usize| list.floors[self.generator.first(at)];
        let due = |at: usize| self.problem.activities[at].due.map_or(Time::MAX, |due| due.at);
        let chain = |at: usize| Time::MAX - self.net.tail[at];
        let slack = |at: usize| due(at).saturating_sub(self.net.tail[at]);
        let rules: [&dyn Fn(usize) -> Time; 3] = [&chain, &due, &slack];
        let order = |rule: &dyn Fn(usize) -> Time| {
            ordered(self.net, |at| (!fixed[at], if fixed[at] { start(at) } else { rule(at) }))
        };
        let mut free = list.clone();
        for at in (0..fixed.len()).filter(|&at| !fixed[at]) {
            for stage in self.generator.stages_of(at) {
                free.floors[stage] = 0;
                if !self.carry.set[at] {
                    free.modes[stage] = None;
                }
            }
        }
        rules.map(|rule| List { order: order(rule), ..free.clone() }).into()
    }

    fn look(&mut self, list: List) -> Worth {
        self.steps += 1;
        let plan = self.generator.generate(&list);
        let worth = Worth::of(self.problem, &plan);
        if worth < self.best.0 {
            self.best = (worth, list, plan);
        }
        worth
    }

    /// The best plan becomes the one at hand.
    fn settle(&mut self) {
        self.now = (self.best.0, self.best.1.clone());
        self.past = [self.best.0; MEMORY];
        self.find_away();
    }

    fn find_away(&mut self) {
        let plan = &self.best.2;
        let away = self.movable.iter().copied().filter(|&at| {
            let activity = &self.problem.activities[at];
            let Some(place) = &plan.places[at] else { return true };
            let late = activity.due.is_some_and(|due| place.end() > due.at);
            late || self.carry.kept[at].is_none()
                || activity.earlier.as_ref().is_none_or(|was| departures(was, place) > 0)
        });
        self.away = away.collect();
    }

    /// What is away from where it was in the best plan.
    fn departed(&self) -> Vec<usize> {
        let departed = |&at: &usize| {
            let earlier = self.problem.activities[at].earlier.as_ref();
            earlier.zip(self.best.2.places[at].as_ref()).is_none_or(|(was, place)| departures(was, place) > 0)
        };
        self.movable.iter().copied().filter(departed).collect()
    }

    fn step(&mut self) {
        let mut list = self.now.1.clone();
        for _ in 0..=self.random.below(2) {
            self.change(&mut list);
        }
        let before = self.best.0;
        let score = self.look(list.clone());
        if score < before {
            self.find_away();
        }
        let turn = self.steps as usize % MEMORY;
        if score <= self.now.0 || score <= self.past[turn] {
            self.now = (score, list);
        }
        self.past[turn] = self.past[turn].min(self.now.0);
    }

    fn change(&mut self, list: &mut List) {
        let away = !self.away.is_empty() && self.random.below(4) > 0;
        let at = self.any(away);
        match self.random.below(8) {
            0 if !self.fresh => self.put_back(list, at),
            0..=2 => self.other_way(list, at),
            3..=5 => self.before_another(list, at),
            _ => {
                let to = self.random.below(list.order.len());
                self.turn(list, at, to);
            }
        }
    }

    fn any(&mut self, away: bool) -> usize {
        let from = if away { &self.away } else { &self.movable };
        from[self.random.below(from.len())]
    }

    /// Moves an activity to another turn; it may begin as early as it can.
    fn turn(&mut self, list: &mut List, at: usize, to: usize) {
        let from = position(list, at);
        let to = to.max(self.open(list));
        shift(self.problem, &mut list.order, from, to);
        for stage in self.generator.stages_of(at) {
            list.floors[stage] = 0;
        }
    }

    /// Somebody else does a stage, or whoever ends first.
    fn other_way(&mut self, list: &mut List, at: usize) {
        if self.carry.set[at] {
            return;
        }
        let stages = &self.problem.activities[at].stages;
        let stage = self.random.below(stages.len());
        let modes = stages[stage].modes.len();
        let mode = self.random.below(modes + 1);
        let index = self.generator.stages_of(at).start + stage;
        list.modes[index] = (mode < modes).then_some(mode as u16);
        list.floors[index] = 0;
    }

    /// An activity goes before another one, to the agent of that if it can.
    fn before_another(&mut self, list: &mut List, at: usize) {
        let other = self.any(false);
        let to = position(list, other);
        let (own, others) = (self.generator.stages_of(at), self.generator.stages_of(other));
        let lead = |at: usize, stage: usize, mode: u16| {
            self.problem.activities[at].stages[stage].modes[mode as usize].uses.first().map(|used| used.resource)
        };
        let wanted = list.modes[others.start].map(|mode| lead(other, 0, mode));
        if let Some(wanted) = wanted.filter(|_| !self.carry.set[at]) {
            let modes = self.problem.activities[at].stages[0].modes.len() as u16;
            if let Some(mode) = (0..modes).find(|&mode| lead(at, 0, mode) == wanted) {
                list.modes[own.start] = Some(mode);
            }
        }
        self.turn(list, at, to);
    }

    /// An activity is done as it was planned, with the first right to its place.
    fn put_back(&mut self, list: &mut List, at: usize) {
        for stage in self.generator.stages_of(at) {
            list.modes[stage] = self.carry.list.modes[stage];
            list.floors[stage] = self.carry.list.floors[stage];
        }
        // First come, first served: nothing that is moved may take its old place. It begins no earlier than it did.
        let (from, to) = (position(list, at), self.open(list));
        shift(self.problem, &mut list.order, from, to);
    }

    /// The first turn that is open: those before have a right to theirs.
    fn open(&self, list: &List) -> usize {
        list.order.iter().position(|&one| !self.carry.fixed[one as usize]).unwrap_or(0)
    }

    /// Puts back whatever need not have moved.
    fn restore(&mut self) {
        for at in self.departed() {
            let mut list = self.now.1.clone();
            self.put_back(&mut list, at);
            let score = self.look(list.clone());
            if score <= self.now.0 {
                self.now = (score, list);
            }
        }
        self.find_away();
    }
}

fn position(list: &List, at: usize) -> usize {
    list.order.iter().position(|&one| one as usize == at).unwrap_or(0)
}
