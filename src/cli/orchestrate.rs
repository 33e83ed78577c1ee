//! `vayu orchestrate`: the orchestrator without a screen. One process leads a board; further ones stand by.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use super::{Context, Failure, Outcome, signals};
use crate::domain::Timestamp;
use crate::orchestrator::{self, Depth, Options, Orchestrator, Report};
use crate::text;

/// Columns of a line; more is cut.
const LINE: usize = 400;

/// Options of `vayu orchestrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Do what is due now, then leave (exit code 3: another process leads)
    #[arg(long)]
    once: bool,
}

/// A report and when it was made, as one line of JSON.
#[derive(serde::Serialize)]
struct Line<'a> {
    at: Timestamp,
    #[serde(flatten)]
    report: &'a Report,
}

/// Runs the verb until a signal ends it.
///
/// # Errors
/// When the board fails or nobody reads the output any more.
pub fn run(args: &Args, cx: Context) -> Result<Outcome, Failure> {
    let options = Options::named("orchestrate");
    if args.once { once(cx, &options) } else { keep_on(cx, &options) }
}

/// Ticks until nothing more is to be done, at most as often as steps can follow from one another.
fn once(cx: Context, options: &Options) -> Result<Outcome, Failure> {
    const ROUNDS: usize = 20;
    let (out, clock) = (cx.out, cx.service.another()?);
    let mut orchestrator = Orchestrator::new(cx.service, options);
    if !matches!(orchestrator.stand()?, orchestrator::lease::Standing::Leads(_)) {
        return Ok(Outcome::Nothing);
    }
    for _ in 0..ROUNDS {
        let mut reports = Vec::new();
        let changed = orchestrator.tick(Depth::Worries, &mut |report| reports.push(report))?;
        for report in &reports {
            tell(out.json, clock.now().wall, report)?;
        }
        if changed == 0 {
            break;
        }
    }
    orchestrator.step_down()?;
    Ok(Outcome::Done)
}

fn keep_on(cx: Context, options: &Options) -> Result<Outcome, Failure> {
    let json = cx.out.json;
    let clock = cx.service.another()?;
    let stop = Arc::new(AtomicBool::new(false));
    let (post, reports) = channel();
    let handle = orchestrator::spawn(cx.service, options, Arc::clone(&stop), move |report| _ = post.send(report))?;
    heed_signals(Arc::clone(&stop))?;
    // The channel ends when the orchestrator has stepped down.
    for report in reports {
        if let Err(failure) = tell(json, clock.now().wall, &report) {
            drop(handle);
            return Err(failure);
        }
    }
    Ok(Outcome::Done)
}

/// The first signal asks the orchestrator to step down; the second ends the process at once.
fn heed_signals(stop: Arc<AtomicBool>) -> Result<(), Failure> {
    let mut asked = false;
    signals::heed(move |signal| {
        stop.store(true, Ordering::Relaxed);
        if std::mem::replace(&mut asked, true) {
            std::process::exit(128 + signal);
        }
    })
}

fn tell(json: bool, at: Timestamp, report: &Report) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if json {
        text::json::write(&mut out, &Line { at, report })?;
        out.write_all(b"\n")?;
    } else {
        let local = at.with_timezone(&chrono::Local);
        writeln!(out, "{} {}", local.format("%H:%M:%S"), text::clip(&report.to_string(), LINE))?;
    }
    Ok(out.flush()?)
}
