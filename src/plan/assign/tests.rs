use std::collections::BTreeMap;

use chrono::{Duration, TimeZone, Utc};
use proptest::prelude::*;
// `Strategy` is the policy's word here.
use proptest::strategy::Strategy as Generate;
use uuid::Uuid;

use super::*;
use crate::domain::Priority;
use crate::domain::agent::{AgentKind, Division, parse_skills, parse_windows};
use crate::domain::policy::{Objective, Strategy};
use crate::domain::task::{Complexity, Requirements};
use crate::domain::{Agent, TaskNumber, Zone};

fn noon() -> Timestamp {
    Utc.with_ymd_and_hms(2025, 6, 4, 12, 0, 0).single().expect("a date")
}

fn agent(n: u128, name: &str, skills: &str) -> Candidate {
    Candidate {
        agent: Agent {
            agent_id: AgentId(Uuid::from_u128(n)),
            rev: 0,
            name: name.into(),
            kind: AgentKind::Ai,
            role: None,
            permissions: None,
            skills: parse_skills(skills).expect("skills"),
            wip_limit: 1,
            availability: Vec::new(),
            time_zone: Zone::default(),
            away: Vec::new(),
            division: Division::default(),
            draining: false,
            cost_per_hour: None,
            model: None,
            created_at: noon(),
        },
        present: true,
        held: Vec::new(),
        record: Record::default(),
        cpu_usage: None,
        memory_usage: None,
    }
}

fn ready(n: i64, skills: &str) -> Ready {
    Ready {
        task_id: TaskId(Uuid::from_u128(n as u128)),
        number: TaskNumber(n),
        priority: Priority::Normal,
        requirements: needs(skills),
        queued_at: noon() - Duration::minutes(1),
        minutes: 60,
        complexity: Complexity::Moderate,
        expedite: false,
        failed_with: Vec::new(),
        planned: None,
    }
}

fn needs(skills: &str) -> Requirements {
    Requirements { capabilities: parse_skills(skills).expect("skills"), team_size: 1, ..Requirements::default() }
}

fn push(objective: Objective) -> Policy {
    Policy { strategy: Strategy::Push, objective, ..Policy::default() }
}

fn held(minutes: u32) -> HeldWork {
    HeldWork { minutes, complexity: Complexity::Moderate }
}

fn run(ready: Vec<Ready>, team: Vec<Candidate>, policy: &Policy) -> Vec<(i64, String)> {
    let situation = Situation { ready, team, room: None };
    let proposals = assign(&situation, policy, noon());
    proposals.into_iter().map(|p| (p.why.task.0, p.why.chosen)).collect()
}

#[test]
fn on_a_holiday_programs_get_work_and_people_do_not() {
    let mut person = agent(1, "ana", "");
    person.agent.kind = AgentKind::Human;
    let situation = Situation { ready: vec![ready(1, "")], team: vec![person, agent(2, "bot", "")], room: None };
    let holidays = crate::domain::days::parse_days("2025-06-04").expect("days");
    let policy = Policy { strategy: Strategy::Push, holidays, ..Policy::default() };
    let given = assign(&situation, &policy, noon());
    assert_eq!(given.iter().map(|one| one.agent_id).collect::<Vec<_>>(), [AgentId(Uuid::from_u128(2))]);
    let only = Situation { team: situation.team[..1].to_vec(), ..situation };
    assert_eq!(assign(&only, &policy, noon()), []);
}

#[test]
fn hybrid_pushes_critical_work_and_leaves_the_rest_to_be_taken() {
    let critical = Ready { priority: Priority::Critical, ..ready(2, "") };
    let given = run(vec![ready(1, ""), critical], vec![agent(1, "a", "")], &Policy::default());
    assert_eq!(given, [(2, "a".into())]);
}

#[test]
fn pull_hands_out_nothing_and_push_everything() {
    let policy = Policy { strategy: Strategy::Pull, ..Policy::default() };
    let critical = Ready { priority: Priority::Critical, ..ready(1, "") };
    assert!(run(vec![critical], vec![agent(1, "a", "")], &policy).is_empty());
    assert_eq!(run(vec![ready(1, "")], vec![agent(1, "a", "")], &push(Objective::Balanced)).len(), 1);
}

