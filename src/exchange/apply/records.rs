//! Rows of another vayu board, as they are: ids, numbers, times and history stay. What would break a rule of this board
//! (a name that is taken, a link that leads nowhere, a circle) is set right or left out, and named.

use std::collections::{HashMap, HashSet};

use super::{Counts, Report, WITHIN};
use crate::domain::escalation::Remedy;
use crate::domain::task::{MAX_DESCRIPTION, MAX_TITLE};
use crate::domain::{
    Actor, ActorKind, Agent, AgentId, Attempt, Command, Escalation, Event, Level, Policy, Record, Sprint, SprintId,
    SprintState, Status, Task, TaskId,
};
use crate::exchange::incoming::Skipped;
use crate::exchange::order::{self, End};
use crate::exchange::vayu::Records;
use crate::service::{Error, Service};
use crate::store::Read;
use crate::store::Result as Stored;

/// Brings the rows of another board in as one change.
///
/// # Errors
/// When a rule says no or the board fails; nothing has come in then.
pub fn import_records(
    service: &mut Service,
    actor: &Actor,
    records: Records,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, Error> {
    let mut sieve = Sieve::new(service, actor, records)?;
    let commands = sieve.run()?;
    let Sieve { mut report, known, .. } = sieve;
    let done = service.submit_watched(actor, &commands, &mut |step| progress(step, commands.len()))?;
    count(&mut report, &commands, &done.events, &known);
    report.change = done.change;
    report.skipped.sort_by_key(|skipped| skipped.line);
    Ok(report)
}

fn count(report: &mut Report, commands: &[Command], events: &[Event], known: &HashSet<TaskId>) {
    for event in events {
        match event {
            Event::RecordImported { row } => match &**row {
                Record::Task(task) if known.contains(&task.task_id) => report.tasks.updated += 1,
                Record::Task(task) => {
                    report.tasks.created += 1;
                    report.dependencies += task.dependencies.blocked_by.len();
                    report.parents += usize::from(task.parent_id.is_some());
                }
                Record::Comment(_) => report.comments += 1,
                _ => report.records += 1,
            },
            Event::PolicyChanged { .. } => report.records += 1,
            _ => {}
        }
    }
    let is_task =
        |command: &&Command| matches!(command, Command::ImportRecord(record) if matches!(**record, Record::Task(_)));
    report.tasks.unchanged = commands.iter().filter(is_task).count() - report.tasks.created - report.tasks.updated;
}

const CIRCLE: &str = "that would close a circle";

/// The rows of a file by sort, on their way through the checks.
pub(super) struct Sieve<'a> {
    read: &'a dyn Read,
    by_agent: bool,
    report: Report,
    /// Tasks of the file that are on the board already.
    known: HashSet<TaskId>,
    policies: Vec<(usize, Policy)>,
    agents: Vec<(usize, Agent)>,
    sprints: Vec<(usize, Sprint)>,
    tasks: Vec<(usize, Task)>,
    /// What belongs to sprints.
    pub(super) papers: Vec<(usize, Record)>,
    attempts: Vec<(usize, Attempt)>,
    asks: Vec<(usize, Escalation)>,
    comments: Vec<(usize, crate::domain::task::Comment)>,
    /// Agents of the file that are others on this board.
    pub(super) renamed: HashMap<AgentId, AgentId>,
    /// Whether an agent exists, in the file or here.
    pub(super) agent_ids: HashSet<AgentId>,
    pub(super) sprint_ids: HashSet<SprintId>,
    task_ids: HashSet<TaskId>,
    /// Tasks of the file that nobody executes.
    resting: HashSet<TaskId>,
}

impl<'a> Sieve<'a> {
    fn new(service: &'a Service, actor: &Actor, records: Records) -> Result<Self, Error> {
        let team = service.read().agents(&service.now())?;
        let mut sieve = Self {
            read: service.read(),
            by_agent: actor.kind == ActorKind::Agent,
            report: Report::empty("vayu", records.skipped),
            known: HashSet::new(),
            policies: Vec::new(),
            agents: Vec::new(),
            sprints: Vec::new(),
            tasks: Vec::new(),
            papers: Vec::new(),
            attempts: Vec::new(),
            asks: Vec::new(),
            comments: Vec::new(),
            renamed: HashMap::new(),
            agent_ids: team.iter().map(|row| row.agent.agent_id).collect(),
            sprint_ids: HashSet::new(),
            task_ids: HashSet::new(),
            resting: HashSet::new(),
        };
        for (line, record) in sieve.newest(records.records) {
            sieve.sort(line, record);
        }
        Ok(sieve)
    }

