//! The plan of a sprint, and a proposal to change it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::id::{AgentId, EscalationId, PlanId, ProposalId, SprintId, TaskId};
use crate::domain::vocabulary::words;
use crate::domain::words::{count, span};
use crate::domain::{Actor, Timestamp};

/// Most slots, left-out tasks or terms of one plan.
pub const MAX_SLOTS: usize = 20_000;
/// Most bytes of one text in a plan or a proposal.
pub const MAX_WORDS: usize = 4 << 10;
/// Most ways to go on that one proposal offers.
pub const MAX_OPTIONS: usize = 5;

words! {
    /// What is done to a task in a stretch of a plan.
    pub enum Stage {
        /// The work itself.
        Work = "work",
        /// The judgement of what was handed in.
        Review = "review",
    }
}

/// One stage of one task in the hands of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The task.
    pub task_id: TaskId,
    /// Work or review.
    pub stage: Stage,
    /// Who; none where a command judges, or anybody may.
    #[serde(default)]
    pub agent_id: Option<AgentId>,
    /// Begin.
    pub starts_at: Timestamp,
    /// End, never before the begin; hours in which nobody works lie between.
    pub ends_at: Timestamp,
    /// Minutes of work in it.
    pub minutes: u32,
}

/// A task of the sprint that has no place in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The task.
    pub task_id: TaskId,
    /// Minutes of work that are left out with it.
    #[serde(default)]
    pub minutes: u32,
    /// The one reason that counts most, as a word or a sentence.
    pub reason: String,
}

/// Minutes that somebody has for a sprint, as a person has said; what is not said follows from the hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Allotment {
    /// For tasks, those in hand included.
    pub work: Option<u32>,
    /// For looking at results.
    pub review: Option<u32>,
    /// For answering questions.
    pub answers: Option<u32>,
}

impl Allotment {
    /// For somebody who takes no part.
    pub const NONE: Self = Self { work: Some(0), review: Some(0), answers: Some(0) };

    /// So many minutes for tasks.
    pub fn of_work(minutes: u32) -> Self {
        Self { work: Some(minutes), ..Self::default() }
    }
}

/// What a plan took for granted of how somebody works, as it was learned by then: what is learned later is for the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learned {
    /// Percent of their hours that go into tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Minutes on a day after which a quota stops them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a_day: Option<u32>,
}

/// Who does what when, what has no place, and what the whole is worth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// Stages by task and agent; a team task has one slot for each member.
    pub slots: Vec<Slot>,
    /// Tasks that are done if there is time: planned or not, nobody has committed to them.
    pub stretch: Vec<TaskId>,
    /// What has no place.
    pub left_out: Vec<LeftOut>,
    /// Who had how much time, as far as it did not follow from their hours. The next sprint begins with it.
    pub allotted: BTreeMap<AgentId, Allotment>,
    /// Who works how, as far as it was learned from earlier sprints.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub learned: BTreeMap<AgentId, Learned>,
    /// What the plan is worth, term by term and weighted: they sum up to its value, the smaller the better.
    pub terms: BTreeMap<String, i64>,
}

impl Layout {
    /// What the plan is worth.
    pub fn value(&self) -> i64 {
        self.terms.values().fold(0, |sum, term| sum.saturating_add(*term))
    }

    /// The places of one task's stage, in the order of the plan.
    pub fn slots_of(&self, task: TaskId, stage: Stage) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.task_id == task && slot.stage == stage)
    }

    /// Whether it says anything about a task.
    pub fn names(&self, task: TaskId) -> bool {
        let left_out = self.left_out.iter().map(|out| out.task_id);
        let mut named = self.slots.iter().map(|slot| slot.task_id).chain(left_out).chain(self.stretch.iter().copied());
        named.any(|one| one == task)
    }

    /// When the last stage ends; none for a plan of nothing.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.slots.iter().map(|slot| slot.ends_at).max()
    }

    /// What is different in `next`, by task and stage. A team is told by its first member.
    pub fn moves_to(&self, next: &Self) -> Vec<Move> {
        let (before, after) = (self.first_slots(), next.first_slots());
        let all: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        let moved = |(task_id, stage): (TaskId, Stage)| {
            let (from, to) = (before.get(&(task_id, stage)), after.get(&(task_id, stage)));
            let step = Move {
                task_id,
                stage,
                agent_from: from.and_then(|slot| slot.agent_id),
                agent_to: to.and_then(|slot| slot.agent_id),
                starts_from: from.map(|slot| slot.starts_at),
                starts_to: to.map(|slot| slot.starts_at),
            };
            (step.agent_from != step.agent_to || step.starts_from != step.starts_to).then_some(step)
        };
        all.into_iter().filter_map(moved).collect()
    }

    fn first_slots(&self) -> BTreeMap<(TaskId, Stage), &Slot> {
        let mut first = BTreeMap::new();
        for slot in &self.slots {
            first.entry((slot.task_id, slot.stage)).or_insert(slot);
        }
        first
    }
}

