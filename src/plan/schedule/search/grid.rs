//! Serial generation on a grid of time units, for pools that are always there: all resources of a unit of time are
//! packed into a few words, and one subtraction tells whether there is room in all of them.

use super::super::model::{Kind, Problem};
use super::super::net::Net;

/// The top bit of each lane of 16 bits. It stays set as long as the lane is not overdrawn.
const GUARD: u64 = 0x8000_8000_8000_8000;
/// Pools have fewer units than this.
pub const MOST_UNITS: u32 = 0x8000;
/// Resources in a word.
const LANES: usize = 4;

/// Room in `W` words of four resources each.
type Room<const W: usize> = [u64; W];

/// The activities of a problem in a form that is quick to place.
#[derive(Debug, Clone)]
pub struct Grid<const W: usize> {
    /// Which activity of the problem each is. They are numbered so that nobody has a lower number than what it waits for.
    pub names: Vec<usize>,
    /// Length of each.
    pub length: Vec<u32>,
    need: Vec<Room<W>>,
    whole: Room<W>,
    /// Direct predecessors, one after another, and where those of each begin; forwards and backwards in time.
    links: [Vec<u32>; 2],
    first: [Vec<u32>; 2],
    /// By way: the least time from the start of each to the end of all.
    tails: [Vec<u32>; 2],
}

/// What a generation works on, kept from one to the next.
#[derive(Debug, Clone, Default)]
pub struct Scratch<const W: usize> {
    room: Vec<Room<W>>,
}

/// Which way time runs while activities are placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Way {
    /// From the first to the last.
    #[default]
    Forwards = 0,
    /// From the last to the first; times count from the end of the plan.
    Backwards = 1,
}

impl Way {
    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Forwards => Self::Backwards,
            Self::Backwards => Self::Forwards,
        }
    }
}

impl<const W: usize> Grid<W> {
    /// Lays out a problem whose activities have one stage and one mode each, in pools of fewer than [`MOST_UNITS`].
    pub fn of(problem: &Problem, net: &Net) -> Self {
        let names = net.order.clone();
        let count = names.len();
        let mut number = vec![0; count];
        for (at, &name) in names.iter().enumerate() {
            number[name] = at;
        }
        let activity = |at: usize| &problem.activities[names[at]];
        let mode = |at: usize| &activity(at).stages[0].modes[0];
        let mut whole = [GUARD; W];
        for (index, resource) in problem.resources.iter().enumerate() {
            if let Kind::Pool { capacity } = resource.kind {
                whole[index / LANES] += lane(index, capacity);
            }
        }
        let mut need = vec![[0; W]; count];
        for (at, need) in need.iter_mut().enumerate() {
            for used in &mode(at).uses {
                need[used.resource / LANES] += lane(used.resource, used.amount);
            }
        }
        let before = |at: usize| activity(at).after.iter().map(|link| number[link.activity]).collect();
        let forwards: Vec<Vec<usize>> = (0..count).map(before).collect();
        let mut backwards = vec![Vec::new(); count];
        for (at, before) in forwards.iter().enumerate() {
            for &earlier in before {
                backwards[earlier].push(at);
            }
        }
        let (there, first_there) = flat(&forwards);
        let (back, first_back) = flat(&backwards);
        let length: Vec<u32> = (0..count).map(|at| mode(at).duration).collect();
        let tails = [tails(&length, &backwards, (0..count).rev()), tails(&length, &forwards, 0..count)];
        Self { names, length, need, whole, links: [there, back], first: [first_there, first_back], tails }
    }

    /// Number of activities.
    pub fn len(&self) -> usize {
        self.length.len()
    }

    /// What one waits for, going one way.
    #[inline]
    pub fn before(&self, way: Way, at: usize) -> &[u32] {
        let first = &self.first[way as usize];
        &self.links[way as usize][first[at] as usize..first[at + 1] as usize]
    }

    /// Places the activities as early as they fit, in an order that respects precedence; returns the end of the last,
    /// or nothing as soon as it is certain that it would be after `limit`.
    pub fn place(
        &self,
        way: Way,
        order: &[u32],
        limit: u32,
        starts: &mut [u32],
        scratch: &mut Scratch<W>,
    ) -> Option<u32> {
        let tails = &self.tails[way as usize];
        scratch.room.clear();
        let mut finish = 0;
        for &at in order {
            let at = at as usize;
            let ends = self.before(way, at).iter().map(|&one| starts[one as usize] + self.length[one as usize]);
            let start = self.earliest(at, ends.max().unwrap_or(0), scratch);
            if start + tails[at] > limit {
                return None;
            }
            starts[at] = start;
            finish = finish.max(start + self.length[at]);
        }
        Some(finish)
    }

    /// The first time from `ready` on at which there is room, which is then taken.
    #[inline]
    fn earliest(&self, at: usize, ready: u32, scratch: &mut Scratch<W>) -> u32 {
        let (length, need) = (self.length[at] as usize, &self.need[at]);
        if length == 0 {
            return ready;
        }
        let room = &mut scratch.room;
        let mut start = ready as usize;
        // Beyond the table everything is free; looking from the back finds the last obstacle first.
        while start < room.len() {
            let end = (start + length).min(room.len());
            match room[start..end].iter().rposition(|room| !fits(room, need)) {
                Some(taken) => start += taken + 1,
                None => break,
            }
        }
        if room.len() < start + length {
            room.resize(start + length, self.whole);
        }
        for room in &mut room[start..start + length] {
            for (room, need) in room.iter_mut().zip(need) {
                *room -= need;
            }
        }
        start as u32
    }
}

#[inline]
fn fits<const W: usize>(room: &Room<W>, need: &Room<W>) -> bool {
    (0..W).all(|word| (room[word] - need[word]) & GUARD == GUARD)
}

fn lane(index: usize, units: u32) -> u64 {
    u64::from(units) << (16 * (index % LANES))
}

/// The longest chain from each on; `order` comes to what is behind each first.
fn tails(length: &[u32], behind: &[Vec<usize>], order: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut tails = vec![0; length.len()];
    for at in order {
        tails[at] = length[at] + behind[at].iter().map(|&next| tails[next]).max().unwrap_or(0);
    }
    tails
}

fn flat(lists: &[Vec<usize>]) -> (Vec<u32>, Vec<u32>) {
    let mut first = vec![0];
    let mut all = Vec::new();
    for list in lists {
        all.extend(list.iter().map(|&item| item as u32));
        first.push(all.len() as u32);
    }
    (all, first)
}
