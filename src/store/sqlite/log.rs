//! The log: changes, their events, and how to take them back.

use rusqlite::params;
use serde_json::{Map, Value};

use super::Db;
use super::rows::{Key, Micros, optional, record, word};
use crate::domain::command::Patch;
use crate::domain::event::Event;
use crate::domain::{Actor, ChangeId, RecordId, TaskNumber, Timestamp};
use crate::store::view::{ActivityFilter, ActivityRow, Undoing};
use crate::store::{NewChange, Result};

/// Most events of one change that the log shows.
const SHOWN_EVENTS: i64 = 50;

impl Db {
    pub(super) fn write_change(&self, change: &NewChange) -> Result<ChangeId> {
        let sql = "INSERT INTO changes (at, actor_kind, actor, command, events, target, request_key)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.conn.prepare_cached(sql)?.execute(params![
            Micros(change.at),
            change.actor.kind.as_str(),
            change.actor.name,
            change.command,
            change.events.len() as i64,
            change.target.map(|id| id.0),
            change.request_key,
        ])?;
        let id = ChangeId(self.conn.last_insert_rowid());
        let mut insert = self.conn.prepare_cached("INSERT INTO events (change, doc) VALUES (?1, ?2)")?;
        for event in change.events {
            insert.execute(params![id.0, serde_json::to_string(event)?])?;
        }
        self.write_touches(id, change)?;
        Ok(id)
    }

    fn write_touches(&self, id: ChangeId, change: &NewChange) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO touches (record, change, kind, made, fields) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut insert = self.conn.prepare_cached(sql)?;
        for inverse in change.inverse {
            let fields = inverse.patch.fields.as_ref().map(serde_json::to_string).transpose()?;
            let row = inverse.patch.id;
            insert.execute(params![Key(row.uuid()), id.0, row.kind(), fields.is_none(), fields])?;
        }
        for mentioned in change.events.iter().flat_map(|event| event.records().into_iter().skip(1)) {
            insert.execute(params![Key(mentioned.uuid()), id.0, mentioned.kind(), false, None::<String>])?;
        }
        Ok(())
    }

    pub(super) fn answered_before(&self, request_key: &str) -> Result<Option<Vec<RecordId>>> {
        let mut statement = self.conn.prepare_cached("SELECT id FROM changes WHERE request_key = ?1")?;
        let Some(change) = optional(statement.query_row([request_key], |row| row.get::<_, i64>(0)))? else {
            return Ok(None);
        };
        let mut statement = self.conn.prepare_cached("SELECT doc FROM events WHERE change = ?1 ORDER BY seq")?;
        let docs: Vec<String> = statement.query_map([change], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut records = Vec::new();
        for doc in docs {
            records.extend(record::<Event>(&doc)?.records().into_iter().take(1));
        }
        Ok(Some(records))
    }

    pub(super) fn newest_undoable(&self, actor: Option<&str>) -> Result<Option<ChangeId>> {
        let sql = "SELECT id FROM changes WHERE command NOT IN ('undo', 'redo') AND undone_by IS NULL
            AND (?1 IS NULL OR actor = ?1) ORDER BY id DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(optional(statement.query_row([actor], |row| row.get(0)))?.map(ChangeId))
    }

    /// The newest undo that has not been redone, unless its actor has changed something else since.
    pub(super) fn newest_redoable(&self, actor: Option<&str>) -> Result<Option<ChangeId>> {
        let sql = "SELECT id FROM changes c WHERE command = 'undo' AND undone_by IS NULL AND (?1 IS NULL OR actor = ?1)
            AND NOT EXISTS (SELECT 1 FROM changes n WHERE n.id > c.id AND n.command NOT IN ('undo', 'redo')
                AND (?1 IS NULL OR n.actor = ?1)) ORDER BY id DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(optional(statement.query_row([actor], |row| row.get(0)))?.map(ChangeId))
    }

    pub(super) fn inverse_of(&self, change: ChangeId) -> Result<Undoing> {
        let mut statement = self.conn.prepare_cached("SELECT undone_by FROM changes WHERE id = ?1")?;
        match optional(statement.query_row([change.0], |row| row.get::<_, Option<i64>>(0)))? {
            None => return Ok(Undoing::Not("there is no such change")),
            Some(Some(_)) => return Ok(Undoing::Not("it has been undone already")),
            Some(None) => {}
        }
        if let Some((by, what)) = self.overtaking(change)? {
            return Ok(Undoing::Overtaken { by, what });
        }
        let sql = "SELECT record, kind, fields FROM touches WHERE change = ?1 AND (made = 1 OR fields IS NOT NULL)";
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows: Vec<(Key, String, Option<String>)> = statement
            .query_map([change.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        let mut patches = Vec::new();
        for (key, kind, fields) in rows {
            let fields = fields.as_deref().map(record::<Map<String, Value>>).transpose()?;
            patches.push(Patch { id: RecordId::of_kind(&kind, key.0), fields });
        }
        Ok(Undoing::Patches(patches))
    }

    /// The newest standing change that altered the same rows later, or mentioned one that would go.
    fn overtaking(&self, change: ChangeId) -> Result<Option<(ChangeId, String)>> {
        let sql = "SELECT n.id, n.actor, n.command FROM touches mine
            JOIN touches other ON other.record = mine.record AND other.change > mine.change
            JOIN changes n ON n.id = other.change
            WHERE mine.change = ?1 AND (mine.made = 1 OR (mine.fields IS NOT NULL AND (other.made = 1 OR other.fields IS NOT NULL)))
              AND n.undone_by IS NULL AND (n.command NOT IN ('undo', 'redo')
                OR (n.command = 'undo' AND EXISTS (SELECT 1 FROM changes c WHERE c.id = ?1 AND c.command = 'undo')))
            ORDER BY n.id DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        optional(statement.query_row([change.0], |row| {
            let (id, actor, command): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok((ChangeId(id), format!("change {id} by {actor} ({})", command.replace('_', " "))))
        }))
    }

    pub(super) fn set_undone(&self, change: ChangeId, by: Option<ChangeId>) -> Result<()> {
        let mut statement = self.conn.prepare_cached("UPDATE changes SET undone_by = ?2 WHERE id = ?1")?;
        statement.execute(params![change.0, by.map(|id| id.0)])?;
        Ok(())
    }

    pub(super) fn target_of(&self, change: ChangeId) -> Result<Option<ChangeId>> {
        let mut statement = self.conn.prepare_cached("SELECT target FROM changes WHERE id = ?1")?;
        Ok(optional(statement.query_row([change.0], |row| row.get::<_, Option<i64>>(0)))?.flatten().map(ChangeId))
    }

    pub(super) fn newest_change(&self) -> Result<ChangeId> {
        let mut statement = self.conn.prepare_cached("SELECT coalesce(max(id), 0) FROM changes")?;
        Ok(ChangeId(statement.query_row([], |row| row.get(0))?))
    }

    pub(super) fn list_activity(&self, filter: &ActivityFilter) -> Result<Vec<ActivityRow>> {
        let (from, id) = match filter.record {
            Some(_) => ("touches t JOIN changes c ON c.id = t.change AND t.record = ?4", "t.change"),
            None => ("changes c", "c.id"),
        };
        let by = if filter.actor.is_some() { "AND c.actor = ?3" } else { "" };
        let sql = format!(
            "SELECT c.id, c.at, c.actor_kind, c.actor, c.command, c.events, c.undone_by, c.target FROM {from}
             WHERE {id} < ?1 AND {id} > ?2 {by} ORDER BY {id} DESC LIMIT ?5"
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let bound = params![
            filter.before.map_or(i64::MAX, |id| id.0),
            filter.after.map_or(-1, |id| id.0),
            filter.actor,
            filter.record.map(|id| Key(id.uuid())),
            filter.limit.max(1) as i64,
        ];
        let rows: Vec<ActivityRow> = statement.query_map(bound, activity_row)?.collect::<Result<_, _>>()?;
        rows.into_iter().map(|row| self.with_events(row, filter.record)).collect()
    }

    /// Of a large change those that name the record that was asked for come before others.
    fn with_events(&self, mut row: ActivityRow, about: Option<RecordId>) -> Result<ActivityRow> {
        let about = about.filter(|_| row.event_count > SHOWN_EVENTS as u64).map(|id| id.uuid().to_string());
        let sql = match about {
            Some(_) => {
                "SELECT doc FROM (SELECT seq, doc FROM events WHERE change = ?1 ORDER BY instr(doc, ?3) = 0, seq LIMIT ?2)
                 ORDER BY seq"
            }
            None => "SELECT doc FROM events WHERE change = ?1 AND ?3 IS NULL ORDER BY seq LIMIT ?2",
        };
        let mut statement = self.conn.prepare_cached(sql)?;
        let docs = statement.query_map(params![row.change.0, SHOWN_EVENTS, about], |row| row.get::<_, String>(0))?;
        for doc in docs {
            row.events.push(record(&doc?)?);
        }
        let task = row.events.iter().flat_map(Event::records).find_map(|id| match id {
            RecordId::Task(id) => Some(id),
            _ => None,
        });
        if let Some(task) = task {
            let mut statement =
                self.conn.prepare_cached("SELECT number, substr(title, 1, 200) FROM tasks WHERE id = ?1")?;
            let found = optional(statement.query_row([Key(task.0)], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?))))?;
            if let Some((number, title)) = found {
                row.task = Some(TaskNumber(number));
                row.title = Some(title);
            }
        }
        Ok(row)
    }

    pub(super) fn replay(&self, each: &mut dyn FnMut(ChangeId, Timestamp, Vec<Event>) -> Result<()>) -> Result<()> {
        let sql = "SELECT c.id, c.at, e.doc FROM changes c JOIN events e ON e.change = c.id ORDER BY e.seq";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut open: Option<(ChangeId, Timestamp, Vec<Event>)> = None;
        while let Some(row) = rows.next()? {
            let id = ChangeId(row.get(0)?);
            let event = record(&row.get::<_, String>(2)?)?;
            match &mut open {
                Some((current, _, events)) if *current == id => events.push(event),
                _ => {
                    if let Some((id, at, events)) = open.take() {
                        each(id, at, events)?;
                    }
                    open = Some((id, row.get::<_, Micros>(1)?.0, vec![event]));
                }
            }
        }
        open.map_or(Ok(()), |(id, at, events)| each(id, at, events))
    }
}

fn activity_row(row: &rusqlite::Row) -> rusqlite::Result<ActivityRow> {
    Ok(ActivityRow {
        change: ChangeId(row.get(0)?),
        at: row.get::<_, Micros>(1)?.0,
        actor: Actor { kind: word(&row.get::<_, String>(2)?)?, name: row.get(3)? },
        command: row.get(4)?,
        task: None,
        title: None,
        event_count: row.get::<_, i64>(5)? as u64,
        events: Vec::new(),
        undone_by: row.get::<_, Option<i64>>(6)?.map(ChangeId),
        target: row.get::<_, Option<i64>>(7)?.map(ChangeId),
    })
}
