//! Activities of one mode each that share pools, the end of the last one counts: breeding and annealing by justification.
//!
//! A generation of plans is bred from pairs of the one before and planned from the other end of time (Debels and Vanhoucke
//! 2007), so that breeding is forward-backward improvement (Tormos and Lova 2001) as well. When it has run dry, the best
//! plan walks on alone, its times blurred within a window before it is planned from the other end; then all begins anew.

use super::super::model::{Kind, Mode, Problem};
use super::super::net::Net;
use super::super::plan::{Place, Plan, Score, Slot};
use super::super::random::Random;
use super::Search;
use super::grid::{Grid, MOST_UNITS, Scratch, Way};

/// Steps between two looks at whether to go on.
const PORTION: u64 = 64;
/// Members of a generation: as many as there are activities, within these.
const MEMBERS: (usize, usize) = (40, 200);
/// Children of a pair, of which the best one lives.
const CHILDREN: u32 = 3;
/// Generations without anything better until breeding has run dry.
const PATIENCE: u32 = 20;
/// Steps that the best plan walks on alone, by activity.
const WALK: u32 = 100;
/// How much longer a plan may become in a step of the walk, on average.
const WARMTH: f64 = 0.4;
/// Half of the longest window that is blurred, as a share of the plan.
const REACH: f64 = 0.15;

/// Whether a problem is of this kind.
pub fn carries(problem: &Problem) -> bool {
    let pools =
        problem.resources.iter().all(|one| matches!(one.kind, Kind::Pool { capacity } if capacity < MOST_UNITS));
    // The tables have a row for each unit of time.
    let short = problem.horizon < 1 << 16 && problem.activities.len() < 1 << 16;
    pools
        && short
        && super::plain(problem)
        && problem.activities.iter().all(|activity| {
            let single = activity.stages.len() == 1 && activity.stages[0].modes.len() == 1;
            let at_once = activity.release == 0 && activity.after.iter().all(|link| link.lag == 0);
            single && at_once && fits_alone(problem, &activity.stages[0].modes[0])
        })
}

fn fits_alone(problem: &Problem, mode: &Mode) -> bool {
    let units = |resource: usize| {
        mode.uses.iter().filter(|used| used.resource == resource).map(|used| u64::from(used.amount)).sum::<u64>()
    };
    mode.uses.iter().all(|used| {
        matches!(problem.resources[used.resource].kind, Kind::Pool { capacity } if units(used.resource) <= u64::from(capacity))
    })
}

/// A plan in one of the two directions.
#[derive(Debug, Clone, Default)]
struct Member {
    way: Way,
    /// Start of each activity, as time runs in its direction.
    starts: Vec<u32>,
    finish: u32,
}

/// The search.
#[derive(Debug)]
pub struct Pools<'a, const W: usize> {
    problem: &'a Problem,
    net: &'a Net,
    grid: Grid<W>,
    scratch: Scratch<W>,
    random: Random,
    best: Member,
    bound: Score,
    /// The generation at hand, and the one that is made of it.
    parents: Vec<Member>,
    children: Vec<Member>,
    /// The best of all generations since the beginning, and how many have passed since.
    peak: Member,
    idle: u32,
    /// The plan that walks on alone, and for how many steps.
    walker: Member,
    walk: u32,
    /// Plans generated so far, given up ones included.
    made: u64,
    /// Kept from one step to the next for their memory.
    keys: Vec<u64>,
    order: Vec<u32>,
    spare: Vec<Member>,
}

impl<'a, const W: usize> Pools<'a, W> {
    /// Begins with a plan by the best single rule.
    pub fn new(problem: &'a Problem, net: &'a Net, bound: Score, seed: u64) -> Self {
        let grid = Grid::<W>::of(problem, net);
        let mut search = Self {
            problem,
            net,
            scratch: Scratch::default(),
            random: Random::new(seed),
            best: Member { finish: u32::MAX, ..Member::default() },
            bound,
            parents: Vec::new(),
            children: Vec::new(),
            peak: Member { finish: u32::MAX, ..Member::default() },
            idle: 0,
            walker: Member::default(),
            walk: 0,
            made: 0,
            keys: Vec::new(),
            order: Vec::new(),
            spare: Vec::new(),
            grid,
        };
        search.begin(0.0);
        search
    }

