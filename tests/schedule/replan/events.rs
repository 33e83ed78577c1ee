//! Single events of every kind on random projects: how much moves, how late it gets, how long the answer takes.

use std::time::{Duration, Instant};

use vayu::plan::replan::{Facts, Options, Replanned, Standing, Stood, replan};
use vayu::plan::schedule::model::*;
use vayu::plan::schedule::plan::{Place, Plan};

use crate::checker::faults;
use crate::properties::solved;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// Numbers that look like chance (xorshift64*, Vigna 2016).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, count: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % u64::from(count.max(1))) as u32
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    AgentLost,
    AgentBack,
    Duration,
    Added,
    Removed,
    Due,
}

const EVENTS: [Event; 6] =
    [Event::AgentLost, Event::AgentBack, Event::Duration, Event::Added, Event::Removed, Event::Due];

/// A team with skills and hours, and work with predecessors, dates and reviews; the plan that stands for it.
pub struct Case {
    pub problem: Problem,
    pub plan: Plan,
    pub goal: Time,
}

fn calendar(kind: u32) -> Calendar {
    let hours = match kind {
        0 => (9 * HOUR, 17 * HOUR),
        1 => (7 * HOUR, 15 * HOUR),
        _ => return Calendar::default(),
    };
    Calendar { open: (0..60).map(|day| (day * DAY + hours.0, day * DAY + hours.1)).collect() }
}

fn activity(dice: &mut Dice, agents: u32, at: u32) -> Activity {
    let (skill, effort) = (dice.below(3), (1 + dice.below(16)) * HOUR / 2);
    let able = |agent: &u32| agent % 3 == skill || agent.wrapping_mul(7) % 5 == skill;
    let modes = (0..agents).filter(able).map(|agent| Mode::of(agent as usize, effort)).collect();
    let mut activity = Activity::of(modes);
    if dice.below(3) == 0 {
        let reviewer = dice.below(2) as usize;
        activity.stages.push(Stage { modes: vec![Mode::of(reviewer, HOUR / 2)] });
    }
    let links = if at > 4 { dice.below(3) } else { 0 };
    activity.after = (0..links).map(|_| Link { activity: dice.below(at) as usize, lag: 0 }).collect();
    activity
}

pub fn case(seed: u64, tasks: u32, without: Option<usize>) -> Case {
    let dice = &mut Dice::new(seed);
    let agents = 3 + tasks / 15 + dice.below(3);
    let resources = (0..agents).map(|agent| Resource { calendar: calendar(agent % 4), ..Resource::pool(1) }).collect();
    let activities = (0..tasks).map(|at| activity(dice, agents, at)).collect();
    let mut problem = Problem { resources, activities, objective: Objective::FINISH, horizon: 55 * DAY };
    if let Some(agent) = without {
        lose(&mut problem, agent);
    }
    let first = solved(&problem, 1, 60).plan;
    let end = |at: usize| first.places[at].as_ref().unwrap().end();
    for (at, activity) in problem.activities.iter_mut().enumerate() {
        let due = Due { at: end(at) + dice.below(2 * DAY), weight: 1 + dice.below(4) };
        activity.due = (dice.below(5) < 2).then_some(due);
    }
    problem.objective = Objective::LATENESS;
    let goal = first.places.iter().flatten().map(Place::end).max().unwrap() + DAY;
    let plan = solved(&problem, 1, 300).plan;
    Case { problem, plan, goal }
}

