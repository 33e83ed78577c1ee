//! What the team can do between two dates: a table of who, in which skill, for which part of the work; never one sum.
//!
//! It owns the rule by which hours become minutes of work, reviews and answers, and what a demand runs out of first. It
//! must never plan anything: who does what when is for the scheduler.
//!
//! The rule, which is shown with every figure: a person's hours go to three quarters into tasks, to a fifth into looking
//! at results and to a twentieth into answers, unless they say otherwise; declared hours of programs count in full.
//! What was said comes first, then what was seen: minutes set by hand for the sprint, a focus that the agent has declared,
//! the share of its hours that went into tasks in earlier sprints (from five tasks and four hours on), the minutes of the
//! last sprint, what is usual. A quota that stopped an agent on most days limits its day, unless its minutes were set by
//! hand.
//! Whoever declares no hours is planned as in the last sprint if somebody said then how much there was, else with eight
//! hours a day (people from Monday to Friday; three quarters of the hours of programs, as what they make has to be read by
//! somebody), and marked. People have holidays and everybody has days off. What an agent has in hand is taken off.

mod habits;
mod load;
mod points;
mod time;

use std::collections::BTreeMap;

use serde::Serialize;

pub use habits::{Delay, Era, Habit, Habits, Stint};
pub use load::{BUSY, Load, loads, wait};
pub use points::{PointRule, USUAL_POINT};
pub use time::{Carried, Frame, Source, Time};

use crate::domain::sprint::Learned;
use crate::domain::{AgentId, AgentKind};
use crate::plan::assign::Candidate;

/// A part of the work, with hours of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Tasks.
    Work,
    /// Looking at results.
    Review,
    /// Answering questions.
    Answers,
}

impl Part {
    /// In words: what the hours go into.
    pub fn title(self) -> &'static str {
        match self {
            Self::Work => "tasks",
            Self::Review => "reviews",
            Self::Answers => "answers",
        }
    }
}

/// What one agent can do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// Who.
    pub agent_id: AgentId,
    /// Name.
    pub name: String,
    /// Person or program.
    pub kind: AgentKind,
    /// Minutes for tasks in the span by its hours, or as set by hand.
    pub minutes: u32,
    /// Minutes already taken by what it has in hand.
    pub held_minutes: u32,
    /// Minutes left.
    pub free_minutes: u32,
    /// Story points of what is left.
    pub points: f64,
    /// Minutes for looking at results.
    pub review_minutes: u32,
    /// Minutes for answers.
    pub answer_minutes: u32,
    /// How long results waited for its judgement in earlier sprints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviews_wait: Option<Delay>,
    /// The same of questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers_wait: Option<Delay>,
    /// What a plan that is made with this is to keep.
    #[serde(skip)]
    pub learned: Option<Learned>,
    /// Where the minutes come from.
    pub source: Source,
    /// The same in words.
    pub because: String,
}

impl Share {
    /// How long others waited for them, in words; none where nothing is known of that.
    pub fn waits(&self) -> Option<String> {
        let results = self.reviews_wait.map(|wait| format!("results waited {}", wait.told()));
        let questions = self.answers_wait.map(|wait| format!("questions waited {}", wait.told()));
        let both: Vec<String> = [results, questions].into_iter().flatten().collect();
        (!both.is_empty()).then(|| both.join(", "))
    }
}

/// One line of the table: what somebody has for a part of the work, in a skill where that matters. The same minutes
/// stand in a line for each skill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Who.
    pub resource: String,
    /// Which part.
    pub stage: Part,
    /// The skill; none: reviews and answers, or somebody without skills.
    pub skill: Option<String>,
    /// Its level, 1 to 5.
    pub level: Option<u8>,
    /// Free minutes.
    pub minutes: u32,
}

/// What can be done in one skill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SkillShare {
    /// The skill.
    pub skill: String,
    /// Free minutes of all who have it; those with several skills count in each.
    pub minutes: u32,
    /// Story points of that.
    pub points: f64,
    /// Who has it, best first, with the level.
    pub agents: Vec<(String, u8)>,
}

