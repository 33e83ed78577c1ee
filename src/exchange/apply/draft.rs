//! An incoming task as the board's own record.

use std::collections::{BTreeMap, HashMap};

use crate::domain::task::{
    Assignment, AssignmentMethod, Blocker, BlockerKind, Category, Dependencies, Execution, External, Metadata,
    Requester, Requirements,
};
use crate::domain::{ActorKind, AgentId, Priority, Status, Task, TaskId, TaskKind, TaskNumber, Timestamp};
use crate::exchange::incoming::{Fields, State};
use crate::exchange::order::Placed;

/// What all tasks of an import have in common, and the whole of this one.
pub struct Frame<'a> {
    pub kind: &'static str,
    pub now: Timestamp,
    pub ready: bool,
    pub agents: &'a HashMap<String, AgentId>,
    pub parent: Option<TaskId>,
}

/// The record of a task that is new here; its edges and its origin are added by the caller.
pub fn task(placed: &Placed, id: TaskId, number: TaskNumber, frame: &Frame) -> Task {
    let fields = &placed.incoming.fields;
    let created_at = fields.created_at.unwrap_or(frame.now).min(frame.now);
    let status = status(placed, frame.ready);
    let blocker = (status == Status::Blocked).then(|| Blocker {
        kind: BlockerKind::Input,
        reason: blocked_because(fields),
        since: frame.now,
        count: 1,
        shelved: false,
    });
    let mut task = Task {
        task_id: id,
        number,
        rev: 0,
        title: fields.title.clone(),
        description: fields.description.clone().unwrap_or_default(),
        kind: fields.kind.unwrap_or(TaskKind::UserRequest),
        level: placed.level,
        parent_id: frame.parent,
        category: fields.category.unwrap_or(Category::Execution),
        status,
        priority: fields.priority.unwrap_or(Priority::Normal),
        created_at,
        updated_at: frame.now,
        deadline: fields.deadline,
        not_before: fields.not_before,
        acceptance: fields.acceptance.clone(),
        requester: requester(placed, frame.kind),
        requirements: requirements(fields),
        assignment: None,
        dependencies: Dependencies::default(),
        execution: Execution { started_at: fields.started_at, ..Execution::default() },
        review: None,
        metadata: metadata(fields),
        sprint_id: None,
        carry: None,
        milestone_id: fields.milestone.clone(),
        workflow_id: None,
        blocker,
        last_blocker: None,
        retry_at: None,
        queued_at: None,
        admission: None,
        expedite: false,
        archived_at: None,
        claim: None,
        epoch: 0,
        external: None,
    };
    if status.is_closed() {
        close(&mut task, fields, frame.now);
        task.assignment = credit(fields, frame.agents, created_at);
    }
    task
}

fn status(placed: &Placed, ready: bool) -> Status {
    match placed.incoming.fields.state {
        State::Done => Status::Completed,
        State::Dropped => Status::Cancelled,
        State::Blocked => Status::Blocked,
        State::Open if ready && placed.level == crate::domain::Level::Task => Status::Queued,
        State::Open => Status::Created,
    }
}

/// What holds a blocked task up.
pub fn blocked_because(fields: &Fields) -> String {
    fields.blocked_because.clone().unwrap_or_else(|| "blocked where it comes from".into())
}

fn close(task: &mut Task, fields: &Fields, now: Timestamp) {
    task.execution.ended_at = Some(fields.ended_at.unwrap_or(now).min(now));
    task.execution.progress = if task.status == Status::Completed { 100 } else { 0 };
    let outputs = fields.outputs.iter().map(|(name, text)| (name.clone(), text.clone().into()));
    task.execution.outputs.extend(outputs);
}

/// The record as it would be after the source's last step; the domain takes from it what ended or began again.
pub fn close_or_open(task: &mut Task, fields: &Fields, now: Timestamp) {
    task.status = match fields.state {
        State::Done => Status::Completed,
        State::Dropped => Status::Cancelled,
        State::Open | State::Blocked => Status::Created,
    };
    if task.status.is_closed() {
        close(task, fields, now);
    }
}

/// Who finished it there, if the board knows an agent of that name.
fn credit(fields: &Fields, agents: &HashMap<String, AgentId>, created_at: Timestamp) -> Option<Assignment> {
    let mut known = fields.assignees.iter().filter_map(|name| agents.get(name)).copied();
    Some(Assignment {
        primary_agent: known.next()?,
        collaborators: known.collect(),
        assigned_at: fields.started_at.unwrap_or(created_at),
        assignment_method: AssignmentMethod::Assigned,
        pattern: None,
        why: None,
    })
}

fn requester(placed: &Placed, kind: &str) -> Requester {
    let task = &placed.incoming;
    let mut context = vec![format!("{} in {kind}", task.key)];
    if !task.fields.assignees.is_empty() {
        context.push(format!("assigned to {} there", task.fields.assignees.join(", ")));
    }
    context.extend(task.fields.notes.iter().cloned());
    let (kind, id) = match &task.fields.asker {
        Some(asker) => (asker.kind, asker.name.clone()),
        None => (ActorKind::System, kind.to_owned()),
    };
    Requester { kind, id, context: Some(context.join("; ")) }
}

/// Skills and roles, as far as the source names any.
pub fn requirements(fields: &Fields) -> Requirements {
    let capabilities: BTreeMap<String, u8> = fields.skills.clone();
    Requirements { capabilities, roles: fields.roles.clone(), team_size: 1, ..Requirements::default() }
}

fn metadata(fields: &Fields) -> Metadata {
    Metadata {
        estimated_duration: fields.estimate,
        story_points: points(fields),
        complexity: fields.complexity,
        tags: tags(fields),
        ..Metadata::default()
    }
}

/// Points that the board can hold.
pub fn points(fields: &Fields) -> Option<f64> {
    fields.points.filter(|points| (0.0..=10_000.0).contains(points))
}

/// Labels, and who has it there as `@name`, so that a filter finds it.
pub fn tags(fields: &Fields) -> Vec<String> {
    let mut tags = Vec::new();
    for tag in fields.tags.iter().cloned().chain(fields.assignees.iter().map(|name| format!("@{name}"))) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// Where it comes from.
pub fn external(kind: &str, placed: &Placed, seen: String) -> External {
    let (key, url) = (placed.incoming.key.clone(), placed.incoming.fields.url.clone());
    External { source: kind.to_owned(), key, url, seen }
}
