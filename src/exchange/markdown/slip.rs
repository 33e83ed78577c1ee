//! Words in a title that look like a mark and are none: they stay there, and whoever wrote them is told.

use crate::domain::agent::parse_skills;
use crate::domain::when;
use crate::exchange::text;

/// What stands before a date.
const DATES: &[&str] = &["due", "start", "wait", "done", "created"];
/// What stands before other things.
const OTHERS: &[&str] = &["after", "skill", "skills"];
/// Priorities as they are written after an exclamation mark.
const PRIORITIES: &[&str] = &["critical", "urgent", "highest", "high", "important", "normal", "medium", "low"];
/// Units of time that a size is not written with.
const UNITS: &[&str] =
    &["hr", "hrs", "hour", "hours", "min", "mins", "minute", "minutes", "day", "days", "week", "weeks"];
/// Units of size, as they end a bracket.
const POINTS: &[&str] = &["p)", "pt)", "pts)", "sp)", "point)", "points)"];
/// Longest word that is compared with a name, so that long ones cost nothing.
const LONGEST: usize = 16;

/// What is wrong with a word that is no mark, if it looks like one; `next` is the word after it.
pub(super) fn of(token: &str, next: Option<&str>) -> Option<String> {
    let first = token.chars().next()?;
    let rest = &token[first.len_utf8()..];
    let meant = match first {
        '!' if is_near(rest, PRIORITIES) => "a priority is !critical, !high, !normal or !low".to_owned(),
        '~' if is_size(rest) => "a duration is ~90m, ~2h or ~1d".to_owned(),
        '(' if rest.parse::<f64>().is_ok() && next.is_some_and(|next| POINTS.contains(&next)) => {
            "story points are written without a space: (3p)".to_owned()
        }
        _ => named(token)?,
    };
    let shown = if first == '(' { format!("{token} {}", next.unwrap_or_default()) } else { token.to_owned() };
    Some(format!("`{shown}` looks like a mark and is none, so it stays in the title: {meant}"))
}

/// What is wrong with those of the ids after `after:` that are none, where others are.
pub(super) fn of_ids(value: &str, is_id: impl Fn(&str) -> bool) -> Option<String> {
    let wrong = value.split(',').find(|id| !id.strip_prefix('^').is_some_and(&is_id))?;
    Some(format!("after: `{wrong}` is no id and was left out: write after:^a,^b"))
}

fn named(token: &str) -> Option<String> {
    let (name, value) = token.split_once(':').filter(|(name, value)| !name.is_empty() && !value.is_empty())?;
    let name = name.to_ascii_lowercase();
    let is = |names: &[&str]| names.contains(&name.as_str());
    let dated = value.starts_with(|c: char| c.is_ascii_digit()) || is_day(value);
    if is(DATES) {
        let meant = name == "due" || dated;
        return meant.then(|| format!("a date is written as {name}:2026-12-24, and is one of the calendar"));
    }
    let ids = value.starts_with('^');
    if name == "after" {
        let numbers = value.trim_start_matches('#').starts_with(|c: char| c.is_ascii_digit());
        return (ids || numbers).then(|| "it names tasks by the ids that they carry: after:^a,^b".to_owned());
    }
    if is(&["skill", "skills"]) {
        return parse_skills(value).err().map(|why| format!("a skill is skill:rust:4; {why}"));
    }
    let is_date = text::instant(value).is_some();
    let likely = (ids && is_near(&name, &["after"]))
        || (is_date && is_near(&name, DATES))
        || (parse_skills(value).is_ok() && value.contains(':') && is_near(&name, &OTHERS[1..]));
    likely.then(|| format!("known are {}: and {}:", DATES.join(":, "), OTHERS[..2].join(": and ")))
}

fn is_day(value: &str) -> bool {
    when::day(value, chrono::NaiveDate::default()).is_some()
}

/// `3hrs`, `2days`
fn is_size(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    unit.len() < text.len() && UNITS.contains(&unit)
}

/// True if the word is one of the names with one slip, or two in a longer one.
fn is_near(word: &str, names: &[&str]) -> bool {
    let plain = word.len() >= 3 && word.len() <= LONGEST && word.chars().all(|c| c.is_ascii_alphabetic());
    let word = word.to_ascii_lowercase();
    plain && names.iter().any(|name| slips(word.as_bytes(), name.as_bytes()) <= if name.len() > 5 { 2 } else { 1 })
}

/// Letters that are wrong, missing, too many or in each other's place.
fn slips(a: &[u8], b: &[u8]) -> usize {
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let kept = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = kept.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_mark_is_told_and_other_words_are_not() {
        for token in [
            "!hihg",
            "!hgih",
            "!lwo",
            "!critcal",
            "~3hrs",
            "due:2026-13-40",
            "due:soon",
            "start:2026-02-30",
            "wait:friday",
            "affter:^x",
            "after:12",
            "after:^",
            "deu:2026-01-02",
            "skill:rust:9",
            "skil:rust:4",
        ] {
            assert!(of(token, None).is_some_and(|said| said.starts_with(&format!("`{token}`"))), "{token}");
        }
        assert!(of("(3", Some("points)")).is_some_and(|said| said.contains("`(3 points)`")));
        for token in [
            "!",
            "!important-ish",
            "!x",
            "~5",
            "~2x",
            "(3",
            "a:b",
            "http://x.y",
            "done:",
            "wait:what",
            "start:up",
            "after:lunch",
            "re:2026-01-02",
            "12:30",
            "C#",
            "^1.2",
            "note:^x",
            "é:ü",
            "due:",
        ] {
            assert_eq!(of(token, Some("apples)")), None, "{token}");
        }
    }
}
