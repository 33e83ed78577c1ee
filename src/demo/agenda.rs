//! What happens next: moments in order, those of the same moment in the order in which they were planned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use chrono::{Datelike, Duration, Timelike, Weekday};

use crate::domain::{SprintId, Timestamp};

/// Something that is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// A worker looks for work.
    Look(usize),
    /// A worker's job goes on: which worker, which of its jobs.
    Move(usize, u64),
    /// The owner looks at questions and supplies.
    Rounds,
    /// Something new comes in.
    Incoming,
    /// A sprint is over.
    SprintEnds(SprintId),
}

/// Moments to come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    heap: BinaryHeap<Reverse<(Timestamp, u64, Happening)>>,
    planned: u64,
}

impl Agenda {
    pub(super) fn plan(&mut self, at: Timestamp, what: Happening) {
        self.planned += 1;
        self.heap.push(Reverse((at, self.planned, what)));
    }

    /// When the next thing happens.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse((at, ..))| *at)
    }

    /// The next thing that was to happen by `now`, and when.
    pub(super) fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Happening)> {
        self.next().filter(|at| *at <= now)?;
        self.heap.pop().map(|Reverse((at, _, what))| (at, what))
    }
}

/// `at`, or the beginning of the next working hours: 8 to 18 UTC from Monday to Friday.
pub(super) fn at_work(at: Timestamp) -> Timestamp {
    let opens = |day: Timestamp| {
        let hour = |hour| day.with_hour(hour).and_then(|at| at.with_minute(0)).and_then(|at| at.with_second(0));
        hour(8).unwrap_or(day)
    };
    let mut at = at;
    loop {
        let weekend = matches!(at.weekday(), Weekday::Sat | Weekday::Sun);
        if !weekend && at.hour() < 8 {
            return opens(at) + (at - opens(at)).abs() / 12;
        }
        if !weekend && at.hour() < 18 {
            return at;
        }
        at = opens(at + Duration::days(1)) + Duration::minutes(i64::from(at.minute()));
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    fn at(day: u32, hour: u32, minute: u32) -> Timestamp {
        Utc.with_ymd_and_hms(2025, 6, day, hour, minute, 0).single().expect("a date")
    }

    #[test]
    fn evenings_and_weekends_wait_for_the_next_morning() {
        assert_eq!(at_work(at(6, 10, 30)), at(6, 10, 30));
        assert_eq!(at_work(at(6, 19, 20)), at(9, 8, 20), "Friday evening");
        assert_eq!(at_work(at(4, 2, 0)), at(4, 8, 30), "the night before, a little later than eight");
    }

    #[test]
    fn what_was_planned_first_happens_first() {
        let mut agenda = Agenda::default();
        agenda.plan(at(4, 9, 0), Happening::Incoming);
        agenda.plan(at(4, 8, 0), Happening::Look(2));
        agenda.plan(at(4, 8, 0), Happening::Look(1));
        assert_eq!(agenda.due(at(4, 7, 0)), None);
        assert_eq!(agenda.due(at(4, 12, 0)), Some((at(4, 8, 0), Happening::Look(2))));
        assert_eq!(agenda.due(at(4, 12, 0)), Some((at(4, 8, 0), Happening::Look(1))));
        assert_eq!(agenda.next(), Some(at(4, 9, 0)));
    }
}
