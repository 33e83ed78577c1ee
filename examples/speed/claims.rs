//! Many processes that claim tasks from one store: this program starts itself again as each of them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vayu::domain::command::{NewAgent, NewTask};
use vayu::domain::{Actor, AgentKind, Command as Wish, Rejection, Zone};
use vayu::service::{Error, Service};
use vayu::store::sqlite::Board;

use crate::measure::{ms, percentile};
use crate::{Outcome, boards, raw};

/// The first argument of a claiming process.
pub const WORKER: &str = "--claimer";

/// Agents that each process claims for, in turn: nobody holds thousands of tasks at once.
const AGENTS: usize = 64;

/// What is claimed, how, and by how many.
#[derive(Debug, Clone, Copy)]
pub struct Race {
    /// Through vayu's own layer; else straight to SQLite.
    pub vayu: bool,
    /// Each claim is on the disk before the next begins.
    pub full: bool,
    /// Processes.
    pub processes: usize,
    /// How long.
    pub time: Duration,
    /// How long each of them thinks between two claims, on average.
    pub think: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Result {
    /// Claims in a second.
    pub rate: f64,
    /// Milliseconds that 99 of 100 claims did not exceed.
    pub p99: f64,
    /// The share of the unluckiest process as part of the luckiest one's.
    pub fairness: f64,
}

/// Makes a store with so many tasks and runs a race on it.
pub fn run(race: Race, folder: &Path, tasks: usize) -> Outcome<Result> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    let file = folder.join("board.db");
    if race.vayu {
        fill(&file, tasks, race.processes)?;
    } else {
        raw::fill(&file, tasks)?;
    }
    let start = now_ms() + 400.0 + 15.0 * race.processes as f64;
    let children = (0..race.processes).map(|n| spawn(race, &file, n, start)).collect::<Outcome<Vec<_>>>()?;
    let mut claims: Vec<Vec<f64>> = Vec::new();
    for mut child in children {
        let output = child.stdout.take().ok_or("a child that says nothing")?;
        let times = BufReader::new(output).lines().map(|line| Ok(line?.parse::<f64>()?)).collect::<Outcome<_>>()?;
        if !child.wait()?.success() {
            return Err("a claiming process has failed".into());
        }
        claims.push(times);
    }
    judge(race, tasks, &claims)
}

fn layer(race: Race) -> &'static str {
    if race.vayu { "vayu" } else { "raw" }
}

fn judge(race: Race, tasks: usize, claims: &[Vec<f64>]) -> Outcome<Result> {
    let all: Vec<f64> = claims.iter().flatten().copied().collect();
    if all.len() + 1 >= tasks {
        return Err(format!("all {tasks} tasks were claimed before the time was over").into());
    }
    let (least, most) = (claims.iter().map(Vec::len).min(), claims.iter().map(Vec::len).max());
    let fairness = least.unwrap_or_default() as f64 / most.unwrap_or_default().max(1) as f64;
    Ok(Result { rate: all.len() as f64 / race.time.as_secs_f64(), p99: percentile(&all, 0.99), fairness })
}

fn spawn(race: Race, file: &Path, n: usize, start: f64) -> Outcome<std::process::Child> {
    let mut command = Command::new(std::env::current_exe()?);
    let sync = if race.full { "full" } else { "relaxed" };
    command.args([WORKER, layer(race), sync, &agent(n)]).arg(file);
    command.args([start, ms(race.time), ms(race.think)].map(|number| number.to_string()));
    Ok(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?)
}

/// One claiming process: prints how long each claim took, in milliseconds.
pub fn work(args: &[String]) -> Outcome<()> {
    let [layer, sync, name, file, numbers @ ..] = args else { return Err("arguments are missing".into()) };
    let numbers = numbers.iter().map(|number| number.parse()).collect::<std::result::Result<Vec<f64>, _>>()?;
    let [start, time, think] = numbers[..] else { return Err("numbers are missing".into()) };
    let mut claim = claimer(layer == "vayu", sync == "full", name, Path::new(file))?;
    while now_ms() < start {
        std::thread::sleep(Duration::from_micros(500));
    }
    let mut times = Vec::new();
    while now_ms() < start + time {
        if think > 0.0 {
            std::thread::sleep(Duration::from_secs_f64(think * (0.5 + fastrand::f64()) / 1e3));
        }
        let begun = Instant::now();
        if !claim()? {
            break;
        }
        times.push(ms(begun.elapsed()));
    }
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    times.iter().try_for_each(|time| writeln!(out, "{time:.4}"))?;
    Ok(out.flush()?)
}

type Claim = Box<dyn FnMut() -> Outcome<bool>>;

fn claimer(vayu: bool, full: bool, name: &str, file: &Path) -> Outcome<Claim> {
    if !vayu {
        let (mut conn, name) = (raw::open(file, full)?, name.to_owned());
        return Ok(Box::new(move || raw::claim(&mut conn, &name)));
    }
    let service = Service::new(Box::new(Board::at(file).open()?));
    let mut agents = Vec::new();
    for n in 0..AGENTS {
        let name = format!("{name}-{n}");
        let agent = service.read().agent_named(&name)?.ok_or("an agent that the board does not know")?;
        agents.push((agent.agent_id, Actor::agent(name)));
    }
    let mut service = if full { service } else { service.relaxed() };
    let mut turns = (0..AGENTS).cycle();
    Ok(Box::new(move || {
        let (agent_id, actor) = &agents[turns.next().unwrap_or_default()];
        let wish = Wish::ClaimTask { agent_id: *agent_id, task_id: None, lease_seconds: Some(3600) };
        match service.submit(actor, wish) {
            Ok(done) => Ok(done.claimed.is_some()),
            Err(Error::Rejected(Rejection::NothingReady { .. })) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }))
}

/// A board with so many ready tasks and agents.
fn fill(file: &Path, tasks: usize, agents: usize) -> Outcome<()> {
    let mut service = Service::new(Box::new(Board::at(file).create()?)).relaxed();
    let owner = Actor::human("asha");
    let names = (0..agents).flat_map(|n| (0..AGENTS).map(move |k| format!("{}-{k}", agent(n))));
    let members: Vec<Wish> = names.map(|name| Wish::AddAgent(Box::new(member(name)))).collect();
    service.submit_all(&owner, &members)?;
    let wishes: Vec<Wish> = (0..tasks).map(|n| Wish::CreateTask(Box::new(new_task(n)))).collect();
    for chunk in wishes.chunks(1_000) {
        service.submit_all(&owner, chunk)?;
    }
    Ok(())
}

fn new_task(n: usize) -> NewTask {
    let made = boards::task(n);
    NewTask { title: made.title, description: made.text, ..NewTask::default() }
}

fn agent(n: usize) -> String {
    format!("agent-{n}")
}

/// An agent that may hold as much as it likes.
fn member(name: String) -> NewAgent {
    NewAgent {
        name,
        kind: AgentKind::Ai,
        role: None,
        skills: std::collections::BTreeMap::new(),
        wip_limit: 1_000_000,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    }
}

/// The time of day, the same in all processes.
fn now_ms() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0.0, ms)
}
