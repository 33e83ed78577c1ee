//! What a worker is told: the task with everything said about it, and what those before it handed over, as files.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

use super::roles::Role;
use super::workspace::Workspace;
use crate::domain::attempt::{Attempt, Outcome};
use crate::domain::task::ReviewStatus;
use crate::domain::{TaskId, TaskNumber};
use crate::store::view::{Link, TaskDetail};
use crate::store::{self, Now, Read};

/// File of the brief in the folder of a run; vayu writes it before anything else.
pub(super) const BRIEF: &str = "task.md";

/// Most bytes of one predecessor's hand-over.
const ONE_HAND_OVER: usize = 8 << 10;
/// Most bytes of all hand-overs together.
const ALL_HAND_OVERS: usize = 32 << 10;
/// Most bytes of the description, of all comments, and of the role's prompt in the text; the JSON has them whole.
const PASSAGE: usize = 128 << 10;

/// What a finished predecessor leaves to those who build on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HandOver {
    /// The predecessor.
    pub task_id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// Its title, shortened.
    pub title: String,
    /// What was done.
    pub summary: Option<String>,
    /// What the next one must know.
    pub hand_over: Option<String>,
    /// What is still open.
    pub open_points: Vec<String>,
    /// Results.
    pub artifacts: Vec<String>,
    /// Named results.
    pub outputs: std::collections::BTreeMap<String, Value>,
    /// The folder it was worked on in.
    pub workspace: Option<String>,
    /// True if something was left out for its size.
    pub cut: bool,
}

/// Everything a worker is told.
#[derive(Debug)]
pub struct Brief<'a> {
    /// The task.
    pub task: &'a TaskDetail,
    /// What its predecessors hand over.
    pub hand_overs: &'a [HandOver],
    /// The worker's role.
    pub role: Option<&'a Role>,
    /// Where it works.
    pub workspace: &'a Workspace,
    /// Which try this is, from 1.
    pub attempt: u32,
}

/// The files of a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// For reading.
    pub text: PathBuf,
    /// The same as one JSON value.
    pub json: PathBuf,
}

/// What the finished predecessors of a task hand over, nearest in size first, within bounds.
pub fn hand_overs(read: &dyn Read, task: &TaskDetail, now: &Now) -> store::Result<Vec<HandOver>> {
    let mut room = ALL_HAND_OVERS;
    let mut found = Vec::new();
    for link in &task.predecessors {
        let Some(detail) = read.task_detail(link.task_id, now)? else { continue };
        let hand_over = hand_over(link, &detail).within(room.min(ONE_HAND_OVER));
        room = room.saturating_sub(hand_over.size());
        found.push(hand_over);
    }
    Ok(found)
}

fn hand_over(link: &Link, detail: &TaskDetail) -> HandOver {
    let last = detail.attempts.iter().find(|attempt| attempt.outcome == Some(Outcome::Submitted));
    HandOver {
        task_id: link.task_id,
        number: link.number,
        title: link.title.clone(),
        summary: last.and_then(|attempt| attempt.summary.clone()),
        hand_over: last.and_then(|attempt| attempt.hand_over.clone()),
        open_points: last.map(|attempt| attempt.open_points.clone()).unwrap_or_default(),
        artifacts: detail.task.execution.artifacts.clone(),
        outputs: detail.task.execution.outputs.clone(),
        workspace: last.and_then(|attempt| attempt.workspace.clone()),
        cut: false,
    }
}

impl HandOver {
    fn size(&self) -> usize {
        let texts = [&self.summary, &self.hand_over].into_iter().flatten().map(String::len);
        let lists = self.open_points.iter().chain(&self.artifacts).map(String::len);
        let outputs = self.outputs.iter().map(|(name, value)| name.len() + value.to_string().len());
        texts.chain(lists).chain(outputs).sum()
    }

