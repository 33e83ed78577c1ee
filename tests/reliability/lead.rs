//! R4: leaders are killed, stopped and started twice. One leads at a time, the next one soon, and nothing is done twice.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use vayu::service::Service;
use vayu::store::view::{ActivityFilter, LeaderRow, Liveness};

use super::rows::Rows;
use super::team::{Home, Member, await_that};
use super::{seed, size};

/// Lease of the lead, and what the next one may take on top of it.
const LEASE: Duration = Duration::from_secs(5);
const SLACK: Duration = Duration::from_secs(5);
/// Orchestrators on the board, all but one by mistake.
const STARTED: usize = 3;

/// What can be seen of the lead: in each epoch one leader.
#[derive(Default)]
struct Reign {
    holders: BTreeMap<u64, String>,
}

impl Reign {
    fn look(&mut self, service: &Service) -> Option<LeaderRow> {
        let row = service.read().leader(&service.now()).unwrap()?;
        let known = self.holders.entry(row.epoch).or_insert_with(|| row.holder.clone());
        assert_eq!(*known, row.holder, "two lead in epoch {}", row.epoch);
        assert_eq!(self.holders.last_key_value().map(|(epoch, _)| *epoch), Some(row.epoch), "an epoch has come back");
        Some(row).filter(|row| !row.expired)
    }

    fn leader(&mut self, service: &Service) -> LeaderRow {
        let mut found = None;
        await_that(
            "somebody leads",
            || {
                found = self.look(service);
                found.is_some()
            },
            String::new,
        );
        found.unwrap()
    }
}

fn signal(member: &Member, signal: Signal) {
    kill_process(Pid::from_raw(member.id() as i32).unwrap(), signal).unwrap();
}

/// Which of them leads: its name holds the number of its process.
fn place_of(members: &[Member], leader: &LeaderRow) -> usize {
    let leads = |member: &Member| leader.holder.contains(&format!(" {}.", member.id()));
    members.iter().position(leads).unwrap_or_else(|| panic!("{} is none of ours", leader.holder))
}

/// Stops a process that writes nothing just then: one that is stopped within a write keeps all others from writing.
fn stop_between_writes(home: &Home, member: &Member) {
    loop {
        signal(member, Signal::STOP);
        let other = rusqlite::Connection::open(home.board()).unwrap();
        other.busy_timeout(Duration::from_secs(1)).unwrap();
        if other.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok() {
            return;
        }
        signal(member, Signal::CONT);
    }
}

#[test]
fn r4_a_leader_that_is_killed_or_stopped_is_followed_in_time_and_leads_no_more() {
    let mut random = fastrand::Rng::with_seed(seed("R4", 4));
    let home = Home::new();
    let mut service = home.service();
    let ada = super::race::agent(&mut service, "ada");
    let mut members: Vec<Member> = (0..STARTED).map(|_| home.start(&["orchestrate"])).collect();
    let mut reign = Reign::default();
    let rounds = size(2, 40);
    for round in 0..rounds {
        service.present(ada, &Liveness::default()).unwrap();
        let leader = reign.leader(&service);
        let who = place_of(&members, &leader);
        home.ok(&["task", "create", &format!("task {round}"), "--priority", "critical"]);
        // In the short form once the one, once the other.
        let stopped = if rounds == 2 { round == 0 } else { random.bool() };
        if stopped {
            stop_between_writes(&home, &members[who]);
        } else {
            signal(&members[who], Signal::KILL);
        }
        let since = Instant::now();
        await_that("another leads", || reign.look(&service).is_some_and(|row| row.epoch > leader.epoch), String::new);
        let (took, next) = (since.elapsed(), reign.leader(&service));
        println!("R4: {} after {took:?}", if stopped { "stopped, followed" } else { "killed, followed" });
        assert!(took <= LEASE + SLACK, "the next one leads only after {took:?}");
        assert_ne!(place_of(&members, &next), who);
        if stopped {
            signal(&members[who], Signal::CONT);
            std::thread::sleep(Duration::from_millis(random.u64(0..3000)));
            assert_eq!(reign.leader(&service).epoch, next.epoch, "who was stopped does not lead again");
        } else {
            members[who] = home.start(&["orchestrate"]);
        }
    }
    given_out_once(&service, rounds);
}

/// Each of the tasks was given to the only agent, by one leader or the next, and once.
fn given_out_once(service: &Service, tasks: usize) {
    let filter = ActivityFilter { limit: 10_000, ..ActivityFilter::default() };
    let given = || {
        let rows = service.read().activity(&filter).unwrap();
        rows.iter().filter(|row| row.command == "assign_task").count()
    };
    let held = || Rows::of(service).tasks.values().filter(|task| task.agent().is_some()).count();
    await_that("every task is given out", || held() == tasks, || format!("{} of {tasks}", held()));
    assert_eq!(given(), tasks);
    assert_eq!(service.check().unwrap(), Vec::<String>::new());
    assert_eq!(service.audit(3).unwrap().differences, []);
}
