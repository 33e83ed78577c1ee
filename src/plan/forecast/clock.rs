//! Opening hours as a clock that stands still while they are closed.

use crate::plan::schedule::model::{Calendar, Time};

/// Later than anything: what never happens, happens then.
pub const NEVER: Time = Time::MAX;

/// Counts the minutes in which somebody is there. Knows nothing beyond the last of its opening hours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clock {
    /// Spans in order and apart; none at all means always.
    open: Vec<(Time, Time)>,
    /// Minutes before each span.
    before: Vec<Time>,
    /// For every so many minutes: the first span that ends after them.
    index: Vec<u32>,
}

/// Minutes between two entries of the index, as a power of two: two thirds of a day.
const STRIDE: u32 = 10;

impl Clock {
    fn new(open: Vec<(Time, Time)>) -> Self {
        let (mut before, mut sum) = (Vec::with_capacity(open.len()), 0);
        for (from, to) in &open {
            before.push(sum);
            sum += to - from;
        }
        // Spans at the end of all time need none.
        let entries = open.last().map_or(0, |last| last.1 >> STRIDE);
        let entries = if entries > 1 << 19 { 0 } else { entries };
        let index = (0..entries).map(|entry| open.partition_point(|span| span.1 <= entry << STRIDE) as u32).collect();
        Self { open, before, index }
    }

    /// While all of them are there.
    pub fn all<'a>(calendars: impl Iterator<Item = &'a Calendar>) -> Self {
        let mut open: Option<Vec<(Time, Time)>> = None;
        for calendar in calendars.filter(|calendar| !calendar.open.is_empty()) {
            open = Some(open.map_or_else(|| calendar.open.clone(), |open| common(&open, &calendar.open)));
        }
        match open {
            None => Self::default(),
            // They never meet: closed to the end of all time.
            Some(open) if open.is_empty() => Self::new(vec![(NEVER - 1, NEVER)]),
            Some(open) => Self::new(open),
        }
    }

    /// While any of them is there; always if there are none.
    pub fn any<'a>(calendars: impl Iterator<Item = &'a Calendar>) -> Self {
        let mut spans: Vec<(Time, Time)> = calendars.flat_map(|calendar| calendar.open.iter().copied()).collect();
        spans.sort_unstable();
        let mut open: Vec<(Time, Time)> = Vec::new();
        for (from, to) in spans {
            match open.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => open.push((from, to)),
            }
        }
        Self::new(open)
    }

    /// The first open minute from `at` on.
    #[inline]
    pub fn opens(&self, at: Time) -> Time {
        if self.open.is_empty() {
            return at;
        }
        self.open.get(self.span(at)).map_or(NEVER, |span| span.0.max(at))
    }

    /// When the span of an open minute ends.
    pub fn shuts(&self, at: Time) -> Time {
        self.open.get(self.span(at)).map_or(NEVER, |span| span.1)
    }

    /// When so many minutes have passed on this clock since `at`.
    #[inline]
    pub fn after(&self, at: Time, minutes: Time) -> Time {
        if self.open.is_empty() {
            return at.saturating_add(minutes);
        }
        let mut span = self.span(at);
        let Some(first) = self.open.get(span) else { return NEVER };
        let goal = (self.before[span] + at.max(first.0) - first.0).saturating_add(minutes);
        while let Some(&(from, to)) = self.open.get(span) {
            if goal - self.before[span] <= to - from {
                return from + (goal - self.before[span]);
            }
            span += 1;
        }
        NEVER
    }

    /// Minutes that pass on this clock from one time to another; 0 if that is earlier.
    pub fn between(&self, from: Time, to: Time) -> Time {
        self.until(to).saturating_sub(self.until(from))
    }

    fn until(&self, at: Time) -> Time {
        if self.open.is_empty() {
            return at;
        }
        match self.open.get(self.span(at)) {
            Some(&(from, _)) => self.before[self.span(at)] + at.max(from) - from,
            None => self.open.last().map_or(0, |last| self.before[self.open.len() - 1] + last.1 - last.0),
        }
    }

    /// The first span that ends after a time.
    #[inline]
    fn span(&self, at: Time) -> usize {
        let entry = ((at >> STRIDE) as usize).min(self.index.len().saturating_sub(1));
        let mut span = self.index.get(entry).copied().unwrap_or(0) as usize;
        while self.open.get(span).is_some_and(|span| span.1 <= at) {
            span += 1;
        }
        span
    }
}

fn common(one: &[(Time, Time)], other: &[(Time, Time)]) -> Vec<(Time, Time)> {
    let (mut a, mut b, mut both) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (one.get(a), other.get(b)) {
        let (from, to) = (left.0.max(right.0), left.1.min(right.1));
        if from < to {
            both.push((from, to));
        }
        if left.1 < right.1 { a += 1 } else { b += 1 }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(open: &[(Time, Time)]) -> Clock {
        Clock::all([Calendar { open: open.to_vec() }].iter())
    }

    #[test]
    fn a_clock_stands_still_while_it_is_closed() {
        let days = clock(&[(9, 17), (33, 41)]);
        assert_eq!((days.after(0, 8), days.after(10, 8), days.after(17, 1)), (17, 34, 34));
        assert_eq!((days.opens(3), days.opens(12), days.opens(17), days.opens(41)), (9, 12, 33, NEVER));
        assert_eq!((days.between(0, 100), days.between(12, 35), days.between(20, 10)), (16, 7, 0));
        assert_eq!(days.after(40, 2), NEVER);
        assert_eq!(Clock::default().after(5, 7), 12);
    }

    #[test]
    fn several_clocks_run_while_all_or_while_any_of_them_does() {
        let calendars = [Calendar { open: vec![(0, 10), (20, 30)] }, Calendar { open: vec![(5, 25)] }];
        assert_eq!(Clock::all(calendars.iter()), clock(&[(5, 10), (20, 25)]));
        assert_eq!(Clock::any(calendars.iter()), clock(&[(0, 30)]));
        let apart = [Calendar { open: vec![(0, 10)] }, Calendar { open: vec![(15, 25)] }];
        assert!(Clock::all(apart.iter()).after(0, 1) >= NEVER - 1);
    }
}
