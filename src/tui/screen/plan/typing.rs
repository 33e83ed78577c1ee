//! Lines that are typed in the plan: what stands there, and what is taken over.

use chrono::Duration;

use super::state::Field;
use super::update::{change, read_objectives};
use crate::domain::sprint::Allotment;
use crate::domain::task::MAX_TITLE;
use crate::domain::when;
use crate::domain::{TaskId, Timestamp};
use crate::plan::estimate::Said;
use crate::plan::wizard::midnight;
use crate::tui::effect::Effects;
use crate::tui::model::Model;
use crate::tui::popup::prompt::{self, Purpose};

/// Opens the line for a field, with what stands there.
pub(super) fn ask(model: &mut Model, field: Field) {
    let Some(draft) = &model.plan.draft else { return };
    let last = draft.ends_at - Duration::microseconds(1);
    let text = match field {
        Field::Name => draft.name.clone(),
        Field::Goal => draft.goal.clone(),
        Field::Starts => draft.starts_at.format("%Y-%m-%d").to_string(),
        Field::Ends => last.format("%Y-%m-%d").to_string(),
        Field::Hours(id) => draft.by_hand.get(&id).copied().map(hours_said).unwrap_or_default(),
        Field::Points => draft.points.map(|points| points.to_string()).unwrap_or_default(),
        Field::Objectives => draft.text.clone(),
        Field::Title(id) => {
            draft.pieces.iter().find(|piece| piece.task_id == id).map_or_else(String::new, |piece| piece.title.clone())
        }
        Field::Size(_) => String::new(),
    };
    prompt::open_with(model, Purpose::Plan(field), &text);
}

/// Takes a line that was typed for a field.
///
/// # Errors
/// What is wrong with it.
pub fn typed(model: &mut Model, field: Field, text: &str) -> Result<Effects, String> {
    let now = model.clock.wall;
    let number = |text: &str, most: f64| {
        let value = text.trim_end_matches(['p', 'h']).trim().parse::<f64>().ok().filter(|n| (0.0..=most).contains(n));
        value.ok_or(format!("A number from 0 to {most}."))
    };
    Ok(match field {
        Field::Name => change(model, |draft| text.clone_into(&mut draft.name)),
        Field::Goal => change(model, |draft| text.clone_into(&mut draft.goal)),
        Field::Starts => {
            let at = day(text, now)?;
            let at = if at == midnight(now) { now } else { at };
            change(model, |draft| draft.starts_at = at)
        }
        Field::Ends => {
            let from = model.plan.draft.as_ref().map_or(now, |draft| draft.starts_at);
            let at = last_day(text, from, now)?;
            change(model, |draft| draft.ends_at = at)
        }
        Field::Hours(id) if text.is_empty() => change(model, |draft| draft.by_hand.retain(|known, _| *known != id)),
        Field::Hours(id) => {
            let hours = text.split_whitespace().map(|part| number(part, 10_000.0)).collect::<Result<Vec<_>, _>>()?;
            let allotted = allotment(&hours).ok_or("Write hours for tasks, reviews, answers: 30, or 30 8 2.")?;
            change(model, |draft| _ = draft.by_hand.insert(id, allotted))
        }
        Field::Points if text.is_empty() => change(model, |draft| draft.points = None),
        Field::Points => {
            let points = number(text, 100_000.0)?;
            change(model, |draft| draft.points = Some(points))
        }
        Field::Objectives => read_objectives(model, text),
        Field::Title(_) if text.trim().is_empty() => return Err("A task needs a title.".into()),
        Field::Title(_) if text.len() > MAX_TITLE => return Err("That title is too long.".into()),
        Field::Title(id) => change(model, |draft| draft.rename(id, text.trim())),
        Field::Size(id) => sized(model, id, text)?,
    })
}

/// Hours for tasks, reviews and answers, as many of them as were said.
fn allotment(hours: &[f64]) -> Option<Allotment> {
    let minutes = |at: usize| hours.get(at).map(|hours| (hours * 60.0).round() as u32);
    ((1..=3).contains(&hours.len())).then(|| Allotment { work: minutes(0), review: minutes(1), answers: minutes(2) })
}

/// The same as it is typed.
fn hours_said(allotted: Allotment) -> String {
    let parts = [allotted.work, allotted.review, allotted.answers];
    let hours = parts.iter().map_while(|minutes| *minutes).map(|minutes| (f64::from(minutes) / 60.0).to_string());
    hours.collect::<Vec<_>>().join(" ")
}

fn sized(model: &mut Model, id: TaskId, text: &str) -> Result<Effects, String> {
    let said = if text.is_empty() { Said::Unknown } else { prompt::size(text)? };
    Ok(change(model, |draft| draft.resize(id, said.median(), said.points())))
}

/// A day as the command line takes it, or `+3d`; its first instant.
fn day(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let ahead = text.strip_prefix('+').and_then(|rest| rest.trim_end_matches('d').parse::<u16>().ok());
    if let Some(days) = ahead {
        return Ok(midnight(now) + Duration::days(i64::from(days)));
    }
    let date = when::day(text, now.date_naive()).ok_or_else(|| format!("Write {} or +3d.", when::EXAMPLES))?;
    Ok(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

/// The first instant after the last day; `10d` counts from the first one.
fn last_day(text: &str, from: Timestamp, now: Timestamp) -> Result<Timestamp, String> {
    let length = text.strip_suffix('d').and_then(|days| days.parse::<u16>().ok()).filter(|days| *days > 0);
    match length {
        Some(days) if !text.starts_with('+') => Ok(midnight(from) + Duration::days(i64::from(days))),
        _ => Ok(day(text, now)? + Duration::days(1)),
    }
}
