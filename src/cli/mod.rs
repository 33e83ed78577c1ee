//! The command line: one face among several. It turns words into commands and queries, and results into text or JSON.
//!
//! It holds no rules and no SQL. One file per verb.

#![allow(clippy::doc_markdown, reason = "doc comments of arguments are what `--help` prints")]

mod agent;
mod answer;
mod ask;
mod backup;
mod board;
mod bulk;
mod config;
mod consult;
mod context;
mod demo;
mod doctor;
mod export;
mod failure;
mod forecast;
mod generate;
mod import;
mod inbox;
mod init;
mod log;
mod orchestrate;
pub mod output;
mod plan;
mod progress;
mod risk;
mod signals;
mod sprint;
mod sprint_plan;
mod sprint_replan;
mod sprint_report;
mod sprint_retro;
mod task;
mod undo;
mod values;
mod welcome;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand, ValueEnum};

pub use context::Context;
pub use failure::{Failure, Outcome};

/// The terminal tech lead for teams of AI agents and people.
#[derive(Debug, Parser)]
#[command(name = "vayu", version, about, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    board: board::Args,
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
    /// Show the board (the default)
    Board(board::Args),
    /// See a simulated team at work on a board of its own
    Demo(demo::Args),
    /// Create, list, change and work on tasks
    #[command(subcommand)]
    Task(task::Verb),
    /// Who is on the team and what they have in hand
    #[command(subcommand)]
    Agent(agent::Verb),
    /// Sprints: goal, dates and scope
    #[command(subcommand)]
    Sprint(sprint::Verb),
    /// Ask about the plan of the sprint, or plan a project that stands in a file of its own
    #[command(subcommand)]
    Plan(plan::Verb),
    /// When the sprint will probably be done, how sure that is, and what would help
    Forecast(forecast::Args),
    /// What may come in between, by name: forecasts count on it
    #[command(subcommand)]
    Risk(risk::Verb),
    /// Bring in tasks from other tools, or another board
    Import(import::Args),
    /// Write the tasks for other tools, or the whole board for another one
    Export(export::Args),
    /// What waits for a person's word
    Inbox(inbox::Args),
    /// Answer a question, put it off or pass it on
    Answer(answer::Args),
    /// Ask the people something about a task
    Ask(ask::Args),
    /// What happened, by whom
    Log(log::Args),
    /// Take a change back
    Undo(undo::UndoArgs),
    /// Do again what was taken back
    Redo(undo::RedoArgs),
    /// Show and change the settings of the board
    Config(config::Args),
    /// Hand out work, take back what was dropped and ask what only people can decide, until stopped
    Orchestrate(orchestrate::Args),
    /// Check that everything is in order, and mend it
    Doctor(doctor::Args),
    /// Copy the board into a file
    Backup(backup::BackupArgs),
    /// Put a backup in the place of the board
    Restore(backup::RestoreArgs),
    /// Print completions for a shell
    Completions(generate::CompletionsArgs),
    /// Write the manual pages
    Man(generate::ManArgs),
}

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    outlive_a_full_disk();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let json = cli.global.json;
    match run(cli) {
        Ok(outcome) => outcome.exit_code(),
        Err(failure) => {
            output::report(&failure, json);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// A limit on file sizes shall fail the write that meets it, as a full disk does, and not end the program.
fn outlive_a_full_disk() {
    let _then_it_ends_the_program = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

/// Help and version go to standard output; a mistake in the arguments is reported like every other one.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    let json = std::env::args_os().take_while(|argument| argument != "--").any(|argument| argument == "--json");
    let text = error.render().to_string();
    let failure = Failure::Usage(text.trim_start_matches("error: ").trim_end().to_owned());
    output::report(&failure, json);
    ExitCode::from(failure.exit_code())
}

fn with_task(verb: task::Verb, mut cx: Context) -> Result<Outcome, Failure> {
    let done = task::run(verb, &mut cx);
    if done.is_err() {
        cx.part();
    }
    done
}

fn run(cli: Cli) -> Result<Outcome, Failure> {
    let global = cli.global;
    let Some(verb) = cli.verb else { return board::run(&cli.board, &global) };
    match verb {
        Verb::Init(args) => init::run(&args, &global),
        Verb::Board(args) => board::run(&args, &global),
        Verb::Demo(args) => demo::run(&args, &global),
        Verb::Task(verb) => with_task(verb, Context::open(global)?),
        Verb::Agent(verb) => agent::run(verb, &mut Context::open(global)?),
        Verb::Sprint(verb) => sprint::run(verb, Context::open(global)?),
        Verb::Plan(plan::Verb::Solve(args)) => plan::solve_file(&args, &global),
        Verb::Plan(plan::Verb::Show(args)) => plan::show(&args, &Context::open(global)?),
        Verb::Plan(plan::Verb::Why(args)) => plan::why(&args, &Context::open(global)?),
        Verb::Plan(plan::Verb::WhyNot(args)) => plan::why_not(&args, &Context::open(global)?),
        Verb::Forecast(args) => forecast::run(&args, Context::open(global)?),
        Verb::Risk(verb) => risk::run(&verb, &mut Context::open(global)?),
        Verb::Inbox(args) => inbox::run(&args, &Context::open(global)?),
        Verb::Answer(args) => answer::run(&args, &mut Context::open(global)?),
        Verb::Ask(args) => ask::run(&args, &mut Context::open(global)?),
        Verb::Log(args) => log::run(&args, &mut Context::open(global)?),
        Verb::Undo(args) => undo::undo(&args, &mut Context::open(global)?),
        Verb::Redo(args) => undo::redo(&args, &mut Context::open(global)?),
        Verb::Config(args) => config::run(&args, &mut Context::open(global)?),
        Verb::Orchestrate(args) => orchestrate::run(&args, Context::open(global)?),
        Verb::Doctor(args) => doctor::run(&args, &global),
        Verb::Export(args) => export::run(&args, &Context::open(global)?),
        Verb::Import(args) => import::run(&args, &mut Context::open(global)?),
        Verb::Backup(args) => backup::backup(&args, &Context::open(global)?),
        Verb::Restore(args) => backup::restore(&args, &global),
        Verb::Completions(args) => generate::completions(&args, &global),
        Verb::Man(args) => generate::man(&args, &global),
    }
}
