//! What the sprint that was closed last teaches; a digit makes a proposal a task or a setting.

use ratatui::layout::Rect;

use super::{Popup, scrolls, sheet};
use crate::domain::Rejection;
use crate::plan::retro::{Change, Facts, Proposal};
use crate::service::retro::{self, Retro};
use crate::service::{Error, Service, sprints};
use crate::tui::effect::{Effect, Effects, Job};
use crate::tui::model::Model;
use crate::tui::msg::{Failure, Msg};
use crate::tui::terminal::Key;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::widget::page::Page;
use crate::tui::words::{count, span};

/// Cells of what stands before a fact.
const LABEL: usize = 12;

/// What is seen of it.
#[derive(Debug, Default)]
pub struct State {
    /// What the sprint teaches, or why nobody can say; none while it is being read.
    retro: Option<Result<Box<Retro>, String>>,
    /// Lines above the first that is seen.
    scroll: usize,
}

/// Opens it.
pub fn open(model: &mut Model) -> Effects {
    model.popups.push(Popup::Retro(State::default()));
    vec![compute(|service| read(service).map(|retro| (retro, None)))]
}

fn compute(run: impl FnOnce(&mut Service) -> Result<(Retro, Option<String>), Error> + Send + 'static) -> Effect {
    let run = move |service: &mut Service| {
        Msg::Retro(run(service).map(|(retro, said)| (Box::new(retro), said)).map_err(Into::into))
    };
    Effect::Compute(Job { name: "retrospective", run: Box::new(run) })
}

fn read(service: &Service) -> Result<Retro, Error> {
    let closed = sprints::last_closed(service.read())?;
    let none = || Rejection::Invalid("no sprint is closed yet".into());
    retro::retro(service.read(), &closed.ok_or_else(none)?)
}

/// Takes what was read, and what was made of a proposal.
pub fn see(model: &mut Model, found: Result<(Box<Retro>, Option<String>), Failure>) {
    let unread = matches!(model.popups.last(), Some(Popup::Retro(State { retro: None, .. })));
    let retro = match found {
        Ok((retro, said)) => {
            if let Some(said) = said {
                model.say(said);
            }
            Ok(retro)
        }
        Err(failure) if unread => Err(failure.to_string()),
        // What was read before stands.
        Err(failure) => return model.complain(failure.to_string()),
    };
    if let Some(Popup::Retro(state)) = model.popups.last_mut() {
        state.retro = Some(retro);
    }
}

/// A digit makes a proposal so; other keys scroll, or close it.
pub fn key(model: &mut Model, key: Key) -> Effects {
    if let Some(number) = key.typed().and_then(|typed| typed.to_digit(10)).filter(|number| *number > 0) {
        return accept(model, number as usize);
    }
    let width = usize::from(model.size.0);
    let Some(Popup::Retro(state)) = model.popups.last_mut() else { return Vec::new() };
    let lines = lines(state, width).len();
    if scrolls(key, &mut state.scroll, lines) {
        model.popups.pop();
    }
    Vec::new()
}

fn accept(model: &mut Model, number: usize) -> Effects {
    if model.flags.read_only {
        model.decline("This board was opened read-only.");
        return Vec::new();
    }
    let actor = model.actor.clone();
    vec![compute(move |service| {
        let none = || Rejection::Invalid("no sprint is closed any more".into());
        let sprint = sprints::last_closed(service.read())?.ok_or_else(none)?;
        let (proposal, done) = retro::accept(service, &actor, &sprint, number)?;
        let task = done.task().map(|id| service.read().task(id)).transpose()?.flatten();
        let said = match (task, &proposal.change) {
            (Some(task), _) => format!("{} is in the backlog; u takes it back", task.number),
            (None, Change::Setting { says, .. }) => format!("Set {says}; u takes it back"),
            (None, Change::Task) => proposal.title.clone(),
        };
        Ok((read(service)?, Some(said)))
    })]
}

/// Draws it over `area`.
pub fn view(state: &State, area: Rect, ink: &mut Ink) {
    let page = lines(state, usize::from(area.width.saturating_sub(4)));
    let title = match &state.retro {
        Some(Ok(retro)) => format!("Retrospective of {}", text::clip(&retro.facts.name, 40)),
        _ => "Retrospective".to_owned(),
    };
    let rows = (page.len() as u16).clamp(4, area.height.saturating_sub(1).max(4));
    let inner = sheet(area, rows, &title, "1–9 make one so   Esc closes", ink);
    page.draw(inner, state.scroll, ink);
}

fn lines(state: &State, width: usize) -> Page {
    let mut page = Page::new(width as u16);
    let retro = match &state.retro {
        Some(Ok(retro)) => retro,
        Some(Err(why)) => {
            page.paragraph(why, Role::Muted);
            return page;
        }
        None => {
            page.paragraph("Looking at the sprint that was closed last.", Role::Muted);
            return page;
        }
    };
    facts(&mut page, &retro.facts);
    page.heading("What it speaks for");
    if retro.proposals.is_empty() {
        page.paragraph("Nothing that was written down speaks for a change.", Role::Muted);
    }
    for proposal in &retro.proposals {
        propose(&mut page, proposal);
    }
    page.blank();
    page.paragraph("`vayu sprint retro` has every fact in full.", Role::Muted);
    page
}

fn facts(page: &mut Page, facts: &Facts) {
    let mut row = |label: &str, words: &str| {
        page.text((label, Role::Muted), LABEL, words, Role::Text);
    };
    let tasks = |tasks: u32| count(tasks, "task");
    let (done, committed) = (tasks(facts.done.tasks), tasks(facts.committed.tasks));
    let added = if facts.added.tasks > 0 { format!(", {} came later", facts.added.tasks) } else { String::new() };
    row("done", &format!("{done}; committed to {committed}{added}"));
    if facts.estimates.compared > 0 && facts.estimates.estimated > 0 {
        let times = facts.estimates.actual as f64 / facts.estimates.estimated as f64;
        row("took", &format!("{times:.1} times what was estimated, over {}", tasks(facts.estimates.compared)));
    }
    let waits = facts.waits.iter().map(|one| format!("{} {}", one.cause, span(one.minutes)));
    let waits: Vec<String> = waits.take(4).collect();
    if !waits.is_empty() {
        row("waited for", &waits.join(", "));
    }
    row("sent back", &format!("{} of {} reviewed", facts.sent_back.len(), facts.reviewed));
    row("asked", &count(facts.asked.len(), "question"));
}

fn propose(page: &mut Page, proposal: &Proposal) {
    let open = proposal.accepted.is_none() && !proposal.settled;
    let number = (format!("{} ", proposal.number), if open { Role::Key } else { Role::Muted });
    page.text((&number.0, number.1), 3, &proposal.title, if open { Role::Text } else { Role::Muted });
    for words in &proposal.evidence {
        page.text(("", Role::Muted), 5, words, Role::Muted);
    }
    match (proposal.accepted, &proposal.change) {
        (Some(task), _) => drop(page.text(("", Role::Muted), 5, &format!("it has become {task}"), Role::Done)),
        (None, Change::Setting { .. }) if proposal.settled => {
            page.text(("", Role::Muted), 5, "the settings were changed since", Role::Done);
        }
        (None, Change::Setting { says, .. }) => {
            page.text(("", Role::Muted), 5, &format!("sets {says}"), Role::Text);
        }
        (None, Change::Task) => {}
    }
}
