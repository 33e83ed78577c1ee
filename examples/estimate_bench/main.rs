//! Estimates issues by their words and prints `id,p50,p80`: the median size, and what it stays within in four of five
//! cases.

#[path = "../delay_bench/table.rs"]
mod table;

use std::path::PathBuf;

use clap::Parser;
use color_eyre::eyre::{OptionExt, Result};
use table::Table;
use vayu::plan::estimate::{Sizes, Words};

/// Estimate issues by their words
#[derive(Debug, Parser)]
struct Args {
    /// Issues with their `storypoint`, oldest first
    train: PathBuf,
    /// Issues to estimate
    test: PathBuf,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let (train, test) = (Table::read(&args.train, None)?, Table::read(&args.test, None)?);
    let column = train.column("storypoint")?;
    let sizes: Vec<f64> = train.rows.iter().map(|row| train.number(row, column)).collect::<Result<_>>()?;
    let known = Sizes::learn(&words(&train)?, &sizes).ok_or_eyre("no issues to learn from")?;
    let id = test.column("issuekey")?;
    let mut out = csv::Writer::from_writer(std::io::stdout());
    out.write_record(["id", "p50", "p80"])?;
    for (row, words) in test.rows.iter().zip(words(&test)?) {
        let told = known.estimate(&words);
        out.write_record([test.text(row, id)?, &told.p50.to_string(), &told.p80.to_string()])?;
    }
    out.flush()?;
    Ok(())
}

fn words(table: &Table) -> Result<Vec<Words<'_>>> {
    let (title, body) = (table.column("title")?, table.column("description")?);
    let words = |row| {
        let body = table.text(row, body)?;
        Ok(Words { title: table.text(row, title)?, body: if body == "NULL" { "" } else { body } })
    };
    table.rows.iter().map(words).collect()
}
