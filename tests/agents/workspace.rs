//! Where runs work: real git, real locks.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vayu::agents::identity;
use vayu::agents::workspace::{FolderLock, GitError, LockError, Occupant, Repository, Workspace};
use vayu::domain::{TaskId, TaskNumber};

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// A folder with one commit.
    fn new() -> Self {
        let project = Self::empty();
        project.write("README.md", "hello\n");
        project.git(&["add", "-A"]);
        project.commit("first");
        project
    }

    /// A repository without a commit.
    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let project = Self { folder };
        std::fs::create_dir(project.top()).expect("a folder");
        project.git(&["init", "-q", "-b", "main"]);
        project
    }

    fn top(&self) -> PathBuf {
        self.folder.path().join("pro ject")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.top().join(name), text).expect("written");
    }

    fn git(&self, args: &[&str]) -> String {
        git_in(&self.top(), args)
    }

    fn commit(&self, message: &str) {
        commit_in(&self.top(), message);
    }

    fn repository(&self) -> Repository {
        Repository::around(&self.top(), &self.data()).expect("git works").expect("a repository")
    }

    fn workspace(&self, occupant: &Occupant) -> Workspace {
        self.repository().workspace(occupant).expect("a worktree")
    }
}

fn git_in(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(args).stdin(Stdio::null()).output().expect("git");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit_in(folder: &Path, message: &str) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    git_in(folder, &[&who[..], &["commit", "-q", "--allow-empty", "-m", message]].concat());
}

fn task(number: i64, title: &str) -> Occupant {
    Occupant { task_id: TaskId(uuid::Uuid::now_v7()), number: TaskNumber(number), title: title.into() }
}

fn branch(workspace: &Workspace) -> &str {
    &workspace.worktree.as_ref().expect("a worktree").branch
}

#[test]
fn a_task_gets_a_locked_worktree_on_a_branch_of_its_own() {
    let project = Project::new();
    let workspace = project.workspace(&task(12, "Parse YAML; rm -rf /"));
    assert_eq!(branch(&workspace), "vayu/12-parse-yaml-rm-rf");
    assert!(workspace.folder.starts_with(project.data()), "outside the tracked tree");
    assert_eq!(git_in(&workspace.folder, &["branch", "--show-current"]), "vayu/12-parse-yaml-rm-rf");
    assert_eq!(workspace.worktree.expect("a worktree").base, project.git(&["rev-parse", "HEAD"]));
    assert!(project.git(&["worktree", "list", "--porcelain"]).contains("locked vayu task #12"));
    assert_eq!(project.git(&["branch", "--show-current"]), "main");
    assert_eq!(project.git(&["status", "--porcelain"]), "");
}

#[test]
fn the_next_attempt_goes_on_where_the_last_one_left_off() {
    let project = Project::new();
    let mut occupant = task(3, "one");
    let first = project.workspace(&occupant);
    std::fs::write(first.folder.join("done.txt"), "x").expect("written");
    git_in(&first.folder, &["add", "-A"]);
    commit_in(&first.folder, "half");
    std::fs::write(first.folder.join("dirty.txt"), "x").expect("written");
    project.write("README.md", "the top went on\n");
    project.commit("more");
    occupant.title = "another title now".into();
    let second = project.workspace(&occupant);
    assert_eq!(second.folder, first.folder);
    assert_eq!(second.worktree, first.worktree);
    assert!(second.folder.join("dirty.txt").exists());
    let remarks = second.remarks.join("\n");
    assert!(remarks.contains("1 commits of an earlier attempt") && remarks.contains("not committed"), "{remarks}");
}

#[test]
fn tasks_of_two_boards_with_the_same_number_do_not_share_a_branch() {
    let project = Project::new();
    let (one, other) = (project.workspace(&task(1, "same")), project.workspace(&task(1, "same")));
    assert_eq!((branch(&one), branch(&other)), ("vayu/1-same", "vayu/1-same-2"));
    assert_ne!(one.folder, other.folder);
}

#[test]
fn a_worktree_whose_folder_vanished_is_put_back_with_its_commits() {
    let project = Project::new();
    let occupant = task(5, "five");
    let first = project.workspace(&occupant);
    std::fs::write(first.folder.join("done.txt"), "x").expect("written");
    git_in(&first.folder, &["add", "-A"]);
    commit_in(&first.folder, "kept");
    std::fs::remove_dir_all(&first.folder).expect("removed behind git's back");
    let second = project.workspace(&occupant);
    assert_eq!(second.folder, first.folder);
    assert!(second.folder.join("done.txt").exists());
}

#[test]
fn a_branch_without_a_worktree_is_checked_out_again() {
    let project = Project::new();
    let occupant = task(6, "six");
    let first = project.workspace(&occupant);
    commit_in(&first.folder, "kept");
    let tip = git_in(&first.folder, &["rev-parse", "HEAD"]);
    let folder = first.folder.to_str().expect("text");
    project.git(&["worktree", "unlock", folder]);
    project.git(&["worktree", "remove", folder]);
    let second = project.workspace(&occupant);
    assert_eq!(git_in(&second.folder, &["rev-parse", "HEAD"]), tip);
}

