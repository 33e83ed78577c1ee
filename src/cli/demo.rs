//! `vayu demo`: a simulated team at work on a board of its own, to be looked at, played with, and kept if it pleases.

use std::fmt::Write as _;
use std::io::{IsTerminal, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::output::Output;
use super::{Failure, Global, Outcome};
use crate::bootstrap;
use crate::demo::{Demo, Options, keep};
use crate::domain::{Actor, Lane, Timestamp};
use crate::orchestrator::Report;
use crate::store::view::Filter;
use crate::text;
use crate::tui;

/// Options of `vayu demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print what happens instead of showing the board
    #[arg(long)]
    headless: bool,
    /// End after so many seconds
    #[arg(long, value_name = "N", requires = "headless")]
    seconds: Option<u64>,
    /// How many times faster than real time
    #[arg(long, value_name = "TIMES", default_value_t = Options::default().speed, value_parser = speed)]
    speed: f64,
    /// Colours: a bundled theme, or a file of yours
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Copy the board into this project folder when the demo ends
    #[arg(long, value_name = "PATH")]
    keep: Option<PathBuf>,
}

impl Default for Args {
    fn default() -> Self {
        Self { headless: false, seconds: None, speed: Options::default().speed, theme: None, keep: None }
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (1.0..=10_000.0).contains(&speed) { Ok(speed) } else { Err("the speed is 1 to 10000".into()) }
}

/// What a demo without a screen has come to.
#[derive(Debug, serde::Serialize)]
struct Summary {
    project: String,
    sprint: Option<String>,
    now: Timestamp,
    tasks: u64,
    done_before: u64,
    done: u64,
    in_progress: u64,
    asks: u64,
    orchestrator_steps: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kept: Option<PathBuf>,
}

/// Runs the demo.
///
/// # Errors
/// When there is no room for it, or nobody reads the output.
pub fn run(args: &Args, global: &Global) -> Result<Outcome, Failure> {
    let out = Output::new(global.json, global.color);
    let kept = args.keep.as_deref().map(board_of);
    if let Some(path) = kept.as_deref().filter(|path| path.exists()) {
        return Err(crate::store::StoreError::Exists(path.to_owned()).into());
    }
    let screen = !args.headless && !global.json && stdin().is_terminal() && stdout().is_terminal();
    if screen {
        return show(args, kept.as_deref());
    }
    if !args.headless {
        return Err(Failure::Usage("the demo wants a terminal; `--headless` prints what happens instead".into()));
    }
    let (tell, told) = channel();
    let demo = Demo::start(Options { speed: args.speed }, move |report| _ = tell.send(report))?;
    let summary = watch(&demo, &told, args.seconds.map(Duration::from_secs), out, kept)?;
    out.print(&summary, || summary.in_words())?;
    Ok(Outcome::Done)
}

/// The demo's board on the screen, until it is closed.
fn show(args: &Args, kept: Option<&Path>) -> Result<Outcome, Failure> {
    let demo = Demo::start(Options { speed: args.speed }, |_| {})?;
    let mut options = tui::Options::new(Actor::human(bootstrap::user_name()));
    options.config = bootstrap::config_folder();
    options.demo = true;
    options.keep = Some(tui::Keep(Arc::new(|service, folder| {
        let board = board_of(folder);
        keep(service, &board).map(|()| board)
    })));
    if let Some(theme) = &args.theme {
        options.theme.clone_from(theme);
    }
    tui::run(demo.service()?, options).map_err(|error| match error {
        tui::Error::Service(error) => error.into(),
        other => Failure::World(other.to_string()),
    })?;
    kept.map_or(Ok(()), |path| demo.keep(path))?;
    Ok(Outcome::Done)
}

/// The board file of a project folder.
fn board_of(path: &Path) -> PathBuf {
    let names_a_file = path.extension().is_some_and(|extension| extension == "db");
    if names_a_file { path.to_owned() } else { path.join(bootstrap::FOLDER).join(bootstrap::FILE) }
}

/// Says what happens until the time is over or a signal comes.
fn watch(
    demo: &Demo,
    told: &Receiver<Report>,
    time: Option<Duration>,
    out: Output,
    kept: Option<PathBuf>,
) -> Result<Summary, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let service = demo.service()?;
    let done_before = service.read().summary(&Filter::default(), &service.now())?;
    let begun = Instant::now();
    let mut steps = 0;
    while !stop.load(Ordering::Relaxed) && time.is_none_or(|time| begun.elapsed() < time) {
        match told.recv_timeout(Duration::from_millis(100)) {
            Ok(report) => {
                steps += u64::from(matches!(report, Report::Did { .. }));
                let at = service.now().wall.format("%a %H:%M");
                out.say(&format!("{at} {}", text::clip(&report.to_string(), 200)))?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(path) = &kept {
        demo.keep(path)?;
    }
    let summary = service.read().summary(&Filter::default(), &service.now())?;
    let count = |summary: &crate::store::view::BoardSummary, lane| {
        summary.lanes.iter().find(|known| known.lane == lane).map_or(0, |lane| lane.total)
    };
    Ok(Summary {
        sprint: summary.sprint.as_ref().map(|sprint| sprint.name.clone()),
        now: service.now().wall,
        tasks: summary.lanes.iter().map(|lane| lane.total).sum(),
        done_before: count(&done_before, Lane::Done),
        done: count(&summary, Lane::Done),
        in_progress: count(&summary, Lane::InProgress),
        asks: summary.asks,
        orchestrator_steps: steps,
        project: summary.project,
        kept,
    })
}

impl Summary {
    fn in_words(&self) -> String {
        let sprint = self.sprint.as_deref().unwrap_or("no sprint");
        let mut words = format!(
            "{} › {sprint}: {} tasks, {} done (+{}), {} in progress, {} questions open",
            self.project,
            self.tasks,
            self.done,
            self.done.saturating_sub(self.done_before),
            self.in_progress,
            self.asks
        );
        if let Some(path) = &self.kept {
            let _never_fails = write!(words, "\nkept in {}", path.display());
        }
        words
    }
}
