//! Taskwarrior: the array that `task import` reads.

use crate::exchange::text::as_a_day;
use std::io::Write;

use serde_json::{Value, json};

use super::{Frame, Place, Written, ended, labels};
use crate::domain::{Priority, Status, Task, Timestamp};
use crate::exchange::{Kind, text};

pub fn write(out: &mut dyn Write, task: &Task, frame: &Frame) -> Written {
    let mut entry = json!({
        "uuid": frame.place(task.task_id).map(|place| uuid(frame, place)),
        "description": text::one_line(&task.title),
        "status": status(task),
        "entry": stamp(task.created_at),
        "modified": stamp(task.updated_at),
    });
    let tags: Vec<String> = labels(task).filter(|tag| project(tag).is_none()).map(word).collect();
    let depends: Vec<String> = frame.predecessors(task).map(|(on, _)| uuid(frame, on)).collect();
    let notes = notes(task, frame)?;
    let optional: [(&str, Option<Value>); 11] = [
        ("end", ended(task).map(|at| stamp(at).into())),
        ("start", task.execution.started_at.filter(|_| task.status.is_held()).map(|at| stamp(at).into())),
        ("due", task.deadline.map(|at| stamp(as_a_day(at)).into())),
        ("wait", task.not_before.filter(|at| *at > frame.now).map(|at| stamp(at).into())),
        ("priority", letter(task.priority).map(Value::from)),
        ("project", labels(task).find_map(project).map(Value::from)),
        ("estimate", task.metadata.estimated_duration.map(|minutes| format!("PT{minutes}M").into())),
        ("points", task.metadata.story_points.map(Value::from)),
        ("assignee", frame.assignee(task).map(Value::from)),
        ("tags", (!tags.is_empty()).then(|| tags.into())),
        ("depends", (!depends.is_empty()).then(|| depends.into())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            entry[name] = value;
        }
    }
    if !notes.is_empty() {
        entry["annotations"] = notes.into();
    }
    Ok(crate::text::json::write(out, &entry)?)
}

fn uuid(frame: &Frame, place: &Place) -> String {
    frame.key_at(place.id, Kind::Taskwarrior).map_or_else(|| place.id.to_string(), str::to_owned)
}

fn status(task: &Task) -> &'static str {
    match task.status {
        Status::Completed => "completed",
        Status::Cancelled => "deleted",
        _ => "pending",
    }
}

fn stamp(at: Timestamp) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn letter(priority: Priority) -> Option<&'static str> {
    match priority {
        Priority::Critical | Priority::High => Some("H"),
        Priority::Normal => None,
        Priority::Low => Some("L"),
    }
}

fn project(tag: &str) -> Option<&str> {
    tag.strip_prefix("project:")
}

/// Tags are single words there.
fn word(tag: &str) -> String {
    tag.split_whitespace().collect::<Vec<_>>().join("_")
}

/// The long text, the criteria and the remarks: all that Taskwarrior keeps are annotations, one per second.
fn notes(task: &Task, frame: &Frame) -> Result<Vec<Value>, super::WriteError> {
    let mut notes: Vec<(Timestamp, String)> = Vec::new();
    if !task.description.trim().is_empty() {
        notes.push((task.created_at, task.description.trim().to_owned()));
    }
    notes.extend(task.acceptance.iter().map(|criterion| (task.created_at, format!("Acceptance: {}", criterion.text))));
    notes.extend(frame.comments(task)?.into_iter().map(|comment| (comment.at, comment.text)));
    let mut last: Option<Timestamp> = None;
    let spread = notes.into_iter().map(|(at, text)| {
        let at = last.map_or(at, |last| at.max(last + chrono::Duration::seconds(1)));
        last = Some(at);
        json!({ "entry": stamp(at), "description": text })
    });
    Ok(spread.collect())
}
