//! Forecasts: what can happen to a plan happens in its runs, and no more than that.

use vayu::plan::forecast::{
    Belief, Beliefs, Goal, History, Past, Question, Risk, Role, Simulation, WhatIf, costs, sensitivities, what_ifs,
};
use vayu::plan::forecast::{Lever, working_hours};
use vayu::plan::schedule::model::*;
use vayu::plan::schedule::plan::{Place, Plan, Slot};

use crate::properties::solved;
use crate::scenarios::{planned, reviewed};

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// Everything takes what it was thought to take.
fn sure() -> Belief {
    Belief { look_again: 0.5, ..Belief::default() }
}

/// Tasks take up to twice or half as long in two of three cases.
fn unsure() -> Belief {
    Belief { spread: 0.7, ..sure() }
}

/// A plan of tasks one after another: for each activity who does its only stage, and when.
fn plan(problem: &Problem, places: &[(usize, u32)]) -> Plan {
    let place = |(activity, &(mode, start)): (&Activity, &(usize, u32))| {
        let end = start + activity.stages[0].modes[mode].duration;
        Some(Place { slots: vec![Slot { mode, start, end }] })
    };
    Plan::of(problem, problem.activities.iter().zip(places).map(place).collect())
}

fn played<'a>(question: &Question, beliefs: &'a Beliefs, runs: u64) -> Simulation<'a> {
    let mut simulation = Simulation::new(question, beliefs, 1).unwrap();
    simulation.run(runs);
    simulation
}

#[test]
fn a_review_that_sends_one_of_four_back_costs_what_it_costs() {
    let problem = reviewed(6, 4, &[]);
    let (plan, out) = planned(&problem);
    assert_eq!(out.len(), 4);
    let roles = vec![vec![Role::Work, Role::Review]; 24];
    let question = Question { roles, ..Question::of(&problem, &plan) };
    let belief = Belief { sent_back: vec![0.25], rounds: 1, redo: (0.5_f64.ln(), 0.0), ..sure() };
    let beliefs = Beliefs::given(vec![belief]);
    let simulation = played(&question, &beliefs, 4000);
    let friday = 4 * DAY + 17 * HOUR;
    let chances = simulation.runs.at_least(friday);
    assert!((chances[17] - 0.83).abs() < 0.04, "{}", chances[17]);
    assert!((chances[18] - 0.46).abs() < 0.04, "{}", chances[18]);
    assert!(chances[20] <= 0.02, "{}", chances[20]);
    assert_eq!(simulation.runs.count_by(friday, 0.8), 17);
}

/// Three agents with four tasks of twelve hours each in order; two of each are done, the third has run for two hours.
fn mid_sprint() -> Problem {
    let activity = |at: u32| {
        let (who, turn) = (at / 4, at % 4);
        let modes = (0..3).map(|mode| Mode::of(mode, 12 * HOUR)).collect();
        let begun = match turn {
            0 | 1 => vec![(turn * 12, (turn + 1) * 12, 0)],
            2 => vec![(24, 26, 10)],
            _ => Vec::new(),
        };
        let begun = begun.iter().map(|&(start, now, left)| Begun {
            mode: who as usize,
            start: start * HOUR,
            now: now * HOUR,
            left: left * HOUR,
        });
        Activity { begun: begun.collect(), ..Activity::of(modes) }
    };
    Problem {
        resources: vec![Resource::pool(1); 3],
        activities: (0..12).map(activity).collect(),
        objective: Objective::FINISH,
        horizon: 400 * HOUR,
    }
}

#[test]
fn a_lost_agent_lowers_the_chance_of_the_goal() {
    let before = mid_sprint();
    let places: Vec<(usize, u32)> = (0..12).map(|at| (at / 4, (at as u32 % 4) * 12 * HOUR)).collect();
    let as_planned = plan(&before, &places);
    let mut after = before.clone();
    after.activities[6].begun.clear();
    let mut moved = places;
    (moved[6], moved[7]) = ((0, 48 * HOUR), (2, 48 * HOUR));
    let moved = plan(&after, &moved);
    let beliefs = Beliefs::given(vec![unsure()]);
    let goal = Goal { activities: Vec::new(), by: 64 * HOUR };
    let chance = |problem: &Problem, plan: &Plan| {
        let question = Question { from: 26 * HOUR, ..Question::of(problem, plan) };
        played(&question, &beliefs, 4000).runs.chance(&goal)
    };
    let (before, after) = (chance(&before, &as_planned), chance(&after, &moved));
    assert!(after < before - 0.1, "{before} before, {after} after");
}

