//! Sentences that tell of somebody or something with a verb of their own, and what is wished for by those that complain.

use super::acts::{Wish, caused, modal, plain, spelled_out};
use super::clauses::opening_verb;
use super::prevent::prevented;
use super::prevent::without_once_more;
use super::things::quoted;
use super::verbs::{bare, gerund, infinitive, words};
use super::words::{
    BROKEN, COMPLAINTS, EVENTS, FAILS, HAPPENS, MODALS, NOT_YET, PAST, SIDES, SLOW, TOO_LONG, TURNS, WHO,
};
use super::{decapitalized, is_particle};

/// What is done about something that has happened.
const FOLLOW_UP: &str = "follow";

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
        || prevented(body)
            .or_else(|| happened(body))
            .or_else(|| complaint(body))
            .or_else(|| caused(body))
            .or_else(|| modal(body))
            .is_some()
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
        "is" | "are" | "was" | "were" => {
            let bad = words[1..].iter().take(4).any(|word| SLOW.contains(word) || BROKEN.contains(word));
            bad.then_some(Telling::State)
        }
        // May be things, as in `memory leaks and crashes`.
        "crashes" | "hangs" | "freezes" | "breaks" | "leaks" => {
            next.filter(|next| is_marked && !matches!(*next, "and" | "or")).map(|_| Telling::Act)
        }
        verb if FAILS.contains(&verb) => Some(Telling::Act),
        _ if EVENTS.iter().any(|(event, _)| words.starts_with(event)) => Some(Telling::Act),
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

/// `users complain that the login is slow`: what is slow is to be faster, what else is bad is to be mended.
pub(super) fn complaint(body: &str) -> Option<Wish> {
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
    let verb = words.iter().position(is_one(&["is", "are", "was", "were"])).filter(|at| (1..=WHO).contains(at));
    let of_state = |list| verb.is_some_and(|verb| words[verb + 1..].iter().take(4).any(is_one(list)));
    if of_state(SLOW) || (told.is_some() && words.iter().any(is_one(SLOW))) {
        let rest = words.iter().enumerate().filter(|(at, word)| {
            let intensive = matches!(bare(word).as_str(), "too" | "very" | "so" | "really" | "often" | "always");
            Some(*at) != verb && !is_one(SLOW)(word) && !intensive
        });
        let rest: Vec<&str> = rest.map(|(_, word)| *word).collect();
        let past = verb.is_some_and(|verb| matches!(bare(words[verb]).as_str(), "was" | "were"));
        return Some(sped_up(&(if past { until_when(&rest) } else { &rest }).join(" ")));
    }
    let fails = words.iter().take(WHO).skip(1).any(is_one(FAILS)) || happens(&words).is_some();
    (told.is_some() || of_state(BROKEN) || fails).then(|| mended(state))
}

/// `the checkout crashed three times last week`: what has happened is looked into, mended and kept from coming back.
pub(super) fn happened(body: &str) -> Option<Wish> {
    if opening_verb(body).is_some() {
        return None;
    }
    let state = told(body).unwrap_or(body);
    let words = words(state);
    let lower: Vec<String> = words.iter().take(3 * WHO).map(|word| bare(word)).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    if let Some(at) = (1..lower.len().min(WHO)).find(|at| is_somebody(&lower[..*at], Telling::Act))
        && let Some((_, noun)) = TURNS.iter().find(|(turn, _)| lower[at..].first() == Some(turn))
    {
        let subject = format!("the {noun} of {}", decapitalized(&words[..at].join(" ")));
        return Some(Wish { title: format!("Find out why {}", decapitalized(state)), verb: "find".into(), subject });
    }
    let (at, event) = event(&lower)?;
    let end = at - usize::from(matches!(lower[..at], [_, .., "has" | "have" | "had"]));
    let who = decapitalized(&words[..end].join(" "));
    let by_us = matches!(lower[..end], ["we" | "i" | "they" | "somebody" | "someone"]);
    let subject = match event {
        Some((words_of, noun)) if by_us => {
            let rest = until_when(&words[at + words_of..]);
            if rest.is_empty() { quoted(state) } else { format!("the {noun} of {}", rest.join(" ")) }
        }
        Some((_, noun)) if !noun.is_empty() => format!("the {noun} of {who}"),
        _ => quoted(state),
    };
    Some(Wish { title: format!("Follow up: {}", decapitalized(state)), verb: FOLLOW_UP.into(), subject })
}

