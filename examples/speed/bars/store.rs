//! P8, P9: claims, by one process and by many.

use std::time::Duration;

use crate::claims::{Race, run};
use crate::ground::Ground;
use crate::line::{Line, Unit};
use crate::measure::{ROUNDS, Rounds};
use crate::{Outcome, raw};

/// P8: one process against plain SQLite and against the disk.
pub fn claims(ground: &Ground) -> Outcome<Vec<Line>> {
    let (folder, time) =
        (ground.folder("claims")?, ground.options.some(Duration::from_millis(700), Duration::from_secs(2)));
    let mut rounds = Rounds::<5>::default();
    for _ in 0..ROUNDS {
        let rate = |vayu, full| {
            let race = Race { vayu, full, processes: 1, time, think: Duration::ZERO };
            let tasks = if vayu { 6_000.0 } else { 30_000.0 } * time.as_secs_f64();
            Ok::<_, Box<dyn std::error::Error>>(run(race, &folder, tasks as usize)?.rate)
        };
        let syncs = raw::syncs_per_second(&folder.join("page"), time)?;
        rounds.add([rate(true, true)?, rate(false, true)?, rate(true, false)?, rate(false, false)?, syncs]);
    }
    let [full, raw_full, relaxed, raw_relaxed, syncs] = rounds.medians().unwrap_or_default();
    let line = |what: &str, rate| Line::new("P8", what, rate, Unit::PerSecond);
    Ok(vec![
        line("claims on disk, one process", full).at_least(0.5, "plain SQLite", Some(raw_full)),
        line("claims on disk, one process", full).at_least(0.3, "page overwrites", Some(syncs)),
        line("claims, relaxed, one process", relaxed).at_least(0.5, "plain SQLite", Some(raw_relaxed)),
    ])
}

/// P9: thirty-two processes, as fast as they can and at a common pace.
pub fn crowd(ground: &Ground) -> Outcome<Vec<Line>> {
    const PROCESSES: usize = 32;
    let (folder, time) = (ground.folder("crowd")?, ground.options.some(Duration::from_secs(2), Duration::from_secs(5)));
    let mut rounds = Rounds::<5>::default();
    for _ in 0..ROUNDS {
        let race = Race { vayu: true, full: true, processes: PROCESSES, time, think: Duration::ZERO };
        let tasks = (4_000.0 * time.as_secs_f64()) as usize;
        let fast = run(race, &folder, tasks)?;
        let plain = run(Race { vayu: false, ..race }, &folder, 3 * tasks)?;
        let paced = run(Race { think: Duration::from_millis(200), ..race }, &folder, tasks)?;
        rounds.add([fast.p99, fast.fairness, plain.p99, paced.p99, paced.rate]);
    }
    let [fast, fairness, plain, paced, rate] = rounds.medians().unwrap_or_default();
    Ok(vec![
        Line::new("P9", "32 processes, saturated: claim, p99", fast, Unit::Ms)
            .within(150.0)
            .compared("plain SQLite", plain),
        Line::new("P9", "32 processes, saturated: least of most", fairness, Unit::Plain).reaching(0.25),
        Line::new("P9", format!("32 processes at {rate:.0}/s: claim, p99"), paced, Unit::Ms).within(10.0),
    ])
}
