//! A table with a header row that the reader knows without a mapping.

use crate::exchange::text::as_a_day;
use std::io::Write;

use super::{Frame, WriteError, Written, ended, labels, rfc3339};
use crate::domain::{Task, Timestamp};
use crate::exchange::csv::guard;

const HEADER: &[&str] = &[
    "number",
    "task_id",
    "title",
    "status",
    "priority",
    "type",
    "level",
    "parent",
    "tags",
    "assignee",
    "requester",
    "estimate",
    "points",
    "deadline",
    "not_before",
    "milestone",
    "skills",
    "blocked_by",
    "acceptance",
    "created_at",
    "ended_at",
    "url",
    "description",
];

pub fn write(out: &mut dyn Write, frame: &Frame, each: &mut dyn FnMut(&Task)) -> Written {
    let mut table = ::csv::Writer::from_writer(out);
    table.write_record(HEADER)?;
    frame.each(&mut |task| {
        each(task);
        Ok(table.write_record(row(task, frame))?)
    })?;
    table.flush().map_err(WriteError::from)
}

fn row(task: &Task, frame: &Frame) -> Vec<String> {
    let date = |at: Option<Timestamp>| at.map(rfc3339).unwrap_or_default();
    let text = |text: &str| guard(text);
    let before: Vec<String> = frame.predecessors(task).map(|(on, _)| on.number.to_string()).collect();
    let skills: Vec<String> =
        task.requirements.capabilities.iter().map(|(skill, level)| format!("{skill}:{level}")).collect();
    let criteria: Vec<String> =
        task.acceptance.iter().map(|c| format!("- [{}] {}", if c.met { 'x' } else { ' ' }, c.text)).collect();
    let url = task.external.as_ref().and_then(|external| external.url.as_deref());
    vec![
        task.number.to_string(),
        task.task_id.to_string(),
        text(&task.title),
        task.status.to_string(),
        task.priority.to_string(),
        task.kind.to_string(),
        task.level.to_string(),
        frame.parent(task).map(|whole| whole.number.to_string()).unwrap_or_default(),
        text(&labels(task).collect::<Vec<_>>().join(";")),
        text(frame.assignee(task).unwrap_or_default()),
        text(&task.requester.id),
        task.metadata.estimated_duration.map(|minutes| minutes.to_string()).unwrap_or_default(),
        task.metadata.story_points.map(|points| points.to_string()).unwrap_or_default(),
        date(task.deadline.map(as_a_day)),
        date(task.not_before),
        text(task.milestone_id.as_deref().unwrap_or_default()),
        text(&skills.join(";")),
        before.join(" "),
        text(&criteria.join("\n")),
        rfc3339(task.created_at),
        date(ended(task)),
        text(url.unwrap_or_default()),
        text(&task.description),
    ]
}
