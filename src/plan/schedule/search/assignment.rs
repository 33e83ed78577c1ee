//! Who does what when time plays no part: every mode draws on one budget, cost counts. Shifts and swaps under prices for
//! overdrawn budgets that rise and fall (Yagiura, Ibaraki and Glover 2004), begun at the prices of a Lagrangian bound.

use super::super::model::{Kind, Mode, Objective, Problem};
use super::super::plan::{Place, Plan, Score, Slot};
use super::super::random::Random;
use super::Search;
use super::prices::{Choice, prices};

/// Moves without anything better until the search shakes.
const PATIENCE: u64 = 2000;

/// The search.
#[derive(Debug)]
pub struct Assignment<'a> {
    problem: &'a Problem,
    random: Random,
    options: Vec<Vec<Choice>>,
    room: Vec<i64>,
    /// By activity: which option.
    now: Vec<usize>,
    load: Vec<i64>,
    cost: i64,
    /// By budget: what a unit beyond it costs.
    price: Vec<f64>,
    best: Option<(i64, Vec<usize>)>,
    tabu: Vec<Vec<u64>>,
    turn: u64,
    idle: u64,
    bound: Score,
}

/// A change of the assignment.
#[derive(Debug, Clone, Copy)]
enum Step {
    Shift(usize, usize),
    /// Two activities change places, each to the given option.
    Swap((usize, usize), (usize, usize)),
}

impl<'a> Assignment<'a> {
    /// Whether a problem is of this kind.
    pub fn carries(problem: &Problem) -> bool {
        let budgets = problem.resources.iter().all(|one| matches!(one.kind, Kind::Budget { .. }));
        let timeless = |mode: &Mode| mode.uses.len() == 1 && mode.duration == 0;
        budgets
            && problem.objective == Objective::COST
            && problem.activities.iter().all(|activity| {
                let single = activity.stages.len() == 1 && !activity.stages[0].modes.is_empty();
                let at_once = activity.release == 0 && activity.after.is_empty();
                single && at_once && super::is_free(activity) && activity.modes().all(timeless)
            })
    }

    /// Bounds the cost and begins where the bound leads.
    pub fn new(problem: &'a Problem, bound: Score, seed: u64) -> Self {
        let options: Vec<Vec<Choice>> =
            problem.activities.iter().map(|activity| activity.modes().map(Choice::of).collect()).collect();
        let room: Vec<i64> = problem.resources.iter().map(|one| budget(one.kind)).collect();
        let (cost, price) = prices(&options, &room);
        let count = options.len();
        let mut search = Self {
            problem,
            random: Random::new(seed),
            tabu: options.iter().map(|options| vec![0; options.len()]).collect(),
            now: vec![0; count],
            load: vec![0; room.len()],
            cost: 0,
            price: price.iter().map(|price| price.max(0.1)).collect(),
            best: None,
            turn: 0,
            idle: 0,
            bound: bound.max(Score::of(cost)),
            options,
            room,
        };
        search.begin(&price);
        search
    }

    /// The activities with the most to lose first, each to the best option that has room.
    fn begin(&mut self, price: &[f64]) {
        let priced = |option: &Choice| option.cost as f64 + price[option.budget] * option.amount as f64;
        let regret = |options: &Vec<Choice>| {
            let mut costs: Vec<f64> = options.iter().map(priced).collect();
            costs.sort_by(f64::total_cmp);
            costs.get(1).map_or(f64::MAX, |second| second - costs[0])
        };
        let mut order: Vec<(f64, usize)> = self.options.iter().map(regret).zip(0..).collect();
        order.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut left = self.room.clone();
        for (_, at) in order {
            let options = &self.options[at];
            let fits = (0..options.len()).filter(|&one| options[one].amount <= left[options[one].budget]);
            let best = fits.min_by(|&one, &other| priced(&options[one]).total_cmp(&priced(&options[other])));
            let roomiest = || (0..options.len()).max_by_key(|&one| left[options[one].budget] - options[one].amount);
            let choice = best.or_else(roomiest).unwrap_or(0);
            self.now[at] = choice;
            left[options[choice].budget] -= options[choice].amount;
        }
        self.tally();
        self.keep();
    }

    fn tally(&mut self) {
        self.cost = 0;
        self.load.fill(0);
        for (options, &choice) in self.options.iter().zip(&self.now) {
            self.cost += options[choice].cost;
            self.load[options[choice].budget] += options[choice].amount;
        }
    }

    fn keep(&mut self) {
        let fits = self.load.iter().zip(&self.room).all(|(load, room)| load <= room);
        if fits && self.best.as_ref().is_none_or(|(cost, _)| self.cost < *cost) {
            self.best = Some((self.cost, self.now.clone()));
            self.idle = 0;
        }
    }

    /// Price of what a budget is overdrawn by.
    #[inline]
    fn fine(&self, budget: usize, more: i64) -> f64 {
        self.price[budget] * (self.load[budget] + more - self.room[budget]).max(0) as f64
    }

    fn shift_gain(&self, at: usize, to: usize) -> f64 {
        let (from, to) = (self.options[at][self.now[at]], self.options[at][to]);
        let cost = (to.cost - from.cost) as f64;
        if from.budget == to.budget {
            return cost + self.fine(to.budget, to.amount - from.amount) - self.fine(to.budget, 0);
        }
        cost + self.fine(to.budget, to.amount) - self.fine(to.budget, 0) + self.fine(from.budget, -from.amount)
            - self.fine(from.budget, 0)
    }