    fn step(&mut self) {
        if self.walk > 0 {
            self.wander();
        } else if self.parents.is_empty() {
            self.begin(0.6);
        } else {
            self.breed();
        }
        if self.children.len() == self.grid.len().clamp(MEMBERS.0, MEMBERS.1) {
            self.succeed();
        }
    }

    /// One of the first generation, by least slack, the best single rule (Kolisch 1996); `blur` mixes in chance.
    fn begin(&mut self, blur: f64) {
        let longest = self.net.critical_path();
        self.keys.clear();
        for &name in &self.grid.names {
            let chance = self.random.share() * blur * f64::from(longest);
            self.keys.push(u64::from(longest - self.net.tail[name]) + chance as u64);
        }
        self.mend(Way::Forwards);
        self.arrange(Way::Forwards);
        let member = self.generate(Way::Forwards, u32::MAX);
        self.children.extend(member);
    }

    /// The best of a few children of a parent.
    fn breed(&mut self) {
        let way = self.parents[0].way.other();
        let (one, mut limit, mut child) = (self.children.len(), u32::MAX, None);
        for turn in 0..CHILDREN {
            let other = self.pick();
            if turn % 2 == 0 {
                self.cross(one, other);
            } else {
                self.cross(other, one);
            }
            self.arrange(way);
            self.shift(way);
            if let Some(better) = self.generate(way, limit) {
                limit = better.finish.saturating_sub(1);
                self.spare.extend(child.replace(better));
            }
        }
        self.children.extend(child);
    }

    /// The better of two parents.
    fn pick(&mut self) -> usize {
        let (one, other) = (self.random.below(self.parents.len()), self.random.below(self.parents.len()));
        if self.parents[one].finish <= self.parents[other].finish { one } else { other }
    }

    /// The keys of a child: what one parent does within a window of its time, before and behind as the other does.
    fn cross(&mut self, one: usize, other: usize) {
        let (one, other) = (&self.parents[one], &self.parents[other]);
        let length = (0.25 + 0.5 * self.random.share()) * f64::from(one.finish);
        let from = self.random.share() * (f64::from(one.finish) - length);
        let (from, to) = (from as u32, (from + length) as u32);
        self.keys.clear();
        for (at, length) in self.grid.length.iter().enumerate() {
            let by_one = one.finish - one.starts[at] - length;
            let by_other = other.finish - other.starts[at] - length;
            self.keys.push(match by_one {
                _ if by_one < from => u64::from(by_other),
                _ if by_one < to => 1 << 24 | u64::from(by_one),
                _ => 2 << 24 | u64::from(by_other),
            });
        }
    }

    /// Lifts keys that are less than those of what they wait for.
    fn mend(&mut self, way: Way) {
        let count = self.grid.len();
        for step in 0..count {
            let at = one_way(way, step, count);
            let before = self.grid.before(way, at).iter().map(|&one| self.keys[one as usize]);
            self.keys[at] = self.keys[at].max(before.max().unwrap_or(0));
        }
    }

    /// Makes the order of the keys; among equals nobody comes before those it waits for.
    fn arrange(&mut self, way: Way) {
        let count = self.grid.len();
        for at in 0..count {
            self.keys[at] = self.keys[at] << 16 | one_way(way, at, count) as u64;
        }
        self.keys.sort_unstable();
        self.order.clear();
        self.order.extend(self.keys.iter().map(|key| one_way(way, (key & 0xFFFF) as usize, count) as u32));
    }

    /// Moves one activity to another place of the order, not beyond what it waits for or what waits for it.
    fn shift(&mut self, way: Way) {
        let count = self.order.len();
        let (mut at, to) = (self.random.below(count), self.random.below(count));
        let waits = |late: u32, early: u32| self.grid.before(way, late as usize).contains(&early);
        while at < to && !waits(self.order[at + 1], self.order[at]) {
            self.order.swap(at, at + 1);
            at += 1;
        }
        while at > to && !waits(self.order[at], self.order[at - 1]) {
            self.order.swap(at - 1, at);
            at -= 1;
        }
    }

