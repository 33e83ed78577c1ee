//! One run: the plan's agents take their tasks in the plan's order, each as soon as it can, and things happen on the way.
//!
//! Nobody waits for a date of the plan. What has begun goes on before anything new, both in the order of the plan.

mod luck;
mod room;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::belief::Belief;
use super::chance::Chance;
use super::clock::NEVER;
use super::world::{Held, Job, Part, Pool, World};
use super::{Risk, Role};
use crate::plan::schedule::model::Time;

/// What is different in a run from the question that was asked; nothing, mostly.
#[derive(Debug, Clone, Default)]
pub struct Twist {
    /// By activity: left out.
    pub out: Vec<bool>,
    /// The work of this activity takes its median.
    pub median: Option<usize>,
    /// This risk does not come true.
    pub spared: Option<usize>,
}

/// Begun work comes before new work in a queue.
const NEW: u64 = 1 << 40;

/// Plays a world, again and again.
#[derive(Debug)]
pub struct Player<'a> {
    world: &'a World,
    risks: &'a [Risk],
    now: Time,
    tasks: Vec<State>,
    pools: Vec<Taken>,
    /// By resource: who waits for it, the first one last.
    queues: Vec<Vec<(Reverse<u64>, u32)>>,
    /// By lane: who has ended a stage and finds no room.
    stuck: Vec<VecDeque<u32>>,
    /// Time, what, which.
    events: BinaryHeap<Reverse<(Time, u8, u32)>>,
    /// Units that come back later.
    returns: Vec<(usize, u32)>,
    /// What began, and what it waited for last: a chain of causes.
    begins: Vec<(u32, Option<u32>)>,
    /// What the present event has ended.
    cause: Option<u32>,
    /// By activity: when it ended.
    pub ends: Vec<Time>,
    /// By activity: minutes of its stages.
    pub minutes: Vec<f32>,
    /// By activity: whether the end of the last one hung on it.
    pub critical: Vec<bool>,
}

/// Where a task stands in a run.
#[derive(Debug, Clone, Default)]
struct State {
    step: usize,
    waits: u32,
    release: Time,
    /// Minutes left of the present stage, and in how many pieces; questions lie between them.
    left: f64,
    pieces: u32,
    /// Minutes of its first pass.
    work: f64,
    rounds: u32,
    begun: bool,
    /// Lanes that it takes up, a bit for each of the job's holds.
    held: u64,
    /// Its first stage here has its length.
    drawn: bool,
    /// What it spends on its present stage is spent.
    paid: bool,
    chance: Option<Chance>,
    /// Its last begin.
    begin: Option<u32>,
}

/// What is taken of a resource.
#[derive(Debug, Clone, Default)]
struct Taken {
    /// Below 0 where more had begun than there is room for.
    free: i64,
    left: u64,
    used: Vec<u32>,
}

/// The bit of a hold; beyond 64 lanes some share theirs.
fn bit(which: usize) -> u64 {
    1_u64.wrapping_shl(which as u32)
}

const ENDS: u8 = 0;
const RETURNS: u8 = 1;
const READY: u8 = 2;

impl<'a> Player<'a> {
    /// For a world.
    pub fn new(world: &'a World, risks: &'a [Risk]) -> Self {
        let (tasks, pools) = (world.jobs.len(), world.pools.len());
        Self {
            world,
            risks,
            now: 0,
            tasks: vec![State::default(); tasks],
            pools: vec![Taken::default(); pools],
            queues: vec![Vec::new(); pools + 1],
            stuck: vec![VecDeque::new(); pools],
            events: BinaryHeap::new(),
            returns: Vec::new(),
            begins: Vec::new(),
            cause: None,
            ends: vec![NEVER; tasks],
            minutes: vec![0.0; tasks],
            critical: vec![false; tasks],
        }
    }

