//! Makes `screenshots/*.svg`: runs the real program in a terminal of a given size, presses keys, and draws what it
//! shows. Run it with `cargo build --release && cargo run --release --example screenshots`.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use vt100::{Cell, Color, Parser};

type Failure = Box<dyn std::error::Error>;

/// A picture: its name, its size in cells, what to type at the demo board, and text that shows it is there.
type Scenario = (&'static str, (u16, u16), &'static [&'static str], &'static str);

const SCENARIOS: &[Scenario] = &[
    ("board-120x36", (120, 36), &[], "In progress"),
    ("board-80x24", (80, 24), &[], "In progress"),
    ("agents-120x36", (120, 36), &["2"], " load"),
    ("plan-120x36", (120, 36), &["3"], "Goal & dates"),
    ("forecast-120x36", (120, 36), &["F"], "hangs on"),
    ("inbox-120x36", (120, 36), &["4"], " to answer · "),
    ("task-120x36", (120, 36), &["l", "l", "\r"], "next section"),
    ("activity-120x36", (120, 36), &["7"], "newest first"),
    ("help-120x36", (120, 36), &["?"], "type to find"),
];

/// How long to wait for a picture to come to rest.
const PATIENCE: Duration = Duration::from_secs(20);
const REST: Duration = Duration::from_millis(600);

fn main() -> Result<(), Failure> {
    let program = program()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&folder)?;
    for (name, size, keys, sign) in SCENARIOS {
        let screen = play(&program, *size, keys, sign)?;
        std::fs::write(folder.join(format!("{name}.svg")), draw(&screen, *size))?;
        println!("{name}");
    }
    Ok(())
}

/// The program beside this example.
fn program() -> Result<PathBuf, Failure> {
    let here = std::env::current_exe()?;
    let folder = here.parent().and_then(Path::parent).ok_or("the example lies in the target folder")?;
    Ok(folder.join("vayu"))
}

fn play(program: &Path, (columns, rows): (u16, u16), keys: &[&str], sign: &str) -> Result<Parser, Failure> {
    let home = tempfile::tempdir()?;
    let pty = native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })?;
    let mut command = CommandBuilder::new(program);
    command.args(["demo", "--theme", "vayu-dark"]);
    command.cwd(home.path());
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8"), ("NO_COLOR", "")]
    {
        command.env(name, value);
    }
    let mut child = pty.slave.spawn_command(command)?;
    let output = follow(pty.master.try_clone_reader()?);
    let mut input = pty.master.take_writer()?;
    let mut screen = Parser::new(rows.try_into()?, columns.try_into()?, 0);
    settle(&output, &mut screen, "In progress");
    for key in keys {
        input.write_all(key.as_bytes())?;
        input.flush()?;
        settle(&output, &mut screen, sign);
    }
    child.kill()?;
    child.wait()?;
    Ok(screen)
}

fn follow(mut reader: Box<dyn std::io::Read + Send>) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 1 << 13];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if send.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receive
}

/// Reads until the sign is on screen and nothing has changed for a moment.
fn settle(output: &Receiver<Vec<u8>>, screen: &mut Parser, sign: &str) {
    let mut waited = Duration::ZERO;
    while waited < PATIENCE {
        match output.recv_timeout(REST) {
            Ok(bytes) => screen.process(&bytes),
            Err(_) if screen.screen().contents().contains(sign) => return,
            Err(_) => waited += REST,
        }
    }
}

const CELL: (f64, f64) = (8.4, 18.0);
const PAPER: &str = "#12171d";
const INK: &str = "#d9dfe7";

fn draw(parser: &Parser, (columns, rows): (u16, u16)) -> String {
    let (width, height) = (f64::from(columns) * CELL.0 + 20.0, f64::from(rows) * CELL.1 + 20.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.1} {height:.1}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{PAPER}\"/>\n\
         <g font-family=\"'DejaVu Sans Mono','JetBrains Mono',Menlo,monospace\" font-size=\"14\" transform=\"translate(10 10)\">\n"
    );
    for row in 0..rows {
        for run in runs(parser, row, columns) {
            run.draw(row, &mut svg);
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Neighbouring cells of one style.
struct Run {
    column: u16,
    cells: u16,
    text: String,
    ink: String,
    paper: Option<String>,
    style: String,
}

fn runs(parser: &Parser, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..columns {
        let Some(cell) = parser.screen().cell(row, column) else { continue };
        if cell.is_wide_continuation() {
            continue;
        }
        let run = Run::of(cell, column);
        match runs.last_mut() {
            Some(last) if last.continues(&run) => {
                last.text.push_str(&run.text);
                last.cells += run.cells;
            }
            _ => runs.push(run),
        }
    }
    runs
}

impl Run {
    fn of(cell: &Cell, column: u16) -> Self {
        let (mut ink, mut paper) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
        if cell.inverse() {
            (ink, paper) = (Some(paper.unwrap_or_else(|| PAPER.into())), Some(ink.unwrap_or_else(|| INK.into())));
        }
        let mut style = String::new();
        for (on, css) in [
            (cell.bold(), "font-weight=\"bold\" "),
            (cell.italic(), "font-style=\"italic\" "),
            (cell.underline(), "text-decoration=\"underline\" "),
        ] {
            style.push_str(if on { css } else { "" });
        }
        let text = if cell.has_contents() { cell.contents().to_owned() } else { " ".into() };
        let cells = if cell.is_wide() { 2 } else { 1 };
        Self { column, cells, text, ink: ink.unwrap_or_else(|| INK.into()), paper, style }
    }

    fn continues(&self, next: &Self) -> bool {
        self.column + self.cells == next.column
            && self.ink == next.ink
            && self.paper == next.paper
            && self.style == next.style
    }

    fn draw(&self, row: u16, svg: &mut String) {
        let (x, y) = (f64::from(self.column) * CELL.0, f64::from(row) * CELL.1);
        let width = f64::from(self.cells) * CELL.0;
        if let Some(paper) = &self.paper {
            let height = CELL.1;
            let _infallible = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{paper}\"/>"
            );
        }
        if self.text.trim().is_empty() {
            return;
        }
        let text = self.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _infallible = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{width:.1}\" xml:space=\"preserve\" {}fill=\"{}\">{text}</text>",
            y + CELL.1 * 0.75,
            self.style,
            self.ink
        );
    }
}

/// A terminal colour as SVG takes it; none for the terminal's own.
fn colour(colour: Color) -> Option<String> {
    const BASE: [&str; 16] = [
        "#1c232b", "#ff8078", "#5fd3a2", "#f2c14e", "#5c8cf5", "#b9a6ff", "#5cc8f5", "#d9dfe7", "#46515e", "#ff9a94",
        "#7fe0b8", "#f7d27a", "#7fa6ff", "#cbbdff", "#86d8ff", "#ffffff",
    ];
    match colour {
        Color::Default => None,
        Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        Color::Idx(index @ 0..16) => Some(BASE[usize::from(index)].to_owned()),
        Color::Idx(index @ 16..232) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
            let index = index - 16;
            Some(format!("#{:02x}{:02x}{:02x}", level(index / 36), level(index / 6 % 6), level(index % 6)))
        }
        Color::Idx(index) => {
            let grey = 8 + (index - 232) * 10;
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
    }
}
