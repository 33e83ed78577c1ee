//! The runner with real children on a real board.

use std::time::Duration;

use vayu::agents::runner::{Options, Place, Report, Wish};
use vayu::agents::supervise::Limits;
use vayu::domain::attempt::{Failure, Outcome};
use vayu::domain::command::{Fence, NewTask};
use vayu::domain::task::BlockerKind;
use vayu::domain::{Command, Policy, Status, Zone};

use super::common::{PATIENCE, await_that};
use super::team::Team;

#[test]
fn tasks_are_done_in_the_order_of_their_dependencies() {
    let mut team = Team::new();
    let first = team.task("first");
    let third = team.task("unrelated");
    let second = team.task_after("second", &[first]);
    let tally = team.run("echo $VAYU_TASK >> \"$1/order\"; echo \"::vayu summary did $VAYU_TASK\"", 3).end();
    assert_eq!((tally.finished, tally.failed), (3, 0));
    let order: Vec<i64> = team.await_note("order").lines().map(|line| line.parse().expect("a number")).collect();
    let place = |id| order.iter().position(|number| *number == team.read(id).number.0).expect("it was done");
    assert!(place(first) < place(second));
    for id in [first, second, third] {
        assert_eq!(team.read(id).status, Status::Completed);
        let attempt = &team.detail(id).attempts[0];
        assert_eq!(attempt.outcome, Some(Outcome::Submitted));
        assert_eq!(attempt.summary, Some(format!("did {}", team.read(id).number.0)));
    }
}

