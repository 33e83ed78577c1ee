//! What was typed and chosen in the plan, and the ground it stands on.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::domain::{AgentId, ChangeId, TaskId};
use crate::plan::breakdown::Library;
use crate::plan::capacity::PointRule;
use crate::plan::prospect::{Promise, Prospect};
use crate::plan::wizard::{AT_ONCE, Draft, Ground, Job, Outlook, Step, leaves};
use crate::tui::msg::Failure;

use super::consult::Proposal;

/// Tasks of the backlog that make a board large.
const LARGE: usize = 1_000;
/// How long a large board rests.
const REST: Duration = Duration::from_secs(2);

/// The state of the plan screen.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The change after which the ground was read; none: not yet.
    pub head: Option<ChangeId>,
    /// When that came, on the clock of this run.
    pub read_at: Duration,
    /// What the plan stands on.
    pub ground: Option<Arc<Ground>>,
    /// Playbooks; the built-in ones where the user's cannot be read.
    pub library: Option<Arc<Library>>,
    /// The plan.
    pub draft: Option<Box<Draft>>,
    /// The plan was changed here; until then it is the one that the board keeps.
    pub touched: bool,
    /// What follows from it.
    pub outlook: Option<Box<Outlook>>,
    /// How it would probably end, once that was looked at.
    pub prospect: Option<Box<Prospect>>,
    /// How good that is.
    pub care: Care,
    /// The cursor in each step.
    pub cursor: [usize; 6],
    /// Lines of the last look above the screen.
    pub scroll: usize,
    /// The order of the tasks.
    pub sort: Sort,
    /// Set to give up a question to a language model; none: none is open.
    pub asking: Option<Arc<AtomicBool>>,
    /// What would change is shown.
    pub shows_changes: bool,
    /// What follows from the other decision about the task with the cursor; kept while it is shown.
    pub aside: Option<Box<Otherwise>>,
    /// The task that somebody thinks about for that.
    pub asked: Option<TaskId>,
    /// The plan is to be filled up, or is being filled.
    pub filling: Filling,
}

/// What follows if a task is picked, or left out if it is in.
#[derive(Debug, Clone)]
pub struct Otherwise {
    /// The task.
    pub task_id: TaskId,
    /// What follows.
    pub outlook: Outlook,
    /// What has no place if the task is in for certain.
    pub leaves: Vec<TaskId>,
}

impl Otherwise {
    /// Computes it.
    pub fn of(task_id: TaskId, draft: &Draft, ground: &Ground) -> Self {
        let mut other = draft.clone();
        other.pick(task_id, !draft.is_picked(task_id));
        let outlook = Outlook::of(&other, ground, AT_ONCE);
        let leaves = leaves(draft, ground, outlook.limit, task_id);
        Self { task_id, outlook, leaves }
    }
}

/// How far a plan is from being filled up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filling {
    /// Nobody wants it.
    #[default]
    Idle,
    /// Somebody wants it.
    Wanted,
    /// It is being looked for.
    Asked,
}

/// With how much care a schedule was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// It is that of an earlier plan, and nobody looks for another yet.
    #[default]
    Rough,
    /// It was made at once, and nobody looks for a better one yet.
    Quick,
    /// It is one of these, and a better one is being looked for.
    Improving,
    /// With all the steps that a plan gets.
    Thorough,
}

/// The order in which tasks are offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the plan would take them: the most urgent first, then by value for size.
    #[default]
    Urgency,
    /// The most value for its size first.
    Value,
    /// The smallest first.
    Size,
    /// The oldest first.
    Age,
}

impl Sort {
    /// The next one.
    pub fn next(self) -> Self {
        match self {
            Self::Urgency => Self::Value,
            Self::Value => Self::Size,
            Self::Size => Self::Age,
            Self::Age => Self::Urgency,
        }
    }

