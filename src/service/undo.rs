//! Undo and redo: a change is taken back by a change of its own, which can be taken back in turn.

use super::{Change, Done, Error, Service, write};
use crate::domain::{Actor, ChangeId, Command, Rejection};
use crate::store::Write;
use crate::store::view::Undoing;

/// Which change to take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// The newest one of the actor.
    Own,
    /// The newest one of anybody.
    Any,
    /// This one.
    Change(ChangeId),
}

/// The change to take back, and whether that is a redo.
type Chosen = Result<(ChangeId, bool), Error>;

impl Service {
    /// Takes a change back.
    ///
    /// # Errors
    /// When there is none, or newer changes to the same rows stand in the way; nothing has changed then.
    pub fn undo(&mut self, actor: &Actor, which: Undo) -> Result<Done, Error> {
        self.reverse(actor, &mut |tx| {
            let found = match which {
                Undo::Own => tx.last_undoable(Some(&actor.name))?,
                Undo::Any => tx.last_undoable(None)?,
                Undo::Change(id) if tx.target(id)?.is_some() => {
                    let why = "it is an undo or redo itself; undo or redo the change below it".into();
                    return Err(Rejection::NotUndoable { change: id, why }.into());
                }
                Undo::Change(id) => Some(id),
            };
            Ok((found.ok_or(Rejection::NothingTo("undo"))?, false))
        })
    }

    /// Does again what the last undo took back.
    ///
    /// # Errors
    /// As for [`Service::undo`].
    pub fn redo(&mut self, actor: &Actor, anybody: bool) -> Result<Done, Error> {
        let whose = (!anybody).then_some(actor.name.as_str());
        self.reverse(actor, &mut |tx| Ok((tx.last_redoable(whose)?.ok_or(Rejection::NothingTo("redo"))?, true)))
    }

    fn reverse(&mut self, actor: &Actor, choose: &mut dyn FnMut(&dyn Write) -> Chosen) -> Result<Done, Error> {
        let (clock, ids) = (&self.clock, self.ids.as_mut());
        let done = write(self.store.as_mut(), self.durability, |tx| {
            let now = clock.now();
            let (target, redo) = choose(tx)?;
            let patches = match tx.inverse(target)? {
                Undoing::Patches(patches) => patches,
                Undoing::Overtaken { what, .. } => {
                    let why = format!("{what} came after it; it can be taken back only after that");
                    return Err(Rejection::NotUndoable { change: target, why }.into());
                }
                Undoing::Not(why) => return Err(Rejection::NotUndoable { change: target, why: why.into() }.into()),
            };
            let commands = [Command::Restore { change: target, redo, patches }];
            let mut change = Change::new(actor, &now);
            change.run(tx, ids, &commands[0])?;
            let done = change.finish(tx, &commands, None, Some(target))?;
            mark(tx, target, redo, done.change)?;
            Ok(done)
        })?;
        self.notify(&done);
        Ok(done)
    }
}

/// The change is taken back by the new one; a redo makes the change below the undo stand again.
fn mark(tx: &mut dyn Write, target: ChangeId, redo: bool, by: Option<ChangeId>) -> Result<(), Error> {
    tx.mark_undone(target, by)?;
    match tx.target(target)?.filter(|_| redo) {
        Some(below) => Ok(tx.mark_undone(below, None)?),
        None => Ok(()),
    }
}
