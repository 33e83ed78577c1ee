//! `vayu sprint plan`: the steps of the plan screen without a terminal. Alone on a terminal it opens that screen.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{IsTerminal, Read as _, stdin, stdout};
use std::iter::repeat;

use chrono::Duration;
use serde::Serialize;

use super::consult::{Consulted, consult};
use super::context::Context;
use super::output::one_line;
use super::progress::Bar;
use super::{Failure, Outcome, board, values};
use crate::domain::words::{self, hours};
use crate::domain::{AgentId, AgentKind, ChangeId, Level, Rejection, Sprint, Status, Task, TaskId, TaskRef, Timestamp};
use crate::plan::breakdown::Library;
use crate::plan::prospect::{How, Prospect, WANTED};
use crate::plan::wizard::{AT_ONCE, Draft, Ground, Help, Job, Outlook, Slot, USUAL_DAYS, Weight, fill, midnight};
use crate::service::env::RandomIds;
use crate::service::{forecast, planning};
use crate::tui::screen::Screen;
use crate::tui::words::points;

/// How it is looked ahead.
const HOW: How = How { runs: 2_000, seed: 1, advises: false };
/// Width of titles and reasons in the text.
const WIDTH: usize = 72;
/// Cells of what is said of a task's place.
const WIDEST: usize = 140;

#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Args {
    /// What the sprint is for
    #[arg(long, value_name = "TEXT")]
    goal: Option<String>,
    /// Name [default: Sprint N]
    #[arg(long)]
    name: Option<String>,
    /// First day: 2026-12-24, tomorrow, +3d [default: now, or the first day of work after the running sprint]
    #[arg(long, value_name = "DAY", alias = "starts")]
    start: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY", alias = "ends", conflicts_with = "days")]
    end: Option<String>,
    /// Length in days [default: 14]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: Option<u16>,
    /// Objectives in free text, from a file or, with `-`, from standard input
    #[arg(long, value_name = "FILE")]
    objectives: Option<String>,
    /// An objective in free text (repeat)
    #[arg(long = "objective", value_name = "TEXT")]
    objective: Vec<String>,
    /// Break objectives down by playbooks alone, even if VAYU_MODEL names a language model
    #[arg(long)]
    no_model: bool,
    /// Tasks of the backlog that go in
    #[arg(long = "task", value_name = "TASK", value_delimiter = ',')]
    tasks: Vec<TaskRef>,
    /// Those of the tasks that nobody commits to: done if there is time
    #[arg(long = "stretch", value_name = "TASK", value_delimiter = ',')]
    stretch: Vec<TaskRef>,
    /// Who takes part; the others have no time for this sprint [default: everybody]
    #[arg(long, value_name = "AGENT", value_delimiter = ',')]
    team: Vec<String>,
    /// Go on with the plan that the plan screen has saved for you
    #[arg(long)]
    resume: bool,
    /// Fill up with the tasks of the backlog that are worth most and fit
    #[arg(long)]
    fill: bool,
    /// Promise only what is done in time with a chance of 80 %; what else goes in is done if there is time
    #[arg(long)]
    likely: bool,
    /// Story points that shall not be exceeded [default: what the capacity gives]
    #[arg(long, value_name = "N")]
    points: Option<f64>,
    /// Start the sprint at once
    #[arg(long)]
    start_now: bool,
    /// What it may cost, in the board's currency: the chance that it is more is shown
    #[arg(long, value_name = "N", value_parser = values::amount)]
    budget: Option<f64>,
    /// Show the plan and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    fn is_empty(&self) -> bool {
        let texts = [&self.goal, &self.name, &self.start, &self.end, &self.objectives];
        let flags = [self.fill, self.likely, self.start_now, self.dry_run, self.resume, self.no_model];
        texts.iter().all(|text| text.is_none())
            && !flags.contains(&true)
            && self.objective.is_empty()
            && self.tasks.is_empty()
            && self.stretch.is_empty()
            && self.team.is_empty()
            && self.days.is_none()
            && self.points.is_none()
            && self.budget.is_none()
    }
}

/// What a sprint may cost.
#[derive(Debug, Clone, Copy, Serialize)]
struct Budget {
    limit: f64,
    exceeded: Option<f64>,
}

