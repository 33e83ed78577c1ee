//! The end of a plan: the commands that make it so, to be submitted as one change and taken back by one undo.

use std::collections::{BTreeMap, BTreeSet};

use super::{Draft, Outlook};
use crate::domain::command::{NewSprint, TaskField};
use crate::domain::sprint::{Allotment, Layout};
use crate::domain::task::Dependency;
use crate::domain::{Command, TaskId};
use crate::plan::breakdown::Piece;
use crate::plan::capacity::Source;

/// The sprint, its new tasks with what holds them together, the picks and sizes of the backlog, who does what when, and,
/// if `start`, the start. New tasks that are not picked are not written down; what waited for them waits for what they waited for.
pub fn commands(draft: &Draft, outlook: &Outlook, start: bool) -> Vec<Command> {
    let mut commands = vec![Command::CreateSprint(Box::new(sprint(draft, outlook.capacity.minutes)))];
    commands.extend(new_tasks(draft));
    commands.extend(edits(draft));
    let layout = Box::new(layout(draft, outlook));
    commands.push(Command::SetPlan { sprint_id: draft.sprint_id, layout });
    if start {
        commands.push(Command::StartSprint { sprint_id: draft.sprint_id });
    }
    commands
}

/// The schedule, with what nobody committed to and what was said about everybody's time.
fn layout(draft: &Draft, outlook: &Outlook) -> Layout {
    let mut allotted = draft.by_hand.clone();
    for share in outlook.capacity.agents.iter().filter(|share| share.source == Source::Carried) {
        let (review, answers) = (Some(share.review_minutes), Some(share.answer_minutes));
        allotted.insert(share.agent_id, Allotment { review, answers, ..Allotment::of_work(share.minutes) });
    }
    let stretch = outlook.jobs.iter().filter(|job| job.picked && job.stretch).map(|job| job.task_id).collect();
    Layout { stretch, allotted, ..outlook.schedule.layout() }
}

fn sprint(draft: &Draft, capacity_minutes: u32) -> NewSprint {
    NewSprint {
        sprint_id: Some(draft.sprint_id),
        name: Some(draft.name.trim().to_owned()).filter(|name| !name.is_empty()),
        goal: draft.goal.trim().to_owned(),
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        objectives: draft.objectives.iter().map(|objective| objective.title.clone()).collect(),
        capacity_minutes: Some(capacity_minutes),
    }
}

fn new_tasks(draft: &Draft) -> Vec<Command> {
    let by_id: BTreeMap<TaskId, &Piece> = draft.pieces.iter().map(|piece| (piece.task_id, piece)).collect();
    let kept = kept(draft, &by_id);
    let command = |piece: &Piece| {
        let mut new = piece.new_task();
        new.sprint_id = piece.is_task().then_some(draft.sprint_id);
        new.blocked_by = bridged(piece, &by_id, &kept).into_iter().map(Dependency::sequential).collect();
        Command::CreateTask(Box::new(new))
    };
    draft.pieces.iter().filter(|piece| kept.contains(&piece.task_id)).map(command).collect()
}

/// Picked tasks and everything above them.
fn kept(draft: &Draft, by_id: &BTreeMap<TaskId, &Piece>) -> BTreeSet<TaskId> {
    let mut kept = BTreeSet::new();
    for piece in draft.pieces.iter().filter(|piece| piece.is_task() && piece.picked) {
        let mut step = Some(piece.task_id);
        while let Some(id) = step.filter(|id| kept.insert(*id)) {
            step = by_id.get(&id).and_then(|piece| piece.parent_id);
        }
    }
    kept
}

/// The predecessors that are kept, reached over those that are not.
fn bridged(piece: &Piece, by_id: &BTreeMap<TaskId, &Piece>, kept: &BTreeSet<TaskId>) -> Vec<TaskId> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = piece.after.clone();
    while let Some(id) = open.pop() {
        if kept.contains(&id) {
            found.insert(id);
        } else if seen.insert(id) {
            open.extend(by_id.get(&id).into_iter().flat_map(|piece| piece.after.iter().copied()));
        }
    }
    found.into_iter().collect()
}

/// What changes about tasks that are there.
fn edits(draft: &Draft) -> Vec<Command> {
    let mut changes: BTreeMap<TaskId, Vec<TaskField>> = BTreeMap::new();
    for (id, sizes) in &draft.sizes {
        let fields = changes.entry(*id).or_default();
        fields.extend(sizes.minutes.map(|minutes| TaskField::Estimate(Some(minutes))));
        fields.extend(sizes.points.map(|points| TaskField::Points(Some(points))));
    }
    for id in &draft.picks {
        changes.entry(*id).or_default().push(TaskField::Sprint(Some(draft.sprint_id)));
    }
    let edit = |(task_id, changes)| Command::EditTask { task_id, changes, expected_rev: None };
    changes.into_iter().map(edit).collect()
}