#[test]
fn progress_is_on_the_board_while_the_command_works() {
    let mut team = Team::new();
    let id = team.task("long");
    let runner = team.run(
        "echo '::vayu progress 40 running tests'; echo '::vayu note half way'; echo '::vayu artifact out/a.txt'
         while [ ! -e \"$1/go\" ]; do sleep 0.05; done",
        1,
    );
    await_that("the progress is told", || team.read(id).execution.progress == 40);
    let task = team.read(id);
    assert_eq!((task.status, task.execution.current_step.as_deref()), (Status::Executing, Some("running tests")));
    await_that("the remark is told", || team.detail(id).comments.iter().any(|comment| comment.text == "half way"));
    assert_eq!(team.read(id).execution.artifacts, ["out/a.txt"]);
    let agent = team.service.read().agents(&team.service.now()).expect("readable").remove(0);
    assert_eq!((agent.agent.name.as_str(), agent.current_tasks.len()), ("builder-1", 1));
    std::fs::write(team.path("go"), "").expect("written");
    assert_eq!(runner.end().failed, 0);
    assert_eq!(team.read(id).status, Status::Completed);
}

#[test]
fn a_command_that_fails_shows_its_last_lines_and_is_tried_again_later() {
    let mut team = Team::new();
    let id = team.task("doomed");
    let runner = team.run("echo one; printf '\\033[31mtwo\\033[0m\\n' >&2; exit 3", 1);
    let tally = runner.end();
    assert_eq!(tally.failed, 1);
    let task = team.read(id);
    assert_eq!((task.status, task.metadata.retry_count), (Status::Failed, 1));
    assert!(task.retry_at.is_some());
    let attempt = &team.detail(id).attempts[0];
    assert_eq!(
        (attempt.outcome, attempt.failure, attempt.exit_code),
        (Some(Outcome::Failed), Some(Failure::Exit), Some(3))
    );
    let mut lines = attempt.last_lines.clone();
    lines.sort();
    assert_eq!(lines, ["one", "two"]);
    let (how, shown) = tally.last_failure.expect("it failed");
    assert!(how.contains("exit code 3"), "{how}");
    assert_eq!(shown.len(), 2);
}

#[test]
fn c10_a_used_up_quota_is_not_counted_as_a_failure() {
    let mut team = Team::new();
    let id = team.task("expensive");
    team.run("exit 75", 1).end();
    let task = team.read(id);
    assert_eq!((task.status, task.metadata.retry_count), (Status::Failed, 0));
    assert!(task.retry_at.is_some());
    assert_eq!(team.detail(id).attempts[0].failure, Some(Failure::Quota));
}

#[test]
fn a_used_up_quota_is_not_asked_again_before_its_time() {
    let mut team = Team::new();
    for n in 0..5 {
        team.task(&format!("task {n}"));
    }
    let runner = team.start(team.options("echo x >> \"$1/asked\"; exit 75"));
    await_that("it rests", || {
        let rests = |report: &Report| matches!(report, Report::Waiting { why } if why.contains("quota is used up"));
        runner.reports().iter().any(rests)
    });
    team.task("one more, of which the runner hears");
    runner.control.want(Wish::Drain);
    assert_eq!(runner.end().finished, 1);
    assert_eq!(team.await_note("asked"), "x\n");
}

#[test]
fn c10_work_goes_on_once_a_quota_may_be_asked_again() {
    let mut team = Team::new();
    let policy =
        Policy { retry_cap_seconds: 1, retry_base_seconds: 1, ..team.service.read().policy().expect("readable") };
    team.says(Command::Configure(Box::new(policy)));
    let ids = [team.task("first"), team.task("second")];
    let runner = team.run("mkdir \"$1/used-up\" && exit 75; exit 0", 2);
    assert_eq!(runner.end().failed, 0);
    assert!(ids.iter().any(|id| team.read(*id).status == Status::Completed));
}

#[test]
fn a_flood_of_artifacts_takes_nothing_else_along() {
    let mut team = Team::new();
    let id = team.task("prolific");
    let runner = team.run(
        "n=0; while [ $n -lt 450 ]; do n=$((n+1)); echo \"::vayu artifact out/$n\"; done
         echo '::vayu progress 70 packing'; echo '::vayu note all packed'
         while [ ! -e \"$1/go\" ]; do sleep 0.05; done",
        1,
    );
    await_that("the progress is told", || team.read(id).execution.progress == 70);
    await_that("the remark is told", || team.detail(id).comments.iter().any(|comment| comment.text == "all packed"));
    assert_eq!(team.read(id).execution.artifacts.len(), 450);
    std::fs::write(team.path("go"), "").expect("written");
    assert_eq!(runner.end().failed, 0);
}

#[test]
fn c20_a_question_reaches_the_human_and_the_answer_reaches_the_next_attempt() {
    let mut team = Team::new();
    let id = team.task("rounding");
    let script = "if grep -q 'half-even everywhere' \"$VAYU_TASK_FILE\"; then exit 0; fi
        echo '::vayu block input half-even or half-up?'";
    team.run(script, 1).end();
    assert_eq!(team.read(id).blocker.expect("a blocker").kind, BlockerKind::Input);
    let other = team.task("other work");
    assert_eq!(team.run("exit 0", 1).end().failed, 0);
    assert_eq!(team.read(other).status, Status::Completed, "the agent is free while the question waits");
    let ask = team.detail(id).escalations.remove(0);
    assert_eq!((ask.question.as_str(), ask.asked_by.as_str()), ("half-even or half-up?", "builder-1"));
    let words = Some("half-even everywhere".into());
    team.says(Command::AnswerEscalation { escalation_id: ask.escalation_id, choice: None, words });
    assert_eq!(team.run(script, 1).end().failed, 0);
    assert_eq!(team.read(id).status, Status::Completed);
}

#[test]
fn a_command_that_takes_too_long_is_ended() {
    let mut team = Team::new();
    let id = team.task("slow");
    let limits = Limits { time: Some(Duration::from_millis(300)), grace: PATIENCE, ..Limits::default() };
    team.start(Options { limits, max_tasks: Some(1), ..team.options("echo started; exec sleep 1000") }).end();
    let attempt = &team.detail(id).attempts[0];
    assert_eq!(attempt.failure, Some(Failure::Timeout));
    assert_eq!(attempt.last_lines.first().map(String::as_str), Some("started"));
}

#[test]
fn the_run_limit_of_a_task_takes_the_place_of_the_runners() {
    let mut team = Team::new();
    let id = team.create(NewTask { title: "short".into(), run_limit: Some(1), ..NewTask::default() });
    team.run("exec sleep 1000", 1).end();
    assert_eq!(team.detail(id).attempts[0].failure, Some(Failure::Timeout));
}

#[test]
fn c22_a_cancelled_command_goes_with_its_detached_children_and_the_next_one_begins() {
    const SCRIPT: &str = "[ -e \"$1/pids\" ] && exit 0
        setsid sleep 1000 & echo $! $$ > \"$1/pids.new\"; mv \"$1/pids.new\" \"$1/pids\"; wait";
    let mut team = Team::new();
    let (id, next) = (team.task("unwanted"), team.task("wanted"));
    let runner = team.run(SCRIPT, 2);
    let pids = team.await_note("pids");
    team.await_status(id, Status::Executing);
    assert_eq!(team.read(next).status, Status::Queued, "one at a time");
    team.says(Command::CancelTask { task_id: id, reason: None });
    let tally = runner.end();
    assert_eq!((tally.lost, tally.failed), (1, 0));
    for pid in pids.split_whitespace() {
        assert!(!is_running(pid), "process {pid} lives");
    }
    assert_eq!((team.read(id).status, team.read(next).status), (Status::Cancelled, Status::Completed));
    let leases = team.service.read().leases(&team.service.now()).expect("readable");
    assert!(leases.iter().all(|lease| lease.process.is_none()), "the board knows that it is gone");
}

/// True for a process that has not ended, collected or not.
fn is_running(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

#[test]
fn a_paused_task_stands_still_and_goes_on_after() {
    let mut team = Team::new();
    let id = team.task("interrupted");
    let runner = team.run(
        "n=0; while [ ! -e \"$1/go\" ]; do n=$((n+1)); echo $n > \"$1/count.new\"; mv \"$1/count.new\" \"$1/count\"; sleep 0.02; done",
        1,
    );
    team.await_note("count");
    team.await_status(id, Status::Executing);
    team.says(Command::PauseTask { task_id: id, fence: Fence::Force, reason: None });
    let count = team.path("count");
    let mut before = String::new();
    await_that("the command stands still", || {
        let now = std::fs::read_to_string(&count).unwrap_or_default();
        std::thread::sleep(Duration::from_millis(200));
        std::mem::replace(&mut before, now.clone()) == now
    });
    assert_eq!(team.read(id).status, Status::Paused);
    team.says(Command::ResumeTask { task_id: id, fence: Fence::Force });
    await_that("the command goes on", || std::fs::read_to_string(&count).unwrap_or_default() != before);
    std::fs::write(team.path("go"), "").expect("written");
    assert_eq!(runner.end().failed, 0);
    assert_eq!(team.read(id).status, Status::Completed);
}

#[test]
fn a_draining_runner_finishes_what_it_has_and_takes_no_more() {
    let mut team = Team::new();
    let (first, second) = (team.task("first"), team.task("second"));
    let runner = team.start(team.options("touch \"$1/began\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done"));
    team.await_note("began");
    runner.control.want(Wish::Drain);
    await_that("it says so", || runner.reports().contains(&Report::Draining { tasks: 1 }));
    std::fs::write(team.path("go"), "").expect("written");
    assert_eq!(runner.end().finished, 1);
    assert_eq!(team.read(first).status, Status::Completed);
    assert_eq!(team.read(second).status, Status::Queued);
}

#[test]
fn a_stopped_runner_ends_its_command_and_gives_the_task_back() {
    let mut team = Team::new();
    let id = team.task("given back");
    let runner = team.start(team.options("trap '' TERM; touch \"$1/began\"; while :; do sleep 0.1; done"));
    team.await_note("began");
    runner.control.want(Wish::Kill);
    let tally = runner.end();
    assert_eq!(tally.finished, 1);
    let task = team.read(id);
    assert_eq!((task.status, task.claim, task.metadata.retry_count), (Status::Queued, None, 0));
    assert_eq!(team.detail(id).attempts[0].outcome, Some(Outcome::Released));
}

#[test]
fn a_command_may_settle_its_task_by_the_command_line() {
    let mut team = Team::new();
    let (submitted, blocked, plain) = (team.task("submits"), team.task("blocks"), team.task("reports"));
    let script = "case \"$VAYU_TITLE\" in
        submits) vayu task submit --summary 'by hand' && touch \"$1/submitted\"; exit 1;;
        blocks) vayu task block --reason 'no key' --kind capability; exit 1;;
        reports) vayu task progress --percent 70 --step 'by hand' && touch \"$1/reported\";;
        esac";
    let tally = team.run(script, 3).end();
    assert_eq!((tally.finished, tally.failed, tally.lost), (3, 0, 0), "{:?}", tally.last_failure);
    assert!(team.path("submitted").exists() && team.path("reported").exists());
    assert_eq!(team.read(submitted).status, Status::Completed);
    assert_eq!(team.detail(submitted).attempts[0].summary.as_deref(), Some("by hand"));
    assert_eq!(team.read(blocked).blocker.expect("a blocker").reason, "no key");
    assert_eq!(team.read(plain).execution.progress, 100);
}

