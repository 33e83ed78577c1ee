//! `vayu task …`: create, list, change and work on tasks.

mod create;
mod edit;
mod estimate;
mod list;
mod show;
mod work;

use clap::Subcommand;

use super::bulk;
use super::context::Context;
use super::output::one_line;
use super::{Failure, Outcome};
use crate::domain::words;
use crate::domain::{Command, Status, Task, TaskId, TaskRef};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write down a task; it is ready at once unless it waits for others
    Create(Box<create::Args>),
    /// List tasks
    List(Box<list::Args>),
    /// Show one task with everything known about it
    #[command(visible_alias = "show")]
    Status(show::Args),
    /// List what is ready, or make tasks of the backlog ready
    Ready(list::ReadyArgs),
    /// Change fields of tasks
    Edit(Box<edit::Args>),
    /// Tell how long tasks will take, by what was measured before
    Estimate(estimate::Args),
    /// Move cards to another lane
    Move(work::MoveArgs),
    /// Give a task to an agent
    Assign(work::AssignArgs),
    /// Take a task: the one named, or the best that is ready for the agent
    Claim(work::ClaimArgs),
    /// Say that the worker is alive
    Heartbeat(work::HeartbeatArgs),
    /// Begin work on a claimed task (people: claim and begin)
    Start(work::StartArgs),
    /// Say how work goes
    Progress(work::ProgressArgs),
    /// Stop half-way
    Pause(work::ReasonArgs),
    /// Go on after a pause
    Resume(work::PlainArgs),
    /// Say that a task cannot go on, and why
    Block(work::BlockArgs),
    /// Say that nothing stands in its way any more
    Unblock(work::IdArgs),
    /// Hand in work
    Submit(work::ReportArgs),
    /// Judge work that was handed in
    Review(work::ReviewArgs),
    /// Say that a task is done (people: the last word; workers: the same as submit)
    Complete(work::CompleteArgs),
    /// Say that the attempt failed
    Fail(work::FailArgs),
    /// Give a task back, or take it away from its agent
    Release(work::ReasonArgs),
    /// Do not do a task, nor its parts
    Cancel(work::ReasonArgs),
    /// Take up what had ended
    Reopen(work::IdArgs),
    /// Try a failed task again at once
    Retry(work::IdArgs),
    /// Let a task wait for another
    Depend(edit::DependArgs),
    /// Let it not wait any more
    Undepend(edit::UndependArgs),
    /// Say something about a task
    Comment(edit::CommentArgs),
}

pub fn run(verb: Verb, cx: &mut Context) -> Result<Outcome, Failure> {
    match verb {
        Verb::Create(args) => create::run(*args, cx),
        Verb::List(args) => list::run(&args, cx),
        Verb::Status(args) => show::run(&args, cx),
        Verb::Ready(args) => list::ready(&args, cx),
        Verb::Edit(args) => edit::run(&args, cx),
        Verb::Estimate(args) => estimate::run(&args, cx),
        Verb::Move(args) => work::r#move(&args, cx),
        Verb::Assign(args) => work::assign(&args, cx),
        Verb::Claim(args) => work::claim(&args, cx),
        Verb::Heartbeat(args) => work::heartbeat(&args, cx),
        Verb::Start(args) => work::start(&args, cx),
        Verb::Progress(args) => work::progress(&args, cx),
        Verb::Pause(args) => work::pause(&args, cx),
        Verb::Resume(args) => work::resume(&args, cx),
        Verb::Block(args) => work::block(&args, cx),
        Verb::Unblock(args) => args.each(cx, |_, task_id| Ok(Command::UnblockTask { task_id })),
        Verb::Submit(args) => work::submit(&args, cx),
        Verb::Review(args) => work::review(&args, cx),
        Verb::Complete(args) => work::complete(&args, cx),
        Verb::Fail(args) => work::fail(&args, cx),
        Verb::Release(args) => work::release(&args, cx),
        Verb::Cancel(args) => work::cancel(&args, cx),
        Verb::Reopen(args) => args.each(cx, |_, task_id| Ok(Command::ReopenTask { task_id })),
        Verb::Retry(args) => args.each(cx, |_, task_id| Ok(Command::RetryTask { task_id })),
        Verb::Depend(args) => edit::depend(&args, cx),
        Verb::Undepend(args) => edit::undepend(&args, cx),
        Verb::Comment(args) => edit::comment(&args, cx),
    }
}

