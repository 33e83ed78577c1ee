//! R29: a team at work for long, with members killed now and then. What lives on neither grows nor slows down.

use std::time::{Duration, Instant};

use vayu::domain::Status;
use vayu::store::view::{Filter, Page};

use super::team::{Home, Member};
use super::{seed, size};

const AGENTS: usize = 16;
const BOARDS: usize = 3;
const WORK: &str = "echo '::vayu progress 50 half'; sleep 0.$((RANDOM % 9 + 1)); [ $((RANDOM % 20)) -ne 0 ]";

/// One look at a process that lives on.
#[derive(Debug, Clone, Copy)]
struct Sample {
    kilobytes: u64,
    descriptors: usize,
}

fn sample(pid: u32) -> Sample {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    Sample { kilobytes, descriptors: std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count() }
}

fn agent(home: &Home, n: usize) -> Member {
    let name = format!("agent-{n}");
    home.start(&["agent", "run", "--name", &name, "--lease", "5", "--poll", "2s", "--", "bash", "-c", WORK])
}

/// The value below which 99 of 100 lie.
fn p99(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() * 99 / 100]
}

#[test]
fn r29_a_team_at_work_for_long_neither_grows_nor_slows_down() {
    let home = Home::new();
    let mut random = fastrand::Rng::with_seed(seed("R29", 29));
    let lasting: Vec<Member> =
        std::iter::once(home.start(&["orchestrate"])).chain((0..BOARDS).map(|_| home.watch())).collect();
    let mut agents: Vec<Member> = (0..AGENTS).map(|n| agent(&home, n)).collect();
    let (mut samples, mut waits) = (vec![Vec::new(); lasting.len()], Vec::new());
    let end = Instant::now() + size(Duration::from_secs(10), Duration::from_mins(30));
    let mut kills = 0;
    while Instant::now() < end {
        let begun = Instant::now();
        home.ok(&["task", "create", &format!("task {}", waits.len())]);
        waits.push(begun.elapsed());
        if random.u32(0..8) == 0 {
            let who = random.usize(0..AGENTS);
            agents[who].kill();
            agents[who] = agent(&home, who);
            kills += 1;
        }
        for (member, samples) in lasting.iter().zip(&mut samples) {
            samples.push(sample(member.id()));
        }
        std::thread::sleep(Duration::from_millis(250));
    }
    let service = home.service();
    let done = Filter { statuses: vec![Status::Completed], ..Filter::default() };
    let done = service.read().list_cards(&done, Page::ALL).unwrap().len();
    println!("R29: {done} of {} tasks are done", waits.len());
    assert!(done * 4 > waits.len(), "the team hardly works: {done} of {}", waits.len());
    assert_eq!(service.check().unwrap(), Vec::<String>::new());
    assert_eq!(service.audit(3).unwrap().differences, []);
    for (n, samples) in samples.iter().enumerate() {
        let third = samples.len() / 3;
        let (early, late) = (&samples[third..2 * third], &samples[2 * third..]);
        let mean = |part: &[Sample]| part.iter().map(|sample| sample.kilobytes).sum::<u64>() / part.len() as u64;
        let most = |part: &[Sample]| part.iter().map(|sample| sample.descriptors).max().unwrap();
        println!(
            "R29: member {n}: {} kB, then {} kB; {} descriptors, then {}",
            mean(early),
            mean(late),
            most(early),
            most(late)
        );
        assert!(mean(late) <= mean(early) * 5 / 4 + 2_048, "member {n} grows");
        assert!(most(late) <= most(early) + 2, "member {n} leaks descriptors");
    }
    let third = waits.len() / 3;
    let (early, late) = (p99(&waits[..third]), p99(&waits[2 * third..]));
    println!("R29: {} tasks, {kills} kills, create p99 {early:?}, in the last third {late:?}", waits.len());
    // Of the few creates of ten seconds the slowest one tells of the machine, not of the board.
    let slack = super::size(Duration::from_secs(2), Duration::from_millis(20));
    assert!(late <= early * 3 / 2 + slack, "it slows down: {early:?}, then {late:?}");
}
