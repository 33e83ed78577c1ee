//! The loop: messages in, effects out, a frame when something has changed.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use chrono::Offset;

use crate::domain::Actor;
use crate::models::Settings;
use crate::service::Service;
use crate::service::notify::Notifier;

use super::data::Wanted;
use super::editor::{self, Writing};
use super::effect::{Effect, Effects, Keep, Look};
use super::glyph::Charset;
use super::keymap::Keymap;
use super::model::{Flags, Looks, Model};
use super::msg::{Clock, Failure, Msg};
use super::screen::Screen;
use super::source::{Mistake, Source};
use super::terminal::{Event, Input, Modes, Reply, Terminal};
use super::text;
use super::theme::{Level, Wardrobe};
use super::update::{patience, update};
use super::view::view;
use super::worker::{self, Order, Planner};

/// Frames are at least this far apart; one that answers a key waits only for one that did so before.
const FRAME: Duration = Duration::from_millis(10);
/// What others have changed is read at most this often.
const NEWS: Duration = Duration::from_millis(33);
/// And this far when the terminal takes its time.
const SLOW_FRAME: Duration = Duration::from_millis(250);
/// A terminal that takes this long to accept a frame is slow.
const SLOW: Duration = Duration::from_millis(150);
/// How long the first frame waits for the terminal to say what it can do.
const FIRST_ANSWERS: Duration = Duration::from_millis(40);
/// How long the end waits for the work beside the board.
const LAST_STEPS: Duration = Duration::from_millis(500);
/// How long the end waits for changes that are being written.
const LAST_WRITES: Duration = Duration::from_millis(1500);

/// Work that this process does beside the board, such as orchestrating; it ends when the flag is set.
pub type Background = Box<dyn FnOnce(Arc<AtomicBool>) + Send>;

/// How to open the board.
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Options {
    /// Who acts.
    pub actor: Actor,
    /// A theme by name, or `auto`.
    pub theme: String,
    /// The folder with `keys.toml` and `themes/`.
    pub config: Option<PathBuf>,
    /// Nothing may be changed.
    pub read_only: bool,
    /// The board is a demonstration, and the header says so.
    pub demo: bool,
    /// How a demonstration is kept.
    pub keep: Option<Keep>,
    /// The language model that is asked about objectives, if one is.
    pub language_model: Option<Settings>,
    /// What is wrong around the board, and said when it opens.
    pub trouble: Option<String>,
    /// Whether the mouse clicks and drags.
    pub mouse: bool,
    /// The screen that comes up first.
    pub screen: Screen,
    /// Runs on a thread of its own while the board is open.
    pub background: Option<Background>,
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("actor", &self.actor).field("theme", &self.theme).finish_non_exhaustive()
    }
}

impl Options {
    /// The usual way to open a board as `actor`.
    pub fn new(actor: Actor) -> Self {
        Self {
            actor,
            theme: "auto".into(),
            config: None,
            read_only: false,
            demo: false,
            keep: None,
            language_model: None,
            trouble: None,
            mouse: true,
            screen: Screen::Board,
            background: None,
        }
    }
}

/// Why the board could not be opened, or had to close.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The terminal.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// The service.
    #[error(transparent)]
    Service(#[from] crate::service::Error),
    /// A part of the program.
    #[error("{0}; this is a bug in vayu")]
    Broken(String),
}

/// Opens the board and returns when its user has closed it.
///
/// # Errors
/// When there is no terminal or no second connection to the store, or when a part of the program has failed.
pub fn run(service: Service, options: Options) -> Result<(), Error> {
    let (post, messages) = mpsc::channel();
    let (orders, to_do) = mpsc::channel();
    let stop = Arc::new(AtomicBool::new(false));
    let folder = service.folder();
    worker::watch(service.another()?, Arc::clone(&stop), post.clone())?;
    let forecasting = service.opener();
    let board_clock = service.clock();
    let now = service.now().wall;
    worker::work(service, options.actor.clone(), to_do, post.clone())?;
    let planner = worker::plan(post.clone())?;
    let forecaster = worker::foretell(forecasting, !options.read_only, post.clone())?;
    let orchestrates = options.background.is_some();
    let beside = options.background.map(|work| Beside::start(work, &stop, post.clone())).transpose()?;
    let modes = Modes { mouse: options.mouse, kitty: false };
    let own_post = post.clone();
    let terminal = Terminal::open(modes, move |event| drop(post.send(Msg::Terminal(event))))?;
    let flags = Flags { read_only: options.read_only, demo: options.demo, orchestrates };
    let (looks, keys, mistakes) = furnish(&options.theme, options.config.as_deref(), options.mouse);
    let size = terminal.size();
    let clock = Clock { wall: now, run: Duration::ZERO };
    let mut model = Model::new((size.width, size.height), options.actor, flags, looks, keys, clock);
    model.screen = options.screen;
    model.zone = chrono::Local::now().offset().fix();
    if let Some(wrong) = mistakes.first().map(ToString::to_string).or(options.trouble) {
        model.complain(wrong);
    }
    model.keep = options.keep;
    model.language_model = options.language_model.map(Arc::new);
    let mut app = App::new(model, terminal, Threads { orders, planner, forecaster, post: own_post }, board_clock);
    let ended = app.run(&messages);
    stop.store(true, Ordering::Relaxed);
    let unsent = std::mem::take(&mut app.model.unsent);
    let unheard = std::mem::take(&mut app.unheard);
    drop(app);
    for line in unheard {
        let _ = writeln!(std::io::stderr(), "{line}");
    }
    say_where(unsent.values().map(|unsent| &unsent.writing));
    if let Some(beside) = beside {
        beside.end(folder.as_deref());
    }
    ended
}

