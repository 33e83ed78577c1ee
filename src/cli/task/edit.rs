//! Changing fields, edges and remarks.

use super::create::text_or_stdin;
use super::{Ids, line};
use crate::cli::context::Context;
use crate::cli::{Failure, Outcome, values};
use crate::domain::agent::parse_skills;
use crate::domain::command::TaskField;
use crate::domain::task::{Category, Complexity, Criterion, Dependency, DependencyKind};
use crate::domain::{Command, Level, Priority, Task, TaskId, TaskKind, TaskRef, Timestamp};
use crate::plan::estimate::Said;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    ids: Ids,
    /// Title
    #[arg(long)]
    title: Option<String>,
    /// Long text; `-` reads standard input
    #[arg(long, short)]
    description: Option<String>,
    /// Sort of work
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<TaskKind>,
    /// critical, high, normal or low (or P0 to P3)
    #[arg(long, short, value_parser = values::priority)]
    priority: Option<Priority>,
    /// goal, deliverable, package or task
    #[arg(long)]
    level: Option<Level>,
    /// The goal, deliverable or package this is a part of; `none` for nothing
    #[arg(long, value_name = "TASK")]
    parent: Option<String>,
    /// planning, execution, monitoring or coordination
    #[arg(long)]
    category: Option<Category>,
    /// Skills needed, as rust:4,sql:2; an empty value for none
    #[arg(long)]
    skills: Option<String>,
    /// A condition for calling it done (repeat; replaces all)
    #[arg(long = "acceptance", value_name = "TEXT")]
    acceptance: Vec<String>,
    /// Tick a condition off, counted from 1 (repeat)
    #[arg(long = "met", value_name = "N")]
    met: Vec<usize>,
    /// Expected effort: 90m, 2h, 1d, 3-8h (10 to 90 %), 5p for story points; `none` or ? for unknown
    #[arg(long)]
    estimate: Option<String>,
    /// Story points; `none` for unknown
    #[arg(long)]
    points: Option<String>,
    /// simple, moderate or complex
    #[arg(long)]
    complexity: Option<Complexity>,
    /// Labels (replaces all)
    #[arg(long = "tags", value_name = "TAGS", value_delimiter = ',')]
    tags: Option<Vec<String>>,
    /// Add a label (repeat)
    #[arg(long = "add-tag", value_name = "TAG")]
    add_tags: Vec<String>,
    /// Remove a label (repeat)
    #[arg(long = "remove-tag", value_name = "TAG")]
    remove_tags: Vec<String>,
    /// Wanted by: 2026-12-24, tomorrow, +3d; `none`
    #[arg(long)]
    deadline: Option<String>,
    /// Not to be started earlier; `none`
    #[arg(long)]
    not_before: Option<String>,
    /// Retries allowed
    #[arg(long)]
    max_retries: Option<u32>,
    /// Longest run of one attempt: 30s, 5m, 2h
    #[arg(long, value_parser = values::seconds)]
    run_limit: Option<u32>,
    /// Sprint: its number, name or `active`; `none`
    #[arg(long)]
    sprint: Option<String>,
    /// Milestone; `none`
    #[arg(long)]
    milestone: Option<String>,
    /// Let it pass lane limits (true) or not (false); one task at a time
    #[arg(long, value_name = "BOOL")]
    expedite: Option<bool>,
    /// Put it away (true) or bring it back (false)
    #[arg(long, value_name = "BOOL")]
    archive: Option<bool>,
    /// Refuse if the task is not at this revision any more
    #[arg(long = "rev", value_name = "N")]
    expected_rev: Option<u64>,
}

pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    args.ids.each(cx, |cx, task_id| {
        let task = cx.task(&task_id.into())?;
        let changes = args.changes(cx, &task)?;
        if changes.is_empty() {
            return Err(Failure::Usage("say what to change; `vayu task edit --help` lists the fields".into()));
        }
        Ok(Command::EditTask { task_id, changes, expected_rev: args.expected_rev })
    })
}

impl Args {
    fn changes(&self, cx: &Context, task: &Task) -> Result<Vec<TaskField>, Failure> {
        let mut changes = Vec::new();
        changes.extend(self.title.clone().map(TaskField::Title));
        if self.description.is_some() {
            changes.push(TaskField::Description(text_or_stdin(self.description.clone())?));
        }
        changes.extend(self.kind.map(TaskField::Type));
        changes.extend(self.priority.map(TaskField::Priority));
        changes.extend(self.level.map(TaskField::Level));
        changes.extend(self.category.map(TaskField::Category));
        changes.extend(self.complexity.map(|complexity| TaskField::Complexity(Some(complexity))));
        changes.extend(self.max_retries.map(TaskField::MaxRetries));
        changes.extend(self.run_limit.map(|limit| TaskField::RunLimit(Some(limit))));
        changes.extend(self.expedite.map(TaskField::Expedite));
        changes.extend(self.archive.map(TaskField::Archived));
        changes.extend(values::optional(self.milestone.as_deref(), values::milestone)?.map(TaskField::Milestone));
        changes.extend(
            values::optional(self.estimate.as_deref(), values::size)?
                .into_iter()
                .flat_map(|said| said.unwrap_or(Said::Unknown).changes()),
        );
        changes.extend(values::optional(self.points.as_deref(), number)?.map(TaskField::Points));
        self.linked(cx, task, &mut changes)?;
        Ok(changes)
    }

