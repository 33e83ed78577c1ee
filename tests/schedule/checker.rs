//! An independent judge of plans, minute by minute. Slow and simple on purpose.

use vayu::plan::schedule::model::{Activity, Begun, Kind, Mode, Problem, Time, Use};
use vayu::plan::schedule::plan::{Place, Plan, Slot};

/// Everything that is wrong with a plan.
pub fn faults(problem: &Problem, plan: &Plan) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, place) in placed(plan) {
        let activity = &problem.activities[at];
        chain(problem, at, activity, place, &mut faults);
        for link in activity.after.iter().filter(|_| activity.begun.is_empty()) {
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
    let mut now = if activity.begun.is_empty() { activity.release } else { 0 };
    for (index, (stage, slot)) in activity.stages.iter().zip(&place.slots).enumerate() {
        if let Some(begun) = activity.begun.get(index) {
            going_on(problem, at, &stage.modes[begun.mode], *begun, *slot, faults);
            now = slot.end;
            continue;
        }
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
    if activity.begun.len() == activity.stages.len() {
        return;
    }
    let limit = activity.deadline.unwrap_or(problem.horizon).min(problem.horizon);
    if now > limit || activity.pin.is_some_and(|pin| activity.begun.is_empty() && pin != place.start()) {
        faults.push(format!("{at} at {} to {now} breaks its dates", place.start()));
    }
}

/// What has begun stays where it is, and the rest of it takes the working time that is left.
fn going_on(problem: &Problem, at: usize, mode: &Mode, begun: Begun, slot: Slot, faults: &mut Vec<String>) {
    let rest = (begun.now..slot.end).filter(|&time| is_open(problem, mode, time)).count() as Time;
    let has_quota = mode.uses.iter().any(|used| matches!(problem.resources[used.resource].kind, Kind::Quota { .. }));
    let enough = if has_quota { rest >= begun.left } else { rest == begun.left };
    if (slot.mode, slot.start) != (begun.mode, begun.start) || slot.end < begun.now || !enough {
        faults.push(format!("{at} has begun as {begun:?} and is in {slot:?}"));
    }
}

fn is_open(problem: &Problem, mode: &Mode, time: Time) -> bool {
    mode.uses.iter().all(|used| {
        let spans = &problem.resources[used.resource].calendar.open;
        spans.is_empty() || spans.iter().any(|&(from, to)| (from..to).contains(&time))
    })
}

/// A stage that uses a resource.
struct User<'a> {
    mode: &'a Mode,
    slot: Slot,
    amount: u32,
    /// It has yet to begin.
    new: bool,
    /// From when on how much of it is to be done.
    rest: (Time, Time),
}

/// Who uses a resource.
fn users<'a>(problem: &'a Problem, plan: &'a Plan, resource: usize) -> Vec<User<'a>> {
    let mut users = Vec::new();
    for (at, place) in placed(plan) {
        let activity = &problem.activities[at];
        for (index, (stage, slot)) in activity.stages.iter().zip(&place.slots).enumerate() {
            let mode = &stage.modes[slot.mode];
            let used = mode.uses.iter().filter(|used| used.resource == resource);
            let begun = activity.begun.get(index);
            let rest = begun.map_or((slot.start, mode.duration), |begun| (begun.now, begun.left));
            let user = |used: &Use| User { mode, slot: *slot, amount: used.amount, new: begun.is_none(), rest };
            users.extend(used.map(user));
        }
    }
    users
}

fn share(problem: &Problem, plan: &Plan, resource: usize, faults: &mut Vec<String>) {
    let users = users(problem, plan, resource);
    let total: u64 = users.iter().map(|user| u64::from(user.amount)).sum();
    let new: u64 = users.iter().filter(|user| user.new).map(|user| u64::from(user.amount)).sum();
    let span = |user: &User, glow| (user.slot.start, user.slot.end + glow, user.amount, user.new);
    let kept = match problem.resources[resource].kind {
        Kind::Budget { amount } => new == 0 || total <= amount,
        Kind::Quota { amount, every } => flows(problem, &users, amount, every),
        Kind::Pool { capacity } => {
            let mut spans: Vec<_> = users.iter().map(|user| span(user, 0)).collect();
            spans.extend(held(problem, plan, resource));
            most_of_new(&spans) <= u64::from(capacity)
        }
        Kind::Rolling { amount, length } => {
            let working = users.iter().filter(|user| user.slot.start < user.slot.end);
            let spans: Vec<_> = working.map(|user| span(user, length)).collect();
            most_of_new(&spans) <= u64::from(amount)
        }
    };
    if !kept {
        faults.push(format!("resource {resource} is overdrawn"));
    }
}

fn held(problem: &Problem, plan: &Plan, resource: usize) -> Vec<(Time, Time, u32, bool)> {
    let mut spans = Vec::new();
    for (at, place) in placed(plan) {
        let activity = &problem.activities[at];
        for hold in activity.holds.iter().filter(|hold| hold.resource == resource) {
            let from = hold.after.map_or(place.start(), |stage| place.slots[stage].end);
            let new = hold.after.unwrap_or(0) >= activity.begun.len();
            spans.push((from, place.slots[hold.until].end, 1, new));
        }
    }
    spans
}

/// The most units in use at any time at which something takes part that has yet to begin: nobody can undo the rest.
fn most_of_new(spans: &[(Time, Time, u32, bool)]) -> u64 {
    let in_use = |now: Time| {
        let there = || spans.iter().filter(|(from, to, ..)| (*from..*to).contains(&now));
        if there().any(|span| span.3) { there().map(|span| u64::from(span.2)).sum() } else { 0 }
    };
    spans.iter().map(|span| in_use(span.0)).max().unwrap_or(0)
}

/// The most units in use at any time.
pub fn most(spans: &[(Time, Time, u32)]) -> u32 {
    let in_use = |now: Time| spans.iter().filter(|(from, to, _)| (*from..*to).contains(&now)).map(|span| span.2).sum();
    spans.iter().map(|span| in_use(span.0)).max().unwrap_or(0)
}

/// Whether the work can be spread over windows so that none is overdrawn: a flow from stages to windows.
fn flows(problem: &Problem, users: &[User], amount: u32, every: Time) -> bool {
    let last = users.iter().map(|user| user.slot.end).max().unwrap_or(0);
    let windows = (last / every + 1) as usize;
    let mut left = vec![amount; windows];
    let mut done = vec![vec![0; windows]; users.len()];
    for user in 0..users.len() {
        for _ in 0..users[user].rest.1 {
            assert_eq!(users[user].amount, 1, "the checker knows quotas by the minute only");
            if !push(problem, users, every, user, &mut vec![false; windows], &mut left, &mut done) {
                return false;
            }
        }
    }
    true
}

fn push(
    problem: &Problem,
    users: &[User],
    every: Time,
    user: usize,
    seen: &mut [bool],
    left: &mut [u32],
    done: &mut [Vec<u32>],
) -> bool {
    let User { mode, slot, rest, .. } = users[user];
    for window in 0..left.len() {
        let minutes = window as Time * every..(window as Time + 1) * every;
        let open = minutes.filter(|time| (rest.0..slot.end).contains(time) && is_open(problem, mode, *time)).count();
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
