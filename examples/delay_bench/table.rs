//! Tables with named columns, and errors that say where.

use std::path::{Path, PathBuf};

use color_eyre::eyre::{Context, OptionExt, Result};

/// A file of rows under names.
pub struct Table {
    file: PathBuf,
    names: Vec<String>,
    /// The rows, each with its line in the file.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// Reads a file. `loose` is the column of free text, from 0, that may hold unquoted commas; without one, fields may
    /// be quoted.
    pub fn read(file: &Path, loose: Option<usize>) -> Result<Self> {
        let text = std::fs::read(file).wrap_err_with(|| file.display().to_string())?;
        let mut builder = csv::ReaderBuilder::new();
        let mut reader = builder.flexible(true).quoting(loose.is_none()).from_reader(text.as_slice());
        let words = |row: &csv::ByteRecord| row.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        let mut names: Vec<String> = words(reader.byte_headers()?);
        if let Some(first) = names.first_mut() {
            *first = first.trim_start_matches('\u{feff}').to_owned();
        }
        let mut rows = Vec::new();
        for row in reader.byte_records() {
            let row = row.wrap_err_with(|| file.display().to_string())?;
            let mut fields: Vec<String> = words(&row);
            if let (Some(loose), Some(more @ 1..)) = (loose, fields.len().checked_sub(names.len())) {
                let text = fields[loose..=loose + more].join(",");
                fields.splice(loose..=loose + more, [text]);
            }
            rows.push((row.position().map_or(0, csv::Position::line), fields));
        }
        Ok(Self { file: file.to_owned(), names, rows })
    }

    /// Where a column is.
    pub fn column(&self, name: &str) -> Result<usize> {
        let found = self.names.iter().position(|known| known.trim() == name);
        found.ok_or_eyre(format!("{}, line 1: there is no column `{name}`", self.file.display()))
    }

    /// A field of a row.
    pub fn text<'a>(&self, row: &'a (u64, Vec<String>), column: usize) -> Result<&'a str> {
        let missing = || format!("{}, line {}: column `{}` is missing", self.file.display(), row.0, self.names[column]);
        row.1.get(column).map(String::as_str).ok_or_eyre(missing())
    }

    /// A field of a row as a finite number.
    pub fn number(&self, row: &(u64, Vec<String>), column: usize) -> Result<f64> {
        let text = self.text(row, column)?;
        let number = text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        let wrong = || {
            let (file, name) = (self.file.display(), &self.names[column]);
            format!("{file}, line {}, column `{name}`: {text:?} is no number", row.0)
        };
        number.ok_or_eyre(wrong())
    }
}
