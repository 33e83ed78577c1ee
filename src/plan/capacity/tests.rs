//! What a team can do by its hours, days off, division of time and what was said about the last sprint.

use std::collections::BTreeMap;

use chrono::{TimeZone, Utc};
use uuid::Uuid;

use super::*;
use crate::domain::agent::{Division, parse_skills, parse_windows};
use crate::domain::days::parse_days;
use crate::domain::sprint::Allotment;
use crate::domain::task::Complexity;
use crate::domain::{Agent, Days, Timestamp, Zone};
use crate::plan::assign::{HeldWork, Record};

fn member(n: u128, kind: AgentKind, hours: &str, skills: &str) -> Candidate {
    let agent = Agent {
        agent_id: AgentId(Uuid::from_u128(n)),
        rev: 0,
        name: format!("a{n}"),
        kind,
        role: None,
        permissions: None,
        skills: parse_skills(skills).expect("skills"),
        wip_limit: 1,
        availability: if hours.is_empty() { Vec::new() } else { parse_windows(hours).expect("hours") },
        time_zone: Zone::default(),
        away: Vec::new(),
        division: Division::default(),
        draining: false,
        cost_per_hour: None,
        model: None,
        created_at: Timestamp::default(),
    };
    Candidate { agent, present: true, held: Vec::new(), record: Record::default(), cpu_usage: None, memory_usage: None }
}

fn day(day: u32) -> Timestamp {
    Utc.with_ymd_and_hms(2025, 6, day, 0, 0, 0).single().expect("a date")
}

static NONE: BTreeMap<AgentId, Allotment> = BTreeMap::new();
static UNSEEN: Habits = Habits::new();

/// Monday 2 June to the end of Sunday 15 June, with nothing said.
fn plain() -> Frame<'static> {
    Frame { from: day(2), to: day(16), holidays: &[], by_hand: &NONE, carried: None, habits: &UNSEEN, taken: &[] }
}

/// The same for a team.
fn two_weeks(team: &[Candidate]) -> Capacity {
    with(team, &[], &BTreeMap::new(), None)
}

fn with(
    team: &[Candidate],
    holidays: &[Days],
    by_hand: &BTreeMap<AgentId, Allotment>,
    carried: Option<&Carried>,
) -> Capacity {
    let frame = Frame { holidays, by_hand, carried, ..plain() };
    capacity(team, &frame, &PointRule::default())
}

fn spans(agent: &Agent, from: Timestamp, to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let frame = Frame { from, to, ..plain() };
    frame.time(agent).spans(agent, from, to)
}

#[test]
fn three_programs_without_hours_have_252_hours_in_two_weeks() {
    let team: Vec<_> = (1..=3).map(|n| member(n, AgentKind::Ai, "", "rust:3")).collect();
    let capacity = two_weeks(&team);
    assert_eq!(capacity.minutes, 252 * 60);
    assert_eq!(capacity.program_minutes, capacity.minutes);
    assert!((capacity.points - 126.0).abs() < 1e-9);
    assert_eq!(capacity.skills[0].minutes, 252 * 60);
}

#[test]
fn declared_hours_of_people_count_by_three_quarters_and_of_programs_in_full() {
    let team =
        [member(1, AgentKind::Human, "mon-fri 09:00-17:00", ""), member(2, AgentKind::Ai, "mon-fri 09:00-17:00", "")];
    let capacity = two_weeks(&team);
    assert_eq!((capacity.people_minutes, capacity.program_minutes), (60 * 60, 80 * 60));
    assert_eq!(capacity.agents[0].kind, AgentKind::Human);
}

#[test]
fn hours_that_overlap_count_once() {
    let mut member = member(1, AgentKind::Ai, "mon-fri 09:00-17:00", "");
    member.agent.availability.extend(parse_windows("mon-fri 12:00-17:00").expect("hours"));
    member.agent.availability.extend(parse_windows("mon 08:00-10:00").expect("hours"));
    assert_eq!(two_weeks(&[member.clone()]).minutes, 82 * 60);
    assert_eq!(member.agent.weekly_minutes(), 41 * 60);
    let spans = spans(&member.agent, day(2), day(16));
    assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{spans:?}");
}

