//! Foretells how sprints end from their state while they run and prints `id,p10,p50,p90`: what will be delivered beyond
//! the target, and the range that holds in four of five cases.

mod table;

use std::collections::HashSet;
use std::path::PathBuf;

use clap::Parser;
use color_eyre::eyre::{OptionExt, Result};
use table::Table;
use vayu::plan::estimate::{Case, Outcomes};

/// Foretell how sprints end
#[derive(Debug, Parser)]
struct Args {
    /// Sprints that ended, with `vel_diff`
    train: PathBuf,
    /// Sprints to foretell
    test: PathBuf,
    /// Where chance begins
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// What a sprint is at the time of the forecast.
const FIELDS: [&str; 15] = [
    "planday",
    "no_issue_starttime",
    "vel_starttime",
    "no_issue_added",
    "vel_added",
    "no_issue_removed",
    "vel_removed",
    "no_issuetodo",
    "vel_todo",
    "no_issueinprogress",
    "vel_inprogress",
    "no_issuedone",
    "vel_done",
    "no_admin",
    "no_teammember",
];

fn main() -> Result<()> {
    let args = Args::parse();
    let (train, test) = (Table::read(&args.train, Some(2))?, Table::read(&args.test, Some(2))?);
    let (known, new) = (cases(&train)?, cases(&test)?);
    let column = train.column("vel_diff")?;
    let outcomes: Vec<f64> = train.rows.iter().map(|row| train.number(row, column)).collect::<Result<_>>()?;
    let boards: HashSet<&str> = known.iter().map(|case| case.group.as_str()).collect();
    let learn = |records| Outcomes::learn(&known, &outcomes, records, args.seed).ok_or_eyre("no sprints to learn from");
    let by_record = learn(true)?;
    let strange = new.iter().any(|case| !boards.contains(case.group.as_str()));
    let by_fields = if strange { Some(learn(false)?) } else { None };
    let mut out = csv::Writer::from_writer(std::io::stdout());
    out.write_record(["id", "p10", "p50", "p90"])?;
    for case in &new {
        let stranger = by_fields.as_ref().filter(|_| !boards.contains(case.group.as_str()));
        let told = stranger.unwrap_or(&by_record).foretell(case).ok_or_eyre("a sprint lacks fields")?;
        let id = format!("{}|{}", case.group, case.twin);
        let numbers = [told.p10, told.p50, told.p90].map(|number| format!("{number:.3}"));
        out.write_record(std::iter::once(&id).chain(&numbers))?;
    }
    out.flush()?;
    Ok(())
}

fn cases(table: &Table) -> Result<Vec<Case>> {
    let columns: Vec<usize> = FIELDS.iter().map(|name| table.column(name)).collect::<Result<_>>()?;
    let case = |row: &(u64, Vec<String>)| {
        let (group, twin) = (table.text(row, 0)?.to_owned(), table.text(row, 1)?.to_owned());
        let own: Vec<f64> = columns.iter().map(|&at| table.number(row, at)).collect::<Result<_>>()?;
        let (issues, size) = (own[7] + own[9] + own[11], own[8] + own[10] + own[12]);
        let ratios = [own[12] / (size + 1.0), own[8] / (size + 1.0), issues, own[4] - own[6], own[11] / (issues + 1.0)];
        let each = size / (own[14] + 1.0);
        let fields = own.iter().copied().chain(ratios).chain([each]).collect();
        // Sprints are numbered as they are made; where they are not, nothing is known of their order.
        let when = twin.trim().parse().unwrap_or(0.0);
        Ok(Case { group, twin, when, size: size.max(0.0), fields })
    };
    table.rows.iter().map(case).collect()
}
