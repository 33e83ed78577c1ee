//! Names are names: whatever they look like, nothing outside of the project and its board is read or written.
//!
//! Only folders made for the test are named here, so that a mistake in the program can harm nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::chance::{seed, size};
use super::common::{Home, Run};

/// What stands in files outside, and in no output.
const CANARY: &str = "canary-4711";

/// A project beside a folder that is nobody's business, and a link in the project that leads there.
struct Place {
    around: tempfile::TempDir,
    home: Home,
}

impl Place {
    fn new() -> Self {
        let around = tempfile::tempdir().unwrap();
        let outside = around.path().join("outside");
        std::fs::create_dir(&outside).unwrap();
        for name in ["secret", "secret.toml", "secret.jsonl", "secret.db"] {
            std::fs::write(outside.join(name), format!("title = \"{CANARY}\"\n")).unwrap();
        }
        let home = Home::in_folder(tempfile::tempdir_in(around.path()).unwrap());
        home.ok(["init"]);
        std::os::unix::fs::symlink(&outside, home.path().join("link")).unwrap();
        Self { around, home }
    }

    fn outside(&self) -> PathBuf {
        self.around.path().join("outside")
    }

    /// Names that would lead outside, if they were paths.
    fn names(&self) -> Vec<String> {
        let absolute = self.outside().join("secret").display().to_string();
        let mut names: Vec<String> = vec![absolute.clone(), format!("{absolute}.toml"), format!("file://{absolute}")];
        names.extend(
            ["../outside/secret", "../outside/secret.toml", "../../outside/secret", "link/secret", "..", ".", "~", "/"]
                .map(str::to_owned),
        );
        names.extend(
            ["..\\outside\\secret", "%2e%2e%2foutside", "CON", "NUL", "aux.toml", "a/b", "$HOME"].map(str::to_owned),
        );
        names
    }
}

/// Every file below a folder, with what is in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap_or_default());
        }
    }
    all
}

/// Everything outside of the project: the folder beside it, and the one around both.
fn around(place: &Place) -> (BTreeMap<PathBuf, Vec<u8>>, usize) {
    (files(&place.outside()), std::fs::read_dir(place.around.path()).unwrap().count())
}

/// The program, which has to end by itself.
fn ends(home: &Home, args: &[&str]) -> Run {
    let mut command = home.command(args);
    // More than it may ever need, and far less than a machine has.
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let until = Instant::now() + Duration::from_mins(1);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap().into()
}

#[test]
fn r21_names_that_look_like_paths_lead_nowhere() {
    let place = Place::new();
    let home = &place.home;
    let before = around(&place);
    home.ok(["agent", "add", "builder"]);
    let mut said = String::new();
    let mut names = place.names();
    fastrand::Rng::with_seed(seed("R21", 21)).shuffle(&mut names);
    for (n, name) in names.iter().take(size(6, names.len())).enumerate() {
        let name = name.as_str();
        for args in [
            &["task", "create", "--title", name, "--tag", name, "--role", name, "--acceptance", name][..],
            &["agent", "add", "--name", name, "--role", name],
            &["agent", "run", "--name", name, "--role", name, "--once", "--", "true"],
            &["sprint", "create", name, "--goal", name, "--objective", name],
            &["task", "edit", "1", "--sprint", name],
            &["--as", name, "task", "comment", "1", name],
            &["config", "set", &format!("project={name}")],
            &["config", "get", name],
            &["log", "--by", name],
            &["task", "status", name],
            &["completions", name],
            &["board", "--plain", "--theme", name],
            &["answer", name],
        ] {
            let run = ends(home, args);
            said.push_str(&run.out);
            said.push_str(&run.err);
        }
        let rows = format!(
            "{{\"record\":\"task\",\"title\":{0},\"task_id\":{0}}}\n{{\"id\":{0},\"title\":{0},\"parent\":{0},\"assignee\":{0}}}\n",
            serde_json::Value::from(name)
        );
        let file = format!("rows-{n}.jsonl");
        std::fs::write(home.path().join(&file), rows).unwrap();
        for from in ["vayu", "beads", "github", "taskwarrior"] {
            let run = ends(home, &["import", &file, "--from", from, "--name", name]);
            said.push_str(&run.out);
            said.push_str(&run.err);
        }
    }
    ends(home, &["agent", "run", "--name", "builder", "--idle-exit", "0s", "--", "true"]);
    assert!(!said.contains(CANARY), "something outside was read");
    assert_eq!(around(&place), before, "something outside was written");
    assert!(home.path().join("link/secret").exists());
}

