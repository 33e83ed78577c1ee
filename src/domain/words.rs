//! Counts, lengths of time and lists in plain words, said alike in every room.

/// `1 task`, `3 tasks`.
pub fn count(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or_default();
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `1 point`, `2.5 points`.
pub fn points(points: f64) -> String {
    // Exactly one and nothing near it.
    let one = (points - 1.0).abs() < f64::EPSILON;
    format!("{points} point{}", if one { "" } else { "s" })
}

/// Time that goes by, with days of 24 hours: `45m`, `3h 20m`, `2d 4h`.
pub fn span(minutes: impl Into<u64>) -> String {
    let minutes = minutes.into();
    match (minutes / 1440, minutes / 60 % 24) {
        (0, _) => work(minutes),
        (days, 0) => format!("{days}d"),
        (days, hours) => format!("{days}d {hours}h"),
    }
}

/// Time that somebody works or waits for, in hours and no days: `45m`, `3h 20m`, `31h`.
pub fn work(minutes: impl Into<u64>) -> String {
    let minutes = minutes.into();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

/// An amount of work, to a tenth of an hour: `13.5 h`.
pub fn hours(minutes: impl Into<f64>) -> String {
    // Nothing is 0, never -0.
    format!("{} h", (minutes.into() / 6.0).round() / 10.0 + 0.0)
}

/// At most `most` characters; what does not fit ends in an ellipsis. For what is kept or sent on: what a terminal shows
/// is cut by its columns.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The first of many: `#1, #2 and 3 more`.
pub fn listed<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_something_is_not_many() {
        assert_eq!([count(1, "task"), count(0, "task"), count(3_usize, "task")], ["1 task", "0 tasks", "3 tasks"]);
        assert_eq!([points(1.0), points(2.5), points(0.0)], ["1 point", "2.5 points", "0 points"]);
    }

    #[test]
    fn days_are_of_the_calendar_and_never_of_work() {
        assert_eq!([span(45_u32), span(200_u32), span(1440_u32), span(3130_u32)], ["45m", "3h 20m", "1d", "2d 4h"]);
        assert_eq!([work(45_u32), work(60_u32), work(3130_u32)], ["45m", "1h", "52h 10m"]);
        assert_eq!([hours(810.0), hours(-0.1), hours(480.0)], ["13.5 h", "0 h", "8 h"]);
    }

    #[test]
    fn what_is_cut_says_so_and_what_fits_is_left_alone() {
        assert_eq!([cut("weekly", 6), cut("weekly digest", 8), cut("漢字漢", 2)], ["weekly", "weekly…", "漢…"]);
        assert_eq!([listed(&["a", "b"], 2), listed(&["a", "b", "c"], 1)], ["a, b", "a and 2 more"]);
    }
}