#[test]
fn work_that_waits_long_enough_is_pushed_like_critical_work() {
    let old = Ready { priority: Priority::Low, queued_at: noon() - Duration::hours(73), ..ready(1, "") };
    let situation = Situation { ready: vec![old], team: vec![agent(1, "a", "")], room: None };
    let proposals = assign(&situation, &Policy::default(), noon());
    assert_eq!(proposals[0].why.because, "it has waited long enough to count as critical");
}

#[test]
fn an_old_low_task_goes_before_a_stream_of_fresh_normal_ones() {
    let old = Ready { priority: Priority::Low, queued_at: noon() - Duration::hours(49), ..ready(99, "") };
    let mut tasks: Vec<_> = (1..50).map(|n| ready(n, "")).collect();
    tasks.push(old);
    assert_eq!(run(tasks, vec![agent(1, "a", "")], &push(Objective::Balanced)), [(99, "a".into())]);
}

#[test]
fn expertise_takes_the_most_skilled_and_balance_the_least_loaded() {
    let expert = Candidate { held: vec![held(60)], ..agent(1, "expert", "rust:5") };
    let idle = agent(2, "idle", "rust:2");
    let team = |limit| {
        [&expert, &idle]
            .map(|c| Candidate { agent: Agent { wip_limit: limit, ..c.agent.clone() }, ..c.clone() })
            .to_vec()
    };
    let task = vec![ready(1, "rust:2")];
    assert_eq!(run(task.clone(), team(3), &push(Objective::Expertise)), [(1, "expert".into())]);
    assert_eq!(run(task, team(3), &push(Objective::Balance)), [(1, "idle".into())]);
}

#[test]
fn deadline_takes_the_fastest_and_cost_the_cheapest() {
    let fast = Record { submitted: 9, failed: 0, mean_minutes: Some(20.0) };
    let slow = Record { submitted: 9, failed: 0, mean_minutes: Some(60.0) };
    let priced = |n, name: &str, record, cost| {
        let candidate = agent(n, name, "");
        Candidate { agent: Agent { cost_per_hour: Some(cost), ..candidate.agent.clone() }, record, ..candidate }
    };
    let team = vec![priced(1, "fast", fast, 90.0), priced(2, "slow", slow, 10.0)];
    assert_eq!(run(vec![ready(1, "")], team.clone(), &push(Objective::Deadline)), [(1, "fast".into())]);
    assert_eq!(run(vec![ready(1, "")], team, &push(Objective::Cost)), [(1, "slow".into())]);
}

#[test]
fn a_specialist_is_kept_for_what_only_it_can_do() {
    // Both can do #1, only `db` can do #2: #2 would lose everything, so it chooses first.
    let team = vec![agent(1, "db", "rust:5,sql:5"), agent(2, "rusty", "rust:4")];
    let mut given = run(vec![ready(1, "rust:3"), ready(2, "sql:3")], team, &push(Objective::Expertise));
    given.sort();
    assert_eq!(given, [(1, "rusty".into()), (2, "db".into())]);
}

#[test]
fn urgent_work_never_loses_its_agent_to_less_urgent_work() {
    let critical = Ready { priority: Priority::Critical, ..ready(9, "") };
    let tasks = vec![ready(1, "rust:3"), ready(2, "sql:3"), critical];
    let team = vec![agent(1, "a", "rust:4"), agent(2, "b", "sql:4")];
    let given = run(tasks, team, &push(Objective::Balanced));
    assert_eq!(given[0].0, 9);
    assert_eq!(given.len(), 2);
}

#[test]
fn another_agent_gets_what_one_has_failed_at() {
    let failed = Ready { failed_with: vec![AgentId(Uuid::from_u128(1))], ..ready(1, "rust:3") };
    let team = vec![agent(1, "a", "rust:5"), agent(2, "b", "rust:3")];
    assert_eq!(run(vec![failed.clone()], team, &push(Objective::Expertise)), [(1, "b".into())]);
    assert_eq!(run(vec![failed], vec![agent(1, "a", "rust:5")], &push(Objective::Expertise)), [(1, "a".into())]);
}

