//! Value that cannot all be kept: the most that fits if tasks could be done in part.

use super::super::model::{Kind, Mode};
use super::super::supply::Supply;
use super::work::{Work, work_within};

/// What may be left out: what it is worth, and the least that it takes.
struct Item {
    value: u128,
    weight: u128,
}

/// The least value that is lost by what some pools, or a budget, have no room for; beyond what is impossible anyway.
pub fn least_lost(required: &Work) -> i64 {
    if required.problem.activities.iter().all(|activity| activity.value.is_none_or(|value| value <= 0)) {
        return 0;
    }
    let supply = Supply::of(required.problem, required.problem.horizon);
    let pools = required.families().into_iter().map(|family| {
        let inside = required.inside(&family);
        let room = supply.flow(&family).between(0, required.problem.horizon);
        lost(required, room, &|mode| work_within(mode, &inside))
    });
    let budgets = required.problem.resources.iter().enumerate().filter_map(|(at, resource)| {
        let Kind::Budget { amount } = resource.kind else { return None };
        let spent = |mode: &Mode| {
            let used = mode.uses.iter().filter(|used| used.resource == at);
            used.map(|used| u64::from(used.amount)).sum()
        };
        Some(lost(required, amount, &spent))
    });
    pools.chain(budgets).max().unwrap_or(0)
}

/// Value that does not fit into a room, if parts count (Dantzig 1957).
fn lost(required: &Work, room: u64, weight: &dyn Fn(&Mode) -> u64) -> i64 {
    let mut room = u128::from(room);
    let mut items = Vec::new();
    for (at, activity) in required.problem.activities.iter().enumerate() {
        let stages = activity.stages.iter().skip(activity.begun.len());
        let weight: u128 = stages.map(|stage| u128::from(stage.modes.iter().map(weight).min().unwrap_or(0))).sum();
        match activity.value {
            None => room = room.saturating_sub(if required.alone[at].is_some() { weight } else { 0 }),
            Some(value) if value > 0 && weight > 0 && required.possible[at] => {
                items.push(Item { value: value.unsigned_abs().into(), weight });
            }
            Some(_) => {}
        }
    }
    // Whole numbers all the way: what is off by a hair may be above a plan.
    items.sort_by(|one, other| (other.value * one.weight).cmp(&(one.value * other.weight)));
    let mut lost = 0;
    for Item { value, weight } in items {
        let part = weight.min(room);
        room -= part;
        lost += (value * (weight - part)).div_ceil(weight);
    }
    // No more than all values together, which are counted in as many bits.
    lost as i64
}
