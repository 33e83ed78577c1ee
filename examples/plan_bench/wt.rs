//! Weighted tardiness on one machine: rows of `n` lengths, `n` weights and `n` due dates, one instance after another; or
//! one instance, a job a line, `length,weight,due`.

use crate::instance::Instance;
use vayu::plan::schedule::model::{Activity, Due, Mode, Objective, Problem, Resource};

/// Reads the instance of this number, from 1; `jobs` is the number of jobs of each.
pub fn read(text: &str, jobs: usize, index: usize) -> Option<Instance> {
    let numbers: Vec<u32> = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .map(|word| word.parse().ok())
        .collect::<Option<_>>()?;
    let rows: Vec<[u32; 3]> = if text.contains(',') {
        numbers.chunks_exact(3).map(|row| [row[0], row[1], row[2]]).collect()
    } else if jobs == 0 {
        return None;
    } else {
        let part = numbers.chunks_exact(3 * jobs).nth(index.checked_sub(1)?)?;
        (0..jobs).map(|job| [part[job], part[jobs + job], part[2 * jobs + job]]).collect()
    };
    let activity = |&[length, weight, at]: &[u32; 3]| Activity {
        due: Some(Due { at, weight }),
        ..Activity::of(vec![Mode::of(0, length)])
    };
    let activities = rows.iter().map(activity).collect();
    let horizon = rows.iter().map(|row| row[0]).sum();
    let resources = vec![Resource::pool(1)];
    Some(Instance::numbered(Problem { resources, activities, objective: Objective::LATENESS, horizon }))
}