    /// In words.
    pub fn title(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Value => "value ÷ size",
            Self::Size => "size",
            Self::Age => "age",
        }
    }

    /// The jobs by place, in this order.
    fn places(self, jobs: &[Job], rule: &PointRule) -> Vec<usize> {
        let mut places: Vec<usize> = (0..jobs.len()).collect();
        match self {
            Self::Urgency => {}
            Self::Value => places.sort_by(|a, b| jobs[*b].worth(rule).total_cmp(&jobs[*a].worth(rule))),
            Self::Size => places.sort_by(|a, b| jobs[*a].size(rule).total_cmp(&jobs[*b].size(rule))),
            Self::Age => places.sort_by_key(|at| (jobs[*at].since, jobs[*at].number)),
        }
        places
    }
}

/// What was read for the plan.
#[derive(Debug, Clone)]
pub struct PlanSeen {
    /// The newest change then.
    pub head: ChangeId,
    /// What a plan stands on.
    pub ground: Ground,
    /// The saved draft, or an empty one.
    pub draft: Draft,
    /// Playbooks, and what was wrong with the user's.
    pub library: (Library, Option<String>),
    /// It has learned from what was done before; otherwise what it knew still holds.
    pub learned: bool,
    /// What follows from the draft.
    pub outlook: Outlook,
}

/// What a computation of the plan came to.
#[derive(Debug)]
pub enum News {
    /// The plan was filled up with these.
    Filled(Vec<TaskId>),
    /// What follows from the other decision about a task.
    Aside(Box<Otherwise>),
    /// The plan was scheduled.
    Planned {
        /// The newest change on the board when its ground was read.
        head: ChangeId,
        /// The plan.
        draft: Box<Draft>,
        /// What follows from it.
        outlook: Box<Outlook>,
        /// How good that is.
        care: Care,
    },
    /// It was looked at how this plan would probably end; none: nobody can say.
    Foretold {
        /// The plan.
        draft: Box<Draft>,
        /// How it would end.
        prospect: Option<Box<Prospect>>,
    },
    /// It was looked for how much of this plan can be promised.
    Promised {
        /// The plan.
        draft: Box<Draft>,
        /// How much.
        found: Result<Promise, Failure>,
    },
    /// The draft with its objectives read.
    Drafted(Box<Draft>),
    /// A language model was asked about the objectives.
    Proposed(Proposal),
    /// The plan was made so; what to say about it.
    Made(Result<String, Failure>),
    /// A task was split; the half that is new, and what to say about it.
    Split(TaskId, Result<(TaskId, String), Failure>),
}

/// Something in the plan that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Name of the sprint.
    Name,
    /// What it is for.
    Goal,
    /// First day.
    Starts,
    /// Last day.
    Ends,
    /// Hours of an agent.
    Hours(AgentId),
    /// Story points that shall not be exceeded.
    Points,
    /// The objectives.
    Objectives,
    /// Title of a new task.
    Title(TaskId),
    /// Size of a task.
    Size(TaskId),
}

impl Field {
    /// What is asked for.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "Name of the sprint; nothing: the next number",
            Self::Goal => "What is the sprint for?",
            Self::Starts => "First day: 2026-12-24, 24 Dec, friday, tomorrow, +3d",
            Self::Ends => "Last day: 2026-12-24, 24 Dec, friday, +14d, or a length as in 10d",
            Self::Hours(_) => {
                "Hours in this sprint for tasks, reviews, answers: 30, or 30 8 2. Nothing: by the working hours"
            }
            Self::Points => "At most how many points? Nothing: what the capacity gives",
            Self::Objectives => "What do you want to achieve?",
            Self::Title(_) => "What has to be done?",
            Self::Size(_) => "How big? 5 points, or 90m, 2h, 2-4h",
        }
    }
}

/// A line of a step that the cursor can be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Something to type.
    Type(Field),
    /// An objective, by place.
    Aim(usize),
    /// A task, by place in the outlook.
    Job(usize),
    /// A place in the schedule.
    Slot(usize),
    /// What has no place in it, by place among those.
    Out(usize),
    /// The start.
    Go,
}

impl State {
    /// The step that is up.
    pub fn step(&self) -> Step {
        self.draft.as_ref().map_or(Step::Goal, |draft| draft.step)
    }

