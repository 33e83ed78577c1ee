//! Waiting for the write lock: short, jittered naps until a deadline. SQLite's own handler starves processes under load.

use std::cell::Cell;
use std::time::{Duration, Instant};

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
    std::thread::sleep(Duration::from_micros(fastrand::u64(200..1_000)));
    true
}
