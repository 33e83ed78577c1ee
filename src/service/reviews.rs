//! How long those who judge results took over each of them, as far as that can be seen from outside.
//!
//! Nobody writes down when they begin to look at a result. So it is taken that everybody looks at one at a time, in the
//! order in which they judged: from when it was handed in, or from their verdict before if that came later (the apparent
//! service time of a queue with one server). Results that still wait are left out: nobody knows whose they will be.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::estimates::Team;
use crate::domain::{AgentKind, TaskId, Timestamp};
use crate::plan::prospect::Reviewed;

/// Verdicts that follow each other within so many minutes of working time were made at one sitting, if both results lay
/// there: what passed before is shared by all of them. Otherwise the first would have taken days, and the others nothing.
const SITTING: f64 = 30.0;

/// A result that was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The task.
    pub task_id: TaskId,
    /// Name of who judged it.
    pub by: String,
    /// When it was handed in.
    pub handed_in: Timestamp,
    /// When it was judged.
    pub at: Timestamp,
    /// Whether it had been sent back before.
    pub again: bool,
}

/// Minutes by the days that a plan gives somebody for reviews: those of the universal calendar.
type ByDay = BTreeMap<NaiveDate, f64>;

/// What was judged at one sitting.
struct Sitting<'a> {
    verdicts: Vec<&'a Verdict>,
    days: ByDay,
}

/// What each verdict took of the working time of whoever made it, with the minutes that a plan gives such a review.
pub(super) fn reviewed(verdicts: &[Verdict], team: &Team, thought: &BTreeMap<TaskId, f64>) -> Vec<Reviewed> {
    let mut queues: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for verdict in verdicts {
        queues.entry(&verdict.by).or_default().push(verdict);
    }
    let each = queues.into_iter().flat_map(|(by, mut own)| {
        own.sort_by_key(|verdict| (verdict.at, verdict.handed_in));
        of_one(by, &own, team, thought)
    });
    each.collect()
}

fn of_one(by: &str, own: &[&Verdict], team: &Team, thought: &BTreeMap<TaskId, f64>) -> Vec<Reviewed> {
    let sittings = sittings(by, own, team);
    let mut busy = ByDay::new();
    for (day, minutes) in sittings.iter().flat_map(|sitting| &sitting.days) {
        *busy.entry(*day).or_default() += minutes;
    }
    let name = team.named(by).is_none_or(|agent| agent.kind == AgentKind::Human).then(|| by.to_owned());
    let share = |sitting: &Sitting| {
        let known = |verdict: &&Verdict| thought.get(&verdict.task_id).copied().unwrap_or(0.0);
        let all: f64 = sitting.verdicts.iter().map(known).sum();
        let days: Vec<(f64, f64)> = sitting.days.iter().map(|(day, minutes)| (*minutes, busy[day])).collect();
        let long = days.iter().map(|day| day.0).sum::<f64>() / team.day(by);
        let review = |verdict: &&Verdict| {
            let (thought, again) = (known(verdict), verdict.again);
            Reviewed { by: name.clone(), thought, again, part: thought / all.max(1.0), long, days: days.clone() }
        };
        sitting.verdicts.iter().map(review).collect::<Vec<_>>()
    };
    sittings.iter().flat_map(share).collect()
}

/// The verdicts of somebody, oldest first, by sittings.
fn sittings<'a>(by: &str, own: &[&'a Verdict], team: &Team) -> Vec<Sitting<'a>> {
    let mut sittings: Vec<Sitting> = Vec::new();
    let mut free: Option<Timestamp> = None;
    for verdict in own {
        let lay_there = free.is_some_and(|free| verdict.handed_in < free);
        let from = free.map_or(verdict.handed_in, |free| free.max(verdict.handed_in));
        let days = by_day(&team.there(by, from, verdict.at));
        match sittings.last_mut().filter(|_| lay_there && days.values().sum::<f64>() <= SITTING) {
            Some(last) => {
                last.verdicts.push(verdict);
                for (day, minutes) in days {
                    *last.days.entry(day).or_default() += minutes;
                }
            }
            None => sittings.push(Sitting { verdicts: vec![verdict], days }),
        }
        free = Some(verdict.at);
    }
    sittings
}

fn by_day(spans: &[(Timestamp, Timestamp)]) -> ByDay {
    let mut days = ByDay::new();
    for &(from, to) in spans {
        let mut now = from;
        while now < to {
            let midnight = now.date_naive().succ_opt().map_or(to, |day| day.and_time(NaiveTime::MIN).and_utc());
            let next = midnight.min(to);
            *days.entry(now.date_naive()).or_default() += (next - now).num_seconds() as f64 / 60.0;
            now = next;
        }
    }
    days
}
