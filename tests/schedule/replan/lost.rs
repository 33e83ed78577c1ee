//! An agent is lost mid-sprint: three agents with four tasks of twelve hours each, to be done by hour 64; at hour 26,
//! two hours into its third task, the second agent is lost and leaves nothing behind.

use vayu::plan::replan::{Choice, Facts, Kind, Options, Outlook, Replanned, Standing, is_worth_asking, replan};
use vayu::plan::schedule::model::*;
use vayu::plan::schedule::plan::{Place, Plan, Slot};

use crate::checker::faults;

const HOUR: u32 = 60;
const AGENTS: usize = 3;
/// The third and the fourth task of the agent that is lost.
const THIRD: usize = 6;
const FOURTH: usize = 7;

/// Tasks of agent 0, then of 1, then of 2; everybody may do everything.
fn sprint() -> (Problem, Plan) {
    let modes = || (0..AGENTS).map(|who| Mode::of(who, 12 * HOUR)).collect();
    let problem = Problem {
        resources: vec![Resource::pool(1); AGENTS],
        activities: (0..12).map(|_| Activity::of(modes())).collect(),
        objective: Objective::LATENESS,
        horizon: 200 * HOUR,
    };
    let place = |task: usize| {
        let start = (task % 4) as u32 * 12 * HOUR;
        Some(Place { slots: vec![Slot { mode: task / 4, start, end: start + 12 * HOUR }] })
    };
    let plan = Plan::of(&problem, (0..12).map(place).collect());
    (problem, plan)
}

/// What has begun by an hour, as planned, but for the work of an agent that is not there.
fn at(hour: u32, problem: &mut Problem, plan: &Plan, lost: Option<usize>) {
    for (task, place) in plan.places.iter().enumerate() {
        let slot = place.as_ref().unwrap().slots[0];
        let over = slot.end <= hour * HOUR;
        if slot.start >= hour * HOUR || !over && lost == Some(slot.mode) {
            continue;
        }
        let now = slot.end.min(hour * HOUR);
        problem.activities[task].begun = vec![Begun { mode: slot.mode, start: slot.start, now, left: slot.end - now }];
    }
}

/// The second agent is gone: nobody can give it anything. The plan that stands is told in modes that are left.
fn lose(problem: &Problem, plan: &Plan) -> (Problem, Standing) {
    let mut without = problem.clone();
    for activity in without.activities.iter_mut().filter(|activity| activity.begun.is_empty()) {
        activity.stages[0].modes.retain(|mode| mode.uses[0].resource != 1);
    }
    let same: Vec<Option<usize>> = (0..12).map(Some).collect();
    let standing = Standing::from(problem, plan, &without, &same);
    (without, standing)
}

fn lost() -> (Problem, Standing, Plan) {
    let (mut problem, plan) = sprint();
    at(26, &mut problem, &plan, Some(1));
    let (problem, standing) = lose(&problem, &plan);
    (problem, standing, plan)
}

fn options(goal: u32) -> Options {
    Options { goal: Some(goal * HOUR), ..Options::default() }
}

fn now(hour: u32) -> Facts {
    Facts { now: hour * HOUR, event: true, ..Facts::default() }
}

fn asked(problem: &Problem, standing: &Standing, facts: &Facts, goal: u32) -> Replanned {
    let answer = replan(problem, standing, facts, &options(goal)).unwrap();
    for choice in answer.options.iter().chain([&answer.carried, &answer.scratch]) {
        assert_eq!(faults(problem, &choice.plan), Vec::<String>::new(), "{:?}", choice.kind);
    }
    answer
}

/// Who does a task from when to when, in hours.
fn work(problem: &Problem, choice: &Choice, task: usize) -> (usize, u32, u32) {
    let slot = choice.plan.places[task].as_ref().unwrap().slots[0];
    (problem.activities[task].stages[0].modes[slot.mode].uses[0].resource, slot.start / HOUR, slot.end / HOUR)
}

fn moved(choice: &Choice) -> Vec<usize> {
    choice.moves.iter().map(|step| step.activity).collect()
}

