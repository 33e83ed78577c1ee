//! Objectives out of free text: several in one sentence, each with what it is about, its priority by its wording, and a
//! guess of its size.
//!
//! A language model, where there is one, may return the same [`Objective`]s; everything after this takes only them.

use serde::{Deserialize, Serialize};

use crate::domain::Priority;

/// Text that is looked at, in bytes; a plan is no novel.
const MOST_TEXT: usize = 64 * 1024;
/// Objectives that are taken from one text.
const MOST: usize = 40;
/// Longest title in characters.
const LONGEST: usize = 160;
/// A line at least this long that goes on in lower case was wrapped, not ended.
const WRAPPED: usize = 50;

/// How large an objective sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Size {
    /// "small", "quick", "just", …
    Small,
    /// Nothing is said.
    #[default]
    Usual,
    /// "whole", "complete", "rewrite", …
    Large,
}

impl Size {
    /// Factor on the usual effort.
    pub fn factor(self) -> f64 {
        match self {
            Self::Small => 0.5,
            Self::Usual => 1.0,
            Self::Large => 1.75,
        }
    }
}

/// Something to be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objective {
    /// In imperative words: `Implement user authentication for our API`.
    pub title: String,
    /// What is done to it, lower case: `implement`; empty if no verb is known.
    pub verb: String,
    /// What it is about, in short: `user authentication`.
    pub subject: String,
    /// Urgency.
    pub priority: Priority,
    /// The words that decided the priority; none: nothing was said.
    pub because: Option<String>,
    /// How large it sounds.
    pub size: Size,
}

/// Words that start a wish.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "accept", "add", "adopt", "allow", "analyse", "analyze", "anonymise", "anonymize", "archive", "assess", "attract",
    "audit", "authenticate", "authorize", "automate", "backfill", "benchmark", "bring", "build", "bump", "centralize",
    "change", "charge", "check", "clean", "collect", "compare", "complete", "configure", "connect", "consolidate",
    "containerize", "convert", "create", "cut", "decommission", "decouple", "define", "delete", "deliver", "deploy",
    "deprecate", "design", "detect", "develop", "disable", "discontinue", "do", "document", "drop", "eliminate",
    "enable", "encrypt", "enhance", "ensure", "establish", "evaluate", "expand", "explore", "export", "expose",
    "extend", "extract", "find", "finish", "fix", "follow", "generate", "get", "give", "grow", "handle", "harden",
    "have", "host", "implement", "import", "improve", "increase", "ingest", "initialize", "install", "instrument",
    "integrate", "internationalise", "internationalize", "introduce", "investigate", "isolate", "keep", "launch",
    "let", "localise", "localize", "lower", "maintain", "make", "measure", "merge", "migrate", "modernize",
    "modularize", "monitor", "move", "notify", "offer", "onboard", "optimise", "optimize", "paginate", "parallelize",
    "patch", "pay", "personalize", "plan", "polish", "port", "predict", "prepare", "prevent", "profile", "protect",
    "prototype", "provide", "publish", "put", "reach", "rebrand", "rebuild", "recover", "redesign", "redirect",
    "reduce", "refactor", "refine", "refund", "release", "remind", "remove", "rename", "repair", "replace", "research",
    "resolve", "respond", "restore", "restructure", "retire", "revamp", "review", "rework", "rewrite", "roll",
    "rotate", "run", "scale", "secure", "send", "set", "ship", "shorten", "show", "shrink", "simplify", "speed",
    "split", "standardise", "standardize", "start", "stop", "streamline", "strengthen", "sunset", "support", "switch",
    "sync", "teach", "test", "tidy", "track", "train", "translate", "try", "tune", "turn", "unblock", "unify",
    "untangle", "update", "upgrade", "use", "validate", "verify", "visualise", "visualize", "wire", "write",
];

/// Openings that say who wants it, not what; the longest that fits is taken off.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "we need to", "we also need to", "we must", "we have to", "we want to", "we would like to", "we'd like to",
    "we should", "we could", "we will", "we'll", "we are going to", "we plan to", "we aim to", "i need to",
    "i want to", "i would like to", "i'd like to", "i think we should", "i need you to", "i want you to",
    "you should", "you must", "the team should", "the team must", "the team needs to", "our goal is to",
    "the goal is to", "goal is to", "the aim is to", "the plan is to", "this sprint we", "in this sprint we",
    "it would be nice to", "it would be great to", "it would be good to", "it is critical to",
    "it is critical that we", "it is urgent to", "it is urgent that we", "it's critical that we",
    "it's urgent that we", "it is important to", "it's important to", "it is important that we",
    "i want to be able to", "we want to be able to", "i need to be able to", "we need to be able to", "need to",
    "needs to", "must", "have to", "should", "could", "want to", "please", "let's", "let us", "nice to have",
    "if time permits", "if there is time", "if possible", "maybe", "perhaps", "also", "then", "finally", "and", "to",
    "as well as", "plus", "ideally", "eventually", "urgently", "additionally", "lastly", "afterwards", "after that",
];

