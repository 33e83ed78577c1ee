//! Everything else: a walk among lists of activities with a mode for each stage, planned by serial generation.
//!
//! A change is kept if the plan is no worse than the one a while ago (late acceptance, Burke and Bykov 2017).

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::super::bound::bound;
use super::super::generate::{Generator, List};
use super::super::model::{Activity, Problem, Stage, Time};
use super::super::net::Net;
use super::super::plan::{Place, Plan, Score};
use super::super::random::Random;
use super::Search;

/// How many plans back the one to compare with is.
const MEMORY: usize = 60;

/// The search.
#[derive(Debug)]
pub struct Lists<'a> {
    problem: &'a Problem,
    net: &'a Net,
    generator: Generator<'a>,
    random: Random,
    now: List,
    now_score: Score,
    /// What the list of now leaves out.
    out: Vec<u32>,
    best: (Score, List),
    past: Vec<Score>,
    turn: usize,
    idle: usize,
    /// Rules that have yet to be tried, the last one first.
    rules: Vec<Rule>,
    /// Worked out when it is asked for: the first plan does not wait for it.
    bound: OnceCell<Score>,
    /// Stages that can be done in more than one way.
    wide: Vec<usize>,
}

impl<'a> Lists<'a> {
    /// Begins with the plan that is given, or with a first rule.
    pub fn new(problem: &'a Problem, net: &'a Net, seed: u64, from: Option<&Plan>) -> Self {
        let mut generator = Generator::new(problem, net);
        let valued = problem.activities.iter().any(|activity| activity.value.is_some());
        let mut rules = if valued {
            vec![Rule::Value, Rule::Deadline, Rule::Due, Rule::Scarce, Rule::Tail, Rule::Worth]
        } else {
            vec![Rule::Deadline, Rule::Due, Rule::Scarce, Rule::Tail]
        };
        let list = match from {
            Some(plan) => listed(problem, net, plan),
            None => rules.pop().unwrap_or(Rule::Tail).list(problem, net),
        };
        let best = (generator.generate(&list).score, list);
        let wide = (0..generator.stages()).filter(|&stage| {
            let (activity, place) = generator.stage(stage);
            problem.activities[activity].stages[place].modes.len() > 1
        });
        Self {
            wide: wide.collect(),
            random: Random::new(seed),
            now: best.1.clone(),
            now_score: best.0,
            out: Vec::new(),
            past: vec![best.0; MEMORY],
            best,
            turn: 0,
            idle: 0,
            rules,
            bound: OnceCell::new(),
            problem,
            net,
            generator,
        }
    }

    /// Goes on from the list of a rule if that is better.
    fn follow(&mut self, rule: Rule) {
        let list = rule.list(self.problem, self.net);
        let score = self.generator.generate(&list).score;
        if score < self.best.0 {
            self.best = (score, list.clone());
            (self.now, self.now_score) = (list, score);
            self.past.fill(score);
        }
    }

    fn step(&mut self) {
        let mut next = self.now.clone();
        for _ in 0..=self.random.below(2) {
            self.change(&mut next);
        }
        let plan = self.generator.generate(&next);
        let score = plan.score;
        self.turn += 1;
        self.idle += 1;
        if score < self.best.0 {
            self.best = (score, next.clone());
            self.idle = 0;
        }
        let late = &mut self.past[self.turn % MEMORY];
        if score <= self.now_score || score <= *late {
            self.now = next;
            self.now_score = score;
            self.out.clear();
            self.out.extend((0..plan.places.len()).filter(|&at| plan.places[at].is_none()).map(|at| at as u32));
        }
        *late = (*late).min(self.now_score);
        if self.idle > 2000 + 20 * self.now.order.len() {
            self.again();
        }
    }

    /// From the best list again, with room to get worse.
    fn again(&mut self) {
        self.idle = 0;
        self.now = self.best.1.clone();
        for _ in 0..2 + self.now.order.len() / 10 {
            let mut next = std::mem::take(&mut self.now);
            self.change(&mut next);
            self.now = next;
        }
        self.now_score = self.generator.generate(&self.now).score;
        self.past.fill(self.now_score);
    }

    fn change(&mut self, list: &mut List) {
        if !self.wide.is_empty() && self.random.below(3) == 0 {
            let stage = self.wide[self.random.below(self.wide.len())];
            let (activity, place) = self.generator.stage(stage);
            let modes = self.problem.activities[activity].stages[place].modes.len();
            let mode = self.random.below(modes + 1);
            list.modes[stage] = (mode < modes).then_some(mode as u16);
            return;
        }
        let count = list.order.len();
        if !self.out.is_empty() && self.random.below(4) == 0 {
            let at = self.out[self.random.below(self.out.len())];
            let to = self.random.below(count);
            return bring(self.problem, list, at, to);
        }
        if count > 1 {
            let (from, to) = (self.random.below(count), self.random.below(count));
            shift(self.problem, &mut list.order, from, to);
        }
    }
}

/// Which activities go first.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Those with the longest chain behind them.
    Tail,
    /// Those with the longest chain behind them and the most work for those who can do something of it.
    Scarce,
    /// Those of most value by unit of work.
    Worth,
    /// Those of most value.
    Value,
    /// Those that are due first.
    Due,
    /// Those with the first deadline.
    Deadline,
}

