//! A world that random steps act on, and what must hold in it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use proptest::prelude::*;
use serde_json::Value;
use vayu::domain::attempt::Failure;
use vayu::domain::command::{NewAgent, NewEscalation, NewSprint, NewTask, Report, TaskField};
use vayu::domain::sprint::{Alternative, Layout, LeftOut, Slot, Stage};
use vayu::domain::task::{AssignmentMethod, BlockerKind, Dependency, Task};
use vayu::domain::{
    Actor, AgentId, AgentKind, ClaimToken, Command, EscalationKind, Fence, Lane, Level, Policy, Priority, Record,
    RecordId, SprintId, Status, TaskId, TaskNumber, Zone,
};
use vayu::service::env::{CountedIds, FrozenClock};
use vayu::service::{Done, Error, Service, Undo};
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, Page};

use super::rows::Rows;

/// Ids of imported tasks are numbers up to this.
const IMPORTED: u128 = 40;

/// One random step; numbers choose among what there is.
#[derive(Debug, Clone)]
pub enum Step {
    Create {
        parent: usize,
        depends_on: Option<usize>,
        critical: bool,
        backlog: bool,
        package: bool,
    },
    Edit(usize, u8),
    Move(usize, u8),
    Depend(usize, usize),
    Undepend(usize),
    Assign(usize, usize),
    Claim(usize, Option<usize>),
    Start(usize),
    Progress(usize, u8),
    Pause(usize),
    Resume(usize),
    Block(usize),
    Unblock(usize),
    Submit(usize),
    Review(usize, bool),
    Complete(usize),
    Fail(usize, bool),
    Retry(usize),
    Release(usize),
    Expire(usize),
    Cancel(usize),
    Reopen(usize),
    Answer(usize, usize),
    Comment(usize),
    Limits(u8),
    Expedite(usize),
    Advance(u16),
    /// A task comes from elsewhere, like one that is here, with a number of its own and perhaps at its end.
    Import {
        like: usize,
        number: i64,
        closed: Option<bool>,
    },
    /// A sprint is written down.
    Sprint,
    /// A task goes into the n-th sprint, or out of its own.
    Join(usize, Option<usize>),
    /// Some tasks of a sprint are planned.
    Plan(usize, u8),
    /// The n-th sprint begins or ends; what is left goes to another.
    Begin(usize),
    End(usize, Option<usize>),
    /// A change of its plan is proposed, accepted or dropped.
    Propose(usize, u8),
    Settle(usize, bool),
    Undo {
        anybodys: bool,
    },
    Redo {
        anybodys: bool,
    },
}

pub fn steps(count: Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), count)
}

/// The same, and some of it taken back and done again by different people.
pub fn steps_to_and_fro(count: Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    let either = prop_oneof![
        8 => step(),
        2 => any::<bool>().prop_map(|anybodys| Step::Undo { anybodys }),
        1 => any::<bool>().prop_map(|anybodys| Step::Redo { anybodys }),
    ];
    prop::collection::vec(either, count)
}

