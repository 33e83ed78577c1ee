//! What whoever started a runner wants of it: work, finish, or stop.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use super::Message;

/// How far a runner is to go on. Each wish only ever gives way to a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Take tasks and do them.
    Work,
    /// Do what was taken, take no more.
    Drain,
    /// Ask the commands to end, give the tasks back.
    Stop,
    /// Kill the commands, give the tasks back.
    Kill,
}

impl Wish {
    const ALL: [Self; 4] = [Self::Work, Self::Drain, Self::Stop, Self::Kill];
}

/// A handle by which a runner is controlled, from any thread.
#[derive(Debug, Clone, Default)]
pub struct Control {
    wish: Arc<AtomicU8>,
    wakes: Arc<Mutex<Option<Sender<Message>>>>,
}

impl Control {
    /// For a runner that is to work.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is wanted at the moment.
    pub fn wish(&self) -> Wish {
        Wish::ALL[usize::from(self.wish.load(Ordering::SeqCst)).min(Wish::ALL.len() - 1)]
    }

    /// Wants this much, unless more was wanted before.
    pub fn want(&self, wish: Wish) {
        self.wish.fetch_max(wish as u8, Ordering::SeqCst);
        self.wake();
    }

    /// Wants one step more than now, as each Ctrl-C does; says what is wanted then.
    pub fn insist(&self) -> Wish {
        let more = Wish::ALL[(self.wish() as usize + 1).min(Wish::ALL.len() - 1)];
        self.want(more);
        more
    }

    /// The runner's main loop is told of every wish.
    pub(super) fn wakes(&self, tell: Sender<Message>) {
        *self.wakes.lock().unwrap_or_else(PoisonError::into_inner) = Some(tell);
    }

    fn wake(&self) {
        if let Some(tell) = self.wakes.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            // Nobody hears it any more once the runner has ended.
            let _ = tell.send(Message::Control);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_only_grow() {
        let control = Control::new();
        assert_eq!(control.insist(), Wish::Drain);
        assert_eq!(control.insist(), Wish::Stop);
        control.want(Wish::Drain);
        assert_eq!(control.wish(), Wish::Stop);
        assert_eq!(control.insist(), Wish::Kill);
        assert_eq!(control.insist(), Wish::Kill);
    }
}
