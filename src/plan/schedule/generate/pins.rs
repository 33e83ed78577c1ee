//! What has to be placed early for the sake of pins.

use super::super::model::{Activity, Problem, Time};
use super::super::net::Net;

/// Which activities have to be placed early because of pins, and until when.
pub(super) fn before_pins(problem: &Problem, net: &Net) -> (Vec<u8>, Vec<Time>) {
    let count = problem.activities.len();
    let over = |activity: &Activity| activity.begun.len() == activity.stages.len();
    let begun = |activity: &Activity| activity.begun.first().map(|begun| begun.start);
    let pin = |at: usize| {
        let activity = &problem.activities[at];
        if over(activity) { begun(activity) } else { activity.pin.filter(|_| activity.begun.is_empty()) }
    };
    let mut free_above = vec![false; count];
    for &at in &net.order {
        let mut links = problem.activities[at].waits_for().iter();
        free_above[at] = links.any(|link| pin(link.activity).is_none() || free_above[link.activity]);
    }
    let mut latest = vec![Time::MAX; count];
    for &at in net.order.iter().rev() {
        for &(next, lag) in &net.after[at] {
            let start = pin(next).unwrap_or(latest[next].saturating_sub(problem.activities[next].shortest()));
            if pin(next).is_some() || latest[next] < Time::MAX {
                latest[at] = latest[at].min(start.saturating_sub(lag));
            }
        }
    }
    let turn = |at: usize| match pin(at) {
        _ if is_held(&problem.activities[at]) => 0,
        Some(_) if !free_above[at] => 1,
        None if latest[at] == Time::MAX => 3,
        _ => 2,
    };
    ((0..count).map(turn).collect(), latest)
}

/// Whether it takes up room until something ends that has yet to begin.
fn is_held(activity: &Activity) -> bool {
    let begun = activity.begun.len();
    activity.holds.iter().any(|hold| hold.after.unwrap_or(0) < begun && hold.until >= begun)
}
