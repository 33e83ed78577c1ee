//! dev
use vayu::domain::command::*;
use vayu::domain::escalation::*;
use vayu::domain::task::*;
use vayu::domain::*;
use vayu::service::Service;
use vayu::store::sqlite::Board;
fn main() {
    let path = std::path::PathBuf::from(std::env::args().nth(1).expect("path"));
    if !path.exists() {
        let mut s = Service::new(Box::new(Board::at(&path).create().unwrap()));
        seed(&mut s);
    }
    if std::env::args().nth(2).as_deref() == Some("seed") {
        return;
    }
    let service = Service::new(Box::new(Board::at(&path).open().unwrap()));
    let mut options = vayu::tui::Options::new(Actor::human("asha"));
    options.theme = std::env::var("VAYU_THEME").unwrap_or("auto".into());
    if let Err(e) = vayu::tui::run(service, options) {
        eprintln!("{e}");
        std::process::exit(1)
    }
}
fn seed(s: &mut Service) {
    let me = Actor::human("asha");
    let mut policy = s.read().policy().unwrap();
    policy.project = "Payments".into();
    policy.wip.insert(Lane::Ready, 6);
    policy.wip.insert(Lane::InProgress, 4);
    policy.wip.insert(Lane::Review, 3);
    s.submit(&me, Command::Configure(Box::new(policy))).unwrap();
    let now = s.now().wall;
    let done = s
        .submit(
            &me,
            Command::CreateSprint(Box::new(NewSprint {
                name: Some("Sprint 14".into()),
                goal: "Merchants in 3 new currencies can settle the same day.".into(),
                starts_at: now - chrono::TimeDelta::days(5) - chrono::TimeDelta::hours(3),
                ends_at: now + chrono::TimeDelta::days(4),
                objectives: vec!["Multi-currency".into()],
                capacity_minutes: None,
            })),
        )
        .unwrap();
    let RecordId::Sprint(sprint) = done.records[0] else { panic!() };
    s.submit(&me, Command::StartSprint { sprint_id: sprint }).unwrap();
    let mut ids = vec![];
    for (n, kind) in [
        ("builder-1", AgentKind::Ai),
        ("builder-2", AgentKind::Ai),
        ("builder-3", AgentKind::Ai),
        ("builder-4", AgentKind::Ai),
        ("checker-1", AgentKind::Ai),
        ("asha", AgentKind::Human),
        ("ravi", AgentKind::Human),
    ] {
        let d = s
            .submit(
                &me,
                Command::AddAgent(Box::new(NewAgent {
                    name: n.into(),
                    kind,
                    role: Some("backend-dev".into()),
                    skills: [("rust".to_string(), 4), ("sql".to_string(), 2)].into(),
                    wip_limit: 2,
                    availability: vec![],
                    time_zone: chrono_tz::UTC,
                    cost_per_hour: None,
                })),
            )
            .unwrap();
        let RecordId::Agent(id) = d.records[0] else { panic!() };
        if kind == AgentKind::Ai {
            s.present(id, &Default::default()).unwrap();
        }
        ids.push(id);
    }
    let mut add = |s: &mut Service, title: &str, p: Priority, points: f64, backlog: bool| -> TaskId {
        s.submit(
            &me,
            Command::CreateTask(Box::new(NewTask {
                title: title.into(),
                priority: Some(p),
                points: Some(points),
                backlog,
                sprint_id: Some(sprint),
                tags: vec!["api".into()],
                ..Default::default()
            })),
        )
        .unwrap()
        .task()
        .unwrap()
    };
    use Priority::*;
    for (t, p, n) in [
        ("Weekly digest email for product owners", Normal, 3.),
        ("Import boards from CSV with a preview", Normal, 5.),
        ("Dark logo in the PDF report", Low, 2.),
        ("Typo in the refund template", Low, 1.),
        ("Multi-currency ledger, phase 2", Normal, 8.),
        ("Merchant statement API", Normal, 5.),
        ("Sandbox cards for every scheme", Low, 3.),
        ("Dispute reason codes, 2026 list", Normal, 3.),
    ] {
        add(s, t, p, n, true);
    }
    add(s, "Idempotency keys on the capture endpoint so that retries are safe", High, 5., false);
    add(s, "Settle webhooks in order per merchant", Normal, 3., false);
    let work = [
        ("Parse workflow YAML with line errors", Critical, 5., 1, 60u8),
        ("Retry policy for flaky card networks", High, 8., 0, 40),
        ("Statement PDF in the merchant locale", High, 3., 5, 80),
    ];
    let mut first = None;
    for (t, p, n, a, pr) in work {
        let id = add(s, t, p, n, false);
        let actor =
            if ids[a] == ids[5] { Actor::human("asha") } else { Actor::agent(["builder-1", "builder-2"][a.min(1)]) };
        let c = s
            .submit(&actor, Command::ClaimTask { agent_id: ids[a], task_id: Some(id), lease_seconds: Some(3600) })
            .unwrap()
            .claimed
            .unwrap();
        s.submit(&actor, Command::StartTask { task_id: id, fence: Fence::Token(c.token), workspace: None }).unwrap();
        s.submit(
            &actor,
            Command::ReportProgress {
                task_id: id,
                fence: Fence::Token(c.token),
                progress: Some(pr),
                step: Some("writing tests".into()),
                artifacts: vec![],
            },
        )
        .unwrap();
        first.get_or_insert(id);
    }
    let dep = add(s, "Back-fill ledger dates before April", Normal, 3., false);
    s.submit(&me, Command::AddDependency { task_id: dep, dependency: Dependency::sequential(first.unwrap()) }).unwrap();
    for (t, a) in [("Escrow release on delivery scan", 4usize), ("Chargeback evidence upload", 6)] {
        let id = add(s, t, Critical, 5., false);
        let c = s
            .submit(&me, Command::ClaimTask { agent_id: ids[a], task_id: Some(id), lease_seconds: Some(3600) })
            .unwrap()
            .claimed
            .unwrap();
        s.submit(&me, Command::StartTask { task_id: id, fence: Fence::Token(c.token), workspace: None }).unwrap();
        s.submit(&me, Command::SubmitTask { task_id: id, fence: Fence::Token(c.token), report: Default::default() })
            .unwrap();
    }
    for t in [
        "Ledger postings are append-only",
        "Refund partial captures",
        "3-D Secure step-up flow",
        "Sort payouts by settlement day",
        "Mask PAN in every log line",
        "漢字のタイトル 決済 \u{1b}[31mred\u{202e}evil",
    ] {
        let id = add(s, t, Normal, 3., false);
        let c = s
            .submit(&me, Command::ClaimTask { agent_id: ids[3], task_id: Some(id), lease_seconds: Some(3600) })
            .unwrap()
            .claimed
            .unwrap();
        s.submit(&me, Command::StartTask { task_id: id, fence: Fence::Token(c.token), workspace: None }).unwrap();
        s.submit(
            &me,
            Command::CompleteTask {
                task_id: id,
                fence: Fence::Token(c.token),
                agent_id: None,
                report: Default::default(),
            },
        )
        .unwrap();
    }
    s.submit(&Actor::agent("builder-2"), Command::Escalate(Box::new(NewEscalation{kind:EscalationKind::Question,task_id:first,topic:"rounding".into(),question:"Round half-even or half-up for INR?".into(),context:"The spec says \"bank rounding\" in 4.2, the refund tests expect half-up (3 cases). I cannot satisfy both.".into(),impact:"2 agents waiting, forecast slips a day after 16:00".into(),choices:vec![Choice{label:"Half-even everywhere, change 3 tests".into(),detail:String::new(),remedy:Remedy::Answer},Choice{label:"Half-up everywhere, change the spec".into(),detail:"5 files".into(),remedy:Remedy::Answer},Choice{label:"Half-even for ledger, half-up for display".into(),detail:"+1p".into(),remedy:Remedy::Answer}],recommended:Some(0),otherwise:"no answer by 17:00: option 1".into()}))).unwrap();
    s.submit(
        &Actor::system("orchestrator"),
        Command::Escalate(Box::new(NewEscalation {
            kind: EscalationKind::Notice,
            task_id: None,
            topic: "done".into(),
            question: "Forecast moved to 30 May (+1 day)".into(),
            context: String::new(),
            impact: String::new(),
            choices: vec![],
            recommended: None,
            otherwise: String::new(),
        })),
    )
    .unwrap();
}
