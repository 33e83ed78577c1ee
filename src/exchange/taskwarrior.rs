//! Taskwarrior: what `task export` prints, an array or one task per line.

use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::incoming::{Batch, Incoming, Remark, State};
use super::source::ReadError;
use super::{Kind, json, text};

#[derive(Deserialize)]
struct Todo {
    #[serde(default)]
    uuid: String,
    #[serde(default)]
    description: String,
    status: Option<String>,
    entry: Option<String>,
    start: Option<String>,
    end: Option<String>,
    due: Option<String>,
    wait: Option<String>,
    scheduled: Option<String>,
    priority: Option<String>,
    project: Option<String>,
    tags: Option<Value>,
    depends: Option<Value>,
    annotations: Option<Vec<Annotation>>,
    /// User-defined fields that many set-ups have.
    estimate: Option<Value>,
    points: Option<Value>,
    assignee: Option<String>,
}

#[derive(Deserialize)]
struct Annotation {
    entry: Option<String>,
    #[serde(default)]
    description: String,
}

/// Reads a Taskwarrior export; templates of recurring tasks are left out, as their instances stand in the file, too.
///
/// # Errors
/// When the stream fails, or the array cannot be read to its end.
pub fn read(name: &str, input: impl BufRead) -> Result<Batch, ReadError> {
    let mut batch = Batch::new(Kind::Taskwarrior);
    json::each_entry(name, input, |line, entry: Result<Todo, String>| match entry {
        Err(reason) => batch.skip(line, "task", reason),
        Ok(entry) => take(&mut batch, line, entry),
    })?;
    Ok(batch)
}

fn take(batch: &mut Batch, line: usize, entry: Todo) {
    if entry.uuid.trim().is_empty() {
        return batch.skip(line, "task", "it has no `uuid`");
    }
    if entry.description.trim().is_empty() {
        return batch.skip(line, entry.uuid, "it has no `description`");
    }
    if entry.status.as_deref() == Some("recurring") {
        return batch.skip(line, entry.uuid, "it is the template of a recurring task");
    }
    batch.incoming.push(incoming(line, entry));
}

fn incoming(line: usize, entry: Todo) -> Incoming {
    let mut task = Incoming::new(entry.uuid.trim(), line, text::one_line(&entry.description));
    let instant = |text: Option<String>| text.as_deref().and_then(text::instant);
    task.fields.state = match entry.status.as_deref() {
        Some("completed") => State::Done,
        Some("deleted") => State::Dropped,
        _ => State::Open,
    };
    task.fields.created_at = instant(entry.entry);
    task.fields.started_at = instant(entry.start);
    task.fields.ended_at = instant(entry.end);
    task.fields.deadline = instant(entry.due).map(text::until_its_end);
    task.fields.not_before = instant(entry.scheduled).max(instant(entry.wait));
    task.fields.priority = entry.priority.as_deref().and_then(text::priority);
    task.fields.tags = words(entry.tags.as_ref());
    task.fields.tags.extend(text::some(entry.project).map(|project| format!("project:{project}")));
    task.fields.estimate = entry.estimate.as_ref().and_then(|value| text::minutes(&plain(value)));
    task.fields.points = entry.points.as_ref().and_then(|value| plain(value).parse().ok());
    task.fields.assignees = text::some(entry.assignee).into_iter().collect();
    for on in words(entry.depends.as_ref()) {
        task.wait_for(on);
    }
    task.remarks = entry.annotations.unwrap_or_default().into_iter().filter_map(remark).collect();
    task
}

/// A list, written as a list or with commas.
fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().map(plain).filter(|word| !word.is_empty()).collect(),
        Some(Value::String(text)) => text::list(text),
        _ => Vec::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned())
}

/// Annotations have no author: they are the user's own.
fn remark(note: Annotation) -> Option<Remark> {
    let text = text::some(Some(note.description))?;
    Some(Remark { author: "taskwarrior".into(), at: note.entry.as_deref().and_then(text::instant), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_lines_read_alike() {
        let one = r#"{"uuid":"a","description":"Buy\tmilk","status":"waiting","entry":"20240101T000000Z","wait":"20240201T000000Z",
            "due":"20240301T000000Z","priority":"H","tags":["home"],"project":"Life","depends":["b"],
            "annotations":[{"entry":"20240102T000000Z","description":"2 %"}]}"#
            .replace('\n', " ");
        let lines = read("t", one.as_bytes()).expect("valid");
        let array = read("t", format!("[{one}]").as_bytes()).expect("valid");
        assert_eq!(lines, array);
        let task = &lines.incoming[0];
        assert_eq!(task.fields.title, "Buy\tmilk".replace('\t', " "));
        assert_eq!(task.fields.tags, ["home", "project:Life"]);
        assert_eq!(task.fields.not_before, text::instant("2024-02-01"));
        assert_eq!(task.fields.priority, Some(crate::domain::Priority::High));
        assert_eq!(task.remarks[0].text, "2 %");
        assert_eq!(task.waits[0].on, "b");
    }

    #[test]
    fn old_exports_write_dependencies_with_commas() {
        let batch = read("t", &br#"{"uuid":"a","description":"x","depends":"b,c"}"#[..]).expect("valid");
        assert_eq!(batch.incoming[0].waits.len(), 2);
    }

    #[test]
    fn templates_of_recurring_tasks_stay_out() {
        let batch = read("t", &br#"{"uuid":"a","description":"x","status":"recurring"}"#[..]).expect("valid");
        assert_eq!((batch.incoming.len(), batch.skipped.len()), (0, 1));
    }
}
