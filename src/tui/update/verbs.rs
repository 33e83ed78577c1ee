//! What is done to cards: to the selected ones, or to the one that has the cursor.

use super::{write, writing};
use crate::domain::command::{Report, TaskField};
use crate::domain::event::Event as Happened;
use crate::domain::{AgentId, Command, Fence, Lane, Priority, Status, Task, TaskId, TaskNumber};
use crate::service::Done;
use crate::store::view::Card;
use crate::tui::action::Action;
use crate::tui::effect::{Change, Effect, Effects, Write};
use crate::tui::model::Model;
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::popup::{confirm, picker};
use crate::tui::text;

/// A card's title of this many characters may go on.
const CARD_TITLE: usize = 200;

/// What verbs need to know about a card.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Which.
    pub id: TaskId,
    /// Its number.
    pub number: TaskNumber,
    /// Its title.
    pub title: String,
    /// State.
    pub status: Status,
    /// Lane.
    pub lane: Lane,
    /// Who has it.
    pub agent: Option<AgentId>,
    /// Their name.
    pub who: Option<String>,
    /// Points.
    pub points: Option<f64>,
    /// Labels.
    pub tags: Vec<String>,
    /// What stands in the way.
    pub blocked: bool,
    /// Passes lane limits.
    pub priority: Priority,
}

/// The card that has the cursor, or the task that is open; until that is read, what its card says.
pub fn subject(model: &Model) -> Option<Subject> {
    let Some(state) = &model.task else {
        let card = model.board.card().filter(|_| model.screen == crate::tui::screen::Screen::Board);
        return card.map(of_card);
    };
    let detail = model.detail.as_ref().filter(|detail| detail.task.task_id == state.id);
    detail
        .map(|detail| of_task(&detail.task, detail.agent.as_ref()))
        .or_else(|| model.board.find(state.id).map(|(_, card)| of_card(card)))
}

fn of_task(task: &Task, who: Option<&String>) -> Subject {
    Subject {
        id: task.task_id,
        number: task.number,
        title: task.title.clone(),
        status: task.status,
        lane: task.lane(),
        agent: task.agent(),
        who: who.cloned(),
        points: task.metadata.story_points,
        tags: task.metadata.tags.clone(),
        blocked: task.blocker.is_some(),
        priority: task.priority,
    }
}

fn of_card(card: &Card) -> Subject {
    Subject {
        id: card.task_id,
        number: card.number,
        title: card.title.clone(),
        status: card.status,
        lane: card.lane,
        agent: card.agent_id,
        who: card.agent.clone(),
        points: card.points,
        tags: card.tags.clone(),
        blocked: card.blocker.is_some(),
        priority: card.priority,
    }
}

/// The cards that a verb is about: those selected, or else the one with the cursor.
fn subjects(model: &Model) -> Vec<TaskId> {
    if model.task.is_none() && !model.board.selected.is_empty() {
        return model.board.selected.iter().copied().collect();
    }
    subject(model).map(|subject| subject.id).into_iter().collect()
}

/// What is known about a card that is open or at hand.
fn known(model: &Model, id: TaskId) -> Option<Subject> {
    let open = subject(model).filter(|subject| subject.id == id);
    open.or_else(|| model.board.find(id).map(|(_, card)| of_card(card)))
}

/// What all these cards have in common; says so and gives up where they differ or are not at hand.
fn common<T: PartialEq>(model: &mut Model, ids: &[TaskId], what: &str, of: impl Fn(Subject) -> T) -> Option<T> {
    let Some(all) = ids.iter().map(|id| known(model, *id).map(&of)).collect::<Option<Vec<T>>>() else {
        model.decline("Some of the selected cards are out of sight; go to them first.");
        return None;
    };
    if all.windows(2).any(|pair| pair[0] != pair[1]) {
        model.decline(what);
        return None;
    }
    all.into_iter().next()
}

/// `#42`, or `3 cards`.
pub fn names(model: &Model, ids: &[TaskId]) -> String {
    match ids {
        [id] => known(model, *id).map_or_else(|| "The card".into(), |subject| subject.number.to_string()),
        ids => format!("{} cards", ids.len()),
    }
}

