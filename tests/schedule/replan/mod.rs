//! What becomes of a plan when something happens.

mod events;
mod lost;
