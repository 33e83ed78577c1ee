//! One run of a command: what it is given, what is heard of it, how it ends.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use vayu::agents::protocol::Directive;
use vayu::agents::supervise::{AtTheGate, Ending, Limits, Order, Run, Sign, StartError, Stop, find_program};
use vayu::agents::transcript::{Bounds, Transcript};
use vayu::agents::{self, Life};

use super::common::{PATIENCE, await_that};

struct Bench {
    folder: tempfile::TempDir,
    limits: Limits,
}

impl Bench {
    fn new() -> Self {
        let limits = Limits { grace: PATIENCE, ..Limits::default() };
        Self { folder: tempfile::tempdir().expect("a folder"), limits }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn order(&self, program: &str, args: &[&str]) -> Order {
        let search = std::env::var_os("PATH");
        Order {
            program: find_program(program.as_ref(), search.as_deref()).expect("it is installed"),
            args: args.iter().map(OsString::from).collect(),
            folder: self.folder.path().to_owned(),
            env: search.map(|path| ("PATH".to_owned(), path)).into_iter().collect(),
            mark: format!("test.{}", self.folder.path().display()),
            limits: self.limits,
            transcript: Transcript::create(&self.path("log"), Bounds::default()).expect("a transcript"),
        }
    }

    fn at_the_gate(&self, script: &str) -> AtTheGate {
        AtTheGate::start(self.order("sh", &["-c", script])).expect("sh starts")
    }

    fn run(&self, script: &str) -> Run {
        self.at_the_gate(script).let_go().expect("it is at the gate")
    }

    fn await_note(&self, name: &str) {
        let path = self.path(name);
        await_that(&format!("{name} is there"), || path.exists());
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).expect("the transcript")
    }
}

fn to_the_end(run: &mut Run) -> (Vec<Directive>, Ending) {
    let mut said = Vec::new();
    loop {
        match run.next(PATIENCE) {
            Sign::Said(directive) => said.push(directive),
            Sign::Ended(ending) => return (said, *ending),
            Sign::Quiet => {}
        }
    }
}

#[test]
fn what_a_command_says_before_it_ends_is_heard() {
    let bench = Bench::new();
    let mut run = bench.run("echo hello; echo '::vayu progress 40 tests'; echo oops >&2; printf '::vayu summary done'");
    let (said, ending) = to_the_end(&mut run);
    let progress = Directive::Progress { percent: 40, step: Some("tests".into()) };
    assert_eq!(said, [progress, Directive::Summary("done".into())]);
    assert_eq!((ending.code, ending.signal, ending.stopped), (Some(0), None, None));
    assert!(ending.seen_gone);
    let mut last = ending.last_lines;
    last.sort();
    assert_eq!(last, ["hello", "oops"]);
    for line in ["hello", "oops", "::vayu progress 40 tests"] {
        assert!(bench.log().contains(line), "{line}");
    }
}

#[test]
fn a_line_that_is_not_understood_is_named_in_the_transcript_and_changes_nothing() {
    let bench = Bench::new();
    let (said, ending) = to_the_end(&mut bench.run("echo '::vayu progress much'; echo '::vayu dance' >&2"));
    assert!(said.is_empty());
    assert_eq!(ending.code, Some(0));
    assert!(bench.log().contains("not understood: progress is a number"), "{}", bench.log());
}

#[test]
fn exit_codes_and_signals_are_told_apart() {
    let bench = Bench::new();
    let (_, ending) = to_the_end(&mut bench.run("exit 75"));
    assert_eq!((ending.code, ending.signal), (Some(75), None));
    let (_, ending) = to_the_end(&mut bench.run("kill -SEGV $$"));
    assert_eq!((ending.code, ending.signal), (None, Some(11)));
}

#[test]
fn nothing_happens_until_the_command_is_let_go() {
    let bench = Bench::new();
    let held = bench.at_the_gate("touch done");
    let identity = held.identity().clone();
    assert_eq!(agents::life(&identity), Life::Alive);
    drop(held);
    assert_eq!(agents::life(&identity), Life::Gone);
    assert!(!bench.path("done").exists());
}

