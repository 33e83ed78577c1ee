//! The terminal in other hands: while an editor has it, keys that raise signals are the editor's, and a signal that
//! ends vayu ends the editor first.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

/// How long a program has to end that was asked to.
const GRACE: Duration = Duration::from_secs(1);

/// Who has the terminal, as the thread that hears signals needs to know.
#[derive(Debug, Clone, Default)]
pub struct Loan {
    state: Arc<Mutex<State>>,
    /// Set by the signal itself when an interrupt comes, before any thread can have seen its effects.
    pub interrupted: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    lent: bool,
    borrower: Option<Pid>,
    /// The process has been told to end; nothing is lent any more.
    ended: bool,
    /// An interrupt that ended the borrower is still to be heard, and is not for us.
    overdue: bool,
}

impl Loan {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True while another program has the terminal.
    pub fn is_out(&self) -> bool {
        self.state().lent
    }

    /// Whether an interrupt that was just heard is for the program that has, or had, the terminal.
    pub fn takes_interrupt(&self) -> bool {
        let mut state = self.state();
        if state.lent {
            self.interrupted.store(false, Ordering::SeqCst);
        }
        state.lent || std::mem::take(&mut state.overdue)
    }

    /// The process ends: whoever has the terminal is told so, too.
    pub fn call_in(&self, signal: Signal) {
        let mut state = self.state();
        state.ended = true;
        let Some(borrower) = state.borrower else { return };
        let _ = rustix::process::kill_process(borrower, signal);
        drop(state);
        let loan = self.clone();
        let insist = move || {
            std::thread::sleep(GRACE);
            // The lock keeps the process from being reaped, so that its number is still its own.
            let state = loan.state();
            if state.borrower == Some(borrower) {
                let _ = rustix::process::kill_process(borrower, Signal::KILL);
            }
        };
        // Without a thread to spare, the end of this process has to do.
        let _ = std::thread::Builder::new().name("grace".into()).spawn(insist);
    }

    /// Runs a program and waits for its end; `None` if this process is to end.
    pub fn run(&self, command: &mut Command) -> io::Result<Option<ExitStatus>> {
        let Some(mut child) = self.start(command)? else { return Ok(None) };
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        if let Some(id) = id {
            // Looked at without reaping: nobody else can get the number before the loan is over.
            while let Err(rustix::io::Errno::INTR) =
                rustix::process::waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
            {}
        }
        let status = self.settle(&mut child)?;
        Ok((!self.state().ended).then_some(status))
    }

    fn start(&self, command: &mut Command) -> io::Result<Option<Child>> {
        let mut state = self.state();
        if state.ended {
            return Ok(None);
        }
        self.interrupted.store(false, Ordering::SeqCst);
        let child = command.spawn()?;
        state.borrower = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        (state.lent, state.overdue) = (true, false);
        Ok(Some(child))
    }

    fn settle(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let mut state = self.state();
        let status = child.wait()?;
        (state.lent, state.borrower) = (false, None);
        state.overdue = self.interrupted.swap(false, Ordering::SeqCst);
        Ok(status)
    }
}
