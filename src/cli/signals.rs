//! What a program that runs on does when it is asked to end.

use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::Failure;

/// Two signals closer together are one: some senders signal the process and its group.
const TWICE: Duration = Duration::from_millis(300);

/// Calls `each` for every request to end, in a thread of its own and as long as the process lives.
///
/// # Errors
/// When signals cannot be heeded or no thread can be started.
pub fn heed(mut each: impl FnMut(i32) + Send + 'static) -> Result<(), Failure> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let heed = move || {
        let mut last: Option<Instant> = None;
        for signal in signals.forever() {
            if last.is_none_or(|at| at.elapsed() >= TWICE) {
                each(signal);
                last = Some(Instant::now());
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(heed)?;
    Ok(())
}
