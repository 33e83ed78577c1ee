//! What belongs to a sprint and is read apart from it: one document each, by the sprint's id.

use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Db;
use super::rows::{Key, optional, record};
use crate::domain::{Record, SprintId};
use crate::store::Result;

/// Which of them, by its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Plan,
    Proposal,
    Baseline,
    Outcome,
}

impl Paper {
    fn table(self) -> &'static str {
        match self {
            Self::Plan => "plans",
            Self::Proposal => "proposals",
            Self::Baseline => "baselines",
            Self::Outcome => "outcomes",
        }
    }
}

impl Db {
    pub(super) fn paper<T: DeserializeOwned>(&self, paper: Paper, sprint: SprintId) -> Result<Option<T>> {
        let sql = format!("SELECT doc FROM {} WHERE sprint = ?1", paper.table());
        let mut statement = self.conn.prepare_cached(&sql)?;
        let doc = optional(statement.query_row([Key(sprint.0)], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    /// Writes the document, or removes it where there is none any more.
    pub(super) fn put_paper<T: Serialize>(&self, paper: Paper, sprint: SprintId, row: Option<&T>) -> Result<()> {
        let table = paper.table();
        let Some(row) = row else {
            let sql = format!("DELETE FROM {table} WHERE sprint = ?1");
            self.conn.prepare_cached(&sql)?.execute([Key(sprint.0)])?;
            return Ok(());
        };
        let sql = format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2)");
        self.conn.prepare_cached(&sql)?.execute(params![Key(sprint.0), serde_json::to_string(row)?])?;
        Ok(())
    }

    pub(super) fn each_paper<T: DeserializeOwned>(
        &self,
        paper: Paper,
        wrap: impl Fn(T) -> Record,
        each: &mut dyn FnMut(Record) -> Result<()>,
    ) -> Result<()> {
        self.each_doc(&format!("SELECT doc FROM {} ORDER BY sprint", paper.table()), wrap, each)
    }
}
