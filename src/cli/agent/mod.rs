//! `vayu agent …`: who is on the team, and what each one has to do.

mod change;
mod list;
mod run;

use clap::Subcommand;

use super::context::Context;
use super::{Failure, Outcome};

pub use change::PERSON_LIMIT;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Add a program or a person to the team
    Add(Box<change::AddArgs>),
    /// List the team
    List(list::Args),
    /// Show what agents have in hand
    #[command(visible_alias = "status")]
    Workload(list::WorkloadArgs),
    /// Change an agent
    Edit(Box<change::EditArgs>),
    /// Let agents finish what they have and take nothing new
    Drain(change::DrainArgs),
    /// Run a command for every task that suits an agent, until stopped
    Run(Box<run::Args>),
}

pub fn run(verb: Verb, cx: &mut Context) -> Result<Outcome, Failure> {
    match verb {
        Verb::Add(args) => change::add(&args, cx),
        Verb::List(args) => list::run(&args, cx),
        Verb::Workload(args) => list::workload(&args, cx),
        Verb::Edit(args) => change::edit(&args, cx),
        Verb::Drain(args) => change::drain(&args, cx),
        Verb::Run(args) => run::run(&args, cx),
    }
}
