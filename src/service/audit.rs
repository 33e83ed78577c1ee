//! Whether the tables say what the log says: every change is replayed from the first one on and compared row by row.

use crate::domain::{Facts, Record, RecordId, apply_change};
use crate::store::{Read, Result};

/// What an audit found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audit {
    /// Changes replayed.
    pub changes: u64,
    /// Rows compared.
    pub rows: u64,
    /// Rows that differ, by what: at most as many as were asked for.
    pub differences: Vec<(RecordId, String)>,
}

/// Replays the whole log in memory and compares it with the tables; stops after `most` differences. The cost grows with
/// the log: for a check on demand, never for a screen. Fields that only go forward, such as revisions, do not count.
///
/// # Errors
/// When the board cannot be read.
pub fn audit(read: &dyn Read, most: usize) -> Result<Audit> {
    let mut found = Audit::default();
    read.snapshot(&mut |read| {
        found = compare(read, most)?;
        Ok(())
    })?;
    Ok(found)
}

fn compare(read: &dyn Read, most: usize) -> Result<Audit> {
    let mut found = Audit::default();
    let mut facts = Facts::default();
    read.each_change(&mut |_, at, events| {
        found.changes += 1;
        facts.touched.clear();
        Ok(apply_change(&mut facts, &events, at)?)
    })?;
    read.each_record(&mut |stored| {
        found.rows += 1;
        if let Some(what) = mismatch(&mut facts, &stored).filter(|_| found.differences.len() < most) {
            found.differences.push((stored.id(), what));
        }
        Ok(())
    })?;
    let missing = facts.ids().take(most.saturating_sub(found.differences.len()));
    found.differences.extend(missing.map(|id| (id, "it is in the log and not in the tables".to_owned())));
    Ok(found)
}

/// Takes the row out of what was replayed and compares it.
fn mismatch(facts: &mut Facts, stored: &Record) -> Option<String> {
    let Some(replayed) = facts.take(stored.id()) else { return Some("it is in the tables and not in the log".into()) };
    let fields = replayed.difference(stored);
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    (!names.is_empty()).then(|| format!("the log says otherwise of {}", names.join(", ")))
}
