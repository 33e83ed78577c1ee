//! The runner: takes tasks from the board for one agent, runs its command for each, and tells the board how it went.
//!
//! It must never start a command before the board knows its process, nor let one work on whose claim is lost.

mod control;
mod job;
mod note;
mod options;
mod pulse;
mod recover;
mod register;
mod report;
mod sweep;
mod verdict;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use control::{Control, Wish};
pub use options::{Options, Place};
pub use recover::{Recovered, abandoned, recover};
pub use report::{Report, Tally};
pub use sweep::{KEPT_BYTES, KEPT_DAYS, RunFolder, Swept, outworn, run_folders, sweep_runs};
pub use verdict::Verdict;

use self::job::{Finished, Job};
use self::pulse::Pulse;
use super::roles::Role;
use super::workspace::{FolderLock, LockError};
use crate::domain::{Actor, Agent, Command, Rejection, Status, TaskId};
use crate::service::{Claimed, Error, Service};
use crate::store::view::{Filter, Page};

/// A run that fails sooner than this without a word counts as one that never got going.
const STILLBORN: Duration = Duration::from_secs(2);
/// So many of them in a row, and the command itself must be at fault.
const STILLBORN_LIMIT: u32 = 3;
/// How often it is looked for runs that other runners left behind.
const TEND: Duration = Duration::from_secs(5);
/// Shortest time between two looks for work, however much happens on the board.
const BREATH: Duration = Duration::from_millis(300);
/// How often it is looked for what finished runs have left.
const SWEEP: Duration = Duration::from_hours(1);

