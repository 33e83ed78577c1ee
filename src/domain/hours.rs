//! Working hours by the clock on the wall, as spans of time.
//!
//! It owns the way from weekly windows in a time zone to instants, and what of a stretch of time was work. It must never
//! decide who works how much.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime, Weekday};

use super::agent::merged;
use super::{Agent, AgentKind, Days, Timestamp, Window, Zone};

/// Minutes that clocks skip at most: a whole day where a country crossed the date line.
const LONGEST_GAP: i64 = 24 * 60;
/// Days that are looked at; longer stretches are cut.
const MOST_DAYS: i64 = 400;
/// The usual hours of a day, in minutes after midnight.
const USUAL: (u16, u16) = (9 * 60, 17 * 60);
/// Seconds that somebody works at a stretch outside their hours at most: a working day.
pub const LONG_DAY: i64 = 8 * 3600;

/// The weekly windows of an agent; who has declared none works usual ones, a program on all days.
pub fn windows(agent: &Agent) -> Vec<Window> {
    if agent.availability.is_empty() { usual(agent.kind) } else { agent.availability.clone() }
}

/// Usual hours: a person's from Monday to Friday, a program's on all days.
pub fn usual(kind: AgentKind) -> Vec<Window> {
    let days = if kind == AgentKind::Human { 5 } else { 7 };
    let each = |day: Weekday| Window { day, from_minute: USUAL.0, to_minute: USUAL.1 };
    std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(days).map(each).collect()
}

/// Working spans of an agent between two instants, in order and without overlaps.
pub fn between(
    agent: &Agent,
    windows: &[Window],
    off: &[Days],
    from: Timestamp,
    to: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    // A day of slack: the agent's days are not the board's.
    let days = ((to - from).num_days() + 2).clamp(0, MOST_DAYS);
    let spans = spans(&agent.time_zone, windows, off, from, days).take_while(|(start, _)| *start < to);
    spans.map(|(start, end)| (start, end.min(to))).collect()
}

/// Seconds that were work between two instants in which somebody was at something. A program works whenever it runs; a
/// person in their hours, and where they began outside of them also until those begin, for a working day at most.
pub fn worked(agent: &Agent, holidays: &[Days], from: Timestamp, to: Timestamp) -> i64 {
    let seconds = |from: Timestamp, to: Timestamp| (to - from).num_seconds().max(0);
    if agent.kind != AgentKind::Human {
        return seconds(from, to);
    }
    let spans = between(agent, &windows(agent), &agent.days_off(holidays), from, to);
    let opening = spans.first().map_or(to, |(start, _)| *start);
    spans.iter().map(|(start, end)| seconds(*start, *end)).sum::<i64>() + seconds(from, opening).min(LONG_DAY)
}

/// Saturday or Sunday.
pub fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The spans of weekly windows in a time zone from an instant on, over so many days, in order and without overlaps;
/// nothing on days off.
pub fn spans(
    zone: &Zone,
    windows: &[Window],
    off: &[Days],
    from: Timestamp,
    days: i64,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + use<> {
    let (windows, zone, off) = (merged(windows), zone.clone(), off.to_vec());
    let first = from.with_timezone(&zone).date_naive();
    let dates = (0..days).filter_map(move |offset| first.checked_add_signed(Duration::days(offset)));
    dates.filter(move |date| !off.iter().any(|days| days.contains(*date))).flat_map(move |date| {
        let today = windows.iter().filter(|window| window.day == date.weekday());
        let span = |w: &Window| Some((instant(&zone, date, w.from_minute)?, instant(&zone, date, w.to_minute)?));
        let ahead = today.filter_map(span).map(|(start, end)| (start.max(from), end));
        ahead.filter(|(start, end)| start < end).collect::<Vec<_>>()
    })
}

/// The instant of a local time; of one that the clocks skip, the end of the gap.
pub fn instant(zone: &Zone, date: NaiveDate, minute: u16) -> Option<Timestamp> {
    let local = date.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute));
    (0..=LONGEST_GAP)
        .find_map(|later| (local + Duration::minutes(later)).and_local_timezone(zone.clone()).earliest())
        .map(|time| time.to_utc())
}
