//! Runners as processes of their own: `vayu agent run`, signals, and sudden death.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command as Process, ExitStatus, Stdio};

use rustix::process::{Pid, Signal};
use vayu::domain::attempt::{Failure, Outcome};
use vayu::domain::command::{Fence, NewAgent, NewTask, Report};
use vayu::domain::task::BlockerKind;
use vayu::domain::{AgentKind, Command, Policy, Status, TaskId, Zone};

use super::common::{await_that, await_that_or};
use super::team::Team;

/// A process that is killed when the test ends, and where its output goes.
struct Program {
    child: Child,
    output: std::path::PathBuf,
}

impl Program {
    fn start(team: &Team, name: &str, args: &[&str]) -> Self {
        let output = team.path(&format!("{name}.out"));
        let out = File::create(&output).expect("a file");
        let err = File::create(team.path(&format!("{name}.err"))).expect("a file");
        let child = vayu(team).args(args).stdout(out).stderr(err).spawn().expect("vayu starts");
        Self { child, output }
    }

    /// An agent that runs this script; `$1` is the test's folder.
    fn agent(team: &Team, name: &str, more: &[&str], script: &str) -> Self {
        let folder = team.folder.path().to_str().expect("text");
        let fixed = ["agent", "run", "--name", name, "--poll", "1s", "--lease", "5"];
        let command = ["--", "sh", "-c", script, "agent", folder];
        Self::start(team, name, &[&fixed, more, &command].concat())
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it is there");
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }

