//! `vayu demo`: a board in a temporary file, six weeks of history, and a simulated team at work on it.
//!
//! This module owns the play: who does what when, in a time of its own. It must never write to the board by other means
//! than the commands that everybody uses, nor touch any board but its own; the orchestrator in it is the real one.

mod agenda;
pub mod clock;
mod history;
mod owner;
mod play;
pub mod script;
mod stage;
mod worker;

pub use stage::{Demo, Options, keep};
