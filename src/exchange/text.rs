//! Small words that several formats share: dates, durations, urgencies, sorts of work.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SubsecRound, Utc};

use crate::domain::task::Criterion;
use crate::domain::{Priority, TaskKind, Timestamp};

/// A working day in minutes, for estimates in days.
const DAY: f64 = 8.0 * 60.0;

/// A title on one line: line breaks and tabs become spaces, the ends are trimmed.
pub fn one_line(text: &str) -> String {
    let text = text.trim();
    if text.contains(['\n', '\r', '\t']) { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text.into() }
}

/// The text without blank ends, or nothing.
pub fn some(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

const WITH_ZONE: &[&str] = &["%Y-%m-%d %H:%M:%S%.f%:z", "%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"];
const WITHOUT: &[&str] = &[
    "%Y%m%dT%H%M%SZ",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
    "%d/%b/%y %I:%M %p",
    "%d/%b/%Y %I:%M %p",
];
const DAYS: &[&str] = &["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%b/%y", "%d %b %Y", "%b %d, %Y"];

/// An instant as tools write it: RFC 3339, ISO without a zone (taken as UTC), `20240131T235959Z`, a bare day, and the
/// form of Jira exports. `None` for anything else.
pub fn instant(text: &str) -> Option<Timestamp> {
    read_instant(text.trim()).filter(|at| (1..=9999).contains(&at.year()))
}

fn read_instant(text: &str) -> Option<Timestamp> {
    let fine = |at: DateTime<Utc>| at.trunc_subsecs(6);
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(fine(at.with_timezone(&Utc)));
    }
    if let Some(at) = WITH_ZONE.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
        return Some(fine(at.with_timezone(&Utc)));
    }
    if let Some(at) = WITHOUT.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()) {
        return Some(fine(at.and_utc()));
    }
    let day = DAYS.iter().find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
    Some(day.and_time(NaiveTime::MIN).and_utc())
}

/// Minutes of `2h`, `90m`, `1h30m`, `1.5h`, `2d` (of 8 hours), `1w` (of 5 days), `PT1H30M`, or plain minutes.
pub fn minutes(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase().replace([' ', ','], "");
    if let Ok(plain) = text.parse::<f64>() {
        return whole_minutes(plain);
    }
    let (days, hours) = match text.strip_prefix('p') {
        Some(iso) => iso.split_once('t').map_or((iso, ""), |(days, hours)| (days, hours)),
        None => (text.as_str(), ""),
    };
    let total = spans(days)? + spans(hours)?;
    if total > 0.0 { whole_minutes(total) } else { None }
}

fn whole_minutes(minutes: f64) -> Option<u32> {
    (0.0..=10_000_000.0).contains(&minutes).then_some(minutes.round() as u32)
}

/// Sum of number and unit pairs.
fn spans(mut text: &str) -> Option<f64> {
    let mut total = 0.0;
    while !text.is_empty() {
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = text[..digits].parse().ok()?;
        let rest = &text[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "s" | "sec" | "secs" => 1.0 / 60.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 1.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 60.0,
            "d" | "day" | "days" => DAY,
            "w" | "wk" | "week" | "weeks" => 5.0 * DAY,
            _ => return None,
        };
        total += amount * unit;
        text = &rest[letters..];
    }
    Some(total)
}

/// Urgency in the words of many tools: `P0` to `P4`, `0` to `4`, `H M L`, `urgent`, `blocker`, `highest`, …
pub fn priority(word: &str) -> Option<Priority> {
    let word = word.trim().to_ascii_lowercase();
    let word = ["priority:", "priority/", "priority-", "prio:", "prio/", "priority "]
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix))
        .unwrap_or(&word)
        .trim();
    Some(match word {
        "0" | "p0" | "critical" | "crit" | "blocker" | "urgent" | "highest" | "showstopper" => Priority::Critical,
        "1" | "p1" | "high" | "h" | "major" | "important" => Priority::High,
        "2" | "p2" | "normal" | "medium" | "med" | "m" | "moderate" | "default" => Priority::Normal,
        "3" | "p3" | "4" | "p4" | "low" | "l" | "minor" | "lowest" | "trivial" | "backlog" => Priority::Low,
        _ => return None,
    })
}

