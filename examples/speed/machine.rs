//! Where and of what the figures were taken.

use std::fmt;
use std::process::Command;

use serde::Serialize;

use crate::ground::Ground;

/// The machine, the day and the program.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// When, in UTC.
    pub date: String,
    /// Of the sources, with a mark when something was changed since.
    pub commit: String,
    /// How the suite was called.
    pub command: String,
    /// Model and number of the processors.
    pub processor: String,
    /// Kernel.
    pub system: String,
    /// Load of the last minute, before the first figure was taken.
    pub load: String,
    /// Bytes of the program.
    pub program_bytes: u64,
    /// The other programs and their versions.
    pub peers: Vec<String>,
}

impl Machine {
    /// This one.
    pub fn here(ground: &Ground) -> Self {
        let words = ground.options.words();
        Self {
            date: chrono::Utc::now().format("%Y-%m-%d %H:%M UTC").to_string(),
            commit: said("git", &["describe", "--always", "--dirty", "--exclude=*"])
                .unwrap_or_else(|| "unknown".into()),
            command: format!("cargo run --release --example speed -- {words}").trim_end_matches([' ', '-']).to_owned(),
            processor: processor(),
            system: said("uname", &["-sr"]).unwrap_or_default(),
            load: read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned(),
            program_bytes: std::fs::metadata(&ground.program).map_or(0, |file| file.len()),
            peers: peers(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} · commit {} · {} bytes", self.date, self.commit, self.program_bytes)?;
        writeln!(f, "{} · {} · load {}", self.processor, self.system, self.load)?;
        write!(f, "beside: {}", self.peers.join(", "))
    }
}

fn processor() -> String {
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    format!("{count} × {}", model.map_or("processor", |(_, name)| name))
}

fn peers() -> Vec<String> {
    let first_line = |text: String| text.lines().next().unwrap_or_default().trim().to_owned();
    [("task", "--version"), ("taskwarrior-tui", "--version"), ("htop", "--version"), ("less", "--version")]
        .into_iter()
        .filter_map(|(name, option)| said(name, &[option]).map(first_line).map(|said| named(name, &said)))
        .collect()
}

fn named(name: &str, said: &str) -> String {
    if said.contains(name) { said.to_owned() } else { format!("{name} {said}") }
}

fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