    /// The same in at most `room` bytes: what was said comes first, then lists, then outputs.
    fn within(mut self, room: usize) -> Self {
        if self.size() <= room {
            return self;
        }
        self.cut = true;
        let mut left = room;
        for text in [&mut self.hand_over, &mut self.summary].into_iter().flatten() {
            text.truncate(text.floor_char_boundary(left));
            left -= text.len();
        }
        for list in [&mut self.open_points, &mut self.artifacts] {
            list.retain(|item| take(&mut left, item.len()));
        }
        self.outputs.retain(|name, value| take(&mut left, name.len() + value.to_string().len()));
        self
    }
}

/// Takes `size` out of what is left, if it fits.
fn take(left: &mut usize, size: usize) -> bool {
    let fits = size <= *left;
    *left -= if fits { size } else { 0 };
    fits
}

impl Brief<'_> {
    /// Writes `task.md` and `task.json` into `folder`, readable for their owner only.
    pub fn write(&self, folder: &Path) -> io::Result<Files> {
        let files = Files { text: folder.join(BRIEF), json: folder.join("task.json") };
        write_private(&files.text, self.text().as_bytes())?;
        write_private(&files.json, &serde_json::to_vec_pretty(&self.json())?)?;
        Ok(files)
    }

    fn json(&self) -> Value {
        serde_json::json!({
            "task": self.task,
            "attempt": self.attempt,
            "hand_overs": self.hand_overs,
            "folder": self.workspace.folder,
            "branch": self.workspace.worktree.as_ref().map(|worktree| &worktree.branch),
            "base": self.workspace.worktree.as_ref().map(|worktree| &worktree.base),
            "remarks": self.workspace.remarks,
            "role": self.role.map(|role| serde_json::json!({ "name": role.name, "title": role.title, "prompt": role.prompt })),
        })
    }

    /// The brief for reading, as Markdown.
    pub fn text(&self) -> String {
        let task = &self.task.task;
        let mut text = format!("# {} {}\n\n", task.number, one_line(&task.title));
        let facts = [
            Some(format!("priority {}", task.priority)),
            task.deadline.map(|at| format!("wanted by {}", at.format("%Y-%m-%d %H:%M UTC"))),
            task.metadata.estimated_duration.map(|minutes| format!("estimated at {minutes} minutes")),
            (self.attempt > 1).then(|| format!("attempt {}", self.attempt)),
        ];
        push(&mut text, &facts.into_iter().flatten().collect::<Vec<_>>().join(", "));
        section(&mut text, "What is wanted", &task.description);
        list(&mut text, "Done when", task.acceptance.iter().map(|criterion| criterion.text.as_str()));
        self.judgement(&mut text);
        self.said(&mut text);
        self.handed_over(&mut text);
        self.tried(&mut text);
        list(&mut text, "Where you work", self.workspace.remarks.iter().map(String::as_str));
        if let Some(role) = self.role {
            section(&mut text, &format!("Your role: {}", role.title), &role.prompt);
        }
        text.push_str(HOW_TO_REPORT);
        text
    }

    fn judgement(&self, text: &mut String) {
        let sent_back = self.task.task.review.as_ref().filter(|review| review.status == ReviewStatus::Failed);
        if let Some(feedback) = sent_back.and_then(|review| review.feedback.as_deref()) {
            section(text, "Sent back with this feedback", feedback);
        }
    }

    fn said(&self, text: &mut String) {
        let said: Vec<String> = self
            .task
            .comments
            .iter()
            .map(|comment| {
                format!("{}, {}: {}", comment.author, comment.at.format("%Y-%m-%d %H:%M"), indented(&comment.text))
            })
            .collect();
        list(text, "Said about it", said.iter().map(String::as_str));
    }

    fn handed_over(&self, text: &mut String) {
        for hand_over in self.hand_overs {
            let mut parts: Vec<String> =
                [&hand_over.summary, &hand_over.hand_over].into_iter().flatten().cloned().collect();
            parts.extend(hand_over.open_points.iter().map(|point| format!("Still open: {point}")));
            parts.extend(hand_over.artifacts.iter().map(|artifact| format!("Result: {artifact}")));
            parts.extend(hand_over.outputs.iter().map(|(name, value)| format!("Output {name}: {value}")));
            parts.extend(hand_over.workspace.iter().map(|folder| format!("Worked on in {folder}")));
            if hand_over.cut {
                parts.push(format!("(shortened; all of it: `vayu task status {}`)", hand_over.number.0));
            }
            let title = format!("Finished before: {} {}", hand_over.number, one_line(&hand_over.title));
            section(text, &title, &parts.join("\n\n"));
        }
    }

    fn tried(&self, text: &mut String) {
        let tried: Vec<String> =
            self.task.attempts.iter().filter(|attempt| attempt.ended_at.is_some()).take(3).map(outcome_of).collect();
        section(text, "Tried before", &tried.join("\n\n"));
    }
}

