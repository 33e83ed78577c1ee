//! Work against what pools can do: energetic reasoning over the intervals that heads, tails and limits span.

use std::collections::BTreeSet;

use super::super::model::{Activity, Kind, Mode, Problem, Time};
use super::super::net::Net;
use super::super::supply::{Flow, Supply};
use super::Alone;

/// Looks at intervals for one set of pools, at most; beyond, only some of the intervals are looked at.
const MOST_LOOKS: usize = 800_000;
/// More sets of pools than this are not looked at.
const MOST_FAMILIES: usize = 120;

/// The work of some activities, each within its earliest begin and its latest end.
#[derive(Debug)]
pub struct Work<'a> {
    /// The problem.
    pub problem: &'a Problem,
    /// By activity: alone, if it counts.
    pub alone: Vec<Option<&'a Alone>>,
    /// By activity: whether it can be done at all.
    pub possible: Vec<bool>,
    /// By activity: least time from the end of its first stage's begin to the end of the last of those that count.
    tails: Vec<Time>,
    /// By activity: latest end.
    limits: Vec<Time>,
    /// Whether pools are always there.
    plain: bool,
}

/// Work that a set of pools has to do.
#[derive(Debug, Clone, Copy)]
struct Demand {
    /// Not before.
    head: Time,
    /// Time that has to follow.
    tail: Time,
    /// Not after.
    limit: Time,
    work: u64,
}

/// What a set of pools can do.
enum Able {
    /// So many units all the time.
    Units(u64),
    Flow(Flow),
}

impl<'a> Work<'a> {
    /// The work of those that count and can be done.
    pub fn of(problem: &'a Problem, net: &Net, alone: &'a [Option<Alone>], counts: &[bool]) -> Self {
        let possible = alone.iter().map(Option::is_some).collect();
        let alone: Vec<Option<&Alone>> =
            alone.iter().zip(counts).map(|(alone, counts)| alone.as_ref().filter(|_| *counts)).collect();
        let mut tails = vec![0; counts.len()];
        let mut limits = vec![problem.horizon; counts.len()];
        for &at in net.order.iter().rev() {
            let activity = &problem.activities[at];
            let after = || net.after[at].iter().filter(|(next, _)| alone[*next].is_some());
            let behind = after().map(|&(next, lag)| lag + tails[next]).max();
            tails[at] = activity.shortest() + behind.unwrap_or(0);
            let latest = |&(next, lag): &(usize, Time)| {
                limits[next].saturating_sub(problem.activities[next].shortest().saturating_add(lag))
            };
            let own = activity.deadline.unwrap_or(Time::MAX).min(problem.horizon);
            limits[at] = after().map(latest).fold(own, Time::min);
        }
        let plain = problem.resources.iter().all(|resource| {
            resource.calendar.open.is_empty() && !matches!(resource.kind, Kind::Quota { .. } | Kind::Rolling { .. })
        });
        Self { problem, alone, possible, tails, limits, plain }
    }

    /// The least end of the last of them.
    pub fn finish(&self) -> Time {
        let families = self.families();
        let supply = self.supply(&families);
        let finish = |family: &Vec<usize>| most(&mut self.demands(family), &self.able(family, &supply));
        families.iter().map(finish).max().unwrap_or(0)
    }

    /// Whether some pools cannot do their share within the limits.
    pub fn is_too_much(&self) -> bool {
        let families = self.families();
        let supply = self.supply(&families);
        families.iter().any(|family| too_much(&mut self.demands(family), &self.able(family, &supply)))
    }

