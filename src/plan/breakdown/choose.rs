//! Which playbooks an objective calls for: its verb counts most, then what it is about, then the rest of its words.

use super::playbook::{Library, Playbook};
use crate::plan::objectives::Objective;

/// Weight of a word by where it stands.
const VERB: u32 = 5;
const HEAD: u32 = 3;
const LAST_OF_HEAD: u32 = 1;
const TAIL: u32 = 1;

/// A second playbook joins only if it is called for by more than a word in passing.
const JOINS_FROM: u32 = 2 * TAIL;

/// The playbooks of one objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice<'a> {
    /// The one that gives the work its shape.
    pub main: &'a Playbook,
    /// Those that join it.
    pub extra: Vec<&'a Playbook>,
}

/// The playbook that the objective's words call for most loudly, and those that join it.
///
/// # Panics
/// Never with a library that holds at least one playbook, as every library does.
pub fn choose<'a>(objective: &Objective, library: &'a Library) -> Choice<'a> {
    let words = Words::of(objective);
    let mut scored: Vec<(u32, &Playbook)> = library.books().iter().map(|book| (words.score(book), book)).collect();
    // Stable: among equals the library's order decides, the user's own first.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let fallback = library.books().iter().find(|book| book.fallback);
    let (best, first) = *scored.first().expect("a library holds the built-in playbooks");
    let main = if best == 0 { fallback.unwrap_or(first) } else { first };
    let joins =
        |(score, book): &&(u32, &Playbook)| *score >= JOINS_FROM && book.joins.is_some() && book.name != main.name;
    let extra = scored.iter().filter(joins).map(|(_, book)| *book).collect();
    Choice { main, extra }
}

/// The words of an objective by where they stand, each without its plural.
struct Words {
    verb: String,
    head: Vec<String>,
    tail: Vec<String>,
}

impl Words {
    fn of(objective: &Objective) -> Self {
        let head = words(&objective.subject);
        let all = words(&objective.title);
        let tail = all.iter().filter(|word| !head.contains(word)).cloned().collect();
        Self { verb: stem(&objective.verb), head, tail }
    }

    fn score(&self, book: &Playbook) -> u32 {
        book.matches.iter().map(|phrase| self.weigh(&words(phrase))).sum()
    }

    fn weigh(&self, phrase: &[String]) -> u32 {
        let Some(last) = phrase.last() else { return 0 };
        let long = phrase.len() as u32;
        if phrase == std::slice::from_ref(&self.verb) {
            VERB
        } else if holds(&self.head, phrase) {
            HEAD * long + if self.head.last() == Some(last) { LAST_OF_HEAD } else { 0 }
        } else if holds(&self.tail, phrase) {
            TAIL * long
        } else {
            0
        }
    }
}

fn holds(words: &[String], phrase: &[String]) -> bool {
    words.windows(phrase.len().max(1)).any(|window| window == phrase)
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(stem).collect()
}

/// Lower case without a plural `s`.
fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    match lower.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::objectives::objectives;

    fn books(text: &str) -> Vec<String> {
        let library = Library::built_in();
        let objective = objectives(text).remove(0);
        let choice = choose(&objective, &library);
        std::iter::once(choice.main).chain(choice.extra).map(|book| book.name.clone()).collect()
    }

    #[test]
    fn words_find_their_playbook() {
        for (text, book) in [
            ("Implement user authentication for our API", "authentication"),
            ("Add real-time notifications", "notifications"),
            ("Improve our testing coverage", "testing"),
            ("Fix the login crash", "bug-fix"),
            ("Investigate why the API is slow", "research-spike"),
            ("Speed up the search endpoint", "performance"),
            ("Migrate accounts to PostgreSQL", "data-migration"),
            ("Merchant statement API", "api-endpoint"),
            ("Integrate Stripe", "integration"),
            ("Release version 2.0", "release"),
            ("Deploy to Kubernetes", "infrastructure"),
            ("Redesign the settings page", "ui-screen"),
            ("Write a tutorial for newcomers", "documentation"),
            ("Multi-currency ledger", "feature"),
        ] {
            assert_eq!(books(text)[0], book, "{text}");
        }
    }

    #[test]
    fn a_second_playbook_joins_where_the_objective_names_it() {
        assert_eq!(books("Build an import screen with documentation and tutorial"), ["ui-screen", "documentation"]);
        assert_eq!(books("Add a dashboard"), ["ui-screen"]);
    }
}
