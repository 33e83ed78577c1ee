//! Who shall be able to do what: sentences about people and states as wishes in imperative words, each with what is done
//! and what it is about.

use std::borrow::Cow;

use super::clauses::{is_mishap, opening_verb};
use super::words::{ACTS, BROKEN, COMPLAINTS, FAILS, HAPPENS, MADE, MODALS, PERMITS, SIDES, SLOW, TOO_LONG, VERBS};
use super::{capitalized, decapitalized, is_particle, shortened};

/// Most words of those who shall be able to do something.
const WHO: usize = 6;
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
/// Participles that do not end in "ed".
const PARTICIPLES: [(&str, &str); 10] = [
    ("sent", "send"),
    ("shown", "show"),
    ("kept", "keep"),
    ("made", "make"),
    ("built", "build"),
    ("written", "write"),
    ("rewritten", "rewrite"),
    ("found", "find"),
    ("given", "give"),
    ("set", "set"),
];

/// Verbs that are written as one word.
const DOING: [(&str, &str); 6] = [
    ("be", "being"),
    ("die", "dying"),
    ("checkout", "checking out"),
    ("login", "logging in"),
    ("logout", "logging out"),
    ("signup", "signing up"),
];
/// What is done about a thing that must not happen.
const PREVENT: &str = "prevent";

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
        .or_else(|| complaint(body))
        .or_else(|| caused(body))
        .or_else(|| modal(body))
        .or_else(|| made(body))
        .unwrap_or_else(|| plain(body))
}

/// `no more crashes`, `never lose an order`, `there must be no duplicates`, `keep boxes from arriving late`
fn prevented(body: &str) -> Option<Wish> {
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

/// `get` of *gets*.
fn of_one(verb: &str) -> Option<String> {
    match verb {
        "is" | "are" => Some("be".into()),
        "goes" => Some("go".into()),
        _ => verb.strip_suffix('s').filter(|stem| !stem.ends_with('s')).map(str::to_owned),
    }
}

/// Who or what is meant where nobody shall, and the words that say "nobody".
fn nobody(lower: &[&str]) -> Option<(&'static str, usize)> {
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
fn whoever<'a>(nobody: &(&'static str, usize), words: &[&'a str]) -> Vec<&'a str> {
    std::iter::once(nobody.0).chain(words[nobody.1.min(words.len())..].iter().copied()).collect()
}

/// With `must not` for *mustn't*.
fn spelled_out(body: &str) -> Cow<'_, str> {
    let modals = [("mustn't", "must not"), ("shouldn't", "should not"), ("needn't", "need not")];
    let shorts = modals.iter().filter(|(short, _)| body.contains(short));
    shorts.fold(Cow::Borrowed(body), |body, (short, long)| Cow::Owned(body.replace(short, long)))
}

/// How somebody or something is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// What it does, wants or shall do.
    Act,
    /// How it is.
    State,
}

/// What tells of somebody or something with a verb of its own: `users complain that …`, `the login is slow`.
pub(super) fn telling(body: &str) -> Option<Telling> {
    if opening_verb(body).is_some() {
        return None;
    }
    let spelled = spelled_out(body);
    let lower: Vec<String> = words(&spelled).into_iter().take(2 * WHO).map(bare).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    (1..=WHO.min(lower.len())).find_map(|at| {
        let telling = finite(&lower[at..], is_marked(lower[0]))?;
        is_somebody(&lower[..at], telling).then_some(telling)
    })
}

/// True if the words hold a verb of their own: `the login is slow`.
pub(super) fn is_said(text: &str) -> bool {
    telling(text).is_some() || text.split(' ').any(|word| matches!(word, "is" | "are" | "was" | "were"))
}

/// True if it is a wish of its own, not the first of several things that one verb follows.
pub(super) fn is_whole(body: &str) -> bool {
    opening_verb(body).is_some()
        || prevented(body).or_else(|| complaint(body)).or_else(|| caused(body)).or_else(|| modal(body)).is_some()
        || telling(body).is_some()
}

