//! What becomes of a text that was edited outside. It is sent with the revision that it was taken from; what somebody
//! else has written meanwhile is never lost, and neither is what the user has written.

use crate::domain::command::TaskField;
use crate::domain::event::Event as Happened;
use crate::domain::record::RecordId;
use crate::domain::{Actor, Command, Rejection, TaskId, Timestamp};
use crate::service::{Done, Error, Service};
use crate::store::view::ActivityFilter;
use crate::tui::action::Action;
use crate::tui::editor::{Ended, Writing};
use crate::tui::effect::{Effect, Effects, Job};
use crate::tui::model::Model;
use crate::tui::msg::{Failure, Msg};
use crate::tui::popup::clash;

/// How often a text is tried again whose task changes in other ways all the time.
const TRIES: usize = 20;
/// How far back the log is searched for who wrote the other text.
const LOOK_BACK: usize = 50;

/// What somebody else has written meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theirs {
    /// The revision of the task now.
    pub rev: u64,
    /// Its text now.
    pub text: String,
    /// Who wrote it, and when, if the log tells.
    pub by: Option<(String, Timestamp)>,
}

/// Why a text is not on the board.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// There is another one.
    Clash(Theirs),
    /// Something else.
    Failure(Failure),
}

/// A text that is not on the board yet, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsent {
    /// The text.
    pub writing: Writing,
    /// What somebody else has written.
    pub theirs: Option<Theirs>,
}

/// Opens the text of the task that is open, or offers again the one that could not be sent.
pub fn open(model: &mut Model, task: TaskId) -> Effects {
    match model.unsent.get(&task) {
        Some(Unsent { theirs: Some(_), .. }) => {
            clash::open(model, task);
            return Vec::new();
        }
        Some(Unsent { writing, theirs: None }) => return vec![Effect::Edit(Box::new(writing.clone()))],
        None => {}
    }
    let detail = model.detail.as_ref().filter(|detail| detail.task.task_id == task && model.task.is_some());
    let Some(detail) = detail else {
        let opened = model.task.as_ref().is_some_and(|open| open.id == task);
        model.decline(if opened { "The text is being read." } else { "Open the card first; the text is on its page." });
        return Vec::new();
    };
    let text = detail.task.description.clone();
    let (number, rev) = (detail.task.number, detail.task.rev);
    vec![Effect::Edit(Box::new(Writing { task, number, rev, before: text.clone(), text, file: None }))]
}

/// The editor has ended.
pub fn edited(model: &mut Model, writing: Writing, ended: Ended) -> Effects {
    // An editor that was cut short may have left more than it has saved, which it finds by the file.
    let unchanged = writing.text == writing.before && ended != Ended::CutShort;
    let why = match ended {
        Ended::Well if unchanged => {
            model.decline("The text is what it was; nothing was sent.");
            return forget(model, &writing);
        }
        Ended::Well => return send(model, writing),
        Ended::GivingUp(why) => format!("{why}: nothing was changed"),
        Ended::Failed(why) => why,
        Ended::CutShort => "The editor was cut short".into(),
    };
    if unchanged {
        model.complain(format!("{why}."));
        return forget(model, &writing);
    }
    keep(model, writing, None, &why);
    Vec::new()
}

/// Sends a text.
pub fn send(model: &mut Model, writing: Writing) -> Effects {
    let actor = model.actor.clone();
    let run = move |service: &mut Service| {
        let done = submit(service, &actor, &writing);
        Msg::Texted(Box::new(writing), done)
    };
    vec![Effect::Compute(Job { name: "text", run: Box::new(run) })]
}

/// Makes the change, unless the text is another one by now. That the task has changed in other ways harms nothing: it
/// is looked at again then, and the text goes with the new revision.
fn submit(service: &mut Service, actor: &Actor, writing: &Writing) -> Result<Done, Refusal> {
    let mut rev = writing.rev;
    for _ in 0..TRIES {
        let changes = vec![TaskField::Description(writing.text.clone())];
        let command = Command::EditTask { task_id: writing.task, changes, expected_rev: Some(rev) };
        match service.submit(actor, command) {
            Err(Error::Rejected(Rejection::Conflict { .. })) => rev = look_again(service, writing)?,
            done => return done.map_err(|error| Refusal::Failure(error.into())),
        }
    }
    Err(Refusal::Failure(Failure::World(format!("{} does not rest long enough to be changed", writing.number))))
}

/// The revision that the task has now, if its text is still the one that was taken out.
fn look_again(service: &Service, writing: &Writing) -> Result<u64, Refusal> {
    let failed = |error: Error| Refusal::Failure(error.into());
    let task = service.read().task(writing.task).map_err(|error| failed(error.into()))?;
    let task = task.ok_or_else(|| failed(Rejection::no_task(writing.task).into()))?;
    if task.description == writing.before {
        return Ok(task.rev);
    }
    let by = writer(service, writing.task);
    Err(Refusal::Clash(Theirs { rev: task.rev, text: task.description, by }))
}

/// Who wrote the text that a task has now. After an undo the log does not name a field; then whoever came last.
fn writer(service: &Service, task: TaskId) -> Option<(String, Timestamp)> {
    let filter = ActivityFilter { record: Some(RecordId::Task(task)), limit: LOOK_BACK, ..ActivityFilter::default() };
    let rows = service.read().activity(&filter).ok()?;
    let writes = |event: &Happened| match event {
        Happened::TaskEdited { task_id, changes } => {
            *task_id == task && changes.iter().any(|change| matches!(change, TaskField::Description(_)))
        }
        _ => false,
    };
    let row = rows.iter().find(|row| row.target.is_some() || row.events.iter().any(writes)).or(rows.first())?;
    Some((row.actor.name.clone(), row.at))
}

/// What became of a text that was sent.
pub fn sent(model: &mut Model, writing: Writing, done: Result<Done, Refusal>) -> Effects {
    model.stale = true;
    match done {
        Ok(_) => {
            let undo = model.keys.key_of(Action::Undo);
            model.say(format!("Text of {} changed · {undo} undo", writing.number));
            return forget(model, &writing);
        }
        Err(Refusal::Failure(failure)) => keep(model, writing, None, &failure.to_string()),
        Err(Refusal::Clash(theirs)) => {
            let why = format!("The text of {} changed meanwhile", writing.number);
            let task = writing.task;
            keep(model, writing, Some(theirs), &why);
            if !model.is_typing() {
                model.toast = None;
                clash::open_late(model, task);
            }
        }
    }
    Vec::new()
}

/// Keeps a text that is not on the board, and says where it lies.
fn keep(model: &mut Model, writing: Writing, theirs: Option<Theirs>, why: &str) {
    let file = writing.file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
    let edit = model.keys.key_of(Action::EditText);
    model.complain(format!("{why}. Yours is kept in {file}; {edit} offers it again"));
    model.unsent.insert(writing.task, Unsent { writing, theirs });
}

/// A text that is on the board, or is not wanted, needs no file any more.
pub fn forget(model: &mut Model, writing: &Writing) -> Effects {
    model.unsent.remove(&writing.task);
    writing.file.clone().map(Effect::Forget).into_iter().collect()
}