fn step() -> impl Strategy<Value = Step> {
    let task = || 0..24_usize;
    prop_oneof![
        6 => (task(), prop::option::of(task()), prop::bool::weighted(0.2), prop::bool::weighted(0.2), prop::bool::weighted(0.2))
            .prop_map(|(parent, depends_on, critical, backlog, package)| Step::Create { parent, depends_on, critical, backlog, package }),
        1 => (task(), any::<u8>()).prop_map(|(t, n)| Step::Edit(t, n)),
        2 => (task(), 0..5_u8).prop_map(|(t, lane)| Step::Move(t, lane)),
        3 => (task(), task()).prop_map(|(a, b)| Step::Depend(a, b)),
        1 => task().prop_map(Step::Undepend),
        2 => (task(), 0..3_usize).prop_map(|(t, a)| Step::Assign(t, a)),
        5 => (0..3_usize, prop::option::of(task())).prop_map(|(a, t)| Step::Claim(a, t)),
        4 => task().prop_map(Step::Start),
        2 => (task(), 0..=100_u8).prop_map(|(t, n)| Step::Progress(t, n)),
        1 => task().prop_map(Step::Pause),
        1 => task().prop_map(Step::Resume),
        2 => task().prop_map(Step::Block),
        1 => task().prop_map(Step::Unblock),
        4 => task().prop_map(Step::Submit),
        2 => (task(), any::<bool>()).prop_map(|(t, ok)| Step::Review(t, ok)),
        2 => task().prop_map(Step::Complete),
        2 => (task(), any::<bool>()).prop_map(|(t, retry)| Step::Fail(t, retry)),
        1 => task().prop_map(Step::Retry),
        1 => task().prop_map(Step::Release),
        1 => task().prop_map(Step::Expire),
        1 => task().prop_map(Step::Cancel),
        1 => task().prop_map(Step::Reopen),
        2 => (0..4_usize, 0..3_usize).prop_map(|(ask, choice)| Step::Answer(ask, choice)),
        1 => task().prop_map(Step::Comment),
        1 => (0..4_u8).prop_map(Step::Limits),
        1 => task().prop_map(Step::Expedite),
        2 => (1..600_u16).prop_map(Step::Advance),
        1 => Just(Step::Sprint),
        3 => (task(), prop::option::weighted(0.8, 0..4_usize)).prop_map(|(t, s)| Step::Join(t, s)),
        1 => (0..4_usize, any::<u8>()).prop_map(|(s, n)| Step::Plan(s, n)),
        1 => (0..4_usize).prop_map(Step::Begin),
        1 => (0..4_usize, prop::option::of(0..4_usize)).prop_map(|(s, to)| Step::End(s, to)),
        1 => (0..4_usize, any::<u8>()).prop_map(|(s, n)| Step::Propose(s, n)),
        1 => (0..4_usize, any::<bool>()).prop_map(|(s, yes)| Step::Settle(s, yes)),
        1 => (task(), 1..=IMPORTED as i64, prop::option::of(any::<bool>()))
            .prop_map(|(like, number, closed)| Step::Import { like, number, closed }),
    ]
}

pub struct World {
    service: Service,
    clock: FrozenClock,
    human: Actor,
    agents: Vec<AgentId>,
    tasks: Vec<TaskId>,
    tokens: BTreeMap<TaskId, ClaimToken>,
    changes: usize,
}

impl World {
    pub fn new(steps: &[Step]) -> Self {
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().unwrap();
        let clock = FrozenClock::at(start);
        let store = Board::in_memory().unwrap();
        let ids = CountedIds::seeded(steps.len() as u64);
        let service = Service::with(Box::new(store), Arc::new(clock.clone()), Box::new(ids));
        let human = Actor::human("po");
        let mut world =
            Self { service, clock, human, agents: Vec::new(), tasks: Vec::new(), tokens: BTreeMap::new(), changes: 0 };
        for (name, kind) in [("ada", AgentKind::Ai), ("bob", AgentKind::Ai), ("po", AgentKind::Human)] {
            world.add_agent(name, kind);
        }
        world
    }

    fn add_agent(&mut self, name: &str, kind: AgentKind) {
        let new = NewAgent {
            name: name.into(),
            kind,
            role: None,
            skills: BTreeMap::new(),
            wip_limit: 3,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        };
        self.service.submit(&Actor::system("setup"), Command::AddAgent(Box::new(new))).unwrap();
        self.agents.push(self.service.read().agent_named(name).unwrap().unwrap().agent_id);
    }

    fn task(&self, n: usize) -> Option<TaskId> {
        (!self.tasks.is_empty()).then(|| self.tasks[n % self.tasks.len()])
    }

    fn fence(&self, id: TaskId) -> Fence {
        self.tokens.get(&id).map_or(Fence::None, |token| Fence::Token(*token))
    }

    /// Takes a step; a refusal is as good as a success, a failure of the world is not.
    pub fn take(&mut self, step: &Step) {
        if let Step::Advance(minutes) = step {
            self.clock.advance(Duration::minutes(i64::from(*minutes)));
            return;
        }
        let Some(result) = self.attempt(step) else { return };
        match result {
            Ok(done) => {
                self.changes += usize::from(done.change.is_some());
                if let Some(claimed) = &done.claimed {
                    self.tokens.insert(claimed.task_id, claimed.token);
                }
                if matches!(step, Step::Create { .. } | Step::Import { .. }) {
                    self.tasks.extend(done.task());
                }
            }
            Err(error) => assert!(error.rejection().is_some(), "{step:?}: {error}"),
        }
    }