    /// Plans the order at hand, if the plan does not end after `limit`.
    fn generate(&mut self, way: Way, limit: u32) -> Option<Member> {
        self.made += 1;
        let mut member = self.spare.pop().unwrap_or_default();
        member.starts.resize(self.grid.len(), 0);
        member.way = way;
        let Some(finish) = self.grid.place(way, &self.order, limit, &mut member.starts, &mut self.scratch) else {
            self.spare.push(member);
            return None;
        };
        member.finish = finish;
        for best in [&mut self.peak, &mut self.best] {
            if finish < best.finish {
                best.clone_from(&member);
                self.idle = 0;
            }
        }
        Some(member)
    }

    /// The children take the place of their parents. The best parent goes on as it is, but turned round.
    fn succeed(&mut self) {
        if let Some(best) = self.parents.iter().min_by_key(|member| member.finish).cloned() {
            let turned = self.turned(&best, 0, u32::MAX);
            let worst = self.children.iter_mut().max_by_key(|member| member.finish);
            if let (Some(worst), Some(turned)) = (worst, turned) {
                self.spare.push(std::mem::replace(worst, turned));
            }
        }
        self.spare.append(&mut self.parents);
        std::mem::swap(&mut self.parents, &mut self.children);
        self.idle += 1;
        if self.idle > PATIENCE {
            self.walk = WALK * self.grid.len() as u32;
            self.walker.clone_from(&self.peak);
        }
    }

    /// A step of the walker: it becomes no longer, or by chance a little longer.
    fn wander(&mut self) {
        let now = std::mem::take(&mut self.walker);
        let radius = 2 + (self.random.share() * REACH * f64::from(now.finish)) as u32;
        let more = -(1.0 - self.random.share()).ln() * WARMTH;
        let next = self.turned(&now, radius, now.finish + more as u32);
        let (kept, gone) = match next {
            Some(next) => (next, Some(now)),
            None => (now, None),
        };
        self.walker = kept;
        self.spare.extend(gone);
        self.walk -= 1;
        if self.walk == 0 {
            self.spare.append(&mut self.parents);
            self.peak.finish = u32::MAX;
            self.idle = 0;
        }
    }

    /// A plan made anew from the other end of time, if it does not end after `limit`.
    fn turned(&mut self, member: &Member, radius: u32, limit: u32) -> Option<Member> {
        let way = member.way.other();
        self.turn(member, radius);
        self.mend(way);
        self.arrange(way);
        self.generate(way, limit)
    }

    /// The keys that turn a plan round, blurred by up to `radius` in a window that reaches as far both ways.
    fn turn(&mut self, member: &Member, radius: u32) {
        let finish = member.finish;
        let middle = self.random.below(finish as usize + 1) as u32;
        self.keys.clear();
        for (start, length) in member.starts.iter().zip(&self.grid.length) {
            let key = finish - start - length;
            let near = key.abs_diff(middle) <= radius;
            let chance = if near { self.random.below(2 * radius as usize + 1) as u32 } else { radius };
            self.keys.push(u64::from((key + chance).saturating_sub(radius)));
        }
    }
}

/// Numbers go with time, so who waits comes later one way and earlier the other.
fn one_way(way: Way, at: usize, count: usize) -> usize {
    if way == Way::Forwards { at } else { count - 1 - at }
}

impl<const W: usize> Search for Pools<'_, W> {
    fn run(&mut self) -> u64 {
        let made = self.made;
        while self.made < made + PORTION {
            self.step();
            if self.score() <= self.bound {
                break;
            }
        }
        self.made - made
    }

    fn score(&self) -> Score {
        Score::of(i64::from(self.problem.objective.finish) * i64::from(self.best.finish))
    }

    fn plan(&mut self) -> Plan {
        let mut places = vec![None; self.grid.len()];
        for (at, &name) in self.grid.names.iter().enumerate() {
            let (start, length) = (self.best.starts[at], self.grid.length[at]);
            let start = if self.best.way == Way::Forwards { start } else { self.best.finish - start - length };
            places[name] = Some(Place { slots: vec![Slot { mode: 0, start, end: start + length }] });
        }
        Plan::of(self.problem, places)
    }

    fn bound(&self) -> Score {
        self.bound
    }
}
