//! Values as people type them: durations, dates, labels.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::domain::Timestamp;

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

/// A time from RFC 3339, `2026-12-24`, `2026-12-24 17:00`, `today`, `tomorrow` or `+3d`, `+4h`, in UTC.
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
    let day = match text {
        "today" => Some(now.date_naive()),
        "tomorrow" => now.date_naive().succ_opt(),
        _ => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(),
    };
    let day = day.ok_or_else(|| format!("`{text}` is no time: write 2026-12-24, tomorrow, +3d or an RFC 3339 time"))?;
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
