//! `vayu task create`.

use std::io::Read as _;

use super::line;
use crate::cli::context::Context;
use crate::cli::{Failure, Outcome, values};
use crate::domain::agent::parse_skills;
use crate::domain::command::NewTask;
use crate::domain::task::{Category, Complexity, Criterion, Dependency, Requirements};
use crate::domain::{Command, Level, Priority, Rejection, TaskId, TaskKind, TaskRef};
use crate::plan::estimate::Said;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Title
    #[arg(value_name = "TITLE", required_unless_present = "title_option")]
    title: Vec<String>,
    /// Title, as an option
    #[arg(long = "title", value_name = "TITLE", conflicts_with = "title")]
    title_option: Option<String>,
    /// Sort of work: user_request, maintenance, scheduled, research or learning
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<TaskKind>,
    /// critical, high, normal or low (or P0 to P3)
    #[arg(long, short, value_parser = values::priority)]
    priority: Option<Priority>,
    /// Long text; `-` reads standard input
    #[arg(long, short)]
    description: Option<String>,
    /// goal, deliverable, package or task
    #[arg(long)]
    level: Option<Level>,
    /// The goal, deliverable or package this is a part of
    #[arg(long, value_name = "TASK")]
    parent: Option<TaskRef>,
    /// planning, execution, monitoring or coordination
    #[arg(long)]
    category: Option<Category>,
    /// Skills needed, as rust:4,sql:2
    #[arg(long)]
    skills: Option<String>,
    /// Roles that may do it
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A condition for calling it done (repeat)
    #[arg(long = "acceptance", value_name = "TEXT")]
    acceptance: Vec<String>,
    /// Tasks that must be completed first
    #[arg(long = "depends-on", value_name = "TASK", value_delimiter = ',')]
    depends_on: Vec<TaskRef>,
    /// Expected effort: 90m, 2h, 1d, 3-8h (10 to 90 %), 5p for story points, ? for whatever history says
    #[arg(long, value_parser = values::size)]
    estimate: Option<Said>,
    /// Story points
    #[arg(long)]
    points: Option<f64>,
    /// simple, moderate or complex
    #[arg(long)]
    complexity: Option<Complexity>,
    /// Labels
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    tags: Vec<String>,
    /// Wanted by: 2026-12-24, tomorrow, +3d
    #[arg(long)]
    deadline: Option<String>,
    /// Not to be started earlier
    #[arg(long)]
    not_before: Option<String>,
    /// Retries allowed [default: 3]
    #[arg(long)]
    max_retries: Option<u32>,
    /// Longest run of one attempt: 30s, 5m, 2h
    #[arg(long, value_parser = values::seconds)]
    run_limit: Option<u32>,
    /// Sprint: its number, name or `active`
    #[arg(long)]
    sprint: Option<String>,
    /// The milestone it is for, by name; tasks of the same name make one
    #[arg(long, value_name = "NAME", value_parser = values::milestone)]
    milestone: Option<String>,
    /// Keep it in the backlog instead of making it ready
    #[arg(long)]
    backlog: bool,
    /// Id of the new task (a UUID)
    #[arg(long = "id", value_name = "UUID")]
    id: Option<TaskId>,
    /// A second create with the same key makes no second task
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

pub fn run(args: Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let key = args.idempotency_key.clone();
    let new = args.new_task(cx)?;
    let commands = [Command::CreateTask(Box::new(new))];
    let done = cx.service.submit_request(&cx.actor, &commands, key.as_deref())?;
    let id = done.task().ok_or_else(|| Failure::World("the board did not say which task it made".into()))?;
    if done.repeated && cx.read().task(id)?.is_none() {
        let how = "the task that it made was taken back; another key makes a new one".to_owned();
        return Err(Rejection::Conflict { what: "this request".into(), how }.into());
    }
    let task = cx.task(&id.into())?;
    let text = line(cx, &task);
    cx.out.print(&task, || text)?;
    Ok(Outcome::Done)
}

impl Args {
    fn new_task(self, cx: &Context) -> Result<NewTask, Failure> {
        let now = cx.service.now().wall;
        let when = |text: Option<&String>, end| text.map(|text| values::time(text, now, end)).transpose();
        let capabilities = parse_skills(self.skills.as_deref().unwrap_or_default()).map_err(Failure::Usage)?;
        cx.doubt_skills(&capabilities)?;
        let blocked_by = self.depends_on.iter().map(|on| Ok(Dependency::sequential(cx.task_id(on)?)));
        Ok(NewTask {
            task_id: self.id,
            title: self.title_option.unwrap_or_else(|| self.title.join(" ")),
            description: text_or_stdin(self.description)?,
            kind: self.kind,
            level: self.level,
            parent_id: self.parent.as_ref().map(|parent| cx.task_id(parent)).transpose()?,
            category: self.category,
            priority: self.priority,
            deadline: when(self.deadline.as_ref(), true).map_err(Failure::Usage)?,
            not_before: when(self.not_before.as_ref(), false).map_err(Failure::Usage)?,
            acceptance: self.acceptance.into_iter().map(|text| Criterion { text, met: false }).collect(),
            requester: None,
            requirements: Requirements { capabilities, roles: self.roles, team_size: 1, ..Requirements::default() },
            blocked_by: blocked_by.collect::<Result<_, Failure>>()?,
            estimate: self.estimate.and_then(Said::median),
            estimate_range: self.estimate.and_then(Said::range),
            estimate_by: None,
            points: self.points.or(self.estimate.and_then(Said::points)),
            complexity: self.complexity,
            tags: self.tags,
            max_retries: self.max_retries,
            run_limit: self.run_limit,
            sprint_id: self.sprint.as_deref().map(|name| cx.sprint(name)).transpose()?.map(|sprint| sprint.sprint_id),
            milestone: self.milestone,
            backlog: self.backlog,
        })
    }
}

/// The text, or standard input where `-` was given.
pub fn text_or_stdin(text: Option<String>) -> Result<String, Failure> {
    match text.as_deref() {
        Some("-") => {
            let mut read = String::new();
            std::io::stdin().lock().read_to_string(&mut read)?;
            Ok(read)
        }
        _ => Ok(text.unwrap_or_default()),
    }
}
