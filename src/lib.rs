#![doc = include_str!("architecture.md")]

pub mod agents;
pub mod domain;
pub mod plan;
