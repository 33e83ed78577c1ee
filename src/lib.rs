#![doc = include_str!("architecture.md")]

pub mod agents;
pub mod bootstrap;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod exchange;
pub mod models;
pub mod orchestrator;
pub mod plan;
pub mod service;
pub mod store;
pub mod text;
pub mod tui;
