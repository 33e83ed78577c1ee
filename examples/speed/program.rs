//! A program that runs to its end: how long it takes, how much memory it needs.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::measure::ms;

/// How long a program may take before the run is given up.
const PATIENCE: Duration = Duration::from_mins(10);
/// A program that has used no processor for so long, with a full pipe before it, waits for its reader.
const ASLEEP: Duration = Duration::from_millis(60);

/// A program, where it runs and in which environment.
#[derive(Debug, Clone)]
pub struct Program {
    /// The file.
    pub path: PathBuf,
    /// Where it runs.
    pub folder: PathBuf,
    /// Variables that are set, and those that are taken away.
    pub env: Vec<(String, Option<String>)>,
}

impl Program {
    /// A program in a folder.
    pub fn new(path: &Path, folder: &Path) -> Self {
        Self { path: path.to_owned(), folder: folder.to_owned(), env: Vec::new() }
    }

    /// With these variables.
    pub fn with(mut self, variables: &[(&str, &str)]) -> Self {
        self.env.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))));
        self
    }

    /// Without these variables.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.env.extend(names.iter().map(|name| ((*name).to_owned(), None)));
        self
    }

    /// Ready to be started; says nothing to anybody.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(args).current_dir(&self.folder);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs it; its output must say yes.
    pub fn run(&self, args: &[&str]) -> Outcome<()> {
        let output = self.command(args).stderr(Stdio::piped()).output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(format!("{} {}: {}", self.path.display(), args.join(" "), said.trim()).into())
    }

    /// What it prints.
    pub fn output(&self, args: &[&str]) -> Outcome<String> {
        let output = self.command(args).stdout(Stdio::piped()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Milliseconds from its start to its end.
    pub fn time(&self, args: &[&str]) -> Outcome<f64> {
        let start = Instant::now();
        self.run(args)?;
        Ok(ms(start.elapsed()))
    }

    /// The most memory that it held, in MB. Its output goes into a pipe that is full, so that it can be looked at
    /// before it ends.
    pub fn peak(&self, args: &[&str]) -> Outcome<f64> {
        let (reader, writer) = std::io::pipe()?;
        let filled = fill(&writer)?;
        let mut child = self.command(args).stdout(writer).spawn()?;
        let peak = watch(&mut child, reader, filled);
        child.kill()?;
        child.wait()?;
        peak
    }
}

/// Fills a pipe; how many bytes it took.
fn fill(mut writer: &PipeWriter) -> Outcome<usize> {
    rustix::io::ioctl_fionbio(writer, true)?;
    let mut filled = 0;
    while let Ok(count) = writer.write(&[b'\n'; 4096]) {
        filled += count;
    }
    rustix::io::ioctl_fionbio(writer, false)?;
    Ok(filled)
}

/// Lets the program write bit by bit and notes how much memory it has meanwhile.
fn watch(child: &mut Child, mut reader: PipeReader, filled: usize) -> Outcome<f64> {
    let mut buffer = vec![0; 1 << 16];
    let (start, mut peak, mut read) = (Instant::now(), 0.0_f64, 0);
    while start.elapsed() < PATIENCE {
        if wait_asleep(child.id()) {
            peak = peak.max(memory(child.id(), "VmHWM:").unwrap_or_default());
        }
        match reader.read(&mut buffer)? {
            0 => return Ok(peak),
            count => read += count,
        }
        if read > filled + (8 << 20) {
            return Ok(peak);
        }
    }
    Err("it does not end".into())
}

/// Waits until a process uses no processor; false if it has ended.
fn wait_asleep(pid: u32) -> bool {
    let (mut ticks, mut since) = (cpu_ms(pid), Instant::now());
    while since.elapsed() < ASLEEP {
        std::thread::sleep(Duration::from_millis(5));
        let now = cpu_ms(pid);
        if now != ticks {
            (ticks, since) = (now, Instant::now());
        }
    }
    memory(pid, "VmHWM:").is_some()
}

/// A field of a process's status, in MB; none when it has ended.
pub fn memory(pid: u32, field: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}

/// Milliseconds of processor that a process has used; none when it has ended.
pub fn cpu_ms(pid: u32) -> Option<f64> {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    let used = |thread: std::fs::DirEntry| -> Option<f64> {
        let times = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse().ok()
    };
    Some(threads.flatten().filter_map(used).sum::<f64>() / 1e6)
}

/// Where a program lies, if it is installed.
pub fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}
