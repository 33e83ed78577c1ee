//! Lengths and points of time as people write them.

use chrono::Datelike;
use serde::{Deserialize, Deserializer, de::Error};

/// A length in minutes: a number of minutes, or text such as `90m`, `4h`, `1h30m`, `2d` (days of 24 hours).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Span(pub u32);

/// A point in time: a date and time such as `2026-03-02T09:00`, or a [`Span`] from the start of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instant {
    /// Minutes from the start.
    After(Span),
    /// Local date and time.
    At(chrono::NaiveDateTime),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u32),
    Text(String),
}

/// Reads a length, such as `90m`, `1h30m` or `1h 30m`.
pub fn span(text: &str) -> Option<Span> {
    let mut minutes: u32 = 0;
    let mut digits = String::new();
    for c in text.trim().chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if c == ' ' && digits.is_empty() {
            continue;
        }
        let unit = match c {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return None,
        };
        minutes = minutes.checked_add(digits.parse::<u32>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    (digits.is_empty() && !text.trim().is_empty()).then_some(Span(minutes))
}

/// Reads a local date and time, with or without seconds, of a year from 1970 to 9999: what is far from it cannot be
/// counted on from.
pub fn moment(text: &str) -> Option<chrono::NaiveDateTime> {
    let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let read = |format: &&str| chrono::NaiveDateTime::parse_from_str(text.trim(), format).ok();
    formats.iter().find_map(read).filter(|at| (1970..=9999).contains(&at.year()))
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Written::deserialize(from)? {
            Written::Number(minutes) => Ok(Self(minutes)),
            Written::Text(text) => span(&text)
                .ok_or_else(|| D::Error::custom(format!("`{text}` is no length; try `4h`, `90m` or `1h30m`"))),
        }
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Written::deserialize(from)? {
            Written::Number(minutes) => Ok(Self::After(Span(minutes))),
            Written::Text(text) => {
                let read = moment(&text).map(Self::At).or_else(|| span(&text).map(Self::After));
                let help = "is no point in time; try `2026-03-02T09:00`, or `16h` from the start on";
                read.ok_or_else(|| D::Error::custom(format!("`{text}` {help}")))
            }
        }
    }
}
