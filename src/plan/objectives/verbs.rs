//! Forms of verbs, and words as they are compared.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::words::{ACTS, HAPPENS, MISHAPS, VERBS};

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
const DOING: [(&str, &str); 7] = [
    ("cancel", "cancelling"),
    ("be", "being"),
    ("die", "dying"),
    ("checkout", "checking out"),
    ("login", "logging in"),
    ("logout", "logging out"),
    ("signup", "signing up"),
];

/// Verbs that begin a wish; a text of many words asks for each of them.
static OPENING: LazyLock<HashSet<&str>> = LazyLock::new(|| VERBS.iter().copied().collect());
/// Verbs by what they are called while they are done.
static FORMS: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    // What begins a wish goes before other verbs of the same form.
    [MISHAPS, ACTS, VERBS].into_iter().flatten().map(|verb| (doing(verb), *verb)).collect()
});

pub(super) fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

pub(super) fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'').to_lowercase()
}

pub(super) fn place(words: &[&str], wanted: &str) -> Option<usize> {
    words.iter().position(|word| bare(word) == wanted)
}

/// `get` of *gets*.
pub(super) fn of_one(verb: &str) -> Option<String> {
    match verb {
        "is" | "are" => Some("be".into()),
        "goes" => Some("go".into()),
        _ => verb.strip_suffix('s').filter(|stem| !stem.ends_with('s')).map(str::to_owned),
    }
}

/// `notify` of *notified*.
pub(super) fn infinitive(participle: &str) -> Option<String> {
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

/// `paying by card` of *pay by card*, `returning goods and getting refunds` of *return goods and get refunds*.
pub(super) fn gerund(act: &[&str]) -> String {
    let word = |(at, word): (usize, &&str)| {
        let bare = word.trim_end_matches(',');
        let comma = &word[bare.len()..];
        if at == 0 || is_next_act(act, at) { doing(&bare.to_lowercase()) + comma } else { (*word).to_owned() }
    };
    act.iter().enumerate().map(word).collect::<Vec<_>>().join(" ")
}

/// True if something else is done behind an "and".
pub(super) fn acts_again(act: &[&str]) -> bool {
    (1..act.len()).any(|at| is_next_act(act, at))
}

fn is_next_act(act: &[&str], at: usize) -> bool {
    let word = bare(act[at]);
    let joins = act[at - 1].ends_with(',') || matches!(bare(act[at - 1]).as_str(), "and" | "or");
    joins && at + 1 < act.len() && (opens(&word) || ACTS.contains(&word.as_str()))
}

/// True for the base form of a verb that is known.
pub(super) fn is_verb(word: &str) -> bool {
    opens(word)
        || [ACTS, MISHAPS].iter().any(|list| list.contains(&word))
        || matches!(word, "be" | "do" | "go" | "happen" | "take" | "need" | "come" | "die" | "last" | "stay" | "comply")
        || HAPPENS.iter().any(|[act, _]| *act == word)
}

/// `send` of *sending*.
pub(super) fn of_doing(word: &str) -> Option<&'static str> {
    word.ends_with("ing").then(|| FORMS.get(word).copied()).flatten()
}

/// True for a verb that begins a wish.
pub(super) fn opens(word: &str) -> bool {
    OPENING.contains(word)
}

pub(super) fn doing(verb: &str) -> String {
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
