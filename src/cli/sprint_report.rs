//! `vayu sprint report`: what a closed sprint set out to do and what became of it.

use serde::Serialize;

use super::context::Context;
use super::forecast::foretold;
use super::output::one_line;
use super::sprint::{NameArgs, line};
use super::{Failure, Outcome};
use crate::domain::sprint::{FEWEST_SPRINTS, FEWEST_TASKS, FlowLine, Line, Pace, Range, Report, Tally};
use crate::domain::words::{self, span, work};
use crate::domain::{Rejection, Sprint};
use crate::service::forecast::{self, Judged};
use crate::service::sprints::{self, Correction};
use crate::text;

/// Columns of what stands beside a label.
const BESIDE: usize = 66;
/// Lines that one fact may take.
const MOST_LINES: usize = 6;
/// Tasks of a list that are shown.
const SHOWN: usize = 10;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    name: NameArgs,
    /// Show what was changed about its tasks after its close, which the report does not follow
    #[arg(long)]
    corrections: bool,
}

pub fn run(args: &Args, cx: &Context) -> Result<Outcome, Failure> {
    let sprint = match args.name.given() {
        Some(name) => cx.sprint(name)?,
        None => last_closed(cx)?,
    };
    if args.corrections {
        return corrections(cx, &sprint);
    }
    print(cx, &sprint)
}

/// The sprint that was closed last.
///
/// # Errors
/// When none is.
pub fn last_closed(cx: &Context) -> Result<Sprint, Failure> {
    sprints::last_closed(cx.read())?.ok_or_else(none_closed)
}

fn none_closed() -> Failure {
    let why = "no sprint is closed yet; `vayu sprint status` shows the active one, `vayu sprint close` ends it";
    Rejection::Invalid(why.into()).into()
}

/// Prints the report of a closed sprint.
pub fn print(cx: &Context, sprint: &Sprint) -> Result<Outcome, Failure> {
    let report = sprints::report(cx.read(), sprint)?;
    let shown = Shown { report: &report, forecast: forecast::judge(cx.read(), sprint)? };
    cx.out.print(&shown, || describe(cx, &shown))?;
    Ok(Outcome::Done)
}

/// A report, and what had been foretold.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    report: &'a Report,
    /// The first forecast of the sprint against its end; none where there was none.
    forecast: Option<Judged>,
}

fn describe(cx: &Context, shown: &Shown) -> String {
    let report = shown.report;
    let mut page = Page { text: vec![line(cx, &report.sprint)] };
    if !report.sprint.goal.is_empty() {
        page.row("goal", &one_line(&report.sprint.goal, 300));
    }
    page.planned(report);
    page.done(report);
    if let Some(judged) = &shown.forecast {
        page.row("forecast", &foretold(judged));
    }
    let next = report.carried_to.as_ref().map(|next| format!("to {}", one_line(next, 20)));
    let carried = |task: &Line| {
        let left = task.remaining.map(|left| format!("{} left", work(left)));
        left.into_iter().chain(next.clone()).collect()
    };
    page.list("added", &report.added, |task| if task.done { vec!["done".into()] } else { Vec::new() });
    page.list("removed", &report.removed, |_| Vec::new());
    page.list("cancelled", &report.cancelled, |_| Vec::new());
    page.list("left over", &report.left_over, carried);
    page.velocity(report);
    page.estimates(report);
    page.flow(report);
    page.waits(report);
    page.text.join("\n")
}

/// The lines of a report.
struct Page {
    text: Vec<String>,
}

impl Page {
    fn row(&mut self, label: &str, words: &str) {
        for (at, words) in text::wrap(words, BESIDE, MOST_LINES).into_iter().enumerate() {
            self.text.push(format!("  {:<12}{words}", if at == 0 { label } else { "" }));
        }
    }

