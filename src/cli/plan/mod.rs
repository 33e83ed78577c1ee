//! `vayu plan`: questions about the plan of the running sprint, and planning a project that stands in a file of its own.
//!
//! It owns the options and the text of that verb. It must never plan or judge anything itself.

mod advice;
mod board;
mod describe;
mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::output::{Output, one_line, warn};
use super::progress::Bar;
use super::{Failure, Global, Outcome};
use crate::plan::project::{Answer, Built, Ground, Mistake, Project, Why, WhyNot, build};
use crate::plan::schedule::{Budget, Found, solve};
use advice::Advice;
pub use board::{WhyArgs, WhyNotArgs, why, why_not};
use describe::describe;
pub use show::{ShowArgs, show};

#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Who does what when in a sprint
    Show(ShowArgs),
    /// Plan a project that is written down in a TOML or JSON file (docs/plan-format.md)
    Solve(SolveArgs),
    /// Why a task of the running sprint begins when it does, and what it would cost if it began earlier
    Why(WhyArgs),
    /// What it would cost if an agent did a task of the running sprint
    WhyNot(WhyNotArgs),
}

#[derive(Debug, clap::Args)]
pub struct SolveArgs {
    /// The project
    file: PathBuf,
    /// How long to look for something better
    #[arg(long, default_value = "1s", value_name = "TIME", value_parser = length)]
    budget: Duration,
    /// Stop after so many steps, whatever the time
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Where chance begins: the same seed and steps give the same plan
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The plan alone: not what would help, stands in the way, or what pins cost
    #[arg(long)]
    bare: bool,
    /// Why a task begins when it does, and what it would cost if it began earlier
    #[arg(long, value_name = "TASK")]
    why: Vec<String>,
    /// What it would cost if an agent did a task
    #[arg(long, num_args = 2, value_names = ["TASK", "AGENT"])]
    why_not: Vec<String>,
}

/// What is printed.
#[derive(Debug, serde::Serialize)]
struct Report {
    #[serde(flatten)]
    answer: Answer,
    #[serde(flatten)]
    advice: Advice,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<Why>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why_not: Vec<WhyNot>,
}

pub fn solve_file(args: &SolveArgs, global: &Global) -> Result<Outcome, Failure> {
    let (project, text) = read(&args.file)?;
    let mistaken = |mistake: &Mistake| misunderstood(&args.file, &text, mistake);
    let built = build(&project).map_err(|mistake| mistaken(&mistake))?;
    for (skill, meant) in project.doubtful_skills() {
        let (skill, meant) = (one_line(skill, 40), one_line(meant, 40));
        warn(&format!("nobody has the skill `{skill}` that is asked for; did you mean `{meant}`?"));
    }
    let interrupted = Arc::<AtomicBool>::default();
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&interrupted))?;
    let begun = Instant::now();
    let found = search(&built, args, &interrupted)?;
    let answer = Answer::of(&project, &built, &found).map_err(|fault| unsound(&args.file, &fault))?;
    let mut patience = advice::Patience::new(args, &found, begun.elapsed(), &interrupted);
    let advice = if args.bare {
        Ok(Advice::default())
    } else {
        Advice::of(&project, &built, &found, &answer.gaps, &mut patience)
    };
    let advice = advice.map_err(|mistake| mistaken(&mistake))?;
    let (why, why_not) = answers(&project, &built, &found, args, &mut patience)?;
    let report = Report { answer, advice, why, why_not };
    Output::new(global.json, global.color).print(&report, || describe(&report))?;
    let complete = report.answer.left_out.iter().all(|task| !task.required);
    Ok(if complete { Outcome::Done } else { Outcome::Partly(4) })
}

/// What was asked about single tasks.
fn answers(
    project: &Project,
    built: &Built,
    found: &Found,
    args: &SolveArgs,
    patience: &mut advice::Patience,
) -> Result<(Vec<Why>, Vec<WhyNot>), Failure> {
    let ground = Ground { project, built, plan: &found.plan };
    let unknown = |what: &str| Failure::Usage(format!("{}: there is no {what}", args.file.display()));
    let fault = |fault| unsound(&args.file, &fault);
    let mut why = Vec::new();
    for task in &args.why {
        let answer = patience.asked(|trial| ground.why(task, trial)).map_err(fault)?;
        why.push(answer.ok_or_else(|| unknown(&format!("task `{task}`")))?);
    }
    let mut why_not = Vec::new();
    for pair in args.why_not.chunks_exact(2) {
        let answer = patience.asked(|trial| ground.why_not(&pair[0], &pair[1], trial)).map_err(fault)?;
        why_not.push(answer.ok_or_else(|| unknown(&format!("task `{}` or agent `{}`", pair[0], pair[1])))?);
    }
    Ok((why, why_not))
}

/// The best plan within the budget, or until somebody has enough of it.
fn search(built: &Built, args: &SolveArgs, interrupted: &AtomicBool) -> Result<Found, Failure> {
    let bar = Bar::new("planning", true);
    let begun = Instant::now();
    let all = args.budget.as_millis() as u64;
    let mut stop = || {
        bar.show(begun.elapsed().as_millis() as u64, all);
        begun.elapsed() >= args.budget || interrupted.load(Ordering::Relaxed)
    };
    let mut budget = Budget { steps: args.steps.unwrap_or(u64::MAX), stop: &mut stop };
    solve(&built.problem, args.seed, &mut budget, &mut |_| {}).map_err(|fault| unsound(&args.file, &fault))
}

fn unsound(file: &Path, fault: &crate::plan::schedule::model::Fault) -> Failure {
    Failure::Usage(format!("{}: {fault}", file.display()))
}

/// `1s`, `500ms`, `2m`; a bare number is seconds.
fn length(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        _ => return Err("try `1s`, `500ms` or `2m`".to_owned()),
    };
    let number: f64 = digits.parse().map_err(|_| "try `1s`, `500ms` or `2m`".to_owned())?;
    Duration::try_from_secs_f64(number * unit).map_err(|error| error.to_string())
}

fn read(file: &Path) -> Result<(Project, String), Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| Failure::World(format!("{shown}: {error}")))?;
    let json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let project = if json {
        serde_json::from_str(&text).map_err(|error| Failure::Usage(format!("{shown}: {error}")))?
    } else {
        toml::from_str(&text).map_err(|error| Failure::Usage(format!("{shown}: {}", error.to_string().trim_end())))?
    };
    Ok((project, text))
}

/// File, line and key of a mistake; the line is the first one that holds what is wrong.
fn misunderstood(file: &Path, text: &str, mistake: &Mistake) -> Failure {
    let Mistake { key, found, message } = mistake;
    let quoted = format!("\"{found}\"");
    let line = text.lines().position(|line| !found.is_empty() && line.contains(&quoted));
    let line = line.map_or(String::new(), |line| format!(":{}", line + 1));
    let found = if found.is_empty() { String::new() } else { format!(" `{found}`:") };
    Failure::Usage(format!("{}{line}: {key}:{found} {message}", file.display()))
}
