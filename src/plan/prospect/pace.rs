//! A second opinion: how many tasks were done a day so far, and nothing else.

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;

use super::{Deeds, WANTED};
use crate::domain::Timestamp;
use crate::domain::hours::is_weekend;
use crate::plan::forecast::throughput::{FARTHEST, FEWEST_DAYS, Throughput, grown, since};

/// Days that the pace of a team is from, the newest.
const PACE_DAYS: usize = 40;
/// Two dates differ if one of them is this share further away than the other.
const DIFFERS: f64 = 0.2;
/// Share of the forecast's loss that the pace's has to be below: few sprints tell no small differences.
const MARGIN: f64 = 0.9;
/// Closed sprints from which on one way to tell dates is called the better one.
const JUDGED: usize = 5;

/// What a pace rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paced {
    /// Working days.
    pub days: usize,
    /// Tasks that were done on them.
    pub done: usize,
    /// The first of them, where the team had other hours before; none: no such change lies within 40 days.
    pub since: Option<Timestamp>,
    /// Tasks that come on top of each that is planned, 0 to 1.
    pub growth: f64,
}

/// Which of two 80 % dates is to be gone by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoBy {
    /// That of the forecast.
    Forecast,
    /// That by pace.
    Pace,
}

/// How two ways to tell the 80 % date did on the same closed sprints: means of their pinball losses in hours, less is
/// better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Duel {
    /// Sprints.
    pub n: usize,
    /// Loss of the forecast.
    pub forecast: f64,
    /// Loss of the other way.
    pub other: f64,
}

impl Duel {
    /// Which one is better, the other way being the pace, which has to be so by a tenth; none below five sprints.
    pub fn go_by(&self) -> Option<GoBy> {
        (self.n >= JUDGED).then_some(if self.other < MARGIN * self.forecast { GoBy::Pace } else { GoBy::Forecast })
    }
}

/// When a sprint is done by its pace.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SecondOpinion {
    /// With a chance of 80 %; none if that is years away.
    pub p80_at: Option<Timestamp>,
    /// What it rests on.
    #[serde(flatten)]
    pub basis: Paced,
    /// The two 80 % dates lie more than a fifth apart.
    pub differs: bool,
    /// So many tasks were never done in as many days as there are left of the sprint.
    pub never_reached: bool,
}

/// How many tasks a team does a day.
pub(super) struct Pace {
    past: Throughput,
    /// What it rests on.
    pub basis: Paced,
    /// Whether they work on weekends.
    weekends: bool,
    /// The first instant that is to come.
    from: Timestamp,
}

impl Pace {
    /// By how many were done on each day so far that people work on, since the hours of the team were last another third
    /// more or less than they are; none where that is too little to go by.
    pub fn of(deeds: &Deeds, now: Timestamp) -> Option<Self> {
        let done: Vec<NaiveDate> = deeds.done_at.iter().map(Timestamp::date_naive).collect();
        let weekends = done.iter().any(|day| is_weekend(*day));
        let first = done.iter().min()?;
        let works = |day: &NaiveDate| weekends || !is_weekend(*day);
        let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day < now.date_naive()).filter(works).collect();
        let recent = &days[days.len().saturating_sub(PACE_DAYS)..];
        let changed = changed(deeds, recent);
        let same = &recent[changed..];
        let count = |day: &NaiveDate| done.iter().filter(|other| *other == day).count() as u32;
        let counts: Vec<u32> = same.iter().map(count).collect();
        if counts.len() < FEWEST_DAYS {
            return None;
        }
        let since = same.first().filter(|_| changed > 0).map(|day| day.and_time(NaiveTime::MIN).and_utc());
        let (days, done) = (counts.len(), counts.iter().sum::<u32>() as usize);
        let basis = Paced { days, done, since, growth: deeds.growth.clamp(0.0, 1.0) };
        let from = deeds.starts_at.map_or(now, |at| at.max(now));
        Some(Self { past: Throughput::of(&counts)?, basis, weekends, from })
    }

    /// The same date for a sprint as the forecast tells, which is `own`.
    pub fn opinion(&self, tasks: usize, own: Option<Timestamp>, goal: Timestamp) -> SecondOpinion {
        let p80_at = self.when(tasks, WANTED);
        let never_reached = self.is_unheard_of(tasks, goal);
        SecondOpinion { p80_at, basis: self.basis, differs: self.differs(own, p80_at), never_reached }
    }

    /// Whether two dates lie further apart than a fifth of the time to the nearer one; both as days.
    fn differs(&self, one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
        let (Some(one), Some(other)) = (one, other) else { return one != other };
        let ahead = |at: Timestamp| {
            // What ends at midnight belongs to the day before.
            let day = (at - chrono::Duration::seconds(1)).date_naive();
            self.ahead().take_while(|next| *next <= day).count() as f64
        };
        let (near, far) = (ahead(one).min(ahead(other)), ahead(one).max(ahead(other)));
        far > near * (1.0 + DIFFERS)
    }

    /// The days to come on which people work.
    fn ahead(&self) -> impl Iterator<Item = NaiveDate> {
        self.from.date_naive().iter_days().take(FARTHEST).filter(|day| self.weekends || !is_weekend(*day))
    }

    /// So many tasks with what usually comes on top.
    fn all(&self, tasks: usize) -> usize {
        grown(tasks, self.basis.growth)
    }

    /// When so many are done with a chance from 0 to 1; none if that is years away.
    pub fn when(&self, tasks: usize, level: f64) -> Option<Timestamp> {
        let days = self.past.when(self.all(tasks), level)?;
        end_of(self.ahead().nth(days.saturating_sub(1))?)
    }

    /// The chance that so many are done by then, 0 to 1.
    pub fn chance(&self, tasks: usize, by: Timestamp) -> f64 {
        self.past
            .at_least(self.all(tasks), self.ahead().take_while(|day| end_of(*day).is_some_and(|end| end <= by)).count())
    }

    /// Whether so many in so short a time were never done; a day that is not over counts as one.
    pub fn is_unheard_of(&self, tasks: usize, by: Timestamp) -> bool {
        let days = self.ahead().take_while(|day| day.and_time(NaiveTime::MIN).and_utc() < by).count();
        (1..=self.basis.days).contains(&days) && self.past.never_reached(self.all(tasks), days)
    }
}

/// The first of these days since which the team has the hours that it has now, but for a third.
fn changed(deeds: &Deeds, days: &[NaiveDate]) -> usize {
    let Some(((first, _), (_, now))) = deeds.crew.first().zip(deeds.crew.last()) else { return 0 };
    let on = |day: &NaiveDate| {
        let at = deeds.crew.partition_point(|step| step.0.date_naive() <= *day).saturating_sub(1);
        // Nobody knows who was there before the first that is known.
        if *day < first.date_naive() { deeds.crew[0].1 } else { deeds.crew[at].1 }
    };
    let hours: Vec<f64> = days.iter().map(on).chain([*now]).collect();
    since(&hours).min(days.len())
}

fn end_of(day: NaiveDate) -> Option<Timestamp> {
    Some(day.succ_opt()?.and_time(NaiveTime::MIN).and_utc())
}
