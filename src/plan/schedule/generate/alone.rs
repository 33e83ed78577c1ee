//! What no other activity stands in the way of, and what has begun.

use super::super::bound::Alone;
use super::super::model::{Activity, FAR, Time};
use super::super::plan::Slot;
use super::work::{Own, Work};
use super::{Generator, Reason};

impl Generator<'_> {
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

    /// The stages that have begun, and what will never be there to end the last one.
    pub(super) fn past(&self, activity: &Activity) -> (Vec<Slot>, Option<Reason>) {
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
}
