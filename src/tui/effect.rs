//! What the model wants done. Effects are data; only `run.rs` and the worker carry them out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::{ChangeId, Command, TaskId};
use crate::plan::wizard::{AT_ONCE, Draft, Ground, Outlook, fill};
use crate::service::{Error, Service};

use super::editor::Writing;
use super::msg::Msg;
use super::popup::prompt::Purpose;
use super::screen::plan::{Care, News, Otherwise};

/// Something to be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Make a change.
    Write(Box<Write>),
    /// Compute something with the service on the worker thread.
    Compute(Job),
    /// Do something that takes long on a thread of its own.
    Aside(Aside),
    /// Look for a better schedule beside everything else; only the last one ordered counts.
    Improve(Box<Improve>),
    /// Look ahead.
    Foretell(Look),
    /// Send a sequence to the terminal that draws nothing.
    Say(String),
    /// Call the user, who may be elsewhere.
    Ring(String),
    /// Show in the window's title how many wait for the user.
    Title(usize),
    /// Put a text into the clipboard.
    Copy(String),
    /// Edit the text of a task in $EDITOR.
    Edit(Box<Writing>),
    /// Remove the file of a text that needs none any more.
    Forget(PathBuf),
    /// Switch the mouse on or off.
    Mouse(bool),
    /// Speak the kitty keyboard protocol.
    Kitty,
    /// Draw everything anew.
    Redraw,
    /// Back to the shell for a while.
    Suspend,
    /// Take the terminal again after a suspension.
    Resume,
    /// End.
    Quit,
}

/// What has to be done, in the order in which it should be.
pub type Effects = Vec<Effect>;

/// A change to be made, and what to say about it.
#[derive(Debug, Clone)]
pub struct Write {
    /// What.
    pub what: Change,
    /// What is said when it is done, without the hint at undo.
    pub said: String,
    /// Cards that move, and the cursor with the first of them.
    pub follow: Option<TaskId>,
    /// What somebody typed for it, which must not get lost when it is refused.
    pub typed: Option<(Purpose, String)>,
}

impl Write {
    /// A change that moves no card and that nobody typed anything for.
    pub fn new(what: Change, said: impl Into<String>) -> Self {
        Self { what, said: said.into(), follow: None, typed: None }
    }
}

/// A change.
#[derive(Debug, Clone)]
pub enum Change {
    /// These commands, all or none.
    Commands(Vec<Command>),
    /// Take one's last change back.
    Undo,
    /// Take this change back.
    UndoThis(ChangeId),
    /// Do again what was taken back.
    Redo,
    /// Keep or remove a draft under a name.
    Draft(String, Option<String>),
}

/// Something about a plan that takes longer than a key may.
pub struct Improve {
    /// The plan.
    pub draft: Draft,
    /// What it stands on.
    pub ground: Arc<Ground>,
    /// The newest change when that was read.
    pub head: ChangeId,
    /// Fill it up to so many story points, and nothing else.
    pub fill: Option<f64>,
    /// Say what follows if this task is picked or left out.
    pub aside: Option<TaskId>,
    /// Make a schedule at once before that: there is none of this plan yet.
    pub quick: bool,
    /// Look for a better schedule, and for what would help.
    pub better: bool,
}

impl std::fmt::Debug for Improve {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Improve").field("head", &self.head).finish_non_exhaustive()
    }
}

impl Improve {
    /// Takes the time that it needs, and tells what it finds as it goes. False when `stop` ended it before it had found
    /// the best schedule.
    pub fn run(&self, stop: &mut dyn FnMut() -> bool, tell: &mut dyn FnMut(News)) -> bool {
        if let Some(limit) = self.fill {
            let added = fill(&mut self.draft.clone(), &self.ground, limit);
            tell(News::Filled(added));
            return true;
        }
        if let Some(id) = self.aside {
            tell(News::Aside(Box::new(Otherwise::of(id, &self.draft, &self.ground))));
        }
        !self.better || self.improve(stop, tell)
    }

    fn improve(&self, stop: &mut dyn FnMut() -> bool, tell: &mut dyn FnMut(News)) -> bool {
        let news = |outlook, care| {
            let (draft, outlook) = (Box::new(self.draft.clone()), Box::new(outlook));
            News::Planned { head: self.head, draft, outlook, care }
        };
        if self.quick {
            tell(news(Outlook::of(&self.draft, &self.ground, AT_ONCE), Care::Improving));
        }
        let mut on_plan = |plan: &Outlook| tell(news(plan.clone(), Care::Thorough));
        let found = Outlook::advised(&self.draft, &self.ground, stop, &mut on_plan);
        found.map(|outlook| tell(news(outlook, Care::Thorough))).is_some()
    }

    /// This, with what was to be done by something earlier that has not begun, or was not finished.
    #[must_use]
    pub fn after(self, earlier: &Self) -> Self {
        let (quick, better) = (self.quick || earlier.quick, self.better || earlier.better);
        Self { fill: self.fill.or(earlier.fill), aside: self.aside.or(earlier.aside), quick, better, ..self }
    }
}

/// What is looked ahead for.
pub enum Look {
    /// The active sprint, now, and with what would help.
    Sprint,
    /// A sprint that is still being planned; only the last one ordered counts.
    Draft(Box<Planned>),
    /// How much of such a sprint can be promised; only the last one ordered counts.
    Promise(Box<(Draft, Arc<Ground>)>),
}

impl std::fmt::Debug for Look {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sprint => "Sprint",
            Self::Draft(_) => "Draft",
            Self::Promise(_) => "Promise",
        })
    }
}

/// A sprint that is still being planned.
pub struct Planned {
    /// The plan.
    pub draft: Draft,
    /// What it stands on.
    pub ground: Arc<Ground>,
    /// What follows from it.
    pub outlook: Outlook,
}

/// A computation with a name, for screens that need more than a query.
pub struct Job {
    /// What it is, for the log of a debugger.
    pub name: &'static str,
    /// The computation; its result goes to the model.
    pub run: Box<dyn FnOnce(&mut Service) -> Msg + Send>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Something that takes long and needs nothing of the board.
pub struct Aside {
    /// What it is, as a name of the thread.
    pub name: &'static str,
    /// The work; its result goes to the model.
    pub run: Box<dyn FnOnce() -> Msg + Send>,
}

impl std::fmt::Debug for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aside").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Copies a board into a project folder; the file that it made.
type Copy = dyn Fn(&Service, &Path) -> Result<PathBuf, Error> + Send + Sync;

/// How a demonstration is kept: its board is copied into a project folder.
#[derive(Clone)]
pub struct Keep(pub Arc<Copy>);

impl std::fmt::Debug for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keep")
    }
}
