//! How much a report may hold, so that no task grows without end.

use super::{Rejection, Ruling};
use crate::domain::command::{Command, Report};
use crate::domain::task::MAX_COMMENT;

/// Most artifacts, outputs, open points or last lines in one report.
const ITEMS: usize = 200;
/// Most bytes of one text or value in a report.
const TEXT: usize = 64 << 10;

/// Refuses what is too large to be kept.
pub(super) fn check(command: &Command) -> Ruling {
    match command {
        Command::SubmitTask { report, .. }
        | Command::CompleteTask { report, .. }
        | Command::FailTask { report, .. } => check_report(report),
        Command::ReportProgress { artifacts, step, .. } => {
            items("artifacts", artifacts.len())?;
            texts("a step or an artifact", artifacts.iter().chain(step), TEXT)
        }
        Command::Comment { text, .. } => texts("a comment", [text], MAX_COMMENT),
        _ => Ok(()),
    }
}

fn check_report(report: &Report) -> Ruling {
    items("artifacts", report.artifacts.len())?;
    items("outputs", report.outputs.len())?;
    items("open points", report.open_points.len())?;
    items("last lines", report.last_lines.len())?;
    let lists = report.artifacts.iter().chain(&report.open_points).chain(&report.last_lines);
    let single = [&report.summary, &report.hand_over, &report.log];
    texts("a text of a report", lists.chain(single.into_iter().flatten()), TEXT)?;
    let outputs: Vec<String> = report.outputs.iter().map(|(name, value)| format!("{name}{value}")).collect();
    texts("an output", &outputs, TEXT)
}

fn items(what: &str, count: usize) -> Ruling {
    if count <= ITEMS {
        return Ok(());
    }
    Err(Rejection::Invalid(format!("{count} {what} are too many: at most {ITEMS} in one report")))
}

fn texts<'a>(what: &str, texts: impl IntoIterator<Item = &'a String>, most: usize) -> Ruling {
    match texts.into_iter().map(String::len).max().filter(|bytes| *bytes > most) {
        None => Ok(()),
        Some(bytes) => Err(Rejection::Invalid(format!(
            "{what} has {bytes} bytes, more than {most}; put it into a file and name the file as an artifact"
        ))),
    }
}
