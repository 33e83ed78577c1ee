//! Two texts for one task: the user's, edited outside, and the one that somebody else has written meanwhile. Nothing is
//! decided by Enter, and Esc leaves both where they are.

use std::time::Duration;

use ratatui::layout::Rect;

use super::{Popup, is_deaf, sheet};
use crate::domain::TaskId;
use crate::tui::editor::Writing;
use crate::tui::effect::{Effect, Effects};
use crate::tui::model::Model;
use crate::tui::terminal::{Code, Key};
use crate::tui::theme::Role;
use crate::tui::update::writing::{Theirs, Unsent, forget, send};
use crate::tui::widget::ink::Ink;
use crate::tui::words;

/// Most lines that show what changed.
const SHOWN: usize = 8;

/// The question about a task.
#[derive(Debug)]
pub struct State {
    /// Which task.
    task: TaskId,
    /// When it came up, unless a key of its user brought it up at once.
    came: Option<Duration>,
}

/// Asks what becomes of the text that could not be sent, as somebody wants to know.
pub fn open(model: &mut Model, task: TaskId) {
    model.popups.push(Popup::Clash(State { task, came: None }));
}

/// Asks at a time of its own; keys that were on their way already are not the answer.
pub fn open_late(model: &mut Model, task: TaskId) {
    model.popups.push(Popup::Clash(State { task, came: Some(model.clock.run) }));
}

/// e edits again, y writes over the other text, t takes the other; Esc leaves it.
pub fn key(model: &mut Model, key: Key) -> Effects {
    let Some(Popup::Clash(State { task, came })) = model.popups.last() else { return Vec::new() };
    if came.is_some_and(|came| is_deaf(model, came)) {
        return Vec::new();
    }
    let Some(Unsent { writing, theirs: Some(theirs) }) = model.unsent.get(task).cloned() else {
        model.popups.pop();
        return Vec::new();
    };
    let onto_theirs = |writing: Writing| Writing { rev: theirs.rev, before: theirs.text.clone(), ..writing };
    let effects = match (key.typed(), key.code) {
        (Some('e'), _) => vec![Effect::Edit(Box::new(onto_theirs(writing)))],
        (Some('y'), _) => send(model, onto_theirs(writing)),
        (Some('t'), _) => {
            model.say(format!("The text of {} stays as it is", writing.number));
            forget(model, &writing)
        }
        (_, Code::Esc) | (Some('q'), _) => Vec::new(),
        (_, Code::Char('c')) if key.ctrl => Vec::new(),
        _ => return Vec::new(),
    };
    model.popups.pop();
    effects
}

/// Draws the question over the bottom of `area`.
pub fn view(model: &Model, state: &State, area: Rect, ink: &mut Ink) {
    let Some(Unsent { writing, theirs: Some(theirs) }) = model.unsent.get(&state.task) else { return };
    let room = usize::from(area.height.saturating_sub(7)).min(SHOWN);
    let lines = difference(&writing.before, &theirs.text, room);
    let title = format!("Two texts for {}", writing.number);
    let inner = sheet(area, lines.len() as u16 + 5, &title, "Esc later", ink);
    let mut y = inner.y;
    let mut put = |text: &str, role: Role, indent: u16| {
        if y < inner.bottom() {
            ink.put(inner.x + indent, y, inner.width.saturating_sub(indent), text, role);
        }
        y += 1;
    };
    put(&who(model, theirs), Role::Text, 0);
    for (sign, line, role) in lines {
        put(&format!("{sign} {line}"), role, 1);
    }
    let file = writing.file.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
    put(&format!("Yours is kept in {file}"), Role::Muted, 0);
    y += 1;
    if y < inner.bottom() {
        let mut row = ink.row(inner.x, y, inner.width);
        for (key, what) in [("e", " edit yours again   "), ("y", " yours over theirs   "), ("t", " theirs stays")] {
            row.put(key, Role::Key).put(what, Role::Muted);
        }
    }
}

fn who(model: &Model, theirs: &Theirs) -> String {
    match &theirs.by {
        Some((name, at)) => {
            format!("{name} changed it {} ago, while you were writing:", words::age(*at, model.clock.wall))
        }
        None => "It changed while you were writing:".into(),
    }
}

/// Lines that went and lines that came, without what both have at their beginning and end.
fn difference<'a>(before: &'a str, now: &'a str, most: usize) -> Vec<(&'static str, &'a str, Role)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let gone = old[head..old.len() - tail].iter().map(|line| ("-", *line, Role::DiffDel));
    let come = new[head..new.len() - tail].iter().map(|line| ("+", *line, Role::DiffAdd));
    let all: Vec<_> = gone.chain(come).collect();
    let hidden = all.len() > most;
    let shown = if hidden { most.saturating_sub(1) } else { most };
    let rest = hidden.then_some((" ", "…", Role::Muted));
    all.into_iter().take(shown).chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &str, now: &str) -> Vec<String> {
        difference(before, now, 4).into_iter().map(|(sign, line, _)| format!("{sign}{line}")).collect()
    }

    #[test]
    fn only_what_differs_is_shown() {
        assert_eq!(lines("a\nb\nc", "a\nB\nc"), ["-b", "+B"]);
        assert_eq!(lines("a\na", "a"), ["-a"]);
        assert_eq!(lines("", "a\nb\nc\nd\ne"), ["+a", "+b", "+c", " …"]);
        assert!(lines("a\n", "a").is_empty());
    }
}
