//! Choosing an agent, draining it, changing its limit.

use crate::domain::command::AgentField;
use crate::domain::{AgentId, Command};
use crate::store::view::{ActivityFilter, AgentRow};
use crate::tui::action::Action;
use crate::tui::data::Wanted;
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::screen::activity::Entry;
use crate::tui::update::{open_task, submit};

/// Lines of an agent's log that are read.
const RECENT: usize = 40;

/// Runs an action of the agents screen.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let at = model.agents.index;
    match action {
        Action::Down => model.agents.go_to(at + 1),
        Action::Up => model.agents.go_to(at.saturating_sub(1)),
        Action::HalfDown | Action::PageDown => model.agents.go_to(at + 10),
        Action::HalfUp | Action::PageUp => model.agents.go_to(at.saturating_sub(10)),
        Action::First => model.agents.go_to(0),
        Action::Last => model.agents.go_to(usize::MAX),
        Action::Open => open_first_task(model),
        Action::Drain => return drain(model),
        Action::AgentLimit => {
            if let Some(id) = model.agents.current().map(|row| row.agent.agent_id) {
                prompt::open(model, Purpose::AgentLimit(id));
            }
        }
        _ => {}
    }
    Vec::new()
}

fn open_first_task(model: &mut Model) {
    match model.agents.current().map(|row| row.current_tasks.first().map(|held| held.task_id)) {
        Some(Some(id)) => open_task(model, id),
        Some(None) => model.decline("This agent has no task to open."),
        None => {}
    }
}

fn drain(model: &mut Model) -> Effects {
    let Some(row) = model.agents.current() else { return Vec::new() };
    let (id, draining) = (row.agent.agent_id, !row.agent.draining);
    let said = if draining { "finishes what it has, then rests" } else { "takes tasks again" };
    let said = format!("{} {said}", row.agent.name);
    submit(model, vec![Command::EditAgent { agent_id: id, changes: vec![AgentField::Draining(draining)] }], said)
}

/// A click chooses; a double click opens.
pub fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    if let Target::Entry(index) = target {
        model.agents.go_to(*index);
        if twice {
            open_first_task(model);
        }
    }
    Vec::new()
}

/// The agents, and what the chosen one did last.
pub fn want(model: &Model, wanted: &mut Wanted) {
    wanted.agents = true;
    let actor = model.agents.current().map(|row| row.agent.name.clone());
    wanted.activity =
        actor.map(|actor| ActivityFilter { actor: Some(actor), limit: RECENT, ..ActivityFilter::default() });
}

/// Takes the agents that were read; the cursor stays on its agent.
pub fn see(model: &mut Model, rows: Vec<AgentRow>) {
    let state = &mut model.agents;
    state.rows = rows;
    state.loaded = true;
    let place = |id: AgentId| state.shown().iter().position(|row| row.agent.agent_id == id);
    let index = state.chosen.and_then(place).unwrap_or(state.index);
    state.go_to(index);
}

/// Takes what the chosen agent did last.
pub fn see_recent(model: &mut Model, actor: &str, rows: Vec<Entry>) {
    if model.agents.current().is_some_and(|row| row.agent.name == actor) {
        model.agents.recent = rows;
    }
}
