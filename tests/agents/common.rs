//! What several of these tests need.

use std::time::{Duration, Instant};

/// Longest wait for anything here; far beyond what a loaded machine needs, so that it only ends what hangs.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until `condition` holds.
pub fn await_that(what: &str, mut condition: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < until, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
