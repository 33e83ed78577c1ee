//! Can a deadline be kept? The earliest time at which a task could be done if everything went on without a pause.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::domain::deps::{Edges, chains};
use crate::domain::hours::spans;
use crate::domain::{Agent, Days, TaskId, Timestamp};

/// Days that are looked ahead; work that does not fit into them counts as never done.
const HORIZON_DAYS: i64 = 366;

/// A task that has to be done on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// The task.
    pub task_id: TaskId,
    /// Minutes still to do; 0 where nothing is known, so that only what is known counts against a deadline.
    pub minutes: u32,
    /// Its predecessors.
    pub waits_for: Vec<TaskId>,
}

/// Minutes of work on the longest chain that ends with `task`; predecessors that are not among `legs` count as done.
/// `None` if the edges close a circle.
pub fn longest_chain(task: TaskId, legs: &[Leg]) -> Option<u64> {
    let minutes: BTreeMap<TaskId, u64> = legs.iter().map(|leg| (leg.task_id, u64::from(leg.minutes))).collect();
    let open = |leg: &Leg| leg.waits_for.iter().copied().filter(|id| minutes.contains_key(id)).collect();
    let edges: Edges = legs.iter().map(|leg| (leg.task_id, open(leg))).collect();
    let chains = chains(&edges, |id| minutes.get(&id).copied().unwrap_or(0))?;
    chains.into_iter().find(|(id, _)| *id == task).map(|(_, length)| length)
}

/// When `minutes` of work, begun now, would be done by the one of `workers` who works the longest hours. Nobody: as if
/// somebody worked round the clock. `None`: not within a year.
pub fn earliest_finish(minutes: u64, workers: &[&Agent], holidays: &[Days], now: Timestamp) -> Option<Timestamp> {
    let Some(worker) = workers.iter().max_by_key(|agent| (agent.weekly_minutes(), std::cmp::Reverse(&agent.name)))
    else {
        return Some(now + Duration::minutes(minutes as i64));
    };
    if worker.availability.is_empty() || minutes == 0 {
        return Some(now + Duration::minutes(minutes as i64));
    }
    let mut left = minutes as i64;
    for (from, to) in spans(&worker.time_zone, &worker.availability, &worker.days_off(holidays), now, HORIZON_DAYS) {
        let long = (to - from).num_minutes();
        if left <= long {
            return Some(from + Duration::minutes(left));
        }
        left -= long;
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::domain::Zone;
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::domain::AgentKind;
    use crate::domain::agent::{Division, parse_windows};
    use crate::domain::id::AgentId;

    fn id(n: u128) -> TaskId {
        TaskId(Uuid::from_u128(n))
    }

    fn leg(n: u128, minutes: u32, waits_for: &[u128]) -> Leg {
        Leg { task_id: id(n), minutes, waits_for: waits_for.iter().map(|n| id(*n)).collect() }
    }

    fn worker(hours: &str, zone: Zone) -> Agent {
        Agent {
            agent_id: AgentId(Uuid::from_u128(1)),
            rev: 0,
            name: "a".into(),
            kind: AgentKind::Human,
            role: None,
            permissions: None,
            skills: BTreeMap::new(),
            wip_limit: 1,
            availability: if hours.is_empty() { Vec::new() } else { parse_windows(hours).expect("hours") },
            time_zone: zone,
            away: Vec::new(),
            division: Division::default(),
            draining: false,
            cost_per_hour: None,
            model: None,
            created_at: Timestamp::default(),
        }
    }

    fn at(day: u32, hour: u32, minute: u32) -> Timestamp {
        Utc.with_ymd_and_hms(2025, 6, day, hour, minute, 0).single().expect("a date")
    }

    #[test]
    fn the_longest_chain_counts_and_what_is_done_does_not() {
        let legs = [leg(1, 60, &[2, 3, 9]), leg(2, 30, &[]), leg(3, 10, &[4]), leg(4, 50, &[])];
        assert_eq!(longest_chain(id(1), &legs), Some(120));
    }

    #[test]
    fn work_waits_for_working_hours() {
        // Friday 6 June 2025, 16:00; two hours of work, one fits today, one on Monday.
        let worker = worker("mon-fri 09:00-17:00", Zone::default());
        assert_eq!(earliest_finish(120, &[&worker], &[], at(6, 16, 0)), Some(at(9, 10, 0)));
        assert_eq!(earliest_finish(60, &[&worker], &[], at(6, 16, 0)), Some(at(6, 17, 0)));
    }

    #[test]
    fn on_a_holiday_no_person_works() {
        let person = worker("mon-fri 09:00-17:00", Zone::default());
        let holiday = crate::domain::days::parse_days("2025-06-09").expect("days");
        assert_eq!(earliest_finish(120, &[&person], &holiday, at(6, 16, 0)), Some(at(10, 10, 0)));
        let bot = Agent { kind: AgentKind::Ai, ..person };
        assert_eq!(earliest_finish(120, &[&bot], &holiday, at(6, 16, 0)), Some(at(9, 10, 0)));
    }

    #[test]
    fn hours_that_overlap_are_worked_once() {
        let mut worker = worker("fri 09:00-17:00", Zone::default());
        worker.availability.extend(parse_windows("fri 12:00-17:00").expect("hours"));
        worker.availability.extend(parse_windows("mon 09:00-17:00").expect("hours"));
        assert_eq!(earliest_finish(120, &[&worker], &[], at(6, 16, 0)), Some(at(9, 10, 0)));
    }

    #[test]
    fn hours_are_those_of_the_workers_zone() {
        let worker = worker("mon-fri 09:00-17:00", "America/New_York".parse().unwrap());
        assert_eq!(earliest_finish(30, &[&worker], &[], at(6, 8, 0)), Some(at(6, 13, 30)));
    }

    #[test]
    fn a_machine_works_round_the_clock() {
        let (person, machine) = (worker("mon-fri 09:00-17:00", Zone::default()), worker("", Zone::default()));
        assert_eq!(earliest_finish(600, &[&person, &machine], &[], at(6, 16, 0)), Some(at(7, 2, 0)));
    }
}
