//! A forecast in words: the same ones on the board and on the command line. What comes from outside, such as titles, is
//! not made safe for a terminal here, and days are written as the face does it.

use super::{Due, Duel, GoBy, Milestone, Paced, Prospect, Threat, WANTED};
use crate::domain::Timestamp;
use crate::domain::words::{count, cut, listed, span, work};
use crate::plan::forecast::Basis;

/// Ways that are told.
const WAYS: usize = 3;
/// Characters of titles, and of what would help.
const TITLE: usize = 44;
const WAY: usize = 160;
/// Milestones in a few words.
const BRIEFLY: usize = 3;

/// What a fact is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tone {
    /// Nothing special.
    Plain,
    /// Something to look at.
    Warn,
    /// As good as this chance, 0 to 1.
    Chance(f64),
}

/// A fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is about, at most eleven letters; empty if that is what the row before is about.
    pub label: &'static str,
    /// What there is to say.
    pub words: String,
    /// What it is like.
    pub tone: Tone,
}

/// How a face writes an instant.
pub type Day<'a> = &'a dyn Fn(Timestamp) -> String;

impl Prospect {
    /// The dates and the chance in one line.
    pub fn briefly(&self, day: Day) -> String {
        format!("likely {}, {}", soon(self.p50_at, day), self.shortly(day))
    }

    /// The date that holds in four of five cases, and the chance.
    pub fn shortly(&self, day: Day) -> String {
        format!("{}, goal {}", self.safely(day), self.goal_shortly())
    }

    /// The chance of the goal, with what it does not count.
    fn goal_shortly(&self) -> String {
        let of = format!("{} for {} of {}", percent(self.chance), self.tasks, self.committed());
        match &self.barrier {
            Some(barrier) if !self.stuck.is_empty() => {
                let first = barrier.split_whitespace().next().unwrap_or_default();
                format!("waits for {first}, {of}")
            }
            _ if self.without_place.is_empty() => percent(self.chance),
            _ => of,
        }
    }

    /// The chance of the goal in as few letters as it can be told in.
    pub fn chance_shortly(&self) -> String {
        match self.chance_of_all {
            Some(chance) => percent(chance),
            None => format!("{} of {}/{}", percent(self.chance), self.tasks, self.committed()),
        }
    }

    /// The chance by which the goal looks good or bad: none while it cannot be reached, and no good one while something
    /// that was committed to has no place.
    pub fn outlook(&self) -> f64 {
        match (self.stuck.is_empty(), self.without_place.is_empty()) {
            (false, _) => 0.0,
            (true, false) => self.chance.min(0.5),
            (true, true) => self.chance,
        }
    }

    /// Open tasks that were committed to, counted or not.
    fn committed(&self) -> usize {
        self.tasks + self.without_place.len()
    }

    /// The date that holds in four of five cases, with that of the pace where that did better so far.
    pub fn safely(&self, day: Day) -> String {
        let own = format!("80 % by {}", soon(self.p80_at, day));
        match self.pace.filter(|_| self.go_by == Some(GoBy::Pace)) {
            Some(pace) => format!("{own} (by pace {})", soon(pace.p80_at, day)),
            None => own,
        }
    }

