//! Which entry of the log is chosen, and the stretch that was read last.

use crate::domain::ChangeId;
use crate::store::view::ActivityRow;

/// The state of the log.
#[derive(Debug, Clone)]
pub struct State {
    /// Entries at hand, newest first.
    pub rows: Vec<ActivityRow>,
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
    pub fn shown(&self) -> Vec<&ActivityRow> {
        let wanted = self.filter.to_lowercase();
        let fits = |row: &&ActivityRow| {
            wanted.is_empty()
                || row.actor.name.to_lowercase().contains(&wanted)
                || row.in_words().to_lowercase().contains(&wanted)
        };
        self.rows.iter().filter(fits).collect()
    }

    /// The entry with the cursor.
    pub fn current(&self) -> Option<&ActivityRow> {
        self.shown().get(self.index).copied()
    }

    /// Puts the cursor on a place; at the end of what is at hand, more is wanted.
    pub fn go_to(&mut self, index: usize) {
        let shown = self.shown();
        let count = shown.len();
        let index = index.min(count.saturating_sub(1));
        let chosen = shown.get(index).map(|row| row.change);
        (self.index, self.chosen) = (index, chosen);
        if index + 1 >= count && self.rows.len() >= self.limit {
            self.limit += STRETCH;
        }
    }
}
