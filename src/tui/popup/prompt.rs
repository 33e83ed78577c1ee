//! A line to type, for whatever needs one. What was typed is kept when the prompt is closed.

use std::path::PathBuf;

use ratatui::layout::Rect;

use super::{Popup, sheet};
use crate::domain::command::{AgentField, NewTask, TaskField};
use crate::domain::task::{BlockerKind, Dependency};
use crate::domain::{AgentId, Command, EscalationId, Fence, Lane, Rejection, TaskId, TaskRef};
use crate::plan::estimate::Said;
use crate::service::{Error, Service};
use crate::tui::effect::{Change, Effect, Effects, Job, Keep, Write};
use crate::tui::model::Model;
use crate::tui::msg::Msg;
use crate::tui::popup::answer;
use crate::tui::screen::{Screen, plan};
use crate::tui::terminal::Key;
use crate::tui::theme::Role;
use crate::tui::update::{filter, submit, verbs};
use crate::tui::widget::field::{Field, Typed};
use crate::tui::widget::ink::Ink;

/// What the line is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The title of a new task for this lane.
    NewTask(Lane),
    /// Words to filter by.
    Filter,
    /// A new title.
    Title(TaskId),
    /// A remark.
    Comment(TaskId),
    /// Why these cannot go on.
    Block(Vec<TaskId>),
    /// How big these are.
    Estimate(Vec<TaskId>),
    /// The labels of these.
    Labels(Vec<TaskId>),
    /// Labels that these get besides the ones that each has.
    AddLabels(Vec<TaskId>),
    /// The task that this one waits for.
    Depends(TaskId),
    /// An answer in words.
    Words(EscalationId),
    /// Who shall answer.
    Delegate(EscalationId),
    /// Tasks at once.
    AgentLimit(AgentId),
    /// Something in the sprint plan.
    Plan(plan::Field),
    /// The folder in which a demonstration is kept.
    Keep,
}

/// A prompt that is open.
#[derive(Debug)]
pub struct State {
    /// What for.
    pub purpose: Purpose,
    /// What was typed.
    pub field: Field,
    /// What was wrong with what was sent.
    pub wrong: Option<String>,
}

impl Purpose {
    fn title(&self) -> &'static str {
        match self {
            Self::NewTask(_) => "New task",
            Self::Filter => "Filter",
            Self::Title(_) => "Title",
            Self::Comment(_) => "Comment",
            Self::Block(_) => "Why can it not go on?",
            Self::Estimate(_) => "How big? 5 points, or 90m, 2h, 2-4h",
            Self::Labels(_) => "Labels, with commas between them",
            Self::AddLabels(_) => "Labels to add to each, with commas between them",
            Self::Depends(_) => "Waits for which task? #12",
            Self::Words(_) => "Answer in words",
            Self::Delegate(_) => "Who shall answer?",
            Self::AgentLimit(_) => "How many tasks at once?",
            Self::Plan(field) => field.title(),
            Self::Keep => "Keep the board in which project folder?",
        }
    }

    fn has_lines(&self) -> bool {
        matches!(self, Self::Comment(_) | Self::Words(_) | Self::Plan(plan::Field::Objectives))
    }
}

/// Opens an empty prompt, or one that holds what was typed before and not sent.
pub fn open(model: &mut Model, purpose: Purpose) {
    let draft = model.drafts.remove(&purpose).unwrap_or_default();
    open_with(model, purpose, &draft);
}

/// Opens a prompt that holds `text`, or what was typed before and not sent.
pub fn open_with(model: &mut Model, purpose: Purpose, text: &str) {
    let text = model.drafts.remove(&purpose).unwrap_or_else(|| text.to_owned());
    let field = if purpose.has_lines() { Field::lines(&text) } else { Field::line(&text) };
    model.popups.push(Popup::Prompt(State { purpose, field, wrong: None }));
}

/// A key for the prompt.
pub fn key(model: &mut Model, key: Key) -> Effects {
    let Some(Popup::Prompt(state)) = model.popups.last_mut() else { return Vec::new() };
    state.wrong = None;
    match state.field.key(key) {
        Typed::Taken => typed(model),
        Typed::Send => return send(model),
        Typed::Close => close(model),
        Typed::Left => {}
    }
    Vec::new()
}

/// The text has changed: a filter shows at once what it does.
pub fn typed(model: &mut Model) {
    if let Some(Popup::Prompt(State { purpose: Purpose::Filter, field, .. })) = model.popups.last() {
        let text = field.text();
        filter::set(model, &text);
    }
}

fn close(model: &mut Model) {
    let Some(Popup::Prompt(State { purpose, field, .. })) = model.popups.pop() else { return };
    if purpose == Purpose::Filter {
        filter::set(model, "");
    } else if !field.text().trim().is_empty() {
        model.drafts.insert(purpose, field.text());
    }
}