    /// Plays it once. The same seed and run have the same luck, whatever the twist.
    pub fn play(&mut self, belief: &Belief, seed: u64, run: u64, twist: &Twist) {
        self.reset();
        let blows = self.blows(seed, run, twist.spared);
        // Everybody waits: as nobody knows when, it is now.
        let delay: f64 = blows.iter().filter(|(at, _)| at.is_none()).map(|(_, minutes)| minutes).sum();
        let delay = delay.round() as Time;
        self.now = self.delayed(self.world.from, delay);
        for at in 0..self.tasks.len() {
            self.tasks[at] = State { waits: u32::MAX, ..State::default() };
            if !twist.out.get(at).copied().unwrap_or(false) {
                self.prepare(at, belief, Chance::of(seed, run, at as u64), twist.median == Some(at));
            }
        }
        for (at, minutes) in blows.iter().filter_map(|(at, minutes)| Some(((*at)?, minutes))) {
            self.tasks[at].left += minutes;
        }
        self.begin_day(belief);
        while let Some(Reverse((time, what, which))) = self.events.pop() {
            self.now = time;
            self.cause = None;
            match what {
                ENDS => self.ended(which as usize, belief),
                RETURNS => self.came_back(which as usize),
                _ => self.arrive(which as usize),
            }
        }
        self.find_critical();
    }

    fn reset(&mut self) {
        self.now = self.world.from;
        self.events.clear();
        self.returns.clear();
        self.begins.clear();
        self.cause = None;
        self.queues.iter_mut().for_each(Vec::clear);
        self.stuck.iter_mut().for_each(VecDeque::clear);
        self.ends.fill(NEVER);
        self.minutes.fill(0.0);
        self.critical.fill(false);
        for (taken, pool) in self.pools.iter_mut().zip(&self.world.pools) {
            match *pool {
                Pool::Units { capacity, .. } => taken.free = i64::from(capacity),
                Pool::Budget { amount } => taken.left = amount,
                Pool::Quota { .. } => taken.used.clear(),
            }
        }
    }

    /// What runs goes on, what may begin gets in line. Of what somebody has begun beyond what they can do at once, the
    /// rest waits its turn.
    fn begin_day(&mut self, belief: &Belief) {
        for at in 0..self.tasks.len() {
            let Some(job) = &self.world.jobs[at] else { continue };
            if self.tasks[at].chance.is_none() || job.is_over() || !job.is_begun() {
                continue;
            }
            let inside = |hold: &Held| hold.after.is_none_or(|after| after < job.over) && hold.until >= job.over;
            for (which, hold) in job.holds.iter().enumerate().filter(|(_, hold)| inside(hold)) {
                self.hold(at, which, hold.pool);
            }
            if job.asking {
                self.tasks[at].release = self.answered(at, belief).max(self.now);
            }
        }
        for at in 0..self.tasks.len() {
            let task = &self.tasks[at];
            if task.waits == 0 && task.chance.is_some() {
                if task.release > self.now { self.later(task.release, READY, at) } else { self.line_up(at) }
            }
        }
        self.dispatch_all();
    }

    /// Takes up room in a lane.
    fn hold(&mut self, at: usize, which: usize, lane: usize) {
        self.tasks[at].held |= bit(which);
        self.pools[lane].free -= 1;
    }

    fn later(&mut self, time: Time, what: u8, which: usize) {
        if time < NEVER - 1 {
            self.events.push(Reverse((time, what, which as u32)));
        }
    }