impl Rule {
    fn list(self, problem: &Problem, net: &Net) -> List {
        let date = |date: Option<Time>| date.map_or(f64::MAX, f64::from);
        let queues = if matches!(self, Self::Scarce) { queues(problem, net) } else { Vec::new() };
        let rule = |at: usize| match self {
            Self::Scarce => -(f64::from(net.tail[at]) + queues[at]),
            Self::Tail => -f64::from(net.tail[at]),
            Self::Worth => worth(problem, at, true),
            Self::Value => worth(problem, at, false),
            Self::Due => date(problem.activities[at].due.map(|due| due.at)),
            Self::Deadline => date(problem.activities[at].deadline),
        };
        let stages = problem.activities.iter().map(|activity| activity.stages.len()).sum();
        List { order: ordered(problem, net, &rule), modes: vec![None; stages], floors: Vec::new() }
    }
}

/// By activity: the most work by head that waits for those who can do one of its stages, or one behind it.
fn queues(problem: &Problem, net: &Net) -> Vec<f64> {
    let mut work: BTreeMap<Vec<usize>, (f64, usize)> = BTreeMap::new();
    let able = |stage: &Stage| -> Vec<usize> {
        stage.modes.iter().filter_map(|mode| mode.uses.first()).map(|used| used.resource).collect()
    };
    for stage in problem.activities.iter().flat_map(|activity| &activity.stages) {
        let able = able(stage);
        let heads = able.len().max(1);
        work.entry(able).or_insert((0.0, heads)).0 += f64::from(stage.shortest());
    }
    let queue = |stage: &Stage| work.get(&able(stage)).map_or(0.0, |(work, heads)| work / *heads as f64);
    let mut queues = vec![0.0; net.order.len()];
    for &at in net.order.iter().rev() {
        let own = problem.activities[at].stages.iter().map(queue);
        let behind = net.after[at].iter().map(|&(next, _)| queues[next]);
        queues[at] = own.chain(behind).fold(0.0, f64::max);
    }
    queues
}

/// The list that a plan follows from: by start, what is left out at the end.
fn listed(problem: &Problem, net: &Net, plan: &Plan) -> List {
    let mut order: Vec<u32> = net.order.iter().map(|&at| at as u32).collect();
    let start = |at: u32| plan.places[at as usize].as_ref().map_or(Time::MAX, Place::start);
    order.sort_by_key(|&at| start(at));
    let modes = problem.activities.iter().zip(&plan.places).flat_map(|(activity, place)| {
        let mode = |stage: usize| place.as_ref().map(|place| place.slots[stage].mode as u16);
        (0..activity.stages.len()).map(mode)
    });
    List { order, modes: modes.collect(), floors: Vec::new() }
}

/// Moves an activity to another place; what it waits for or what waits for it goes along.
pub(in crate::plan) fn shift(problem: &Problem, order: &mut [u32], from: usize, to: usize) {
    let waits = |late: u32, early: u32| {
        let links = problem.activities[late as usize].waits_for();
        links.iter().any(|link| link.activity == early as usize)
    };
    let (mut at, mut end) = (from, to);
    while at < end {
        // Whoever waits for it stays behind it: it can only go as far as that one.
        if waits(order[at + 1], order[at]) {
            end = at;
        } else {
            order.swap(at, at + 1);
            at += 1;
        }
    }
    while at > end {
        if waits(order[at], order[at - 1]) {
            end = at;
        } else {
            order.swap(at - 1, at);
            at -= 1;
        }
    }
}

/// Brings an activity to a place in the order, with all that it waits for, whoever does it.
fn bring(problem: &Problem, list: &mut List, at: u32, to: usize) {
    let mut along = vec![false; list.order.len()];
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut along[at as usize], true) {
            open.extend(problem.activities[at as usize].waits_for().iter().map(|link| link.activity as u32));
        }
    }
    let late = list.order.split_off(to.min(list.order.len()));
    let (brought, rest): (Vec<u32>, Vec<u32>) = late.into_iter().partition(|&at| along[at as usize]);
    list.order.extend(brought.into_iter().chain(rest));
}

/// Value that it brings, all that hangs on it aside; by unit of work or in all. The most first.
fn worth(problem: &Problem, at: usize, by_work: bool) -> f64 {
    let activity: &Activity = &problem.activities[at];
    let value = activity.value.map_or(f64::MAX / 2.0, |value| value as f64);
    if by_work { -value / f64::from(activity.shortest().max(1)) } else { -value }
}

/// Activities by a rule, the least first, nobody before those it waits for.
fn ordered(problem: &Problem, net: &Net, rule: &dyn Fn(usize) -> f64) -> Vec<u32> {
    let rules: Vec<f64> = (0..net.order.len()).map(rule).collect();
    let mut open: Vec<usize> = problem.activities.iter().map(|activity| activity.waits_for().len()).collect();
    let mut free: Vec<usize> = (0..open.len()).filter(|&at| open[at] == 0).collect();
    let mut order = Vec::with_capacity(open.len());
    while !free.is_empty() {
        let first = (0..free.len())
            .min_by(|&one, &other| rules[free[one]].total_cmp(&rules[free[other]]).then(free[one].cmp(&free[other])));
        let at = free.swap_remove(first.unwrap_or(0));
        order.push(at as u32);
        for &(next, _) in &net.after[at] {
            open[next] -= 1;
            if open[next] == 0 {
                free.push(next);
            }
        }
    }
    order
}

impl Search for Lists<'_> {
    fn run(&mut self) -> u64 {
        match self.rules.pop() {
            Some(rule) => self.follow(rule),
            None => self.step(),
        }
        1
    }

    fn score(&self) -> Score {
        self.best.0
    }

    fn plan(&mut self) -> Plan {
        self.generator.generate(&self.best.1)
    }

    fn bound(&self) -> Score {
        *self.bound.get_or_init(|| bound(self.problem, self.net))
    }
}