fn send(model: &mut Model) -> Effects {
    let Some(Popup::Prompt(State { purpose, field, .. })) = model.popups.pop() else { return Vec::new() };
    let text = field.text();
    match carry_out(model, &purpose, text.trim()) {
        Ok(effects) => remember(effects, &purpose, &text),
        Err(wrong) => {
            model.popups.push(Popup::Prompt(State { purpose, field, wrong: Some(wrong) }));
            Vec::new()
        }
    }
}

/// Lets changes carry along what was typed for them, should they be refused.
fn remember(mut effects: Effects, purpose: &Purpose, text: &str) -> Effects {
    for effect in &mut effects {
        if let Effect::Write(write) = effect {
            write.typed = Some((purpose.clone(), text.to_owned()));
        }
    }
    effects
}

/// Does what the line was typed for; the error is shown and leaves the line open.
fn carry_out(model: &mut Model, purpose: &Purpose, text: &str) -> Result<Effects, String> {
    let needed =
        |what: &str| if text.is_empty() { Err(format!("Type {what}, or press Esc.")) } else { Ok(text.to_owned()) };
    Ok(match purpose {
        Purpose::Filter => Vec::new(),
        Purpose::NewTask(lane) => create(model, needed("a title")?, *lane),
        Purpose::Title(id) => edit(model, &[*id], &[TaskField::Title(needed("a title")?)], "renamed"),
        Purpose::Comment(id) => {
            let text = needed("something")?;
            submit(model, vec![Command::Comment { task_id: *id, text, author: None, at: None }], "Said")
        }
        Purpose::Block(ids) => {
            let reason = needed("a reason")?;
            let block = |id: &TaskId| Command::BlockTask {
                task_id: *id,
                fence: Fence::None,
                kind: BlockerKind::Input,
                reason: reason.clone(),
            };
            submit(model, ids.iter().map(block).collect(), "Blocked")
        }
        Purpose::Estimate(ids) => edit(model, ids, &sized(text)?, "estimated"),
        Purpose::Plan(field) => plan::typed(model, *field, text)?,
        Purpose::Labels(ids) => edit(model, ids, &[TaskField::Tags(labels(text))], "labelled"),
        Purpose::AddLabels(ids) => add_labels(model, ids, &needed("a label")?),
        Purpose::Depends(id) => depend(*id, &text.parse::<TaskRef>()?, model),
        Purpose::Words(id) => answer::send_words(model, *id, needed("an answer")?),
        Purpose::Delegate(id) => {
            let to = needed("a name")?;
            let said = format!("Left to {to}");
            submit(model, vec![Command::DelegateEscalation { escalation_id: *id, to }], said)
        }
        Purpose::AgentLimit(id) => {
            let limit = text.parse().ok().filter(|limit| (1..=1000).contains(limit));
            let limit = limit.ok_or("A number from 1 to 1000.")?;
            let changes = vec![AgentField::WipLimit(limit)];
            submit(model, vec![Command::EditAgent { agent_id: *id, changes }], format!("At most {limit} at once"))
        }
        Purpose::Keep => keep(model, PathBuf::from(needed("a folder")?)),
    })
}

fn create(model: &mut Model, title: String, lane: Lane) -> Effects {
    let new = NewTask { title, backlog: lane == Lane::Backlog, ..NewTask::default() };
    submit(model, vec![Command::CreateTask(Box::new(new))], "Written down")
}

fn edit(model: &mut Model, ids: &[TaskId], changes: &[TaskField], done: &str) -> Effects {
    let said = format!("{} {done}", verbs::names(model, ids));
    verbs::edit(model, ids, changes, said)
}

/// What a size changes; nothing takes the points away.
fn sized(text: &str) -> Result<Vec<TaskField>, String> {
    if text.is_empty() { Ok(vec![TaskField::Points(None)]) } else { Ok(size(text)?.changes()) }
}

fn labels(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|label| !label.is_empty()).map(str::to_owned).collect()
}

/// Each of several cards keeps the labels that it has, which only the store knows.
fn add_labels(model: &mut Model, ids: &[TaskId], text: &str) -> Effects {
    if model.flags.read_only {
        return submit(model, Vec::new(), "");
    }
    let (ids, more, actor) = (ids.to_vec(), labels(text), model.actor.clone());
    let mut write = Write::new(Change::Commands(Vec::new()), format!("{} labelled", verbs::names(model, &ids)));
    write.typed = Some((Purpose::AddLabels(ids.clone()), text.to_owned()));
    let run = move |service: &mut Service| {
        let commands: Result<Vec<Command>, Error> = ids.iter().map(|id| label(service, *id, &more)).collect();
        let done = commands.and_then(|commands| {
            write.what = Change::Commands(commands.clone());
            service.submit_all(&actor, &commands)
        });
        Msg::Done(Box::new(write), done.map_err(Into::into))
    };
    vec![Effect::Compute(Job { name: "labels", run: Box::new(run) })]
}

