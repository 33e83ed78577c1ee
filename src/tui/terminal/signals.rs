//! Signals as events. One that ends the process also winds up a clock, so that a board stuck in the world, for example
//! in a terminal that has stopped reading, ends nevertheless.

use std::io;
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::{Event, guard};

/// Longest time between the wish to end and the end.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Starts listening; every signal goes to `post`.
pub fn spawn(post: impl Fn(Event) + Send + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT])?;
    let listen = move || {
        for signal in signals.forever() {
            post(match signal {
                SIGWINCH => Event::Resized,
                SIGTSTP => Event::Suspend,
                SIGCONT => Event::Continued,
                _ => {
                    end_soon();
                    Event::Ended
                }
            });
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(listen)?;
    Ok(())
}

/// Ends the process by force if it has not ended by itself shortly.
pub fn end_soon() {
    let end = || {
        std::thread::sleep(LAST_WORDS);
        guard::give_back();
        std::process::exit(1);
    };
    // Without a thread to spare there is nothing better than to hope.
    let _ = std::thread::Builder::new().name("last words".into()).spawn(end);
}

/// Stops this process as the shell's job control expects; returns when it is continued.
pub fn stop() -> io::Result<()> {
    signal_hook::low_level::emulate_default_handler(SIGTSTP)
}
