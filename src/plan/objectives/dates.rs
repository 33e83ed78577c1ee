//! Days within a sentence: by when something has to be done, from when on it may begin, and what reads like a day and is
//! none. What is told of the days is no part of the wish.

use std::ops::Range;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::acts::is_about_people;
use crate::domain::Timestamp;
use crate::domain::when::{self, Day, Wrong};

/// Most words between a word such as "by" and the day.
const MOST_BETWEEN: usize = 3;
/// Most words that name a day.
const MOST_WORDS: usize = 8;
/// Words of a text at which a day is looked for; nobody writes more.
const MOST_LOOKED_AT: usize = 2000;
/// Days that are looked for in one text; nobody says more of one wish.
const MOST: usize = 3;
/// Words between these and the day that change nothing.
const BETWEEN: &[&str] = &["the", "on", "by", "this", "coming", "next", "at", "is", "until", "around"];
/// Words by which people name days that no calendar has.
#[rustfmt::skip]
const VAGUE: &[&str] = &[
    "christmas", "easter", "summer", "winter", "spring", "autumn", "thanksgiving", "halloween", "black friday",
    "new year", "the holidays", "ramadan", "mid", "early", "late", "middle",
];

/// By when something has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    day: Day,
    /// That day is too late.
    before: bool,
}

impl Due {
    /// The first instant after it, seen from `now`; none: there is no such day, or it has passed.
    pub fn at(self, now: Timestamp) -> Option<Timestamp> {
        let day = self.day.on(now.date_naive()).filter(|day| *day >= now.date_naive())?;
        Some(midnight(if self.before { day } else { day.succ_opt()? }))
    }

    /// What whoever said it may not have meant, in words.
    pub fn doubt(self, now: Timestamp) -> Option<String> {
        self.day.doubt(now.date_naive())
    }
}

/// From when on something may be begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct From(Day);

impl From {
    /// The first instant of that day, seen from `now`; none: there is no such day.
    pub fn at(self, now: Timestamp) -> Option<Timestamp> {
        self.0.on(now.date_naive()).map(midnight)
    }
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// What is said of days beside a wish.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Dates {
    pub(super) due: Option<Due>,
    pub(super) from: Option<From>,
    /// What reads like a day and was not taken for one, or could be meant otherwise.
    pub(super) doubts: Vec<String>,
}

/// The text without what it says of days, and that.
pub(super) fn taken(text: &str) -> (String, Dates) {
    let (mut rest, mut dates) = (text.to_owned(), Dates::default());
    for _ in 0..MOST {
        let Some(found) = found(&rest) else { break };
        let taken = match found.what {
            What::Due(_) if dates.due.is_some() => break,
            What::From(_) if dates.from.is_some() => break,
            What::Due(due) => dates.due.replace(due).is_none(),
            What::From(from) => dates.from.replace(from).is_none(),
            What::Nothing => !found.keeps,
        };
        dates.doubts.extend(found.doubt);
        if !taken {
            break;
        }
        rest.replace_range(found.at, "");
    }
    (rest, dates)
}

/// The days that a sentence begins with, and the rest of it: `By Friday, add search and fix the login`.
pub(super) fn at_head(sentence: &str) -> Option<(Dates, String)> {
    let found = found(sentence).filter(|found| found.at.start == 0 && !found.keeps)?;
    let rest = sentence[found.at.end..].trim_start_matches([',', ':', ' ', '-']);
    let mut dates = Dates { doubts: found.doubt.into_iter().collect(), ..Dates::default() };
    match found.what {
        What::Due(due) => dates.due = Some(due),
        What::From(from) => dates.from = Some(from),
        What::Nothing => {}
    }
    (rest.split_whitespace().count() > 1).then(|| (dates, rest.to_owned()))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Due(Due),
    From(From),
    Nothing,
}

