//! The demo as a whole: its file, its threads, and the way to keep it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::clock::DemoClock;
use super::history;
use super::play::Play;
use crate::orchestrator::{self, Report};
use crate::service::{Error, Service};
use crate::store::StoreError;
use crate::store::sqlite::Board;

/// How many times faster than real time the demo runs, unless told otherwise: two minutes in a second.
const SPEED: f64 = 120.0;
/// How often workers are heard of; well within the demo's lease.
const BEAT: Duration = Duration::from_secs(5);
/// Longest sleep of the team.
const NAP: Duration = Duration::from_millis(100);

/// How the demo runs.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many times faster than the host's clock; 1 to 10,000.
    pub speed: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { speed: SPEED }
    }
}

/// A running demo. Its board is gone when this is dropped.
pub struct Demo {
    service: Service,
    clock: DemoClock,
    stop: Arc<AtomicBool>,
    team: Option<JoinHandle<()>>,
    orchestrator: Option<orchestrator::Handle>,
    folder: tempfile::TempDir,
}

impl Demo {
    /// Writes the history and raises the curtain: team and orchestrator are at work when this returns. What the
    /// orchestrator does is told to `report`.
    ///
    /// # Errors
    /// When there is no room for temporary files, or no thread can be started.
    pub fn start(options: Options, report: impl FnMut(Report) + Send + 'static) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("vayu-demo-").tempdir().map_err(|error| no_room(&error))?;
        let board = Board::at(folder.path().join("board.db"));
        let curtain = history::curtain(chrono::Utc::now());
        let clock = DemoClock::held_at(curtain);
        let mut play = history::write(Box::new(board.create()?), &clock, curtain)?;
        play.beat()?;
        clock.run(options.speed.clamp(1.0, 10_000.0));
        let service = play.service.another()?;
        let stop = Arc::new(AtomicBool::new(false));
        let orchestrator = orchestrator::Options::named("demo");
        let orchestrator = orchestrator::spawn(service.another()?, &orchestrator, Arc::clone(&stop), report);
        let team = act(play, Arc::clone(&stop));
        Ok(Self {
            service,
            clock,
            stop,
            team: Some(team.map_err(|error| no_room(&error))?),
            orchestrator: Some(orchestrator.map_err(|error| no_room(&error))?),
            folder,
        })
    }

    /// A handle to the board, in the demo's time.
    ///
    /// # Errors
    /// When the board cannot be opened once more.
    pub fn service(&self) -> Result<Service, Error> {
        self.service.another()
    }

    /// The demo's time.
    pub fn clock(&self) -> &DemoClock {
        &self.clock
    }

    /// The folder of the board, which goes with the demo.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Copies the board as it stands into a new file, with the folder it needs. The simulated team stays behind.
    ///
    /// # Errors
    /// When there is a board already, or it cannot be written.
    pub fn keep(&self, to: &Path) -> Result<(), Error> {
        keep(&self.service, to)
    }
}

/// Copies the board behind `service` as it stands into a new file, with the folder it needs.
///
/// # Errors
/// When there is a board already, or it cannot be written.
pub fn keep(service: &Service, to: &Path) -> Result<(), Error> {
    if to.exists() {
        return Err(StoreError::Exists(to.to_owned()).into());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Io { path: folder.to_owned(), source })?;
    }
    service.backup(to)
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.orchestrator.take();
        if let Some(team) = self.team.take() {
            team.thread().unpark();
            let _a_panic_was_shown_already = team.join();
        }
    }
}

fn no_room(error: &std::io::Error) -> Error {
    let source = std::io::Error::new(error.kind(), error.to_string());
    StoreError::Io { path: std::env::temp_dir(), source }.into()
}

/// The team at work, in a thread of its own.
fn act(mut play: Play, stop: Arc<AtomicBool>) -> std::io::Result<JoinHandle<()>> {
    let act = move || {
        let mut beaten = Instant::now();
        while !stop.load(Ordering::Relaxed) {
            let now = play.now();
            let mut went = play.go_on(now, false);
            if beaten.elapsed() >= BEAT {
                went = went.and_then(|()| play.beat());
                beaten = Instant::now();
            }
            // The board is gone or full: the team goes home, the screen says what is wrong.
            if went.is_err() {
                return;
            }
            std::thread::park_timeout(NAP);
        }
    };
    std::thread::Builder::new().name("demo".into()).spawn(act)
}
