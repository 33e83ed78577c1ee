//! Text that wants to be more than text.

use chrono::TimeDelta;
use vayu::domain::attempt::Failure;
use vayu::domain::command::{NewEscalation, NewSprint, NewTask, Report};
use vayu::domain::escalation::EscalationKind;
use vayu::domain::task::{AssignmentMethod, BlockerKind};
use vayu::domain::{Actor, AgentId, Command, Fence, Policy};
use vayu::service::Service;
use vayu::tui::popup::Popup;

use crate::chance::size;
use crate::payments::{self, asha, create, new_task};
use crate::seat::Seat;
use crate::ways::{BACK, WAYS, clash, walk};

fn evil() -> Vec<String> {
    let mut evil: Vec<String> = [
        "\u{1b}[2J\u{1b}[H cleared",
        "\u{1b}]0;title\u{7} osc",
        "\u{1b}]8;;http://evil\u{1b}\\link",
        "\u{1b}]52;c;ZXZpbA==\u{7} clipboard",
        "\u{1b}Pq dcs\u{1b}\\",
        "c1 \u{9b}31m red \u{90}x",
        "cr \r over, bell \u{7}, nul \0, back \u{8}\u{8}",
        "rtl \u{202e}drawkcab\u{202c} \u{2066}isolated\u{2069}",
        "שלום עולם مرحبا",
        "zero\u{200b}width\u{200d}joined\u{feff}",
        "family 👨‍👩‍👧‍👦 flag 🇮🇳 heart ❤️ keycap 1️⃣",
        "漢字かな交じり文ｆｕｌｌ",
    ]
    .map(str::to_owned)
    .to_vec();
    evil.push(format!("marks e{}", "\u{301}".repeat(50)));
    evil.push("x".repeat(1 << 20));
    evil
}

fn seat() -> Seat {
    let (mut service, clock) = payments::board();
    let project = evil().concat().chars().take(1_000).collect();
    let policy = Policy { project, wip: [].into(), ..service.read().policy().unwrap() };
    service.submit(&asha(), Command::Configure(Box::new(policy))).unwrap();
    let worker = service.read().agent_named("asha").unwrap().unwrap().agent_id;
    for text in evil() {
        let mut new =
            NewTask { description: text.clone(), tags: vec![text.chars().take(60).collect()], ..new_task(&text) };
        new.acceptance = vec![vayu::domain::task::Criterion { text: text.clone(), met: false }];
        let task_id = create(&mut service, new);
        let short: String = text.chars().take(500).collect();
        service.submit(&asha(), Command::Comment { task_id, text: short.clone(), author: None, at: None }).unwrap();
        let ask = NewEscalation {
            kind: EscalationKind::Question,
            task_id: Some(task_id),
            topic: "evil".into(),
            question: short.clone(),
            context: short.clone(),
            impact: short.clone(),
            choices: Vec::new(),
            recommended: None,
            otherwise: short.clone(),
        };
        at_work(&mut service, worker, &short);
        plan(&mut service, &short);
        service
            .submit(&Actor::agent(short.chars().take(40).collect::<String>()), Command::Escalate(Box::new(ask)))
            .unwrap();
    }
    Seat::before((service, clock), (120, 36))
}

/// Somebody works on a task of this title, tells of it, and fails.
fn at_work(service: &mut Service, agent_id: AgentId, text: &str) {
    let task_id = create(service, new_task(text));
    let (fence, words) = (Fence::Force, vec![text.chars().take(900).collect::<String>(); 3]);
    let reason = words[0].clone();
    let step = Some(reason.clone());
    let report =
        Report { summary: step.clone(), last_lines: words.clone(), open_points: words.clone(), ..Report::default() };
    for command in [
        Command::AssignTask { task_id, agent_id, method: AssignmentMethod::Assigned, why: None, fence },
        Command::StartTask { task_id, fence, workspace: step.clone() },
        Command::ReportProgress { task_id, fence, progress: Some(30), step: step.clone(), artifacts: words },
        Command::FailTask { task_id, fence, failure: Failure::Exit, report },
    ] {
        service.submit(&asha(), command).unwrap();
    }
    let blocked = create(service, new_task(text));
    let block = Command::BlockTask { task_id: blocked, fence, kind: BlockerKind::Input, reason };
    service.submit(&asha(), block).unwrap();
}

/// A sprint of which every word is hostile.
fn plan(service: &mut Service, text: &str) {
    let now = service.now().wall;
    let (name, objectives) = (Some(text.chars().take(60).collect()), vec![text.into()]);
    let goal = text.into();
    let (starts_at, ends_at) = (now + TimeDelta::days(9), now + TimeDelta::days(19));
    let new = NewSprint { sprint_id: None, name, goal, starts_at, ends_at, objectives, capacity_minutes: None };
    service.submit(&asha(), Command::CreateSprint(Box::new(new))).unwrap();
}

/// Nothing in a cell can command the terminal or reorder the line, and every cell is as wide as it says.
#[track_caller]
pub fn check(seat: &Seat) {
    let buffer = seat.buffer();
    for cell in &buffer.content {
        for c in cell.symbol().chars() {
            let bad = c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}');
            assert!(!bad, "{:?} in a cell", cell.symbol());
        }
        assert!(cell.symbol().chars().count() <= 3, "{:?} is a pile", cell.symbol());
    }
}

/// Looks at every screen and at everything that lies over one, each from another card.
fn look_everywhere(seat: &mut Seat, first: usize, count: usize) {
    for (n, (_, keys)) in WAYS.iter().enumerate() {
        seat.press(BACK).press("l g g").press(&"j ".repeat((first + n) % count));
        walk(seat, keys);
        check(seat);
    }
    for note in &seat.rung {
        assert!(!note.chars().any(vayu::text::is_hidden), "{note:?} is sent to the desktop");
    }
}

#[test]
fn r19_no_screen_and_nothing_over_one_lets_anything_through() {
    let count = evil().len();
    for (n, window) in [(120, 36), (44, 20), (200, 50)].into_iter().take(size(2, 3)).enumerate() {
        let mut seat = seat();
        seat.resize(window);
        for first in 0..size(1, count) {
            look_everywhere(&mut seat, first + n * count / 2, count);
        }
    }
}

#[test]
fn r19_texts_that_clash_are_shown_safely() {
    let mut seat = seat();
    for text in evil() {
        let other = format!("{}\n{}", text.chars().rev().take(200).collect::<String>(), text);
        seat.press("j");
        clash(&mut seat, &text, &other);
        assert!(matches!(seat.model.popups.last(), Some(Popup::Clash(_))), "{}", seat.screen());
        check(&seat);
        seat.listen().press("t");
        check(&seat);
        seat.press(BACK);
    }
}

#[test]
fn r19_titles_in_fields_are_safe_and_unchanged() {
    let mut seat = seat();
    seat.press("l G k k e");
    check(&seat);
    seat.press("<esc> n");
    seat.input(vayu::tui::terminal::Input::Paste("\u{1b}[31mred\u{202e}".into()));
    check(&seat);
    seat.press("<enter>");
    assert_eq!(seat.model.board.card().unwrap().title, "\u{1b}[31mred\u{202e}");
    check(&seat);
}

#[test]
fn in_ascii_everything_is_ascii() {
    let mut seat = seat();
    seat.model.looks.charset = vayu::tui::glyph::Charset::Ascii;
    for keys in ["l", "<enter>", "<esc> 2", "4", "7", "?"] {
        seat.press(keys);
        let screen = seat.screen();
        assert!(screen.is_ascii(), "{:?}", screen.chars().find(|c| !c.is_ascii()));
    }
}
