//! Serial generation for everything that the model can say: one activity after another goes where it fits first.
//!
//! It owns the rules of resources, calendars and holds. It must never move what it has placed.

mod room;

use super::bound::Alone;
use super::model::{Activity, FAR, Hold, Kind, Mode, Problem, Stage, Time, Use};
use super::net::Net;
use super::plan::{Place, Plan, Slot};
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

/// Resource, window, units.
type Spent = Vec<(usize, Time, u32)>;

/// Work to do in one go.
#[derive(Debug, Clone, Copy)]
struct Work<'a> {
    mode: &'a Mode,
    /// Time units of work.
    length: Time,
    /// False if it must fit between two closed hours.
    resumes: bool,
}

impl<'a> Work<'a> {
    fn of(mode: &'a Mode) -> Self {
        Self { mode, length: mode.duration, resumes: mode.resumes }
    }
}

/// What earlier stages of the same activity have used, which is not taken yet.
#[derive(Debug, Default)]
struct Own {
    /// Resource, window, units.
    quotas: Vec<(usize, Time, u32)>,
    /// Resource, units, when it ended.
    others: Vec<(usize, u32, Time)>,
}

impl Own {
    /// Units that are not back at a time; `glow` is how long they stay away after the end.
    fn away(&self, resource: usize, now: Time, glow: Time) -> u64 {
        let same = self.others.iter().filter(|(one, _, end)| *one == resource && end.saturating_add(glow) > now);
        same.map(|&(_, units, _)| u64::from(units)).sum()
    }
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

    /// Where each activity would be if it kept the place that it had, all others that can keep theirs in place. Those
    /// that come first in the order have the first right to theirs.
    pub fn staying(&mut self, order: &[u32], list: &List, had: &[Option<Place>]) -> Vec<Option<Place>> {
        self.clear();
        let mut ghosts = had.to_vec();
        let mut kept = vec![None; had.len()];
        for at in order.iter().map(|&at| at as usize) {
            let stages = self.first[at]..self.first[at + 1];
            let wish = Wish { modes: &list.modes[stages.clone()], floors: list.floors(stages) };
            let Some(was) = &had[at] else { continue };
            let Ok(slots) = self.find(at, &ghosts, wish) else { continue };
            let there = |(slot, was): (&Slot, &Slot)| (slot.mode, slot.start) == (was.mode, was.start);
            if slots.iter().zip(&was.slots).all(there) {
                self.take(&self.problem.activities[at], &slots, self.problem.activities[at].begun.len()..slots.len());
                ghosts[at] = Some(Place { slots });
                kept[at].clone_from(&ghosts[at]);
            }
        }
        kept
    }

    /// Each activity as if nothing else needed anything; none for what cannot be done at all.
    pub fn alone(&mut self) -> Vec<Option<Alone>> {
        self.clear();
        let mut all: Vec<Option<Alone>> = vec![None; self.problem.activities.len()];
        for &at in &self.net.order {
            all[at] = self.by_itself(at, &all);
        }
        all
    }

    fn by_itself(&self, at: usize, all: &[Option<Alone>]) -> Option<Alone> {
        let activity = &self.problem.activities[at];
        let limit = activity.deadline.unwrap_or(Time::MAX).min(self.problem.horizon).min(self.latest[at]);
        let (past, never) = &self.pasts[at];
        let mut now = activity.earliest();
        for link in activity.waits_for() {
            now = now.max(all[link.activity].as_ref()?.end() + link.lag);
        }
        if past.is_empty() {
            now = activity.pin.map_or(Some(now), |pin| (pin >= now).then_some(pin))?;
        }
        let mut alone = Alone { ready: vec![now; past.len()], ends: past.iter().map(|slot| slot.end).collect() };
        for stage in activity.stages.iter().skip(past.len()) {
            now = alone.ends.last().map_or(now, |&end| end);
            alone.ready.push(now);
            // What earlier stages have used of an allowance is not counted: another mode might not have. Nor is what
            // may not be interrupted: it might fit if it began later.
            let end = |mode| {
                let work = Work { resumes: true, ..Work::of(mode) };
                self.earliest(work, now, limit, &Own::default()).ok().map(|(_, end)| end)
            };
            alone.ends.push(stage.modes.iter().filter_map(end).min()?);
        }
        never.is_none().then_some(alone)
    }

