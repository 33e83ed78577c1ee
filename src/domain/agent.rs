//! Agents, people and programs alike: what they can do, when, and how much at once.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{Datelike, Timelike, Weekday};
use serde::{Deserialize, Serialize};

use super::days::Days;
use super::id::AgentId;
use super::vocabulary::words;
use super::{Timestamp, Zone, task::Requirements};

words! {
    /// Person or program.
    pub enum AgentKind {
        /// A person.
        Human = "human",
        /// A program.
        Ai = "ai",
    }
}

words! {
    /// What an agent may do by its role, besides doing and telling of its own work.
    pub enum Permission {
        /// Take tasks and do them.
        Work = "work",
        /// Write down new tasks.
        Create = "create",
        /// Change tasks of others.
        Edit = "edit",
        /// Judge the work of others.
        Review = "review",
        /// Give tasks to others.
        Assign = "assign",
        /// Plan sprints.
        Plan = "plan",
    }
}

words! {
    /// What an agent is up to; derived from its heartbeat, its tasks and the draining flag.
    pub enum AgentStatus {
        /// There, with room for work.
        Online = "online",
        /// There, at its limit.
        Busy = "busy",
        /// Not heard of.
        Offline = "offline",
        /// Finishes what it has and takes nothing new.
        Draining = "draining",
    }
}

/// A weekly span of availability in the agent's own time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Day of the week.
    pub day: Weekday,
    /// First minute of the day, 0 to 1439.
    pub from_minute: u16,
    /// First minute after the span, 1 to 1440.
    pub to_minute: u16,
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let day = self.day.to_string().to_lowercase();
        write!(f, "{day} {}-{}", clock(self.from_minute), clock(self.to_minute))
    }
}

/// How somebody shares out their working hours, in percent; what is not said is as usual.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Division {
    /// For looking at the work of others; 0 to 100.
    pub reviews: Option<u8>,
    /// For answering questions; 0 to 100, with the reviews no more than 100.
    pub answers: Option<u8>,
    /// How much of the rest goes into tasks; 1 to 100.
    pub focus: Option<u8>,
}

/// Somebody who does tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// Permanent id.
    pub agent_id: AgentId,
    /// Raised by every change.
    #[serde(default)]
    pub rev: u64,
    /// Unique name.
    pub name: String,
    /// Person or program.
    pub kind: AgentKind,
    /// Role, the name of a role file.
    #[serde(default)]
    pub role: Option<String>,
    /// What it may do, from its role's file; none: nothing was said, and it may do everything that programs may.
    #[serde(default)]
    pub permissions: Option<Vec<Permission>>,
    /// Skill and level, 1 to 5.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Tasks at once; at least 1.
    pub wip_limit: u32,
    /// When it works; empty: always.
    #[serde(default)]
    pub availability: Vec<Window>,
    /// IANA time zone of the windows.
    #[serde(default)]
    pub time_zone: Zone,
    /// Days off, by the calendar of that zone.
    #[serde(default)]
    pub away: Vec<Days>,
    /// What the working hours go into.
    #[serde(default)]
    pub division: Division,
    /// Takes nothing new.
    #[serde(default)]
    pub draining: bool,
    /// Cost per hour in the board's currency.
    #[serde(default)]
    pub cost_per_hour: Option<f64>,
    /// Model and version that the program works with, as in `large-4.1`; none: not known, or a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// When it joined.
    pub created_at: Timestamp,
}

impl Agent {
    /// The first reason why this agent cannot do work with these requirements, or `None` if it can.
    pub fn misfit(&self, needs: &Requirements) -> Option<String> {
        if self.permissions.as_ref().is_some_and(|allowed| !allowed.contains(&Permission::Work)) {
            return Some("its role does not do tasks".into());
        }
        if !needs.roles.is_empty() && !self.role.as_ref().is_some_and(|role| needs.roles.contains(role)) {
            return Some(format!("role {} wanted", needs.roles.join(" or ")));
        }
        needs.capabilities.iter().find_map(|(skill, wanted)| match self.skills.get(skill) {
            None => Some(format!("has no {skill}")),
            Some(have) if have < wanted => Some(format!("{skill} {have}, {wanted} wanted")),
            Some(_) => None,
        })
    }

