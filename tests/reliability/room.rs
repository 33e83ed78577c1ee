//! R13 and R25: no room to write, and folders that cannot be written.

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use super::team::Home;

/// Exit code and what was said.
fn run(command: &mut Command) -> (Option<i32>, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

#[test]
fn r13_a_limit_on_file_sizes_fails_the_write_in_words_and_what_is_there_stays() {
    let home = Home::new();
    home.ok(&["task", "create", "kept"]);
    let vayu = env!("CARGO_BIN_EXE_vayu");
    // In blocks of 512 bytes (sh) or 1024 (bash): the board fits, its log with the new text does not.
    let script = format!("ulimit -f 600; exec {vayu} task create big --description \"$TEXT\"");
    let text = "x".repeat(90_000);
    let mut refused = 0;
    for _ in 0..12 {
        let mut command = Command::new("sh");
        command.args(["-c", &script]).current_dir(home.path()).env("TEXT", &text).env_remove("VAYU_BOARD");
        let (code, said) = run(&mut command);
        match code {
            Some(0) => {}
            Some(1) => {
                assert!(said.contains("there is no room"), "{said}");
                refused += 1;
            }
            other => panic!("{other:?}: {said}"),
        }
    }
    assert!(refused > 0, "the limit was never met");
    let (code, tasks) = home.json(&["task", "list"]);
    assert_eq!((code, tasks[0]["title"].as_str()), (0, Some("kept")));
    home.ok(&["task", "create", "room again"]);
    let service = home.service();
    assert_eq!(service.check().unwrap(), Vec::<String>::new());
    assert_eq!(service.audit(3).unwrap().differences, []);
}

/// On a disk of one megabyte of its own: a board, then no byte of room while nobody has it open and while one writes on.
const SMALL_DISK: &str = r#"
    mount -t tmpfs -o size=1m none "$2" && cd "$2" || exit 9
    say() { echo "== $1"; shift; "$@" 2>&1; echo "code $?"; }
    "$1" init --name Small >/dev/null && "$1" task create kept >/dev/null || exit 8
    dd if=/dev/zero of=filler bs=1k 2>/dev/null
    say create "$1" task create refused
    say list "$1" task list
    rm filler
    say again "$1" task create "room again"
    for n in 1 2 3 4 5 6 7 8 9 10 11 12; do say big "$1" task create "big $n" --description "$TEXT"; done
    rm -f filler
    say audit "$1" doctor
    say all "$1" task list"#;

#[test]
fn r13_a_small_disk_that_is_full_refuses_in_words_and_goes_on_when_there_is_room() {
    const OWN: [&str; 3] = ["--user", "--map-root-user", "--mount"];
    let (disk, vayu) = (tempfile::tempdir().unwrap(), env!("CARGO_BIN_EXE_vayu"));
    let mut command = Command::new("unshare");
    command.args(OWN).args(["sh", "-c", SMALL_DISK, "small", vayu]).arg(disk.path());
    let (code, said) = run(command.env("TEXT", "x".repeat(90_000)).env("VAYU_USER", "po").env_remove("VAYU_BOARD"));
    if code != Some(0) && !said.contains("== ") {
        eprintln!("not played: a disk of one's own is not allowed here: {said}");
        return;
    }
    let told = |name: &str| -> Vec<&str> {
        said.split("== ").filter_map(|part| part.strip_prefix(name)).filter(|part| part.starts_with('\n')).collect()
    };
    let [create, list, again, audit, all] = ["create", "list", "again", "audit", "all"].map(|name| told(name)[0]);
    for refused in [create, list] {
        assert!(refused.contains("there is no room") && refused.contains("code 1"), "{refused}");
    }
    assert!(again.contains("code 0"), "{again}");
    let (kept, refused): (Vec<&str>, Vec<&str>) = told("big").iter().partition(|said| said.contains("code 0"));
    assert!(!kept.is_empty() && !refused.is_empty(), "{said}");
    assert!(refused.iter().all(|said| said.contains("there is no room") && said.contains("code 1")), "{refused:?}");
    assert!(audit.contains("code 0") && !audit.contains("BAD"), "{audit}");
    assert_eq!(all.matches(" queued ").count(), 2 + kept.len(), "what was acknowledged is there, and no more: {all}");
    assert!(all.contains("kept") && all.contains("room again"), "{all}");
}

#[test]
fn r25_a_folder_that_cannot_be_written_is_named_with_the_reason() {
    if rustix::process::geteuid().is_root() {
        return as_nobody();
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o500)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vayu"));
    let (code, said) = run(command.arg("init").current_dir(folder.path()));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("ermission denied") && said.contains(".vayu"), "{said}");
}

/// Permissions do not hold root back: a file in the way of the folder does.
fn as_nobody() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".vayu"), "in the way").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vayu"));
    let (code, said) = run(command.arg("init").current_dir(folder.path()));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(".vayu"), "{said}");
}

#[test]
fn r25_a_missing_parent_is_made_and_a_loose_umask_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("umask 000; exec {} init --board a/b/c/board.db", env!("CARGO_BIN_EXE_vayu"));
    let (code, said) = run(Command::new("sh").args(["-c", &script]).current_dir(folder.path()));
    assert_eq!(code, Some(0), "{said}");
    let mode = |path: &str| std::fs::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("a/b/c/board.db"), mode("a/b/c")), (0o600, 0o700));
}
