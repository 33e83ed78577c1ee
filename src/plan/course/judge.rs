//! Whether an open proposal can still be gone, now that the world has gone on.

use std::collections::{BTreeMap, BTreeSet};

use super::{Advice, Progress, SAME, View};
use crate::domain::sprint::{Alternative, GRACE, Proposal, Slot, Stage};
use crate::domain::{ActorKind, Agent, AgentId, TaskId, Timestamp};
use crate::plan::project::Built;
use crate::plan::schedule::model::Time;
use crate::plan::team::Member;

impl View<'_> {
    pub(super) fn advice(&self, built: &Built, asks: bool, options: &[Alternative]) -> Advice {
        let Some(open) = &self.course.open else {
            return if asks && !options.is_empty() { Advice::Propose } else { Advice::Leave };
        };
        // What a person has asked for is theirs to drop, as long as it can be done.
        let theirs = open.made_by.kind != ActorKind::System;
        if open.options.iter().any(|way| self.obstacle(built, way).is_some()) {
            return if !options.is_empty() && (asks || theirs) { Advice::Replace } else { Advice::Withdraw };
        }
        match (open.options.first(), options.first()) {
            (Some(was), Some(best)) if asks => {
                let ends = was.layout.ends_at().zip(best.layout.ends_at());
                let alike = ends.is_none_or(|(was, best)| (was - best).abs() < SAME);
                let has = |slot: &Slot| was.layout.slots_of(slot.task_id, slot.stage).next().is_some();
                let as_good = was.misses.len() <= best.misses.len();
                if alike && as_good && best.layout.slots.iter().all(has) { Advice::Leave } else { Advice::Replace }
            }
            _ if theirs => Advice::Leave,
            _ => Advice::Withdraw,
        }
    }

    /// Why a way that was proposed cannot be gone any more. That its begin has just passed is no matter: what is proposed
    /// to begin at once would be another proposal with every look.
    pub(super) fn obstacle(&self, built: &Built, way: &Alternative) -> Option<String> {
        let items = self.course.items.iter().enumerate();
        let index: BTreeMap<TaskId, usize> = items.map(|(at, (job, _))| (job.task_id, at)).collect();
        let slots = way.layout.slots.iter();
        let blocks = slots.map(|slot| (index.get(&slot.task_id), slot)).find_map(|(at, slot)| match at {
            Some(&at) => self.keeps_from(built, at, slot),
            // What is done needs no decision any more.
            None if self.course.members.contains(&slot.task_id) => None,
            None => Some("a task has left the sprint".to_owned()),
        });
        let news = || {
            let missed = self.missed_in(&way.layout);
            let label = |at: &&usize| !way.misses.contains(&self.course.items[**at].0.task_id);
            missed.iter().find(label).map(|at| format!("{} would miss its deadline", self.course.label(*at)))
        };
        blocks.or_else(news)
    }

    fn keeps_from(&self, built: &Built, at: usize, slot: &Slot) -> Option<String> {
        let (job, progress) = &self.course.items[at];
        let (label, who, stage) = (&job.label, self.name(slot.agent_id), usize::from(slot.stage == Stage::Review));
        if self.is_stuck(at) {
            return Some(format!("{label} {}", self.course.holds_up(job.task_id)?));
        }
        match *progress {
            Progress::Begun { agent_id, .. } if stage == 0 => {
                return (slot.agent_id != Some(agent_id)).then(|| format!("somebody else is at {label}"));
            }
            Progress::InReview { .. } if stage == 0 => return None,
            _ => {}
        }
        if self.mode(built, at, stage, slot.agent_id).is_none() {
            return slot.agent_id.map(|_| format!("{who} is not there for {label}"));
        }
        if *progress == Progress::Waits && self.course.ground.now - slot.starts_at >= SAME {
            return Some(format!("{label} should have begun long ago"));
        }
        let agent = self.course.ground.agents().into_iter().find(|agent| Some(agent.agent_id) == slot.agent_id)?;
        let is_away = self.is_away(agent, slot);
        // Hours that nobody has declared keep nobody from anything.
        let counts = is_away || !agent.availability.is_empty();
        let how = if is_away { "is away" } else { "has too little time" };
        (counts && !self.has_time(built, at, slot)).then(|| format!("{who} {how} when {label} is planned"))
    }

    /// Whether a day off lies in that time.
    fn is_away(&self, agent: &Agent, slot: &Slot) -> bool {
        let day = |at: Timestamp| at.with_timezone(&agent.time_zone).date_naive();
        let off = agent.days_off(&self.course.ground.policy.holidays);
        off.iter().any(|days| days.first <= day(slot.ends_at) && day(slot.starts_at) <= days.last)
    }

    /// Whether whoever is to do it is there for so long in that time.
    fn has_time(&self, built: &Built, at: usize, slot: &Slot) -> bool {
        let stage = usize::from(slot.stage == Stage::Review);
        let Some(mode) = self.mode(built, at, stage, slot.agent_id) else { return false };
        let Some(used) = built.problem.activities[at].stages[stage].modes[mode].uses.first() else { return true };
        let open = &built.problem.resources[used.resource].calendar.open;
        let (start, end) = (self.time(slot.starts_at), self.time(slot.ends_at));
        let there = |&(from, to): &(Time, Time)| to.min(end).saturating_sub(from.max(start));
        let member = built.crews[at][stage][mode].first().map(|&member| &self.team.members[member]);
        let share = member.filter(|member| !member.reviews).map_or(1.0, Member::share);
        let wanted = (f64::from(slot.minutes) / share) as Time;
        open.is_empty() || open.iter().map(there).sum::<Time>() + GRACE.num_minutes() as Time >= wanted
    }

    fn name(&self, agent: Option<AgentId>) -> &str {
        let team = self.course.ground.team.iter().map(|member| (member.agent.agent_id, member.agent.name.as_str()));
        let lost = self.course.lost.iter().map(|(id, name)| (*id, name.as_str()));
        team.chain(lost).find(|(id, _)| Some(*id) == agent).map_or("somebody", |(_, name)| name)
    }

    /// Whether something should have begun that a proposal lets begin.
    pub(super) fn is_old(&self, open: &Proposal) -> bool {
        let waits = self.course.items.iter().filter(|(_, progress)| *progress == Progress::Waits);
        let waits: BTreeSet<TaskId> = waits.map(|(job, _)| job.task_id).collect();
        let mut slots = open.options.iter().flat_map(|option| &option.layout.slots);
        slots.any(|slot| waits.contains(&slot.task_id) && slot.starts_at + GRACE < self.course.ground.now)
    }
}
