//! When somebody is asked, and when not.

use vayu::plan::replan::{Choice, Facts, Kind, Open, Options, Outlook, Replanned, Standing, Verdict, decide, replan};
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

fn open(answer: &Replanned, possible: bool) -> Open {
    Open { choice: answer.best().clone(), outlook: outlook(800, 0.8), possible }
}

#[test]
fn small_news_is_no_question() {
    let (answer, expected) = (answer(true), outlook(800, 0.8));
    let ask = |carried: Outlook| decide(&expected, &carried, &expected, None, &answer);
    assert_eq!(ask(outlook(800 + 4 * 60, 0.76)), Verdict::Nothing);
    assert_eq!(ask(outlook(801 + 4 * 60, 0.76)), Verdict::Propose, "the likely date moves by more than half a day");
    assert_eq!(ask(outlook(800, 0.74)), Verdict::Propose, "the chance moves by five points");
    assert_eq!(ask(Outlook { finish: 901, ..expected }), Verdict::Propose, "the goal is missed");
    assert_eq!(ask(Outlook { broken: true, ..expected }), Verdict::Propose, "somebody is not there");
}

#[test]
fn without_anything_to_gain_nobody_is_asked() {
    let (answer, expected) = (answer(false), outlook(800, 0.8));
    assert_eq!(decide(&expected, &outlook(800, 0.5), &expected, None, &answer), Verdict::Nothing);
}

#[test]
fn an_open_proposal_gives_way_only_to_one_that_is_different_enough() {
    let (answer, expected) = (answer(true), outlook(800, 0.8));
    let broken = Outlook { broken: true, ..expected };
    let ask = |proposed, open: &Open| decide(&expected, &broken, &proposed, Some(open), &answer);
    assert_eq!(ask(expected, &open(&answer, true)), Verdict::Nothing, "it is the same");
    let other = Choice { kind: Kind::Sooner, plan: Plan::default(), ..answer.best().clone() };
    let other = |possible| Open { choice: other.clone(), ..open(&answer, possible) };
    assert_eq!(ask(outlook(790, 0.81), &other(true)), Verdict::Nothing, "hardly better");
    assert_eq!(ask(outlook(790, 0.9), &other(true)), Verdict::Replace);
    assert_eq!(ask(expected, &other(false)), Verdict::Replace, "the open one is not possible any more");
}
