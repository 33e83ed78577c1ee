//! Phase five, the decision: many tasks to many agents, greedy by urgency, and by regret among equals.
//!
//! Regret is what a task would lose if its best agent went to another: whoever would lose most chooses first.

use std::collections::HashMap;

use super::score::{Fit, Norm, Seat, Weights, fit};
use super::situation::{Candidate, Planned, Ready, Situation};
use super::why::{Outcome, Phase, Why};
use super::{Proposal, Pushed};
use crate::domain::policy::Objective;
use crate::domain::task::Requirements;
use crate::domain::{Policy, Timestamp};

/// Tasks that compete at a time: bounds the work of one round, whatever the board's size.
const FRONT: usize = 64;

/// Hands out the tasks, given most urgent first.
pub(super) fn decide(situation: &Situation, policy: &Policy, now: Timestamp, tasks: Vec<Pushed>) -> Vec<Proposal> {
    let mut table = Table::new(situation, policy, now);
    let mut proposals = Vec::new();
    let mut rest = tasks.into_iter().peekable();
    while table.room() > 0 {
        let Some(band) = rest.peek().map(Pushed::band) else { break };
        let mut front = Vec::new();
        while front.len() < table.room().min(FRONT) {
            let Some(task) = rest.next_if(|task| task.band() == band) else { break };
            front.extend(table.entry(task));
        }
        while let Some(proposal) = table.serve(&mut front) {
            proposals.push(proposal);
        }
    }
    proposals
}

/// A task with what each agent would be worth to it; agents in the order of the seats.
struct Entry<'a> {
    task: Pushed<'a>,
    fits: Vec<Option<Fit>>,
    worth: Vec<f64>,
}

impl Entry<'_> {
    /// The best seat and the regret of not getting it; `None` once nobody is left.
    fn wish(&self) -> Option<(usize, f64)> {
        let mut best: Option<(usize, f64)> = None;
        let mut second = 0.0;
        for (seat, worth) in self.worth.iter().copied().enumerate().filter(|(_, worth)| *worth > 0.0) {
            match best {
                Some((_, most)) if worth <= most => second = f64::max(second, worth),
                _ => {
                    second = best.map_or(second, |(_, most)| f64::max(second, most));
                    best = Some((seat, worth));
                }
            }
        }
        best.map(|(seat, most)| (seat, if second > 0.0 { most - second } else { f64::INFINITY }))
    }
}

/// The team at the table, and what has been found out about requirements so far.
struct Table<'a> {
    seats: Vec<Seat<'a>>,
    policy: &'a Policy,
    norm: Norm,
    weights: Weights,
    lane_room: u32,
    fits: HashMap<String, Vec<Option<Fit>>>,
    given: HashMap<usize, String>,
}

impl<'a> Table<'a> {
    fn new(situation: &'a Situation, policy: &'a Policy, now: Timestamp) -> Self {
        let mut team: Vec<&Candidate> = situation.team.iter().collect();
        team.sort_by(|a, b| (&a.agent.name, a.agent.agent_id).cmp(&(&b.agent.name, b.agent.agent_id)));
        let norm = Norm::of(&team);
        Self {
            seats: team.into_iter().map(|candidate| Seat::new(candidate, &norm, &policy.holidays, now)).collect(),
            policy,
            norm,
            weights: Weights::of(objective(policy, &norm)),
            lane_room: situation.room.unwrap_or(u32::MAX),
            fits: HashMap::new(),
            given: HashMap::new(),
        }
    }

    /// Tasks that can still be handed out.
    fn room(&self) -> usize {
        let free: u32 = self.seats.iter().filter(|seat| seat.shut.is_none()).map(|seat| seat.room).sum();
        free.min(self.lane_room) as usize
    }

