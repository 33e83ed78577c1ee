//! Days as people write them: `2026-12-24`, `tomorrow`, `friday`, `27 Nov`, `Fri 27 Nov`, `end of next week`, `in two weeks`.
//! The one grammar of days, for what is typed as a date and for dates within sentences.

use chrono::{Datelike, Days, Month, Months, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// What a day may look like, for those who are told that theirs is none.
pub const EXAMPLES: &str = "2026-12-24, 24 Dec, friday, tomorrow";
/// Days after which the next one of a date is so far off that the last one may have been meant.
const FAR: i64 = 183;
/// Numbers that are written as words.
const NUMBERS: [(&str, u32); 13] = [
    ("a", 1),
    ("an", 1),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("twelve", 12),
];

/// A day as people name it, whatever today is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Day {
    /// The next one of this name, today included.
    Week(Weekday),
    /// A day of the calendar: month, day, and the year if it was said; else the next one, today included.
    Date(u32, u32, Option<i32>),
    /// The same with the day of the week that it was said to be.
    Named(Weekday, u32, u32, Option<i32>),
    /// So many days from today.
    In(u16),
    /// So many months from today.
    Months(u16),
    /// The last day of this one, or of the one that comes so many later; of a week the Friday.
    End(Span, u8),
    /// The last day of the month, by number, and the year if it was said.
    MonthEnd(u32, Option<i32>),
    /// The last day of the quarter, by number, and the year if it was said.
    QuarterEnd(u32, Option<i32>),
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Monday to Sunday.
    Week,
    /// Of the year.
    Month,
    /// Three months.
    Quarter,
    /// January to December.
    Year,
}

/// What reads like a day and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// There is no such day in any calendar: `35 December`.
    NoSuchDay,
    /// It may be either of two: `12/01/2026`.
    Either(NaiveDate, NaiveDate),
}

/// The day that the text names; without a year the next one of that name, `today` included. None: it names no day, or
/// one on another day of the week than it says.
pub fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let lower = text.trim().to_lowercase();
    let words: Vec<&str> = lower.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let words = words.strip_prefix(&["in"]).unwrap_or(&words);
    let (read, used) = read(words)?;
    let day = read.ok().filter(|_| used == words.len())?;
    let date = day.on(today)?;
    day.weekday().is_none_or(|named| named == date.weekday()).then_some(date)
}

/// The day that the words, in lower case, begin with, or what is wrong with it; and how many of them name it.
pub fn read(words: &[&str]) -> Option<(Result<Day, Wrong>, usize)> {
    let first = bare(words.first()?);
    if let Some(read) = figures(first) {
        return Some((read, 1));
    }
    if let Some((day, used)) = fixed(words).or_else(|| end(words)).or_else(|| span(words)) {
        return Some((Ok(day), used));
    }
    if let Some((named, at)) = weekday(first).map(|named| (named, if words.get(1) == Some(&"the") { 2 } else { 1 })) {
        let dated = date(&words[at.min(words.len())..]).or_else(|| Some((figures(bare(words.get(at)?))?, 1)));
        return Some(match dated {
            Some((Ok(Day::Date(month, day, year)), used)) => (Ok(Day::Named(named, month, day, year)), at + used),
            Some((wrong, used)) => (wrong, at + used),
            None => (Ok(Day::Week(named)), 1),
        });
    }
    date(words)
}

/// The month of this name, by number.
pub fn month(word: &str) -> Option<u32> {
    let word = bare(word);
    let word = if word == "sept" { "sep" } else { word };
    word.parse::<Month>().ok().map(|month| month.number_from_month())
}

/// The quarter, by number: `q1`.
pub fn quarter(word: &str) -> Option<u32> {
    let digit = bare(word).strip_prefix('q')?.parse().ok()?;
    (1..=4).contains(&digit).then_some(digit)
}

/// The year, if it is one.
pub fn year(word: &str) -> Option<i32> {
    let digits = bare(word);
    (digits.len() == 4).then_some(digits)?.parse().ok().filter(|year| (1900..=2999).contains(year))
}

