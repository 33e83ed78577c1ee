//! Days as people write them: `2026-12-24`, `tomorrow`, `friday`, `27 Nov`, `Fri 27 Nov`.

use chrono::{Datelike, Days, Month, NaiveDate, Weekday};

/// What a day may look like, for those who are told that theirs is none.
pub const EXAMPLES: &str = "2026-12-24, 24 Dec, friday, tomorrow";

/// The day that the text names; without a year the next one of that name, `today` included. None: it names no day, or
/// one on another day of the week than it says.
pub fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim();
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return Some(day);
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let (first, others) = words.split_first()?;
    let named = first.trim_end_matches('.').parse::<Weekday>().ok();
    let rest = if named.is_some() { others } else { &words[..] };
    match (named, rest) {
        (None, ["today"]) => Some(today),
        (None, ["tomorrow"]) => today.succ_opt(),
        (Some(named), []) => today.checked_add_days(Days::new(u64::from(named.days_since(today.weekday())))),
        (named, rest) => {
            let date = date(rest, today)?;
            named.is_none_or(|named| named == date.weekday()).then_some(date)
        }
    }
}

/// `27 nov`, `nov 27th`, `27 november 2026`.
fn date(words: &[&str], today: NaiveDate) -> Option<NaiveDate> {
    let [one, two, rest @ ..] = words else { return None };
    let (day, month) = number(one).zip(month(two)).or_else(|| number(two).zip(month(one)))?;
    match rest {
        [] => {
            let of = |year| NaiveDate::from_ymd_opt(year, month, day);
            let this = of(today.year()).filter(|date| *date >= today);
            this.or_else(|| (1..=4).find_map(|later| of(today.year() + later)))
        }
        [year] => NaiveDate::from_ymd_opt(year.parse().ok().filter(|year| (1900..10_000).contains(year))?, month, day),
        _ => None,
    }
}

fn number(word: &str) -> Option<u32> {
    let digits = ["st", "nd", "rd", "th", "."].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    digits.parse().ok().filter(|day| (1..=31).contains(day))
}

fn month(word: &str) -> Option<u32> {
    let word = word.trim_end_matches('.');
    let word = if word == "sept" { "sep" } else { word };
    word.parse::<Month>().ok().map(|month| month.number_from_month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_shown_and_as_people_write_them() {
        // A Saturday.
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day");
        for (text, wanted) in [
            ("2026-12-24", "2026-12-24"),
            ("today", "2026-11-21"),
            ("Tomorrow", "2026-11-22"),
            ("friday", "2026-11-27"),
            ("Sat", "2026-11-21"),
            ("Fri 27 Nov", "2026-11-27"),
            ("Fri, 27 Nov 2026", "2026-11-27"),
            ("27 Nov", "2026-11-27"),
            ("November 27th", "2026-11-27"),
            ("27. november", "2026-11-27"),
            ("3 Mar", "2027-03-03"),
            ("29 Feb", "2028-02-29"),
        ] {
            assert_eq!(day(text, today).map(|day| day.to_string()).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "someday", "Thu 27 Nov", "31 Nov", "27", "nov", "27 Nov 26", "friday night", "1 2 3", "ä ö"]
        {
            assert_eq!(day(text, today), None, "{text}");
        }
    }
}
