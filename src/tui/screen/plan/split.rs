//! One task made into two: the board gets both at once, as one change that one undo takes back.

use super::state::News;
use super::update::change;
use crate::domain::command::{NewTask, TaskField};
use crate::domain::task::Dependency;
use crate::domain::{Actor, Command, Task, TaskId};
use crate::service::{Error, Service};
use crate::store::view::TaskDetail;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, Effects, Job};
use crate::tui::model::Model;
use crate::tui::msg::Msg;

/// Splits the task that has the cursor.
pub fn ask(model: &mut Model) -> Effects {
    let why = match (model.plan.job(), &model.plan.draft) {
        _ if model.flags.read_only => "This board was opened read-only.",
        (Some(id), Some(draft)) if draft.pieces.iter().any(|piece| piece.task_id == id) => {
            "This task is written down when the sprint starts; its objective can be worded in two."
        }
        (Some(id), _) => return begin(id, model.actor.clone()),
        _ => "Tasks are split in step 4.",
    };
    model.decline(why);
    Vec::new()
}

fn begin(whole: TaskId, actor: Actor) -> Effects {
    let run = move |service: &mut Service| {
        let done = split(service, &actor, whole);
        Msg::Plan(News::Split(whole, done.map_err(Into::into)))
    };
    vec![Effect::Compute(Job { name: "split", run: Box::new(run) })]
}

fn split(service: &mut Service, actor: &Actor, whole: TaskId) -> Result<(TaskId, String), Error> {
    let detail = service.read().task_detail(whole, &service.now())?;
    let detail = detail.ok_or_else(|| crate::domain::Rejection::no_task(whole))?;
    let half = service.task_id();
    let commands = commands(&detail, half);
    service.submit_all(actor, &commands)?;
    let by = if detail.task.acceptance.len() > 1 { ", its checklist shared out" } else { "" };
    Ok((half, format!("{} is two tasks now{by}", detail.task.number)))
}

/// The first half stays what the task was; the second is new, needs the same, and what waited for the task waits for
/// both.
fn commands(detail: &TaskDetail, half: TaskId) -> Vec<Command> {
    let task = &detail.task;
    let at = task.acceptance.len().div_ceil(2);
    let (first, second) = task.acceptance.split_at(at);
    let (points, rest) = halves(task.metadata.story_points);
    let minutes = task.metadata.estimated_duration;
    let mut changes = vec![TaskField::Title(title(&task.title, 1))];
    if !second.is_empty() {
        changes.push(TaskField::Acceptance(first.to_vec()));
    }
    if points.is_some() {
        changes.push(TaskField::Points(points));
    }
    if let Some(minutes) = minutes {
        changes.push(TaskField::Estimate(Some(minutes.div_ceil(2))));
    }
    let new = NewTask {
        task_id: Some(half),
        title: title(&task.title, 2),
        acceptance: second.to_vec(),
        points: rest,
        estimate: minutes.map(|minutes| (minutes / 2).max(1)),
        ..like(task)
    };
    let edit = Command::EditTask { task_id: task.task_id, changes, expected_rev: Some(task.rev) };
    let waits = |next: &crate::store::view::Link| Command::AddDependency {
        task_id: next.task_id,
        dependency: Dependency::sequential(half),
    };
    [edit, Command::CreateTask(Box::new(new))].into_iter().chain(detail.successors.iter().map(waits)).collect()
}

/// A new task of the same sort, in the same place.
fn like(task: &Task) -> NewTask {
    NewTask {
        description: task.description.clone(),
        kind: Some(task.kind),
        level: Some(task.level),
        parent_id: task.parent_id,
        category: Some(task.category),
        priority: Some(task.priority),
        deadline: task.deadline,
        not_before: task.not_before,
        requirements: task.requirements.clone(),
        blocked_by: task.dependencies.blocked_by.clone(),
        complexity: task.metadata.complexity,
        tags: task.metadata.tags.clone(),
        max_retries: Some(task.metadata.max_retries),
        run_limit: task.metadata.run_limit,
        sprint_id: task.sprint_id,
        backlog: task.lane() == crate::domain::Lane::Backlog,
        ..NewTask::default()
    }
}

/// `Title (1 of 2)`; a half that is split again counts on.
fn title(whole: &str, half: u32) -> String {
    let stem = whole.strip_suffix(" (1 of 2)").or(whole.strip_suffix(" (2 of 2)"));
    match stem {
        Some(stem) => format!("{stem}, {half} of 2"),
        None => format!("{whole} ({half} of 2)"),
    }
}

/// Whole points stay whole as long as there is one for each half.
fn halves(points: Option<f64>) -> (Option<f64>, Option<f64>) {
    let Some(points) = points else { return (None, None) };
    let more = if points >= 2.0 { (points / 2.0).ceil() } else { points / 2.0 };
    (Some(more), Some(points - more))
}

/// A task was split: the new half goes where the whole was.
pub fn done(model: &mut Model, whole: TaskId, half: TaskId, said: &str) -> Effects {
    let undo = model.keys.key_of(Action::Undo);
    model.say(format!("{said} · {undo} undo"));
    model.stale = true;
    change(model, |draft| {
        let picked = draft.is_picked(whole);
        draft.pick(half, picked);
        draft.sizes.remove(&whole);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_shared_without_loss() {
        assert_eq!(halves(Some(5.0)), (Some(3.0), Some(2.0)));
        assert_eq!(halves(Some(8.0)), (Some(4.0), Some(4.0)));
        assert_eq!(halves(Some(1.0)), (Some(0.5), Some(0.5)));
        assert_eq!(halves(None), (None, None));
    }

    #[test]
    fn halves_are_told_apart_by_their_titles() {
        assert_eq!(title("Ledger", 1), "Ledger (1 of 2)");
        assert_eq!(title("Ledger (2 of 2)", 1), "Ledger, 1 of 2");
    }
}
