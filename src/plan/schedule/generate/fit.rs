//! Where an activity fits first: all its stages one after another, holds included.

use super::super::model::{Activity, Hold, Stage, Time};
use super::super::plan::{Place, Slot};
use super::work::{Own, Work};
use super::{Generator, Reason, Wish};

impl Generator<'_> {
    pub(super) fn find(&self, at: usize, places: &[Option<Place>], wish: Wish) -> Result<Vec<Slot>, Reason> {
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

    pub(super) fn note(&self, activity: &Activity, stage: usize, slot: Slot, own: &mut Own) {
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
    pub(super) fn held_up(&self, activity: &Activity, slots: &[Slot]) -> Option<(usize, Time, usize)> {
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
    pub(super) fn earliest(&self, work: Work, ready: Time, limit: Time, own: &Own) -> Result<(Time, Time), Reason> {
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
}

/// When an activity may begin by what it waits for.
pub(super) fn ready(activity: &Activity, places: &[Option<Place>]) -> Result<Time, Reason> {
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