#[test]
fn the_work_of_a_lost_agent_goes_to_the_ends_of_the_others_and_nothing_else_moves() {
    let (problem, standing, _) = lost();
    let answer = asked(&problem, &standing, &now(26), 64);
    assert_eq!(answer.hit, [THIRD, FOURTH]);
    let best = answer.best();
    let mut places = [work(&problem, best, THIRD), work(&problem, best, FOURTH)];
    places.sort_unstable();
    assert_eq!(places, [(0, 48, 60), (2, 48, 60)]);
    assert_eq!(best.finish, (26 + 68 / 2) * HOUR, "the bound: 68 hours are left for two");
    assert_eq!((moved(best), best.changed_agents()), (vec![THIRD, FOURTH], 2));
    assert!(best.keeps_everything(), "nothing is cut: {:?} {:?}", best.leaves, best.dates);
    assert_eq!(best.price(), 2 * (60 + 15), "two other agents, two other starts");
    assert_eq!(answer.options.len(), 1, "there is nothing to weigh: {:?}", answer.options);
}

#[test]
fn critical_work_goes_first_and_exactly_one_other_task_waits_for_it() {
    let (mut problem, standing, _) = lost();
    problem.activities[THIRD].deadline = Some(52 * HOUR);
    let answer = asked(&problem, &standing, &now(26), 64);
    let best = answer.best();
    let (who, from, to) = work(&problem, best, THIRD);
    assert_eq!((from, to), (36, 48));

    let others: Vec<_> = best.moves.iter().filter(|step| ![THIRD, FOURTH].contains(&step.activity)).collect();
    assert_eq!(others.len(), 1);
    assert_eq!((others[0].activity, others[0].other_agent), (who * 4 + 3, false));
    assert_eq!(others[0].start_to - others[0].start_from, 12 * HOUR);
    assert_eq!(best.finish, 60 * HOUR);
    assert!(best.keeps_everything());
}

/// Only the first agent may do what the lost one would have done.
fn picky() -> (Problem, Standing) {
    let (mut problem, plan) = sprint();
    at(26, &mut problem, &plan, Some(1));
    for task in [THIRD, FOURTH] {
        problem.activities[task].stages[0].modes.truncate(2);
    }
    lose(&problem, &plan)
}

fn shape(choice: &Choice) -> (usize, u32) {
    (choice.changed_agents(), choice.finish / HOUR)
}

#[test]
fn a_goal_that_needs_one_more_change_gets_it_and_the_other_way_is_shown() {
    let (problem, standing) = picky();
    let answer = asked(&problem, &standing, &now(26), 64);
    assert_eq!(shape(answer.best()), (3, 60));

    assert_eq!(work(&problem, answer.best(), 3), (2, 48, 60), "its own fourth task goes to the third agent");
    assert!(answer.best().keeps_everything());
    assert_eq!(answer.options.iter().map(shape).collect::<Vec<_>>(), [(3, 60), (2, 72)]);
    assert_eq!(answer.options[1].dates[0].to, 72 * HOUR, "fewer changes move the goal");
}

#[test]
fn a_goal_that_is_met_either_way_takes_fewer_changes_and_the_other_way_is_shown() {
    let (problem, standing) = picky();
    let answer = asked(&problem, &standing, &now(26), 80);
    assert_eq!(answer.options.iter().map(shape).collect::<Vec<_>>(), [(2, 72), (3, 60)]);
    assert!(answer.options.iter().all(Choice::keeps_everything));
}

#[test]
fn a_goal_that_cannot_be_kept_moves_or_tasks_leave() {
    let (problem, standing, _) = lost();
    let answer = asked(&problem, &standing, &now(26), 48);
    let [dates, tasks] = answer.options.as_slice() else { panic!("{:?}", answer.options) };
    assert_eq!((dates.kind, tasks.kind), (Kind::DatesMove, Kind::TasksLeave));
    assert_eq!((dates.dates[0].activity, dates.dates[0].to), (None, 60 * HOUR));
    assert!(dates.leaves.is_empty());
    let leaving: Vec<usize> = tasks.leaves.iter().map(|(task, _)| *task).collect();
    assert_eq!(leaving, [THIRD, FOURTH]);
    assert!(tasks.moves.is_empty() && tasks.dates.is_empty(), "the others keep their work");
}

