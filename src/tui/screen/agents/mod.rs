//! The team: people and programs alike, what they are at, and how much they have.
//!
//! It owns which agent is chosen; it must never judge who should do what.

mod state;
mod update;
mod view;

pub use state::State;
pub use update::{act, click, see, see_recent, want};
pub use view::{standing, view};