    fn end(&mut self) -> ExitStatus {
        let mut status = None;
        let said = || std::fs::read_to_string(&self.output).unwrap_or_default();
        await_that_or(
            "the program ends",
            || {
                status = self.child.try_wait().expect("a child");
                status.is_some()
            },
            said,
        );
        status.expect("it ended")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn vayu(team: &Team) -> Process {
    let mut process = Process::new(env!("CARGO_BIN_EXE_vayu"));
    process
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", team.folder.path())
        .current_dir(team.folder.path())
        .stdin(Stdio::null());
    process
}

/// Retries come quickly on this board.
fn hasty(team: &mut Team) {
    let policy = Policy { retry_base_seconds: 1, ..team.service.read().policy().expect("readable") };
    team.says(Command::Configure(Box::new(policy)));
}

fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

/// The first to come works on for ever; whoever comes next notes whether the first one is still there.
pub const FIRST_STAYS: &str = "if mkdir \"$1/first\" 2>/dev/null; then
        trap '' TERM
        echo 'in the middle of it'
        setsid sh -c 'echo $$ > \"$1/detached\"; while :; do sleep 0.05; done' detached \"$1\" &
        echo $$ > \"$1/pid.new\"; mv \"$1/pid.new\" \"$1/pid\"
        while :; do sleep 0.05; done
    else
        for pid in $(cat \"$1/pid\" \"$1/detached\"); do
            if [ \"$(cut -d' ' -f3 /proc/$pid/stat 2>/dev/null)\" != Z ] && [ -e /proc/$pid ]; then touch \"$1/overlap\"; fi
        done
        echo '::vayu summary by the second'
    fi";

fn no_process_is_on_record(team: &Team) {
    await_that("no process is on record", || {
        let leases = team.service.read().leases(&team.service.now()).expect("readable");
        leases.iter().all(|lease| lease.process.is_none())
    });
}

#[test]
fn after_a_killed_runner_another_takes_the_task_when_the_old_processes_are_gone() {
    let mut team = Team::new();
    hasty(&mut team);
    let id = team.task("survivor");
    let mut first = Program::agent(&team, "first", &[], FIRST_STAYS);
    let pid = team.await_note("pid");
    team.await_note("detached");
    team.await_status(id, Status::Executing);
    let mut second = Program::agent(&team, "second", &["--max-tasks", "1"], FIRST_STAYS);
    first.signal(Signal::KILL);
    first.end();
    assert!(is_running(&pid), "its command survives it");
    assert!(second.end().success(), "{}", second.said());
    assert!(!team.path("overlap").exists(), "two processes worked on one task");
    assert_eq!(team.read(id).status, Status::Completed);
    let attempts = team.detail(id).attempts;
    assert_eq!(attempts[0].summary.as_deref(), Some("by the second"));
    assert_eq!((attempts[1].outcome, attempts[1].failure), (Some(Outcome::Failed), Some(Failure::Lost)));
    assert_eq!(attempts[1].last_lines, ["in the middle of it"]);
    no_process_is_on_record(&team);
}

#[test]
fn the_orchestrator_ends_what_a_killed_runner_left_and_the_task_goes_on() {
    let mut team = Team::new();
    let id = team.task("survivor");
    let mut first = Program::agent(&team, "first", &[], FIRST_STAYS);
    let pid = team.await_note("pid");
    team.await_note("detached");
    team.await_status(id, Status::Executing);
    first.signal(Signal::KILL);
    first.end();
    // Nobody finds the note: only the board tells of the process.
    std::fs::remove_dir_all(team.path(".vayu/runs/open")).expect("removed");
    let _orchestrator = Program::start(&team, "orchestrator", &["orchestrate"]);
    let mut second = Program::agent(&team, "second", &["--max-tasks", "1"], FIRST_STAYS);
    assert!(second.end().success(), "{}", second.said());
    assert!(!is_running(&pid));
    assert!(!team.path("overlap").exists(), "two processes worked on one task");
    assert_eq!(team.read(id).status, Status::Completed);
    assert_eq!(team.detail(id).attempts[1].outcome, Some(Outcome::Lost));
    no_process_is_on_record(&team);
}

#[test]
fn r3_the_late_result_of_a_stopped_runner_is_refused() {
    let mut team = Team::new();
    let id = team.task("contested");
    let script = "if mkdir \"$1/first\" 2>/dev/null; then
            echo $VAYU_CLAIM > \"$1/claim\"; echo $$ > \"$1/pid.new\"; mv \"$1/pid.new\" \"$1/pid\"; exec sleep 1000
        fi
        touch \"$1/again\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done
        echo '::vayu summary by the second'";
    let mut first = Program::agent(&team, "first", &["--once"], script);
    let pid = team.await_note("pid");
    team.await_status(id, Status::Executing);
    first.signal(Signal::STOP);
    let _orchestrator = Program::start(&team, "orchestrator", &["orchestrate"]);
    let mut second = Program::agent(&team, "second", &["--max-tasks", "1"], script);
    team.await_note("again");
    assert!(!is_running(&pid), "its command was ended before the second began");
    let claim = team.await_note("claim");
    words_of_an_older_claim_are_refused(&mut team, id, claim.trim());
    first.signal(Signal::CONT);
    assert_eq!(first.end().code(), Some(5), "{}", first.said());
    assert_eq!(team.read(id).status, Status::Executing, "the second works on");
    std::fs::write(team.path("go"), "").expect("written");
    assert!(second.end().success(), "{}", second.said());
    let detail = team.detail(id);
    assert_eq!(detail.task.status, Status::Completed);
    assert_eq!(detail.attempts[0].summary.as_deref(), Some("by the second"));
    assert_eq!(detail.attempts.len(), 2);
}

/// Whatever the command of the first could still say: the code for it, and nothing has changed.
fn words_of_an_older_claim_are_refused(team: &mut Team, id: TaskId, claim: &str) {
    let head = team.service.read().head().expect("readable");
    for words in [
        &["heartbeat"][..],
        &["progress", "--percent", "90"],
        &["submit", "--summary", "by the first"],
        &["fail", "--summary", "by the first"],
        &["release"],
        &["pause"],
        &["block", "--kind", "transient", "--reason", "by the first"],
    ] {
        let (verb, more) = words.split_first().expect("a verb");
        let late = [&["task", verb, "1", "--claim", claim], more].concat();
        let refused = vayu(team).args(&late).output().expect("vayu runs");
        assert_eq!(refused.status.code(), Some(5), "{late:?}: {}", String::from_utf8_lossy(&refused.stderr));
    }
    assert_eq!(team.service.read().head().expect("readable"), head);
    assert_eq!(team.read(id).status, Status::Executing);
}

#[test]
fn one_interrupt_lets_the_work_be_finished_and_two_end_it() {
    let mut team = Team::new();
    let (first, second) = (team.task("first"), team.task("second"));
    let script = "touch \"$1/began-$VAYU_TASK\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done";
    let mut agent = Program::agent(&team, "patient", &[], script);
    team.await_note("began-1");
    agent.signal(Signal::INT);
    await_that("it says so", || agent.said().contains("takes no more"));
    std::fs::write(team.path("go"), "").expect("written");
    assert!(agent.end().success());
    assert_eq!((team.read(first).status, team.read(second).status), (Status::Completed, Status::Queued));

    let mut agent =
        Program::agent(&team, "hurried", &[], "trap '' TERM; touch \"$1/stuck\"; while :; do sleep 0.05; done");
    team.await_note("stuck");
    agent.signal(Signal::INT);
    await_that("it says so", || agent.said().contains("takes no more"));
    std::thread::sleep(std::time::Duration::from_millis(400));
    agent.signal(Signal::INT);
    assert!(agent.end().success());
    let task = team.read(second);
    assert_eq!((task.status, task.metadata.retry_count), (Status::Queued, 0));
}

#[test]
fn a_terminated_runner_takes_its_command_along_and_gives_the_task_back() {
    let mut team = Team::new();
    let id = team.task("given back");
    let mut agent = Program::agent(
        &team,
        "builder",
        &[],
        "echo $$ > \"$1/pid.new\"; mv \"$1/pid.new\" \"$1/pid\"; exec sleep 1000",
    );
    let pid = team.await_note("pid");
    agent.signal(Signal::TERM);
    assert!(agent.end().success());
    assert!(!is_running(&pid));
    assert_eq!(team.read(id).status, Status::Queued);
    let row = team.service.read().agents(&team.service.now()).expect("readable").remove(0);
    assert_eq!(row.status, vayu::domain::AgentStatus::Offline);
}

#[test]
fn runs_left_behind_are_all_asked_to_end_at_once_and_nobody_waits_for_them() {
    let mut team = Team::new();
    for n in 1..=2 {
        team.task(&format!("left behind {n}"));
    }
    // Asked to end, each waits until the other was asked as well and a third task has begun. Nobody reads what they
    // write any more: a shell that says so of a killed `sleep` would end of that.
    let script = "case \"$VAYU_TITLE\" in left*)
            exec > /dev/null 2>&1
            trap 'touch \"$1/asked-$VAYU_TASK\"' TERM; touch \"$1/stays-$VAYU_TASK\"
            while [ ! -e \"$1/asked-1\" ] || [ ! -e \"$1/asked-2\" ] || [ ! -e \"$1/began\" ]; do sleep 0.02; done
            touch \"$1/by-itself-$VAYU_TASK\";;
        *) touch \"$1/began\";;
        esac";
    let mut first = Program::agent(&team, "first", &["--wip", "2"], script);
    team.await_note("stays-1");
    team.await_note("stays-2");
    let second = Program::agent(&team, "second", &[], script);
    await_that("it waits", || second.said().contains("waits"));
    first.signal(Signal::KILL);
    first.end();
    team.await_note("asked-1");
    team.task("new work");
    await_that("both are told", || second.said().matches("was left behind").count() == 2);
    assert!(team.path("by-itself-1").exists() && team.path("by-itself-2").exists(), "{}", second.said());
}

#[test]
fn a_task_given_back_is_no_success_of_once() {
    let mut team = Team::new();
    let id = team.task("given back");
    let mut agent = Program::agent(&team, "builder", &["--once"], "touch \"$1/began\"; exec sleep 1000");
    team.await_note("began");
    agent.signal(Signal::TERM);
    assert_eq!(agent.end().code(), Some(1), "{}", agent.said());
    assert_eq!(team.read(id).status, Status::Queued);
}

#[test]
fn an_agent_that_dies_at_once_says_why_everywhere() {
    let mut team = Team::new();
    let id = team.task("doomed");
    let mut agent = Program::agent(&team, "broken", &["--once"], "echo 'licence expired' >&2; exit 9");
    assert_eq!(agent.end().code(), Some(1));
    let err = std::fs::read_to_string(team.path("broken.err")).expect("readable");
    assert!(err.contains("exit code 9") && err.contains("licence expired"), "{err}");
    assert!(agent.said().contains("licence expired"), "{}", agent.said());
    let attempt = &team.detail(id).attempts[0];
    assert_eq!((attempt.exit_code, attempt.last_lines.as_slice()), (Some(9), &["licence expired".to_owned()][..]));
    let status = vayu(&team).args(["task", "status", "1"]).output().expect("vayu runs");
    assert!(String::from_utf8_lossy(&status.stdout).contains("licence expired"));
}

#[test]
fn a_program_that_does_not_exist_is_refused_before_anything_is_claimed() {
    let mut team = Team::new();
    let id = team.task("untouched");
    let refused =
        vayu(&team).args(["agent", "run", "--name", "x", "--", "no-such-program"]).output().expect("vayu runs");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no-such-program"));
    assert_eq!(team.read(id).status, Status::Queued);
    assert!(team.detail(id).attempts.is_empty());
}

#[test]
fn once_without_work_is_nothing_to_do() {
    let team = Team::new();
    let idle = vayu(&team).args(["agent", "run", "--name", "x", "--once", "--", "true"]).output().expect("vayu runs");
    assert_eq!(idle.status.code(), Some(3), "{idle:?}");
}

#[test]
fn a_reader_that_leaves_does_not_end_the_work() {
    let mut team = Team::new();
    let ids: Vec<TaskId> = (0..5).map(|n| team.task(&format!("task {n}"))).collect();
    let mut child = vayu(&team)
        .args(["agent", "run", "--name", "x", "--json", "--max-tasks", "5", "--", "true"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("vayu starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    assert!(ids.iter().all(|id| team.read(*id).status == Status::Completed));
}

#[test]
fn reports_are_lines_of_json_when_asked_for() {
    let mut team = Team::new();
    team.task("hostile \u{1b}[2J title");
    let done = vayu(&team)
        .args(["agent", "run", "--name", "x", "--json", "--once", "--", "true"])
        .output()
        .expect("vayu runs");
    let text = String::from_utf8(done.stdout).expect("text");
    assert!(!text.contains('\u{1b}'));
    let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["report"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["registered", "claimed", "finished"]);
}

/// A `git` that notes what it is called with, word by word, before it does it.
fn watched_git(team: &Team) -> std::ffi::OsString {
    use std::os::unix::fs::PermissionsExt;
    let search = std::env::var_os("PATH").unwrap_or_default();
    let real = vayu::agents::supervise::find_program("git".as_ref(), Some(&search)).expect("git is installed");
    let shim = team.path("tools/git");
    std::fs::create_dir_all(team.path("tools")).expect("a folder");
    let script = format!(
        "#!/bin/sh\nprintf '%s\\0' \"$@\" END >> '{}'\nexec '{}' \"$@\"\n",
        team.path("calls").display(),
        real.display()
    );
    std::fs::write(&shim, script).expect("a file");
    std::fs::set_permissions(&shim, std::fs::Permissions::from_mode(0o755)).expect("allowed");
    let mut path = team.path("tools").into_os_string();
    path.push(":");
    path.push(search);
    path
}

#[test]
fn r22_words_of_a_task_are_no_options_no_shell_and_no_environment() {
    let mut team = Team::new();
    let git = |args: &[&str]| {
        let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        let done = Process::new("git").arg("-C").arg(team.folder.path()).args(who).args(args).output().expect("git");
        assert!(done.status.success(), "{done:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["commit", "-q", "--allow-empty", "-m", "first"]);
    let titles = [
        "--upload-pack=touch pwned; $(touch pwned) `touch pwned` | touch pwned",
        "-rf / --exec=pwned",
        "@{-1}~pwned^:..//.lock\u{1b}[2J\u{202e}\npwned: x",
    ];
    let script = "env > \"$1/env-$VAYU_TASK\"; printf '%s\\0' \"$@\" > \"$1/args-$VAYU_TASK\"
        git rev-parse --abbrev-ref HEAD > \"$1/branch-$VAYU_TASK\"; echo work > made; git add made";
    let folder = team.folder.path().to_str().expect("text").to_owned();
    std::fs::write(team.path("startup"), "touch \"$PWNED\"").expect("a file");
    let path = watched_git(&team);
    let ids = titles.map(|title| team.task(title));
    for name in ["-x", "$(touch pwned)", "pwned; touch pwned"] {
        let done = vayu(&team)
            .env("PATH", &path)
            .env("PWNED", team.path("pwned"))
            .envs([("SECRET_TOKEN", "s3cret"), ("GIT_DIR", "/nowhere"), ("GIT_EDITOR", "touch pwned")])
            .envs([("BASH_ENV", team.path("startup")), ("ENV", team.path("startup"))])
            .args(["agent", "run", &format!("--name={name}"), "--once", "--", "sh", "-c", script, "agent", &folder])
            .output()
            .expect("vayu runs");
        assert!(done.status.success(), "{done:?}");
    }
    for (n, id) in ids.iter().enumerate() {
        assert_eq!(team.read(*id).status, Status::Completed);
        let read = |what: &str| std::fs::read_to_string(team.path(&format!("{what}-{}", n + 1))).expect("noted");
        assert_eq!(read("args"), format!("{folder}\0"), "the command got what was asked for, and nothing of the task");
        let branch = read("branch");
        let branch = branch.trim().strip_prefix(&format!("vayu/{}-", n + 1)).expect("its own branch").to_owned();
        assert!(branch.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{branch}");
        for foreign in ["SECRET_TOKEN", "GIT_DIR", "GIT_EDITOR", "BASH_ENV", "ENV=", "PWNED"] {
            let env = read("env");
            let found = env.lines().find(|line| line.starts_with(foreign));
            assert_eq!(found, None, "the environment is not scrubbed");
        }
    }
    assert!(!holds(team.folder.path(), "pwned"), "something was carried out");
    no_word_of_a_task_is_an_option(&team);
}

/// Every word by which git was called with something of a task in it is a branch, a path or a setting of one.
fn no_word_of_a_task_is_an_option(team: &Team) {
    let calls = std::fs::read_to_string(team.path("calls")).expect("noted");
    let words: Vec<&str> = calls.split('\0').collect();
    let of_a_task = || words.iter().filter(|word| word.contains("pwned"));
    assert!(of_a_task().next().is_some(), "the branches are named after the tasks");
    for word in of_a_task() {
        let fine = ["vayu/", "refs/heads/vayu/", "branch.vayu/", "/"].iter().any(|start| word.starts_with(start));
        assert!(fine && !word.contains(' '), "git was called with {word:?}");
    }
    let adds = words.split(|word| *word == "END").filter(|call| call.windows(2).any(|two| two == ["worktree", "add"]));
    let adds: Vec<_> = adds.collect();
    assert_eq!(adds.len(), 3, "a worktree for each");
    assert!(adds.iter().all(|call| call.contains(&"--")), "{adds:?}");
}

/// True if any file below a folder has this name.
fn holds(folder: &Path, name: &str) -> bool {
    let mut entries = std::fs::read_dir(folder).expect("readable").flatten();
    entries.any(|entry| {
        let deeper = entry.file_type().is_ok_and(|found| found.is_dir());
        entry.file_name() == name || deeper && holds(&entry.path(), name)
    })
}

/// Starts a program in a process table of its own, as a container does.
const CONTAINED: [&str; 6] = ["--user", "--map-root-user", "--pid", "--fork", "--mount-proc", "--kill-child"];

#[test]
fn a_runner_on_the_host_leaves_the_work_of_a_container_alone() {
    let contained = Process::new("unshare").args(CONTAINED).arg("true").output();
    if !contained.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: process tables cannot be nested here");
        return;
    }
    let mut team = Team::new();
    let inner = team.task("in the container");
    let script = "touch \"$1/began\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done; echo '::vayu summary inside'";
    let folder = team.folder.path().to_str().expect("text").to_owned();
    let output = team.path("inside.out");
    let out = File::create(&output).expect("a file");
    let child = Process::new("unshare")
        .args(CONTAINED)
        .arg(env!("CARGO_BIN_EXE_vayu"))
        .args(["agent", "run", "--name", "inside", "--max-tasks", "1", "--lease", "5"])
        .args(["--", "sh", "-c", script, "agent", &folder])
        .env("HOME", &folder)
        .env_remove("VAYU_RUN")
        .current_dir(&folder)
        .stdin(Stdio::null())
        .stderr(out.try_clone().expect("a handle"))
        .stdout(out)
        .spawn()
        .expect("unshare starts");
    let mut inside = Program { child, output };
    team.await_note("began");
    team.await_status(inner, Status::Executing);
    let outer = team.task("on the host");
    let mut host = Program::agent(&team, "host", &["--max-tasks", "1"], "true");
    assert!(host.end().success(), "{}", host.said());
    assert_eq!(team.read(outer).status, Status::Completed);
    std::fs::write(team.path("go"), "").expect("written");
    assert!(inside.end().success(), "{}", inside.said());
    assert_eq!(team.read(inner).status, Status::Completed);
    let attempts = team.detail(inner).attempts;
    assert_eq!((attempts.len(), attempts[0].summary.as_deref()), (1, Some("inside")));
}

#[test]
fn a_program_on_a_relative_path_is_the_one_seen_by_whoever_starts_the_runner() {
    use std::os::unix::fs::PermissionsExt;
    let mut team = Team::new();
    let id = team.task("which one");
    for (folder, says) in [("tools", "the right one"), ("work/tools", "the wrong one")] {
        std::fs::create_dir_all(team.path(folder)).expect("a folder");
        let program = team.path(folder).join("worker");
        std::fs::write(&program, format!("#!/bin/sh\necho '::vayu summary {says}'\n")).expect("a file");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("allowed");
    }
    let done = vayu(&team)
        .env("PATH", "tools:/usr/bin:/bin")
        .args(["agent", "run", "--name", "x", "--once", "--folder", "work", "--", "worker"])
        .output()
        .expect("vayu runs");
    assert!(done.status.success(), "{done:?}");
    assert_eq!(team.detail(id).attempts[0].summary.as_deref(), Some("the right one"));
}

/// Restarting a runner moves nothing that is not its own, in whatever state it is.
#[test]
fn a_restart_moves_no_card() {
    let mut team = Team::new();
    let every = a_card_in_every_state(&mut team);
    let look = || -> Vec<_> {
        every.iter().map(|id| team.read(*id)).map(|task| (task.number, task.status, task.rev)).collect()
    };
    let before = look();
    for end in [Signal::KILL, Signal::TERM, Signal::KILL] {
        // It has no skill that any of them asks for.
        let mut agent = Program::agent(&team, "idler", &["--skills", "dancing:5"], "true");
        await_that("it waits", || agent.said().contains("waits"));
        agent.signal(end);
        agent.end();
    }
    assert_eq!(before, look());
    let log = team.detail(every[0]).task.execution.logs.remove(0);
    assert!(Path::new(&log).exists(), "{log}");
}

fn a_card_in_every_state(team: &mut Team) -> Vec<TaskId> {
    let done = team.task("done");
    assert_eq!(team.run("echo worked", 1).end().failed, 0);
    let human = team
        .says(Command::AddAgent(Box::new(NewAgent {
            name: "ana".into(),
            kind: AgentKind::Human,
            role: None,
            skills: [("rust".to_owned(), 5)].into(),
            wip_limit: 9,
            availability: Vec::new(),
            time_zone: Zone::default(),
            cost_per_hour: None,
            also: Vec::new(),
        })))
        .records
        .first()
        .map(|record| vayu::domain::AgentId(record.uuid()))
        .expect("an agent");
    let mut rust = |title: &str| {
        let mut needs = vayu::domain::task::Requirements { team_size: 1, ..Default::default() };
        needs.capabilities.insert("rust".into(), 1);
        team.create(NewTask { title: title.into(), requirements: needs, ..NewTask::default() })
    };
    let states = ["queued", "blocked", "assigned", "executing", "paused", "failed", "cancelled"].map(&mut rust);
    let [_, blocked, assigned, executing, paused, failed, cancelled] = states;
    let created = team.task("created");
    team.says(Command::MoveTask {
        task_id: created,
        lane: vayu::domain::Lane::Backlog,
        agent_id: None,
        fence: Fence::None,
    });
    let fence = Fence::None;
    team.says(Command::BlockTask { task_id: blocked, fence, kind: BlockerKind::Capability, reason: "x".into() });
    for id in [assigned, executing, paused, failed] {
        team.says(Command::ClaimTask { agent_id: human, task_id: Some(id), lease_seconds: None });
    }
    for id in [executing, paused, failed] {
        team.says(Command::StartTask { task_id: id, fence, workspace: None });
    }
    team.says(Command::PauseTask { task_id: paused, fence, reason: None });
    let report = Report::default();
    team.says(Command::FailTask { task_id: failed, fence, failure: Failure::Refused, report });
    team.says(Command::CancelTask { task_id: cancelled, reason: None });
    let mut all = vec![done];
    all.extend(states);
    all.push(created);
    all
}