    /// Phases one to four for one task; `None` if nobody can take it now.
    fn entry<'t>(&mut self, task: Pushed<'t>) -> Option<Entry<'t>> {
        let fits = self.fits(&task.ready.requirements);
        let mut entry = Entry { worth: vec![0.0; fits.len()], fits, task };
        for seat in 0..self.seats.len() {
            self.rate(&mut entry, seat);
        }
        entry.worth.iter().any(|worth| *worth > 0.0).then_some(entry)
    }

    /// Skills against requirements; tasks that ask for the same share the answer.
    fn fits(&mut self, needs: &Requirements) -> Vec<Option<Fit>> {
        let key = format!("{:?}{:?}", needs.capabilities, needs.roles);
        let seats = &self.seats;
        let judge = || seats.iter().map(|seat| fit(&seat.candidate.agent, needs).ok()).collect();
        self.fits.entry(key).or_insert_with(judge).clone()
    }

    fn rate(&self, entry: &mut Entry, seat: usize) {
        let at = &self.seats[seat];
        entry.worth[seat] = match entry.fits[seat] {
            Some(fit) if at.shut.is_none() && at.room > 0 && kept_for_another(entry.task.ready, at).is_none() => {
                at.scores(entry.task.ready, fit, &self.norm, &self.weights).decision
            }
            _ => 0.0,
        };
    }

    /// Gives the task with the most regret its best agent.
    fn serve(&mut self, front: &mut Vec<Entry>) -> Option<Proposal> {
        if self.lane_room == 0 {
            return None;
        }
        front.retain(|entry| entry.wish().is_some());
        let wishes =
            front.iter().enumerate().filter_map(|(i, entry)| entry.wish().map(|(seat, regret)| (i, seat, regret)));
        // Among equal regrets the first, which is the one that waits longest.
        let (chosen, seat, _) = wishes.reduce(|best, next| if next.2 > best.2 { next } else { best })?;
        let entry = front.remove(chosen);
        let proposal = Proposal {
            task_id: entry.task.ready.task_id,
            agent_id: self.seats[seat].candidate.agent.agent_id,
            why: self.why(&entry, seat),
        };
        self.seats[seat].take(entry.task.ready);
        self.lane_room -= 1;
        self.given.insert(seat, entry.task.ready.number.to_string());
        for other in front {
            self.rate(other, seat);
        }
        Some(proposal)
    }

    fn why(&self, entry: &Entry, winner: usize) -> Why {
        let ready = entry.task.ready;
        let mut candidates: Vec<(bool, f64, Outcome)> = (0..self.seats.len())
            .map(|seat| {
                let outcome = self.outcome(entry, seat, winner);
                (seat != winner, outcome.scores.map_or(-1.0, |scores| scores.decision), outcome)
            })
            .collect();
        candidates.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        Why {
            task: ready.number,
            chosen: self.seats[winner].candidate.agent.name.clone(),
            strategy: self.policy.strategy,
            objective: self.policy.objective,
            because: because(&entry.task, &self.seats[winner]),
            urgency: entry.task.rank,
            candidates: candidates.into_iter().map(|(_, _, outcome)| outcome).collect(),
            more: 0,
        }
        .bounded()
    }

    fn outcome(&self, entry: &Entry, seat: usize, winner: usize) -> Outcome {
        let (at, ready) = (&self.seats[seat], entry.task.ready);
        let agent = &at.candidate.agent;
        let outcome =
            |phase, scores, lost| Outcome { agent: agent.name.clone(), agent_id: agent.agent_id, phase, scores, lost };
        let Some(skills) = entry.fits[seat] else {
            let why = fit(agent, &ready.requirements).err().unwrap_or_default();
            return outcome(Phase::Capability, None, Some(why));
        };
        if let Some((phase, why)) = &at.shut {
            return outcome(*phase, None, Some(why.clone()));
        }
        if at.room == 0 {
            let why = format!("got {} first", self.given.get(&seat).map_or("another task", String::as_str));
            return outcome(Phase::Load, None, Some(why));
        }
        if let Some(planned) = kept_for_another(ready, at) {
            return outcome(Phase::Availability, None, Some(format!("the plan has {} for it", planned.agent)));
        }
        let scores = |seat: usize, skills| self.seats[seat].scores(ready, skills, &self.norm, &self.weights);
        let own = scores(seat, skills);
        let lost = (seat != winner).then(|| {
            if ready.failed_with.contains(&agent.agent_id) {
                return "failed at it before".into();
            }
            entry.fits[winner].map_or_else(String::new, |fit| self.weights.why_lost(&scores(winner, fit), &own))
        });
        outcome(Phase::Decision, Some(own), lost)
    }
}

/// For whom a task is kept, if that is somebody else.
fn kept_for_another<'a>(ready: &'a Ready, seat: &Seat) -> Option<&'a Planned> {
    ready.planned.as_ref().filter(|planned| planned.kept && planned.agent_id != seat.candidate.agent.agent_id)
}

/// Why a task is handed out now, and whether that is as planned.
fn because(task: &Pushed, winner: &Seat) -> String {
    match &task.ready.planned {
        None => task.because.into(),
        Some(planned) if planned.agent_id == winner.candidate.agent.agent_id => {
            format!("{}, as planned", task.because)
        }
        Some(planned) => format!("{}; the plan had {} for it, who is late or away", task.because, planned.agent),
    }
}

/// Cost can only be made best where it is known.
fn objective(policy: &Policy, norm: &Norm) -> Objective {
    match policy.objective {
        Objective::Cost if !norm.knows_cost() => Objective::Balanced,
        objective => objective,
    }
}