/// What the team can do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Capacity {
    /// By agent: people first, each by name.
    pub agents: Vec<Share>,
    /// By agent, part and skill.
    pub table: Vec<Row>,
    /// By skill, the scarcest first.
    pub skills: Vec<SkillShare>,
    /// Free minutes of people.
    pub people_minutes: u32,
    /// Free minutes of programs.
    pub program_minutes: u32,
    /// Minutes for looking at results.
    pub review_minutes: u32,
    /// Minutes for answers.
    pub answer_minutes: u32,
    /// Free minutes of all.
    pub minutes: u32,
    /// Minutes in all, held ones included.
    pub gross_minutes: u32,
    /// Story points of the free minutes.
    pub points: f64,
}

/// What is wanted of the team.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// Minutes of tasks.
    work: u32,
    /// Minutes of reviews.
    review: u32,
    /// Minutes of tasks by skill and the level that they need.
    skills: BTreeMap<String, BTreeMap<u8, u32>>,
}

impl Demand {
    /// One task more: the skills that it needs, its minutes, and those of its review.
    pub fn add(&mut self, needs: &BTreeMap<String, u8>, work: u32, review: u32) {
        self.work = self.work.saturating_add(work);
        self.review = self.review.saturating_add(review);
        for (skill, level) in needs {
            let minutes = self.skills.entry(skill.clone()).or_default().entry(*level).or_default();
            *minutes = minutes.saturating_add(work);
        }
    }
}

/// What a demand runs out of first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Binding {
    /// `testing 4`, `reviews`, or `everyone`.
    pub what: String,
    /// Which part of the work.
    pub stage: Part,
    /// Minutes wanted.
    pub wanted: u32,
    /// Minutes there.
    pub there: u32,
    /// Minutes missing.
    pub gap: u32,
}

impl Binding {
    fn new(what: impl Into<String>, stage: Part, wanted: u32, there: u32) -> Self {
        Self { what: what.into(), stage, wanted, there, gap: wanted.saturating_sub(there) }
    }

    /// Wanted over there, in percent; 999 if nothing is there.
    pub fn percent(&self) -> u32 {
        (u64::from(self.wanted) * 100).checked_div(u64::from(self.there)).map_or(999, |percent| percent.min(999) as u32)
    }
}

/// What the team can do. Agents that take nothing new have no time for tasks left.
pub fn capacity(team: &[Candidate], frame: &Frame, rule: &PointRule) -> Capacity {
    let mut agents: Vec<Share> = team.iter().map(|member| share(member, frame, rule)).collect();
    agents.sort_by(|a, b| (a.kind != AgentKind::Human, &a.name).cmp(&(b.kind != AgentKind::Human, &b.name)));
    let sum = |minutes: fn(&Share) -> u32| agents.iter().map(minutes).fold(0, u32::saturating_add);
    let of = |kind| agents.iter().filter(move |share| share.kind == kind);
    let free = |kind| of(kind).map(|share| share.free_minutes).fold(0, u32::saturating_add);
    let minutes = sum(|share| share.free_minutes);
    Capacity {
        table: agents.iter().flat_map(|share| rows(share, team)).collect(),
        skills: skill_shares(team, &agents, rule),
        people_minutes: free(AgentKind::Human),
        program_minutes: free(AgentKind::Ai),
        review_minutes: sum(|share| share.review_minutes),
        answer_minutes: sum(|share| share.answer_minutes),
        gross_minutes: sum(|share| share.minutes),
        points: rule.points(minutes),
        minutes,
        agents,
    }
}

