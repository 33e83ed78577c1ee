//! Signals as events. One that ends the process also winds up a clock, so that a board stuck in the world, for example
//! in a terminal that has stopped reading, ends nevertheless.

use std::ffi::c_int;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use nix::unistd::{getpgrp, getppid, getsid};
use rustix::process::Signal;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::Signals;

use super::loan::Loan;
use super::{Event, guard};

/// Longest time between the wish to end and the end.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// Starts listening; every signal goes to `post`, but for those that belong to whoever has borrowed the terminal.
pub fn spawn(loan: Loan, post: impl Fn(Event) + Send + 'static) -> io::Result<()> {
    for signal in [SIGINT, SIGQUIT] {
        signal_hook::flag::register(signal, Arc::clone(&loan.interrupted))?;
    }
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT])?;
    let listen = move || {
        for signal in signals.forever() {
            if let Some(event) = heard(signal, &loan) {
                post(event);
            }
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(listen)?;
    Ok(())
}

/// What a signal means to the board.
fn heard(signal: c_int, loan: &Loan) -> Option<Event> {
    match signal {
        SIGWINCH => return Some(Event::Resized),
        SIGTSTP | SIGCONT if loan.is_out() => {
            if signal == SIGTSTP {
                stop_along();
            }
            return None;
        }
        SIGTSTP => return Some(Event::Suspend),
        SIGCONT => return Some(Event::Continued),
        SIGINT | SIGQUIT if loan.takes_interrupt() => return None,
        SIGHUP => loan.call_in(Signal::HUP),
        _ => loan.call_in(Signal::TERM),
    }
    end_soon();
    Some(Event::Ended)
}

/// Whoever has the terminal stops, and the shell gets it back only when all of the job has stopped. Nothing is touched:
/// the terminal is not ours now.
fn stop_along() {
    if has_shell() {
        // A signal that cannot be raised leaves the job running, as the shell will see.
        let _ = stop();
    }
}

/// Whether there is a shell to go back to: a job that nobody could continue is not stopped. In a container the parent,
/// the session or the group may be out of sight; its number is 0 then.
pub fn has_shell() -> bool {
    let session = getsid(None).ok();
    let leads = session.is_some_and(|session| session == getpgrp());
    let parent = Some(getppid()).filter(|parent| parent.as_raw() != 0).and_then(|parent| getsid(Some(parent)).ok());
    !leads && parent == session
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
