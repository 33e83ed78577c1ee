//! First plans: stages by a rule, each to who can end it first.

use std::collections::BinaryHeap;

use super::super::super::model::Time;
use super::super::super::random::Random;
use super::graph::{Orders, Shop};

/// Who has the most behind it goes first; `chance` blurs that by a share of the longest chain.
pub fn dispatch(shop: &Shop, random: &mut Random, chance: f64) -> Orders {
    let tails = tails(shop);
    let blur = chance * f64::from(tails.iter().copied().max().unwrap_or(0));
    // Whole numbers, so that they have an order.
    let rank: Vec<u64> = tails.iter().map(|&tail| (16.0 * (f64::from(tail) + random.share() * blur)) as u64).collect();
    // How much else a machine could do: rare skills are kept for who needs them.
    let mut wide = vec![0_u32; shop.machines];
    for &(machine, _) in shop.modes.iter().flatten() {
        wide[machine as usize] += 1;
    }
    let mut open: Vec<usize> = shop.before.iter().map(Vec::len).collect();
    let (mut ready, mut free) = (shop.release.clone(), vec![0; shop.machines]);
    let mut orders = Orders::empty(shop);
    let waiting = (0..shop.len()).filter(|&stage| open[stage] == 0).map(|stage| (rank[stage], stage));
    let mut waiting: BinaryHeap<(u64, usize)> = waiting.collect();
    while let Some((_, stage)) = waiting.pop() {
        let end = |machine: u32, length: Time| ready[stage].max(free[machine as usize]) + length;
        let modes = shop.modes[stage].iter().enumerate();
        let ends =
            modes.map(|(mode, &(machine, length))| (end(machine, length), wide[machine as usize], mode, machine));
        let (end, _, mode, machine) = ends.min().unwrap_or_default();
        free[machine as usize] = end;
        orders.mode[stage] = mode as u32;
        orders.queue[machine as usize].push(stage as u32);
        for &(after, lag) in &shop.after[stage] {
            let after = after as usize;
            ready[after] = ready[after].max(end + lag);
            open[after] -= 1;
            if open[after] == 0 {
                waiting.push((rank[after], after));
            }
        }
    }
    orders
}

/// By stage: the least time from its start to the end of all that hangs on it.
fn tails(shop: &Shop) -> Vec<Time> {
    let mut open: Vec<usize> = shop.after.iter().map(Vec::len).collect();
    let mut order: Vec<usize> = (0..shop.len()).filter(|&stage| open[stage] == 0).collect();
    let mut tails = vec![0; shop.len()];
    let mut next = 0;
    while let Some(&stage) = order.get(next) {
        next += 1;
        tails[stage] += shop.modes[stage].iter().map(|&(_, length)| length).min().unwrap_or(0);
        for &(before, lag) in &shop.before[stage] {
            let before = before as usize;
            tails[before] = tails[before].max(tails[stage] + lag);
            open[before] -= 1;
            if open[before] == 0 {
                order.push(before);
            }
        }
    }
    tails
}