/// What has begun by now, as planned; what the lost agent was at is not.
fn progress(problem: &mut Problem, plan: &Plan, now: Time, lost: Option<usize>) {
    for (activity, place) in problem.activities.iter_mut().zip(&plan.places) {
        let Some(place) = place else { continue };
        for (stage, slot) in place.slots.iter().enumerate().filter(|(_, slot)| slot.start < now) {
            let mode = &activity.stages[stage].modes[slot.mode];
            let over = slot.end <= now;
            if !over && lost == Some(mode.uses[0].resource) {
                break;
            }
            let open = &problem.resources[mode.uses[0].resource].calendar.open;
            let worked = |to: Time| -> Time {
                if open.is_empty() {
                    return to - slot.start;
                }
                open.iter().map(|&(from, end)| end.min(to).saturating_sub(from.max(slot.start))).sum()
            };
            let left = if over { 0 } else { mode.duration - worked(now).min(mode.duration) };
            let now = if over { slot.end } else { now };
            activity.begun.push(Begun { mode: slot.mode, start: slot.start, now, left });
        }
    }
}

fn lose(problem: &mut Problem, agent: usize) {
    for activity in &mut problem.activities {
        for stage in activity.stages.iter_mut().skip(activity.begun.len()) {
            let others = stage.modes.iter().any(|mode| mode.uses[0].resource != agent);
            stage.modes.retain(|mode| !others || mode.uses[0].resource != agent);
        }
    }
}

/// What happened to which tasks, and what is known then.
pub struct Story {
    pub event: Event,
    pub case: Case,
    /// The problem after the event.
    pub problem: Problem,
    pub standing: Standing,
    pub now: Time,
    /// Tasks that the event is about.
    pub about: Vec<usize>,
    /// By task now: which one it was.
    pub same: Vec<Option<usize>>,
    /// Who is lost or back.
    pub agent: usize,
}

/// By index: every kind of event in turn.
pub fn story(seed: u64, tasks: u32) -> Story {
    let event = EVENTS[seed as usize % EVENTS.len()];
    let dice = &mut Dice::new(seed + 1000);
    let agent = 2 + dice.below(2) as usize;
    let case = case(seed, tasks, (event == Event::AgentBack).then_some(agent));
    let end = case.plan.places.iter().flatten().map(Place::end).max().unwrap();
    let now = end / 10 + dice.below(end / 2);
    let mut problem = case.problem.clone();
    let lost = (event == Event::AgentLost).then_some(agent);
    progress(&mut problem, &case.plan, now, lost);
    let mut same: Vec<Option<usize>> = (0..problem.activities.len()).map(Some).collect();
    let open: Vec<usize> = (0..same.len()).filter(|&at| problem.activities[at].begun.is_empty()).collect();
    let chosen = open[dice.below(open.len() as u32) as usize];
    let mut about = vec![chosen];
    match event {
        Event::AgentLost => {
            lose(&mut problem, agent);
            about.clear();
        }
        Event::AgentBack => {
            let whole = self::case(seed, tasks, None).problem;
            for (activity, whole) in problem.activities.iter_mut().zip(whole.activities) {
                for (stage, whole) in activity.stages.iter_mut().zip(whole.stages).skip(activity.begun.len()) {
                    stage.modes = whole.modes;
                }
            }
            about.clear();
        }
        Event::Duration => {
            let longer = 1 + dice.below(6);
            problem.activities[chosen].stages[0]
                .modes
                .iter_mut()
                .for_each(|mode| mode.duration = mode.duration * longer / 2);
        }
        Event::Added => {
            let mut new = activity(dice, problem.resources.len() as u32, problem.activities.len() as u32);
            new.due = Some(Due { at: now + DAY + dice.below(3 * DAY), weight: 3 });
            problem.activities.push(new);
            same.push(None);
            about = vec![same.len() - 1];
        }
        Event::Removed => {
            remove(&mut problem, chosen);
            same.remove(chosen);
            about.clear();
        }
        Event::Due => {
            let start = case.plan.places[chosen].as_ref().unwrap().start();
            problem.activities[chosen].due = Some(Due { at: now + (start - now) / 2, weight: 4 });
        }
    }
    let standing = Standing::from(&case.problem, &case.plan, &problem, &same);
    Story { event, case, problem, standing, now, about, same, agent }
}

