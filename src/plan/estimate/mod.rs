//! Sizes and outcomes with the chance that they hold, learned from what is already known.
//!
//! This module owns what history says about something new: how large a task is by its words, by what was said and by
//! who does it, what it costs, how a period of work will end by its state. It must never read a file, a clock or a unit
//! of its own: points, minutes and tokens are numbers to it, chance follows from a seed, and where history says nothing
//! the median is the answer.

mod boost;
pub mod focus;
pub mod judge;
mod leaf;
mod mix;
mod ordinal;
pub mod outcome;
pub mod pace;
pub mod pass;
pub mod quantile;
pub mod said;
pub mod size;
mod slope;
pub mod spend;
pub mod spread;
pub mod survival;
mod text;
mod tree;

pub use judge::{Answer, Ask, Basis, Judge, Past};
pub use outcome::{Case, Outcomes, Range};
pub use said::{Said, Source};
pub use size::{Estimate, Sizes, Words};
