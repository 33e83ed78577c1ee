//! From a text to its wishes: lines, sentences, clauses, and the openings that are none of the wish.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::words::{LABELS, LEADS, MISHAPS, MISTAKES, NEGATIONS, PERMITS, SIDES, TOUCHED, UNTOUCHED};
use super::{acts, clip, hints, prevent, tell, verbs};

/// A line at least this long that goes on in lower case was wrapped, not ended.
const WRAPPED: usize = 50;
/// Bytes of a part of a sentence by which it is told what it is; looking at more for each part would make long ones slow.
const LOOKED_AT: usize = 256;
/// Places of a sentence at which somebody with a verb of their own is looked for; nobody writes more.
const MOST_JOINTS: usize = 300;
/// Marks that end a sentence wherever they stand.
const ENDS: &[char] = &[';', '。', '！', '？', '；', '؛', '؟'];

/// Lines and sentences, with wrapped lines joined and list marks taken off.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let bare = line.trim();
        let body = unmarked(bare);
        let listed = body.len() < bare.len();
        match lines.last_mut() {
            Some(last) if open && !listed && goes_on(last, body) => {
                last.push(' ');
                last.push_str(body);
            }
            _ if body.is_empty() => {}
            _ => lines.push(body.to_owned()),
        }
        open = !body.is_empty();
    }
    lines.iter().filter(|line| !is_heading(line)).flat_map(|line| split_sentences(line)).collect()
}

fn goes_on(last: &str, line: &str) -> bool {
    last.chars().count() >= WRAPPED
        && !last.ends_with(['.', '!', '?', ':', ';'])
        && line.chars().next().is_some_and(char::is_lowercase)
}

/// A line that only announces what follows.
fn is_heading(line: &str) -> bool {
    line.ends_with(':')
}

/// Without bullets, numbers, check boxes and heading marks.
fn unmarked(line: &str) -> &str {
    let mut rest = line.trim_start_matches(['-', '*', '+', '#', '>', '•', '–', '—', ' ', '\t']);
    let digits = rest.chars().take_while(char::is_ascii_digit).count();
    if digits > 0
        && let Some(after) = rest[digits..].strip_prefix(['.', ')'])
        && after.starts_with(' ')
    {
        rest = after.trim_start();
    }
    for mark in ["[ ]", "[x]", "[X]"] {
        rest = rest.strip_prefix(mark).unwrap_or(rest).trim_start();
    }
    rest
}

fn split_sentences(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut start = 0;
    let bytes = line.as_bytes();
    for (at, c) in line.char_indices() {
        let ends = matches!(c, '.' | '!' | '?')
            && bytes.get(at + 1).is_none_or(|next| *next == b' ')
            && !is_abbreviated(&line[start..at]);
        if ends || ENDS.contains(&c) {
            out.push(line[start..at].trim().to_owned());
            start = at + c.len_utf8();
        }
    }
    out.push(line[start..].trim().to_owned());
    out.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    out.iter().map(|sentence| wish(sentence).to_owned()).collect()
}

