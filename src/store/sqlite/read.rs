//! The port's reading and writing, served by this adapter.

use rusqlite::params;
use rusqlite::types::Value;

use super::Db;
use super::cards::card;
use super::papers::Paper;
use super::queries::Condition;
use super::rows::{Key, Micros, optional, record, task as task_row};
use crate::domain::event::Event;
use crate::domain::record::Record;
use crate::domain::sprint::{Baseline, SprintOutcome};
use crate::domain::task::Comment;
use crate::domain::{
    Agent, AgentId, Attempt, ChangeId, ClaimToken, Escalation, Facts, Lane, Need, Policy, Priority, Proposal, RecordId,
    Rejection, Sprint, SprintId, SprintPlan, Task, TaskId, TaskNumber, TaskRef, Timestamp,
};
use crate::store::view::{
    ActivityFilter, ActivityRow, AgentRow, BoardSummary, Card, ChainRow, Concern, EscalationRow, Filter, LaneWindow,
    LeaderRow, LeaseRow, Liveness, MilestoneRow, Page, ProcessRow, ReadyRow, TaskDetail, Undoing,
};
use crate::store::{NewChange, Now, Read, Result, StoreError, Write};

/// Rows that one query of a long list reads: between two of them nothing is held open, however slow the reader is.
const PIECE: usize = 500;

/// Walks over a page in pieces. `piece` is given rows to skip, most rows, and the number after which to go on; it says
/// how many rows it found and the number of the last.
fn in_pieces(page: Page, mut piece: impl FnMut(usize, usize, i64) -> Result<(usize, i64)>) -> Result<()> {
    let (mut skip, mut left, mut after) = (page.offset, page.limit, i64::MIN);
    while left > 0 {
        let limit = left.min(PIECE);
        let (found, last) = piece(skip, limit, after)?;
        if found < limit {
            return Ok(());
        }
        (skip, left, after) = (0, left - found, last);
    }
    Ok(())
}

