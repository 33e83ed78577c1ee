//! What is said beside a wish: by when, how big, how urgent. It decides on the tasks and is no part of their titles.

use chrono::{Datelike, Duration, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use super::acts::is_about_people;
use super::words::{BURDENS, REMARKS, TRAILERS};
use super::{clip, holds, urgency};
use crate::domain::{Priority, Timestamp};
use crate::plan::estimate::said::Said;

/// Bytes of a remark that are looked at, and of what stands in brackets.
const LONGEST: usize = 256;
/// Most words between such a word and the date.
const MOST_BETWEEN: usize = 3;
/// Words before a date by which something has to be done; after `before`, the day itself is too late.
const BY: &[&str] = &["by", "before", "until", "till", "due", "than", "within"];
/// Words between these and the date that change nothing.
const BETWEEN: &[&str] = &["the", "on", "by", "this", "coming", "next"];
/// What joins a remark to a wish.
const JOINTS: &[&str] = &[", because ", " because ", ", as ", ", since ", ", ", "; ", " - ", " – ", " — ", ": ", " ("];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A day as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Day {
    /// The next one of this name, today included.
    Week(Weekday),
    /// A day of the calendar: month, day, and the year if it was said.
    Date(u32, u32, Option<i32>),
    /// So many days from today.
    In(u16),
    /// The last day of the month.
    MonthEnd,
}

/// By when something has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    day: Day,
    /// That day is too late.
    before: bool,
}

impl Due {
    /// The first instant after it, seen from `now`; none: there is no such day.
    pub fn at(self, now: Timestamp) -> Option<Timestamp> {
        let today = now.date_naive();
        let day = match self.day {
            Day::Week(day) => today + Duration::days(i64::from(day.days_since(today.weekday()))),
            Day::In(days) => today + Duration::days(i64::from(days)),
            Day::Date(month, day, Some(year)) => NaiveDate::from_ymd_opt(year, month, day)?,
            Day::Date(month, day, None) => {
                let of = |year| NaiveDate::from_ymd_opt(year, month, day);
                of(today.year()).filter(|date| *date >= today).or_else(|| of(today.year() + 1))?
            }
            Day::MonthEnd => (today.with_day(1)? + chrono::Months::new(1)).pred_opt()?,
        };
        let first_too_late = if self.before { day } else { day.succ_opt()? };
        Some(first_too_late.and_time(chrono::NaiveTime::MIN).and_utc())
    }
}

/// What was said beside a wish.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Hints {
    pub(super) due: Option<Due>,
    pub(super) size: Option<Said>,
    pub(super) urgency: Option<(Priority, &'static str)>,
}

/// The text without what is said beside it, and that.
pub(super) fn taken(text: &str) -> (String, Hints) {
    let mut rest = text.to_owned();
    let mut hints = Hints::default();
    if let Some((at, urgency)) = JOINTS.iter().find_map(|joint| remarked(&rest, joint)) {
        hints.urgency = Some(urgency);
        rest.truncate(at);
    }
    rest = without_size(rest, &mut hints);
    if let Some((span, due)) = dated(&rest).filter(|(span, _)| !is_about_others(&rest, span)) {
        hints.due = Some(due);
        rest.replace_range(span, "");
    }
    let rest = rest.replace("()", "").replace("( ", "(");
    (without_trailers(&rest).split_whitespace().collect::<Vec<_>>().join(" "), hints)
}

/// `customers return goods within 14 days`: what people may do within some time says nothing about the work.
fn is_about_others(text: &str, span: &std::ops::Range<usize>) -> bool {
    let lead = text[span.clone()].to_ascii_lowercase();
    lead.starts_with("within") && is_about_people(&text[..span.start])
}

/// What a text says about a wish that stands elsewhere: `this is urgent`, `it's blocking sales`.
pub(super) fn remark(text: &str) -> Option<(Priority, &'static str)> {
    let lower = clip(text.trim_start(), LONGEST).to_ascii_lowercase();
    REMARKS.iter().any(|opening| lower.starts_with(opening)).then_some(())?;
    let burden = BURDENS.iter().find(|word| holds(&format!(" {lower} "), word));
    burden.map(|word| (Priority::Critical, *word)).or_else(|| urgency(&lower))
}

