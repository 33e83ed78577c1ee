//! How much work a set of pools can do between two times at most: opening hours, units and allowances.

use super::model::{Activity, Kind, Mode, Problem, Time, Use};

/// Work that can be done until each time, piece by piece; between two points it grows evenly, behind the last one not.
type Curve = Vec<(Time, u64)>;

/// What pools can do, up to a time.
#[derive(Debug)]
pub struct Supply<'a> {
    problem: &'a Problem,
    /// Nothing is known beyond.
    until: Time,
    /// By pool: allowances that all of its work draws on.
    allowances: Vec<Vec<usize>>,
    /// Modes that use several pools.
    crowded: Vec<&'a Mode>,
}

/// What a set of pools can do together.
#[derive(Debug)]
pub struct Flow {
    /// Nothing is known beyond.
    pub until: Time,
    /// As early as can be.
    early: Curve,
    /// As late as can be, with as much by the end of each window.
    late: Curve,
}

impl<'a> Supply<'a> {
    /// Of all pools of a problem, up to a time.
    pub fn of(problem: &'a Problem, until: Time) -> Self {
        let pool = |used: &&Use| matches!(problem.resources[used.resource].kind, Kind::Pool { .. });
        let modes = problem.activities.iter().flat_map(Activity::modes);
        let crowded = modes.filter(|mode| mode.uses.iter().filter(pool).count() > 1).collect();
        Self { problem, until: until.min(problem.horizon), allowances: allowances(problem), crowded }
    }

    /// What a set of pools can do together.
    pub fn flow(&self, family: &[usize]) -> Flow {
        let mut early: Vec<Curve> = Vec::new();
        let mut late: Vec<Curve> = Vec::new();
        for (allowance, pools) in self.groups(family) {
            let open: Vec<Curve> = pools.iter().map(|&pool| self.open(pool)).collect();
            let open = sum(&open);
            // In any window means in each of those that begin at 0.
            let limit = allowance.map(|allowance| (allowance, self.problem.resources[allowance].kind));
            if let Some((allowance, Kind::Quota { amount, every } | Kind::Rolling { amount, length: every })) = limit {
                let most = u64::from(amount).saturating_mul(self.work_by_unit(&pools, allowance));
                let (soon, at_last) = limited(&open, most, every, self.until);
                early.push(soon);
                late.push(at_last);
            } else {
                early.push(open.clone());
                late.push(open);
            }
        }
        Flow { until: self.until, early: sum(&early), late: sum(&late) }
    }

    /// Pools by an allowance: one that others of the family draw on as well, if there is any, else the tightest.
    fn groups(&self, family: &[usize]) -> Vec<(Option<usize>, Vec<usize>)> {
        let mut groups: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
        for &pool in family {
            let own = &self.allowances[pool];
            let others =
                |one: &usize| family.iter().any(|&other| other != pool && self.allowances[other].contains(one));
            let shared = own.iter().find(|one| others(one));
            let tightest = || own.iter().min_by(|&&one, &&other| self.rate(one).total_cmp(&self.rate(other)));
            let allowance = shared.or_else(tightest).copied();
            match groups.iter_mut().find(|(one, _)| allowance.is_some() && *one == allowance) {
                Some((_, pools)) => pools.push(pool),
                None => groups.push((allowance, vec![pool])),
            }
        }
        groups
    }

    /// Work of some pools that a unit of an allowance is good for at most: more than one where a mode uses several of
    /// the pools and draws on the allowance once.
    fn work_by_unit(&self, pools: &[usize], allowance: usize) -> u64 {
        let by_unit = self.crowded.iter().filter_map(|mode| {
            let drawn = mode.uses.iter().find(|used| used.resource == allowance)?;
            let work = mode.uses.iter().filter(|used| pools.contains(&used.resource));
            let work = work.map(|used| u64::from(used.amount)).sum::<u64>() * u64::from(mode.duration);
            Some(work.div_ceil(drawn_by(self.problem, mode, drawn).max(1)))
        });
        by_unit.max().unwrap_or(0).max(1)
    }

    /// Units of an allowance by time.
    fn rate(&self, allowance: usize) -> f64 {
        match self.problem.resources[allowance].kind {
            Kind::Quota { amount, every } | Kind::Rolling { amount, length: every } => {
                f64::from(amount) / f64::from(every.min(self.until.max(1)))
            }
            Kind::Pool { .. } | Kind::Budget { .. } => f64::MAX,
        }
    }

    /// By opening hours and units alone.
    fn open(&self, pool: usize) -> Curve {
        let Kind::Pool { capacity } = self.problem.resources[pool].kind else { return vec![(0, 0)] };
        let spans = &self.problem.resources[pool].calendar.open;
        let always = [(0, self.until)];
        let spans = if spans.is_empty() { &always[..] } else { spans };
        let (mut curve, mut done): (Curve, u64) = (vec![(0, 0)], 0);
        for &(from, to) in spans.iter().take_while(|(from, _)| *from < self.until) {
            push(&mut curve, from, done);
            done += u64::from(to.min(self.until) - from) * u64::from(capacity);
            push(&mut curve, to.min(self.until), done);
        }
        curve
    }
}

