//! When somebody is asked, and when not.

use vayu::plan::replan::{Facts, Options, Outlook, Replanned, Stand, Standing, Stood, is_worth_asking, replan};
use vayu::plan::schedule::model::*;
use vayu::plan::schedule::plan::{Place, Plan, Slot};

/// Two tasks of an hour for two agents, both planned for the first; the second task's agent is lost or not.
fn answer(lost: bool) -> Replanned {
    let task = |first: usize| Activity::of((first..2).map(|who| Mode::of(who, 60)).collect());
    let activities = vec![task(0), task(usize::from(lost))];
    let resources = vec![Resource::pool(1); 2];
    let problem = Problem { resources, activities, objective: Objective::LATENESS, horizon: 10_000 };
    let whole = Problem { activities: vec![task(0), task(0)], ..problem.clone() };
    let place = |start| Some(Place { slots: vec![Slot { mode: 0, start, end: start + 60 }] });
    let plan = Plan::of(&whole, vec![place(600), place(660)]);
    let standing = Standing::from(&whole, &plan, &problem, &[Some(0), Some(1)]);
    let facts = Facts { event: true, ..Facts::default() };
    replan(&problem, &standing, &facts, &Options::default()).unwrap()
}

fn outlook(likely: Time, chance: f64) -> Outlook {
    Outlook { finish: 720, goal: Some(900), likely: Some(likely), chance: Some(chance), broken: false }
}

#[test]
fn small_news_is_no_question() {
    let (answer, expected) = (answer(true), outlook(800, 0.8));
    let ask = |carried: Outlook| is_worth_asking(&expected, &carried, &answer);
    assert!(!ask(outlook(800 + 4 * 60, 0.76)));
    assert!(ask(outlook(801 + 4 * 60, 0.76)), "the likely date moves by more than half a day");
    assert!(ask(outlook(800, 0.74)), "the chance moves by five points");
    assert!(ask(Outlook { finish: 901, ..expected }), "the goal is missed");
    assert!(ask(Outlook { broken: true, ..expected }), "somebody is not there");
}

#[test]
fn without_anything_to_gain_nobody_is_asked() {
    let (answer, expected) = (answer(false), outlook(800, 0.8));
    assert!(!is_worth_asking(&expected, &outlook(800, 0.5), &answer));
}

#[test]
fn what_came_in_and_can_have_a_place_is_a_question() {
    let task = || Activity::of(vec![Mode::of(0, 60)]);
    let problem = Problem {
        resources: vec![Resource::pool(1)],
        activities: vec![task(), task()],
        objective: Objective::LATENESS,
        horizon: 10_000,
    };
    let before = Plan::of(&problem, vec![Some(Place { slots: vec![Slot { mode: 0, start: 600, end: 660 }] }), None]);
    let mut standing = Standing::of(&before);
    standing.activities[1] = Stood::New;
    let facts = Facts { event: true, ..Facts::default() };
    let answer = replan(&problem, &standing, &facts, &Options::default()).unwrap();
    assert_eq!((answer.best().comes.clone(), answer.best().moves.len()), (vec![1], 0));
    let expected = outlook(800, 0.8);
    assert!(is_worth_asking(&expected, &expected, &answer));
}

#[test]
fn a_stage_that_came_later_leaves_those_before_it_where_they_are() {
    let (work, review) = (vec![Mode::of(0, 60), Mode::of(1, 60)], vec![Mode::of(2, 30)]);
    let stages = [work, review].map(|modes| Stage { modes });
    let task = || Activity { stages: stages.to_vec(), ..Activity::default() };
    let problem = Problem {
        resources: vec![Resource::pool(1); 3],
        activities: vec![task(), task()],
        objective: Objective::LATENESS,
        horizon: 10_000,
    };
    let stand = |start| Stood::At(vec![Stand { mode: Some(1), start, end: start + 60 }]);
    let standing = Standing { activities: vec![stand(600), stand(660)] };
    for event in [false, true] {
        let facts = Facts { event, ..Facts::default() };
        let answer = replan(&problem, &standing, &facts, &Options::default()).unwrap();
        assert!(answer.holds() && answer.best().moves.is_empty(), "{:?}", answer.best());
        let place = answer.best().plan.places[1].as_ref().unwrap();
        assert_eq!((place.slots[0].mode, place.slots[0].start, place.slots[1].start), (1, 660, 720));
    }
}
