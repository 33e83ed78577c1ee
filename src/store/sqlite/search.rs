//! Full-text search as people type: what they wrote as a query that costs no more for a common word than for a rare one.
//!
//! Words are meant by prefix. FTS5 answers a prefix of two or three letters from an index of its own, newest first, and
//! stops when it has enough; of any other prefix it puts the whole list together before the first row. Such a prefix is
//! replaced by what it stands for in the texts of this board, as long as that is little: its terms, or of a single
//! letter the pairs of letters that begin so.

use rusqlite::params;

use super::Db;
use super::rows::optional;
use crate::store::Result;

/// Words of a query, and letters of a word, that count.
const MOST_WORDS: usize = 16;
const MOST_LETTERS: usize = 64;
/// A prefix that stands for more than this stays a prefix; each costs a seek of some ten microseconds.
const MOST_TERMS: usize = 48;
/// Sorts behind every letter.
const LAST: char = char::MAX;

impl Db {
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
