//! What belongs to a wish beside its words: what people can do then, and sentences that only point back to it.

use super::capitalized;
use super::clauses::without_leads;
use super::verbs::{bare, is_verb, words};
use super::words::{ACTS, VERBS};

/// Most words of a clause that only points back.
const SHORT: usize = 8;
/// Purposes that are taken from one wish.
const MOST: usize = 6;
/// Words that point back to what was told before.
const BACK: &[&str] = &["it", "this", "that", "why", "them", "cause", "happened", "so"];
/// Words beside them that say nothing more.
#[rustfmt::skip]
const BESIDE: &[&str] = &[
    "again", "ever", "never", "not", "out", "from", "happening", "happen", "happens", "occur", "occurs", "for", "good",
    "properly", "the", "root", "what", "how", "does", "do", "sure", "make", "into", "quickly", "now", "must", "is", "be", "can",
    "cannot", "once", "and", "all", "up", "soon", "to", "of", "a", "may", "should", "we",
];

/// True for `find out why`, `fix it`, `make sure it never happens again`: behind something told, it asks for nothing else.
pub(super) fn is_echo(clause: &str) -> bool {
    let (body, _) = without_leads(clause);
    let words = words(body);
    if !(2..=SHORT).contains(&words.len()) {
        return false;
    }
    let lower: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let first = lower[0].as_str();
    let rest = &lower[1..];
    let points = |word: &String| BACK.contains(&word.as_str());
    let only = |words: &[String]| words.iter().all(|word| points(word) || BESIDE.contains(&word.as_str()));
    (is_verb(first) && rest.iter().any(points) && only(rest)) || (points(&lower[0]) && lower.len() > 2 && only(&lower))
}

/// What shall be so then: `so that couriers can scan parcels and take photos offline` as two things that couriers can do.
pub(super) fn purposes(title: &str) -> Vec<String> {
    let lower = title.to_ascii_lowercase();
    let openings = [" so that ", " in order that ", " so "];
    let Some(at) = openings.iter().find_map(|opening| Some(lower.find(opening)? + opening.len())) else {
        return several(title);
    };
    let purpose = title[at..].trim_end_matches(['.', '!', ',']);
    let words = words(purpose);
    let lower: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let Some(modal) = lower.iter().position(|word| matches!(word.as_str(), "can" | "may" | "could")) else {
        return vec![capitalized(purpose)];
    };
    let who = words[..=modal].join(" ");
    acts(&words[modal + 1..]).iter().take(MOST).map(|act| capitalized(&format!("{who} {act}"))).collect()
}

/// `let customers return goods and get refunds`: more than one thing that they can do.
fn several(title: &str) -> Vec<String> {
    let words = words(title);
    if words.first().map(|word| bare(word)).as_deref() != Some("let") {
        return Vec::new();
    }
    let Some(at) = super::acts::act_after(&words) else { return Vec::new() };
    let found = acts(&words[at..]);
    let who = words[1..at].join(" ");
    let each = found.iter().take(MOST).map(|act| capitalized(&format!("{who} can {act}")));
    if found.len() > 1 { each.collect() } else { Vec::new() }
}

/// The acts of a list: a comma or an "and" ends one where another verb begins.
fn acts(words: &[&str]) -> Vec<String> {
    let mut acts: Vec<Vec<&str>> = vec![Vec::new()];
    for (at, word) in words.iter().enumerate() {
        let joins = bare(word) == "and" || bare(word) == "or";
        let after = |at: usize| words.get(at).is_some_and(|next| begins(&bare(next)));
        let ends = joins && after(at + 1) || (at > 0 && words[at - 1].ends_with(',') && begins(&bare(word)));
        if ends {
            acts.push(Vec::new());
        }
        if let Some(last) = acts.last_mut().filter(|_| !(joins && ends)) {
            last.push(word);
        }
    }
    let told = acts.iter().filter(|act| !act.is_empty());
    told.map(|act| act.join(" ").trim_end_matches([',', '.']).to_owned()).collect()
}

fn begins(word: &str) -> bool {
    VERBS.contains(&word) || ACTS.contains(&word) || word == "take"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_can_do_then_is_told_one_by_one() {
        for (text, wanted) in [
            (
                "Ship an app so that couriers can scan parcels and take photos offline",
                vec!["Couriers can scan parcels", "Couriers can take photos offline"],
            ),
            (
                "Let customers return goods, print labels and get refunds",
                vec!["Customers can return goods", "Customers can print labels", "Customers can get refunds"],
            ),
            ("Backfill countries so that tax can be computed", vec!["Tax can be computed"]),
            ("Run imports at night so that pages stay fast", vec!["Pages stay fast"]),
            ("Let customers pay by card", vec![]),
            ("Add search", vec![]),
        ] {
            assert_eq!(purposes(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_only_points_back_is_no_wish_of_its_own() {
        for text in ["we must find out why", "fix it", "make sure it never happens again", "it must never happen again"]
        {
            assert!(is_echo(text), "{text}");
        }
        for text in ["fix the login", "add search", "find out why the login is slow", "this is urgent for us now", "it"]
        {
            assert!(!is_echo(text), "{text}");
        }
    }
}
