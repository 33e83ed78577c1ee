//! Draws the sprint.

use ratatui::layout::Rect;

use crate::domain::{Lane, Sprint};
use crate::tui::layout::inset;
use crate::tui::model::Model;
use crate::tui::theme::Role;
use crate::tui::widget::ink::Ink;
use crate::tui::widget::page::Page;
use crate::tui::words;

/// Draws the sprint into `area`.
pub fn view(model: &Model, area: Rect, ink: &mut Ink) {
    let area = inset(area, 1);
    let Some(summary) = &model.head.summary else { return };
    let mut page = Page::new(area.width);
    if let Some(sprint) = &summary.sprint {
        lay_out(model, sprint, &mut page);
    } else {
        page.line("No sprint runs.", Role::Title);
        page.line("A sprint gathers the tasks of a week or two around a goal.", Role::Muted);
        page.line("`vayu sprint plan` plans one; s on a card puts it in.", Role::Muted);
    }
    page.draw(area, 0, ink);
}

fn lay_out(model: &Model, sprint: &Sprint, page: &mut Page) {
    let (day, days) = words::sprint_day(sprint, model.clock.wall);
    page.line(&format!("{}  day {day} of {days}", sprint.name), Role::Title);
    if !sprint.goal.trim().is_empty() {
        page.heading("Goal").paragraph(&sprint.goal, Role::Text);
    }
    if !sprint.objectives.is_empty() {
        page.heading("Objectives");
        for objective in &sprint.objectives {
            page.text(("·", Role::Muted), 2, objective, Role::Text);
        }
    }
    page.heading("Work");
    for lane in Lane::ALL {
        let Some(count) = model.lane_count(*lane) else { continue };
        page.line(&format!("{:<12} {}", lane.title(), words::count(count, "task")), Role::Text);
    }
}
