//! What happened to a plan and what a way to go on is about, in words.

use std::collections::BTreeSet;

use super::{Course, View};
use crate::domain::sprint::{Alternative, GRACE, Layout, Move, Stage};
use crate::domain::words::{count, listed};
use crate::domain::{AgentId, TaskId};
use crate::plan::replan::{Choice, Kind, Reason, Replanned, Standing};
use crate::plan::schedule::model::Time;
use crate::plan::wizard::Job;

/// Tasks that are named; the others are counted.
const NAMED: usize = 5;

impl Course {
    /// Why a task cannot go on, if it cannot.
    pub fn holds_up(&self, task: TaskId) -> Option<String> {
        if let Some(why) = self.held_up.get(&task) {
            return Some(why.clone());
        }
        let stuck = self.stuck();
        let (job, _) = self.items.iter().find(|(job, _)| job.task_id == task && stuck.contains(&task))?;
        let before = self.items.iter().filter(|(one, _)| job.after.contains(&one.task_id));
        let labels: Vec<&str> =
            before.filter(|(one, _)| stuck.contains(&one.task_id)).map(|(one, _)| one.label.as_str()).collect();
        Some(format!("waits for {}", labels.join(", ")))
    }

    /// What stands in the way of the goal, in short: `#5 is blocked`, `#5 is blocked and 2 more`; none if nothing does.
    pub fn barrier(&self) -> Option<String> {
        let first = self.items.iter().find_map(|(job, _)| Some((&job.label, self.held_up.get(&job.task_id)?)));
        let (label, why) = first?;
        let why = why.split(':').next().unwrap_or(why);
        let more = self.held_up.len() - 1;
        Some(if more > 0 { format!("{label} {why}, and {more} more") } else { format!("{label} {why}") })
    }

    /// What cannot go on, and what waits for that: `#5 is blocked: no contract`, `#6, #7 wait for that`.
    pub fn waits(&self) -> Vec<String> {
        let stuck = self.stuck();
        let jobs = || self.items.iter().map(|(job, _)| job);
        let mut told: Vec<String> =
            jobs().filter_map(|job| Some(format!("{} {}", job.label, self.held_up.get(&job.task_id)?))).collect();
        let behind = |job: &&Job| stuck.contains(&job.task_id) && !self.held_up.contains_key(&job.task_id);
        let labels: Vec<&str> = jobs().filter(behind).map(|job| job.label.as_str()).collect();
        if self.held_up.len() > 1 {
            let each = jobs().filter(behind).filter_map(|job| self.holds_up(job.task_id).map(|why| (job, why)));
            told.extend(each.map(|(job, why)| format!("{} {why}", job.label)));
        } else if !labels.is_empty() {
            told.push(format!(
                "{} {} for that",
                listed(&labels, NAMED),
                if labels.len() == 1 { "waits" } else { "wait" }
            ));
        }
        told
    }
}

