//! `vayu log`: what happened, by whom.

use std::io::{Write, stdout};
use std::time::Duration;

use super::context::Context;
use super::output::one_line;
use super::{Failure, Outcome};
use crate::domain::{ChangeId, RecordId, TaskRef};
use crate::service::notify::Listener;
use crate::store::view::{ActivityFilter, ActivityRow};
use crate::text;

/// How often the board is looked at when no notice comes.
const POLL: Duration = Duration::from_millis(250);

/// Changes that are read at once.
const PIECE: i64 = 500;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what is about this task
    #[arg(long, value_name = "TASK")]
    task: Option<TaskRef>,
    /// Only what this agent or person did
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The newest so many
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    limit: usize,
    /// Go on with what happens from now on; with --json one value per line
    #[arg(long, short)]
    follow: bool,
}

/// Prints the newest changes, oldest first.
pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let filter = args.filter(cx)?;
    let listener = args.follow.then(|| listener(cx)).flatten();
    let head = cx.read().head()?;
    let mut rows = if args.limit == 0 { Vec::new() } else { cx.read().activity(&filter)? };
    rows.reverse();
    if args.follow {
        print_each(cx, &rows)?;
        let seen = rows.last().map_or(head, |row| row.change.max(head));
        return follow(cx, &filter, listener.as_ref(), seen);
    }
    cx.out.print(&rows, || rows.iter().map(|row| line(cx, row)).collect::<Vec<_>>().join("\n"))?;
    Ok(Outcome::Done)
}

impl Args {
    fn filter(&self, cx: &Context) -> Result<ActivityFilter, Failure> {
        let record = self.task.as_ref().map(|task| cx.task_id(task)).transpose()?.map(RecordId::Task);
        Ok(ActivityFilter { record, actor: self.by.clone(), limit: self.limit, ..ActivityFilter::default() })
    }
}

/// None where no socket can be made; the board is polled then.
fn listener(cx: &Context) -> Option<Listener> {
    cx.service.folder().and_then(|folder| Listener::at(&folder).ok())
}

fn follow(
    cx: &mut Context,
    filter: &ActivityFilter,
    listener: Option<&Listener>,
    mut last: ChangeId,
) -> Result<Outcome, Failure> {
    // What was committed while the first rows were printed has been told by nobody.
    last = catch_up(cx, filter, last)?;
    loop {
        match listener {
            Some(listener) => _ = listener.wait(POLL),
            None => std::thread::sleep(POLL),
        }
        if cx.service.changed()? {
            last = catch_up(cx, filter, last)?;
        }
    }
}

/// Prints what is newer than `last`, oldest first and piece by piece, and says what is the newest now; a restored board
/// may have begun anew below it.
fn catch_up(cx: &Context, filter: &ActivityFilter, last: ChangeId) -> Result<ChangeId, Failure> {
    let head = cx.read().head()?;
    let mut last = last.min(head);
    while last < head {
        let until = head.min(ChangeId(last.0 + PIECE));
        let (after, before) = (Some(last), Some(ChangeId(until.0 + 1)));
        let filter = ActivityFilter { after, before, limit: PIECE as usize, ..filter.clone() };
        let mut rows = cx.read().activity(&filter)?;
        rows.reverse();
        print_each(cx, &rows)?;
        last = until;
    }
    Ok(head)
}

fn print_each(cx: &Context, rows: &[ActivityRow]) -> Result<(), Failure> {
    let mut out = stdout().lock();
    for row in rows {
        if cx.out.json {
            text::json::write(&mut out, row)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", line(cx, row))?;
        }
    }
    Ok(out.flush()?)
}

/// One change as one line of text.
pub fn line(cx: &Context, row: &ActivityRow) -> String {
    let at = row.at.format("%Y-%m-%d %H:%M:%S");
    let undone = row.undone_by.map(|by| format!("  (taken back by {by})")).unwrap_or_default();
    let head = cx.out.style("2", &format!("{:>5}  {at}", row.change));
    format!("{head}  {}  {}{undone}", text::pad(&row.actor.name, 12), one_line(&row.in_words(), 160))
}