/// The agent is back at hour 28: what it had begun begins again.
fn back(begun: &Plan, lost: Option<usize>) -> (Problem, Plan) {
    let (mut problem, plan) = sprint();
    at(28, &mut problem, begun, lost);
    (problem, plan)
}

#[test]
fn an_agent_that_is_back_before_anybody_decides_gets_its_work_back_and_there_is_nothing_to_ask() {
    let (problem, standing, plan) = lost();
    let goal = Some(64 * HOUR);
    let first = asked(&problem, &standing, &now(26), 64);
    let promised = Outlook { finish: 48 * HOUR, goal, ..Outlook::default() };
    assert!(is_worth_asking(&promised, &Outlook::of(&first.carried, goal), &first));

    let (problem, plan) = (back(&plan, Some(1)).0, plan);
    let second = asked(&problem, &Standing::of(&plan), &now(28), 64);
    assert_eq!(work(&problem, second.best(), THIRD), (1, 28, 40));
    assert_eq!(work(&problem, second.best(), FOURTH), (1, 40, 52));
    assert_eq!(second.best().changed_agents(), 0);
    assert!(!is_worth_asking(&promised, &Outlook::of(&second.carried, goal), &second), "nothing is left to ask");
}

#[test]
fn an_accepted_change_goes_back_if_none_of_it_has_begun() {
    let (problem, standing, plan) = lost();
    let accepted = named_again(&problem, &asked(&problem, &standing, &now(26), 64).best().plan);
    let (problem, _) = back(&plan, Some(1));
    let facts = Facts { before: vec![Standing::of(&plan)], ..now(28) };
    let answer = asked(&problem, &Standing::of(&accepted), &facts, 64);
    assert_eq!(work(&problem, answer.best(), THIRD), (1, 28, 40));
    assert_eq!(work(&problem, answer.best(), FOURTH), (1, 40, 52));
}

#[test]
fn nothing_moves_back_once_it_has_begun() {
    let (problem, standing, plan) = lost();
    let accepted = named_again(&problem, &asked(&problem, &standing, &now(26), 64).best().plan);
    let (mut problem, _) = sprint();
    at(50, &mut problem, &accepted, None);
    let facts = Facts { before: vec![Standing::of(&plan)], ..now(50) };
    let answer = asked(&problem, &Standing::of(&accepted), &facts, 64);
    assert_eq!(answer.best().plan.places, accepted.places);
    assert!(answer.best().moves.is_empty());
}

/// A plan of the problem without the agent, in modes of the whole one.
fn named_again(without: &Problem, plan: &Plan) -> Plan {
    let (whole, _) = sprint();
    let places = plan.places.iter().enumerate().map(|(task, place)| {
        let mut place = place.clone()?;
        let mode = &without.activities[task].stages[0].modes[place.slots[0].mode];
        place.slots[0].mode = mode.uses[0].resource;
        Some(place)
    });
    Plan::of(&whole, places.collect())
}

#[test]
fn nobody_decides_and_the_plan_says_that_it_is_outdated() {
    let (problem, standing, plan) = lost();
    assert!(!asked(&problem, &standing, &now(26), 64).holds());
    let (mut problem, _) = sprint();
    at(26, &mut problem, &plan, None);
    assert!(asked(&problem, &Standing::of(&plan), &now(26), 64).holds());
}

#[test]
fn without_an_event_the_plan_stays_as_it_is_to_the_byte() {
    let (mut problem, plan) = sprint();
    at(26, &mut problem, &plan, None);
    // The goal is missed, but that is no news.
    let answer =
        replan(&problem, &Standing::of(&plan), &Facts { now: 26 * HOUR, ..Facts::default() }, &options(40)).unwrap();
    let bytes = |places| serde_json::to_vec(places).unwrap();
    assert_eq!(bytes(&answer.best().plan.places), bytes(&plan.places));
}
