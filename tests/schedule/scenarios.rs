//! The acceptance scenarios of the planning methods, as far as they concern a plan.

use vayu::plan::schedule::model::*;
use vayu::plan::schedule::plan::Plan;
use vayu::plan::schedule::{Reason, left_out};

use crate::checker::{faults, most};
use crate::properties::solved;

/// An over-constrained sprint in hours: two agents, twelve tasks.
struct Sprint {
    /// Levels of ana and bot in each of the skills.
    levels: [[u32; 3]; 2],
    hours: [u32; 2],
    deadline: Option<u32>,
    keep: &'static [&'static str],
    only_bot: &'static [&'static str],
}

const ANA: usize = 0;
const BOT: usize = 1;
const SKILLS: [&str; 3] = ["backend", "frontend", "dba"];

/// Name, hours, value, skill, level, predecessor.
pub const TASKS: [(&str, u32, i64, &str, u32, &str); 12] = [
    ("A1", 8, 8, "backend", 4, ""),
    ("A2", 12, 13, "backend", 4, "A1"),
    ("A3", 12, 8, "backend", 4, "A2"),
    ("B1", 6, 5, "backend", 3, ""),
    ("B2", 10, 8, "backend", 3, ""),
    ("B3", 8, 3, "backend", 2, ""),
    ("F1", 6, 8, "frontend", 3, ""),
    ("F2", 8, 5, "frontend", 3, "F1"),
    ("F3", 10, 5, "frontend", 4, "B1"),
    ("D1", 6, 8, "dba", 3, ""),
    ("X1", 6, 8, "frontend", 3, "D1"),
    ("S1", 4, 2, "backend", 2, ""),
];

fn index(name: &str) -> usize {
    TASKS.iter().position(|task| task.0 == name).unwrap()
}

impl Sprint {
    fn new() -> Self {
        Self { levels: [[4, 2, 0], [3, 4, 0]], hours: [40, 24], deadline: None, keep: &[], only_bot: &[] }
    }

    fn problem(&self) -> Problem {
        let ana = Resource { calendar: Calendar { open: vec![(0, self.hours[ANA])] }, ..Resource::pool(1) };
        let quota = Kind::Quota { amount: self.hours[BOT], every: 48 };
        let quota = Resource { kind: quota, calendar: Calendar::default() };
        let activities = TASKS.iter().map(|&(name, hours, value, skill, level, before)| {
            let skill = SKILLS.iter().position(|one| *one == skill).unwrap();
            let able = [ANA, BOT].into_iter().filter(|&who| self.levels[who][skill] >= level);
            let able = able.filter(|&who| who == BOT || !self.only_bot.contains(&name));
            let modes = able.map(|who| {
                let mut mode = Mode::of(who, hours);
                mode.uses.extend((who == BOT).then_some(Use { resource: 2, amount: 1 }));
                mode
            });
            Activity {
                after: (!before.is_empty()).then(|| Link { activity: index(before), lag: 0 }).into_iter().collect(),
                deadline: self.deadline.filter(|_| name == "A3"),
                value: Some(value).filter(|_| !self.keep.contains(&name)),
                ..Activity::of(modes.collect())
            }
        });
        let resources = vec![ana, Resource::pool(1), quota];
        Problem { resources, activities: activities.collect(), objective: Objective::default(), horizon: 48 }
    }

    fn plan(&self) -> (Problem, Plan) {
        let problem = self.problem();
        let plan = solved(&problem, 1, 4000).plan;
        assert_eq!(faults(&problem, &plan), Vec::<String>::new());
        (problem, plan)
    }

    fn kept(&self) -> i64 {
        let (_, plan) = self.plan();
        kept(&plan)
    }
}

fn kept(plan: &Plan) -> i64 {
    TASKS.iter().zip(&plan.places).filter(|(_, place)| place.is_some()).map(|(task, _)| task.2).sum()
}

fn of(plan: &Plan, who: usize, problem: &Problem) -> Vec<&'static str> {
    let placed = TASKS.iter().enumerate().filter(|(at, _)| {
        plan.places[*at]
            .as_ref()
            .is_some_and(|place| problem.activities[*at].stages[0].modes[place.slots[0].mode].uses[0].resource == who)
    });
    placed.map(|(_, task)| task.0).collect()
}

#[test]
fn an_over_constrained_sprint_keeps_the_most_value() {
    let (problem, plan) = Sprint::new().plan();
    assert_eq!(kept(&plan), 55);
    assert_eq!(of(&plan, ANA, &problem), ["A1", "A2", "A3", "B1"]);
    assert_eq!(of(&plan, BOT, &problem), ["B2", "F1", "F2"]);
}

#[test]
fn what_is_left_out_has_one_reason_and_hours_add_up() {
    let (problem, plan) = Sprint::new().plan();
    let reasons = left_out(&problem, &plan).unwrap();
    let reason = |name: &str| reasons.iter().find(|(at, _)| *at == index(name)).unwrap().1;
    assert_eq!(reason("D1"), Reason::NobodyCan);
    assert_eq!(reason("X1"), Reason::Predecessor(index("D1")));
    for name in ["F3", "B3", "S1"] {
        assert!(matches!(reason(name), Reason::Capacity(_)), "{name}: {:?}", reason(name));
    }
    assert_eq!(reasons.len(), 5);
    let hours = |planned: bool| -> u32 {
        TASKS.iter().zip(&plan.places).filter(|(_, place)| place.is_some() == planned).map(|(task, _)| task.1).sum()
    };
    assert_eq!((hours(true), hours(false)), (62, 34));
}

