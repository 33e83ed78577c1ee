//! The product owner of the play: plans sprints, answers what nobody else answers, keeps the board supplied.

use chrono::{Datelike, Duration, Weekday};

use super::agenda::Happening;
use super::play::{Planned, Play};
use super::script::new_task;
use crate::domain::command::{NewSprint, NewTask, TaskField};
use crate::domain::task::Dependency;
use crate::domain::{Actor, Command, Escalation, EscalationKind, Lane, Level, SprintId, Status, TaskId, Timestamp};
use crate::orchestrator::NAME;
use crate::service::Error;
use crate::store::view::{Concern, Filter, Page};

/// Number of the first sprint.
const FIRST_SPRINT: usize = 11;
/// Cards in Ready below which the owner brings more.
const SUPPLY: u64 = 4;
/// Tasks that a sprint of the running demo begins with.
const SPRINT: usize = 24;

impl Play {
    /// Answers what has waited too long, and brings work when it runs out.
    pub(super) fn rounds(&mut self) -> Result<(), Error> {
        let now = self.service.now();
        for row in self.service.read().escalations(false, &now)? {
            // Some questions wait a little longer than others.
            let patience = self.pace.patience + row.escalation.number * 37 % 60;
            if now.wall - row.escalation.raised_at >= Duration::minutes(patience) {
                self.answer(&row.escalation)?;
            }
        }
        if self.pace.hours {
            self.queue_retries()?;
        } else {
            self.supply()?;
        }
        self.plan_in(if self.pace.hours { 45.0 } else { 10.0 }, Happening::Rounds);
        Ok(())
    }

    /// What the orchestrator did in those days.
    fn queue_retries(&mut self) -> Result<(), Error> {
        let vayu = Actor::system(NAME);
        for task in self.service.read().concerns(Concern::RetryDue, 10, &self.service.now())? {
            self.attempt(&vayu, &[Command::RetryTask { task_id: task.task_id }])?;
        }
        Ok(())
    }

    fn answer(&mut self, ask: &Escalation) -> Result<(), Error> {
        let owner = self.owner.clone();
        let send_back = ask.kind == EscalationKind::Approval && self.rng.f64() < 0.2;
        let command = if let Some(task_id) = ask.task_id.filter(|_| send_back) {
            let feedback = Some(self.pick(&self.script.words.feedback.clone()));
            Command::ReviewTask { task_id, passed: false, feedback, score: Some(55) }
        } else {
            let words = ask.choices.is_empty().then(|| "Yes, go on.".to_owned());
            let choice = (!ask.choices.is_empty()).then_some(ask.recommended.unwrap_or(0));
            Command::AnswerEscalation { escalation_id: ask.escalation_id, choice, words }
        };
        self.attempt(&owner, &[command]).map(|_| ())
    }

    /// Brings cards from the backlog into the sprint while few are ready, and new ones when the backlog is short.
    fn supply(&mut self) -> Result<(), Error> {
        let owner = self.owner.clone();
        let summary = self.service.read().summary(&Filter::default(), &self.service.now())?;
        let ready = summary.lanes.iter().find(|lane| lane.lane == Lane::Ready).map_or(0, |lane| lane.total);
        let Some(sprint) = summary.sprint.filter(|_| ready < SUPPLY) else { return Ok(()) };
        let waiting = self.backlog(3)?;
        if waiting.is_empty() {
            return self.follow_up();
        }
        for task_id in waiting {
            let changes = vec![TaskField::Sprint(Some(sprint.sprint_id))];
            let edit = Command::EditTask { task_id, changes, expected_rev: None };
            self.attempt(&owner, &[edit, Command::QueueTask { task_id }])?;
        }
        Ok(())
    }

    /// Tasks of the backlog that wait for nothing but a decision.
    fn backlog(&self, most: usize) -> Result<Vec<TaskId>, Error> {
        let filter = Filter { statuses: vec![Status::Created], levels: vec![Level::Task], ..Filter::default() };
        let page = Page { offset: 0, limit: most };
        let cards = self.service.read().list_cards(&filter, page)?;
        Ok(cards.iter().filter(|card| card.queue_lane.is_none()).map(|card| card.task_id).collect())
    }

    fn follow_up(&mut self) -> Result<(), Error> {
        let owner = self.owner.clone();
        let items = self.script.items();
        let Some(item) = self.rng.choice(&items).cloned() else { return Ok(()) };
        let title = format!("Follow-up: {}", item.task.title);
        let new = NewTask { title, blocked_by: Vec::new(), ..item.task };
        self.attempt(&owner, &[Command::CreateTask(Box::new(new))]).map(|_| ())
    }