/// Adds labels to those that a task has at this moment.
fn label(service: &Service, task_id: TaskId, more: &[String]) -> Result<Command, Error> {
    let task = service.read().task(task_id)?.ok_or_else(|| Rejection::no_task(task_id))?;
    let mut tags = task.metadata.tags;
    for label in more {
        if !tags.contains(label) {
            tags.push(label.clone());
        }
    }
    Ok(Command::EditTask { task_id, changes: vec![TaskField::Tags(tags)], expected_rev: Some(task.rev) })
}

/// A size as it is said everywhere; a number alone is story points, as on a card.
///
/// # Errors
/// What is wrong with it.
pub fn size(text: &str) -> Result<Said, String> {
    let is_number = text.parse::<f64>().is_ok();
    if is_number { format!("{text}p").parse() } else { text.parse() }
}

/// The other task is named by its number; only the store knows its id.
fn depend(id: TaskId, on: &TaskRef, model: &mut Model) -> Effects {
    if model.flags.read_only {
        return submit(model, Vec::new(), "");
    }
    let (on, actor) = (on.clone(), model.actor.clone());
    let mut write = Write::new(Change::Commands(Vec::new()), format!("Waits for {on}"));
    write.typed = Some((Purpose::Depends(id), on.to_string()));
    let run = move |service: &mut Service| {
        let commands = |on| vec![Command::AddDependency { task_id: id, dependency: Dependency::sequential(on) }];
        let found = service.read().resolve(&on).map_err(Error::from);
        let done = found.and_then(|on| service.submit_all(&actor, &commands(on)));
        Msg::Done(Box::new(write), done.map_err(Into::into))
    };
    vec![Effect::Compute(Job { name: "depend", run: Box::new(run) })]
}

/// Copies the board; the simulated team stays behind.
fn keep(model: &mut Model, folder: PathBuf) -> Effects {
    let Some(Keep(copy)) = model.keep.clone() else { return Vec::new() };
    let run = move |service: &mut Service| {
        let said = |path: PathBuf| format!("Kept in {}; vayu opens it there", path.display());
        Msg::Told(copy(service, &folder).map(said).map_err(Into::into))
    };
    vec![Effect::Compute(Job { name: "keep", run: Box::new(run) })]
}

/// Draws the prompt over the bottom of `area`.
pub fn view(model: &Model, state: &State, area: Rect, ink: &mut Ink) {
    if model.screen == Screen::Plan && model.task.is_none() && plan::in_place(model).is_some() {
        return;
    }
    let rows = match state.purpose {
        Purpose::Plan(plan::Field::Objectives) => 8.min(area.height / 2).max(2),
        _ if state.purpose.has_lines() => 4,
        _ => 1,
    };
    let note = match state.purpose {
        Purpose::Filter => "⏎ keeps  Esc shows all",
        _ if state.purpose.has_lines() => "⏎ sends  Ctrl-o new line  Esc keeps the draft",
        _ => "⏎ saves  Esc keeps the draft",
    };
    let inner = sheet(area, rows + 1, state.purpose.title(), note, ink);
    ink.put(inner.x, inner.y, 2, "› ", Role::Accent);
    state.field.draw(ink, inner.x + 2, inner.y, inner.width.saturating_sub(3), rows.min(inner.height));
    if let Some(wrong) = &state.wrong {
        ink.put(inner.x, inner.y + rows, inner.width, wrong, Role::Danger);
    } else if state.purpose == Purpose::Filter {
        let help = format!("words, #label, P0 to P3; a leading ! shows the rest{}", filter::hidden_note(model));
        ink.put(inner.x, inner.y + rows, inner.width, &help, Role::Muted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_points_or_time_or_a_range() {
        assert_eq!(sized("5"), Ok(vec![TaskField::Points(Some(5.0))]));
        assert_eq!(sized("0.5p"), Ok(vec![TaskField::Points(Some(0.5))]));
        assert_eq!(sized("1.5h"), Ok(vec![TaskField::Estimate(Some(90))]));
        assert_eq!(sized("2-4h").unwrap()[1], TaskField::EstimateRange(Some([120, 240])));
        assert_eq!(sized("?"), Ok(vec![TaskField::Estimate(None)]));
        assert_eq!(sized(""), Ok(vec![TaskField::Points(None)]));
        assert!(sized("big").is_err());
        assert!(sized("-3").is_err());
    }
}