impl View<'_> {
    /// What happened, in a sentence that names the tasks: who is not there for them, what comes noticeably later, what has
    /// nobody, what would end too late, what is new. Empty if the plan holds but for minutes.
    pub(super) fn cause(
        &self,
        standing: &Standing,
        replanned: &Replanned,
        goal: Time,
        missed: &[usize],
        best: Option<&Alternative>,
    ) -> String {
        if self.course.layout.slots.is_empty() && !self.course.items.is_empty() {
            return "there is no plan yet".into();
        }
        let mut open: BTreeSet<usize> = (0..self.course.items.len()).collect();
        let mut parts = Vec::new();
        let mut tell = |open: &mut BTreeSet<usize>, tasks: Vec<usize>, words: &dyn Fn(&str) -> String| {
            let tasks: Vec<usize> = tasks.into_iter().filter(|at| open.remove(at)).collect();
            if !tasks.is_empty() {
                parts.push(words(&self.named(&tasks)));
            }
        };
        let hit = |wanted: &dyn Fn(usize) -> bool| replanned.hit.iter().copied().filter(|&at| wanted(at)).collect();
        for (absent, name, what) in self.absent() {
            tell(&mut open, hit(&|at| self.planned_for(at) == Some(absent)), &|tasks| format!("{name} {what} {tasks}"));
        }
        let carried = &replanned.carried;
        let place = |at: usize| carried.plan.places[at].as_ref();
        let grace = GRACE.num_minutes() as Time;
        let is_late = |at: usize| place(at).zip(standing.start(at)).is_some_and(|(to, was)| to.start() > was + grace);
        tell(&mut open, hit(&is_late), &|tasks| format!("{tasks} cannot begin as planned"));
        let gone = |nobody: bool| {
            let gone = carried.leaves.iter().filter(|(_, why)| matches!(why, Some(Reason::NobodyCan)) == nobody);
            gone.map(|(at, _)| *at).collect()
        };
        tell(&mut open, gone(true), &|tasks| format!("nobody is there for {tasks}"));
        tell(&mut open, gone(false), &|tasks| format!("nobody has time for {tasks}"));
        let whose = if missed.len() == 1 { "misses its deadline" } else { "miss their deadlines" };
        tell(&mut (0..self.course.items.len()).collect(), missed.to_vec(), &|tasks| format!("{tasks} {whose}"));
        if standing.finish() <= goal {
            let over = open.iter().copied().filter(|&at| place(at).is_some_and(|place| place.end() > goal)).collect();
            tell(&mut open, over, &|tasks| format!("{tasks} would end after the sprint"));
        }
        let comes = replanned.best().comes.iter().copied().filter(|at| !carried.comes.contains(at)).collect();
        tell(&mut open, comes, &|tasks| format!("{tasks} came in and has no place yet"));
        if parts.is_empty() && best.is_some_and(|best| self.comes_back(best)) {
            parts.push("what the last change was made for is over".into());
        }
        parts.join("; ")
    }

    /// Who had a part in the plan and does not take it, with what is to be said about it.
    fn absent(&self) -> impl Iterator<Item = (AgentId, &str, &'static str)> {
        let lost = self.course.lost.iter().map(|(id, name)| (*id, name.as_str(), "is not there for"));
        let team = self.course.ground.team.iter().map(|member| &member.agent);
        let draining = team
            .filter(|agent| agent.draining)
            .map(|agent| (agent.agent_id, agent.name.as_str(), "takes nothing new, so not"));
        lost.chain(draining)
    }

    /// Whether everybody would have what they had before the last change.
    fn comes_back(&self, best: &Alternative) -> bool {
        let hands = |step: &Move| self.course.is_open(step.task_id) && step.agent_from != step.agent_to;
        let differs = |other: &Layout| other.moves_to(&best.layout).iter().any(hands);
        self.course.before.as_ref().is_some_and(|before| !differs(before) && differs(&self.course.layout))
    }

    fn planned_for(&self, at: usize) -> Option<AgentId> {
        self.course.layout.slots_of(self.course.items[at].0.task_id, Stage::Work).next()?.agent_id
    }

    fn named(&self, tasks: &[usize]) -> String {
        listed(&tasks.iter().map(|&at| self.course.label(at)).collect::<Vec<_>>(), NAMED)
    }

    /// A way to go on in a few words.
    pub(super) fn label(&self, choice: &Choice, misses: &[usize]) -> String {
        let hands = choice.changed_agents();
        let times = choice.moves.iter().filter(|step| !step.other_agent).count();
        let mut parts = Vec::new();
        if hands > 0 {
            parts.push(format!("{} to others", count(hands, "task")));
        }
        if times > 0 {
            parts.push(format!("{} at another time", count(times, "task")));
        }
        if !choice.leaves.is_empty() {
            let names: Vec<&str> = choice.leaves.iter().take(NAMED).map(|(at, _)| self.course.label(*at)).collect();
            let more = if choice.leaves.len() > NAMED { " and more" } else { "" };
            parts.push(format!("without {}{more}", names.join(", ")));
        }
        if !choice.comes.is_empty() {
            parts.push(count(choice.comes.len(), "more task"));
        }
        if parts.is_empty() {
            parts.push("as planned".into());
        }
        let what = match choice.kind {
            Kind::FewestChanges => "fewest changes: ",
            Kind::Sooner => "sooner: ",
            Kind::DatesMove => "later: ",
            Kind::KeepsDates => "on time: ",
            Kind::TasksLeave => "less: ",
            Kind::Balanced => "",
        };
        let dates = match misses.len() {
            0 => String::new(),
            1 => format!("; misses the deadline of {}", self.named(misses)),
            _ => format!("; misses the deadlines of {}", self.named(misses)),
        };
        let ends = self.ends(choice).map_or_else(
            || "nothing is left to do then".to_owned(),
            |ends| format!("done {}", ends.format("%a %-d %b %H:%M UTC")),
        );
        format!("{what}{}; {ends}{dates}", parts.join(", "))
    }
}
