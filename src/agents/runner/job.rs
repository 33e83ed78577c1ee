//! One task from its claim to the last word about it, on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::note::{Note, OpenRun};
use super::pulse::{Hold, Watch};
use super::verdict::{Account, AtOnce, ITEMS};
use super::{Control, Message, Options, Report, Verdict, Wish};
use crate::agents::brief::{self, Brief};
use crate::agents::identity::{self, Identity};
use crate::agents::roles::Role;
use crate::agents::supervise::{AtTheGate, Ending, Limits, Order, Run, Sign, Stop};
use crate::agents::transcript::{Bounds, Transcript};
use crate::agents::workspace::{FolderLock, Occupant, Repository, Workspace};
use crate::domain::attempt::Failure;
use crate::domain::command::Report as WorkReport;
use crate::domain::{Actor, Command, Fence, TaskId, TaskNumber};
use crate::service::{Claimed, Error, Service};
use crate::store::sqlite::private_folder;
use crate::store::view::{ProcessRow, TaskDetail};

/// How often a run is looked at.
const TICK: Duration = Duration::from_millis(100);
/// Progress is told no oftener than this.
const PROGRESS: Duration = Duration::from_secs(1);
/// How often it is measured what a run uses.
const MEASURE: Duration = Duration::from_secs(10);
/// Time for a command to end by itself once its task is settled.
const LINGER: Duration = Duration::from_secs(10);
/// Longest time between the request to end and the kill when the runner is stopped.
const STOP_GRACE: Duration = Duration::from_secs(3);
/// First and longest pause before something that the board failed to take is tried again.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// So many artifacts at least wait for a board that cannot be told; a task keeps no more.
const WAITING: usize = 500;
/// Longest title in the environment, in bytes.
const TITLE: usize = 4 << 10;

/// What one task needs to be worked on.
pub(super) struct Job {
    pub service: Service,
    /// The folder that belongs to the board.
    pub board: PathBuf,
    pub options: Arc<Options>,
    pub role: Option<Arc<Role>>,
    pub actor: Actor,
    pub claim: Claimed,
    pub watch: Arc<Watch>,
    pub control: Control,
    pub tell: Sender<Message>,
    /// The lock on the folder that all runs share, if they do.
    pub folder: Option<Arc<Mutex<FolderLock>>>,
}

/// How a job ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub task_id: TaskId,
    pub number: TaskNumber,
    pub how: String,
    /// The work was handed in, or settled otherwise as the command wished.
    pub well: bool,
    /// The claim was lost.
    pub lost: bool,
    /// The command said something to vayu.
    pub spoke: bool,
    /// A quota is used up: no task is to be taken for so long.
    pub rests: Option<Duration>,
    pub took: Duration,
    pub last_lines: Vec<String>,
}

/// The end of a job before its command could begin.
enum Early {
    /// This is to be told.
    Verdict(Box<Verdict>),
    /// The claim is lost: there is nothing to be told.
    Lost(String),
}

/// A command at work, and what belongs to it.
struct Working {
    run: Run,
    workspace: Workspace,
    log: PathBuf,
    account: Account,
    pending: Pending,
    /// When its task was first seen settled.
    settled_at: Option<Instant>,
    measured_at: Instant,
    suspended: bool,
}

/// Progress that the board has not been told yet.
#[derive(Default)]
struct Pending {
    percent: Option<u8>,
    step: Option<String>,
    artifacts: Vec<String>,
    notes: Vec<String>,
    told_at: Option<Instant>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.percent.is_none() && self.step.is_none() && self.artifacts.is_empty() && self.notes.is_empty()
    }

    fn add(&mut self, artifact: Option<String>) {
        self.artifacts.extend(artifact);
        if self.artifacts.len() > 2 * WAITING {
            self.artifacts.drain(..WAITING);
        }
    }
}

impl Job {
    /// Does it all.
    pub fn run(mut self) -> Finished {
        let began = Instant::now();
        let task = match self.insist(|job| Ok(job.service.read().task_detail(job.claim.task_id, &job.service.now())?)) {
            Ok(Some(task)) => task,
            Ok(None) => return self.finished(TaskNumber::default(), began, Early::Lost("the task is gone".into())),
            Err(early) => return self.finished(TaskNumber::default(), began, early),
        };
        let number = task.task.number;
        let title = task.task.title.clone();
        let _ = self.tell.send(Message::Say(Report::Claimed { number, title }));
        match self.work(&task) {
            Ok(finished) => Finished { took: began.elapsed(), ..finished },
            Err(early) => self.finished(number, began, early),
        }
    }

