//! Who shall be able to do what: sentences about people and states as wishes in imperative words, each with what is done
//! and what it is about.

use std::borrow::Cow;

use super::clauses::opening_verb;
use super::prevent::{kept_from, nobody, prevented, whoever, without_article};
use super::tell::{complaint, happened, mended};
use super::verbs::{acts_again, bare, gerund, infinitive, place, words};
use super::words::{ACTS, MADE, MODALS, SIDES, VERBS, WHO};
use super::{capitalized, decapitalized, is_particle, shortened};

/// Verbs that give somebody a way to do something, and whether a "to" stands before that.
const CAUSES: [(&str, bool); 6] =
    [("let", false), ("can", false), ("allow", true), ("enable", true), ("help", true), ("permit", true)];
/// Openings of those who shall do something, which follows after "to".
const WANTED: [&[&str]; 10] = [
    &["we", "need"],
    &["i", "need"],
    &["we", "want"],
    &["i", "want"],
    &["we'd", "like"],
    &["i'd", "like"],
    &["we", "would", "like"],
    &["it", "should", "be", "possible", "for"],
    &["it", "must", "be", "possible", "for"],
    &["make", "it", "possible", "for"],
];
/// Openings of what somebody shall not be able to do, the last word standing before who.
const BANS: [&[&str]; 4] = [&["don't", "let"], &["do", "not", "let"], &["never", "let"], &["we", "don't", "let"]];

/// A wish in imperative words.
#[derive(Debug, PartialEq)]
pub(super) struct Wish {
    pub(super) title: String,
    /// What is done; empty if no verb is known.
    pub(super) verb: String,
    /// What it is about, as a thing: `paying by card`.
    pub(super) subject: String,
}

/// What a clause without openings asks for.
pub(super) fn wish(body: &str) -> Wish {
    prevented(body)
        .or_else(|| happened(body))
        .or_else(|| complaint(body))
        .or_else(|| caused(body))
        .or_else(|| modal(body))
        .or_else(|| made(body))
        .unwrap_or_else(|| plain(body))
}

/// With `must not` for *mustn't*.
pub(super) fn spelled_out(body: &str) -> Cow<'_, str> {
    let modals = [("mustn't", "must not"), ("shouldn't", "should not"), ("needn't", "need not")];
    let shorts = modals.iter().filter(|(short, _)| body.contains(short));
    shorts.fold(Cow::Borrowed(body), |body, (short, long)| Cow::Owned(body.replace(short, long)))
}
/// True if it says what somebody shall be able to do: an "and" in it joins what they do.
pub(super) fn is_about_people(body: &str) -> bool {
    caused(body).or_else(|| modal(body)).is_some()
}
/// `implement …`: the verb in front, then what it is about.
pub(super) fn plain(body: &str) -> Wish {
    let mut words = words(body);
    let verb = opening_verb(body).or_else(|| act_on_something(&words)).unwrap_or_default();
    // `API: add limits` is about limits.
    if let Some((_, wish)) = body.split_once(": ").filter(|(_, wish)| verb.is_empty() && opening_verb(wish).is_some()) {
        return Wish { title: capitalized(body), ..plain(wish) };
    }
    if let ["get", "rid", "of", _, ..] = body.to_lowercase().split_whitespace().collect::<Vec<_>>()[..] {
        let subject =
            shortened(&words[3..].iter().copied().skip_while(|word| is_particle(word)).collect::<Vec<_>>().join(" "));
        return Wish { title: capitalized(body), verb: "remove".into(), subject };
    }
    if !verb.is_empty() && words.len() > 2 && matches!(words[1].to_lowercase().as_str(), "our" | "my" | "some") {
        words.remove(1);
    }
    let title = words.join(" ");
    if !verb.is_empty() && words.len() > 1 {
        words.remove(0);
        while words.len() > 1 && is_particle(words[0]) {
            words.remove(0);
        }
    }
    let subject = shortened(&words.join(" "));
    let subject = match subject.split_once(": ") {
        Some((thing, _)) if verb.is_empty() => decapitalized(thing),
        _ if verb.is_empty() => decapitalized(&subject),
        _ => subject,
    };
    Wish { title: capitalized(&title), verb, subject }
}

/// `return the goods`: what follows shows that it is a verb here.
pub(super) fn act_on_something(words: &[&str]) -> Option<String> {
    let verb = bare(words.first()?);
    let next = bare(words.get(1)?);
    if verb == "phase" && next == "out" {
        return Some(verb);
    }
    let is_thing = matches!(next.as_str(), "a" | "an" | "the" | "all" | "our" | "my" | "their" | "every")
        || next.parse::<u32>().is_ok()
        || (verb == "look" && next == "into");
    (ACTS.contains(&verb.as_str()) && is_thing).then_some(verb)
}