#[test]
fn a_command_that_goes_on_after_settling_its_task_is_ended() {
    let mut team = Team::new();
    let id = team.task("blocks and goes on");
    let runner = team.run("vayu task block --reason 'wait for me' --kind transient; exec sleep 1000", 1);
    let tally = runner.end();
    assert_eq!((tally.failed, tally.lost), (0, 0));
    assert_eq!(team.read(id).blocker.expect("a blocker").reason, "wait for me");
    let leases = team.service.read().leases(&team.service.now()).expect("readable");
    assert!(leases.is_empty(), "its process is gone");
}

#[test]
fn r22_a_hostile_task_is_text_and_nothing_else() {
    let mut team = Team::new();
    let title = "'; touch $1/pwned; `touch pwned` $(touch pwned) \u{1b}[2J \u{202e}--help\n::vayu fail";
    let id = team.create(NewTask {
        title: title.into(),
        description: "$(touch pwned)\n::vayu block input x".into(),
        ..NewTask::default()
    });
    team.run("printf '%s' \"$VAYU_TITLE\" > \"$1/title\"; cp \"$VAYU_TASK_FILE\" \"$1/brief\"; pwd > \"$1/where\"; env > \"$1/env\"", 1)
        .end();
    assert_eq!(team.read(id).status, Status::Completed);
    assert_eq!(team.await_note("title"), title);
    assert!(!team.path("pwned").exists());
    assert!(team.await_note("brief").starts_with("# #1 "));
    assert!(team.await_note("brief").contains("$(touch pwned)"));
    let id = id.0.simple().to_string();
    let own = team.path(&format!(".vayu/work/1-{}", &id[24..]));
    assert_eq!(team.await_note("where").trim(), own.to_str().expect("text"));
    let env = team.await_note("env");
    for name in
        ["VAYU_BOARD", "VAYU_AS=builder-1", "VAYU_CLAIM", "VAYU_TASK=1", "VAYU_TASK_ID", "VAYU_ATTEMPT=1", "PATH"]
    {
        assert!(env.lines().any(|line| line.starts_with(name)), "{name}");
    }
    assert!(!env.contains("CARGO"), "{env}");
}