/// The stretch of this name.
pub fn stretch(word: &str) -> Option<Span> {
    match bare(word) {
        "week" => Some(Span::Week),
        "month" => Some(Span::Month),
        "quarter" => Some(Span::Quarter),
        "year" => Some(Span::Year),
        _ => None,
    }
}

impl Day {
    /// The day of the calendar, seen from `today`; none: there is no such day.
    pub fn on(self, today: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Week(day) => today.checked_add_days(Days::new(u64::from(day.days_since(today.weekday())))),
            Self::In(days) => today.checked_add_days(Days::new(u64::from(days))),
            Self::Months(months) => today.checked_add_months(Months::new(u32::from(months))),
            Self::Date(month, day, year) | Self::Named(_, month, day, year) => {
                next(today, year, |year| NaiveDate::from_ymd_opt(year, month, day))
            }
            Self::MonthEnd(month, year) => next(today, year, |year| last_of(year, month)),
            Self::QuarterEnd(quarter, year) => next(today, year, |year| last_of(year, 3 * quarter)),
            Self::End(Span::Week, later) => {
                let monday = today.week(Weekday::Mon).first_day();
                let friday = monday.checked_add_days(Days::new(4 + 7 * u64::from(later)))?;
                if friday < today { friday.checked_add_days(Days::new(7)) } else { Some(friday) }
            }
            Self::End(span, later) => {
                let months = match span {
                    Span::Quarter => 3,
                    Span::Year => 12,
                    Span::Week | Span::Month => 1,
                };
                let last = (today.month0() / months + 1) * months;
                last_of(today.year(), last)?
                    .with_day(1)?
                    .checked_add_months(Months::new(months * u32::from(later)))
                    .and_then(|first| last_of(first.year(), first.month()))
            }
        }
    }

    /// The day of the week that it was said to be.
    pub fn weekday(self) -> Option<Weekday> {
        if let Self::Named(named, ..) = self { Some(named) } else { None }
    }

    /// What whoever named it may not have meant, seen from `today`, in words.
    pub fn doubt(self, today: NaiveDate) -> Option<String> {
        let date = self.on(today)?;
        let shown = date.format("%-d %B %Y");
        if let Self::Date(_, _, year) | Self::Named(_, _, _, year) = self {
            if date < today {
                return Some(format!("{shown} has passed, so it is no deadline"));
            }
            if year.is_none() && date.year() > today.year() && (date - today).num_days() > FAR {
                return Some(format!("{} has passed and was taken for that of {}", date.format("%-d %B"), date.year()));
            }
        }
        let named = self.weekday().filter(|named| *named != date.weekday())?;
        let name = |day| full(day);
        Some(format!("{shown} is a {}, not a {}: the date was taken", name(date.weekday()), name(named)))
    }
}

/// The next one from `today` on, or that of the year if it was said.
fn next(today: NaiveDate, year: Option<i32>, of: impl Fn(i32) -> Option<NaiveDate>) -> Option<NaiveDate> {
    match year {
        Some(year) => of(year),
        None => (0..=8).filter_map(|later| of(today.year() + later)).find(|date| *date >= today),
    }
}

fn last_of(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, 1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// Without the marks around it.
fn bare(word: &str) -> &str {
    word.trim_matches([',', '.', ':', ';', '!', '?', '(', ')'])
}

/// `2026-12-24`, `24.12.2026`, `24.12.`, `24/12/2026`.
fn figures(word: &str) -> Option<Result<Day, Wrong>> {
    let mark = ['-', '.', '/'].into_iter().find(|mark| word.contains(*mark))?;
    let parts: Vec<&str> = word.split(mark).collect();
    if !parts.iter().all(|part| (1..=4).contains(&part.len()) && part.bytes().all(|digit| digit.is_ascii_digit())) {
        return None;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let whole = |year: &str, month, day| {
        let year = year.parse::<i32>().ok().map(|year| if year < 100 { 2000 + year } else { year });
        let is_day = year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day)).is_some();
        if is_day { Ok(Day::Date(month, day, year)) } else { Err(Wrong::NoSuchDay) }
    };
    match (mark, &parts[..]) {
        (_, [year, month, day]) if mark != '.' && year.len() == 4 => Some(whole(year, number(month), number(day))),
        ('.', [day, month, year]) if matches!(year.len(), 2 | 4) => Some(whole(year, number(month), number(day))),
        // Other numbers have a point or a slash, too.
        ('.' | '/', [one, two]) if one.len() == 2 && two.len() == 2 => {
            let (one, two) =
                if mark == '/' && number(two) > 12 { (number(two), number(one)) } else { (number(one), number(two)) };
            checked(two, one, None).ok().map(Ok)
        }
        ('/', [one, two, year]) if matches!(year.len(), 2 | 4) => {
            let (here, there) = (whole(year, number(two), number(one)), whole(year, number(one), number(two)));
            match (here, there) {
                (Ok(here), Ok(there)) if here != there => {
                    let (either, or) = (here.on(NaiveDate::MIN)?, there.on(NaiveDate::MIN)?);
                    Some(Err(Wrong::Either(either, or)))
                }
                (here, there) => Some(here.or(there)),
            }
        }
        _ => None,
    }
}