    /// Prepares, starts, watches and judges the command.
    fn work(&mut self, task: &TaskDetail) -> Result<Finished, Early> {
        let mut note = self.open_note(task.task.number)?;
        let started = self.start(task, &mut note);
        let (mut working, identity) = match started {
            Ok(started) => started,
            Err(Early::Verdict(verdict)) => return Ok(self.conclude(note, &verdict, task.task.number)),
            Err(lost) => {
                self.close(note);
                return Err(lost);
            }
        };
        let ending = self.watch(&mut working);
        Ok(self.judge(working, &ending, &identity, note, task.task.number))
    }

    fn open_note(&self, number: TaskNumber) -> Result<Note, Early> {
        let run = OpenRun {
            task_id: self.claim.task_id,
            number,
            epoch: self.claim.epoch,
            token: self.claim.token,
            agent: self.actor.name.clone(),
            runner: identity::own(),
            process: None,
            log: None,
            verdict: None,
        };
        Note::open(&self.board, run).map_err(|error| unprepared(&format!("no note can be kept: {error}")))
    }

    /// Everything up to the moment when the command begins: the board knows its process before.
    fn start(&mut self, task: &TaskDetail, note: &mut Note) -> Result<(Working, Identity), Early> {
        let occupant =
            Occupant { task_id: task.task.task_id, number: task.task.number, title: task.task.title.clone() };
        let workspace = self.options.workspace(&self.board, &occupant).map_err(|why| unprepared(&why))?;
        let folder = self.run_folder(task.task.number);
        let order = self.order(task, &workspace, &folder).map_err(|why| unprepared(&why))?;
        let log = folder.join("output.log");
        note.run.log = Some(log.clone());
        let gate = AtTheGate::start(order).map_err(|error| unprepared(&error.to_string()))?;
        let identity = gate.identity().clone();
        note.run.process = Some(identity.clone());
        note.save().map_err(|error| unprepared(&format!("no note can be kept: {error}")))?;
        self.lock_folder(&identity)?;
        let row =
            ProcessRow { pid: identity.pid, start_ticks: identity.start_ticks, boot_id: identity.boot_id.clone() };
        let (task_id, epoch) = (self.claim.task_id, self.claim.epoch);
        self.insist(|job| job.service.process_started(task_id, epoch, &row))?;
        let begin = Command::StartTask {
            task_id,
            fence: Fence::Token(self.claim.token),
            workspace: Some(workspace.folder.to_string_lossy().into_owned()),
        };
        let begun = self.insist(|job| job.service.submit(&job.actor, begin.clone())).map(drop);
        let run = begun.and_then(|()| gate.let_go().map_err(|error| unprepared(&error.to_string())));
        match run {
            Ok(run) => Ok((Working::new(run, workspace, log), identity)),
            Err(early) => {
                // It was still at the gate: dropping it has ended it, and it has done nothing.
                self.process_is_gone();
                Err(early)
            }
        }
    }

    fn run_folder(&self, number: TaskNumber) -> PathBuf {
        self.board.join("runs").join(number.0.to_string()).join(self.claim.epoch.to_string())
    }

    fn order(&self, task: &TaskDetail, workspace: &Workspace, folder: &Path) -> Result<Order, String> {
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        private_folder(folder).map_err(failed)?;
        let now = self.service.now();
        let hand_overs = brief::hand_overs(self.service.read(), task, &now).map_err(|error| error.to_string())?;
        let attempt = task.attempts.len() as u32 + 1;
        let role = self.role.as_deref();
        let brief = Brief { task, hand_overs: &hand_overs, role, workspace, attempt };
        let files = brief.write(folder).map_err(failed)?;
        let transcript = Transcript::create(&folder.join("output.log"), Bounds::default()).map_err(failed)?;
        let limits = Limits {
            time: task
                .task
                .metadata
                .run_limit
                .map(|seconds| Duration::from_secs(seconds.into()))
                .or(self.options.limits.time),
            ..self.options.limits
        };
        Ok(Order {
            program: self.options.program.clone(),
            args: self.options.args.clone(),
            folder: workspace.folder.clone(),
            env: self.environment(task, workspace, &files, attempt),
            mark: identity::mark(self.claim.task_id, self.claim.epoch),
            limits,
            transcript,
        })
    }