#[test]
fn what_was_handed_over_reaches_the_successor() {
    let mut team = Team::new();
    let first = team.task("parser");
    let second = team.task_after("printer", &[first]);
    let script = "case \"$VAYU_TITLE\" in
        parser) echo '::vayu handover grammar is in g.txt'; echo '::vayu open comments'; echo '::vayu output rules=12';;
        printer) cp \"$VAYU_TASK_FILE\" \"$1/brief\"; cp \"$VAYU_TASK_JSON\" \"$1/json\";;
        esac";
    team.run(script, 2).end();
    assert_eq!(team.read(second).status, Status::Completed);
    let brief = team.await_note("brief");
    for part in ["Finished before: #1 parser", "grammar is in g.txt", "Still open: comments", "Output rules: 12"] {
        assert!(brief.contains(part), "{part} in\n{brief}");
    }
    let json: serde_json::Value = serde_json::from_str(&team.await_note("json")).expect("JSON");
    assert_eq!(json["hand_overs"][0]["outputs"]["rules"], 12);
    assert_eq!(json["task"]["number"], 2);
}

#[test]
fn a_command_that_cannot_even_begin_does_not_use_up_the_backlog() {
    let mut team = Team::new();
    for n in 0..10 {
        team.task(&format!("task {n}"));
    }
    let tally = team.start(team.options("echo 'no key configured' >&2; exit 1")).end();
    assert_eq!(tally.finished, 3);
    let why = tally.gave_up.expect("it gave up");
    assert!(why.contains("3 times in a row") && why.contains("exit code 1"), "{why}");
    assert_eq!(tally.last_failure.expect("a failure").1, ["no key configured"]);
}

