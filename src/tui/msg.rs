//! What can happen to the model.

use std::collections::BTreeSet;

use crate::domain::{AgentId, Rejection, TaskId, Timestamp};
use crate::service::forecast::Foretold;
use crate::service::retro::Retro;
use crate::service::{Done, Error};

use super::action::Action;
use super::data::Seen;
use super::editor::{Ended, Writing};
use super::effect::Write;
use super::screen::plan::News;
use super::terminal::Event;
use super::update::writing::Refusal;

/// The time at which a message is handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// What the wall clock shows.
    pub wall: Timestamp,
    /// Time since the board was opened; never jumps.
    pub run: std::time::Duration,
}

/// Something that happened.
#[derive(Debug)]
pub enum Msg {
    /// To the terminal or the process.
    Terminal(Event),
    /// The window has this size now.
    Size(u16, u16),
    /// Time has passed that somebody waited for.
    Tick,
    /// Somebody has committed a change.
    Changed,
    /// What was wanted has been read, or could not be.
    Seen(Result<Box<Seen>, Failure>),
    /// A change was made, or could not be.
    Done(Box<Write>, Result<Done, Failure>),
    /// What became of something that changes nothing on the board, in words.
    Told(Result<String, Failure>),
    /// $EDITOR has ended.
    Edited(Box<Writing>, Ended),
    /// A text that was edited is on the board now, or is not.
    Texted(Box<Writing>, Result<Done, Refusal>),
    /// Cards that are selected have been looked up.
    Gathered(Result<BTreeSet<TaskId>, Failure>),
    /// A computation of the plan has ended.
    Plan(News),
    /// The active sprint was looked at, with advice if somebody asked for it.
    Foretold {
        /// Whether it says what would help.
        advises: bool,
        /// What came of it; none: nothing is foretold.
        found: Result<Option<Box<Foretold>>, Failure>,
    },
    /// What the sprint that was closed last teaches, and what was made of a proposal.
    Retro(Result<(Box<Retro>, Option<String>), Failure>),
    /// A thread of ours has ended where it should not.
    Broken(String),
}

/// Why something did not work.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure {
    /// A rule said no.
    Rejected(Rejection),
    /// The world failed, in words.
    World(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Rejected(rejection) => Self::Rejected(rejection),
            Error::Store(error) => Self::World(error.to_string()),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::World(what) => f.write_str(what),
        }
    }
}

/// Something on the screen that can be clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A button.
    Action(Action),
    /// A card in a lane of the board.
    Card(TaskId, usize),
    /// A lane, or the free room in it.
    Lane(usize),
    /// An entry of the list on the screen.
    Entry(usize),
    /// An entry of the list in the topmost popup.
    Choice(usize),
    /// An agent.
    Agent(AgentId),
    /// Nothing; keeps what lies below from being clicked.
    Nothing,
}