/// Openings only where a mark follows, as in `urgent: …`; without one they belong to the wish.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "critical", "urgent", "important", "optional", "high", "low", "medium", "normal", "p0", "p1", "p2", "p3",
    "must have", "should have", "could have", "high priority", "low priority", "first", "firstly", "second",
    "secondly", "third", "thirdly", "next", "hi", "hello", "well", "so", "ok", "okay", "asap", "goal", "goals",
    "objective", "objectives",
];

/// Words that decide a priority, the most urgent first.
#[rustfmt::skip]
const URGENCY: &[(Priority, &[&str])] = &[
    (Priority::Critical, &[
        "critical", "urgent", "urgently", "asap", "immediately", "emergency", "blocker", "outage", "p0",
        "right away", "right now",
    ]),
    (Priority::Low, &[
        "nice to have", "would be nice", "would be great", "would be good", "if time permits", "if there is time",
        "if possible", "maybe", "perhaps", "optional", "optionally", "eventually", "someday", "low priority",
        "could have", "we could", "could", "ideally", "p3", "low:", "(low", "when there is time", "not urgent",
    ]),
    (Priority::High, &[
        "must", "must have", "need", "needs", "need to", "have to", "has to", "important", "essential", "required",
        "crucial", "vital", "high priority", "top priority", "p1", "high:", "(high", "as soon as possible",
        "security hole", "vulnerability", "data loss",
    ]),
    (Priority::Normal, &[
        "should", "should have", "p2",
    ]),
];

/// Words by which an objective sounds small or large.
const SMALL: &[&str] = &["small", "quick", "quickly", "simple", "minor", "just", "tiny", "little", "basic"];
#[rustfmt::skip]
const LARGE: &[&str] = &[
    "whole", "entire", "complete", "full", "large", "big", "huge", "major", "comprehensive", "rewrite", "rebuild",
    "overhaul", "from scratch", "everywhere", "end-to-end",
];

/// Marks that end a sentence wherever they stand.
const ENDS: &[char] = &[';', '。', '！', '？', '；', '؛', '؟'];

/// Where the short subject ends: what follows says for whom, when or why.
const TAILS: &[&str] = &[
    " for ",
    " with ",
    " so that ",
    " because ",
    " in order to ",
    " to let ",
    " before ",
    " until ",
    " by ",
    " when ",
    " using ",
    " including ",
    " plus ",
];

/// The objectives in `text`, in order; none if it holds no words.
pub fn objectives(text: &str) -> Vec<Objective> {
    let mut found: Vec<Objective> = Vec::new();
    for sentence in sentences(clip(text, MOST_TEXT)) {
        for objective in clauses(&sentence).iter().enumerate().filter_map(|(at, clause)| read(clause, at, &sentence)) {
            if found.len() < MOST && !found.iter().any(|known| known.title == objective.title) {
                found.push(objective);
            }
        }
    }
    found
}

/// At most `bytes` of the text, cut between characters.
fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Lines and sentences, with wrapped lines joined and list marks taken off.
fn sentences(text: &str) -> Vec<String> {
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
        Some(frame) if frame.split(' ').any(|word| frames.contains(&word)) => &sentence[frame.len() + 2..],
        _ => sentence,
    }
}

/// The wishes of one sentence: a comma or a joining word ends one only where a new verb begins.
fn clauses(sentence: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut start = 0;
    for (at, joint) in joints(sentence) {
        if at >= start && begins_wish(&sentence[at + joint..]) && !is_opening(&sentence[start..at]) {
            out.push(ended(&sentence[start..at]).to_owned());
            start = at + joint;
        }
    }
    out.push(sentence[start..].trim().to_owned());
    out
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
    [" and", " then", " plus"].iter().find_map(|joint| text.strip_suffix(joint)).unwrap_or(text)
}

/// Places where a new wish may begin, with the length of what joins.
fn joints(sentence: &str) -> Vec<(usize, usize)> {
    let lower = sentence.to_ascii_lowercase();
    let mut joints = Vec::new();
    for joint in [", and ", ", ", " and ", " then ", " as well as ", " plus ", " & "] {
        joints.extend(lower.match_indices(joint).map(|(at, found)| (at, found.len())));
    }
    joints.sort_by_key(|(at, long)| (*at, std::cmp::Reverse(*long)));
    joints.dedup_by_key(|(at, _)| *at);
    joints
}

fn begins_wish(rest: &str) -> bool {
    opening_verb(without_leads(rest).0).is_some()
}

