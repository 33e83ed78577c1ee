//! `vayu import`: tasks from other tools, as one change.

use std::io::BufRead;

use serde::Serialize;

use super::output::{Output, one_line};
use super::progress::Bar;
use super::{Context, Failure, Outcome};
use crate::domain::words;
use crate::exchange::vayu::{self, Records};
use crate::exchange::{self, Batch, Columns, Kind, Options, ReadError, Report, Skipped, source};

/// Columns of a line about something skipped; more is cut.
const LINE: usize = 400;

/// What a title of a Markdown list may carry.
const MARKS: &str = "\
Markdown: headings hold tasks together, check boxes are tasks, boxes further in are their parts, text below describes
them, and what stands below `Acceptance:` are their conditions. A title may carry marks, which are taken out of it:
  #tag                 a label              @name           who does it
  !high                priority: !critical, !high, !normal, !low
  (2p)  ~90m  ~2h      story points, time   skill:rust:4    a skill and its level
  ^id                  a name in this file  after:^id,^id   waits for those of these names
  due:2026-12-24       wanted by            start:2026-12-24  not before
  done:2026-12-24      ended on             created:2026-12-24
A backslash before a word, or back quotes around it, keep it as it is: \\!high. What looks like a mark and is none stays
in the title and is told with its line.";

/// Options of `vayu import`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = MARKS)]
pub struct Args {
    /// File to read (gzip is accepted), or - for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Format: beads, github, csv, markdown, taskwarrior or vayu [default: by the file's name and first line]
    #[arg(long, value_name = "KIND")]
    from: Option<Kind>,
    /// Make open tasks ready instead of leaving them in the backlog
    #[arg(long)]
    ready: bool,
    /// Columns of a CSV file, as in title=Summary,priority=Prio; usual names need no mapping
    #[arg(long, value_name = "FIELD=COLUMN,…")]
    map: Vec<Columns>,
    /// Name of the file in the ids of its tasks, for CSV and Markdown [default: the file's own name]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// What is printed as JSON.
#[derive(Serialize)]
struct Printed<'a> {
    file: &'a str,
    links: usize,
    #[serde(flatten)]
    report: &'a Report,
}

/// Runs the verb.
///
/// # Errors
/// When the file cannot be read, nothing in it fits the format, or the board says no.
pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let name = args.name.clone().unwrap_or_else(|| source::name_of(&args.file));
    let read = read(args, &name, &Bar::new("reading", !cx.out.json))?;
    let mut steps = Bar::new("importing", !cx.out.json).steps();
    let report = match read {
        Read::Rows(rows) => exchange::import_records(&mut cx.service, &cx.actor, rows, &mut steps)?,
        Read::Tasks(batch) => {
            let options = Options { ready: args.ready };
            exchange::import(&mut cx.service, &cx.actor, batch, options, &mut steps)?
        }
    };
    drop(steps);
    let printed = Printed { file: &args.file, links: report.links(), report: &report };
    cx.out.print(&printed, || text(cx.out, &name, &report))?;
    Ok(if report.tasks.total() + report.records == 0 { Outcome::Nothing } else { Outcome::Done })
}

/// What a file holds.
enum Read {
    Tasks(Batch),
    Rows(Records),
}

fn read(args: &Args, name: &str, bar: &Bar) -> Result<Read, Failure> {
    let mut input = source::open(&args.file, |bytes, of| bar.show(bytes, of))?;
    let start = input.fill_buf().map_err(|error| ReadError::io(name, error))?;
    let kind = args.from.or_else(|| Kind::guess(&args.file, start));
    let kind =
        kind.ok_or_else(|| Failure::Usage(format!("say which format {name} has: --from {}", Kind::words().join("|"))))?;
    if kind == Kind::Vayu {
        let rows = vayu::read(name, input)?;
        check_any(name, kind, rows.records.len(), &rows.skipped)?;
        return Ok(Read::Rows(rows));
    }
    let mut columns = Columns::default();
    args.map.iter().cloned().for_each(|more| columns.extend(more));
    let batch = exchange::read(kind, name, input, &columns)?;
    check_any(name, kind, batch.incoming.len(), &batch.skipped)?;
    Ok(Read::Tasks(batch))
}

/// A file of which not one line fits is of another kind.
fn check_any(name: &str, kind: Kind, good: usize, skipped: &[Skipped]) -> Result<(), Failure> {
    let Some(first) = skipped.first().filter(|_| good == 0) else { return Ok(()) };
    Err(Failure::World(format!(
        "nothing in {name} can be read as {kind}: {name}:{}: {}: {}; if it has another format, say so with --from",
        first.line, first.what, first.reason
    )))
}

fn text(out: Output, name: &str, report: &Report) -> String {
    let Report { tasks, dependencies, parents, mentions, comments, records, .. } = report;
    let mut lines = vec![
        format!(
            "{}: {} new, {} updated, {} unchanged",
            words::count(tasks.total(), "task"),
            tasks.created,
            tasks.updated,
            tasks.unchanged
        ),
        format!(
            "{}: {}, {}, {}",
            words::count(report.links(), "link"),
            if *dependencies == 1 { "1 dependency".to_owned() } else { format!("{dependencies} dependencies") },
            words::count(*parents, "part"),
            words::count(*mentions, "note")
        ),
        words::count(*comments, "comment"),
    ];
    if report.implied_parents > 0 {
        lines.push(format!("{} more parts, read from ids", report.implied_parents));
    }
    if *records > 0 {
        lines.push(format!("{records} agents, sprints, attempts, questions and settings"));
    }
    list(out, &mut lines, name, "skipped", &report.skipped);
    list(out, &mut lines, name, "with a loss", &report.warnings);
    lines.push(match report.change {
        Some(change) => format!("change {change}; `vayu undo` takes it back"),
        None => "nothing had to change".into(),
    });
    lines.join("\n")
}

/// Every line that did not come in, and why, so that an editor can jump to it.
fn list(out: Output, lines: &mut Vec<String>, name: &str, heading: &str, found: &[Skipped]) {
    if !found.is_empty() {
        lines.push(format!("{} {}", found.len(), out.style("1", heading)));
    }
    let told = found.iter().map(|Skipped { line, what, reason }| format!("  {name}:{line}: {what}: {reason}"));
    lines.extend(told.map(|line| one_line(&line, LINE)));
}
