//! Plans an instance of a public benchmark with the scheduler of the product and prints one line of JSON: what the plan
//! is worth, what no plan can beat, whether that proves it, and how long it took. With `--table FOLDER` it plans whole
//! families and prints a line of Markdown for each:
//!
//! ```text
//! cargo run --release --example plan_bench -- --table ../shared/bench-data --seconds 0.1,1,5
//! ```
//!
//! which takes about 35 minutes (`--every 4`: a quarter of it); run it alone on the machine.

mod gap;
mod imopse;
mod instance;
mod jsp;
mod psplib;
mod table;
mod wt;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use color_eyre::eyre::{Context, OptionExt, Result, bail};
use instance::Instance;
use vayu::plan::schedule::plan::Plan;
use vayu::plan::schedule::{Budget, Found, solve};

/// Plan an instance of a public benchmark
#[derive(Debug, Parser)]
struct Args {
    /// How the file is written
    #[arg(long, required_unless_present = "table")]
    format: Option<Format>,
    /// The instance
    #[arg(required_unless_present = "table")]
    file: Option<PathBuf>,
    /// Which instance of a file that holds several, from 1
    #[arg(long, value_name = "K", default_value_t = 1)]
    index: usize,
    /// When to stop; a table has lines for each of several
    #[arg(long, value_name = "S", default_value = "1", value_delimiter = ',')]
    seconds: Vec<f64>,
    /// Stop after so many steps, whatever the time; together with the seed this gives the same plan everywhere
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    steps: u64,
    /// Where chance begins
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the plan there
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Plan the families of this folder instead, and print how far they are from the best known
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["format", "file", "out", "steps"])]
    table: Option<PathBuf>,
    /// In a table: every so many-th instance of a family
    #[arg(long, value_name = "N", default_value_t = 1)]
    every: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Projects with pools, `.sm`
    Psplib,
    /// Teams with skills, `.def`
    Imopse,
    /// Job shops
    Jsp,
    /// Weighted tardiness on one machine
    Wt,
    /// Generalised assignment
    Gap,
}

/// An instance that has yet to be read.
struct Task {
    format: Format,
    file: PathBuf,
    index: usize,
}

/// What came of planning.
struct Run {
    found: Found,
    /// Until the first plan and until the end, reading included.
    first: Option<f64>,
    seconds: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    match (&args.table, args.format, &args.file) {
        (Some(folder), ..) => table::print(folder, &args.seconds, args.every, args.seed),
        (None, Some(format), Some(file)) => one(&args, &Task { format, file: file.clone(), index: args.index }),
        _ => bail!("a format and a file, or a table"),
    }
}

fn one(args: &Args, task: &Task) -> Result<()> {
    let (instance, run) = task.run(args.seconds.last().copied().unwrap_or(1.0), args.steps, args.seed)?;
    if let Some(out) = &args.out {
        std::fs::write(out, serde_json::to_string(&instance.plan(&run.found.plan))?)?;
    }
    let line = serde_json::json!({
        "value": run.value(),
        "lower_bound": run.found.bound.value,
        "seconds": run.seconds,
        "proved": run.found.is_proved(),
        "first_seconds": run.first,
        "steps": run.found.steps,
    });
    println!("{line}");
    if run.value().is_some() { Ok(()) } else { bail!("no plan was found that holds everything") }
}

impl Run {
    /// What the plan is worth, if it holds everything.
    fn value(&self) -> Option<i64> {
        (self.found.plan.score.missing == 0).then_some(self.found.plan.score.value)
    }
}

impl Task {
    /// Reads and plans it.
    fn run(&self, seconds: f64, steps: u64, seed: u64) -> Result<(Instance, Run)> {
        let begun = Instant::now();
        let budget = Duration::try_from_secs_f64(seconds).wrap_err("--seconds")?;
        let instance = self.read()?;
        let mut first = None;
        let mut on_plan = |_: &Plan| {
            first.get_or_insert_with(|| begun.elapsed().as_secs_f64());
        };
        let mut stop = || begun.elapsed() >= budget;
        let found = solve(&instance.problem, seed, &mut Budget { steps, stop: &mut stop }, &mut on_plan)?;
        Ok((instance, Run { found, first, seconds: begun.elapsed().as_secs_f64() }))
    }

    fn read(&self) -> Result<Instance> {
        let text = std::fs::read_to_string(&self.file).wrap_err_with(|| self.file.display().to_string())?;
        let instance = match self.format {
            Format::Psplib => psplib::read(&text),
            Format::Imopse => imopse::read(&text),
            Format::Jsp => jsp::read(&text),
            Format::Wt => wt::read(&text, jobs(&self.file), self.index),
            Format::Gap => gap::read(&text),
        };
        let wrong = || {
            format!("{}: this is no {:?} instance, or has no number {}", self.file.display(), self.format, self.index)
        };
        instance.ok_or_eyre(wrong())
    }
}

/// Jobs of each instance, by the name of the file: `wt40.txt`.
fn jobs(file: &Path) -> usize {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let digits: String = name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}
