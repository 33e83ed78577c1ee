//! The command line: one face among several. It turns words into commands and queries, and results into text or JSON.
//!
//! It holds no rules and no SQL. One file per verb.

#![allow(clippy::doc_markdown, reason = "doc comments of arguments are what `--help` prints")]

mod context;
mod init;
mod orchestrate;
pub mod output;
mod task;
mod values;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::domain::Rejection;
use crate::service::Error;
use crate::store::StoreError;

pub use context::Context;

/// The terminal tech lead for teams of AI agents and people.
#[derive(Debug, Parser)]
#[command(name = "vayu", version, about, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Board file or project folder [default: the nearest .vayu/board.db above]
    #[arg(long, global = true, env = "VAYU_BOARD", value_name = "PATH", help_heading = "Global options")]
    pub board: Option<PathBuf>,
    /// Act as this agent or person
    #[arg(long = "as", global = true, env = "VAYU_AS", value_name = "NAME", help_heading = "Global options")]
    pub actor: Option<String>,
    /// Print one JSON value
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// When to use colour
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN", help_heading = "Global options")]
    pub color: Color,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a new board for a project
    Init(init::Args),
    /// Hand out work, take back what was dropped and ask what only people can decide, until stopped
    Orchestrate(orchestrate::Args),
    /// Create, list, change and work on tasks
    #[command(subcommand)]
    Task(task::Verb),
}

/// What became of a command that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// There was nothing to do.
    Nothing,
    /// Some of several items failed; the worst exit code of them.
    Partly(u8),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A rule said no, or the board failed.
    #[error(transparent)]
    Service(#[from] Error),
    /// The arguments do not make sense together.
    #[error("{0}")]
    Usage(String),
    /// Reading or writing elsewhere failed.
    #[error("{0}")]
    World(String),
    /// The reader of our output is gone.
    #[error("nobody reads the output")]
    ClosedPipe,
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Service(rejection.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe { Self::ClosedPipe } else { Self::World(error.to_string()) }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => std::io::Error::from(kind).into(),
            None => Self::World(error.to_string()),
        }
    }
}

impl Failure {
    /// The exit code: 1 the world failed, 2 usage, 3 nothing to do, 4 a rule said no, 5 the claim was lost.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::World(_) | Self::Service(Error::Store(_)) => 1,
            Self::Usage(_) => 2,
            Self::Service(Error::Rejected(rejection)) => match rejection {
                Rejection::NotFound { .. } => 1,
                Rejection::NothingReady { .. } | Rejection::NothingTo(_) => 3,
                Rejection::Fenced { .. } => 5,
                _ => 4,
            },
        }
    }
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.global.json;
    match run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(3),
        Ok(Outcome::Partly(code)) => ExitCode::from(code),
        Err(failure) => {
            output::report(&failure, json);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<Outcome, Failure> {
    match cli.verb {
        Some(Verb::Init(args)) => init::run(&args, &cli.global),
        Some(Verb::Orchestrate(args)) => orchestrate::run(&args, Context::open(cli.global)?),
        Some(Verb::Task(verb)) => task::run(verb, &mut Context::open(cli.global)?),
        None => Err(Failure::Usage("say what to do; `vayu --help` lists it".into())),
    }
}
