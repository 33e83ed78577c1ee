//! beads: one JSON issue per line, or the array that its list command prints.

use std::io::BufRead;

use serde::Deserialize;
use serde_json::Value;

use super::incoming::{Asker, Batch, Incoming, Remark, State};
use super::source::ReadError;
use super::{Kind, json, text};
use crate::domain::ActorKind;

/// One issue as beads writes it; what is not listed here says nothing about the work.
#[derive(Deserialize)]
struct Issue {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    description: Option<String>,
    design: Option<String>,
    notes: Option<String>,
    acceptance_criteria: Option<String>,
    status: Option<String>,
    priority: Option<Value>,
    #[serde(rename = "issue_type")]
    kind: Option<String>,
    assignee: Option<String>,
    created_by: Option<String>,
    estimated_minutes: Option<u32>,
    created_at: Option<String>,
    closed_at: Option<String>,
    close_reason: Option<String>,
    due_at: Option<String>,
    defer_until: Option<String>,
    external_ref: Option<String>,
    labels: Option<Vec<String>>,
    parent: Option<String>,
    dependencies: Option<Vec<Link>>,
    comments: Option<Vec<Said>>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    depends_on_id: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    author: Option<String>,
    created_at: Option<String>,
    #[serde(default)]
    text: String,
}

/// Reads a beads file.
///
/// # Errors
/// When the stream fails, or an array cannot be read to its end.
pub fn read(name: &str, input: impl BufRead) -> Result<Batch, ReadError> {
    let mut batch = Batch::new(Kind::Beads);
    json::each_entry(name, input, |line, entry: Result<Issue, String>| match entry {
        Err(reason) => batch.skip(line, "issue", reason),
        Ok(issue) => take(&mut batch, line, issue),
    })?;
    Ok(batch)
}

fn take(batch: &mut Batch, line: usize, issue: Issue) {
    if issue.id.trim().is_empty() {
        return batch.skip(line, "issue", "it has no `id`");
    }
    if issue.title.trim().is_empty() {
        return batch.skip(line, issue.id, "it has no `title`");
    }
    if issue.status.as_deref() == Some("tombstone") {
        return batch.skip(line, issue.id, "it was deleted there");
    }
    batch.incoming.push(incoming(line, issue));
}

fn incoming(line: usize, issue: Issue) -> Incoming {
    let mut task = Incoming::new(issue.id.trim(), line, text::one_line(&issue.title));
    let kind = issue.kind.as_deref().unwrap_or("task");
    task.fields.description = Some(describe(&issue));
    task.fields.kind = text::task_kind(kind);
    task.fields.group = text::is_group(kind);
    task.fields.priority = issue.priority.as_ref().and_then(priority);
    task.fields.acceptance = issue.acceptance_criteria.as_deref().map(text::criteria).unwrap_or_default();
    task.fields.estimate = issue.estimated_minutes.filter(|minutes| *minutes > 0);
    task.fields.asker = text::some(issue.created_by).map(|name| Asker { kind: ActorKind::System, name });
    task.fields.assignees = text::some(issue.assignee).into_iter().collect();
    task.fields.tags = tags(kind, issue.labels.unwrap_or_default());
    task.fields.created_at = issue.created_at.as_deref().and_then(text::instant);
    task.fields.ended_at = issue.closed_at.as_deref().and_then(text::instant);
    task.fields.deadline = issue.due_at.as_deref().and_then(text::instant).map(text::until_its_end);
    task.fields.not_before = issue.defer_until.as_deref().and_then(text::instant);
    stand(&mut task, issue.status.as_deref().unwrap_or("open"));
    if let Some(reason) = text::some(issue.close_reason).filter(|_| task.fields.state == State::Done) {
        task.fields.outputs.insert("close_reason".into(), reason);
    }
    match text::some(issue.external_ref) {
        Some(address) if address.contains("://") => task.fields.url = Some(address),
        Some(name) => task.fields.notes.push(format!("known elsewhere as {name}")),
        None => {}
    }
    link(&mut task, text::some(issue.parent), issue.dependencies.unwrap_or_default());
    task.remarks = issue.comments.unwrap_or_default().into_iter().filter_map(remark).collect();
    task
}

/// Description, design and notes as one text.
fn describe(issue: &Issue) -> String {
    let mut whole = issue.description.clone().unwrap_or_default().trim_end().to_owned();
    for (head, part) in [("Design", &issue.design), ("Notes", &issue.notes)] {
        if let Some(part) = text::some(part.clone()) {
            if !whole.is_empty() {
                whole.push_str("\n\n");
            }
            whole.extend(["## ", head, "\n", &part]);
        }
    }
    whole
}

/// 0 to 4 from most to least urgent, sometimes as a word.
fn priority(value: &Value) -> Option<crate::domain::Priority> {
    match value {
        Value::Number(number) => text::priority(&number.to_string()),
        Value::String(word) => text::priority(word),
        _ => None,
    }
}

