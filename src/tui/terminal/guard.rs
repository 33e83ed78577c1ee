//! What vayu switches on in the terminal, and the one way by which all of it is switched off again: on quit, on panic
//! in any thread, on a signal, for a suspension and for an editor.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use rustix::termios::{self, OptionalActions, QueueSelector, Termios};

/// The window's title kept, alternate screen, hidden cursor, bracketed paste, focus reports, colour scheme reports.
const ENTER: &str = "\x1b[22;0t\x1b[?1049h\x1b[2J\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[?2031h";
/// The reverse, whatever of it was on.
const LEAVE: &str = "\x1b[?2026l\x1b[?2031l\x1b[?1004l\x1b[?2004l\x1b[m\x1b[?25h\x1b[?1049l\x1b[23;0t";
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Report escape and layouts without doubt (flags 1 and 4).
const KITTY_ON: &str = "\x1b[>5u";
const KITTY_OFF: &str = "\x1b[<u";

/// The terminal as it was found, while it is ours.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);
/// The same while another program has it, which may leave it in any state.
static LENT: Mutex<Option<Taken>> = Mutex::new(None);

#[derive(Debug)]
struct Taken {
    tty: Arc<OwnedFd>,
    found: Termios,
    modes: Modes,
}

/// What to switch on besides what every session needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modes {
    /// Report the mouse.
    pub mouse: bool,
    /// Speak the kitty keyboard protocol.
    pub kitty: bool,
}

fn taken() -> MutexGuard<'static, Option<Taken>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lent() -> MutexGuard<'static, Option<Taken>> {
    LENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True while the terminal is ours to draw on.
pub fn is_ours() -> bool {
    taken().is_some()
}

/// Takes the terminal; taking it again switches everything on once more, as after a suspension from outside.
pub fn take(tty: impl AsFd, modes: Modes) -> io::Result<()> {
    let mut taken = taken();
    let found = match taken.take().or_else(|| lent().take()) {
        Some(before) => before.found,
        None => termios::tcgetattr(&tty)?,
    };
    let mut raw = found.clone();
    raw.make_raw();
    let tty = Arc::new(rustix::io::fcntl_dupfd_cloexec(tty.as_fd(), 3)?);
    termios::tcsetattr(&*tty, OptionalActions::Now, &raw)?;
    *taken = Some(Taken { tty, found, modes: Modes::default() });
    drop(taken);
    write(ENTER)?;
    set(modes)
}

/// Switches modes on or off while the terminal is ours.
pub fn set(modes: Modes) -> io::Result<()> {
    let before = match taken().as_mut() {
        Some(taken) => std::mem::replace(&mut taken.modes, modes),
        None => return Ok(()),
    };
    match (before.mouse, modes.mouse) {
        (false, true) => write(MOUSE_ON)?,
        (true, false) => write(MOUSE_OFF)?,
        _ => {}
    }
    match (before.kitty, modes.kitty) {
        (false, true) => write(KITTY_ON),
        (true, false) => write(KITTY_OFF),
        _ => Ok(()),
    }
}

/// Gives the terminal back as it was found, also if another program has it. Doing it twice does nothing.
pub fn give_back() {
    let ours = taken().take();
    // Whoever had it may have been cut short, with the mouse on.
    let theirs = || lent().take().map(|lent| Taken { modes: Modes { mouse: true, ..Modes::default() }, ..lent });
    if let Some(taken) = ours.or_else(theirs) {
        restore(&taken);
    }
}

/// Gives the terminal to another program, and remembers how it was found.
pub fn lend() {
    let Some(taken) = taken().take() else { return };
    restore(&taken);
    *lent() = Some(taken);
}

fn restore(Taken { tty, found, modes }: &Taken) {
    // A terminal that has stopped reading must not keep us from leaving.
    if rustix::event::poll(&mut [rustix::event::PollFd::new(&**tty, rustix::event::PollFlags::OUT)], Some(&HALF_SECOND))
        == Ok(0)
    {
        let _ = termios::tcflush(&**tty, QueueSelector::OFlush);
    }
    let off =
        format!("{}{}{LEAVE}", if modes.kitty { KITTY_OFF } else { "" }, if modes.mouse { MOUSE_OFF } else { "" });
    let _ = write_to(tty, off.as_bytes());
    let _ = termios::tcsetattr(&**tty, OptionalActions::Now, found);
}

const HALF_SECOND: rustix::time::Timespec = rustix::time::Timespec { tv_sec: 0, tv_nsec: 500_000_000 };

/// Writes to the terminal while it is ours; says nothing otherwise.
pub fn write(text: &str) -> io::Result<()> {
    send(text.as_bytes())
}

/// Like [`write`], for a frame. The lock is not held meanwhile: a write may hang, giving back must not.
pub fn send(bytes: &[u8]) -> io::Result<()> {
    let tty = taken().as_ref().map(|taken| Arc::clone(&taken.tty));
    tty.map_or(Ok(()), |tty| write_to(&tty, bytes))
}

fn write_to(tty: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(tty, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// From now on a panic in any thread gives the terminal back before it is reported.
pub fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Another program's screen is not touched; the report can be read when it is gone.
            if is_ours() {
                give_back();
            }
            report(panic);
        }));
    });
}