    fn job(&self, at: usize) -> &'a Job {
        self.world.jobs[at].as_ref().expect("only what is planned is played")
    }

    fn part(&self, at: usize) -> &'a Part {
        &self.job(at).steps[self.tasks[at].step]
    }

    /// The resource that a stage waits for: who does it; the last queue is for what nobody has to do.
    fn queue(&self, part: &Part) -> usize {
        part.who.min(self.queues.len() - 1)
    }

    fn line_up(&mut self, at: usize) {
        let task = &self.tasks[at];
        let job = self.job(at);
        let rank = u64::from(job.turn) + if task.begun { 0 } else { NEW };
        let entry = (Reverse(rank), at as u32);
        let who = self.queue(self.part(at));
        let queue = &mut self.queues[who];
        queue.insert(queue.partition_point(|one| *one < entry), entry);
    }

    fn arrive(&mut self, at: usize) {
        self.cause = self.tasks[at].begin;
        self.line_up(at);
        self.dispatch(self.queue(self.part(at)));
    }

    /// Whoever is first in line and finds all that it needs begins, again and again.
    fn dispatch(&mut self, who: usize) {
        loop {
            let queue = &self.queues[who];
            if queue.is_empty() || self.world.pools.get(who).is_some() && self.is_taken(who) {
                return;
            }
            let Some(found) = queue.iter().rposition(|&(_, at)| self.is_free(at as usize)) else { return };
            let (_, at) = self.queues[who].remove(found);
            self.start(at as usize);
        }
    }

    /// A piece of a stage has ended.
    fn ended(&mut self, at: usize, belief: &Belief) {
        self.cause = self.tasks[at].begin;
        self.tasks[at].pieces = self.tasks[at].pieces.saturating_sub(1);
        if self.tasks[at].pieces > 0 {
            let back = self.answered(at, belief);
            self.later(back, READY, at);
            self.release(at, self.tasks[at].step);
            return self.dispatch_all();
        }
        let job = self.job(at);
        let step = self.tasks[at].step;
        if let Some((which, hold)) = job.holds.iter().enumerate().find(|(_, hold)| hold.after == Some(step)) {
            if self.pools[hold.pool].free <= 0 {
                // Whoever did it keeps it until there is room.
                return self.stuck[hold.pool].push_back(at as u32);
            }
            self.hold(at, which, hold.pool);
        }
        self.over(at, belief);
    }

    /// A stage is over, and there is room for what comes next.
    fn over(&mut self, at: usize, belief: &Belief) {
        let job = self.job(at);
        let step = self.tasks[at].step;
        let held = self.tasks[at].held;
        let leaves = |(which, hold): &(usize, &Held)| hold.until == step && held & bit(*which) != 0;
        let left: Vec<(usize, usize)> =
            job.holds.iter().enumerate().filter(leaves).map(|(which, hold)| (which, hold.pool)).collect();
        for (which, _) in &left {
            self.tasks[at].held &= !bit(*which);
        }
        self.advance(at, belief, job);
        self.release(at, step);
        for (_, lane) in left {
            self.pools[lane].free += 1;
            if self.pools[lane].free > 0
                && let Some(next) = self.stuck[lane].pop_front()
            {
                self.come_in(next as usize, lane, belief);
            }
        }
        self.dispatch_all();
    }

    /// Who has waited for room in a lane finds it.
    fn come_in(&mut self, at: usize, lane: usize, belief: &Belief) {
        let step = self.tasks[at].step;
        let next = |hold: &Held| hold.after == Some(step) && hold.pool == lane;
        if let Some(which) = self.job(at).holds.iter().position(next) {
            self.hold(at, which, lane);
        }
        self.over(at, belief);
    }

    /// After something has ended, whoever is free looks for work.
    fn dispatch_all(&mut self) {
        self.world.doers.iter().for_each(|&who| self.dispatch(who));
    }

    /// To the next stage, back to work, or to the end.
    fn advance(&mut self, at: usize, belief: &Belief, job: &Job) {
        let step = self.tasks[at].step;
        if job.steps[step].role == Role::Review && self.is_sent_back(at, belief, job) {
            return self.line_up(at);
        }
        self.tasks[at].step += 1;
        self.tasks[at].paid = false;
        if self.tasks[at].step == job.steps.len() {
            return self.done(at);
        }
        let deviation = self.chance(at).normal();
        self.draw(at, belief, deviation, job);
        self.line_up(at);
    }

    fn done(&mut self, at: usize) {
        self.ends[at] = self.now;
        for &(next, lag) in &self.world.waiting[at] {
            let task = &mut self.tasks[next];
            if task.waits == 0 {
                // It has begun all the same.
                continue;
            }
            task.waits -= 1;
            task.release = task.release.max(self.now.saturating_add(lag));
            if task.waits == 0 && task.chance.is_some() {
                let release = task.release;
                if release > self.now { self.later(release, READY, next) } else { self.line_up(next) }
            }
        }
    }

    /// Follows what the last end hung on back to the beginning.
    fn find_critical(&mut self) {
        let ended = self.ends.iter().enumerate().filter(|(at, end)| **end < NEVER && self.tasks[*at].begin.is_some());
        let last = ended.max_by_key(|(_, end)| **end).map(|(at, _)| at);
        let mut cause = last.and_then(|at| self.tasks[at].begin);
        while let Some(begin) = cause {
            let (at, before) = self.begins[begin as usize];
            self.critical[at as usize] = true;
            cause = before;
        }
    }
}