/// Runs a verb.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let Some(subject) = subject(model) else { return Vec::new() };
    let ids = subjects(model);
    match action {
        Action::MoveNext => return step(model, &ids, 1),
        Action::MovePrevious => return step(model, &ids, -1),
        Action::Assign => picker::open(model, picker::Purpose::Assign(ids, None)),
        Action::Priority => picker::open(model, picker::Purpose::Priority(ids)),
        Action::Sprint => picker::open(model, picker::Purpose::Sprint(ids)),
        Action::Estimate => {
            let size = subject.points.map(|points| points.to_string()).unwrap_or_default();
            prompt::open_with(model, Purpose::Estimate(ids), &size);
        }
        Action::Labels if ids.len() > 1 => prompt::open(model, Purpose::AddLabels(ids)),
        Action::Labels => prompt::open_with(model, Purpose::Labels(ids), &subject.tags.join(", ")),
        Action::Depends => prompt::open(model, Purpose::Depends(subject.id)),
        Action::EditTitle => edit_title(model, &subject),
        Action::EditText => return writing::open(model, subject.id),
        Action::Comment => prompt::open(model, Purpose::Comment(subject.id)),
        Action::Block => return block(model, ids),
        Action::Complete => return complete(model, &ids, None),
        Action::Retry => return each(model, &ids, "queued again", |task_id| Command::RetryTask { task_id }),
        Action::Reopen => return each(model, &ids, "taken up again", |task_id| Command::ReopenTask { task_id }),
        Action::CancelTask => cancel(model, &ids, &subject),
        Action::Expedite => {
            let said = format!("{} passes the limits", subject.number);
            return edit(model, &[subject.id], &[TaskField::Expedite(true)], said);
        }
        Action::Archive => {
            let said = format!("{} put away", names(model, &ids));
            return edit(model, &ids, &[TaskField::Archived(true)], said);
        }
        _ => {}
    }
    Vec::new()
}

/// Cards hold the beginning of a title only; a long one is changed where all of it is known.
fn edit_title(model: &mut Model, subject: &Subject) {
    let known = model.detail.as_ref().is_some_and(|detail| detail.task.task_id == subject.id && model.task.is_some());
    if known || subject.title.chars().count() < CARD_TITLE {
        return prompt::open_with(model, Purpose::Title(subject.id), &subject.title);
    }
    model.decline("This title is long; open the card to change it.");
}

/// Ends cards as done. Somebody must have done them, so that is asked where it is not known.
pub fn complete(model: &mut Model, ids: &[TaskId], by: Option<AgentId>) -> Effects {
    if by.is_none() && lacks_doer(model, ids) {
        ask_who(model, ids, Lane::Done);
        return Vec::new();
    }
    let agent = |id: &TaskId| known(model, *id).and_then(|subject| subject.agent).or(by);
    let command = |id: &TaskId| Command::CompleteTask {
        task_id: *id,
        fence: Fence::None,
        agent_id: agent(id),
        report: Report::default(),
    };
    let commands = ids.iter().map(command).collect();
    let write = Write::new(Change::Commands(commands), format!("{} completed", names(model, ids)));
    send_or_ask(model, ids, write)
}

/// True if nobody has a card that somebody must have done.
fn lacks_doer(model: &Model, ids: &[TaskId]) -> bool {
    use Status::{Created, Failed, Paused, Queued, Rejected};
    let lacks = |subject: Subject| {
        subject.agent.is_none() && matches!(subject.status, Created | Queued | Failed | Paused | Rejected)
    };
    ids.iter().filter_map(|id| known(model, *id)).any(lacks)
}

fn ask_who(model: &mut Model, ids: &[TaskId], lane: Lane) {
    if !model.flags.read_only {
        picker::open(model, picker::Purpose::Assign(ids.to_vec(), Some(lane)));
    }
}

