//! Undo and redo: rows go back to what a change found. Whether newer changes stand in the way is known to the log and
//! has been checked before; what refers to a row that would go is checked here.

use super::{Draft, Event, Rejection, Ruling};
use crate::domain::command::Patch;
use crate::domain::id::ChangeId;

impl Draft<'_, '_> {
    pub(super) fn restore(&mut self, change: ChangeId, patches: &[Patch]) -> Ruling {
        for patch in patches.iter().filter(|patch| patch.fields.is_none()) {
            if let Some(what) = self.facts.referred.get(&patch.id) {
                return Err(Rejection::NotUndoable { change, why: what.clone() });
            }
        }
        patches.iter().try_for_each(|patch| self.emit(Event::Restored { change, patch: patch.clone() }))
    }
}
