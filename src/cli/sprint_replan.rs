//! `vayu sprint replan`: what becomes of a sprint's plan, and a change of it that is shown before it is taken.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::context::Context;
use super::output::one_line;
use super::values::moment;
use super::{Failure, Outcome};
use crate::domain::id::ProposalId;
use crate::domain::sprint::{Alternative, Move, Stage};
use crate::domain::words::count;
use crate::domain::{AgentId, ChangeId, Command, Proposal, Rejection, Sprint, Status, Task, TaskId, Timestamp};
use crate::plan::course::{Advice, Ahead, WAITS};
use crate::service::course::{ahead, look_and_advise};
use crate::text::pad;

/// Moves of an option that are shown in the text; JSON has all of them.
const SHOWN: usize = 12;
/// Width of names.
const NAME: usize = 16;
/// Letters of a proposal's id that tell it from others.
const NAMED: usize = 4;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its number, name or id [default: the active one]
    #[arg(value_name = "SPRINT", default_value = "active", hide_default_value = true)]
    name: String,
    /// Take this option of the open proposal [default: the recommended one]
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "1",
          value_parser = clap::value_parser!(u8).range(1..=9))]
    accept: Option<u8>,
    /// Which proposal is meant, by the end of its id, as it is shown; another one is not accepted [default: the open one]
    #[arg(long, value_name = "ID", requires = "accept")]
    of: Option<String>,
    /// Leave the plan as it is: the open proposal is dropped
    #[arg(long, conflicts_with = "accept")]
    drop: bool,
    /// Only look; propose nothing
    #[arg(long, conflicts_with_all = ["accept", "drop"])]
    dry_run: bool,
    /// Show every move, also of work that has begun
    #[arg(long, conflicts_with_all = ["accept", "drop"])]
    all: bool,
}

/// What is told as one value.
#[derive(Serialize)]
struct Told {
    sprint: String,
    /// Tasks that cannot stay where they are.
    hit: Vec<TaskId>,
    /// What happened; empty if the plan holds.
    cause: String,
    /// What cannot go on, and what waits for that.
    waits: Vec<String>,
    /// The same as tasks.
    stuck: Vec<TaskId>,
    /// When the last task that can go on ends if nobody decides.
    carried_ends_at: Option<Timestamp>,
    /// The open proposal.
    proposal: Option<Proposal>,
    /// The change that one undo takes back.
    change: Option<ChangeId>,
}

pub fn run(args: &Args, mut cx: Context) -> Result<Outcome, Failure> {
    let sprint = cx.sprint(&args.name)?;
    let sprint_id = sprint.sprint_id;
    if args.accept.is_some() || args.drop {
        let command = decision(args, &sprint, cx.read().proposal(sprint_id)?)?;
        let done = cx.submit(command)?;
        let said = if args.drop { "the plan stays as it is" } else { "the plan is changed" };
        cx.out
            .print(&done.change, || format!("{}: {said}; `vayu undo` takes it back\n", one_line(&sprint.name, 60)))?;
        return Ok(Outcome::Done);
    }
    // Whoever asks wants to see the ways, also where nobody would have been asked.
    let mut judge = |seen: &mut Ahead| {
        if seen.advice == Advice::Leave && !seen.options.is_empty() {
            seen.advice = match seen.open {
                None => Advice::Propose,
                Some(_) if seen.is_old => Advice::Replace,
                Some(_) => Advice::Leave,
            };
        }
    };
    let (seen, done) = if args.dry_run {
        let mut seen = ahead(&cx.service, &sprint)?;
        judge(&mut seen);
        (seen, None)
    } else {
        look_and_advise(&mut cx.service, &cx.actor, &sprint, &mut judge)?
    };
    let told = told(&cx, &sprint, seen, done.and_then(|done| done.change), args.dry_run)?;
    cx.out.print(&told, || describe(&cx, &told, args.all))?;
    Ok(Outcome::Done)
}

/// What somebody has decided on, about the proposal that they have seen.
fn decision(args: &Args, sprint: &Sprint, open: Option<Proposal>) -> Result<Command, Failure> {
    let none = || Rejection::Invalid(format!("{} has no open proposal", sprint.name));
    let (sprint_id, open) = (sprint.sprint_id, open.ok_or_else(none)?);
    let proposal_id = open.proposal_id;
    let Some(option) = args.accept else {
        return Ok(Command::DropProposal { sprint_id, proposal_id, reason: None });
    };
    let is_it = |seen: &str| seen.len() >= NAMED && proposal_id.to_string().ends_with(&seen.to_ascii_lowercase());
    if let Some(seen) = args.of.as_deref().filter(|seen| !is_it(seen)) {
        let how = format!("it is not the open one of {}; `vayu sprint replan` shows that", sprint.name);
        return Err(Rejection::Conflict { what: format!("proposal {seen}"), how }.into());
    }
    Ok(Command::AcceptPlan { sprint_id, proposal_id, option: usize::from(option) - 1 })
}

fn told(cx: &Context, sprint: &Sprint, seen: Ahead, change: Option<ChangeId>, dry: bool) -> Result<Told, Failure> {
    let proposal = cx.read().proposal(sprint.sprint_id)?;
    let would_be = || {
        let before = cx.read().plan(sprint.sprint_id).ok().flatten()?;
        let moved = |option: Alternative| Alternative { moves: before.layout.moves_to(&option.layout), ..option };
        Some(Proposal {
            sprint_id: sprint.sprint_id,
            proposal_id: ProposalId(uuid::Uuid::nil()),
            question: None,
            rev: 0,
            from: Some(before.plan_id),
            made_at: cx.service.now().wall,
            made_by: cx.actor.clone(),
            cause: seen.cause.clone(),
            options: seen.options.into_iter().map(moved).collect(),
        })
    };
    let wanted = matches!(seen.advice, Advice::Propose | Advice::Replace);
    let proposal = if dry && wanted { would_be() } else { proposal };
    Ok(Told {
        sprint: sprint.name.clone(),
        hit: seen.hit,
        cause: seen.cause,
        waits: seen.waits,
        stuck: seen.stuck,
        carried_ends_at: seen.carried_ends_at,
        proposal,
        change,
    })
}

