//! Which fields of a task have changed at its source since the last import, told by fingerprints.

use crate::domain::command::TaskField;
use crate::domain::{Level, Task, TaskId};
use crate::exchange::incoming::State;
use crate::exchange::order::Placed;
use crate::store::Result;
use crate::text;

use super::board::Row;
use super::draft;

/// Name of the fingerprint of a task's edges.
pub const WAITS: &str = "waits";

/// Name of the fingerprint of what holds a blocked task up.
const BECAUSE: &str = "because";

/// Whether this is what held the task up at its source.
pub fn is_blocker(seen: &str, reason: &str) -> bool {
    find(seen, BECAUSE) == Some(&hash(reason.as_bytes()))
}

/// Fingerprints of all that the source says: its state, then `name=hash` for every field it fills.
pub fn fingerprint(placed: &Placed, parent: Option<TaskId>, waits: &[TaskId]) -> String {
    let mut seen = state_word(placed.incoming.fields.state).to_owned();
    for field in said(placed, parent) {
        if let (name, Some(hash)) = print_of(&field) {
            seen.extend([" ", &name, "=", &hash]);
        }
    }
    if placed.incoming.fields.state == State::Blocked {
        seen.extend([" ", BECAUSE, "=", &hash(draft::blocked_because(&placed.incoming.fields).as_bytes())]);
    }
    if !waits.is_empty() {
        let mut waits: Vec<String> = waits.iter().map(ToString::to_string).collect();
        waits.sort_unstable();
        seen.extend([" ", WAITS, "=", &hash(waits.join(" ").as_bytes())]);
    }
    seen
}

/// The fields that the source has something to say about, with its values.
fn said(placed: &Placed, parent: Option<TaskId>) -> Vec<TaskField> {
    let fields = &placed.incoming.fields;
    let mut said = vec![TaskField::Title(fields.title.clone()), TaskField::Level(placed.level)];
    said.extend(fields.description.clone().map(TaskField::Description));
    said.extend(fields.kind.map(TaskField::Type));
    said.extend(fields.category.map(TaskField::Category));
    said.extend(fields.priority.map(TaskField::Priority));
    said.extend(fields.complexity.map(|complexity| TaskField::Complexity(Some(complexity))));
    said.extend([
        TaskField::Parent(parent),
        TaskField::Deadline(fields.deadline),
        TaskField::NotBefore(fields.not_before),
        TaskField::Acceptance(fields.acceptance.clone()),
        TaskField::Estimate(fields.estimate),
        TaskField::Points(draft::points(fields)),
        TaskField::Tags(draft::tags(fields)),
        TaskField::Milestone(fields.milestone.clone()),
    ]);
    if !fields.skills.is_empty() || !fields.roles.is_empty() {
        said.push(TaskField::Requirements(draft::requirements(fields)));
    }
    said
}

/// A field's name, and the hash of its value unless that is empty.
fn print_of(field: &TaskField) -> (String, Option<String>) {
    let json = serde_json::to_value(field).unwrap_or_default();
    let name = json["field"].as_str().unwrap_or_default().to_owned();
    let value = &json["value"];
    let empty =
        value.is_null() || value.as_str().is_some_and(str::is_empty) || value.as_array().is_some_and(Vec::is_empty);
    (name, (!empty).then(|| hash(value.to_string().as_bytes())))
}

/// Six hex digits: a change goes unseen once in sixteen million.
fn hash(bytes: &[u8]) -> String {
    format!("{:06x}", text::fingerprint(bytes) & 0xff_ffff)
}

fn find<'a>(seen: &'a str, name: &str) -> Option<&'a str> {
    seen.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

/// Whether the part `name` of two fingerprints differs.
pub fn differs(before: &str, now: &str, name: &str) -> bool {
    find(before, name) != find(now, name)
}

fn state_word(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Blocked => "blocked",
        State::Done => "done",
        State::Dropped => "dropped",
    }
}

/// The state that a fingerprint holds.
pub fn state_of(seen: &str) -> Option<State> {
    let word = seen.split(' ').next()?;
    [State::Open, State::Blocked, State::Done, State::Dropped].into_iter().find(|state| state_word(*state) == word)
}

/// What is to be edited here.
pub fn changes(placed: &Placed, parent: Option<TaskId>, known: &Row, seen: &str) -> Vec<TaskField> {
    let changed = |field: &TaskField| match field {
        // Parts make a task a package, whoever made it a task; what has lost its parts stays what it is.
        TaskField::Level(level) => {
            !known.held && *level != Level::Task && (known.level == Level::Task || differs(&known.seen, seen, "level"))
        }
        field => differs(&known.seen, seen, &print_of(field).0),
    };
    said(placed, parent).into_iter().filter(changed).collect()
}

/// The source knows skills and roles only; what else the board requires stays.
pub fn keep_other_requirements(changes: &mut [TaskField], task: impl Fn() -> Result<Option<Task>>) -> Result<()> {
    for change in changes {
        if let TaskField::Requirements(needs) = change
            && let Some(task) = task()?
        {
            let (capabilities, roles) = (needs.capabilities.clone(), needs.roles.clone());
            *needs = crate::domain::task::Requirements { capabilities, roles, ..task.requirements };
        }
    }
    Ok(())
}

/// Whether a change puts the task under a whole.
pub fn sets_parent(change: &TaskField) -> bool {
    matches!(change, TaskField::Parent(Some(_)))
}
