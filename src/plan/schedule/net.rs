//! Who comes before whom: orders that respect it, and how long the chains before and behind an activity are.

use super::model::{Activity, Fault, Problem, Time};

/// The network of precedence, both ways.
#[derive(Debug, Clone)]
pub struct Net {
    /// Activities that directly wait for each, with the lag.
    pub after: Vec<Vec<(usize, Time)>>,
    /// Activities in an order that respects precedence.
    pub order: Vec<usize>,
    /// Least time from the origin to the start of each, or to now if it has begun.
    pub head: Vec<Time>,
    /// Least time from the start of each, or from now if it has begun, to the end of the last activity behind it, its
    /// own length included.
    pub tail: Vec<Time>,
}

impl Net {
    /// Reads a problem.
    pub fn of(problem: &Problem) -> Result<Self, Fault> {
        let order = order(problem)?;
        let after = waiting(problem);
        let mut head: Vec<Time> = problem.activities.iter().map(Activity::earliest).collect();
        for &at in &order {
            let end = head[at] + problem.activities[at].shortest();
            for &(next, lag) in &after[at] {
                head[next] = head[next].max(end + lag);
            }
        }
        let mut tail = vec![0; order.len()];
        for &at in order.iter().rev() {
            let behind = after[at].iter().map(|&(next, lag)| lag + tail[next]).max().unwrap_or(0);
            tail[at] = problem.activities[at].shortest() + behind;
        }
        Ok(Self { after, order, head, tail })
    }

    /// Length of the longest chain.
    pub fn critical_path(&self) -> Time {
        self.head.iter().zip(&self.tail).map(|(head, tail)| head + tail).max().unwrap_or(0)
    }
}

fn waiting(problem: &Problem) -> Vec<Vec<(usize, Time)>> {
    let mut after = vec![Vec::new(); problem.activities.len()];
    for (index, activity) in problem.activities.iter().enumerate() {
        for link in activity.waits_for() {
            after[link.activity].push((index, link.lag));
        }
    }
    after
}

/// Activities in an order that respects precedence, the first ones first where there is a choice.
///
/// # Errors
/// One of those that wait for each other.
pub fn order(problem: &Problem) -> Result<Vec<usize>, Fault> {
    let after = waiting(problem);
    let mut open: Vec<usize> = problem.activities.iter().map(|activity| activity.waits_for().len()).collect();
    let mut order: Vec<usize> = (0..open.len()).filter(|&at| open[at] == 0).collect();
    let mut next = 0;
    while next < order.len() {
        for &(waits, _) in &after[order[next]] {
            open[waits] -= 1;
            if open[waits] == 0 {
                order.push(waits);
            }
        }
        next += 1;
    }
    match open.iter().position(|&count| count > 0) {
        Some(activity) => Err(Fault::Cycle { activity }),
        None => Ok(order),
    }
}
