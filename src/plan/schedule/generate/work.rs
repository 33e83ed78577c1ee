//! Work from one minute to the next: closed hours and quotas that are used up interrupt it.

use super::super::model::{Kind, Mode, Time};
use super::{Generator, Reason};

/// Work to do in one go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    pub mode: &'a Mode,
    /// Time units of work.
    pub length: Time,
    /// False if it must fit between two closed hours.
    pub resumes: bool,
}

impl<'a> Work<'a> {
    pub fn of(mode: &'a Mode) -> Self {
        Self { mode, length: mode.duration, resumes: mode.resumes }
    }
}

/// What earlier stages of the same activity have used, which is not taken yet.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub quotas: Tally,
    /// Resource, units, when it ended.
    pub others: Vec<(usize, u32, Time)>,
}

impl Own {
    /// Units that are not back at a time; `glow` is how long they stay away after the end.
    pub fn away(&self, resource: usize, now: Time, glow: Time) -> u64 {
        let same = self.others.iter().filter(|(one, _, end)| *one == resource && end.saturating_add(glow) > now);
        same.map(|&(_, units, _)| u64::from(units)).sum()
    }
}

/// What is used of quotas, window by window. It grows with time: what was used earlier does not change any more.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Resource, window, units.
    pub windows: Vec<(usize, Time, u32)>,
    /// Of each resource: where its last window is.
    last: Vec<usize>,
}

impl Tally {
    /// Units of the last window of a resource, if it is this one.
    fn used(&self, resource: usize, window: Time) -> u32 {
        let last = self.last.iter().map(|&at| &self.windows[at]).find(|(one, ..)| *one == resource);
        last.filter(|(_, at, _)| *at == window).map_or(0, |(.., units)| *units)
    }

    fn add(&mut self, resource: usize, window: Time, units: u32) {
        let last = self.last.iter_mut().find(|at| self.windows[**at].0 == resource);
        if let Some(at) = &last
            && self.windows[**at].1 == window
        {
            self.windows[**at].2 += units;
            return;
        }
        let next = self.windows.len();
        self.windows.push((resource, window, units));
        match last {
            Some(at) => *at = next,
            None => self.last.push(next),
        }
    }
}

impl Generator<'_> {
    /// When a mode would begin and end from `at` on, by calendars and quotas alone, and what made it longer or later.
    pub(super) fn run(
        &self,
        work: Work,
        at: Time,
        limit: Time,
        own: &Own,
    ) -> Result<(Time, Time, Option<usize>), Reason> {
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
    fn closed(&self, mode: &Mode, now: Time, spent: &Tally) -> Option<(Option<Time>, usize)> {
        mode.uses.iter().find_map(|used| {
            let own = spent.used(used.resource, self.rooms[used.resource].window(now));
            let opens = self.rooms[used.resource].opens(&self.problem.resources[used.resource], now, used.amount, own);
            (opens != Some(now)).then_some((opens, used.resource))
        })
    }

    /// How long everything stays as it is.
    fn open_for(&self, mode: &Mode, now: Time, spent: &Tally) -> Time {
        let stays = mode.uses.iter().map(|used| {
            let own = spent.used(used.resource, self.rooms[used.resource].window(now));
            self.rooms[used.resource].open_for(&self.problem.resources[used.resource], now, used.amount, own)
        });
        stays.min().unwrap_or(Time::MAX).max(1)
    }

    fn spend(&self, mode: &Mode, now: Time, piece: Time, spent: &mut Tally) {
        for used in &mode.uses {
            if let Kind::Quota { every, .. } = self.problem.resources[used.resource].kind {
                spent.add(used.resource, now / every, used.amount * piece);
            }
        }
    }

    /// What work spends of quotas from `start` on, if not cut off at `until`.
    pub(super) fn spend_all(&self, work: Work, start: Time, until: Time, spent: &mut Tally) {
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