/// One task of four hours that has run for eight.
fn overrun() -> Problem {
    let begun = vec![Begun { mode: 0, start: 0, now: 8 * HOUR, left: 1 }];
    Problem {
        resources: vec![Resource::pool(1)],
        activities: vec![Activity { begun, ..Activity::of(vec![Mode::of(0, 4 * HOUR)]) }],
        objective: Objective::FINISH,
        horizon: 1000 * HOUR,
    }
}

#[test]
fn what_has_run_for_long_goes_on_for_long() {
    let problem = overrun();
    let plan = plan(&problem, &[(0, 0)]);
    let question = Question { from: 8 * HOUR, ..Question::of(&problem, &plan) };
    let beliefs = Beliefs::given(vec![Belief { spread: 0.8, ..sure() }]);
    let simulation = played(&question, &beliefs, 20_000);
    let left = |level| f64::from(simulation.runs.quantile(level).unwrap() - 8 * HOUR) / 60.0;
    assert!((left(0.5) - 3.3).abs() < 0.2, "{}", left(0.5));
    assert!((left(0.8) - 8.4).abs() < 0.5, "{}", left(0.8));
}

/// Forty tasks of four hours, for five agents.
fn forty() -> (Problem, Plan) {
    let activity =
        || Activity { value: Some(1), ..Activity::of((0..5).map(|mode| Mode::of(mode, 4 * HOUR)).collect()) };
    let problem = Problem {
        resources: vec![Resource::pool(1); 5],
        activities: std::iter::repeat_with(activity).take(40).collect(),
        objective: Objective::FINISH,
        horizon: 2000 * HOUR,
    };
    let found = solved(&problem, 1, 10).plan;
    (problem, found)
}

#[test]
fn the_plan_itself_is_hardly_ever_kept() {
    let (problem, plan) = forty();
    assert_eq!(plan.terms(&problem).finish, 32 * 60);
    let beliefs = Beliefs::given(vec![Belief { spread: 0.6, ..sure() }]);
    let simulation = played(&Question::of(&problem, &plan), &beliefs, 4000);
    let middle = simulation.runs.quantile(0.5).unwrap();
    let kept = simulation.runs.chance(&Goal { activities: Vec::new(), by: 32 * HOUR });
    assert!((1.3..1.7).contains(&(f64::from(middle) / 1920.0)) && kept < 0.01, "{middle} {kept}");
}

#[test]
fn what_tasks_have_in_common_does_not_average_out() {
    let (problem, plan) = forty();
    let apart = Beliefs::given(vec![unsure()]);
    let shocks = [-1.3, -0.5, 0.0, 0.5, 1.3];
    let shared = Beliefs::given(shocks.iter().map(|shock| Belief { middle: 0.22 * shock, ..unsure() }).collect());
    let width = |beliefs: &Beliefs| {
        let simulation = played(&Question::of(&problem, &plan), beliefs, 4000);
        simulation.runs.quantile(0.9).unwrap() - simulation.runs.quantile(0.1).unwrap()
    };
    assert!(width(&shared) > width(&apart) * 13 / 10, "{} {}", width(&shared), width(&apart));
}

#[test]
fn the_same_seed_gives_the_same_forecast_in_any_batches() {
    let (problem, plan) = forty();
    let beliefs = Beliefs::learn(&History::default(), 5, 7);
    let question = Question::of(&problem, &plan);
    let whole = played(&question, &beliefs, 300);
    let mut pieces = played(&question, &beliefs, 100);
    pieces.run(150);
    pieces.run(50);
    assert_eq!(whole.runs.finishes, pieces.runs.finishes);
    let mut other = Simulation::new(&question, &beliefs, 2).unwrap();
    other.run(300);
    assert_ne!(whole.runs.finishes, other.runs.finishes);
}

