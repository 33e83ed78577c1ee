//! One run of a command: started in a process group of its own, watched, kept within limits, and ended as a whole.
//!
//! It must never know the board: what a run means for its task is up to [`super::runner`].

mod listen;
mod start;

use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};

use rustix::process::{Pid, Signal};

use super::census::Census;
use super::identity::{self, Identity, KILL, Life};
use super::protocol::Directive;
use super::system::{self, Seen};
use super::transcript::Transcript;

pub use start::{AtTheGate, StartError, find_program};

/// How often limits are looked at.
const SAMPLE: Duration = Duration::from_millis(250);
/// How often the end of the last processes is looked for.
const ENDING: Duration = Duration::from_millis(25);
/// How long the output of ended processes may take to arrive; more comes only if somebody outside the run holds the pipe.
const DRAIN: Duration = Duration::from_secs(2);
/// How long killed processes may take to disappear before the run is given up as not seen gone.
const AFTER_KILL: Duration = Duration::from_secs(10);

/// What a run is allowed. Nothing given: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest time.
    pub time: Option<Duration>,
    /// Most bytes written to standard output and error together.
    pub output: Option<u64>,
    /// Most bytes of memory, all its processes together.
    pub memory: Option<u64>,
    /// Time between the request to end and the kill.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { time: None, output: Some(1 << 30), memory: None, grace: Duration::from_secs(10) }
    }
}

/// What to run, and where.
#[derive(Debug)]
pub struct Order {
    /// The program, as [`find_program`] found it.
    pub program: PathBuf,
    /// Its arguments, handed over as they are.
    pub args: Vec<std::ffi::OsString>,
    /// The folder it starts in.
    pub folder: PathBuf,
    /// Its whole environment.
    pub env: Vec<(String, std::ffi::OsString)>,
    /// The mark by which its processes are recognized.
    pub mark: String,
    /// What it is allowed.
    pub limits: Limits,
    /// Where its output goes.
    pub transcript: Transcript,
}

/// Why a run is being ended before it ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It took too long.
    Time,
    /// It wrote too much.
    Output,
    /// It used too much memory.
    Memory,
    /// The task is not this worker's any more.
    ClaimLost,
    /// The runner is to stop now.
    Asked,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "it ran longer than allowed",
            Self::Output => "it wrote more than allowed",
            Self::Memory => "it used more memory than allowed",
            Self::ClaimLost => "the task is not this worker's any more",
            Self::Asked => "the runner was stopped",
        })
    }
}

/// How a run ended.
#[derive(Debug)]
pub struct Ending {
    /// Exit code of the command, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why it was ended from outside.
    pub stopped: Option<Stop>,
    /// The last lines it wrote.
    pub last_lines: Vec<String>,
    /// False if a process of the run could not be ended: it may still work.
    pub seen_gone: bool,
    /// Why the transcript is incomplete.
    pub transcript: io::Result<()>,
}

/// What a run uses at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Percent of a core, since the last look.
    pub cpu: f32,
    /// Bytes of memory.
    pub memory: u64,
}

/// What comes from a run.
#[derive(Debug)]
pub enum Sign {
    /// It said something to vayu.
    Said(Directive),
    /// Nothing, for as long as the caller wanted to wait.
    Quiet,
    /// It has ended, and every process of it.
    Ended(Box<Ending>),
}

/// What the listening threads report.
enum Heard {
    Said(Directive),
    StreamClosed,
    Exited,
}

/// Where a run is on its way to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The command works.
    Working,
    /// All processes were asked to end; after this they are killed.
    Asked { kill_at: Instant },
    /// All processes were killed; after this they are given up.
    Killed { give_up_at: Instant },
}

/// A command at work. Dropping it kills it.
#[derive(Debug)]
pub struct Run {
    child: Child,
    census: Census,
    limits: Limits,
    heard: Receiver<Heard>,
    shared: Arc<Shared>,
    began: Instant,
    suspended_at: Option<Instant>,
    phase: Phase,
    stopped: Option<Stop>,
    /// The first process has ended.
    exited: bool,
    /// When the last process was seen gone.
    gone_at: Option<Instant>,
    open_streams: u8,
    sampled_at: Instant,
    cpu: Duration,
    usage: Usage,
    finished: bool,
}

/// What the listening threads write into.
#[derive(Debug)]
struct Shared {
    transcript: Mutex<Option<Transcript>>,
    written: AtomicU64,
}

