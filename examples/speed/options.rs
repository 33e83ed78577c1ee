//! What is asked for on the command line.

use std::path::PathBuf;

/// Measures vayu beside other programs, in one run.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "speed")]
pub struct Options {
    /// Bars to measure, as in P1 P4 [default: all]
    #[arg(value_name = "BAR")]
    pub bars: Vec<String>,
    /// Shorter rounds, for a first look within two minutes
    #[arg(long)]
    pub quick: bool,
    /// Boards of a million tasks, too
    #[arg(long, conflicts_with = "quick")]
    pub full: bool,
    /// Write all figures as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the results as a page; in a page that exists, what stands between its marks is replaced
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,
    /// The program to measure [default: the release build of this package, brought up to date]
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
}

impl Options {
    /// `many` of something in a full run, `few` in a quick one.
    pub fn some<T>(&self, few: T, many: T) -> T {
        if self.quick { few } else { many }
    }

    /// How they were given, for the page of results.
    pub fn words(&self) -> String {
        let mut words = self.bars.clone();
        words.extend(self.quick.then(|| "--quick".to_owned()));
        words.extend(self.full.then(|| "--full".to_owned()));
        words.join(" ")
    }
}
