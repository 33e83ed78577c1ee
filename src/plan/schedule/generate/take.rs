//! Taking room and giving it back.

use super::super::model::{Activity, FAR, Kind, Time, Use};
use super::super::plan::{Place, Slot};
use super::work::{Tally, Work};
use super::{Generator, Spent};

impl Generator<'_> {
    /// Takes the room of some stages, and of all holds that end with them; returns what they use of quotas.
    pub(super) fn take(&mut self, activity: &Activity, slots: &[Slot], stages: std::ops::Range<usize>) -> Spent {
        let mut all = Vec::new();
        for (stage, slot) in stages.clone().map(|stage| (stage, slots[stage])) {
            let mode = &activity.stages[stage].modes[slot.mode];
            let mut spent = Tally::default();
            self.work(activity, stage, slot, &mut spent);
            for &(resource, window, amount) in &spent.windows {
                self.rooms[resource].spend(window, amount);
            }
            all.append(&mut spent.windows);
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
    pub(super) fn give_back(&mut self, at: usize, place: &Place, spent: &Spent) {
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
    pub(super) fn work(&self, activity: &Activity, stage: usize, slot: Slot, spent: &mut Tally) {
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
}
