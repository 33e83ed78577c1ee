//! Draws the plan: steps, the present step, and beside it what the team can do and what to look at.

use ratatui::layout::Rect;

use super::draw::{self, Sheet};
use super::{advice, capacity};
use crate::plan::prospect::{self, WANTED};
use crate::plan::wizard::{Check, Draft, Ground, Outlook, Step, Weight};
use crate::tui::action::Action;
use crate::tui::glyph;
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::msg::Target;
use crate::tui::popup::forecast;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::widget::page::Page;
use crate::tui::words;

/// From this width on the steps stand on the left and the capacity on the right.
const WIDE: u16 = 100;
/// Widths of those columns.
const LEFT: u16 = 23;
const RIGHT: u16 = 32;

/// Draws the plan into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let area = inset(area, 1);
    let state = &model.plan;
    let (Some(draft), Some(ground), Some(outlook)) = (&state.draft, &state.ground, &state.outlook) else {
        ink.put(area.x, area.y, area.width, "Reading the backlog …", Role::Muted);
        return;
    };
    let sheet = Sheet { model, draft, ground, outlook };
    if area.width >= WIDE {
        wide(&sheet, area, ink);
    } else {
        narrow(&sheet, area, ink);
    }
}

/// Where the present step stands on a screen with this body.
fn middle(area: Rect) -> Rect {
    if area.width >= WIDE {
        Rect { x: area.x + LEFT + 2, width: area.width - LEFT - RIGHT - 4, ..area }
    } else {
        Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area }
    }
}

/// Lines of the last look that do not fit on the screen.
pub(super) fn hidden(model: &Model) -> usize {
    let state = &model.plan;
    let (Some(draft), Some(ground), Some(outlook)) = (&state.draft, &state.ground, &state.outlook) else { return 0 };
    let place = middle(inset(model.areas().body, 1));
    draw::last_look_on(&Sheet { model, draft, ground, outlook }, place).1
}

fn wide(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let place = middle(area);
    steps_down(sheet, Rect { width: LEFT, ..area }, ink);
    ink.line_down(area.x + LEFT, area.y, area.height, glyph::DOWN, Role::Faint);
    draw::step(sheet, place, ink);
    let right = place.right();
    ink.line_down(right, area.y, area.height, glyph::DOWN, Role::Faint);
    outlook_down(sheet, Rect { x: right + 2, width: RIGHT, ..area }, ink);
}

fn narrow(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    steps_across(sheet, area, ink);
    if area.height < 5 {
        return;
    }
    let bar = Rect { y: area.y + 1, height: 1, ..area };
    room_across(sheet, bar, ink);
    ink.line(area.x, area.y + 2, area.width, glyph::LINE, Role::Faint);
    draw::step(sheet, middle(area), ink);
}

/// Sign and look of a step.
fn mark(sheet: &Sheet, step: Step) -> (&'static str, Role) {
    let Sheet { draft, outlook, .. } = sheet;
    if step == draft.step {
        return ("▸", Role::Accent);
    }
    let done = match step {
        Step::Goal => !draft.goal.trim().is_empty(),
        Step::Capacity => outlook.capacity.minutes > 0,
        Step::Objectives => !outlook.aims.is_empty(),
        Step::Tasks => outlook.jobs.iter().any(|job| job.picked),
        Step::Schedule => !outlook.schedule.slots.is_empty() && outlook.schedule.left_out.is_empty(),
        Step::Start => false,
    };
    if done { (glyph::CHOSEN, Role::Done) } else { ("◌", Role::Muted) }
}

fn steps_down(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let Sheet { draft, ground, .. } = sheet;
    let mut row = ink.row_of(Rect { height: 1, ..area });
    row.put(&draft.display_name(ground), Role::Title).gap(2).put(&span(draft), Role::Muted);
    for (n, step) in Step::ALL.into_iter().enumerate() {
        let place = Rect { y: area.y + 2 + 2 * n as u16, height: 1, ..area };
        if place.y >= area.bottom() {
            return;
        }
        let (sign, role) = mark(sheet, step);
        let title = format!("{} {}", step.number(), step.title());
        let mut row = ink.row_of(place);
        row.put(sign, role).gap(1);
        if step == draft.step {
            row.put(&title, Role::Title)
        } else {
            row.put(&title, Role::Text)
        };
        ink.target(place, Target::Choice(n));
    }
    let below = Rect { y: area.y + 15, height: area.height.saturating_sub(17), ..area };
    if below.height >= 3 && !draft.goal.trim().is_empty() {
        let mut page = Page::new(LEFT - 2);
        page.line("Goal", Role::Title).paragraph(&draft.goal, Role::Muted);
        page.draw(below, 0, ink);
    }
    if area.height > 16 && !sheet.model.flags.read_only {
        ink.put(area.x, area.bottom() - 1, area.width, "draft saved", Role::Muted);
    }
}

/// `2–13 Jun`.
fn span(draft: &Draft) -> String {
    let last = draft.ends_at - chrono::Duration::microseconds(1);
    let same = draft.starts_at.format("%b%Y").to_string() == last.format("%b%Y").to_string();
    let first = draft.starts_at.format(if same { "%-d" } else { "%-d %b" });
    format!("{first}–{}", last.format("%-d %b"))
}