#[test]
fn hours_allowances_and_lanes_hold_in_every_run() {
    let problem = reviewed(6, 4, &[]);
    let (plan, _) = planned(&problem);
    let roles = vec![vec![Role::Work, Role::Review]; 24];
    let question = Question { roles, ..Question::of(&problem, &plan) };
    let beliefs = Beliefs::given(vec![unsure()]);
    let simulation = played(&question, &beliefs, 300);
    let hours = working_hours(&problem);
    for day in 1..5 {
        let done = 24 - (24 - simulation.runs.at_least(day * DAY).iter().filter(|chance| **chance > 0.0).count());
        assert!(done <= 1 + 4 * day as usize, "four reviews a day at most, not {done} by day {day}");
    }
    assert_eq!(hours.between(0, 5 * DAY), 40 * HOUR);
}

#[test]
fn questions_wait_for_the_hours_of_whoever_answers() {
    let evening = Calendar { open: vec![(20 * HOUR, 22 * HOUR), (44 * HOUR, 46 * HOUR), (68 * HOUR, 70 * HOUR)] };
    let problem = Problem {
        resources: vec![Resource::pool(1), Resource { calendar: evening, ..Resource::pool(1) }],
        activities: vec![Activity::of(vec![Mode::of(0, 2 * HOUR)])],
        objective: Objective::FINISH,
        horizon: 100 * HOUR,
    };
    let plan = plan(&problem, &[(0, 0)]);
    let asking = Beliefs::given(vec![Belief { asks: 1.0, answer: (30.0_f64.ln(), 0.0), ..sure() }]);
    let simulation = played(&Question { answers: Some(1), ..Question::of(&problem, &plan) }, &asking, 400);
    let early = simulation.runs.finishes.iter().filter(|time| **time == 2 * HOUR).count();
    assert!((100..200).contains(&early), "one of e asks nothing: {early}");
    let late = simulation.runs.finishes.iter().filter(|time| **time > 2 * HOUR);
    assert!(late.clone().count() > 0 && late.clone().all(|time| *time >= 20 * HOUR + 30));
}

#[test]
fn a_risk_with_a_name_happens_as_often_as_it_is_said_to() {
    let (problem, plan) = forty();
    let mut question = Question::of(&problem, &plan);
    question.risks.push(Risk { name: "outage".into(), chance: 0.3, minutes: (600.0, 600.0), activities: Vec::new() });
    let beliefs = Beliefs::given(vec![sure()]);
    let simulation = played(&question, &beliefs, 2000);
    let hit = simulation.runs.finishes.iter().filter(|time| **time == 32 * HOUR + 600).count();
    assert!((540..660).contains(&hit), "{hit}");
}

#[test]
fn a_risk_costs_what_it_adds_to_the_date_that_holds_in_four_of_five_cases() {
    let (problem, plan) = forty();
    let mut question = Question::of(&problem, &plan);
    let risk = |chance, minutes, activities| Risk { name: "outage".into(), chance, minutes, activities };
    // Three of ten runs end ten hours later; one of a hundred another ten; what hits nothing costs nothing.
    question.risks.push(risk(0.3, (600.0, 600.0), Vec::new()));
    question.risks.push(risk(0.01, (600.0, 600.0), Vec::new()));
    let beliefs = Beliefs::given(vec![sure()]);
    let simulation = played(&question, &beliefs, 2000);
    let goal = Goal { activities: Vec::new(), by: 32 * HOUR };
    let found = costs(&simulation, &goal);
    assert_eq!((found[0].gain, found[1].gain), (Some(600), Some(0)));
    assert!((0.25..0.35).contains(&found[0].goal) && (0.0..0.03).contains(&found[1].goal), "{found:?}");
    assert!(costs(&played(&Question::of(&problem, &plan), &beliefs, 10), &goal).is_empty());
}