    /// A plan with all that may stay where it is, perhaps with another end; the rest is taken out.
    pub fn what_is_left(&mut self, plan: &Plan) -> Plan {
        self.clear();
        let mut order: Vec<usize> = self.net.order.clone();
        let old = |at: usize| plan.places.get(at).and_then(Option::as_ref);
        order.retain(|&at| old(at).is_some());
        order.sort_by_key(|&at| old(at).map_or(0, Place::start));
        let mut places: Vec<Option<Place>> = vec![None; self.problem.activities.len()];
        for at in order {
            let slots = old(at).and_then(|place| self.again(at, place, &places));
            if let Some(slots) = &slots {
                let activity = &self.problem.activities[at];
                self.take(activity, slots, activity.begun.len()..slots.len());
            }
            places[at] = slots.map(|slots| Place { slots });
        }
        Plan::of(self.problem, places)
    }

    /// The stages of an activity from where they began, if that is still allowed.
    fn again(&self, at: usize, place: &Place, places: &[Option<Place>]) -> Option<Vec<Slot>> {
        let activity = &self.problem.activities[at];
        let mut now = ready(activity, places).ok()?;
        let limit = activity.deadline.unwrap_or(Time::MAX).min(self.problem.horizon).min(self.latest[at]);
        let (past, never) = &self.pasts[at];
        let moved = past.is_empty() && activity.pin.is_some_and(|pin| pin != place.start());
        if moved || never.is_some() || activity.stages.len() != place.slots.len() {
            return None;
        }
        let (mut own, mut slots) = (Own::default(), past.clone());
        for (stage, &slot) in past.iter().enumerate() {
            self.note(activity, stage, slot, &mut own);
            now = slot.end;
        }
        for (stage, slot) in place.slots.iter().enumerate().skip(past.len()) {
            let mode = activity.stages[stage].modes.get(slot.mode)?;
            let (start, end) = self.earliest(Work::of(mode), slot.start, limit, &own).ok()?;
            let kept = Slot { mode: slot.mode, start, end };
            if slot.start < now || start != slot.start {
                return None;
            }
            self.note(activity, stage, kept, &mut own);
            now = end;
            slots.push(kept);
        }
        self.held_up(activity, &slots).is_none().then_some(slots)
    }

    /// A plan again, with one activity and all that it waits for before everything else.
    pub fn put_first(&mut self, first: usize, plan: &Plan) -> Plan {
        let mut ahead = vec![false; self.problem.activities.len()];
        let mut open = vec![first];
        while let Some(at) = open.pop() {
            ahead[at] = true;
            open.extend(self.problem.activities[at].waits_for().iter().map(|link| link.activity));
        }
        let start = |at: usize| plan.places[at].as_ref().map_or(Time::MAX, Place::start);
        let mut order: Vec<u32> = self.net.order.iter().map(|&at| at as u32).collect();
        order.sort_by_key(|&at| (!ahead[at as usize], start(at as usize)));
        let stages = self.problem.activities.iter().zip(&plan.places).enumerate();
        let modes = stages.flat_map(|(at, (activity, place))| {
            let place = place.as_ref().filter(|_| !ahead[at]);
            let mode = move |stage: usize| place.map(|place| place.slots[stage].mode as u16);
            (0..activity.stages.len()).map(mode)
        });
        let list = List { order, modes: modes.collect(), floors: Vec::new() };
        self.generate(&list)
    }

