//! What happened before the curtain rises: three closed sprints and one under way, played with a clock that is held.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{Datelike, Duration, Weekday};

use super::agenda::{Agenda, Happening, at_work};
use super::clock::DemoClock;
use super::play::{Pace, Planned, Play};
use super::script::{Item, Script, Threat};
use super::worker::{Job, Worker};
use crate::domain::command::{NewTask, TaskField};
use crate::domain::policy::{ReviewPolicy, Strategy};
use crate::domain::{Actor, AgentKind, Command, Lane, Level, Policy, Priority, Risk, Task, TaskId, Timestamp};
use crate::service::env::{CountedIds, RandomIds};
use crate::service::{Error, Service};
use crate::store::Store;
use crate::store::view::{Filter, Page};

/// The same play every time.
const SEED: u64 = 14;
/// Tasks of each closed sprint.
const PAST: usize = 29;
/// Closed sprints.
const CLOSED: usize = 3;

/// The Monday afternoon, some days ago, on which the curtain rises: the sixth working day of a sprint. The demo's time
/// runs faster than the host's from there, and nothing in it lies in the future.
pub(super) fn curtain(real: Timestamp) -> Timestamp {
    let day = real - Duration::days(2);
    let monday = day - Duration::days(i64::from(day.weekday().days_since(Weekday::Mon)));
    monday.date_naive().and_hms_opt(14, 5, 0).map_or(monday, |local| local.and_utc())
}

/// Writes the history into an empty board; the play can go on from there.
///
/// # Errors
/// When the board cannot be written.
pub(super) fn write(store: Box<dyn Store>, clock: &DemoClock, curtain: Timestamp) -> Result<Play, Error> {
    let first_monday = curtain - Duration::minutes(5 * 60 + 5) - Duration::days(7 + 14 * CLOSED as i64);
    clock.set(first_monday - Duration::hours(1));
    let ids = Box::new(CountedIds::seeded(SEED));
    let service = Service::with(store, Arc::new(clock.clone()), ids).relaxed();
    let script = Script::payments();
    let mut play = Play {
        service,
        clock: clock.clone(),
        rng: fastrand::Rng::with_seed(SEED),
        owner: Actor::human(&script.owner),
        workers: Vec::new(),
        agenda: Agenda::default(),
        pace: Pace::HISTORY,
        epics: Vec::new(),
        upcoming: VecDeque::new(),
        asked: 0,
        came_in: 0,
        planned: 0,
        script,
    };
    play.found(first_monday)?;
    play.go_on(curtain - Duration::minutes(40), true)?;
    play.take_stock()?;
    play.last_scene(curtain)?;
    Ok(play)
}

impl Play {
    /// Settings, people, bundles, plans.
    fn found(&mut self, monday: Timestamp) -> Result<(), Error> {
        let owner = self.owner.clone();
        let policy = policy(&self.script.project);
        self.service.submit(&owner, Command::Configure(Box::new(policy)))?;
        for member in self.script.agents.clone() {
            self.service.submit(&owner, Command::AddAgent(Box::new(member.joins())))?;
            let agent = self.service.read().agent_named(&member.name)?;
            let agent = agent.expect("an agent who just joined is there");
            let actor = match agent.kind {
                AgentKind::Human => Actor::human(&agent.name),
                AgentKind::Ai => Actor::agent(&agent.name),
            };
            self.workers.push(Worker { agent, actor, jobs: Vec::new() });
        }
        self.bundle(&owner)?;
        let (sprints, backlog) = distribute(&self.script, &mut self.rng);
        self.upcoming = sprints;
        let later: Vec<Command> = backlog.into_iter().map(|item| self.create(item, None)).collect();
        self.clock.set(monday);
        self.begin_sprints(monday)?;
        for worker in 0..self.workers.len() {
            let minutes = self.between((0.0, 2000.0));
            self.plan_in(minutes, Happening::Look(worker));
        }
        self.plan_in(30.0, Happening::Rounds);
        // The backlog is written down in the course of the second sprint.
        self.go_on(at_work(monday + Duration::days(17)), true)?;
        self.service.submit_all(&owner, &later).map(|_| ())
    }

    fn bundle(&mut self, owner: &Actor) -> Result<(), Error> {
        for epic in self.script.epics.clone() {
            let id = self.service.submit(
                owner,
                Command::CreateTask(Box::new(NewTask {
                    title: epic.name,
                    level: Some(Level::Package),
                    backlog: true,
                    ..NewTask::default()
                })),
            )?;
            self.epics.extend(id.task());
        }
        Ok(())
    }

    /// What may come in between in the running sprint.
    fn take_stock(&mut self) -> Result<(), Error> {
        let active = self.service.read().sprint_named("active")?.map(|sprint| sprint.sprint_id);
        let own = Filter { sprint: active, ..Filter::default() };
        let tasks = self.service.read().list_tasks(&own, Page { offset: 0, limit: 2 * PAST })?;
        let risk = |(threat, number): (&Threat, u32)| Risk {
            number,
            name: threat.name.clone(),
            chance: threat.chance,
            minutes: threat.hours.map(|hours| hours * 60),
            task_id: tasks.iter().find(|task| threat.task.as_ref() == Some(&task.title)).map(|task| task.task_id),
            sprint_id: None,
        };
        let risks = self.script.risks.iter().zip(1..).map(risk).collect();
        let policy = Policy { risks, ..self.service.read().policy()? };
        self.service.submit(&self.owner, Command::Configure(Box::new(policy))).map(|_| ())
    }