/// A plan as one value.
#[derive(Serialize)]
struct Plan<'a> {
    name: String,
    goal: &'a str,
    starts_at: Timestamp,
    ends_at: Timestamp,
    /// How a story point is counted.
    point_rule: &'a str,
    #[serde(flatten)]
    outlook: &'a Outlook,
    /// What it may cost, and the chance that it is more, 0 to 1; none where no cost is known, or nothing was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
    /// How it would probably end; none where nothing is planned.
    forecast: Option<Prospect>,
    /// What came of asking a language model; none: none was asked.
    language_model: Option<Consulted>,
    /// The sprint as it was written down; none after `--dry-run`.
    sprint: Option<Sprint>,
    /// The change that one undo takes back.
    change: Option<ChangeId>,
    /// Only what holds is promised already.
    #[serde(skip)]
    likely: bool,
}

pub fn run(args: &Args, cx: Context) -> Result<Outcome, Failure> {
    let screen = !cx.out.json && stdin().is_terminal() && stdout().is_terminal();
    if args.is_empty() && screen {
        return board::show(&board::Args::default(), cx, Screen::Plan);
    }
    plan(args, cx)
}

fn plan(args: &Args, mut cx: Context) -> Result<Outcome, Failure> {
    let mut library = planning::library(&cx.service).map_err(|mistake| Failure::Usage(mistake.to_string()))?;
    planning::learn(&cx.service, &mut library)?;
    let ground = planning::ground(&cx.service)?;
    let text = objectives(args)?;
    let language_model = if args.no_model { None } else { consult(&text, &ground, &mut library) };
    let draft = draft(args, &text, &cx, &ground, &library)?;
    let outlook = Outlook::advised(&draft, &ground, &mut || false, &mut |_| {}).expect("nothing stops it");
    let (read, now) = (cx.read(), cx.service.now());
    let forecast = forecast::of_draft(read, &now, &draft, &ground, &outlook, HOW)?;
    let mut plan = Plan {
        name: draft.display_name(&ground),
        goal: &draft.goal,
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        point_rule: &ground.rule.because,
        outlook: &outlook,
        budget: args.budget.map(|limit| {
            let cost = outlook.spending.cost.as_ref();
            Budget { limit, exceeded: cost.map(|cost| cost.exceeds(limit)) }
        }),
        forecast,
        language_model,
        sprint: None,
        change: None,
        likely: args.likely,
    };
    if !args.dry_run {
        refuse_stops(&outlook, args.start_now)?;
        let done = planning::commit(&mut cx.service, &cx.actor, &draft, &outlook, args.start_now)?;
        plan.change = done.change;
        plan.sprint = cx.read().sprint_named(&draft.sprint_id.to_string())?;
        if let (Some(sprint), Some(told)) = (&plan.sprint, &plan.forecast) {
            forecast::note(&mut cx.service, sprint, told)?;
        }
    }
    cx.out.print(&plan, || describe(&plan, &draft, &cx))?;
    Ok(Outcome::Done)
}

/// What stops only a start does not stop a plan that is kept.
fn refuse_stops(outlook: &Outlook, start: bool) -> Result<(), Failure> {
    let stops: Vec<&str> = outlook.stops(start).map(|check| check.text.as_str()).collect();
    if stops.is_empty() { Ok(()) } else { Err(Rejection::Invalid(stops.join("; ")).into()) }
}

fn draft(args: &Args, text: &str, cx: &Context, ground: &Ground, library: &Library) -> Result<Draft, Failure> {
    let mut ids = RandomIds;
    let saved = if args.resume { planning::draft(&cx.service, &cx.actor.name)? } else { None };
    let mut draft = match saved {
        Some(draft) => draft,
        None if args.resume => {
            return Err(Failure::Usage("no plan is saved for you; `vayu sprint plan` begins one".into()));
        }
        None => Draft::next(ground, &mut ids),
    };
    draft.name = args.name.clone().unwrap_or(draft.name);
    draft.goal = args.goal.clone().unwrap_or(draft.goal);
    draft.points = args.points.map(checked_points).transpose()?.or(draft.points);
    set_dates(&mut draft, args, ground.now).map_err(Failure::Usage)?;
    if !text.is_empty() {
        draft.set_objectives(text, library, ground, &mut ids);
    }
    draft.refresh(ground);
    let mut refused = Vec::new();
    for (task, committed) in args.tasks.iter().zip(repeat(true)).chain(args.stretch.iter().zip(repeat(false))) {
        match offered(task, cx, ground)? {
            Ok(id) => draft.commit_to(id, committed),
            Err(why) => refused.push(why),
        }
    }
    if !refused.is_empty() {
        return Err(Failure::Usage(format!("cannot be planned: {}", refused.join("; "))));
    }
    if !args.team.is_empty() {
        draft.only(ground, &team(args, cx)?);
    }
    if args.fill {
        let limit = Outlook::of(&draft, ground, AT_ONCE).limit;
        fill(&mut draft, ground, limit);
    }
    if args.likely {
        let how = How { runs: HOW.runs / 2, ..HOW };
        let bar = Bar::new("playing the plan out", true);
        let found = forecast::promise(cx.read(), &cx.service.now(), &draft, ground, how)?;
        drop(bar);
        if found.kept == 0 && !found.stretch.is_empty() {
            let why = "--likely: none of it is done in time with 80 %; make it smaller, or the sprint longer";
            return Err(Rejection::Invalid(why.into()).into());
        }
        found.stretch.iter().for_each(|id| draft.commit_to(*id, false));
    }
    Ok(draft)
}

