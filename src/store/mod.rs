//! Where the board is kept: the port that every adapter serves, and the adapters.
//!
//! This layer owns persistence: rows, log, leases, notices. It knows no rules; it loads what [`crate::domain::decide`]
//! needs and writes what came out.

mod error;
pub mod sqlite;
pub mod view;

pub use error::StoreError;

use crate::domain::event::Event;
use crate::domain::record::Record;
use crate::domain::sprint::{Baseline, SprintOutcome};
use crate::domain::task::Comment;
use crate::domain::{
    Actor, Agent, AgentId, Attempt, ChangeId, ClaimToken, Escalation, Facts, Need, Policy, Priority, Proposal,
    RecordId, Sprint, SprintId, SprintPlan, Task, TaskId, TaskNumber, TaskRef, Timestamp,
};
use view::{
    ActivityFilter, ActivityRow, AgentRow, BoardSummary, Card, ChainRow, Concern, Filter, Inverse, LaneWindow,
    LeaderRow, LeaseRow, Liveness, Page, ReadyRow, TaskDetail,
};

/// What a store answers, or why it could not.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Clock readings that come with every access: people see the wall clock, leases run by the boot clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// Wall clock.
    pub wall: Timestamp,
    /// Milliseconds since this host was started, suspend included.
    pub boot_ms: i64,
    /// Which start of which host; a lease of another boot is over.
    pub boot_id: String,
}

/// How hard a commit must be: power loss may take back a `Relaxed` one, a killed process never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On disk when the commit returns.
    Full,
    /// On disk soon after: heartbeats and telemetry.
    Relaxed,
}

/// How a write transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// What was written stays.
    Commit,
    /// As if nothing had been written.
    Rollback,
}

/// One committed group of events as it goes into the log.
#[derive(Debug)]
pub struct NewChange<'a> {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: &'a Actor,
    /// Name of the command, or of the first of several.
    pub command: &'static str,
    /// What happened.
    pub events: &'a [Event],
    /// How to take it back.
    pub inverse: &'a [Inverse],
    /// The change that this one undoes or redoes.
    pub target: Option<ChangeId>,
    /// The caller's key: a second change with it is not made.
    pub request_key: Option<&'a str>,
}

