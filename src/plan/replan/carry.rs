//! The plan that stands as lists for serial generation: what keeps its place, and in which order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::plan::schedule::generate::{Generator, List};
use crate::plan::schedule::model::{Problem, Time};
use crate::plan::schedule::net::Net;
use crate::plan::schedule::plan::{Place, Plan};

use super::ground::Standing;
use super::{Facts, Options};

/// What stands, and how much of it can stay.
#[derive(Debug, Clone)]
pub struct Carry {
    /// Everything as it stood: agents, and no start earlier than it was.
    pub list: List,
    /// By activity: it has begun, is set by somebody or begins soon. So it stays with its agents in its turn, later by
    /// what is frozen at most; where even that is impossible, it is as free as all others.
    pub fixed: Vec<bool>,
    /// By activity: somebody has set who does it; only its time may change.
    pub set: Vec<bool>,
    /// By activity: where it stays, if nothing keeps it from that.
    pub kept: Vec<Option<Place>>,
    /// By activity: it had a place, and cannot have it any more.
    pub hit: Vec<bool>,
    /// By activity: it has a place, or wants one.
    pub wanted: Vec<bool>,
}

impl Carry {
    /// Reads what stands.
    pub fn of(problem: &Problem, net: &Net, standing: &Standing, facts: &Facts, options: &Options) -> Self {
        let count = problem.activities.len();
        let had: Vec<Option<Place>> = (0..count).map(|at| place(problem, standing, at)).collect();
        let soon = facts.now.saturating_add(options.freeze);
        let near: Vec<bool> = (0..count)
            .map(|at| {
                let activity = &problem.activities[at];
                let begun = activity.begun.len();
                let set = facts.pinned.contains(&at) || activity.pin.is_some() || begun == activity.stages.len();
                let next = standing.stages(at).and_then(|stages| stages.get(begun));
                set || next.is_some_and(|next| next.start < soon)
            })
            .collect();
        let start = |at: usize| standing.start(at).unwrap_or(Time::MAX);
        let order = ordered(net, |at| (!near[at], start(at)));
        let list = List { order, modes: modes(problem, standing), floors: floors(problem, standing) };
        let kept = kept(problem, net, &list, &had);
        let stood = |at: usize| standing.stages(at).is_some();
        let later = Generator::new(problem, net).generate(&list);
        let in_turn = |at: usize| {
            let (Some(had), Some(later)) = (&had[at], &later.places[at]) else { return false };
            let mut stages = had.slots.iter().zip(&later.slots).skip(problem.activities[at].begun.len());
            stages.all(|(had, later)| had.mode == later.mode && later.start <= had.start.saturating_add(options.freeze))
        };
        let fixed = (0..count).map(|at| near[at] && (kept[at].is_some() || in_turn(at))).collect();
        let set = (0..count).map(|at| facts.pinned.contains(&at) && had[at].is_some());
        let hit = (0..count).map(|at| stood(at) && kept[at].is_none()).collect();
        let wanted = (0..count).map(|at| problem.activities[at].stages.iter().all(|stage| !stage.modes.is_empty()));
        Self { list, fixed, set: set.collect(), kept, hit, wanted: wanted.collect() }
    }

    /// Whether everything that stands can stay where it is.
    pub fn holds(&self) -> bool {
        !self.hit.contains(&true)
    }

    /// Whether everything that stands can stay, and nothing else wants a place.
    pub fn is_whole(&self) -> bool {
        self.holds() && self.loose().is_empty()
    }

    /// Activities that need another place, or their first one.
    pub fn loose(&self) -> Vec<usize> {
        (0..self.hit.len()).filter(|&at| self.kept[at].is_none() && self.wanted[at]).collect()
    }

    /// The same agents in the same order, later where that must be; what has lost its agents, or has never had any, is
    /// not in it.
    pub fn plan(&self, problem: &Problem, net: &Net, standing: &Standing) -> Plan {
        let stays = |at: usize| standing.place(at).is_some() || !problem.activities[at].begun.is_empty();
        let order = ordered(net, |at| standing.start(at).unwrap_or(Time::MAX));
        let order = order.into_iter().filter(|&at| stays(at as usize)).collect();
        Generator::new(problem, net).generate(&List { order, ..self.list.clone() })
    }
}

/// Where an activity was, with what has begun as it is.
fn place(problem: &Problem, standing: &Standing, at: usize) -> Option<Place> {
    let mut place = standing.place(at)?;
    let activity = &problem.activities[at];
    if place.slots.len() > activity.stages.len() {
        return None;
    }
    for (slot, begun) in place.slots.iter_mut().zip(&activity.begun) {
        (slot.mode, slot.start) = (begun.mode, begun.start);
    }
    Some(place)
}

/// Who cannot have his place any more gets the first choice in a second look, and the look with fewer of them counts:
/// allowances that several draw on at the same time depend on who comes first.
fn kept(problem: &Problem, net: &Net, list: &List, had: &[Option<Place>]) -> Vec<Option<Place>> {
    let mut generator = Generator::new(problem, net);
    let first = generator.staying(&list.order, list, had);
    let lost =
        |kept: &[Option<Place>]| kept.iter().zip(had).filter(|(kept, had)| had.is_some() && kept.is_none()).count();
    if lost(&first) == 0 {
        return first;
    }
    let (early, late): (Vec<u32>, Vec<u32>) = list.order.iter().partition(|&&at| first[at as usize].is_none());
    let second = generator.staying(&[early, late].concat(), list, had);
    if lost(&second) < lost(&first) { second } else { first }
}

/// By stage: who stood there.
fn modes(problem: &Problem, standing: &Standing) -> Vec<Option<u16>> {
    by_stage(problem, |at, stage| standing.stages(at)?.get(stage)?.mode.map(|mode| mode as u16))
}

/// By stage: when it began.
fn floors(problem: &Problem, standing: &Standing) -> Vec<Time> {
    by_stage(problem, |at, stage| {
        standing.stages(at).and_then(|stages| stages.get(stage)).map_or(0, |stand| stand.start)
    })
}

fn by_stage<T>(problem: &Problem, of: impl Fn(usize, usize) -> T) -> Vec<T> {
    let of = &of;
    let stages = problem.activities.iter().enumerate();
    stages.flat_map(|(at, activity)| (0..activity.stages.len()).map(move |stage| of(at, stage))).collect()
}

/// Activities by a rule, the least first, nobody before those it waits for.
pub fn ordered<K: Ord>(net: &Net, rule: impl Fn(usize) -> K) -> Vec<u32> {
    let mut open = vec![0_usize; net.order.len()];
    for &(next, _) in net.after.iter().flatten() {
        open[next] += 1;
    }
    let mut free: BinaryHeap<Reverse<(K, usize)>> =
        (0..open.len()).filter(|&at| open[at] == 0).map(|at| Reverse((rule(at), at))).collect();
    let mut order = Vec::with_capacity(open.len());
    while let Some(Reverse((_, at))) = free.pop() {
        order.push(at as u32);
        for &(next, _) in &net.after[at] {
            open[next] -= 1;
            if open[next] == 0 {
                free.push(Reverse((rule(next), next)));
            }
        }
    }
    order
}