fn remove(problem: &mut Problem, gone: usize) {
    problem.activities.remove(gone);
    for activity in &mut problem.activities {
        activity.after.retain(|link| link.activity != gone);
        for link in activity.after.iter_mut().filter(|link| link.activity > gone) {
            link.activity -= 1;
        }
    }
}

impl Story {
    fn options(&self) -> Options {
        Options { goal: Some(self.case.goal), ..Options::default() }
    }

    fn facts(&self) -> Facts {
        Facts { now: self.now, event: true, ..Facts::default() }
    }

    fn answer(&self) -> Replanned {
        replan(&self.problem, &self.standing, &self.facts(), &self.options()).unwrap()
    }

    /// How many tasks cannot stay, or are what the event is about.
    fn hit(&self, answer: &Replanned) -> usize {
        let others = self.about.iter().filter(|at| !answer.hit.contains(at)).count();
        answer.hit.len() + others
    }
}

fn quantile<T: Copy + PartialOrd>(values: &[T], share: f64) -> T {
    let mut sorted = values.to_vec();
    sorted.sort_by(|one, other| one.partial_cmp(other).unwrap());
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

struct Row {
    event: Event,
    tasks: u32,
    hit: usize,
    moves: usize,
    lateness: i64,
    scratch: i64,
    scratch_moves: usize,
    took: Duration,
}

fn rows(count: u64, sizes: (u32, u32)) -> Vec<Row> {
    let row = |seed: u64| {
        let tasks = sizes.0 + Dice::new(seed).below(sizes.1 - sizes.0 + 1);
        let story = story(seed, tasks);
        let start = Instant::now();
        let answer = story.answer();
        let took = start.elapsed();
        for choice in &answer.options {
            assert_eq!(faults(&story.problem, &choice.plan), Vec::<String>::new(), "{seed} {:?}", story.event);
        }
        let best = answer.best();
        Row {
            event: story.event,
            tasks,
            hit: story.hit(&answer),
            moves: best.moves.len(),
            lateness: best.lateness,
            scratch: answer.scratch.lateness,
            scratch_moves: answer.scratch.moves.len(),
            took,
        }
    };
    (0..count).map(row).collect()
}

fn tell(rows: &[Row]) {
    for event in EVENTS {
        let of = || rows.iter().filter(|row| row.event == event);
        let column = |value: &dyn Fn(&Row) -> f64| of().map(value).collect::<Vec<f64>>();
        let (hit, moves) = (column(&|row| row.hit as f64), column(&|row| row.moves as f64));
        let scratch = column(&|row| row.scratch_moves as f64);
        let late = column(&|row| row.lateness as f64 / 60.0);
        let from_scratch = column(&|row| row.scratch as f64 / 60.0);
        println!(
            "{event:?}: n {}, hit {} moves {} (from scratch {}), lateness h mean {:.1} (from scratch {:.1})",
            of().count(),
            quantile(&hit, 0.5),
            quantile(&moves, 0.5),
            quantile(&scratch, 0.5),
            late.iter().sum::<f64>() / late.len() as f64,
            from_scratch.iter().sum::<f64>() / late.len() as f64,
        );
    }
    let took: Vec<f64> = rows.iter().map(|row| row.took.as_secs_f64() * 1000.0).collect();
    let largest: Vec<f64> =
        rows.iter().filter(|row| row.tasks >= 100).map(|row| row.took.as_secs_f64() * 1000.0).collect();
    println!("ms: p50 {:.1}, p95 {:.1}, most {:.1}", quantile(&took, 0.5), quantile(&took, 0.95), quantile(&took, 1.0));
    if !largest.is_empty() {
        println!("ms from 100 tasks on: p50 {:.1}, p95 {:.1}", quantile(&largest, 0.5), quantile(&largest, 0.95));
    }
}

#[test]
fn a_single_event_moves_no_more_tasks_than_it_hits_and_is_hardly_later_than_from_scratch() {
    let (count, sizes) = if cfg!(debug_assertions) { (36, (20, 30)) } else { (200, (20, 120)) };
    let rows = rows(count, sizes);
    tell(&rows);
    let more: Vec<i64> = rows.iter().map(|row| row.moves as i64 - row.hit as i64).collect();
    println!("moves - hit: p50 {}, p75 {}, p95 {}", quantile(&more, 0.5), quantile(&more, 0.75), quantile(&more, 0.95));
    assert!(quantile(&more, 0.5) <= 0, "{more:?}");
    let (moves, hit): (Vec<_>, Vec<_>) = rows.iter().map(|row| (row.moves, row.hit)).unzip();
    println!("moves p50 {}, hit p50 {}", quantile(&moves, 0.5), quantile(&hit, 0.5));
    assert!(quantile(&moves, 0.5) <= quantile(&hit, 0.5));
    let late: Vec<_> = rows.iter().filter(|row| row.lateness > row.scratch + row.scratch / 10 + 60).collect();
    let told: Vec<_> = late.iter().map(|row| (row.event, row.tasks, row.lateness, row.scratch)).collect();
    assert!(late.is_empty(), "{} of {count}: {told:?}", late.len());
}

#[test]
fn without_an_event_nothing_changes_to_the_byte() {
    for seed in 0..8 {
        let case = case(seed, 30, None);
        let now = DAY * (1 + seed as u32 % 3);
        let mut problem = case.problem.clone();
        progress(&mut problem, &case.plan, now, None);
        let options = Options { goal: Some(now), ..Options::default() };
        let answer = replan(&problem, &Standing::of(&case.plan), &Facts { now, ..Facts::default() }, &options).unwrap();
        assert!(answer.holds() && answer.best().moves.is_empty());
        let bytes = |plan: &Plan| serde_json::to_string(&plan.places).unwrap();
        assert_eq!(bytes(&answer.best().plan), bytes(&case.plan));
    }
}

#[test]
fn two_opposite_events_give_the_first_plan_back_unless_work_has_begun() {
    let mut changed = 0;
    for seed in 0..24 {
        let mut story = story(seed, 24);
        if story.event == Event::AgentLost {
            // What it is at goes on: only then is its return the opposite.
            progress_alike(&mut story);
        }
        let facts = Facts { now: story.now, event: true, ..Facts::default() };
        let second = story.answer().best().plan.clone();
        let mut first = story.case.problem.clone();
        progress(&mut first, &story.case.plan, story.now, None);
        let count = first.activities.len();
        let back: Vec<Option<usize>> =
            (0..count).map(|at| story.same.iter().position(|one| *one == Some(at))).collect();
        let mut standing = Standing::from(&story.problem, &second, &first, &back);
        // Who was taken out has not been planned since.
        standing
            .activities
            .iter_mut()
            .zip(&back)
            .filter(|(_, back)| back.is_none())
            .for_each(|(one, _)| *one = Stood::New);
        changed += usize::from(standing != Standing::of(&story.case.plan));
        let facts = Facts { before: vec![Standing::of(&story.case.plan)], ..facts };
        let answer = replan(&first, &standing, &facts, &story.options()).unwrap();
        assert_eq!(answer.best().plan.places, story.case.plan.places, "{seed} {:?}", story.event);
    }
    assert!(changed > 6, "most events change something: {changed}");
}

fn progress_alike(story: &mut Story) {
    for (activity, first) in story.problem.activities.iter_mut().zip(&story.case.problem.activities) {
        activity.begun.clear();
        activity.stages.clone_from(&first.stages);
    }
    progress(&mut story.problem, &story.case.plan, story.now, None);
    lose(&mut story.problem, story.agent);
    story.standing = Standing::from(&story.case.problem, &story.case.plan, &story.problem, &story.same);
}

#[test]
fn stood_is_new_for_what_is_added() {
    let story = story(3, 20);
    assert_eq!(story.standing.activities.last(), Some(&Stood::New));
}
