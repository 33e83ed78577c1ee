//! What would let more into the plan, and what cannot be had together.

use super::draw::{Sheet, name};
use crate::domain::TaskId;
use crate::plan::wizard::{Help, LeftOut};
use crate::tui::theme::Role;
use crate::tui::widget::page::Page;
use crate::tui::words;

/// Tasks that are named; the others are counted.
const NAMED: usize = 4;

/// Everything that is known, under headings of its own.
pub(super) fn all(sheet: &Sheet, page: &mut Page) {
    let advice = &sheet.outlook.advice;
    if !advice.levers.is_empty() {
        page.heading("What would help");
        advice.levers.iter().for_each(|lever| one(sheet, lever, page));
    }
    for clash in &advice.conflicts {
        page.heading(&format!("{} cannot be in time", name(sheet, clash.task_id)));
        page.paragraph(&clash.requirements.join("; "), Role::Muted);
        clash.ways.iter().for_each(|way| one(sheet, way, page));
    }
}

/// Why a task has no place, and what would bring it in.
pub(super) fn about(sheet: &Sheet, out: &LeftOut, page: &mut Page) {
    page.line(&format!("{}: {}", name(sheet, out.task_id), out.why), Role::Text);
    let brings = |help: &&Help| help.comes.contains(&out.task_id);
    let mut helps = sheet.outlook.advice.levers.iter().filter(brings).peekable();
    if helps.peek().is_none() {
        page.line("No single change that was tried brings it in.", Role::Muted);
    }
    helps.take(3).for_each(|help| one(sheet, help, page));
}

/// A change, with what comes in and what goes.
fn one(sheet: &Sheet, help: &Help, page: &mut Page) {
    let sign = if help.recommended { "▸" } else { "·" };
    let comes = (!help.comes.is_empty()).then(|| format!("brings {}", named(sheet, &help.comes)));
    let goes = (!help.goes.is_empty()).then(|| format!("without {}", named(sheet, &help.goes)));
    let parts: Vec<String> = [Some(help.text.clone()), comes, goes].into_iter().flatten().collect();
    page.text((sign, Role::Accent), 2, &parts.join(", "), Role::Text);
}

fn named(sheet: &Sheet, ids: &[TaskId]) -> String {
    words::listed(&ids.iter().map(|id| name(sheet, *id)).collect::<Vec<_>>(), NAMED)
}
