//! The command line, by the real program on real boards.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../shared/chance.rs"]
mod chance;
mod common;
mod doctor;
mod files;
mod forecast;
mod hostile;
mod json;
mod manual;
mod many;
mod paths;
mod sprints;
mod verbs;
