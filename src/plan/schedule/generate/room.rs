//! What is taken of one resource so far.

use super::super::model::{Kind, Resource, Time};

/// What is taken of one resource.
#[derive(Debug, Clone)]
pub enum Room {
    /// Units in use from each time on, until the next one; `after` keeps them taken a while longer.
    Pool {
        /// Units in all.
        capacity: u32,
        /// Time that units stay taken after the end.
        after: Time,
        /// `(from, units)`, by time, beginning with 0.
        steps: Vec<(Time, u64)>,
    },
    /// Units used by window.
    Quota {
        /// Units in a window.
        amount: u32,
        /// Length of a window.
        every: Time,
        /// By window.
        used: Vec<u32>,
    },
    /// Units left.
    Budget {
        /// Units in all.
        amount: u64,
        /// Units left.
        left: u64,
    },
}

impl Room {
    /// Everything free.
    pub fn of(resource: &Resource) -> Self {
        match resource.kind {
            Kind::Pool { capacity } => Self::Pool { capacity, after: 0, steps: vec![(0, 0)] },
            Kind::Rolling { amount, length } => Self::Pool { capacity: amount, after: length, steps: vec![(0, 0)] },
            Kind::Quota { amount, every } => Self::Quota { amount, every, used: Vec::new() },
            Kind::Budget { amount } => Self::Budget { amount, left: amount },
        }
    }

    /// Gives everything back.
    pub fn clear(&mut self) {
        match self {
            Self::Pool { steps, .. } => {
                steps.clear();
                steps.push((0, 0));
            }
            Self::Quota { used, .. } => used.clear(),
            Self::Budget { amount, left } => *left = *amount,
        }
    }

    /// Whether a budget can pay so much; true for everything else.
    pub fn can_pay(&self, amount: u64) -> bool {
        if let Self::Budget { left, .. } = self { *left >= amount } else { true }
    }

    /// How long units stay taken after the end.
    pub fn glow(&self) -> Time {
        if let Self::Pool { after, .. } = self { *after } else { 0 }
    }

    /// If units are not free all through a span: when the last obstacle in it ends.
    pub fn blocked(&self, from: Time, to: Time, units: u64) -> Option<Time> {
        let Self::Pool { capacity, after, steps } = self else { return None };
        if from >= to {
            return None;
        }
        let last = steps.partition_point(|&(at, _)| at < to + after);
        for index in (0..last).rev() {
            let until = steps.get(index + 1).map_or(Time::MAX, |next| next.0);
            if until <= from {
                break;
            }
            if steps[index].1 + units > u64::from(*capacity) {
                return Some(until);
            }
        }
        None
    }

    /// Takes units over a span, or pays.
    pub fn take(&mut self, from: Time, to: Time, units: u32) {
        match self {
            Self::Pool { after, steps, .. } if from < to => {
                let first = cut(steps, from);
                let last = cut(steps, to + *after);
                steps[first..last].iter_mut().for_each(|step| step.1 += u64::from(units));
            }
            // What has begun may have spent more than there is.
            Self::Budget { left, .. } => *left = left.saturating_sub(u64::from(units)),
            Self::Pool { .. } | Self::Quota { .. } => {}
        }
    }

    /// Gives back what was taken over a span.
    pub fn give_back(&mut self, from: Time, to: Time, units: u32) {
        match self {
            Self::Pool { after, steps, .. } if from < to => {
                let first = cut(steps, from);
                let last = cut(steps, to + *after);
                steps[first..last].iter_mut().for_each(|step| step.1 -= u64::from(units));
                for index in [last, first] {
                    if index > 0 && steps[index].1 == steps[index - 1].1 {
                        steps.remove(index);
                    }
                }
            }
            Self::Budget { left, .. } => *left += u64::from(units),
            Self::Pool { .. } | Self::Quota { .. } => {}
        }
    }

    /// Gives back what was used of a window.
    pub fn regain(&mut self, window: Time, units: u32) {
        if let Self::Quota { used, .. } = self {
            used[window as usize] -= units;
        }
    }

    /// Uses units of a window up.
    pub fn spend(&mut self, window: Time, units: u32) {
        if let Self::Quota { used, .. } = self {
            let window = window as usize;
            if used.len() <= window {
                used.resize(window + 1, 0);
            }
            used[window] += units;
        }
    }

    /// The window of a quota.
    pub fn window(&self, now: Time) -> Time {
        if let Self::Quota { every, .. } = self { now / every } else { 0 }
    }

    /// The first time from `now` on at which the resource is there; `own` was used by the asker in this window.
    pub fn opens(&self, resource: &Resource, now: Time, rate: u32, own: u32) -> Option<Time> {
        if let Self::Quota { amount, every, .. } = self {
            if rate > *amount {
                return None;
            }
            if self.left(now, own) < rate {
                return Some((now / every + 1) * every);
            }
        }
        let spans = &resource.calendar.open;
        if spans.is_empty() {
            return Some(now);
        }
        spans.get(spans.partition_point(|&(_, to)| to <= now)).map(|&(from, _)| from.max(now))
    }

    /// How long from `now` on, at which it is there, the resource stays.
    pub fn open_for(&self, resource: &Resource, now: Time, rate: u32, own: u32) -> Time {
        let spans = &resource.calendar.open;
        let shuts = spans.get(spans.partition_point(|&(_, to)| to <= now)).map_or(Time::MAX, |&(_, to)| to);
        match self {
            Self::Quota { every, .. } if rate > 0 => {
                let window = (now / every + 1) * every - now;
                (self.left(now, own) / rate).min(window).min(shuts - now)
            }
            _ => shuts - now,
        }
    }

    fn left(&self, now: Time, own: u32) -> u32 {
        let Self::Quota { amount, every, used } = self else { return u32::MAX };
        let used = used.get((now / every) as usize).copied().unwrap_or(0);
        amount.saturating_sub(used.saturating_add(own))
    }
}

/// Makes a step begin at a time; returns its index.
fn cut(steps: &mut Vec<(Time, u64)>, at: Time) -> usize {
    let index = steps.partition_point(|&(from, _)| from < at);
    if steps.get(index).is_none_or(|&(from, _)| from != at) {
        let units = steps[index - 1].1;
        steps.insert(index, (at, units));
    }
    index
}