/// Which tasks: by position or by `--id`, several for bulk work; a worker's own task by default.
#[derive(Debug, clap::Args)]
pub struct Ids {
    /// Tasks: #12, 12, an id, or the first digits of one
    #[arg(value_name = "TASK")]
    tasks: Vec<TaskRef>,
    /// The same as an option
    #[arg(long = "id", value_name = "TASK")]
    ids: Vec<TaskRef>,
}

impl Ids {
    /// The references given; the worker's own task if none is.
    ///
    /// # Errors
    /// When none is given and no worker's task is known.
    pub fn all(&self) -> Result<Vec<TaskRef>, Failure> {
        let given: Vec<TaskRef> = self.tasks.iter().chain(&self.ids).cloned().collect();
        if !given.is_empty() {
            return Ok(given);
        }
        match std::env::var("VAYU_TASK_ID").ok().and_then(|id| id.parse().ok()) {
            Some(own) => Ok(vec![own]),
            None => Err(Failure::Usage(
                "say which task: 12, '#12' (quoted, or the shell takes it for a remark) or the first digits of its id"
                    .into(),
            )),
        }
    }

    /// True if no task is named.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.ids.is_empty()
    }

    /// Runs one command for each task, each a change of its own, and prints what became of them.
    ///
    /// # Errors
    /// For a single task, its failure; for several, each is reported and the worst exit code returned.
    pub fn each(
        &self,
        cx: &mut Context,
        make: impl Fn(&mut Context, TaskId) -> Result<Command, Failure>,
    ) -> Result<Outcome, Failure> {
        self.each_by_all(cx, |cx, task| Ok(vec![make(cx, task)?]))
    }

    /// The same where it takes several commands, which make one change for each task.
    pub fn each_by_all(
        &self,
        cx: &mut Context,
        make: impl Fn(&mut Context, TaskId) -> Result<Vec<Command>, Failure>,
    ) -> Result<Outcome, Failure> {
        let refs = self.all()?;
        bulk::each(cx, &refs, |cx, task| one(cx, task, &make), line)
    }

    /// The same for what may end a task: it is said what was to be true then and is not.
    ///
    /// # Errors
    /// As for the others.
    pub fn each_to_its_end(
        &self,
        cx: &mut Context,
        make: impl Fn(&mut Context, TaskId) -> Result<Vec<Command>, Failure>,
    ) -> Result<Outcome, Failure> {
        let refs = self.all()?;
        bulk::each(cx, &refs, |cx, task| one(cx, task, &make), ended_line)
    }
}

fn one(
    cx: &mut Context,
    task: &TaskRef,
    make: &impl Fn(&mut Context, TaskId) -> Result<Vec<Command>, Failure>,
) -> Result<Task, Failure> {
    let id = cx.task_id(task)?;
    let commands = make(cx, id)?;
    cx.service.submit_all(&cx.actor, &commands)?;
    cx.task(&id.into())
}

/// One task, and how many of its conditions are not met though it is done.
fn ended_line(cx: &Context, task: &Task) -> String {
    let (all, open) = (task.acceptance.len(), task.acceptance.iter().filter(|criterion| !criterion.met).count());
    let line = line(cx, task);
    if open == 0 || task.status != Status::Completed {
        return line;
    }
    let (number, conditions) = (task.number.0, words::count(all, "condition"));
    let are = if open == 1 { "is" } else { "are" };
    format!(
        "{line}\n      {open} of {conditions} {are} not met yet; `vayu task edit {number} --met N` says that one is"
    )
}

/// One task as one line of text.
pub fn line(cx: &Context, task: &Task) -> String {
    let agent = task.agent().and_then(|id| cx.read().agent_named(&id.to_string()).ok().flatten());
    let agent = agent.map(|agent| format!("  {}", one_line(&agent.name, 40))).unwrap_or_default();
    let title = one_line(&task.title, 120);
    let (status, priority) = (cx.out.status(task.status), cx.out.priority(task.priority));
    format!("{:>5} {status} {priority} {title}{}", task.number, cx.out.style("2", &agent))
}
