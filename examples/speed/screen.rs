//! A program in a terminal: keys go in, and what comes out is timed as it arrives.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::Parser;

use crate::Outcome;
use crate::measure::ms;
use crate::program::{Program, cpu_ms};
use crate::terminal;

/// Columns and rows of every terminal here.
pub const SIZE: (u16, u16) = (120, 40);
/// How long to wait for what should come.
const PATIENCE: Duration = Duration::from_mins(1);
/// An answer is over when nothing has come for so long.
const REST: Duration = Duration::from_millis(40);
/// A program that uses more milliseconds of processor than this while it is silent is at work.
const BUSY: f64 = 2.0;

/// What came and when.
struct Arrived(Instant, Vec<u8>);

/// The answer to a key.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answer {
    /// Milliseconds until its last byte; none when nothing came.
    pub last: Option<f64>,
    /// Bytes.
    pub bytes: usize,
}

/// A terminal with a program in it.
pub struct Screen {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    arrivals: Receiver<Arrived>,
    parser: Parser,
    started: Instant,
    _master: Box<dyn MasterPty + Send>,
    /// All that came.
    pub bytes: Vec<u8>,
}

impl Screen {
    /// Starts the program in a terminal.
    pub fn start(program: &Program, args: &[&str]) -> Outcome<Self> {
        let (cols, rows) = SIZE;
        let pty = native_pty_system().openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })?;
        let mut command = CommandBuilder::new(&program.path);
        command.args(args);
        command.cwd(&program.folder);
        for (name, value) in &program.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            }
        }
        for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
            command.env(name, value);
        }
        let started = Instant::now();
        let child = pty.slave.spawn_command(command)?;
        let arrivals = follow(pty.master.try_clone_reader()?);
        let (keys, parser) = (pty.master.take_writer()?, Parser::new(rows.try_into()?, cols.try_into()?, 0));
        Ok(Self { child, keys, arrivals, parser, started, _master: pty.master, bytes: Vec::new() })
    }

    /// What can be read on it.
    pub fn text(&self) -> String {
        self.parser.screen().contents()
    }

    /// The line at the mark of the cursor of vayu's board, and its row: this changes whenever the cursor moves.
    pub fn cursor(&self) -> (usize, String) {
        let text = self.text();
        let line = text.lines().enumerate().find(|(_, line)| line.contains('▌'));
        line.map(|(row, line)| (row, line.split('▌').nth(1).unwrap_or_default().to_owned())).unwrap_or_default()
    }

    /// Number of the process.
    pub fn pid(&self) -> Outcome<u32> {
        self.child.process_id().ok_or_else(|| "the program has no process".into())
    }

    /// Milliseconds from its start until the screen is as wanted.
    pub fn first(&mut self, wanted: impl Fn(&Self) -> bool) -> Outcome<f64> {
        let at = self.until(wanted)?;
        Ok(ms(at - self.started))
    }

    /// When the screen was as wanted.
    pub fn until(&mut self, wanted: impl Fn(&Self) -> bool) -> Outcome<Instant> {
        let start = Instant::now();
        let mut at = start;
        while !wanted(self) {
            let left = PATIENCE.saturating_sub(start.elapsed());
            at = self.take(left)?.ok_or_else(|| format!("what should come does not; on screen:\n{}", self.text()))?;
        }
        Ok(at)
    }

    /// Takes what comes next; none when nothing does.
    fn take(&mut self, patience: Duration) -> Outcome<Option<Instant>> {
        match self.arrivals.recv_timeout(patience) {
            Ok(Arrived(at, bytes)) => {
                let answers = terminal::answers(&bytes);
                if !answers.is_empty() {
                    self.keys.write_all(&answers)?;
                }
                self.parser.process(&bytes);
                self.bytes.extend_from_slice(&bytes);
                Ok(Some(at))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err("the program has ended".into()),
        }
    }

    /// Reads until nothing comes for so long; when the last byte came.
    pub fn rest(&mut self, rest: Duration) -> Outcome<Option<Instant>> {
        let (start, mut last) = (Instant::now(), None);
        while start.elapsed() < PATIENCE {
            match self.take(rest)? {
                Some(at) => last = Some(at),
                None => return Ok(last),
            }
        }
        Err("it never comes to rest".into())
    }

    /// Reads for a stretch of time; how many bytes came.
    pub fn idle(&mut self, time: Duration) -> Outcome<usize> {
        let (start, before) = (Instant::now(), self.bytes.len());
        while let Some(left) = time.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
            self.take(left)?;
        }
        Ok(self.bytes.len() - before)
    }

    /// Types, without waiting for anything.
    pub fn type_in(&mut self, keys: &str) -> Outcome<Instant> {
        let at = Instant::now();
        self.keys.write_all(keys.as_bytes())?;
        self.keys.flush()?;
        Ok(at)
    }

    /// Types a key and waits for the whole answer.
    pub fn press(&mut self, key: &str) -> Outcome<Answer> {
        let before = self.bytes.len();
        let start = self.type_in(key)?;
        let last = self.rest(REST)?.map(|at| ms(at - start));
        Ok(Answer { last, bytes: self.bytes.len() - before })
    }

    /// Types a key and waits for all that follows from it: until nothing comes and the program does nothing any more.
    pub fn press_and_finish(&mut self, key: &str) -> Outcome<Answer> {
        let (before, pid) = (self.bytes.len(), self.pid()?);
        let start = self.type_in(key)?;
        let mut last = None;
        loop {
            let used = cpu_ms(pid);
            let came = self.rest(REST)?;
            last = came.or(last);
            if came.is_none() && (cpu_ms(pid).unwrap_or_default() - used.unwrap_or_default()) < BUSY {
                let last = last.map(|at| ms(at - start));
                return Ok(Answer { last, bytes: self.bytes.len() - before });
            }
        }
    }

    /// Types a key and waits until the cursor of vayu's board has moved; in milliseconds.
    pub fn step(&mut self, key: &str) -> Outcome<f64> {
        let before = self.cursor();
        let start = self.type_in(key)?;
        Ok(ms(self.until(|screen| screen.cursor() != before)?.saturating_duration_since(start)))
    }

    /// Types the key that ends the program; milliseconds until its process has ended.
    pub fn quit(mut self, key: &str) -> Outcome<f64> {
        let start = self.type_in(key)?;
        while start.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(ms(start.elapsed()));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Err("it does not end".into())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _gone_already = self.child.kill();
        }
        let _gone_already = self.child.wait();
    }
}

fn follow(mut reader: Box<dyn Read + Send>) -> Receiver<Arrived> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if send.send(Arrived(Instant::now(), buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    receive
}
