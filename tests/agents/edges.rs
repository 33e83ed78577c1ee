//! A runner that dies at the edge of any of its writes: before it, in the middle of it, and after it, when neither a
//! notice nor a file tells of it yet. Whoever comes next brings the work to its one end.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use vayu::agents::runner::{Control, Options, recover, run};
use vayu::domain::attempt::Outcome;
use vayu::domain::{Attempt, Command, Policy, Status};
use vayu::orchestrator;
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::{Durability, Result, Store};

use super::between::{Behind, Between, Work};
use super::chance::{seed, size};
use super::team::{Runner, Team, options};

/// What the agent does.
const SCRIPT: &str = "echo worked >> \"$1/worked\"; echo made > made.txt
    echo '::vayu progress 50 half-way'; echo '::vayu note on the way'; echo '::vayu artifact made.txt'
    echo '::vayu summary all done'";

/// Tells the process that is to die where: the edge, the number of the write, and the folder.
const DIES: &str = "VAYU_TEST_DIES";

/// Where a write is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Before,
    Within,
    After,
}

const EDGES: [(Edge, &str); 3] = [(Edge::Before, "before"), (Edge::Within, "within"), (Edge::After, "after")];

/// Ends the process at an edge of one of its writes, without a word and without cleaning up.
#[derive(Clone)]
struct Dying {
    edge: Edge,
    at: usize,
    writes: Arc<AtomicUsize>,
}

impl Between for Dying {
    fn write(&self, inner: &mut dyn Store, durability: Durability, work: Work) -> Result<()> {
        let now = self.writes.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        match self.edge {
            _ if !now => inner.write(durability, work),
            Edge::Before => std::process::abort(),
            Edge::Within => inner.write(durability, &mut |tx| {
                work(tx);
                std::process::abort()
            }),
            Edge::After => {
                inner.write(durability, work)?;
                std::process::abort()
            }
        }
    }
}

fn limits(options: Options) -> Options {
    Options { max_tasks: Some(1), lease_seconds: Some(1), ..options }
}

/// Not a test of its own: the runner that dies.
#[test]
#[ignore = "started by r12 as a process of its own"]
fn dying_runner() {
    let Ok(given) = std::env::var(DIES) else { return };
    let [edge, at, folder] = given.splitn(3, ' ').collect::<Vec<_>>().try_into().expect("three words");
    let edge = EDGES.into_iter().find(|(_, name)| *name == edge).expect("an edge").0;
    let (folder, writes) = (Path::new(folder), Arc::new(AtomicUsize::new(0)));
    let board = folder.join(".vayu/board.db");
    let between = Dying { edge, at: at.parse().expect("a number"), writes: Arc::clone(&writes) };
    let inner = Box::new(Board::at(&board).open().expect("a board"));
    let service = Service::new(Box::new(Behind { inner, between }));
    let tally = run(service, limits(options(board, folder, SCRIPT)), None, &Control::new(), &mut |_| {});
    assert_eq!(tally.expect("it could work").failed, 0);
    std::fs::write(folder.join("writes"), writes.load(Ordering::SeqCst).to_string()).expect("written");
}

/// Lets a runner work until it dies; false if it did not.
fn work_until(team: &Team, edge: &str, at: usize) -> bool {
    let mut process = Process::new(std::env::current_exe().expect("this program"));
    process.args(["edges::dying_runner", "--exact", "--ignored", "--nocapture"]);
    process.env(DIES, format!("{edge} {at} {}", team.folder.path().display()));
    process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    process.status().expect("it starts").signal().is_some()
}

fn hasty() -> Team {
    let mut team = Team::new();
    let policy = Policy { retry_base_seconds: 1, ..team.service.read().policy().expect("readable") };
    team.says(Command::Configure(Box::new(policy)));
    team
}

