//! The orchestrator's thread: woken by notices, by the poll that finds what notices missed, and by time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::lease::Standing;
use super::{Depth, Options, Orchestrator, Report};
use crate::domain::ChangeId;
use crate::service::notify::{Listener, Notifier};
use crate::service::{Error, Service};

/// Longest sleep: commits of other processes are found by then also without a notice.
const POLL: Duration = Duration::from_millis(200);
/// Who only stands by looks for the leader's end this often.
const STANDBY: Duration = Duration::from_millis(500);
/// Without any change everything is looked at once in this time: hours begin, tasks age, deadlines come near.
const ROUND: Duration = Duration::from_secs(30);
/// Changes that are no events, such as an agent's return, are looked for this often.
const PRESENCE: Duration = Duration::from_secs(2);
/// Shortest time between two looks at work: what is committed meanwhile is seen together.
const WORK: Duration = Duration::from_millis(20);
/// At most one part in this many of the time is spent on looking.
const SHARE: u32 = 10;

/// An orchestrator at work in a thread of its own; stops and steps down when dropped.
#[derive(Debug)]
pub struct Handle {
    stop: Arc<AtomicBool>,
    epoch: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    waker: Option<Notifier>,
}

impl Handle {
    /// The epoch in which it leads, if it does.
    pub fn leads(&self) -> Option<u64> {
        Some(self.epoch.load(Ordering::Acquire)).filter(|epoch| *epoch > 0)
    }

    /// Asks it to step down; returns at once.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        match &self.waker {
            Some(notifier) => notifier.send(),
            None => self.thread.iter().for_each(|thread| thread.thread().unpark()),
        }
    }

    /// Waits until it ends by the flag that it was given.
    pub fn run_out(mut self) {
        if let Some(thread) = self.thread.take() {
            let _a_panic_was_shown_already = thread.join();
        }
    }

    /// Waits until it has stepped down.
    pub fn join(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            let _a_panic_was_shown_already = thread.join();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Orchestrates the board in a thread of its own until `stop` is true or the handle is dropped. Any number of processes
/// may do this on one board: one of them leads, the others stand by.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    service: Service,
    options: &Options,
    stop: Arc<AtomicBool>,
    report: impl FnMut(Report) + Send + 'static,
) -> io::Result<Handle> {
    let epoch = Arc::new(AtomicU64::new(0));
    let folder = service.folder();
    let rounds = Rounds::new(service, options, Arc::clone(&stop), Arc::clone(&epoch), Box::new(report));
    let waker = folder.filter(|_| rounds.listener.is_some()).map(|folder| Notifier::at(&folder));
    let thread = std::thread::Builder::new().name("orchestrator".into()).spawn(move || rounds.run())?;
    Ok(Handle { stop, epoch, thread: Some(thread), waker })
}

struct Rounds {
    orchestrator: Orchestrator,
    pulse: Duration,
    stop: Arc<AtomicBool>,
    epoch: Arc<AtomicU64>,
    report: Box<dyn FnMut(Report) + Send>,
    listener: Option<Listener>,
    standing: Option<Standing>,
    agenda: Agenda,
}

impl Rounds {
    fn new(
        service: Service,
        options: &Options,
        stop: Arc<AtomicBool>,
        epoch: Arc<AtomicU64>,
        report: Box<dyn FnMut(Report) + Send>,
    ) -> Self {
        let listener = service.folder().and_then(|folder| Listener::at(&folder).ok());
        let orchestrator = Orchestrator::new(service, options);
        let agenda = Agenda::default();
        Self { orchestrator, pulse: options.pulse, stop, epoch, report, listener, standing: None, agenda }
    }

    fn run(mut self) {
        while !self.stop.load(Ordering::Relaxed) {
            let pause = match self.turn() {
                Ok(pause) => pause,
                Err(error) => {
                    (self.report)(Report::Trouble { why: error.to_string() });
                    self.agenda = Agenda::default();
                    STANDBY
                }
            };
            self.wait(pause);
        }
        if let Err(error) = self.orchestrator.step_down() {
            (self.report)(Report::Trouble { why: error.to_string() });
        }
        self.epoch.store(0, Ordering::Relaxed);
        (self.report)(Report::Left);
    }

