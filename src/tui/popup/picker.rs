//! A list to choose from, narrowed by typing.

use ratatui::layout::Rect;

use super::{Popup, sheet};
use crate::domain::command::TaskField;
use crate::domain::task::AssignmentMethod;
use crate::domain::{AgentId, Command, EscalationId, Fence, Lane, Priority, SprintId, TaskId};
use crate::tui::data::Wanted;
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::screen::agents;
use crate::tui::terminal::{Code, Key};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::update::{fuzzy, submit, verbs};
use crate::tui::widget::field::{Field, Typed};
use crate::tui::widget::ink::Ink;
use crate::tui::words;

/// Entries shown at once.
const SHOWN: u16 = 10;

/// What is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Who does these; into which lane they go then.
    Assign(Vec<TaskId>, Option<Lane>),
    /// How urgent these are.
    Priority(Vec<TaskId>),
    /// The sprint of these.
    Sprint(Vec<TaskId>),
    /// How the board looks.
    Theme,
    /// When to ask again.
    Snooze(EscalationId),
}

/// A picker that is open.
#[derive(Debug)]
pub struct State {
    /// What for.
    pub purpose: Purpose,
    /// What was typed.
    pub query: Field,
    /// Place of the entry with the cursor.
    pub index: usize,
    /// What the entry with the cursor stands for; its place changes when entries come and go.
    chosen: Option<Choice>,
    /// The theme to go back to.
    before: String,
}

/// What an entry stands for.
#[derive(Debug, Clone, PartialEq)]
enum Choice {
    Agent(Option<AgentId>),
    Priority(Priority),
    Sprint(Option<SprintId>),
    Theme(String),
    Minutes(i64),
}

/// An entry.
#[derive(Debug, Clone, PartialEq)]
struct Item {
    sign: (&'static str, Role),
    label: String,
    detail: String,
    choice: Choice,
}

impl Item {
    fn plain(label: impl Into<String>, detail: impl Into<String>, choice: Choice) -> Self {
        Self { sign: (" ", Role::Text), label: label.into(), detail: detail.into(), choice }
    }
}

/// Opens a picker.
pub fn open(model: &mut Model, purpose: Purpose) {
    let before = model.looks.wardrobe.wanted().to_owned();
    model.popups.push(Popup::Picker(State { purpose, query: Field::line(""), index: 0, chosen: None, before }));
}

/// The rows that it chooses from.
pub fn want(state: &State, wanted: &mut Wanted) {
    match state.purpose {
        Purpose::Assign(..) => wanted.agents = true,
        Purpose::Sprint(_) => wanted.sprints = true,
        _ => {}
    }
}

impl State {
    fn title(&self) -> &'static str {
        match self.purpose {
            Purpose::Assign(_, None) => "Who does it?",
            Purpose::Assign(_, Some(Lane::Done)) => "Done: who did it?",
            Purpose::Assign(_, Some(_)) => "Into In progress: who does it?",
            Purpose::Priority(_) => "How urgent?",
            Purpose::Sprint(_) => "Which sprint?",
            Purpose::Theme => "Theme",
            Purpose::Snooze(_) => "Ask again when?",
        }
    }

    /// All entries that fit what was typed, the best first.
    fn items(&self, model: &Model) -> Vec<Item> {
        let all = match self.purpose {
            // Nobody does nothing.
            Purpose::Assign(_, lane) => agent_items(model, lane != Some(Lane::Done)),
            Purpose::Priority(_) => priority_items(),
            Purpose::Sprint(_) => sprint_items(model),
            Purpose::Theme => {
                let names = model.looks.wardrobe.names();
                names.into_iter().map(|name| Item::plain(name.clone(), "", Choice::Theme(name))).collect()
            }
            Purpose::Snooze(_) => snooze_items(),
        };
        fuzzy::best(&self.query.text(), all, |item| item.label.clone())
    }
}

