//! Generalised assignment: `m n`, costs, amounts, capacities, agent by agent.

use crate::instance::Instance;
use vayu::plan::schedule::model::{Activity, Mode, Objective, Problem, Resource, Use};

/// Reads an instance.
pub fn read(text: &str) -> Option<Instance> {
    let numbers: Vec<u32> = text.split_whitespace().map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let (&agents, &tasks) = (numbers.first()?, numbers.get(1)?);
    let (agents, tasks) = (agents as usize, tasks as usize);
    let table = numbers.get(2..2 + 2 * agents * tasks)?;
    let (costs, amounts) = table.split_at(agents * tasks);
    let capacities = numbers.get(2 + table.len()..)?;
    let mode = |agent: usize, task: usize| Mode {
        duration: 0,
        cost: i64::from(costs[agent * tasks + task]),
        uses: vec![Use { resource: agent, amount: amounts[agent * tasks + task] }],
        resumes: true,
    };
    let activities =
        (0..tasks).map(|task| Activity::of((0..agents).map(|agent| mode(agent, task)).collect())).collect();
    let resources = capacities.iter().map(|&amount| Resource::budget(u64::from(amount))).collect();
    Some(Instance::numbered(Problem { resources, activities, objective: Objective::COST, horizon: 1 }))
}
