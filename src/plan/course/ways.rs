//! Ways to go on: which are worth telling, what each costs against carrying on, and the plan that it would be.

use super::{View, WAITS};
use crate::domain::AgentId;
use crate::domain::sprint::{Alternative, Layout, LeftOut, Price, Slot, Stage};
use crate::plan::project::Built;
use crate::plan::replan::Choice;
use crate::plan::schedule::plan::Plan;
use crate::plan::team::review_minutes;

impl View<'_> {
    /// Ways that win something against carrying on, and that no other one beats; if there are none, one that loses
    /// nothing: the plan with the dates that are left to it.
    pub(super) fn worth_offering<'c>(&self, carried: &Choice, choices: &'c [Choice]) -> Vec<&'c Choice> {
        let others = || choices.iter().filter(|choice| !choice.changes_nothing());
        let mut winners: Vec<&Choice> = others().filter(|choice| self.wins(carried, choice) == Some(true)).collect();
        let figures: Vec<[i64; 6]> = winners.iter().map(|choice| self.figures(choice)).collect();
        let mut beaten = beaten(&figures).into_iter();
        winners.retain(|_| !beaten.next().unwrap_or(false));
        // To drop what has no place anyhow is not a way to go on.
        let moves = |choice: &Choice| !choice.moves.is_empty() || !choice.comes.is_empty();
        let equal = |choice: &&Choice| {
            choice.changed_agents() == 0 && moves(choice) && self.wins(carried, choice) == Some(false)
        };
        if winners.is_empty() { others().find(equal).into_iter().collect() } else { winners }
    }

    /// What is told about a way, the less the better: tasks without a place, deadlines missed, tasks late, the end, tasks
    /// that go to others, tasks that change.
    pub(super) fn figures(&self, choice: &Choice) -> [i64; 6] {
        let (out, missed, late) =
            (self.left_out(&choice.plan), self.missed_by(&choice.plan).len(), self.late(&choice.plan));
        let counts = [out, missed, late, choice.changed_agents(), choice.moves.len()].map(|count| count as i64);
        let [out, missed, late, hands, moves] = counts;
        [out, missed, late, i64::from(choice.finish), hands, moves]
    }

    /// Whether a way is better than another one in any respect; none if it is only worse.
    pub(super) fn wins(&self, carried: &Choice, choice: &Choice) -> Option<bool> {
        let terms = |of: &Choice| {
            let out = self.left_out(&of.plan) as i64;
            let (missed, late) = (self.missed_by(&of.plan).len() as i64, self.late(&of.plan) as i64);
            [out, missed, late, of.lateness, i64::from(of.finish)]
        };
        let (to, from) = (terms(choice), terms(carried));
        let wins = to.iter().zip(from).any(|(to, from)| *to < from);
        (wins || to == from).then_some(wins)
    }

    /// Tasks that could go on and have no place.
    pub(super) fn left_out(&self, plan: &Plan) -> usize {
        (0..plan.places.len()).filter(|&at| plan.places[at].is_none() && !self.is_stuck(at)).count()
    }

    /// Whether it is news that these deadlines are missed: as the plan stands they are kept, or a way keeps one.
    pub(super) fn is_news(&self, missed: &[usize], carried: &Choice, choices: &[&Choice]) -> bool {
        let known = self.missed_in(&self.course.layout);
        let keeps = |choice: &&Choice| {
            choice.leaves.len() <= carried.leaves.len() && self.missed_by(&choice.plan).len() < missed.len()
        };
        missed.iter().any(|at| !known.contains(at)) || choices.iter().any(keeps)
    }

    pub(super) fn alternative(&self, built: &Built, carried: &Choice, choice: &Choice) -> Alternative {
        let price = Price {
            lateness: choice.lateness - carried.lateness,
            finish: i64::from(choice.finish) - i64::from(carried.finish),
            late: self.late(&choice.plan) as i64 - self.late(&carried.plan) as i64,
            left_out: self.left_out(&choice.plan) as i64 - self.left_out(&carried.plan) as i64,
        };
        let misses = self.missed_by(&choice.plan);
        Alternative {
            label: self.label(choice, &misses),
            layout: self.layout(built, choice),
            price,
            misses: misses.iter().map(|&at| self.course.items[at].0.task_id).collect(),
            moves: Vec::new(),
        }
    }

    /// The whole plan as it would be; what is done stays in it.
    pub(super) fn layout(&self, built: &Built, choice: &Choice) -> Layout {
        let before = &self.course.layout;
        let mut layout = Layout {
            slots: before.slots.iter().filter(|slot| !self.course.is_open(slot.task_id)).cloned().collect(),
            stretch: before.stretch.iter().copied().filter(|id| self.course.is_open(*id)).collect(),
            left_out: Vec::new(),
            allotted: before.allotted.clone(),
            learned: before.learned.clone(),
            terms: crate::plan::team::terms(built.problem.objective, choice.plan.terms(&built.problem)),
        };
        for (at, ((job, _), place)) in self.course.items.iter().zip(&choice.plan.places).enumerate() {
            let (task_id, minutes) = (job.task_id, job.work_minutes(&self.course.ground.rule));
            let Some(place) = place else {
                let waits = self.course.holds_up(task_id).filter(|_| self.is_stuck(at));
                let reason = waits.map_or_else(|| "replan".into(), |why| format!("{WAITS}: {why}"));
                layout.left_out.push(LeftOut { task_id, minutes, reason });
                continue;
            };
            layout.slots.extend(place.slots.iter().enumerate().map(|(stage, slot)| Slot {
                task_id,
                stage: if stage == 0 { Stage::Work } else { Stage::Review },
                agent_id: self.agent(built, at, stage, slot.mode),
                starts_at: self.date(slot.start),
                ends_at: self.date(slot.end),
                minutes: if stage == 0 { minutes } else { review_minutes(minutes) },
            }));
        }
        layout.slots.sort_by_key(|slot| (slot.starts_at, slot.task_id, slot.stage != Stage::Work));
        layout
    }

    pub(super) fn agent(&self, built: &Built, at: usize, stage: usize, mode: usize) -> Option<AgentId> {
        let member = *built.crews.get(at)?.get(stage)?.get(mode)?.first()?;
        Some(self.team.members[member].candidate.agent.agent_id)
    }
}

/// Which ways another one beats: it is as good in every figure, and better in one.
fn beaten(figures: &[[i64; 6]]) -> Vec<bool> {
    let better =
        |one: &[i64; 6], other: &[i64; 6]| one != other && one.iter().zip(other).all(|(one, other)| one <= other);
    figures.iter().map(|own| figures.iter().any(|other| better(other, own))).collect()
}

#[cfg(test)]
mod tests {
    use super::beaten;

    #[test]
    fn a_way_that_is_worse_in_all_that_is_told_is_beaten() {
        // More without a place, more deadlines missed, more late, later, more to others, more changes.
        let (balanced, fewest, sooner) = ([-6, 0, 5, 3960, 8, 14], [-6, 0, 4, -140, 5, 11], [-6, 0, 4, -600, 9, 15]);
        assert_eq!(beaten(&[balanced, fewest, sooner]), [true, false, false]);
        assert_eq!(beaten(&[fewest, fewest]), [false, false], "of two that are alike none beats the other");
    }
}