    fn planned(&mut self, report: &Report) {
        if !report.has_baseline {
            let why = match report.sprint.started_at {
                Some(_) => "not known: it was started before vayu wrote that down",
                None => "nothing: it was never started",
            };
            return self.row("planned", why);
        }
        let mut parts = vec![tally(report.committed)];
        if report.stretch.tasks > 0 {
            parts.push(format!("stretch {}", tally(report.stretch)));
        }
        if report.carried_in > 0 {
            parts.push(format!("{} of them left over from before", report.carried_in));
        }
        parts.push(match report.sprint.capacity_minutes {
            Some(minutes) => format!("capacity {}", work(minutes)),
            None => "capacity not known".into(),
        });
        self.row("planned", &parts.join("; "));
    }

    fn done(&mut self, report: &Report) {
        let (done, committed) = (report.done, report.committed);
        if !report.has_baseline {
            self.row("done", &tally(done.added));
            return self.row("predictable", "not known without a plan");
        }
        let mut parts = vec![of(done.committed, committed)];
        if report.stretch.tasks > 0 {
            parts.push(format!("stretch {}", of(done.stretch, report.stretch)));
        }
        if !report.added.is_empty() {
            parts.push(format!("added {} of {}", done.added.tasks, report.added.len()));
        }
        if done.counted_before.tasks > 0 {
            parts.push(format!("{} done in an earlier sprint already", tally(done.counted_before)));
        }
        self.row("done", &parts.join("; "));
        let shares = report.predictability.map_or((None, None), |share| (share.tasks, share.points));
        self.row(
            "predictable",
            &match shares {
                (Some(tasks), Some(points)) => {
                    format!("{} of the tasks, {} of the points", percent(tasks), percent(points))
                }
                (Some(tasks), None) => format!("{} of the tasks; none had points", percent(tasks)),
                _ => "not known: nothing was committed to".into(),
            },
        );
    }

    fn list(&mut self, label: &str, tasks: &[Line], more: impl Fn(&Line) -> Vec<String>) {
        if tasks.is_empty() {
            return;
        }
        self.row(label, &tally(tasks.iter().fold(Tally::default(), |sum, task| sum.and(task.points))));
        for task in tasks.iter().take(SHOWN) {
            let mut notes = more(task);
            notes.extend(task.points.map(|points| format!("{}p", round(points))));
            let notes = if notes.is_empty() { String::new() } else { format!("  {}", notes.join(", ")) };
            let room = BESIDE.saturating_sub(text::width(&notes) + 7);
            self.text.push(format!("{:14}{:<6} {}{notes}", "", task.number, one_line(&task.title, room)));
        }
        self.more(tasks.len());
    }

    fn more(&mut self, all: usize) {
        if all > SHOWN {
            self.text.push(format!("{:14}… and {} more; --json has them", "", all - SHOWN));
        }
    }

    fn velocity(&mut self, report: &Report) {
        let velocity = &report.velocity;
        let count = velocity.sprints.len();
        let mut parts = match velocity.tasks {
            None => vec![format!(
                "no velocity yet: {} on record, {FEWEST_SPRINTS} are needed",
                words::count(count, "closed sprint")
            )],
            Some(tasks) => {
                let pointed = velocity.sprints.iter().any(|pace| pace.done.points > 0.0);
                let one = |pace: &Pace| if pointed { round(pace.done.points) } else { f64::from(pace.done.tasks) };
                let each: Vec<String> = velocity.sprints.iter().map(|pace| one(pace).to_string()).collect();
                let points = velocity.points.filter(|_| pointed).map(|range| format!("{} points, ", from_to(range)));
                let points = points.unwrap_or_default();
                vec![format!("{points}{} tasks in the last {count} sprints ({})", from_to(tasks), each.join(", "))]
            }
        };
        if velocity.team_changed && velocity.tasks.is_some() {
            parts.push(match velocity.per_hour {
                Some(rate) => format!("the team changed: {:.2} to {:.2} per hour of capacity", rate.low, rate.high),
                None => "the team changed, and not every capacity is known".into(),
            });
        }
        if velocity.unrecorded > 0 {
            parts.push(format!("{} before that has no record", words::count(velocity.unrecorded, "closed sprint")));
        }
        self.row("velocity", &parts.join("; "));
    }