fn is_abbreviated(text: &str) -> bool {
    let last = text.rsplit([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
    ["e.g", "i.e", "vs", "incl", "approx", "z.b"].contains(&last.as_str())
}

/// What is wished for, without who tells it (`As a merchant, I want to …`) or when (`For this sprint: …`).
fn wish(sentence: &str) -> &str {
    let lower = sentence.to_ascii_lowercase();
    if ["as a ", "as an ", "as the "].iter().any(|opening| lower.starts_with(opening)) {
        let told = [" i want ", " we want ", " i need ", " we need ", " i would like ", " i'd like "];
        return told.iter().filter_map(|told| lower.find(told)).min().map_or(sentence, |at| &sentence[at + 1..]);
    }
    let frame = lower.split_once(": ").map(|(frame, _)| frame).filter(|frame| frame.len() < WRAPPED);
    let frames = ["sprint", "goal", "goals", "objective", "objectives", "focus", "todo", "wish", "wishes"];
    match frame {
        Some(frame) if frame.split(' ').count() <= 3 && frame.split(' ').any(|word| frames.contains(&word)) => {
            &sentence[frame.len() + 2..]
        }
        _ => sentence,
    }
}

/// Words after which an "and" goes on telling when, why or what, and begins no wish.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "when", "whenever", "if", "why", "whether", "because", "so", "while", "unless", "although", "how", "which", "who",
    "where", "before", "after", "until", "once", "since",
];
/// Those of them after which it does so behind a comma as well.
const CONDITIONS: &[&str] = &["when", "whenever", "if", "why", "whether"];

/// The wishes of one sentence: a comma or a joining word ends one only where a new verb begins, or somebody or something
/// with a verb of its own.
pub(super) fn clauses(sentence: &str) -> Vec<String> {
    let sentence = side_last(sentence);
    let mut out: Vec<String> = Vec::new();
    let mut start = 0;
    for (nth, (at, joint)) in joints(&sentence).into_iter().enumerate() {
        if at < start {
            continue;
        }
        let (part, rest) = (&sentence[start..at], &sentence[at + joint..]);
        // What people shall be able to do may be several things.
        let joined = &sentence[at..at + joint] == " and ";
        let goes_on = || joined && acts::is_about_people(without_leads(clip(part, LOOKED_AT)).0);
        let body = without_leads(clip(rest, LOOKED_AT)).0;
        let told = || nth < MOST_JOINTS && is_told(part, rest, &sentence[at..at + joint]);
        if (is_limit_itself(body) || (begins_wish(body) && !goes_on()) || told()) && !is_opening(part) {
            out.push(ended(part).to_owned());
            start = at + joint;
        }
    }
    out.push(sentence[start..].trim().to_owned());
    out
}

/// True if `rest` tells of somebody or something else than `part` does: `add search, and users complain that …`.
fn is_told(part: &str, rest: &str, joint: &str) -> bool {
    let rest = without_leads(clip(rest, LOOKED_AT / 2)).0;
    let Some(telling) = tell::telling(rest) else { return false };
    // The words next to it say to what it belongs.
    let (part, _) = hints::taken(clip_start(part, LOOKED_AT));
    let part = without_leads(&part).0;
    let words: Vec<String> = part.split_whitespace().map(str::to_lowercase).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let apart = joint != " and ";
    if has(if apart { CONDITIONS } else { TELLING }) {
        return false;
    }
    // `users complain that the login and the search are slow`
    if let Some(at) = words.iter().rposition(|word| word == "that") {
        let open = !tell::is_said(&words[at + 1..].join(" "));
        if open || (!apart && opening_verb(part).is_some()) {
            return false;
        }
    }
    tell::is_whole(part) || (apart && joint != ", " && telling != tell::Telling::State)
}

/// At most `bytes` of the text's end, cut between characters.
fn clip_start(text: &str, bytes: usize) -> &str {
    let mut start = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// `Every night load the orders` as `load the orders every night`.
fn habit_last(sentence: &str) -> Option<String> {
    let (first, rest) = sentence.split_once(' ')?;
    if !matches!(first.to_ascii_lowercase().as_str(), "every" | "each") {
        return None;
    }
    let (span, wish) = rest.split_once([' ', ','])?;
    let is_span = ["night", "day", "week", "month", "hour", "morning", "evening", "minute", "quarter", "year"]
        .contains(&span)
        || span.ends_with("day");
    let wish = wish.trim_start_matches([',', ' ']);
    (is_span && begins_wish(wish)).then(|| format!("{wish} {} {span}", first.to_lowercase()))
}

/// `Before summer, add search` as `add search before summer`: what is wanted comes first.
fn side_last(sentence: &str) -> String {
    if let Some(habit) = habit_last(sentence) {
        return habit;
    }
    let first = sentence.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let is_side = SIDES.contains(&first.as_str()) && first != "so" || first == "by";
    match sentence.split_once(", ").filter(|_| is_side) {
        Some((side, wish)) if !LEADS.contains(&side.to_lowercase().as_str()) => {
            format!("{} {first}{}", wish.trim_end_matches('.'), &side[first.len()..])
        }
        _ => sentence.to_owned(),
    }
}

/// True if it says what shall not be done, or stays as it is.
pub(super) fn is_limit(clause: &str) -> bool {
    is_limit_itself(without_leads(clause).0)
}

fn is_limit_itself(body: &str) -> bool {
    let body = body.trim_end_matches(['.', '!']).to_ascii_lowercase();
    let negated = negated(&body).is_some_and(|rest| {
        let verb = rest.split_whitespace().next().unwrap_or_default();
        !PERMITS.contains(&verb) && !prevent::is_prevented(&body)
    });
    let stays = (body.starts_with("leave ") || body.starts_with("keep "))
        && UNTOUCHED.iter().any(|untouched| body.ends_with(untouched));
    let banned = prevent::is_banned(&body.split_whitespace().collect::<Vec<_>>()) && !prevent::is_prevented(&body);
    negated || stays || banned || is_left_alone(&body)
}

/// What shall not be done, of a text in lower case that says that it shall not.
pub(super) fn negated(body: &str) -> Option<&str> {
    let not = NEGATIONS.iter().filter(|not| body.strip_prefix(**not).is_some_and(|rest| rest.starts_with(' ')));
    Some(&body[not.map(|not| not.len()).max()? + 1..])
}

/// `lose an order`, `charge a card twice`: nobody plans that, so who does not want it wants it prevented.
pub(super) fn is_mishap(act: &str) -> bool {
    let verb = act.split_whitespace().next().unwrap_or_default();
    let verb = verbs::of_doing(verb).unwrap_or(verb);
    let padded = format!(" {} ", act.trim_end_matches(['.', '!', ',']));
    MISHAPS.contains(&verb) || MISTAKES.iter().any(|mistake| padded.contains(mistake))
}

/// `the API must not change`, `nobody should touch the checkout`
fn is_left_alone(body: &str) -> bool {
    if ![" not ", " never "].iter().any(|not| body.contains(not)) && !body.starts_with("nobody ") {
        return false;
    }
    let words: Vec<&str> = body.split_whitespace().collect();
    let is_modal = |word: &str| matches!(word, "must" | "should" | "shall" | "may" | "can");
    if let ["nobody", modal, act, _, ..] = words[..] {
        return is_modal(modal) && TOUCHED.iter().any(|(touch, _)| *touch == act);
    }
    let Some(at) = words.windows(2).position(|pair| is_modal(pair[0]) && matches!(pair[1], "not" | "never")) else {
        return false;
    };
    match words[at + 2..] {
        ["change"] => at > 0,
        ["be", state] => at > 0 && TOUCHED.iter().any(|(_, touched)| *touched == state),
        _ => false,
    }
}

/// True if nothing but openings stands there: it belongs to what follows.
fn is_opening(text: &str) -> bool {
    let (body, _) = without_leads(text);
    let body = body.trim().to_lowercase();
    body.is_empty() || LEADS.contains(&body.as_str())
}

/// Without the joining word that a split left at the end.
fn ended(text: &str) -> &str {
    let text = text.trim();
    [" and", " then", " plus", " but", ","].iter().find_map(|joint| text.strip_suffix(joint)).unwrap_or(text)
}

/// Places where a new wish may begin, with the length of what joins.
fn joints(sentence: &str) -> Vec<(usize, usize)> {
    let lower = sentence.to_ascii_lowercase();
    let mut joints = Vec::new();
    for joint in [", and ", ", but ", " but ", ", ", " and ", " then ", " as well as ", " plus ", " & "] {
        joints.extend(lower.match_indices(joint).map(|(at, found)| (at, found.len())));
    }
    joints.sort_by_key(|(at, long)| (*at, std::cmp::Reverse(*long)));
    joints.dedup_by_key(|(at, _)| *at);
    joints.truncate(hints::MOST_PLACES);
    joints
}

fn begins_wish(body: &str) -> bool {
    opening_verb(body).is_some() || acts::act_on_something(&verbs::words(clip(body, LOOKED_AT))).is_some()
}

/// The verb that the text begins with: `add …`, `migrating …`; but `export and …` and `monitoring of …` are things.
pub(super) fn opening_verb(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    let word = words.next()?.to_lowercase();
    let next = words.next()?.to_lowercase();
    let is_thing = |links: &[&str]| links.contains(&next.as_str());
    let does =
        verbs::opens(&word) && !is_thing(&["and", "or", "of", "says", "said", "complains", "complained", "noticed"]);
    let doing = verbs::of_doing(&word).is_some_and(verbs::opens)
        && !is_thing(&["and", "or", "of", "for", "in", "on", "to", "with"]);
    (does || doing).then_some(word)
}

/// Openings by their first word, and whether a mark has to follow.
static OPENINGS: LazyLock<HashMap<&str, Vec<(&str, bool)>>> = LazyLock::new(|| {
    let mut openings: HashMap<&str, Vec<(&str, bool)>> = HashMap::new();
    for (list, is_label) in [(LEADS, false), (LABELS, true)] {
        for lead in list {
            openings.entry(first_word(lead)).or_default().push((lead, is_label));
        }
    }
    openings
});

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

/// The text without its openings, and the openings.
pub(super) fn without_leads(text: &str) -> (&str, &str) {
    let mut rest = text.trim_start();
    loop {
        let lower = clip(rest, 64).to_ascii_lowercase();
        let fits = |(lead, is_label): &&(&str, bool)| {
            let after = lower.strip_prefix(lead).filter(|_| ends_word(&lower, lead.len()));
            after.is_some_and(|after| !is_label || after.starts_with([':', ',', ')', '!']))
        };
        let known = OPENINGS.get(first_word(&lower)).map(Vec::as_slice).unwrap_or_default();
        let Some((lead, _)) = known.iter().filter(fits).max_by_key(|(lead, _)| lead.len()) else { break };
        let after = rest[lead.len()..].trim_start_matches([' ', ',', ':', '-', '!', ')', '\t']);
        // A lone opening is all there is: it is the wish itself.
        if after.is_empty() {
            break;
        }
        rest = after;
    }
    (rest, &text[..text.len() - rest.len()])
}

fn ends_word(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_none_or(|c| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_long_texts_as_much_is_made_as_somebody_can_read() {
        let of = |text: &str| text.repeat(super::super::MOST_TEXT / text.len());
        for text in [
            "and add x ",
            ", a",
            "(",
            "by ",
            " asap",
            "let users a and ",
            "x is not ",
            "but not x ",
            ", it's a",
            "need ",
            "the a must not be, and ",
            "users say that the ",
        ] {
            let found = super::super::objectives(&of(text));
            assert!(found.len() <= super::super::MOST, "{} of {text:?}", found.len());
            let longest = found.iter().map(|one| one.title.chars().count()).max();
            assert!(longest <= Some(super::super::LONGEST), "{longest:?} in {text:?}");
        }
    }
}