#[test]
fn the_identity_is_the_same_before_and_after_it_is_let_go() {
    let bench = Bench::new();
    let held = bench.at_the_gate("echo $$ > pid.new; mv pid.new pid; exec sleep 1000");
    let identity = held.identity().clone();
    let mut run = held.let_go().expect("it is at the gate");
    bench.await_note("pid");
    let pid = std::fs::read_to_string(bench.path("pid")).expect("its number");
    assert_eq!(pid.trim(), identity.pid.to_string());
    assert_eq!(agents::life(&identity), Life::Alive);
    run.stop(Stop::Asked);
    let (_, ending) = to_the_end(&mut run);
    assert_eq!((ending.signal, ending.stopped), (Some(15), Some(Stop::Asked)));
}

#[test]
fn r22_standard_input_is_empty_and_the_environment_holds_only_what_was_given() {
    let bench = Bench::new();
    let mut order = bench.order("sh", &["-c", "cat; env"]);
    order.env.push(("VAYU_TASK".into(), "line\n$(touch pwned) `x`; ' \"".into()));
    let (_, ending) = to_the_end(&mut AtTheGate::start(order).expect("starts").let_go().expect("at the gate"));
    assert_eq!(ending.code, Some(0));
    assert!(bench.log().contains("VAYU_TASK=line\n$(touch pwned) `x`; ' \""));
    let names: Vec<String> = bench.log().lines().filter_map(|line| Some(line.split_once('=')?.0.to_owned())).collect();
    for name in ["HOME", "CARGO", "USER", "CARGO_MANIFEST_DIR"] {
        assert!(!names.contains(&name.to_owned()), "{name} came through");
    }
    assert!(!bench.path("pwned").exists());
}

#[test]
fn r22_arguments_are_handed_over_as_they_are() {
    let bench = Bench::new();
    let args = ["%s|", "-n", "$HOME", "a b", "; touch pwned", "*", "", "--", "'", "ü"];
    let mut run = AtTheGate::start(bench.order("printf", &args)).expect("starts").let_go().expect("at the gate");
    let (_, ending) = to_the_end(&mut run);
    assert_eq!(ending.last_lines, ["-n|$HOME|a b|; touch pwned|*||--|'|ü|"]);
    assert!(!bench.path("pwned").exists());
}

#[test]
fn what_a_command_leaves_running_ends_with_it() {
    let bench = Bench::new();
    let mut run = bench.run("setsid sleep 1000 & sleep 1000 & exit 3");
    let (_, ending) = to_the_end(&mut run);
    assert_eq!((ending.code, ending.stopped, ending.seen_gone), (Some(3), None, true));
    assert_eq!(agents::life(run.identity()), Life::Gone);
}

/// Each link starts the next in a session of its own and ends at once: at no moment is there one that stays.
#[test]
fn a_chain_of_processes_that_never_stay_is_ended_and_not_overlooked() {
    let mut bench = Bench::new();
    bench.limits.grace = Duration::from_millis(100);
    let link = bench.path("link");
    std::fs::write(&link, format!("[ -e '{0}' ] && setsid sh '{0}' & exit", link.display())).expect("a file");
    assert!(Command::new("mkfifo").arg(bench.path("line")).status().expect("it is installed").success());
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    let mut line = File::options().read(true).custom_flags(nonblocking).open(bench.path("line")).expect("a pipe");
    // Every link holds the pipe: it is at its end when none is left.
    let mut run = bench.run("exec 3> line; echo >&3; setsid sh link & exit");
    let (_, ending) = to_the_end(&mut run);
    assert_eq!((ending.code, ending.stopped), (Some(0), None));
    assert!(ending.seen_gone, "it could not be ended");
    let mut rest = Vec::new();
    assert!(line.read_to_end(&mut rest).is_ok(), "a link is left");
    assert_eq!(rest, b"\n");
    assert_eq!(agents::life(run.identity()), Life::Gone);
}

#[test]
fn a_command_that_has_ended_by_itself_was_not_stopped_while_its_rest_ends() {
    let bench = Bench::new();
    let mut run = bench.run(
        "sh -c 'trap \"\" TERM; touch rest; while :; do sleep 1; done' & \
        while [ ! -e rest ]; do sleep 0.01; done; exit 0",
    );
    let pid = run.identity().pid;
    await_that("the command has ended", || {
        std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
    });
    run.stop_within(Stop::Asked, Duration::from_millis(100));
    let mut ending = None;
    while ending.is_none() {
        // Its watcher says so again and again.
        run.stop_within(Stop::Asked, Duration::from_millis(100));
        if let Sign::Ended(end) = run.next(Duration::from_millis(20)) {
            ending = Some(end);
        }
    }
    let ending = ending.expect("it has ended");
    assert_eq!((ending.code, ending.stopped, ending.seen_gone), (Some(0), None, true));
}

