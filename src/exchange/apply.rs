//! From what was read to what changes on the board: one list of commands, one change, one undo.
//!
//! A task that is new comes in with its past. One that came in before is found by source and key, and only what has
//! changed at the source since then is changed here, so that edits made on the board stand and a second import of the
//! same file changes nothing.

mod board;
mod draft;
mod fields;
mod papers;
mod records;

use std::collections::HashMap;

use serde::Serialize;

use super::incoming::{Batch, Remark, Skipped, State, Wait};
use super::order::{self, Arranged, End, Placed};
use crate::domain::task::{Dependency, MAX_COMMENT, MAX_DESCRIPTION, MAX_TITLE};
use crate::domain::{Actor, ChangeId, Command, Fence, Level, Status, TaskId, TaskNumber, Timestamp};
use crate::service::{Error, Service};
use crate::store::Result as Stored;

use board::{Board, Known};
pub use records::import_records;

/// How to bring tasks in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Open tasks that nothing stands in the way of go to `Ready` instead of `Backlog`.
    pub ready: bool,
}

/// Counts of tasks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Tasks that are new here.
    pub created: usize,
    /// Tasks that were here and have changed.
    pub updated: usize,
    /// Tasks that were here and have not.
    pub unchanged: usize,
}

impl Counts {
    /// All tasks of the file.
    pub fn total(self) -> usize {
        self.created + self.updated + self.unchanged
    }
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Format.
    pub kind: &'static str,
    /// Tasks.
    pub tasks: Counts,
    /// Edges that came in: who waits for whom.
    pub dependencies: usize,
    /// Links that came in: what is a part of what.
    pub parents: usize,
    /// More of them that the source does not spell out, read from ids such as `bd-1.2`.
    pub implied_parents: usize,
    /// Links that order no work and were noted in words.
    pub mentions: usize,
    /// Remarks that came in.
    pub comments: usize,
    /// Rows of other sorts that came in, for vayu's own format: agents, sprints, attempts, escalations, settings.
    pub records: usize,
    /// What did not come in.
    pub skipped: Vec<Skipped>,
    /// What came in with a loss.
    pub warnings: Vec<Skipped>,
    /// The change, to be undone as one; none if nothing had to change.
    pub change: Option<ChangeId>,
}

/// Brings the tasks of a batch in as one change. `progress` is told how many of how many steps are done.
///
/// # Errors
/// When a rule says no or the board fails; nothing has come in then.
pub fn import(
    service: &mut Service,
    actor: &Actor,
    batch: Batch,
    options: Options,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, Error> {
    let kind = batch.kind.as_str();
    let known = Known::load(service.read(), kind)?;
    let arranged = order::arrange(fitting(batch), &|key| known.seat(key));
    let known_id = |placed: &Placed| known.get(&placed.incoming.key).map(|row| row.id);
    let ids = arranged.tasks.iter().map(|placed| known_id(placed).unwrap_or_else(|| service.task_id())).collect();
    let now = service.now().wall;
    let mut plan = Plan {
        kind,
        ids,
        now,
        options,
        first: service.read().next_number()?,
        agents: board::agents(service)?,
        board: Board::new(service.read()),
        known,
        commands: Vec::new(),
        late: Vec::new(),
        report: Report::new(kind, &arranged),
    };
    plan.run(&arranged)?;
    let Plan { commands, mut report, .. } = plan;
    let done = service.submit_watched(actor, &commands, &mut |step| progress(step, commands.len()))?;
    report.change = done.change;
    report.skipped.sort_by_key(|skipped| skipped.line);
    Ok(report)
}

/// The batch without tasks that no board can hold.
fn fitting(mut batch: Batch) -> Batch {
    let reason = |task: &super::Incoming| {
        if task.fields.title.len() > MAX_TITLE {
            return Some(format!("its title is longer than {MAX_TITLE} bytes"));
        }
        let text = task.fields.description.as_ref().map_or(0, String::len);
        if text > MAX_DESCRIPTION {
            return Some(format!("its text is longer than {MAX_DESCRIPTION} bytes"));
        }
        let remark = task.remarks.iter().map(|remark| remark.text.len()).max().unwrap_or_default();
        (remark > MAX_COMMENT).then(|| format!("a comment on it is longer than {MAX_COMMENT} bytes"))
    };
    let skipped = &mut batch.skipped;
    batch.incoming.retain(|task| match reason(task) {
        Some(reason) => {
            skipped.push(Skipped::new(task.line, &task.key, reason));
            false
        }
        None => true,
    });
    batch
}

impl Report {
    fn new(kind: &'static str, arranged: &Arranged) -> Self {
        let warnings = arranged.tasks.iter().flat_map(|placed| {
            let task = &placed.incoming;
            task.warnings.iter().map(|warning| Skipped::new(task.line, &task.key, warning))
        });
        Self {
            kind,
            tasks: Counts::default(),
            dependencies: 0,
            parents: 0,
            implied_parents: 0,
            mentions: arranged.mentioned,
            comments: 0,
            records: 0,
            skipped: arranged.skipped.clone(),
            warnings: warnings.collect(),
            change: None,
        }
    }

    /// Links of every sort that the source spells out and that came in.
    pub fn links(&self) -> usize {
        self.dependencies + self.parents + self.mentions
    }
}

/// Commands in the making.
struct Plan<'a> {
    kind: &'static str,
    /// Ids of the tasks of the batch, by position.
    ids: Vec<TaskId>,
    now: Timestamp,
    options: Options,
    /// The number of the first new task; the others follow in file order.
    first: TaskNumber,
    agents: HashMap<String, crate::domain::AgentId>,
    board: Board<'a>,
    known: Known,
    commands: Vec<Command>,
    /// Edges whose predecessor comes in after its successor.
    late: Vec<Command>,
    report: Report,
}

