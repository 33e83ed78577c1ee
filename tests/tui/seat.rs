//! Somebody who sits before a board: presses keys, waits, and looks at the screen.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use vayu::domain::Actor;
use vayu::plan::prospect::How;
use vayu::service::env::FrozenClock;
use vayu::service::{Service, forecast};
use vayu::tui::editor::{Ended, Writing};
use vayu::tui::effect::{Effect, Look, Planned};
use vayu::tui::glyph::Charset;
use vayu::tui::keymap::Keymap;
use vayu::tui::model::{Flags, Looks, Model};
use vayu::tui::msg::{Clock, Msg};
use vayu::tui::screen::plan::News;
use vayu::tui::terminal::{Button, Code, Event, Input, Key, Mouse, MouseKind};
use vayu::tui::theme::{Level, Wardrobe};
use vayu::tui::update::update;
use vayu::tui::view::view;
use vayu::tui::worker;

/// A seat before a board.
pub struct Seat {
    pub model: Model,
    pub service: Service,
    pub clock: FrozenClock,
    run: Duration,
    pub copied: Vec<String>,
    pub rung: Vec<String>,
    /// What lies in the editor.
    pub writing: Option<Box<Writing>>,
    /// What the worker has done lies here instead of being told, until it is told.
    pub late: Option<Vec<Msg>>,
    /// Writes in the order in which they went to the worker, and programs that got the terminal.
    pub order: Vec<&'static str>,
    /// Files of texts that are not needed any more.
    pub forgotten: Vec<PathBuf>,
    pub ended: bool,
}

impl Seat {
    /// A seat before this board, in a window of this size.
    pub fn before((service, clock): (Service, FrozenClock), size: (u16, u16)) -> Self {
        Self::with(service, clock, size, Flags::default())
    }

    /// The same, opened in another way.
    pub fn with(service: Service, clock: FrozenClock, size: (u16, u16), flags: Flags) -> Self {
        let (wardrobe, _) = Wardrobe::open(Level::True, "vayu-dark", None);
        let looks = Looks { theme: wardrobe.theme(), wardrobe, charset: Charset::Unicode, mouse: true };
        let at = Clock { wall: service.now().wall, run: Duration::ZERO };
        let model = Model::new(size, Actor::human("asha"), flags, looks, Keymap::built_in(), at);
        let run = Duration::from_secs(1);
        let mut seat = Self {
            model,
            service,
            clock,
            run,
            copied: Vec::new(),
            rung: Vec::new(),
            writing: None,
            late: None,
            order: Vec::new(),
            forgotten: Vec::new(),
            ended: false,
        };
        seat.take(Msg::Tick);
        seat
    }

    /// Handles a message and everything that follows from it.
    pub fn take(&mut self, msg: Msg) {
        let clock = Clock { wall: self.service.now().wall, run: self.run };
        let effects = update(&mut self.model, clock, msg);
        for effect in effects {
            let answer = match effect {
                Effect::Write(mut write) => {
                    self.order.push("write");
                    let done = worker::make(&mut self.service, &Actor::human("asha"), &write.what);
                    worker::name_reversed(&self.service, &mut write, done.as_ref().ok());
                    Msg::Done(write, done.map_err(Into::into))
                }
                Effect::Compute(job) => (job.run)(&mut self.service),
                Effect::Aside(work) => (work.run)(),
                Effect::Foretell(Look::Draft(planned)) => {
                    let how = How { runs: 500, seed: 1, advises: false };
                    let Planned { draft, ground, outlook } = *planned;
                    let found =
                        forecast::of_draft(self.service.read(), &self.service.now(), &draft, &ground, &outlook, how);
                    let prospect = found.unwrap().map(Box::new);
                    Msg::Plan(News::Foretold { draft: Box::new(draft), prospect })
                }
                Effect::Foretell(Look::Promise(planned)) => {
                    let (draft, ground) = *planned;
                    let how = How { runs: 500, seed: 1, advises: false };
                    let found = forecast::promise(self.service.read(), &self.service.now(), &draft, &ground, how);
                    Msg::Plan(News::Promised { draft: Box::new(draft), found: found.map_err(Into::into) })
                }
                Effect::Foretell(Look::Sprint) => {
                    let how = How { runs: 500, seed: 1, advises: true };
                    let found = forecast::look(&mut self.service, how, false).map(|found| found.map(Box::new));
                    Msg::Foretold { advises: true, found: found.map_err(Into::into) }
                }
                Effect::Improve(improve) => {
                    let mut found = Vec::new();
                    improve.run(&mut || false, &mut |news| found.push(Msg::Plan(news)));
                    match &mut self.late {
                        Some(late) => late.extend(found),
                        None => found.into_iter().for_each(|msg| self.take(msg)),
                    }
                    continue;
                }
                Effect::Copy(text) => {
                    self.copied.push(text);
                    continue;
                }
                Effect::Edit(mut writing) => {
                    self.order.push("editor");
                    writing.file.get_or_insert_with(|| "/tmp/vayu-text.md".into());
                    self.writing = Some(writing);
                    continue;
                }
                Effect::Forget(file) => {
                    self.forgotten.push(file);
                    continue;
                }
                Effect::Quit => {
                    self.ended = true;
                    continue;
                }
                _ => continue,
            };
            match &mut self.late {
                Some(late) => late.push(answer),
                None => self.take(answer),
            }
        }
        self.look();
    }

    /// From now on the worker takes its time.
    pub fn hold_back(&mut self) -> &mut Self {
        self.late = Some(Vec::new());
        self
    }

    /// The worker says what it has done meanwhile.
    pub fn tell(&mut self) -> &mut Self {
        self.late.take().into_iter().flatten().for_each(|msg| self.take(msg));
        self
    }