#[test]
fn hours_that_begin_in_the_gap_of_summer_time_begin_after_it() {
    let mut member = member(1, AgentKind::Ai, "sun 02:30-06:00", "");
    member.agent.time_zone = "Europe/Berlin".parse().unwrap();
    // On 30 March 2025 clocks in Berlin go from 02:00 to 03:00, which is 01:00 UTC.
    let at = |hour| Utc.with_ymd_and_hms(2025, 3, 30, hour, 0, 0).single().expect("a date");
    let spans = spans(&member.agent, at(0), at(12));
    assert_eq!(spans, [(at(1), at(4))]);
}

#[test]
fn what_is_in_hand_is_taken_off_and_hands_win_over_hours() {
    let mut team = [member(1, AgentKind::Ai, "", ""), member(2, AgentKind::Ai, "", "")];
    team[0].held = vec![HeldWork { minutes: 600, complexity: Complexity::Simple }];
    team[1].agent.draining = true;
    let by_hand = BTreeMap::from([(team[0].agent.agent_id, Allotment::of_work(900))]);
    assert_eq!(with(&team, &[], &by_hand, None).minutes, 300);
}

#[test]
fn the_skill_that_runs_out_first_is_named_with_its_level_and_gap() {
    let skilled = |n, skills| member(n, AgentKind::Ai, "mon 09:00-10:00", skills);
    let team = [member(1, AgentKind::Ai, "", "rust:3"), skilled(2, "qa:3"), skilled(3, "qa:2")];
    let capacity = two_weeks(&team);
    let mut demand = Demand::default();
    demand.add(&BTreeMap::from([("rust".to_owned(), 2)]), 600, 0);
    demand.add(&BTreeMap::from([("qa".to_owned(), 3)]), 180, 0);
    let binding = capacity.binding(&demand).expect("something is wanted");
    assert_eq!((binding.what.as_str(), binding.percent(), binding.gap), ("qa 3", 150, 60));
}

#[test]
fn reviews_run_out_although_there_is_time_for_all_the_work() {
    let team = [member(1, AgentKind::Ai, "", ""), member(2, AgentKind::Human, "mon 09:00-14:00", "")];
    let mut demand = Demand::default();
    demand.add(&BTreeMap::new(), 600, 150);
    let capacity = two_weeks(&team);
    let binding = capacity.binding(&demand).expect("something is wanted");
    assert_eq!((binding.what.as_str(), binding.stage, binding.gap), ("reviews", Part::Review, 30));
}

#[test]
fn a_persons_hours_go_into_tasks_reviews_and_answers_as_they_say() {
    let mut team = [member(1, AgentKind::Human, "mon-fri 09:00-17:00", "rust:2,sql:4")];
    let parts = |team: &[Candidate]| {
        let share = &two_weeks(team).agents[0];
        [share.minutes, share.review_minutes, share.answer_minutes].map(|minutes| minutes / 60)
    };
    assert_eq!(parts(&team), [60, 16, 4]);
    team[0].agent.division = Division { reviews: Some(50), answers: Some(10), focus: Some(50) };
    assert_eq!(parts(&team), [16, 40, 8]);
    let table = two_weeks(&team).table;
    let lines: Vec<_> = table.iter().map(|row| (row.stage, row.skill.as_deref(), row.minutes / 60)).collect();
    let work = |skill| (Part::Work, Some(skill), 16);
    assert_eq!(lines, [work("rust"), work("sql"), (Part::Review, None, 40), (Part::Answers, None, 8)]);
}

#[test]
fn holidays_are_for_people_and_days_off_for_whose_they_are() {
    let hours = "mon-fri 09:00-17:00";
    let mut team = [
        member(1, AgentKind::Human, hours, ""),
        member(2, AgentKind::Ai, hours, ""),
        member(3, AgentKind::Ai, hours, ""),
    ];
    team[2].agent.away = parse_days("2025-06-05..2025-06-09").expect("days");
    let holidays = parse_days("2025-06-09").expect("days");
    let capacity = with(&team, &holidays, &BTreeMap::new(), None);
    assert_eq!(capacity.agents.iter().map(|share| share.minutes / 60).collect::<Vec<_>>(), [54, 80, 56]);
}