    fn linked(&self, cx: &Context, task: &Task, changes: &mut Vec<TaskField>) -> Result<(), Failure> {
        let now: Timestamp = cx.service.now().wall;
        let parent =
            |name: &str| name.parse::<TaskRef>().and_then(|task| cx.task_id(&task).map_err(|why| why.to_string()));
        let sprint = |name: &str| cx.sprint(name).map(|sprint| sprint.sprint_id).map_err(|why| why.to_string());
        changes.extend(values::optional(self.parent.as_deref(), parent)?.map(TaskField::Parent));
        changes.extend(values::optional(self.sprint.as_deref(), sprint)?.map(TaskField::Sprint));
        let day = |text: &str| values::time(text, now, true);
        changes.extend(values::optional(self.deadline.as_deref(), day)?.map(TaskField::Deadline));
        let start = |text: &str| values::time(text, now, false);
        changes.extend(values::optional(self.not_before.as_deref(), start)?.map(TaskField::NotBefore));
        if let Some(skills) = &self.skills {
            let mut needs = task.requirements.clone();
            needs.capabilities = parse_skills(skills).map_err(Failure::Usage)?;
            cx.doubt_skills(&needs.capabilities)?;
            changes.push(TaskField::Requirements(needs));
        }
        changes.extend(self.labels(task).map(TaskField::Tags));
        changes.extend(self.criteria(task)?.map(TaskField::Acceptance));
        Ok(())
    }

    fn labels(&self, task: &Task) -> Option<Vec<String>> {
        if self.tags.is_none() && self.add_tags.is_empty() && self.remove_tags.is_empty() {
            return None;
        }
        let mut tags = self.tags.clone().unwrap_or_else(|| task.metadata.tags.clone());
        tags.retain(|tag| !tag.is_empty() && !self.remove_tags.contains(tag));
        for tag in &self.add_tags {
            if !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        Some(tags)
    }

    fn criteria(&self, task: &Task) -> Result<Option<Vec<Criterion>>, Failure> {
        if self.acceptance.is_empty() && self.met.is_empty() {
            return Ok(None);
        }
        let mut criteria = task.acceptance.clone();
        if !self.acceptance.is_empty() {
            criteria = self.acceptance.iter().map(|text| Criterion { text: text.clone(), met: false }).collect();
        }
        let count = criteria.len();
        for index in &self.met {
            let missing = || Failure::Usage(format!("--met {index}: {} has {count} conditions", task.number));
            criteria.get_mut(index.wrapping_sub(1)).ok_or_else(missing)?.met = true;
        }
        Ok(Some(criteria))
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

#[derive(Debug, clap::Args)]
pub struct DependArgs {
    #[command(flatten)]
    ids: Ids,
    /// What it waits for
    #[arg(long, value_name = "TASK", value_delimiter = ',', required = true)]
    on: Vec<TaskRef>,
    /// sequential, conditional or resource
    #[arg(long, default_value = "sequential")]
    kind: DependencyKind,
    /// The condition of a conditional edge
    #[arg(long)]
    condition: Option<String>,
    /// The condition holds
    #[arg(long)]
    holds: bool,
}

pub fn depend(args: &DependArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    edges(&args.ids, &args.on, cx, |task_id, on| {
        let (kind, condition) = (args.kind, args.condition.clone());
        let dependency = Dependency { task_id: on, kind, condition, holds: args.holds };
        Command::AddDependency { task_id, dependency }
    })
}

#[derive(Debug, clap::Args)]
pub struct UndependArgs {
    #[command(flatten)]
    ids: Ids,
    /// What it does not wait for any more
    #[arg(long, value_name = "TASK", value_delimiter = ',', required = true)]
    on: Vec<TaskRef>,
}

pub fn undepend(args: &UndependArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    edges(&args.ids, &args.on, cx, |task_id, on| Command::RemoveDependency { task_id, on })
}

/// All edges of one call are one change.
fn edges(
    ids: &Ids,
    on: &[TaskRef],
    cx: &mut Context,
    make: impl Fn(TaskId, TaskId) -> Command,
) -> Result<Outcome, Failure> {
    let mut tasks = Vec::new();
    let mut commands = Vec::new();
    for task in ids.all()? {
        let task = cx.task_id(&task)?;
        tasks.push(task);
        for on in on {
            commands.push(make(task, cx.task_id(on)?));
        }
    }
    cx.service.submit_all(&cx.actor, &commands)?;
    let tasks: Vec<Task> = tasks.into_iter().map(|id| cx.task(&id.into())).collect::<Result<_, _>>()?;
    let text = || tasks.iter().map(|task| line(cx, task)).collect::<Vec<_>>().join("\n");
    match tasks.as_slice() {
        [one] => cx.out.print(one, text)?,
        many => cx.out.print(many, text)?,
    }
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub struct CommentArgs {
    /// The task
    #[arg(value_name = "TASK")]
    task: TaskRef,
    /// What to say; `-` reads standard input
    #[arg(value_name = "TEXT", required = true)]
    text: Vec<String>,
}

pub fn comment(args: &CommentArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let task_id = cx.task_id(&args.task)?;
    let text = text_or_stdin(Some(args.text.join(" ")))?;
    cx.submit(Command::Comment { task_id, text, author: None, at: None })?;
    let task = cx.task(&task_id.into())?;
    let text = line(cx, &task);
    cx.out.print(&task, || text)?;
    Ok(Outcome::Done)
}