fn agent_items(model: &Model, or_nobody: bool) -> Vec<Item> {
    let mut items: Vec<Item> = model
        .agents
        .rows
        .iter()
        .map(|row| {
            let (sign, word, role) = agents::standing(row);
            let detail = format!("{word}, {} of {}", row.current_tasks.len(), row.agent.wip_limit);
            Item {
                sign: (sign, role),
                label: row.agent.name.clone(),
                detail,
                choice: Choice::Agent(Some(row.agent.agent_id)),
            }
        })
        .collect();
    // The last choice comes first: the same agent often gets several cards.
    items.sort_by_key(|item| item.choice != Choice::Agent(model.board.last_agent));
    let nobody = or_nobody.then(|| Item::plain("nobody", "it is ready for anyone", Choice::Agent(None)));
    items.extend(nobody);
    items
}

fn priority_items() -> Vec<Item> {
    let item = |priority: &Priority| Item {
        sign: (priority.label(), Role::priority(priority.rank())),
        label: priority.as_str().into(),
        detail: String::new(),
        choice: Choice::Priority(*priority),
    };
    Priority::ALL.iter().map(item).collect()
}

fn sprint_items(model: &Model) -> Vec<Item> {
    let sprints = model.head.sprints.iter().map(|sprint| {
        Item::plain(
            sprint.name.clone(),
            format!("{} {}", sprint.state, sprint.goal),
            Choice::Sprint(Some(sprint.sprint_id)),
        )
    });
    sprints.chain([Item::plain("none", "back to the backlog of sprints", Choice::Sprint(None))]).collect()
}

fn snooze_items() -> Vec<Item> {
    let item = |minutes: i64| Item::plain(format!("in {}", words::work(minutes as u64)), "", Choice::Minutes(minutes));
    [15, 60, 240, 1440].into_iter().map(item).collect()
}

/// A key for the picker.
pub fn key(model: &mut Model, key: Key) -> Effects {
    let Some(Popup::Picker(state)) = model.popups.last_mut() else { return Vec::new() };
    let digit = matches!(state.purpose, Purpose::Priority(_)).then(|| key.typed()?.to_digit(10)).flatten();
    if let Some(rank) = digit.filter(|rank| *rank < 4) {
        return choose(model, rank as usize);
    }
    let at = state.index;
    match (state.query.key(key), key.code, key.ctrl) {
        (Typed::Taken, ..) => go_to(model, 0),
        (Typed::Send, ..) => return take(model),
        (Typed::Close, ..) => close(model),
        (_, Code::Down | Code::Tab, _) | (_, Code::Char('n'), true) => go_to(model, at + 1),
        (_, Code::Up, _) | (_, Code::Char('p'), true) => go_to(model, at.saturating_sub(1)),
        _ => {}
    }
    Vec::new()
}

fn go_to(model: &mut Model, index: usize) {
    let Some(Popup::Picker(state)) = model.popups.last() else { return };
    let items = state.items(model);
    let index = index.min(items.len().saturating_sub(1));
    let theme = items.get(index).and_then(|item| match &item.choice {
        Choice::Theme(name) => Some(name.clone()),
        _ => None,
    });
    let chosen = items.into_iter().nth(index).map(|item| item.choice);
    if let Some(Popup::Picker(state)) = model.popups.last_mut() {
        (state.index, state.chosen) = (index, chosen);
    }
    // A theme shows itself while one looks for it.
    if let Some(name) = theme {
        wear(model, &name);
    }
}

/// Entries have come or gone: the cursor stays on its own.
pub fn settle(model: &mut Model) {
    let Some(Popup::Picker(state)) = model.popups.last() else { return };
    let items = state.items(model);
    let place = |chosen: &Choice| items.iter().position(|item| item.choice == *chosen);
    let at = match &state.chosen {
        Some(chosen) => place(chosen),
        None => Some(0).filter(|_| !items.is_empty()),
    };
    let chosen = at.and_then(|at| items.get(at)).map(|item| item.choice.clone());
    if let (Some(at), Some(Popup::Picker(state))) = (at, model.popups.last_mut()) {
        (state.index, state.chosen) = (at, chosen);
    }
}

/// Takes the entry with the cursor, if it is still there.
fn take(model: &mut Model) -> Effects {
    let Some(Popup::Picker(state)) = model.popups.last() else { return Vec::new() };
    let items = state.items(model);
    let chosen = state.chosen.as_ref();
    match items.iter().position(|item| Some(&item.choice) == chosen) {
        Some(index) => choose(model, index),
        None if chosen.is_none() => choose(model, state.index),
        None => {
            model.decline("That entry has gone meanwhile; choose another.");
            go_to(model, 0);
            Vec::new()
        }
    }
}

