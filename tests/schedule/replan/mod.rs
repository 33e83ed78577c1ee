//! What becomes of a plan when something happens.

mod away;
mod events;
mod lost;
mod watch;

pub use events::Dice;