    /// Of several lines with one id the last one stands.
    fn newest(&mut self, records: Vec<(usize, Record)>) -> Vec<(usize, Record)> {
        let last: HashMap<_, usize> = records.iter().map(|(line, record)| (record.id(), *line)).collect();
        let mut kept = Vec::with_capacity(records.len());
        for (line, record) in records {
            match last.get(&record.id()) {
                Some(newer) if *newer != line => self.skip(line, "record", format!("line {newer} has the same id")),
                _ => kept.push((line, record)),
            }
        }
        kept
    }

    fn sort(&mut self, line: usize, record: Record) {
        match record {
            Record::Policy(row) => self.policies.push((line, *row)),
            Record::Agent(row) => self.agents.push((line, *row)),
            Record::Sprint(row) => self.sprints.push((line, *row)),
            Record::Task(row) => self.tasks.push((line, *row)),
            row @ (Record::Plan(_) | Record::Proposal(_) | Record::Baseline(_) | Record::Outcome(_)) => {
                self.papers.push((line, row));
            }
            Record::Attempt(row) => self.attempts.push((line, *row)),
            Record::Escalation(row) => self.asks.push((line, *row)),
            Record::Comment(row) => self.comments.push((line, *row)),
        }
    }

    pub(super) fn skip(&mut self, line: usize, what: impl Into<String>, reason: impl Into<String>) {
        self.report.skipped.push(Skipped::new(line, what, reason));
    }

    fn warn(&mut self, line: usize, what: impl Into<String>, reason: impl Into<String>) {
        self.report.warnings.push(Skipped::new(line, what, reason));
    }

    fn run(&mut self) -> Stored<Vec<Command>> {
        let mut rows: Vec<Record> = Vec::new();
        rows.extend(self.policy()?.map(|row| Record::Policy(Box::new(row))));
        rows.extend(self.team()?.into_iter().map(|row| Record::Agent(Box::new(row))));
        rows.extend(self.all_sprints()?.into_iter().map(|row| Record::Sprint(Box::new(row))));
        rows.extend(self.all_tasks()?.into_iter().map(|row| Record::Task(Box::new(row))));
        let papers = self.all_papers()?;
        rows.extend(papers);
        let history = self.history()?;
        rows.extend(history);
        Ok(rows.into_iter().map(|row| Command::ImportRecord(Box::new(row))).collect())
    }

    /// Settings come in only where nobody has made any; the project's name is no setting in this sense.
    fn policy(&mut self) -> Stored<Option<Policy>> {
        let Some((line, theirs)) = self.policies.pop() else { return Ok(None) };
        let ours = self.read.policy()?;
        if ours == theirs {
            return Ok(None);
        }
        let untouched = ours == Policy { project: ours.project.clone(), ..Policy::default() };
        let sound = (5..=86_400).contains(&theirs.lease_seconds) && theirs.wip.values().all(|limit| *limit > 0);
        let reason = match (untouched, sound, self.by_agent) {
            (false, ..) => "this board has settings of its own",
            (_, false, _) => "a lease is 5 to 86400 seconds and a limit at least 1",
            (_, _, true) => "only a human may change the board's settings",
            _ => return Ok(Some(theirs)),
        };
        self.skip(line, "settings", reason);
        Ok(None)
    }

    /// An agent whose name this board knows under another id is that one.
    fn team(&mut self) -> Stored<Vec<Agent>> {
        let mut names: HashMap<String, AgentId> = HashMap::new();
        let mut kept = Vec::new();
        for (line, mut agent) in std::mem::take(&mut self.agents) {
            let name = agent.name.trim().to_owned();
            agent.name = name;
            let here = self.read.agent_named(&agent.name)?.map(|ours| ours.agent_id);
            let twin = here.or(names.get(&agent.name).copied()).filter(|id| *id != agent.agent_id);
            if let Some(twin) = twin {
                self.renamed.insert(agent.agent_id, twin);
                self.warn(line, agent.name, "is on this board already; its work is credited to that one");
                continue;
            }
            if agent.name.is_empty() || agent.name.len() > 200 || agent.name.contains(char::is_control) {
                self.skip(line, "agent", "a name has 1 to 200 bytes and no control characters");
                continue;
            }
            agent.wip_limit = agent.wip_limit.max(1);
            agent.skills.values_mut().for_each(|level| *level = (*level).clamp(1, 5));
            names.insert(agent.name.clone(), agent.agent_id);
            self.agent_ids.insert(agent.agent_id);
            kept.push(agent);
        }
        Ok(kept)
    }

