//! What is chosen on the board, and the windows that were read last.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{AgentId, Lane, TaskId};
use crate::store::view::{Card, Filter};

/// How much a card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Density {
    /// One line.
    Compact,
    /// Four lines.
    #[default]
    Normal,
    /// Six lines: labels and due date, too.
    Roomy,
}

impl Density {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Compact => Self::Normal,
            Self::Normal => Self::Roomy,
            Self::Roomy => Self::Compact,
        }
    }

    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Normal => "normal",
            Self::Roomy => "roomy",
        }
    }
}

/// A card that was picked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grab {
    /// Which.
    pub card: TaskId,
    /// The lane it is held over.
    pub lane: usize,
    /// Whether the mouse holds it, which then drops it, too.
    pub by_mouse: bool,
}

/// A range of cards, from where it was begun to the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// Its lane.
    pub lane: usize,
    /// The card where it begins.
    pub from: TaskId,
    /// The place of that card when it was seen last.
    pub place: usize,
    /// What had been selected before.
    pub before: BTreeSet<TaskId>,
}

/// A lane: where its cursor is, how far it is scrolled, and which of its cards are at hand.
#[derive(Debug, Clone, Default)]
pub struct LaneState {
    /// The card with the cursor, as long as it is in this lane.
    pub card: Option<TaskId>,
    /// Its place in the lane, from 0; keeps the place when the card goes.
    pub index: usize,
    /// Place of the first visible card.
    pub top: usize,
    /// Place of the first card at hand.
    pub offset: usize,
    /// Cards at hand.
    pub cards: Vec<Card>,
    /// All cards that the filter shows.
    pub count: usize,
}

impl LaneState {
    /// The card at a place, if it is at hand.
    pub fn at(&self, index: usize) -> Option<&Card> {
        self.cards.get(index.checked_sub(self.offset)?)
    }

    /// The place of a card, if it is at hand.
    pub fn place_of(&self, id: TaskId) -> Option<usize> {
        self.cards.iter().position(|card| card.task_id == id).map(|at| at + self.offset)
    }

    /// Puts the cursor on a place.
    pub fn go_to(&mut self, index: usize, capacity: usize) {
        self.index = index.min(self.count.saturating_sub(1));
        self.card = self.at(self.index).map(|card| card.task_id);
        self.show(capacity);
    }

    /// Scrolls so that the cursor can be seen among `capacity` cards.
    pub fn show(&mut self, capacity: usize) {
        let most = self.count.saturating_sub(capacity);
        self.top = self.top.min(self.index).max((self.index + 1).saturating_sub(capacity)).min(most);
    }
}

/// The state of the board.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The lane with the cursor, counted from the left.
    pub lane: usize,
    /// All lanes from the left.
    pub lanes: [LaneState; Lane::ALL.len()],
    /// True once cards were read.
    pub loaded: bool,
    /// Which cards are shown.
    pub filter: Filter,
    /// The filter as it was typed.
    pub filter_text: String,
    /// Only one's own.
    pub mine: bool,
    /// How much a card shows.
    pub density: Density,
    /// Whether the card with the cursor is shown at large beside the lanes.
    pub peek: bool,
    /// Selected cards.
    pub selected: BTreeSet<TaskId>,
    /// A range that is being selected.
    pub range: Option<Range>,
    /// Cards that are to be selected but not at hand are being looked up.
    pub gathering: bool,
    /// The card that is being moved.
    pub grab: Option<Grab>,
    /// Cards on their way into a lane, until the store has said yes or no.
    pub moving: BTreeMap<TaskId, Lane>,
    /// Who was chosen last.
    pub last_agent: Option<AgentId>,
    /// The cursor goes where this card goes.
    pub follow: Option<TaskId>,
}

impl State {
    /// The lane with the cursor.
    pub fn current(&self) -> &LaneState {
        &self.lanes[self.lane]
    }

    /// The card with the cursor.
    pub fn card(&self) -> Option<&Card> {
        let lane = self.current();
        lane.at(lane.index)
    }

    /// A card that is at hand, and its lane.
    pub fn find(&self, id: TaskId) -> Option<(usize, &Card)> {
        let in_lane = |(n, lane): (usize, &'_ LaneState)| lane.place_of(id).map(|_| n);
        let lane = self.lanes.iter().enumerate().find_map(in_lane)?;
        self.lanes[lane].cards.iter().find(|card| card.task_id == id).map(|card| (lane, card))
    }

    /// True if some cards are hidden by what the user asked for.
    pub fn is_filtered(&self) -> bool {
        self.filter != Filter::default()
    }
}