/// Reading. Every call is a short read of its own; nothing here waits for a writer.
pub trait Read {
    /// The id that a loose reference means.
    fn resolve(&self, task: &TaskRef) -> Result<TaskId>;
    /// The agent of this name or id.
    fn agent_named(&self, name: &str) -> Result<Option<Agent>>;
    /// The sprint by number, name, id or `active`.
    fn sprint_named(&self, name: &str) -> Result<Option<Sprint>>;
    /// The escalation by number, with or without its prefix.
    fn escalation_numbered(&self, number: i64) -> Result<Option<Escalation>>;
    /// One task.
    fn task(&self, id: TaskId) -> Result<Option<Task>>;
    /// One task with all that is known about it.
    fn task_detail(&self, id: TaskId, now: &Now) -> Result<Option<TaskDetail>>;
    /// Tasks by filter, ordered by number; `each` gets them one by one, so that a million costs no memory.
    fn each_task(&self, filter: &Filter, page: Page, each: &mut dyn FnMut(Task) -> Result<()>) -> Result<()>;
    /// The same, all at once.
    fn list_tasks(&self, filter: &Filter, page: Page) -> Result<Vec<Task>> {
        let mut tasks = Vec::new();
        self.each_task(filter, page, &mut |task| {
            tasks.push(task);
            Ok(())
        })?;
        Ok(tasks)
    }
    /// The tasks with the highest numbers, those first; without what waits for them.
    fn newest_tasks(&self, filter: &Filter, limit: usize) -> Result<Vec<Task>>;
    /// Cards of a lane.
    fn window(&self, window: &LaneWindow, now: &Now) -> Result<Vec<Card>>;
    /// Cards of every level by filter, ordered by number, one by one; reclaim waits only for claims that have ended.
    fn each_card(&self, filter: &Filter, page: Page, each: &mut dyn FnMut(Card) -> Result<()>) -> Result<()>;
    /// The same, all at once.
    fn list_cards(&self, filter: &Filter, page: Page) -> Result<Vec<Card>> {
        let mut cards = Vec::new();
        self.each_card(filter, page, &mut |card| {
            cards.push(card);
            Ok(())
        })?;
        Ok(cards)
    }
    /// Cards by full-text search, newest first.
    fn search(&self, words: &str, limit: usize) -> Result<Vec<Card>>;
    /// Counts and points of every lane, open questions, active sprint.
    fn summary(&self, filter: &Filter, now: &Now) -> Result<BoardSummary>;
    /// Agents with their load and what they are at.
    fn agents(&self, now: &Now) -> Result<Vec<AgentRow>>;
    /// Attempts of a task, newest first.
    fn attempts(&self, id: TaskId) -> Result<Vec<Attempt>>;
    /// Attempts at all tasks that are open or ended after that, newest first, so many at most.
    fn attempts_since(&self, at: Timestamp, most: usize) -> Result<Vec<Attempt>>;
    /// Sprints, newest first.
    fn sprints(&self) -> Result<Vec<Sprint>>;
    /// What is open of each milestone on the board, in the order of their names.
    fn milestones(&self) -> Result<Vec<view::MilestoneRow>>;
    /// The plan of a sprint, if it has one.
    fn plan(&self, sprint: SprintId) -> Result<Option<SprintPlan>>;
    /// What a sprint set out to do, if it has started.
    fn baseline(&self, sprint: SprintId) -> Result<Option<Baseline>>;
    /// What became of a sprint, if it is closed.
    fn outcome(&self, sprint: SprintId) -> Result<Option<SprintOutcome>>;
    /// The open proposal to change the plan of a sprint.
    fn proposal(&self, sprint: SprintId) -> Result<Option<Proposal>>;
    /// Escalations, those that cost most first; open ones only, unless `all`.
    fn escalations(&self, all: bool, now: &Now) -> Result<Vec<view::EscalationRow>>;
    /// The log, newest first.
    fn activity(&self, filter: &ActivityFilter) -> Result<Vec<ActivityRow>>;
    /// The number of the newest change; rises with every commit that changed something.
    fn head(&self) -> Result<ChangeId>;
    /// The settings.
    fn policy(&self) -> Result<Policy>;
    /// Who orchestrates.
    fn leader(&self, now: &Now) -> Result<Option<LeaderRow>>;
    /// All claims with the state of their leases.
    fn leases(&self, now: &Now) -> Result<Vec<LeaseRow>>;
    /// Ready tasks of this priority, the expedited first, then the longest waiting, until `each` wants no more.
    fn each_ready(&self, priority: Priority, now: &Now, each: &mut dyn FnMut(ReadyRow) -> bool) -> Result<()>;
    /// Tasks that need the orchestrator's attention for this reason, what has waited longest first.
    fn concerns(&self, concern: Concern, limit: usize, now: &Now) -> Result<Vec<Task>>;
    /// The newest fifty questions about a task (about none: of the board as such), answered ones included.
    fn questions(&self, task: Option<TaskId>) -> Result<Vec<Escalation>>;
    /// A task and all open tasks that come before it, at most `limit` of them.
    fn chain(&self, task: TaskId, limit: usize) -> Result<Vec<ChainRow>>;
    /// Attempts after this time that were lost or could not be started.
    fn misfires(&self, since: Timestamp) -> Result<u64>;
    /// A saved draft, for example of a sprint plan.
    fn draft(&self, name: &str) -> Result<Option<String>>;
    /// Tasks that came from this source, archived ones too, one by one; successors are not filled in.
    fn each_imported(&self, source: &str, each: &mut dyn FnMut(Task) -> Result<()>) -> Result<()>;
    /// Remarks on a task, oldest first.
    fn comments(&self, id: TaskId) -> Result<Vec<Comment>>;
    /// The number that the next new task gets.
    fn next_number(&self) -> Result<TaskNumber>;
    /// Several reads of one state of the board, whatever is committed meanwhile. Holds up the store's tidying: what waits
    /// for somebody has no place in it.
    fn snapshot(&self, work: &mut dyn FnMut(&dyn Read) -> Result<()>) -> Result<()>;
    /// Every row of the board, one by one, for export.
    fn each_record(&self, each: &mut dyn FnMut(Record) -> Result<()>) -> Result<()>;
    /// Every change with its events in order, for replay.
    fn each_change(&self, each: &mut dyn FnMut(ChangeId, Timestamp, Vec<Event>) -> Result<()>) -> Result<()>;
}

