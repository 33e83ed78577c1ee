//! Draws the inbox: the questions, and the chosen one at large.

use ratatui::layout::Rect;

use super::state::{Group, current, rows};
use crate::domain::EscalationKind;
use crate::domain::escalation::Choice;
use crate::store::view::EscalationRow;
use crate::tui::glyph;
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::widget::page::Page;
use crate::tui::words;

/// From this width on the list and the question stand side by side.
const SPLIT_FROM: u16 = 100;

/// Draws the inbox into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let area = inset(area, 1);
    if rows(model).is_empty() {
        return draw_empty(model, area, ink);
    }
    if area.width >= SPLIT_FROM {
        let list = Rect { width: area.width * 2 / 5, ..area };
        draw_list(model, Rect { width: list.width - 2, ..list }, ink);
        ink.line_down(list.right() - 1, area.y, area.height, glyph::DOWN, Role::Faint);
        let place = Rect { x: list.right() + 1, width: area.right().saturating_sub(list.right() + 1), ..area };
        draw_current(model, place, ink);
    } else {
        let list = Rect { height: (rows(model).len() as u16 * 2 + 4).min(area.height / 2), ..area };
        draw_list(model, list, ink);
        let rest = Rect { y: list.bottom() + 1, height: area.height.saturating_sub(list.height + 1), ..area };
        ink.line(area.x, list.bottom(), area.width, glyph::LINE, Role::Faint);
        draw_current(model, rest, ink);
    }
}

fn draw_list(model: &Model, area: Rect, ink: &mut Ink) {
    let rows = rows(model);
    let counts = Group::ALL.into_iter().filter_map(|group| {
        let count = rows.iter().filter(|row| Group::of(row.escalation.kind) == group).count();
        (count > 0).then(|| format!("{count} {}", ["to answer", "to approve", "to know"][group as usize]))
    });
    let counts: Vec<String> = counts.collect();
    let mut head = ink.row_of(Rect { height: 1.min(area.height), ..area });
    head.put("Inbox", Role::Title).gap(3).put(&counts.join(" · "), Role::Muted);
    // Two lines each, a heading before the first of each group.
    let heights: Vec<u16> =
        rows.iter().enumerate().map(|(n, row)| 2 + 2 * u16::from(starts_group(&rows, n, row))).collect();
    let room = area.height.saturating_sub(1);
    let mut first = 0;
    while first < model.inbox.index && heights[first..=model.inbox.index].iter().sum::<u16>() > room {
        first += 1;
    }
    let mut y = area.y + 1;
    for (n, row) in rows.iter().enumerate().skip(first) {
        if starts_group(&rows, n, row) && y + 4 <= area.bottom() {
            let mut line = ink.row(area.x, y + 1, area.width);
            line.put(Group::of(row.escalation.kind).title(), Role::Muted.bold()).gap(1);
            let (x, width) = (line.x(), line.room());
            ink.line(x, y + 1, width, glyph::LINE, Role::Faint);
            y += 2;
        }
        if y + 2 > area.bottom() {
            break;
        }
        draw_row(model, row, n, Rect { y, height: 2, ..area }, ink);
        y += 2;
    }
}

fn starts_group(rows: &[&EscalationRow], n: usize, row: &EscalationRow) -> bool {
    let group = Group::of(row.escalation.kind);
    n == 0 || rows.get(n - 1).is_some_and(|before| Group::of(before.escalation.kind) != group)
}

fn sign(kind: EscalationKind) -> (&'static str, Role) {
    match kind {
        EscalationKind::Question | EscalationKind::Decision => (glyph::ASK, Role::Ask),
        EscalationKind::Approval => (glyph::status(crate::domain::Status::Reviewing), Role::Review),
        EscalationKind::Notice => (glyph::DOT, Role::Muted),
    }
}

