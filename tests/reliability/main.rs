//! Nothing is lost, nothing is done twice: each promise as a test, named after its line in the list of promises.
//!
//! Tests that leave something to chance print their seed; `VAYU_SEED=N` replays it. The short forms run always; `VAYU_LONG=1` (by
//! `tests/run.sh --long [NAME]`) runs the long ones.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bulk;
mod clock;
mod damage;
mod faults;
mod kills;
#[path = "../shared/old_board.rs"]
mod old_board;
mod race;
mod retries;
mod room;
#[path = "../shared/rows.rs"]
mod rows;
mod simulate;
mod soak;
mod team;
mod terminal;

/// How much of something: `short` always, `long` on demand.
pub fn size<T>(short: T, long: T) -> T {
    if std::env::var_os("VAYU_LONG").is_some() { long } else { short }
}

/// The seed of a test, printed: the one that is asked for, or this one.
pub fn seed(test: &str, usual: u64) -> u64 {
    let seed = std::env::var("VAYU_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(usual);
    println!("{test}: seed {seed}");
    seed
}