#[test]
fn what_delays_everybody_takes_working_hours() {
    let mut problem = Problem {
        resources: vec![Resource::pool(1)],
        activities: vec![Activity::of(vec![Mode::of(0, HOUR)])],
        objective: Objective::FINISH,
        horizon: 10 * DAY,
    };
    problem.resources[0].calendar = Calendar { open: (0..10).map(|day| (day * DAY, day * DAY + 8 * HOUR)).collect() };
    let plan = plan(&problem, &[(0, 0)]);
    let mut question = Question::of(&problem, &plan);
    let minutes = (f64::from(8 * HOUR), f64::from(8 * HOUR));
    question.risks.push(Risk { name: "strike".into(), chance: 1.0, minutes, activities: Vec::new() });
    let beliefs = Beliefs::given(vec![sure()]);
    let simulation = played(&question, &beliefs, 10);
    assert_eq!(simulation.runs.quantile(0.5), Some(DAY + HOUR), "a day of work, not the evening of the first day");
    let mut problem = problem.clone();
    problem.activities[0].release = 4 * DAY;
    let later = played(&Question { problem: &problem, ..question.clone() }, &beliefs, 10);
    assert_eq!(later.runs.quantile(0.5), Some(4 * DAY + HOUR), "the wait is over before it may begin");
    problem.activities[0].begun = vec![Begun { mode: 0, start: 0, now: 0, left: HOUR }];
    let begun = played(&Question { problem: &problem, ..question }, &beliefs, 10);
    assert_eq!(begun.runs.quantile(0.5), Some(DAY + HOUR), "who has begun waits as well");
}

/// A long task that all wait for, and short ones beside it.
fn lopsided() -> (Problem, Plan) {
    let mut activities: Vec<Activity> = (0..6)
        .map(|_| Activity { value: Some(2), ..Activity::of(vec![Mode::of(0, HOUR), Mode::of(1, HOUR)]) })
        .collect();
    activities.push(Activity { value: Some(1), ..Activity::of(vec![Mode::of(0, 20 * HOUR)]) });
    activities.push(Activity {
        after: vec![Link { activity: 6, lag: 0 }],
        value: Some(1),
        ..Activity::of(vec![Mode::of(0, HOUR), Mode::of(1, HOUR)])
    });
    let problem = Problem {
        resources: vec![Resource::pool(1); 2],
        activities,
        objective: Objective::FINISH,
        horizon: 900 * HOUR,
    };
    let found = solved(&problem, 1, 50).plan;
    (problem, found)
}

#[test]
fn the_task_that_everything_waits_for_moves_the_date_most() {
    let (problem, plan) = lopsided();
    let beliefs = Beliefs::given(vec![unsure()]);
    let simulation = played(&Question::of(&problem, &plan), &beliefs, 2000);
    let found = sensitivities(&simulation);
    assert_eq!(found[0].activity, 6);
    assert!(found[0].critical > 0.9 && found[0].cri > 0.9 && found[0].gain > 5 * i64::from(HOUR), "{:?}", found[0]);
    assert!(found.len() <= 10 && found[1..].iter().all(|other| other.gain < found[0].gain / 4));
}

#[test]
fn what_loses_least_and_reaches_the_goal_is_recommended() {
    let (problem, plan) = lopsided();
    let beliefs = Beliefs::given(vec![unsure()]);
    let goal = Goal { activities: Vec::new(), by: 20 * HOUR };
    let question = Question::of(&problem, &plan);
    let ways: Vec<WhatIf> = what_ifs(&question, &beliefs, &goal, 0.8, 1).unwrap();
    assert_eq!(ways[0].lever, Lever::Cut(vec![6]), "{ways:?}");
    assert!(ways[0].chance > 0.8 && ways[0].lost == 2, "what waits for it leaves with it");
    assert_eq!(ways, what_ifs(&question, &beliefs, &goal, 0.8, 1).unwrap());
    let kept = Goal { activities: Vec::new(), by: 800 * HOUR };
    assert!(what_ifs(&question, &beliefs, &kept, 0.8, 1).unwrap().is_empty(), "nothing helps what needs no help");
}

#[test]
fn what_is_pinned_or_has_to_be_done_is_never_cut() {
    let (mut problem, plan) = lopsided();
    problem.activities[7].value = None;
    let beliefs = Beliefs::given(vec![unsure()]);
    let goal = Goal { activities: Vec::new(), by: 20 * HOUR };
    let ways = what_ifs(&Question::of(&problem, &plan), &beliefs, &goal, 0.8, 1).unwrap();
    let cuts = |way: &WhatIf| matches!(&way.lever, Lever::Cut(cuts) if cuts.contains(&6) || cuts.contains(&7));
    assert!(!ways.iter().any(cuts), "{ways:?}");
}