/// Labels, and the issue type where it says more than `task`.
fn tags(kind: &str, labels: Vec<String>) -> Vec<String> {
    let plain = matches!(kind, "task" | "epic" | "");
    let mut tags = labels;
    if !plain && !tags.iter().any(|tag| tag == kind) {
        tags.push(kind.to_owned());
    }
    tags
}

fn stand(task: &mut Incoming, status: &str) {
    match status {
        "closed" | "done" => task.fields.state = State::Done,
        "blocked" => {
            task.fields.state = State::Blocked;
            task.fields.blocked_because = Some("blocked in beads".into());
        }
        "open" => {}
        other => task.fields.notes.push(format!("{other} there")),
    }
}

fn link(task: &mut Incoming, parent: Option<String>, links: Vec<Link>) {
    task.parent_named = parent.is_some();
    task.parent = parent;
    for link in links {
        let on = link.depends_on_id.trim().to_owned();
        match link.kind.as_deref().unwrap_or("blocks") {
            "blocks" | "waits-for" => task.wait_for(on),
            "parent-child" => adopt(task, on),
            other => task.mentions.push((other.to_owned(), on)),
        }
    }
    if task.parent.is_none() {
        task.parent = task.key.rsplit_once('.').map(|(whole, _)| whole.to_owned());
    }
}

/// The first parent stands; a second one can only be told.
fn adopt(task: &mut Incoming, parent: String) {
    match &task.parent {
        Some(first) if *first != parent => {
            task.warnings.push(format!("is a part of {first} and of {parent}; the first was taken"));
        }
        _ => task.parent = Some(parent),
    }
    task.parent_named = true;
}

fn remark(said: Said) -> Option<Remark> {
    let text = text::some(Some(said.text))?;
    let author = text::some(said.author).unwrap_or_else(|| "unknown".into());
    Some(Remark { author, at: said.created_at.as_deref().and_then(text::instant), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Incoming {
        let batch = read("x.jsonl", line.as_bytes()).expect("lines never fail as a whole");
        assert_eq!(batch.skipped, []);
        batch.incoming.into_iter().next().expect("one issue")
    }

    #[test]
    fn every_field_of_an_issue_is_kept() {
        let task = one(
            r#"{"id":"bd-1.2","title":"T","description":"D","design":"how","notes":"n","acceptance_criteria":"- fast\n- safe",
            "status":"closed","priority":0,"issue_type":"bug","assignee":"ana","created_by":"mayor","estimated_minutes":90,
            "created_at":"2024-01-01T00:00:00Z","closed_at":"2024-01-02T00:00:00Z","close_reason":"merged","labels":["ui"],
            "external_ref":"gh-9","comments":[{"id":1,"author":"bob","text":"hm","created_at":"2024-01-01T10:00:00Z"}],
            "dependencies":[{"issue_id":"bd-1.2","depends_on_id":"bd-3","type":"blocks"},
            {"issue_id":"bd-1.2","depends_on_id":"bd-4","type":"discovered-from"}]}"#
                .replace('\n', " ")
                .as_str(),
        );
        assert_eq!(task.fields.description.as_deref(), Some("D\n\n## Design\nhow\n\n## Notes\nn"));
        assert_eq!(task.fields.acceptance.len(), 2);
        assert_eq!(task.fields.state, State::Done);
        assert_eq!(task.fields.priority, Some(crate::domain::Priority::Critical));
        assert_eq!(task.fields.tags, ["ui", "bug"]);
        assert_eq!(task.fields.outputs["close_reason"], "merged");
        assert_eq!(task.parent.as_deref(), Some("bd-1"));
        assert_eq!(task.waits[0].on, "bd-3");
        assert_eq!(task.mentions, [("discovered-from".to_owned(), "bd-4".to_owned())]);
        assert_eq!(task.remarks[0].author, "bob");
    }

    #[test]
    fn a_named_parent_beats_the_one_in_the_id() {
        let task = one(r#"{"id":"a-1.1","title":"T","dependencies":[{"depends_on_id":"b-7","type":"parent-child"}]}"#);
        assert_eq!(task.parent.as_deref(), Some("b-7"));
        assert!(task.parent_named);
    }

    #[test]
    fn bad_lines_are_named_and_the_rest_comes_in() {
        let text = "{\"id\":\"a\",\"title\":\"A\"}\n{oops}\n{\"id\":\"b\"}\n{\"id\":\"c\",\"title\":\"C\",\"status\":\"tombstone\"}\n";
        let batch = read("x.jsonl", text.as_bytes()).expect("lines never fail as a whole");
        assert_eq!(batch.incoming.len(), 1);
        let reasons: Vec<_> = batch.skipped.iter().map(|s| (s.line, s.reason.as_str())).collect();
        assert_eq!(
            reasons,
            [(2, "column 2: key must be a string"), (3, "it has no `title`"), (4, "it was deleted there")]
        );
    }
}