/// Sends a change that ends work; if it is the work of somebody else, only after a yes.
fn send_or_ask(model: &mut Model, ids: &[TaskId], write: Write) -> Effects {
    let me = model.head.me;
    let theirs = |subject: &Subject| {
        subject.lane == Lane::InProgress && subject.agent.is_some() && subject.agent != me && subject.who.is_some()
    };
    let other = ids.iter().filter_map(|id| known(model, *id)).find(theirs);
    let Some((subject, what)) = other.zip(by_force(&write.what)).filter(|_| !model.flags.read_only) else {
        return super::write(model, write);
    };
    let who = text::clip(subject.who.as_deref().unwrap_or_default(), 40);
    let more = if ids.len() > 1 { " and others" } else { "" };
    let question = format!("{who} works on {}{more}. Say in their place that it is done?", subject.number);
    confirm::open(model, question, Write { what, ..write });
    Vec::new()
}

fn each(model: &mut Model, ids: &[TaskId], done: &str, command: impl Fn(TaskId) -> Command) -> Effects {
    let said = format!("{} {done}", names(model, ids));
    send(model, ids.iter().map(|id| command(*id)).collect(), said, None)
}

/// Blocks cards with a reason, or frees them.
fn block(model: &mut Model, ids: Vec<TaskId>) -> Effects {
    let differ = "Some of the selected cards are blocked and some are not; select one sort.";
    match common(model, &ids, differ, |subject| subject.blocked) {
        Some(true) => return each(model, &ids, "unblocked", |task_id| Command::UnblockTask { task_id }),
        Some(false) => prompt::open(model, Purpose::Block(ids)),
        None => {}
    }
    Vec::new()
}

/// Sends a change of several cards.
pub fn send(model: &mut Model, commands: Vec<Command>, said: String, follow: Option<TaskId>) -> Effects {
    write(model, Write { follow, ..Write::new(Change::Commands(commands), said) })
}

/// Changes a field of several cards.
pub fn edit(model: &mut Model, ids: &[TaskId], changes: &[TaskField], said: String) -> Effects {
    let change = |id: &TaskId| Command::EditTask { task_id: *id, changes: changes.to_vec(), expected_rev: None };
    send(model, ids.iter().map(change).collect(), said, None)
}

fn step(model: &mut Model, ids: &[TaskId], by: isize) -> Effects {
    let differ = "The selected cards are in several lanes; select cards of one lane.";
    let Some(lane) = common(model, ids, differ, |subject| subject.lane) else { return Vec::new() };
    let to = (lane as usize).checked_add_signed(by).and_then(|lane| Lane::ALL.get(lane));
    if let Some(lane) = to {
        return move_cards(model, ids, *lane);
    }
    model.decline("There is no lane beyond this one.");
    Vec::new()
}

/// Moves cards into a lane. Work in progress belongs to somebody, so that is asked where it is not known.
pub fn move_cards(model: &mut Model, ids: &[TaskId], lane: Lane) -> Effects {
    let agent = |id: &TaskId| {
        let open = subject(model).filter(|subject| subject.id == *id).and_then(|subject| subject.agent);
        open.or_else(|| model.board.find(*id).and_then(|(_, card)| card.agent_id))
    };
    let unknown = match lane {
        Lane::InProgress => ids.iter().any(|id| agent(id).is_none()),
        Lane::Done => lacks_doer(model, ids),
        _ => false,
    };
    if unknown {
        ask_who(model, ids, lane);
        return Vec::new();
    }
    let command = |id: &TaskId| Command::MoveTask { task_id: *id, lane, agent_id: agent(id), fence: Fence::None };
    let commands = ids.iter().map(command).collect();
    let said = moved_to(model, ids, lane);
    let write = Write { follow: ids.first().copied(), ..Write::new(Change::Commands(commands), said) };
    let effects = match lane {
        Lane::Review | Lane::Done => send_or_ask(model, ids, write),
        _ => super::write(model, write),
    };
    if !effects.is_empty() {
        model.board.moving.extend(ids.iter().map(|id| (*id, lane)));
    }
    effects
}