struct Found {
    at: Range<usize>,
    what: What,
    doubt: Option<String>,
    /// It stays where it is.
    keeps: bool,
}

/// How a day is led up to.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Lead {
    By,
    Before,
    Within,
    On,
    In,
    From,
}

struct Token<'a> {
    at: Range<usize>,
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

fn found(text: &str) -> Option<Found> {
    let tokens = tokens(text);
    let lower: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    let led = |at: usize| lead(&lower, at).and_then(|(lead, next)| led(text, &tokens, &lower, at, lead, next));
    (0..lower.len().min(MOST_LOOKED_AT)).find_map(|at| led(at).or_else(|| alone(text, &tokens, &lower, at)))
}

/// What leads to a day at this place, and where that goes on.
fn lead(lower: &[&str], at: usize) -> Option<(Lead, usize)> {
    Some(match lower[at..] {
        ["no" | "not", "later", "than", ..] => (Lead::By, at + 3),
        ["no" | "not", "earlier" | "sooner", "than", ..] => (Lead::From, at + 3),
        ["not", "before", ..]
        | ["as", "of" | "from", ..]
        | ["starting" | "beginning" | "start" | "begin", "on" | "from" | "with", ..] => (Lead::From, at + 2),
        ["starting" | "from" | "after", ..] => (Lead::From, at + 1),
        ["before", ..] => (Lead::Before, at + 1),
        ["due", "before", ..] => (Lead::Before, at + 2),
        ["by" | "until" | "till" | "due" | "deadline", ..] => (Lead::By, at + 1),
        ["within", ..] => (Lead::Within, at + 1),
        ["on" | "for", ..] => (Lead::On, at + 1),
        ["in", ..] => (Lead::In, at + 1),
        _ => return None,
    })
}

fn led(text: &str, tokens: &[Token], lower: &[&str], at: usize, lead: Lead, next: usize) -> Option<Found> {
    let start = tokens[at].at.start;
    if let Some((day, used)) = stretched(lower, next, lead).or_else(|| whole_month(tokens, lower, next, lead)) {
        let doubt = matches!(day, (_, Some(_))).then(|| day.1.unwrap_or_default());
        return accept(text, tokens, at, used, Found { at: start..start, what: What::Due(day.0), doubt, keeps: false });
    }
    let mut from = next;
    while from < next + MOST_BETWEEN && lower.get(from).is_some_and(|word| BETWEEN.contains(word)) {
        from += 1;
    }
    let words: Vec<&str> = lower.get(from..)?.iter().take(MOST_WORDS).copied().collect();
    let Some((read, used)) = when::read(&words) else { return vague(text, tokens, lower, at, from, lead) };
    let end = from + used;
    let said = || text[tokens[from].at.start..tokens[end - 1].at.end].to_owned();
    let (what, doubt) = match read {
        Ok(day) if !fits(lead, day) => return None,
        // `from 22.04 to 24.04` may be versions.
        Ok(_) if !matches!(lead, Lead::By | Lead::Before) && is_figure(&said()) => return None,
        Ok(day) if matches!(lead, Lead::On | Lead::Within) => {
            let whole = &text[start..tokens[end - 1].at.end];
            (What::Due(Due { day, before: false }), Some(format!("\"{whole}\" was taken for its deadline")))
        }
        Ok(day) if lead == Lead::From => {
            // What must be so from a day on may have to be done by then.
            let must = lower.iter().any(|word| matches!(*word, "must" | "shall" | "should" | "has" | "have"));
            let text =
                || format!("\"from {}\" was taken for: not before; what must be done by then says by when", said());
            (What::From(From(day)), must.then(text))
        }
        Ok(day) => (What::Due(Due { day, before: lead == Lead::Before }), None),
        Err(Wrong::NoSuchDay) => {
            (What::Nothing, Some(format!("\"{}\" is no day of any calendar, so there is no deadline", said())))
        }
        Err(Wrong::Either(one, two)) => {
            let doubt = format!(
                "\"{}\" may be {} or {}, so there is no deadline: write {one} or {two}",
                said(),
                one.format("%-d %B"),
                two.format("%-d %B %Y")
            );
            (What::Nothing, Some(doubt))
        }
    };
    accept(text, tokens, at, end, Found { at: start..start, what, doubt, keeps: false })
}

