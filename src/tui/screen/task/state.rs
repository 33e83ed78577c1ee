//! Which task is open, and how far its page is scrolled.

use crate::domain::TaskId;

/// The state of the task screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Which task.
    pub id: TaskId,
    /// First visible line.
    pub scroll: usize,
    /// True once it was read; it may be gone.
    pub loaded: bool,
}

impl State {
    /// The top of a task's page.
    pub fn new(id: TaskId) -> Self {
        Self { id, scroll: 0, loaded: false }
    }
}
