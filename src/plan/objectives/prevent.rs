//! What must not happen, as a wish to prevent it.

use super::acts::{Wish, plain, spelled_out};
use super::clauses::{is_mishap, negated};
use super::tell::sped_up;
use super::things::quoted;
use super::verbs::{bare, gerund, is_verb, of_doing, of_one, place, words};
use super::words::{ACTS, ADVERBS, FAILS, FAULTS, HAPPENS, KEPT_UP, MODALS, ONCE_MORE, PERMITS, SLOW, VERBS, WHO};
use super::{capitalized, decapitalized, is_particle, shortened};

/// What is done about a thing that must not happen.
const PREVENT: &str = "prevent";
/// What is done about a thing that is not wanted any more.
const END: &str = "discontinue";

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
        ["no", _, _, ..] if is_banned(&lower) && is_mishap(&lower[1..].join(" ")) => prevent(1),
        ["there", "must" | "should" | "shall" | "may", "be", "no", ..]
        | ["there", "must" | "should" | "shall" | "may", "not" | "never", "be", ..] => prevent(4),
        ["keep" | "stop" | "prevent" | "hinder", ..] if doing_from(&words).is_some() => {
            let at = doing_from(&words)?;
            let doing = words.get(at + 1)?;
            let act = std::iter::once(doing).chain(&words[at + 2..]).copied().collect::<Vec<_>>().join(" ");
            Some(Wish { title: capitalized(&words.join(" ")), ..from_doing(&words[1..at], &act) })
        }
        ["stop", _, ..] => stopped(&words, &lower),
        ["make", "sure", ..] | ["ensure", ..] => {
            let from = if lower[0] == "make" { 2 } else { 1 };
            let from = from + usize::from(lower.get(from) == Some(&"that"));
            never(&words[from..], &lower[from..])
        }
        _ if unneeded(&words, &lower).is_some() => unneeded(&words, &lower),
        _ => {
            let rest = negated(&spelled.to_lowercase()).map(|rest| rest.split_whitespace().count())?;
            let act = words.get(words.len().checked_sub(rest)?..)?;
            not_wanted(&lower, act).or_else(|| not_to(act))
        }
    }
}

/// `we no longer need the staging server`, `the old API is not used any more`, `nobody needs the fax module`
fn unneeded(words: &[&str], lower: &[&str]) -> Option<Wish> {
    let needs = |word: &str| matches!(word, "need" | "needs" | "want" | "wants" | "use" | "uses");
    let needed = |word: &str| matches!(word, "needed" | "used" | "wanted" | "required");
    let what = match *lower {
        ["nobody", verb, _, ..] if needs(verb) => &words[2..],
        ["no", "one", verb, _, ..] | ["we" | "i", "no", "longer", verb, _, ..] if needs(verb) => {
            &words[if lower[0] == "no" { 3 } else { 4 }..]
        }
        ["we" | "i", "don't", verb, _, ..] if needs(verb) && without_once_more(words).len() < words.len() => {
            &words[3..]
        }
        _ => {
            let at = lower.windows(3).position(|three| match three {
                ["is" | "are", "not", state] | ["no", "longer", state] => needed(state),
                _ => false,
            });
            let at = at.filter(|at| (1..=WHO + 1).contains(at))?;
            &words[..at - usize::from(lower[at] == "no" && at > 1)]
        }
    };
    let what = without_once_more(what);
    // `we don't want to lose orders any more` says what shall not happen.
    if matches!(bare(what.first()?).as_str(), "to" | "it" | "this" | "that") || place(what, "to").is_some() {
        return None;
    }
    let title = format!("Remove {}", decapitalized(&what.join(" ")));
    Some(Wish { title, verb: "remove".into(), subject: shortened(&without_article(what).join(" ")) })
}

/// True if what shall not be is a wish of its own.
pub(super) fn is_prevented(body: &str) -> bool {
    prevented(body).is_some()
}

/// `no deployments on Fridays`: something there shall be none of, and no word of what it must not do.
pub(super) fn is_banned(lower: &[&str]) -> bool {
    let is_other = |word: &&str| MODALS.iter().any(|modal| modal[0] == *word) || FAILS.contains(word) || tells(word);
    matches!(lower, ["no", _, ..]) && !lower[1..].iter().any(is_other)
}

fn tells(word: &str) -> bool {
    matches!(
        word,
        "more" | "one" | "longer" | "later" | "is" | "are" | "may" | "gets" | "get" | "goes" | "was" | "were" | "has"
    )
}

/// Where "from" stands before what something is kept from doing.
fn doing_from(words: &[&str]) -> Option<usize> {
    let at = place(words, "from").filter(|at| (2..=WHO + 1).contains(at))?;
    words.get(at + 1).is_some_and(|doing| bare(doing).ends_with("ing")).then_some(at)
}

