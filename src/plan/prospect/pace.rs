//! A second opinion: how many tasks were done a day so far, and nothing else.

use chrono::{NaiveDate, NaiveTime};

use super::Deeds;
use crate::domain::Timestamp;
use crate::domain::hours::is_weekend;
use crate::plan::forecast::throughput::{FARTHEST, FEWEST_DAYS, Throughput};

/// Days that the pace of a team is from, the newest.
const PACE_DAYS: usize = 40;

/// How many tasks a team does a day.
pub(super) struct Pace {
    past: Throughput,
    /// Days that it is from.
    pub days: usize,
    /// Tasks that were done on them.
    pub done: usize,
    /// Whether they work on weekends.
    weekends: bool,
    /// The first day that is to come.
    from: NaiveDate,
}

impl Pace {
    /// By how many were done on each day so far that people work on; none where that is too little to go by.
    pub fn of(deeds: &Deeds, now: Timestamp) -> Option<Self> {
        let done: Vec<NaiveDate> = deeds.done_at.iter().map(Timestamp::date_naive).collect();
        let weekends = done.iter().any(|day| is_weekend(*day));
        let first = done.iter().min()?;
        let works = |day: &NaiveDate| weekends || !is_weekend(*day);
        let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day < now.date_naive()).filter(works).collect();
        let recent = &days[days.len().saturating_sub(PACE_DAYS)..];
        let count = |day: &NaiveDate| done.iter().filter(|other| *other == day).count() as u32;
        let counts: Vec<u32> = recent.iter().map(count).collect();
        if counts.len() < FEWEST_DAYS {
            return None;
        }
        let from = deeds.starts_at.map_or(now, |at| at.max(now)).date_naive();
        let (days, done) = (counts.len(), counts.iter().sum::<u32>() as usize);
        Some(Self { past: Throughput::of(&counts)?, days, done, weekends, from })
    }

    /// The days to come on which people work.
    fn ahead(&self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take(FARTHEST).filter(|day| self.weekends || !is_weekend(*day))
    }

    /// When so many are done with a chance from 0 to 1; none if that is years away.
    pub fn when(&self, tasks: usize, level: f64) -> Option<Timestamp> {
        let days = self.past.when(tasks, level)?;
        end_of(self.ahead().nth(days.saturating_sub(1))?)
    }

    /// The chance that so many are done by then, 0 to 1.
    pub fn chance(&self, tasks: usize, by: Timestamp) -> f64 {
        self.past.at_least(tasks, self.days_until(by))
    }

    /// Whether so many in so short a time were never done.
    pub fn is_unheard_of(&self, tasks: usize, by: Timestamp) -> bool {
        let days = self.days_until(by);
        days <= self.days && self.past.never_reached(tasks, days)
    }

    fn days_until(&self, by: Timestamp) -> usize {
        self.ahead().take_while(|day| end_of(*day).is_some_and(|end| end <= by)).count()
    }
}

fn end_of(day: NaiveDate) -> Option<Timestamp> {
    Some(day.succ_opt()?.and_time(NaiveTime::MIN).and_utc())
}
