//! The end of a plan: the commands that make it so, to be submitted as one change and taken back by one undo.

use std::collections::BTreeMap;

use super::{Draft, Outlook};
use crate::domain::command::{NewSprint, NewTask, TaskField};
use crate::domain::sprint::{Allotment, Layout};
use crate::domain::{Command, TaskId};
use crate::plan::breakdown::Piece;
use crate::plan::capacity::Source;

/// The sprint, its new tasks with what holds them together, the picks and sizes of the backlog, who does what when, and,
/// if `start`, the start. New tasks that are not picked are written down, too: they wait in the backlog.
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

/// The schedule, with what nobody committed to, and what was said and learned about everybody's time.
pub fn layout(draft: &Draft, outlook: &Outlook) -> Layout {
    let mut allotted = draft.by_hand.clone();
    for share in outlook.capacity.agents.iter().filter(|share| share.source == Source::Carried) {
        let (review, answers) = (Some(share.review_minutes), Some(share.answer_minutes));
        allotted.insert(share.agent_id, Allotment { review, answers, ..Allotment::of_work(share.minutes) });
    }
    let learned = outlook.capacity.agents.iter().filter_map(|share| Some((share.agent_id, share.learned?))).collect();
    let stretch = outlook.jobs.iter().filter(|job| job.picked && job.stretch).map(|job| job.task_id).collect();
    Layout { stretch, allotted, learned, ..outlook.schedule.layout() }
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

/// All of them; those that are not picked stay in the backlog.
fn new_tasks(draft: &Draft) -> impl Iterator<Item = Command> {
    let command = |piece: &Piece| {
        let sprint_id = (piece.is_task() && piece.picked).then_some(draft.sprint_id);
        Command::CreateTask(Box::new(NewTask { sprint_id, ..piece.new_task() }))
    };
    draft.pieces.iter().map(command)
}

/// What changes about tasks that are there.
fn edits(draft: &Draft) -> Vec<Command> {
    let mut changes: BTreeMap<TaskId, Vec<TaskField>> = BTreeMap::new();
    for (id, sizes) in &draft.sizes {
        let fields = changes.entry(*id).or_default();
        fields.extend([TaskField::Estimate(sizes.minutes), TaskField::Points(sizes.points)]);
    }
    for id in &draft.picks {
        changes.entry(*id).or_default().push(TaskField::Sprint(Some(draft.sprint_id)));
    }
    let edit = |(task_id, changes)| Command::EditTask { task_id, changes, expected_rev: None };
    changes.into_iter().map(edit).collect()
}
