use std::time::{Duration, Instant};

use vayu::demo::{Demo, Options};
use vayu::domain::{EscalationKind, Lane, SprintState, Status};
use vayu::service::Service;
use vayu::store::sqlite::Board;
use vayu::store::view::{ActivityFilter, Filter, LaneSummary, Page};

fn lane(service: &Service, wanted: Lane) -> LaneSummary {
    let summary = service.read().summary(&Filter::default(), &service.now()).expect("readable");
    summary.lanes.into_iter().find(|lane| lane.lane == wanted).expect("every lane is there")
}

#[test]
fn the_curtain_rises_on_a_board_with_a_past_and_a_present() {
    let demo = Demo::start(Options { speed: 1.0 }, |_| {}).expect("a demo");
    let service = demo.service().expect("a handle");
    let (read, now) = (service.read(), service.now());
    let sprints = read.sprints().expect("readable");
    assert_eq!(sprints.iter().filter(|sprint| sprint.state == SprintState::Closed).count(), 3);
    let active = sprints.iter().find(|sprint| sprint.state == SprintState::Active).expect("one runs");
    assert!(active.starts_at < now.wall && now.wall < active.ends_at);
    assert_eq!(read.agents(&now).expect("readable").len(), 7);
    for (wanted, least) in [(Lane::Backlog, 30), (Lane::Ready, 3), (Lane::InProgress, 4), (Lane::Done, 100)] {
        assert!(lane(&service, wanted).total >= least, "{wanted}: {:?}", lane(&service, wanted));
    }
    let kinds: Vec<_> =
        read.escalations(false, &now).expect("readable").iter().map(|row| row.escalation.kind).collect();
    assert!(kinds.contains(&EscalationKind::Question) && kinds.contains(&EscalationKind::Approval), "{kinds:?}");
    let mut oldest = now.wall;
    read.each_change(&mut |_, at, _| {
        oldest = oldest.min(at);
        assert!(at <= chrono::Utc::now(), "nothing lies in the future");
        Ok(())
    })
    .expect("readable");
    assert!(now.wall - oldest >= chrono::Duration::weeks(6), "six weeks of history");
}

#[test]
fn the_team_goes_on_working_and_the_board_can_be_kept() {
    let demo = Demo::start(Options { speed: 3_000.0 }, |_| {}).expect("a demo");
    let service = demo.service().expect("a handle");
    let before = lane(&service, Lane::Done).total;
    let patience = Instant::now();
    while lane(&service, Lane::Done).total < before + 3 {
        assert!(patience.elapsed() < Duration::from_mins(2), "nobody finishes anything");
        std::thread::park_timeout(Duration::from_millis(50));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(".vayu").join("board.db");
    demo.keep(&path).expect("kept");
    assert!(demo.keep(&path).is_err(), "a board is never written over");
    let left_behind = demo.folder().to_owned();
    drop(demo);
    assert!(!left_behind.exists(), "the demo cleans up");
    let kept = Service::new(Box::new(Board::at(&path).open().expect("a real board")));
    assert!(lane(&kept, Lane::Done).total >= before + 3);
    assert!(
        kept.read()
            .activity(&ActivityFilter { limit: 10, ..ActivityFilter::default() })
            .is_ok_and(|log| log.len() == 10)
    );
    let working = Filter { statuses: vec![Status::Executing], ..Filter::default() };
    assert!(kept.read().list_cards(&working, Page::ALL).is_ok());
}
