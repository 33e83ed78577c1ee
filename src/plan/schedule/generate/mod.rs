//! Serial generation for everything that the model can say: one activity after another goes where it fits first.
//!
//! It owns the rules of resources, calendars and holds. It must never move what it has placed.

mod alone;
mod fit;
mod keep;
mod pins;
mod room;
mod take;
mod work;

use super::model::{Problem, Time};
use super::net::Net;
use super::plan::{Place, Plan, Slot};
use pins::before_pins;
use room::Room;
use serde::Serialize;

/// Why something is not in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// One of its stages has no mode: nobody can do it.
    NobodyCan,
    /// This activity, which it waits for, is not in the plan.
    Predecessor(usize),
    /// This budget has too little left.
    Budget(usize),
    /// Even alone it would not have ended in time.
    Deadline,
    /// This resource has no room left in time.
    Capacity(usize),
}

/// What to place in which order, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// Activities in an order that respects precedence.
    pub order: Vec<u32>,
    /// By stage over all activities: its mode; none means whichever ends first.
    pub modes: Vec<Option<u16>>,
    /// By stage over all activities: not before, although it might be possible. None at all means 0.
    pub floors: Vec<Time>,
}

impl List {
    fn floors(&self, stages: std::ops::Range<usize>) -> &[Time] {
        self.floors.get(stages).unwrap_or(&[])
    }
}

/// What a list says of one activity: by stage its mode and the first time at which it may begin.
#[derive(Debug, Clone, Copy)]
struct Wish<'a> {
    modes: &'a [Option<u16>],
    floors: &'a [Time],
}

/// Places activities of one problem, again and again.
#[derive(Debug)]
pub struct Generator<'a> {
    problem: &'a Problem,
    net: &'a Net,
    /// First stage of each activity among all stages.
    first: Vec<usize>,
    rooms: Vec<Room>,
    /// By activity: what is in a lane already goes first, then what is pinned, then what pinned activities wait for,
    /// then the rest.
    turn: Vec<u8>,
    /// By activity: when it has to have ended for the sake of what is pinned.
    latest: Vec<Time>,
    /// By activity: its stages that have begun, and what will never be there to end the last of them.
    pasts: Vec<(Vec<Slot>, Option<Reason>)>,
    /// What stands in the rooms, unless something else was looked at in between.
    standing: Option<Standing>,
}

/// Units used of quotas: resource, window, units.
type Spent = Vec<(usize, Time, u32)>;

/// What a list has left in the rooms.
#[derive(Debug, Default)]
struct Standing {
    list: List,
    /// Activities in the order in which they were placed, those that did not fit included.
    line: Vec<u32>,
    places: Vec<Option<Place>>,
    /// By activity: what it has used of quotas.
    spent: Vec<Spent>,
}

impl<'a> Generator<'a> {
    /// For a problem and its network.
    pub fn new(problem: &'a Problem, net: &'a Net) -> Self {
        let mut first = vec![0];
        for activity in &problem.activities {
            first.push(first[first.len() - 1] + activity.stages.len());
        }
        let rooms = problem.resources.iter().map(Room::of).collect();
        let (turn, latest) = before_pins(problem, net);
        let mut generator = Self { problem, net, first, rooms, turn, latest, pasts: Vec::new(), standing: None };
        for activity in &problem.activities {
            let past = generator.past(activity);
            generator.take(activity, &past.0, 0..past.0.len());
            generator.pasts.push(past);
        }
        generator
    }

    /// Gives everything back but what has begun.
    fn clear(&mut self) {
        self.standing = None;
        self.rooms.iter_mut().for_each(Room::clear);
        let pasts = std::mem::take(&mut self.pasts);
        for (activity, (slots, _)) in self.problem.activities.iter().zip(&pasts).filter(|(_, past)| !past.0.is_empty())
        {
            self.take(activity, slots, 0..slots.len());
        }
        self.pasts = pasts;
    }

    /// Number of stages in all.
    pub fn stages(&self) -> usize {
        self.first[self.problem.activities.len()]
    }

    /// The stages of an activity among all stages.
    pub fn stages_of(&self, at: usize) -> std::ops::Range<usize> {
        self.first[at]..self.first[at + 1]
    }

    /// The first stage of an activity among all stages.
    pub fn first(&self, at: usize) -> usize {
        self.first[at]
    }

    /// The activity and the place in its chain of a stage.
    pub fn stage(&self, index: usize) -> (usize, usize) {
        let activity = self.first.partition_point(|&first| first <= index) - 1;
        (activity, index - self.first[activity])
    }

    /// Places everything that fits. As far as the list says the same as the one before, its places are the same.
    pub fn generate(&mut self, list: &List) -> Plan {
        let mut standing = self.standing.take().unwrap_or_else(|| self.nothing());
        let line: Vec<u32> = (0..4).flat_map(|turn| self.in_turn(list, turn)).collect();
        let same =
            standing.line.iter().zip(&line).take_while(|(was, is)| was == is && self.agree(list, &standing, **is));
        let same = same.count();
        for at in standing.line.drain(same..).rev() {
            if let Some(place) = standing.places[at as usize].take() {
                self.give_back(at as usize, &place, &std::mem::take(&mut standing.spent[at as usize]));
            }
        }
        for at in line[same..].iter().map(|&at| at as usize) {
            let stages = self.stages_of(at);
            let wish = Wish { modes: &list.modes[stages.clone()], floors: list.floors(stages) };
            if let Ok(slots) = self.find(at, &standing.places, wish) {
                let activity = &self.problem.activities[at];
                standing.spent[at] = self.take(activity, &slots, activity.begun.len()..slots.len());
                standing.places[at] = Some(Place { slots });
            }
        }
        standing.line = line;
        standing.list.clone_from(list);
        let plan = Plan::of(self.problem, standing.places.clone());
        self.standing = Some(standing);
        plan
    }

    /// Nothing is placed but what has begun.
    fn nothing(&mut self) -> Standing {
        self.clear();
        let count = self.problem.activities.len();
        Standing { places: vec![None; count], spent: vec![Vec::new(); count], ..Standing::default() }
    }

    fn in_turn(&self, list: &List, turn: u8) -> impl Iterator<Item = u32> {
        list.order.iter().copied().filter(move |&at| self.turn[at as usize] == turn)
    }

    /// Whether a list says the same of an activity as the one before.
    fn agree(&self, list: &List, standing: &Standing, at: u32) -> bool {
        let stages = self.stages_of(at as usize);
        list.modes[stages.clone()] == standing.list.modes[stages.clone()]
            && list.floors(stages.clone()) == standing.list.floors(stages)
    }
}