impl Plan<'_> {
    fn run(&mut self, arranged: &Arranged) -> Stored<()> {
        let mut brought = vec![false; arranged.tasks.len()];
        let numbers = self.numbers(arranged);
        for at in &arranged.order {
            let placed = &arranged.tasks[*at];
            match self.known.get(&placed.incoming.key).cloned() {
                None => self.create(*at, placed, numbers[*at], &brought)?,
                Some(known) => self.update(*at, placed, &known)?,
            }
            brought[*at] = true;
        }
        self.commands.append(&mut self.late);
        Ok(())
    }

    /// New tasks are numbered in file order, whatever the order in which they come in.
    fn numbers(&self, arranged: &Arranged) -> Vec<TaskNumber> {
        let mut next = self.first.0;
        let number = |placed: &Placed| {
            let number = TaskNumber(next);
            next += i64::from(self.known.get(&placed.incoming.key).is_none());
            number
        };
        arranged.tasks.iter().map(number).collect()
    }

    fn id(&self, end: End) -> TaskId {
        match end {
            End::File(at) => self.ids[at],
            End::Board(id) => id,
        }
    }

    fn create(&mut self, at: usize, placed: &Placed, number: TaskNumber, brought: &[bool]) -> Stored<()> {
        let id = self.ids[at];
        let parent = placed.parent.map(|end| self.id(end));
        let mut task = draft::task(
            placed,
            id,
            number,
            &draft::Frame { kind: self.kind, now: self.now, ready: self.options.ready, agents: &self.agents, parent },
        );
        for (end, wait) in &placed.waits {
            let dependency = dependency(self.id(*end), wait);
            if self.waits_for_ancestor(placed.parent, dependency.task_id)? {
                self.skip_wait(placed, wait, WITHIN);
                continue;
            }
            self.report.dependencies += 1;
            match end {
                End::File(on) if !brought[*on] => self.late.push(Command::AddDependency { task_id: id, dependency }),
                _ => task.dependencies.blocked_by.push(dependency),
            }
        }
        let waits: Vec<TaskId> = placed.waits.iter().map(|(end, _)| self.id(*end)).collect();
        let seen = fields::fingerprint(placed, parent, &waits);
        task.external = Some(draft::external(self.kind, placed, seen));
        self.board.add_task(id, parent, waits);
        self.report.tasks.created += 1;
        self.count_parent(placed, parent);
        self.commands.push(Command::ImportTask(Box::new(task)));
        self.remark(id, &placed.incoming.remarks);
        Ok(())
    }

    fn count_parent(&mut self, placed: &Placed, parent: Option<TaskId>) {
        let named = placed.incoming.parent_named;
        self.report.parents += usize::from(parent.is_some() && named);
        self.report.implied_parents += usize::from(parent.is_some() && !named);
    }

    fn waits_for_ancestor(&mut self, parent: Option<End>, on: TaskId) -> Stored<bool> {
        match parent {
            Some(End::Board(parent)) => Ok(parent == on || self.board.is_within(parent, on)?),
            _ => Ok(false),
        }
    }

    fn skip_wait(&mut self, placed: &Placed, wait: &Wait, reason: &str) {
        let task = &placed.incoming;
        self.report.skipped.push(Skipped::new(task.line, format!("{} waits for {}", task.key, wait.on), reason));
    }

    fn remark(&mut self, task_id: TaskId, remarks: &[Remark]) {
        for Remark { author, at, text } in remarks {
            let (author, at) = (Some(author.clone()), at.or(Some(self.now)));
            self.commands.push(Command::Comment { task_id, text: text.clone(), author, at });
            self.report.comments += 1;
        }
    }

    fn update(&mut self, at: usize, placed: &Placed, known: &board::Row) -> Stored<()> {
        let (id, before) = (self.ids[at], self.commands.len());
        let parent = self.parent_on_board(id, placed)?;
        let waits: Vec<TaskId> = placed.waits.iter().map(|(end, _)| self.id(*end)).collect();
        let seen = fields::fingerprint(placed, parent, &waits);
        let needs_level = known.level == Level::Task && placed.level != Level::Task;
        if seen != known.seen || needs_level {
            self.change_fields(id, placed, parent, known, &seen)?;
            self.change_state(id, placed, known)?;
            if fields::differs(&known.seen, &seen, fields::WAITS) {
                self.add_waits(id, placed)?;
            }
        }
        let news = self.board.news(id, &placed.incoming.remarks)?;
        self.remark(id, &news);
        if self.options.ready
            && known.status == Status::Created
            && placed.level == Level::Task
            && known.level == Level::Task
            && placed.incoming.fields.state == State::Open
        {
            self.commands.push(Command::QueueTask { task_id: id });
        }
        let changed = self.commands.len() > before;
        self.report.tasks.updated += usize::from(changed);
        self.report.tasks.unchanged += usize::from(!changed);
        Ok(())
    }

    /// The whole, unless on the board that is itself a part of the task.
    fn parent_on_board(&mut self, id: TaskId, placed: &Placed) -> Stored<Option<TaskId>> {
        let Some(parent) = placed.parent.map(|end| self.id(end)) else { return Ok(None) };
        if parent != id && !self.board.is_within(parent, id)? {
            return Ok(Some(parent));
        }
        let task = &placed.incoming;
        let what = format!("{} is a part of {}", task.key, task.parent.as_deref().unwrap_or_default());
        self.report.skipped.push(Skipped::new(task.line, what, "on the board it is the other way round"));
        Ok(None)
    }

    fn change_fields(
        &mut self,
        task_id: TaskId,
        placed: &Placed,
        parent: Option<TaskId>,
        known: &board::Row,
        seen: &str,
    ) -> Stored<()> {
        let mut changes = fields::changes(placed, parent, known, seen);
        fields::keep_other_requirements(&mut changes, || self.board.task(task_id))?;
        if changes.iter().any(fields::sets_parent) {
            self.board.set_parent(task_id, parent)?;
            self.count_parent(placed, parent);
        }
        let external = draft::external(self.kind, placed, seen.to_owned());
        changes.push(crate::domain::command::TaskField::External(Some(external)));
        self.commands.push(Command::EditTask { task_id, changes, expected_rev: None });
        Ok(())
    }

    /// What was closed, reopened, held up or freed at the source since the last import.
    fn change_state(&mut self, task_id: TaskId, placed: &Placed, known: &board::Row) -> Stored<()> {
        let state = placed.incoming.fields.state;
        if fields::state_of(&known.seen) == Some(state) {
            return Ok(());
        }
        let from_there = |reason: &String| fields::is_blocker(&known.seen, reason);
        match state {
            State::Done | State::Dropped if known.held => {
                let (line, key) = (placed.incoming.line, &placed.incoming.key);
                let why = "was closed there while somebody works on it here; it was left as it is here";
                self.report.warnings.push(Skipped::new(line, key, why));
            }
            State::Done | State::Dropped if known.status.is_closed() => {}
            State::Open | State::Blocked if known.status.is_closed() => self.follow(task_id, placed)?,
            State::Done | State::Dropped => self.follow(task_id, placed)?,
            State::Blocked if matches!(known.status, Status::Created | Status::Queued) => {
                let kind = crate::domain::task::BlockerKind::Input;
                let reason = draft::blocked_because(&placed.incoming.fields);
                self.commands.push(Command::BlockTask { task_id, fence: Fence::None, kind, reason });
            }
            State::Open if known.status == Status::Blocked && known.blocker.as_ref().is_some_and(from_there) => {
                self.commands.push(Command::UnblockTask { task_id });
            }
            State::Open | State::Blocked => {}
        }
        Ok(())
    }

    fn follow(&mut self, task_id: TaskId, placed: &Placed) -> Stored<()> {
        if let Some(mut task) = self.board.task(task_id)? {
            draft::close_or_open(&mut task, &placed.incoming.fields, self.now);
            self.commands.push(Command::ImportTask(Box::new(task)));
        }
        Ok(())
    }

    fn add_waits(&mut self, id: TaskId, placed: &Placed) -> Stored<()> {
        for (end, wait) in &placed.waits {
            let on = self.id(*end);
            if self.board.waits_of(id)?.contains(&on) {
                continue;
            }
            if self.board.is_within(id, on)? {
                self.skip_wait(placed, wait, WITHIN);
            } else if self.board.closes_circle(id, on)? {
                self.skip_wait(placed, wait, "with the edges on the board that would close a circle");
            } else {
                self.board.add_wait(id, on);
                self.report.dependencies += 1;
                self.late.push(Command::AddDependency { task_id: id, dependency: dependency(on, wait) });
            }
        }
        Ok(())
    }
}

const WITHIN: &str = "it is a part of that one, which is done only when all its parts are";

fn dependency(task_id: TaskId, wait: &Wait) -> Dependency {
    Dependency { kind: wait.kind, condition: wait.condition.clone(), ..Dependency::sequential(task_id) }
}