/// `stop sending duplicate mails` prevents, `stop using Jenkins` takes it away.
fn stopped(words: &[&str], lower: &[&str]) -> Option<Wish> {
    let title = capitalized(&words.join(" "));
    let act = without_once_more(&words[1..]);
    let doing = of_doing(lower[1]);
    if is_mishap(&act.join(" ").to_lowercase())
        || (doing.is_none() && lower[1..].iter().any(|word| FAULTS.contains(word)))
    {
        return Some(Wish { title, ..from_doing(&[], &without_article(act).join(" ")) });
    }
    let what = if doing.is_some_and(|verb| KEPT_UP.contains(&verb)) { act.get(1..)? } else { act };
    if doing.is_some() && what.len() == act.len() {
        return Some(Wish { title, ..from_doing(&[], &act.join(" ")) });
    }
    let what = without_article(what);
    (!what.is_empty()).then(|| Wish { title, verb: END.into(), subject: shortened(&what.join(" ")) })
}

/// `we don't want orders to get lost`
fn not_wanted(lower: &[&str], act: &[&str]) -> Option<Wish> {
    let is_wanted = lower.iter().take(4).any(|word| matches!(*word, "want" | "wants"));
    let act = if act.first().is_some_and(|first| bare(first) == "want") { &act[1..] } else { act };
    let to = place(act, "to").filter(|to| is_wanted && (1..=WHO).contains(to))?;
    kept_from(&act[..to], act.get(to + 1..)?)
}

/// Without the words that say only that it has happened: `again`, `any more`.
pub(super) fn without_once_more<'a, 'b>(act: &'b [&'a str]) -> &'b [&'a str] {
    let lower = format!(" {}", act.join(" ").to_lowercase());
    let ends = ONCE_MORE.iter().filter(|end| lower.trim_end_matches(['.', '!', ',']).ends_with(**end));
    let long = ends.map(|end| end.split_whitespace().count()).max().unwrap_or(0);
    let act = &act[..act.len().saturating_sub(long).max(1).min(act.len())];
    let adverbs = act.iter().take_while(|word| ADVERBS.contains(&bare(word).as_str())).count();
    if adverbs < act.len() { &act[adverbs..] } else { act }
}

/// `lose an order`, `allow guests to see prices` of what shall not be done.
fn not_to(act: &[&str]) -> Option<Wish> {
    let verb = bare(act.first()?);
    if matches!(verb.as_str(), "allow" | "permit") {
        let to = place(act, "to").filter(|to| (2..=WHO).contains(to))?;
        return kept_from(&act[1..to], act.get(to + 1..)?);
    }
    let happens = is_mishap(&act.join(" ").to_lowercase());
    let act = without_once_more(act);
    let verb = bare(act.first()?);
    if happens && act.len() > 1 && !is_verb(&verb) && of_doing(&verb).is_none() {
        return Some(plain(&format!("{PREVENT} {}", act.join(" "))));
    }
    (happens && !PERMITS[..3].contains(&verb.as_str())).then(|| kept_from(&[], act)).flatten()
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
    let (first, rest) = words.get(act..)?.split_first()?;
    // `it never happens again`
    let verb = of_one(&bare(first)).filter(|verb| lower[at] == "never" && is_verb(verb));
    let act: Vec<&str> = std::iter::once(verb.as_deref().unwrap_or(first)).chain(rest.iter().copied()).collect();
    kept_from(&words[..at], &act)
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
    let act = without_once_more(act);
    let able = matches!(act, [be, able, to, _, ..] if bare(be) == "be" && bare(able) == "able" && bare(to) == "to");
    let act = if able { &act[3..] } else { act };
    // Whoever speaks is not kept from anything: it is not to happen.
    let who = if who.len() == 1 && matches!(bare(who[0]).as_str(), "we" | "i" | "you" | "us") { &[] } else { who };
    let first = bare(act.first()?);
    let lower: Vec<String> = act.iter().map(|word| bare(word)).collect();
    let says = |list: &[&str]| lower.iter().any(|word| list.contains(&word.as_str()));
    if !who.is_empty() && first == "be" && says(SLOW) {
        return Some(sped_up(&who.join(" ")));
    }
    if !is_verb(&first) && of_doing(&first).is_none() {
        // What no known verb does is told as it was.
        let told = format!("{} {}", decapitalized(&who.join(" ")), act.join(" "));
        let title = format!("Prevent that {}", told.trim());
        return Some(Wish { title, verb: PREVENT.into(), subject: quoted(told.trim()) });
    }
    let doing = if of_doing(&first).is_some() { act.join(" ") } else { gerund(act) };
    let kept = from_doing(who, &doing);
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

pub(super) fn without_article<'a, 'b>(who: &'b [&'a str]) -> &'b [&'a str] {
    if who.len() > 1 && is_particle(who[0]) { &who[1..] } else { who }
}