    fn attempt(&mut self, step: &Step) -> Option<Result<Done, Error>> {
        match step {
            Step::Undo { anybodys: true } => Some(self.service.undo(&self.human, Undo::Any)),
            Step::Undo { anybodys: false } => Some(self.service.undo(&Actor::agent("ada"), Undo::Own)),
            Step::Redo { anybodys } => Some(self.service.redo(&self.human, *anybodys)),
            step => {
                let (actor, command) = self.command(step)?;
                Some(self.service.submit(&actor, command))
            }
        }
    }

    fn command(&self, step: &Step) -> Option<(Actor, Command)> {
        let human = self.human.clone();
        let ada = Actor::agent("ada");
        Some(match step {
            Step::Create { parent, depends_on, critical, backlog, package } => {
                (human, self.create(*parent, *depends_on, *critical, *backlog, *package))
            }
            Step::Edit(t, n) => {
                let changes = vec![TaskField::Title(format!("title {n}")), TaskField::Points(Some(f64::from(n % 13)))];
                (human, Command::EditTask { task_id: self.task(*t)?, changes, expected_rev: None })
            }
            Step::Move(t, lane) => {
                let (task_id, lane) = (self.task(*t)?, Lane::ALL[usize::from(*lane)]);
                (human, Command::MoveTask { task_id, lane, agent_id: Some(self.agents[2]), fence: Fence::Force })
            }
            Step::Depend(t, on) => {
                let (task_id, on) = (self.task(*t)?, self.task(*on)?);
                (human, Command::AddDependency { task_id, dependency: Dependency::sequential(on) })
            }
            Step::Undepend(t) => {
                let task = self.service.read().task(self.task(*t)?).unwrap()?;
                let on = task.dependencies.blocked_by.first()?.task_id;
                (human, Command::RemoveDependency { task_id: task.task_id, on })
            }
            Step::Assign(t, agent) => {
                let (agent_id, method) = (self.agents[*agent], AssignmentMethod::Assigned);
                (
                    human,
                    Command::AssignTask { task_id: self.task(*t)?, agent_id, method, why: None, fence: Fence::None },
                )
            }
            Step::Claim(agent, wanted) => {
                let task_id = match wanted {
                    Some(t) => Some(self.task(*t)?),
                    None => None,
                };
                (ada, Command::ClaimTask { agent_id: self.agents[*agent], task_id, lease_seconds: Some(60) })
            }
            Step::Answer(ask, choice) => {
                let asks = self.service.read().escalations(false, &self.service.now()).unwrap();
                let escalation_id = asks.get(*ask)?.escalation.escalation_id;
                let words = (*choice == 2).then(|| "as you like".to_owned());
                let choice = (*choice < 2).then_some(*choice);
                (human, Command::AnswerEscalation { escalation_id, choice, words })
            }
            Step::Limits(n) => {
                let wip = if *n == 0 {
                    BTreeMap::new()
                } else {
                    Lane::LIMITED.iter().map(|lane| (*lane, u32::from(*n) + 1)).collect()
                };
                (human, Command::Configure(Box::new(Policy { wip, ..Policy::default() })))
            }
            Step::Expire(t) => {
                let task = self.service.read().task(self.task(*t)?).unwrap()?;
                let (epoch, reason) = (task.claim?.epoch, "no heartbeat".to_owned());
                (Actor::system("orchestrator"), Command::ExpireClaim { task_id: task.task_id, epoch, reason })
            }
            Step::Import { like, number, closed } => (human, self.import(self.task(*like)?, *number, *closed)?),
            other => return self.about_sprints(other).or_else(|| self.simple(other)),
        })
    }

