//! The one write path, the queries, undo and notices: what every face and actor goes through.
//!
//! It owns the sequence load, decide, write, log, notify. It holds no rule of the domain and no SQL.

mod audit;
pub mod course;
pub mod env;
mod error;
pub mod estimates;
pub mod forecast;
mod habits;
mod lessons;
pub mod notify;
mod people;
pub mod planning;
pub mod retro;
mod reviews;
pub mod sprints;
mod undo;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::command::Patch;
use crate::domain::{
    Actor, ActorKind, AgentId, ChangeId, ClaimToken, Command, Cx, Event, Facts, Ids, Need, Policy, Record, RecordId,
    Rejection, TaskId, decide,
};
use crate::store::view::{Inverse, Liveness, ProcessRow};
use crate::store::{Durability, Ending, NewChange, Now, Read, Store, Write};

pub use crate::domain::Decision;
pub use audit::Audit;
pub use error::Error;
pub use undo::Undo;

use env::{Clock, HostClock, RandomIds};
use notify::Notifier;

/// A claim as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Claimed {
    /// The task.
    #[serde(skip)]
    pub task_id: TaskId,
    /// The proof; every later call of the worker carries it.
    pub token: ClaimToken,
    /// Fencing number.
    pub epoch: u64,
    /// When the lease ends unless it is renewed.
    pub expires_at: crate::domain::Timestamp,
}

/// What a request has done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Done {
    /// The change in the log; none when nothing had to change.
    pub change: Option<ChangeId>,
    /// What happened.
    pub events: Vec<Event>,
    /// The rows it is about, in the order in which they were first touched.
    pub records: Vec<RecordId>,
    /// A claim that was given out.
    pub claimed: Option<Claimed>,
    /// True when this request had been answered before, under the same key.
    pub repeated: bool,
}

impl Done {
    /// The first task that this is about.
    pub fn task(&self) -> Option<TaskId> {
        self.tasks().next()
    }

    /// The tasks that this is about.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> {
        self.records.iter().filter_map(|id| if let RecordId::Task(id) = id { Some(*id) } else { None })
    }
}

/// A board, opened: every face holds one.
pub struct Service {
    store: Box<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Box<dyn Ids + Send>,
    notifier: Option<Notifier>,
    durability: Durability,
    seen: i64,
    learned: RefCell<Option<lessons::Kept>>,
}

impl Service {
    /// Over a store, by the host's clock.
    pub fn new(store: Box<dyn Store>) -> Self {
        Self::with(store, Arc::new(HostClock::new()), Box::new(RandomIds))
    }

    /// Over a store, with a clock and ids of the caller's.
    pub fn with(store: Box<dyn Store>, clock: Arc<dyn Clock>, ids: Box<dyn Ids + Send>) -> Self {
        let notifier = store.folder().map(|folder| Notifier::at(&folder));
        let seen = store.version().unwrap_or_default();
        Self { store, clock, ids, notifier, durability: Durability::Full, seen, learned: RefCell::default() }
    }

    /// The same board, where the last changes may be lost if the host loses power: for what can be made again.
    #[must_use]
    pub fn relaxed(self) -> Self {
        Self { durability: Durability::Relaxed, ..self }
    }

    /// A second handle to the same board with the same clock, for another thread.
    pub fn another(&self) -> Result<Self, Error> {
        self.opener()()
    }