/// The verb that the text begins with: `add …`, `migrating …`; but `export and …` and `monitoring of …` are things.
fn opening_verb(text: &str) -> Option<String> {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty());
    let word = words.next()?.to_lowercase();
    let next = words.next()?.to_lowercase();
    let is_thing = |links: &[&str]| links.contains(&next.as_str());
    let does = VERBS.contains(&word.as_str()) && !is_thing(&["and", "or", "of"]);
    let doing = word.strip_suffix("ing").is_some_and(is_stem_of_verb)
        && !is_thing(&["and", "or", "of", "for", "in", "on", "to", "with"]);
    (does || doing).then_some(word)
}

/// `build` of *building*, `migrat` of *migrating*, `shipp` of *shipping*.
fn is_stem_of_verb(stem: &str) -> bool {
    let whole = |verb: &&str| **verb == *stem || verb.strip_suffix('e') == Some(stem) || is_doubled(verb, stem);
    stem.len() > 3 && VERBS.iter().any(whole)
}

fn is_doubled(verb: &str, stem: &str) -> bool {
    stem.strip_prefix(verb).is_some_and(|rest| rest.len() == 1 && verb.ends_with(rest))
}

/// The text without its openings, and the openings.
fn without_leads(text: &str) -> (&str, &str) {
    let mut rest = text.trim_start();
    loop {
        let lower = clip(rest, 64).to_ascii_lowercase();
        let fits = |lead: &&&str| lower.starts_with(**lead) && ends_word(&lower, lead.len());
        let labels = |label: &&&str| fits(label) && lower[label.len()..].starts_with([':', ',', ')', '!']);
        let leads = LEADS.iter().filter(fits).chain(LABELS.iter().filter(labels));
        let Some(lead) = leads.max_by_key(|lead| lead.len()) else { break };
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

/// One clause as an objective; `at` is its place in the sentence.
fn read(clause: &str, at: usize, sentence: &str) -> Option<Objective> {
    let clause = clause.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (body, lead) = without_leads(clause);
    let body =
        body.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '"' | '\'' | '+' | '#' | '%'));
    if !body.chars().any(char::is_alphanumeric) {
        return None;
    }
    let verb = opening_verb(body).unwrap_or_default();
    let (priority, because) = priority(clause, lead, at, sentence);
    let title = title(body, &verb);
    Some(Objective { subject: subject(&title, &verb), title, verb, priority, because, size: size(body) })
}

/// By its own words; a critical word at the head of a sentence holds for all of it.
fn priority(clause: &str, lead: &str, at: usize, sentence: &str) -> (Priority, Option<String>) {
    let own = urgency(clause);
    if at == 0 || own.is_some() {
        return own.map_or((Priority::Normal, None), |(priority, word)| (priority, Some(word.into())));
    }
    let head = without_leads(sentence).1;
    match urgency(head) {
        Some((Priority::Critical, word)) if lead.trim().is_empty() => (Priority::Critical, Some(word.into())),
        Some((Priority::High, word @ ("must" | "have to"))) => (Priority::High, Some(word.into())),
        _ => (Priority::Normal, None),
    }
}

fn urgency(text: &str) -> Option<(Priority, &'static str)> {
    let lower = format!(" {} ", clip(text, 4096).to_lowercase());
    // "not urgent" is the opposite of what it seems.
    let plain = lower.replace("not urgent", "eventually");
    URGENCY.iter().find_map(|(priority, words)| {
        let word = words.iter().filter(|word| holds(&plain, word)).max_by_key(|word| word.len())?;
        Some((*priority, *word))
    })
}

/// True if the phrase stands in the text, which has a space at both ends, between word borders.
fn holds(text: &str, phrase: &str) -> bool {
    let border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(phrase)
        .any(|(at, found)| border(text[..at].chars().next_back()) && border(text[at + found.len()..].chars().next()))
}

fn size(text: &str) -> Size {
    let lower = format!(" {} ", clip(text, 4096).to_lowercase());
    if LARGE.iter().any(|word| holds(&lower, word)) {
        Size::Large
    } else if SMALL.iter().any(|word| holds(&lower, word)) {
        Size::Small
    } else {
        Size::Usual
    }
}