/// `24.04`, which other things than days are written like, too.
fn is_figure(said: &str) -> bool {
    said.split_once('.')
        .is_some_and(|(one, two)| [one, two].iter().all(|part| part.len() == 2 && part.parse::<u8>().is_ok()))
}

/// True if such a day follows such a word: `within two weeks`, but `on 3 December`.
fn fits(lead: Lead, day: Day) -> bool {
    let is_span = matches!(day, Day::In(_) | Day::Months(_));
    match lead {
        Lead::Within => is_span,
        Lead::In => is_span && day != Day::In(0),
        // `after 14 days` and `from 3 months on` are about what is wished for.
        Lead::On | Lead::From => !is_span,
        Lead::By | Lead::Before => true,
    }
}

/// The end of a day that was found, if it says when the work is done and not what people may do.
fn accept(text: &str, tokens: &[Token], at: usize, end: usize, found: Found) -> Option<Found> {
    let is_on_time = |word: &str| matches!(word, "noon" | "midnight" | "morning" | "afternoon" | "evening" | "latest");
    let lower = |at: usize| tokens.get(at).map(|token| token.lower.as_str()).unwrap_or_default();
    let mut end = end;
    loop {
        let skip = usize::from(lower(end) == "at") + usize::from(lower(end) == "at" && lower(end + 1) == "the");
        let word = lower(end + skip);
        if is_on_time(word) || is_clock(word) {
            end += skip + 1;
        } else {
            break;
        }
    }
    let first = if at > 0 && lower(at - 1) == "latest" { at - 1 } else { at };
    let first = if first >= 2 && lower(first) == "latest" && lower(first - 1) == "the" { first - 2 } else { first };
    let loose =
        matches!(lower(at), "within" | "on" | "in" | "for" | "from" | "after" | "today" | "tomorrow" | "tonight");
    if loose && is_about_people(&text[..tokens[first].at.start]) {
        return None;
    }
    let stop = tokens[end - 1].at.end;
    // Marks that belonged to the day go with it.
    let stop = stop + text[stop..].chars().take_while(|c| matches!(c, '.' | ',')).count();
    Some(Found { at: tokens[first].at.start..stop, ..found })
}

/// `17:00`, `5pm`
fn is_clock(word: &str) -> bool {
    let digits = word.strip_suffix("pm").or_else(|| word.strip_suffix("am"));
    let is_number = |text: &str| !text.is_empty() && text.len() <= 2 && text.bytes().all(|c| c.is_ascii_digit());
    digits.is_some_and(is_number) || word.split_once(':').is_some_and(|(h, m)| is_number(h) && is_number(m))
}

type Stretched = ((Due, Option<String>), usize);

/// `this week`, `by next month`
fn stretched(lower: &[&str], at: usize, lead: Lead) -> Option<Stretched> {
    let later = match *lower.get(at)? {
        "this" => 0,
        "next" => 1,
        _ => return None,
    };
    let span = when::stretch(lower.get(at + 1)?)?;
    matches!(lead, Lead::By | Lead::In | Lead::Within | Lead::On).then_some(())?;
    Some(((Due { day: Day::End(span, later), before: false }, None), at + 2))
}