#[test]
fn more_skill_or_more_hours_regain_what_they_are_worth() {
    let mut skilled = Sprint::new();
    skilled.levels[BOT][2] = 3;
    assert_eq!(skilled.kept(), 61);
    assert_eq!(Sprint { hours: [48, 24], ..Sprint::new() }.kept(), 60);
    assert_eq!(Sprint { hours: [40, 32], ..Sprint::new() }.kept(), 58);
}

#[test]
fn a_deadline_that_can_be_met_is_met() {
    let (_, plan) = Sprint { deadline: Some(32), ..Sprint::new() }.plan();
    assert_eq!(kept(&plan), 55);
    let start = |name: &str| plan.places[index(name)].as_ref().unwrap().start();
    assert_eq!([start("A1"), start("A2"), start("A3")], [0, 8, 20]);
}

#[test]
fn a_deadline_that_cannot_be_met_costs_its_task_and_no_more() {
    let (problem, plan) = Sprint { deadline: Some(30), ..Sprint::new() }.plan();
    assert_eq!(kept(&plan), 54);
    let reasons = left_out(&problem, &plan).unwrap();
    assert_eq!(reasons.iter().find(|(at, _)| *at == index("A3")).unwrap().1, Reason::Deadline);
    assert_eq!(Sprint { deadline: Some(32), ..Sprint::new() }.kept(), 55);
}

#[test]
fn keeping_a_task_for_an_agent_costs_the_least_valuable_ones() {
    let (problem, plan) = Sprint { keep: &["F3"], only_bot: &["F3"], ..Sprint::new() }.plan();
    assert_eq!(kept(&plan), 54);
    assert!(of(&plan, BOT, &problem).contains(&"F3"));
}

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;
const MIRA: usize = 6;
const ALLOWANCE: usize = 7;
const LANE: usize = 8;

/// Six agents build, one person reviews for so many hours a day. The week begins on Monday at midnight.
pub fn reviewed(agents: usize, review_hours: u32, days_away: &[u32]) -> Problem {
    let days = (0..5).filter(|day| !days_away.contains(day));
    let open = days.map(|day| (day * DAY + 9 * HOUR, day * DAY + 17 * HOUR)).collect();
    let mut resources = vec![Resource::pool(1); 6];
    resources.push(Resource { calendar: Calendar { open }, ..Resource::pool(1) });
    resources.push(Resource {
        kind: Kind::Quota { amount: review_hours * HOUR, every: DAY },
        calendar: Calendar::default(),
    });
    resources.push(Resource::pool(4));
    resources.extend((6..agents).map(|_| Resource::pool(1)));
    let builders = || (0..6).chain(9..9 + agents.saturating_sub(6));
    let activities = (0..24).map(|task| {
        let build = Stage { modes: builders().map(|who| Mode::of(who, 2 * HOUR)).collect() };
        let mut review = Mode::of(MIRA, HOUR);
        review.uses.push(Use { resource: ALLOWANCE, amount: 1 });
        Activity {
            stages: vec![build, Stage { modes: vec![review] }],
            release: 9 * HOUR,
            holds: vec![Hold { resource: LANE, after: Some(0), until: 1 }],
            value: Some([8, 4, 2, 1][task / 6]),
            ..Activity::default()
        }
    });
    Problem {
        resources,
        activities: activities.collect(),
        objective: Objective::default(),
        horizon: 4 * DAY + 17 * HOUR,
    }
}

pub fn planned(problem: &Problem) -> (Plan, Vec<usize>) {
    let plan = solved(problem, 1, 200).plan;
    assert_eq!(faults(problem, &plan), Vec::<String>::new());
    let out = (0..24).filter(|&task| plan.places[task].is_none()).collect();
    (plan, out)
}

#[test]
fn the_reviewer_is_the_bottleneck() {
    let problem = reviewed(6, 4, &[]);
    let (plan, out) = planned(&problem);
    assert_eq!(out.len(), 4, "twenty of twenty-four are planned to the end");
    assert!(out.iter().all(|&task| task >= 18), "the least valuable ones are left out: {out:?}");
    let reasons = left_out(&problem, &plan).unwrap();
    assert!(reasons.iter().all(|(_, reason)| matches!(reason, Reason::Capacity(MIRA | ALLOWANCE))), "{reasons:?}");
}

#[test]
fn a_full_review_lane_holds_starts() {
    let (plan, _) = planned(&reviewed(6, 4, &[]));
    let placed = || plan.places.iter().flatten();
    let reviewing: Vec<_> = placed().map(|place| (place.slots[0].end, place.slots[1].end, 1)).collect();
    let started: Vec<_> = placed().map(|place| (place.start(), place.end(), 1)).collect();
    assert!(most(&reviewing) <= 4);
    assert!(most(&started) <= 10);
}

#[test]
fn another_builder_does_not_help_but_an_hour_of_review_does() {
    assert_eq!(planned(&reviewed(7, 4, &[])).1.len(), 4);
    assert_eq!(planned(&reviewed(6, 5, &[])).1.len(), 0);
    assert_eq!(planned(&reviewed(6, 4, &[3])).1.len(), 8, "a day without review costs four tasks more");
}
