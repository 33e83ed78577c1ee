//! `vayu agent run`: a real process for every task that suits an agent, until a signal or a limit ends it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use signal_hook::consts::SIGINT;

use crate::agents::identity;
use crate::agents::roles::{Role, Roles};
use crate::agents::runner::{self, Control, Options, Place, Report, Tally, Wish};
use crate::agents::supervise::{Limits, find_program};
use crate::bootstrap;
use crate::cli::context::Context;
use crate::cli::output::{Output, one_line, warn};
use crate::cli::{Failure, Outcome, signals, values};
use crate::domain::Rejection;
use crate::domain::agent::parse_skills;
use crate::store::sqlite::side_folder;
use crate::text;

/// Columns of a line; more is cut.
const LINE: usize = 400;

#[derive(Debug, clap::Args)]
#[command(after_help = "The command finds its task in VAYU_TASK_FILE and tells how it goes by lines like\n\
    `::vayu progress 40 running tests`; docs/agents.md has all of them.")]
pub struct Args {
    /// Name of the agent; added to the board if it is not there [default: the one given by --as]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Role, as backend-dev or qa: its skills, its prompt
    #[arg(long)]
    role: Option<String>,
    /// Skills with a level from 1 to 5, as rust:4,sql:2 [default: those of the role]
    #[arg(long, value_parser = parse_skills)]
    skills: Option<BTreeMap<String, u8>>,
    /// Tasks at once [default: as the board has it, else 1]
    #[arg(long, visible_alias = "wip", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    wip_limit: Option<u32>,
    /// Model and version that the command works with, as large-4.1; it may say itself by `::vayu model`
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Do one task, or leave at once if none is ready (exit code 3)
    #[arg(long)]
    once: bool,
    /// Leave after so many tasks
    #[arg(long, value_name = "N", conflicts_with = "once", value_parser = clap::value_parser!(u64).range(1..))]
    max_tasks: Option<u64>,
    /// Leave when nothing was ready for so long, as 30s or 5m
    #[arg(long, value_name = "TIME", conflicts_with = "once", value_parser = values::seconds)]
    idle_exit: Option<u32>,
    /// Longest run of the command, as 30m; a task's own limit takes its place
    #[arg(long, value_name = "TIME", value_parser = values::seconds)]
    time_limit: Option<u32>,
    /// Most memory of the command and all it starts, as 2G
    #[arg(long, value_name = "SIZE", value_parser = size)]
    memory_limit: Option<u64>,
    /// Most output of the command, as 100M [default: 1G]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    output_limit: Option<u64>,
    /// Time between the request to end and the kill
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = values::seconds)]
    grace: u32,
    /// Lease of its claims in seconds; heartbeats renew it [default: as the board has it]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    lease: Option<u32>,
    /// How often to look for work when nobody tells of any
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = values::seconds)]
    poll: u32,
    /// Work in this folder, one task after the other [default: a worktree or a folder for every task]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Where worktrees are made [default: below the user's data folder]
    #[arg(long, value_name = "DIR", conflicts_with = "folder")]
    worktrees: Option<PathBuf>,
    /// Pass this environment variable on to the command (repeat)
    #[arg(long = "env", value_name = "NAME", value_parser = variable)]
    pass: Vec<String>,
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, num_args = 1.., value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Works until a signal or a limit ends it.
///
/// # Errors
/// When the command or the board cannot be used, or the command failed where it was to succeed once.
pub fn run(args: &Args, cx: &mut Context) -> Result<Outcome, Failure> {
    let board = board_file(cx)?;
    let role = role(args, cx, &board)?;
    let options = options(args, cx, board)?;
    let control = Control::new();
    heed_signals(control.clone())?;
    let (out, clock) = (cx.out, cx.service.another()?);
    let mut tell = |report| tell(out, clock.now().wall, &report);
    let tally = runner::run(cx.service.another()?, options, role, &control, &mut tell).map_err(explain)?;
    conclude(args.once, tally)
}

fn explain(error: runner::RunError) -> Failure {
    match error {
        runner::RunError::Board(error) => error.into(),
        other => Failure::World(other.to_string()),
    }
}

