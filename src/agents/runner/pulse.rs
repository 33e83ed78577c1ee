//! The pulse of a runner: renews the leases of its claims and notices when one is lost, whatever else goes on.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Message, Report};
use crate::agents::supervise::Usage;
use crate::agents::system;
use crate::domain::attempt::Outcome;
use crate::domain::{AgentId, ClaimToken, RecordId, Status, Task, TaskId};
use crate::service::notify::Listener;
use crate::service::{Claimed, Error, Service};
use crate::store::view::{ActivityFilter, Liveness};

/// How often the board is looked at when no notice comes.
const LOOK: Duration = Duration::from_millis(250);
/// How often the agent says that it is there while it has nothing to do.
const PRESENCE: Duration = Duration::from_secs(30);
/// How soon a heartbeat that failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How it stands with a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold {
    /// It stands.
    Firm,
    /// It stands, but somebody else has paused the task.
    Paused,
    /// It stands, and the command itself has paused the task.
    PausedItself,
    /// It ended with a verdict on the work, by the command itself or by a person.
    Settled(Outcome),
    /// The task is not ours any more, and why.
    Taken(String),
}

/// A claim that is kept alive.
#[derive(Debug)]
pub(super) struct Watch {
    task_id: TaskId,
    epoch: u64,
    token: ClaimToken,
    lease: Duration,
    hold: Mutex<Hold>,
    usage: Mutex<Option<Usage>>,
    due: Mutex<Instant>,
}

impl Watch {
    /// How it stands.
    pub fn hold(&self) -> Hold {
        lock(&self.hold).clone()
    }

    /// Tells what the run uses, for the next heartbeat.
    pub fn uses(&self, usage: Usage) {
        *lock(&self.usage) = Some(usage);
    }

    /// Looks again how it stands.
    pub fn look(&self, service: &Service, own_name: &str) -> Result<Hold, Error> {
        let found = examine(service, self, own_name)?;
        Ok(self.note(found))
    }

    /// Its heartbeat was refused: it has ended, even if a restored board still shows a claim of its number.
    fn refused(&self, service: &Service, own_name: &str) -> Result<(), Error> {
        let found = match examine(service, self, own_name)? {
            ended @ (Hold::Settled(_) | Hold::Taken(_)) => ended,
            _ => Hold::Taken("the claim is known no more".into()),
        };
        self.note(found);
        Ok(())
    }

    /// What has ended stays so.
    fn note(&self, found: Hold) -> Hold {
        let mut hold = lock(&self.hold);
        if !matches!(*hold, Hold::Settled(_) | Hold::Taken(_)) {
            *hold = found;
        }
        hold.clone()
    }
}

/// The thread that keeps claims alive. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Pulse {
    watches: Arc<Mutex<Vec<Arc<Watch>>>>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Starts it for this agent, on a handle of its own.
    pub fn start(service: Service, board: &Path, agent: (AgentId, String), tell: Sender<Message>) -> io::Result<Self> {
        let (watches, end) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let beating = Beating {
            service,
            listener: Listener::at(board).ok(),
            agent: agent.0,
            name: agent.1,
            tell,
            watches: Arc::clone(&watches),
            end: Arc::clone(&end),
            present_at: Instant::now(),
            failing: false,
        };
        let thread = std::thread::Builder::new().name("agent pulse".into()).spawn(move || beating.go())?;
        Ok(Self { watches, end, thread: Some(thread) })
    }

    /// Keeps this claim alive from now on.
    pub fn watch(&self, claim: &Claimed, lease: Duration) -> Arc<Watch> {
        let watch = Arc::new(Watch {
            task_id: claim.task_id,
            epoch: claim.epoch,
            token: claim.token,
            lease,
            hold: Mutex::new(Hold::Firm),
            usage: Mutex::default(),
            due: Mutex::new(Instant::now() + lease / 3),
        });
        lock(&self.watches).push(Arc::clone(&watch));
        watch
    }

    /// Lets go of the claim on this task.
    pub fn forget(&self, task: TaskId) {
        lock(&self.watches).retain(|watch| watch.task_id != task);
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.end.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // A panic there was reported by the panic hook; there is nothing left to save here.
            let _ = thread.join();
        }
    }
}