    /// One look at what there is to do; how long to wait before the next.
    fn turn(&mut self) -> Result<Duration, Error> {
        let standing = self.orchestrator.stand()?;
        let leads = matches!(standing, Standing::Leads(_));
        self.tell(standing);
        if !leads {
            self.agenda = Agenda::default();
            return Ok(STANDBY);
        }
        let service = &mut self.orchestrator.service;
        self.agenda.note(service.changed()?, service.read().head()?);
        if let Some(depth) = self.agenda.next(self.pulse) {
            let begun = Instant::now();
            let changed = self.orchestrator.tick(depth, &mut *self.report)?;
            self.agenda.done(depth, changed > 0, begun);
        }
        Ok(self.agenda.pause().min(self.pulse))
    }

    fn tell(&mut self, standing: Standing) {
        if self.standing.as_ref() == Some(&standing) {
            return;
        }
        let epoch = if let Standing::Leads(epoch) = standing { epoch } else { 0 };
        self.epoch.store(epoch, Ordering::Release);
        match &standing {
            Standing::Leads(epoch) => (self.report)(Report::Leads { epoch: *epoch }),
            Standing::Follows(leader) => (self.report)(Report::StandsBy { leader: leader.holder.clone() }),
            Standing::Waits => {}
        }
        self.standing = Some(standing);
    }

    fn wait(&self, pause: Duration) {
        match &self.listener {
            Some(listener) => _ = listener.wait(pause),
            None => std::thread::park_timeout(pause),
        }
    }
}

/// Which look is due when. The cost of looking bounds how often it is done, so that a large board costs no more time
/// than a small one, only patience.
#[derive(Debug, Default)]
struct Agenda {
    head: Option<ChangeId>,
    work: Due,
    worries: Due,
    pulsed: Option<Instant>,
}

#[derive(Debug, Default)]
struct Due {
    /// Something happened that has not been looked at.
    stale: bool,
    /// Something that is no event happened.
    stirred: bool,
    last: Option<Instant>,
    cost: Duration,
}

impl Due {
    fn is_due(&self, least: Duration) -> bool {
        let Some(last) = self.last else { return true };
        let since = last.elapsed();
        let rested = since >= least.max(self.cost * SHARE);
        rested && (self.stale || since >= ROUND || (self.stirred && since >= PRESENCE))
    }

    /// How long a look that is wanted must still wait.
    fn rest(&self, least: Duration) -> Option<Duration> {
        let since = self.last.filter(|_| self.stale)?.elapsed();
        Some(least.max(self.cost * SHARE).saturating_sub(since))
    }

    fn done(&mut self, changed: bool, begun: Instant) {
        *self = Self { stale: changed, stirred: false, last: Some(Instant::now()), cost: begun.elapsed() };
    }
}

impl Agenda {
    fn note(&mut self, stirred: bool, head: ChangeId) {
        let changed = self.head.replace(head) != Some(head);
        for due in [&mut self.work, &mut self.worries] {
            due.stale |= changed;
            due.stirred |= stirred;
        }
    }

    fn next(&self, pulse: Duration) -> Option<Depth> {
        if self.worries.is_due(pulse) {
            return Some(Depth::Worries);
        }
        if self.work.is_due(WORK) {
            return Some(Depth::Work);
        }
        self.pulsed.is_none_or(|last| last.elapsed() >= pulse).then_some(Depth::Pulse)
    }

    /// Until something may be due; notices end it early.
    fn pause(&self) -> Duration {
        self.work.rest(WORK).map_or(POLL, |rest| rest.min(POLL))
    }

    fn done(&mut self, depth: Depth, changed: bool, begun: Instant) {
        self.pulsed = Some(Instant::now());
        if depth >= Depth::Work {
            self.work.done(changed, begun);
        }
        if depth >= Depth::Worries {
            self.worries.done(changed, begun);
        }
    }
}
