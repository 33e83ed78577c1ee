//! `vayu plan`: planning a project that stands in a file of its own, without a board.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::output::{Output, one_line};
use super::{Failure, Global, Outcome};
use crate::plan::project::{Answer, Mistake, Planned, Project, build};
use crate::plan::schedule::{Budget, solve};

/// Width of names and reasons in the text.
const WIDTH: usize = 60;

#[derive(Debug, clap::Subcommand)]
pub enum Verb {
    /// Plan a project that is written down in a TOML or JSON file (docs/plan-format.md)
    Solve(SolveArgs),
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
}

pub fn run(verb: &Verb, global: &Global) -> Result<Outcome, Failure> {
    let Verb::Solve(args) = verb;
    let begun = Instant::now();
    let (project, text) = read(&args.file)?;
    let built = build(&project).map_err(|mistake| misunderstood(&args.file, &text, &mistake))?;
    let mut stop = || begun.elapsed() >= args.budget;
    let mut budget = Budget { steps: args.steps.unwrap_or(u64::MAX), stop: &mut stop };
    let unsound = |fault| Failure::Usage(format!("{}: {fault}", args.file.display()));
    let found = solve(&built.problem, args.seed, &mut budget, &mut |_| {}).map_err(unsound)?;
    let answer = Answer::of(&project, &built, &found).map_err(unsound)?;
    Output::new(global.json, global.color).print(&answer, || describe(&answer))?;
    Ok(if answer.left_out.iter().any(|task| task.required) { Outcome::Partly(4) } else { Outcome::Done })
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

fn describe(answer: &Answer) -> String {
    let mut text = String::new();
    for task in &answer.tasks {
        describe_task(&mut text, task);
    }
    for task in &answer.left_out {
        let _ = writeln!(text, "left out: {} ({})", one_line(&task.task, WIDTH), one_line(&task.reason, WIDTH));
    }
    let proved = if answer.proved { ", and there is no better plan" } else { "" };
    let hours = |minutes: u64| minutes as f64 / 60.0;
    let _ = writeln!(
        text,
        "{:.1} h planned, {:.1} h left out; value left out {}, at least {}; score {}, at least {}{proved}",
        hours(answer.minutes_planned),
        hours(answer.minutes_left_out),
        answer.score.lost,
        answer.bound.lost,
        answer.score.value,
        answer.bound.value,
    );
    text
}

fn describe_task(text: &mut String, task: &Planned) {
    for step in &task.stages {
        let clock = |minutes: u32| format!("{}:{:02}", minutes / 60, minutes % 60);
        let from = step.starts_at.clone().unwrap_or_else(|| clock(step.start));
        let to = step.ends_at.clone().unwrap_or_else(|| clock(step.end));
        let (name, stage, agent) =
            (one_line(&task.task, WIDTH), one_line(&step.stage, WIDTH), one_line(&step.agent, WIDTH));
        let _ = writeln!(text, "{from} to {to}  {name}: {stage} by {agent}");
    }
    let _ = writeln!(text, "    since {}", one_line(&task.because, WIDTH));
}