/// The verb that the words begin with.
fn finite(words: &[&str], is_marked: bool) -> Option<Telling> {
    let next = words.get(1).copied();
    if MODALS.iter().any(|modal| words.starts_with(modal) && words.len() > modal.len()) {
        return Some(Telling::Act);
    }
    match *words.first()? {
        "may" => matches!(next, Some("not" | "never")).then_some(Telling::Act),
        "need" | "needs" | "want" | "wants" => next.map(|_| Telling::Act),
        "complain" | "complains" | "complained" => next.map(|_| Telling::Act),
        verb if COMPLAINTS.contains(&verb) => matches!(next, Some("that" | "about")).then_some(Telling::Act),
        "is" | "are" => {
            let bad = words[1..].iter().take(4).any(|word| SLOW.contains(word) || BROKEN.contains(word));
            bad.then_some(Telling::State)
        }
        // May be things, as in `memory leaks and crashes`.
        "crashes" | "hangs" | "freezes" | "breaks" | "leaks" => {
            next.filter(|next| is_marked && !matches!(*next, "and" | "or")).map(|_| Telling::Act)
        }
        verb if FAILS.contains(&verb) => Some(Telling::Act),
        verb if next.is_some_and(|next| HAPPENS.contains(&[verb, next])) => Some(Telling::Act),
        "takes" | "take" => TOO_LONG
            .iter()
            .any(|long| long.split_whitespace().eq(words.iter().take(long.split_whitespace().count()).copied()))
            .then_some(Telling::State),
        _ => None,
    }
}

/// `the`, `our`, `every`: a thing or somebody follows.
fn is_marked(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "our"
            | "my"
            | "a"
            | "an"
            | "every"
            | "each"
            | "some"
            | "many"
            | "most"
            | "all"
            | "their"
            | "new"
            | "no"
    )
}

/// True if the words name somebody or something, and nothing that stands for what was named before.
fn is_somebody(who: &[&str], telling: Telling) -> bool {
    let first = who.first().copied().unwrap_or_default();
    let last = who.last().copied().unwrap_or_default();
    let goes_on = |word: &str| {
        SIDES.contains(&word)
            || matches!(
                word,
                "and"
                    | "or"
                    | "that"
                    | "which"
                    | "who"
                    | "what"
                    | "where"
                    | "how"
                    | "why"
                    | "whether"
                    | "it"
                    | "this"
                    | "these"
                    | "those"
                    | "they"
                    | "there"
                    | "as"
                    | "for"
                    | "with"
                    | "by"
                    | "to"
                    | "you"
                    | "whose"
                    | "than"
            )
    };
    if who.iter().any(|word| goes_on(word)) || matches!(first, "in" | "on" | "at" | "of" | "from" | "into" | "not") {
        return false;
    }
    let many = last.ends_with('s')
        || matches!(
            last,
            "people"
                | "everybody"
                | "everyone"
                | "nobody"
                | "nothing"
                | "somebody"
                | "someone"
                | "staff"
                | "support"
                | "i"
                | "we"
                | "men"
                | "women"
                | "children"
                | "team"
                | "management"
        );
    telling == Telling::State || is_marked(first) || many
}

/// True if it says what somebody shall be able to do: an "and" in it joins what they do.
pub(super) fn is_about_people(body: &str) -> bool {
    caused(body).or_else(|| modal(body)).is_some()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'').to_lowercase()
}

/// `implement …`: the verb in front, then what it is about.
fn plain(body: &str) -> Wish {
    let mut words = words(body);
    let verb = opening_verb(body).or_else(|| act_on_something(&words)).unwrap_or_default();
    // `API: add limits` is about limits.
    if let Some((_, wish)) = body.split_once(": ").filter(|(_, wish)| verb.is_empty() && opening_verb(wish).is_some()) {
        return Wish { title: capitalized(body), ..plain(wish) };
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
    let subject = if verb.is_empty() { decapitalized(&subject) } else { subject };
    Wish { title: capitalized(&title), verb, subject }
}

/// `return the goods`: what follows shows that it is a verb here.
fn act_on_something(words: &[&str]) -> Option<String> {
    let verb = bare(words.first()?);
    let next = bare(words.get(1)?);
    let is_thing = matches!(next.as_str(), "a" | "an" | "the" | "all" | "our" | "my" | "their" | "every");
    (ACTS.contains(&verb.as_str()) && is_thing).then_some(verb)
}

/// `let customers pay by card`, `can customers pay by card?`
fn caused(body: &str) -> Option<Wish> {
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
        Some(first) if shows && !asks(first) => shortened(&rest.join(" ")),
        _ => shortened(&gerund(act)),
    }
}

