//! `vayu agent list` and `vayu agent workload`.

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::output::one_line;
use crate::cli::{Failure, Outcome, values};
use crate::domain::words;
use crate::domain::{AgentId, AgentStatus, Rejection, Status};
use crate::store::view::{AgentRow, Card, Filter, Held, Page};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those who could take a task now
    #[arg(long)]
    available: bool,
    /// Only those who can do this, as rust:4,sql:2
    #[arg(long)]
    skills: Option<String>,
    /// Only this role
    #[arg(long)]
    role: Option<String>,
}

pub fn run(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    let now = cx.service.now();
    let wanted = crate::domain::agent::parse_skills(args.skills.as_deref().unwrap_or_default());
    let wanted = wanted.map_err(Failure::Usage)?;
    let (mut rows, policy) = (cx.read().agents(&now)?, cx.read().policy()?);
    rows.retain(|row| {
        let able = wanted.iter().all(|(skill, level)| row.agent.skills.get(skill).is_some_and(|have| have >= level));
        let suits = args.role.is_none() || args.role == row.agent.role;
        able && suits && (!args.available || row.is_available(now.wall, &policy.holidays))
    });
    cx.out.print(&rows, || match rows.as_slice() {
        [] if args.available => "nobody is available now; `vayu agent list` shows the whole team".into(),
        [] => "nobody is on the team yet; `vayu agent add NAME` adds somebody".into(),
        rows => rows.iter().map(|row| line(cx, row)).collect::<Vec<_>>().join("\n"),
    })?;
    Ok(Outcome::Done)
}

/// One agent as it is now.
pub fn row(cx: &Context, id: AgentId) -> Result<AgentRow, Failure> {
    let rows = cx.read().agents(&cx.service.now())?;
    let missing = || Rejection::NotFound { what: "agent", name: id.to_string(), hint: None }.into();
    rows.into_iter().find(|row| row.agent.agent_id == id).ok_or_else(missing)
}

/// One agent as one line of text.
pub fn line(cx: &Context, row: &AgentRow) -> String {
    let agent = &row.agent;
    let load = format!("{}/{}", row.current_tasks.len(), agent.wip_limit);
    let skills: Vec<_> = agent.skills.iter().map(|(skill, level)| format!("{skill}:{level}")).collect();
    let role = one_line(agent.role.as_deref().unwrap_or("-"), 20);
    let name = crate::text::pad(&agent.name, 20);
    let tail = cx.out.style("2", &one_line(&skills.join(" "), 60));
    let hours =
        agent.timetable().map(|said| format!("  {}", cx.out.style("2", &one_line(&said, 80)))).unwrap_or_default();
    let status = status(cx, row.status);
    format!("{name} {:<5} {role:<14} {status} {load:>5}  {tail}{hours}", agent.kind).trim_end().to_owned()
}

fn status(cx: &Context, status: AgentStatus) -> String {
    let sgr = match status {
        AgentStatus::Online => "32",
        AgentStatus::Busy => "36",
        AgentStatus::Draining => "33",
        AgentStatus::Offline => "2",
    };
    cx.out.style(sgr, &format!("{status:<8}"))
}

#[derive(Debug, clap::Args)]
pub struct WorkloadArgs {
    /// An agent by name or id [default: the whole team]
    #[arg(value_name = "AGENT")]
    name: Option<String>,
    /// The same as an option
    #[arg(long = "id", value_name = "AGENT", conflicts_with = "name")]
    id: Option<String>,
}

/// An agent with what it still has to do.
#[derive(Debug, Serialize)]
struct Workload {
    #[serde(flatten)]
    row: AgentRow,
    /// Tasks in hand against the limit, in percent.
    load_percent: u32,
    /// Estimated minutes left in what it has in hand; tasks without an estimate are left out.
    remaining_minutes: u64,
    /// Story points in hand.
    points: f64,
}

pub fn workload(args: &WorkloadArgs, cx: &Context) -> Result<Outcome, Failure> {
    if let Some(name) = args.name.as_ref().or(args.id.as_ref()) {
        let load = measure(cx, row(cx, cx.agent(name)?.agent_id)?)?;
        cx.out.print(&load, || describe(cx, &load))?;
        return Ok(Outcome::Done);
    }
    let rows = cx.read().agents(&cx.service.now())?;
    let loads = rows.into_iter().map(|row| measure(cx, row)).collect::<Result<Vec<_>, _>>()?;
    cx.out.print(&loads, || match loads.as_slice() {
        [] => "nobody is on the team yet; `vayu agent add NAME` adds somebody".into(),
        loads => loads.iter().map(|load| describe(cx, load)).collect::<Vec<_>>().join("\n"),
    })?;
    Ok(Outcome::Done)
}

fn measure(cx: &Context, row: AgentRow) -> Result<Workload, Failure> {
    let statuses = Status::ALL.iter().copied().filter(|status| status.is_held()).collect();
    let filter = Filter { agent: Some(row.agent.agent_id), statuses, ..Filter::default() };
    let cards = cx.read().list_cards(&filter, Page::ALL)?;
    let left = |card: &Card| card.estimate.map(|minutes| u64::from(minutes) * u64::from(100 - card.progress) / 100);
    Ok(Workload {
        load_percent: row.load_percent(),
        remaining_minutes: cards.iter().filter_map(left).sum(),
        points: cards.iter().filter_map(|card| card.points).fold(0.0, |sum, points| sum + points),
        row,
    })
}

fn describe(cx: &Context, load: &Workload) -> String {
    let (agent, row) = (&load.row.agent, &load.row);
    let name = cx.out.style("1", &one_line(&agent.name, 60));
    let mut text = vec![format!(
        "{name}  {}  {} of {}, {} %",
        status(cx, row.status).trim_end(),
        row.current_tasks.len(),
        words::count(agent.wip_limit, "task"),
        load.load_percent
    )];
    text.extend(row.current_tasks.iter().map(|held| held_line(cx, held)));
    text.extend(agent.model.as_ref().map(|model| format!("  works with {}", one_line(model, 60))));
    let (minutes, points) = (load.remaining_minutes, load.points);
    if minutes > 0 || points > 0.0 {
        text.push(format!("  about {} of estimated work left, {}", words::work(minutes), words::points(points)));
    }
    let done = &row.metrics;
    if done.submitted + done.failed > 0 {
        let mean = done.mean_minutes.map(|mean| format!(", {} each", words::span(mean.round() as u64)));
        text.push(format!("  {} handed in, {} failed{}", done.submitted, done.failed, mean.unwrap_or_default()));
    }
    text.join("\n")
}

fn held_line(cx: &Context, held: &Held) -> String {
    let ago = values::ago(held.since, cx.service.now().wall);
    let step = held.step.as_deref().map(|step| format!("  {}", one_line(step, 60))).unwrap_or_default();
    let asked = if held.asked { "  asks" } else { "" };
    let tail = cx.out.style("2", &format!("  {ago}{step}{asked}"));
    let status = cx.out.status(held.status);
    format!("  {:>5} {status} {:>3} %  {}{tail}", held.number, held.progress, one_line(&held.title, 80))
}
