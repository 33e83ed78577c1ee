//! When somebody works, what that time goes into, and how well it is known.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Habit, Habits, Part};
use crate::domain::sprint::{Allotment, Learned, Slot, Stage};
use crate::domain::{Agent, AgentId, AgentKind, Days, Timestamp, Window, hours};

/// Percent of a person's hours that go into reviews and into answers, where nothing else is said: a quarter together.
const REVIEWS: u8 = 20;
const ANSWERS: u8 = 5;
/// Percent of the hours of a program that has declared none: what it makes has to be read by somebody.
const UNSAID: u8 = 75;

/// Where somebody's time is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Somebody has said so for this sprint.
    ByHand,
    /// The hours that the agent has declared.
    Hours,
    /// What went into tasks in earlier sprints.
    History,
    /// Not known: as somebody said for the sprint before.
    Carried,
    /// Not known at all: usual hours.
    Usual,
}

impl Source {
    /// True if it is a guess that a person should look at.
    pub fn is_guess(self) -> bool {
        matches!(self, Self::Carried | Self::Usual)
    }
}

/// What was said about the sprint before.
#[derive(Debug, Clone, PartialEq)]
pub struct Carried {
    /// Its name.
    pub sprint: String,
    /// Its first instant.
    pub from: Timestamp,
    /// Its end.
    pub to: Timestamp,
    /// What somebody had for it.
    pub allotted: BTreeMap<AgentId, Allotment>,
}

/// What decides on a team's time beside everybody's own hours.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// First instant.
    pub from: Timestamp,
    /// End.
    pub to: Timestamp,
    /// Days on which no person works.
    pub holidays: &'a [Days],
    /// What was set by hand for this sprint.
    pub by_hand: &'a BTreeMap<AgentId, Allotment>,
    /// What was so in the last one.
    pub carried: Option<&'a Carried>,
    /// How everybody works, as far as that was seen.
    pub habits: &'a Habits,
    /// What the plan of a sprint that still runs takes.
    pub taken: &'a [Slot],
}

/// Somebody's time within a [`Frame`].
#[derive(Debug, Clone, PartialEq)]
pub struct Time {
    /// Weekly windows in the agent's own time zone.
    pub windows: Vec<Window>,
    /// Days without any.
    pub off: Vec<Days>,
    /// Minutes of all windows.
    pub open: u32,
    /// Days with a window.
    pub days: u32,
    /// Minutes for tasks, what is in hand included.
    pub work: u32,
    /// Minutes for looking at results; none for programs.
    pub review: u32,
    /// Minutes for answers; none for programs.
    pub answers: u32,
    /// True if the minutes for tasks are a limit of their own, whatever the hours say.
    pub limited: bool,
    /// Minutes for tasks on one day at most, by a quota.
    pub a_day_most: Option<u32>,
    /// Where the minutes for tasks are known from.
    pub source: Source,
    /// The same in words.
    pub because: String,
    /// Share of the windows that goes into tasks by its hours, 0 to 1.
    usual: f64,
    /// That share in percent, if it was learned.
    percent: Option<u8>,
}

impl Time {
    /// Minutes for one part of the work.
    pub fn of(&self, part: Part) -> u32 {
        match part {
            Part::Work => self.work,
            Part::Review => self.review,
            Part::Answers => self.answers,
        }
    }

    /// Share of the open hours that goes into tasks while somebody is at them, above 0 to 1. Fewer hours than usual end
    /// earlier; they do not make every task longer.
    pub fn share(&self) -> f64 {
        (f64::from(self.work) / f64::from(self.open.max(1))).max(self.usual).clamp(0.01, 1.0)
    }

    /// What of it was learned from earlier sprints.
    pub fn learned(&self) -> Option<Learned> {
        let learned = Learned { percent: self.percent, a_day: self.a_day_most };
        (learned != Learned::default()).then_some(learned)
    }

    /// Minutes for a part on a day with open hours, on average; at least 1.
    pub fn a_day(&self, part: Part) -> f64 {
        (f64::from(self.of(part)) / f64::from(self.days.max(1))).max(1.0)
    }

    /// Working spans of an agent between two instants.
    pub fn spans(&self, agent: &Agent, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        hours::between(agent, &self.windows, &self.off, from, to)
    }
}

fn minutes(spans: &[(Timestamp, Timestamp)]) -> u32 {
    spans.iter().map(|(start, end)| (*end - *start).num_minutes()).sum::<i64>() as u32
}

/// Shares of the hours by part, as declared, else usual ones: tasks, reviews, answers.
pub(super) fn division(agent: &Agent) -> [f64; 3] {
    let division = agent.division;
    let person = agent.kind == AgentKind::Human;
    let own = |said: Option<u8>, usual: u8| if person { said.unwrap_or(usual) } else { 0 };
    let (reviews, answers) = (own(division.reviews, REVIEWS), own(division.answers, ANSWERS));
    let (reviews, answers) = (reviews.min(100), answers.min(100 - reviews.min(100)));
    let focus = division.focus.unwrap_or(if person || !agent.availability.is_empty() { 100 } else { UNSAID });
    let share = |percent: u8| f64::from(percent) / 100.0;
    [share(100 - reviews - answers) * share(focus), share(reviews), share(answers)]
}