    /// Waits as long as a question that came up by itself is deaf.
    pub fn listen(&mut self) -> &mut Self {
        self.pass(Duration::from_millis(400))
    }

    /// Reads what the screen shows, until that does not change any more.
    fn look(&mut self) {
        for _ in 0..3 {
            let wanted = self.model.wanted();
            self.model.stale = false;
            let seen = wanted.read(&self.service).map(Box::new).map_err(Into::into);
            let clock = Clock { wall: self.service.now().wall, run: self.run };
            for effect in update(&mut self.model, clock, Msg::Seen(seen)) {
                match effect {
                    Effect::Ring(note) => self.rung.push(note),
                    Effect::Title(_) => {}
                    Effect::Improve(improve) => {
                        let mut tell = |news| drop(update(&mut self.model, clock, Msg::Plan(news)));
                        improve.run(&mut || false, &mut tell);
                    }
                    other => panic!("reading brings about {other:?}"),
                }
            }
            if self.model.wanted() == wanted {
                return;
            }
        }
    }

    /// Presses keys one after the other: `j`, `gg`, `<enter>`, `<c-d>`; spaces separate, `␣` is the space bar.
    pub fn press(&mut self, script: &str) -> &mut Self {
        for word in script.split_whitespace() {
            match word.strip_prefix('<').and_then(|word| word.strip_suffix('>')) {
                Some(name) => self.key(named(name)),
                None => word.chars().for_each(|c| self.key(Key::char(if c == '␣' { ' ' } else { c }))),
            }
        }
        self
    }

    /// Types a text.
    pub fn type_in(&mut self, text: &str) -> &mut Self {
        text.chars().for_each(|c| self.key(Key::char(c)));
        self
    }

    /// Closes the editor with this text in it.
    #[track_caller]
    pub fn close_editor(&mut self, text: &str, ended: Ended) -> &mut Self {
        let mut writing = self.writing.take().expect("an editor is open");
        writing.text = text.into();
        self.take(Msg::Edited(writing, ended));
        self
    }

    /// Presses one key.
    pub fn key(&mut self, key: Key) {
        self.input(Input::Key(key, None));
    }

    /// Something from the terminal.
    pub fn input(&mut self, input: Input) {
        self.run += Duration::from_millis(1);
        self.take(Msg::Terminal(Event::Input(input)));
    }

    /// Lets time pass on all clocks.
    pub fn pass(&mut self, time: Duration) -> &mut Self {
        self.run += time;
        self.clock.advance(chrono::TimeDelta::from_std(time).unwrap());
        self.take(Msg::Tick);
        self
    }

    /// Somebody else has committed.
    pub fn notice(&mut self) -> &mut Self {
        self.take(Msg::Changed);
        self
    }

    /// Does something with the mouse.
    pub fn mouse(&mut self, kind: MouseKind, (column, row): (u16, u16)) -> &mut Self {
        self.input(Input::Mouse(Mouse { kind, column, row }));
        self
    }

    /// Clicks.
    pub fn click(&mut self, at: (u16, u16)) -> &mut Self {
        self.mouse(MouseKind::Down(Button::Left), at).mouse(MouseKind::Up(Button::Left), at)
    }

    /// Makes the window another size.
    pub fn resize(&mut self, size: (u16, u16)) -> &mut Self {
        self.take(Msg::Size(size.0, size.1));
        self
    }

    /// The screen as cells.
    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let draw = |frame: &mut ratatui::Frame| {
            if let Some(cursor) = view(&self.model, frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        };
        terminal.draw(draw).unwrap().buffer.clone()
    }

    /// The screen as text, without spaces at the ends of lines.
    pub fn screen(&self) -> String {
        let buffer = self.buffer();
        let line = |y: u16| {
            let mut text = String::new();
            let mut x = 0;
            while x < buffer.area.width {
                let symbol = buffer[(x, y)].symbol();
                text.push_str(symbol);
                x += unicode_width::UnicodeWidthStr::width(symbol).max(1) as u16;
            }
            text.trim_end().to_owned()
        };
        (0..buffer.area.height).map(line).collect::<Vec<_>>().join("\n")
    }

    /// Fails with the screen if this text cannot be seen.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "`{text}` is not on the screen:\n{screen}");
        self
    }

    /// Fails with the screen if this text can be seen.
    #[track_caller]
    pub fn reject(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "`{text}` is on the screen:\n{screen}");
        self
    }

    /// Where a text begins on the screen.
    #[track_caller]
    pub fn find(&self, text: &str) -> (u16, u16) {
        let screen = self.screen();
        let found = screen.lines().enumerate().find_map(|(y, line)| {
            let at = line.find(text)?;
            Some((unicode_width::UnicodeWidthStr::width(&line[..at]) as u16, y as u16))
        });
        found.unwrap_or_else(|| panic!("`{text}` is not on the screen:\n{screen}"))
    }
}

fn named(name: &str) -> Key {
    let plain = Key::plain;
    match name {
        "enter" => plain(Code::Enter),
        "esc" => plain(Code::Esc),
        "tab" => plain(Code::Tab),
        "space" => Key::char(' '),
        "up" => plain(Code::Up),
        "down" => plain(Code::Down),
        "left" => plain(Code::Left),
        "right" => plain(Code::Right),
        "bs" => plain(Code::Backspace),
        "pgdn" => plain(Code::PageDown),
        _ => match name.strip_prefix("c-") {
            Some(letter) => Key::ctrl(letter.chars().next().unwrap()),
            None => panic!("no key <{name}>"),
        },
    }
}