impl Shared {
    /// Does something with the transcript, unless it is finished already.
    fn transcript<T>(&self, work: impl FnOnce(&mut Transcript) -> T) -> Option<T> {
        self.transcript.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(work)
    }
}

impl Run {
    /// How its processes are recognized.
    pub fn identity(&self) -> &Identity {
        self.census.identity()
    }

    /// What it uses; the share of the processor is that since the last look.
    pub fn usage(&mut self) -> Usage {
        self.sample(Instant::now());
        self.usage
    }

    /// The last lines it wrote so far.
    pub fn last_lines(&self) -> Vec<String> {
        self.shared.transcript(|transcript| transcript.last_lines()).unwrap_or_default()
    }

    /// Writes a remark into the transcript.
    pub fn remark(&self, text: &str) {
        self.shared.transcript(|transcript| transcript.remark(text));
    }

    /// Asks the whole run to end, for this reason; kills it after the grace period. The first reason stands, and none is
    /// needed once the command has ended by itself.
    pub fn stop(&mut self, why: Stop) {
        if self.stopped.is_none() && !self.has_exited() {
            self.stopped = Some(why);
            self.remark(&format!("ends the run: {why}"));
            self.ask_to_end();
        }
    }

    /// Like [`Run::stop`], but kills it after `grace` at the latest.
    pub fn stop_within(&mut self, why: Stop, grace: Duration) {
        self.limits.grace = self.limits.grace.min(grace);
        self.stop(why);
        if let Phase::Asked { kill_at } = &mut self.phase {
            *kill_at = (*kill_at).min(Instant::now() + grace);
        }
    }

    /// Whether the command itself has ended, also if nobody has told yet.
    fn has_exited(&mut self) -> bool {
        self.exited |= matches!(system::look_at(self.identity().pid), Ok(Seen::Ended(_)));
        self.exited
    }

    /// Stops all processes where they are, or lets them go on. The time they stand does not count against the limit.
    pub fn suspend(&mut self, suspended: bool) {
        if suspended == self.suspended_at.is_some() {
            return;
        }
        self.remark(if suspended { "paused" } else { "goes on" });
        self.census.signal(&[if suspended { Signal::STOP } else { Signal::CONT }]);
        match self.suspended_at.take() {
            Some(at) => self.began += at.elapsed(),
            None => self.suspended_at = Some(Instant::now()),
        }
    }

    /// Kills the whole run now.
    pub fn kill(&mut self, why: Stop) {
        self.stop(why);
        self.kill_all();
    }

    /// What comes next, waiting for it no longer than `patience`. Limits are kept only while this is being called.
    pub fn next(&mut self, patience: Duration) -> Sign {
        let until = Instant::now() + patience;
        loop {
            if let Some(ending) = self.ended() {
                return Sign::Ended(Box::new(ending));
            }
            let left = until.saturating_duration_since(Instant::now());
            match self.heard.recv_timeout(left.min(self.pace())) {
                Ok(Heard::Said(directive)) => return Sign::Said(directive),
                Ok(Heard::StreamClosed) => self.open_streams = self.open_streams.saturating_sub(1),
                Ok(Heard::Exited) => self.exited = true,
                Err(RecvTimeoutError::Timeout) => {}
                // All listeners are through: nothing but the end is left to wait for.
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(left.min(ENDING)),
            }
            self.look();
            if Instant::now() >= until {
                return self.ended().map_or(Sign::Quiet, |ending| Sign::Ended(Box::new(ending)));
            }
        }
    }

    fn pace(&self) -> Duration {
        if self.exited || self.phase != Phase::Working { ENDING } else { SAMPLE }
    }

    /// Looks at the limits and at the time.
    fn look(&mut self) {
        let now = Instant::now();
        match self.phase {
            Phase::Working if self.exited => self.end_the_rest(),
            Phase::Working => self.keep_limits(now),
            Phase::Asked { kill_at } if now >= kill_at => self.kill_all(),
            Phase::Killed { give_up_at } if now < give_up_at => self.strike(),
            Phase::Asked { .. } | Phase::Killed { .. } => {}
        }
    }

    /// The command itself has ended; what it left running in the background, or may have left, ends with it.
    fn end_the_rest(&mut self) {
        match self.life() {
            Life::Gone => return,
            Life::Alive => self.remark("the command has ended; ends what it left running"),
            Life::OutOfSight => {}
        }
        self.ask_to_end();
    }

