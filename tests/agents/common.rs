//! What several of these tests need.

use std::time::{Duration, Instant};

/// Longest wait for anything here; far beyond what a loaded machine needs, so that it only ends what hangs.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until `condition` holds.
pub fn await_that(what: &str, condition: impl FnMut() -> bool) {
    await_that_or(what, condition, String::new);
}

/// Waits until `condition` holds; tells what `explain` says if it never does.
pub fn await_that_or(what: &str, mut condition: impl FnMut() -> bool, explain: impl Fn() -> String) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "waited in vain until {what} {}", explain());
        std::thread::sleep(Duration::from_millis(5));
    }
}