#[test]
fn the_absent_the_draining_and_those_off_work_get_nothing() {
    let absent = Candidate { present: false, ..agent(1, "a", "") };
    let mut draining = agent(2, "b", "");
    draining.agent.draining = true;
    let mut asleep = agent(3, "c", "");
    asleep.agent.availability = parse_windows("wed 13:00-17:00").expect("windows");
    assert!(run(vec![ready(1, "")], vec![absent, draining, asleep], &push(Objective::Balanced)).is_empty());
}

#[test]
fn every_phase_leaves_its_reason() {
    let mut team = vec![
        agent(1, "best", "rust:5"),
        agent(2, "cobol", "cobol:5"),
        Candidate { present: false, ..agent(3, "gone", "rust:5") },
        Candidate { held: vec![held(30)], ..agent(4, "full", "rust:5") },
        agent(5, "junior", "rust:3"),
    ];
    team.rotate_left(2);
    let situation = Situation { ready: vec![ready(1, "rust:3")], team, room: None };
    let why = &assign(&situation, &push(Objective::Expertise), noon())[0].why;
    let told: Vec<_> =
        why.candidates.iter().map(|c| (c.agent.as_str(), c.phase, c.lost.as_deref().unwrap_or("won"))).collect();
    assert_eq!(
        told,
        [
            ("best", Phase::Decision, "won"),
            ("junior", Phase::Decision, "less skilled"),
            ("cobol", Phase::Capability, "has no rust"),
            ("full", Phase::Load, "has 1 of 1 tasks"),
            ("gone", Phase::Availability, "is offline"),
        ]
    );
    assert!(why.line().starts_with("best: the board pushes all work; "), "{}", why.line());
    let json = serde_json::to_value(why).expect("serializes");
    assert_eq!(serde_json::from_value::<Why>(json).expect("reads back"), *why);
}

#[test]
fn a_full_lane_stops_the_handing_out() {
    let team = (1..9).map(|n| agent(n, &format!("a{n}"), "")).collect();
    let ready = (1..9).map(|n| ready(n, "")).collect();
    let situation = Situation { ready, team, room: Some(3) };
    assert_eq!(assign(&situation, &push(Objective::Balanced), noon()).len(), 3);
}

#[test]
fn what_nobody_can_do_is_named_once_with_the_closest_agent() {
    let urgent = Ready { priority: Priority::High, ..ready(3, "cobol:2") };
    let tasks = vec![ready(1, "cobol:2"), ready(2, "rust:3"), urgent, ready(4, "")];
    let situation = Situation { ready: tasks, team: vec![agent(1, "a", "rust:4")], room: None };
    let found = unfit(&situation);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].ready.number, found[0].alike), (TaskNumber(3), 1));
    assert_eq!(found[0].missing, "has no cobol");
    let nobody = Situation { team: Vec::new(), ..situation };
    assert!(unfit(&nobody).is_empty(), "a board without a team asks nothing");
}

#[test]
fn somebody_who_is_away_still_counts_as_somebody() {
    let away = Candidate { present: false, ..agent(1, "a", "cobol:4") };
    let situation = Situation { ready: vec![ready(1, "cobol:2")], team: vec![away], room: None };
    assert!(unfit(&situation).is_empty());
}

const SKILLS: [&str; 4] = ["rust", "sql", "css", "ops"];

fn skills() -> impl Generate<Value = BTreeMap<String, u8>> {
    prop::collection::btree_map(prop::sample::select(SKILLS.to_vec()).prop_map(String::from), 1u8..=5, 0..4)
}

prop_compose! {
    fn any_agent(id: u128)(
        skills in skills(), limit in 1u32..4, held_count in 0usize..4, draining in prop::bool::weighted(0.1),
        present in prop::bool::weighted(0.9), mean in prop::option::of(1.0f64..500.0), cost in prop::option::of(0.0f64..200.0),
        submitted in 0u64..50, failed in 0u64..50, cpu in prop::option::of(0.0f32..150.0),
    ) -> Candidate {
        let base = agent(id, &format!("agent-{id}"), "");
        Candidate {
            agent: Agent { skills, wip_limit: limit, draining, cost_per_hour: cost, ..base.agent },
            present,
            held: vec![held(30); held_count],
            record: Record { submitted, failed, mean_minutes: mean },
            cpu_usage: cpu,
            memory_usage: None,
        }
    }
}

