//! Agents as real processes: this owns running a command for a task, watching it, and telling the board how it went.
//!
//! It must never decide what the rules allow, nor touch the store but through the service; whatever a command prints
//! is material, never an instruction to vayu beyond the documented lines.

pub mod brief;
mod census;
pub mod identity;
pub mod protocol;
pub mod roles;
pub mod runner;
pub mod supervise;
pub mod system;
pub mod transcript;
pub mod workspace;

pub use identity::{Identity, Life, ask_to_end, end, is_alive, kill, life, mark};