#[test]
fn a_branch_that_a_person_has_checked_out_is_left_to_them() {
    let project = Project::new();
    let occupant = task(7, "seven");
    let first = project.workspace(&occupant);
    let folder = first.folder.to_str().expect("text");
    project.git(&["worktree", "unlock", folder]);
    project.git(&["worktree", "remove", folder]);
    project.git(&["checkout", "-q", branch(&first)]);
    let refused = project.repository().workspace(&occupant).expect_err("it is checked out at the top");
    assert!(matches!(refused, GitError::Elsewhere { .. }), "{refused}");
    assert_eq!(project.git(&["branch", "--show-current"]), branch(&first));
}

#[test]
fn files_in_the_way_are_not_touched() {
    let project = Project::new();
    let first = project.workspace(&task(8, "first"));
    let home = first.folder.parent().expect("a home").to_owned();
    std::fs::create_dir(home.join("9-mine")).expect("made");
    std::fs::write(home.join("9-mine/precious"), "x").expect("written");
    let second = project.workspace(&task(9, "mine"));
    assert_eq!(second.folder, home.join("9-mine-2"));
    assert!(home.join("9-mine/precious").exists());
}

#[test]
fn only_a_worktree_in_which_nothing_was_done_is_removed() {
    let project = Project::new();
    let repository = project.repository();
    let untouched = project.workspace(&task(1, "untouched"));
    assert!(repository.tidy(&untouched).expect("git works"));
    assert!(!untouched.folder.exists());
    assert_eq!(project.git(&["branch", "--list", "vayu/*"]), "");

    let dirty = project.workspace(&task(2, "dirty"));
    std::fs::write(dirty.folder.join("new.txt"), "x").expect("written");
    let committed = project.workspace(&task(3, "committed"));
    commit_in(&committed.folder, "work");
    project.write(".git/info/exclude", "ignored.txt\n");
    let ignored = project.workspace(&task(4, "ignored"));
    std::fs::write(ignored.folder.join("ignored.txt"), "x").expect("written");
    for workspace in [dirty, committed, ignored] {
        assert!(!repository.tidy(&workspace).expect("git works"), "{}", workspace.folder.display());
        assert!(workspace.folder.exists());
    }

    let unlocked = project.workspace(&task(5, "unlocked"));
    project.git(&["worktree", "unlock", unlocked.folder.to_str().expect("text")]);
    assert!(!repository.tidy(&unlocked).expect("git works"), "whoever unlocked it has taken it over");
}

#[test]
fn a_setting_that_hides_new_files_does_not_hide_them_from_vayu() {
    let project = Project::new();
    project.git(&["config", "status.showUntrackedFiles", "no"]);
    let repository = project.repository();
    let occupant = task(1, "hidden");
    let hidden = project.workspace(&occupant);
    let precious = hidden.folder.join("new.txt");
    std::fs::write(&precious, "x").expect("written");
    assert!(!repository.tidy(&hidden).expect("git works"));
    assert!(repository.remove_merged(|_| true).expect("git works").is_empty());
    assert!(precious.exists());
    let remarks = project.workspace(&occupant).remarks.join("\n");
    assert!(remarks.contains("not committed"), "{remarks}");
}

#[test]
fn a_worktree_that_git_will_not_remove_is_worked_in_again() {
    let project = Project::new();
    let occupant = task(1, "stays");
    let first = project.workspace(&occupant);
    // Git removes no worktree in which submodules were checked out.
    let git_folder = git_in(&first.folder, &["rev-parse", "--absolute-git-dir"]);
    std::fs::create_dir_all(Path::new(&git_folder).join("modules/part")).expect("made");
    project.repository().tidy(&first).expect_err("git refuses");
    assert!(project.git(&["worktree", "list", "--porcelain"]).contains("locked vayu task #1"));
    assert_eq!(project.workspace(&occupant).folder, first.folder);
    // As if vayu had died between unlocking and removing it.
    project.git(&["worktree", "unlock", first.folder.to_str().expect("text")]);
    assert_eq!(project.workspace(&occupant).folder, first.folder);
    assert!(project.git(&["worktree", "list", "--porcelain"]).contains("locked vayu task #1"));
}

#[test]
fn r22_hooks_of_the_repository_are_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    let hook = project.top().join(".git/hooks/post-checkout");
    std::fs::create_dir_all(hook.parent().expect("hooks")).expect("made");
    std::fs::write(&hook, format!("#!/bin/sh\ntouch '{}/ran'\n", project.folder.path().display())).expect("written");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("set");
    project.workspace(&task(1, "x"));
    assert!(!project.folder.path().join("ran").exists());
}