/// `today`, `tomorrow`, `eow`, …
fn fixed(words: &[&str]) -> Option<(Day, usize)> {
    Some(match bare(words.first()?) {
        "today" | "tonight" | "eod" | "cob" => (Day::In(0), 1),
        "tomorrow" => (Day::In(1), 1),
        "day" if words.get(1..3).is_some_and(|rest| rest[0] == "after" && bare(rest[1]) == "tomorrow") => {
            (Day::In(2), 3)
        }
        "eow" => (Day::End(Span::Week, 0), 1),
        "eom" => (Day::End(Span::Month, 0), 1),
        "eoq" => (Day::End(Span::Quarter, 0), 1),
        "eoy" => (Day::End(Span::Year, 0), 1),
        _ => return None,
    })
}

/// `end of the month`, `end of next week`, `end of November`, `end of Q1 2027`.
fn end(words: &[&str]) -> Option<(Day, usize)> {
    if words.first() != Some(&"end") {
        return None;
    }
    let mut at = if words.get(1) == Some(&"of") { 2 } else { 1 };
    at += usize::from(words.get(at) == Some(&"the"));
    let later = u8::from(words.get(at) == Some(&"next"));
    at += usize::from(matches!(words.get(at), Some(&("next" | "this" | "coming"))));
    let word = words.get(at)?;
    if let Some(span) = stretch(word) {
        return Some((Day::End(span, later), at + 1));
    }
    if matches!(bare(word), "day" | "today") {
        return Some((Day::In(0), at + 1));
    }
    if bare(word) == "tomorrow" {
        return Some((Day::In(1), at + 1));
    }
    let year = words.get(at + 1).and_then(|word| year(word));
    let used = at + 1 + usize::from(year.is_some());
    let month = month(word).map(|month| Day::MonthEnd(month, year));
    Some((month.or_else(|| Some(Day::QuarterEnd(quarter(word)?, year)))?, used))
}

/// `two weeks`, `14 days`, `a month`.
fn span(words: &[&str]) -> Option<(Day, usize)> {
    let number = |word: &str| {
        let said = NUMBERS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
        said.or_else(|| word.parse().ok())
    };
    let [count, unit, ..] = words else { return None };
    let (count, unit) = (number(count)?, bare(unit));
    let days = |each: u32| Some((Day::In(u16::try_from(count.checked_mul(each)?).ok()?), 2));
    match unit {
        "day" | "days" => days(1),
        "week" | "weeks" => days(7),
        "fortnight" => days(14),
        "month" | "months" => Some((Day::Months(u16::try_from(count).ok()?), 2)),
        _ => None,
    }
}

/// `27 nov`, `nov 27th`, `the 27th of november 2026`.
fn date(words: &[&str]) -> Option<(Result<Day, Wrong>, usize)> {
    let the = usize::from(words.first() == Some(&"the"));
    let [one, two, ..] = words.get(the..)? else { return None };
    let (day, month, used) = if *two == "of" {
        (number(one)?, month(words.get(the + 2)?)?, the + 3)
    } else {
        let (day, month) = number(one).zip(month(two)).or_else(|| number(two).zip(month(one)))?;
        (day, month, the + 2)
    };
    let year = words.get(used).and_then(|word| year(word));
    Some((checked(month, day, year), used + usize::from(year.is_some())))
}

