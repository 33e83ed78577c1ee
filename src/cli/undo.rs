//! `vayu undo` and `vayu redo`.

use serde::Serialize;

use super::context::Context;
use super::{Failure, Outcome, log};
use crate::domain::{ChangeId, TaskNumber};
use crate::service::{Done, Undo};
use crate::store::view::{ActivityFilter, ActivityRow};

#[derive(Debug, clap::Args)]
pub struct UndoArgs {
    /// The change, as `vayu log` numbers them [default: your newest]
    #[arg(value_name = "CHANGE", value_parser = clap::value_parser!(i64).range(1..))]
    change: Option<i64>,
    /// The newest change of anybody
    #[arg(long, conflicts_with = "change")]
    any: bool,
}

#[derive(Debug, clap::Args)]
pub struct RedoArgs {
    /// The newest undo of anybody, not only yours
    #[arg(long)]
    any: bool,
}

/// What was taken back, or done again.
#[derive(Serialize)]
struct Reversal {
    /// The new change, which does it.
    change: Option<ChangeId>,
    /// The change that it takes back, or does again.
    target: Option<ChangeId>,
    /// Tasks that it touched.
    tasks: Vec<TaskNumber>,
}

pub fn undo(args: &UndoArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let which = match args.change {
        Some(change) => Undo::Change(ChangeId(change)),
        None if args.any => Undo::Any,
        None => Undo::Own,
    };
    let done = cx.service.undo(&cx.actor, which)?;
    report(cx, &done, "taken back")
}

pub fn redo(args: &RedoArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let done = cx.service.redo(&cx.actor, args.any)?;
    report(cx, &done, "done again")
}

fn report(cx: &Context, done: &Done, verb: &str) -> Result<Outcome, Failure> {
    let made = done.change.map(|change| row(cx, change)).transpose()?.flatten();
    let target = made.as_ref().and_then(|row| row.target);
    let tasks = done.tasks().filter_map(|id| cx.task(&id.into()).ok()).map(|task| task.number).collect();
    let reversal = Reversal { change: done.change, target, tasks };
    let below = target.map(|target| bottom(cx, target)).transpose()?.flatten();
    cx.out.print(&reversal, || {
        let what = below.map(|row| log::line(cx, &ActivityRow { undone_by: None, ..row })).unwrap_or_default();
        format!("{verb}: {}", what.trim_start())
    })?;
    Ok(if done.change.is_some() { Outcome::Done } else { Outcome::Nothing })
}

/// The change that this one undoes or redoes, down to the one that did something of its own.
fn bottom(cx: &Context, change: ChangeId) -> Result<Option<ActivityRow>, Failure> {
    let mut found = row(cx, change)?;
    while let Some(target) = found.as_ref().and_then(|row| row.target) {
        found = row(cx, target)?;
    }
    Ok(found)
}

fn row(cx: &Context, change: ChangeId) -> Result<Option<ActivityRow>, Failure> {
    let before = Some(ChangeId(change.0 + 1));
    let filter = ActivityFilter { before, limit: 1, ..ActivityFilter::default() };
    Ok(cx.read().activity(&filter)?.pop())
}