    fn estimates(&mut self, report: &Report) {
        let sums = report.estimates;
        self.row(
            "estimates",
            &match sums.compared {
                0 => "nothing to compare: no task done has an estimate and measured work".to_owned(),
                compared => {
                    let times = sums.actual as f64 / sums.estimated as f64;
                    let (estimated, actual) = (work(sums.estimated), work(sums.actual));
                    let of = sums.done;
                    format!(
                        "{estimated} estimated, {actual} measured, {times:.1} times ({compared} of {of} done have both)"
                    )
                }
            },
        );
    }

    fn flow(&mut self, report: &Report) {
        let flow = &report.flow;
        let whole = span(flow.active + flow.waiting);
        match flow.efficiency {
            Some(share) => {
                let work = span(flow.active);
                let words =
                    format!("{} work: {work} of {whole} over {} tasks done, by the clock", percent(share), flow.tasks);
                self.row("flow", &words);
            }
            None if flow.tasks == 0 => self.row("flow", "nothing was done whose time is known"),
            None => {
                let few = words::count(flow.tasks, "task");
                self.row("flow", &format!("{few} done, below {FEWEST_TASKS} each by itself (by the clock):"));
                flow.listed.iter().for_each(|task| self.text.push(flow_line(task)));
            }
        }
    }

    fn waits(&mut self, report: &Report) {
        let waits = report.waits.iter().filter(|waited| waited.minutes > 0);
        let waits: Vec<_> = waits.map(|waited| format!("{} {}", waited.cause, span(waited.minutes))).collect();
        self.row("waited for", &if waits.is_empty() { "nothing".to_owned() } else { waits.join(", ") });
    }
}

fn flow_line(task: &FlowLine) -> String {
    let times = format!("work {}, waiting {}", span(task.active), span(task.waiting));
    let room = BESIDE.saturating_sub(text::width(&times) + 9);
    format!("{:14}{:<6} {}  {times}", "", task.number, one_line(&task.title, room))
}

fn points(points: f64) -> String {
    words::points(round(points))
}

/// Tasks, with their points where they have any.
pub fn tally(tally: Tally) -> String {
    let tasks = words::count(tally.tasks, "task");
    if tally.points > 0.0 { format!("{tasks}, {}", points(tally.points)) } else { tasks }
}

fn of(done: Tally, whole: Tally) -> String {
    let tasks = format!("{} of {}", done.tasks, words::count(whole.tasks, "task"));
    if whole.points > 0.0 { format!("{tasks}, {} of {}", round(done.points), points(whole.points)) } else { tasks }
}

fn from_to(range: Range) -> String {
    let (low, high) = (round(range.low), round(range.high));
    if range.low < range.high { format!("{low} to {high}") } else { low.to_string() }
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// To two decimals: sums of parts of points have more than anybody wrote down.
fn round(points: f64) -> f64 {
    (points * 100.0).round() / 100.0
}

/// What was changed after the close, apart from the report.
#[derive(Debug, Serialize)]
struct Corrected<'a> {
    /// The sprint's number.
    sprint: i64,
    /// Its name.
    name: &'a str,
    /// What is different now.
    corrections: Vec<Correction>,
}

fn corrections(cx: &Context, sprint: &Sprint) -> Result<Outcome, Failure> {
    // The same refusals as for the report.
    sprints::report(cx.read(), sprint)?;
    let corrections = sprints::corrections(cx.read(), sprint)?;
    let corrected = Corrected { sprint: sprint.number, name: &sprint.name, corrections };
    cx.out.print(&corrected, || {
        if corrected.corrections.is_empty() {
            return format!("nothing was changed about the tasks of {} since its close", one_line(&sprint.name, 40));
        }
        corrected.corrections.iter().map(correction).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Outcome::Done)
}

fn correction(correction: &Correction) -> String {
    format!("{:<6} {}: {}", correction.number, one_line(&correction.title, 30), correction.what.join(", "))
}
