//! `vayu sprint …`: sprints with goal, dates and scope.

use chrono::Duration;
use clap::Subcommand;
use serde::Serialize;

use super::context::Context;
use super::output::one_line;
use super::sprint_report::tally;
use super::{Failure, Outcome, sprint_plan, sprint_replan, sprint_report, sprint_retro, values};
use crate::domain::command::NewSprint;
use crate::domain::words;
use crate::domain::{Command, Lane, RecordId, Rejection, Sprint, SprintState, Timestamp};
use crate::plan::wizard::midnight;
use crate::service::course::course;
use crate::service::sprints::{self, Scope};
use crate::store::view::{Filter, LaneSummary};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write down a sprint; `vayu task edit ID… --sprint NAME` puts tasks into it
    Create(CreateArgs),
    /// Plan a sprint: capacity, objectives into tasks, schedule, checks; alone on a terminal, step by step
    Plan(Box<sprint_plan::Args>),
    /// Begin a sprint; its tasks become ready
    Start(NameArgs),
    /// See what becomes of the plan, and propose, take or drop a change of it
    Replan(sprint_replan::Args),
    /// End a sprint: what is open leaves it, and its report is written
    Close(CloseArgs),
    /// Show what a closed sprint set out to do and what became of it
    Report(sprint_report::Args),
    /// Show what a closed sprint teaches, and make a proposal a task or a setting
    Retro(sprint_retro::Args),
    /// List sprints, newest first
    List,
    /// Show how a sprint stands
    #[command(visible_alias = "show")]
    Status(NameArgs),
}

pub fn run(verb: Verb, mut cx: Context) -> Result<Outcome, Failure> {
    match verb {
        Verb::Plan(args) => sprint_plan::run(&args, cx),
        Verb::Create(args) => create(args, &mut cx),
        Verb::Start(args) => start(&args, &mut cx),
        Verb::Replan(args) => sprint_replan::run(&args, cx),
        Verb::Close(args) => close(&args, &mut cx),
        Verb::Report(args) => sprint_report::run(&args, &cx),
        Verb::Retro(args) => sprint_retro::run(&args, &mut cx),
        Verb::List => list(&cx),
        Verb::Status(args) => status(&args, &cx),
    }
}

#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// Name [default: Sprint N]
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true)]
    goal: String,
    /// First day: 2026-12-24, tomorrow, +3d [default: now]
    #[arg(long, value_name = "DAY", alias = "start")]
    starts: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY", alias = "end", conflicts_with = "days")]
    ends: Option<String>,
    /// Length in days
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// An objective (repeat)
    #[arg(long = "objective", value_name = "TEXT")]
    objectives: Vec<String>,
    /// What the team can do: 90m, 2h, 30d of 8 hours
    #[arg(long, value_parser = values::minutes)]
    capacity: Option<u32>,
}

fn create(args: CreateArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let now = cx.service.now().wall;
    let when = |text: Option<&String>, end| text.map(|text| values::time(text, now, end)).transpose();
    let starts_at = when(args.starts.as_ref(), false).map_err(Failure::Usage)?.unwrap_or(now);
    let ends_at = when(args.ends.as_ref(), true).map_err(Failure::Usage)?;
    let new = NewSprint {
        sprint_id: None,
        name: args.name,
        goal: args.goal,
        starts_at,
        ends_at: ends_at.unwrap_or_else(|| midnight(starts_at) + Duration::days(i64::from(args.days))),
        objectives: args.objectives,
        capacity_minutes: args.capacity,
    };
    let done = cx.submit(Command::CreateSprint(Box::new(new)))?;
    let made =
        done.records.iter().find_map(|id| if let RecordId::Sprint(id) = id { Some(id.to_string()) } else { None });
    let sprint = cx.sprint(&made.unwrap_or_default())?;
    cx.out.print(&sprint, || line(cx, &sprint))?;
    Ok(Outcome::Done)
}

