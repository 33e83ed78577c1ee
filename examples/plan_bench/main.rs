//! Plans an instance of a public benchmark with the scheduler of the product and prints one line of JSON: what the plan
//! is worth, what no plan can beat, whether that proves it, and how long it took.

mod gap;
mod imopse;
mod instance;
mod jsp;
mod psplib;
mod wt;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use color_eyre::eyre::{Context, OptionExt, Result, bail};
use instance::Instance;
use vayu::plan::schedule::plan::Plan;
use vayu::plan::schedule::{Budget, solve};

/// Plan an instance of a public benchmark
#[derive(Debug, Parser)]
struct Args {
    /// How the file is written
    #[arg(long)]
    format: Format,
    /// The instance
    file: PathBuf,
    /// Which instance of a file that holds several, from 1
    #[arg(long, value_name = "K", default_value_t = 1)]
    index: usize,
    /// When to stop
    #[arg(long, value_name = "S", default_value_t = 1.0)]
    seconds: f64,
    /// Stop after so many steps, whatever the time; together with the seed this gives the same plan everywhere
    #[arg(long, value_name = "N", default_value_t = u64::MAX, hide_default_value = true)]
    steps: u64,
    /// Where chance begins
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Write the plan there
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
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

fn main() -> Result<()> {
    let args = Args::parse();
    let begun = Instant::now();
    let instance = read(&args)?;
    let budget = Duration::try_from_secs_f64(args.seconds).wrap_err("--seconds")?;
    let mut first = None;
    let mut on_plan = |_: &Plan| {
        first.get_or_insert_with(|| begun.elapsed());
    };
    let mut stop = || begun.elapsed() >= budget;
    let found = solve(&instance.problem, args.seed, &mut Budget { steps: args.steps, stop: &mut stop }, &mut on_plan)?;
    let seconds = begun.elapsed();
    if let Some(out) = &args.out {
        std::fs::write(out, serde_json::to_string(&instance.plan(&found.plan))?)?;
    }
    let whole = found.plan.score.missing == 0;
    let line = serde_json::json!({
        "value": whole.then_some(found.plan.score.value),
        "lower_bound": found.bound.value,
        "seconds": seconds.as_secs_f64(),
        "proved": found.is_proved(),
        "first_seconds": first.map(|first| first.as_secs_f64()),
        "steps": found.steps,
    });
    println!("{line}");
    if whole { Ok(()) } else { bail!("no plan was found that holds everything") }
}

fn read(args: &Args) -> Result<Instance> {
    let text = std::fs::read_to_string(&args.file).wrap_err_with(|| args.file.display().to_string())?;
    let instance = match args.format {
        Format::Psplib => psplib::read(&text),
        Format::Imopse => imopse::read(&text),
        Format::Jsp => jsp::read(&text),
        Format::Wt => wt::read(&text, jobs(&args.file), args.index),
        Format::Gap => gap::read(&text),
    };
    let wrong =
        || format!("{}: this is no {:?} instance, or has no number {}", args.file.display(), args.format, args.index);
    instance.ok_or_eyre(wrong())
}

/// Jobs of each instance, by the name of the file: `wt40.txt`.
fn jobs(file: &Path) -> usize {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let digits: String = name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}
