//! Nothing is lost, nothing is done twice: each promise as a test, named after its line in the list of promises.
//!
//! `docs/reliability.md` lists all of them, also those that live with the tests of what they are about.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

#[path = "../shared/between.rs"]
mod between;
mod bulk;
#[path = "../shared/chance.rs"]
mod chance;
mod clock;
mod damage;
mod faults;
mod kills;
mod lead;
mod model;
#[path = "../shared/old_board.rs"]
mod old_board;
mod play;
mod race;
mod retries;
mod room;
#[path = "../shared/rows.rs"]
mod rows;
mod simulate;
mod soak;
mod team;
mod terminal;
#[path = "../shared/ways.rs"]
mod ways;

use chance::{seed, size};
