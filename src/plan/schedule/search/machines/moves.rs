//! Moves on a longest way: a stage goes to either end of its block (Balas and Vazacopoulos 1998) or to another machine
//! (Mastrolilli and Gambardella 2000). What a move leads to is estimated in the time that it takes to look.

use super::super::super::model::Time;
use super::graph::{NONE, Shop, Ways};

/// A stage put into another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The stage.
    pub stage: u32,
    /// Which of its modes it gets.
    pub mode: u32,
    /// Who is before it then; none at the front.
    pub left: u32,
    /// What the longest way through what was moved will be, or about that.
    pub finish: Time,
}

/// A longest way from the first stage to the last, chosen by `pick` where there are several.
pub fn longest_way(shop: &Shop, ways: &Ways, pick: &mut dyn FnMut(usize) -> usize, way: &mut Vec<u32>) {
    way.clear();
    let mut choice: Vec<u32> = (0..shop.len() as u32).filter(|&stage| ways.end(stage) == ways.finish).collect();
    while !choice.is_empty() {
        let stage = choice[pick(choice.len())];
        way.push(stage);
        choice.clear();
        let head = ways.head[stage as usize];
        let left = ways.left[stage as usize];
        if left != NONE && ways.end(left) == head {
            choice.push(left);
        }
        for &(before, lag) in &shop.before[stage as usize] {
            if ways.end(before) + lag == head && before != left {
                choice.push(before);
            }
        }
    }
    way.reverse();
}

/// Calls `found` with every move on a longest way.
pub fn moves(shop: &Shop, ways: &Ways, queues: &[Vec<u32>], way: &[u32], found: &mut dyn FnMut(Move, &[u32])) {
    let mut from = 0;
    while from < way.len() {
        let mut to = from + 1;
        while to < way.len() && ways.left[way[to] as usize] == way[to - 1] {
            to += 1;
        }
        within(shop, ways, &way[from..to], found);
        from = to;
    }
    for &stage in way {
        elsewhere(shop, ways, queues, stage, found);
    }
}

/// Moves of the stages of a block to its front or its end.
fn within(shop: &Shop, ways: &Ways, block: &[u32], found: &mut dyn FnMut(Move, &[u32])) {
    let (mut line, mut heads) = (Vec::with_capacity(block.len()), Vec::with_capacity(block.len()));
    for at in 0..block.len().saturating_sub(1) {
        let (stage, passed) = (block[at], &block[at + 1..]);
        let last = passed[passed.len() - 1];
        if may_follow(shop, ways, stage, last) {
            line.clear();
            line.extend_from_slice(passed);
            line.push(stage);
            let (left, right) = (ways.left[stage as usize], ways.right[last as usize]);
            let finish = estimate(ways, &line, left, right, &mut heads);
            found(Move { stage, mode: NONE, left: last, finish }, passed);
        }
    }
    // With two stages to the front is the same swap as to the end.
    let begin = if block.len() > 2 { 1 } else { block.len() };
    for at in begin..block.len() {
        let (stage, passed) = (block[at], &block[..at]);
        if may_lead(shop, ways, stage, passed[0]) {
            line.clear();
            line.push(stage);
            line.extend_from_slice(passed);
            let (left, right) = (ways.left[passed[0] as usize], ways.right[stage as usize]);
            let finish = estimate(ways, &line, left, right, &mut heads);
            found(Move { stage, mode: NONE, left, finish }, passed);
        }
    }
}

/// No way from what waits for `stage` to `last`.
fn may_follow(shop: &Shop, ways: &Ways, stage: u32, last: u32) -> bool {
    let behind = ways.behind(last);
    shop.after[stage as usize].iter().all(|&(after, _)| behind >= ways.behind(after) && after != last)
}

/// No way from `first` to what `stage` waits for.
fn may_lead(shop: &Shop, ways: &Ways, stage: u32, first: u32) -> bool {
    let end = ways.end(first);
    shop.before[stage as usize].iter().all(|&(before, _)| end >= ways.end(before) && before != first)
}

/// The longest way through stages that stand in this order between `left` and `right`.
fn estimate(ways: &Ways, line: &[u32], left: u32, right: u32, heads: &mut Vec<Time>) -> Time {
    let mut free = ways.end(left);
    heads.clear();
    for &one in line {
        let head = free.max(ways.ready[one as usize]);
        heads.push(head);
        free = head + ways.length[one as usize];
    }
    let (mut behind, mut finish) = (ways.behind(right), 0);
    for (head, &one) in heads.iter().zip(line).rev() {
        let one = one as usize;
        behind = behind.max(ways.rest[one]) + ways.length[one];
        finish = finish.max(head + behind);
    }
    finish
}

/// The best place for a stage on every other machine that can do it.
fn elsewhere(shop: &Shop, ways: &Ways, queues: &[Vec<u32>], stage: u32, found: &mut dyn FnMut(Move, &[u32])) {
    let at = stage as usize;
    if shop.modes[at].len() < 2 {
        return;
    }
    let (ready, rest) = (ways.ready[at], ways.rest[at]);
    // Whoever starts before `until` cannot be behind what waits for the stage; whoever ends after `since` cannot be
    // before what it waits for.
    let until = shop.after[at].iter().map(|&(after, _)| ways.end(after)).min().unwrap_or(Time::MAX);
    let since = shop.before[at].iter().map(|&(before, _)| ways.head[before as usize] + 1).max().unwrap_or(0);
    for (mode, &(machine, length)) in shop.modes[at].iter().enumerate() {
        if machine == ways.machine[at] {
            continue;
        }
        let queue = &queues[machine as usize];
        let mut best: Option<Move> = None;
        let begin = queue.partition_point(|&one| ways.end(one) < since);
        for place in begin..=queue.len() {
            let left = if place == 0 { NONE } else { queue[place - 1] };
            if left != NONE && ways.head[left as usize] >= until {
                break;
            }
            let right = queue.get(place).copied().unwrap_or(NONE);
            let finish = ready.max(ways.end(left)) + length + rest.max(ways.behind(right));
            if best.is_none_or(|best| finish < best.finish) {
                best = Some(Move { stage, mode: mode as u32, left, finish });
            }
        }
        if let Some(best) = best {
            found(best, &[]);
        }
    }
}
