//! The inbox: what waits for the human, sorted by what waiting costs.
//!
//! It owns which question is chosen; answering happens in the sheet, which is the same everywhere.

mod state;
mod update;
mod view;

pub use state::{Group, State};
pub use update::{act, click, see};
pub use view::{draw_question, view};
