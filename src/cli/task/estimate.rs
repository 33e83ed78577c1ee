//! `vayu task estimate`: how long a task will take by what was measured before.

use super::Ids;
use crate::cli::bulk;
use crate::cli::context::Context;
use crate::cli::output::one_line;
use crate::cli::{Failure, Outcome};
use crate::domain::command::TaskField;
use crate::domain::words::work;
use crate::domain::{AgentId, Command, TaskRef};
use crate::plan::estimate::pass::SPLIT;
use crate::plan::estimate::said::Source;
use crate::plan::estimate::spend::tokens;
use crate::service::estimates::{History, Told};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    ids: Ids,
    /// If this agent did it [default: whoever has it]
    #[arg(long, value_name = "AGENT")]
    by: Option<String>,
    /// Write the median down as its estimate
    #[arg(long)]
    set: bool,
}

pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let refs = args.ids.all()?;
    let by = args.by.as_deref().map(|name| cx.agent(name)).transpose()?.map(|agent| agent.agent_id);
    let history = History::read(cx.read(), &cx.service.now())?;
    bulk::each(cx, &refs, |cx, task| one(cx, task, &history, by, args.set), |_, told| describe(told))
}

fn one(cx: &mut Context, task: &TaskRef, history: &History, by: Option<AgentId>, set: bool) -> Result<Told, Failure> {
    let task = cx.task(task)?;
    let told = history.estimate(cx.read(), &task, by)?;
    if set {
        let minutes = told.answer.p50.round().max(1.0) as u32;
        let changes = vec![TaskField::Estimate(Some(minutes)), TaskField::EstimateBy(Some(Source::History.word()))];
        cx.submit(Command::EditTask { task_id: task.task_id, changes, expected_rev: Some(task.rev) })?;
    }
    Ok(told)
}

fn describe(told: &Told) -> String {
    let answer = &told.answer;
    let (p50, p80) = (work(answer.p50.round() as u64), work(answer.p80.round() as u64));
    let mut text = vec![format!("{:>5} {p50} as likely more as less, {p80} in four of five cases", told.number)];
    let mut row = |name: &str, value: String| text.push(format!("      {name:<9} {value}"));
    row("because", one_line(&answer.because.join("; "), 300));
    if !told.like.is_empty() {
        let like = told.like.iter().map(|like| format!("{} {}", like.number, one_line(&like.title, 40)));
        row("like", like.collect::<Vec<_>>().join(", "));
    }
    let hint = if answer.passes < SPLIT { "; it had better be split" } else { "" };
    row("review", format!("passes the first time with {:.0} %{hint}", answer.passes * 100.0));
    row(
        "cost",
        match answer.cost {
            Some((p50, p80)) => format!("{p50:.2}, at most {p80:.2} in four of five cases"),
            None => "no estimate yet: too few tasks say what they cost".to_owned(),
        },
    );
    if let Some((p50, p80)) = answer.tokens {
        row("tokens", format!("{}, at most {} in four of five cases", tokens(p50), tokens(p80)));
    }
    text.join("\n")
}