    fn about_sprints(&self, step: &Step) -> Option<(Actor, Command)> {
        let sprint = |n: usize| self.service.read().sprints().unwrap().get(n).map(|sprint| sprint.sprint_id);
        let command = match step {
            Step::Sprint => {
                let starts_at = self.service.now().wall;
                Command::CreateSprint(Box::new(NewSprint {
                    sprint_id: None,
                    name: None,
                    goal: String::new(),
                    starts_at,
                    ends_at: starts_at + Duration::days(10),
                    objectives: Vec::new(),
                    capacity_minutes: Some(600),
                }))
            }
            Step::Join(t, n) => {
                let changes = vec![TaskField::Sprint(match n {
                    Some(n) => Some(sprint(*n)?),
                    None => None,
                })];
                Command::EditTask { task_id: self.task(*t)?, changes, expected_rev: None }
            }
            Step::Plan(n, seed) => {
                let sprint_id = sprint(*n)?;
                Command::SetPlan { sprint_id, layout: Box::new(self.layout(sprint_id, *seed)) }
            }
            Step::Begin(n) => Command::StartSprint { sprint_id: sprint(*n)? },
            Step::End(n, to) => {
                let carry_to = match to {
                    Some(to) => Some(sprint(*to)?),
                    None => None,
                };
                Command::CloseSprint { sprint_id: sprint(*n)?, carry_to }
            }
            Step::Propose(n, seed) => {
                let sprint_id = sprint(*n)?;
                let layout = self.layout(sprint_id, *seed);
                let options = vec![Alternative { label: "so".into(), layout, ..Alternative::default() }];
                let question = (seed % 2 == 0).then(|| {
                    Box::new(NewEscalation {
                        kind: EscalationKind::Decision,
                        task_id: None,
                        topic: "plan".into(),
                        question: "it rains; change the plan?".into(),
                        context: String::new(),
                        impact: String::new(),
                        choices: Vec::new(),
                        recommended: None,
                        otherwise: String::new(),
                    })
                });
                Command::ProposePlan { sprint_id, cause: "it rains".into(), options, question }
            }
            Step::Settle(n, accept) => {
                let sprint_id = sprint(*n)?;
                let proposal_id = self.service.read().proposal(sprint_id).unwrap()?.proposal_id;
                if *accept {
                    Command::AcceptPlan { sprint_id, proposal_id, option: 0 }
                } else {
                    Command::DropProposal { sprint_id, proposal_id, reason: None }
                }
            }
            _ => return None,
        };
        Some((self.human.clone(), command))
    }

    /// Some of the sprint's tasks one after the other, the rest left out.
    fn layout(&self, sprint: SprintId, seed: u8) -> Layout {
        let filter = Filter { sprint: Some(sprint), archived: true, ..Filter::default() };
        let mut layout = Layout::default();
        let mut starts_at = self.service.now().wall;
        self.service
            .read()
            .each_task(&filter, Page::ALL, &mut |task| {
                let (task_id, minutes) = (task.task_id, 30);
                if task.number.0 % 3 == i64::from(seed % 3) {
                    layout.left_out.push(LeftOut { task_id, minutes, reason: "capacity".into() });
                    return Ok(());
                }
                let agent_id = Some(self.agents[usize::from(seed) % self.agents.len()]);
                let ends_at = starts_at + Duration::minutes(30);
                layout.slots.push(Slot { task_id, stage: Stage::Work, agent_id, starts_at, ends_at, minutes });
                starts_at = ends_at;
                Ok(())
            })
            .unwrap();
        layout
    }

    fn create(
        &self,
        parent: usize,
        depends_on: Option<usize>,
        critical: bool,
        backlog: bool,
        package: bool,
    ) -> Command {
        let is_package =
            |id: &TaskId| self.service.read().task(*id).unwrap().is_some_and(|task| task.level == Level::Package);
        Command::CreateTask(Box::new(NewTask {
            title: "a task".into(),
            level: package.then_some(Level::Package),
            parent_id: self.task(parent).filter(is_package),
            blocked_by: depends_on.and_then(|n| self.task(n)).map(Dependency::sequential).into_iter().collect(),
            priority: critical.then_some(Priority::Critical),
            backlog,
            ..NewTask::default()
        }))
    }

    fn import(&self, like: TaskId, number: i64, closed: Option<bool>) -> Option<Command> {
        let like = self.service.read().task(like).unwrap()?;
        let status = match closed {
            Some(true) => Status::Completed,
            Some(false) => Status::Cancelled,
            None => Status::Created,
        };
        let task_id = TaskId(uuid::Uuid::from_u128(u128::from(number.unsigned_abs())));
        Some(Command::ImportTask(Box::new(Task {
            task_id,
            number: TaskNumber(number),
            status,
            assignment: None,
            claim: None,
            admission: None,
            blocker: None,
            expedite: false,
            ..like
        })))
    }