    fn environment(
        &self,
        task: &TaskDetail,
        workspace: &Workspace,
        files: &brief::Files,
        attempt: u32,
    ) -> Vec<(String, std::ffi::OsString)> {
        let mut env = self.options.environment(self.role.as_deref());
        let title: String = task.task.title.chars().filter(|c| *c != '\0').collect();
        let title = &title[..title.floor_char_boundary(TITLE)];
        let mut give = |name: &str, value: std::ffi::OsString| env.push((name.to_owned(), value));
        give("VAYU_BOARD", self.options.board.clone().into());
        give("VAYU_AS", self.actor.name.clone().into());
        give("VAYU_CLAIM", self.claim.token.to_string().into());
        give("VAYU_TASK", task.task.number.0.to_string().into());
        give("VAYU_TASK_ID", task.task.task_id.to_string().into());
        give("VAYU_TASK_FILE", files.text.clone().into());
        give("VAYU_TASK_JSON", files.json.clone().into());
        give("VAYU_TITLE", title.into());
        give("VAYU_ATTEMPT", attempt.to_string().into());
        give("VAYU_FOLDER", workspace.folder.clone().into());
        if let Some(worktree) = &workspace.worktree {
            give("VAYU_WORKTREE", workspace.folder.clone().into());
            give("VAYU_BRANCH", worktree.branch.clone().into());
            give("VAYU_BASE", worktree.base.clone().into());
        }
        if let Some(role) = &self.role {
            give("VAYU_ROLE", role.name.clone().into());
        }
        if let Some(vayu) = &self.options.vayu {
            give("VAYU_BIN", vayu.clone().into());
        }
        env
    }