#[test]
fn r21_what_an_agent_calls_its_work_leads_nowhere() {
    let place = Place::new();
    let before = around(&place);
    place.home.task("../../outside/secret");
    let outside = place.outside();
    let script = format!(
        "ln -s '{0}' away; for name in ../secret away/../../x '{0}/secret' /dev/sda 'file://{0}/secret' ../../../../../../x; do
            echo \"::vayu artifact $name\"; done
        printf '::vayu artifact nul\\0byte\\n'; echo '::vayu artifact good.txt'",
        outside.display()
    );
    let run = ends(&place.home, &["agent", "run", "--name", "b", "--once", "--", "sh", "-c", &script]);
    assert_eq!(run.code, 0, "{run:?}");
    let kept = place.home.field(1, "execution")["artifacts"].clone();
    assert!(kept.as_array().unwrap().contains(&"good.txt".into()), "{kept}");
    for path in kept.as_array().unwrap() {
        let path = path.as_str().unwrap();
        let leads_out =
            path.starts_with('/') || path.starts_with("file:") || path.contains("..") || path.contains('\0');
        assert!(!leads_out, "{path:?} leads out of the folder of the task");
    }
    assert_eq!(around(&place), before, "something outside was written");
}

#[test]
fn r21_what_old_runs_left_is_never_removed_through_a_link() {
    let place = Place::new();
    // As the folder of a run looks, and as old as one that goes.
    std::fs::create_dir(place.outside().join("5")).unwrap();
    std::fs::write(place.outside().join("5/task.md"), "mine").unwrap();
    let before = around(&place);
    let runs = place.home.path().join(".vayu/runs");
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(90 * 24);
    for link in ["77/7", "78", "open", "../work/1-aaaaaaaa"] {
        let link = runs.join(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(place.outside(), &link).unwrap();
    }
    for old in ["5/task.md", "5", ""] {
        std::fs::File::open(place.outside().join(old)).unwrap().set_modified(long_ago).unwrap();
    }
    place.home.task("one");
    for _ in 0..2 {
        ends(&place.home, &["agent", "run", "--name", "b", "--once", "--", "true"]);
    }
    ends(&place.home, &["doctor", "--fix"]);
    assert_eq!(around(&place), before, "something outside was removed or written");
}

/// A device that never ends, by a link of the test's own; nothing is ever written to it.
#[test]
fn r21_devices_are_no_boards_and_nothing_to_read() {
    let place = Place::new();
    let home = &place.home;
    for device in ["/dev/zero", "/dev/full", "/dev/null"] {
        std::os::unix::fs::symlink(device, home.path().join("device")).unwrap();
        for args in [
            &["import", "device", "--from", "vayu"][..],
            &["import", "device", "--from", "markdown"],
            &["import", "device", "--from", "csv"],
            &["import", "device"],
            &["restore", "device", "--yes"],
            &["task", "list", "--board", "device"],
        ] {
            let run = ends(home, args);
            assert_eq!(run.code, 1, "{device}: {run:?}");
        }
        std::fs::remove_file(home.path().join("device")).unwrap();
    }
    assert_eq!(home.json(["task", "list"]).as_array().unwrap().len(), 0);
}