/// `in December`, `by March 2027`, `in Q1`: within it, or before it begins.
fn whole_month(tokens: &[Token], lower: &[&str], at: usize, lead: Lead) -> Option<Stretched> {
    let word = tokens.get(at)?.word;
    let year = lower.get(at + 1).and_then(|word| when::year(word));
    let used = at + 1 + usize::from(year.is_some());
    // `may` and `march` are other words, too.
    let month = when::month(lower[at]).filter(|_| word.starts_with(char::is_uppercase) && word.len() > 2);
    let first = month.or_else(|| Some(3 * when::quarter(lower[at])? - 2))?;
    // `Dec 4th` is a day of it.
    if month.is_some()
        && lower.get(at + 1).is_some_and(|next| year.is_none() && next.starts_with(|c: char| c.is_ascii_digit()))
    {
        return None;
    }
    let due = |day, before| Due { day, before };
    match lead {
        Lead::In | Lead::Within | Lead::On => {
            let last = if month.is_some() { Day::MonthEnd(first, year) } else { Day::QuarterEnd(first / 3 + 1, year) };
            Some(((due(last, false), None), used))
        }
        Lead::By | Lead::Before => {
            let doubt = format!("\"by {word}\" was taken for: before {word} begins");
            let doubt = (lead == Lead::By).then_some(doubt);
            Some(((due(Day::Date(first, 1, year), true), doubt), used))
        }
        Lead::From => None,
    }
}

