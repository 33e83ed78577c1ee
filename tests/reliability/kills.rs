//! R2: members of a team of real processes are killed at random moments, and nothing is lost.

use std::time::Duration;

use vayu::domain::{Status, TaskNumber, TaskRef};
use vayu::service::Service;
use vayu::store::view::Filter;

use super::rows::Rows;
use super::team::{Home, Member, await_that};
use super::{seed, size};

/// What an agent of the team runs for a task; one in eight fails.
const WORK: &str = "echo '::vayu progress 50 half'; sleep 0.0$((RANDOM % 9 + 1)); [ $((RANDOM % 8)) -ne 0 ]";

fn member(home: &Home, who: usize) -> Member {
    match who {
        0 => home.start(&["orchestrate"]),
        1 => home.watch(),
        n => {
            let name = format!("agent-{n}");
            home.start(&["agent", "run", "--name", &name, "--lease", "2", "--poll", "1s", "--", "bash", "-c", WORK])
        }
    }
}

/// A task written down by a process that may be killed while it writes; its number, if it could tell.
fn create(home: &Home, random: &mut fastrand::Rng, n: usize) -> Option<i64> {
    let title = format!("task {n}");
    if random.u32(0..4) > 0 {
        let (code, task) = home.json(&["task", "create", &title]);
        assert_eq!(code, 0, "{task}");
        return task["number"].as_i64();
    }
    let mut writer = home.start(&["task", "create", &title]);
    std::thread::sleep(Duration::from_micros(random.u64(0..12_000)));
    writer.kill();
    None
}

#[test]
fn r2_killed_members_lose_nothing_and_leave_nothing_stuck() {
    let home = Home::new();
    let mut random = fastrand::Rng::with_seed(seed("R2", 2));
    let mut members: Vec<Member> = (0..5).map(|who| member(&home, who)).collect();
    let rounds = size(12, 200);
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        acknowledged.extend(create(&home, &mut random, round));
        std::thread::sleep(Duration::from_millis(random.u64(50..200)));
        let who = random.usize(0..members.len());
        assert!(members[who].is_alive(), "member {who} has ended by itself");
        members[who].kill();
        members[who] = member(&home, who);
    }
    let service = home.service();
    let open = |service: &Service| {
        let ended = [Status::Completed, Status::Cancelled];
        let rows = Rows::of(service);
        rows.tasks
            .values()
            .filter(|task| !ended.contains(&task.status))
            .map(|task| format!("{} {}", task.number, task.status))
            .collect::<Vec<_>>()
    };
    let retry_spent = |service: &Service| {
        for ask in service.read().escalations(false, &service.now()).unwrap() {
            home.ok(&["answer", &ask.escalation.number.to_string(), "--choice", "1"]);
        }
    };
    await_that(
        "every task is done",
        || {
            retry_spent(&service);
            open(&service).is_empty()
        },
        || open(&service).join(", "),
    );
    drop(members);
    check(&service, &acknowledged);
    let summary = service.read().summary(&Filter::default(), &service.now()).unwrap();
    println!(
        "R2: {rounds} kills, {} tasks acknowledged, {} on the board",
        acknowledged.len(),
        summary.lanes.iter().map(|lane| lane.total).sum::<u64>()
    );
}

fn check(service: &Service, acknowledged: &[i64]) {
    assert_eq!(service.check().unwrap(), Vec::<String>::new());
    assert_eq!(service.audit(5).unwrap().differences, []);
    for number in acknowledged {
        let found = service.read().resolve(&TaskRef::Number(TaskNumber(*number)));
        assert!(found.is_ok(), "#{number} was acknowledged and is lost");
    }
    Rows::of(service).check(service, &|_| false);
}