/// The plan of a sprint: one at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SprintPlan {
    /// The sprint.
    pub sprint_id: SprintId,
    /// Raised by every change.
    #[serde(default)]
    pub rev: u64,
    /// Names this plan among those that the sprint has had.
    pub plan_id: PlanId,
    /// The plan that it took the place of.
    #[serde(default)]
    pub from: Option<PlanId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Actor,
    /// What it says.
    pub layout: Layout,
    /// What stood before, if a proposal took its place: if what that was made for is over, it may come back.
    #[serde(default)]
    pub before: Option<Box<Layout>>,
}

/// What an acceptance would change about one stage of a task. Nothing on the left: it had no place; nothing on the right:
/// it has none any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The task.
    pub task_id: TaskId,
    /// Work or review.
    pub stage: Stage,
    /// Who had it.
    #[serde(default)]
    pub agent_from: Option<AgentId>,
    /// Who gets it.
    #[serde(default)]
    pub agent_to: Option<AgentId>,
    /// Its begin as it was.
    #[serde(default)]
    pub starts_from: Option<Timestamp>,
    /// Its begin as it would be.
    #[serde(default)]
    pub starts_to: Option<Timestamp>,
}

/// What a change of the plan costs, in minutes; below 0 it wins time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Price {
    /// How much later tasks would be than they should, in sum.
    pub lateness: i64,
    /// How much later the last task would end.
    pub finish: i64,
    /// How many more tasks would end after their deadline or the end of the sprint; no minutes, a count.
    pub late: i64,
    /// How many more tasks would have no place.
    pub left_out: i64,
}

/// One way to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// In a few words.
    pub label: String,
    /// The whole plan as it would be.
    pub layout: Layout,
    /// What it costs against going on as planned.
    #[serde(default)]
    pub price: Price,
    /// Tasks that would end after their deadlines.
    #[serde(default)]
    pub misses: Vec<TaskId>,
    /// What changes; follows from the two plans when the proposal is made.
    #[serde(default)]
    pub moves: Vec<Move>,
}

impl Price {
    /// What it wins or loses, in words.
    pub fn in_words(&self) -> String {
        let ends = match self.finish {
            0 => "ends as if nobody decided".to_owned(),
            earlier @ ..0 => format!("ends {} earlier than if nobody decided", span(earlier.unsigned_abs())),
            later => format!("ends {} later than if nobody decided", span(later.unsigned_abs())),
        };
        let counted = |by: i64, fewer: &str, more: &str| {
            (by != 0).then(|| format!("{} {}", count(by.unsigned_abs(), "task"), if by < 0 { fewer } else { more }))
        };
        let late = counted(self.late, "fewer late", "more late");
        let left_out = counted(self.left_out, "more with a place", "more without a place");
        [Some(ends), late, left_out].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A change of the plan that waits for somebody's word; at most one for a sprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The sprint.
    pub sprint_id: SprintId,
    /// Names this proposal among those that the sprint has had: whoever accepts says which one was seen.
    #[serde(default = "unnamed")]
    pub proposal_id: ProposalId,
    /// The question to the human about it; it ends with the proposal.
    #[serde(default)]
    pub question: Option<EscalationId>,
    /// Raised by every change.
    #[serde(default)]
    pub rev: u64,
    /// The plan that it would take the place of; none if there was none.
    #[serde(default)]
    pub from: Option<PlanId>,
    /// When it was made.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: Actor,
    /// Why, in words.
    pub cause: String,
    /// One way or several; the first one is recommended.
    pub options: Vec<Alternative>,
}

/// Of the time when proposals had no names.
fn unnamed() -> ProposalId {
    ProposalId(uuid::Uuid::nil())
}

impl Proposal {
    /// Whether any of its ways says something about a task.
    pub fn names(&self, task: TaskId) -> bool {
        self.options.iter().any(|option| option.layout.names(task))
    }
}