    fn lock_folder(&self, identity: &Identity) -> Result<(), Early> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let mut lock = folder.lock().unwrap_or_else(PoisonError::into_inner);
        lock.also(identity).map_err(|error| unprepared(&error.to_string()))
    }

    /// Stays with the command until every process of it has ended.
    fn watch(&mut self, working: &mut Working) -> Ending {
        loop {
            match working.run.next(TICK) {
                Sign::Said(directive) => working.hear(directive),
                Sign::Ended(ending) => return *ending,
                Sign::Quiet => {}
            }
            self.obey(working);
            self.tell_progress(working, PROGRESS);
            if working.measured_at.elapsed() >= MEASURE {
                working.measured_at = Instant::now();
                self.watch.uses(working.run.usage());
            }
        }
    }

    /// Does what the claim and whoever controls the runner want of the run.
    fn obey(&self, working: &mut Working) {
        match self.control.wish() {
            Wish::Work | Wish::Drain => {}
            Wish::Stop => working.run.stop_within(Stop::Asked, STOP_GRACE),
            Wish::Kill => working.run.kill(Stop::Asked),
        }
        let hold = self.watch.hold();
        working.suspend(hold == Hold::Paused);
        match hold {
            Hold::Firm | Hold::Paused | Hold::PausedItself => {}
            Hold::Taken(why) => {
                if working.settled_at.is_none() {
                    working.settled_at = Some(Instant::now());
                    working.run.remark(&why);
                }
                working.run.stop(Stop::ClaimLost);
            }
            Hold::Settled(_) => {
                if working.settled_at.get_or_insert_with(Instant::now).elapsed() >= LINGER {
                    working.run.stop(Stop::ClaimLost);
                }
            }
        }
    }

    /// Tells the board how it goes, if there is something to tell and the last time was long enough ago.
    fn tell_progress(&mut self, working: &mut Working, pause: Duration) {
        let pending = &mut working.pending;
        let soon = pending.told_at.is_some_and(|at| at.elapsed() < pause);
        if pending.is_empty() || soon || self.watch.hold() != Hold::Firm {
            return;
        }
        pending.told_at = Some(Instant::now());
        let commands = self.progress_commands(pending);
        match self.service.submit_all(&self.actor, &commands) {
            // What could not be told stays pending and is told with what comes next.
            Err(Error::Store(_)) => {}
            told => {
                let told_at = pending.told_at;
                *pending = Pending { told_at, ..Pending::default() };
                if let Err(why) = told {
                    working.run.remark(&format!("progress was not accepted: {why}"));
                }
            }
        }
    }

    /// One change; what is more than one report may hold is told in several.
    fn progress_commands(&self, pending: &Pending) -> Vec<Command> {
        let task_id = self.claim.task_id;
        let report = |progress, step, artifacts: &[String]| Command::ReportProgress {
            task_id,
            fence: Fence::Token(self.claim.token),
            progress,
            step,
            artifacts: artifacts.to_vec(),
        };
        let mut pieces = pending.artifacts.chunks(ITEMS);
        let first = report(pending.percent, pending.step.clone(), pieces.next().unwrap_or_default());
        let more = pieces.map(|piece| report(None, None, piece));
        let notes =
            pending.notes.iter().map(|text| Command::Comment { task_id, text: text.clone(), author: None, at: None });
        [first].into_iter().chain(more).chain(notes).collect()
    }

    /// The run is over: tells the board that its processes are gone, and the verdict.
    fn judge(
        &mut self,
        mut working: Working,
        ending: &Ending,
        identity: &Identity,
        note: Note,
        number: TaskNumber,
    ) -> Finished {
        let spoke = working.account.spoke;
        self.tell_progress(&mut working, Duration::ZERO);
        self.warn_of(ending, identity, number);
        let hold = self.look_again();
        let last_lines = ending.last_lines.clone();
        let verdict = match hold {
            Hold::Taken(_) | Hold::Settled(_) => None,
            Hold::PausedItself if ending.stopped.is_none() => Some(paused()),
            _ => working.account.verdict(ending, &working.log),
        };
        let mut note = note;
        self.keep(&mut note, verdict.as_ref());
        if ending.seen_gone {
            self.process_is_gone();
        }
        let finished = if let Some(verdict) = verdict {
            self.conclude(note, &verdict, number)
        } else {
            self.close(note);
            self.without_verdict(number, &hold)
        };
        self.tidy(&working.workspace, finished.well && !finished.lost);
        Finished { spoke, last_lines, ..finished }
    }

    fn without_verdict(&self, number: TaskNumber, hold: &Hold) -> Finished {
        let (how, lost) = match hold {
            Hold::Settled(outcome) => (format!("settled: {outcome}"), false),
            Hold::Taken(why) => (format!("taken away: {why}"), true),
            _ => ("the claim was lost".to_owned(), true),
        };
        self.ended(number, how, !lost, lost)
    }

    /// Tells the verdict until the board has taken it or refused it.
    fn conclude(&mut self, mut note: Note, verdict: &Verdict, number: TaskNumber) -> Finished {
        self.keep(&mut note, Some(verdict));
        let commands = verdict.commands(self.claim.task_id, self.claim.token);
        let told = self.keep_trying(|job| job.service.submit_all(&job.actor, &commands).map(drop));
        match told {
            Ok(()) => {
                self.close(note);
                let rests = self.pause_after(verdict);
                Finished { rests, ..self.ended(number, verdict.words(), verdict.is_good(), false) }
            }
            Err(Error::Rejected(why)) => {
                self.close(note);
                // The command may have settled its task in the same moment.
                match self.look_again() {
                    hold @ Hold::Settled(_) => self.without_verdict(number, &hold),
                    _ => self.ended(number, format!("its late result was refused: {why}"), false, true),
                }
            }
            Err(error) => {
                let how = format!("{}; kept beside the board, for it cannot be told now: {error}", verdict.words());
                self.ended(number, how, false, false)
            }
        }
    }

    /// How long a quota that is used up is to be left alone: as long as the board does so with this task.
    fn pause_after(&self, verdict: &Verdict) -> Option<Duration> {
        if !matches!(verdict, Verdict::Fail { failure: Failure::Quota, .. }) {
            return None;
        }
        let task = self.service.read().task(self.claim.task_id).ok()??;
        (task.retry_at? - self.service.now().wall).to_std().ok()
    }

    /// How it stands with the claim, as fresh as can be had.
    fn look_again(&self) -> Hold {
        self.watch.look(&self.service, &self.actor.name).unwrap_or_else(|_| self.watch.hold())
    }

    fn ended(&self, number: TaskNumber, how: String, well: bool, lost: bool) -> Finished {
        let task_id = self.claim.task_id;
        let (took, last_lines) = (Duration::ZERO, Vec::new());
        Finished { task_id, number, how, well, lost, spoke: false, rests: None, took, last_lines }
    }

    fn finished(&mut self, number: TaskNumber, began: Instant, early: Early) -> Finished {
        let finished = match early {
            Early::Lost(why) => self.ended(number, format!("taken away: {why}"), false, true),
            Early::Verdict(verdict) => {
                let commands = verdict.commands(self.claim.task_id, self.claim.token);
                let told = self.keep_trying(|job| job.service.submit_all(&job.actor, &commands).map(drop));
                let more = told.err().map(|error| format!(" ({error})")).unwrap_or_default();
                self.ended(number, verdict.words() + &more, false, false)
            }
        };
        Finished { took: began.elapsed(), ..finished }
    }

    /// Does something on the board that must be done before the work can begin.
    fn insist<T>(&mut self, work: impl FnMut(&mut Self) -> Result<T, Error>) -> Result<T, Early> {
        self.keep_trying(work).map_err(|error| match error {
            Error::Rejected(why) => Early::Lost(why.to_string()),
            Error::Store(error) => unprepared(&error.to_string()),
        })
    }

    /// Tries until the board has answered, or the runner is stopped.
    fn keep_trying<T>(&mut self, mut work: impl FnMut(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let mut pause = RETRY.0;
        loop {
            match work(self) {
                Err(Error::Store(_)) if self.control.wish() < Wish::Stop => std::thread::sleep(pause),
                answer => return answer,
            }
            pause = (pause * 2).min(RETRY.1);
        }
    }

    fn process_is_gone(&mut self) {
        let (task, epoch) = (self.claim.task_id, self.claim.epoch);
        if let Err(error) = self.keep_trying(|job| job.service.process_gone(task, epoch)) {
            self.warn(format!("the board does not know yet that a process is gone: {error}"));
        }
    }

    /// Removes a worktree in which nothing was done.
    fn tidy(&self, workspace: &Workspace, well: bool) {
        let super::Place::PerTask { data } = &self.options.place else { return };
        if !well || workspace.worktree.is_none() {
            return;
        }
        let tidied = Repository::around(self.options.project(), data)
            .and_then(|repository| repository.map_or(Ok(false), |repository| repository.tidy(workspace)));
        if let Err(error) = tidied {
            self.warn(error.to_string());
        }
    }

    fn warn_of(&self, ending: &Ending, identity: &Identity, number: TaskNumber) {
        if let Err(error) = &ending.transcript {
            self.warn(format!("{number}: its output could not be kept: {error}"));
        }
        if !ending.seen_gone {
            self.warn(format!("{number}: processes of group {} could not be ended; reclaim waits", identity.pid));
        }
    }

    /// Keeps the verdict beside the board until the board has it.
    fn keep(&self, note: &mut Note, verdict: Option<&Verdict>) {
        if note.run.verdict.as_ref() == verdict {
            return;
        }
        note.run.verdict = verdict.cloned();
        if let Err(error) = note.save() {
            self.warn(format!("{}: its result cannot be kept beside the board: {error}", note.run.number));
        }
    }

    fn close(&self, note: Note) {
        if let Err(error) = note.close() {
            self.warn(format!("a note cannot be removed: {error}"));
        }
    }

    fn warn(&self, what: String) {
        // Nobody listens any more once the runner has ended.
        let _ = self.tell.send(Message::Say(Report::warning(what)));
    }
}