#[test]
fn a_run_that_takes_too_long_is_ended_and_killed_if_it_does_not_listen() {
    let mut bench = Bench::new();
    bench.limits = Limits { time: Some(Duration::from_millis(200)), grace: Duration::from_millis(200), ..bench.limits };
    let mut run = bench.run("trap '' TERM; echo started; while :; do sleep 1; done");
    let (_, ending) = to_the_end(&mut run);
    assert_eq!((ending.signal, ending.stopped), (Some(9), Some(Stop::Time)));
    assert!(ending.seen_gone);
    assert!(bench.log().contains("ran longer than allowed"));
}

#[test]
fn a_run_that_writes_too_much_is_ended_and_its_transcript_stays_small() {
    let mut bench = Bench::new();
    bench.limits.output = Some(20 << 20);
    let (_, ending) = to_the_end(&mut bench.run("exec yes 'all work and no play'"));
    assert_eq!(ending.stopped, Some(Stop::Output));
    let bounds = Bounds::default();
    assert!((bench.log().len() as u64) < bounds.head + 3 * bounds.tail);
    assert!(bench.log().contains("bytes left out here"));
    assert!(
        bench.log().trim_end().ends_with("it wrote more than allowed") || bench.log().contains("vayu: ends the run")
    );
}

#[test]
fn a_run_that_uses_too_much_memory_is_ended() {
    let mut bench = Bench::new();
    bench.limits.memory = Some(64 << 20);
    // `tail` keeps the last line, which never ends.
    let (_, ending) = to_the_end(&mut bench.run("tail -n 1 < /dev/zero"));
    assert_eq!(ending.stopped, Some(Stop::Memory));
}

#[test]
fn memory_counts_also_where_it_was_taken_out_of_the_group() {
    let mut bench = Bench::new();
    bench.limits.memory = Some(64 << 20);
    let (_, ending) = to_the_end(&mut bench.run("ulimit -v 1000000; setsid tail -n 1 < /dev/zero & wait"));
    assert_eq!(ending.stopped, Some(Stop::Memory));
}

#[test]
fn binary_output_and_a_line_of_a_megabyte_do_no_harm() {
    let bench = Bench::new();
    let script = "head -c 1000000 /dev/urandom; echo; head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end";
    let (_, ending) = to_the_end(&mut bench.run(script));
    assert_eq!(ending.code, Some(0));
    assert_eq!(ending.last_lines.last().map(String::as_str), Some("end"));
    assert!(ending.last_lines.iter().all(|line| line.chars().count() <= 401 && !line.contains(char::is_control)));
}

#[test]
fn a_run_that_is_dropped_is_killed() {
    let bench = Bench::new();
    let run = bench.run("trap '' TERM; touch ready; while :; do sleep 1; done");
    bench.await_note("ready");
    let identity = run.identity().clone();
    drop(run);
    assert_eq!(agents::life(&identity), Life::Gone);
}

#[test]
fn programs_are_found_by_path_or_name_and_their_absence_is_explained() {
    let bench = Bench::new();
    let search = std::env::join_paths([bench.folder.path(), Path::new("/bin")]).expect("folders");
    let text = bench.path("text");
    std::fs::write(&text, "no program").expect("a file");
    assert!(find_program("sh".as_ref(), Some(&search)).expect("found").is_absolute());
    assert!(matches!(find_program("text".as_ref(), Some(&search)), Err(StartError::NoProgram(_))));
    assert!(matches!(find_program(text.as_os_str(), None), Err(StartError::NotExecutable(_))));
    assert!(matches!(find_program("".as_ref(), Some(&search)), Err(StartError::NoProgram(_))));
    let why = find_program("./nothing-here".as_ref(), None).expect_err("it is not there").to_string();
    assert!(why.contains("nothing-here") && why.contains("PATH"), "{why}");
}
