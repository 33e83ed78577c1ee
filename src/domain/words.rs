//! Counts, lengths of time and lists in plain words, said alike in every room.

/// Letters of a name that are compared.
const LONGEST_NAME: usize = 40;

/// `1 task`, `3 tasks`.
pub fn count(count: impl TryInto<u64>, what: &str) -> String {
    let count = count.try_into().unwrap_or_default();
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `1 point`, `2.5 points`.
pub fn points(points: f64) -> String {
    // Exactly one and nothing near it.
    let one = (points - 1.0).abs() < f64::EPSILON;
    format!("{points} point{}", if one { "" } else { "s" })
}

/// Time that goes by, with days of 24 hours: `45m`, `3h 20m`, `2d 4h`.
pub fn span(minutes: impl Into<u64>) -> String {
    let minutes = minutes.into();
    match (minutes / 1440, minutes / 60 % 24) {
        (0, _) => work(minutes),
        (days, 0) => format!("{days}d"),
        (days, hours) => format!("{days}d {hours}h"),
    }
}

/// Time that somebody works or waits for, in hours and no days: `45m`, `3h 20m`, `31h`.
pub fn work(minutes: impl Into<u64>) -> String {
    let minutes = minutes.into();
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h {minutes}m"),
    }
}

/// An amount of work, to a tenth of an hour: `13.5 h`.
pub fn hours(minutes: impl Into<f64>) -> String {
    // Nothing is 0, never -0.
    format!("{} h", (minutes.into() / 6.0).round() / 10.0 + 0.0)
}

/// At most `most` characters; what does not fit ends in an ellipsis. For what is kept or sent on: what a terminal shows
/// is cut by its columns.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The first of many: `#1, #2 and 3 more`.
pub fn listed<T: AsRef<str>>(names: &[T], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The one of these that was probably meant: a letter of it may be another, missing, too many or in its neighbour's place,
/// and two of a name of more than five. Nothing is near to less than three letters; case does not count.
pub fn near<'a, T>(meant: &str, known: impl IntoIterator<Item = &'a T>) -> Option<&'a str>
where
    T: AsRef<str> + ?Sized + 'a,
{
    let letters = |text: &str| text.trim().to_lowercase().chars().take(LONGEST_NAME).collect::<Vec<char>>();
    let meant = letters(meant);
    let close = |name: &&str| {
        let name = letters(name);
        let far = steps(&meant, &name);
        (meant.len() > 2 && far <= if name.len() > 5 { 2 } else { 1 }).then_some(far)
    };
    let found = known.into_iter().map(AsRef::as_ref).filter_map(|name| Some((close(&name)?, name)));
    found.min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// Letters to change, leave out, put in or swap with their neighbours until one text is the other (the restricted
/// distance of Damerau and Levenshtein).
fn steps(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let other = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = other.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_something_is_not_many() {
        assert_eq!([count(1, "task"), count(0, "task"), count(3_usize, "task")], ["1 task", "0 tasks", "3 tasks"]);
        assert_eq!([points(1.0), points(2.5), points(0.0)], ["1 point", "2.5 points", "0 points"]);
    }

    #[test]
    fn days_are_of_the_calendar_and_never_of_work() {
        assert_eq!([span(45_u32), span(200_u32), span(1440_u32), span(3130_u32)], ["45m", "3h 20m", "1d", "2d 4h"]);
        assert_eq!([work(45_u32), work(60_u32), work(3130_u32)], ["45m", "1h", "52h 10m"]);
        assert_eq!([hours(810.0), hours(-0.1), hours(480.0)], ["13.5 h", "0 h", "8 h"]);
    }

    #[test]
    fn a_slip_of_the_fingers_is_near_and_another_word_is_not() {
        let known = ["rust", "typescript", "qa", "mia"];
        assert_eq!(
            [near("rsut", &known), near("Typscirpt", &known), near("mai", &known)].map(Option::unwrap_or_default),
            ["rust", "typescript", "mia"]
        );
        assert_eq!([near("go", &known), near("qs", &known), near("python", &known), near("", &known)], [None; 4]);
    }

    #[test]
    fn what_is_cut_says_so_and_what_fits_is_left_alone() {
        assert_eq!([cut("weekly", 6), cut("weekly digest", 8), cut("漢字漢", 2)], ["weekly", "weekly…", "漢…"]);
        assert_eq!([listed(&["a", "b"], 2), listed(&["a", "b", "c"], 1)], ["a, b", "a and 2 more"]);
    }
}
