//! Stages that each need one machine of several, the end of the last one counts: tabu search on longest ways.
//!
//! It carries job shops (one machine per stage) as well as teams (everybody who has the skill). It must never measure an
//! order by anything but its graph.

mod dispatch;
mod graph;
mod moves;
mod tabu;

use super::super::model::{Problem, Time};
use super::super::plan::{Place, Plan, Score, Slot};
use super::super::random::Random;
use super::Search;
use dispatch::dispatch;
use graph::{NONE, Orders, Ways};
use moves::{Move, longest_way, moves};
use tabu::Tabu;

pub use graph::Shop;

/// Moves between two looks at whether to go on.
const PORTION: u64 = 16;
/// Priority rules that are blurred by chance, beside the one that is not.
const FIRST_PLANS: usize = 9;

/// The search.
#[derive(Debug)]
pub struct Machines<'a> {
    problem: &'a Problem,
    shop: Shop,
    random: Random,
    now: Orders,
    ways: Ways,
    best: Orders,
    best_finish: Time,
    bound: Score,
    tabu: Tabu,
    /// Moves so far.
    turn: u32,
    /// When the best plan was found, or when the search last went back to it.
    fresh: u32,
    /// Kept from one move to the next for its memory.
    way: Vec<u32>,
}

impl<'a> Machines<'a> {
    /// Begins with the best of a few plans by priority rules.
    pub fn new(problem: &'a Problem, bound: Score, seed: u64) -> Self {
        let shop = Shop::of(problem);
        let mut search = Self {
            problem,
            random: Random::new(seed),
            now: Orders::empty(&shop),
            ways: Ways::default(),
            best: Orders::empty(&shop),
            best_finish: Time::MAX,
            bound,
            tabu: Tabu::new(shop.len(), shop.machines),
            turn: 0,
            fresh: 0,
            way: Vec::new(),
            shop,
        };
        for plan in 0..=FIRST_PLANS {
            search.now = dispatch(&search.shop, &mut search.random, if plan == 0 { 0.0 } else { 0.3 });
            search.measure();
        }
        search.go_back();
        search
    }

    fn go_back(&mut self) {
        self.now.clone_from(&self.best);
        self.measure();
        self.fresh = self.turn;
    }

    /// Measures the order at hand; false if it goes in a circle.
    fn measure(&mut self) -> bool {
        let sound = self.ways.measure(&self.shop, &self.now);
        if sound && self.ways.finish < self.best_finish {
            self.best_finish = self.ways.finish;
            self.best.clone_from(&self.now);
            self.fresh = self.turn;
        }
        sound
    }

    fn step(&mut self) {
        self.turn += 1;
        let Some((to, passed)) = self.choose() else { return self.shake() };
        let left = (to.mode != NONE).then(|| self.ways.machine[to.stage as usize]);
        let tenure = 10 + self.random.below(10) + self.shop.len() / self.shop.machines / 2;
        self.tabu.forbid(to, left, &passed, self.turn + tenure as u32);
        self.apply(to);
        if self.turn - self.fresh > 20 * self.shop.len() as u32 {
            self.shake();
        }
    }

    /// The best move that is not forbidden, else any one; and what it passes.
    fn choose(&mut self) -> Option<(Move, Vec<u32>)> {
        self.find_way();
        let Self { shop, ways, now, way, tabu, random, turn, best_finish, .. } = self;
        let mut best: Option<(Move, Vec<u32>)> = None;
        let mut any: Option<(Move, Vec<u32>)> = None;
        let (mut seen, mut ties) = (0, 0);
        moves(shop, ways, &now.queue, way, &mut |to, passed| {
            seen += 1;
            if any.is_none() || random.below(seen) == 0 {
                any = Some((to, passed.to_vec()));
            }
            let machine = (to.mode != NONE).then(|| shop.modes[to.stage as usize][to.mode as usize].0);
            if to.finish >= *best_finish && tabu.forbids(to, machine, passed, *turn) {
                return;
            }
            let least = best.as_ref().map_or(Time::MAX, |(best, _)| best.finish);
            ties = if to.finish < least { 1 } else { ties + usize::from(to.finish == least) };
            if to.finish < least || to.finish == least && random.below(ties) == 0 {
                best = Some((to, passed.to_vec()));
            }
        });
        best.or(any)
    }

    fn find_way(&mut self) {
        let random = &mut self.random;
        longest_way(&self.shop, &self.ways, &mut |count| random.below(count), &mut self.way);
    }

    /// Makes a move, or none if it would go in a circle.
    fn apply(&mut self, to: Move) {
        let (stage, at) = (to.stage, to.stage as usize);
        let (machine, mode) = (self.ways.machine[at], self.now.mode[at]);
        let was = self.now.remove(machine, stage);
        let new_mode = if to.mode == NONE { mode } else { to.mode };
        let new_machine = self.shop.modes[at][new_mode as usize].0;
        self.now.insert_behind(new_machine, to.left, stage, new_mode);
        if !self.measure() {
            self.now.remove(new_machine, stage);
            self.now.insert(machine, was, stage, mode);
            self.measure();
        }
    }

    /// Goes back to the best plan and away from it by a few moves of any kind.
    fn shake(&mut self) {
        self.go_back();
        for _ in 0..3 + self.random.below(10) {
            self.find_way();
            let mut all = Vec::new();
            moves(&self.shop, &self.ways, &self.now.queue, &self.way, &mut |to, _| all.push(to));
            if !all.is_empty() {
                let to = all[self.random.below(all.len())];
                self.apply(to);
            }
        }
    }
}

impl Search for Machines<'_> {
    fn run(&mut self) -> u64 {
        for _ in 0..PORTION {
            if self.score() <= self.bound {
                break;
            }
            self.step();
        }
        PORTION
    }

    fn score(&self) -> Score {
        Score::of(i64::from(self.problem.objective.finish) * i64::from(self.best_finish))
    }

    fn plan(&mut self) -> Plan {
        let mut ways = Ways::default();
        ways.measure(&self.shop, &self.best);
        let slot = |stage: usize| {
            let (start, end) = (ways.head[stage], ways.end(stage as u32));
            Slot { mode: self.best.mode[stage] as usize, start, end }
        };
        let stages = self.shop.first.windows(2).map(|pair| pair[0]..pair[1]);
        Plan::of(self.problem, stages.map(|stages| Some(Place { slots: stages.map(slot).collect() })).collect())
    }

    fn bound(&self) -> Score {
        self.bound
    }
}