    /// Days on which it does not work; the holidays of a board are for people.
    pub fn days_off(&self, holidays: &[Days]) -> Vec<Days> {
        let holidays = if self.kind == AgentKind::Human { holidays } else { &[] };
        self.away.iter().chain(holidays).copied().collect()
    }

    /// Hours and days off as people read them; none where nothing was said.
    pub fn timetable(&self) -> Option<String> {
        let hours =
            (!self.availability.is_empty()).then(|| format!("{} {}", weekly(&self.availability), self.time_zone));
        let off: Vec<String> = self.away.iter().map(ToString::to_string).collect();
        let off = (!off.is_empty()).then(|| format!("off {}", off.join(", ")));
        let said: Vec<String> = [hours, off].into_iter().flatten().collect();
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// True if `at` falls into a window, or no window is set, and not on a day off.
    pub fn works_at(&self, at: Timestamp, holidays: &[Days]) -> bool {
        let local = at.with_timezone(&self.time_zone);
        if self.days_off(holidays).iter().any(|days| days.contains(local.date_naive())) {
            return false;
        }
        if self.availability.is_empty() {
            return true;
        }
        let minute = (local.hour() * 60 + local.minute()) as u16;
        self.availability.iter().any(|w| w.day == local.weekday() && (w.from_minute..w.to_minute).contains(&minute))
    }

    /// Working minutes in an average week; 7 x 24 hours when no window is set.
    pub fn weekly_minutes(&self) -> u32 {
        if self.availability.is_empty() {
            return 7 * 24 * 60;
        }
        merged(&self.availability).iter().map(|w| u32::from(w.to_minute.saturating_sub(w.from_minute))).sum()
    }
}

/// The same working time by day and hour, without overlaps, so that no minute counts twice.
pub fn merged(windows: &[Window]) -> Vec<Window> {
    let mut windows = windows.to_vec();
    windows.sort_by_key(|window| (window.day.num_days_from_monday(), window.from_minute));
    let mut merged: Vec<Window> = Vec::new();
    for window in windows {
        match merged.last_mut().filter(|last| last.day == window.day && last.to_minute >= window.from_minute) {
            Some(last) => last.to_minute = last.to_minute.max(window.to_minute),
            None => merged.push(window),
        }
    }
    merged
}

/// Weekly hours as they are written, days in a row together: `mon-fri 09:00-17:00, sat 10:00-12:00`.
pub fn weekly(windows: &[Window]) -> String {
    let mut spans: Vec<(Weekday, Weekday, u16, u16)> = Vec::new();
    for Window { day, from_minute, to_minute } in merged(windows) {
        let goes_on = |span: &&mut (Weekday, Weekday, u16, u16)| {
            (span.1.succ(), span.2, span.3) == (day, from_minute, to_minute) && day != Weekday::Mon
        };
        match spans.iter_mut().find(goes_on) {
            Some(span) => span.1 = day,
            None => spans.push((day, day, from_minute, to_minute)),
        }
    }
    let said = spans.into_iter().map(|(first, last, from_minute, to_minute)| {
        let text = Window { day: last, from_minute, to_minute }.to_string();
        if first == last { text } else { format!("{}-{text}", first.to_string().to_lowercase()) }
    });
    said.collect::<Vec<_>>().join(", ")
}

/// Parses `rust:4,sql:2`; a skill without a level has level 3.
pub fn parse_skills(text: &str) -> Result<BTreeMap<String, u8>, String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(parse_skill).collect()
}

fn parse_skill(part: &str) -> Result<(String, u8), String> {
    let (name, level) = match part.split_once(':') {
        None => (part, 3),
        Some((name, level)) => (
            name.trim(),
            level
                .trim()
                .parse()
                .ok()
                .filter(|level| (1..=5).contains(level))
                .ok_or_else(|| format!("`{part}`: a skill level is 1 to 5"))?,
        ),
    };
    if name.is_empty() {
        return Err(format!("`{part}`: a skill has a name, as in rust:4"));
    }
    Ok((name.to_owned(), level))
}

