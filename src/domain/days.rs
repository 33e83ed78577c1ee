//! Days by the calendar on which somebody does not work, or nobody does.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Whole days, from the first to the last one; where they begin is for the one whose days they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Days {
    /// The first one.
    pub first: NaiveDate,
    /// The last one, never before the first.
    pub last: NaiveDate,
}

impl Days {
    /// True if this day is one of them.
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        if self.first == self.last { Ok(()) } else { write!(f, "..{}", self.last) }
    }
}

impl FromStr for Days {
    type Err = String;

    /// Reads `2026-12-24` or `2026-12-24..2027-01-01`.
    fn from_str(text: &str) -> Result<Self, String> {
        let day = |text: &str| text.trim().parse::<NaiveDate>().ok();
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let read = day(first).zip(day(last)).filter(|(first, last)| first <= last);
        let wrong = || format!("`{text}` is no day: write 2026-12-24 or 2026-12-24..2027-01-01");
        read.map(|(first, last)| Self { first, last }).ok_or_else(wrong)
    }
}

/// Reads days that are separated by commas; `none` and nothing are no days. They come in order.
///
/// # Errors
/// The first part that is none.
pub fn parse_days(text: &str) -> Result<Vec<Days>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty() && *part != "none");
    let mut days = parts.map(str::parse).collect::<Result<Vec<Days>, _>>()?;
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        let days = parse_days("2026-12-31, 2026-12-24..2026-12-26").unwrap();
        assert_eq!(days.iter().map(Days::to_string).collect::<Vec<_>>(), ["2026-12-24..2026-12-26", "2026-12-31"]);
        assert!(days[0].contains(days[0].last) && !days[0].contains(days[1].first));
        assert!(parse_days("none").unwrap().is_empty());
        for wrong in ["tomorrow", "2026-12-26..2026-12-24", "2026-02-30", "2026-12-24.."] {
            assert!(parse_days(wrong).is_err(), "{wrong}");
        }
    }
}