    /// Why what is left out of a plan cannot be added to it; nothing for what can.
    pub fn reasons(&mut self, plan: &Plan) -> Vec<(usize, Reason)> {
        self.clear();
        for (activity, place) in self.problem.activities.iter().zip(&plan.places) {
            if let Some(place) = place {
                self.take(activity, &place.slots, activity.begun.len()..place.slots.len());
            }
        }
        let left_out = (0..plan.places.len()).filter(|&at| plan.places[at].is_none());
        let reason = |at: usize| {
            let modes = vec![None; self.problem.activities[at].stages.len()];
            self.find(at, &plan.places, Wish { modes: &modes, floors: &[] }).err().map(|reason| (at, reason))
        };
        left_out.filter_map(reason).collect()
    }

    /// The stages that have begun, and what will never be there to end the last one.
    fn past(&self, activity: &Activity) -> (Vec<Slot>, Option<Reason>) {
        let mut never = None;
        let slots = activity.begun.iter().zip(&activity.stages).map(|(begun, stage)| {
            let whole = Work { resumes: true, length: Time::MAX, mode: &stage.modes[begun.mode] };
            let mut own = Own::default();
            self.spend_all(whole, begun.start, begun.now, &mut own.quotas);
            let end = self.run(Work { length: begun.left, ..whole }, begun.now, FAR / 2, &own).map(|(_, end, _)| end);
            never = never.or(end.err());
            Slot { mode: begun.mode, start: begun.start, end: end.unwrap_or(begun.now) }
        });
        (slots.collect(), never)
    }

    fn find(&self, at: usize, places: &[Option<Place>], wish: Wish) -> Result<Vec<Slot>, Reason> {
        let activity = &self.problem.activities[at];
        if activity.stages.iter().any(|stage| stage.modes.is_empty()) {
            return Err(Reason::NobodyCan);
        }
        let ready = ready(activity, places)?;
        let limit = activity.deadline.unwrap_or(Time::MAX).min(self.problem.horizon).min(self.latest[at]);
        self.chain(at, ready, limit, wish).map_err(|reason| {
            let alone = self.net.head[at] + activity.shortest();
            let hopeless = activity.deadline.is_some_and(|deadline| alone > deadline);
            if hopeless { Reason::Deadline } else { reason }
        })
    }

    /// Places for all stages of an activity, holds included.
    fn chain(&self, at: usize, ready: Time, limit: Time, wish: Wish) -> Result<Vec<Slot>, Reason> {
        let activity = &self.problem.activities[at];
        let (past, never) = &self.pasts[at];
        never.map_or(Ok(()), Err)?;
        let mut floors = vec![0; activity.stages.len()];
        floors[..wish.floors.len()].copy_from_slice(wish.floors);
        floors[0] = if activity.pin.is_some() { ready } else { floors[0].max(ready) };
        loop {
            let mut slots: Vec<Slot> = Vec::with_capacity(floors.len());
            slots.extend(past);
            let mut own = Own::default();
            for (stage, &slot) in past.iter().enumerate() {
                self.note(activity, stage, slot, &mut own);
            }
            for (stage, &floor) in floors.iter().enumerate().skip(past.len()) {
                let ready = slots.last().map_or(0, |slot| slot.end).max(floor);
                let slot = self.best_fit(&activity.stages[stage], ready, limit, wish.modes[stage], &own)?;
                slots.push(slot);
                if stage + 1 < floors.len() {
                    self.note(activity, stage, slot, &mut own);
                }
            }
            if past.is_empty() && activity.pin.is_some_and(|pin| slots[0].start != pin) {
                return Err(self.in_the_way(activity, ready, wish.modes[0]));
            }
            let Some((stage, floor, resource)) = self.held_up(activity, &slots) else { return Ok(slots) };
            if floor > limit || activity.pin.is_some() && stage == 0 {
                return Err(Reason::Capacity(resource));
            }
            floors[stage] = floor;
        }
    }

    fn note(&self, activity: &Activity, stage: usize, slot: Slot, own: &mut Own) {
        self.work(activity, stage, slot, &mut own.quotas);
        let mode = &activity.stages[stage].modes[slot.mode];
        own.others.extend(mode.uses.iter().map(|used| (used.resource, used.amount, slot.end)));
    }

