//! Draws the log.

use ratatui::layout::Rect;

use super::state::Entry;
use crate::domain::ActorKind;
use crate::tui::glyph;
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;

/// Draws the log into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let area = inset(area, 1);
    let state = &model.activity;
    let rows = state.shown();
    let mut head = ink.row_of(Rect { height: 1, ..area });
    head.put("Activity", Role::Title).gap(3);
    head.put(if state.follow { "newest first, follows" } else { "newest first" }, Role::Muted);
    if let Some(newest) = state.rows.first() {
        head.put_right(&format!("{} of {}", (state.index + 1).min(rows.len()), newest.row.change), Role::Muted);
    }
    if rows.is_empty() && state.loaded {
        ink.put(
            area.x,
            area.y + 2,
            area.width,
            "Nothing has happened yet. Every change by anybody stands here.",
            Role::Muted,
        );
    }
    let fits = usize::from(area.height.saturating_sub(2));
    let top = (state.index + 1).saturating_sub(fits);
    for (n, entry) in rows.iter().enumerate().skip(top).take(fits) {
        let place = Rect { y: area.y + 2 + (n - top) as u16, height: 1, ..area };
        draw_entry(model, entry, place, false, ink);
        ink.target(place, Target::Entry(n));
        if n == state.index {
            let whole = Rect { x: area.x - 1, width: area.width + 2, ..place };
            ink.select(whole);
            ink.line(whole.x, place.y, 1, glyph::CURSOR, Role::Accent);
        }
    }
}

/// Draws one entry; `own`: who did it is known.
pub fn draw_entry(model: &Model, entry: &Entry, area: Rect, own: bool, ink: &mut Ink) {
    let (mut line, row) = (ink.row_of(area), &entry.row);
    let at = row.at.with_timezone(&model.zone);
    let today = model.clock.wall.with_timezone(&model.zone).date_naive() == at.date_naive();
    line.put(&at.format(if today { "%H:%M:%S" } else { "%d %b %H:%M" }).to_string(), Role::Muted).gap(1);
    if !own {
        let role = if row.actor.kind == ActorKind::Human { Role::Accent } else { Role::Muted };
        line.put(&text::pad(&row.actor.name, 12), role).gap(1);
        let undone = row.undone_by.map(|by| format!("undone by {by}"));
        line.put_right(&undone.unwrap_or_default(), Role::Warn).gap_right(1);
    }
    let look = if row.undone_by.is_some() { Role::Muted } else { Role::Text };
    line.put(&entry.words, look);
}