    /// A task that nobody planned.
    pub(super) fn incoming(&mut self) -> Result<(), Error> {
        let owner = self.owner.clone();
        let incoming = self.script.incoming[self.came_in % self.script.incoming.len()].clone();
        self.came_in += 1;
        let sprint = self.service.read().sprint_named("active")?.map(|sprint| sprint.sprint_id);
        let task = new_task(&incoming.title, &incoming.skills, incoming.points, incoming.priority);
        let task = NewTask { sprint_id: sprint, tags: vec!["incoming".into()], ..task };
        self.attempt(&owner, &[Command::CreateTask(Box::new(task))])?;
        let pause = self.between((60.0, 180.0));
        self.plan_in(pause, Happening::Incoming);
        Ok(())
    }

    /// The next sprint of two weeks, from `monday`: with what was planned for it, else with what the backlog has.
    fn plan_sprint(&mut self, monday: Timestamp) -> Result<(SprintId, Vec<Command>), Error> {
        let sprint = self.new_sprint(monday)?;
        let planned = self.upcoming.pop_front();
        let commands = match planned {
            Some(items) => {
                let create = |item: Planned| {
                    let wanted = (!item.later).then_some(sprint);
                    self.create(item, wanted)
                };
                items.into_iter().map(create).collect()
            }
            None => self
                .backlog(SPRINT)?
                .into_iter()
                .map(|task_id| Command::EditTask {
                    task_id,
                    changes: vec![TaskField::Sprint(Some(sprint))],
                    expected_rev: None,
                })
                .collect(),
        };
        Ok((sprint, commands))
    }

    /// The command that writes an item down.
    pub(super) fn create(&self, planned: Planned, sprint_id: Option<SprintId>) -> Command {
        let task = NewTask {
            task_id: Some(planned.id),
            parent_id: self.epics.get(planned.item.epic).copied(),
            blocked_by: planned.after.iter().map(|id| Dependency::sequential(*id)).collect(),
            sprint_id,
            backlog: true,
            ..planned.item.task
        };
        Command::CreateTask(Box::new(task))
    }

    fn new_sprint(&mut self, monday: Timestamp) -> Result<SprintId, Error> {
        let plan = self.script.sprints[self.planned.min(self.script.sprints.len() - 1)].clone();
        let name = format!("Sprint {}", FIRST_SPRINT + self.planned);
        self.planned += 1;
        let ends_at = monday + Duration::days(11) + Duration::hours(9);
        let new = NewSprint {
            sprint_id: None,
            name: Some(name.clone()),
            goal: plan.goal,
            starts_at: monday,
            ends_at,
            objectives: plan.objectives,
            capacity_minutes: Some(7 * 10 * 5 * 60),
        };
        let owner = self.owner.clone();
        self.service.submit(&owner, Command::CreateSprint(Box::new(new)))?;
        let sprint = self.service.read().sprint_named(&name)?;
        let sprint = sprint.expect("a sprint that was just created is there").sprint_id;
        self.agenda.plan(ends_at, Happening::SprintEnds(sprint));
        Ok(sprint)
    }

    /// Plans and starts the first sprint.
    pub(super) fn begin_sprints(&mut self, monday: Timestamp) -> Result<(), Error> {
        let (sprint_id, mut commands) = self.plan_sprint(monday)?;
        commands.push(Command::StartSprint { sprint_id });
        let owner = self.owner.clone();
        self.service.submit_all(&owner, &commands).map(|_| ())
    }

    /// Open tasks go on to the next sprint, which starts at once.
    pub(super) fn end_sprint(&mut self, sprint_id: SprintId) -> Result<(), Error> {
        let (next, mut commands) = self.plan_sprint(next_monday(self.now()))?;
        commands.push(Command::CloseSprint { sprint_id, carry_to: Some(next) });
        commands.push(Command::StartSprint { sprint_id: next });
        let owner = self.owner.clone();
        self.attempt(&owner, &commands).map(|_| ())
    }
}

fn next_monday(at: Timestamp) -> Timestamp {
    let days = 7 - at.weekday().days_since(Weekday::Mon);
    let day = (at + Duration::days(i64::from(days))).date_naive();
    day.and_hms_opt(9, 0, 0).map_or(at, |local| local.and_utc())
}
