//! Judgement: pure algorithms that turn what is known into proposals, each with its reasons.
//!
//! This layer owns the questions who should do what, what an objective takes, what fits, and what is at risk. It must
//! never touch a store, a clock, chance or a terminal: everything it knows comes in as arguments, so the same brain runs
//! live, in tests and in simulations.

pub mod assign;
pub mod breakdown;
pub mod capacity;
pub mod course;
pub mod estimate;
pub mod forecast;
pub(in crate::plan) mod normal;
pub mod objectives;
pub mod project;
pub mod prospect;
pub mod replan;
pub mod retro;
pub mod risk;
pub mod schedule;
pub mod team;
pub mod wizard;