impl Flow {
    /// Work that can be done at most from one time to another.
    pub fn between(&self, from: Time, to: Time) -> u64 {
        if from >= to { 0 } else { at(&self.early, to).saturating_sub(at(&self.late, from)) }
    }

    /// The first time at which so much work can have been done since `from`, or the last that is known of.
    pub fn done(&self, from: Time, work: u64) -> Time {
        let (mut low, mut high) = (from, self.until.max(from));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.between(from, middle) >= work { high = middle } else { low = middle + 1 }
        }
        low
    }
}

fn push(curve: &mut Curve, time: Time, done: u64) {
    match curve.last_mut() {
        Some(last) if last.0 == time => last.1 = done,
        _ => curve.push((time, done)),
    }
}

fn at(curve: &Curve, time: Time) -> u64 {
    let next = curve.partition_point(|&(from, _)| from <= time);
    let Some(&(from, done)) = next.checked_sub(1).and_then(|last| curve.get(last)) else { return 0 };
    match curve.get(next) {
        Some(&(to, more)) => done + part(more - done, time - from, to - from),
        None => done,
    }
}

/// So much of a whole as one length is of another; not longer.
fn part(whole: u64, one: Time, of: Time) -> u64 {
    match whole.checked_mul(u64::from(one)) {
        Some(product) => product / u64::from(of),
        // Of pools without an end over centuries.
        None => (u128::from(whole) * u128::from(one) / u128::from(of)) as u64,
    }
}

fn sum(curves: &[Curve]) -> Curve {
    match curves {
        [] => return vec![(0, 0)],
        [one] => return one.clone(),
        _ => {}
    }
    // Growth by the minute changes at the points of the curves only.
    let mut changes: Vec<(Time, i64)> = Vec::new();
    for curve in curves {
        for pair in curve.windows(2) {
            let growth = ((pair[1].1 - pair[0].1) / u64::from(pair[1].0 - pair[0].0)) as i64;
            changes.push((pair[0].0, growth));
            changes.push((pair[1].0, -growth));
        }
    }
    changes.sort_unstable();
    let (mut sum, mut done, mut growth, mut now) = (vec![(0, 0)], 0_u64, 0_i64, 0);
    for (time, change) in changes {
        done += growth as u64 * u64::from(time - now);
        push(&mut sum, time, done);
        now = time;
        growth += change;
    }
    sum
}

/// A curve with so much in each window at most: as early and as late as can be.
fn limited(open: &Curve, amount: u64, every: Time, until: Time) -> (Curve, Curve) {
    let (mut early, mut late): (Curve, Curve) = (vec![(0, 0)], vec![(0, 0)]);
    let (mut base, mut begin, mut next) = (0, 0, 0);
    while begin < until {
        let end = begin.saturating_add(every).min(until);
        let (before, after) = (at(open, begin), at(open, end));
        let most = amount.min(after - before);
        // Where the allowance is used up, and where it has to be begun at the latest.
        let full = first(open, begin, end, before + most);
        let last = first(open, begin, end, after - most + u64::from(most > 0));
        let mut points =
            vec![begin, full.saturating_sub(1).max(begin), full, last.saturating_sub(1).max(begin), last, end];
        while open.get(next).is_some_and(|&(time, _)| time < end) {
            points.push(open[next].0.max(begin));
            next += 1;
        }
        points.sort_unstable();
        points.dedup();
        for time in points {
            let done = at(open, time);
            push(&mut early, time, base + most.min(done - before));
            push(&mut late, time, base + most.saturating_sub(after - done));
        }
        base += most;
        begin = end;
    }
    (early, late)
}

/// The first time in a span at which a curve has reached a height.
fn first(curve: &Curve, from: Time, to: Time, height: u64) -> Time {
    let (mut low, mut high) = (from, to);
    while low < high {
        let middle = low + (high - low) / 2;
        if at(curve, middle) >= height { high = middle } else { low = middle + 1 }
    }
    low
}

/// By pool: allowances of which every mode that uses a unit of the pool uses at least as much.
fn allowances(problem: &Problem) -> Vec<Vec<usize>> {
    let mut found: Vec<Option<Vec<usize>>> = vec![None; problem.resources.len()];
    for mode in problem.activities.iter().flat_map(Activity::modes) {
        for used in mode.uses.iter().filter(|used| used.amount > 0 && mode.duration > 0) {
            let work = u64::from(used.amount) * u64::from(mode.duration);
            let draws = |other: &&Use| is_allowance(problem, other) && drawn_by(problem, mode, other) >= work;
            let drawn = || mode.uses.iter().filter(draws).map(|other| other.resource);
            match &mut found[used.resource] {
                Some(all) => all.retain(|one| drawn().any(|other| other == *one)),
                none => *none = Some(drawn().collect()),
            }
        }
    }
    found.into_iter().map(Option::unwrap_or_default).collect()
}

fn is_allowance(problem: &Problem, used: &Use) -> bool {
    matches!(problem.resources[used.resource].kind, Kind::Quota { .. } | Kind::Rolling { .. })
}

/// Units of a resource that a mode draws in all.
fn drawn_by(problem: &Problem, mode: &Mode, used: &Use) -> u64 {
    let by_time = matches!(problem.resources[used.resource].kind, Kind::Quota { .. });
    u64::from(used.amount) * if by_time { u64::from(mode.duration) } else { 1 }
}
