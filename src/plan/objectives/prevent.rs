//! What must not happen, as a wish to prevent it.

use super::acts::{Wish, plain, spelled_out};
use super::clauses::is_mishap;
use super::tell::sped_up;
use super::verbs::{bare, gerund, of_one, place, words};
use super::words::{ACTS, HAPPENS, PERMITS, SLOW, VERBS, WHO};
use super::{capitalized, decapitalized, is_particle, shortened};

/// What is done about a thing that must not happen.
const PREVENT: &str = "prevent";

/// `no more crashes`, `never lose an order`, `there must be no duplicates`, `keep boxes from arriving late`
pub(super) fn prevented(body: &str) -> Option<Wish> {
    let spelled = spelled_out(body);
    let words = words(&spelled);
    let lower: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let prevent = |from: usize| {
        let what = words.get(from..).filter(|what| !what.is_empty())?;
        Some(plain(&format!("{PREVENT} {}", what.join(" "))))
    };
    match lower[..] {
        ["no", "more", _, ..] => prevent(2),
        ["there", "must" | "should" | "shall" | "may", "be", "no", ..]
        | ["there", "must" | "should" | "shall" | "may", "not" | "never", "be", ..] => prevent(4),
        ["keep" | "stop" | "prevent" | "hinder", ..] => {
            let at = place(&words, "from").filter(|at| (2..=WHO + 1).contains(at))?;
            let doing = words.get(at + 1).filter(|doing| bare(doing).ends_with("ing"))?;
            let act = std::iter::once(doing).chain(&words[at + 2..]).copied().collect::<Vec<_>>().join(" ");
            Some(Wish { title: capitalized(&words.join(" ")), ..from_doing(&words[1..at], &act) })
        }
        ["do", "not", ..] => not_to(&words[2..]),
        ["don't" | "never" | "not", ..] => not_to(&words[1..]),
        ["make", "sure", ..] | ["ensure", ..] => {
            let from = if lower[0] == "make" { 2 } else { 1 };
            let from = from + usize::from(lower.get(from) == Some(&"that"));
            never(&words[from..], &lower[from..])
        }
        _ => None,
    }
}

/// `lose an order`, `allow guests to see prices` of what shall not be done.
fn not_to(act: &[&str]) -> Option<Wish> {
    let verb = bare(act.first()?);
    if matches!(verb.as_str(), "allow" | "permit") {
        let to = place(act, "to").filter(|to| (2..=WHO).contains(to))?;
        return kept_from(&act[1..to], act.get(to + 1..)?);
    }
    let is_wish = is_mishap(&act.join(" ").to_lowercase()) && !PERMITS[..3].contains(&verb.as_str());
    is_wish.then(|| kept_from(&[], act)).flatten()
}

/// `orders never get lost`, `no order gets lost`, after words that say that it shall be so.
fn never(words: &[&str], lower: &[&str]) -> Option<Wish> {
    if let Some(who) = nobody(lower) {
        let first = who.1 + usize::from(who.0 == "any");
        let is_act = |at: &usize| {
            let verb = of_one(lower[*at]).unwrap_or_default();
            VERBS.contains(&verb.as_str())
                || ACTS.contains(&verb.as_str())
                || HAPPENS.iter().any(|[act, _]| *act == verb)
        };
        let at = (first..lower.len().min(WHO + 1)).find(is_act).unwrap_or(first);
        let act = words.get(at..).filter(|act| !act.is_empty())?;
        let mut act: Vec<String> = act.iter().map(|word| (*word).to_owned()).collect();
        if let Some(verb) = of_one(&act[0]) {
            act[0] = verb;
        }
        let act: Vec<&str> = act.iter().map(String::as_str).collect();
        return kept_from(&whoever(&who, &words[..at]), &act);
    }
    let at = (1..=WHO.min(lower.len())).find(|at| {
        matches!(
            lower[*at..],
            ["never" | "don't" | "doesn't" | "cannot" | "can't", ..]
                | ["do" | "does" | "can" | "must" | "should", "not" | "never", ..]
        )
    })?;
    let act = at + if matches!(lower[at], "do" | "does" | "can" | "must" | "should") { 2 } else { 1 };
    kept_from(&words[..at], words.get(act..)?)
}
/// Who or what is meant where nobody shall, and the words that say "nobody".
pub(super) fn nobody(lower: &[&str]) -> Option<(&'static str, usize)> {
    match lower {
        ["nobody", ..] => Some(("anybody", 1)),
        ["nothing", ..] => Some(("anything", 1)),
        ["no", "one", ..] => Some(("anybody", 2)),
        ["no", "longer", ..] => None,
        ["no", ..] => Some(("any", 1)),
        _ => None,
    }
}

/// `any order` of *no order*.
pub(super) fn whoever<'a>(nobody: &(&'static str, usize), words: &[&'a str]) -> Vec<&'a str> {
    std::iter::once(nobody.0).chain(words[nobody.1.min(words.len())..].iter().copied()).collect()
}

/// Those people shall not do that, or that shall not happen to the thing.
pub(super) fn kept_from(who: &[&str], act: &[&str]) -> Option<Wish> {
    let first = bare(act.first()?);
    let lower: Vec<String> = act.iter().map(|word| bare(word)).collect();
    let says = |list: &[&str]| lower.iter().any(|word| list.contains(&word.as_str()));
    if !who.is_empty() && first == "be" && says(SLOW) {
        return Some(sped_up(&who.join(" ")));
    }
    let kept = from_doing(who, &gerund(act));
    if !who.is_empty() && matches!(first.as_str(), "take" | "last" | "need") && says(&["long", "longer", "ages"]) {
        // What must not take long is to be faster.
        let subject = shortened(&without_article(who).join(" "));
        return Some(Wish { verb: "speed".into(), subject, ..kept });
    }
    Some(kept)
}

/// `boxes arriving late` as what is to be prevented.
fn from_doing(who: &[&str], act: &str) -> Wish {
    let (verb, who) = (PREVENT.to_owned(), decapitalized(&who.join(" ")));
    if who.is_empty() {
        return Wish { title: capitalized(&format!("{PREVENT} {act}")), verb, subject: shortened(act) };
    }
    let subject = format!("{} {act}", without_article(&words(&who)).join(" "));
    Wish { title: format!("Keep {who} from {act}"), verb, subject: shortened(&subject) }
}

fn without_article<'a, 'b>(who: &'b [&'a str]) -> &'b [&'a str] {
    if who.len() > 1 && is_particle(who[0]) { &who[1..] } else { who }
}