/// Which sprint: by position or by `--id`.
#[derive(Debug, clap::Args)]
pub struct NameArgs {
    /// Its number, name or id, or `active`
    #[arg(value_name = "SPRINT")]
    name: Option<String>,
    /// The same as an option
    #[arg(long = "id", value_name = "SPRINT", conflicts_with = "name")]
    id: Option<String>,
}

impl NameArgs {
    pub fn given(&self) -> Option<&str> {
        self.name.as_deref().or(self.id.as_deref())
    }

    /// The sprint that is named, else the active one.
    fn or_active(&self, cx: &Context) -> Result<Sprint, Failure> {
        cx.sprint(self.given().unwrap_or("active"))
    }

    /// The sprint that is named, else the only one that is planned.
    fn or_planned(&self, cx: &Context) -> Result<Sprint, Failure> {
        if let Some(name) = self.given() {
            return cx.sprint(name);
        }
        let mut planned = cx.read().sprints()?;
        planned.retain(|sprint| sprint.state == SprintState::Planned);
        match planned.len() {
            1 => Ok(planned.remove(0)),
            0 => {
                let hint = Some("`vayu sprint create` writes one down".into());
                Err(Rejection::NotFound { what: "sprint", name: "planned".into(), hint }.into())
            }
            _ => Err(Failure::Usage("several sprints are planned; say which: `vayu sprint list` shows them".into())),
        }
    }
}

fn start(args: &NameArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let sprint_id = args.or_planned(cx)?.sprint_id;
    cx.submit(Command::StartSprint { sprint_id })?;
    show(cx, &cx.sprint(&sprint_id.to_string())?)
}

#[derive(Debug, clap::Args)]
pub struct CloseArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Put what is open into this sprint
    #[arg(long, value_name = "SPRINT")]
    carry_to: Option<String>,
}

fn close(args: &CloseArgs, cx: &mut Context) -> Result<Outcome, Failure> {
    let sprint_id = args.name.or_active(cx)?.sprint_id;
    let next = args.carry_to.as_deref().map(|name| cx.sprint(name)).transpose()?;
    cx.submit(Command::CloseSprint { sprint_id, carry_to: next.map(|next| next.sprint_id) })?;
    sprint_report::print(cx, &cx.sprint(&sprint_id.to_string())?)
}

fn list(cx: &Context) -> Result<Outcome, Failure> {
    let sprints = cx.read().sprints()?;
    cx.out.print(&sprints, || match sprints.as_slice() {
        [] => "no sprint yet; `vayu sprint create` writes one down".into(),
        sprints => sprints.iter().map(|sprint| line(cx, sprint)).collect::<Vec<_>>().join("\n"),
    })?;
    Ok(Outcome::Done)
}

fn status(args: &NameArgs, cx: &Context) -> Result<Outcome, Failure> {
    show(cx, &args.or_active(cx)?)
}

/// A sprint with its tasks in numbers.
#[derive(Debug, Serialize)]
struct Standing<'a> {
    #[serde(flatten)]
    sprint: &'a Sprint,
    /// Tasks in its scope.
    tasks: u64,
    /// Those that have ended.
    done: u64,
    /// Story points in its scope.
    points: f64,
    /// Those that are done.
    points_done: f64,
    /// What it set out to do, and what came and went since; none where nobody wrote that down.
    scope: Option<Scope>,
    /// What cannot go on in a running sprint, and what waits for that.
    waits: Vec<String>,
    /// By lane.
    lanes: Vec<LaneSummary>,
}

