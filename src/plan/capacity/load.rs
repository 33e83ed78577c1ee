//! How busy the plan makes people, and how long what comes to them waits for it.

use serde::Serialize;

use super::{Capacity, Part};
use crate::domain::{AgentId, AgentKind};

/// Percent of a person's time from which on its plan is warned about: from there, waits grow fast.
pub const BUSY: u32 = 80;

/// What is planned of one person's time for one part of the work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// Who.
    pub agent: String,
    /// For which part.
    pub stage: Part,
    /// Minutes planned.
    pub planned: u32,
    /// Minutes there are.
    pub there: u32,
    /// Planned of what there is, in percent; at most 999.
    pub percent: u32,
    /// How many minutes of that time one of them waits on average, whatever the plan says; none: it only grows.
    pub wait_minutes: Option<u32>,
}

/// How long something waits on average for somebody who is busy for this share of the time, in the time of that
/// somebody: Kingman's formula for one server, with arrivals and services as irregular as can be expected (coefficients
/// of variation 1; Kingman 1961). `None` from 1 on: the queue never ends.
pub fn wait(load: f64, service: f64) -> Option<f64> {
    (load < 1.0).then(|| load.max(0.0) / (1.0 - load) * service)
}

/// The load of people by the minutes of each turn that is planned for them.
pub fn loads(capacity: &Capacity, turns: &(impl Iterator<Item = (AgentId, Part, u32)> + Clone)) -> Vec<Load> {
    let people = capacity.agents.iter().filter(|share| share.kind == AgentKind::Human);
    let each = people.flat_map(|share| {
        let there = [(Part::Work, share.free_minutes), (Part::Review, share.review_minutes)];
        there.map(|(part, there)| (share, part, there))
    });
    let load = |(share, part, there): (&super::Share, Part, u32)| {
        let own = turns.clone().filter(|(agent, of, _)| (*agent, *of) == (share.agent_id, part));
        let (count, planned) =
            own.fold((0_u32, 0_u32), |(n, sum), (_, _, minutes)| (n + 1, sum.saturating_add(minutes)));
        let rate = f64::from(planned) / f64::from(there.max(1));
        let wait_minutes =
            wait(rate, f64::from(planned) / f64::from(count.max(1))).map(|minutes| minutes.round() as u32);
        let percent = (rate * 100.0).round().min(999.0) as u32;
        (count > 0).then(|| Load { agent: share.name.clone(), stage: part, planned, there, percent, wait_minutes })
    };
    each.filter_map(load).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_as_the_time_runs_out() {
        let services = [0.8, 0.9, 0.95].map(|load| wait(load, 1.0).expect("below 1").round());
        assert_eq!(services.map(|wait| wait as u32), [4, 9, 19]);
        assert_eq!((wait(0.0, 60.0), wait(1.0, 60.0)), (Some(0.0), None));
    }
}
