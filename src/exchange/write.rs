//! Tasks on their way out: one writer per format, fed task by task, so that a board of any size costs little memory.

mod beads;
mod csv;
mod github;
mod markdown;
mod taskwarrior;

use std::collections::HashMap;
use std::io::{self, Write};

use super::{Kind, vayu};
use crate::domain::task::{Comment, DependencyKind, External};
use crate::domain::{AgentId, Status, Task, TaskId, TaskNumber, Timestamp};
use crate::service::Service;
use crate::store::view::{Filter, Page};
use crate::store::{Read, StoreError};

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The board could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nobody takes the output, or the disk is full.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<serde_json::Error> for WriteError {
    fn from(error: serde_json::Error) -> Self {
        Self::Io(error.into())
    }
}

impl From<::csv::Error> for WriteError {
    fn from(error: ::csv::Error) -> Self {
        Self::Io(error.into())
    }
}

/// Ends a walk over rows when one of them could not be written; the reason of that is told instead.
const ENOUGH: StoreError = StoreError::Full;

/// A writer's answer.
type Written = Result<(), WriteError>;

/// Writes the tasks that the filter lets through; [`Kind::Vayu`] writes every row of the board, whatever the filter, all
/// of one moment: `out` should take it at once, for the store waits.
/// `progress` is told how many of how many are written. Returns how many tasks (for vayu: rows) went out.
///
/// # Errors
/// When the board cannot be read or the output fails.
pub fn export(
    kind: Kind,
    service: &Service,
    filter: &Filter,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize, WriteError> {
    let read = service.read();
    if kind == Kind::Vayu {
        return every_row(read, out, progress);
    }
    let frame = Frame::load(service, filter)?;
    let mut step = 0;
    let mut each = |_: &Task| {
        step += 1;
        progress(step, frame.places.len());
    };
    match kind {
        Kind::Beads => frame.each(&mut |task| {
            each(task);
            beads::write(out, task, &frame)
        })?,
        Kind::Github => frame.in_array(out, &mut |out, task| {
            each(task);
            github::write(out, task, &frame)
        })?,
        Kind::Taskwarrior => frame.in_array(out, &mut |out, task| {
            each(task);
            taskwarrior::write(out, task, &frame)
        })?,
        Kind::Csv => csv::write(out, &frame, &mut each)?,
        Kind::Markdown => markdown::write(out, &frame, &mut each)?,
        Kind::Vayu => {}
    }
    out.flush()?;
    Ok(frame.places.len())
}

fn every_row(
    read: &dyn Read,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize, WriteError> {
    let mut rows = 0;
    let mut failed = None;
    let done = read.snapshot(&mut |read| {
        read.each_record(&mut |record| {
            if let Err(error) = vayu::write(out, &record) {
                failed = Some(error);
                return Err(ENOUGH);
            }
            rows += 1;
            progress(rows, 0);
            Ok(())
        })
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    done?;
    out.flush()?;
    Ok(rows)
}

/// What a writer has to know of a task that another one refers to.
#[derive(Debug, Clone)]
struct Place {
    id: TaskId,
    number: TaskNumber,
    parent: Option<TaskId>,
    group: bool,
    external: Option<External>,
}

/// The tasks that go out and how they call each other.
struct Frame<'a> {
    read: &'a dyn Read,
    filter: &'a Filter,
    now: Timestamp,
    agents: HashMap<AgentId, String>,
    /// In the order of their numbers.
    places: Vec<Place>,
    index: HashMap<TaskId, usize>,
}

impl<'a> Frame<'a> {
    fn load(service: &'a Service, filter: &'a Filter) -> Result<Self, WriteError> {
        let (read, now) = (service.read(), service.now());
        let team = read.agents(&now)?;
        let mut places = Vec::new();
        read.each_task(filter, Page::ALL, &mut |task| {
            places.push(Place {
                id: task.task_id,
                number: task.number,
                parent: task.parent_id,
                group: task.level != crate::domain::Level::Task,
                external: task.external,
            });
            Ok(())
        })?;
        let index = places.iter().enumerate().map(|(at, place)| (place.id, at)).collect();
        let agents = team.into_iter().map(|row| (row.agent.agent_id, row.agent.name)).collect();
        Ok(Self { read, filter, now: now.wall, agents, places, index })
    }

    /// Calls `each` with every task, in the order of their numbers.
    fn each(&self, each: &mut dyn FnMut(&Task) -> Written) -> Written {
        let mut failed = None;
        let done = self.read.each_task(self.filter, Page::ALL, &mut |task| {
            each(&task).map_err(|error| {
                failed = Some(error);
                ENOUGH
            })
        });
        failed.map_or_else(|| Ok(done?), Err)
    }

    /// A JSON array, one task per line.
    fn in_array(&self, out: &mut dyn Write, each: &mut dyn FnMut(&mut dyn Write, &Task) -> Written) -> Written {
        let mut first = true;
        self.each(&mut |task| {
            out.write_all(if first { b"[\n" } else { b",\n" })?;
            first = false;
            each(out, task)
        })?;
        Ok(out.write_all(if first { b"[]\n" } else { b"\n]\n" })?)
    }

    fn place(&self, id: TaskId) -> Option<&Place> {
        self.index.get(&id).map(|at| &self.places[*at])
    }

    /// The id that the task has at `source`, if it came from there.
    fn key_at(&self, id: TaskId, source: Kind) -> Option<&str> {
        let external = self.place(id)?.external.as_ref().filter(|external| external.source == source.as_str())?;
        Some(&external.key)
    }

    /// Predecessors that go out as well.
    fn predecessors<'t>(&'t self, task: &'t Task) -> impl Iterator<Item = (&'t Place, DependencyKind)> {
        task.dependencies.blocked_by.iter().filter_map(|edge| Some((self.place(edge.task_id)?, edge.kind)))
    }

    fn parent(&self, task: &Task) -> Option<&Place> {
        self.place(task.parent_id?)
    }

    /// Who has it or had it last: its agent, else whom the place it came from named.
    fn assignee<'t>(&'t self, task: &'t Task) -> Option<&'t str> {
        let agent = task.agent().and_then(|agent| self.agents.get(&agent)).map(String::as_str);
        agent.or_else(|| task.metadata.tags.iter().find_map(|tag| tag.strip_prefix('@')))
    }

    fn comments(&self, task: &Task) -> Result<Vec<Comment>, StoreError> {
        self.read.comments(task.task_id)
    }
}

/// Labels, without the names of those who have the task.
fn labels(task: &Task) -> impl Iterator<Item = &str> {
    task.metadata.tags.iter().map(String::as_str).filter(|tag| !tag.starts_with('@'))
}

/// When it ended, for tasks that have.
fn ended(task: &Task) -> Option<Timestamp> {
    task.status.is_closed().then(|| task.execution.ended_at.unwrap_or(task.updated_at))
}

/// Somebody is at it.
fn in_hand(task: &Task) -> bool {
    task.status.is_held() || matches!(task.status, Status::Reviewing | Status::Rejected)
}

/// RFC 3339 with the zone as `Z`, no finer than it is.
fn rfc3339(at: Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}