/// A day that is in the calendar of that year, or of a leap year.
fn checked(month: u32, day: u32, year: Option<i32>) -> Result<Day, Wrong> {
    let is_day = NaiveDate::from_ymd_opt(year.unwrap_or(2000), month, day).is_some();
    if is_day { Ok(Day::Date(month, day, year)) } else { Err(Wrong::NoSuchDay) }
}

fn number(word: &str) -> Option<u32> {
    let word = bare(word);
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    digits.parse().ok().filter(|day| (1..=99).contains(day))
}

fn weekday(word: &str) -> Option<Weekday> {
    match word {
        "tues" => Some(Weekday::Tue),
        "thur" | "thurs" => Some(Weekday::Thu),
        _ => word.parse().ok(),
    }
}

fn full(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Saturday.
    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
    }

    #[test]
    fn days_are_read_as_they_are_shown_and_as_people_write_them() {
        for (text, wanted) in [
            ("2026-12-24", "2026-12-24"),
            ("today", "2026-11-21"),
            ("Tomorrow", "2026-11-22"),
            ("friday", "2026-11-27"),
            ("Sat", "2026-11-21"),
            ("Fri 27 Nov", "2026-11-27"),
            ("Fri, 27 Nov 2026", "2026-11-27"),
            ("Friday the 27th of November", "2026-11-27"),
            ("27 Nov", "2026-11-27"),
            ("November 27th", "2026-11-27"),
            ("27. november", "2026-11-27"),
            ("24.12.2026", "2026-12-24"),
            ("24/12/2026", "2026-12-24"),
            ("12/24/2026", "2026-12-24"),
            ("3 Mar", "2027-03-03"),
            ("29 Feb", "2028-02-29"),
            ("end of November", "2026-11-30"),
            ("end of next month", "2026-12-31"),
            ("end of the quarter", "2026-12-31"),
            ("end of Q1", "2027-03-31"),
            ("end of next week", "2026-11-27"),
            ("end of the year", "2026-12-31"),
            ("in two weeks", "2026-12-05"),
            ("in 3 months", "2027-02-21"),
            ("day after tomorrow", "2026-11-23"),
        ] {
            assert_eq!(day(text, today()).map(|day| day.to_string()).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "",
            "someday",
            "Thu 27 Nov",
            "31 Nov",
            "27",
            "nov",
            "27 Nov 26",
            "friday night",
            "1 2 3",
            "ä ö",
            "2026",
            "12/01/2026",
            "35 December",
            "2026-02-30",
            "end",
            "in",
            "1.5",
            "999999999999 weeks",
        ] {
            assert_eq!(day(text, today()), None, "{text}");
        }
    }

    #[test]
    fn what_reads_like_a_day_and_is_none_is_told_apart_from_other_words() {
        let wrong = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            read(&words).and_then(|(read, _)| read.err())
        };
        for text in ["35 december", "31 november", "february 30", "2026-13-01", "40.12.2026", "13/13/2026"] {
            assert_eq!(wrong(text), Some(Wrong::NoSuchDay), "{text}");
        }
        assert!(matches!(wrong("12/01/2026"), Some(Wrong::Either(..))));
        for text in ["4 sellers", "12.5 percent", "24/7", "1.2.3", "month"] {
            assert_eq!(wrong(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_that_may_be_meant_otherwise_says_so() {
        let doubt = |text: &str| {
            let words: Vec<&str> = text.split(' ').collect();
            let (day, _) = read(&words).expect("a day");
            day.expect("in the calendar").doubt(today())
        };
        assert_eq!(doubt("1 november").as_deref(), Some("1 November has passed and was taken for that of 2027"));
        assert_eq!(doubt("30 november 2025").as_deref(), Some("30 November 2025 has passed, so it is no deadline"));
        let mismatch = "8 December 2026 is a Tuesday, not a Monday: the date was taken";
        assert_eq!(doubt("monday 8 december").as_deref(), Some(mismatch));
        assert_eq!((doubt("monday 7 december"), doubt("3 march"), doubt("friday")), (None, None, None));
    }
}
