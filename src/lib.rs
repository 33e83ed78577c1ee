#![doc = include_str!("architecture.md")]

pub mod domain;