    fn swap_gain(&self, (one, one_to): (usize, usize), (other, other_to): (usize, usize)) -> f64 {
        let (from, to) = (self.options[one][self.now[one]], self.options[one][one_to]);
        let (back, fro) = (self.options[other][self.now[other]], self.options[other][other_to]);
        (to.cost - from.cost + fro.cost - back.cost) as f64 + self.fine(from.budget, fro.amount - from.amount)
            - self.fine(from.budget, 0)
            + self.fine(back.budget, to.amount - back.amount)
            - self.fine(back.budget, 0)
    }

    /// The option of an activity that draws on a budget.
    fn option_on(&self, at: usize, budget: usize) -> Option<usize> {
        let options = &self.options[at];
        if options.get(budget).is_some_and(|option| option.budget == budget) {
            return Some(budget);
        }
        options.iter().position(|option| option.budget == budget)
    }

    fn choose(&mut self) -> Option<Step> {
        let mut best: Option<(f64, Step)> = None;
        let priced = self.cost as f64 + (0..self.room.len()).map(|budget| self.fine(budget, 0)).sum::<f64>();
        let target = self.best.as_ref().map_or(f64::MAX, |(cost, _)| *cost as f64);
        let offer = |gain: f64, tabu: bool, step: Step, best: &mut Option<(f64, Step)>| {
            let aspires = priced + gain < target - 1e-9;
            if (!tabu || aspires) && best.is_none_or(|(least, _)| gain < least) {
                *best = Some((gain, step));
            }
        };
        for at in 0..self.now.len() {
            for to in (0..self.options[at].len()).filter(|&to| to != self.now[at]) {
                let gain = self.shift_gain(at, to);
                offer(gain, self.tabu[at][to] > self.turn, Step::Shift(at, to), &mut best);
            }
        }
        for one in 0..self.now.len() {
            let from = self.options[one][self.now[one]].budget;
            for other in one + 1..self.now.len() {
                let back = self.options[other][self.now[other]].budget;
                if from == back {
                    continue;
                }
                let (Some(to), Some(fro)) = (self.option_on(one, back), self.option_on(other, from)) else { continue };
                let gain = self.swap_gain((one, to), (other, fro));
                if best.is_none_or(|(least, _)| gain < least) {
                    let tabu = self.tabu[one][to] > self.turn || self.tabu[other][fro] > self.turn;
                    offer(gain, tabu, Step::Swap((one, to), (other, fro)), &mut best);
                }
            }
        }
        best.map(|(_, step)| step)
    }

    fn put(&mut self, at: usize, to: usize) {
        let (from, next) = (self.options[at][self.now[at]], self.options[at][to]);
        self.tabu[at][self.now[at]] = self.turn + 5 + self.random.below(10) as u64;
        self.load[from.budget] -= from.amount;
        self.load[next.budget] += next.amount;
        self.cost += next.cost - from.cost;
        self.now[at] = to;
    }

    /// Goes back to the best plan and gives a few activities to anybody.
    fn shake(&mut self) {
        self.idle = 0;
        if let Some((_, best)) = &self.best {
            self.now.clone_from(best);
        }
        for _ in 0..3 {
            let at = self.random.below(self.now.len());
            self.now[at] = self.random.below(self.options[at].len());
        }
        self.tally();
    }

    /// Overdrawn budgets become dearer, the others cheaper.
    fn reprice(&mut self) {
        for budget in 0..self.room.len() {
            let factor = if self.load[budget] > self.room[budget] { 1.1 } else { 0.97 };
            self.price[budget] = (self.price[budget] * factor).clamp(1e-3, 1e9);
        }
    }
}

fn budget(kind: Kind) -> i64 {
    if let Kind::Budget { amount } = kind { amount.min(1 << 40) as i64 } else { 0 }
}

impl Search for Assignment<'_> {
    fn run(&mut self) -> u64 {
        self.turn += 1;
        self.idle += 1;
        match self.choose() {
            Some(Step::Shift(at, to)) => self.put(at, to),
            Some(Step::Swap((one, to), (other, fro))) => {
                self.put(one, to);
                self.put(other, fro);
            }
            None => {}
        }
        self.keep();
        self.reprice();
        if self.idle > PATIENCE {
            self.shake();
        }
        1
    }

    fn score(&self) -> Score {
        match &self.best {
            Some((cost, _)) => Score::of(*cost),
            None => Score { missing: u32::MAX, ..Score::default() },
        }
    }

    fn plan(&mut self) -> Plan {
        let choice = self.best.as_ref().map_or(&self.now, |(_, choice)| choice);
        let mut left = self.room.clone();
        // As long as nothing fits as a whole, what does not fit is left out.
        let places = self.options.iter().zip(choice).map(|(options, &mode)| {
            let Choice { budget, amount, .. } = options[mode];
            let fits = amount <= left[budget];
            left[budget] -= if fits { amount } else { 0 };
            fits.then(|| Place { slots: vec![Slot { mode, start: 0, end: 0 }] })
        });
        Plan::of(self.problem, places.collect())
    }

    fn bound(&self) -> Score {
        self.bound
    }
}
