//! `vayu plan show`: who does what when.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::output::one_line;
use crate::cli::values::moment;
use crate::cli::{Failure, Outcome};
use crate::domain::sprint::{LeftOut, Slot, SprintPlan, Stage};
use crate::domain::words::count;
use crate::domain::{AgentId, Rejection, SprintId, Status, TaskId, TaskNumber, Timestamp};
use crate::store::view::{Card, Filter, Page};
use crate::text::pad;

/// Columns of a title.
const TITLE: usize = 60;

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Number, name or id of the sprint
    #[arg(default_value = "active")]
    sprint: String,
    /// Only what this agent does
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
}

/// A stage of a task in somebody's hands.
#[derive(Serialize)]
struct Row<'a> {
    number: TaskNumber,
    title: &'a str,
    status: Status,
    #[serde(flatten)]
    slot: &'a Slot,
    /// None: anybody may, or a command judges.
    agent: Option<&'a str>,
}

/// A task without a place.
#[derive(Serialize)]
struct Out<'a> {
    number: TaskNumber,
    title: &'a str,
    #[serde(flatten)]
    left: &'a LeftOut,
}

/// A plan with the names of what is in it. What has left the sprint since is in it no more.
#[derive(Serialize)]
struct Shown<'a> {
    sprint: &'a str,
    made_at: Timestamp,
    /// By begin.
    slots: Vec<Row<'a>>,
    left_out: Vec<Out<'a>>,
}

pub fn show(args: &ShowArgs, cx: &Context) -> Result<Outcome, Failure> {
    let sprint = cx.sprint(&args.sprint)?;
    let only = args.agent.as_deref().map(|name| cx.agent(name)).transpose()?.map(|agent| agent.agent_id);
    let none = || Rejection::Invalid(format!("{} has no plan; `vayu sprint plan` makes sprints with one", sprint.name));
    let mut plan = cx.read().plan(sprint.sprint_id)?.ok_or_else(none)?;
    if only.is_some() {
        plan.layout.slots.retain(|slot| slot.agent_id == only);
        plan.layout.left_out.clear();
    }
    let (tasks, names) = (tasks(cx, sprint.sprint_id)?, names(cx)?);
    let shown = shown(&sprint.name, &plan, &tasks, &names);
    cx.out.print(&shown, || describe(cx, &shown))?;
    Ok(Outcome::Done)
}

fn tasks(cx: &Context, sprint: SprintId) -> Result<BTreeMap<TaskId, Card>, Failure> {
    let filter = Filter { sprint: Some(sprint), archived: true, ..Filter::default() };
    let cards = cx.read().list_cards(&filter, Page::ALL)?;
    Ok(cards.into_iter().map(|card| (card.task_id, card)).collect())
}

fn names(cx: &Context) -> Result<BTreeMap<AgentId, String>, Failure> {
    let rows = cx.read().agents(&cx.service.now())?;
    Ok(rows.into_iter().map(|row| (row.agent.agent_id, row.agent.name)).collect())
}

fn shown<'a>(
    sprint: &'a str,
    plan: &'a SprintPlan,
    tasks: &'a BTreeMap<TaskId, Card>,
    names: &'a BTreeMap<AgentId, String>,
) -> Shown<'a> {
    let row = |slot: &'a Slot| {
        let card = tasks.get(&slot.task_id)?;
        let agent = slot.agent_id.and_then(|id| names.get(&id)).map(String::as_str);
        Some(Row { number: card.number, title: &card.title, status: card.status, slot, agent })
    };
    let out = |left: &'a LeftOut| {
        let card = tasks.get(&left.task_id)?;
        Some(Out { number: card.number, title: &card.title, left })
    };
    let mut slots: Vec<Row> = plan.layout.slots.iter().filter_map(row).collect();
    slots.sort_by_key(|row| (row.slot.starts_at, row.slot.ends_at, row.number));
    Shown { sprint, made_at: plan.made_at, slots, left_out: plan.layout.left_out.iter().filter_map(out).collect() }
}

fn describe(cx: &Context, shown: &Shown) -> String {
    let ends = shown.slots.iter().map(|row| row.slot.ends_at).max();
    let until = ends.map(|at| format!(", until {} UTC", moment(at))).unwrap_or_default();
    let title = cx.out.style("1", &one_line(shown.sprint, TITLE));
    let mut text = vec![format!("{title}  {}{until}", count(shown.slots.len(), "stage"))];
    text.extend(shown.slots.iter().map(|row| line(cx, row)));
    for Out { number, title, left } in &shown.left_out {
        let reason = one_line(&left.reason, TITLE);
        text.push(format!("  no place {:>5}  {}  {reason}", number.to_string(), one_line(title, TITLE)));
    }
    text.join("\n")
}

fn line(cx: &Context, row: &Row) -> String {
    let Row { number, title, status, slot, agent } = row;
    let span = format!("{} to {}", moment(slot.starts_at), moment(slot.ends_at));
    let who = pad(&one_line(agent.unwrap_or("anybody"), 14), 14);
    let stage = if slot.stage == Stage::Review { "review of " } else { "" };
    let title = one_line(title, TITLE);
    format!("  {span}  {who}  {:>5}  {stage}{title}  {}", number.to_string(), cx.out.status(*status))
}
