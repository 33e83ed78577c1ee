//! A board in a folder of its own, and runners that work on it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use vayu::agents::runner::{self, Control, Options, Place, Report, RunError, Tally, Wish};
use vayu::agents::supervise::{Limits, find_program};
use vayu::domain::command::NewTask;
use vayu::domain::task::Dependency;
use vayu::domain::{Actor, Command, Priority, Status, Task, TaskId};
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::TaskDetail;

use super::common::{PATIENCE, await_that, await_that_or};

pub struct Team {
    pub folder: tempfile::TempDir,
    file: &'static str,
    pub service: Service,
    pub human: Actor,
}

impl Team {
    pub fn new() -> Self {
        Self::at(".vayu/board.db", tempfile::tempdir().expect("a folder"))
    }

    /// With the board in this file of the folder.
    pub fn at(file: &'static str, folder: tempfile::TempDir) -> Self {
        let store = Board::at(folder.path().join(file)).create().expect("a new board");
        Self { folder, file, service: Service::new(Box::new(store)), human: Actor::human("ana") }
    }

    pub fn board(&self) -> PathBuf {
        self.path(self.file)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A ready task.
    pub fn task(&mut self, title: &str) -> TaskId {
        self.create(NewTask { title: title.into(), ..NewTask::default() })
    }

    /// A task that waits for others.
    pub fn task_after(&mut self, title: &str, before: &[TaskId]) -> TaskId {
        let blocked_by = before.iter().map(|id| Dependency::sequential(*id)).collect();
        self.create(NewTask { title: title.into(), blocked_by, ..NewTask::default() })
    }

    pub fn create(&mut self, new: NewTask) -> TaskId {
        let new = NewTask { priority: new.priority.or(Some(Priority::Normal)), ..new };
        let id = self.says(Command::CreateTask(Box::new(new))).task().expect("a task");
        if self.read(id).status == Status::Created {
            self.says(Command::QueueTask { task_id: id });
        }
        id
    }

    /// The human does something.
    pub fn says(&mut self, command: Command) -> vayu::service::Done {
        self.service.submit(&self.human, command).expect("allowed")
    }

    pub fn read(&self, id: TaskId) -> Task {
        self.service.read().task(id).expect("readable").expect("a task")
    }

    pub fn detail(&self, id: TaskId) -> TaskDetail {
        self.service.read().task_detail(id, &self.service.now()).expect("readable").expect("a task")
    }

    pub fn await_status(&self, id: TaskId, status: Status) {
        await_that(&format!("{} is {status}", self.read(id).number), || self.read(id).status == status);
    }

    pub fn await_note(&self, name: &str) -> String {
        let path = self.path(name);
        await_that(&format!("{name} is there"), || path.exists());
        std::fs::read_to_string(path).expect("readable")
    }

    pub fn options(&self, script: &str) -> Options {
        options(self.board(), self.folder.path(), script)
    }

    pub fn start(&self, options: Options) -> Runner {
        Runner::start(self.service.another().expect("a second handle"), options)
    }

    /// Runs this script for so many tasks; `$1` is the test's folder.
    pub fn run(&self, script: &str, tasks: u64) -> Runner {
        self.start(Options { max_tasks: Some(tasks), ..self.options(script) })
    }
}

/// How a runner runs this script; `$1` is the folder.
pub fn options(board: PathBuf, folder: &Path, script: &str) -> Options {
    let search = std::env::var_os("PATH");
    Options {
        board,
        name: "builder-1".into(),
        role: None,
        skills: None,
        wip_limit: None,
        model: None,
        program: find_program("sh".as_ref(), search.as_deref()).expect("sh is installed"),
        args: ["-c", script, "agent", folder.to_str().expect("text")].map(OsString::from).to_vec(),
        limits: Limits { grace: PATIENCE, ..Limits::default() },
        pass: Vec::new(),
        place: Place::PerTask { data: folder.join("data") },
        poll: Duration::from_secs(1),
        max_tasks: None,
        idle_exit: None,
        lease_seconds: None,
        vayu: Some(env!("CARGO_BIN_EXE_vayu").into()),
    }
}

pub struct Runner {
    pub control: Control,
    reports: Arc<Mutex<Vec<Report>>>,
    thread: Option<JoinHandle<Result<Tally, RunError>>>,
}

impl Runner {
    pub fn start(service: Service, options: Options) -> Self {
        let control = Control::new();
        let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
        let thread = std::thread::spawn({
            let (control, reports) = (control.clone(), Arc::clone(&reports));
            move || {
                let mut report = |report| reports.lock().expect("not poisoned").push(report);
                runner::run(service, options, None, &control, &mut report)
            }
        });
        Self { control, reports, thread: Some(thread) }
    }

    /// Waits for its end.
    pub fn end(mut self) -> Tally {
        self.join().expect("it could work")
    }

    pub fn join(&mut self) -> Result<Tally, RunError> {
        let thread = self.thread.take().expect("not joined before");
        await_that_or("the runner ends", || thread.is_finished(), || format!("{:#?}", self.reports()));
        thread.join().expect("no panic")
    }

    pub fn reports(&self) -> Vec<Report> {
        self.reports.lock().expect("not poisoned").clone()
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        self.control.want(Wish::Kill);
    }
}
