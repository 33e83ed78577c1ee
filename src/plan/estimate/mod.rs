//! Sizes and outcomes with the chance that they hold, learned from what is already known.
//!
//! This module owns what history says about something new: how large a task is by its words, how a period of work will
//! end by its state. It must never read a file, a clock or a unit of its own: points, minutes and tokens are numbers to
//! it, chance follows from a seed, and where history says nothing the median is the answer.

mod boost;
mod ordinal;
pub mod outcome;
pub mod quantile;
pub mod size;
mod slope;
mod text;
mod tree;

pub use outcome::{Case, Outcomes, Range};
pub use size::{Estimate, Sizes, Words};
