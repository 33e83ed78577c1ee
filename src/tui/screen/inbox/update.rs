//! Choosing a question and what to do with it.

use super::state::{current, rows};
use crate::domain::{Command, EscalationKind};
use crate::tui::action::Action;
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::popup::prompt::{self, Purpose};
use crate::tui::popup::{answer, picker};
use crate::tui::update::{open_task, submit};

/// Runs an action of the inbox.
pub fn act(model: &mut Model, action: Action) -> Effects {
    let at = model.inbox.index;
    match action {
        Action::Down => go_to(model, at + 1),
        Action::Up => go_to(model, at.saturating_sub(1)),
        Action::HalfDown | Action::PageDown => go_to(model, at + 5),
        Action::HalfUp | Action::PageUp => go_to(model, at.saturating_sub(5)),
        Action::First => go_to(model, 0),
        Action::Last => go_to(model, usize::MAX),
        Action::AnswerThis | Action::Open => open(model),
        Action::WordsThis => words(model),
        Action::OpenTask => match current(model).map(|row| row.task.as_ref().map(|task| task.task_id)) {
            Some(Some(id)) => open_task(model, id),
            Some(None) => model.decline("This question is not about a task."),
            None => {}
        },
        Action::DelegateThis => {
            if let Some(id) = current(model).map(|row| row.escalation.escalation_id) {
                prompt::open(model, Purpose::Delegate(id));
            }
        }
        Action::SnoozeThis => {
            if let Some(id) = current(model).map(|row| row.escalation.escalation_id) {
                picker::open(model, picker::Purpose::Snooze(id));
            }
        }
        Action::MarkRead => return mark_read(model),
        _ => {}
    }
    Vec::new()
}

fn go_to(model: &mut Model, index: usize) {
    let rows = rows(model);
    let index = index.min(rows.len().saturating_sub(1));
    let chosen = rows.get(index).map(|row| row.escalation.escalation_id);
    (model.inbox.index, model.inbox.chosen) = (index, chosen);
}

fn open(model: &mut Model) {
    let Some(row) = current(model) else { return };
    let (id, kind) = (row.escalation.escalation_id, row.escalation.kind);
    if kind == EscalationKind::Notice {
        return model.decline("Nothing is asked here; e puts it away.");
    }
    answer::open(model, Some(id));
}

fn words(model: &mut Model) {
    let Some(row) = current(model) else { return };
    let (id, kind) = (row.escalation.escalation_id, row.escalation.kind);
    if kind == EscalationKind::Notice {
        return model.decline("Nothing is asked here; e puts it away.");
    }
    prompt::open(model, Purpose::Words(id));
}

fn mark_read(model: &mut Model) -> Effects {
    let Some(row) = current(model) else { return Vec::new() };
    if row.escalation.kind != EscalationKind::Notice {
        model.decline(format!("{} waits for an answer: Enter answers, H asks again later.", row.label));
        return Vec::new();
    }
    let (escalation_id, said) = (row.escalation.escalation_id, format!("{} put away", row.label));
    submit(model, vec![Command::WithdrawEscalation { escalation_id }], said)
}

/// A click chooses; a double click opens the answer sheet.
pub fn click(model: &mut Model, target: &Target, twice: bool) -> Effects {
    if let Target::Entry(index) = target {
        go_to(model, *index);
        if twice {
            open(model);
        }
    }
    Vec::new()
}

/// New questions were read; the cursor stays on its question.
pub fn see(model: &mut Model) {
    let rows = rows(model);
    let chosen = model.inbox.chosen;
    let place = rows.iter().position(|row| Some(row.escalation.escalation_id) == chosen);
    go_to(model, place.unwrap_or(model.inbox.index));
}