/// What the thread holds.
struct Beating {
    service: Service,
    listener: Option<Listener>,
    agent: AgentId,
    name: String,
    tell: Sender<Message>,
    watches: Arc<Mutex<Vec<Arc<Watch>>>>,
    end: Arc<AtomicBool>,
    present_at: Instant,
    failing: bool,
}

impl Beating {
    fn go(mut self) {
        while !self.end.load(Ordering::SeqCst) {
            self.rest();
            let done = self.round();
            self.tell_of(done.err());
        }
    }

    fn rest(&self) {
        match &self.listener {
            Some(listener) => {
                listener.wait(LOOK);
            }
            None => std::thread::sleep(LOOK),
        }
    }

    fn round(&mut self) -> Result<(), Error> {
        let watches = lock(&self.watches).clone();
        if self.service.changed()? {
            // Nobody listens any more when the runner is about to end.
            let _ = self.tell.send(Message::Changed);
            for watch in &watches {
                watch.look(&self.service, &self.name)?;
            }
        }
        for watch in &watches {
            self.beat(watch)?;
        }
        if self.present_at.elapsed() >= PRESENCE {
            self.service.present(self.agent, &Liveness::default())?;
            self.present_at = Instant::now();
        }
        Ok(())
    }

    fn beat(&mut self, watch: &Watch) -> Result<(), Error> {
        if Instant::now() < *lock(&watch.due) || matches!(watch.hold(), Hold::Settled(_) | Hold::Taken(_)) {
            return Ok(());
        }
        *lock(&watch.due) = Instant::now() + AGAIN;
        let life = liveness(*lock(&watch.usage));
        match self.service.beat(watch.token, &life)? {
            Some(_) => {
                *lock(&watch.due) = Instant::now() + watch.lease / 3;
                self.present_at = Instant::now();
            }
            None => watch.refused(&self.service, &self.name)?,
        }
        Ok(())
    }

    /// Warns once when the board cannot be reached, and tells when it can be again.
    fn tell_of(&mut self, failure: Option<Error>) {
        let failed = failure.map(|error| error.to_string());
        if failed.is_some() != self.failing {
            self.failing = failed.is_some();
            let warning = failed.map_or_else(
                || "the board can be reached again".to_owned(),
                |why| format!("heartbeats fail; work goes on, and its result is kept: {why}"),
            );
            let _ = self.tell.send(Message::Say(Report::warning(warning)));
        }
    }
}

fn liveness(usage: Option<Usage>) -> Liveness {
    let total = system::total_memory().filter(|total| *total > 0);
    Liveness {
        cpu_usage: usage.map(|usage| usage.cpu),
        memory_usage: usage.zip(total).map(|(usage, total)| usage.memory as f32 / total as f32 * 100.0),
    }
}

/// How it stands with a claim, by the board.
fn examine(service: &Service, watch: &Watch, own_name: &str) -> Result<Hold, Error> {
    let Some(task) = service.read().task(watch.task_id)? else { return Ok(Hold::Taken("the task is gone".into())) };
    if task.claim.as_ref().map(|claim| claim.epoch) == Some(watch.epoch) {
        return match task.status {
            Status::Paused if was_paused_by(service, &task, own_name)? => Ok(Hold::PausedItself),
            Status::Paused => Ok(Hold::Paused),
            _ => Ok(Hold::Firm),
        };
    }
    let attempts = service.read().attempts(watch.task_id)?;
    let outcome = attempts.iter().find(|attempt| attempt.epoch == watch.epoch).and_then(|attempt| attempt.outcome);
    match outcome {
        Some(outcome @ (Outcome::Submitted | Outcome::Failed | Outcome::Paused)) => Ok(Hold::Settled(outcome)),
        _ => Ok(Hold::Taken(format!("the task is {} now", task.status))),
    }
}

/// Whether the last pause of the task was the word of the agent itself.
fn was_paused_by(service: &Service, task: &Task, name: &str) -> Result<bool, Error> {
    let mut filter =
        ActivityFilter { record: Some(RecordId::Task(task.task_id)), limit: 50, ..ActivityFilter::default() };
    loop {
        let rows = service.read().activity(&filter)?;
        if let Some(pause) = rows.iter().find(|row| row.command == "pause_task") {
            return Ok(pause.actor.name == name);
        }
        match rows.last() {
            Some(oldest) => filter.before = Some(oldest.change),
            None => return Ok(false),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