fn show(cx: &Context, sprint: &Sprint) -> Result<Outcome, Failure> {
    let filter = Filter { sprint: Some(sprint.sprint_id), ..Filter::default() };
    let lanes = cx.read().summary(&filter, &cx.service.now())?.lanes;
    let ended = lanes.iter().find(|lane| lane.lane == Lane::Done);
    let (done, points_done) = ended.map_or((0, 0.0), |lane| (lane.count, lane.points));
    let (tasks, points) = lanes.iter().fold((0, 0.0), |sum, lane| (sum.0 + lane.count, sum.1 + lane.points));
    let scope = sprints::scope(cx.read(), sprint)?;
    let runs = sprint.state == SprintState::Active;
    let waits = if runs { course(cx.read(), &cx.service.now(), sprint)?.waits() } else { Vec::new() };
    let standing = Standing { sprint, tasks, done, points, points_done, scope, waits, lanes };
    cx.out.print(&standing, || describe(cx, &standing))?;
    Ok(Outcome::Done)
}

fn describe(cx: &Context, standing: &Standing) -> String {
    let sprint = standing.sprint;
    let mut text = vec![line(cx, sprint)];
    if !sprint.goal.is_empty() {
        text.push(format!("  goal        {}", one_line(&sprint.goal, 200)));
    }
    text.extend(sprint.objectives.iter().map(|objective| format!("  objective   {}", one_line(objective, 200))));
    let Standing { tasks, done, points, points_done, .. } = standing;
    text.push(format!(
        "  done        {done} of {}, {points_done} of {}",
        words::count(*tasks, "task"),
        words::points(*points)
    ));
    if sprint.state != SprintState::Planned {
        text.push(format!("  baseline    {}", baseline(standing.scope)));
    }
    let lanes = standing.lanes.iter().filter(|lane| lane.count > 0);
    let lanes: Vec<_> = lanes.map(|lane| format!("{} {}", lane.lane.title(), lane.count)).collect();
    if !lanes.is_empty() {
        text.push(format!("  lanes       {}", lanes.join(", ")));
    }
    text.extend(standing.waits.iter().map(|waits| format!("  waits       {}", one_line(waits, 200))));
    text.join("\n")
}

/// What the sprint set out to do, and how far its scope has moved.
fn baseline(scope: Option<Scope>) -> String {
    let Some(scope) = scope else { return "none was written down when it started".into() };
    let stretch = if scope.stretch.tasks > 0 { format!(", stretch {}", tally(scope.stretch)) } else { String::new() };
    let moved = [("added", scope.added), ("removed", scope.removed)];
    let moved: Vec<_> = moved
        .iter()
        .filter(|(_, part)| part.tasks > 0)
        .map(|(what, part)| format!("{what} {}", tally(*part)))
        .collect();
    let moved = if moved.is_empty() { "scope unchanged".into() } else { moved.join(", ") };
    format!("{}{stretch}; {moved}", tally(scope.committed))
}

pub fn line(cx: &Context, sprint: &Sprint) -> String {
    let name = cx.out.style("1", &one_line(&sprint.name, 40));
    let (starts, ends) = (sprint.starts_at.format("%Y-%m-%d"), last_day(sprint).format("%Y-%m-%d"));
    let day = day_of(sprint, cx.service.now().wall).map(|day| format!(", {day}")).unwrap_or_default();
    format!("{:>3}  {name}  {}  {starts} to {ends}{day}", sprint.number, sprint.state)
}

/// The last day that belongs to the sprint; its end is the first instant that does not.
fn last_day(sprint: &Sprint) -> Timestamp {
    sprint.ends_at - Duration::microseconds(1)
}

/// `day 6 of 10` while the sprint runs.
pub fn day_of(sprint: &Sprint, now: Timestamp) -> Option<String> {
    let length = (last_day(sprint).date_naive() - sprint.starts_at.date_naive()).num_days() + 1;
    let day = (now.date_naive() - sprint.starts_at.date_naive()).num_days() + 1;
    let running = sprint.state == SprintState::Active && day >= 1;
    let over = || format!("{} over its end", words::span((day - length) as u64 * 1440));
    running.then(|| if day > length { over() } else { format!("day {day} of {length}") })
}