fn team(args: &Args, cx: &Context) -> Result<BTreeSet<AgentId>, Failure> {
    args.team.iter().map(|name| Ok(cx.agent(name.trim())?.agent_id)).collect()
}

/// The task, or why it cannot be planned.
fn offered(task: &TaskRef, cx: &Context, ground: &Ground) -> Result<Result<TaskId, String>, Failure> {
    let task = cx.task(task)?;
    if ground.offers.iter().any(|offer| offer.task_id == task.task_id) {
        return Ok(Ok(task.task_id));
    }
    let sprint = task.sprint_id.map(|id| cx.read().sprint_named(&id.to_string())).transpose()?.flatten();
    Ok(Err(format!("{} {}", task.number, unfit(&task, sprint.as_ref()))))
}

/// Why a task is none of those that can be planned.
fn unfit(task: &Task, sprint: Option<&Sprint>) -> String {
    let number = task.number.0;
    if task.archived_at.is_some() {
        return format!("is archived; `vayu task edit {number} --archive false` brings it back");
    }
    if task.level != Level::Task {
        return format!(
            "is a {}, which is done by its parts; `vayu task list --parent {number}` lists them",
            task.level
        );
    }
    match (task.status, sprint) {
        (Status::Completed, _) => "is done".into(),
        (Status::Cancelled, _) => format!("was cancelled; `vayu task reopen {number}` takes it up again"),
        (_, Some(sprint)) => {
            let name = one_line(&sprint.name, 40);
            format!("is in {name} already; `vayu task edit {number} --sprint none` takes it out")
        }
        (Status::Failed, _) => format!("has failed; `vayu task retry {number}` tries it again"),
        (Status::Paused, _) => format!(
            "is paused; `vayu task resume {number}` goes on with it, `vayu task release {number}` gives it back"
        ),
        (Status::Assigned | Status::Executing | Status::Reviewing | Status::Rejected, _) => {
            format!("is under way ({}); `vayu task release {number}` gives it back", task.status)
        }
        (Status::Created | Status::Queued | Status::Blocked, _) => {
            "is not among the most urgent tasks of the backlog, of which a plan can be made".into()
        }
    }
}

fn checked_points(points: f64) -> Result<f64, Failure> {
    if (0.0..=100_000.0).contains(&points) {
        return Ok(points);
    }
    Err(Failure::Usage(format!("--points {points}: story points are 0 to 100000")))
}

fn set_dates(draft: &mut Draft, args: &Args, now: Timestamp) -> Result<(), String> {
    let when = |text: Option<&String>, end| text.map(|text| values::time(text, now, end)).transpose();
    if let Some(at) = when(args.start.as_ref(), false)? {
        draft.starts_at = at;
    }
    let until = |days| midnight(draft.starts_at) + Duration::days(i64::from(days));
    let dated = args.start.is_some() && !args.resume;
    let days = args.days.or(dated.then_some(USUAL_DAYS as u16)).map(until);
    draft.ends_at = when(args.end.as_ref(), true)?.or(days).unwrap_or(draft.ends_at);
    Ok(())
}

fn objectives(args: &Args) -> Result<String, Failure> {
    let mut text = match args.objectives.as_deref() {
        None => String::new(),
        Some("-") => {
            let mut text = String::new();
            stdin().lock().read_to_string(&mut text)?;
            text
        }
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| Failure::World(format!("{file} cannot be read: {error}")))?
        }
    };
    for objective in &args.objective {
        let _infallible = write!(text, "\n\n{objective}");
    }
    Ok(text)
}

