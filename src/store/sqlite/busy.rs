//! Waiting for the write lock at the front of the queue: short, jittered naps until a deadline.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Naps that are short: most writes have ended by then.
const SHORT_NAPS: i32 = 20;

thread_local! {
    static WAITING_SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Called by SQLite with the number of naps taken so far; true means try again.
pub(super) fn wait(naps: i32) -> bool {
    let since = if naps == 0 { None } else { WAITING_SINCE.get() };
    let since = since.unwrap_or_else(|| {
        let now = Instant::now();
        WAITING_SINCE.set(Some(now));
        now
    });
    if since.elapsed() > super::PATIENCE {
        return false;
    }
    let longest = if naps < SHORT_NAPS { 300 } else { 1_000 };
    std::thread::sleep(Duration::from_micros(fastrand::u64(50..longest)));
    true
}
