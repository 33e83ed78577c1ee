//! What was seen of how somebody works: how much of their hours went into tasks while there were some, when a quota
//! stopped them, and how long others waited for their word.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};
use serde::Serialize;

use super::time::division;
use crate::domain::hours::{between, windows};
use crate::domain::sprint::Learned;
use crate::domain::words::{count, work};
use crate::domain::{Agent, AgentId, AgentKind, Days, TaskId, Timestamp};
use crate::plan::estimate::focus::{Focus, Worked};

/// Tasks from which on a share is told; fewer say more about the tasks.
const ENOUGH: usize = 5;
/// Open minutes without which it is told even less: half of what the usual share counts as much as.
const LEAST: f64 = 240.0;
/// Days with a stop from which on a quota is believed.
const STOPS: usize = 3;
/// Words of a person from which on a delay is told.
const WORDS: usize = 3;

/// What was seen, by agent.
pub type Habits = BTreeMap<AgentId, Habit>;

/// A stretch of time in which somebody was at a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stint {
    /// The task.
    pub task_id: TaskId,
    /// Since when it could have been taken up: ready, given to them or sent back, and held up by nothing.
    pub since: Timestamp,
    /// Begin.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// Whether a quota ended it.
    pub stopped: bool,
}

/// A sprint that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Era {
    /// Its name.
    pub name: String,
    /// When it was started.
    pub from: Timestamp,
    /// When it was closed, or the present.
    pub to: Timestamp,
}

/// How long others waited for somebody's word, in the hours of that somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Delay {
    /// Minutes, as often more as less.
    pub minutes: u32,
    /// Words that it is from.
    pub count: usize,
}

impl Delay {
    /// In words: `3h (12)`.
    pub fn told(&self) -> String {
        format!("{} ({})", work(self.minutes), self.count)
    }

    /// The median; none of fewer than three.
    pub fn of(mut minutes: Vec<u32>) -> Option<Self> {
        minutes.sort_unstable();
        let count = minutes.len();
        (count >= WORDS).then(|| Self { minutes: minutes[count / 2], count })
    }
}

/// How somebody works.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Habit {
    /// Share of the open hours that went into tasks while there were some, held to what is usual by a day of work; none:
    /// nothing was measured.
    pub focus: Option<f64>,
    /// The same in percent to plan with; none: it is from too little.
    pub percent: Option<u8>,
    /// What it is from, in words.
    pub like: String,
    /// Minutes on a day after which a quota stops them.
    pub a_day: Option<u32>,
    /// The same in words.
    pub stops: String,
    /// How long results waited to be judged by them.
    pub reviews: Option<Delay>,
    /// How long questions waited for their answer.
    pub answers: Option<Delay>,
}

impl Habit {
    /// Learns from what somebody did. An hour counts as open while they were at a task, or had one to take up: between
    /// their first begin and their last end in a sprint, in their hours, and as long as something that they took up
    /// later was ready. Who waited for others, or for a quota, was not unfocused; a program that runs outside of its hours
    /// works.
    pub fn learn(agent: &Agent, holidays: &[Days], eras: &[Era], stints: &[Stint]) -> Self {
        let mut stints = stints.to_vec();
        stints.sort_by_key(|stint| (stint.from, stint.to));
        let seen = eras.iter().filter_map(|era| Some((era, worked(agent, holidays, era, &stints)?)));
        let (eras, worked): (Vec<&Era>, Vec<Worked>) = seen.unzip();
        let focus = Focus::learn(&worked, division(agent)[0]);
        let known = focus.count >= ENOUGH && worked.iter().map(|one| one.open).sum::<f64>() >= LEAST;
        let (a_day, stops) = quota(agent, &stints).unzip();
        Self {
            focus: (focus.count > 0).then_some(focus.share),
            percent: known.then(|| ((focus.share * 100.0).round() as u8).max(1)),
            like: if known {
                format!("as in {} ({})", names(&eras), count(focus.count, "task"))
            } else {
                String::new()
            },
            a_day,
            stops: stops.unwrap_or_default(),
            reviews: None,
            answers: None,
        }
    }

    /// As a plan that stands was made with it.
    pub fn agreed(learned: &Learned) -> Self {
        let like = if learned.percent.is_some() { "as when it was planned".to_owned() } else { String::new() };
        let stops = if learned.a_day.is_some() { "its quota as when it was planned".to_owned() } else { String::new() };
        Self { percent: learned.percent, like, a_day: learned.a_day, stops, ..Self::default() }
    }
}