/// Texts that never reached the board lie in files; the terminal that hears of it may be gone.
fn say_where<'a>(unsent: impl Iterator<Item = &'a Writing>) {
    for Writing { number, file, .. } in unsent {
        if let Some(file) = file {
            let _ = writeln!(std::io::stderr(), "The text of {number} was not sent; it is kept in {}", file.display());
        }
    }
}

/// What a change came to that was not made, and what was typed for it, for a plain terminal.
fn failure(msg: &Msg) -> Option<String> {
    let (write, failure) = match msg {
        Msg::Done(write, Err(failure)) => (Some(write), failure),
        Msg::Told(Err(failure)) => (None, failure),
        _ => return None,
    };
    let what = write.map(|write| write.said.as_str()).filter(|said| !said.is_empty());
    let what =
        what.map_or_else(|| "The last change".into(), |said| format!("\u{201c}{}\u{201d}", text::clip(said, 80)));
    let mut line = format!("{what} did not reach the board: {}", text::clip(&failure.to_string(), 400));
    if let Some((_, typed)) = write.and_then(|write| write.typed.as_ref()) {
        for part in text::wrap(typed, 200, usize::MAX) {
            line.push_str("\n  ");
            line.push_str(&part);
        }
    }
    Some(line)
}

/// The work beside the board, while it runs.
struct Beside {
    done: Receiver<()>,
}

impl Beside {
    fn start(work: Background, stop: &Arc<AtomicBool>, post: Sender<Msg>) -> std::io::Result<Self> {
        let (finished, done) = mpsc::channel();
        let stop = Arc::clone(stop);
        worker::spawn("background", post, move || {
            work(stop);
            // The board may have ended without waiting.
            let _ = finished.send(());
        })?;
        Ok(Self { done })
    }

    /// Gives the work, which was told to stop, a moment to do so; a notice wakes it if it sleeps.
    fn end(&self, folder: Option<&std::path::Path>) {
        if let Some(folder) = folder {
            Notifier::at(folder).send();
        }
        let _ = self.done.recv_timeout(LAST_STEPS);
    }
}

/// Themes and keys: built in, and changed by the files in the configuration folder.
fn furnish(theme: &str, config: Option<&std::path::Path>, mouse: bool) -> (Looks, Keymap, Vec<Mistake>) {
    let var = |name: &str| std::env::var(name).ok();
    let themes = config.map(|folder| folder.join("themes"));
    let (wardrobe, mut mistakes) = Wardrobe::open(Level::detect(var), theme, themes.as_deref());
    let user_keys = config.map_or(Ok(None), |folder| Source::read(&folder.join("keys.toml")));
    let keys =
        user_keys.and_then(|source| source.map_or_else(|| Ok(Keymap::built_in()), |source| Keymap::with_user(&source)));
    let keys = keys.unwrap_or_else(|mistake| {
        mistakes.push(mistake);
        Keymap::built_in()
    });
    let looks = Looks { theme: wardrobe.theme(), wardrobe, charset: Charset::detect(var), mouse };
    (looks, keys, mistakes)
}

fn title(asks: usize) -> String {
    if asks == 0 { "vayu".into() } else { format!("vayu {}{asks}", super::glyph::ASK) }
}

/// What is left of a stretch of time that began then.
fn left(time: Duration, since: Instant) -> Duration {
    time.saturating_sub(since.elapsed())
}

