//! One machine, weighted lateness counts: iterated dynasearch.
//!
//! A pass finds the best set of moves that do not touch each other, by dynamic programming over positions (Congram,
//! Potts and van de Velde 2002; with insertions Grosso, Della Croce and Tadei 2004). Between passes that find nothing
//! the order is shaken.

use super::super::model::{Activity, Due, Kind, Mode, Objective, Problem, Time, Use};
use super::super::plan::{Place, Plan, Score, Slot};
use super::super::random::Random;
use super::Search;

/// A job on the machine.
#[derive(Debug, Clone, Copy)]
struct Job {
    at: u32,
    length: i64,
    due: i64,
    weight: i64,
}

impl Job {
    fn of(activity: &Activity, at: u32) -> Self {
        let due = activity.due.unwrap_or(Due { at: Time::MAX, weight: 0 });
        Self { at, length: i64::from(activity.shortest()), due: i64::from(due.at), weight: i64::from(due.weight) }
    }

    #[inline]
    fn cost(&self, end: i64) -> i64 {
        self.weight * (end - self.due).max(0)
    }
}

/// What happens to a stretch of positions.
#[derive(Debug, Clone, Copy)]
enum Change {
    Keep,
    Swap(usize),
    /// The first goes behind the last.
    Back(usize),
    /// The last goes before the first.
    Front(usize),
}

/// The search.
#[derive(Debug)]
pub struct Sequence<'a> {
    problem: &'a Problem,
    random: Random,
    now: Vec<Job>,
    /// Where the search goes back to when shaking leads nowhere.
    home: Vec<Job>,
    home_cost: i64,
    best: Vec<Job>,
    best_cost: i64,
    /// Swaps reach no farther.
    reach: usize,
    ends: Vec<i64>,
    /// Best cost of the first positions, and the change that ends there.
    costs: Vec<i64>,
    changes: Vec<Change>,
    shaken: u32,
    bound: Score,
}

impl<'a> Sequence<'a> {
    /// Whether a problem is of this kind.
    pub fn carries(problem: &Problem) -> bool {
        let [machine] = problem.resources.as_slice() else { return false };
        let unary = machine.kind == Kind::Pool { capacity: 1 } && machine.calendar.open.is_empty();
        unary
            && problem.objective == Objective::LATENESS
            && problem.horizon_is_wide()
            && problem.activities.iter().all(|activity| {
                let at_once = activity.release == 0 && activity.after.is_empty();
                let single = activity.stages.len() == 1 && activity.stages[0].modes.len() == 1;
                let on_it = |mode: &Mode| mode.uses == [Use { resource: 0, amount: 1 }];
                let free = super::is_free(activity) && activity.urgency == 0;
                at_once && single && free && activity.modes().all(on_it)
            })
    }

    /// Begins with the best order of a few dispatching rules.
    pub fn new(problem: &'a Problem, bound: Score, seed: u64) -> Self {
        let jobs: Vec<Job> = problem.activities.iter().zip(0..).map(|(activity, at)| Job::of(activity, at)).collect();
        let rules = [0.5, 1.0, 2.0, 3.0, 5.0];
        let mut by_due = jobs.clone();
        by_due.sort_by_key(|job| job.due);
        let orders = rules.iter().map(|&look| dispatch(&jobs, look)).chain([by_due]);
        let best = orders.min_by_key(|order| cost(order)).unwrap_or_default();
        let count = best.len();
        Self {
            problem,
            random: Random::new(seed),
            home_cost: i64::MAX,
            best_cost: cost(&best),
            reach: ((4_000_000.0 / count.max(1) as f64).sqrt() as usize).min(count),
            ends: Vec::new(),
            costs: Vec::new(),
            changes: Vec::new(),
            shaken: 0,
            bound,
            home: best.clone(),
            now: best.clone(),
            best,
        }
    }

    /// One pass; returns what it gained.
    fn pass(&mut self) -> i64 {
        let count = self.now.len();
        self.ends.clear();
        let mut end = 0;
        self.ends.extend(self.now.iter().map(|job| {
            end += job.length;
            end
        }));
        self.costs.clear();
        self.costs.push(0);
        self.changes.clear();
        for (job, &end) in self.now.iter().zip(&self.ends) {
            self.costs.push(self.costs[self.costs.len() - 1] + job.cost(end));
            self.changes.push(Change::Keep);
        }
        let before = self.costs[count];
        // `costs[k]`: the first k positions at their best so far. Stretches are taken by their last position.
        for last in 0..count {
            let keep = self.costs[last] + self.now[last].cost(self.ends[last]);
            self.costs[last + 1] = keep;
            self.changes[last] = Change::Keep;
            self.stretches(last);
        }
        let gained = before - self.costs[count];
        if gained > 0 {
            self.rebuild();
        }
        gained
    }

