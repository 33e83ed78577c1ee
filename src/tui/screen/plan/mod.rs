//! The sprint: what it is for, and what is left of it.
//!
//! It owns what is typed into the plan; capacity, breakdown and schedule are computed below it.

mod state;
mod update;
mod view;

pub use state::State;
pub use update::{act, click, is_typing, key, paste, scopes, want};
pub use view::view;