/// For whom a frame is, the least pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Haste {
    /// Nobody waits for it.
    News,
    /// Somebody has pressed a key; keys that repeat share frames.
    Key,
    /// What a key asked for has been read. At most one for each key, so it need not wait for the pace.
    Answer,
}

/// Ways to the threads behind the screen, and theirs to it. They end only together with the board.
struct Threads {
    orders: Sender<Order>,
    planner: Planner,
    forecaster: Sender<Look>,
    post: Sender<Msg>,
}

struct App {
    model: Model,
    terminal: Terminal,
    threads: Threads,
    start: Instant,
    /// The board's time, which is not the host's in a demonstration.
    board_clock: Arc<dyn crate::service::env::Clock>,
    read: Option<(Wanted, Instant)>,
    drawn: Option<Instant>,
    /// When a frame was drawn last that answered somebody at the keyboard.
    answered: Option<Instant>,
    dirty: bool,
    /// For whom the next frame is.
    haste: Haste,
    /// What the screen turned to is being read.
    awaited: bool,
    ended: Option<Result<(), Error>>,
    /// What went wrong when nobody looked any more.
    unheard: Vec<String>,
}

impl App {
    fn new(
        model: Model,
        terminal: Terminal,
        threads: Threads,
        board_clock: Arc<dyn crate::service::env::Clock>,
    ) -> Self {
        let start = Instant::now();
        Self {
            model,
            terminal,
            threads,
            start,
            board_clock,
            read: None,
            drawn: None,
            answered: None,
            dirty: true,
            haste: Haste::News,
            awaited: false,
            ended: None,
            unheard: Vec::new(),
        }
    }

