//! R16, R17 and R19: a terminal that is resized without end, one that goes away, and one that texts want to command.

use std::io::{Read, Write};
use std::num::NonZero;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::seed;
use super::team::{Home, await_that};
use super::ways::{BACK, WAYS};

const VAYU: &str = env!("CARGO_BIN_EXE_vayu");

/// A board in a terminal whose screen can be read.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Every byte that came.
    said: Arc<Mutex<Vec<u8>>>,
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn some(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("no window is without cells")
}

impl Terminal {
    fn with(home: &Home, program: &str, args: &[&str]) -> Self {
        let pair = native_pty_system().openpty(size(30, 100)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.cwd(home.path());
        command.env("TERM", "xterm-256color");
        command.env("VISUAL", "sh editor");
        command.env("VAYU_USER", "po");
        let child = pair.slave.spawn_command(command).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(some(30), some(100), 0)));
        let said: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (mut output, seen, kept) =
            (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen), Arc::clone(&said));
        std::thread::spawn(move || {
            let mut bytes = [0; 16 << 10];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..count]);
                let mut kept = kept.lock().unwrap();
                kept.extend_from_slice(&bytes[..count]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self { child, master: pair.master, keys, screen, said }
    }

    fn resize(&self, rows: u16, cols: u16) {
        self.screen.lock().unwrap().screen_mut().set_size(some(rows), some(cols));
        self.master.resize(size(rows, cols)).unwrap();
    }

    fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    fn until(&self, words: &str) {
        await_that(words, || self.text().contains(words), || self.text());
    }
}

/// The keys of a way as a terminal sends them, word by word; none where the way waits.
fn keys(way: &str) -> impl Iterator<Item = Option<&str>> {
    way.split_whitespace().map(|word| match word {
        "wait" => None,
        "<enter>" => Some("\r"),
        "<esc>" => Some("\x1b"),
        "<tab>" => Some("\t"),
        "␣" => Some(" "),
        word => Some(word),
    })
}

impl Terminal {
    fn walk(&mut self, way: &str) {
        for key in keys(way) {
            match key {
                Some(key) => self.press(key),
                None => std::thread::sleep(Duration::from_millis(500)),
            }
            // An escape that something follows at once is the beginning of another key.
            if key == Some("\x1b") {
                std::thread::sleep(Duration::from_millis(60));
            }
        }
    }

