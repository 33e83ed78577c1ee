//! A check list: wholes as headings, tasks as boxes with marks, texts and criteria below them.

use crate::exchange::text::as_a_day;
use std::collections::HashMap;
use std::io::Write;

use super::{Frame, Written, ended, labels, rfc3339};
use crate::domain::{Priority, Status, Task, TaskId, Timestamp};
use crate::exchange::markdown::{escape, guard};

/// Deepest heading that Markdown has.
const DEEPEST: usize = 6;

pub fn write(out: &mut dyn Write, frame: &Frame, each: &mut dyn FnMut(&Task)) -> Written {
    let mut parts: HashMap<Option<TaskId>, Vec<usize>> = HashMap::new();
    for (at, place) in frame.places.iter().enumerate() {
        parts.entry(place.parent.filter(|id| frame.place(*id).is_some())).or_default().push(at);
    }
    // Tasks come before headings: what follows a heading belongs to it. The stack holds the next ones last.
    let below = |whole: Option<TaskId>| {
        let mut below = parts.get(&whole).cloned().unwrap_or_default();
        below.sort_by_key(|at| (frame.places[*at].group, *at));
        below.reverse();
        below
    };
    let mut open: Vec<(usize, usize)> = below(None).into_iter().map(|at| (at, 1)).collect();
    while let Some((at, depth)) = open.pop() {
        let place = &frame.places[at];
        let Some(task) = frame.read.task(place.id)? else { continue };
        each(&task);
        if place.group {
            heading(out, &task, frame, depth)?;
        } else {
            item(out, &task, frame)?;
        }
        open.extend(below(Some(place.id)).into_iter().map(|at| (at, depth + 1)));
    }
    Ok(())
}

fn heading(out: &mut dyn Write, task: &Task, frame: &Frame, depth: usize) -> Written {
    write!(out, "\n{} {}", "#".repeat(depth.min(DEEPEST)), title(task, frame))?;
    if let Some(at) = ended(task) {
        write!(out, " done:{}", date(at))?;
    }
    out.write_all(b"\n")?;
    describe(out, task, "")?;
    if !task.acceptance.is_empty() {
        out.write_all(b"- Acceptance:\n")?;
        criteria(out, task, "  ")?;
    }
    Ok(())
}

fn item(out: &mut dyn Write, task: &Task, frame: &Frame) -> Written {
    let mark = match task.status {
        Status::Completed => 'x',
        Status::Cancelled => '-',
        Status::Blocked if task.blocker.is_some() => '!',
        status if status.is_held() => '/',
        _ => ' ',
    };
    write!(out, "- [{mark}] {}", title(task, frame))?;
    if let Some(at) = ended(task) {
        write!(out, " done:{}", date(at))?;
    }
    out.write_all(b"\n")?;
    describe(out, task, "  ")?;
    if !task.acceptance.is_empty() {
        out.write_all(b"  - Acceptance:\n")?;
        criteria(out, task, "    ")?;
    }
    Ok(())
}

/// The title and its marks.
fn title(task: &Task, frame: &Frame) -> String {
    let mut words = vec![escape(&task.title)];
    words.extend(labels(task).filter(|tag| !tag.contains(char::is_whitespace)).map(|tag| format!("#{tag}")));
    words
        .extend(frame.assignee(task).filter(|name| !name.contains(char::is_whitespace)).map(|name| format!("@{name}")));
    if task.priority != Priority::Normal {
        words.push(format!("!{}", task.priority));
    }
    words.extend(task.metadata.story_points.map(|points| format!("({points}p)")));
    words.extend(task.metadata.estimated_duration.map(|minutes| format!("~{minutes}m")));
    let skills = &task.requirements.capabilities;
    words.extend(skills.iter().map(|(skill, level)| format!("skill:{skill}:{level}")));
    words.extend(task.deadline.map(|at| format!("due:{}", date(as_a_day(at)))));
    words.extend(task.not_before.map(|at| format!("wait:{}", date(at))));
    let before: Vec<String> = frame.predecessors(task).map(|(on, _)| format!("^{}", on.number.0)).collect();
    if !before.is_empty() {
        words.push(format!("after:{}", before.join(",")));
    }
    words.push(format!("created:{}", date(task.created_at)));
    words.push(format!("^{}", task.number.0));
    words.join(" ")
}

/// A bare day where the time says no more.
fn date(at: Timestamp) -> String {
    if at.time() == chrono::NaiveTime::MIN { at.format("%Y-%m-%d").to_string() } else { rfc3339(at) }
}

fn describe(out: &mut dyn Write, task: &Task, indent: &str) -> Written {
    for line in guard(&task.description) {
        writeln!(out, "{}", format!("{indent}{line}").trim_end())?;
    }
    Ok(())
}

fn criteria(out: &mut dyn Write, task: &Task, indent: &str) -> Written {
    for criterion in &task.acceptance {
        let text = crate::exchange::text::one_line(&criterion.text);
        writeln!(out, "{indent}- [{}] {text}", if criterion.met { 'x' } else { ' ' })?;
    }
    Ok(())
}