fn board_file(cx: &Context) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()?;
    Ok(std::path::absolute(bootstrap::find_board(cx.global.board.as_deref(), &here)?)?)
}

fn name(args: &Args, cx: &Context) -> Result<String, Failure> {
    let name = args.name.as_ref().or(cx.global.actor.as_ref()).cloned();
    name.ok_or_else(|| Failure::Usage("say which agent this is: --name NAME".into()))
}

fn options(args: &Args, cx: &Context, board: PathBuf) -> Result<Options, Failure> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(Failure::Usage("say what to run: vayu agent run --name NAME -- COMMAND".into()));
    };
    let search = std::env::var_os("PATH");
    let program = find_program(program, search.as_deref()).map_err(|error| Failure::World(error.to_string()))?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Ok(Options {
        place: place(args, &board)?,
        board,
        name: name(args, cx)?,
        role: args.role.clone(),
        skills: args.skills.clone(),
        wip_limit: args.wip_limit,
        model: args.model.clone(),
        program,
        args: rest.to_vec(),
        limits: Limits {
            time: args.time_limit.map(seconds),
            output: args.output_limit.or(Limits::default().output),
            memory: args.memory_limit,
            grace: seconds(args.grace),
        },
        pass: args.pass.clone(),
        poll: seconds(args.poll.max(1)),
        max_tasks: if args.once { Some(1) } else { args.max_tasks },
        idle_exit: if args.once { Some(Duration::ZERO) } else { args.idle_exit.map(seconds) },
        lease_seconds: args.lease,
        vayu: std::env::current_exe().ok(),
    })
}

fn place(args: &Args, board: &Path) -> Result<Place, Failure> {
    if let Some(folder) = &args.folder {
        let folder = folder.canonicalize().map_err(|error| Failure::World(format!("{}: {error}", folder.display())))?;
        // Of the user, not of the board: agents of two boards may be given the same folder.
        return Ok(Place::Shared { folder, locks: data_folder(board).join("locks") });
    }
    let data = args.worktrees.clone().unwrap_or_else(|| data_folder(board));
    Ok(Place::PerTask { data: std::path::absolute(data)? })
}

fn data_folder(board: &Path) -> PathBuf {
    bootstrap::data_folder().unwrap_or_else(|| side_folder(board).join("data"))
}

/// The role that was asked for, or that the agent has on the board.
fn role(args: &Args, cx: &Context, board: &Path) -> Result<Option<Role>, Failure> {
    let known = cx.read().agent_named(&name(args, cx)?)?;
    let Some(wanted) = args.role.clone().or(known.and_then(|agent| agent.role)) else { return Ok(None) };
    if args.role.is_some() && std::env::var_os(identity::MARK).is_some() {
        return Err(Rejection::HumansOnly("give an agent a role").into());
    }
    let folders = role_folders(Some(&side_folder(board)));
    let (roles, errors) = Roles::load(&folders);
    for error in errors {
        warn(&error.to_string());
    }
    let role = roles.get(&wanted).cloned();
    if role.is_none() {
        warn(&unknown(&wanted, &roles, &folders));
    }
    Ok(role)
}

/// What to say about a role that has no file.
pub(super) fn unknown(wanted: &str, roles: &Roles, folders: &[PathBuf]) -> String {
    let known: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let places: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    format!(
        "no role file is called `{}`, so it has no skills and no prompt; known are {}; your own go into {}",
        one_line(wanted, 40),
        known.join(", "),
        places.join(" or ")
    )
}

/// Where the files of roles lie: the user's own, then the board's.
pub(super) fn role_folders(board: Option<&Path>) -> Vec<PathBuf> {
    let beside = board.map(Path::to_owned);
    bootstrap::config_folder().into_iter().chain(beside).map(|folder| folder.join("roles")).collect()
}

/// Each Ctrl-C wants more: finish, end, kill. The other signals do not wait for the work to be finished.
fn heed_signals(control: Control) -> Result<(), Failure> {
    signals::heed(move |signal| match signal {
        SIGINT => drop(control.insist()),
        _ if control.wish() < Wish::Stop => control.want(Wish::Stop),
        _ => control.want(Wish::Kill),
    })
}