    fn all_sprints(&mut self) -> Stored<Vec<Sprint>> {
        let ours = self.read.sprints()?;
        let mut active = ours.iter().find(|sprint| sprint.state == SprintState::Active).map(|sprint| sprint.sprint_id);
        self.sprint_ids.extend(ours.iter().map(|sprint| sprint.sprint_id));
        let mut kept = std::mem::take(&mut self.sprints);
        kept.sort_by_key(|(_, sprint)| sprint.number);
        for (line, sprint) in &mut kept {
            self.sprint_ids.insert(sprint.sprint_id);
            if sprint.state == SprintState::Active && *active.get_or_insert(sprint.sprint_id) != sprint.sprint_id {
                sprint.state = SprintState::Planned;
                let (line, name) = (*line, sprint.name.clone());
                self.warn(line, name, "came in as planned: another sprint is active");
            }
        }
        Ok(kept.into_iter().map(|(_, sprint)| sprint).collect())
    }

    fn all_tasks(&mut self) -> Stored<Vec<Task>> {
        let mut tasks = std::mem::take(&mut self.tasks);
        tasks.sort_by_key(|(_, task)| task.number);
        let fits = |sieve: &mut Self, line: usize, task: &Task| match flaw(task) {
            Some(reason) => {
                sieve.skip(line, task.number.to_string(), reason);
                false
            }
            None => true,
        };
        tasks.retain(|(line, task)| fits(self, *line, task));
        self.task_ids = tasks.iter().map(|(_, task)| task.task_id).collect();
        if self.read.next_number()?.0 > 1 {
            for (_, task) in &tasks {
                if self.read.task(task.task_id)?.is_some() {
                    self.known.insert(task.task_id);
                }
            }
        }
        self.link(&mut tasks)?;
        let open: HashSet<TaskId> =
            self.attempts.iter().filter(|(_, attempt)| attempt.ended_at.is_none()).map(|(_, a)| a.task_id).collect();
        for (line, task) in &mut tasks {
            self.settle(*line, task, &open);
        }
        let resting = tasks.iter().filter(|(_, task)| task.status != Status::Executing);
        self.resting = resting.map(|(_, task)| task.task_id).collect();
        Ok(tasks.into_iter().map(|(_, task)| task).collect())
    }

    pub(super) fn exists(&self, id: TaskId) -> Stored<bool> {
        Ok(self.task_ids.contains(&id) || self.read.task(id)?.is_some())
    }

    /// Links that lead nowhere or close circles go.
    fn link(&mut self, tasks: &mut [(usize, Task)]) -> Stored<()> {
        let index: HashMap<TaskId, usize> =
            tasks.iter().enumerate().map(|(at, (_, task))| (task.task_id, at)).collect();
        let coarse: Vec<bool> = tasks.iter().map(|(_, task)| task.level != Level::Task).collect();
        let mut links = order::Links::with_capacity(tasks.len());
        for (line, task) in tasks.iter_mut() {
            let number = task.number;
            let end = |id: TaskId| index.get(&id).map_or(End::Board(id), |at| End::File(*at));
            if let Some(parent) = task.parent_id {
                let fits = match end(parent) {
                    End::File(at) => coarse[at],
                    End::Board(id) => self.read.task(id)?.is_some_and(|whole| whole.level != Level::Task),
                };
                if !fits {
                    self.skip(*line, format!("{number} part of {parent}"), "the whole is not there, or is a task");
                    task.parent_id = None;
                }
            }
            let mut waits = Vec::new();
            for edge in std::mem::take(&mut task.dependencies.blocked_by) {
                if self.exists(edge.task_id)? {
                    waits.push(end(edge.task_id));
                    task.dependencies.blocked_by.push(edge);
                } else {
                    self.skip(*line, format!("{number} waits for {}", edge.task_id), "that task is not there");
                }
            }
            links.push(task.parent_id.map(end), waits);
        }
        let cuts = links.cut();
        for (at, on) in cuts.parents {
            let whole = tasks[on].1.number;
            let (line, task) = &mut tasks[at];
            task.parent_id = None;
            self.skip(*line, format!("{} is a part of {whole}", task.number), CIRCLE);
        }
        let within = cuts.within.into_iter().map(|pair| (pair, WITHIN));
        for ((at, on), reason) in cuts.waits.into_iter().map(|pair| (pair, CIRCLE)).chain(within) {
            let (on, number) = (tasks[on].1.task_id, tasks[on].1.number);
            let (line, task) = &mut tasks[at];
            task.dependencies.blocked_by.retain(|edge| edge.task_id != on);
            self.skip(*line, format!("{} waits for {number}", task.number), reason);
        }
        Ok(())
    }