impl Frame<'_> {
    /// What another plan takes of somebody's time within the frame.
    pub fn taken_of(&self, agent: AgentId) -> impl Iterator<Item = &Slot> {
        let (from, to) = (self.from, self.to);
        self.taken.iter().filter(move |slot| slot.agent_id == Some(agent) && slot.starts_at < to && slot.ends_at > from)
    }

    /// Minutes of that, of a slot that lies partly within its share.
    fn taken_minutes(&self, agent: AgentId, stage: Stage) -> u32 {
        let minutes = |slot: &Slot| {
            let inside = (slot.ends_at.min(self.to) - slot.starts_at.max(self.from)).num_minutes();
            let all = (slot.ends_at - slot.starts_at).num_minutes().max(1);
            (i64::from(slot.minutes) * inside / all) as u32
        };
        self.taken_of(agent).filter(|slot| slot.stage == stage).map(minutes).sum()
    }

    /// Somebody's time, by what is known best: by hand, by a declared focus, by what was seen, as in the sprint before, by
    /// declared hours, else usual.
    pub fn time(&self, agent: &Agent) -> Time {
        let windows = hours::windows(agent);
        let off = agent.days_off(self.holidays);
        let spans = hours::between(agent, &windows, &off, self.from, self.to);
        let open = minutes(&spans);
        let local = |(start, _): &(Timestamp, Timestamp)| start.with_timezone(&agent.time_zone).date_naive();
        let days = spans.iter().map(local).collect::<BTreeSet<_>>().len() as u32;
        let [usual, review, answers] = division(agent);
        let habit = self.habits.get(&agent.agent_id);
        let seen = habit.and_then(|habit| seen(agent, habit, 1.0 - review - answers));
        let work = seen.map_or(usual, |(work, _)| work);
        let part = |share: f64| (f64::from(open) * share).round() as u32;
        let mut time = Time {
            work: part(work),
            review: part(review),
            answers: part(answers),
            limited: false,
            a_day_most: None,
            source: match (seen, agent.availability.is_empty()) {
                (Some(_), _) => Source::History,
                (None, true) => Source::Usual,
                (None, false) => Source::Hours,
            },
            because: by_hours(agent, work, seen.map(|(_, like)| like)),
            usual: work,
            percent: seen.map(|(work, _)| (work * 100.0).round() as u8),
            windows,
            off,
            open,
            days,
        };
        if let Some((carried, mut allotted)) = self.carried.and_then(|last| Some((last, last.of(agent)?))) {
            let then = minutes(&time.spans(agent, carried.from, carried.to));
            allotted.work = allotted.work.filter(|_| seen.is_none());
            time.take(scaled(allotted, open, then), Source::Carried, format!("not known: as in {}", carried.sprint));
        }
        if let Some(habit) = habit.filter(|_| !self.by_hand.contains_key(&agent.agent_id)) {
            time.hold_to_quota(habit);
        }
        let taken = self.taken_minutes(agent.agent_id, Stage::Work);
        time.review = time.review.saturating_sub(self.taken_minutes(agent.agent_id, Stage::Review));
        if taken > 0 {
            time.work = time.work.saturating_sub(taken);
            time.because.push_str(", less what the running sprint takes");
        }
        if let Some(allotted) = self.by_hand.get(&agent.agent_id) {
            time.take(*allotted, Source::ByHand, "set by hand".into());
        }
        time
    }
}

/// The share of the hours that goes into tasks by what was seen, with where from; none where somebody has declared it, or
/// where they were at tasks all the time: reviews and answers do take theirs of it.
fn seen<'a>(agent: &Agent, habit: &'a Habit, room: f64) -> Option<(f64, &'a str)> {
    let percent = habit.percent.filter(|_| agent.division.focus.is_none())?;
    let share = f64::from(percent) / 100.0;
    (share <= room + 1e-9).then_some((share, &habit.like))
}

impl Time {
    /// Takes a quota into account that stops somebody before the hours do.
    fn hold_to_quota(&mut self, habit: &Habit) {
        let most = habit.a_day.map(|a_day| a_day.saturating_mul(self.days));
        if let Some(most) = most.filter(|most| *most < self.work) {
            (self.work, self.a_day_most) = (most, habit.a_day);
            self.because = format!("{}, {}", self.because, habit.stops);
        }
    }

    fn take(&mut self, allotted: Allotment, source: Source, because: String) {
        if let Some(work) = allotted.work {
            (self.work, self.limited) = (work, true);
            (self.source, self.because) = (source, because);
        }
        self.review = allotted.review.unwrap_or(self.review);
        self.answers = allotted.answers.unwrap_or(self.answers);
    }
}

impl Carried {
    /// What somebody had whose hours are not known; who had no part in that sprint is as unknown as before.
    fn of(&self, agent: &Agent) -> Option<Allotment> {
        let allotted = self.allotted.get(&agent.agent_id).filter(|_| agent.availability.is_empty())?;
        (allotted.work != Some(0)).then_some(*allotted)
    }
}

/// The same for a time of another length.
fn scaled(allotted: Allotment, to: u32, from: u32) -> Allotment {
    let scale = |minutes: u32| (u64::from(minutes) * u64::from(to)).checked_div(u64::from(from));
    let scale = |minutes: Option<u32>| minutes.and_then(scale).map(|minutes| minutes.min(u64::from(u32::MAX)) as u32);
    Allotment { work: scale(allotted.work), review: scale(allotted.review), answers: scale(allotted.answers) }
}

fn by_hours(agent: &Agent, share: f64, like: Option<&str>) -> String {
    let percent = (share * 100.0).round();
    let hours = match (agent.availability.is_empty(), agent.kind) {
        (true, AgentKind::Human) => format!("no hours set: {percent}% of 8 h, Monday to Friday"),
        (true, AgentKind::Ai) => format!("no hours set: {percent}% of 8 h a day"),
        (false, _) if share < 1.0 || like.is_some() => format!("{percent}% of its hours"),
        (false, _) => "its hours".into(),
    };
    like.map_or(hours.clone(), |like| format!("{hours}, {like}"))
}