/// Reading and writing inside one transaction.
pub trait Write: Read {
    /// The answer given before to this request key: the rows its change is about.
    fn answered(&self, request_key: &str) -> Result<Option<Vec<RecordId>>>;
    /// Loads what a decision needs.
    fn load(&self, needs: &[Need], now: &Now) -> Result<Facts>;
    /// Writes the rows that `after` has touched.
    fn save(&mut self, after: &Facts) -> Result<()>;
    /// Gives out the lease of a claim.
    fn grant(&mut self, task: TaskId, epoch: u64, token: ClaimToken, lease_seconds: u32, now: &Now) -> Result<()>;
    /// Writes a change and its events into the log.
    fn log(&mut self, change: &NewChange) -> Result<ChangeId>;
    /// The newest change of this actor (of anyone, if `None`) that can be undone.
    fn last_undoable(&self, actor: Option<&str>) -> Result<Option<ChangeId>>;
    /// The newest undo of this actor that nothing of theirs has followed.
    fn last_redoable(&self, actor: Option<&str>) -> Result<Option<ChangeId>>;
    /// How to take a change back, or why that cannot be done.
    fn inverse(&self, change: ChangeId) -> Result<view::Undoing>;
    /// The change that this change undoes or redoes.
    fn target(&self, change: ChangeId) -> Result<Option<ChangeId>>;
    /// Marks a change as undone (or not).
    fn mark_undone(&mut self, change: ChangeId, by: Option<ChangeId>) -> Result<()>;
    /// Renews the lease that this token proves; `None` if it proves none any more.
    fn beat(&mut self, token: ClaimToken, life: &Liveness, now: &Now) -> Result<Option<TaskId>>;
    /// Notes that an agent is there.
    fn presence(&mut self, agent: AgentId, life: &Liveness, now: &Now) -> Result<()>;
    /// Notes that an agent has left.
    fn absence(&mut self, agent: AgentId) -> Result<()>;
    /// Notes which process works on a task, so that nobody else starts before it is gone.
    fn process_started(&mut self, task: TaskId, epoch: u64, process: &view::ProcessRow) -> Result<()>;
    /// Notes that the process was seen gone.
    fn process_gone(&mut self, task: TaskId, epoch: u64) -> Result<()>;
    /// Takes or renews the orchestrator's lease; the epoch if this holder has it now.
    fn lead(&mut self, holder: &str, lease_ms: i64, now: &Now) -> Result<Option<u64>>;
    /// Gives the orchestrator's lease back.
    fn step_down(&mut self, holder: &str) -> Result<()>;
    /// Fails unless this holder leads in this epoch; called inside the orchestrator's transactions.
    fn check_leader(&self, holder: &str, epoch: u64, now: &Now) -> Result<bool>;
    /// Keeps or removes a draft.
    fn keep_draft(&mut self, name: &str, text: Option<&str>) -> Result<()>;
}

/// Opens a board once more.
pub type Opener = Box<dyn Fn() -> Result<Box<dyn Store>> + Send>;

/// A board's store, opened.
pub trait Store: Send {
    /// Reads.
    fn read(&self) -> &dyn Read;
    /// Runs `work` in one write transaction that ends as `work` says.
    fn write(&mut self, durability: Durability, work: &mut dyn FnMut(&mut dyn Write) -> Ending) -> Result<()>;
    /// A number that moves when any other process has committed since the last call on this connection.
    fn version(&self) -> Result<i64>;
    /// A way to another handle to the same board, for a thread that opens it when it has need of it.
    fn opener(&self) -> Opener;
    /// A second handle to the same board, for another thread.
    fn another(&self) -> Result<Box<dyn Store>> {
        self.opener()()
    }
    /// Gives back the room of a write-ahead log that has grown long, unless somebody reads or writes just now.
    fn tidy(&mut self) -> Result<()>;
    /// Copies the whole board into a new file.
    fn backup(&self, to: &std::path::Path) -> Result<()>;
    /// What the store's own check of its file says; empty when all is well. Indexes and search, which can be made anew,
    /// are part of the file.
    fn check(&self) -> Result<Vec<String>>;
    /// What is derived from the rows, such as indexes and counts, and does not agree with them; empty when all is well.
    /// Reads the whole board.
    fn drift(&self) -> Result<Vec<String>>;
    /// Makes anew what is derived from the rows.
    fn mend(&mut self) -> Result<()>;
    /// Which engine and schema this is, for people.
    fn kind(&self) -> String;
    /// The folder beside the board where processes leave notices and transcripts; none for a board in memory.
    fn folder(&self) -> Option<std::path::PathBuf>;
}