/// Parses one line of weekly hours, `mon-fri 09:00-17:00` or `sat,sun 22:00-06:00`, into windows; what goes on over
/// midnight becomes two.
pub fn parse_windows(text: &str) -> Result<Vec<Window>, String> {
    let bad = || format!("`{text}` is no availability: write `mon-fri 09:00-17:00`");
    let (days, hours) = text.trim().split_once(' ').ok_or_else(bad)?;
    let (from, to) = hours.split_once('-').ok_or_else(bad)?;
    let (from, to) = (parse_minute(from).ok_or_else(bad)?, parse_minute(to).ok_or_else(bad)?);
    if from == 24 * 60 {
        return Err(bad());
    }
    if from == to && from > 0 {
        return Err(format!("`{text}` ends when it begins: write 00:00-24:00 for the whole day"));
    }
    let window = |day, from_minute, to_minute| Window { day, from_minute, to_minute };
    let mut windows = Vec::new();
    for day in parse_days_of_week(days).ok_or_else(bad)? {
        windows.push(window(day, from, if from < to { to } else { 24 * 60 }));
        if to > 0 && to <= from {
            windows.push(window(day.succ(), 0, to));
        }
    }
    Ok(windows)
}

/// `mon-fri`, `sat,sun`.
fn parse_days_of_week(text: &str) -> Option<Vec<Weekday>> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (mut day, last): (Weekday, Weekday) = (first.parse().ok()?, last.parse().ok()?);
        days.push(day);
        while day != last {
            day = day.succ();
            days.push(day);
        }
    }
    Some(days)
}

fn parse_minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (minute < 60 && hour * 60 + minute <= 1440).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_are_named_with_a_level() {
        let skills = parse_skills("rust:4, sql").expect("valid");
        assert_eq!(skills.get("rust"), Some(&4));
        assert_eq!(skills.get("sql"), Some(&3));
        assert!(parse_skills("rust:6").is_err());
        assert!(parse_skills(":2").is_err());
    }

    #[test]
    fn a_span_over_the_weekend_wraps() {
        let windows = parse_windows("sat-mon 10:00-24:00").expect("valid");
        assert_eq!(windows.iter().map(|w| w.day).collect::<Vec<_>>(), [Weekday::Sat, Weekday::Sun, Weekday::Mon]);
        let night = parse_windows("sun,wed 22:00-06:00").expect("valid");
        let shown: Vec<String> = night.iter().map(Window::to_string).collect();
        assert_eq!(shown, ["sun 22:00-24:00", "mon 00:00-06:00", "wed 22:00-24:00", "thu 00:00-06:00"]);
        assert!(parse_windows("someday 9-17").is_err());
    }

    #[test]
    fn a_week_is_said_in_as_few_words_as_it_can_be() {
        let said = |lines: &[&str]| {
            weekly(&lines.iter().flat_map(|line| parse_windows(line).expect("valid")).collect::<Vec<_>>())
        };
        assert_eq!(said(&["mon-fri 09:00-17:00"]), "mon-fri 09:00-17:00");
        assert_eq!(said(&["tue,mon 09:00-12:00", "mon 13:00-15:00"]), "mon-tue 09:00-12:00, mon 13:00-15:00");
        assert_eq!(said(&["sun-mon 10:00-11:00"]), "mon 10:00-11:00, sun 10:00-11:00");
    }

    #[test]
    fn hours_that_end_when_they_begin_are_refused_but_for_the_whole_day() {
        let wrong = parse_windows("mon 09:00-09:00").expect_err("no hours");
        assert!(wrong.contains("ends when it begins"), "{wrong}");
        for day in ["mon 00:00-00:00", "mon 00:00-24:00"] {
            assert_eq!(parse_windows(day).expect("a day")[0].to_string(), "mon 00:00-24:00");
        }
    }
}