/// How an earlier attempt ended, in words.
fn outcome_of(attempt: &Attempt) -> String {
    let outcome = attempt.outcome.map_or("open", Outcome::as_str);
    let mut text = format!("{}: {outcome}", attempt.started_at.format("%Y-%m-%d %H:%M"));
    for said in [&attempt.summary, &attempt.hand_over].into_iter().flatten() {
        text.push_str(". ");
        text.push_str(&one_line(said));
    }
    for line in &attempt.last_lines {
        text.push_str("\n    ");
        text.push_str(line);
    }
    text
}

fn section(text: &mut String, title: &str, body: &str) {
    let body = body.trim();
    if body.is_empty() {
        return;
    }
    let end = body.floor_char_boundary(PASSAGE);
    let cut = if end < body.len() { "\n\n(shortened; all of it is in task.json)" } else { "" };
    push(text, &format!("## {title}\n\n{}{cut}", &body[..end]));
}

fn list<'a>(text: &mut String, title: &str, items: impl Iterator<Item = &'a str>) {
    let mut body = String::new();
    for item in items {
        // Writing to a string does not fail.
        let _ = writeln!(body, "- {item}");
    }
    section(text, title, &body);
}

fn push(text: &mut String, paragraph: &str) {
    text.push_str(paragraph);
    text.push_str("\n\n");
}

fn one_line(text: &str) -> String {
    crate::text::clip(text, 500)
}

fn indented(text: &str) -> String {
    text.trim().replace('\n', "\n  ")
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

const HOW_TO_REPORT: &str = "## How to report

Print lines like these to standard output, each on a line of its own:

    ::vayu progress 40 running the tests
    ::vayu summary what was done, in a sentence
    ::vayu handover what the next one must know
    ::vayu open something that is still open
    ::vayu artifact path/to/result
    ::vayu output name=value
    ::vayu block input the question that only a human can answer
    ::vayu fail why it cannot be done

Exit code 0 hands the work in, 75 says that a quota is used up, any other code says that this attempt failed.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn hand_over(text: &str) -> HandOver {
        HandOver {
            task_id: TaskId(uuid::Uuid::nil()),
            number: TaskNumber(1),
            title: "one".into(),
            summary: Some(text.into()),
            hand_over: Some(text.into()),
            open_points: vec![text.into()],
            artifacts: vec![text.into()],
            outputs: [("name".to_owned(), Value::String(text.into()))].into(),
            workspace: None,
            cut: false,
        }
    }

    #[test]
    fn what_fits_is_handed_over_whole() {
        let whole = hand_over("short");
        assert_eq!(whole.clone().within(1000), whole);
    }

    #[test]
    fn what_does_not_fit_is_cut_at_a_character_and_says_so() {
        for room in [0, 1, 100, 1001, 2000, 5000] {
            let cut = hand_over(&"ü".repeat(1000)).within(room);
            assert!(cut.cut && cut.size() <= room, "{room}: {}", cut.size());
        }
        let cut = hand_over(&"x".repeat(1000)).within(1500);
        assert_eq!(cut.hand_over.map(|text| text.len()), Some(1000));
        assert_eq!(cut.summary.map(|text| text.len()), Some(500));
    }
}