fn moved_to(model: &Model, ids: &[TaskId], lane: Lane) -> String {
    format!("{} moved to {}", names(model, ids), lane.title())
}

/// What must be said when cards have gone on beyond the lane that they were sent to.
pub fn beyond(model: &Model, what: &Change, done: &Done) -> Option<String> {
    let Change::Commands(commands) = what else { return None };
    let sent = |command: &Command| match command {
        Command::MoveTask { task_id, lane, .. } => Some((*task_id, *lane)),
        _ => None,
    };
    let sent: Vec<(TaskId, Lane)> = commands.iter().filter_map(sent).collect();
    let lies = |id: TaskId| {
        done.events.iter().rev().find_map(|event| match event {
            Happened::TaskStepped { task_id, to, .. } if *task_id == id => Some(Lane::of(*to)),
            _ => None,
        })
    };
    let (first, asked) = *sent.first()?;
    let lane = lies(first).filter(|lane| *lane != asked)?;
    let ids: Vec<TaskId> = sent.iter().map(|(id, _)| *id).collect();
    let why = if (asked, lane) == (Lane::Review, Lane::Done) { ": no review is asked for" } else { "" };
    ids.iter().all(|id| lies(*id) == Some(lane)).then(|| format!("{}{why}", moved_to(model, &ids, lane)))
}

/// The card that a command moves.
pub fn moved(command: &Command) -> Option<TaskId> {
    match command {
        Command::MoveTask { task_id, .. } | Command::AssignTask { task_id, .. } => Some(*task_id),
        _ => None,
    }
}

/// The card that a command is about, if it is one that a verb sends.
pub fn about(command: &Command) -> Option<TaskId> {
    match command {
        Command::MoveTask { task_id, .. }
        | Command::AssignTask { task_id, .. }
        | Command::EditTask { task_id, .. }
        | Command::ReleaseTask { task_id, .. }
        | Command::BlockTask { task_id, .. }
        | Command::UnblockTask { task_id }
        | Command::CompleteTask { task_id, .. }
        | Command::RetryTask { task_id }
        | Command::ReopenTask { task_id }
        | Command::CancelTask { task_id, .. } => Some(*task_id),
        _ => None,
    }
}

/// The same change against the will of whoever holds the cards; `None` where force changes nothing.
pub fn by_force(what: &Change) -> Option<Change> {
    let Change::Commands(commands) = what else { return None };
    let mut commands = commands.clone();
    let mut forced = false;
    for command in &mut commands {
        match command {
            Command::MoveTask { fence, .. }
            | Command::AssignTask { fence, .. }
            | Command::ReleaseTask { fence, .. }
            | Command::BlockTask { fence, .. }
            | Command::CompleteTask { fence, .. }
                if *fence == Fence::None =>
            {
                (*fence, forced) = (Fence::Force, true);
            }
            _ => {}
        }
    }
    forced.then_some(Change::Commands(commands))
}

fn cancel(model: &mut Model, ids: &[TaskId], subject: &Subject) {
    let what = if let [_] = ids {
        format!("{} {}", subject.number, text::clip(&subject.title, 200))
    } else {
        names(model, ids)
    };
    let commands = ids.iter().map(|id| Command::CancelTask { task_id: *id, reason: None }).collect();
    let said = format!("{} cancelled", names(model, ids));
    let write = Write::new(Change::Commands(commands), said);
    confirm::open(model, format!("This cancels {what}, with all its parts."), write);
}

/// Copies something of the card that has the cursor.
pub fn copy(model: &mut Model, action: Action) -> Effects {
    let Some(Subject { number, title, status, .. }) = subject(model) else { return Vec::new() };
    let text = match action {
        Action::CopyTitle => title,
        Action::CopyMarkdown => {
            let mark = if status == Status::Completed { "x" } else { " " };
            format!("- [{mark}] {number} {title}")
        }
        _ => number.to_string(),
    };
    model.say(format!("Copied {}", text::clip(&text, 40)));
    vec![Effect::Copy(text)]
}