    /// People and states that do not exist here: what nobody can hold is ready again.
    fn settle(&mut self, line: usize, task: &mut Task, open: &HashSet<TaskId>) {
        task.dependencies.blocking.clear();
        task.metadata.max_retries = task.metadata.max_retries.min(1_000_000);
        task.execution.progress = task.execution.progress.min(100);
        if task.sprint_id.is_some_and(|sprint| !self.sprint_ids.contains(&sprint)) {
            task.sprint_id = None;
        }
        let rename = |id: &mut AgentId| *id = self.renamed.get(id).copied().unwrap_or(*id);
        if let Some(assignment) = &mut task.assignment {
            rename(&mut assignment.primary_agent);
            assignment.collaborators.iter_mut().for_each(rename);
        }
        if let Some(claim) = &mut task.claim {
            rename(&mut claim.agent_id);
        }
        if let Some(agent) = task.admission.as_mut().and_then(|admission| admission.agent_id.as_mut()) {
            rename(agent);
        }
        let lost = task.agent().is_some_and(|agent| !self.agent_ids.contains(&agent));
        let idle = task.status == Status::Executing && !open.contains(&task.task_id);
        if lost {
            (task.assignment, task.claim) = (None, None);
        }
        if (lost || idle) && task.status.is_held() {
            (task.claim, task.status) = (None, Status::Queued);
            self.warn(line, task.number.to_string(), "nobody is at it here, so it came in as ready");
        }
    }

    /// Attempts, questions and remarks of tasks that are there.
    fn history(&mut self) -> Stored<Vec<Record>> {
        let mut rows = Vec::new();
        for (line, mut attempt) in std::mem::take(&mut self.attempts) {
            attempt.agent_id = self.renamed.get(&attempt.agent_id).copied().unwrap_or(attempt.agent_id);
            let runs = attempt.ended_at.is_none();
            if runs && self.resting.contains(&attempt.task_id) {
                self.skip(line, "attempt", "it is open, but its task is not being worked on");
            } else if self.exists(attempt.task_id)? {
                rows.push(Record::Attempt(Box::new(attempt)));
            } else {
                self.skip(line, "attempt", "its task is not there");
            }
        }
        let mut asks = std::mem::take(&mut self.asks);
        asks.sort_by_key(|(_, ask)| ask.number);
        for (line, mut ask) in asks {
            for choice in &mut ask.choices {
                if let Remedy::Reassign { agent_id } = &mut choice.remedy {
                    *agent_id = self.renamed.get(agent_id).copied().unwrap_or(*agent_id);
                }
            }
            match ask.task_id {
                Some(task) if !self.exists(task)? => self.skip(line, ask.label(), "its task is not there"),
                _ => rows.push(Record::Escalation(Box::new(ask))),
            }
        }
        for (line, comment) in std::mem::take(&mut self.comments) {
            if self.exists(comment.task_id)? {
                rows.push(Record::Comment(Box::new(comment)));
            } else {
                self.skip(line, "comment", "its task is not there");
            }
        }
        Ok(rows)
    }
}

/// Why no board can hold this task.
fn flaw(task: &Task) -> Option<&'static str> {
    let checks = [
        (task.title.trim().is_empty(), "it has no title"),
        (task.title.len() > MAX_TITLE, "its title is too long"),
        (task.description.len() > MAX_DESCRIPTION, "its text is too long"),
        (task.metadata.story_points.is_some_and(|p| !(0.0..=10_000.0).contains(&p)), "story points are 0 to 10000"),
        (task.requirements.capabilities.values().any(|level| !(1..=5).contains(level)), "a skill level is 1 to 5"),
        (task.number.0 < 1, "task numbers count from 1"),
    ];
    checks.into_iter().find_map(|(bad, why)| bad.then_some(why))
}

impl Report {
    fn empty(kind: &'static str, skipped: Vec<Skipped>) -> Self {
        Self {
            kind,
            tasks: Counts::default(),
            dependencies: 0,
            parents: 0,
            implied_parents: 0,
            mentions: 0,
            comments: 0,
            records: 0,
            skipped,
            warnings: Vec::new(),
            change: None,
        }
    }
}