prop_compose! {
    fn any_ready(n: i64)(
        capabilities in skills(), priority in prop::sample::select(Priority::ALL.to_vec()), minutes in 1u32..5000,
        hours in 0i64..200, expedite in prop::bool::weighted(0.02), failed in prop::collection::vec(1u128..12, 0..2),
    ) -> Ready {
        Ready {
            priority, minutes, expedite,
            requirements: Requirements { capabilities, team_size: 1, ..Requirements::default() },
            queued_at: noon() - Duration::hours(hours),
            failed_with: failed.into_iter().map(|id| AgentId(Uuid::from_u128(id))).collect(),
            ..ready(n, "")
        }
    }
}

fn any_situation() -> impl Generate<Value = Situation> {
    let team = (0usize..12).prop_flat_map(|n| (1..=n as u128).map(any_agent).collect::<Vec<_>>());
    let tasks = (0usize..60).prop_flat_map(|n| (1..=n as i64).map(any_ready).collect::<Vec<_>>());
    (team, tasks, prop::option::of(0u32..8)).prop_map(|(team, ready, room)| Situation { ready, team, room })
}

fn any_policy() -> impl Generate<Value = Policy> {
    let strategies = prop::sample::select(Strategy::ALL.to_vec());
    let objectives = prop::sample::select(Objective::ALL.to_vec());
    (strategies, objectives, 0u32..48).prop_map(|(strategy, objective, aging_hours)| Policy {
        strategy,
        objective,
        aging_hours,
        ..Policy::default()
    })
}

proptest! {
    #[test]
    fn nobody_gets_more_than_they_may_hold_nor_what_they_cannot_do(situation in any_situation(), policy in any_policy()) {
        let proposals = assign(&situation, &policy, noon());
        let mut given: BTreeMap<AgentId, u32> = BTreeMap::new();
        let mut seen = std::collections::BTreeSet::new();
        for proposal in &proposals {
            let member = situation.team.iter().find(|c| c.agent.agent_id == proposal.agent_id).expect("on the team");
            let task = situation.ready.iter().find(|r| r.task_id == proposal.task_id).expect("ready");
            prop_assert_eq!(member.agent.misfit(&task.requirements), None);
            prop_assert!(member.present && !member.agent.draining);
            prop_assert!(seen.insert(proposal.task_id), "handed out twice");
            *given.entry(proposal.agent_id).or_default() += 1;
            prop_assert!(given[&proposal.agent_id] <= member.room());
        }
        prop_assert!(situation.room.is_none_or(|room| proposals.len() as u32 <= room));
    }

    #[test]
    fn the_order_of_what_comes_in_does_not_matter(situation in any_situation(), policy in any_policy()) {
        let once = assign(&situation, &policy, noon());
        let mut turned = situation.clone();
        turned.ready.reverse();
        turned.team.reverse();
        prop_assert_eq!(once, assign(&turned, &policy, noon()));
    }

    #[test]
    fn scores_stay_between_nothing_and_all(situation in any_situation(), policy in any_policy()) {
        for proposal in assign(&situation, &policy, noon()) {
            prop_assert!(proposal.why.candidates[0].agent_id == proposal.agent_id);
            for scores in proposal.why.candidates.iter().filter_map(|c| c.scores) {
                let all = [scores.capability, scores.availability, scores.load, scores.specialization, scores.finish,
                    scores.cost.unwrap_or(0.0), scores.decision];
                prop_assert!(all.iter().all(|score| (0.0..=1.0 + 1e-9).contains(score)), "{:?}", scores);
            }
        }
    }

    #[test]
    fn no_agent_with_room_is_left_idle_while_it_suits_waiting_work(situation in any_situation()) {
        let policy = push(Objective::Balanced);
        let given = assign(&Situation { room: None, ..situation.clone() }, &policy, noon());
        for member in situation.team.iter().filter(|c| c.present && !c.agent.draining) {
            let own = given.iter().filter(|p| p.agent_id == member.agent.agent_id).count() as u32;
            let waiting = situation.ready.iter().filter(|r| !given.iter().any(|p| p.task_id == r.task_id));
            let suits = waiting.filter(|r| member.agent.misfit(&r.requirements).is_none()).count();
            prop_assert!(own >= member.room() || suits == 0);
        }
    }
}