/// Why a runner could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The board said no, or failed.
    #[error(transparent)]
    Board(#[from] Error),
    /// The folder to work in is taken.
    #[error(transparent)]
    Folder(#[from] LockError),
    /// A folder or file of the runner's own cannot be made.
    #[error("{what}: {source}")]
    Files {
        /// What was being done.
        what: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// This board cannot have runners.
    #[error("a board in memory has no runners; make one with `vayu init`")]
    InMemory,
}

/// What the threads of a runner tell its main loop.
#[derive(Debug)]
enum Message {
    /// Somebody committed something.
    Changed,
    /// The wish of whoever controls it has changed.
    Control,
    /// A job has ended.
    Ended(Box<Finished>),
    /// The thread of a job broke off.
    Broken(TaskId),
    /// What other runners left behind has been brought to an end, as far as it could be.
    Tended,
    /// Something to pass on.
    Say(Report),
}

/// Runs `options` until there is nothing more to do, or `control` says so. Blocks.
pub fn run(
    service: Service,
    options: Options,
    role: Option<Role>,
    control: &Control,
    report: &mut dyn FnMut(Report),
) -> Result<Tally, RunError> {
    let mut runner = Runner::new(service, options, role, control, report)?;
    runner.work();
    runner.leave();
    Ok(runner.tally)
}

struct Runner<'a> {
    service: Service,
    /// The folder that belongs to the board.
    board: PathBuf,
    options: Arc<Options>,
    role: Option<Arc<Role>>,
    actor: Actor,
    agent: Agent,
    control: &'a Control,
    report: &'a mut dyn FnMut(Report),
    pulse: Pulse,
    tell: Sender<Message>,
    inbox: Receiver<Message>,
    jobs: BTreeMap<TaskId, JoinHandle<()>>,
    tally: Tally,
    stillborn: u32,
    claimed: u64,
    idle_since: Instant,
    /// When it last looked for work.
    looked_at: Option<Instant>,
    /// Whether it is time to look for work, at the latest after a breath.
    look: bool,
    /// When it last asked the board for a task, and did not only look whether there may be one.
    asked_at: Option<Instant>,
    tended_at: Option<Instant>,
    /// The thread that cleans up after runners that died, while there is one.
    tending: Option<JoinHandle<()>>,
    swept_at: Option<Instant>,
    /// Until when it takes no task, for a quota is used up; and how this is said.
    rest: Option<(Instant, String)>,
    said_waiting: Option<String>,
    said_draining: bool,
    folder: Option<Arc<Mutex<FolderLock>>>,
}

impl<'a> Runner<'a> {
    fn new(
        mut service: Service,
        options: Options,
        role: Option<Role>,
        control: &'a Control,
        report: &'a mut dyn FnMut(Report),
    ) -> Result<Self, RunError> {
        let board = service.folder().ok_or(RunError::InMemory)?;
        let board = std::path::absolute(&board).unwrap_or(board);
        let folder = options.lock_folder()?;
        let (agent, added) = register::register(&mut service, &options, role.as_ref())?;
        report(Report::Registered { agent: agent.name.clone(), added });
        let (tell, inbox) = channel();
        control.wakes(tell.clone());
        let who = (agent.agent_id, agent.name.clone());
        let pulse = Pulse::start(service.another()?, &board, who, tell.clone()).map_err(no_thread)?;
        Ok(Self {
            actor: Actor::agent(agent.name.clone()),
            service,
            board,
            options: Arc::new(options),
            role: role.map(Arc::new),
            agent,
            control,
            report,
            pulse,
            tell,
            inbox,
            jobs: BTreeMap::new(),
            tally: Tally::default(),
            stillborn: 0,
            claimed: 0,
            idle_since: Instant::now(),
            looked_at: None,
            look: true,
            asked_at: None,
            tended_at: None,
            tending: None,
            swept_at: None,
            rest: None,
            said_waiting: None,
            said_draining: false,
            folder: folder.map(|lock| Arc::new(Mutex::new(lock))),
        })
    }

    fn work(&mut self) {
        self.tend_first();
        self.sweep();
        loop {
            if self.wants_more() && self.look && self.has_breath() {
                self.take_what_suits();
            }
            if self.jobs.is_empty() && !self.wants_more() {
                return;
            }
            self.say_draining();
            if self.jobs.is_empty() {
                self.sweep();
            }
            self.listen();
            self.tend();
        }
    }

    /// True while it is to take further tasks, if there are any.
    fn may_take(&self) -> bool {
        let all = self.options.max_tasks.is_some_and(|most| self.claimed >= most);
        self.control.wish() == Wish::Work && !all && self.tally.gave_up.is_none()
    }

    /// True while it is to look for further tasks, or wait for them.
    fn wants_more(&self) -> bool {
        let idle = self.jobs.is_empty() && !self.look;
        let idle = self.options.idle_exit.is_some_and(|limit| idle && self.idle_since.elapsed() >= limit);
        self.may_take() && !idle
    }

    fn has_breath(&self) -> bool {
        self.looked_at.is_none_or(|at| at.elapsed() >= BREATH)
    }

    /// Takes tasks until its hands are full or nothing is ready.
    fn take_what_suits(&mut self) {
        self.look = false;
        self.looked_at = Some(Instant::now());
        if let Some(why) = self.rests() {
            return self.wait_because(why);
        }
        let asked_lately = self.asked_at.is_some_and(|at| at.elapsed() < self.options.poll);
        if asked_lately && matches!(self.may_be_work(), Ok(false)) {
            return;
        }
        self.asked_at = Some(Instant::now());
        while self.jobs.len() < self.options.slots(&self.agent) && self.may_take() {
            match self.claim() {
                Ok(claim) => self.begin(&claim),
                Err(Error::Rejected(why @ Rejection::NotFound { .. })) => {
                    self.tally.gave_up = Some(format!("the board does not know this agent any more: {why}"));
                }
                Err(Error::Rejected(why)) => return self.wait_because(why.to_string()),
                Err(error) => return self.meet_trouble(&error.to_string()),
            }
        }
    }

    /// Why it takes nothing at present, while a quota is used up.
    fn rests(&mut self) -> Option<String> {
        self.rest = self.rest.take().filter(|(until, _)| Instant::now() < *until);
        self.rest.as_ref().map(|(_, why)| why.clone())
    }

    /// The next task would meet the same used-up quota: none is taken before this one may be tried again.
    fn rest(&mut self, pause: Duration) {
        let until = self.service.now().wall + pause;
        let why = format!(
            "a quota is used up; tasks are taken again at {}, or by an agent that is started anew",
            until.format("%H:%M:%S UTC")
        );
        self.rest = Some((Instant::now() + pause, why));
    }

    fn meet_trouble(&mut self, what: &str) {
        self.tally.trouble = Some(what.to_owned());
        (self.report)(Report::warning(what));
    }

    fn wait_because(&mut self, why: String) {
        if self.jobs.is_empty() && self.said_waiting.as_ref() != Some(&why) {
            (self.report)(Report::Waiting { why: why.clone() });
            self.said_waiting = Some(why);
        }
    }

    /// Chooses and claims in one transaction.
    fn claim(&mut self) -> Result<Claimed, Error> {
        let nothing = || Rejection::NothingReady { agent: self.options.name.clone(), why: "no task is ready".into() };
        let lease_seconds = self.options.lease_seconds;
        let command = Command::ClaimTask { agent_id: self.agent.agent_id, task_id: None, lease_seconds };
        self.service.submit(&self.actor, command)?.claimed.ok_or_else(|| nothing().into())
    }

    /// A cheap look, so that a busy board does not make every idle agent ask to write with every change.
    fn may_be_work(&self) -> Result<bool, Error> {
        let read = self.service.read();
        let ready = Filter { ready: true, ..Filter::default() };
        let given = Filter { agent: Some(self.agent.agent_id), statuses: vec![Status::Assigned], ..Filter::default() };
        let one = Page { offset: 0, limit: 1 };
        Ok(!read.list_cards(&ready, one)?.is_empty() || !read.list_cards(&given, one)?.is_empty())
    }

    fn begin(&mut self, claim: &Claimed) {
        self.claimed += 1;
        (self.said_waiting, self.tally.trouble) = (None, None);
        let task = claim.task_id;
        if let Err(error) = self.start_job(claim.clone()) {
            self.pulse.forget(task);
            self.meet_trouble(&error.to_string());
            let verdict = Verdict::Release { reason: "its runner could not begin".into() };
            // The claim ends with its lease if this cannot be told either.
            let _ = self.service.submit_all(&self.actor, &verdict.commands(task, claim.token));
        }
    }

    fn start_job(&mut self, claim: Claimed) -> Result<(), RunError> {
        let lease = (claim.expires_at - self.service.now().wall).to_std().unwrap_or_default();
        let task = claim.task_id;
        let job = Job {
            service: self.service.another()?,
            board: self.board.clone(),
            options: Arc::clone(&self.options),
            role: self.role.clone(),
            actor: self.actor.clone(),
            watch: self.pulse.watch(&claim, lease),
            claim,
            control: self.control.clone(),
            tell: self.tell.clone(),
            folder: self.folder.clone(),
        };
        let end = Farewell { task, tell: self.tell.clone(), said: false };
        let thread = std::thread::Builder::new().name("agent task".into()).spawn(move || end.say(job.run()));
        self.jobs.insert(task, thread.map_err(no_thread)?);
        Ok(())
    }

    /// Sleeps until something happens, or it is time to look again.
    fn listen(&mut self) {
        match self.inbox.recv_timeout(self.pause()) {
            Ok(message) => self.heed(message),
            Err(RecvTimeoutError::Timeout) => self.look = true,
            Err(RecvTimeoutError::Disconnected) => unreachable!("the runner itself holds a sender"),
        }
        while let Ok(message) = self.inbox.try_recv() {
            self.heed(message);
        }
    }

    fn pause(&self) -> Duration {
        let breath = self.looked_at.map_or(Duration::ZERO, |at| BREATH.saturating_sub(at.elapsed()));
        let idle = self.options.idle_exit.filter(|_| self.jobs.is_empty());
        let pause = if self.look && self.wants_more() { breath } else { self.options.poll };
        idle.map_or(pause, |idle| pause.min(idle.saturating_sub(self.idle_since.elapsed())))
    }

    fn heed(&mut self, message: Message) {
        match message {
            Message::Say(report) => (self.report)(report),
            Message::Changed => self.look = true,
            Message::Control => {}
            Message::Tended => {
                self.tending = None;
                self.look = true;
            }
            Message::Ended(finished) => {
                self.let_go_of(finished.task_id);
                self.count(*finished);
            }
            Message::Broken(task) => {
                // Its command was killed when the thread unwound; the claim ends with its lease.
                self.let_go_of(task);
                self.meet_trouble("a run was given up; this is a bug in vayu, please report it");
            }
        }
    }

    fn let_go_of(&mut self, task: TaskId) {
        self.pulse.forget(task);
        if let Some(thread) = self.jobs.remove(&task) {
            // How it ended is known from its farewell.
            let _ = thread.join();
        }
        self.idle_since = Instant::now();
        (self.looked_at, self.asked_at, self.look) = (None, None, true);
    }

    fn count(&mut self, finished: Finished) {
        self.tally.finished += 1;
        self.tally.failed += u64::from(!finished.well && !finished.lost);
        self.tally.lost += u64::from(finished.lost);
        if !finished.well {
            self.tally.last_failure = Some((finished.how.clone(), finished.last_lines.clone()));
        }
        self.count_stillborn(&finished);
        if let Some(pause) = finished.rests {
            self.rest(pause);
        }
        (self.report)(Report::Finished {
            number: finished.number,
            how: finished.how,
            well: finished.well,
            last_lines: finished.last_lines,
        });
    }

    /// A command that cannot even begin would use up the tries of the whole backlog: then it is not asked again.
    fn count_stillborn(&mut self, finished: &Finished) {
        let stillborn = !finished.well && !finished.lost && !finished.spoke && finished.took < STILLBORN;
        self.stillborn = if stillborn { self.stillborn + 1 } else { 0 };
        if self.stillborn >= STILLBORN_LIMIT && self.tally.gave_up.is_none() {
            self.tally.gave_up = Some(format!(
                "the command failed {STILLBORN_LIMIT} times in a row within {} s and without a word ({}); try it by \
                 hand, then start the agent again",
                STILLBORN.as_secs(),
                finished.how
            ));
        }
    }

    /// Cleans up after runners that died meanwhile, so that nobody has to wait for their leases.
    fn tend(&mut self) {
        if self.tended_at.is_some_and(|at| at.elapsed() < TEND) || self.tending.is_some() {
            return;
        }
        self.tended_at = Some(Instant::now());
        if !abandoned(&self.board).is_empty()
            && let Err(error) = self.start_tending()
        {
            (self.report)(Report::warning(error.to_string()));
        }
    }

    /// On a thread of its own: processes may take their time to end, and the runner has work to look after.
    fn start_tending(&mut self) -> Result<(), RunError> {
        let (mut service, board, tell) = (self.service.another()?, self.board.clone(), self.tell.clone());
        let tend = move || {
            let done = Tended(tell.clone());
            let reports = match recover(&mut service, &board) {
                Ok(recovered) => recovered.into_iter().map(Report::Recovered).collect(),
                Err(error) => vec![Report::warning(error.to_string())],
            };
            for report in reports {
                // Nobody listens any more once the runner has ended.
                let _ = tell.send(Message::Say(report));
            }
            drop(done);
        };
        let thread = std::thread::Builder::new().name("agent recovery".into()).spawn(tend).map_err(no_thread)?;
        self.tending = Some(thread);
        Ok(())
    }

    /// Before the first task is taken: it may be one that another runner has left behind.
    fn tend_first(&mut self) {
        self.tend();
        while self.tending.is_some() && self.may_take() {
            let message = self.inbox.recv().expect("the runner itself holds a sender");
            self.heed(message);
        }
    }

    /// Removes what finished runs have left, when nothing else is to be done.
    fn sweep(&mut self) {
        if self.swept_at.is_some_and(|at| at.elapsed() < SWEEP) {
            return;
        }
        self.swept_at = Some(Instant::now());
        match sweep::sweep(&self.service, &self.board, &self.options) {
            Ok(swept) if swept.is_empty() => {}
            Ok(swept) => (self.report)(Report::Swept(swept)),
            Err(error) => (self.report)(Report::warning(error.to_string())),
        }
    }

    fn say_draining(&mut self) {
        if !self.said_draining && self.control.wish() == Wish::Drain && !self.jobs.is_empty() {
            self.said_draining = true;
            (self.report)(Report::Draining { tasks: self.jobs.len() });
        }
    }

    fn leave(&mut self) {
        if let Err(error) = self.service.absent(self.agent.agent_id) {
            (self.report)(Report::warning(error.to_string()));
        }
    }
}

/// Sees to it that the end of a job is heard of, also if its thread breaks off.
struct Farewell {
    task: TaskId,
    tell: Sender<Message>,
    said: bool,
}

impl Farewell {
    fn say(mut self, finished: Finished) {
        self.said = true;
        // The runner waits for its jobs, so that it hears this.
        let _ = self.tell.send(Message::Ended(Box::new(finished)));
    }
}

impl Drop for Farewell {
    fn drop(&mut self) {
        if !self.said {
            let _ = self.tell.send(Message::Broken(self.task));
        }
    }
}

/// Sees to it that the end of the cleaning up is heard of, however it ends.
struct Tended(Sender<Message>);

impl Drop for Tended {
    fn drop(&mut self) {
        // Nobody listens any more once the runner has ended.
        let _ = self.0.send(Message::Tended);
    }
}

fn no_thread(source: std::io::Error) -> RunError {
    RunError::Files { what: "no thread could be started".into(), source }
}