    /// The chances of the milestones that the sprint has a part of, and of deadlines that hold with less than 80 %, in one
    /// line; none where there are none.
    pub fn chances_briefly(&self) -> Option<String> {
        let part = |one: &Milestone| Some(format!("{} {}", cut(&one.name, TITLE), percent(one.chance?)));
        let milestones: Vec<String> = self.milestones.iter().filter_map(part).collect();
        let due = |one: &Due| format!("{} {} by its deadline", one.label, percent(one.chance));
        let deadlines: Vec<String> = self.deadlines.iter().filter(|one| one.chance < WANTED).map(due).collect();
        let parts = [milestones, deadlines].into_iter().filter(|parts| !parts.is_empty());
        let parts: Vec<String> = parts.map(|parts| listed(&parts, BRIEFLY)).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Everything, with what cannot go on as [`crate::plan::course::Course::waits`] has it.
    pub fn rows(&self, waits: &[String], day: Day) -> Vec<Row> {
        let mut rows = Rows { rows: Vec::new(), day };
        self.dates(&mut rows);
        let more = Some(self.more_milestones).filter(|more| *more > 0);
        let more = more.map(|more| (format!("and {}", count(more, "more milestone")), Tone::Plain));
        rows.list("deadline", self.deadlines.iter().map(|one| deadline(one, day)));
        rows.list("milestone", self.milestones.iter().flat_map(|one| milestone(one, day)).chain(more));
        self.counts(&mut rows);
        rows.list("waits", waits.iter().map(|waits| (cut(waits, 200), Tone::Warn)));
        self.reasons(&mut rows);
        rows.add("known", self.known());
        rows.rows
    }

    fn dates(&self, rows: &mut Rows) {
        if self.plan_at.is_some() {
            rows.add("plan", format!("{}  (if nothing comes in between)", rows.date(self.plan_at)));
        }
        rows.add("likely", format!("{}  (even chances)", rows.date(self.p50_at)));
        let own = self.basis.carries(WANTED);
        rows.add("80 %", rows.date(self.p80_at) + if own { "" } else { "  (from what teams are like)" });
        self.second(rows);
        let (chance, tasks) = (percent(self.chance), count(self.tasks, "task"));
        let by = rows.date(Some(self.goal_at));
        let of = format!("{} of {}", self.tasks, count(self.committed(), "task"));
        let goal = match &self.barrier {
            Some(barrier) if !self.stuck.is_empty() => {
                format!("cannot be reached while {}; {chance} for the other {of} by {by}", cut(barrier, WAY))
            }
            _ if self.without_place.is_empty() => format!("{chance} for all {tasks} by {by}"),
            _ => format!("{chance} for {of} by {by}"),
        };
        rows.toned("goal", goal, Tone::Chance(self.outlook()));
        rows.add("at least", format!("{} of {tasks} by then, with 80 %", self.done_p80));
    }

    /// What the pace says, where it says something else or is the better one.
    fn second(&self, rows: &mut Rows) {
        let Some(pace) = &self.pace else { return };
        if pace.differs || self.go_by == Some(GoBy::Pace) {
            rows.add("by pace", format!("{}  (80 %, by {})", rows.date(pace.p80_at), paced(&pace.basis, rows.day)));
            let (record, go_by) = (self.record.as_ref(), self.go_by);
            rows.list(
                "go by",
                record.zip(go_by).map(|(record, go_by)| (better(record, go_by), Tone::Plain)).into_iter(),
            );
        }
        let never = || format!("{} in the time that is left: so much was never done", count(self.tasks, "task"));
        rows.list("pace", pace.never_reached.then(|| (never(), Tone::Warn)).into_iter());
    }

    fn counts(&self, rows: &mut Rows) {
        if self.stretch > 0 {
            rows.add("besides", format!("{} if there is time", count(self.stretch, "task")));
        }
        let (stuck, out) = (self.stuck.len(), self.without_place.len() - self.stuck.len());
        let stuck = (stuck > 0).then(|| format!("{} that cannot go on", count(stuck, "task")));
        let out = (out > 0).then(|| format!("{} without a place in the plan", count(out, "task")));
        rows.list("not counted", stuck.into_iter().chain(out).map(|words| (words, Tone::Warn)));
    }

    fn reasons(&self, rows: &mut Rows) {
        rows.list("risk", self.risks.iter().map(|one| (threat(one), Tone::Plain)));
        let moving = self.movers.iter().filter(|one| one.gain_minutes > 0).map(|one| {
            let gain = span(one.gain_minutes.unsigned_abs());
            format!("{} {}: {gain} earlier if it goes as usual", one.label, cut(&one.title, TITLE))
        });
        rows.list("hangs on", moving.map(|words| (words, Tone::Plain)));
        let way = |way: &super::Way| {
            let best = if way.recommended { "  (recommended)" } else { "" };
            format!("{}: {}{best}", cut(&way.what, WAY), percent(way.chance))
        };
        rows.list("would help", self.ways.iter().take(WAYS).map(|one| (way(one), Tone::Plain)));
    }
}

struct Rows<'a> {
    rows: Vec<Row>,
    day: Day<'a>,
}

impl Rows<'_> {
    fn date(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "more than half a year after the sprint".into(), self.day)
    }

    fn add(&mut self, label: &'static str, words: String) {
        self.toned(label, words, Tone::Plain);
    }

    fn toned(&mut self, label: &'static str, words: String, tone: Tone) {
        self.rows.push(Row { label, words, tone });
    }

    /// Several facts about the same.
    fn list(&mut self, label: &'static str, facts: impl Iterator<Item = (String, Tone)>) {
        for (at, (words, tone)) in facts.enumerate() {
            self.toned(if at == 0 { label } else { "" }, words, tone);
        }
    }
}

/// Whether a task is done in time.
fn deadline(one: &Due, day: Day) -> (String, Tone) {
    let (chance, due, high) = (percent(one.chance), day(one.due_at), soon(one.p80_at, day));
    let words = format!("{} {}: {chance} by {due}; 80 % by {high}", one.label, cut(&one.title, TITLE));
    (words, Tone::Chance(one.chance))
}

