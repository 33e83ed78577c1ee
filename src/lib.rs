#![doc = include_str!("architecture.md")]

pub mod domain;
pub mod service;
pub mod store;
