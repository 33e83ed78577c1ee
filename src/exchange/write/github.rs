//! GitHub issues in the shape of `gh issue list --json …`.

use std::io::Write;

use serde_json::{Value, json};

use super::{Frame, Place, Written, ended, labels, rfc3339};
use crate::domain::{Priority, Status, Task};
use crate::exchange::Kind;
use crate::exchange::github::{blockers, priority};

pub fn write(out: &mut dyn Write, task: &Task, frame: &Frame) -> Written {
    let reason = match task.status {
        Status::Completed => "COMPLETED",
        Status::Cancelled => "NOT_PLANNED",
        _ => "",
    };
    let said = frame.comments(task)?;
    let url = task.external.as_ref().filter(|e| e.source == Kind::Github.as_str()).and_then(|e| e.url.clone());
    let issue = json!({
        "number": frame.place(task.task_id).map(|place| number(frame, place)),
        "title": task.title,
        "body": body(task, frame),
        "state": if task.status.is_closed() { "CLOSED" } else { "OPEN" },
        "stateReason": reason,
        "labels": names(task).into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "assignees": frame.assignee(task).into_iter().map(|name| json!({ "login": name })).collect::<Vec<_>>(),
        "author": { "login": task.requester.id },
        "milestone": task.milestone_id.as_ref().map(|title| json!({ "title": title })),
        "createdAt": rfc3339(task.created_at),
        "updatedAt": rfc3339(task.updated_at),
        "closedAt": ended(task).map(rfc3339),
        "url": url.unwrap_or_default(),
        "comments": said.iter().map(comment).collect::<Vec<_>>(),
    });
    Ok(crate::text::json::write(out, &issue)?)
}

fn comment(said: &crate::domain::task::Comment) -> Value {
    json!({ "author": { "login": said.author }, "body": said.text, "createdAt": rfc3339(said.at) })
}

/// An issue's own number, else the task's.
fn number(frame: &Frame, place: &Place) -> u64 {
    let own = frame.key_at(place.id, Kind::Github).and_then(|key| key.rsplit_once('#')?.1.parse().ok());
    own.unwrap_or(place.number.0 as u64)
}

/// Labels, and one for the priority where it is not normal and no label says it.
fn names(task: &Task) -> Vec<String> {
    let mut names: Vec<String> = labels(task).map(str::to_owned).collect();
    if task.priority != Priority::Normal && !names.iter().any(|name| priority(name) == Some(task.priority)) {
        names.push(format!("priority: {}", task.priority));
    }
    if task.level != crate::domain::Level::Task && !names.iter().any(|name| name == "epic") {
        names.push("epic".into());
    }
    names
}

/// The text, and what GitHub has no field for: predecessors and criteria, unless the text names them already.
fn body(task: &Task, frame: &Frame) -> String {
    let mut body = task.description.clone();
    let mut add = |text: String| {
        if !body.is_empty() {
            body.push_str("\n\n");
        }
        body.push_str(&text);
    };
    let named = blockers(&task.description);
    let missing: Vec<String> = frame
        .predecessors(task)
        .map(|(on, _)| number(frame, on))
        .filter(|on| !named.contains(on))
        .map(|on| format!("#{on}"))
        .collect();
    if !task.acceptance.is_empty() && !task.description.contains("## Acceptance") {
        let line = |c: &crate::domain::task::Criterion| format!("- [{}] {}", if c.met { 'x' } else { ' ' }, c.text);
        add(format!("## Acceptance\n{}", task.acceptance.iter().map(line).collect::<Vec<_>>().join("\n")));
    }
    if !missing.is_empty() {
        add(format!("Blocked by {}", missing.join(", ")));
    }
    body
}
