//! Failures seen in other tools, played again here. Each test names the steps that broke them and what happens instead.
//!
//! `docs/reliability.md` lists all of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../shared/chance.rs"]
mod chance;
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

use chance::size;
