//! Which agent is chosen, and the rows that were read last.

use crate::domain::AgentId;
use crate::store::view::AgentRow;
use crate::tui::screen::activity::Entry;

/// The state of the agents screen.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Everybody, by name.
    pub rows: Vec<AgentRow>,
    /// True once rows were read.
    pub loaded: bool,
    /// The one with the cursor.
    pub chosen: Option<AgentId>,
    /// Its place among those shown.
    pub index: usize,
    /// First visible row.
    pub top: usize,
    /// Words that names, roles or skills must have.
    pub filter: String,
    /// What the chosen one did last.
    pub recent: Vec<Entry>,
}

impl State {
    /// Those that the filter shows.
    pub fn shown(&self) -> Vec<&AgentRow> {
        let wanted = self.filter.to_lowercase();
        let fits = |row: &&AgentRow| {
            let skills = row.agent.skills.keys().map(String::as_str);
            let mut texts = [row.agent.name.as_str()].into_iter().chain(row.agent.role.as_deref()).chain(skills);
            wanted.is_empty() || texts.any(|text| text.to_lowercase().contains(&wanted))
        };
        self.rows.iter().filter(fits).collect()
    }

    /// The one with the cursor.
    pub fn current(&self) -> Option<&AgentRow> {
        self.shown().get(self.index).copied()
    }

    /// Puts the cursor on a place.
    pub fn go_to(&mut self, index: usize) {
        let shown = self.shown();
        let index = index.min(shown.len().saturating_sub(1));
        let chosen = shown.get(index).map(|row| row.agent.agent_id);
        (self.index, self.chosen) = (index, chosen);
    }
}