/// `let customers pay by card`, `can customers pay by card?`
pub(super) fn caused(body: &str) -> Option<Wish> {
    let words = words(body);
    let cause = bare(words.first()?);
    let (_, joined) = CAUSES.iter().find(|(known, _)| *known == cause)?;
    let at = if *joined { place(&words, "to")? + 1 } else { act_after(&words)? };
    if !(2..=WHO).contains(&at) || at >= words.len() {
        return None;
    }
    let who = &words[1..at - usize::from(*joined)];
    if cause == "can" {
        return able(who, &words[at..]);
    }
    let act = &words[at..];
    Some(Wish { title: capitalized(&words.join(" ")), verb: bare(act[0]), subject: thing(act) })
}

/// What is done as a thing: `paying by card`, but `sales dashboard` where that is only shown.
fn thing(act: &[&str]) -> String {
    let rest: Vec<&str> = act.iter().skip(1).copied().skip_while(|word| is_particle(word)).collect();
    let asks = |word: &&str| matches!(bare(word).as_str(), "who" | "what" | "which" | "how" | "when" | "where" | "if");
    let shows = matches!(bare(act[0]).as_str(), "show" | "see" | "display" | "view" | "get" | "have" | "use");
    match rest.first() {
        Some(first) if shows && !asks(first) && !acts_again(&rest) => shortened(&rest.join(" ")),
        _ => shortened(&gerund(act)),
    }
}

/// Where those who are let do something do it: at the first verb, else after the first word in the plural.
pub(super) fn act_after(words: &[&str]) -> Option<usize> {
    let reach = || (2..words.len().min(WHO + 1)).filter(|at| !SIDES.contains(&bare(words[*at]).as_str()));
    let acts = |at: &usize| {
        let word = bare(words[*at]);
        VERBS.contains(&word.as_str()) || ACTS.contains(&word.as_str())
    };
    let plural = |at: &usize| bare(words[at - 1]).ends_with('s');
    reach().find(acts).or_else(|| reach().find(plural)).or((words.len() > 2).then_some(2))
}
/// `customers must be able to pay by card`, `we need customers to pay by card`.
pub(super) fn modal(body: &str) -> Option<Wish> {
    let body = &spelled_out(body);
    let words = words(body);
    let lower: Vec<String> = words.iter().map(|word| bare(word)).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if let Some((wanted, to)) = WANTED.iter().find(|wanted| lower.starts_with(wanted)).zip(place(&words, "to")) {
        let able = if lower[to + 1..].starts_with(&["be", "able", "to"]) { 4 } else { 1 };
        return self::able(words.get(wanted.len()..to)?, words.get(to + able..)?);
    }
    if let ["we" | "i", "need" | "want", _, ..] = lower[..] {
        return Some(plain(&words[2..].join(" ")));
    }
    let is_ban = BANS.iter().any(|banned| lower.starts_with(banned));
    if (!is_ban && opening_verb(body).is_some())
        || matches!(lower.first()?, &("it" | "this" | "that" | "there" | "we" | "i" | "you"))
    {
        return None;
    }
    if let Some(banned) = BANS.iter().find(|banned| lower.starts_with(banned)) {
        let words = &words[banned.len() - 1..];
        let at = act_after(words)?;
        return kept_from(&words[1..at], words.get(at..)?);
    }
    let none = nobody(&lower);
    let begins = |at: usize| {
        let known = MODALS.iter().find(|modal| lower[at..].starts_with(modal)).copied();
        let bans = none.is_some() || matches!(lower.get(at + 1), Some(&("not" | "never")));
        known.or((lower.get(at) == Some(&"may") && bans).then_some(&["may"]))
    };
    let Some((at, modal)) = (1..=WHO.min(lower.len())).find_map(|at| Some((at, begins(at)?))) else {
        return given(&words, &lower);
    };
    if lower[..at].iter().any(|word| SIDES.contains(word) || matches!(*word, "that" | "which" | "who")) {
        return None;
    }
    let after = at + modal.len();
    if let Some(nobody) = none {
        return kept_from(&whoever(&nobody, &words[..at]), words.get(after..)?);
    }
    match (lower.get(after)?, modal) {
        (&"not" | &"never", _) if *modal == ["can"] => Some(mended(body)),
        (&"not" | &"never", _) => kept_from(&words[..at], &words[after + 1..]),
        (&"no", _) if lower.get(after + 1) == Some(&"longer") => kept_from(&words[..at], words.get(after + 2..)?),
        _ => able(&words[..at], &words[after..]),
    }
}
/// `merchants need statements`
fn given(words: &[&str], lower: &[&str]) -> Option<Wish> {
    let at =
        (1..=WHO.min(lower.len())).find(|at| matches!(lower.get(*at), Some(&("need" | "needs" | "want" | "wants"))))?;
    let what = words.get(at + 1..).filter(|what| !what.is_empty())?;
    let who = decapitalized(&words[..at].join(" "));
    let thing: Vec<&str> = what.iter().copied().skip_while(|word| is_particle(word)).collect();
    let (title, subject) = (format!("Give {who} {}", what.join(" ")), shortened(&thing.join(" ")));
    Some(Wish { title, verb: "give".into(), subject })
}