    /// Steps about one task, by its worker where there is one.
    fn simple(&self, step: &Step) -> Option<(Actor, Command)> {
        let (Step::Start(t)
        | Step::Progress(t, _)
        | Step::Pause(t)
        | Step::Resume(t)
        | Step::Block(t)
        | Step::Unblock(t)
        | Step::Submit(t)
        | Step::Review(t, _)
        | Step::Complete(t)
        | Step::Fail(t, _)
        | Step::Retry(t)
        | Step::Release(t)
        | Step::Cancel(t)
        | Step::Reopen(t)
        | Step::Comment(t)
        | Step::Expedite(t)) = step
        else {
            return None;
        };
        let task_id = self.task(*t)?;
        let fence = self.fence(task_id);
        let report = Report { summary: Some("tried".into()), ..Report::default() };
        let (human, ada) = (self.human.clone(), Actor::agent("ada"));
        Some(match step {
            Step::Start(_) => (ada, Command::StartTask { task_id, fence, workspace: None }),
            Step::Progress(_, n) => {
                (ada, Command::ReportProgress { task_id, fence, progress: Some(*n), step: None, artifacts: Vec::new() })
            }
            Step::Pause(_) => (ada, Command::PauseTask { task_id, fence, reason: None }),
            Step::Resume(_) => (ada, Command::ResumeTask { task_id, fence }),
            Step::Block(_) => {
                (ada, Command::BlockTask { task_id, fence, kind: BlockerKind::Input, reason: "which colour?".into() })
            }
            Step::Unblock(_) => (human, Command::UnblockTask { task_id }),
            Step::Submit(_) => (ada, Command::SubmitTask { task_id, fence, report }),
            Step::Review(_, passed) => {
                (human, Command::ReviewTask { task_id, passed: *passed, feedback: None, score: Some(80) })
            }
            Step::Complete(_) => {
                let agent_id = Some(self.agents[2]);
                (human, Command::CompleteTask { task_id, fence: Fence::Force, agent_id, report })
            }
            Step::Fail(_, retry) => {
                let failure = if *retry { Failure::Exit } else { Failure::Refused };
                (ada, Command::FailTask { task_id, fence, failure, report })
            }
            Step::Retry(_) => (human, Command::RetryTask { task_id }),
            Step::Release(_) => (human, Command::ReleaseTask { task_id, fence: Fence::Force, reason: None }),
            Step::Cancel(_) => (human, Command::CancelTask { task_id, reason: None }),
            Step::Reopen(_) => (human, Command::ReopenTask { task_id }),
            Step::Comment(_) => (human, Command::Comment { task_id, text: "hm".into(), author: None, at: None }),
            _ => {
                let changes = vec![TaskField::Expedite(true)];
                (human, Command::EditTask { task_id, changes, expected_rev: None })
            }
        })
    }

    fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        self.service
            .read()
            .each_record(&mut |record| {
                records.push(record);
                Ok(())
            })
            .unwrap();
        records
    }

    /// All rows as JSON by id, without what only ever goes forward.
    pub fn rows(&self) -> BTreeMap<String, Value> {
        self.records().iter().map(bare).collect()
    }

    /// Takes back every change that a step made, newest first; how many there were.
    pub fn undo_all(&mut self) -> usize {
        for _ in 0..self.changes {
            self.service.undo(&self.human, Undo::Any).unwrap();
        }
        self.changes
    }

    pub fn redo_all(&mut self) -> usize {
        let mut count = 0;
        while self.service.redo(&self.human, true).is_ok() {
            count += 1;
        }
        count
    }

    pub fn undo_one(&mut self) {
        let _nothing_to_undo = self.service.undo(&self.human, Undo::Own);
    }

    /// Rows that differ from what the log says.
    pub fn misremembered(&self) -> Vec<(RecordId, String)> {
        self.service.audit(10).unwrap().differences
    }

    pub fn check_invariants(&self) {
        let imported = |task: &Task| task.task_id.0.as_u128() <= IMPORTED;
        Rows::of(&self.service).check(&self.service, &imported);
    }
}

fn bare(record: &Record) -> (String, Value) {
    let mut value = serde_json::to_value(record).unwrap();
    let fields = value.as_object_mut().unwrap();
    for forward in ["rev", "updated_at", "epoch"] {
        fields.remove(forward);
    }
    (format!("{:?}", record.id()), value)
}
