//! Which entry of the log is chosen, and the stretch that was read last.

use crate::domain::ChangeId;
use crate::store::view::ActivityRow;
use crate::tui::text;

/// Letters of an entry that are kept; what was said can be long.
const LONGEST: usize = 400;

/// A change and what it did in words.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The change.
    pub row: ActivityRow,
    /// What it did, about what.
    pub words: String,
    /// The same without the name of the task.
    pub short: String,
}

impl Entry {
    /// The entry of a change.
    pub fn of(row: ActivityRow) -> Self {
        let short = ActivityRow { title: None, ..row.clone() };
        Self { words: text::clip(&row.in_words(), LONGEST), short: text::clip(&short.in_words(), LONGEST), row }
    }
}

/// The state of the log.
#[derive(Debug, Clone)]
pub struct State {
    /// Entries at hand, newest first.
    pub rows: Vec<Entry>,
    /// True once entries were read.
    pub loaded: bool,
    /// The entry with the cursor.
    pub chosen: Option<ChangeId>,
    /// Its place among the entries shown.
    pub index: usize,
    /// How many entries are wanted; grows when the end is reached.
    pub limit: usize,
    /// Stay at the newest entry.
    pub follow: bool,
    /// Words that an entry must have.
    pub filter: String,
}

/// Entries that are read at once.
pub const STRETCH: usize = 200;

impl Default for State {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            loaded: false,
            chosen: None,
            index: 0,
            limit: STRETCH,
            follow: true,
            filter: String::new(),
        }
    }
}

impl State {
    /// Entries that the filter shows.
    pub fn shown(&self) -> Vec<&Entry> {
        let wanted = self.filter.to_lowercase();
        let fits = |entry: &&Entry| {
            let has = |text: &str| text.to_lowercase().contains(&wanted);
            wanted.is_empty() || has(&entry.row.actor.name) || has(&entry.words)
        };
        self.rows.iter().filter(fits).collect()
    }

    /// The entry with the cursor.
    pub fn current(&self) -> Option<&Entry> {
        self.shown().get(self.index).copied()
    }

    /// Puts the cursor on a place; at the end of what is at hand, more is wanted.
    pub fn go_to(&mut self, index: usize) {
        let shown = self.shown();
        let count = shown.len();
        let index = index.min(count.saturating_sub(1));
        let chosen = shown.get(index).map(|entry| entry.row.change);
        (self.index, self.chosen) = (index, chosen);
        if index + 1 >= count && self.rows.len() >= self.limit {
            self.limit += STRETCH;
        }
    }
}