    /// A way to such a handle, for a thread that opens it when it has need of it.
    pub fn opener(&self) -> impl Fn() -> Result<Self, Error> + Send + 'static {
        let (open, clock, durability) = (self.store.opener(), Arc::clone(&self.clock), self.durability);
        move || Ok(Self { durability, ..Self::with(open()?, Arc::clone(&clock), Box::new(RandomIds)) })
    }

    /// The present time.
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// A fresh id, for tasks that name each other before they are written down.
    pub fn task_id(&mut self) -> TaskId {
        TaskId(self.ids.next())
    }

    /// Where its time comes from, for threads that need only that.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// Queries.
    pub fn read(&self) -> &dyn Read {
        self.store.read()
    }

    /// The folder that belongs to the board alone; none for a board in memory.
    pub fn folder(&self) -> Option<PathBuf> {
        self.store.folder()
    }

    /// Copies the board into a new file.
    pub fn backup(&self, to: &Path) -> Result<(), Error> {
        Ok(self.store.backup(to)?)
    }

    /// Gives back what the store can spare; for a moment of rest.
    ///
    /// # Errors
    /// When the store fails.
    pub fn tidy(&mut self) -> Result<(), Error> {
        Ok(self.store.tidy()?)
    }

    /// What the store's own check of its file says; empty when all is well.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        Ok(self.store.check()?)
    }

    /// What is derived from the rows, such as indexes and counts, and does not agree with them; empty when all is well.
    pub fn drift(&self) -> Result<Vec<String>, Error> {
        Ok(self.store.drift()?)
    }

    /// Makes anew what is derived from the rows.
    ///
    /// # Errors
    /// When the store fails; nothing has changed then.
    pub fn mend(&mut self) -> Result<(), Error> {
        Ok(self.store.mend()?)
    }

    /// Whether the tables say what the log says, row by row; stops after `most` differences. Reads the whole log.
    pub fn audit(&self, most: usize) -> Result<Audit, Error> {
        Ok(audit::audit(self.read(), most)?)
    }

    /// Which engine and schema hold the board, for people.
    pub fn kind(&self) -> String {
        self.store.kind()
    }

    /// True if another connection has committed since the last call.
    pub fn changed(&mut self) -> Result<bool, Error> {
        let version = self.store.version()?;
        Ok(std::mem::replace(&mut self.seen, version) != version)
    }

    /// Does one thing.
    ///
    /// # Errors
    /// The rule that said no, or the world's failure; nothing has changed then.
    pub fn submit(&mut self, actor: &Actor, command: Command) -> Result<Done, Error> {
        self.submit_all(actor, &[command])
    }

    /// Does several things as one change: all or nothing, one undo.
    ///
    /// # Errors
    /// As for [`Service::submit`].
    pub fn submit_all(&mut self, actor: &Actor, commands: &[Command]) -> Result<Done, Error> {
        self.submit_request(actor, commands, None)
    }

    /// Like [`Service::submit_all`]; a request whose key was used before changes nothing and gets the answer of then.
    ///
    /// # Errors
    /// As for [`Service::submit`].
    pub fn submit_request(&mut self, actor: &Actor, commands: &[Command], key: Option<&str>) -> Result<Done, Error> {
        self.guarded(actor, commands, key, &mut |_| Ok(()))
    }

    /// Like [`Service::submit_all`], but first asks `guard` inside the same transaction: the orchestrator's fence.
    ///
    /// # Errors
    /// As for [`Service::submit`], and what the guard says.
    pub fn guarded(
        &mut self,
        actor: &Actor,
        commands: &[Command],
        key: Option<&str>,
        guard: &mut dyn FnMut(&dyn Write) -> Result<(), Error>,
    ) -> Result<Done, Error> {
        self.transact(actor, commands, key, guard, &mut |_| {})
    }

    /// Writes the settings unless they are not what was seen any more; none then.
    ///
    /// # Errors
    /// As for [`Service::submit`].
    pub fn configure(&mut self, actor: &Actor, seen: &Policy, policy: &Policy) -> Result<Option<Done>, Error> {
        let overtaken = || Rejection::Conflict { what: "the settings".into(), how: "somebody changed them".into() };
        let commands = [Command::Configure(Box::new(policy.clone()))];
        let mut unchanged = true;
        let done = self.guarded(actor, &commands, None, &mut |tx| {
            unchanged = tx.policy()? == *seen;
            if unchanged { Ok(()) } else { Err(overtaken().into()) }
        });
        if unchanged { done.map(Some) } else { Ok(None) }
    }

    /// Like [`Service::submit_all`] for very many commands: `watch` is told how many of them are done.
    ///
    /// # Errors
    /// As for [`Service::submit`].
    pub fn submit_watched(
        &mut self,
        actor: &Actor,
        commands: &[Command],
        watch: &mut dyn FnMut(usize),
    ) -> Result<Done, Error> {
        self.transact(actor, commands, None, &mut |_| Ok(()), watch)
    }

    fn transact(
        &mut self,
        actor: &Actor,
        commands: &[Command],
        key: Option<&str>,
        guard: &mut dyn FnMut(&dyn Write) -> Result<(), Error>,
        watch: &mut dyn FnMut(usize),
    ) -> Result<Done, Error> {
        let (clock, ids) = (&self.clock, self.ids.as_mut());
        let done = write(self.store.as_mut(), self.durability, |tx| {
            // Only now: the transaction may have waited for others.
            let now = clock.now();
            guard(tx)?;
            let mut change = Change::new(actor, &now);
            if let Some(records) = key.map(|key| tx.answered(key)).transpose()?.flatten() {
                return Ok(Done { records, repeated: true, ..Done::default() });
            }
            for (step, command) in commands.iter().enumerate() {
                course::check_acceptance(tx, &now, command)?;
                people::check_delegation(tx, &now, actor, command)?;
                change.run(tx, ids, command)?;
                watch(step + 1);
            }
            change.finish(tx, commands, key, None)
        })?;
        self.notify(&done);
        Ok(done)
    }

    fn notify(&self, done: &Done) {
        if let Some(notifier) = self.notifier.as_ref().filter(|_| done.change.is_some()) {
            notifier.send();
        }
    }

    /// Renews the lease that this token proves; `None` if the claim is lost.
    pub fn beat(&mut self, token: ClaimToken, life: &Liveness) -> Result<Option<TaskId>, Error> {
        let clock = &self.clock;
        write(self.store.as_mut(), Durability::Relaxed, |tx| Ok(tx.beat(token, life, &clock.now())?))
    }

    /// Notes that an agent is there.
    pub fn present(&mut self, agent: AgentId, life: &Liveness) -> Result<(), Error> {
        let clock = &self.clock;
        write(self.store.as_mut(), Durability::Relaxed, |tx| Ok(tx.presence(agent, life, &clock.now())?))
    }

    /// Notes that an agent has left.
    pub fn absent(&mut self, agent: AgentId) -> Result<(), Error> {
        write(self.store.as_mut(), Durability::Relaxed, |tx| Ok(tx.absence(agent)?))
    }

    /// Notes which process works on a task, before it can do anything.
    pub fn process_started(&mut self, task: TaskId, epoch: u64, process: &ProcessRow) -> Result<(), Error> {
        write(self.store.as_mut(), Durability::Full, |tx| Ok(tx.process_started(task, epoch, process)?))
    }

    /// Notes that this process was seen gone.
    pub fn process_gone(&mut self, task: TaskId, epoch: u64) -> Result<(), Error> {
        write(self.store.as_mut(), Durability::Full, |tx| Ok(tx.process_gone(task, epoch)?))
    }

    /// Takes or renews the orchestrator's lease; the epoch if `holder` has it now.
    pub fn lead(&mut self, holder: &str, lease_ms: i64) -> Result<Option<u64>, Error> {
        let clock = &self.clock;
        write(self.store.as_mut(), Durability::Relaxed, |tx| Ok(tx.lead(holder, lease_ms, &clock.now())?))
    }

    /// Gives the orchestrator's lease back.
    pub fn step_down(&mut self, holder: &str) -> Result<(), Error> {
        write(self.store.as_mut(), Durability::Relaxed, |tx| Ok(tx.step_down(holder)?))
    }

    /// Keeps or removes a draft under a name.
    pub fn keep_draft(&mut self, name: &str, text: Option<&str>) -> Result<(), Error> {
        self.change_draft(name, &mut |_| text.map(str::to_owned))
    }

    /// Changes a draft with nobody else in between.
    ///
    /// # Errors
    /// When the board cannot be written.
    pub fn change_draft(
        &mut self,
        name: &str,
        change: &mut dyn FnMut(Option<&str>) -> Option<String>,
    ) -> Result<(), Error> {
        write(self.store.as_mut(), Durability::Full, |tx| {
            let text = change(tx.draft(name)?.as_deref());
            Ok(tx.keep_draft(name, text.as_deref())?)
        })
    }
}