fn remarked(text: &str, joint: &str) -> Option<(usize, (Priority, &'static str))> {
    let places = text.match_indices(joint).filter(|(at, _)| *at > 0);
    places.map(|(at, _)| at).find_map(|at| Some((at, remark(&text[at + joint.len()..])?)))
}

/// Takes `(2h)`, `(about 3 days)`, `~2h` or a last `, 5p` out.
fn without_size(text: String, hints: &mut Hints) -> String {
    let bracketed =
        text.match_indices('(').filter_map(|(at, _)| Some(at..at + clip(&text[at..], LONGEST).find(')')? + 1));
    let last = text.rfind([',', '~']).map(|at| at..text.len());
    for span in bracketed.chain(last) {
        let inner = text[span.clone()].trim_matches(['(', ')', ',', '~', ' ']);
        if let Some(size) = size(inner) {
            hints.size = Some(size);
            return format!("{}{}", &text[..span.start], &text[span.end..]);
        }
    }
    text
}

/// `2h`, `about 3 days`, `5 points`; a number without a unit is no size.
fn size(text: &str) -> Option<Said> {
    let mut lower = text.to_ascii_lowercase();
    for opening in ["estimate", "est.", "effort", "about", "approx.", "ca.", "max", ":", "~"] {
        lower = lower.strip_prefix(opening).map_or(lower.clone(), |rest| rest.trim_start().to_owned());
    }
    if lower.ends_with(char::is_alphabetic)
        && let Ok(said) = lower.parse()
    {
        return Some(said);
    }
    let unit = lower.trim_start_matches(|c: char| !c.is_alphabetic());
    let number = &lower[..lower.len() - unit.len()];
    let short = match unit {
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => "w",
        "p" | "pt" | "pts" | "sp" | "point" | "points" | "story points" => "p",
        _ => return None,
    };
    format!("{}{short}", number.trim()).parse().ok()
}

struct Token<'a> {
    at: std::ops::Range<usize>,
    word: &'a str,
    lower: String,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let start = text.as_ptr() as usize;
    let token = |raw| {
        let word = str::trim_matches(raw, |c: char| !c.is_alphanumeric());
        let at = word.as_ptr() as usize - start;
        Token { at: at..at + word.len(), word, lower: word.to_ascii_lowercase() }
    };
    text.split_whitespace().map(token).filter(|token| !token.word.is_empty()).collect()
}

/// Where a date by which something has to be done stands, with the words that lead to it.
fn dated(text: &str) -> Option<(std::ops::Range<usize>, Due)> {
    let tokens = tokens(text);
    let mut leads = (0..tokens.len()).filter(|at| BY.contains(&tokens[*at].lower.as_str()));
    leads.find_map(|at| due(text, &tokens, at))
}

fn due(text: &str, tokens: &[Token], at: usize) -> Option<(std::ops::Range<usize>, Due)> {
    let mut next = at + 1;
    while next <= at + MOST_BETWEEN && tokens.get(next).is_some_and(|token| BETWEEN.contains(&token.lower.as_str())) {
        next += 1;
    }
    let (day, used) = day(&tokens[next..])?;
    let lead = tokens[at].lower.as_str();
    if lead == "within" && !matches!(day, Day::In(_)) {
        return None;
    }
    // `no later than Friday`.
    let first = if lead == "than" { at.checked_sub(2)? } else { at };
    let is = |at: usize, words: &[&str]| words.contains(&tokens[at].lower.as_str());
    if lead == "than" && !(is(first, &["no", "not"]) && is(first + 1, &["later"])) {
        return None;
    }
    let end = tokens[next + used - 1].at.end;
    // Marks that belonged to the date go with it.
    let end = end + text[end..].chars().take_while(|c| matches!(c, '.' | ',')).count();
    Some((tokens[first].at.start..end, Due { day, before: lead == "before" }))
}

/// The day that the words begin with, and how many of them name it.
fn day(tokens: &[Token]) -> Option<(Day, usize)> {
    let word = |at: usize| tokens.get(at).map(|token| token.lower.as_str());
    let first = word(0)?;
    let number = |word: &str| word.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']).parse::<u32>().ok();
    let year = |at: usize| word(at).and_then(|word| word.parse().ok()).filter(|year| (2000..2200).contains(year));
    let with_year = |month, day, used: usize| {
        let year = year(used);
        (Day::Date(month, day, year), used + usize::from(year.is_some()))
    };
    if let Ok(date) = NaiveDate::parse_from_str(first, "%Y-%m-%d") {
        return Some((Day::Date(date.month(), date.day(), Some(date.year())), 1));
    }
    if first.contains('.') {
        return dotted(first).map(|day| (day, 1));
    }
    match (first, word(1)) {
        ("today" | "tonight", _) => return Some((Day::In(0), 1)),
        ("tomorrow", _) => return Some((Day::In(1), 1)),
        ("end", Some("of")) => {
            let at = if matches!(word(2), Some("the" | "this")) { 3 } else { 2 };
            return match word(at)? {
                "day" | "today" => Some((Day::In(0), at + 1)),
                "week" => Some((Day::Week(Weekday::Fri), at + 1)),
                "month" => Some((Day::MonthEnd, at + 1)),
                _ => None,
            };
        }
        (_, Some(unit @ ("day" | "days" | "week" | "weeks"))) => {
            let days = number(first)?.checked_mul(if unit.starts_with('w') { 7 } else { 1 })?;
            return Some((Day::In(u16::try_from(days).ok()?), 2));
        }
        _ => {}
    }
    if let Some(month) = month(first) {
        let day = number(word(1)?).filter(|day| (1..=31).contains(day))?;
        return Some(with_year(month, day, 2));
    }
    if let Some(day) = number(first).filter(|day| (1..=31).contains(day)) {
        let at = if word(1) == Some("of") { 2 } else { 1 };
        return Some(with_year(month(word(at)?)?, day, at + 1));
    }
    weekday(first).map(|day| (Day::Week(day), 1))
}

