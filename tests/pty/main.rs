//! The board in a real terminal: what it leaves behind, and what it shows without a key.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../shared/between.rs"]
mod between;
mod editor;
mod endings;
mod live;
mod room;
mod solving;