impl Read for Db {
    fn resolve(&self, task: &TaskRef) -> Result<TaskId> {
        let found = match task {
            TaskRef::Id(id) => return Ok(*id),
            TaskRef::Number(number) => self.ids("SELECT id FROM tasks WHERE number = ?1", params![number.0])?,
            TaskRef::Prefix(prefix) => {
                let (from, to) = prefix_range(prefix);
                self.ids("SELECT id FROM tasks WHERE id BETWEEN ?1 AND ?2 LIMIT 2", params![from, to])?
            }
        };
        let missing = |hint: Option<&str>| {
            let hint = hint.map(str::to_owned);
            StoreError::Rejected(Rejection::NotFound { what: "task", name: task.to_string(), hint })
        };
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(missing(None)),
            _ => Err(missing(Some("several start so; write more digits"))),
        }
    }

    fn agent_named(&self, name: &str) -> Result<Option<Agent>> {
        if let Ok(id) = name.parse::<AgentId>() {
            return self.get_agent(id);
        }
        let mut statement = self.conn.prepare_cached("SELECT doc FROM agents WHERE name = ?1")?;
        let doc = optional(statement.query_row([name.trim()], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    fn sprint_named(&self, name: &str) -> Result<Option<Sprint>> {
        if name.eq_ignore_ascii_case("active") {
            return self.active_sprint();
        }
        let number: Option<i64> = name.trim_start_matches('#').parse().ok();
        let id = name.parse::<uuid::Uuid>().ok().map(Key);
        let sql = "SELECT doc FROM sprints WHERE number = ?1 OR name = ?2 OR id = ?3 ORDER BY number = ?1 DESC LIMIT 1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let doc = optional(statement.query_row(params![number, name, id], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    fn escalation_numbered(&self, number: i64) -> Result<Option<Escalation>> {
        let mut statement = self.conn.prepare_cached("SELECT doc FROM escalations WHERE number = ?1")?;
        let doc = optional(statement.query_row([number], |row| row.get::<_, String>(0)))?;
        doc.map(|doc| record(&doc)).transpose()
    }

    fn task(&self, id: TaskId) -> Result<Option<Task>> {
        let Some(mut task) = self.get_task(id)? else { return Ok(None) };
        task.dependencies.blocking = self.successors_of(id)?;
        Ok(Some(task))
    }

    fn task_detail(&self, id: TaskId, now: &Now) -> Result<Option<TaskDetail>> {
        self.detail(id, now)
    }

    fn each_task(&self, filter: &Filter, page: Page, each: &mut dyn FnMut(Task) -> Result<()>) -> Result<()> {
        in_pieces(page, |offset, limit, after| {
            let condition = Condition::of(filter, self.query_of(&filter.text)?);
            let sql = format!(
                "SELECT t.doc, t.description FROM tasks t WHERE t.number > {after} AND {}
                 ORDER BY t.number LIMIT {limit} OFFSET {offset}",
                condition.sql
            );
            let mut statement = self.conn.prepare_cached(&sql)?;
            let rows = statement.query_map(rusqlite::params_from_iter(condition.values), |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?))
            })?;
            let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
            let (mut last, count) = (after, rows.len());
            for (doc, description) in rows {
                let mut task = task_row(&doc, description)?;
                task.dependencies.blocking = self.successors_of(task.task_id)?;
                last = task.number.0;
                each(task)?;
            }
            Ok((count, last))
        })
    }

    fn newest_tasks(&self, filter: &Filter, limit: usize) -> Result<Vec<Task>> {
        let condition = Condition::of(filter, self.query_of(&filter.text)?);
        let sql = format!(
            "SELECT t.doc, t.description FROM tasks t WHERE {} ORDER BY t.number DESC LIMIT {limit}",
            condition.sql
        );
        let mut statement = self.conn.prepare_cached(&sql)?;
        let rows = statement.query_map(rusqlite::params_from_iter(condition.values), |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?))
        })?;
        let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        rows.into_iter().map(|(doc, description)| task_row(&doc, description)).collect()
    }

    fn window(&self, window: &LaneWindow, now: &Now) -> Result<Vec<Card>> {
        let LaneWindow { lane, filter, page } = window;
        let condition = self.board_condition(filter)?;
        let from_the_end = self.page_from_the_end(window)?;
        let order = match (*lane == Lane::Done, from_the_end.is_some()) {
            (true, false) => "t.since DESC, t.number",
            (true, true) => "t.since, t.number DESC",
            (false, false) => "t.priority, t.number",
            (false, true) => "t.priority DESC, t.number DESC",
        };
        let Page { offset, limit } = from_the_end.unwrap_or(*page);
        let (columns, mut values) = self.card_columns(Some(now))?;
        values.extend(condition.values);
        let sql = format!(
            "SELECT {columns} FROM {} WHERE t.lane = '{lane}' AND t.level = 'task' AND {}
             ORDER BY {order} LIMIT {limit} OFFSET {offset}",
            condition.from, condition.sql,
        );
        let mut cards = self.cards(&sql, values)?;
        if from_the_end.is_some() {
            cards.reverse();
        }
        Ok(cards)
    }

    fn search(&self, words: &str, limit: usize) -> Result<Vec<Card>> {
        let Some(query) = self.query_of(words)? else { return Ok(Vec::new()) };
        let (columns, _) = self.card_columns(None)?;
        let sql = format!(
            "SELECT {columns} FROM (SELECT rowid AS hit FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT {limit})
             JOIN tasks t ON t.number = hit WHERE t.archived = 0"
        );
        self.cards(&sql, vec![Value::Text(query)])
    }

    fn each_card(&self, filter: &Filter, page: Page, each: &mut dyn FnMut(Card) -> Result<()>) -> Result<()> {
        let (columns, _) = self.card_columns(None)?;
        in_pieces(page, |offset, limit, after| {
            let condition = Condition::of(filter, self.query_of(&filter.text)?);
            let sql = format!(
                "SELECT {columns} FROM tasks t WHERE t.number > {after} AND {}
                 ORDER BY t.number LIMIT {limit} OFFSET {offset}",
                condition.sql
            );
            let cards = self.cards(&sql, condition.values)?;
            let piece = (cards.len(), cards.last().map_or(after, |card| card.number.0));
            cards.into_iter().try_for_each(&mut *each)?;
            Ok(piece)
        })
    }

    fn summary(&self, filter: &Filter, now: &Now) -> Result<BoardSummary> {
        self.board_summary(filter, now)
    }

    fn agents(&self, now: &Now) -> Result<Vec<AgentRow>> {
        self.agent_rows(now)
    }

    fn attempts(&self, id: TaskId) -> Result<Vec<Attempt>> {
        self.docs("SELECT doc FROM attempts WHERE task = ?1 ORDER BY started_at DESC", params![Key(id.0)])
    }

    fn attempts_since(&self, at: Timestamp, most: usize) -> Result<Vec<Attempt>> {
        // A cross join keeps the order: few agents first, then what is open of each, and what has ended.
        let sql = "SELECT doc FROM (
                SELECT x.started_at, x.id, x.doc FROM agents a CROSS JOIN attempts x ON x.agent = a.id AND x.ended_at > ?1
                UNION ALL
                SELECT x.started_at, x.id, x.doc FROM agents a CROSS JOIN attempts x ON x.agent = a.id AND x.ended_at IS NULL)
            ORDER BY started_at DESC, id DESC LIMIT ?2";
        self.docs(sql, params![Micros(at), most as i64])
    }

    fn sprints(&self) -> Result<Vec<Sprint>> {
        self.docs("SELECT doc FROM sprints ORDER BY number DESC", params![])
    }

    fn milestones(&self) -> Result<Vec<MilestoneRow>> {
        let sql = "SELECT milestone, count(*), max(deadline) FROM tasks
            WHERE milestone IS NOT NULL AND level = 'task' AND archived = 0 AND status NOT IN ('completed', 'cancelled')
            GROUP BY milestone ORDER BY milestone";
        let row = |row: &rusqlite::Row| {
            let due_at = row.get::<_, Option<Micros>>(2)?.map(|at| at.0);
            Ok(MilestoneRow { name: row.get(0)?, open: row.get::<_, i64>(1)? as usize, due_at })
        };
        Ok(self.conn.prepare_cached(sql)?.query_map([], row)?.collect::<Result<_, _>>()?)
    }

    fn plan(&self, sprint: SprintId) -> Result<Option<SprintPlan>> {
        self.paper(Paper::Plan, sprint)
    }

    fn baseline(&self, sprint: SprintId) -> Result<Option<Baseline>> {
        self.paper(Paper::Baseline, sprint)
    }

    fn outcome(&self, sprint: SprintId) -> Result<Option<SprintOutcome>> {
        self.paper(Paper::Outcome, sprint)
    }

    fn proposal(&self, sprint: SprintId) -> Result<Option<Proposal>> {
        self.paper(Paper::Proposal, sprint)
    }

    fn escalations(&self, all: bool, now: &Now) -> Result<Vec<EscalationRow>> {
        self.escalation_rows(all, now)
    }

    fn activity(&self, filter: &ActivityFilter) -> Result<Vec<ActivityRow>> {
        self.list_activity(filter)
    }

    fn head(&self) -> Result<ChangeId> {
        self.newest_change()
    }

    fn policy(&self) -> Result<Policy> {
        self.load_policy()
    }

    fn leader(&self, now: &Now) -> Result<Option<LeaderRow>> {
        self.leader_row(now)
    }

    fn leases(&self, now: &Now) -> Result<Vec<LeaseRow>> {
        self.list_leases(now)
    }

    fn each_ready(&self, priority: Priority, now: &Now, each: &mut dyn FnMut(ReadyRow) -> bool) -> Result<()> {
        self.ready_by_priority(priority, now, each)
    }

    fn concerns(&self, concern: Concern, limit: usize, now: &Now) -> Result<Vec<Task>> {
        self.concerning(concern, limit, now)
    }

    fn questions(&self, task: Option<TaskId>) -> Result<Vec<Escalation>> {
        self.questions_about(task)
    }

    fn chain(&self, task: TaskId, limit: usize) -> Result<Vec<ChainRow>> {
        self.open_chain(task, limit)
    }

    fn misfires(&self, since: Timestamp) -> Result<u64> {
        self.misfires_since(since)
    }

    fn draft(&self, name: &str) -> Result<Option<String>> {
        let mut statement = self.conn.prepare_cached("SELECT text FROM drafts WHERE name = ?1")?;
        optional(statement.query_row([name], |row| row.get(0)))
    }

    fn each_imported(&self, source: &str, each: &mut dyn FnMut(Task) -> Result<()>) -> Result<()> {
        let sql = "SELECT doc, description FROM tasks WHERE ext_source = ?1 AND ext_key IS NOT NULL ORDER BY number";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([source])?;
        while let Some(row) = rows.next()? {
            each(task_row(&row.get::<_, String>(0)?, row.get(1)?)?)?;
        }
        Ok(())
    }

    fn comments(&self, id: TaskId) -> Result<Vec<Comment>> {
        self.docs("SELECT doc FROM comments WHERE task = ?1 ORDER BY at, id", params![Key(id.0)])
    }

    fn next_number(&self) -> Result<TaskNumber> {
        Ok(TaskNumber(self.counter("next_task")?))
    }

    fn snapshot(&self, work: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()> {
        if !self.conn.is_autocommit() {
            return work(self);
        }
        self.conn.execute_batch("BEGIN")?;
        let done = work(self);
        self.conn.execute_batch("ROLLBACK")?;
        done
    }

    fn each_record(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        self.records(each)
    }

    fn each_change(&self, each: &mut dyn FnMut(ChangeId, Timestamp, Vec<Event>) -> Result<()>) -> Result<()> {
        self.replay(each)
    }
}