    /// What keeps a first stage from beginning when it was pinned to.
    fn in_the_way(&self, activity: &Activity, pin: Time, mode: Option<u16>) -> Reason {
        let mode = &activity.stages[0].modes[mode.unwrap_or(0) as usize];
        self.earliest(Work::of(mode), pin, pin + mode.duration, &Own::default()).err().unwrap_or(Reason::Deadline)
    }

    /// A stage that has to begin later since a hold finds no room, when, and where the room is missing.
    fn held_up(&self, activity: &Activity, slots: &[Slot]) -> Option<(usize, Time, usize)> {
        // Where it begins is a fact if its stage has begun, whether there is room or not.
        let free = |hold: &&Hold| hold.after.unwrap_or(0) >= activity.begun.len();
        for hold in activity.holds.iter().filter(free) {
            let from = hold.after.map_or(slots[0].start, |stage| slots[stage].end);
            let to = slots[hold.until].end;
            if let Some(until) = self.rooms[hold.resource].blocked(from, to, 1) {
                let stage = hold.after.unwrap_or(0);
                let slot = slots[stage];
                let span = if hold.after.is_some() { slot.end - slot.start } else { 0 };
                return Some((stage, until.saturating_sub(span).max(slot.start + 1), hold.resource));
            }
        }
        None
    }

    /// The mode that ends first, or the one that was asked for.
    fn best_fit(&self, stage: &Stage, ready: Time, limit: Time, asked: Option<u16>, own: &Own) -> Result<Slot, Reason> {
        let mut best: Option<Slot> = None;
        let mut refused = None;
        let modes = stage.modes.iter().enumerate();
        for (index, mode) in modes.filter(|(index, _)| asked.is_none_or(|asked| usize::from(asked) == *index)) {
            // Who comes later has to end earlier, or as early at less cost.
            let dearer = |best: Slot| mode.cost >= stage.modes[best.mode].cost;
            let limit = best.map_or(limit, |best| best.end.saturating_sub(u32::from(dearer(best))));
            match self.earliest(Work::of(mode), ready, limit, own) {
                Ok((start, end)) => best = Some(Slot { mode: index, start, end }),
                Err(reason) => refused = refused.or(Some(reason)),
            }
        }
        best.ok_or(refused.unwrap_or(Reason::NobodyCan))
    }

    /// The first time from `ready` on at which a mode fits.
    fn earliest(&self, work: Work, ready: Time, limit: Time, own: &Own) -> Result<(Time, Time), Reason> {
        let rooms = || work.mode.uses.iter().map(|used| (used, &self.rooms[used.resource]));
        if let Some((used, _)) =
            rooms().find(|(used, room)| !room.can_pay(u64::from(used.amount) + own.away(used.resource, 0, Time::MAX)))
        {
            return Err(Reason::Budget(used.resource));
        }
        let (mut at, mut obstacle) = (ready, None);
        loop {
            let (start, end, shut) = self.run(work, at, limit, own)?;
            obstacle = shut.or(obstacle);
            if end > limit {
                return Err(obstacle.map_or(Reason::Deadline, Reason::Capacity));
            }
            let blocked = rooms().filter_map(|(used, room)| {
                let units = u64::from(used.amount) + own.away(used.resource, start, room.glow());
                Some((room.blocked(start, end, units)?, used.resource))
            });
            match blocked.max() {
                None => return Ok((start, end)),
                Some((until, resource)) if until > limit => return Err(Reason::Capacity(resource)),
                Some((until, resource)) => (at, obstacle) = (until, Some(resource)),
            }
        }
    }

