//! The disjunctive graph: which stage is on which machine in which order, and the longest ways to and from each.

use super::super::super::model::{Kind, Problem, Time};

/// Tables of pairs are laid out for no more.
const MOST_STAGES: usize = 3000;
/// No stage.
pub const NONE: u32 = u32::MAX;

/// What does not change: stages, their alternatives and who waits for whom.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Machines in all.
    pub machines: usize,
    /// By stage: machine and length of each mode.
    pub modes: Vec<Vec<(u32, Time)>>,
    /// By stage: what it waits for, with the lag.
    pub before: Vec<Vec<(u32, Time)>>,
    /// By stage: what waits for it, with the lag.
    pub after: Vec<Vec<(u32, Time)>>,
    /// By stage: earliest start.
    pub release: Vec<Time>,
    /// First stage of each activity, and the number of stages at the end.
    pub first: Vec<usize>,
}

impl Shop {
    /// Lays out a problem in which every mode uses one unit of one pool of one unit.
    pub fn of(problem: &Problem) -> Self {
        let mut first = vec![0];
        for activity in &problem.activities {
            first.push(first[first.len() - 1] + activity.stages.len());
        }
        let count = first[problem.activities.len()];
        let mut shop = Self {
            machines: problem.resources.len(),
            modes: Vec::with_capacity(count),
            before: vec![Vec::new(); count],
            after: vec![Vec::new(); count],
            release: vec![0; count],
            first,
        };
        for (index, activity) in problem.activities.iter().enumerate() {
            let begin = shop.first[index];
            shop.release[begin] = activity.release;
            for stage in &activity.stages {
                let modes = stage.modes.iter().map(|mode| (mode.uses[0].resource as u32, mode.duration));
                shop.modes.push(modes.collect());
            }
            (begin + 1..shop.first[index + 1]).for_each(|stage| shop.link(stage - 1, stage, 0));
            for link in &activity.after {
                shop.link(shop.first[link.activity + 1] - 1, begin, link.lag);
            }
        }
        shop
    }

    fn link(&mut self, from: usize, to: usize, lag: Time) {
        self.after[from].push((to as u32, lag));
        self.before[to].push((from as u32, lag));
    }

    /// Number of stages.
    pub fn len(&self) -> usize {
        self.modes.len()
    }

    /// Whether a problem can be laid out.
    pub fn carries(problem: &Problem) -> bool {
        let unary = problem.resources.iter().all(|one| one.kind == Kind::Pool { capacity: 1 });
        let single = problem.activities.iter().flat_map(|activity| &activity.stages).all(|stage| {
            let modes = stage.modes.iter();
            !stage.modes.is_empty() && modes.clone().all(|mode| mode.uses.len() == 1 && mode.uses[0].amount == 1)
        });
        let stages: usize = problem.activities.iter().map(|activity| activity.stages.len()).sum();
        stages <= MOST_STAGES && unary && single && super::super::plain(problem)
    }
}

/// What a search changes: the order on each machine.
#[derive(Debug, Clone)]
pub struct Orders {
    /// By stage: which of its modes.
    pub mode: Vec<u32>,
    /// By machine: stages in order.
    pub queue: Vec<Vec<u32>>,
}

/// Longest ways in the graph of an order.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// By stage: its length in the chosen mode.
    pub length: Vec<Time>,
    /// By stage: machine.
    pub machine: Vec<u32>,
    /// By stage: who is before it on its machine.
    pub left: Vec<u32>,
    /// By stage: who is behind it on its machine.
    pub right: Vec<u32>,
    /// By stage: start.
    pub head: Vec<Time>,
    /// By stage: from its end to the end of all.
    pub tail: Vec<Time>,
    /// By stage: when what it waits for has ended, the machine aside.
    pub ready: Vec<Time>,
    /// By stage: from its end to the end of all, the machine aside.
    pub rest: Vec<Time>,
    /// End of the last stage.
    pub finish: Time,
    open: Vec<u32>,
    order: Vec<u32>,
}

