//! Forms of verbs, and words as they are compared.

use super::words::{ACTS, VERBS};

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
/// `paying by card` of *pay by card*.
pub(super) fn gerund(act: &[&str]) -> String {
    let Some((verb, rest)) = act.split_first() else { return String::new() };
    let doing = doing(&verb.to_lowercase());
    std::iter::once(doing.as_str()).chain(rest.iter().copied()).collect::<Vec<_>>().join(" ")
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