/// The doctor names the task a dead runner has left, under the check of runs, and warns of none if there is none.
fn named_by_the_doctor(team: &Team) {
    let left = std::fs::read_dir(team.path(".vayu/runs/open")).into_iter().flatten().flatten();
    let notes = left.filter(|entry| entry.path().extension().is_some_and(|end| end == "json")).count();
    let found = doctor(team);
    let checks = found["checks"].as_array().expect("a list");
    let runs = checks.iter().find(|check| check["name"] == "runs").expect("runs are looked at");
    let said = (runs["state"].as_str(), runs["says"].as_str());
    let wanted = match notes {
        0 => (Some("ok"), Some("every run has its runner")),
        _ => (Some("warn"), Some("the runner has died under #1")),
    };
    assert_eq!(said, wanted, "{notes} runs are left, and the doctor says {found}");
}

fn doctor(team: &Team) -> serde_json::Value {
    let mut process = Process::new(env!("CARGO_BIN_EXE_vayu"));
    let said = process.args(["doctor", "--json", "--board"]).arg(team.board()).output().expect("vayu runs");
    serde_json::from_slice(&said.stdout).expect("JSON")
}

/// One death, and everything that has to come right after it.
fn dies_and_is_followed(edge: &str, at: usize) {
    let mut team = hasty();
    let id = team.task("work");
    assert!(work_until(&team, edge, at), "it lives on");
    named_by_the_doctor(&team);
    let board = team.path(".vayu");
    recover(&mut team.service, &board).expect("the board can be written");
    let again = recover(&mut team.service, &board).expect("the board can be written");
    assert!(again.is_empty(), "to recover twice is to recover once");
    let lead = orchestrator::Options::named("lead");
    let lead = orchestrator::spawn(team.service.another().expect("a handle"), &lead, Arc::default(), |_| {});
    if team.read(id).status != Status::Completed {
        let next = Options { name: "next".into(), ..limits(team.options(SCRIPT)) };
        assert_eq!(Runner::start(team.service.another().expect("a handle"), next).end().failed, 0);
    }
    lead.expect("a thread").join();
    let detail = team.detail(id);
    assert_eq!(detail.task.status, Status::Completed);
    let handed_in = |attempt: &&Attempt| attempt.outcome == Some(Outcome::Submitted);
    assert_eq!(detail.attempts.iter().filter(handed_in).count(), 1, "{:#?}", detail.attempts);
    assert!(detail.attempts.iter().all(|attempt| attempt.ended_at.is_some()));
    assert!(detail.task.execution.artifacts.contains(&"made.txt".to_owned()), "{:?}", detail.task.execution);
    let leases = team.service.read().leases(&team.service.now()).expect("readable");
    assert!(leases.is_empty(), "{leases:?}");
    assert_eq!(std::fs::read_dir(team.path(".vayu/runs/open")).map_or(0, Iterator::count), 0, "a note is left");
    assert_eq!(team.service.check().expect("readable"), Vec::<String>::new());
    assert_eq!(team.service.audit(3).expect("readable").differences, []);
}

#[test]
fn r12_a_runner_that_dies_at_the_edge_of_any_write_is_followed_by_one_that_finishes_once() {
    let seed = seed("R12", 12);
    let mut whole = hasty();
    whole.task("work");
    assert!(!work_until(&whole, "after", usize::MAX), "nothing ends it");
    let writes: usize = whole.await_note("writes").parse().expect("a number");
    let mut edges: Vec<_> = (1..=writes).flat_map(|at| EDGES.map(|(_, name)| (name, at))).collect();
    println!("R12: {writes} writes, {} edges", edges.len());
    fastrand::Rng::with_seed(seed).shuffle(&mut edges);
    edges.truncate(size(8, usize::MAX));
    for four in edges.chunks(4) {
        std::thread::scope(|scope| {
            let runs = four.iter().map(|(edge, at)| (edge, at, scope.spawn(|| dies_and_is_followed(edge, *at))));
            for (edge, at, run) in runs.collect::<Vec<_>>() {
                assert!(run.join().is_ok(), "R12 fails with VAYU_SEED={seed}: death {edge} write {at}");
            }
        });
    }
}
