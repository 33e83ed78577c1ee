//! Job shops in the usual text form: `n m`, then a job a line as pairs of machine and duration.

use crate::instance::Instance;
use vayu::plan::schedule::model::{Activity, Mode, Objective, Problem, Resource, Stage};

/// Reads an instance: a job is an activity, an operation is one of its stages.
pub fn read(text: &str) -> Option<Instance> {
    let rows: Vec<Vec<u32>> = text
        .lines()
        .filter(|row| !row.trim().is_empty() && !row.trim_start().starts_with('#'))
        .map(|row| row.split_whitespace().map(|word| word.parse().ok()).collect())
        .collect::<Option<_>>()?;
    let (&[jobs, machines, ..], rows) = rows.split_first().map(|(first, rest)| (first.as_slice(), rest))? else {
        return None;
    };
    let stage = |pair: &[u32]| Stage { modes: vec![Mode::of(pair[0] as usize, pair[1])] };
    let job = |row: &Vec<u32>| Activity { stages: row.chunks_exact(2).map(stage).collect(), ..Activity::default() };
    let activities: Vec<Activity> = rows.iter().take(jobs as usize).map(job).collect();
    let horizon = activities.iter().map(Activity::shortest).sum();
    let resources = vec![Resource::pool(1); machines as usize];
    let name = |job: usize, stages: usize| (0..stages).map(|stage| format!("{job}.{stage}")).collect();
    let stages = activities.iter().enumerate().map(|(job, activity)| name(job, activity.stages.len())).collect();
    let names = (0..machines).map(|machine| machine.to_string()).collect();
    let problem = Problem { resources, activities, objective: Objective::FINISH, horizon };
    Some(Instance { problem, stages, resources: names })
}