/// `24.12.2026`, or `24.12` with two digits each, as other numbers have a point, too.
fn dotted(word: &str) -> Option<Day> {
    let parts: Vec<&str> = word.split('.').collect();
    let (day, month, year) = match parts[..] {
        [day, month, year] => (day, month, Some(year.parse().ok()?)),
        [day, month] if day.len() == 2 && month.len() == 2 => (day, month, None),
        _ => return None,
    };
    let (day, month) = (day.parse().ok()?, month.parse().ok()?);
    NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day).map(|_| Day::Date(month, day, year))
}

/// By its name or the first three letters of it.
fn month(word: &str) -> Option<u32> {
    let number = MONTHS.iter().zip(1..).find(|(short, _)| word.starts_with(**short)).map(|(_, number)| number);
    number.filter(|_| word.len() == 3 || word == "sept" || word.parse::<chrono::Month>().is_ok())
}

fn weekday(word: &str) -> Option<Weekday> {
    word.parse().ok()
}

/// Without the words at the end that only say how urgent it is.
fn without_trailers(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_end_matches([' ', ',', '-', '–', '—', ';', ':']);
        let ends = |tail: &&&str| {
            let end = rest.len().checked_sub(tail.len()).and_then(|at| rest.get(at..));
            end.is_some_and(|end| end.eq_ignore_ascii_case(tail))
        };
        let Some(tail) = TRAILERS.iter().find(ends) else { return rest };
        rest = &rest[..rest.len() - tail.len()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc};

    /// Saturday 21 November 2026.
    fn now() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 11, 21, 18, 0, 0).single().expect("a time")
    }

    fn said(text: &str) -> (String, Option<String>) {
        let (rest, hints) = taken(text);
        let due = hints.due.and_then(|due| due.at(now()));
        (rest, due.map(|at| (at - Duration::microseconds(1)).format("%Y-%m-%d").to_string()))
    }

    #[test]
    fn dates_by_which_something_is_wanted_are_taken_out_as_people_write_them() {
        for (text, rest, last) in [
            ("Add search by 4 December", "Add search", "2026-12-04"),
            ("Add search before 24 Dec", "Add search", "2026-12-23"),
            ("Add search by Friday", "Add search", "2026-11-27"),
            ("Add search by the end of the week, with filters", "Add search with filters", "2026-11-27"),
            ("Add search by Dec 4th, 2027", "Add search", "2027-12-04"),
            ("Add search (due 2027-01-02)", "Add search", "2027-01-02"),
            ("Add search no later than the 3rd of March", "Add search", "2027-03-03"),
            ("Add search until 24.12.", "Add search", "2026-12-24"),
            ("Add search by tomorrow", "Add search", "2026-11-22"),
            ("Add search within 2 weeks", "Add search", "2026-12-05"),
            ("Add search by end of month", "Add search", "2026-11-30"),
        ] {
            assert_eq!(said(text), (rest.to_owned(), Some(last.to_owned())), "{text}");
        }
    }

    #[test]
    fn other_words_are_no_dates() {
        for text in [
            "Pay by card before Black Friday",
            "Sort by month",
            "Fix orders by 4 sellers",
            "Search within the board",
            "Save before marking",
            "Grow by 12.5 percent",
            "Answer support mails in less than 2 days",
            "Let customers return goods within 14 days",
            "Add search by 900000000 weeks",
        ] {
            assert_eq!(said(text), (text.to_owned(), None));
        }
    }

    #[test]
    fn sizes_are_taken_out() {
        for (text, rest, size) in [
            ("Fix the footer (2h)", "Fix the footer", Said::Minutes(120.0)),
            ("Fix the footer (about 3 days) in the shop", "Fix the footer in the shop", Said::Minutes(1440.0)),
            ("Fix the footer, 5 points", "Fix the footer", Said::Points(5.0)),
            ("Fix the footer ~90 min", "Fix the footer", Said::Minutes(90.0)),
            ("Fix the footer (1-2h)", "Fix the footer", Said::Between(60.0, 120.0)),
        ] {
            let (found, hints) = taken(text);
            assert_eq!((found.as_str(), hints.size), (rest, Some(size)), "{text}");
        }
        assert_eq!(taken("Support more browsers (3)").1.size, None);
    }

    #[test]
    fn what_is_said_about_the_wish_weighs_and_leaves() {
        for (text, rest, priority) in [
            ("fix the export, it's blocking sales", "fix the export", Priority::Critical),
            ("fix the export - this is urgent", "fix the export", Priority::Critical),
            ("fix the export because it is important", "fix the export", Priority::High),
            ("fix the export, it is not urgent", "fix the export", Priority::Low),
        ] {
            let (found, hints) = taken(text);
            assert_eq!((found.as_str(), hints.urgency.map(|said| said.0)), (rest, Some(priority)), "{text}");
        }
        assert_eq!(taken("fix the export asap, please").0, "fix the export");
    }
}
