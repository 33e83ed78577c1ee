//! Board lanes: a grouping of states, each with an optional limit on admitted cards.

use super::lifecycle::Status;
use super::vocabulary::words;

words! {
    /// A column of the board.
    pub enum Lane {
        /// Written down or waiting for something.
        Backlog = "backlog",
        /// May be taken.
        Ready = "ready",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// Judgement pending or failed.
        Review = "review",
        /// Ended.
        Done = "done",
    }
}

impl Lane {
    /// The lane that shows cards in `status`.
    pub const fn of(status: Status) -> Self {
        match status {
            Status::Created | Status::Blocked => Self::Backlog,
            Status::Queued => Self::Ready,
            Status::Assigned | Status::Executing | Status::Paused | Status::Failed => Self::InProgress,
            Status::Reviewing | Status::Rejected => Self::Review,
            Status::Completed | Status::Cancelled => Self::Done,
        }
    }

    /// The heading people see.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Backlog => "Backlog",
            Self::Ready => "Ready",
            Self::InProgress => "In progress",
            Self::Review => "Review",
            Self::Done => "Done",
        }
    }

    /// Lanes whose number of cards may be limited.
    pub const LIMITED: &'static [Self] = &[Self::Ready, Self::InProgress, Self::Review];

    /// The states of this lane.
    pub fn statuses(self) -> impl Iterator<Item = Status> {
        Status::ALL.iter().copied().filter(move |status| Self::of(*status) == self)
    }
}
