//! One task: everything that is known about it, on one page.
//!
//! It owns how far the page is scrolled; it must never change the task but by the verbs of cards.

mod state;
mod update;
mod view;

pub use state::State;
pub use update::{act, click, see, want};
pub use view::{draw, view};
