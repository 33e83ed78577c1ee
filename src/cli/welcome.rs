//! The first run: what one can do where there is no board yet.

use std::io::{BufRead, Write, stdin, stdout};
use std::path::PathBuf;

use super::output::one_line;
use super::{Failure, Global, Outcome, board, init};

/// One way to begin.
struct Way {
    key: &'static str,
    title: &'static str,
    says: &'static str,
    go: fn(&Global) -> Result<Outcome, Failure>,
}

const WAYS: &[Way] = &[
    Way { key: "n", title: "new", says: "make a board for this folder", go: new },
    Way { key: "d", title: "demo", says: "look at a simulated team at work, keep it if you like", go: demo },
    Way { key: "o", title: "open", says: "open a board that is somewhere else", go: open },
];

/// Asks once; whatever is not one of the ways leaves.
pub fn run(global: &Global) -> Result<Outcome, Failure> {
    let here = std::env::current_dir()?;
    let mut out = stdout().lock();
    writeln!(out, "There is no board in {} or above.\n", one_line(&here.display().to_string(), 200))?;
    for way in WAYS {
        writeln!(out, "  {}  {:<8} {}", way.key, way.title, way.says)?;
    }
    writeln!(out, "  q  quit\n")?;
    drop(out);
    let answer = ask("What shall it be? ")?;
    match WAYS.iter().find(|way| !answer.is_empty() && way.title.starts_with(&answer)) {
        Some(way) => (way.go)(global),
        None => Ok(Outcome::Nothing),
    }
}

fn ask(question: &str) -> Result<String, Failure> {
    let mut out = stdout().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

fn new(global: &Global) -> Result<Outcome, Failure> {
    init::run(&init::Args::here(), global)?;
    board::run(&board::Args::default(), global)
}

fn demo(global: &Global) -> Result<Outcome, Failure> {
    super::demo::run(&super::demo::Args::default(), global)
}

fn open(global: &Global) -> Result<Outcome, Failure> {
    let path = ask("Where is it? A project folder or a board file: ")?;
    if path.is_empty() {
        return Ok(Outcome::Nothing);
    }
    board::run(&board::Args::default(), &Global { board: Some(PathBuf::from(path)), ..global.clone() })
}
