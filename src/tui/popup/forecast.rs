//! How the running sprint will probably end, what would help, and who does what when.

use ratatui::layout::Rect;

use super::{Popup, scrolls, sheet};
use crate::domain::Timestamp;
use crate::plan::prospect::{Prospect, Row, Tone, WANTED};
use crate::service::forecast::{Foretold, Turn};
use crate::tui::effect::{Effect, Effects, Look};
use crate::tui::glyph;
use crate::tui::model::Model;
use crate::tui::msg::Failure;
use crate::tui::terminal::{Code, Key};
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::widget::page::Page;

/// A chance below which a goal is unlikely.
const EVEN: f64 = 0.5;
/// Cells of what stands before a fact.
const LABEL: usize = 12;

/// What is seen of it.
#[derive(Debug, Default)]
pub struct State {
    /// Lines above the first that is seen.
    scroll: usize,
    /// What would help is being looked for.
    waits: bool,
}

/// Opens it, and has it looked for what would help.
pub fn open(model: &mut Model) -> Effects {
    model.popups.push(Popup::Forecast(State { scroll: 0, waits: true }));
    vec![Effect::Foretell(Look::Sprint)]
}

/// Takes what was found. Where it lies open it is looked at again what would help.
pub fn see(model: &mut Model, advises: bool, found: Result<Option<Box<Foretold>>, Failure>) -> Effects {
    model.head.foretold = found.map_err(|failure| failure.to_string()).transpose();
    let open = model.popups.iter_mut().find_map(|popup| match popup {
        Popup::Forecast(state) => Some(state),
        _ => None,
    });
    let Some(state) = open else { return Vec::new() };
    state.waits = !advises;
    if advises { Vec::new() } else { vec![Effect::Foretell(Look::Sprint)] }
}

/// Scrolls, or closes it.
pub fn key(model: &mut Model, key: Key) -> Effects {
    let lines = lines(model, usize::from(model.size.0)).len();
    let Some(Popup::Forecast(state)) = model.popups.last_mut() else { return Vec::new() };
    if key.typed() == Some('F') || key.code == Code::Enter || scrolls(key, &mut state.scroll, lines) {
        model.popups.pop();
    }
    Vec::new()
}

/// Draws it over `area`.
pub fn view(model: &Model, state: &State, area: Rect, ink: &mut Ink) {
    let page = lines(model, usize::from(area.width.saturating_sub(4)));
    let note = if state.waits { "looking for what would help" } else { "Esc closes" };
    let title = match &model.head.foretold {
        Some(Ok(foretold)) => format!("Forecast of {}", text::clip(&foretold.sprint, 40)),
        _ => "Forecast".into(),
    };
    let inner = sheet(area, (page.len() as u16).clamp(4, area.height.saturating_sub(1)), &title, note, ink);
    page.draw(inner, state.scroll, ink);
}

/// The forecast that is known of the sprint that runs.
pub fn prospect(model: &Model) -> Option<&Prospect> {
    let foretold = model.head.foretold.as_ref()?.as_ref().ok()?;
    let sprint = model.head.summary.as_ref()?.sprint.as_ref()?;
    foretold.prospect.as_ref().filter(|_| foretold.sprint == sprint.name)
}

/// A date on the user's wall.
pub fn day(model: &Model, at: Timestamp, form: &str) -> String {
    at.with_timezone(&model.zone).format(form).to_string()
}

/// How a chance of the goal looks.
pub fn role(chance: f64) -> Role {
    match chance {
        chance if chance >= WANTED => Role::Done,
        chance if chance >= EVEN => Role::Warn,
        _ => Role::Danger,
    }
}

fn lines(model: &Model, width: usize) -> Page {
    let mut page = Page::new(width as u16);
    match &model.head.foretold {
        None => drop(page.paragraph("No sprint runs, or it was not looked at yet.", Role::Muted)),
        Some(Err(why)) => drop(page.paragraph(why, Role::Danger)),
        Some(Ok(foretold)) => {
            match &foretold.prospect {
                None => drop(page.paragraph("Nothing is open that somebody can do.", Role::Muted)),
                Some(prospect) => facts(&mut page, model, foretold, prospect),
            }
            turns(&mut page, model, &foretold.turns);
        }
    }
    page
}

fn facts(page: &mut Page, model: &Model, foretold: &Foretold, told: &Prospect) {
    for Row { label, words, tone } in told.rows(&foretold.waits, &|at| day(model, at, "%a %-d %b %H:%M")) {
        let role = match tone {
            Tone::Plain => Role::Text,
            Tone::Warn => Role::Warn,
            Tone::Chance(chance) => role(chance),
        };
        page.text((label, Role::Muted), LABEL, &words, role);
    }
}

fn turns(page: &mut Page, model: &Model, turns: &[Turn]) {
    page.heading("Who does what when");
    if turns.is_empty() {
        page.paragraph("Nobody has planned it; `vayu sprint replan` does.", Role::Muted);
    }
    for turn in turns {
        let date = |at: Timestamp, form| day(model, at, form);
        let same_day = date(turn.span.0, "%F") == date(turn.span.1, "%F");
        let start = date(turn.span.0, "%a %-d %b %H:%M");
        let end = date(turn.span.1, if same_day { "%H:%M" } else { "%a %H:%M" });
        let who = text::pad(&text::clip(turn.agent.as_deref().unwrap_or("anybody"), 14), 15);
        let what = format!("{} {}{}", turn.label, if turn.reviews { "review of " } else { "" }, turn.title);
        page.pieces([
            (text::pad(&format!("{start} {} {end}", glyph::STEP), 29), Role::Muted.into()),
            (who, Role::Text.into()),
            (what, Role::Text.into()),
        ]);
    }
}