    /// Place of the cursor in the present step.
    pub fn index(&self) -> usize {
        self.cursor[self.step() as usize].min(self.entries().len().saturating_sub(1))
    }

    /// Puts the cursor on a place of the present step.
    pub fn go_to(&mut self, index: usize) {
        self.cursor[self.step() as usize] = index.min(self.entries().len().saturating_sub(1));
    }

    /// The entry with the cursor.
    pub fn current(&self) -> Option<Entry> {
        self.entries().get(self.index()).copied()
    }

    /// Everything that the cursor can be on in the present step.
    pub fn entries(&self) -> Vec<Entry> {
        let Some(outlook) = &self.outlook else { return Vec::new() };
        let fields = |fields: &[Field]| fields.iter().map(|field| Entry::Type(*field)).collect::<Vec<_>>();
        match self.step() {
            Step::Goal => fields(&[Field::Name, Field::Goal, Field::Starts, Field::Ends]),
            Step::Capacity => {
                let hours = outlook.capacity.agents.iter().map(|share| Field::Hours(share.agent_id));
                fields(&hours.chain([Field::Points]).collect::<Vec<_>>())
            }
            Step::Objectives => {
                let aims = (0..outlook.aims.len()).map(Entry::Aim);
                std::iter::once(Entry::Type(Field::Objectives)).chain(aims).collect()
            }
            Step::Tasks => match &self.ground {
                Some(ground) => self.sort.places(&outlook.jobs, &ground.rule).into_iter().map(Entry::Job).collect(),
                None => Vec::new(),
            },
            Step::Schedule => {
                let out = (0..outlook.schedule.left_out.len()).map(Entry::Out);
                (0..outlook.schedule.slots.len()).map(Entry::Slot).chain(out).collect()
            }
            Step::Start => vec![Entry::Go],
        }
    }

    /// Computes what follows from the draft by itself; to find its places again takes longer than a key may.
    pub fn look(&mut self) {
        if let (Some(draft), Some(ground), Some(outlook)) = (&self.draft, &self.ground, &self.outlook) {
            self.take(outlook.unplanned(draft, ground), Care::Rough);
        }
    }

    /// Takes what follows from the draft, made with so much care.
    pub fn take(&mut self, outlook: Outlook, care: Care) {
        (self.outlook, self.care) = (Some(Box::new(outlook)), care);
        (self.aside, self.asked, self.prospect) = (None, None, None);
    }

    /// True while a large board rests from being read: that takes a good part of a second, and somebody may commit all
    /// the time.
    pub fn rests(&self, now: Duration) -> bool {
        let large = self.ground.as_ref().is_some_and(|ground| ground.offers.len() > LARGE);
        large && self.head.is_some() && now < self.read_at + REST
    }

    /// The task about which somebody wants to know what follows from the other decision, unless that is known or asked.
    pub fn question(&self) -> Option<TaskId> {
        let id = self.job().filter(|_| self.shows_changes)?;
        let known = self.aside.as_ref().is_some_and(|aside| aside.task_id == id) || self.asked == Some(id);
        (!known).then_some(id)
    }

    /// The same place in the list for a task that has moved in it.
    pub fn follow(&mut self, id: TaskId) {
        let Some(outlook) = &self.outlook else { return };
        let is_it = |entry: &Entry| matches!(entry, Entry::Job(at) if outlook.jobs[*at].task_id == id);
        if let Some(at) = self.entries().iter().position(is_it) {
            self.go_to(at);
        }
    }

    /// The task with the cursor.
    pub fn job(&self) -> Option<TaskId> {
        let outlook = self.outlook.as_ref()?;
        match self.current()? {
            Entry::Job(at) => outlook.jobs.get(at).map(|job| job.task_id),
            Entry::Slot(at) => outlook.schedule.slots.get(at).map(|slot| slot.task_id),
            Entry::Out(at) => outlook.schedule.left_out.get(at).map(|out| out.task_id),
            _ => None,
        }
    }
}