#[test]
fn where_the_board_lives_in_a_repository_every_task_has_a_worktree() {
    let mut team = Team::new();
    let git = |args: &[&str]| {
        let done =
            std::process::Command::new("git").arg("-C").arg(team.folder.path()).args(args).output().expect("git");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "first"]);
    let (works, idles) = (team.task("Works & commits"), team.task("idles"));
    let script = "case \"$VAYU_TITLE\" in Works*)
        echo x > made.txt; git add -A; git -c user.name=a -c user.email=a@example.org commit -q -m made;;
        esac";
    let runner = team.run(script, 2);
    let reports = runner.reports();
    let tally = runner.end();
    assert_eq!(tally.failed, 0, "{:?} {reports:?}", tally.last_failure);
    let git = |args: &[&str]| {
        let done =
            std::process::Command::new("git").arg("-C").arg(team.folder.path()).args(args).output().expect("git");
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    };
    assert_eq!(git(&["show", "vayu/1-works-commits:made.txt"]), "x");
    let workspace = team.detail(works).attempts[0].workspace.clone().expect("a folder");
    assert!(std::path::Path::new(&workspace).join("made.txt").exists(), "{workspace}");
    let idle = team.detail(idles).attempts[0].workspace.clone().expect("a folder");
    assert!(!std::path::Path::new(&idle).exists(), "nothing was done in it");
    assert_eq!(git(&["branch", "--list", "vayu/2-*"]), "");
}

#[test]
fn two_runners_do_not_work_in_one_folder() {
    let mut team = Team::new();
    team.task("one");
    let place = Place::Shared { folder: team.folder.path().to_owned(), locks: team.path("locks") };
    let script = "touch \"$1/began\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done";
    let first = team.start(Options { place: place.clone(), max_tasks: Some(1), ..team.options(script) });
    team.await_note("began");
    let mut second = team.start(Options { place: place.clone(), name: "builder-2".into(), ..team.options(script) });
    let refused = second.join().expect_err("the folder is in use").to_string();
    assert!(refused.contains("in use by builder-1"), "{refused}");
    let mut elsewhere = Team::new();
    elsewhere.task("of another board");
    let mut third = elsewhere.start(Options { place: place.clone(), ..elsewhere.options(script) });
    let refused = third.join().expect_err("the folder is in use").to_string();
    assert!(refused.contains("in use by builder-1"), "{refused}");
    std::fs::write(team.path("go"), "").expect("written");
    assert_eq!(first.end().failed, 0);
    team.task("two");
    let third = team.start(Options { place, name: "builder-2".into(), max_tasks: Some(1), ..team.options(script) });
    assert_eq!(third.end().failed, 0);
}

#[test]
fn several_tasks_run_at_once_up_to_the_agents_limit() {
    let mut team = Team::new();
    for n in 0..3 {
        team.task(&format!("task {n}"));
    }
    let script = "touch \"$1/began-$VAYU_TASK\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done";
    let runner = team.start(Options { wip_limit: Some(2), max_tasks: Some(3), ..team.options(script) });
    let began = || (1..=3).filter(|n| team.path(&format!("began-{n}")).exists()).count();
    await_that("two have begun", || began() == 2);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(began(), 2, "the limit holds");
    std::fs::write(team.path("go"), "").expect("written");
    assert_eq!(runner.end().finished, 3);
}

#[test]
fn a_person_is_not_an_agent_to_be_run() {
    let mut team = Team::new();
    team.says(Command::AddAgent(Box::new(vayu::domain::command::NewAgent {
        name: "ana".into(),
        kind: vayu::domain::AgentKind::Human,
        role: None,
        skills: std::collections::BTreeMap::new(),
        wip_limit: 3,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    })));
    let mut runner = team.start(Options { name: "ana".into(), ..team.options("true") });
    assert!(runner.join().expect_err("refused").to_string().contains("is a person"));
}