    /// When a mode would begin and end from `at` on, by calendars and quotas alone, and what made it longer or later.
    fn run(&self, work: Work, at: Time, limit: Time, own: &Own) -> Result<(Time, Time, Option<usize>), Reason> {
        let mode = work.mode;
        let (mut start, mut shut) = (None, None);
        let (mut now, mut left) = (at, work.length);
        let mut spent = own.quotas.clone();
        while left > 0 {
            if let Some((opens, resource)) = self.closed(mode, now, &spent) {
                shut = Some(resource);
                if start.is_some() && !work.resumes {
                    (start, left) = (None, work.length);
                    spent.clone_from(&own.quotas);
                }
                now = opens.filter(|&opens| opens <= limit).ok_or(Reason::Capacity(resource))?;
            } else {
                start = start.or(Some(now));
                let piece = self.open_for(mode, now, &spent).min(left);
                self.spend(mode, now, piece, &mut spent);
                now += piece;
                left -= piece;
            }
        }
        Ok((start.unwrap_or(now), now, shut))
    }

    /// If a resource is not there, or a quota is used up: when it is back, if ever, and which.
    fn closed(&self, mode: &Mode, now: Time, spent: &[(usize, Time, u32)]) -> Option<(Option<Time>, usize)> {
        mode.uses.iter().find_map(|used| {
            let own = own(spent, used.resource, self.rooms[used.resource].window(now));
            let opens = self.rooms[used.resource].opens(&self.problem.resources[used.resource], now, used.amount, own);
            (opens != Some(now)).then_some((opens, used.resource))
        })
    }

    /// How long everything stays as it is.
    fn open_for(&self, mode: &Mode, now: Time, spent: &[(usize, Time, u32)]) -> Time {
        let stays = mode.uses.iter().map(|used| {
            let own = own(spent, used.resource, self.rooms[used.resource].window(now));
            self.rooms[used.resource].open_for(&self.problem.resources[used.resource], now, used.amount, own)
        });
        stays.min().unwrap_or(Time::MAX).max(1)
    }

    fn spend(&self, mode: &Mode, now: Time, piece: Time, spent: &mut Vec<(usize, Time, u32)>) {
        for used in &mode.uses {
            if let Kind::Quota { every, .. } = self.problem.resources[used.resource].kind {
                let window = now / every;
                match spent.iter_mut().find(|(resource, at, _)| (*resource, *at) == (used.resource, window)) {
                    Some((_, _, amount)) => *amount += used.amount * piece,
                    None => spent.push((used.resource, window, used.amount * piece)),
                }
            }
        }
    }

    /// Takes the room of some stages, and of all holds that end with them; returns what they use of quotas.
    fn take(&mut self, activity: &Activity, slots: &[Slot], stages: std::ops::Range<usize>) -> Spent {
        let mut all = Vec::new();
        for (stage, slot) in stages.clone().map(|stage| (stage, slots[stage])) {
            let mode = &activity.stages[stage].modes[slot.mode];
            let mut spent = Vec::new();
            self.work(activity, stage, slot, &mut spent);
            for &(resource, window, amount) in &spent {
                self.rooms[resource].spend(window, amount);
            }
            all.append(&mut spent);
            for used in &mode.uses {
                self.rooms[used.resource].take(slot.start, slot.end, used.amount);
            }
        }
        for hold in activity.holds.iter().filter(|hold| stages.contains(&hold.until)) {
            let from = hold.after.map_or(slots[0].start, |stage| slots[stage].end);
            self.rooms[hold.resource].take(from, slots[hold.until].end, 1);
        }
        all
    }

    /// Gives back what an activity has taken, but for what has begun of it.
    fn give_back(&mut self, at: usize, place: &Place, spent: &Spent) {
        let (activity, slots) = (&self.problem.activities[at], &place.slots);
        let stages = activity.begun.len()..slots.len();
        for (stage, slot) in stages.clone().map(|stage| (stage, slots[stage])) {
            for used in &activity.stages[stage].modes[slot.mode].uses {
                self.rooms[used.resource].give_back(slot.start, slot.end, used.amount);
            }
        }
        for hold in activity.holds.iter().filter(|hold| stages.contains(&hold.until)) {
            let from = hold.after.map_or(slots[0].start, |stage| slots[stage].end);
            self.rooms[hold.resource].give_back(from, slots[hold.until].end, 1);
        }
        for &(resource, window, amount) in spent {
            self.rooms[resource].regain(window, amount);
        }
    }