fn share(member: &Candidate, frame: &Frame, rule: &PointRule) -> Share {
    let agent = &member.agent;
    let time = frame.time(agent);
    let held_minutes: u32 = member.held.iter().map(|held| held.minutes).sum();
    let habit = frame.habits.get(&agent.agent_id);
    let free = if agent.draining { 0 } else { time.work.saturating_sub(held_minutes) };
    Share {
        agent_id: agent.agent_id,
        name: agent.name.clone(),
        kind: agent.kind,
        minutes: time.work,
        held_minutes,
        free_minutes: free,
        points: rule.points(free),
        review_minutes: time.review,
        answer_minutes: time.answers,
        reviews_wait: habit.and_then(|habit| habit.reviews),
        answers_wait: habit.and_then(|habit| habit.answers),
        learned: time.learned(),
        source: time.source,
        because: if agent.draining { "takes nothing new".into() } else { time.because },
    }
}

fn rows(share: &Share, team: &[Candidate]) -> Vec<Row> {
    let row = |stage, minutes, skill: Option<(&String, &u8)>| Row {
        resource: share.name.clone(),
        stage,
        skill: skill.map(|(skill, _)| skill.clone()),
        level: skill.map(|(_, level)| *level),
        minutes,
    };
    let skills = team.iter().filter(|member| member.agent.agent_id == share.agent_id);
    let skills = skills.flat_map(|member| &member.agent.skills);
    let mut rows: Vec<Row> = skills.map(|skill| row(Part::Work, share.free_minutes, Some(skill))).collect();
    if rows.is_empty() {
        rows.push(row(Part::Work, share.free_minutes, None));
    }
    if share.kind == AgentKind::Human {
        rows.push(row(Part::Review, share.review_minutes, None));
        rows.push(row(Part::Answers, share.answer_minutes, None));
    }
    rows
}

fn skill_shares(team: &[Candidate], shares: &[Share], rule: &PointRule) -> Vec<SkillShare> {
    let mut skills: BTreeMap<&String, SkillShare> = BTreeMap::new();
    for member in team {
        let free = shares.iter().find(|share| share.agent_id == member.agent.agent_id).map_or(0, |s| s.free_minutes);
        for (skill, level) in &member.agent.skills {
            let entry = skills.entry(skill).or_insert_with(|| SkillShare {
                skill: skill.clone(),
                minutes: 0,
                points: 0.0,
                agents: Vec::new(),
            });
            entry.minutes += free;
            entry.agents.push((member.agent.name.clone(), *level));
        }
    }
    let mut skills: Vec<SkillShare> = skills.into_values().collect();
    for share in &mut skills {
        share.points = rule.points(share.minutes);
        share.agents.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    }
    skills.sort_by(|a, b| a.minutes.cmp(&b.minutes).then(a.skill.cmp(&b.skill)));
    skills
}

impl Capacity {
    /// What a demand runs out of first: everyone, a skill at a level, or reviews. A necessary condition, no promise: who
    /// has several skills is counted in each. `None` where nothing is wanted.
    pub fn binding(&self, demand: &Demand) -> Option<Binding> {
        let everyone = Binding::new("everyone", Part::Work, demand.work, self.minutes);
        let reviews = Binding::new("reviews", Part::Review, demand.review, self.review_minutes);
        let skills = demand.skills.iter().flat_map(|(skill, levels)| {
            levels.keys().map(move |&level| {
                let wanted = levels.range(level..).map(|(_, minutes)| *minutes).fold(0, u32::saturating_add);
                Binding::new(format!("{skill} {level}"), Part::Work, wanted, self.minutes_of(skill, level))
            })
        });
        [everyone, reviews]
            .into_iter()
            .chain(skills)
            .filter(|binding| binding.wanted > 0)
            .reduce(|most, next| if next.percent() > most.percent() { next } else { most })
    }

    /// Free minutes of all who have a skill at this level or above.
    fn minutes_of(&self, skill: &str, level: u8) -> u32 {
        let able = |row: &&Row| row.skill.as_deref() == Some(skill) && row.level.is_some_and(|has| has >= level);
        self.table.iter().filter(able).map(|row| row.minutes).fold(0, u32::saturating_add)
    }
}

#[cfg(test)]
mod tests;