    /// What is left; once nothing was, nothing will be.
    fn life(&mut self) -> Life {
        if self.gone_at.is_some() {
            return Life::Gone;
        }
        let life = self.census.life();
        if life == Life::Gone {
            self.gone_at = Some(Instant::now());
        }
        life
    }

    fn keep_limits(&mut self, now: Instant) {
        let standing = self.suspended_at.map(|at| now.duration_since(at)).unwrap_or_default();
        if self.limits.time.is_some_and(|limit| now.duration_since(self.began) >= limit + standing) {
            return self.stop(Stop::Time);
        }
        if self.limits.output.is_some_and(|limit| self.shared.written.load(Ordering::Relaxed) > limit) {
            return self.stop(Stop::Output);
        }
        let Some(limit) = self.limits.memory.filter(|_| now.duration_since(self.sampled_at) >= SAMPLE) else { return };
        self.sample(now);
        if self.usage.memory > limit {
            self.stop(Stop::Memory);
        }
    }

    fn sample(&mut self, now: Instant) {
        // What could not be seen counts again at the next look.
        let Ok(members) = self.census.members() else { return };
        let cpu: Duration = members.iter().map(|process| process.cpu).sum();
        let elapsed = now.duration_since(self.sampled_at).as_secs_f32();
        let used = cpu.saturating_sub(self.cpu).as_secs_f32();
        self.usage = Usage {
            cpu: if elapsed > 0.0 { used / elapsed * 100.0 } else { 0.0 },
            memory: members.iter().map(|process| process.memory).sum(),
        };
        self.cpu = cpu;
        self.sampled_at = now;
    }

    fn ask_to_end(&mut self) {
        self.census.ask_to_end();
        self.phase = Phase::Asked { kill_at: Instant::now() + self.limits.grace };
    }

    fn kill_all(&mut self) {
        self.strike();
        if !matches!(self.phase, Phase::Killed { .. }) {
            self.phase = Phase::Killed { give_up_at: Instant::now() + AFTER_KILL };
        }
    }

    /// Kills the group at one blow, then all that have left it. The command is not collected yet: until then nobody else
    /// can be given the number of its group.
    fn strike(&mut self) {
        if let Some(group) = Pid::from_raw(self.identity().pid).filter(|_| !self.finished) {
            // An error means that nobody is left in it.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
        self.census.signal(&KILL);
    }

    /// The ending, once there is nothing left to wait for.
    fn ended(&mut self) -> Option<Ending> {
        if self.finished {
            return None;
        }
        let now = Instant::now();
        let given_up = matches!(self.phase, Phase::Killed { give_up_at } if now >= give_up_at);
        if self.exited {
            self.life();
        }
        // All that was written has arrived when both streams are closed.
        let heard_out = self.gone_at.is_some_and(|at| self.open_streams == 0 || now.duration_since(at) > DRAIN);
        if !heard_out && !given_up {
            return None;
        }
        self.finished = true;
        // Collected only now: until here its number could not be given to another process.
        let status = self.child.try_wait().ok().flatten();
        Some(self.ending(status))
    }

    fn ending(&mut self, status: Option<std::process::ExitStatus>) -> Ending {
        use std::os::unix::process::ExitStatusExt;
        let transcript = self.shared.transcript.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ending {
            code: status.and_then(|status| status.code()),
            signal: status.and_then(|status| status.signal()),
            stopped: self.stopped,
            last_lines: transcript.as_ref().map(Transcript::last_lines).unwrap_or_default(),
            seen_gone: self.gone_at.is_some(),
            transcript: transcript.map_or(Ok(()), Transcript::finish),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !self.finished {
            self.strike();
            identity::end(self.identity(), Duration::ZERO);
            // It was killed; an error means that it was collected already.
            let _ = self.child.wait();
        }
    }
}

/// The signals that the processes of a run can be sent by name, for messages.
pub fn signal_name(signal: i32) -> String {
    let named = [
        (Signal::HUP, "SIGHUP"),
        (Signal::INT, "SIGINT"),
        (Signal::QUIT, "SIGQUIT"),
        (Signal::ILL, "SIGILL"),
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::KILL, "SIGKILL"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::PIPE, "SIGPIPE"),
        (Signal::TERM, "SIGTERM"),
    ];
    let known = named.iter().find(|(known, _)| known.as_raw() == signal);
    known.map_or_else(|| format!("signal {signal}"), |(_, name)| (*name).to_owned())
}