fn draw_row(model: &Model, row: &EscalationRow, n: usize, area: Rect, ink: &mut Ink) {
    let ask = &row.escalation;
    let (sign, role) = sign(ask.kind);
    let chosen = n == model.inbox.index;
    let held = model.held.iter().any(|held| held.escalation == ask.escalation_id);
    let mut line = ink.row_of(area);
    line.put(sign, role).gap(1).put(&ask.question, if chosen { Role::Text.bold() } else { Role::Text.into() });
    let mut line = ink.row(area.x + 2, area.y + 1, area.width.saturating_sub(2));
    let age = words::age(ask.raised_at, model.clock.wall);
    line.put_right(
        &if held { "answered".into() } else { cost(row, &age) },
        if held { Role::Done } else { Role::Muted },
    );
    line.gap_right(1);
    line.put(&format!("{} · {}", row.label, text::clip(&ask.asked_by, 40)), Role::Muted);
    ink.target(area, Target::Entry(n));
    if chosen {
        let whole = Rect { x: area.x - 1, width: area.width + 1, ..area };
        ink.select(whole);
        ink.line_down(whole.x, whole.y, 2, glyph::CURSOR, Role::Accent);
    }
}

fn cost(row: &EscalationRow, age: &str) -> String {
    match row.holds_tasks {
        0 => age.to_owned(),
        _ if row.holds_points > 0.0 => format!("holds {} · {age}", words::points(row.holds_points)),
        tasks => format!("holds {} · {age}", words::count(tasks, "task")),
    }
}

fn draw_current(model: &Model, area: Rect, ink: &mut Ink) {
    if let Some(row) = current(model) {
        draw_question(model, row, area, ink);
    }
}

/// Draws a question with everything one should know to answer it.
pub fn draw_question(model: &Model, row: &EscalationRow, area: Rect, ink: &mut Ink) {
    let ask = &row.escalation;
    let mut page = Page::new(area.width);
    let about = row.task.as_ref().map(|task| format!(" on {} {}", task.number, text::clip(&task.title, 120)));
    page.pieces([
        (row.label.clone(), Role::Ask.bold()),
        (format!(" from {}", text::clip(&ask.asked_by, 40)), Role::Muted.into()),
        (about.unwrap_or_default(), Role::Muted.into()),
    ]);
    page.blank().paragraph(&ask.question, Role::Title);
    if !ask.context.trim().is_empty() {
        page.blank().paragraph(&ask.context, Role::Text);
    }
    if !ask.choices.is_empty() {
        page.heading("Choose");
    }
    for (n, choice) in ask.choices.iter().enumerate() {
        draw_choice(&mut page, n, choice, ask.recommended == Some(n));
    }
    page.heading("Why it matters");
    let age = words::age(ask.raised_at, model.clock.wall);
    let held = format!("{}, {}", words::count(row.holds_tasks, "task"), words::points(row.holds_points));
    page.paragraph(&format!("holds {held} · asked {age} ago"), Role::Text);
    for line in [&ask.impact, &ask.otherwise].into_iter().filter(|line| !line.trim().is_empty()) {
        page.paragraph(line, Role::Text);
    }
    page.draw(area, 0, ink);
}

fn draw_choice(page: &mut Page, n: usize, choice: &Choice, recommended: bool) {
    page.text((&(n + 1).to_string(), Role::Key), 3, &choice.label, Role::Text);
    let mut detail = if recommended { vec!["suggested"] } else { Vec::new() };
    detail.extend((!choice.detail.trim().is_empty()).then_some(choice.detail.as_str()));
    if !detail.is_empty() {
        page.text(("", Role::Text), 3, &detail.join(" · "), if recommended { Role::Done } else { Role::Muted });
    }
}

fn draw_empty(model: &Model, area: Rect, ink: &mut Ink) {
    if model.head.summary.is_none() {
        return;
    }
    let working = model.agents.rows.iter().filter(|row| !row.current_tasks.is_empty()).count();
    let watch = format!("{} to watch.", model.keys.key_of(crate::tui::action::Action::ShowAgents));
    let lines = [
        "No questions.".to_owned(),
        "Agents ask here when they cannot decide.".to_owned(),
        if working > 0 { format!("{} working: {watch}", words::count(working, "agent")) } else { watch },
    ];
    for (n, line) in lines.iter().enumerate() {
        ink.put(area.x, area.y + 1 + n as u16, area.width, line, if n == 0 { Role::Title } else { Role::Muted });
    }
}