impl Write for Db {
    fn answered(&self, request_key: &str) -> Result<Option<Vec<RecordId>>> {
        self.answered_before(request_key)
    }

    fn load(&self, needs: &[Need], now: &Now) -> Result<Facts> {
        self.load_facts(needs, now)
    }

    fn save(&mut self, after: &Facts) -> Result<()> {
        self.save_touched(after)
    }

    fn grant(&mut self, task: TaskId, epoch: u64, token: ClaimToken, lease_seconds: u32, now: &Now) -> Result<()> {
        self.grant_lease(task, epoch, token, lease_seconds, now)
    }

    fn log(&mut self, change: &NewChange) -> Result<ChangeId> {
        self.write_change(change)
    }

    fn last_undoable(&self, actor: Option<&str>) -> Result<Option<ChangeId>> {
        self.newest_undoable(actor)
    }

    fn last_redoable(&self, actor: Option<&str>) -> Result<Option<ChangeId>> {
        self.newest_redoable(actor)
    }

    fn inverse(&self, change: ChangeId) -> Result<Undoing> {
        self.inverse_of(change)
    }

    fn target(&self, change: ChangeId) -> Result<Option<ChangeId>> {
        self.target_of(change)
    }

    fn mark_undone(&mut self, change: ChangeId, by: Option<ChangeId>) -> Result<()> {
        self.set_undone(change, by)
    }