/// Runs `work` in one write transaction: what it answers is committed, and what it refuses leaves no trace.
fn write<T>(
    store: &mut dyn Store,
    durability: Durability,
    mut work: impl FnMut(&mut dyn Write) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut answer = None;
    store.write(durability, &mut |tx| {
        let result = work(tx);
        let ending = if result.is_ok() { Ending::Commit } else { Ending::Rollback };
        answer = Some(result);
        ending
    })?;
    answer.expect("a store runs the work of a transaction that it says has ended")
}

/// A change in the making: commands run one after the other in one transaction.
struct Change<'a> {
    actor: &'a Actor,
    now: &'a Now,
    events: Vec<Event>,
    order: Vec<RecordId>,
    before: BTreeMap<RecordId, Option<Record>>,
    after: BTreeMap<RecordId, Option<Record>>,
    claimed: Option<Claimed>,
}

impl<'a> Change<'a> {
    fn new(actor: &'a Actor, now: &'a Now) -> Self {
        let (before, after) = (BTreeMap::new(), BTreeMap::new());
        Self { actor, now, events: Vec::new(), order: Vec::new(), before, after, claimed: None }
    }

    fn run(&mut self, tx: &mut dyn Write, ids: &mut dyn Ids, command: &Command) -> Result<(), Error> {
        let mut needs = command.needs();
        if self.actor.kind == ActorKind::Agent {
            needs.push(Need::AgentNamed(self.actor.name.clone()));
        }
        let facts = tx.load(&needs, self.now)?;
        let found = facts.clone();
        let mut cx = Cx { at: self.now.wall, actor: self.actor, ids };
        let Decision { events, facts, granted } = decide(facts, &mut cx, command)?;
        tx.save(&facts)?;
        self.remember(&found, &facts, &events);
        if let Some(granted) = granted {
            let claim = &granted.claim;
            tx.grant(granted.task_id, claim.epoch, granted.token, claim.lease_seconds, self.now)?;
            self.claimed = Some(Claimed {
                task_id: granted.task_id,
                token: granted.token,
                epoch: claim.epoch,
                expires_at: self.now.wall + chrono::Duration::seconds(i64::from(claim.lease_seconds)),
            });
        }
        self.events.extend(events);
        Ok(())
    }

