//! How a plan guides who takes what: tasks are kept for whom they were planned, as long as that makes sense.

use std::collections::BTreeMap;

use chrono::Duration;

use super::{Layout, Stage};
use crate::domain::Timestamp;
use crate::domain::id::{AgentId, TaskId};

/// A task is kept for its agent until so many minutes after its planned begin. After that whoever is free may have it.
pub const GRACE: Duration = Duration::minutes(15);

/// A plan as it stands at some moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guide {
    /// By task: who should do the work, from when on, and whether it is kept for them now.
    tasks: BTreeMap<TaskId, Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    agent_id: AgentId,
    starts_at: Timestamp,
    kept: bool,
}

/// What a plan says about a task and an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The task is in no plan.
    Nothing,
    /// It is planned for this agent.
    Yours,
    /// It is planned for another, who is there and whose time for it has not passed.
    KeptFor(AgentId),
    /// It is planned for another, who is not there or late.
    Free(AgentId),
}

impl Guide {
    /// The plan at this moment; `is_here` tells who is there to work.
    pub fn of(layout: &Layout, now: Timestamp, is_here: impl Fn(AgentId) -> bool) -> Self {
        let work = layout.slots.iter().filter(|slot| slot.stage == Stage::Work);
        let place = |slot: &super::Slot| {
            let agent_id = slot.agent_id?;
            // Where the sum is beyond all dates, its time never passes.
            let in_time = slot.starts_at.checked_add_signed(GRACE).is_none_or(|until| now <= until);
            let kept = in_time && is_here(agent_id);
            Some((slot.task_id, Place { agent_id, starts_at: slot.starts_at, kept }))
        };
        Self { tasks: work.filter_map(place).collect() }
    }

    /// What it says about this task and this agent.
    pub fn word(&self, task: TaskId, agent: AgentId) -> Word {
        match self.tasks.get(&task) {
            None => Word::Nothing,
            Some(place) if place.agent_id == agent => Word::Yours,
            Some(place) if place.kept => Word::KeptFor(place.agent_id),
            Some(place) => Word::Free(place.agent_id),
        }
    }

    /// Who should do the task, if it is in the plan.
    pub fn planned_for(&self, task: TaskId) -> Option<AgentId> {
        self.tasks.get(&task).map(|place| place.agent_id)
    }

    /// For whom it is kept now.
    pub fn kept_for(&self, task: TaskId) -> Option<AgentId> {
        self.tasks.get(&task).filter(|place| place.kept).map(|place| place.agent_id)
    }

    /// What was planned for an agent, in the order of the plan.
    pub fn tasks_of(&self, agent: AgentId) -> Vec<TaskId> {
        let own = self.tasks.iter().filter(|(_, place)| place.agent_id == agent);
        let mut own: Vec<(Timestamp, TaskId)> = own.map(|(id, place)| (place.starts_at, *id)).collect();
        own.sort_unstable();
        own.into_iter().map(|(_, id)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::sprint::Slot;

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn a_task_is_kept_for_its_agent_until_it_is_late_or_the_agent_is_away() {
        let nine = Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).single().expect("a date");
        let (task, ana, bot) = (TaskId(id(1)), AgentId(id(2)), AgentId(id(3)));
        let slot = Slot {
            task_id: task,
            stage: Stage::Work,
            agent_id: Some(ana),
            starts_at: nine,
            ends_at: nine + Duration::hours(1),
            minutes: 60,
        };
        let layout = Layout { slots: vec![slot], ..Layout::default() };
        let at = |minutes: i64, here: bool| Guide::of(&layout, nine + Duration::minutes(minutes), |_| here);
        assert_eq!(at(-60, true).word(task, ana), Word::Yours);
        assert_eq!(at(-60, true).word(task, bot), Word::KeptFor(ana));
        assert_eq!(at(15, true).kept_for(task), Some(ana));
        assert_eq!(at(16, true).word(task, bot), Word::Free(ana));
        assert_eq!(at(-60, false).word(task, bot), Word::Free(ana));
        assert_eq!(at(0, true).word(TaskId(id(9)), bot), Word::Nothing);
        assert_eq!(at(0, true).tasks_of(ana), [task]);
    }
}
