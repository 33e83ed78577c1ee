//! Objectives out of free text: several in one sentence, each with what it is about, its priority by its wording, what was
//! said of its size and its date; and what shall not be touched.
//!
//! Whoever breaks them down, playbooks or a language model, takes only [`Objective`]s.

mod acts;
mod clauses;
mod dates;
mod echo;
mod hints;
mod prevent;
mod tell;
mod things;
mod verbs;
mod words;

use serde::{Deserialize, Serialize};

use crate::domain::Priority;
use crate::domain::words::cut;
use crate::plan::estimate::said::Said;
use clauses::{clauses, is_limit, sentences, without_leads};
use dates::Dates;
pub use dates::{Due, From};
pub(super) use words::SIDES;
use words::{LARGE, SMALL, TAILS, URGENCY};

/// Text that is looked at, in bytes; a plan is no novel.
const MOST_TEXT: usize = 64 * 1024;
/// Objectives that are taken from one text.
const MOST: usize = 40;
/// Longest title in characters.
const LONGEST: usize = 160;

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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Objective {
    /// In imperative words: `Implement user authentication for our API`.
    pub title: String,
    /// What is done, lower case: `implement`, `pay` of *let customers pay*, `faster` of *make it faster*; empty if no verb
    /// is known.
    pub verb: String,
    /// What it is about, in short: `user authentication`.
    pub subject: String,
    /// Urgency.
    pub priority: Priority,
    /// The words that decided the priority; none: nothing was said.
    pub because: Option<String>,
    /// How large it sounds.
    pub size: Size,
    /// Minutes that were said for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u32>,
    /// Story points that were said for all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<f64>,
    /// By when it has to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Due>,
    /// From when on it may be begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<From>,
    /// What is to come of it besides, each a criterion of its tasks: `Couriers can scan parcels`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<String>,
    /// What was said and not taken as it stands, in words: `"35 December" is no day of any calendar, …`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// What was read from a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// What is wanted, in order.
    pub objectives: Vec<Objective>,
    /// What is not: `Don't change the checkout`.
    pub limits: Vec<String>,
}

impl Reading {
    /// What the text says; nothing if it holds no words.
    pub fn of(text: &str) -> Self {
        let mut reading = Self::default();
        for sentence in sentences(&clip(text, MOST_TEXT).replace('’', "'")) {
            match (hints::remark(&sentence), reading.objectives.last_mut()) {
                (Some((priority, word)), Some(last)) => {
                    (last.priority, last.because) = (priority, Some(word.into()));
                }
                _ => reading.sentence(&sentence),
            }
        }
        reading
    }

    /// A day that it begins with holds for all its wishes.
    fn sentence(&mut self, sentence: &str) {
        let (head, sentence) = dates::at_head(sentence).unwrap_or_else(|| (Dates::default(), sentence.to_owned()));
        for (at, clause) in clauses(&sentence).iter().enumerate() {
            self.take(clause, at, &sentence, &head);
        }
    }

    fn take(&mut self, clause: &str, at: usize, sentence: &str, head: &Dates) {
        if is_limit(clause) {
            let limit = capitalized(ended(without_leads(clause).0));
            if self.limits.len() < MOST && !self.limits.contains(&limit) {
                self.limits.push(limit);
            }
        } else if let Some(last) = self.objectives.last_mut().filter(|_| echo::is_echo(clause)) {
            // `and make sure that it never happens again` belongs to what was told before.
            last.wanted.push(capitalized(ended(without_leads(clause).0)));
        } else if self.objectives.len() < MOST
            && let Some(objective) = read(clause, at, sentence, head)
            && !self.objectives.iter().any(|known| known.title == objective.title)
        {
            self.objectives.push(objective);
        }
    }
}

/// The objectives in `text`, in order; none if it holds no words.
pub fn objectives(text: &str) -> Vec<Objective> {
    Reading::of(text).objectives
}

/// At most `bytes` of the text, cut between characters.
fn clip(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// One clause as an objective; `at` is its place in the sentence.
fn read(clause: &str, at: usize, sentence: &str, head: &Dates) -> Option<Objective> {
    let clause = clause.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (mut said, mut hints) = hints::taken(clause);
    if tell::happened(without_leads(clause).0).is_some() {
        // When it happened is no date by which anything is due.
        (said, hints.dates) = (clause.to_owned(), Dates::default());
    }
    let (body, lead) = without_leads(&said);
    let body = ended(body);
    if !body.chars().any(char::is_alphanumeric) {
        return None;
    }
    let remark = hints.urgency.map(|(priority, word)| (priority, Some(word.into())));
    let (priority, because) = remark.unwrap_or_else(|| priority(clause, lead, at, sentence));
    let wish = acts::wish(body);
    Some(Objective {
        title: cut(&wish.title, LONGEST),
        verb: wish.verb.clone(),
        subject: cut(&things::subject(&wish), LONGEST),
        priority,
        because,
        size: size(body),
        minutes: hints.size.and_then(Said::median),
        points: hints.size.and_then(Said::points),
        wanted: echo::purposes(&wish.title),
        due: hints.dates.due.or(head.due),
        from: hints.dates.from.or(head.from),
        doubts: head.doubts.iter().cloned().chain(hints.dates.doubts).collect(),
    })
}

/// Without the marks at the end.
fn ended(text: &str) -> &str {
    text.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, ')' | '"' | '\'' | '+' | '#' | '%'))
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

fn capitalized(text: &str) -> String {
    // `iOS` and `eBay` are written as they are.
    if text.split(' ').next().is_some_and(|first| first.chars().skip(1).any(char::is_uppercase)) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Without when and why and, after more than one word, without what follows "for" and the like.
fn shortened(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let side = SIDES.iter().filter_map(|side| lower.find(&format!(" {side} ")));
    let tail = TAILS.iter().filter_map(|tail| lower.find(tail)).filter(|at| text[..*at].contains(' '));
    // Where something goes, and what it becomes, is no part of it: `Node to 22`, `shop into Polish`.
    let is_name = |at: &usize| text[at + 4..].starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let goal = lower.find(" to ").filter(is_name).into_iter().chain(lower.find(" into "));
    side.chain(tail)
        .chain(goal.filter(|at| *at > 0))
        .min()
        .map_or(text, |at| &text[..at])
        .trim_end_matches([',', ' '])
        .trim_end_matches(" to")
        .to_owned()
}

fn is_particle(word: &str) -> bool {
    matches!(
        word.to_lowercase().as_str(),
        "our"
            | "my"
            | "the"
            | "a"
            | "an"
            | "some"
            | "up"
            | "out"
            | "off"
            | "down"
            | "in"
            | "sure"
            | "for"
            | "on"
            | "at"
    )
}

/// `Weekly digest` as `weekly digest`, `API keys` as it is.
fn decapitalized(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() || first == 'A' && second == ' ' => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
