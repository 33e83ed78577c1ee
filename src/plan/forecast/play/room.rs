//! What a run takes of resources, and gives back.

use super::{ENDS, Player, RETURNS, bit};
use crate::plan::forecast::clock::NEVER;
use crate::plan::forecast::world::{Held, Part, Pool};
use crate::plan::schedule::model::Time;

impl Player<'_> {
    pub(super) fn is_taken(&self, who: usize) -> bool {
        matches!(self.world.pools[who], Pool::Units { .. }) && self.pools[who].free <= 0
    }

    pub(super) fn is_free(&self, at: usize) -> bool {
        let part = self.part(at);
        let task = &self.tasks[at];
        let job = self.job(at);
        part.units.iter().all(|used| self.pools[used.resource].free >= i64::from(used.amount))
            && (task.paid || part.spends.iter().all(|used| self.pools[used.resource].left >= u64::from(used.amount)))
            && job.holds.iter().enumerate().all(|one| !self.wants(at, one) || self.pools[one.1.pool].free > 0)
    }

    /// Whether a stage that begins needs room in a lane that the task does not take up yet, or not any more.
    fn wants(&self, at: usize, (which, hold): (usize, &Held)) -> bool {
        let task = &self.tasks[at];
        hold.after.is_none() && hold.until >= task.step && task.held & bit(which) == 0
    }

    pub(super) fn start(&mut self, at: usize) {
        let part = self.part(at);
        for used in &part.units {
            self.pools[used.resource].free -= i64::from(used.amount);
        }
        let job = self.job(at);
        if !std::mem::replace(&mut self.tasks[at].paid, true) {
            for used in &part.spends {
                let left = &mut self.pools[used.resource].left;
                *left = left.saturating_sub(u64::from(used.amount));
            }
        }
        self.tasks[at].begun = true;
        for (which, hold) in job.holds.iter().enumerate() {
            if self.wants(at, (which, hold)) {
                self.hold(at, which, hold.pool);
            }
        }
        self.begins.push((at as u32, self.cause));
        let task = &mut self.tasks[at];
        task.begin = Some(self.begins.len() as u32 - 1);
        let piece = (task.left / f64::from(task.pieces.max(1))).round().min(1e9) as Time;
        task.left -= f64::from(piece);
        let end = self.end(part, piece);
        self.later(end, ENDS, at);
    }

    /// When so many minutes of work that begin now end.
    pub(super) fn end(&mut self, part: &Part, minutes: Time) -> Time {
        let clock = &self.world.clocks[part.clock];
        if part.quotas.is_empty() {
            return clock.after(self.now, minutes);
        }
        let (mut now, mut left) = (self.now, minutes);
        while left > 0 {
            now = clock.opens(now);
            if now >= NEVER - 1 {
                return NEVER;
            }
            let mut piece = left.min(clock.shuts(now) - now);
            for used in &part.quotas {
                let Pool::Quota { amount, every } = self.world.pools[used.resource] else { continue };
                if used.amount > amount {
                    return NEVER;
                }
                let window = now / every;
                let spent = self.pools[used.resource].used.get(window as usize).copied().unwrap_or(0);
                let there = amount.saturating_sub(spent) / used.amount.max(1);
                let ends = (window + 1).saturating_mul(every) - now;
                piece = piece.min(there).min(ends);
                if there == 0 {
                    now = (window + 1).saturating_mul(every);
                    piece = 0;
                    break;
                }
            }
            for used in &part.quotas {
                self.spend(used.resource, now, used.amount * piece);
            }
            now += piece;
            left -= piece;
        }
        now
    }

    pub(super) fn spend(&mut self, quota: usize, now: Time, units: u32) {
        let Pool::Quota { every, .. } = self.world.pools[quota] else { return };
        let (window, used) = ((now / every) as usize, &mut self.pools[quota].used);
        if units > 0 {
            if used.len() <= window {
                used.resize(window + 1, 0);
            }
            used[window] += units;
        }
    }

    /// Gives back what a stage has taken.
    pub(super) fn release(&mut self, at: usize, step: usize) {
        let job = self.job(at);
        for used in &job.steps[step].units {
            match self.world.pools[used.resource] {
                Pool::Units { after, .. } if after > 0 => {
                    self.returns.push((used.resource, used.amount));
                    let back = self.now.saturating_add(after);
                    self.later(back, RETURNS, self.returns.len() - 1);
                }
                _ => self.pools[used.resource].free += i64::from(used.amount),
            }
        }
    }

    pub(super) fn came_back(&mut self, which: usize) {
        let (pool, units) = self.returns[which];
        self.pools[pool].free += i64::from(units);
        self.dispatch_all();
    }
}
