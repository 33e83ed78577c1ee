//! The verbs of work: claim, start, progress, submit and their like.

use serde_json::json;

use super::{Ids, line};
use crate::cli::bulk;
use crate::cli::context::{Context, FenceArgs};
use crate::cli::{Failure, Outcome, values};
use crate::domain::attempt::Failure as FailureKind;
use crate::domain::command::{Report, TaskField};
use crate::domain::task::{AssignmentMethod, BlockerKind};
use crate::domain::{AgentId, ClaimToken, Command, Lane, Status, Task, TaskId, TaskRef};
use crate::store::view::Liveness;

/// Tasks and nothing else.
#[derive(Debug, clap::Args)]
pub struct IdArgs {
    #[command(flatten)]
    ids: Ids,
}

impl IdArgs {
    pub fn each(
        &self,
        cx: &mut Context,
        make: impl Fn(&mut Context, TaskId) -> Result<Command, Failure>,
    ) -> Result<Outcome, Failure> {
        self.ids.each(cx, make)
    }
}

#[derive(Debug, clap::Args)]
pub struct PlainArgs {
    #[command(flatten)]
    ids: Ids,
    #[command(flatten)]
    fence: FenceArgs,
}

#[derive(Debug, clap::Args)]
pub struct ReasonArgs {
    #[command(flatten)]
    ids: Ids,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    fence: FenceArgs,
}

#[derive(Debug, clap::Args)]
pub struct MoveArgs {
    #[command(flatten)]
    ids: Ids,
    /// Lane: backlog, ready, in_progress, review or done
    #[arg(long = "to", value_name = "LANE")]
    lane: Lane,
    /// Who does it, when it goes to In progress or Done [default: you]
    #[arg(long)]
    agent: Option<String>,
    /// Let it pass lane limits; one task at a time
    #[arg(long)]
    expedite: bool,
    #[command(flatten)]
    fence: FenceArgs,
}

pub fn r#move(args: &MoveArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let needs_agent = matches!(args.lane, Lane::InProgress | Lane::Done);
    let agent_id = needs_agent.then(|| cx.agent_or_self(args.agent.as_deref())).transpose()?;
    let (lane, fence) = (args.lane, args.fence.fence());
    let expedite =
        |task_id| Command::EditTask { task_id, changes: vec![TaskField::Expedite(true)], expected_rev: None };
    args.ids.each_to_its_end(cx, |_, task_id| {
        let wanted = args.expedite.then(|| expedite(task_id));
        Ok(wanted.into_iter().chain([Command::MoveTask { task_id, lane, agent_id, fence }]).collect())
    })
}

#[derive(Debug, clap::Args)]
pub struct AssignArgs {
    #[command(flatten)]
    ids: Ids,
    /// To whom [default: you]
    #[arg(long = "to", visible_alias = "agent", value_name = "AGENT")]
    agent: Option<String>,
    /// To nobody: it is ready for anyone
    #[arg(long, conflicts_with = "agent")]
    nobody: bool,
    #[command(flatten)]
    fence: FenceArgs,
}

pub fn assign(args: &AssignArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    if args.nobody {
        return args.ids.each(cx, |_, task_id| Ok(Command::ReleaseTask { task_id, fence, reason: None }));
    }
    let agent_id = cx.agent_or_self(args.agent.as_deref())?;
    let method = AssignmentMethod::Assigned;
    args.ids.each(cx, |_, task_id| Ok(Command::AssignTask { task_id, agent_id, method, why: None, fence }))
}

#[derive(Debug, clap::Args)]
pub struct ClaimArgs {
    /// The task; without it, the best that is ready for the agent
    #[arg(value_name = "TASK")]
    task: Option<TaskRef>,
    /// The same as an option
    #[arg(long = "id", value_name = "TASK", conflicts_with = "task")]
    id: Option<TaskRef>,
    /// Who claims [default: the one given by --as, or you]
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Lease in seconds; a heartbeat renews it
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    lease: Option<u32>,
}

