//! PSPLIB, single mode (`.sm`).

use crate::instance::Instance;
use vayu::plan::schedule::model::{Activity, Link, Mode, Objective, Problem, Resource, Use};

/// Reads an instance.
pub fn read(text: &str) -> Option<Instance> {
    let rows: Vec<&str> = text.lines().collect();
    let row = |title: &str| rows.iter().position(|row| row.starts_with(title));
    let numbers = |from: usize| rows[from..].iter().map_while(|row| numbers(row));
    let successors: Vec<Vec<u32>> = numbers(row("PRECEDENCE RELATIONS")? + 2).collect();
    let requests: Vec<Vec<u32>> = numbers(row("REQUESTS/DURATIONS")? + 3).collect();
    let capacities = numbers(row("RESOURCEAVAILABILITIES")? + 2).next()?;
    let mut activities: Vec<Activity> = requests.iter().map(|row| activity(row)).collect::<Option<_>>()?;
    for row in &successors {
        for &after in row.get(3..)? {
            activities.get_mut(after as usize - 1)?.after.push(Link { activity: row[0] as usize - 1, lag: 0 });
        }
    }
    let horizon = requests.iter().map(|row| row[2]).sum();
    let resources = capacities.into_iter().map(Resource::pool).collect();
    Some(Instance::numbered(Problem { resources, activities, objective: Objective::FINISH, horizon }))
}

fn numbers(row: &str) -> Option<Vec<u32>> {
    let numbers: Vec<u32> = row.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    (!numbers.is_empty()).then_some(numbers)
}

fn activity(row: &[u32]) -> Option<Activity> {
    let uses = row.get(3..)?.iter().enumerate().filter(|(_, amount)| **amount > 0);
    let uses = uses.map(|(resource, &amount)| Use { resource, amount }).collect();
    Some(Activity::of(vec![Mode { duration: *row.get(2)?, cost: 0, uses, resumes: true }]))
}
