//! What each format brings along.

use vayu::domain::command::NewAgent;
use vayu::domain::{ActorKind, AgentId, AgentKind, Command, Level, Priority, Status, TaskKind, Zone};
use vayu::exchange::{self, Columns, Kind};
use vayu::service::Service;

use super::{board, bring_in, by_key, po};

pub fn add_agent(service: &mut Service, name: &str) -> AgentId {
    let new = NewAgent {
        name: name.into(),
        kind: AgentKind::Ai,
        role: None,
        skills: std::collections::BTreeMap::new(),
        wip_limit: 3,
        availability: Vec::new(),
        time_zone: Zone::default(),
        cost_per_hour: None,
        also: Vec::new(),
    };
    service.submit(&po(), Command::AddAgent(Box::new(new))).unwrap();
    service.read().agent_named(name).unwrap().unwrap().agent_id
}

#[test]
fn every_field_of_a_bead_reaches_the_record() {
    let mut service = board();
    let ana = add_agent(&mut service, "ana");
    let line = r#"{"id":"bd-1","title":"T","description":"D","status":"closed","priority":1,"issue_type":"chore",
        "assignee":"ana","created_by":"mayor","estimated_minutes":90,"created_at":"2024-01-01T00:00:00.123456789Z",
        "closed_at":"2024-01-02T00:00:00Z","close_reason":"merged","labels":["ui"],"acceptance_criteria":"- fast",
        "due_at":"2024-02-01","defer_until":"2024-01-10","external_ref":"https://x/1",
        "comments":[{"author":"bob","text":"hm","created_at":"2024-01-01T10:00:00Z"}]}"#;
    bring_in(&mut service, Kind::Beads, &line.replace('\n', " "));
    let task = by_key(&service).remove("bd-1").unwrap();
    assert_eq!((task.status, task.priority, task.kind), (Status::Completed, Priority::High, TaskKind::Maintenance));
    assert_eq!(task.created_at.to_rfc3339(), "2024-01-01T00:00:00.123456+00:00");
    assert_eq!(task.execution.ended_at.unwrap().to_rfc3339(), "2024-01-02T00:00:00+00:00");
    assert_eq!(task.execution.progress, 100);
    assert_eq!(task.execution.outputs["close_reason"], "merged");
    assert_eq!(task.metadata.tags, ["ui", "chore", "@ana"]);
    assert_eq!(task.metadata.estimated_duration, Some(90));
    assert_eq!(task.acceptance[0].text, "fast");
    assert_eq!(task.assignment.as_ref().unwrap().primary_agent, ana);
    assert_eq!((task.requester.kind, task.requester.id.as_str()), (ActorKind::System, "mayor"));
    assert!(task.requester.context.as_ref().unwrap().contains("assigned to ana there"));
    assert_eq!(task.external.as_ref().unwrap().url.as_deref(), Some("https://x/1"));
    assert!(task.deadline.is_some() && task.not_before.is_some());
    let remark = &service.read().comments(task.task_id).unwrap()[0];
    assert_eq!((remark.author.as_str(), remark.text.as_str()), ("bob", "hm"));
    assert_eq!(remark.at.to_rfc3339(), "2024-01-01T10:00:00+00:00");
}

#[test]
fn two_repositories_have_each_their_own_issue_one() {
    let issue = |repo: &str| {
        format!(r#"[{{"number":1,"title":"{repo}","state":"OPEN","url":"https://github.com/{repo}/issues/1"}}]"#)
    };
    let mut service = board();
    bring_in(&mut service, Kind::Github, &issue("a/b"));
    let report = bring_in(&mut service, Kind::Github, &issue("c/d"));
    assert_eq!(report.tasks.created, 1);
    assert_eq!(by_key(&service).keys().collect::<Vec<_>>(), ["a/b#1", "c/d#1"]);
}

#[test]
fn a_broken_array_brings_nothing_in_and_says_where() {
    let text = "[\n{\"number\":1,\"title\":\"a\"},\n{\"number\":\"x\"}]";
    let error = exchange::read(Kind::Github, "issues.json", text.as_bytes(), &Columns::default()).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("issues.json:3:"), "{message}");
    assert!(message.ends_with("nothing was imported"), "{message}");
}

#[test]
fn a_checklist_becomes_a_breakdown() {
    let mut service = board();
    let text = "# Release\n\n## Docs\n- [ ] Manual #docs !high ~2h (3p) ^m\n  - Acceptance: readable; short\n- [x] Index\n\
                ## Ship\n- [ ] Tag it after:^m\n";
    let report = bring_in(&mut service, Kind::Markdown, text);
    assert_eq!((report.tasks.created, report.dependencies, report.parents), (6, 1, 5));
    let tasks = by_key(&service);
    let manual = &tasks["file^m"];
    assert_eq!((manual.priority, manual.metadata.story_points), (Priority::High, Some(3.0)));
    assert_eq!(manual.acceptance.len(), 2);
    assert_eq!(tasks["file:release"].level, Level::Deliverable);
    assert_eq!(tasks["file:docs"].level, Level::Package);
    assert_eq!(tasks["file:tag it"].status, Status::Blocked);
    assert_eq!(tasks["file:index"].status, Status::Completed);
}

#[test]
fn a_mapping_names_columns_that_have_no_usual_name() {
    let mut service = board();
    let columns: Columns = "title=Was,priority=Wie".parse().unwrap();
    let batch = exchange::read(Kind::Csv, "t.csv", &b"Was;Wie\nBauen;P0\n"[..], &columns).unwrap();
    exchange::import(&mut service, &po(), batch, exchange::Options::default(), &mut |_, _| {}).unwrap();
    let tasks = by_key(&service);
    assert_eq!(tasks["t.csv:bauen"].priority, Priority::Critical);
}

#[test]
fn a_taskwarrior_list_keeps_its_dates_projects_and_notes() {
    let mut service = board();
    let text = r#"[{"uuid":"a","description":"Plan","status":"pending","entry":"20240101T000000Z","due":"20240301T000000Z",
        "wait":"20240201T000000Z","project":"Life","priority":"H","annotations":[{"entry":"20240102T000000Z","description":"n"}]},
        {"uuid":"b","description":"Do","status":"completed","end":"20240105T000000Z","depends":["a"]},
        {"uuid":"c","description":"Drop","status":"deleted"}]"#;
    let report = bring_in(&mut service, Kind::Taskwarrior, text);
    assert_eq!((report.tasks.created, report.dependencies, report.comments), (3, 1, 1));
    let tasks = by_key(&service);
    assert_eq!(tasks["a"].metadata.tags, ["project:Life"]);
    assert_eq!(tasks["a"].not_before.unwrap().to_rfc3339(), "2024-02-01T00:00:00+00:00");
    assert_eq!((tasks["b"].status, tasks["c"].status), (Status::Completed, Status::Cancelled));
}