/// What the sprint does for a milestone, and what is open beyond.
fn milestone(one: &Milestone, day: Day) -> Vec<(String, Tone)> {
    let name = cut(&one.name, TITLE);
    let due = one.due_at.zip(one.due_chance);
    let due = due.map(|(at, chance)| format!("; {} by its deadline {}", percent(chance), day(at))).unwrap_or_default();
    let mut facts = Vec::new();
    if let Some(chance) = one.chance {
        let tasks = match one.not_counted {
            0 => format!("its {}", count(one.tasks, "task")),
            out => format!("{} of its {}", one.tasks, count(one.tasks + out, "task")),
        };
        let (likely, high) = (soon(one.p50_at, day), soon(one.p80_at, day));
        let due = if one.beyond == 0 { due.as_str() } else { "" };
        let words = format!(
            "{name}: {} for {tasks} by the end of the sprint; likely {likely}, 80 % by {high}{due}",
            percent(chance)
        );
        facts.push((words, Tone::Chance(chance)));
    }
    if one.chance.is_none() && one.not_counted > 0 {
        let out = count(one.not_counted, "task");
        facts.push((format!("{name}: {out} of the sprint without a date"), Tone::Warn));
    }
    if one.beyond > 0 {
        let more = format!(
            "{name}: {}",
            count(one.beyond, if one.tasks + one.not_counted > 0 { "more task" } else { "task" })
        );
        let words = match &one.pace {
            None => format!("{more} beyond the sprint; too little was done so far to say when"),
            Some(pace) => {
                let (likely, high) = (soon(pace.p50_at, day), soon(pace.p80_at, day));
                let rests = paced(&pace.basis, day);
                let never = if pace.never_reached { ", and so much was never done in that time" } else { "" };
                format!(
                    "{more} beyond the sprint: likely {likely}, 80 % by {high}, if they come next (by pace: {rests}){due}{never}"
                )
            }
        };
        let tone = one.due_chance.filter(|_| one.pace.is_some()).map_or(Tone::Plain, Tone::Chance);
        facts.push((words, tone));
    }
    facts
}

/// What a pace rests on.
fn paced(basis: &Paced, day: Day) -> String {
    let since = basis.since.map(|at| format!(" since {}, when the team changed", day(at))).unwrap_or_default();
    let more = basis.growth * 100.0;
    let more = if more >= 1.0 { format!(", {more:.0} % more to come as in earlier sprints") } else { String::new() };
    format!("{} in {}{since}{more}", count(basis.done, "task"), count(basis.days, "working day"))
}

/// Which date is to be gone by, and why.
fn better(record: &Duel, go_by: GoBy) -> String {
    let (forecast, pace) = (record.forecast, record.other);
    let told = |best: &str, loss: f64, than: f64, other: &str| {
        let sprints = count(record.n, "sprint");
        format!("{best}: over {sprints} its 80 % dates were the better ones (loss {loss:.1} h, {other} {than:.1} h)")
    };
    match go_by {
        GoBy::Pace => told("the pace", pace, forecast, "the forecast"),
        GoBy::Forecast => told("the forecast", forecast, pace, "the pace"),
    }
}

/// What may happen, and what would be won if it could not.
fn threat(one: &Threat) -> String {
    let about = one.task.as_deref().unwrap_or("everybody");
    let gain = match one.gain_minutes {
        None => String::new(),
        Some(gain) if gain <= 0 => "; the date hardly hangs on it".into(),
        Some(gain) => format!(": {} earlier without it", span(gain.unsigned_abs())),
    };
    let (name, chance) = (cut(&one.name, TITLE), percent(one.chance));
    format!("R{} {name} ({chance}, {} for {about}){gain}", one.number, delay(one.minutes))
}

/// Work or waiting from the least to the most: `1d to 3d` with days of 8 hours.
pub fn delay([low, high]: [u32; 2]) -> String {
    let length = |minutes: u32| match minutes {
        1.. if minutes.is_multiple_of(480) => format!("{}d", minutes / 480),
        _ => work(minutes),
    };
    if low == high { length(low) } else { format!("{} to {}", length(low), length(high)) }
}

impl Prospect {
    /// What it rests on.
    fn known(&self) -> String {
        let (middle, high) = self.typical;
        let review = format!("; a review {:.1} x what is planned for it ({})", self.typical_review, self.reviews);
        let review = if self.reviews > 0 { review.as_str() } else { "" };
        let from = known(&self.basis, self.finished);
        format!("{from}; a task takes {middle:.1} x its estimate, in four of five cases up to {high:.1} x{review}")
    }
}

fn known(basis: &Basis, finished: usize) -> String {
    match basis.n {
        0 if finished > 0 => "no finished task has taken a minute yet: what teams are like in general".to_owned(),
        0 => "no task is finished yet: what teams are like in general".to_owned(),
        n => {
            let open =
                if basis.unfinished > 0 { format!(", {} of them open", basis.unfinished) } else { String::new() };
            format!("{} of {}{open}", count(n, "task"), count(basis.sprints, "sprint"))
        }
    }
}

/// An instant in a line of many.
fn soon(at: Option<Timestamp>, day: Day) -> String {
    at.map_or_else(|| "far off".into(), day)
}

/// `82 %`, never a certainty that nobody has.
pub fn percent(chance: f64) -> String {
    match chance * 100.0 {
        percent if percent > 99.0 && percent < 100.0 => ">99 %".into(),
        percent if percent > 0.0 && percent < 1.0 => "<1 %".into(),
        percent => format!("{percent:.0} %"),
    }
}
