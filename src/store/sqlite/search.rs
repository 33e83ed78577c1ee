//! Full-text search as people type: what they wrote as a query that costs no more for a common word than for a rare one.
//!
//! Words are meant by prefix. FTS5 answers a prefix of two or three letters from an index of its own, newest first, and
//! stops when it has enough; of any other prefix it puts the whole list together before the first row. Such a prefix is
//! replaced by what it stands for in the texts of this board, as long as that is little: its terms, or of a single
//! letter the pairs of letters that begin so.

use rusqlite::params;

use super::Db;
use super::queries::{Condition, is_words_alone, number};
use super::rows::optional;
use crate::domain::ChangeId;
use crate::store::Result;
use crate::store::view::Filter;

/// Words of a query, and letters of a word, that count.
const MOST_WORDS: usize = 16;
const MOST_LETTERS: usize = 64;
/// A prefix that stands for more than this stays a prefix; each costs a seek of some ten microseconds.
const MOST_TERMS: usize = 48;
/// Cards that a board looks at when it is filtered by words alone: of a common word only so many, the newest ones.
const NEWEST: usize = 500;
/// Sorts behind every letter.
const LAST: char = char::MAX;

/// What words were found in, as the board was then.
pub(super) struct Found {
    head: ChangeId,
    text: String,
    /// Numbers of the newest cards, a JSON array.
    numbers: String,
    /// There are older ones.
    pub more: bool,
}

impl Db {
    /// The filter of a board. Where it is words alone they mean the newest cards that match, so that a common word costs
    /// no more than a rare one, whatever the size of the board.
    pub(super) fn board_condition(&self, filter: &Filter) -> Result<Condition> {
        match self.found(filter, |found| found.numbers.clone())? {
            Some(numbers) => Ok(Condition::of_numbers(numbers)),
            None => Ok(Condition::of(filter, self.query_of(&filter.text)?)),
        }
    }

    /// Something about what the words of a filter are found in; none where it is not words alone. Looked up once, as long
    /// as the board stays as it is.
    pub(super) fn found<T>(&self, filter: &Filter, read: impl FnOnce(&Found) -> T) -> Result<Option<T>> {
        if !is_words_alone(filter) {
            return Ok(None);
        }
        let head = self.newest_change()?;
        // What a transaction has not committed may never be.
        if !self.conn.is_autocommit() {
            return Ok(self.find(head, &filter.text)?.as_ref().map(read));
        }
        let known = self.found.borrow().as_ref().is_some_and(|found| found.head == head && found.text == filter.text);
        if !known {
            self.found.replace(self.find(head, &filter.text)?);
        }
        Ok(self.found.borrow().as_ref().map(read))
    }

    fn find(&self, head: ChangeId, text: &str) -> Result<Option<Found>> {
        let Some(query) = self.query_of(text)? else { return Ok(None) };
        let sql = "SELECT w.rowid FROM words w CROSS JOIN tasks t ON t.number = w.rowid
            WHERE w.words MATCH ?1 AND t.archived = 0 ORDER BY w.rowid DESC LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(params![query, NEWEST as i64 + 1], |row| row.get::<_, i64>(0))?;
        let mut numbers: Vec<i64> = rows.collect::<Result<_, _>>()?;
        let more = numbers.len() > NEWEST;
        numbers.truncate(NEWEST);
        numbers.extend(number(text));
        let numbers = format!("[{}]", numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(","));
        Ok(Some(Found { head, text: text.to_owned(), numbers, more }))
    }

    /// What people type as a full-text query: every word by prefix, nothing interpreted. `None` when there is no word.
    pub(super) fn query_of(&self, text: &str) -> Result<Option<String>> {
        let words = words(text);
        let parts = words.iter().map(|word| self.query_of_word(word)).collect::<Result<Vec<_>>>()?;
        Ok((!parts.is_empty()).then(|| parts.join(" AND ")))
    }

    fn query_of_word(&self, word: &str) -> Result<String> {
        let prefix = format!("\"{word}\"*");
        // How letters beyond these are folded is the tokenizer's secret.
        if !word.is_ascii() || matches!(word.len(), 2 | 3) {
            return Ok(prefix);
        }
        let Some(terms) = self.terms(&word.to_ascii_lowercase())? else { return Ok(prefix) };
        Ok(if terms.is_empty() { prefix } else { format!("({})", terms.join(" OR ")) })
    }

    /// What a prefix stands for: each as a part of a query. None if that is too much.
    fn terms(&self, prefix: &str) -> Result<Option<Vec<String>>> {
        self.conn
            .prepare_cached(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab ('main', 'words', 'instance')",
            )?
            .execute([])?;
        let mut next_term =
            self.conn.prepare_cached("SELECT term FROM temp.terms WHERE term >= ?1 AND term < ?2 LIMIT 1")?;
        let (mut from, end) = (prefix.to_owned(), format!("{prefix}{LAST}"));
        let mut terms = Vec::new();
        while let Some(term) = optional(next_term.query_row(params![from, end], |row| row.get::<_, String>(0)))? {
            if terms.len() == MOST_TERMS {
                return Ok(None);
            }
            let pair: String = term.chars().take(2).collect();
            if prefix.len() == 1 && pair.len() > 1 {
                terms.push(format!("\"{pair}\"*"));
                from = format!("{pair}{LAST}");
            } else {
                terms.push(format!("\"{term}\""));
                from = format!("{term}\0");
            }
        }
        Ok(Some(terms))
    }
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(MOST_WORDS).map(|word| word.chars().take(MOST_LETTERS).collect()).collect()
}