/// The clause as a heading: capital first, no filler after the verb, not too long.
fn title(body: &str, verb: &str) -> String {
    let mut words: Vec<&str> = body.split_whitespace().collect();
    if !verb.is_empty() && words.len() > 2 && matches!(words[1].to_lowercase().as_str(), "our" | "my" | "some") {
        words.remove(1);
    }
    let mut chars = words.join(" ").chars().collect::<Vec<_>>();
    if chars.len() > LONGEST {
        chars.truncate(LONGEST - 1);
        chars.push('…');
    }
    let mut chars = chars.into_iter();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What the title is about, without verb, articles and what follows "for", "so that" and the like.
fn subject(title: &str, verb: &str) -> String {
    let mut words: Vec<&str> = title.split_whitespace().collect();
    if !verb.is_empty() && words.len() > 1 {
        words.remove(0);
        while words.len() > 1 && is_particle(words[0]) {
            words.remove(0);
        }
    }
    let whole = words.join(" ");
    let lower = whole.to_ascii_lowercase();
    let cut = TAILS.iter().filter_map(|tail| lower.find(tail)).filter(|at| whole[..*at].contains(' ')).min();
    let subject = cut.map_or(whole.as_str(), |at| &whole[..at]);
    if verb.is_empty() { decapitalized(subject) } else { subject.to_owned() }
}

fn is_particle(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "our" | "my" | "the" | "a" | "an" | "some" | "up" | "out" | "down" | "in" | "sure"
    )
}

/// `Weekly digest` as `weekly digest`, `API keys` as it is.
fn decapitalized(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(text: &str) -> Vec<(String, Priority)> {
        objectives(text).into_iter().map(|objective| (objective.title, objective.priority)).collect()
    }

    fn titles(text: &str) -> Vec<String> {
        objectives(text).into_iter().map(|objective| objective.title).collect()
    }

    #[test]
    fn one_sentence_holds_three_objectives() {
        let text = "We need to implement user authentication for our API, add real-time notifications, and improve our testing coverage";
        assert_eq!(
            short(text),
            [
                ("Implement user authentication for our API".to_owned(), Priority::High),
                ("Add real-time notifications".to_owned(), Priority::Normal),
                ("Improve testing coverage".to_owned(), Priority::Normal),
            ]
        );
        let subjects: Vec<_> = objectives(text).into_iter().map(|objective| objective.subject).collect();
        assert_eq!(subjects, ["user authentication", "real-time notifications", "testing coverage"]);
    }

    #[test]
    fn wording_decides_the_priority() {
        assert_eq!(short("Urgent: fix the login crash"), [("Fix the login crash".to_owned(), Priority::Critical)]);
        assert_eq!(short("P1: add search")[0].1, Priority::High);
        assert_eq!(short("It would be nice to have dark mode")[0].1, Priority::Low);
        assert_eq!(short("We should tidy up. Maybe add charts")[1].1, Priority::Low);
        let all = short("We must fix the leak, ship the release and, if time permits, polish the icons");
        assert_eq!(all.iter().map(|one| one.1).collect::<Vec<_>>(), [Priority::High, Priority::High, Priority::Low]);
    }

    #[test]
    fn lists_are_read_item_by_item_and_headings_are_not_wishes() {
        let text =
            "Goals for June:\n\n1. Import boards from CSV, XML and JSON\n2) [ ] Speed up search\n- Weekly digest email";
        assert_eq!(titles(text), ["Import boards from CSV, XML and JSON", "Speed up search", "Weekly digest email"]);
    }

    #[test]
    fn a_wrapped_sentence_stays_one() {
        let text = "Make the settlement of merchants in three new currencies\npossible on the same day";
        assert_eq!(titles(text).len(), 1);
    }

    #[test]
    fn words_of_size_are_heard() {
        assert_eq!(objectives("Rewrite the billing engine from scratch")[0].size, Size::Large);
        assert_eq!(objectives("Quick fix for the footer")[0].size, Size::Small);
    }

    #[test]
    fn a_word_that_belongs_to_the_wish_is_no_label() {
        assert_eq!(
            short("High availability for the ledger"),
            [("High availability for the ledger".into(), Priority::Normal)]
        );
        assert_eq!(titles("Next.js for the web board"), ["Next.js for the web board"]);
    }

    #[test]
    fn stories_frames_and_abbreviations_are_read_as_they_are_meant() {
        assert_eq!(titles("As a merchant, I want to export statements so that I can file taxes").len(), 1);
        assert_eq!(titles("As an admin I want to be able to pause shops"), ["Pause shops"]);
        assert_eq!(titles("For this sprint: add search and fix the login"), ["Add search", "Fix the login"]);
        assert_eq!(titles("Add exports (e.g. CSV). Fix the footer"), ["Add exports (e.g. CSV)", "Fix the footer"]);
        assert_eq!(titles("API: add limits"), ["API: add limits"]);
    }

    #[test]
    fn a_verb_that_is_meant_as_a_thing_begins_no_wish() {
        assert_eq!(titles("Add filters, search and export").len(), 1);
        assert_eq!(titles("Add load tests and monitoring of the queue").len(), 1);
        assert_eq!(titles("Add filters and start monitoring the queue").len(), 2);
    }

    #[test]
    fn nothing_makes_no_objective() {
        assert!(objectives(" \n--- ... \n").is_empty());
    }
}