#[test]
fn focus_is_counted_once() {
    // Active minutes are as thought; half of the day goes elsewhere.
    let tasks = (0..200).map(|at| Past {
        thought: 60.0,
        took: [45.0, 60.0, 80.0][at % 3],
        ended: true,
        sprint: at / 20,
        ..Past::default()
    });
    let history = History { tasks: tasks.collect(), sprint: 10, ..History::default() };
    let beliefs = Beliefs::learn(&history, 1, 1);
    let problem = Problem {
        resources: vec![Resource::pool(1)],
        activities: (0..50).map(|_| Activity::of(vec![Mode::of(0, 100)])).collect(),
        objective: Objective::FINISH,
        horizon: 90_000,
    };
    let places: Vec<(usize, u32)> = (0..50).map(|at| (0, at * 100)).collect();
    let plan = plan(&problem, &places);
    let simulation = played(&Question::of(&problem, &plan), &beliefs, 2000);
    let mean = simulation.runs.finishes.iter().map(|time| f64::from(*time)).sum::<f64>() / 2000.0;
    // An hour of work in 100 minutes of the day, and the mean of those three factors.
    let truth = 50.0 * 100.0 * (0.75 + 1.0 + 4.0 / 3.0) / 3.0;
    assert!((mean / truth - 1.0).abs() < 0.03, "{mean}, not {truth}");
}

#[test]
fn who_has_begun_three_things_does_them_one_after_another() {
    let begun = |at: u32| vec![Begun { mode: 0, start: at, now: 60, left: 60 }];
    let activity = |at: u32| Activity { begun: begun(at), ..Activity::of(vec![Mode::of(0, HOUR)]) };
    let problem = Problem {
        resources: vec![Resource::pool(1)],
        activities: (0..3).map(activity).chain([Activity::of(vec![Mode::of(0, HOUR)])]).collect(),
        objective: Objective::FINISH,
        horizon: 1000 * HOUR,
    };
    let plan = plan(&problem, &[(0, 0), (0, 1), (0, 2), (0, 300)]);
    let worked = vec![Some(0.0), Some(0.0), Some(0.0), None];
    let question = Question { from: 60, worked, ..Question::of(&problem, &plan) };
    let beliefs = Beliefs::given(vec![sure()]);
    let simulation = played(&question, &beliefs, 20);
    assert!(simulation.runs.finishes.iter().all(|end| (295..=305).contains(end)), "{:?}", simulation.runs.finishes);
}

#[test]
fn what_comes_back_into_a_lane_takes_up_its_room_again() {
    // A lane for one, work by two, a review by one that sends everything back once.
    let stage = |who| Stage { modes: vec![Mode::of(who, HOUR)] };
    let activity = |who: usize| Activity {
        stages: vec![stage(who), stage(2)],
        holds: vec![Hold { resource: 3, after: None, until: 0 }],
        ..Activity::of(vec![Mode::of(who, HOUR)])
    };
    let problem = Problem {
        resources: vec![Resource::pool(1), Resource::pool(1), Resource::pool(4), Resource::pool(1)],
        activities: vec![activity(0), activity(1), activity(0), activity(1)],
        objective: Objective::FINISH,
        horizon: 1000 * HOUR,
    };
    let slots = |at: u32| {
        let slot = |start| Slot { mode: 0, start, end: start + HOUR };
        Some(Place { slots: vec![slot(at * HOUR), slot((at + 1) * HOUR)] })
    };
    let plan = Plan::of(&problem, (0..4).map(slots).collect());
    let roles = vec![vec![Role::Work, Role::Review]; 4];
    let question = Question { roles, ..Question::of(&problem, &plan) };
    let belief = Belief { sent_back: vec![1.0], rounds: 1, redo: (0.0, 0.0), look_again: 1.0, ..sure() };
    let beliefs = Beliefs::given(vec![belief]);
    let simulation = played(&question, &beliefs, 20);
    // Eight hours of work go through a lane for one, and the last of them is looked at for an hour.
    assert!(simulation.runs.finishes.iter().all(|end| *end >= 9 * HOUR), "{:?}", simulation.runs.finishes);
}
