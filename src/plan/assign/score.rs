//! The first four phases: who can, who is there, who has room, who suits best; each as a score from 0 to 1.

use chrono::{Datelike, Timelike};

use super::situation::{Candidate, Ready};
use super::why::{Phase, Scores};
use crate::domain::policy::Objective;
use crate::domain::task::{Complexity, Requirements};
use crate::domain::{Agent, Days, Timestamp};

/// Factor on the decision of an agent under whom the task failed before: anybody else who suits comes first.
const FAILED_BEFORE: f64 = 0.25;

/// How much each score counts for an objective; each row adds up to 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    capability: f64,
    availability: f64,
    load: f64,
    specialization: f64,
    finish: f64,
    cost: f64,
}

impl Weights {
    pub(super) fn of(objective: Objective) -> Self {
        let row = |[capability, availability, load, specialization, finish, cost]: [f64; 6]| Self {
            capability,
            availability,
            load,
            specialization,
            finish,
            cost,
        };
        match objective {
            Objective::Expertise => row([0.45, 0.05, 0.10, 0.30, 0.05, 0.05]),
            Objective::Balance => row([0.05, 0.05, 0.70, 0.10, 0.05, 0.05]),
            Objective::Deadline => row([0.10, 0.15, 0.10, 0.05, 0.55, 0.05]),
            Objective::Cost => row([0.05, 0.05, 0.10, 0.05, 0.05, 0.70]),
            Objective::Balanced => row([0.15, 0.10, 0.30, 0.20, 0.15, 0.10]),
        }
    }

    /// Weighed mean; an unknown cost counts for nothing instead of for zero.
    fn weigh(&self, scores: &Scores) -> f64 {
        let known = self.capability * scores.capability
            + self.availability * scores.availability
            + self.load * scores.load
            + self.specialization * scores.specialization
            + self.finish * scores.finish;
        match scores.cost {
            Some(cost) => known + self.cost * cost,
            None => known / (1.0 - self.cost),
        }
    }

    /// What tipped the scales between a winner and a loser, in words.
    pub(super) fn why_lost(&self, won: &Scores, lost: &Scores) -> String {
        let gaps = [
            (self.load * (won.load - lost.load), "more loaded"),
            (self.capability * (won.capability - lost.capability), "less skilled"),
            (self.specialization * (won.specialization - lost.specialization), "less specialized"),
            (self.finish * (won.finish - lost.finish), "would finish later"),
            (self.availability * (won.availability - lost.availability), "has less working time left today"),
            (self.cost * (won.cost.unwrap_or(0.5) - lost.cost.unwrap_or(0.5)), "costs more"),
        ];
        let tipped = gaps.iter().max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(gap, _)| *gap > 1e-9);
        tipped.map_or_else(|| "equal; the other comes first by name".into(), |(_, words)| (*words).into())
    }
}

/// Means over the team that scores are measured against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Norm {
    /// Minutes of a submitted attempt.
    minutes: f64,
    /// Cost per hour.
    cost: Option<f64>,
}

impl Norm {
    pub(super) fn of(team: &[&Candidate]) -> Self {
        let mean = |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        Self {
            minutes: mean(team.iter().filter_map(|c| c.record.mean_minutes).collect()).unwrap_or(0.0),
            cost: mean(team.iter().filter_map(|c| c.agent.cost_per_hour).collect()).filter(|cost| *cost > 0.0),
        }
    }

    pub(super) fn knows_cost(&self) -> bool {
        self.cost.is_some()
    }
}

/// One agent's place at the table while tasks are handed out: what it holds grows with every task it gets.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    pub(super) candidate: &'a Candidate,
    /// Tasks it may still take.
    pub(super) room: u32,
    /// Why it takes nothing at all, and the phase that says so.
    pub(super) shut: Option<(Phase, String)>,
    held: f64,
    minutes: f64,
    weight: f64,
    /// Own pace against the team's: 2 is twice as fast.
    pace: f64,
    hours_left: Option<f64>,
}

impl<'a> Seat<'a> {
    pub(super) fn new(candidate: &'a Candidate, norm: &Norm, holidays: &[Days], now: Timestamp) -> Self {
        let pace = candidate.record.mean_minutes.filter(|own| *own > 0.0 && norm.minutes > 0.0);
        Self {
            candidate,
            room: candidate.room(),
            shut: shut(candidate, holidays, now),
            held: candidate.held.len() as f64,
            minutes: candidate.held.iter().map(|held| f64::from(held.minutes)).sum(),
            weight: candidate.held.iter().map(|held| weight(held.complexity)).sum(),
            pace: pace.map_or(1.0, |own| (norm.minutes / own).clamp(0.5, 2.0)),
            hours_left: minutes_left_today(&candidate.agent, now).map(|minutes| f64::from(minutes) / 60.0),
        }
    }

    pub(super) fn take(&mut self, ready: &Ready) {
        self.room = self.room.saturating_sub(1);
        self.held += 1.0;
        self.minutes += f64::from(ready.minutes);
        self.weight += weight(ready.complexity);
    }

