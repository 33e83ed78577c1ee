//! What a wish is about, as a thing that any sentence can hold: its own words where they name one, else the wish in quotes.

use super::acts::Wish;
use super::verbs::{bare, doing, is_verb, words};
use super::words::{EVENTS, FAILS, MODALS, SIDES, VERBS};
use super::{Objective, decapitalized, shortened};

/// Most characters of a wish in quotes.
const QUOTED: usize = 70;
/// Verbs with what their doing is called.
#[rustfmt::skip]
const NOUNS: &[(&str, &str)] = &[
    ("move", "move"), ("migrate", "migration"), ("switch", "switch"), ("deploy", "deployment"), ("upgrade", "upgrade"),
    ("connect", "connection"), ("convert", "conversion"), ("change", "change"), ("port", "port"), ("roll", "rollout"),
    ("comply", "compliance"), ("integrate", "integration"), ("launch", "launch"), ("respond", "response"),
];
/// Words that begin no thing.
#[rustfmt::skip]
const NO_THING: &[&str] = &[
    "to", "from", "into", "onto", "in", "on", "at", "of", "off", "for", "with", "by", "without", "via", "than", "as", "about",
    "over", "under", "through", "across", "out", "up", "down", "back", "away", "against", "and", "or", "but", "not", "no",
    "why", "how", "what", "whether", "when", "who", "which", "where", "that", "it", "this", "them", "us", "me", "we", "they",
    "he", "she", "you", "there", "these", "those", "so", "more", "less", "better", "please", "every", "be",
];
/// Words that begin a thing behind a verb: what stands before them is one.
const BEGINS: &[&str] = &[
    "a", "an", "the", "our", "my", "their", "your", "his", "her", "its", "this", "these", "some", "two", "three",
    "four", "five",
];

impl Objective {
    /// What is done, as a thing: `renaming the fields`; what it is about, where that says so itself.
    pub fn doing(&self) -> String {
        let words = words(&self.title);
        let first = words.first().map(|word| bare(word)).unwrap_or_default();
        if matches!(first.as_str(), "let" | "allow" | "enable" | "permit" | "help" | "keep")
            || !is_verb(&first)
            || words.len() < 2
        {
            return self.subject.clone();
        }
        shortened(&format!("{} {}", doing(&first), words[1..].join(" ")))
    }
}

/// What the wish is about, as it stands in titles.
pub(super) fn subject(wish: &Wish) -> String {
    let subject = wish.subject.trim();
    if subject.starts_with('"') || is_thing(subject, !wish.verb.is_empty()) {
        return subject.to_owned();
    }
    let first = words(subject).first().map(|word| bare(word)).unwrap_or_default();
    let leads = matches!(first.as_str(), "to" | "from" | "into" | "onto" | "with" | "off" | "over");
    match NOUNS.iter().find(|(verb, _)| *verb == wish.verb).filter(|_| leads) {
        Some((_, noun)) => format!("the {noun} {subject}"),
        None if leads && is_verb(&wish.verb) => format!("{} {subject}", doing(&wish.verb)),
        None => {
            // What is to be made sure is what it is about.
            let openings = ["make sure that ", "make sure ", "ensure that ", "ensure "];
            let title = decapitalized(&wish.title);
            quoted(openings.iter().find_map(|opening| title.strip_prefix(opening)).unwrap_or(&title))
        }
    }
}

/// A text in quotes, cut between words where it is long.
pub(super) fn quoted(text: &str) -> String {
    let text = decapitalized(&text.replace('"', "'"));
    if text.chars().count() <= QUOTED {
        return format!("\"{text}\"");
    }
    let cut: String = text.chars().take(QUOTED).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole);
    format!("\"{}…\"", cut.trim_end_matches([',', ';', ':']))
}

/// True if the words name a thing. Behind a verb nearly all do; without one they may be a sentence.
fn is_thing(text: &str, behind_verb: bool) -> bool {
    let lower: Vec<String> = words(text).into_iter().map(bare).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let Some(first) = lower.first() else { return false };
    let each = *first == "every" && behind_verb;
    if NO_THING.contains(first) && !each {
        return false;
    }
    let demands = lower.get(1).is_some_and(|next| {
        BEGINS.contains(next) || next.parse::<u32>().is_ok() || (is_verb(first) && NO_THING.contains(next))
    });
    let is_whole = matches!(*first, "all" | "half" | "both" | "such" | "version" | "release" | "top");
    if !behind_verb && demands && !is_whole {
        return false;
    }
    if !behind_verb && VERBS.contains(first) && is_pure(first) {
        return false;
    }
    // What a clause of its own says belongs to the thing.
    let main = lower.iter().take_while(|word| {
        !SIDES.contains(word) && !matches!(**word, "that" | "which" | "who" | "where" | "how" | "why" | "what")
    });
    let main: Vec<&str> = main.copied().collect();
    let is_finite = |at: usize| {
        MODALS.iter().any(|modal| modal.len() == 1 && modal[0] == main[at] && modal[0] != "can" && modal[0] != "will")
            || matches!(
                main[at],
                "is" | "are" | "was" | "were" | "has" | "have" | "does" | "do" | "doesn't" | "cannot" | "can't"
            )
            || (at > 0 && FAILS.contains(&main[at]) && matches!(main[at], "fails" | "doesn't" | "cannot" | "loses"))
            || (at > 0 && EVENTS.iter().any(|(event, _)| event.len() > 1 && main[at..].starts_with(event)))
    };
    !(0..main.len()).any(is_finite)
}

/// True for verbs that are no nouns as well.
fn is_pure(verb: &str) -> bool {
    matches!(verb, "hire" | "delight" | "organise" | "organize" | "recruit" | "ensure" | "allow" | "enable")
}

#[cfg(test)]
mod tests {
    use super::super::acts::wish;
    use super::*;

    #[test]
    fn what_is_no_thing_stands_in_quotes() {
        for (text, wanted) in [
            ("add full-text search for orders", "full-text search"),
            ("move to Kubernetes", "the move to Kubernetes"),
            ("weekly digest email", "weekly digest email"),
            ("delight our users", "users"),
            ("gladden our users", "\"gladden our users\""),
            ("find out why", "\"find out why\""),
            ("the queue has fallen behind", "\"the queue has fallen behind\""),
            ("keep it running", "\"keep it running\""),
            ("add a page that is fast", "page that is fast"),
        ] {
            assert_eq!(subject(&wish(text)), wanted, "{text}");
        }
    }
}
