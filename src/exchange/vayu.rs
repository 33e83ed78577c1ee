//! vayu's own JSON Lines: every record of a board as it is, one per line.

use std::io::{BufRead, Write};

use super::incoming::Skipped;
use super::json;
use super::source::{self, ReadError};
use crate::domain::Record;

/// All records of one stream, with their lines.
#[derive(Debug, Default)]
pub struct Records {
    /// Line and record, in file order.
    pub records: Vec<(usize, Record)>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
}

/// Reads a vayu export.
///
/// # Errors
/// When the stream fails; a bad line is skipped and named.
pub fn read(name: &str, input: impl BufRead) -> Result<Records, ReadError> {
    let mut found = Records::default();
    source::each_line(name, input, |line, text| {
        match text.and_then(|text| serde_json::from_str(text).map_err(|error| json::reason(&error))) {
            Ok(record) => found.records.push((line, record)),
            Err(reason) => found.skipped.push(Skipped::new(line, "record", reason)),
        }
    })?;
    Ok(found)
}

/// Writes one record as a line.
///
/// # Errors
/// When the stream fails.
pub fn write(out: &mut dyn Write, record: &Record) -> std::io::Result<()> {
    crate::text::json::write(&mut *out, record)?;
    out.write_all(b"\n")
}
