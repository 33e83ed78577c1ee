//! What is left of a plan that was, and why the rest is not in it.

use super::super::model::Time;
use super::super::plan::{Place, Plan, Slot};
use super::fit::ready;
use super::work::{Own, Work};
use super::{Generator, List, Reason, Wish};

impl Generator<'_> {
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
}