fn describe(plan: &Plan, draft: &Draft, cx: &Context) -> String {
    let mut text = String::new();
    let last = plan.ends_at - Duration::microseconds(1);
    let dates = format!("{} to {}", plan.starts_at.format("%Y-%m-%d"), last.format("%Y-%m-%d"));
    line(&mut text, &format!("{}  {dates}", cx.out.style("1", &one_line(&plan.name, 60))));
    if !plan.goal.trim().is_empty() {
        line(&mut text, &format!("  {}", one_line(plan.goal, 200)));
    }
    capacity(&mut text, plan, cx);
    objectives_text(&mut text, plan, cx);
    tasks(&mut text, plan, cx);
    if let Some(told) = &plan.forecast {
        heading(&mut text, cx, "Forecast", &super::forecast::briefly(told));
        if told.outlook() < WANTED && !plan.likely {
            line(&mut text, "  `--likely` promises only what is done in time with 80 %");
        }
    }
    if let Some(spending) = plan.outlook.spending.told() {
        let over = plan.budget.and_then(|budget| Some((budget.limit, budget.exceeded?)));
        let over = over.map(|(limit, chance)| format!("; {:.0} % chance of more than {limit}", chance * 100.0));
        heading(&mut text, cx, "Costs", &format!("{spending}{}", over.unwrap_or_default()));
    }
    checks(&mut text, plan, cx);
    advice(&mut text, plan, cx);
    ending(&mut text, plan, draft);
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn heading(text: &mut String, cx: &Context, title: &str, rest: &str) {
    line(text, &format!("\n{}  {rest}", cx.out.style("1", title)));
}

fn capacity(text: &mut String, plan: &Plan, cx: &Context) {
    let capacity = &plan.outlook.capacity;
    let (people, programs) = (hours(capacity.people_minutes), hours(capacity.program_minutes));
    let all =
        format!("{} free: people {people}, programs {programs}; {}", hours(capacity.minutes), points(capacity.points));
    heading(text, cx, "Capacity", &format!("{all} at {}", plan.point_rule));
    let load = plan.outlook.schedule.load();
    for share in &capacity.agents {
        let planned = load.get(&share.agent_id).copied().unwrap_or(0);
        let over = if planned > share.free_minutes { "  over!" } else { "" };
        let name = crate::text::pad(&share.name, 16);
        let row = format!("  {name} {:>8} free, {:>8} planned{over}", hours(share.free_minutes), hours(planned));
        let person = share.kind == AgentKind::Human;
        let (reviews, answers) = (hours(share.review_minutes), hours(share.answer_minutes));
        let row = if person { format!("{row}  reviews {reviews}, answers {answers}") } else { row };
        let waits = share.waits().map(|waits| format!("; {waits}")).unwrap_or_default();
        let because = one_line(&format!("{}{waits}", share.because), WIDTH);
        line(text, &format!("{row}  {}", cx.out.style("2", &because)));
    }
    first(text, plan);
}

/// What runs out first, and how busy people are.
fn first(text: &mut String, plan: &Plan) {
    if let Some(binding) = &plan.outlook.binding {
        let (what, gap) = (
            one_line(&binding.what, 40),
            if binding.gap > 0 { format!(", {} missing", hours(binding.gap)) } else { String::new() },
        );
        let share = if binding.there == 0 {
            format!("{} wanted and nobody has time for it", hours(binding.wanted))
        } else {
            format!("{}% of {} wanted{gap}", binding.percent(), hours(binding.there))
        };
        line(text, &format!("  runs out first: {what}, {share}"));
    }
    for gap in &plan.outlook.schedule.gaps {
        line(
            text,
            &format!("  no time for what is left out: {}, {} missing", one_line(&gap.resource, 40), hours(gap.minutes)),
        );
    }
}

fn objectives_text(text: &mut String, plan: &Plan, cx: &Context) {
    let Some(analysis) = &plan.outlook.analysis else { return };
    heading(text, cx, "Objectives", &format!("{} in all", points(analysis.effort)));
    for aim in &plan.outlook.aims {
        let because = aim.objective.because.as_ref().map(|word| format!(", \"{word}\"")).unwrap_or_default();
        let (title, leans_on) = (one_line(&aim.objective.title, WIDTH), one_line(&aim.leans_on, WIDTH));
        let (priority, effort) = (cx.out.priority(aim.objective.priority), points(aim.effort));
        line(
            text,
            &format!("  {priority} {effort:>6}  {title}  ({} {leans_on}{because})", words::count(aim.tasks, "task")),
        );
    }
    let urgent = format!("{}, {} of high priority", words::count(analysis.objectives, "objective"), analysis.urgent);
    line(text, &format!("  {urgent}; {}; {}", one_line(&analysis.balance, WIDTH), analysis.room));
    if let Some(said) = plan.language_model.as_ref().and_then(Consulted::describe) {
        line(text, &format!("  {said}"));
    }
}

fn tasks(text: &mut String, plan: &Plan, cx: &Context) {
    let picked: Vec<&Job> = plan.outlook.jobs.iter().filter(|job| job.picked).collect();
    let (used, limit) = (points(plan.outlook.points), points(plan.outlook.limit));
    let stretch = plan.outlook.stretch_points;
    let stretch = if stretch > 0.0 { format!(", {} more if there is time", points(stretch)) } else { String::new() };
    heading(text, cx, "Tasks", &format!("{} picked, {used} of {limit}{stretch}", picked.len()));
    for job in picked {
        let size = job.points.map(points).or(job.minutes.map(hours)).unwrap_or_else(|| "?".into());
        let title = one_line(&job.title, WIDTH);
        let stretch = if job.stretch { "  (if there is time)" } else { "" };
        let last_day = |at: Timestamp| format!("  (by {})", (at - Duration::microseconds(1)).format("%Y-%m-%d"));
        let due = job.deadline.map(last_day).unwrap_or_default();
        line(text, &format!("  {} {:>4} {size:>5}  {title}{due}{stretch}", cx.out.priority(job.priority), job.label));
        let place = plan.outlook.schedule.slot(job.task_id).map(place);
        let out = || plan.outlook.schedule.left_out.iter().find(|out| out.task_id == job.task_id);
        if let Some(place) = place.or_else(|| Some(format!("no place: {}", out()?.why))) {
            line(text, &format!("                  {}", cx.out.style("2", &one_line(&place, WIDEST))));
        }
    }
}

/// Who does a task when, who looks at it until when, and why so.
fn place(slot: &Slot) -> String {
    let work = &slot.work;
    let review = slot.review.as_ref();
    let review = review.map(|turn| format!(", reviewed by {} by {}", turn.agent, values::moment(turn.ends_at)));
    let (from, to) = (values::moment(work.starts_at), values::moment(work.ends_at));
    format!("{}  {from} to {to}{}  {}", work.agent, review.unwrap_or_default(), slot.why)
}

fn checks(text: &mut String, plan: &Plan, cx: &Context) {
    heading(text, cx, "Checks", "");
    for check in &plan.outlook.checks {
        let mark = match check.weight {
            Weight::Stop => "stop",
            Weight::Warn => "look",
            Weight::Fine => "ok  ",
        };
        line(text, &format!("  {mark}  {}", one_line(&check.text, 160)));
    }
}

/// What would let more in, and what cannot be had together.
fn advice(text: &mut String, plan: &Plan, cx: &Context) {
    let advice = &plan.outlook.advice;
    let name = |id: &TaskId| plan.outlook.job(*id).map_or("?", |job| job.label.as_str()).to_owned();
    let say = |text: &mut String, help: &Help| {
        let comes: Vec<String> = help.comes.iter().map(name).collect();
        let mark = if help.recommended { "best" } else { "    " };
        line(text, &one_line(&format!("  {mark}  {}: brings {}", help.text, comes.join(", ")), 160));
    };
    if !advice.levers.is_empty() {
        heading(text, cx, "What would help", "");
        advice.levers.iter().for_each(|help| say(text, help));
    }
    for clash in &advice.conflicts {
        heading(text, cx, "Cannot be in time", &name(&clash.task_id));
        line(text, &one_line(&format!("  {}", clash.requirements.join("; ")), 160));
        clash.ways.iter().for_each(|help| say(text, help));
    }
}

fn ending(text: &mut String, plan: &Plan, draft: &Draft) {
    let said = if let (Some(sprint), Some(change)) = (&plan.sprint, plan.change) {
        let name = one_line(&sprint.name, 60);
        format!("{name} is {}; `vayu undo` takes all of it back (change {change})", sprint.state)
    } else if plan.outlook.stops(false).next().is_some() {
        "nothing was changed; without --dry-run this is refused, see Checks".into()
    } else {
        let new = draft.pieces.iter().filter(|piece| piece.is_task()).count();
        format!("nothing was changed; without --dry-run this makes a sprint and {}", words::count(new, "new task"))
    };
    line(text, &format!("\n{said}"));
}
