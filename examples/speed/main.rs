//! Measures the bars for speed beside the programs that people use today, in one run:
//! `cargo run --release --example speed -- [P1 P4 …] [--quick | --full] [--json FILE] [--markdown FILE]`.
//!
//! Every figure is judged against one taken in the same run on the same machine, or against what a person notices.
//! Boards are made up and live in a temporary folder. Programs that are not installed are skipped with a word.

mod bars;
mod boards;
mod claims;
mod ground;
mod line;
mod machine;
mod measure;
mod options;
mod page;
mod peers;
mod program;
mod raw;
mod screen;
mod terminal;
mod writers;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser as _;

use ground::Ground;
use line::Line;
use machine::Machine;
use options::Options;

/// What cannot be measured ends the run; it is never taken for a figure.
type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let done = match args.next().as_deref() {
        Some(claims::WORKER) => claims::work(&args.collect::<Vec<_>>()),
        Some(writers::WORKER) => writers::work(&args.collect::<Vec<_>>()),
        _ => measure_all(Options::parse()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(options: Options) -> Outcome<()> {
    let chosen = bars::chosen(&options.bars)?;
    let (json, markdown) = (options.json.clone(), options.markdown.clone());
    let ground = Ground::new(options)?;
    let machine = Machine::here(&ground);
    println!("{machine}\n");
    let mut lines: Vec<Line> = Vec::new();
    for bar in chosen {
        let measured = (bar.measure)(&ground).map_err(|error| format!("{}: {error}", bar.name))?;
        for line in &measured {
            println!("{line}");
        }
        lines.extend(measured);
    }
    println!("\n{}", line::count(&lines));
    if let Some(file) = json {
        std::fs::write(file, page::json(&machine, &lines)?)?;
    }
    if let Some(file) = markdown {
        page::put(&file, &page::markdown(&machine, &lines))?;
    }
    Ok(())
}
