//! Which question is chosen.

use crate::domain::{EscalationId, EscalationKind};
use crate::store::view::EscalationRow;
use crate::tui::model::Model;

/// The state of the inbox.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The question with the cursor.
    pub chosen: Option<EscalationId>,
    /// Its place.
    pub index: usize,
}

/// Sorts of questions, as they are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Somebody wants to know something.
    Answer,
    /// Somebody wants a yes.
    Approve,
    /// Nothing is asked.
    Know,
}

impl Group {
    /// Every group in order.
    pub const ALL: [Self; 3] = [Self::Answer, Self::Approve, Self::Know];

    /// The group of a question.
    pub fn of(kind: EscalationKind) -> Self {
        match kind {
            EscalationKind::Question | EscalationKind::Decision => Self::Answer,
            EscalationKind::Approval => Self::Approve,
            EscalationKind::Notice => Self::Know,
        }
    }

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Answer => "Answer",
            Self::Approve => "Approve",
            Self::Know => "To know",
        }
    }
}

/// Questions in the order in which they are shown: by group, then by what waiting costs.
pub fn rows(model: &Model) -> Vec<&EscalationRow> {
    let mut rows: Vec<&EscalationRow> = model.head.asks.iter().collect();
    rows.sort_by_key(|row| Group::of(row.escalation.kind));
    rows
}

/// The question with the cursor.
pub fn current(model: &Model) -> Option<&EscalationRow> {
    rows(model).get(model.inbox.index).copied()
}