    fn beat(&mut self, token: ClaimToken, life: &Liveness, now: &Now) -> Result<Option<TaskId>> {
        self.renew(token, life, now)
    }

    fn presence(&mut self, agent: AgentId, life: &Liveness, now: &Now) -> Result<()> {
        self.note_presence(agent, life, now)
    }

    fn absence(&mut self, agent: AgentId) -> Result<()> {
        self.conn.prepare_cached("DELETE FROM presence WHERE agent = ?1")?.execute([Key(agent.0)])?;
        Ok(())
    }

    fn process_started(&mut self, task: TaskId, epoch: u64, process: &ProcessRow) -> Result<()> {
        self.note_process(task, epoch, process)
    }

    fn process_gone(&mut self, task: TaskId, epoch: u64) -> Result<()> {
        self.forget_process(task, epoch)
    }

    fn lead(&mut self, holder: &str, lease_ms: i64, now: &Now) -> Result<Option<u64>> {
        self.take_lead(holder, lease_ms, now)
    }

    fn step_down(&mut self, holder: &str) -> Result<()> {
        self.end_lead(holder)
    }

    fn check_leader(&self, holder: &str, epoch: u64, now: &Now) -> Result<bool> {
        let leads = |leader: LeaderRow| leader.holder == holder && leader.epoch == epoch && !leader.expired;
        Ok(self.leader_row(now)?.is_some_and(leads))
    }

