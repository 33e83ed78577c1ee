//! Text that wants to be more than text.

use vayu::domain::command::{NewEscalation, NewTask};
use vayu::domain::escalation::EscalationKind;
use vayu::domain::{Actor, Command};

use crate::payments::{self, asha, create, new_task};
use crate::seat::Seat;

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
        service
            .submit(&Actor::agent(short.chars().take(40).collect::<String>()), Command::Escalate(Box::new(ask)))
            .unwrap();
    }
    Seat::before((service, clock), (120, 36))
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

#[test]
fn r19_no_view_lets_anything_through() {
    let mut seat = seat();
    for size in [(120, 36), (44, 20), (200, 50)] {
        seat.resize(size);
        for keys in [
            "1 l", "z", "z", "z", "␣", "G", "gg", "␣", "<enter>", "]", "]", "J", "J", "<esc>", "2", "4", "j", "j", "j",
            "7", "j", "!",
        ] {
            seat.press(keys);
            check(&seat);
        }
        seat.pass(std::time::Duration::from_secs(1)).press("!").pass(std::time::Duration::from_secs(1));
        check(&seat);
        seat.press("<esc> <esc> 1");
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