pub fn claim(args: &ClaimArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let agent_id = cx.agent_or_self(args.agent.as_deref())?;
    let wanted = args.task.as_ref().or(args.id.as_ref()).map(|task| cx.task_id(task)).transpose()?;
    let done = cx.submit(Command::ClaimTask { agent_id, task_id: wanted, lease_seconds: args.lease })?;
    cx.service.present(agent_id, &Liveness::default())?;
    let claim = done.claimed.ok_or_else(|| Failure::World("the claim was not given out".into()))?;
    let task = cx.task(&claim.task_id.into())?;
    let text = format!("{}\nclaim {} until {}", line(cx, &task), claim.token, claim.expires_at.format("%H:%M:%S UTC"));
    cx.out.print(&json!({ "task": task, "claim": claim }), || text)?;
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub struct HeartbeatArgs {
    /// The task (only to be named in messages)
    #[arg(value_name = "TASK")]
    task: Option<TaskRef>,
    /// The same as an option
    #[arg(long = "id", value_name = "TASK")]
    id: Option<TaskRef>,
    /// The worker's claim token
    #[arg(long, env = "VAYU_CLAIM", value_name = "TOKEN", hide_env_values = true)]
    claim: uuid::Uuid,
}

pub fn heartbeat(args: &HeartbeatArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let named = args.task.as_ref().or(args.id.as_ref()).map(|task| cx.task(task)).transpose()?;
    let renewed = cx.service.beat(ClaimToken(args.claim), &Liveness::default())?;
    let held = renewed.filter(|id| named.as_ref().is_none_or(|task| task.task_id == *id));
    let Some(id) = held else {
        let number = named.map(|task| format!(" on {}", task.number)).unwrap_or_default();
        return Err(Failure::Lost(format!("the claim{number} is lost: it has ended, or another worker took over")));
    };
    let until = cx.read().task_detail(id, &cx.service.now())?.and_then(|detail| detail.lease_until);
    cx.out.print(&json!({ "task_id": id, "expires_at": until }), || "alive".into())?;
    Ok(Outcome::Done)
}

#[derive(Debug, clap::Args)]
pub struct StartArgs {
    #[command(flatten)]
    ids: Ids,
    #[command(flatten)]
    fence: FenceArgs,
}

/// People need no claim of their own making: starting takes it, in the same change.
pub fn start(args: &StartArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    let me = (args.fence.claim.is_none() && cx.actor.is_human()).then(|| cx.self_agent()).transpose()?;
    let begin = |cx: &mut Context, given: &TaskRef| {
        let task = cx.task(given)?;
        let task_id = task.task_id;
        let claim = |agent_id| Command::ClaimTask { agent_id, task_id: Some(task_id), lease_seconds: None };
        let mut commands: Vec<_> = me.filter(|me| is_free_for(&task, *me)).map(claim).into_iter().collect();
        commands.push(Command::StartTask { task_id, fence, workspace: None });
        cx.service.submit_all(&cx.actor, &commands)?;
        cx.task(&task_id.into())
    };
    bulk::each(cx, &args.ids.all()?, begin, line)
}

fn is_free_for(task: &Task, me: AgentId) -> bool {
    let free = task.claim.is_none() && task.agent().is_none_or(|agent| agent == me);
    free && matches!(task.status, Status::Queued | Status::Assigned | Status::Rejected)
}

#[derive(Debug, clap::Args)]
pub struct ProgressArgs {
    #[command(flatten)]
    ids: Ids,
    /// Percent done, 0 to 100
    #[arg(long, visible_alias = "progress", value_parser = clap::value_parser!(u8).range(0..=100))]
    percent: Option<u8>,
    /// What is being done, in a few words
    #[arg(long)]
    step: Option<String>,
    /// A result: a path or an address (repeat)
    #[arg(long = "artifact", value_name = "PATH")]
    artifacts: Vec<String>,
    #[command(flatten)]
    fence: FenceArgs,
}

/// Every word of progress is a sign of life, too.
pub fn progress(args: &ProgressArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    let outcome = args.ids.each(cx, |_, task_id| {
        let (progress, step, artifacts) = (args.percent, args.step.clone(), args.artifacts.clone());
        Ok(Command::ReportProgress { task_id, fence, progress, step, artifacts })
    })?;
    if let Some(token) = args.fence.claim {
        cx.service.beat(ClaimToken(token), &Liveness::default())?;
    }
    Ok(outcome)
}

pub fn pause(args: &ReasonArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    args.ids.each(cx, |_, task_id| Ok(Command::PauseTask { task_id, fence, reason: args.reason.clone() }))
}

pub fn resume(args: &PlainArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    args.ids.each(cx, |_, task_id| Ok(Command::ResumeTask { task_id, fence }))
}

pub fn release(args: &ReasonArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    args.ids.each(cx, |_, task_id| Ok(Command::ReleaseTask { task_id, fence, reason: args.reason.clone() }))
}

pub fn cancel(args: &ReasonArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    args.ids.each(cx, |_, task_id| Ok(Command::CancelTask { task_id, reason: args.reason.clone() }))
}

#[derive(Debug, clap::Args)]
pub struct BlockArgs {
    #[command(flatten)]
    ids: Ids,
    /// What stands in the way
    #[arg(long)]
    reason: String,
    /// dependency, input, capability or transient; `input` from an agent asks the human
    #[arg(long, default_value = "input")]
    kind: BlockerKind,
    #[command(flatten)]
    fence: FenceArgs,
}

pub fn block(args: &BlockArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let (fence, kind) = (args.fence.fence(), args.kind);
    args.ids.each(cx, |_, task_id| Ok(Command::BlockTask { task_id, fence, kind, reason: args.reason.clone() }))
}

/// What a worker says at the end.
#[derive(Debug, clap::Args)]
pub struct EndArgs {
    /// What was done
    #[arg(long)]
    summary: Option<String>,
    /// What the next one must know
    #[arg(long)]
    hand_over: Option<String>,
    /// What is still open (repeat)
    #[arg(long = "open", value_name = "TEXT")]
    open_points: Vec<String>,
    /// A result: a path or an address (repeat)
    #[arg(long = "artifact", value_name = "PATH")]
    artifacts: Vec<String>,
    /// What it cost, in the board's currency
    #[arg(long, value_parser = values::amount)]
    cost: Option<f64>,
    /// Tokens that a language model read and wrote for it
    #[arg(long, value_name = "N")]
    tokens: Option<u64>,
    /// Model and version that did it [default: the one the board knows of the agent]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
}

impl EndArgs {
    fn report(&self) -> Report {
        Report {
            summary: self.summary.clone(),
            hand_over: self.hand_over.clone(),
            open_points: self.open_points.clone(),
            artifacts: self.artifacts.clone(),
            cost: self.cost,
            tokens: self.tokens,
            model: self.model.clone(),
            ..Report::default()
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    #[command(flatten)]
    ids: Ids,
    #[command(flatten)]
    end: EndArgs,
    #[command(flatten)]
    fence: FenceArgs,
}

pub fn submit(args: &ReportArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    args.ids
        .each_to_its_end(cx, |_, task_id| Ok(vec![Command::SubmitTask { task_id, fence, report: args.end.report() }]))
}

#[derive(Debug, clap::Args)]
pub struct CompleteArgs {
    #[command(flatten)]
    ids: Ids,
    #[command(flatten)]
    end: EndArgs,
    /// Who did it, when nobody had it [default: you]
    #[arg(long)]
    agent: Option<String>,
    #[command(flatten)]
    fence: FenceArgs,
}

pub fn complete(args: &CompleteArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let fence = args.fence.fence();
    let agent_id = match (&args.agent, cx.actor.is_human() && args.fence.claim.is_none()) {
        (None, false) => None,
        (name, _) => Some(cx.agent_or_self(name.as_deref())?),
    };
    args.ids.each_to_its_end(cx, |_, task_id| {
        Ok(vec![Command::CompleteTask { task_id, fence, agent_id, report: args.end.report() }])
    })
}

#[derive(Debug, clap::Args)]
pub struct ReviewArgs {
    #[command(flatten)]
    ids: Ids,
    /// It is good
    #[arg(long)]
    pass: bool,
    /// It is not good enough; --feedback says why
    #[arg(long, conflicts_with = "pass", visible_alias = "fail")]
    reject: bool,
    /// What the author should know
    #[arg(long)]
    feedback: Option<String>,
    /// Quality, 0 to 100
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..=100))]
    score: Option<u8>,
}