    /// What a stage spends of quotas.
    fn work(&self, activity: &Activity, stage: usize, slot: Slot, spent: &mut Vec<(usize, Time, u32)>) {
        let work = Work::of(&activity.stages[stage].modes[slot.mode]);
        let quota = |used: &Use| matches!(self.problem.resources[used.resource].kind, Kind::Quota { .. });
        if !work.mode.uses.iter().any(quota) {
            return;
        }
        match activity.begun.get(stage) {
            None => self.spend_all(work, slot.start, FAR, spent),
            Some(begun) => {
                self.spend_all(Work { length: Time::MAX, ..work }, begun.start, begun.now, spent);
                self.spend_all(Work { length: begun.left, ..work }, begun.now, FAR, spent);
            }
        }
    }

    /// What work spends of quotas from `start` on, if not cut off at `until`.
    fn spend_all(&self, work: Work, start: Time, until: Time, spent: &mut Vec<(usize, Time, u32)>) {
        let mode = work.mode;
        let (mut now, mut left) = (start, work.length);
        while left > 0 && now < until {
            if let Some((opens, _)) = self.closed(mode, now, spent) {
                now = opens.unwrap_or(Time::MAX);
                continue;
            }
            let piece = self.open_for(mode, now, spent).min(left).min(until - now);
            self.spend(mode, now, piece, spent);
            now += piece;
            left -= piece;
        }
    }
}

/// Which activities have to be placed early because of pins, and until when.
fn before_pins(problem: &Problem, net: &Net) -> (Vec<u8>, Vec<Time>) {
    let count = problem.activities.len();
    let over = |activity: &Activity| activity.begun.len() == activity.stages.len();
    let begun = |activity: &Activity| activity.begun.first().map(|begun| begun.start);
    let pin = |at: usize| {
        let activity = &problem.activities[at];
        if over(activity) { begun(activity) } else { activity.pin.filter(|_| activity.begun.is_empty()) }
    };
    let mut free_above = vec![false; count];
    for &at in &net.order {
        let mut links = problem.activities[at].waits_for().iter();
        free_above[at] = links.any(|link| pin(link.activity).is_none() || free_above[link.activity]);
    }
    let mut latest = vec![Time::MAX; count];
    for &at in net.order.iter().rev() {
        for &(next, lag) in &net.after[at] {
            let start = pin(next).unwrap_or(latest[next].saturating_sub(problem.activities[next].shortest()));
            if pin(next).is_some() || latest[next] < Time::MAX {
                latest[at] = latest[at].min(start.saturating_sub(lag));
            }
        }
    }
    let turn = |at: usize| match pin(at) {
        _ if is_held(&problem.activities[at]) => 0,
        Some(_) if !free_above[at] => 1,
        None if latest[at] == Time::MAX => 3,
        _ => 2,
    };
    ((0..count).map(turn).collect(), latest)
}

/// Whether it takes up room until something ends that has yet to begin.
fn is_held(activity: &Activity) -> bool {
    let begun = activity.begun.len();
    activity.holds.iter().any(|hold| hold.after.unwrap_or(0) < begun && hold.until >= begun)
}

fn own(spent: &[(usize, Time, u32)], resource: usize, window: Time) -> u32 {
    let same = spent.iter().find(|(one, at, _)| (*one, *at) == (resource, window));
    same.map_or(0, |(_, _, amount)| *amount)
}

/// When an activity may begin by what it waits for.
fn ready(activity: &Activity, places: &[Option<Place>]) -> Result<Time, Reason> {
    if !activity.begun.is_empty() {
        return Ok(0);
    }
    let mut ready = activity.release;
    for link in activity.waits_for() {
        let place = places[link.activity].as_ref().ok_or(Reason::Predecessor(link.activity))?;
        ready = ready.max(place.end() + link.lag);
    }
    match activity.pin {
        Some(pin) if pin < ready => Err(Reason::Deadline),
        pin => Ok(pin.unwrap_or(ready)),
    }
}