    fn run(&mut self, messages: &Receiver<Msg>) -> Result<(), Error> {
        self.read_if_needed();
        self.meet_terminal(messages)?;
        while self.ended.is_none() {
            self.draw_if_due()?;
            match messages.recv_timeout(self.rest()) {
                Ok(msg) => self.take(msg)?,
                Err(RecvTimeoutError::Timeout) => self.take(Msg::Tick)?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            // Everything that has queued up is handled before a frame is drawn.
            while let (None, Ok(msg)) = (&self.ended, messages.try_recv()) {
                self.take(msg)?;
            }
            self.read_if_needed();
        }
        self.finish_writes(messages);
        self.ended.take().unwrap_or(Ok(()))
    }

    /// Asks the terminal what it can do, and gives it a moment to answer before the first frame.
    fn meet_terminal(&mut self, messages: &Receiver<Msg>) -> Result<(), Error> {
        self.terminal.ask()?;
        while let Some(left) = FIRST_ANSWERS.checked_sub(self.start.elapsed()) {
            let Ok(msg) = messages.recv_timeout(left) else { break };
            let last = matches!(msg, Msg::Terminal(Event::Input(Input::Reply(Reply::End))));
            self.take(msg)?;
            if last {
                break;
            }
        }
        Ok(())
    }

    fn clock(&self) -> Clock {
        Clock { wall: self.board_clock.now().wall, run: self.start.elapsed() }
    }

    fn take(&mut self, msg: Msg) -> Result<(), Error> {
        if let Msg::Broken(what) = &msg {
            self.ended = Some(Err(Error::Broken(what.clone())));
            return Ok(());
        }
        let resized = matches!(msg, Msg::Terminal(Event::Resized | Event::Continued));
        let gone = matches!(msg, Msg::Terminal(Event::Gone));
        self.dirty = true;
        self.haste = self.haste.max(match &msg {
            Msg::Seen(_) if std::mem::take(&mut self.awaited) => Haste::Answer,
            Msg::Terminal(Event::Input(_)) => Haste::Key,
            _ if resized => Haste::Key,
            _ => Haste::News,
        });
        let clock = self.clock();
        let effects = update(&mut self.model, clock, msg);
        self.carry_out(effects)?;
        if gone {
            Terminal::close_soon();
        }
        if resized {
            let size = self.terminal.size();
            let effects = update(&mut self.model, clock, Msg::Size(size.width, size.height));
            self.carry_out(effects)?;
        }
        Ok(())
    }

    /// How long to wait for a message.
    fn rest(&self) -> Duration {
        let until_frame = self.dirty.then(|| self.until_frame());
        let until_read = self.read.as_ref().filter(|_| self.model.stale).map(|(_, read)| left(NEWS, *read));
        let waits = [until_frame, until_read].into_iter().flatten();
        waits.fold(patience(&self.model, self.start.elapsed()), Duration::min)
    }

    /// How long the next frame has to wait.
    fn until_frame(&self) -> Duration {
        let (pace, since) = match (self.model.head.slow, self.haste) {
            (true, _) => (SLOW_FRAME, self.drawn),
            (false, Haste::Answer) => return Duration::ZERO,
            (false, Haste::Key) => (FRAME, self.answered),
            (false, Haste::News) => (FRAME, self.drawn),
        };
        since.map_or(Duration::ZERO, |since| left(pace, since))
    }

    fn draw_if_due(&mut self) -> Result<(), Error> {
        if !self.dirty || !self.until_frame().is_zero() {
            return Ok(());
        }
        let model = &self.model;
        self.terminal.draw(|frame| {
            if let Some(cursor) = view(model, frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        })?;
        self.drawn = Some(Instant::now());
        if std::mem::replace(&mut self.haste, Haste::News) == Haste::Key {
            self.answered = self.drawn;
        }
        let slow = self.terminal.last_write() > SLOW;
        self.dirty = slow != self.model.head.slow;
        self.model.head.slow = slow;
        Ok(())
    }

    /// Has read what the screen shows, if that is something else now or may have changed.
    fn read_if_needed(&mut self) {
        let wanted = self.model.wanted();
        let due = match &self.read {
            Some((read, at)) if *read == wanted => self.model.stale && left(NEWS, *at).is_zero(),
            _ => true,
        };
        if due {
            self.awaited |= self.read.as_ref().is_none_or(|(read, _)| *read != wanted);
            self.model.stale = false;
            self.order(Order::Read(Box::new(wanted.clone())));
            self.read = Some((wanted, Instant::now()));
        }
    }

    /// The worker ends only together with the board, which its alarm sees to.
    fn order(&self, order: Order) {
        let _ = self.threads.orders.send(order);
    }

    fn carry_out(&mut self, effects: Effects) -> Result<(), Error> {
        for effect in effects {
            match effect {
                Effect::Write(write) => self.order(Order::Write(write)),
                Effect::Compute(job) => self.order(Order::Compute(job)),
                Effect::Aside(work) => worker::aside(work, self.threads.post.clone())?,
                Effect::Improve(improve) => self.threads.planner.order(improve),
                // As above: it ends only together with the board.
                Effect::Foretell(look) => drop(self.threads.forecaster.send(look)),
                Effect::Say(sequence) => self.terminal.say(&sequence)?,
                Effect::Ring(what) => self.terminal.ring(&what)?,
                Effect::Title(asks) => self.terminal.set_title(&title(asks))?,
                Effect::Copy(text) => self.terminal.copy(&text)?,
                Effect::Edit(writing) => self.edit(writing)?,
                Effect::Forget(file) => editor::forget(&file),
                Effect::Mouse(mouse) => self.terminal.set_modes(Modes { mouse, ..self.terminal.modes() })?,
                Effect::Kitty => self.terminal.set_modes(Modes { kitty: true, ..self.terminal.modes() })?,
                Effect::Redraw => self.terminal.redraw()?,
                Effect::Suspend => self.suspend()?,
                Effect::Resume => self.terminal.take_again()?,
                Effect::Quit => self.ended = Some(Ok(())),
            }
        }
        Ok(())
    }

    /// Back to the shell, if there is one.
    fn suspend(&mut self) -> Result<(), Error> {
        if self.terminal.suspend()? {
            return Ok(());
        }
        let why = "No shell started this board, so there is none to go back to; q quits.";
        self.take(Msg::Told(Err(Failure::World(why.into()))))
    }

    /// Edits a text in the user's editor, which has the terminal meanwhile.
    fn edit(&mut self, mut writing: Box<Writing>) -> Result<(), Error> {
        let ended = editor::edit(&mut self.terminal, &mut writing);
        self.take(Msg::Edited(writing, ended))
    }

    /// Waits a moment for what was ordered last, such as an answer that was held back.
    fn finish_writes(&mut self, messages: &Receiver<Msg>) {
        let (done, rested) = mpsc::channel();
        self.order(Order::Rest(done));
        let rests = rested.recv_timeout(LAST_WRITES).is_ok();
        for msg in messages.try_iter() {
            let clock = self.clock();
            self.unheard.extend(failure(&msg));
            if matches!(msg, Msg::Texted(..)) {
                // It says which texts are kept, and where.
                update(&mut self.model, clock, msg);
            }
        }
        if !rests {
            self.unheard.push("The board took too long; what was done last may not be on it.".into());
        }
    }
}