/// Where those who are let do something do it: at the first verb, else after the first word in the plural.
fn act_after(words: &[&str]) -> Option<usize> {
    let reach = || (2..words.len().min(WHO + 1)).filter(|at| !SIDES.contains(&bare(words[*at]).as_str()));
    let acts = |at: &usize| {
        let word = bare(words[*at]);
        VERBS.contains(&word.as_str()) || ACTS.contains(&word.as_str())
    };
    let plural = |at: &usize| bare(words[at - 1]).ends_with('s');
    reach().find(acts).or_else(|| reach().find(plural)).or((words.len() > 2).then_some(2))
}

fn place(words: &[&str], wanted: &str) -> Option<usize> {
    words.iter().position(|word| bare(word) == wanted)
}

/// `customers must be able to pay by card`, `we need customers to pay by card`.
fn modal(body: &str) -> Option<Wish> {
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
        _ => able(&words[..at], &words[after..]),
    }
}

/// Those people shall not do that, or that shall not happen to the thing.
fn kept_from(who: &[&str], act: &[&str]) -> Option<Wish> {
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
    let title = format!("Let {name} {}", act.join(" "));
    Some(Wish { title, verb: first, subject: thing(act) })
}

/// `notify` of *notified*.
fn infinitive(participle: &str) -> Option<String> {
    if let Some((_, verb)) = PARTICIPLES.iter().find(|(known, _)| *known == participle) {
        return Some((*verb).to_owned());
    }
    let stem = participle.strip_suffix("ed")?;
    let fits = |verb: &&&str| {
        **verb == stem
            || verb.strip_suffix('e') == Some(stem)
            || verb.strip_suffix('y').zip(stem.strip_suffix('i')).is_some_and(|(a, b)| a == b)
    };
    VERBS.iter().chain(ACTS).find(fits).map(|verb| (*verb).to_owned())
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
    let subject = shortened(&words[start..at].join(" "));
    Some(Wish { title: capitalized(&words.join(" ")), verb: bare(words[at]), subject })
}

