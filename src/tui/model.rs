//! Everything that the screen depends on. It holds what was typed and chosen, and the windows that were read last;
//! never the board.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{FixedOffset, Offset};

use crate::domain::{Actor, AgentId, EscalationId, EscalationKind, Lane, Sprint, TaskId};
use crate::models::Settings;
use crate::service::forecast::Foretold;
use crate::store::view::{BoardSummary, EscalationRow, LeaderRow, TaskDetail};

use super::action::Scope;
use super::data::{Seen, Wanted};
use super::effect::Keep;
use super::glyph::Charset;
use super::keymap::Keymap;
use super::layout::{self, Areas};
use super::msg::{Clock, Target};
use super::popup::{Popup, prompt::Purpose};
use super::screen::{self, Screen, activity, agents, board, inbox, plan, task};
use super::terminal::Key;
use super::theme::{Theme, Wardrobe};
use super::update::writing::Unsent;

/// How long a toast stays.
const TOAST: Duration = Duration::from_secs(4);
/// How long after a begun chord the box that explains it opens.
pub const WHICH_KEY: Duration = Duration::from_millis(400);
/// How often what only time changes is looked at again: leases, presence, snoozed questions.
pub const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What this board was opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// Nothing may be changed.
    pub read_only: bool,
    /// The board is a demonstration.
    pub demo: bool,
    /// This process orchestrates.
    pub orchestrates: bool,
}

/// How things are drawn.
#[derive(Debug, Clone)]
pub struct Looks {
    /// All themes.
    pub wardrobe: Wardrobe,
    /// The present one.
    pub theme: Theme,
    /// What the terminal can draw.
    pub charset: Charset,
    /// Whether the mouse is ours.
    pub mouse: bool,
}

/// What every screen shows around its content.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// Counts, sprint, project; none before the first answer.
    pub summary: Option<BoardSummary>,
    /// Open questions, those that cost most first.
    pub asks: Vec<EscalationRow>,
    /// Who orchestrates.
    pub leader: Option<LeaderRow>,
    /// How the active sprint will probably go on, as it was looked at last; or why nobody can say.
    pub foretold: Option<Result<Box<Foretold>, String>>,
    /// Why nothing can be read at present.
    pub trouble: Option<String>,
    /// The terminal takes its time.
    pub slow: bool,
    /// The terminal has said all that it was asked when the board was opened.
    pub met: bool,
    /// The one who looks, as an agent.
    pub me: Option<AgentId>,
    /// Sprints to choose from.
    pub sprints: Vec<Sprint>,
}

/// A line that says what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What.
    pub text: String,
    /// Whether it went well.
    pub good: bool,
    /// When it goes; none: when somebody presses Esc.
    pub until: Option<Duration>,
}

/// An answer that can still be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// To which question.
    pub escalation: EscalationId,
    /// Its label.
    pub label: String,
    /// The option, if one was chosen.
    pub choice: Option<usize>,
    /// The words, if some were typed.
    pub words: Option<String>,
    /// When it is sent.
    pub until: Duration,
}

/// The last click, to tell a double one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// On what.
    pub target: Target,
    /// When.
    pub at: Duration,
}

/// The state of the whole interface.
#[derive(Debug)]
pub struct Model {
    /// The time of the present message.
    pub clock: Clock,
    /// Where the user's wall clock stands against UTC.
    pub zone: FixedOffset,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Who acts.
    pub actor: Actor,
    /// How the board was opened.
    pub flags: Flags,
    /// How a demonstration is kept; none: the board is a real one.
    pub keep: Option<Keep>,
    /// The language model that is asked about objectives, if one is.
    pub language_model: Option<Arc<Settings>>,
    /// How things are drawn.
    pub looks: Looks,
    /// Which key does what.
    pub keys: Keymap,
    /// A chord that has begun, and when.
    pub pressed: (Vec<Key>, Duration),
    /// What is around every screen.
    pub head: Head,
    /// The screen that is up.
    pub screen: Screen,
    /// The task that is open over it.
    pub task: Option<task::State>,
    /// What is known about the task that is open or looked at.
    pub detail: Option<Box<TaskDetail>>,
    /// The board.
    pub board: board::State,
    /// The agents.
    pub agents: agents::State,
    /// The plan.
    pub plan: plan::State,
    /// The inbox.
    pub inbox: inbox::State,
    /// The log.
    pub activity: activity::State,
    /// What lies over the screen; the last one has the keys.
    pub popups: Vec<Popup>,
    /// What happened last.
    pub toast: Option<Toast>,
    /// Answers not sent yet.
    pub held: Vec<Held>,
    /// Texts that were typed and not sent.
    pub drafts: BTreeMap<Purpose, String>,
    /// Texts edited outside that are not on the board.
    pub unsent: BTreeMap<TaskId, Unsent>,
    /// Whether the window has the focus, and since when.
    pub focus: (bool, Duration),
    /// The last click.
    pub click: Option<Click>,
    /// Whether a row is given to those who wait; it does not come or go while somebody types.
    pub strip: bool,
    /// What is shown may be out of date.
    pub stale: bool,
    /// When it was last looked at.
    pub looked: Duration,
    /// Somebody asked to quit although something would be lost.
    pub quit_asked: bool,
}