impl Ways {
    /// Measures an order; false if it goes in a circle.
    pub fn measure(&mut self, shop: &Shop, orders: &Orders) -> bool {
        self.link(shop, orders);
        let count = shop.len();
        self.order.clear();
        self.open.clear();
        for stage in 0..count {
            let open = shop.before[stage].len() as u32 + u32::from(self.left[stage] != NONE);
            self.open.push(open);
            if open == 0 {
                self.order.push(stage as u32);
            }
        }
        self.ready.clone_from(&shop.release);
        self.forwards(shop);
        if self.order.len() < count {
            return false;
        }
        self.backwards(shop);
        true
    }

    fn link(&mut self, shop: &Shop, orders: &Orders) {
        let count = shop.len();
        for list in [&mut self.length, &mut self.machine, &mut self.head, &mut self.tail, &mut self.rest] {
            list.resize(count, 0);
        }
        self.left.resize(count, NONE);
        self.right.resize(count, NONE);
        for (stage, &mode) in orders.mode.iter().enumerate() {
            (self.machine[stage], self.length[stage]) = shop.modes[stage][mode as usize];
        }
        for queue in &orders.queue {
            let mut left = NONE;
            for &stage in queue {
                self.left[stage as usize] = left;
                if left != NONE {
                    self.right[left as usize] = stage;
                }
                left = stage;
            }
            if left != NONE {
                self.right[left as usize] = NONE;
            }
        }
    }

    fn forwards(&mut self, shop: &Shop) {
        let mut next = 0;
        self.finish = 0;
        while let Some(&stage) = self.order.get(next) {
            next += 1;
            let stage = stage as usize;
            let left = self.left[stage];
            let free = if left == NONE { 0 } else { self.head[left as usize] + self.length[left as usize] };
            self.head[stage] = self.ready[stage].max(free);
            let end = self.head[stage] + self.length[stage];
            self.finish = self.finish.max(end);
            for &(after, lag) in &shop.after[stage] {
                let ready = &mut self.ready[after as usize];
                *ready = (*ready).max(end + lag);
                self.freed(after);
            }
            if self.right[stage] != NONE {
                self.freed(self.right[stage]);
            }
        }
    }

    #[inline]
    fn freed(&mut self, stage: u32) {
        let open = &mut self.open[stage as usize];
        *open -= 1;
        if *open == 0 {
            self.order.push(stage);
        }
    }

    fn backwards(&mut self, shop: &Shop) {
        for &stage in self.order.iter().rev() {
            let stage = stage as usize;
            let behind = |after: u32| self.tail[after as usize] + self.length[after as usize];
            let rest = shop.after[stage].iter().map(|&(after, lag)| behind(after) + lag).max().unwrap_or(0);
            let right = self.right[stage];
            self.tail[stage] = if right == NONE { rest } else { rest.max(behind(right)) };
            self.rest[stage] = rest;
        }
    }

    /// End of a stage; 0 for none.
    #[inline]
    pub fn end(&self, stage: u32) -> Time {
        if stage == NONE { 0 } else { self.head[stage as usize] + self.length[stage as usize] }
    }

    /// From the start of a stage to the end of all; 0 for none.
    #[inline]
    pub fn behind(&self, stage: u32) -> Time {
        if stage == NONE { 0 } else { self.tail[stage as usize] + self.length[stage as usize] }
    }
}

impl Orders {
    /// Nothing on any machine.
    pub fn empty(shop: &Shop) -> Self {
        Self { mode: vec![0; shop.len()], queue: vec![Vec::new(); shop.machines] }
    }

    /// Puts a stage behind another one on a machine, or to the front.
    pub fn insert_behind(&mut self, machine: u32, left: u32, stage: u32, mode: u32) {
        let queue = &self.queue[machine as usize];
        let place = queue.iter().position(|&one| one == left).map_or(0, |at| at + 1);
        self.insert(machine, place, stage, mode);
    }

    /// Takes a stage off its machine; returns where it was.
    pub fn remove(&mut self, machine: u32, stage: u32) -> usize {
        let queue = &mut self.queue[machine as usize];
        let at = queue.iter().position(|&one| one == stage).unwrap_or(queue.len());
        queue.remove(at);
        at
    }

    /// Puts a stage on a machine.
    pub fn insert(&mut self, machine: u32, at: usize, stage: u32, mode: u32) {
        self.queue[machine as usize].insert(at, stage);
        self.mode[stage as usize] = mode;
    }
}