#[test]
fn who_has_declared_no_hours_has_those_of_the_last_sprint_by_its_length() {
    let team = [
        member(1, AgentKind::Human, "", ""),
        member(2, AgentKind::Human, "", ""),
        member(3, AgentKind::Human, "mon 09:00-17:00", ""),
    ];
    let said = |minutes| Allotment { review: Some(120), ..Allotment::of_work(minutes) };
    let allotted = [(1, said(600)), (2, Allotment::NONE), (3, said(600))];
    let allotted = allotted.into_iter().map(|(n, said)| (AgentId(Uuid::from_u128(n)), said)).collect();
    let may = Utc.with_ymd_and_hms(2025, 5, 26, 0, 0, 0).single().expect("a date");
    let carried = Carried { sprint: "Sprint 3".into(), from: may, to: day(2), allotted };
    let capacity = with(&team, &[], &BTreeMap::new(), Some(&carried));
    let seen: Vec<_> = capacity.agents.iter().map(|s| (s.minutes, s.review_minutes, s.source)).collect();
    // Twice as long as then; who had no part then is unknown, not absent; declared hours are known.
    assert_eq!(seen, [(1200, 240, Source::Carried), (60 * 60, 16 * 60, Source::Usual), (12 * 60, 192, Source::Hours)]);
    assert!(capacity.agents[0].because.contains("Sprint 3") && capacity.agents[0].source.is_guess());
}

/// A stint on a day of June 2025, from one hour to another; it could have been begun at `since`.
fn stint(task: u128, date: u32, [since, from, to]: [u32; 3]) -> Stint {
    let at = |hour| Utc.with_ymd_and_hms(2025, 6, date, hour, 0, 0).single().expect("a date");
    let task_id = crate::domain::TaskId(Uuid::from_u128(task));
    Stint { task_id, since: at(since), from: at(from), to: at(to), stopped: false }
}

fn era() -> Era {
    Era { name: "Sprint 1".into(), from: day(2), to: day(16) }
}

#[test]
fn who_waited_for_others_is_as_focused_as_who_did_not() {
    let ana = member(1, AgentKind::Human, "mon-fri 09:00-17:00", "").agent;
    // Three of five hours at tasks, the next one ready all the time.
    let busy: Vec<Stint> =
        (0..5).flat_map(|n| [stint(n, 2 + n as u32, [9, 9, 11]), stint(n + 9, 2 + n as u32, [9, 13, 14])]).collect();
    let busy = Habit::learn(&ana, &[], &[era()], &busy);
    assert_eq!((busy.percent, busy.like.as_str()), (Some(64), "as in Sprint 1 (10 tasks)"), "{busy:?}");
    // The same hours, but the second task was not ready before it was begun, nor the first one on the evening before.
    let waits: Vec<Stint> =
        (0..5).flat_map(|n| [stint(n, 2 + n as u32, [9, 9, 11]), stint(n + 9, 2 + n as u32, [13, 13, 14])]).collect();
    let waits = Habit::learn(&ana, &[], &[era()], &waits);
    assert_eq!(waits.percent, Some(91), "held to the usual 75% by a day");
}

#[test]
fn a_program_that_runs_in_the_evening_has_worked_and_had_the_day() {
    let bot = member(1, AgentKind::Ai, "", "").agent;
    let evenings: Vec<Stint> = (2..9).map(|date| stint(u128::from(date), date, [8, 19, 23])).collect();
    // From the first evening on: seven times four hours of work, and six days of eight hours without any.
    let habit = Habit::learn(&bot, &[], &[era()], &evenings);
    assert_eq!(habit.percent, Some(40), "(28 h + 6 h) of (28 h + 48 h + 8 h)");
}

#[test]
fn what_was_carried_over_or_goes_on_counts_as_far_as_it_lies_in_the_sprint() {
    let ana = member(1, AgentKind::Human, "mon-fri 09:00-17:00", "").agent;
    let second = Era { from: day(9), ..era() };
    // From the last sprint until Wednesday evening, with an hour of another on Monday; four were ready since.
    let carried = Stint { from: stint(9, 6, [9, 9, 10]).from, ..stint(9, 11, [9, 9, 17]) };
    let since = stint(1, 9, [10, 10, 11]).from;
    let later = (0..4).map(|n: u32| Stint { since, ..stint(u128::from(n), 12, [9, 9 + n, 10 + n]) });
    let stints: Vec<Stint> = [carried, stint(8, 9, [9, 9, 10])].into_iter().chain(later).collect();
    let habit = Habit::learn(&ana, &[], &[second], &stints);
    assert_eq!(habit.percent, Some(94), "(28 h + 6 h) of (28 h + 8 h)");

    let bot = member(1, AgentKind::Ai, "", "").agent;
    let mut evenings: Vec<Stint> = (2..9).map(|date| stint(u128::from(date), date, [8, 19, 23])).collect();
    let last = stint(20, 15, [23, 23, 23]);
    evenings.push(Stint { to: last.from + chrono::Duration::days(3), ..last });
    let habit = Habit::learn(&bot, &[], &[era()], &evenings);
    assert_eq!(habit.percent, Some(41), "(29 h + 6 h) of (29 h + 48 h + 8 h)");
}

