//! An independent judge of plans, minute by minute. Slow and simple on purpose.

use vayu::plan::schedule::model::{Activity, Kind, Mode, Problem, Time};
use vayu::plan::schedule::plan::{Place, Plan, Slot};

/// Everything that is wrong with a plan.
pub fn faults(problem: &Problem, plan: &Plan) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, place) in placed(plan) {
        let activity = &problem.activities[at];
        chain(problem, at, activity, place, &mut faults);
        for link in &activity.after {
            match &plan.places[link.activity] {
                Some(before) if before.end() + link.lag <= place.start() => {}
                _ => faults.push(format!("{at} does not wait for {}", link.activity)),
            }
        }
    }
    for resource in 0..problem.resources.len() {
        share(problem, plan, resource, &mut faults);
    }
    faults
}

fn placed(plan: &Plan) -> impl Iterator<Item = (usize, &Place)> {
    plan.places.iter().enumerate().filter_map(|(at, place)| Some((at, place.as_ref()?)))
}

fn chain(problem: &Problem, at: usize, activity: &Activity, place: &Place, faults: &mut Vec<String>) {
    let mut now = activity.release;
    for (stage, slot) in activity.stages.iter().zip(&place.slots) {
        if slot.start < now {
            faults.push(format!("{at} starts at {} before {now}", slot.start));
        }
        now = slot.end;
        let mode = &stage.modes[slot.mode];
        let open = (slot.start..slot.end).filter(|&time| is_open(problem, mode, time)).count() as Time;
        let has_quota =
            mode.uses.iter().any(|used| matches!(problem.resources[used.resource].kind, Kind::Quota { .. }));
        let enough = if has_quota { open >= mode.duration } else { open == mode.duration };
        if !enough || (!mode.resumes && slot.end - slot.start != mode.duration) {
            faults.push(format!("{at} has {open} open minutes for {} in {slot:?}", mode.duration));
        }
    }
    if place.slots.len() != activity.stages.len() {
        faults.push(format!("{at} lacks a stage"));
    }
    let limit = activity.deadline.unwrap_or(problem.horizon).min(problem.horizon);
    if now > limit || activity.pin.is_some_and(|pin| pin != place.start()) {
        faults.push(format!("{at} at {} to {now} breaks its dates", place.start()));
    }
}

fn is_open(problem: &Problem, mode: &Mode, time: Time) -> bool {
    mode.uses.iter().all(|used| {
        let spans = &problem.resources[used.resource].calendar.open;
        spans.is_empty() || spans.iter().any(|&(from, to)| (from..to).contains(&time))
    })
}

/// Slots with the mode and the amount that they use of a resource.
fn users<'a>(problem: &'a Problem, plan: &'a Plan, resource: usize) -> Vec<(&'a Mode, Slot, u32)> {
    let mut users = Vec::new();
    for (at, place) in placed(plan) {
        for (stage, slot) in problem.activities[at].stages.iter().zip(&place.slots) {
            let mode = &stage.modes[slot.mode];
            let used = mode.uses.iter().filter(|used| used.resource == resource);
            users.extend(used.map(|used| (mode, *slot, used.amount)));
        }
    }
    users
}

fn share(problem: &Problem, plan: &Plan, resource: usize, faults: &mut Vec<String>) {
    let users = users(problem, plan, resource);
    let total: u64 = users.iter().map(|user| u64::from(user.2)).sum();
    let kept = match problem.resources[resource].kind {
        Kind::Budget { amount } => total <= amount,
        Kind::Quota { amount, every } => flows(problem, &users, amount, every),
        Kind::Pool { capacity } => {
            let mut spans: Vec<(Time, Time, u32)> =
                users.iter().map(|user| (user.1.start, user.1.end, user.2)).collect();
            spans.extend(held(problem, plan, resource));
            most(&spans) <= capacity
        }
        Kind::Rolling { amount, length } => {
            let working = users.iter().filter(|user| user.1.start < user.1.end);
            let spans: Vec<_> = working.map(|user| (user.1.start, user.1.end + length, user.2)).collect();
            most(&spans) <= amount
        }
    };
    if !kept {
        faults.push(format!("resource {resource} is overdrawn"));
    }
}

fn held(problem: &Problem, plan: &Plan, resource: usize) -> Vec<(Time, Time, u32)> {
    let holds = placed(plan).flat_map(|(at, place)| problem.activities[at].holds.iter().map(move |hold| (hold, place)));
    let span = |(hold, place): (&vayu::plan::schedule::model::Hold, &Place)| {
        (hold.after.map_or(place.start(), |stage| place.slots[stage].end), place.slots[hold.until].end, 1)
    };
    holds.filter(|(hold, _)| hold.resource == resource).map(span).collect()
}

/// The most units in use at any time.
pub fn most(spans: &[(Time, Time, u32)]) -> u32 {
    let in_use = |now: Time| spans.iter().filter(|(from, to, _)| (*from..*to).contains(&now)).map(|span| span.2).sum();
    spans.iter().map(|span| in_use(span.0)).max().unwrap_or(0)
}

/// Whether the work can be spread over windows so that none is overdrawn: a flow from stages to windows.
fn flows(problem: &Problem, users: &[(&Mode, Slot, u32)], amount: u32, every: Time) -> bool {
    let windows = (problem.horizon / every + 1) as usize;
    let mut left = vec![amount; windows];
    let mut done = vec![vec![0; windows]; users.len()];
    for user in 0..users.len() {
        for _ in 0..users[user].0.duration {
            assert_eq!(users[user].2, 1, "the checker knows quotas by the minute only");
            if !push(problem, users, every, user, &mut vec![false; windows], &mut left, &mut done) {
                return false;
            }
        }
    }
    true
}

fn push(
    problem: &Problem,
    users: &[(&Mode, Slot, u32)],
    every: Time,
    user: usize,
    seen: &mut [bool],
    left: &mut [u32],
    done: &mut [Vec<u32>],
) -> bool {
    let (mode, slot, _) = users[user];
    for window in 0..left.len() {
        let minutes = window as Time * every..(window as Time + 1) * every;
        let open =
            minutes.filter(|time| (slot.start..slot.end).contains(time) && is_open(problem, mode, *time)).count();
        if seen[window] || done[user][window] as usize >= open {
            continue;
        }
        seen[window] = true;
        if left[window] > 0 {
            left[window] -= 1;
            done[user][window] += 1;
            return true;
        }
        for other in 0..users.len() {
            if done[other][window] > 0 && push(problem, users, every, other, seen, left, done) {
                done[other][window] -= 1;
                done[user][window] += 1;
                return true;
            }
        }
    }
    false
}
