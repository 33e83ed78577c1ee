//! A table of whole families: how far plans are from the best that is known, after so many seconds each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use color_eyre::eyre::{Context, OptionExt, Result};

use crate::{Format, Task};

/// Name, format, folder and ending of the files of a family.
const FAMILIES: [(&str, Format, &str, &str); 9] = [
    ("J30", Format::Psplib, "psplib/j30", "sm"),
    ("J60", Format::Psplib, "psplib/j60", "sm"),
    ("J90", Format::Psplib, "psplib/j90", "sm"),
    ("J120", Format::Psplib, "psplib/j120", "sm"),
    ("d36", Format::Imopse, "imopse/d36", "def"),
    ("big", Format::Imopse, "imopse/big", "def"),
    ("jsp", Format::Jsp, "jsp", "txt"),
    ("wt", Format::Wt, "wt", "txt"),
    ("gap", Format::Gap, "gap", "txt"),
];

/// What is known of a family after so many seconds.
#[derive(Default)]
struct Row {
    /// Above the best known, in hundredths, by instance.
    gaps: Vec<f64>,
    found: i64,
    known: i64,
    at_best: usize,
    proved: usize,
    longest: f64,
}

/// Prints a line for each family of a folder and each number of seconds; of each family every so many-th instance.
pub fn print(folder: &Path, seconds: &[f64], every: usize, seed: u64) -> Result<()> {
    println!("| family | seconds | n | mean % | worst % | sum % | at best | proved | longest s |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for (family, format, files, ending) in FAMILIES {
        let tasks = tasks(&folder.join(files), format, ending)?;
        let known = known(&folder.join(files))?;
        for &seconds in seconds {
            let mut row = Row::default();
            for (name, task) in tasks.iter().step_by(every.max(1)) {
                let best = *known.get(name).ok_or_eyre(format!("{name} is not in best_known.csv"))?;
                row.add(task, seconds, seed, best).wrap_err_with(|| name.clone())?;
            }
            row.print(family, seconds);
        }
    }
    Ok(())
}

/// The instances of a family by the names that they have in the list of best known values.
fn tasks(folder: &Path, format: Format, ending: &str) -> Result<Vec<(String, Task)>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .wrap_err_with(|| folder.display().to_string())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|one| one == ending));
    files.sort();
    let mut tasks = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if format == Format::Wt {
            // One file holds 125 of them.
            let numbered = |index| (format!("{name}#{index}"), Task { format, file: file.clone(), index });
            tasks.extend((1..=125).map(numbered));
        } else {
            tasks.push((name, Task { format, file, index: 1 }));
        }
    }
    Ok(tasks)
}

/// The list of best known values beside the files, or above them.
fn known(folder: &Path) -> Result<BTreeMap<String, i64>> {
    let lists = [Some(folder), folder.parent()].into_iter().flatten().map(|folder| folder.join("best_known.csv"));
    let list = lists.into_iter().find(|list| list.is_file()).ok_or_eyre("no best_known.csv")?;
    let text = std::fs::read_to_string(&list).wrap_err_with(|| list.display().to_string())?;
    let row = |line: &str| {
        let mut fields = line.split(',');
        Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
    };
    Ok(text.lines().filter_map(row).collect())
}

impl Row {
    fn add(&mut self, task: &Task, seconds: f64, seed: u64, best: i64) -> Result<()> {
        let (_, run) = task.run(seconds, u64::MAX, seed)?;
        let value = run.value().ok_or_eyre("no plan was found that holds everything")?;
        let above = (value - best) as f64 / best.max(1) as f64;
        self.gaps.push(100.0 * above);
        self.found += value;
        self.known += best;
        self.at_best += usize::from(value <= best);
        self.proved += usize::from(run.found.is_proved());
        self.longest = self.longest.max(run.seconds);
        Ok(())
    }

    fn print(&self, family: &str, seconds: f64) {
        let n = self.gaps.len();
        let mean = self.gaps.iter().sum::<f64>() / n.max(1) as f64;
        let worst = self.gaps.iter().copied().fold(f64::MIN, f64::max);
        let sum = 100.0 * (self.found - self.known) as f64 / self.known.max(1) as f64;
        let Self { at_best, proved, longest, .. } = self;
        println!(
            "| {family} | {seconds} | {n} | {mean:.3} | {worst:.2} | {sum:.4} | {at_best} | {proved} | {longest:.3} |"
        );
    }
}
