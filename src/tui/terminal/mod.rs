//! The terminal: its modes, its keys, its cells. Everything that differs between terminals and systems is in here.
//!
//! This module owns the tty from [`Terminal::open`] to drop and must leave it as it was found, however the process
//! ends; it knows nothing about boards, screens or what a key means.
//!
//! vayu reads and writes the tty itself, because what libraries offer cannot promise what the board needs: an answer
//! that comes late is never taken for typing, a terminal that is gone ends the process instead of spinning, reading
//! can pause for an editor, and a frame is one write.

mod canvas;
mod guard;
mod input;
mod loan;
pub mod parse;
mod reader;
mod signals;

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Size;

use canvas::{Canvas, Surface};
pub use guard::Modes;
pub use input::{Button, Code, Input, Key, Mouse, MouseKind, Reply, Rgb};
use loan::Loan;

/// Something that happened to the terminal or to the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody typed, clicked or pasted, or the terminal answered.
    Input(Input),
    /// The window has another size.
    Resized,
    /// Somebody wants the process to stop for a while.
    Suspend,
    /// The process goes on.
    Continued,
    /// Somebody wants the process to end.
    Ended,
    /// The terminal is gone.
    Gone,
}

/// The terminal, taken. Dropping it gives it back.
#[derive(Debug)]
pub struct Terminal {
    tty: OwnedFd,
    screen: ratatui::Terminal<Canvas<Tty>>,
    reins: reader::Reins,
    loan: Loan,
    modes: Modes,
}

/// Colours of text and background, the width of a line character, keyboard protocol, and a last question that every
/// terminal answers.
const QUESTIONS: &str = "\x1b]10;?\x1b\\\x1b]11;?\x1b\\\r─\x1b[6n\r\x1b[K\x1b[?u\x1b[c";

impl Terminal {
    /// Takes the terminal, and starts the threads that tell `post` what happens.
    pub fn open(modes: Modes, post: impl Fn(Event) + Send + Clone + 'static) -> io::Result<Self> {
        let tty = find_tty()?;
        guard::restore_on_panic();
        let loan = Loan::default();
        signals::spawn(loan.clone(), post.clone())?;
        guard::take(&tty, modes)?;
        let canvas = Canvas::new(Tty(tty.try_clone()?));
        let screen = ratatui::Terminal::new(canvas).inspect_err(|_| guard::give_back())?;
        let reins = reader::spawn(tty.try_clone()?, post).inspect_err(|_| guard::give_back())?;
        Ok(Self { tty, screen, reins, loan, modes })
    }

    /// Asks what the terminal can do; the answers come as [`Reply`]s, or never.
    pub fn ask(&mut self) -> io::Result<()> {
        guard::write(QUESTIONS)
    }

    /// Columns and rows.
    pub fn size(&self) -> Size {
        self.screen.size().unwrap_or_default()
    }

    /// Draws a frame: only what changed is sent.
    pub fn draw(&mut self, view: impl FnOnce(&mut Frame)) -> io::Result<()> {
        if guard::is_ours() {
            self.screen.draw(|frame| {
                view(frame);
                canvas::mark_second_halves(frame.buffer_mut());
            })?;
        }
        Ok(())
    }

    /// How long the terminal took to accept the last frame.
    pub fn last_write(&self) -> Duration {
        self.screen.backend().last_write()
    }

    /// Everything is drawn anew with the next frame.
    pub fn redraw(&mut self) -> io::Result<()> {
        self.screen.backend_mut().forget();
        self.screen.clear()
    }

    /// Switches modes.
    pub fn set_modes(&mut self, modes: Modes) -> io::Result<()> {
        self.modes = modes;
        guard::set(modes)
    }

    /// The modes that are on.
    pub fn modes(&self) -> Modes {
        self.modes
    }

    /// Sends something that draws nothing, such as a bell or a notification.
    pub fn say(&mut self, sequence: &str) -> io::Result<()> {
        guard::write(sequence)
    }

    /// Rings the bell, and has the desktop show a note, through tmux if need be. The text must be safe.
    pub fn ring(&mut self, note: &str) -> io::Result<()> {
        let note = format!("\x1b]9;{note}\x07");
        let note = if std::env::var_os("TMUX").is_some() {
            format!("\x1bPtmux;{}\x1b\\", note.replace('\x1b', "\x1b\x1b"))
        } else {
            note
        };
        guard::write(&format!("{note}\x07"))
    }

    /// Sets the title of the window; the one found comes back at the end. The text must be safe.
    pub fn set_title(&mut self, title: &str) -> io::Result<()> {
        guard::write(&format!("\x1b]0;{title}\x07"))
    }

    /// Puts a text into the clipboard of the terminal, wherever that is.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        guard::write(&format!("\x1b]52;c;{}\x07", base64(text.as_bytes())))
    }

    /// Gives the terminal back and stops the process until somebody continues it; [`Event::Continued`] follows. Does
    /// nothing and says so (false) if there is no shell that could.
    pub fn suspend(&mut self) -> io::Result<bool> {
        if !signals::has_shell() {
            return Ok(false);
        }
        guard::give_back();
        signals::stop().map(|()| true)
    }

    /// Takes the terminal again after it was given back, or after somebody else may have changed it.
    pub fn take_again(&mut self) -> io::Result<()> {
        guard::take(&self.tty, self.modes)?;
        self.redraw()
    }

    /// Lends the terminal to another program until that ends; `None` if this process was told to end meanwhile.
    pub fn lend(&mut self, command: &mut Command) -> io::Result<Option<ExitStatus>> {
        self.reins.pause();
        guard::lend();
        let ended = self.loan.run(command);
        if matches!(ended, Ok(None)) {
            guard::give_back();
            return ended;
        }
        self.take_again()?;
        self.reins.resume();
        ended
    }

    /// Gives the terminal back early; the process has little time left.
    pub fn close_soon() {
        signals::end_soon();
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        guard::give_back();
    }
}

/// The terminal that the user sits at: standard input, or else the controlling terminal.
fn find_tty() -> io::Result<OwnedFd> {
    let (input, output) = (io::stdin(), io::stdout());
    if input.is_terminal() && output.is_terminal() {
        return Ok(rustix::io::fcntl_dupfd_cloexec(input.as_fd(), 3)?);
    }
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CLOEXEC | rustix::fs::OFlags::NOCTTY;
    rustix::fs::open("/dev/tty", flags, rustix::fs::Mode::empty())
        .map_err(|_| io::Error::other("the board needs a terminal; `vayu task list` works without one"))
}

/// As the clipboard sequence wants it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (n, byte)| bits | u32::from(*byte) << (16 - 8 * n));
        (0..4).map(move |n| (bits >> (18 - 6 * n)) as usize & 63).take(chunk.len() + 1).collect::<Vec<_>>()
    };
    let mut text: String = bytes.chunks(3).flat_map(group).map(|n| char::from(LETTERS[n])).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// The tty as something to draw on.
#[derive(Debug)]
struct Tty(OwnedFd);

impl Surface for Tty {
    fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        guard::send(frame)
    }

    fn size(&self) -> io::Result<Size> {
        let size = rustix::termios::tcgetwinsize(&self.0)?;
        // A size of nothing comes from terminals that were never told theirs.
        let or = |value: u16, default| if value == 0 { default } else { value };
        Ok(Size { width: or(size.ws_col, 80), height: or(size.ws_row, 24) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_spelled_as_the_clipboard_wants_it() {
        let spelled = ["", "f", "fo", "foo", "foobar"].map(|text| base64(text.as_bytes()));
        assert_eq!(spelled, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYmFy"]);
    }
}