    /// Supply up to a time that is most likely beyond every plan worth its name.
    fn supply(&self, families: &[Vec<usize>]) -> Supply<'a> {
        let horizon = self.problem.horizon;
        let chains = (0..self.tails.len()).filter_map(|at| Some(self.alone[at]?.end() + self.tails[at])).max();
        let mut until = chains.unwrap_or(0).saturating_mul(2).clamp(1, horizon.max(1));
        while until < horizon && !self.plain {
            let supply = Supply::of(self.problem, until);
            let enough = |family: &Vec<usize>| {
                let work: u64 = self.demands(family).iter().map(|demand| demand.work).sum();
                work == 0 || supply.flow(family).done(0, work) < until
            };
            if families.iter().all(enough) {
                break;
            }
            until = until.saturating_mul(2);
        }
        Supply::of(self.problem, until.saturating_mul(2))
    }

    fn able(&self, family: &[usize], supply: &Supply) -> Able {
        if self.plain { Able::Units(units(self.problem, family)) } else { Able::Flow(supply.flow(family)) }
    }

    /// Sets of pools worth looking at: each, those that can stand in for each other, and all.
    pub fn families(&self) -> Vec<Vec<usize>> {
        let pool = |&resource: &usize| matches!(self.problem.resources[resource].kind, Kind::Pool { .. });
        let mut used = vec![false; self.problem.resources.len()];
        for one in self.problem.activities.iter().flat_map(Activity::modes).flat_map(|mode| &mode.uses) {
            used[one.resource] = true;
        }
        let all: Vec<usize> = (0..used.len()).filter(|&at| used[at]).filter(pool).collect();
        let mut families: BTreeSet<Vec<usize>> = all.iter().map(|&resource| vec![resource]).collect();
        families.insert(all);
        let stages = self.problem.activities.iter().flat_map(|activity| &activity.stages);
        for stage in stages.filter(|stage| stage.modes.len() > 1) {
            let used = stage.modes.iter().flat_map(|mode| &mode.uses).map(|used| used.resource).filter(pool);
            families.insert(used.collect::<BTreeSet<usize>>().into_iter().collect());
            if families.len() >= MOST_FAMILIES {
                break;
            }
        }
        families.into_iter().collect()
    }

    /// By resource: whether it is one of these.
    pub fn inside(&self, family: &[usize]) -> Vec<bool> {
        (0..self.problem.resources.len()).map(|resource| family.contains(&resource)).collect()
    }

    fn demands(&self, family: &[usize]) -> Vec<Demand> {
        let inside = self.inside(family);
        let mut demands = Vec::new();
        for (at, alone) in self.alone.iter().enumerate() {
            let Some(alone) = alone else { continue };
            let activity = &self.problem.activities[at];
            let (mut tail, mut later) = (self.tails[at], activity.shortest());
            for (index, (stage, &head)) in activity.stages.iter().zip(&alone.ready).enumerate() {
                tail -= activity.least(index);
                later -= activity.least(index);
                let work = stage.modes.iter().map(|mode| work_within(mode, &inside)).min().unwrap_or(0);
                if work > 0 && index >= activity.begun.len() {
                    demands.push(Demand { head, tail, limit: self.limits[at].saturating_sub(later), work });
                }
            }
        }
        demands
    }
}

/// Units of work that a mode asks of some pools.
pub fn work_within(mode: &Mode, inside: &[bool]) -> u64 {
    let units = mode.uses.iter().filter(|used| inside[used.resource]).map(|used| u64::from(used.amount));
    units.sum::<u64>() * u64::from(mode.duration)
}

fn units(problem: &Problem, family: &[usize]) -> u64 {
    let units = family.iter().map(|&resource| match problem.resources[resource].kind {
        Kind::Pool { capacity } => u64::from(capacity),
        _ => 0,
    });
    units.sum()
}

impl Able {
    /// Whether so much can be done in a span.
    fn can(&self, from: Time, to: Time, work: u64) -> bool {
        match self {
            Self::Units(units) => u64::from(to.saturating_sub(from)) * units >= work,
            Self::Flow(flow) => to >= flow.until || flow.between(from, to) >= work,
        }
    }

    /// The earliest time at which so much can be done.
    fn done(&self, from: Time, work: u64) -> Time {
        match self {
            Self::Units(0) => from,
            Self::Units(units) => from + work.div_ceil(*units) as Time,
            Self::Flow(flow) => flow.done(from, work),
        }
    }
}

/// Some of the values that a demand may have, evenly, each once; the first one is among them.
fn thresholds(mut values: Vec<Time>, looks: usize) -> Vec<Time> {
    values.sort_unstable();
    values.dedup();
    let most = (MOST_LOOKS / looks.max(1)).max(1);
    let step = values.len().div_ceil(most).max(1);
    values.into_iter().step_by(step).collect()
}

/// The largest end of the work between a head and a tail, over all that begins no earlier and ends no later.
fn most(demands: &mut [Demand], able: &Able) -> Time {
    demands.sort_by_key(|demand| std::cmp::Reverse(demand.head));
    let mut best = 0;
    for tail in thresholds(demands.iter().map(|demand| demand.tail).collect(), demands.len()) {
        let mut work = 0;
        for demand in demands.iter().filter(|demand| demand.tail >= tail) {
            work += demand.work;
            // Looked at closely only if it makes a difference.
            if best <= tail || !able.can(demand.head, best - tail, work) {
                best = best.max(able.done(demand.head, work) + tail);
            }
        }
    }
    best
}

/// Whether work between a head and a limit is more than can be done.
fn too_much(demands: &mut [Demand], able: &Able) -> bool {
    demands.sort_by_key(|demand| std::cmp::Reverse(demand.head));
    let last = demands.iter().map(|demand| demand.limit).max().unwrap_or(0);
    let mut limits = thresholds(demands.iter().map(|demand| demand.limit).collect(), demands.len());
    limits.push(last);
    limits.iter().any(|&limit| {
        let mut work = 0;
        demands.iter().filter(|demand| demand.limit <= limit).any(|demand| {
            work += demand.work;
            !able.can(demand.head, limit, work)
        })
    })
}
