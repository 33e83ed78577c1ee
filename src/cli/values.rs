//! Values as people type them: durations, dates, labels.

use crate::domain::zone::{NoZone, Zone};
use crate::plan::estimate::spend::tokens;
use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Utc};

use super::Failure;
use crate::domain::when;
use crate::domain::{Priority, Timestamp};
use crate::plan::estimate::Said;

/// Minutes from `90`, `90m`, `2h`, `1.5h`, `1d` (8 hours) or `1w` (5 days).
pub fn minutes(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let (number, unit) = match text.char_indices().last() {
        Some((at, 'm' | 'h' | 'd' | 'w')) => text.split_at(at),
        _ => (text, "m"),
    };
    let factor = match unit {
        "h" => 60.0,
        "d" => 480.0,
        "w" => 2400.0,
        _ => 1.0,
    };
    let number: f64 = number.trim().parse().map_err(|_| format!("`{text}` is no duration: write 90m, 2h or 1d"))?;
    let minutes = number * factor;
    if !(0.0..=1e7).contains(&minutes) {
        return Err(format!("`{text}` is out of range"));
    }
    Ok(minutes.round() as u32)
}

/// A size from what [`minutes`] reads, or `3-8h` (10 to 90 %), `5p`, `?`.
pub fn size(text: &str) -> Result<Said, String> {
    minutes(text).map(|minutes| Said::Minutes(f64::from(minutes))).or_else(|_| text.parse())
}

/// Seconds from `30`, `30s`, `5m`, `2h`.
pub fn seconds(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let (number, factor) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1.0),
        Some((at, 'm')) => (&text[..at], 60.0),
        Some((at, 'h')) => (&text[..at], 3600.0),
        _ => (text, 1.0),
    };
    let number: f64 = number.trim().parse().map_err(|_| format!("`{text}` is no duration: write 30s, 5m or 2h"))?;
    let seconds = number * factor;
    if !(0.0..=1e9).contains(&seconds) {
        return Err(format!("`{text}` is out of range"));
    }
    Ok(seconds.round() as u32)
}

/// A time from RFC 3339, `2026-12-24`, `2026-12-24 17:00`, `friday`, `27 Nov`, `today`, `tomorrow` or `+3d`, `+4h`, in UTC.
/// A date alone means the end of that day when `end_of_day`, else its start.
pub fn time(text: &str, now: Timestamp, end_of_day: bool) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    if let Some(span) = text.strip_prefix('+') {
        return relative(span, now).ok_or_else(|| format!("`{text}` is no time: write +3d or +4h"));
    }
    if let Ok(at) = NaiveDateTime::parse_from_str(&text.replace('T', " "), "%Y-%m-%d %H:%M") {
        return Ok(at.and_utc());
    }
    let day = when::day(text, now.date_naive());
    let day = day.ok_or_else(|| format!("`{text}` is no time: write {}, +3d or an RFC 3339 time", when::EXAMPLES))?;
    let day = if end_of_day { day.succ_opt().unwrap_or(day) } else { day };
    Ok(day.and_time(NaiveTime::MIN).and_utc())
}

fn relative(span: &str, now: Timestamp) -> Option<Timestamp> {
    let (at, unit) = span.char_indices().last()?;
    let number: i64 = span.get(..at)?.parse().ok().filter(|number| (0..100_000).contains(number))?;
    Some(match unit {
        'm' => now + Duration::minutes(number),
        'h' => now + Duration::hours(number),
        'd' => now + Duration::days(number),
        'w' => now + Duration::weeks(number),
        _ => return None,
    })
}

/// An amount of money or work: a number that is not negative.
pub fn amount(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.trim().parse().ok();
    number
        .filter(|number| number.is_finite() && *number >= 0.0)
        .ok_or_else(|| format!("`{text}` is no amount: write a number, as 12.5"))
}

/// A priority, also as cards show it and as other tools name it: `high`, `P1`, `urgent`.
pub fn priority(text: &str) -> Result<Priority, String> {
    let unknown = || format!("`{text}` is none of: critical, high, normal, low (or P0 to P3)");
    crate::exchange::text::priority(text).ok_or_else(unknown)
}

/// A milestone's name, as it is shown: without spaces around it.
pub fn milestone(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() { Err("a milestone has a name".into()) } else { Ok(name.to_owned()) }
}

/// A time zone of the IANA list.
pub fn zone(text: &str) -> Result<Zone, String> {
    text.parse().map_err(|error: NoZone| error.to_string())
}

/// The number of a question from `ASK-3`, `APR-3` or `3`.
pub fn ask(text: &str) -> Result<i64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let digits = ["ASK-", "APR-", "#"].iter().find_map(|prefix| upper.strip_prefix(prefix)).unwrap_or(&upper);
    let number = digits.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("`{text}` is no question: write ASK-3 or 3; `vayu inbox` lists them"))
}

/// `none` takes a value away: nothing was said, said to be nothing, or said to be this.
#[allow(clippy::option_option, reason = "the three cases mean three things")]
pub fn optional<T>(
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<Option<Option<T>>, Failure> {
    match text {
        None => Ok(None),
        Some("none") => Ok(Some(None)),
        Some(text) => parse(text).map(|value| Some(Some(value))).map_err(Failure::Usage),
    }
}

/// An instant for people, with a day of two figures, so that lines stand under each other; UTC.
pub fn moment(at: Timestamp) -> String {
    at.format("%a %d %b %H:%M").to_string()
}

/// How long ago, in at most four characters: `14m`, `3h`, `2d`.
pub fn ago(since: Timestamp, now: Timestamp) -> String {
    let seconds = (now - since).num_seconds().max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// What work cost, in the board's currency and in tokens; none where nobody said so.
pub fn spent(cost: Option<f64>, count: Option<u64>) -> Option<String> {
    let cost = cost.map(|cost| format!("{cost:.2}"));
    let count = count.map(|count| format!("{} tokens", tokens(count as f64)));
    let parts: Vec<String> = cost.into_iter().chain(count).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_units() {
        assert_eq!(minutes("90"), Ok(90));
        assert_eq!(minutes("1.5h"), Ok(90));
        assert_eq!(minutes("1d"), Ok(480));
        assert!(minutes("soon").is_err());
        assert_eq!(seconds("2m"), Ok(120));
    }

    #[test]
    fn a_deadline_day_lasts_until_its_end() {
        let now = DateTime::from_timestamp(1_750_000_000, 0).expect("valid");
        assert_eq!(time("2026-12-24", now, true).map(|at| at.to_rfc3339()), Ok("2026-12-25T00:00:00+00:00".into()));
        assert_eq!(time("+2h", now, false), Ok(now + Duration::hours(2)));
        assert!(time("someday", now, false).is_err());
    }
}