    /// All scores for one task that this agent can do.
    pub(super) fn scores(&self, ready: &Ready, fit: Fit, norm: &Norm, weights: &Weights) -> Scores {
        let own = f64::from(ready.minutes) / self.pace;
        let finish = self.minutes / self.pace / self.limit() + own;
        let mut scores = Scores {
            capability: fit.capability,
            availability: self.hours_left.map_or(1.0, |hours| (hours * 60.0 / own).min(1.0)),
            load: self.load_score(),
            specialization: fit.specialization,
            finish: f64::from(ready.minutes) / (f64::from(ready.minutes) + finish),
            cost: self.cost_score(norm),
            decision: 0.0,
        };
        scores.decision = weights.weigh(&scores);
        if ready.failed_with.contains(&self.candidate.agent.agent_id) {
            scores.decision *= FAILED_BEFORE;
        }
        scores
    }

    fn limit(&self) -> f64 {
        f64::from(self.candidate.agent.wip_limit.max(1))
    }

    /// Phase three: count, complexity, past completion time, performance, resource use.
    fn load_score(&self) -> f64 {
        let count = 1.0 - (self.held / self.limit()).min(1.0);
        let complexity = 1.0 - (self.weight / (self.limit() * weight(Complexity::Complex))).min(1.0);
        let past = (self.pace - 0.5) / 1.5;
        let performance = self.candidate.record.success();
        let used = self.candidate.cpu_usage.unwrap_or(0.0).max(self.candidate.memory_usage.unwrap_or(0.0));
        let resources = 1.0 - f64::from(used.clamp(0.0, 100.0)) / 100.0;
        0.40 * count + 0.20 * complexity + 0.10 * past + 0.20 * performance + 0.10 * resources
    }

    fn cost_score(&self, norm: &Norm) -> Option<f64> {
        let (mean, own) = (norm.cost?, self.candidate.agent.cost_per_hour?);
        Some(mean / (mean + own.max(0.0) / self.pace))
    }
}

/// How well an agent's skills meet a task's requirements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    capability: f64,
    specialization: f64,
}

/// Phase one: the skills as scores, or why the agent cannot do it.
pub(super) fn fit(agent: &Agent, needs: &Requirements) -> Result<Fit, String> {
    if let Some(why) = agent.misfit(needs) {
        return Err(why);
    }
    let asked = needs.capabilities.len() as f64;
    if asked == 0.0 {
        // Whoever can do little else should take what anybody can do.
        return Ok(Fit { capability: 1.0, specialization: 1.0 / (1.0 + agent.skills.len() as f64) });
    }
    let level = |skill: &String| f64::from(agent.skills.get(skill).copied().unwrap_or(0));
    let above =
        |(skill, wanted): (&String, &u8)| (level(skill) - f64::from(*wanted) + 1.0) / (6.0 - f64::from(*wanted));
    let capability = needs.capabilities.iter().map(above).sum::<f64>() / asked;
    let mastery = needs.capabilities.keys().map(|skill| level(skill) / 5.0).sum::<f64>() / asked;
    let narrow = asked / (agent.skills.len() as f64).max(asked);
    Ok(Fit { capability, specialization: 0.6 * mastery + 0.4 * narrow })
}

/// How well an agent suits what is needed, 0 to 1; 0 if it cannot do it.
pub fn suits(agent: &Agent, needs: &Requirements) -> f64 {
    fit(agent, needs).map_or(0.0, |fit| f64::midpoint(fit.capability, fit.specialization))
}

/// Phase two and the hard half of phase three: why an agent takes nothing now.
fn shut(candidate: &Candidate, holidays: &[Days], now: Timestamp) -> Option<(Phase, String)> {
    let agent = &candidate.agent;
    if agent.draining {
        return Some((Phase::Availability, "is draining".into()));
    }
    if !candidate.present {
        return Some((Phase::Availability, "is offline".into()));
    }
    if !agent.works_at(now, holidays) {
        return Some((Phase::Availability, "is outside its working hours".into()));
    }
    (candidate.room() == 0).then(|| (Phase::Load, format!("has {} of {} tasks", candidate.held.len(), agent.wip_limit)))
}

fn weight(complexity: Complexity) -> f64 {
    match complexity {
        Complexity::Simple => 1.0,
        Complexity::Moderate => 2.0,
        Complexity::Complex => 3.0,
    }
}

/// Minutes until the present working hours end; `None`: they do not end.
fn minutes_left_today(agent: &Agent, now: Timestamp) -> Option<u32> {
    if agent.availability.is_empty() {
        return None;
    }
    let local = now.with_timezone(&agent.time_zone);
    let minute = local.hour() * 60 + local.minute();
    let today = agent.availability.iter().filter(|window| window.day == local.weekday());
    let present = today.filter(|w| (u32::from(w.from_minute)..u32::from(w.to_minute)).contains(&minute));
    Some(present.map(|window| u32::from(window.to_minute) - minute).max().unwrap_or(0))
}