/// Sort of work by the type names of issue trackers.
pub fn task_kind(word: &str) -> Option<TaskKind> {
    Some(match word.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
        "task" | "feature" | "bug" | "story" | "user_story" | "epic" | "enhancement" | "improvement"
        | "user_request" | "sub_task" | "subtask" => TaskKind::UserRequest,
        "chore" | "maintenance" | "refactor" | "refactoring" | "tech_debt" | "technical_debt" | "dependencies" => {
            TaskKind::Maintenance
        }
        "research" | "spike" | "investigation" | "question" | "experiment" => TaskKind::Research,
        "scheduled" | "recurring" => TaskKind::Scheduled,
        "learning" => TaskKind::Learning,
        _ => return None,
    })
}

/// True for type names of things that hold others together.
pub fn is_group(word: &str) -> bool {
    matches!(
        word.trim().to_ascii_lowercase().as_str(),
        "epic" | "initiative" | "theme" | "milestone" | "package" | "deliverable" | "goal"
    )
}

/// Criteria from text: one per line, list marks and check boxes read.
pub fn criteria(text: &str) -> Vec<Criterion> {
    text.lines().filter_map(criterion).collect()
}

fn criterion(line: &str) -> Option<Criterion> {
    let line = line.trim();
    let line = line.strip_prefix(['-', '*', '+', '•']).unwrap_or(line).trim_start();
    let boxes = [("[ ]", false), ("[x]", true), ("[X]", true)];
    let (text, met) =
        boxes.iter().find_map(|(mark, met)| Some((line.strip_prefix(mark)?, *met))).unwrap_or((line, false));
    let text = text.trim();
    (!text.is_empty()).then(|| Criterion { text: text.to_owned(), met })
}

/// Tags from a list in one cell: by comma or semicolon, else by white space.
pub fn list(text: &str) -> Vec<String> {
    let parts: Vec<&str> = if text.contains([',', ';', '\n']) {
        text.split([',', ';', '\n']).collect()
    } else {
        text.split_whitespace().collect()
    };
    let mut found: Vec<String> = Vec::new();
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        if !found.iter().any(|known| known == part) {
            found.push(part.to_owned());
        }
    }
    found
}

/// What a deadline means: a day lasts until its end, which is the next midnight.
pub fn until_its_end(at: Timestamp) -> Timestamp {
    let day = chrono::Days::new(u64::from(at.time() == chrono::NaiveTime::MIN));
    at.checked_add_days(day).unwrap_or(at)
}

/// The deadline as other tools tell it: what ends at midnight is told as the day before.
pub fn as_a_day(at: Timestamp) -> Timestamp {
    let day = chrono::Days::new(u64::from(at.time() == chrono::NaiveTime::MIN));
    at.checked_sub_days(day).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_many_tools_mean_the_same_day() {
        let day = instant("2024-01-31").expect("a day");
        for text in ["2024-01-31T00:00:00Z", "20240131T000000Z", "2024-01-31 00:00", "31/Jan/24 12:00 AM", "31.01.2024"]
        {
            assert_eq!(instant(text), Some(day), "{text}");
        }
        assert_eq!(
            instant("2024-01-31T02:00:00.123456789+02:00").map(|at| at.timestamp_subsec_nanos()),
            Some(123_456_000)
        );
        assert_eq!(instant("soon"), None);
    }

    #[test]
    fn durations_are_minutes() {
        for (text, wanted) in
            [("90", 90), ("1h30m", 90), ("1.5h", 90), ("2d", 960), ("1w", 2400), ("PT2H", 120), ("1 day", 480)]
        {
            assert_eq!(minutes(text), Some(wanted), "{text}");
        }
        for text in ["", "h", "-5", "soon", "1e99", "é", "1é"] {
            assert_eq!(minutes(text), None, "{text}");
        }
    }

    #[test]
    fn criteria_lose_their_list_marks() {
        let found = criteria("- [x] builds\n\n* is fast\n2. is loved");
        assert_eq!(
            found.iter().map(|c| (c.text.as_str(), c.met)).collect::<Vec<_>>(),
            [("builds", true), ("is fast", false), ("2. is loved", false)]
        );
    }
}