#[test]
fn little_says_nothing_and_work_outside_of_sprints_neither() {
    let ana = member(1, AgentKind::Human, "mon-fri 09:00-17:00", "").agent;
    let few: Vec<Stint> = (0..4).map(|n| stint(n, 2, [9, 9 + n as u32, 10 + n as u32])).collect();
    let habit = Habit::learn(&ana, &[], &[era()], &few);
    assert_eq!((habit.percent, habit.like.as_str()), (None, ""));
    assert!(habit.focus.is_some_and(|focus| focus > 0.8), "it is measured, but not yet to plan with");
    let short = |n: u128| Stint { to: few[0].from + chrono::Duration::minutes(9), ..stint(n, 2, [9, 9, 9]) };
    let short: Vec<Stint> = (0..20).map(short).collect();
    assert_eq!(Habit::learn(&ana, &[], &[era()], &short).percent, None, "many tasks, and nine minutes in all");
    let before = Era { from: day(9), ..era() };
    assert_eq!(Habit::learn(&ana, &[], &[before], &few), Habit::default());
}

#[test]
fn a_quota_that_stops_somebody_on_most_days_limits_the_day_and_is_no_lack_of_focus() {
    let bot = member(1, AgentKind::Ai, "mon-fri 09:00-17:00", "");
    let stops = (2..7).map(|date| Stint { stopped: date < 6, ..stint(u128::from(date), date, [2, 9, 12]) });
    let stints: Vec<Stint> = stops.collect();
    let habit = Habit::learn(&bot.agent, &[], &[era()], &stints);
    assert_eq!((habit.a_day, habit.stops.as_str()), (Some(180), "stopped by its quota after 3h on 4 of 5 days"));
    assert_eq!(habit.percent, Some(100));
    let habits = Habits::from([(bot.agent.agent_id, habit)]);
    let frame = Frame { habits: &habits, ..plain() };
    let time = frame.time(&bot.agent);
    assert_eq!((time.work, time.a_day_most), (10 * 180, Some(180)));
    assert_eq!(
        time.because,
        "100% of its hours, as in Sprint 1 (5 tasks), stopped by its quota after 3h on 4 of 5 days"
    );
    let by_hand = BTreeMap::from([(bot.agent.agent_id, Allotment::of_work(4_000))]);
    let time = Frame { by_hand: &by_hand, ..frame }.time(&bot.agent);
    assert_eq!((time.work, time.a_day_most, time.source), (4_000, None, Source::ByHand));
}

#[test]
fn what_was_seen_goes_before_the_last_sprint_and_after_what_was_said() {
    let mut ana = member(1, AgentKind::Human, "", "").agent;
    let seen = |percent| {
        let habit = Habit { percent: Some(percent), like: "as in Sprint 1 (9 tasks)".into(), ..Habit::default() };
        Habits::from([(AgentId(Uuid::from_u128(1)), habit)])
    };
    let may = Utc.with_ymd_and_hms(2025, 5, 26, 0, 0, 0).single().expect("a date");
    let said = Allotment { review: Some(120), ..Allotment::of_work(600) };
    let carried =
        Carried { sprint: "Sprint 0".into(), from: may, to: day(2), allotted: BTreeMap::from([(ana.agent_id, said)]) };
    let habits = seen(50);
    let frame = Frame { habits: &habits, carried: Some(&carried), ..plain() };
    let time = frame.time(&ana);
    assert_eq!((time.work, time.review, time.source), (40 * 60, 240, Source::History));
    assert_eq!(time.because, "no hours set: 50% of 8 h, Monday to Friday, as in Sprint 1 (9 tasks)");
    assert!((time.share() - 0.5).abs() < 1e-9, "what a task takes is longer, too");
    // At tasks all the time: nothing is left of reviews and answers, so the usual share stands.
    let habits = seen(97);
    let time = Frame { habits: &habits, ..plain() }.time(&ana);
    assert_eq!((time.work, time.source, time.learned()), (60 * 60, Source::Usual, None));
    ana.division.focus = Some(100);
    let habits = seen(50);
    assert_eq!(Frame { habits: &habits, ..plain() }.time(&ana).work, 60 * 60, "a declared focus stands");
}