pub fn review(args: &ReviewArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let which =
        args.ids.all()?.iter().map(|task| task.to_string().trim_start_matches('#').to_owned()).collect::<Vec<_>>();
    let which = which.join(" ");
    let reject = format!("vayu task review {which} --reject --feedback 'what is to be done'");
    if !args.pass && !args.reject {
        return Err(Failure::Usage(format!("say how it is: `vayu task review {which} --pass`, or `{reject}`")));
    }
    if args.reject && args.feedback.as_ref().is_none_or(|said| said.trim().is_empty()) {
        return Err(Failure::Usage(format!("who did it must know why it is not good enough: `{reject}`")));
    }
    let (passed, score) = (args.pass, args.score);
    args.ids.each_to_its_end(cx, |_, task_id| {
        Ok(vec![Command::ReviewTask { task_id, passed, feedback: args.feedback.clone(), score }])
    })
}

#[derive(Debug, clap::Args)]
pub struct FailArgs {
    #[command(flatten)]
    ids: Ids,
    /// exit, signal, spawn, timeout, limit, lost, refused, quota or unknown
    #[arg(long, default_value = "exit")]
    kind: FailureKind,
    /// What went wrong
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    end: EndArgs,
    #[command(flatten)]
    fence: FenceArgs,
}

pub fn fail(args: &FailArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let (fence, failure) = (args.fence.fence(), args.kind);
    args.ids.each(cx, |_, task_id| {
        let mut report = args.end.report();
        report.summary = args.reason.clone().or(report.summary);
        Ok(Command::FailTask { task_id, fence, failure, report })
    })
}