impl Working {
    fn new(run: Run, workspace: Workspace, log: PathBuf) -> Self {
        Self {
            run,
            workspace,
            log,
            account: Account::default(),
            pending: Pending::default(),
            settled_at: None,
            measured_at: Instant::now(),
            suspended: false,
        }
    }

    fn hear(&mut self, directive: crate::agents::protocol::Directive) {
        match self.account.hear(directive, &self.workspace.folder) {
            Some(AtOnce::Progress { percent, step, artifact }) => {
                self.pending.percent = percent.or(self.pending.percent);
                self.pending.step = step.or(self.pending.step.take());
                self.pending.add(artifact);
            }
            Some(AtOnce::Note(text)) => self.pending.notes.push(text),
            Some(AtOnce::Refused(why)) => self.run.remark(&why),
            None => {}
        }
    }

    /// Stops the processes while somebody has paused the task, and lets them go on after.
    fn suspend(&mut self, wanted: bool) {
        if wanted != self.suspended {
            self.suspended = wanted;
            self.run.suspend(wanted);
        }
    }
}

/// The command could not even be started.
fn unprepared(why: &str) -> Early {
    let report = WorkReport { summary: Some(why.to_owned()), ..WorkReport::default() };
    Early::Verdict(Box::new(Verdict::Fail { failure: Failure::Spawn, report }))
}

/// The command has paused its task and ended: somebody must say when to go on.
fn paused() -> Verdict {
    let reason = "the worker paused it and ended; unblock it when it can go on".to_owned();
    Verdict::Block { kind: crate::domain::task::BlockerKind::Input, reason, remark: None }
}
