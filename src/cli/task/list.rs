//! `vayu task list` and `vayu task ready`.

use std::io::{BufWriter, Write, stdout};

use super::Ids;
use crate::cli::context::Context;
use crate::cli::output::{JsonList, Output, one_line};
use crate::cli::values;
use crate::cli::{Failure, Outcome};
use crate::domain::words;
use crate::domain::{Command, Level, Priority, Status, TaskKind, TaskRef};
use crate::store::StoreError;
use crate::store::view::{Card, Filter, Page};

#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Args {
    /// Only these states (comma-separated)
    #[arg(long, value_delimiter = ',')]
    status: Vec<Status>,
    /// Only what has not ended
    #[arg(long, conflicts_with = "status")]
    open: bool,
    /// Only these priorities
    #[arg(long, value_delimiter = ',', value_parser = values::priority)]
    priority: Vec<Priority>,
    /// Only this agent's
    #[arg(long)]
    agent: Option<String>,
    /// Only nobody's
    #[arg(long, conflicts_with = "agent")]
    unassigned: bool,
    /// Only this sprint's: its number, name or `active`
    #[arg(long)]
    sprint: Option<String>,
    /// Only this milestone's
    #[arg(long, value_name = "NAME")]
    milestone: Option<String>,
    /// Only those with this label (repeat: with all of them)
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
    /// Only this sort of work
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<TaskKind>,
    /// Only these levels
    #[arg(long, value_delimiter = ',')]
    level: Vec<Level>,
    /// Only direct parts of this one
    #[arg(long, value_name = "TASK")]
    parent: Option<TaskRef>,
    /// Only what an agent could start now
    #[arg(long)]
    ready: bool,
    /// Only those with all these words in title or text
    #[arg(long, short, value_name = "WORDS")]
    search: Option<String>,
    /// Archived ones, too
    #[arg(long)]
    archived: bool,
    /// At most this many
    #[arg(long)]
    limit: Option<usize>,
    /// Skip this many
    #[arg(long, default_value_t = 0)]
    offset: usize,
}

pub fn run(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    let filter = args.filter(cx)?;
    let page = Page { offset: args.offset, limit: args.limit.unwrap_or(Page::ALL.limit) };
    print(cx, &filter, page)?;
    Ok(Outcome::Done)
}

impl Args {
    fn filter(&self, cx: &Context) -> Result<Filter, Failure> {
        let statuses = if self.open {
            Status::ALL.iter().copied().filter(|status| !status.is_closed()).collect()
        } else {
            self.status.clone()
        };
        Ok(Filter {
            text: self.search.clone().unwrap_or_default(),
            statuses,
            priorities: self.priority.clone(),
            agent: self.agent.as_deref().map(|name| cx.agent(name)).transpose()?.map(|agent| agent.agent_id),
            unassigned: self.unassigned,
            sprint: self.sprint.as_deref().map(|name| cx.sprint(name)).transpose()?.map(|sprint| sprint.sprint_id),
            milestone: self.milestone.as_deref().map(|name| name.trim().to_owned()),
            tags: self.tags.clone(),
            kind: self.kind,
            levels: self.level.clone(),
            parent: self.parent.as_ref().map(|parent| cx.task_id(parent)).transpose()?,
            ready: self.ready,
            archived: self.archived,
            ..Filter::default()
        })
    }
}

/// Prints tasks row by row as they come from the store.
fn print(cx: &Context, filter: &Filter, page: Page) -> Result<(), Failure> {
    let out = BufWriter::with_capacity(1 << 16, stdout().lock());
    if cx.out.json { print_json(cx, filter, page, out) } else { print_text(cx, filter, page, out) }
}

fn print_json(cx: &Context, filter: &Filter, page: Page, out: impl Write) -> Result<(), Failure> {
    let mut list = JsonList::open(out)?;
    walk(|each| cx.read().each_task(filter, page, &mut |task| each(&mut || list.push(&task))))?;
    list.close()
}

fn print_text(cx: &Context, filter: &Filter, page: Page, mut out: impl Write) -> Result<(), Failure> {
    walk(|each| {
        cx.read().each_card(filter, page, &mut |card| each(&mut || Ok(writeln!(out, "{}", line(cx.out, &card))?)))
    })?;
    Ok(out.flush()?)
}

/// Writes one row; the walk over the store ends with the first that cannot be written.
type WriteRow<'a> = &'a mut dyn FnMut() -> Result<(), Failure>;

/// Walks over rows of the store and tells a failed output from a failed store.
fn walk(
    rows: impl FnOnce(&mut dyn FnMut(WriteRow) -> Result<(), StoreError>) -> Result<(), StoreError>,
) -> Result<(), Failure> {
    let mut unwritten = None;
    let walked = rows(&mut |write| {
        write().map_err(|failure| {
            unwritten = Some(failure);
            StoreError::Full
        })
    });
    unwritten.map_or_else(|| Ok(walked?), Err)
}

fn line(out: Output, card: &Card) -> String {
    let agent = card.agent.as_deref().map(|name| format!("  {}", one_line(name, 40))).unwrap_or_default();
    let points = card.points.map(|points| format!(" {points}p")).unwrap_or_default();
    let waits = if card.waits_for.is_empty() {
        String::new()
    } else {
        let list: Vec<_> = card.waits_for.iter().map(ToString::to_string).collect();
        format!("  waits {}", list.join(" "))
    };
    let tail = out.style("2", &format!("{points}{agent}{waits}"));
    let (status, priority) = (out.status(card.status), out.priority(card.priority));
    format!("{:>5} {status} {priority} {}{tail}", card.number, one_line(&card.title, 120))
}

#[derive(Debug, clap::Args)]
pub struct ReadyArgs {
    #[command(flatten)]
    ids: Ids,
    /// Make everything in the backlog ready that waits for nothing
    #[arg(long)]
    all: bool,
    /// At most this many, when listing
    #[arg(long)]
    limit: Option<usize>,
}

/// Without tasks: lists what is ready. With tasks: makes them ready.
pub fn ready(args: &ReadyArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    if args.all {
        return ready_all(cx);
    }
    if !args.ids.is_empty() {
        return args.ids.each(cx, |_, task_id| Ok(Command::QueueTask { task_id }));
    }
    let filter = Filter { ready: true, ..Filter::default() };
    print(cx, &filter, Page { offset: 0, limit: args.limit.unwrap_or(Page::ALL.limit) })?;
    Ok(Outcome::Done)
}

/// One change, one undo.
fn ready_all(cx: &mut Context) -> Result<Outcome, Failure> {
    let filter = Filter { statuses: vec![Status::Created], levels: vec![Level::Task], ..Filter::default() };
    let mut commands = Vec::new();
    cx.read().each_task(&filter, Page::ALL, &mut |task| {
        commands.push(Command::QueueTask { task_id: task.task_id });
        Ok(())
    })?;
    let done = cx.service.submit_all(&cx.actor, &commands)?;
    let count = done.tasks().count();
    cx.out.print(&serde_json::json!({ "ready": count }), || format!("ready now: {}", words::count(count, "task")))?;
    Ok(if count == 0 { Outcome::Nothing } else { Outcome::Done })
}