#[test]
fn what_old_runs_left_is_removed_and_said_and_what_is_young_or_held_stays() {
    let mut team = Team::new();
    let (first, second) = (team.task("old"), team.task("young"));
    assert_eq!(team.run("echo worked", 2).end().finished, 2);
    let folder = |id| {
        let log = team.read(id).execution.logs.remove(0);
        std::path::Path::new(&log).parent().expect("a folder").to_owned()
    };
    let (old, young) = (folder(first), folder(second));
    let runs = old.parent().and_then(std::path::Path::parent).expect("a folder").to_owned();
    let held = team.task("held");
    let agent_id = team.read(first).agent().expect("its agent");
    let claim = Command::ClaimTask { agent_id, task_id: Some(held), lease_seconds: None };
    let epoch = team.says(claim).claimed.expect("a claim").epoch;
    let held = runs.join(format!("{}/{epoch}", team.read(held).number.0));
    let stray = runs.join("77/7");
    let foreign = runs.join("78/8");
    std::fs::create_dir_all(&held).expect("made");
    std::fs::create_dir_all(&stray).expect("made");
    std::fs::create_dir_all(&foreign).expect("made");
    std::fs::write(foreign.join("weights.bin"), "mine").expect("written");
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(40 * 24);
    for path in [&old, &held, &stray, &foreign] {
        for file in std::fs::read_dir(path).expect("readable").flatten() {
            std::fs::File::open(file.path()).expect("there").set_modified(long_ago).expect("set");
        }
        std::fs::File::open(path).expect("there").set_modified(long_ago).expect("set");
    }
    let mut options = team.options("true");
    options.idle_exit = Some(Duration::ZERO);
    let mut runner = team.start(options);
    runner.join().expect("it could work");
    let said: Vec<String> = runner.reports().iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|line| line.starts_with("cleaned up: 2 old runs")), "{said:?}");
    assert!(!old.exists() && !stray.exists() && young.exists() && held.exists());
    assert!(foreign.join("weights.bin").exists(), "no run has begun there");
}

#[test]
fn a_board_among_other_files_leaves_them_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let mine = ["notices/mail.txt", "runs/2023/7/weights.bin", "work/1/thesis.tex", "runs/open/today.json"];
    let mine = mine.map(|name| folder.path().join(name));
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(60 * 24);
    for path in &mine {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, "mine").expect("written");
        std::fs::File::open(path).expect("there").set_modified(long_ago).expect("set");
        std::fs::File::open(path.parent().expect("a folder")).expect("there").set_modified(long_ago).expect("set");
    }
    let mut team = Team::at("b.db", folder);
    let id = team.task("careful");
    assert_eq!(team.run("pwd > \"$1/where\"", 1).end().failed, 0);
    for path in &mine {
        assert_eq!(std::fs::read_to_string(path).ok().as_deref(), Some("mine"), "{}", path.display());
    }
    assert!(team.await_note("where").starts_with(team.path("b.db.d/work/1-").to_str().expect("text")));
    assert!(team.read(id).execution.logs[0].starts_with(team.path("b.db.d/runs/1/").to_str().expect("text")));
    let mut names: Vec<_> = std::fs::read_dir(team.folder.path()).expect("readable").flatten().collect();
    names.retain(|entry| !entry.file_name().to_string_lossy().starts_with("b.db"));
    assert_eq!(names.len(), 4, "what was there, and what the command wrote: {names:?}");
}

#[test]
fn two_boards_in_one_folder_keep_their_runs_apart() {
    let mut one = Team::at("a.db", tempfile::tempdir().expect("a folder"));
    let shared = tempfile::TempDir::with_prefix_in("b-", one.folder.path()).expect("a folder");
    let link = shared.path().join("other");
    std::os::unix::fs::symlink(one.folder.path(), &link).expect("linked");
    let mut other = Team::at("other/b.db", shared);
    one.task("of a");
    other.task("of b");
    let script = "echo work > half; touch \"$1/began\"; while [ ! -e \"$1/go\" ]; do sleep 0.05; done; cat half";
    let first = one.run(script, 1);
    one.await_note("began");
    assert_eq!(other.run("test ! -e half", 1).end().failed, 0, "it has a folder of its own");
    std::fs::write(one.path("go"), "").expect("written");
    assert_eq!(first.end().failed, 0);
    let runs = |board: &str| std::fs::read_dir(one.path(&format!("{board}.d/runs/1"))).expect("its runs").count();
    assert_eq!((runs("a.db"), runs("b.db")), (1, 1));
}