/// Those people shall do that.
fn able(who: &[&str], act: &[&str]) -> Option<Wish> {
    let (name, first) = (decapitalized(&who.join(" ")), bare(act.first()?));
    if who.is_empty() {
        return None;
    }
    if first == "be" {
        let state = act.get(1..).filter(|state| !state.is_empty())?;
        let rest = state[1..].join(" ");
        if let Some(verb) = infinitive(&bare(state[0])) {
            return Some(plain(format!("{verb} {name} {rest}").trim()));
        }
        let body = format!("make {name} {}", state.join(" "));
        return Some(made(&body).unwrap_or_else(|| plain(&body)));
    }
    let rest = act.join(" ");
    if is_of_time(act) {
        // What must not take long is to be faster.
        let subject = shortened(&without_article(who).join(" "));
        return Some(Wish { title: format!("Make {name} {rest}"), verb: "speed".into(), subject });
    }
    if is_one_thing(who) {
        let subject = shortened(&without_article(who).join(" "));
        return Some(Wish { title: format!("Make {name} {rest}"), verb: first, subject });
    }
    Some(Wish { title: format!("Let {name} {rest}"), verb: first, subject: thing(act) })
}
/// `start in under 2 seconds`
fn is_of_time(act: &[&str]) -> bool {
    let unit = |word: &str| matches!(word, "second" | "seconds" | "ms" | "milliseconds" | "minute" | "minutes");
    let lower: Vec<String> = act.iter().map(|word| bare(word)).collect();
    let has = |wanted: &[&str]| lower.iter().any(|word| wanted.contains(&word.as_str()));
    lower.iter().any(|word| unit(word)) && has(&["in", "under", "below", "less", "than", "within"])
}

/// `the cookie banner`: it does nothing of its own accord, as people and other things in the plural may.
fn is_one_thing(who: &[&str]) -> bool {
    let (first, last) = (bare(who[0]), who.last().map(|word| bare(word)).unwrap_or_default());
    let of_people =
        ["er", "or", "ant", "ent", "ist", "man", "ian", "ee", "eam", "taff", "upport", "ales", "eople", "dmin", "uest"];
    let is_people = of_people.iter().any(|end| last.ends_with(end))
        && !matches!(last.as_str(), "server" | "footer" | "header" | "banner" | "editor" | "browser");
    who.len() > 1 && matches!(first.as_str(), "the" | "our" | "this" | "my") && !last.ends_with('s') && !is_people
}

/// `make the checkout faster`: how it is to be says more than the verb.
fn made(body: &str) -> Option<Wish> {
    let words = words(body);
    if !matches!(bare(words.first()?).as_str(), "make" | "get" | "keep") {
        return None;
    }
    let at = (2..words.len()).find(|at| MADE.contains(&bare(words[*at]).as_str()))?;
    let is_side = |word: &&str| SIDES.contains(&bare(word).as_str());
    if words[..at].iter().any(is_side) {
        return None;
    }
    let start = if is_particle(words[1]) && at > 2 { 2 } else { 1 };
    let more = |word: &&&str| {
        matches!(bare(word).as_str(), "twice" | "times" | "as" | "much" | "lot" | "far" | "even" | "way")
    };
    let of = words[start..at].iter().rev().skip_while(more).count();
    let subject = shortened(&words[start..start + of.max(1)].join(" "));
    Some(Wish { title: capitalized(&words.join(" ")), verb: bare(words[at]), subject })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_shall_be_able_to_do_is_a_wish_with_a_thing() {
        for (text, title, subject) in [
            ("let customers pay by card", "Let customers pay by card", "paying by card"),
            ("it should be possible for merchants to upload logos", "Let merchants upload logos", "uploading logos"),
            ("I'd like the search to be less terrible", "Make the search less terrible", "search"),
            ("managers must be able to see a sales dashboard", "Let managers see a sales dashboard", "sales dashboard"),
            ("people keep asking for dark mode", "Dark mode", "dark mode"),
            ("Checkout: show the delivery date", "Checkout: show the delivery date", "delivery date"),
            ("merchants need statements", "Give merchants statements", "statements"),
            ("we need dark mode", "Dark mode", "dark mode"),
            ("don't let guests see prices", "Keep guests from seeing prices", "guests seeing prices"),
            ("no more crashes on startup", "Prevent crashes on startup", "crashes on startup"),
            ("send a receipt when a customer pays", "Send a receipt when a customer pays", "receipt"),
            ("customers must be able to return goods", "Let customers return goods", "returning goods"),
            ("Users can filter orders by date", "Let users filter orders by date", "filtering orders"),
            ("we need guests to be able to sign in", "Let guests sign in", "signing in"),
            ("allow trial users to get a refund", "Allow trial users to get a refund", "refund"),
            ("let order pickers scan parcels", "Let order pickers scan parcels", "scanning parcels"),
            ("customers must be notified by SMS", "Notify customers by SMS", "customers by SMS"),
            ("customers must be sent reminders", "Send customers reminders", "customers reminders"),
            ("the login must be faster", "Make the login faster", "login"),
            ("make checkout faster", "Make checkout faster", "checkout"),
            ("orders must not get lost", "Keep orders from getting lost", "orders getting lost"),
        ] {
            let wish = wish(text);
            assert_eq!((wish.title.as_str(), wish.subject.as_str()), (title, subject), "{text}");
        }
    }
}
