//! beads: one JSON issue per line.

use crate::exchange::text::as_a_day;
use std::io::Write;

use serde_json::{Value, json};

use super::{Frame, Place, Written, ended, in_hand, labels, rfc3339};
use crate::domain::{Level, Status, Task, TaskKind};
use crate::exchange::Kind;

pub fn write(out: &mut dyn Write, task: &Task, frame: &Frame) -> Written {
    let id = id(frame, frame.place(task.task_id));
    let mut issue = json!({
        "id": id,
        "title": task.title,
        "description": task.description,
        "status": status(task),
        "priority": task.priority.rank(),
        "issue_type": issue_type(task),
        "created_at": rfc3339(task.created_at),
        "created_by": task.requester.id,
        "updated_at": rfc3339(task.updated_at),
    });
    let optional = [
        ("assignee", frame.assignee(task).map(Value::from)),
        ("closed_at", ended(task).map(|at| rfc3339(at).into())),
        ("close_reason", close_reason(task)),
        ("estimated_minutes", task.metadata.estimated_duration.map(Value::from)),
        ("acceptance_criteria", criteria(task)),
        ("due_at", task.deadline.map(|at| rfc3339(as_a_day(at)).into())),
        ("defer_until", task.not_before.map(|at| rfc3339(at).into())),
        ("external_ref", task.external.as_ref().and_then(|external| external.url.clone()).map(Value::from)),
        ("labels", some(tags(task).map(Value::from).collect())),
        ("dependencies", some(links(task, frame, &id))),
        ("comments", some(comments(task, frame, &id)?)),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            issue[name] = value;
        }
    }
    crate::text::json::write(&mut *out, &issue)?;
    Ok(out.write_all(b"\n")?)
}

fn some(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Array(values))
}

fn id(frame: &Frame, place: Option<&Place>) -> String {
    let Some(place) = place else { return String::new() };
    frame.key_at(place.id, Kind::Beads).map_or_else(|| format!("vayu-{}", place.number.0), str::to_owned)
}

fn status(task: &Task) -> &'static str {
    match task.status {
        status if status.is_closed() => "closed",
        Status::Blocked if task.blocker.is_some() => "blocked",
        _ if in_hand(task) => "in_progress",
        _ => "open",
    }
}

fn close_reason(task: &Task) -> Option<Value> {
    let said = task.execution.outputs.get("close_reason").cloned();
    said.or_else(|| (task.status == Status::Cancelled).then(|| "cancelled".into()))
}

fn issue_type(task: &Task) -> &str {
    const NAMED: &[&str] = &["bug", "feature", "chore"];
    match task.kind {
        _ if task.level != Level::Task => "epic",
        _ => match NAMED.iter().find(|name| task.metadata.tags.iter().any(|tag| tag == *name)) {
            Some(name) => name,
            None if task.kind == TaskKind::Maintenance => "chore",
            None => "task",
        },
    }
}

/// Labels, without the one that says the type.
fn tags(task: &Task) -> impl Iterator<Item = &str> {
    let kind = issue_type(task);
    labels(task).filter(move |tag| *tag != kind)
}

fn criteria(task: &Task) -> Option<Value> {
    let line = |c: &crate::domain::task::Criterion| format!("- [{}] {}", if c.met { 'x' } else { ' ' }, c.text);
    let lines: Vec<String> = task.acceptance.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n").into())
}

fn links(task: &Task, frame: &Frame, id: &str) -> Vec<Value> {
    let link = |on: &Place, kind: &str| json!({"issue_id": id, "depends_on_id": self::id(frame, Some(on)), "type": kind, "created_at": rfc3339(task.created_at)});
    let whole = frame.parent(task).map(|whole| link(whole, "parent-child"));
    frame.predecessors(task).map(|(on, _)| link(on, "blocks")).chain(whole).collect()
}

fn comments(task: &Task, frame: &Frame, id: &str) -> Result<Vec<Value>, super::WriteError> {
    let said = frame.comments(task)?;
    let value = |(at, c): (usize, &crate::domain::task::Comment)| json!({"id": at + 1, "issue_id": id, "author": c.author, "text": c.text, "created_at": rfc3339(c.at)});
    Ok(said.iter().enumerate().map(value).collect())
}
