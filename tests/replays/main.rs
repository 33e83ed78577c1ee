//! Failures seen in other tools, played again here. Each test names the steps that broke them and what happens instead.
//!
//! `VAYU_LONG=1` plays the races at full length.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../cli/common.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod common;
mod edges;
mod holding;
mod pipes;
mod processes;
mod races;
#[path = "../pty/room.rs"]
#[allow(dead_code, reason = "shared with the tests of the terminal")]
mod room;
mod scene;

/// Rounds of a race: few, or all of them when there is time.
fn rounds(few: usize, all: usize) -> usize {
    if std::env::var_os("VAYU_LONG").is_some() { all } else { few }
}
