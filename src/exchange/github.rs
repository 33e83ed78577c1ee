//! GitHub issues as `gh issue list --json …` or the REST interface prints them: an array, or one object per line.

use std::io::BufRead;

use serde::Deserialize;

use super::incoming::{Asker, Batch, Incoming, Remark, State};
use super::source::ReadError;
use super::{Kind, json, text};
use crate::domain::{ActorKind, Priority};

/// One issue; REST names are aliases.
#[derive(Deserialize)]
struct Issue {
    number: Option<u64>,
    #[serde(default)]
    title: String,
    body: Option<String>,
    state: Option<String>,
    #[serde(alias = "state_reason", rename = "stateReason")]
    state_reason: Option<String>,
    labels: Option<Vec<Label>>,
    assignees: Option<Vec<User>>,
    #[serde(alias = "user")]
    author: Option<User>,
    milestone: Option<Milestone>,
    #[serde(alias = "created_at", rename = "createdAt")]
    created_at: Option<String>,
    #[serde(alias = "closed_at", rename = "closedAt")]
    closed_at: Option<String>,
    /// The REST interface puts the address of its own resource into `url`.
    html_url: Option<String>,
    url: Option<String>,
    #[serde(default)]
    comments: Comments,
    pull_request: Option<serde::de::IgnoredAny>,
}

/// A label, as an object or by its bare name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Label {
    Named { name: String },
    Bare(String),
}

#[derive(Deserialize)]
struct User {
    login: Option<String>,
    #[serde(alias = "isBot", default)]
    is_bot: bool,
}

#[derive(Deserialize)]
struct Milestone {
    title: Option<String>,
}

/// The comments themselves (`gh`), or only their number (REST).
#[derive(Deserialize)]
#[serde(untagged)]
enum Comments {
    All(Vec<Said>),
    Other(serde::de::IgnoredAny),
}

