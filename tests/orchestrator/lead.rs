use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, channel};

use vayu::domain::{Actor, Command};
use vayu::orchestrator::lease::{Lead, Standing};
use vayu::orchestrator::{Handle, NAME, Options, Report, spawn};
use vayu::service::Service;
use vayu::store::sqlite::Board;

use crate::common::Scene;

fn leads(standing: &Standing) -> Option<u64> {
    if let Standing::Leads(epoch) = standing { Some(*epoch) } else { None }
}

#[test]
fn r4_of_two_started_by_mistake_one_leads_and_the_other_knows_who() {
    let scene = Scene::new();
    let (mut one, mut two) = (scene.another("one"), scene.another("two"));
    assert_eq!(leads(&one.stand().expect("a board")), Some(1));
    let Standing::Follows(leader) = two.stand().expect("a board") else { panic!("two leaders") };
    assert_eq!((leader.holder.as_str(), leader.epoch), (one.holder(), 1));
}

#[test]
fn r4_the_lead_is_renewed_and_kept() {
    let scene = Scene::new();
    let (mut one, mut two) = (scene.another("one"), scene.another("two"));
    for _ in 0..20 {
        assert_eq!(leads(&one.stand().expect("a board")), Some(1));
        scene.sleep(2);
        assert_eq!(leads(&two.stand().expect("a board")), None);
    }
}

#[test]
fn r4_a_dead_leader_is_followed_in_a_new_epoch_when_its_lease_is_over() {
    let scene = Scene::new();
    let (mut one, mut two) = (scene.another("one"), scene.another("two"));
    one.stand().expect("a board");
    scene.sleep(4);
    assert_eq!(leads(&two.stand().expect("a board")), None);
    scene.sleep(2);
    assert_eq!(leads(&two.stand().expect("a board")), Some(2));
    assert_eq!(leads(&one.stand().expect("a board")), None, "the dead one comes back and follows");
}

#[test]
fn who_steps_down_is_followed_at_once() {
    let scene = Scene::new();
    let (mut one, mut two) = (scene.another("one"), scene.another("two"));
    one.stand().expect("a board");
    one.step_down().expect("a board");
    assert_eq!(leads(&two.stand().expect("a board")), Some(2));
}

#[test]
fn r4_a_deposed_leaders_transaction_is_refused_and_changes_nothing() {
    let mut scene = Scene::new();
    let task = scene.task("write");
    let (mut one, mut two) = (Lead::new("one", 5_000), Lead::new("two", 5_000));
    let mut other = scene.service.another().expect("a handle");
    assert_eq!(one.keep(&mut scene.service).expect("a board"), Standing::Leads(1));
    scene.sleep(6);
    assert_eq!(two.keep(&mut other).expect("a board"), Standing::Leads(2));
    let head = scene.service.read().head().expect("readable");
    let cancel = || Command::CancelTask { task_id: task, reason: None };
    let refused = one.submit(&mut scene.service, &Actor::system(NAME), &[cancel()]).expect_err("it leads no more");
    assert!(refused.to_string().contains("another process has taken it over"), "{refused}");
    assert_eq!(one.epoch(), None);
    assert_eq!(scene.service.read().head().expect("readable"), head);
    two.submit(&mut other, &Actor::system(NAME), &[cancel()]).expect("the leader may");
}

/// A live orchestrator, and what it says.
fn live(path: &std::path::Path, name: &str) -> (Handle, Receiver<Report>) {
    let service = Service::new(Box::new(Board::at(path).open().expect("a board")));
    let (tell, told) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let handle = spawn(service, &Options::named(name), stop, move |report| _ = tell.send(report)).expect("a thread");
    (handle, told)
}

/// Waits for something to be said; a minute is for ever.
fn await_report(told: &Receiver<Report>, wanted: impl Fn(&Report) -> bool) -> Report {
    loop {
        let report = told.recv_timeout(std::time::Duration::from_mins(1)).expect("it says so in the end");
        if wanted(&report) {
            return report;
        }
    }
}

#[test]
fn r4_a_second_process_stands_by_and_takes_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("board.db");
    drop(Board::at(&path).create().expect("a board"));
    let (one, told_one) = live(&path, "one");
    await_report(&told_one, |report| matches!(report, Report::Leads { epoch: 1 }));
    let (two, told_two) = live(&path, "two");
    await_report(&told_two, |report| matches!(report, Report::StandsBy { leader } if leader.starts_with("one ")));
    one.join();
    await_report(&told_one, |report| *report == Report::Left);
    await_report(&told_two, |report| matches!(report, Report::Leads { epoch: 2 }));
    assert_eq!(two.leads(), Some(2));
}

#[test]
fn work_that_is_committed_by_another_process_is_handed_out_without_being_told() {
    let mut scene = Scene::new();
    let service = Service::new(Box::new(Board::at(scene.folder.path().join("board.db")).open().expect("a board")));
    let mut host = service.another().expect("a handle");
    let (tell, told) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let _handle = spawn(service, &Options::named("live"), stop, move |report| _ = tell.send(report)).expect("a thread");
    await_report(&told, |report| matches!(report, Report::Leads { .. }));
    let agent = scene.agent("a", "");
    host.present(agent.agent_id, &vayu::store::view::Liveness::default()).expect("by the host's clock");
    let task = scene.task_with("write", crate::common::critical);
    await_report(&told, |report| matches!(report, Report::Did { what: "assign_task", .. }));
    assert_eq!(scene.holder(task), Some("a".into()));
}
