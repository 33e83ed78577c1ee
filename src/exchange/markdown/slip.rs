//! Words in a title that look like a mark and are none: they stay there, and whoever wrote them is told.

use crate::domain::agent::parse_skills;
use crate::domain::when;
use crate::domain::words::near;
use crate::exchange::text;

/// What stands before a date.
const DATES: &[&str] = &["due", "start", "wait", "done", "created"];
/// What stands before other things.
const OTHERS: &[&str] = &["after", "skill", "skills"];
/// Priorities as they are written after an exclamation mark.
const PRIORITIES: &[&str] = &["critical", "urgent", "highest", "high", "important", "normal", "medium", "low"];
/// Longest word that is compared with a name, so that long ones cost nothing.
const LONGEST: usize = 16;

/// What is wrong with a word that is no mark, if it looks like one.
pub(super) fn of(token: &str) -> Option<String> {
    let first = token.chars().next()?;
    let rest = &token[first.len_utf8()..];
    let meant = match first {
        '!' if is_near(rest, PRIORITIES) => "a priority is !critical, !high, !normal or !low".to_owned(),
        _ => named(token)?,
    };
    Some(format!("`{token}` looks like a mark and is none, so it stays in the title: {meant}"))
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

/// True if the word is one of the names but for a slip.
fn is_near(word: &str, names: &[&str]) -> bool {
    word.len() <= LONGEST && word.chars().all(|c| c.is_ascii_alphabetic()) && near(word, names).is_some()
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
            assert!(of(token).is_some_and(|said| said.starts_with(&format!("`{token}`"))), "{token}");
        }
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
            assert_eq!(of(token), None, "{token}");
        }
    }
}