/// `before Black Friday`, `by mid-December`: a day is meant, but which?
fn vague(text: &str, tokens: &[Token], lower: &[&str], at: usize, from: usize, lead: Lead) -> Option<Found> {
    matches!(lead, Lead::By | Lead::Before).then_some(())?;
    let rest = lower.get(from..)?.iter().take(3).copied().collect::<Vec<_>>().join(" ");
    let names = |word: &&&str| rest.strip_prefix(**word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    let word = VAGUE.iter().find(names)?;
    let words = word.split(' ').count();
    let is_part = matches!(*word, "mid" | "early" | "late" | "middle");
    let month =
        (from..lower.len().min(from + 4)).find(|at| lower[*at].rsplit('-').next().and_then(when::month).is_some());
    let end = match month {
        Some(at) if is_part => at + 1,
        None if is_part => return None,
        _ => from + words,
    };
    let said = &text[tokens[at].at.start..tokens.get(end - 1)?.at.end];
    let doubt = format!("\"{said}\" names no day, so there is no deadline: say by which day");
    let start = tokens[at].at.start;
    let found = Found { at: start..start, what: What::Nothing, doubt: Some(doubt), keeps: !is_part };
    accept(text, tokens, at, end, found)
}

/// `today`, `tomorrow`, `this week` without a word before it, at either end of the text.
fn alone(text: &str, tokens: &[Token], lower: &[&str], at: usize) -> Option<Found> {
    let (day, end) = match lower[at..] {
        ["today" | "tonight", ..] => (Day::In(0), at + 1),
        ["tomorrow", ..] => (Day::In(1), at + 1),
        ["this", span, ..] => (Day::End(when::stretch(span)?, 0), at + 2),
        ["next", span, ..] => (Day::End(when::stretch(span)?, 1), at + 2),
        _ => return None,
    };
    // `orders of today`, `what was sold today`
    let belongs =
        |word: &str| matches!(word, "of" | "from" | "for" | "since" | "sold" | "made") || word.ends_with("ed");
    if at > 0 && belongs(lower[at - 1]) {
        return None;
    }
    let start = tokens[at].at.start;
    let due = What::Due(Due { day, before: false });
    let found = accept(text, tokens, at, end, Found { at: start..start, what: due, doubt: None, keeps: false })?;
    (at == 0 || text[found.at.end..].trim_matches(|c: char| !c.is_alphanumeric()).is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Duration, TimeZone, Utc};

    /// Saturday 21 November 2026.
    fn now() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 11, 21, 18, 0, 0).single().expect("a time")
    }

    fn said(text: &str) -> (String, Option<String>) {
        let (rest, dates) = taken(text);
        let rest = rest.replace("()", "").split_whitespace().collect::<Vec<_>>().join(" ");
        let due = dates.due.and_then(|due| due.at(now()));
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
    fn what_is_wished_for_may_speak_of_days_and_of_numbers_like_them() {
        for text in [
            "Cancel unpaid orders after 14 days",
            "Remind users after 3 months",
            "Migrate the servers from 22.04 to 24.04",
            "Keep logs for 30 days",
        ] {
            assert_eq!(said(text), (text.to_owned(), None));
            assert_eq!(taken(text).1, Dates::default(), "{text}");
        }
        let doubts = |text: &str| taken(text).1.doubts;
        assert_eq!(doubts("Back up the database on Sunday"), ["\"on Sunday\" was taken for its deadline"]);
        assert_eq!(doubts("Answer tickets within 2 days"), ["\"within 2 days\" was taken for its deadline"]);
    }

    #[test]
    fn a_day_of_the_week_with_its_date_is_that_date() {
        for (text, rest, last) in [
            ("Ship the app by Monday 7 December", "Ship the app", "2026-12-07"),
            ("Ship the app by Monday, 7 December 2026", "Ship the app", "2026-12-07"),
            ("Ship the app on Monday the 7th of December", "Ship the app", "2026-12-07"),
            ("Ship the app by the end of November", "Ship the app", "2026-11-30"),
            ("Ship the app by end of next week", "Ship the app", "2026-11-27"),
            ("Ship the app in two weeks", "Ship the app", "2026-12-05"),
            ("Ship the app on 3 December at 17:00", "Ship the app", "2026-12-03"),
            ("Rotate the keys today", "Rotate the keys", "2026-11-21"),
            ("Ship the app next month", "Ship the app", "2026-12-31"),
            ("Ship the app in Q1", "Ship the app", "2027-03-31"),
            ("Ship the app by 13/01/2027", "Ship the app", "2027-01-13"),
            ("Ship the app (deadline: 5 Dec)", "Ship the app", "2026-12-05"),
            ("Ship the app at the latest by Friday evening", "Ship the app", "2026-11-27"),
        ] {
            assert_eq!(said(text), (rest.to_owned(), Some(last.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_reads_like_a_day_and_is_none_leaves_the_wish_and_is_said() {
        for (text, doubt) in [
            ("Add search by 35 December", "\"35 December\" is no day of any calendar, so there is no deadline"),
            ("Add search by 31 Nov", "\"31 Nov\" is no day of any calendar, so there is no deadline"),
            (
                "Add search by 12/01/2026",
                "\"12/01/2026\" may be 12 January or 1 December 2026, so there is no deadline: write 2026-01-12 or 2026-12-01",
            ),
            (
                "Add search by mid-December",
                "\"by mid-December\" names no day, so there is no deadline: say by which day",
            ),
        ] {
            let (rest, dates) = taken(text);
            assert_eq!((rest.trim(), dates.due, dates.doubts), ("Add search", None, vec![doubt.to_owned()]), "{text}");
        }
        let (rest, dates) = taken("Let customers pay before Christmas");
        assert_eq!((rest.as_str(), dates.doubts.len()), ("Let customers pay before Christmas", 1));
    }

    #[test]
    fn what_begins_with_a_day_is_not_begun_before_it() {
        let (dates, rest) = at_head("From 1 December the cookie banner must comply").expect("a day");
        let at = dates.from.and_then(|from| from.at(now())).map(|at| at.date_naive().to_string());
        assert_eq!((rest.as_str(), at.as_deref()), ("the cookie banner must comply", Some("2026-12-01")));
        assert_eq!(dates.doubts.len(), 1);
        assert!(taken("Retire the importer after 1 January").1.doubts.is_empty());
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
            "Let customers book a table on Sunday",
            "Show what was sold today",
            "Never deploy on Fridays",
            "Send a digest every Friday",
            "Offer support 24/7",
            "Move from May to June",
        ] {
            assert_eq!(said(text), (text.to_owned(), None));
        }
    }
}