fn steps_across(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let mut row = ink.row_of(Rect { height: 1, ..area });
    for (n, step) in Step::ALL.into_iter().enumerate() {
        let (sign, role) = mark(sheet, step);
        let start = row.x();
        row.put(sign, role).put(&step.number().to_string(), role);
        if step == sheet.draft.step {
            row.gap(1).put(step.title(), Role::Title);
        }
        row.target_from(start, Target::Choice(n)).gap(2);
    }
    let saved = if sheet.model.flags.read_only { "" } else { " · draft saved" };
    row.put_right(&format!("{}{saved}", sheet.draft.display_name(sheet.ground)), Role::Muted);
}

/// How full the plan is, in percent.
fn percent(outlook: &Outlook) -> u8 {
    if outlook.limit <= 0.0 {
        return if outlook.points > 0.0 { 100 } else { 0 };
    }
    (outlook.points * 100.0 / outlook.limit).clamp(0.0, 100.0) as u8
}

fn fullness(outlook: &Outlook) -> (String, Role) {
    let tenth = |points: f64| (points * 10.0).round() / 10.0 + 0.0;
    let over = outlook.points > outlook.limit + 1e-9;
    let text = format!("{}/{}", tenth(outlook.points), words::points(tenth(outlook.limit)));
    let text = if over { format!("{text}!") } else { text };
    let more = tenth(outlook.stretch_points);
    let text = if more > 0.0 { format!("{text} +{}", words::points(more)) } else { text };
    (text, if over { Role::Warn } else { Role::Text })
}

fn room_across(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let (model, outlook) = (sheet.model, sheet.outlook);
    let (text, role) = fullness(outlook);
    let (full, empty) = words::bar(percent(outlook), 20);
    let mut row = ink.row_of(area);
    row.put(&text, role).gap(1).put(&full, role).put(&empty, Role::Muted).gap(2);
    match (&model.plan.prospect, outlook.schedule.ends_at) {
        (Some(told), _) => {
            let day = |at| forecast::day(model, at, "%a %-d %b");
            row.put(&told.safely(&day), forecast::role(told.outlook()));
        }
        (None, Some(end)) => drop(row.put(&format!("plan ends {}", end.format("%a %-d %b")), Role::Muted)),
        (None, None) => {}
    }
    if let Some(check) = outlook.checks.iter().find(|check| check.weight != Weight::Fine) {
        row.gap(2).put("! ", Role::Warn).put(&check.text, Role::Text);
    }
}

fn outlook_down(sheet: &Sheet, area: Rect, ink: &mut Ink) {
    let outlook = sheet.outlook;
    let (text, role) = fullness(outlook);
    ink.row_of(Rect { height: 1, ..area }).put("Capacity", Role::Accent.bold()).put_right(&text, role);
    let (full, empty) = words::bar(percent(outlook), usize::from(area.width));
    ink.row(area.x, area.y + 1, area.width).put(&full, role).put(&empty, Role::Muted);
    let shown = outlook.capacity.agents.len().min(usize::from(area.height / 3));
    capacity::agents(sheet, Rect { y: area.y + 3, height: shown as u16, ..area }, ink);
    let mut page = Page::new(area.width);
    dates(sheet, &mut page);
    page.heading("Before you go on");
    for check in &outlook.checks {
        let sign = sign(check);
        page.text(sign, 2, &check.text, Role::Text);
    }
    advice::all(sheet, &mut page);
    let top = area.y + 4 + shown as u16;
    page.draw(Rect { y: top, height: area.bottom().saturating_sub(top), ..area }, 0, ink);
}

/// When the schedule ends, and how the plan would probably end.
pub(super) fn dates(sheet: &Sheet, page: &mut Page) {
    let Some(end) = sheet.outlook.schedule.ends_at else { return };
    page.heading("Schedule");
    page.paragraph(&format!("ends {} if nothing comes in between", end.format("%a %-d %b %H:%M")), Role::Text);
    if let Some(told) = &sheet.model.plan.prospect {
        let day = |at| forecast::day(sheet.model, at, "%a %-d %b");
        page.paragraph(&told.briefly(&day), forecast::role(told.outlook()));
        if told.outlook() < WANTED {
            let key = sheet.model.keys.key_of(Action::PlanPromise);
            page.paragraph(&format!("{key} promises only what holds with {}", prospect::percent(WANTED)), Role::Muted);
        }
        if let Some(chances) = told.chances_briefly() {
            page.paragraph(&chances, Role::Text);
        }
    }
}

/// Sign and colour of a finding.
pub(super) fn sign(check: &Check) -> (&'static str, Role) {
    match check.weight {
        Weight::Stop => (glyph_stop(), Role::Danger),
        Weight::Warn => ("!", Role::Warn),
        Weight::Fine => (glyph::CHOSEN, Role::Done),
    }
}

fn glyph_stop() -> &'static str {
    glyph::status(crate::domain::Status::Failed)
}

/// True if there is no task at all to choose from.
pub(super) fn is_empty(ground: &Ground, outlook: &Outlook) -> bool {
    ground.offers.is_empty() && outlook.jobs.is_empty()
}