impl Model {
    /// An interface of this size, before anything was read.
    pub fn new(size: (u16, u16), actor: Actor, flags: Flags, looks: Looks, keys: Keymap, clock: Clock) -> Self {
        Self {
            clock,
            zone: chrono::Utc.fix(),
            size,
            actor,
            flags,
            keep: None,
            language_model: None,
            looks,
            keys,
            pressed: (Vec::new(), Duration::ZERO),
            head: Head::default(),
            screen: Screen::Board,
            task: None,
            detail: None,
            board: board::State::default(),
            agents: agents::State::default(),
            plan: plan::State::default(),
            inbox: inbox::State::default(),
            activity: activity::State::default(),
            popups: Vec::new(),
            toast: None,
            held: Vec::new(),
            drafts: BTreeMap::new(),
            unsent: BTreeMap::new(),
            focus: (true, Duration::ZERO),
            click: None,
            strip: false,
            stale: true,
            looked: Duration::ZERO,
            quit_asked: false,
        }
    }

    /// The parts of the screen.
    pub fn areas(&self) -> Areas {
        layout::areas(self.size.0, self.size.1, self.strip)
    }

    /// Everything that must be read for what is on the screen.
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted { me: self.actor.name.clone(), ..Wanted::default() };
        screen::want(self, &mut wanted);
        for popup in &self.popups {
            popup.want(&mut wanted);
        }
        wanted
    }

    /// Where keys are looked up, from the innermost place to the outermost.
    pub fn scopes(&self) -> &'static [Scope] {
        match self.popups.last() {
            Some(popup) => popup.scopes(),
            None => screen::scopes(self),
        }
    }

    /// Questions that wait for a human's answer and have none on its way.
    pub fn open_asks(&self) -> impl Iterator<Item = &EscalationRow> {
        let waits = |row: &&EscalationRow| {
            row.escalation.kind != EscalationKind::Notice
                && !self.held.iter().any(|held| held.escalation == row.escalation.escalation_id)
        };
        self.head.asks.iter().filter(waits)
    }

    /// True while somebody types into a field.
    pub fn is_typing(&self) -> bool {
        self.popups.last().is_some_and(Popup::is_typing)
    }

    /// Says what happened.
    pub fn say(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), good: true, until: Some(self.clock.run + TOAST) });
    }

    /// Says what went wrong; it stays until somebody has seen it.
    pub fn complain(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), good: false, until: None });
    }

    /// Says why something cannot be done here; it goes by itself.
    pub fn decline(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), good: false, until: Some(self.clock.run + TOAST) });
    }

    /// When something happens by itself, at the latest.
    pub fn deadline(&self) -> Duration {
        let toast = self.toast.as_ref().and_then(|toast| toast.until);
        let chord = (!self.pressed.0.is_empty()).then(|| self.pressed.1 + WHICH_KEY);
        let chord = chord.filter(|at| *at > self.clock.run);
        let held = self.held.iter().map(|held| held.until).min();
        [toast, chord, held].into_iter().flatten().min().unwrap_or(Duration::MAX).min(self.looked + LOOK_AGAIN)
    }

    /// True if the box that explains a begun chord is open.
    pub fn explains_chord(&self) -> bool {
        !self.pressed.0.is_empty() && self.clock.run >= self.pressed.1 + WHICH_KEY
    }

    /// Cards in this lane, as the filter shows them; none before the first answer.
    pub fn lane_count(&self, lane: Lane) -> Option<u64> {
        let summary = self.head.summary.as_ref()?;
        summary.lanes.iter().find(|summary| summary.lane == lane).map(|summary| summary.count)
    }
}

impl Head {
    /// Takes what was read.
    pub fn see(&mut self, seen: &Seen) {
        self.summary = Some(seen.summary.clone());
        self.asks.clone_from(&seen.asks);
        self.leader.clone_from(&seen.leader);
        self.me = seen.me;
        self.trouble = None;
        if let Some(sprints) = &seen.sprints {
            self.sprints.clone_from(sprints);
        }
    }

    /// True if it is known that nobody hands out work.
    pub fn is_leaderless(&self) -> bool {
        self.summary.is_some() && self.leader.as_ref().is_none_or(|leader| leader.expired)
    }
}