    /// The last minutes: hands are full, one result and one question wait for the human.
    fn last_scene(&mut self, curtain: Timestamp) -> Result<(), Error> {
        let before = |minutes: i64| curtain - Duration::minutes(minutes);
        self.pace = Pace { patience: 10_000, gap: (1.0, 6.0), hours: false, asks: 0, ..Pace::HISTORY };
        for worker in 0..self.workers.len() {
            self.agenda.plan(before(39 - 2 * worker as i64), Happening::Look(worker));
        }
        self.go_on(before(22), true)?;
        self.clock.set(before(22));
        let urgent = self.take_job(|_, task| task.priority == Priority::Critical)?;
        let any = if urgent.is_none() { self.take_job(|worker, _| worker.agent.kind == AgentKind::Ai)? } else { None };
        if let Some((index, job)) = urgent.or(any) {
            let changes = vec![TaskField::Priority(Priority::Critical)];
            let (owner, task_id) = (self.owner.clone(), job.task_id);
            self.attempt(&owner, &[Command::EditTask { task_id, changes, expected_rev: None }])?;
            self.hand_in(index, &job)?;
        }
        self.go_on(before(14), true)?;
        self.clock.set(before(14));
        self.asked = 0;
        if let Some((index, job)) = self.take_job(|worker, _| worker.agent.kind == AgentKind::Ai)? {
            self.ask(index, &job)?;
        }
        self.go_on(curtain, true)?;
        self.clock.set(curtain);
        self.pace = Pace::LIVE;
        self.agenda = self.curtain_agenda();
        Ok(())
    }

    /// Takes the first job that is wanted out of its worker's hands.
    fn take_job(&mut self, wanted: impl Fn(&Worker, &Task) -> bool) -> Result<Option<(usize, Job)>, Error> {
        for index in 0..self.workers.len() {
            for at in 0..self.workers[index].jobs.len() {
                let task = self.service.read().task(self.workers[index].jobs[at].task_id)?;
                if task.is_some_and(|task| wanted(&self.workers[index], &task)) {
                    return Ok(Some((index, self.workers[index].jobs.remove(at))));
                }
            }
        }
        Ok(None)
    }

    /// What is under way goes on at the pace of the demo.
    fn curtain_agenda(&mut self) -> Agenda {
        let mut agenda = Agenda::default();
        let now = self.now();
        let in_minutes = |minutes: f64| now + Duration::milliseconds((minutes * 60_000.0) as i64);
        for index in 0..self.workers.len() {
            agenda.plan(in_minutes(2.0 + index as f64), Happening::Look(index));
            for job in &mut self.workers[index].jobs {
                job.quicken(Pace::LIVE.minutes_per_point / Pace::HISTORY.minutes_per_point);
                agenda.plan(in_minutes(4.0 + 5.0 * index as f64), Happening::Move(index, job.key));
            }
        }
        agenda.plan(in_minutes(10.0), Happening::Rounds);
        agenda.plan(in_minutes(35.0), Happening::Incoming);
        if let Ok(Some(sprint)) = self.service.read().sprint_named("active") {
            agenda.plan(sprint.ends_at, Happening::SprintEnds(sprint.sprint_id));
        }
        agenda
    }
}

fn policy(project: &str) -> Policy {
    Policy {
        project: project.into(),
        strategy: Strategy::Hybrid,
        review: ReviewPolicy::Critical,
        wip: [(Lane::Ready, 8), (Lane::InProgress, 8), (Lane::Review, 3)].into(),
        lease_seconds: 30,
        retry_base_seconds: 900,
        retry_cap_seconds: 7200,
        aging_hours: 48,
        ..Policy::default()
    }
}

/// Which item belongs to which sprint, and what is left for the backlog. What waits for another item comes no earlier.
fn distribute(script: &Script, rng: &mut fastrand::Rng) -> (VecDeque<Vec<Planned>>, Vec<Planned>) {
    let mut chains = chains(script.items());
    rng.shuffle(&mut chains);
    let mut past: Vec<Vec<Planned>> = vec![Vec::new(); CLOSED];
    let (mut current, mut backlog) = (Vec::new(), Vec::new());
    let mut filler = 0;
    for chain in chains {
        let wanted = |planned: &Planned| script.current.contains(&planned.item.task.title);
        if let Some(last) = chain.iter().rposition(wanted) {
            let later = |(place, planned)| Planned { later: place > last, ..planned };
            current.extend(chain.into_iter().enumerate().map(later));
        } else if let Some(sprint) = past.iter_mut().find(|sprint| sprint.len() < PAST) {
            sprint.extend(chain);
        } else if filler < PAST - 6 - script.current.len() {
            filler += chain.len();
            current.extend(chain);
        } else {
            backlog.extend(chain);
        }
    }
    past.push(current);
    (past.into(), backlog)
}

/// Items with ids; those that follow one another stay together.
fn chains(items: Vec<Item>) -> Vec<Vec<Planned>> {
    let mut chains: Vec<Vec<Planned>> = Vec::new();
    for item in items {
        let id = TaskId(crate::domain::Ids::next(&mut RandomIds));
        let last = chains.last_mut().filter(|_| item.follows);
        let after = last.as_ref().and_then(|chain| chain.last()).map(|planned| planned.id);
        match last {
            Some(chain) => chain.push(Planned { item, id, after, later: false }),
            None => chains.push(vec![Planned { item, id, after, later: false }]),
        }
    }
    chains
}