    /// Changes of every stretch that ends at `last`.
    fn stretches(&mut self, last: usize) {
        let (jobs, ends) = (&self.now, &self.ends);
        let mover = jobs[last];
        let mut pushed = 0;
        let (mut cost, mut change) = (self.costs[last + 1], self.changes[last]);
        for first in (last.saturating_sub(self.reach)..last).rev() {
            let begin = ends[first] - jobs[first].length;
            let head = mover.cost(begin + mover.length);
            // The last to the front: everything else is pushed back by its length.
            pushed += jobs[first].cost(ends[first] + mover.length);
            let base = self.costs[first];
            if base + head + pushed < cost {
                (cost, change) = (base + head + pushed, Change::Front(first));
            }
            if base + head >= cost {
                continue;
            }
            let shift = mover.length - jobs[first].length;
            let inner = first + 1..last;
            let tail = jobs[first].cost(ends[last]);
            let between = |shift: i64| -> i64 {
                jobs[inner.clone()].iter().zip(&ends[inner.clone()]).map(|(job, end)| job.cost(end + shift)).sum()
            };
            if base + head + tail < cost {
                let swapped = base + head + tail + between(shift);
                if swapped < cost {
                    (cost, change) = (swapped, Change::Swap(first));
                }
            }
            // The first to the back: everything else moves up by its length.
            let up = -jobs[first].length;
            let moved = mover.cost(ends[last] + up) + tail;
            if base + moved < cost {
                let moved = base + moved + between(up);
                if moved < cost {
                    (cost, change) = (moved, Change::Back(first));
                }
            }
        }
        self.costs[last + 1] = cost;
        self.changes[last] = change;
    }

    fn rebuild(&mut self) {
        let mut left = self.now.len();
        while left > 0 {
            let last = left - 1;
            left = match self.changes[last] {
                Change::Keep => last,
                Change::Swap(first) => {
                    self.now.swap(first, last);
                    first
                }
                Change::Back(first) => {
                    self.now[first..=last].rotate_left(1);
                    first
                }
                Change::Front(first) => {
                    self.now[first..=last].rotate_right(1);
                    first
                }
            };
        }
    }

    fn shake(&mut self) {
        let count = self.now.len();
        let spread = 30.min(count);
        for _ in 0..3 + self.random.below(6) {
            let one = self.random.below(count);
            let other = (one + 1 + self.random.below(spread)).min(count - 1);
            self.now.swap(one, other);
        }
    }

    fn settle(&mut self) {
        let reached = cost(&self.now);
        if reached < self.best_cost {
            self.best_cost = reached;
            self.best.clone_from(&self.now);
        }
        if reached <= self.home_cost {
            self.home_cost = reached;
            self.home.clone_from(&self.now);
        }
        self.shaken += 1;
        if self.shaken.is_multiple_of(200) {
            // From the best again, or from a place a little away from it.
            self.home_cost = if self.random.below(2) == 0 { self.best_cost } else { i64::MAX };
            self.home.clone_from(&self.best);
        }
        self.now.clone_from(&self.home);
        if self.now.len() > 1 {
            self.shake();
        }
    }
}

fn cost(order: &[Job]) -> i64 {
    let mut end = 0;
    order
        .iter()
        .map(|job| {
            end += job.length;
            job.cost(end)
        })
        .sum()
}

/// Apparent tardiness cost (Vepsalainen and Morton 1987) that looks so many average lengths ahead.
fn dispatch(jobs: &[Job], look: f64) -> Vec<Job> {
    let mut left = jobs.to_vec();
    let average = jobs.iter().map(|job| job.length as f64).sum::<f64>() / jobs.len().max(1) as f64;
    let mut order = Vec::with_capacity(jobs.len());
    let mut now = 0;
    while !left.is_empty() {
        let urgency = |job: &Job| {
            let slack = (job.due - job.length - now).max(0) as f64;
            job.weight as f64 / job.length.max(1) as f64 * (-slack / (look * average.max(1.0))).exp()
        };
        let next = (0..left.len()).max_by(|&one, &other| urgency(&left[one]).total_cmp(&urgency(&left[other])));
        let job = left.swap_remove(next.unwrap_or(0));
        now += job.length;
        order.push(job);
    }
    order
}

impl Search for Sequence<'_> {
    fn run(&mut self) -> u64 {
        if self.pass() == 0 {
            self.settle();
        }
        1
    }

    fn score(&self) -> Score {
        Score::of(self.best_cost)
    }

    fn plan(&mut self) -> Plan {
        let mut places = vec![None; self.best.len()];
        let mut start = 0;
        for job in &self.best {
            let end = start + job.length as Time;
            places[job.at as usize] = Some(Place { slots: vec![Slot { mode: 0, start, end }] });
            start = end;
        }
        Plan::of(self.problem, places)
    }

    fn bound(&self) -> Score {
        self.bound
    }
}