fn wear(model: &mut Model, name: &str) {
    model.looks.wardrobe.want(name);
    model.looks.theme = model.looks.wardrobe.theme();
}

fn close(model: &mut Model) {
    if let Some(Popup::Picker(State { purpose: Purpose::Theme, before, .. })) = model.popups.pop() {
        wear(model, &before);
    }
}

/// Takes an entry.
pub fn choose(model: &mut Model, index: usize) -> Effects {
    let Some(Popup::Picker(state)) = model.popups.last() else { return Vec::new() };
    let Some(item) = state.items(model).into_iter().nth(index) else { return Vec::new() };
    let Some(Popup::Picker(State { purpose, .. })) = model.popups.pop() else { return Vec::new() };
    match (purpose, item.choice) {
        (Purpose::Assign(tasks, lane), Choice::Agent(agent)) => assign(model, &tasks, lane, agent, &item.label),
        (Purpose::Priority(tasks), Choice::Priority(priority)) => {
            let said = format!("Priority {}", priority.label());
            verbs::edit(model, &tasks, &[TaskField::Priority(priority)], said)
        }
        (Purpose::Sprint(tasks), Choice::Sprint(sprint)) => {
            verbs::edit(model, &tasks, &[TaskField::Sprint(sprint)], format!("Sprint: {}", item.label))
        }
        (Purpose::Theme, Choice::Theme(name)) => {
            wear(model, &name);
            model.say(format!("Theme {}", model.looks.theme.name));
            Vec::new()
        }
        (Purpose::Snooze(escalation_id), Choice::Minutes(minutes)) => {
            let until = model.clock.wall + chrono::TimeDelta::minutes(minutes);
            submit(
                model,
                vec![Command::SnoozeEscalation { escalation_id, until }],
                format!("Asked again {}", item.label),
            )
        }
        _ => Vec::new(),
    }
}

fn assign(model: &mut Model, tasks: &[TaskId], lane: Option<Lane>, agent: Option<AgentId>, name: &str) -> Effects {
    if lane == Some(Lane::Done) {
        return verbs::complete(model, tasks, agent);
    }
    model.board.last_agent = agent;
    let command = |task: &TaskId| match agent {
        Some(agent_id) => Command::AssignTask {
            task_id: *task,
            agent_id,
            method: AssignmentMethod::Assigned,
            why: None,
            fence: Fence::None,
        },
        None => Command::ReleaseTask { task_id: *task, fence: Fence::None, reason: None },
    };
    let said = format!("{} to {name}", verbs::names(model, tasks));
    let follow = lane.and(tasks.first().copied());
    verbs::send(model, tasks.iter().map(command).collect(), said, follow)
}

/// Draws the picker over the bottom of `area`.
pub fn view(model: &Model, state: &State, area: Rect, ink: &mut Ink) {
    let items = state.items(model);
    let rows = (items.len() as u16).clamp(1, SHOWN) + 1;
    let inner = sheet(area, rows, state.title(), "type to find  ⏎ takes  Esc", ink);
    ink.put(inner.x, inner.y, 2, "› ", Role::Accent);
    state.query.draw(ink, inner.x + 2, inner.y, inner.width.saturating_sub(3), 1.min(inner.height));
    let fits = usize::from(inner.height.saturating_sub(1));
    let top = (state.index + 1).saturating_sub(fits);
    if items.is_empty() && fits > 0 {
        ink.put(inner.x, inner.y + 1, inner.width, "Nothing matches.", Role::Muted);
    }
    for (n, item) in items.iter().enumerate().skip(top).take(fits) {
        let place = Rect { x: inner.x - 1, y: inner.y + 1 + (n - top) as u16, width: inner.width, height: 1 };
        let mut row = ink.row(place.x + 1, place.y, place.width);
        row.put(item.sign.0, item.sign.1).gap(1);
        row.put(&text::pad(&item.label, 24), Role::Text).gap(1).put(&item.detail, Role::Muted);
        ink.target(place, Target::Choice(n));
        if n == state.index {
            ink.select(place);
        }
    }
}
