//! What is said beside a wish: by when, how big, how urgent. It decides on the tasks and is no part of their titles.

use super::dates::{self, Dates};
use super::words::{BURDENS, REMARKS, TRAILERS};
use super::{clip, holds, urgency};
use crate::domain::Priority;
use crate::plan::estimate::said::Said;

/// Bytes of a remark that are looked at, and of what stands in brackets.
const LONGEST: usize = 256;
/// Places at which a remark or a day is looked for; nobody writes more.
pub(super) const MOST_PLACES: usize = 500;
/// What joins a remark to a wish.
const JOINTS: &[&str] = &[
    ", because ",
    " because ",
    ", as ",
    ", since ",
    ", and ",
    ", but ",
    " and ",
    " but ",
    ", ",
    "; ",
    " - ",
    " – ",
    " — ",
    ": ",
    " (",
];

/// What was said beside a wish.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Hints {
    pub(super) dates: Dates,
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
    (rest, hints.dates) = dates::taken(&rest);
    let rest = rest.replace("()", "").replace("( ", "(");
    (without_trailers(&rest).split_whitespace().collect::<Vec<_>>().join(" "), hints)
}

/// What a text says about a wish that stands elsewhere: `this is urgent`, `it's blocking sales`.
pub(super) fn remark(text: &str) -> Option<(Priority, &'static str)> {
    let lower = clip(text.trim_start(), LONGEST).to_ascii_lowercase();
    REMARKS.iter().any(|opening| lower.starts_with(opening)).then_some(())?;
    let burden = BURDENS.iter().find(|word| holds(&format!(" {lower} "), word));
    burden.map(|word| (Priority::Critical, *word)).or_else(|| urgency(&lower))
}

fn remarked(text: &str, joint: &str) -> Option<(usize, (Priority, &'static str))> {
    let places = text.match_indices(joint).filter(|(at, _)| *at > 0).take(MOST_PLACES);
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
    lower.parse().ok().filter(|_| lower.ends_with(char::is_alphabetic))
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
