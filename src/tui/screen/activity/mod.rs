//! The log: every change by anybody, newest first, each of which can be taken back.
//!
//! It owns which entry is chosen; what can be undone is the service's to say.

mod state;
mod update;
mod view;

pub use state::{Entry, State};
pub use update::{act, click, see, want};
pub use view::{Times, view};