fn names(eras: &[&Era]) -> String {
    match eras {
        [] => String::new(),
        [one] => one.name.clone(),
        [one, other] => format!("{} and {}", one.name, other.name),
        [first, .., last] => format!("{} to {}", first.name, last.name),
    }
}

type Span = (Timestamp, Timestamp);

/// What somebody did in a sprint, and the hours in which they could have.
fn worked(agent: &Agent, holidays: &[Days], era: &Era, stints: &[Stint]) -> Option<Worked> {
    // What was carried over counts from the start on, and what goes on after the close until then.
    let inside = |stint: &Stint| Stint { from: stint.from.max(era.from), to: stint.to.min(era.to), ..*stint };
    let meets = |stint: &&Stint| stint.from < era.to && stint.to > era.from;
    let own: Vec<Stint> = stints.iter().filter(meets).map(inside).collect();
    let (begin, end) = (own.first()?.from, own.iter().map(|stint| stint.to).max()?);
    let open = between(agent, &windows(agent), &agent.days_off(holidays), begin, end);
    let at_work = merged(own.iter().map(|stint| (stint.from, stint.to)).collect());
    let at_hand = merged(own.iter().map(|stint| (stint.since.max(begin), stint.from)).collect());
    let waits = merged(own.iter().filter(|stint| stint.stopped).filter_map(|stint| stop(&own, stint)).collect());
    // As time is measured: a program works whenever it runs, a person in their hours.
    let working = if agent.kind == AgentKind::Human { common(&at_work, &open) } else { at_work.clone() };
    let active = minutes(&working);
    let idle = without(&without(&at_hand, &at_work), &waits);
    let tasks = own.iter().map(|stint| stint.task_id).collect::<BTreeSet<_>>().len();
    let worked = Worked { active, open: active + minutes(&common(&idle, &open)), tasks };
    (active > 0.0).then_some(worked)
}

/// From a stop by a quota to what is begun next.
fn stop(own: &[Stint], stint: &Stint) -> Option<Span> {
    let next = own.iter().find(|other| other.from >= stint.to)?;
    Some((stint.to, next.from))
}

/// Minutes on a day at which a quota stops somebody, with the reason, if it does so on most days.
fn quota(agent: &Agent, stints: &[Stint]) -> Option<(u32, String)> {
    let date = |at: Timestamp| at.with_timezone(&agent.time_zone).date_naive();
    let mut days: BTreeMap<NaiveDate, f64> = BTreeMap::new();
    for (from, to) in merged(stints.iter().map(|stint| (stint.from, stint.to)).collect()) {
        // Over midnight it counts where it began, as allowances are not those of the calendar.
        *days.entry(date(from)).or_default() += minutes(&[(from, to)]);
    }
    let stopped: BTreeSet<NaiveDate> = stints.iter().filter(|stint| stint.stopped).map(|one| date(one.from)).collect();
    let mut done: Vec<u32> = stopped.iter().filter_map(|day| days.get(day)).map(|done| done.round() as u32).collect();
    done.sort_unstable();
    let (count, all) = (done.len(), days.len());
    let a_day = *done.get(count / 2).filter(|minutes| **minutes > 0)?;
    let told = || format!("stopped by its quota after {} on {count} of {all} days", work(a_day));
    (count >= STOPS && count * 2 >= all).then(|| (a_day, told()))
}

fn minutes(spans: &[Span]) -> f64 {
    spans.iter().map(|(from, to)| (*to - *from).max(Duration::zero()).num_seconds() as f64 / 60.0).sum()
}

/// In order and apart.
fn merged(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| span.0 < span.1);
    spans.sort_unstable();
    let mut apart: Vec<Span> = Vec::new();
    for (from, to) in spans {
        match apart.last_mut().filter(|last| last.1 >= from) {
            Some(last) => last.1 = last.1.max(to),
            None => apart.push((from, to)),
        }
    }
    apart
}

/// Where both are; each in order and apart.
fn common(one: &[Span], other: &[Span]) -> Vec<Span> {
    let (mut at, mut to, mut both) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (one.get(at), other.get(to)) {
        both.push((left.0.max(right.0), left.1.min(right.1)));
        if left.1 < right.1 { at += 1 } else { to += 1 }
    }
    both.retain(|span| span.0 < span.1);
    both
}

/// The first where the other is not.
fn without(one: &[Span], other: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    for &(from, to) in one {
        let mut begin = from;
        for gone in other.iter().filter(|gone| gone.1 > from && gone.0 < to) {
            left.push((begin, gone.0));
            begin = begin.max(gone.1);
        }
        left.push((begin, to));
    }
    left.retain(|span| span.0 < span.1);
    left
}