    fn remember(&mut self, found: &Facts, facts: &Facts, events: &[Event]) {
        for id in
            events.iter().filter_map(|event| event.records().first().copied()).chain(facts.touched.iter().copied())
        {
            if !self.before.contains_key(&id) {
                self.order.push(id);
                self.before.insert(id, found.record(id));
            }
            self.after.insert(id, facts.record(id));
        }
    }

    fn finish(
        self,
        tx: &mut dyn Write,
        commands: &[Command],
        key: Option<&str>,
        target: Option<ChangeId>,
    ) -> Result<Done, Error> {
        let inverse = self.inverse();
        let mut done = Done { events: self.events, records: self.order, claimed: self.claimed, ..Done::default() };
        let Some(first) = commands.first().filter(|_| !done.events.is_empty()) else { return Ok(done) };
        let change = NewChange {
            at: self.now.wall,
            actor: self.actor,
            command: first.name(),
            events: &done.events,
            inverse: &inverse,
            target,
            request_key: key,
        };
        done.change = Some(tx.log(&change)?);
        Ok(done)
    }

    /// How to take everything back: the rows as they were first found, where they differ now.
    fn inverse(&self) -> Vec<Inverse> {
        self.order
            .iter()
            .map(|id| {
                let fields =
                    match (self.before.get(id).and_then(Option::as_ref), self.after.get(id).and_then(Option::as_ref)) {
                        (Some(before), Some(after)) => Some(after.difference(before)),
                        (Some(before), None) => Some(before.whole()),
                        (None, _) => None,
                    };
                Inverse { patch: Patch { id: *id, fields } }
            })
            .collect()
    }
}