fn describe(cx: &Context, told: &Told, all: bool) -> String {
    let mut text = format!("{}\n", cx.out.style("1", &one_line(&told.sprint, 60)));
    let ends = told.carried_ends_at.map(|at| at.format("%a %-d %b %H:%M UTC").to_string());
    // The end is that of what can go on.
    let (rest, of_it) = if told.stuck.is_empty() { ("", "") } else { (" for the rest", " that can go on") };
    let _infallible = match (&told.cause, ends) {
        (cause, Some(ends)) if cause.is_empty() => {
            writeln!(text, "  the plan holds{rest}; the last task{of_it} ends {ends}")
        }
        (cause, Some(ends)) => writeln!(text, "  {cause}; if nobody decides, the last task{of_it} ends {ends}"),
        (cause, None) if cause.is_empty() => writeln!(
            text,
            "  nothing{} is left to do",
            if told.stuck.is_empty() { " of the plan" } else { " that can go on" }
        ),
        (cause, None) => writeln!(text, "  {cause}; if nobody decides, nothing has a place any more"),
    };
    if !told.stuck.is_empty() {
        let _infallible = writeln!(text, "  {} cannot go on:", count(told.stuck.len(), "task"));
    }
    for waits in &told.waits {
        let _infallible = writeln!(text, "    {}", one_line(waits, 160));
    }
    let Some(proposal) = &told.proposal else {
        if !told.cause.is_empty() {
            text.push_str("  no change of the plan is better than to carry on\n");
        }
        return text;
    };
    let names = agents(cx);
    for (at, option) in proposal.options.iter().enumerate() {
        let best = if at == 0 { "  (recommended)" } else { "" };
        let _infallible = writeln!(text, "\n{}  {}{best}", at + 1, one_line(&option.label, 160));
        let moves = decisions(cx, option, all);
        let _infallible = writeln!(text, "   {}, {}", option.price.in_words(), count(moves.len(), "move"));
        let shown = if all { moves.len() } else { SHOWN };
        for (step, task) in moves.iter().take(shown) {
            let label = task.as_ref().map_or_else(String::new, |task| task.number.to_string());
            let _infallible = writeln!(text, "     {}", cx.out.style("2", &moved(&label, step, &names)));
        }
        let more = moves.len().saturating_sub(shown);
        if more > 0 {
            let _infallible = writeln!(text, "     and {}; --all shows them", count(more, "more move"));
        }
    }
    let _infallible = if told.change.is_some() || proposal.rev > 0 {
        let id = proposal.proposal_id.to_string();
        let of = &id[id.len() - NAMED..];
        writeln!(text, "\n`vayu sprint replan --accept 1 --of {of}` takes it, `--drop` leaves the plan as it is")
    } else {
        writeln!(text, "\nnothing was changed; without --dry-run this becomes a proposal")
    };
    text
}

/// What would be decided, with its task: moves of what can begin and has not, those to other agents first.
fn decisions<'a>(cx: &Context, option: &'a Alternative, all: bool) -> Vec<(&'a Move, Option<Task>)> {
    let left_out = &option.layout.left_out;
    let cannot = |step: &Move| left_out.iter().any(|out| out.task_id == step.task_id && out.reason.starts_with(WAITS));
    let has_begun = |step: &Move, task: Option<&Task>| {
        step.stage == Stage::Work && task.is_some_and(|task| task.takes_time() || task.status == Status::Reviewing)
    };
    let with_task = |step: &'a Move| (step, cx.read().task(step.task_id).ok().flatten());
    let mut moves: Vec<(&Move, Option<Task>)> = option.moves.iter().map(with_task).collect();
    moves.retain(|(step, task)| all || !(has_begun(step, task.as_ref()) || cannot(step)));
    moves.sort_by_key(|(step, _)| (step.agent_from == step.agent_to, step.starts_to));
    moves
}

fn agents(cx: &Context) -> BTreeMap<AgentId, String> {
    let rows = cx.read().agents(&cx.service.now()).unwrap_or_default();
    rows.into_iter().map(|row| (row.agent.agent_id, row.agent.name)).collect()
}

/// One move: what, from whom to whom, from when to when.
fn moved(label: &str, step: &Move, names: &BTreeMap<AgentId, String>) -> String {
    let stage = if step.stage == Stage::Review { " review" } else { "" };
    let name = |id: Option<AgentId>| id.and_then(|id| names.get(&id)).map_or("nobody", String::as_str).to_owned();
    let when = |at: Option<Timestamp>| at.map_or_else(|| "no place".into(), moment);
    let who = match (name(step.agent_from), name(step.agent_to)) {
        (from, to) if from == to => from,
        (from, to) => format!("{from} to {to}"),
    };
    let when = match (when(step.starts_from), when(step.starts_to)) {
        (from, to) if from == to => from,
        (from, to) => format!("{from} to {to}"),
    };
    format!("{}  {}  {when}", pad(&format!("{label}{stage}"), 12), pad(&one_line(&who, 40), NAME))
}