/// Says what happens. A reader that has left does not end the work.
fn tell(out: Output, at: crate::domain::Timestamp, report: &Report) {
    let mut stdout = std::io::stdout().lock();
    let _ = if out.json {
        let mut line = serde_json::json!({ "at": at });
        if let (Some(line), Ok(serde_json::Value::Object(report))) =
            (line.as_object_mut(), serde_json::to_value(report))
        {
            line.extend(report);
        }
        text::json::write(&mut stdout, &line).map_err(Into::into).and_then(|()| writeln!(stdout))
    } else {
        let local = at.with_timezone(&chrono::Local);
        let output = match report {
            Report::Finished { well: false, last_lines, .. } => last_lines.as_slice(),
            _ => &[],
        };
        let output: Vec<String> =
            output.iter().map(|line| format!("\n         │ {}", text::clip(line, LINE))).collect();
        let report = text::clip(&report.to_string(), LINE);
        writeln!(stdout, "{} {report}{}", local.format("%H:%M:%S"), output.concat())
    };
    let _ = stdout.flush();
}

/// What the runner's work comes to as an exit code.
fn conclude(once: bool, tally: Tally) -> Result<Outcome, Failure> {
    let words = |(how, lines): &(String, Vec<String>)| {
        let lines: Vec<String> = lines.iter().map(|line| format!("\n  {}", text::clip(line, LINE))).collect();
        format!("{}{}", text::clip(how, LINE), lines.concat())
    };
    let last = tally.last_failure.as_ref().map(words);
    if let Some(why) = tally.gave_up {
        return Err(Failure::World(format!("gave up: {why}\n{}", last.unwrap_or_default())));
    }
    if !once {
        return Ok(Outcome::Done);
    }
    match (last, tally.trouble) {
        (Some(last), _) if tally.lost > 0 => Err(Failure::Lost(last)),
        (Some(last), _) => Err(Failure::World(last)),
        (None, Some(trouble)) => Err(Failure::World(text::clip(&trouble, LINE))),
        (None, None) if tally.finished == 0 => Ok(Outcome::Nothing),
        (None, None) => Ok(Outcome::Done),
    }
}

/// Bytes from `1000`, `64K`, `512M` or `2G`.
fn size(text: &str) -> Result<u64, String> {
    let bad = || format!("`{text}` is no size: write 512M or 2G");
    let (number, shift) = match text.trim().char_indices().last() {
        Some((at, 'k' | 'K')) => (&text.trim()[..at], 10),
        Some((at, 'm' | 'M')) => (&text.trim()[..at], 20),
        Some((at, 'g' | 'G')) => (&text.trim()[..at], 30),
        _ => (text.trim(), 0),
    };
    let number: u64 = number.parse().map_err(|_| bad())?;
    number.checked_mul(1 << shift).filter(|size| *size > 0).ok_or_else(bad)
}

fn variable(name: &str) -> Result<String, String> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!("`{name}` is no name of a variable; its value is taken from the environment"));
    }
    if name.starts_with("VAYU_") {
        return Err(format!("`{name}`: variables of vayu are set by vayu"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_task_that_was_done_is_a_success_of_once() {
        let failure = || Some(("given back".to_owned(), Vec::new()));
        let done = Tally { finished: 1, ..Tally::default() };
        let given_back = Tally { failed: 1, last_failure: failure(), ..done.clone() };
        let lost = Tally { lost: 1, last_failure: failure(), ..done.clone() };
        let deaf = Tally { trouble: Some("the board is busy".into()), ..Tally::default() };
        assert!(matches!(conclude(true, done), Ok(Outcome::Done)));
        assert!(matches!(conclude(true, Tally::default()), Ok(Outcome::Nothing)));
        assert!(matches!(conclude(true, given_back.clone()), Err(Failure::World(_))));
        assert!(matches!(conclude(true, lost), Err(Failure::Lost(_))));
        assert!(matches!(conclude(true, deaf), Err(Failure::World(why)) if why.contains("busy")));
        assert!(matches!(conclude(false, given_back), Ok(Outcome::Done)));
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!((size("10"), size("2K"), size("3m"), size("1G")), (Ok(10), Ok(2048), Ok(3 << 20), Ok(1 << 30)));
        for bad in ["", "G", "-1", "1.5G", "0", "99999999999999G"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
