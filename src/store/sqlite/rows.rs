//! Between rows and records.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, Value, ValueRef};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::domain::{Task, Timestamp};
use crate::store::Result;

/// An id as 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(pub Uuid);

impl ToSql for Key {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_bytes())))
    }
}

impl FromSql for Key {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        Uuid::from_slice(bytes).map(Self).map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        Self::Blob(key.0.as_bytes().to_vec())
    }
}

/// A time as microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Micros(pub Timestamp);

impl ToSql for Micros {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Owned(Value::Integer(self.0.timestamp_micros())))
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        DateTime::<Utc>::from_timestamp_micros(micros).map(Self).ok_or(FromSqlError::OutOfRange(micros))
    }
}

/// A word of a closed vocabulary.
pub(super) fn word<T: std::str::FromStr<Err = String>>(text: &str) -> rusqlite::Result<T> {
    text.parse()
        .map_err(|why: String| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, why.into()))
}

/// A record from its JSON.
pub(super) fn record<T: DeserializeOwned>(doc: &str) -> Result<T> {
    Ok(serde_json::from_str(doc)?)
}

/// A task from its two columns: the long text is kept apart from the rest.
pub(super) fn task(doc: &str, description: String) -> Result<Task> {
    let mut task: Task = record(doc)?;
    task.description = description;
    Ok(task)
}

/// `None` becomes nothing, no row becomes `None`.
pub(super) fn optional<T>(result: rusqlite::Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
