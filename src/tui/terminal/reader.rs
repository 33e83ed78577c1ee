//! The thread that reads the terminal. It sleeps until a byte comes, notices when the terminal is gone, and can be
//! asked to keep its hands off while another program has the terminal.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::time::Timespec;

use super::Event;
use super::input::{Input, Key};
use super::parse::Parser;

/// This many characters at once, of this many sorts, were pasted: nobody types like that, and a held key has one sort.
const BURST: (usize, usize) = (30, 8);

/// Tells the reader to stop and go on.
#[derive(Debug, Clone)]
pub struct Reins {
    state: Arc<(Mutex<State>, Condvar)>,
    wake: Arc<PipeWriter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    ToPause,
    Paused,
    Ended,
}

impl Reins {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once the reader does not touch the terminal any more.
    pub fn pause(&self) {
        let mut state = self.state();
        if *state == State::Reading {
            *state = State::ToPause;
            // One byte per pause never fills a pipe; without a reader there is nothing to wake.
            let _ = (&*self.wake).write(b".");
        }
        while *state == State::ToPause {
            state = self.state.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets the reader go on.
    pub fn resume(&self) {
        let mut state = self.state();
        if *state == State::Paused {
            *state = State::Reading;
        }
        self.state.1.notify_all();
    }

    fn pause_if_asked(&self) {
        let mut state = self.state();
        if *state == State::ToPause {
            *state = State::Paused;
            self.state.1.notify_all();
        }
        while *state == State::Paused {
            state = self.state.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Starts reading `tty`; every input goes to `post`.
pub fn spawn(tty: OwnedFd, post: impl Fn(Event) + Send + 'static) -> io::Result<Reins> {
    let (woken, wake) = io::pipe()?;
    let reins = Reins { state: Arc::new((Mutex::new(State::Reading), Condvar::new())), wake: Arc::new(wake) };
    let reader = Reader { tty, woken, reins: reins.clone(), parser: Parser::default() };
    std::thread::Builder::new().name("terminal input".into()).spawn(move || reader.run(&post))?;
    Ok(reins)
}

struct Reader {
    tty: OwnedFd,
    woken: PipeReader,
    reins: Reins,
    parser: Parser,
}

impl Reader {
    fn run(mut self, post: &dyn Fn(Event)) {
        while self.turn(post).is_ok() {}
        *self.reins.state() = State::Ended;
        self.reins.state.1.notify_all();
        post(Event::Gone);
    }

    /// Waits for one thing to happen; an error means that the terminal is gone.
    fn turn(&mut self, post: &dyn Fn(Event)) -> rustix::io::Result<()> {
        let mut ready = [PollFd::new(&self.tty, PollFlags::IN), PollFd::new(&self.woken, PollFlags::IN)];
        let patience = self.parser.patience();
        let patience =
            patience.map(|time| Timespec { tv_sec: time.as_secs().cast_signed(), tv_nsec: time.subsec_nanos().into() });
        match poll(&mut ready, patience.as_ref()) {
            Ok(0) => self.parser.settle(|input| post(Event::Input(input))),
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
        let (tty, woken) = (ready[0].revents(), ready[1].revents());
        if !woken.is_empty() {
            let _ = self.woken.read(&mut [0u8; 1]);
            self.reins.pause_if_asked();
            return Ok(());
        }
        if tty.contains(PollFlags::IN) {
            return self.read(post);
        }
        if tty.is_empty() { Ok(()) } else { Err(Errno::IO) }
    }

    fn read(&mut self, post: &dyn Fn(Event)) -> rustix::io::Result<()> {
        let mut bytes = [0u8; 4096];
        let count = match rustix::io::read(self.tty.as_fd(), &mut bytes) {
            Ok(0) => return Err(Errno::IO),
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut inputs = Vec::new();
        self.parser.feed(&bytes[..count], |input| inputs.push(input));
        match burst(&inputs) {
            Some(text) => post(Event::Input(Input::Paste(text))),
            None => inputs.into_iter().for_each(|input| post(Event::Input(input))),
        }
        Ok(())
    }
}

/// The text of a paste that came without its brackets.
fn burst(inputs: &[Input]) -> Option<String> {
    let typed = |input: &Input| match input {
        Input::Key(key, _) => key.typed().or((*key == Key::plain(super::input::Code::Enter)).then_some('\n')),
        _ => None,
    };
    if inputs.len() <= BURST.0 {
        return None;
    }
    let text: String = inputs.iter().map(typed).collect::<Option<_>>()?;
    let sorts: std::collections::BTreeSet<char> = text.chars().collect();
    (sorts.len() >= BURST.1).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Input> {
        text.chars().map(|c| Input::Key(Key::char(c), None)).collect()
    }

    #[test]
    fn a_burst_of_text_is_a_paste_and_a_held_key_is_not() {
        assert!(burst(&keys("please delete the whole board, thanks")).is_some());
        assert!(burst(&keys(&"j".repeat(500))).is_none());
        assert!(burst(&keys("jjkk")).is_none());
    }
}