    /// Walks back to the board; on a machine that has much else to do a key may come too early, so it tries again.
    fn go_home(&mut self, way: &str) {
        self.walk(way);
        for _ in 0..20 {
            let until = Instant::now() + Duration::from_secs(1);
            while Instant::now() < until {
                if self.text().contains("In progress") {
                    return;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            self.walk(BACK);
        }
        panic!("no way leads back to the board:\n{}", self.text());
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// True if what is on the screen was drawn for a window of so many columns: the header ends where it does.
    fn is_drawn_for(&self, cols: u16) -> bool {
        let seen = self.screen.lock().unwrap();
        let header = seen.screen().rows(0, 500).next().unwrap_or_default();
        header.trim_end().ends_with("live") && header.trim_end().chars().count() == usize::from(cols) - 1
    }
}

/// Two texts for the first ready task: the editor below lets somebody else be quicker.
const CLASH: (&str, &str) = ("clash", "h h h h l g g <enter> E");

/// A board with something on every screen, on which somebody else changes a text while an editor is open.
fn board_with_an_editor(title: &str) -> Home {
    let home = Home::new();
    for n in 0..4 {
        home.ok(&["task", "create", &format!("{title} {n}"), "--description", title]);
    }
    home.ok(&["agent", "add", "ada"]);
    home.ok(&["ask", "1", &format!("{title}?"), "--option", title, "--option", "no"]);
    let edit = format!("{VAYU} --as ravi task edit $n --description \"theirs $(date +%N)\"");
    let script = format!("for n in 1 2 3 4; do {edit}; done; echo mine > \"$1\"");
    std::fs::write(home.path().join("editor"), script).unwrap();
    home
}

#[test]
fn r16_a_storm_of_sizes_on_every_screen_ends_in_the_last_size() {
    let mut random = fastrand::Rng::with_seed(seed("R16", 16));
    let home = board_with_an_editor("The first task");
    let mut terminal = Terminal::with(&home, VAYU, &["board", "--theme", "vayu-dark"]);
    terminal.until("The first task");
    let mut late = Vec::new();
    for (name, way) in WAYS.iter().chain([&CLASH]) {
        terminal.walk(way);
        if *name == "clash" {
            terminal.until("Two texts");
        }
        let (changes, pause) = super::size((8, 1), (500, 4));
        for _ in 0..changes {
            terminal.resize(random.u16(1..=200), random.u16(1..=500));
            std::thread::sleep(Duration::from_millis(pause));
        }
        // A column more or less, so that what was drawn for another size is never taken for it.
        let cols = 100 + random.u16(0..40);
        terminal.resize(30, cols);
        let begun = Instant::now();
        let (is_drawn, seen) = (|| terminal.is_drawn_for(cols), || format!("{name}:\n{}", terminal.text()));
        await_often(&format!("{name} is drawn in {cols} columns"), is_drawn, seen);
        late.push(begun.elapsed());
        assert!(terminal.is_alive(), "the board has ended on {name}");
        terminal.go_home(if *name == "clash" { "wait t" } else { BACK });
    }
    late.sort_unstable();
    let (middle, worst) = (late[late.len() / 2], late[late.len() - 1]);
    println!("R16: the last size was drawn after {middle:?}, at worst {worst:?}");
    // Beside many other tests a machine has other things to do; a board that does not hear of sizes takes far longer.
    assert!(middle < super::size(Duration::from_millis(300), Duration::from_millis(100)), "drawn after {middle:?}");
    terminal.until("The first task");
    terminal.child.kill().unwrap();
}

/// What a text would like a terminal to do, each in words by which it is known.
const HOSTILE: &str = "\u{1b}]0;pwned\u{7}\u{1b}]52;c;cHduZWQ=\u{7}\u{1b}Pqpwned\u{1b}\\\u{9b}31mpwned\u{202e}dewnwp\u{2066}\
    \u{1b}]8;;http://pwned\u{1b}\\\u{200b}\u{e0041}\u{85}";

#[test]
fn r19_no_text_commands_a_real_terminal_from_any_screen() {
    let home = board_with_an_editor(HOSTILE);
    let mut terminal = Terminal::with(&home, VAYU, &["board", "--theme", "vayu-dark"]);
    terminal.until("pwned");
    for (name, way) in WAYS.iter().chain([&CLASH]) {
        terminal.walk(way);
        if *name == "clash" {
            terminal.until("Two texts");
        }
        terminal.press("\x0c");
        std::thread::sleep(Duration::from_millis(60));
        terminal.go_home(if *name == "clash" { "wait t" } else { BACK });
    }
    assert!(terminal.is_alive());
    terminal.child.kill().unwrap();
    for args in [
        &["export", "--to", "markdown"][..],
        &["export", "--to", "csv"],
        &["export"],
        &["log"],
        &["log", "--json"],
        &["inbox"],
        &["inbox", "--json"],
        &["task", "list"],
        &["task", "list", "--json"],
        &["task", "status", HOSTILE],
    ] {
        let mut plain = Terminal::with(&home, VAYU, args);
        plain.until("pwned");
        await_that("it ends", || !plain.is_alive(), String::new);
        check_bytes(&plain, &args.join(" "));
    }
    check_bytes(&terminal, "the board");
}

/// Nothing of a hostile text was sent as it is; titles of windows are vayu's own.
fn check_bytes(terminal: &Terminal, what: &str) {
    let said = String::from_utf8_lossy(&terminal.said.lock().unwrap()).into_owned();
    for bad in [
        "\u{1b}]0;pwned",
        "\u{1b}]52;c;cHdu",
        "\u{1b}Pq",
        "\u{1b}]8;;http://pwned",
        "\u{9b}",
        "\u{85}",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{e0041}",
    ] {
        assert!(!said.contains(bad), "{what} sends {bad:?}");
    }
    for title in said.split("\u{1b}]0;").skip(1) {
        assert!(title.starts_with("vayu"), "{what} sets a title: {:?}", &title[..title.len().min(40)]);
    }
}

/// Like [`await_that`] for what comes within milliseconds.
fn await_often(what: &str, mut condition: impl FnMut() -> bool, explain: impl Fn() -> String) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    await_that(what, condition, explain);
}

/// Ids of the boards that run in this folder.
fn boards(home: &Home) -> Vec<String> {
    let here = home.path().canonicalize().unwrap();
    let is_here = |entry: &std::fs::DirEntry| {
        let program = std::fs::read_link(entry.path().join("exe")).ok();
        let folder = std::fs::read_link(entry.path().join("cwd")).ok();
        program.is_some_and(|program| program.ends_with("vayu")) && folder.as_deref() == Some(&*here)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.filter(is_here).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Runs the board in a pane of tmux, by this shell command, and kills the pane.
fn kill_pane_of(home: &Home, shell: &str) {
    home.ok(&["task", "create", "The first task"]);
    let socket = home.path().join("tmux");
    let tmux = |args: &[&str]| {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&socket).args(args).current_dir(home.path()).env_remove("TMUX");
        command.stdin(Stdio::null()).output().unwrap()
    };
    tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", shell]);
    let screen = || String::from_utf8_lossy(&tmux(&["capture-pane", "-p"]).stdout).into_owned();
    await_that("the board is drawn", || screen().contains("The first task"), screen);
    assert_eq!(boards(home).len(), 1);
    tmux(&["kill-pane"]);
    await_that("the board is gone", || boards(home).is_empty(), || boards(home).join(", "));
    tmux(&["kill-server"]);
}

#[test]
fn r17_a_pane_that_is_killed_takes_its_board_along() {
    kill_pane_of(&Home::new(), &format!("{VAYU} board"));
}

#[test]
fn r17_a_line_that_is_closed_ends_the_board_even_below_a_shell_that_ignores_it() {
    kill_pane_of(&Home::new(), &format!("trap '' HUP; {VAYU} board; sleep 1"));
}
