//! Numbers and times in the few letters that a card has room for.

use chrono::TimeDelta;

pub use crate::domain::words::{count, listed, span, work};
use crate::domain::{Sprint, Status, Timestamp};

/// `14m`, `1h12`, `3d`; `<1m` under a minute.
pub fn age(since: Timestamp, now: Timestamp) -> String {
    let minutes = (now - since).num_minutes();
    match minutes {
        ..1 => "<1m".into(),
        1..60 => format!("{minutes}m"),
        60..1440 => format!("{}h{:02}", minutes / 60, minutes % 60),
        _ => format!("{}d", minutes / 1440),
    }
}

/// How long a task has been in a state, or how long ago it came into one that lasts: `for 5m`, `5m ago`.
pub fn standing(status: Status, since: Timestamp, now: Timestamp) -> String {
    let age = age(since, now);
    let lasts = status.is_closed() || matches!(status, Status::Created | Status::Failed);
    if lasts { format!("{age} ago") } else { format!("for {age}") }
}

/// `in 14m`, or `late by 3d`.
pub fn until(at: Timestamp, now: Timestamp) -> String {
    if at >= now { format!("in {}", age(now, at)) } else { format!("late by {}", age(at, now)) }
}

/// `5p`, `0.5p`.
pub fn points(points: f64) -> String {
    // The sum of nothing is minus nothing.
    let points = points + 0.0;
    if points.fract() == 0.0 { format!("{points:.0}p") } else { format!("{points:.1}p") }
}

/// `1st`, `2nd`, `13th`.
pub fn place(place: u64) -> String {
    let end = match (place % 10, place % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{place}{end}")
}

/// Day of the sprint and its length in days, both from 1.
pub fn sprint_day(sprint: &Sprint, now: Timestamp) -> (i64, i64) {
    let days = |length: TimeDelta| (length.num_minutes() + 1439) / 1440;
    let length = days(sprint.ends_at - sprint.starts_at).max(1);
    ((days(now - sprint.starts_at)).clamp(1, length), length)
}

/// A bar of so many cells in its two parts: how much is done, and what is left.
pub fn bar(percent: u8, cells: usize) -> (String, String) {
    let full = (usize::from(percent) * cells + 50) / 100;
    (super::glyph::FULL.repeat(full.min(cells)), super::glyph::EMPTY.repeat(cells.saturating_sub(full)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::days(10);
        let ago = |minutes| age(now - TimeDelta::minutes(minutes), now);
        assert_eq!([ago(0), ago(14), ago(72), ago(3000), ago(-5)], ["<1m", "14m", "1h12", "2d", "<1m"]);
        assert_eq!(until(now - TimeDelta::hours(2), now), "late by 2h00");
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!([points(5.0), points(0.5)], ["5p", "0.5p"]);
        assert_eq!(bar(60, 5), ("▰▰▰".into(), "▱▱".into()));
        assert_eq!(bar(255, 5).0, "▰▰▰▰▰");
    }
}