/// How many words tell of it, and what it is called.
type Event = Option<(usize, &'static str)>;

/// Where words tell of something that happened and was not meant to.
fn event(lower: &[&str]) -> Option<(usize, Event)> {
    // Nothing of this has happened where it shall, may or does not.
    let open = |word: &&str| SIDES.contains(word) || NOT_YET.contains(word);
    let is_free = |at: usize| !lower[..at].iter().any(open);
    let known = |at: usize| {
        let event = EVENTS.iter().find(|(words, _)| lower[at..].starts_with(words))?;
        // `failed payments`, `the lost parcels` are things.
        let is_thing = at == 0 || (event.0.len() == 1 && is_marked(lower[at - 1]));
        // `retry failed payments` tells of nothing.
        let ends = lower.get(at + event.0.len()).is_none_or(|next| {
            SIDES.contains(next)
                || PAST.contains(next)
                || matches!(
                    *next,
                    "on" | "in"
                        | "at"
                        | "for"
                        | "last"
                        | "this"
                        | "three"
                        | "by"
                        | "into"
                        | "again"
                        | "the"
                        | "our"
                        | "a"
                )
        });
        let is_told = event.0.len() > 1 || ends || is_somebody(&lower[..at], Telling::Act);
        (!is_thing && is_told).then_some((at, Some((event.0.len(), event.1))))
    };
    let is_past = || {
        matches!(lower[0], "someone" | "somebody")
            || lower.iter().any(|word| PAST.contains(word) || *word == "accidentally")
            || lower.windows(2).any(|pair| matches!(pair, ["by", "mistake" | "accident"]))
            || lower
                .windows(2)
                .any(|pair| pair[0] == "last" && matches!(pair[1], "week" | "night" | "month" | "year" | "time"))
    };
    let suffered = |at: usize| {
        let were = matches!(lower[at], "was" | "were")
            && lower.get(at + 1).is_some_and(|word| word.ends_with("ed") || infinitive(word).is_some());
        let did = ((at >= 2 && is_marked(lower[0])) || matches!(lower[0], "someone" | "somebody"))
            && lower[at].ends_with("ed")
            && infinitive(lower[at]).is_some();
        ((were || did) && at > 0 && is_past()).then_some((at, None))
    };
    (0..lower.len().min(WHO + 2)).filter(|at| is_free(*at)).find_map(|at| known(at).or_else(|| suffered(at)))
}

/// The words before those that say when or how often.
fn until_when<'a, 'b>(words: &'b [&'a str]) -> &'b [&'a str] {
    let ends = |word: &&str| {
        let word = bare(word);
        SIDES.contains(&word.as_str())
            || PAST.contains(&word.as_str())
            || matches!(word.as_str(), "last" | "this" | "on" | "in" | "at" | "today")
    };
    let lasts = |at: &usize| {
        let span = words.get(at + 1).map(|word| bare(word)).unwrap_or_default();
        bare(words[*at]) == "all"
            && matches!(span.as_str(), "day" | "week" | "month" | "night" | "weekend" | "morning" | "year")
    };
    let end = (0..words.len()).find(|at| ends(&words[*at]) || lasts(at));
    &words[..end.unwrap_or(words.len())]
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

pub(super) fn sped_up(what: &str) -> Wish {
    plain(&format!("speed up {}", decapitalized(what.trim())))
}

pub(super) fn mended(state: &str) -> Wish {
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
            let act = without_once_more(&words[at + 1..]);
            gerund(act.strip_prefix(&["not"]).unwrap_or(act))
        }
        _ => words[start..at].join(" "),
    };
    Wish { title, verb: "fix".into(), subject: decapitalized(&subject) }
}

#[cfg(test)]
mod tests {
    use super::super::acts::wish;

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
}