    fn keep_draft(&mut self, name: &str, text: Option<&str>) -> Result<()> {
        match text {
            Some(text) => {
                self.conn.prepare_cached("INSERT OR REPLACE INTO drafts VALUES (?1, ?2)")?.execute([name, text])?
            }
            None => self.conn.prepare_cached("DELETE FROM drafts WHERE name = ?1")?.execute([name])?,
        };
        Ok(())
    }
}

/// Offsets from which on it pays to ask how long a lane is.
const FAR: usize = 1_000;

impl Db {
    /// The stretch counted from the other end of an unfiltered lane, if that end is nearer: skipping rows takes time.
    fn page_from_the_end(&self, window: &LaneWindow) -> Result<Option<Page>> {
        let Page { offset, limit } = window.page;
        if offset < FAR || window.filter != Filter::default() {
            return Ok(None);
        }
        let mut statement = self.conn.prepare_cached("SELECT cards FROM lanes WHERE lane = ?1")?;
        let cards: i64 = statement.query_row([window.lane.as_str()], |row| row.get(0))?;
        let after = usize::try_from(cards).unwrap_or(0).saturating_sub(offset);
        Ok((after < offset).then(|| Page { offset: after.saturating_sub(limit), limit: limit.min(after) }))
    }

    pub(super) fn ids(&self, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<TaskId>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| row.get::<_, Key>(0))?;
        Ok(rows.map(|key| key.map(|key| TaskId(key.0))).collect::<Result<_, _>>()?)
    }

    pub(super) fn docs<T: serde::de::DeserializeOwned>(
        &self,
        sql: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let docs: Vec<String> = statement.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?;
        docs.iter().map(|doc| record(doc)).collect()
    }

    pub(super) fn successors_of(&self, id: TaskId) -> Result<Vec<TaskId>> {
        self.ids("SELECT task FROM edges WHERE on_task = ?1", params![Key(id.0)])
    }

    fn cards(&self, sql: &str, values: Vec<Value>) -> Result<Vec<Card>> {
        let mut cards = Vec::new();
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            cards.push(self.complete(card(row)?)?);
        }
        Ok(cards)
    }

    fn records(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()> {
        each(Record::Policy(Box::new(self.load_policy()?)))?;
        self.each_doc("SELECT doc FROM agents ORDER BY id", |row| Record::Agent(Box::new(row)), each)?;
        self.each_doc("SELECT doc FROM sprints ORDER BY number", |row| Record::Sprint(Box::new(row)), each)?;
        self.each_task(&Filter { archived: true, ..Filter::default() }, Page::ALL, &mut |mut task| {
            task.dependencies.blocking.clear();
            each(Record::Task(Box::new(task)))
        })?;
        self.each_paper(Paper::Plan, |row| Record::Plan(Box::new(row)), each)?;
        self.each_paper(Paper::Baseline, |row| Record::Baseline(Box::new(row)), each)?;
        self.each_paper(Paper::Outcome, |row| Record::Outcome(Box::new(row)), each)?;
        self.each_paper(Paper::Proposal, |row| Record::Proposal(Box::new(row)), each)?;
        self.each_doc("SELECT doc FROM attempts ORDER BY started_at, id", |row| Record::Attempt(Box::new(row)), each)?;
        self.each_doc("SELECT doc FROM escalations ORDER BY number", |row| Record::Escalation(Box::new(row)), each)?;
        self.each_doc("SELECT doc FROM comments ORDER BY at, id", |row| Record::Comment(Box::new(row)), each)
    }

    pub(super) fn each_doc<T: serde::de::DeserializeOwned>(
        &self,
        sql: &str,
        wrap: impl Fn(T) -> Record,
        each: &mut dyn FnMut(Record) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(wrap(record(&row.get::<_, String>(0)?)?))?;
        }
        Ok(())
    }
}

/// The first and last id that start with these hex digits.
fn prefix_range(prefix: &str) -> (Vec<u8>, Vec<u8>) {
    let fill = |digit: char| {
        let full: String = prefix.chars().chain(std::iter::repeat(digit)).take(32).collect();
        u128::from_str_radix(&full, 16).unwrap_or_default().to_be_bytes().to_vec()
    };
    (fill('0'), fill('f'))
}