/// `users complain that the login is slow`: what is slow is to be faster, what else is bad is to be mended.
fn complaint(body: &str) -> Option<Wish> {
    if opening_verb(body).is_some() {
        return None;
    }
    if let Some((who, wanted)) = body.split_once(" for ").filter(|(who, _)| asks(who)) {
        return Some(plain(wanted)).filter(|_| !who.is_empty());
    }
    let told = told(body);
    let state = told.unwrap_or(body);
    let words = words(state);
    let is_one = |list: &'static [&'static str]| move |word: &&str| list.contains(&bare(word).as_str());
    let lower = state.to_ascii_lowercase();
    let long = TOO_LONG.iter().find_map(|long| Some((lower.find(long)?, long.len())));
    if let Some((at, length)) = long {
        return Some(sped_up(&format!("{}{}", &state[..at], &state[at + length..])));
    }
    let verb = words.iter().position(is_one(&["is", "are"])).filter(|at| (1..=WHO).contains(at));
    let of_state = |list| verb.is_some_and(|verb| words[verb + 1..].iter().take(4).any(is_one(list)));
    if of_state(SLOW) || (told.is_some() && words.iter().any(is_one(SLOW))) {
        let rest = words.iter().enumerate().filter(|(at, word)| {
            let intensive = matches!(bare(word).as_str(), "too" | "very" | "so" | "really" | "often" | "always");
            Some(*at) != verb && !is_one(SLOW)(word) && !intensive
        });
        return Some(sped_up(&rest.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")));
    }
    let fails = words.iter().take(WHO).skip(1).any(is_one(FAILS)) || happens(&words).is_some();
    (told.is_some() || of_state(BROKEN) || fails).then(|| mended(state))
}

/// Where it begins to say what happens: `get lost` of *orders get lost*.
fn happens(words: &[&str]) -> Option<usize> {
    let reach: Vec<String> = words.iter().take(WHO + 2).map(|word| bare(word)).collect();
    let at = reach.windows(2).skip(1).position(|pair| HAPPENS.iter().any(|known| known[..] == pair[..]))? + 1;
    // What shall be, or shall not, has not happened.
    let shall = |word: &String| matches!(word.as_str(), "must" | "should" | "shall" | "may" | "never" | "not" | "can");
    (!reach[..at].iter().any(shall)).then_some(at)
}

/// `people keep asking`
fn asks(who: &str) -> bool {
    let words = words(who);
    let last = words.last().map(|word| bare(word)).unwrap_or_default();
    (2..=WHO).contains(&words.len()) && matches!(last.as_str(), "ask" | "asks" | "asked" | "asking")
}

/// What is told after `users complain that …`.
fn told(body: &str) -> Option<&str> {
    let words = words(body);
    let at = (1..words.len().min(WHO)).find(|at| COMPLAINTS.contains(&bare(words[*at]).as_str()))?;
    let after =
        (at + 1..words.len().min(at + 3)).find(|at| matches!(bare(words[*at]).as_str(), "that" | "about" | "of"))?;
    let rest = words.get(after + 1)?;
    Some(&body[rest.as_ptr() as usize - body.as_ptr() as usize..])
}

fn sped_up(what: &str) -> Wish {
    plain(&format!("speed up {}", decapitalized(what.trim())))
}

fn mended(state: &str) -> Wish {
    let words = words(state);
    let ends =
        |word: &&str| FAILS.contains(&bare(word).as_str()) || matches!(bare(word).as_str(), "is" | "are" | "can");
    let at = words.iter().position(ends).filter(|at| *at > 0).or_else(|| happens(&words));
    let Some(at) = at else { return plain(&format!("fix {}", decapitalized(state))) };
    let start = usize::from(is_particle(words[0]) && at > 1);
    let title = format!("Fix that {}", decapitalized(state));
    let subject = match bare(words[at]).as_str() {
        // What people cannot do says more than who they are.
        "cannot" | "can't" | "can" if at + 1 < words.len() => {
            let act = &words[at + 1..];
            gerund(act.strip_prefix(&["not"]).unwrap_or(act))
        }
        _ => words[start..at].join(" "),
    };
    Wish { title, verb: "fix".into(), subject: decapitalized(&subject) }
}

/// `paying by card` of *pay by card*.
fn gerund(act: &[&str]) -> String {
    let Some((verb, rest)) = act.split_first() else { return String::new() };
    let doing = doing(&verb.to_lowercase());
    std::iter::once(doing.as_str()).chain(rest.iter().copied()).collect::<Vec<_>>().join(" ")
}

fn doing(verb: &str) -> String {
    if let Some((_, doing)) = DOING.iter().find(|(known, _)| *known == verb) {
        return (*doing).into();
    }
    let vowel = |c: char| "aeiou".contains(c);
    let letters: Vec<char> = verb.chars().collect();
    let vowels = letters.windows(2).filter(|pair| vowel(pair[1]) && !vowel(pair[0])).count()
        + usize::from(letters.first().is_some_and(|first| vowel(*first)));
    let ends = ["set", "get", "mit", "fer", "cur"].iter().any(|end| verb.ends_with(end));
    match letters[..] {
        [.., before, 'e'] if !"eoy".contains(before) => format!("{}ing", &verb[..verb.len() - 1]),
        [.., a, b, c] if !vowel(c) && !"wxy".contains(c) && vowel(b) && !vowel(a) && (vowels == 1 || ends) => {
            format!("{verb}{c}ing")
        }
        _ => format!("{verb}ing"),
    }
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

    #[test]
    fn what_is_complained_about_is_a_wish() {
        for (text, title, subject) in [
            ("users complain that the login is slow", "Speed up the login", "login"),
            ("customers complain about slow search", "Speed up search", "search"),
            ("the export takes too long", "Speed up the export", "export"),
            ("the checkout is broken on phones", "Fix that the checkout is broken on phones", "checkout"),
            ("customers cannot log in", "Fix that customers cannot log in", "logging in"),
        ] {
            let wish = wish(text);
            assert_eq!((wish.title.as_str(), wish.subject.as_str()), (title, subject), "{text}");
        }
    }

    #[test]
    fn verbs_become_things() {
        for (verb, thing) in [
            ("pay", "paying"),
            ("run", "running"),
            ("see", "seeing"),
            ("filter", "filtering"),
            ("reset", "resetting"),
            ("share", "sharing"),
            ("book", "booking"),
            ("add", "adding"),
        ] {
            assert_eq!(doing(verb), thing);
        }
    }
}