impl Default for Comments {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

#[derive(Deserialize)]
struct Said {
    #[serde(alias = "user")]
    author: Option<User>,
    #[serde(default)]
    body: String,
    #[serde(alias = "created_at", rename = "createdAt")]
    created_at: Option<String>,
}

/// Reads GitHub issues; pull requests are left out.
///
/// # Errors
/// When the stream fails, or the array cannot be read to its end.
pub fn read(name: &str, input: impl BufRead) -> Result<Batch, ReadError> {
    let mut batch = Batch::new(Kind::Github);
    json::each_entry(name, input, |line, entry: Result<Issue, String>| match entry {
        Err(reason) => batch.skip(line, "issue", reason),
        Ok(issue) => take(&mut batch, name, line, issue),
    })?;
    adopt(&mut batch);
    Ok(batch)
}

fn take(batch: &mut Batch, name: &str, line: usize, issue: Issue) {
    let Some(number) = issue.number else {
        return batch.skip(line, "issue", "it has no `number`; ask gh for it: --json number,title,…");
    };
    if issue.title.trim().is_empty() {
        return batch.skip(line, format!("#{number}"), "it has no `title`");
    }
    let address = issue.html_url.as_deref().or(issue.url.as_deref()).unwrap_or_default();
    if issue.pull_request.is_some() || address.contains("/pull/") {
        return batch.skip(line, format!("#{number}"), "it is a pull request");
    }
    let home = home(address).unwrap_or_else(|| name.to_owned());
    batch.incoming.push(incoming(line, number, &home, issue));
}

/// `owner/name` of an issue's address, which keeps the issues of two repositories apart.
fn home(address: &str) -> Option<String> {
    let path = address.split_once("://")?.1;
    let mut parts = path.split('/').skip(1).skip_while(|part| matches!(*part, "repos" | "api" | "v3"));
    let (owner, name) = (parts.next()?, parts.next()?);
    (!owner.is_empty() && !name.is_empty()).then(|| format!("{owner}/{name}"))
}

fn incoming(line: usize, number: u64, home: &str, issue: Issue) -> Incoming {
    let mut task = Incoming::new(format!("{home}#{number}"), line, text::one_line(&issue.title));
    let body = issue.body.unwrap_or_default().replace("\r\n", "\n");
    let labels: Vec<String> = issue.labels.unwrap_or_default().into_iter().map(Label::name).collect();
    task.fields.priority = labels.iter().find_map(|label| priority(label));
    task.fields.kind = labels.iter().find_map(|label| text::task_kind(bare(label)));
    task.fields.group = labels.iter().any(|label| text::is_group(bare(label)));
    task.fields.tags = labels;
    task.fields.asker = issue.author.and_then(asker);
    task.fields.assignees = issue.assignees.unwrap_or_default().into_iter().filter_map(|user| user.login).collect();
    task.fields.milestone = issue.milestone.and_then(|milestone| text::some(milestone.title));
    task.fields.created_at = issue.created_at.as_deref().and_then(text::instant);
    task.fields.ended_at = issue.closed_at.as_deref().and_then(text::instant);
    task.fields.url = text::some(issue.html_url).or(text::some(issue.url));
    task.fields.state = match (issue.state.as_deref(), issue.state_reason.as_deref()) {
        (Some("CLOSED" | "closed"), Some("NOT_PLANNED" | "not_planned" | "DUPLICATE" | "duplicate")) => State::Dropped,
        (Some("CLOSED" | "closed"), _) => State::Done,
        _ => State::Open,
    };
    for on in blockers(&body) {
        task.wait_for(format!("{home}#{on}"));
    }
    task.mentions = parts(&body).map(|part| (PART.to_owned(), format!("{home}#{part}"))).collect();
    task.fields.description = Some(body);
    if let Comments::All(said) = issue.comments {
        task.remarks = said.into_iter().filter_map(remark).collect();
    }
    task
}

impl Label {
    fn name(self) -> String {
        match self {
            Self::Named { name } | Self::Bare(name) => name,
        }
    }
}

/// `type: bug` and `kind/bug` say `bug`.
fn bare(label: &str) -> &str {
    label.rsplit([':', '/']).next().unwrap_or(label).trim()
}

/// A label that plainly speaks of urgency: `P1`, `priority: high`, `urgent`; not `low hanging fruit`, not `major`.
pub(super) fn priority(label: &str) -> Option<Priority> {
    let word = label.trim().to_ascii_lowercase();
    let plain = matches!(word.as_str(), "p0" | "p1" | "p2" | "p3" | "p4" | "urgent" | "critical" | "blocker");
    let named = word.starts_with("priority") || word.starts_with("prio");
    (plain || named).then(|| text::priority(&word).or_else(|| text::priority(bare(&word)))).flatten()
}

fn asker(user: User) -> Option<Asker> {
    let kind = if user.is_bot { ActorKind::System } else { ActorKind::Human };
    Some(Asker { kind, name: text::some(user.login)? })
}

fn remark(said: Said) -> Option<Remark> {
    let author = said.author.and_then(|user| text::some(user.login)).unwrap_or_else(|| "ghost".into());
    let text = text::some(Some(said.body.replace("\r\n", "\n")))?;
    Some(Remark { author, at: said.created_at.as_deref().and_then(text::instant), text })
}

/// Numbers on lines that begin with `Blocked by` or `Depends on`.
pub(super) fn blockers(body: &str) -> Vec<u64> {
    let mut found = Vec::new();
    for line in body.lines() {
        let line = line.trim_start_matches([' ', '-', '*', '>']).to_ascii_lowercase();
        let rest = ["blocked by", "depends on"].iter().find_map(|words| line.strip_prefix(words));
        for number in rest.map(numbers).unwrap_or_default() {
            if !found.contains(&number) {
                found.push(number);
            }
        }
    }
    found
}

/// All `#12` in a text.
fn numbers(text: &str) -> Vec<u64> {
    text.split('#').skip(1).filter_map(leading_number).collect()
}

fn leading_number(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok()
}

/// The link of a task list entry, until [`adopt`] has seen whether its issue is in the file.
const PART: &str = "part";

/// Issues that a task list names as entries of their own: `- [ ] #12`.
fn parts(body: &str) -> impl Iterator<Item = u64> {
    body.lines().filter_map(|line| {
        let line = line.trim_start().strip_prefix(['-', '*', '+'])?.trim_start();
        let rest = ["[ ]", "[x]", "[X]"].iter().find_map(|mark| line.strip_prefix(mark))?.trim();
        let number = leading_number(rest.strip_prefix('#')?)?;
        Some(number)
    })
}

/// Makes what task lists name into parts of the issue whose list it is; the first list that names an issue has it.
fn adopt(batch: &mut Batch) {
    let index: std::collections::HashMap<String, usize> =
        batch.incoming.iter().enumerate().map(|(at, task)| (task.key.clone(), at)).collect();
    for at in 0..batch.incoming.len() {
        let whole = batch.incoming[at].key.clone();
        for (_, part) in std::mem::take(&mut batch.incoming[at].mentions) {
            if let Some(part) = index.get(&part).filter(|part| **part != at).map(|part| &mut batch.incoming[*part])
                && part.parent.is_none()
            {
                part.parent = Some(whole.clone());
                part.parent_named = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"[
      {"number": 7, "title": "Sign in", "body": "Depends on #8, #9\r\n- [ ] #8\n- [x] done already", "state": "OPEN",
       "labels": [{"name": "priority: high"}, {"name": "bug"}], "assignees": [{"login": "ana"}],
       "author": {"login": "bob"}, "milestone": {"title": "v1"}, "createdAt": "2024-01-01T00:00:00Z",
       "closedAt": null, "url": "https://github.com/acme/shop/issues/7",
       "comments": [{"author": {"login": "eve"}, "body": "me too", "createdAt": "2024-01-02T00:00:00Z"}]},
      {"number": 8, "title": "Schema", "body": null, "state": "CLOSED", "labels": ["P0"], "assignees": [],
       "url": "https://github.com/acme/shop/issues/8", "closedAt": "2024-02-01T00:00:00Z", "comments": []},
      {"number": 9, "title": "A change", "url": "https://github.com/acme/shop/pull/9"}
    ]"#;

    #[test]
    fn issues_come_in_with_their_links_and_pull_requests_stay_out() {
        let batch = read("i.json", TWO.as_bytes()).expect("valid");
        assert_eq!(batch.incoming.len(), 2);
        let (first, second) = (&batch.incoming[0], &batch.incoming[1]);
        assert_eq!(first.key, "acme/shop#7");
        assert_eq!(first.fields.priority, Some(Priority::High));
        assert_eq!(first.fields.milestone.as_deref(), Some("v1"));
        assert_eq!(first.waits.iter().map(|w| w.on.as_str()).collect::<Vec<_>>(), ["acme/shop#8", "acme/shop#9"]);
        assert_eq!(first.remarks[0].text, "me too");
        assert_eq!(second.fields.state, State::Done);
        assert_eq!(second.fields.priority, Some(Priority::Critical));
        assert_eq!(second.parent.as_deref(), Some("acme/shop#7"));
        assert_eq!((batch.skipped[0].line, batch.skipped[0].reason.as_str()), (9, "it is a pull request"));
    }

    #[test]
    fn the_rest_interface_serves_as_well() {
        let text = r#"[{"number":3,"title":"T","state":"closed","state_reason":"not_planned","user":{"login":"x"},
            "html_url":"https://github.com/a/b/issues/3","url":"https://api.github.com/repos/a/b/issues/3","comments":4}]"#;
        let batch = read("i.json", text.as_bytes()).expect("valid");
        assert_eq!(batch.incoming[0].key, "a/b#3");
        assert_eq!(batch.incoming[0].fields.state, State::Dropped);
        assert_eq!(batch.incoming[0].remarks, []);
    }

    #[test]
    fn a_label_must_speak_of_urgency_to_set_it() {
        assert_eq!(priority("low hanging fruit"), None);
        assert_eq!(priority("major"), None);
        assert_eq!(priority("priority/critical"), Some(Priority::Critical));
        assert_eq!(priority("Priority: Low"), Some(Priority::Low));
    }
}
