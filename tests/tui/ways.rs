//! Which screens there are and what can lie over them; the compiler asks for what is new.

use vayu::tui::popup::{Popup, picker, prompt};
use vayu::tui::screen::Screen;

use crate::payments;
use crate::seat::Seat;
#[path = "../shared/ways.rs"]
mod list;

pub use list::{BACK, WAYS};

/// What lies over a screen, by name. A demonstration alone asks where it is kept.
const OVER: [&str; 24] = [
    "help or palette",
    "confirm",
    "answer",
    "clash",
    "forecast",
    "retrospective",
    "new task",
    "filter",
    "title",
    "comment",
    "block",
    "estimate",
    "labels",
    "labels of many",
    "depends",
    "words",
    "delegate",
    "limit",
    "plan",
    "assign",
    "priority",
    "sprint",
    "theme",
    "snooze",
];

fn name_of(popup: &Popup) -> &'static str {
    match popup {
        Popup::Palette(_) => "help or palette",
        Popup::Confirm(_) => "confirm",
        Popup::Answer(_) => "answer",
        Popup::Clash(_) => "clash",
        Popup::Forecast(_) => "forecast",
        Popup::Retro(_) => "retrospective",
        Popup::Prompt(state) => match state.purpose {
            prompt::Purpose::NewTask(_) => "new task",
            prompt::Purpose::Filter => "filter",
            prompt::Purpose::Title(_) => "title",
            prompt::Purpose::Comment(_) => "comment",
            prompt::Purpose::Block(_) => "block",
            prompt::Purpose::Estimate(_) => "estimate",
            prompt::Purpose::Labels(_) => "labels",
            prompt::Purpose::AddLabels(_) => "labels of many",
            prompt::Purpose::Depends(_) => "depends",
            prompt::Purpose::Words(_) => "words",
            prompt::Purpose::Delegate(_) => "delegate",
            prompt::Purpose::AgentLimit(_) => "limit",
            prompt::Purpose::Plan(_) => "plan",
            prompt::Purpose::Keep => "keep",
        },
        Popup::Picker(state) => match state.purpose {
            picker::Purpose::Assign(..) => "assign",
            picker::Purpose::Priority(_) => "priority",
            picker::Purpose::Sprint(_) => "sprint",
            picker::Purpose::Theme => "theme",
            picker::Purpose::Snooze(_) => "snooze",
        },
    }
}

fn screen_of(seat: &Seat) -> &'static str {
    match (&seat.model.task, seat.model.screen) {
        (Some(_), _) => "task",
        (None, Screen::Board) => "board",
        (None, Screen::Agents) => "agents",
        (None, Screen::Plan) => "plan",
        (None, Screen::Inbox) => "inbox",
        (None, Screen::Activity) => "activity",
    }
}

/// Presses the keys of a way.
pub fn walk(seat: &mut Seat, keys: &str) {
    for (n, part) in keys.split("wait").enumerate() {
        if n > 0 {
            seat.pass(std::time::Duration::from_millis(500));
        }
        seat.press(part);
    }
}

/// Two texts for one task: somebody has written another one while the editor was open.
pub fn clash(seat: &mut Seat, theirs: &str, mine: &str) {
    use vayu::domain::command::TaskField;
    use vayu::domain::{Actor, Command};
    use vayu::tui::editor::Ended;
    seat.press("<enter> E");
    assert!(seat.writing.is_some(), "{}", seat.screen());
    let task_id = seat.model.task.as_ref().expect("its page").id;
    let changes = vec![TaskField::Description(theirs.into())];
    let command = Command::EditTask { task_id, changes, expected_rev: None };
    seat.service.submit(&Actor::human("ravi"), command).expect("changed");
    seat.notice().close_editor(mine, Ended::Well);
}

#[test]
fn the_ways_lead_everywhere() {
    let mut seat = Seat::before(payments::board(), (120, 36));
    let (mut screens, mut over) = (Vec::new(), Vec::new());
    let mut look = |seat: &Seat| {
        screens.push(screen_of(seat));
        over.extend(seat.model.popups.iter().map(name_of));
    };
    seat.press("l l");
    for (_, keys) in WAYS {
        walk(&mut seat, keys);
        look(&seat);
        seat.press(BACK);
    }
    clash(&mut seat, "theirs", "mine");
    look(&seat);
    for wanted in OVER {
        assert!(over.contains(&wanted), "nothing leads to `{wanted}`");
    }
    for wanted in ["board", "task", "agents", "plan", "inbox", "activity"] {
        assert!(screens.contains(&wanted), "nothing leads to `{wanted}`");
    }
}