#[test]
fn submodules_and_large_files_are_explained() {
    let project = Project::new();
    project.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    project.write(".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = ../nowhere\n");
    project.git(&["add", "-A"]);
    project.commit("attributes");
    let remarks = project.workspace(&task(1, "x")).remarks.join("\n");
    assert!(remarks.contains("submodule update") && remarks.contains("git lfs pull"), "{remarks}");
}

#[test]
fn where_there_is_no_commit_or_no_repository_there_is_no_worktree() {
    let empty = Project::empty();
    assert!(Repository::around(&empty.top(), &empty.data()).expect("git works").is_none());
    assert!(Repository::around(empty.folder.path(), &empty.data()).expect("git works").is_none());
}

#[test]
fn many_at_once_get_a_worktree_each() {
    let project = Project::new();
    let repository = project.repository();
    let folders: Vec<PathBuf> = std::thread::scope(|scope| {
        let at_once: Vec<_> = (1..=8)
            .map(|n| {
                let repository = &repository;
                scope.spawn(move || repository.workspace(&task(n, "at once")).expect("a worktree").folder)
            })
            .collect();
        at_once.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(folders.iter().all(|folder| folder.join("README.md").exists()));
}

#[test]
fn a_folder_is_held_as_long_as_any_noted_process_lives() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("locks");
    let mut child = Command::new("sleep").arg("1000").stdout(Stdio::null()).spawn().expect("sleep");
    let worker = identity::of_child(child.id(), "test".into()).expect("it was just started");

    let mut lock = FolderLock::take(folder.path(), &path, "builder-1 on #3", &identity::own()).expect("free");
    lock.also(&worker).expect("noted");
    let busy = FolderLock::take(folder.path(), &path, "builder-2", &identity::own()).expect_err("held");
    assert!(busy.to_string().contains("builder-1 on #3"), "{busy}");
    drop(lock);
    let busy = FolderLock::take(folder.path(), &path, "builder-2", &identity::own()).expect_err("its child lives");
    assert!(matches!(busy, LockError::Busy(busy) if busy.pid == worker.pid));
    child.kill().expect("killed");
    child.wait().expect("collected");
    let lock = FolderLock::take(folder.path(), &path, "builder-2", &identity::own()).expect("free again");
    drop(lock);
    FolderLock::take(folder.path(), &path, "builder-3", &identity::own()).expect("given back");
}

#[test]
fn a_folder_is_held_by_whatever_name_it_is_called_and_whatever_becomes_of_the_note() {
    let folder = tempfile::tempdir().expect("a folder");
    let (place, link, locks) = (folder.path().join("a"), folder.path().join("b"), folder.path().join("locks"));
    std::fs::create_dir(&place).expect("made");
    std::os::unix::fs::symlink(&place, &link).expect("linked");
    let held = FolderLock::take(&place, &locks, "builder-1", &identity::own()).expect("free");
    let busy = FolderLock::take(&link, &locks, "builder-2", &identity::own()).expect_err("held");
    assert!(busy.to_string().contains("builder-1"), "{busy}");
    let notes = || std::fs::read_dir(&locks).expect("readable").flatten().map(|entry| entry.path());
    let note = notes().find(|path| path.extension().is_some_and(|name| name == "json")).expect("a note");
    std::fs::write(&note, "").expect("emptied");
    let unclear = FolderLock::take(&place, &locks, "builder-2", &identity::own()).expect_err("nobody knows");
    assert!(unclear.to_string().contains("cannot be understood"), "{unclear}");
    drop(held);
    drop(FolderLock::take(&link, &locks, "builder-2", &identity::own()).expect("given back"));
}

#[test]
fn the_worktree_of_an_ended_task_goes_when_its_work_is_merged_and_not_before() {
    let project = Project::new();
    let (merged, unmerged, dirty, open) = (task(1, "merged"), task(2, "unmerged"), task(3, "dirty"), task(4, "open"));
    let places: Vec<Workspace> = [&merged, &unmerged, &dirty, &open].map(|one| project.workspace(one)).into();
    for (n, place) in places.iter().enumerate() {
        std::fs::write(place.folder.join(format!("{n}.txt")), "work").expect("written");
        if n != 2 {
            git_in(&place.folder, &["add", "-A"]);
            commit_in(&place.folder, "work");
        }
    }
    for n in [0, 3] {
        let branch = places[n].worktree.as_ref().expect("a worktree").branch.clone();
        project.git(&["-c", "user.name=t", "-c", "user.email=t@example.org", "merge", "-q", "--no-edit", &branch]);
    }
    let repository = project.repository();
    let removed = repository.remove_merged(|id| id != open.task_id).expect("git works");
    assert_eq!(removed, [places[0].folder.clone()]);
    let there: Vec<bool> = places.iter().map(|place| place.folder.exists()).collect();
    assert_eq!(there, [false, true, true, true]);
    assert!(project.top().join("0.txt").exists(), "the work itself is where it was merged to");
}
