//! Working hours by the clock on the wall, as spans of time.
//!
//! It owns the way from weekly windows in a time zone to instants. It must never decide who works how much.

use chrono::{Datelike, Duration, NaiveDate, NaiveTime};

use crate::domain::agent::merged;
use crate::domain::{Days, Timestamp, Window, Zone};

/// Minutes that clocks skip at most: a whole day where a country crossed the date line.
const LONGEST_GAP: i64 = 24 * 60;

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
