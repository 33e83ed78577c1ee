//! The board: lanes of cards, each a window into the store.
//!
//! It owns which lane, card and cards are chosen; a card's rules are the domain's.

mod card;
mod place;
mod state;
mod update;
mod view;

pub use card::role as status_role;
pub use state::{Density, Grab, State};
pub use update::{act, click, drag, drop_card, gathered, see, select_card, want, wheel};
pub use view::view;
