//! Any Unix, macOS above all: the process table is what `ps` prints. Slower than `/proc`, and start times count seconds.

use std::process::{Command, Output, Stdio};
use std::time::Duration;
use std::{io, thread};

use rustix::process::{Pid, Signal};

use super::{Process, Seen, Trace};

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn boot() -> io::Result<String> {
    let output = output("sysctl", &["-n", "kern.bootsessionuuid"])?;
    // A system that does not name its boots has one name for all of them.
    let name = if output.status.success() { String::from_utf8_lossy(&output.stdout) } else { "nameless".into() };
    Ok(name.trim().to_owned())
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn table() -> io::Result<Option<String>> {
    Ok(None)
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn sees_all(_table: Option<&str>) -> bool {
    true
}

pub(super) fn listing() -> io::Result<impl Iterator<Item = io::Result<Seen>>> {
    Ok(list(&["-axo", COLUMNS])?.into_iter().rev().map(Ok))
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn look_at(pid: i32) -> io::Result<Seen> {
    Ok(list(&["-o", COLUMNS, "-p", &pid.to_string()])?.pop().unwrap_or(Seen::Vanished(pid)))
}

/// Other processes' environments are not shown here: only the process group tells who belongs to whom.
#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn trace(_pid: i32, _entry: &str) -> io::Result<Trace> {
    Ok(Trace::Absent)
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn nested(_pid: i32) -> io::Result<Vec<i32>> {
    Ok(Vec::new())
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn signal(process: &Process, signal: Signal) {
    let same = matches!(look_at(process.pid), Ok(Seen::Living(found)) if found.start == process.start);
    if let Some(pid) = Pid::from_raw(process.pid).filter(|_| same) {
        // An error means that it has ended meanwhile: the caller looks again anyway.
        let _ = rustix::process::kill_process(pid, signal);
    }
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn await_end_of_one(_processes: &[Process], patience: Duration) {
    thread::sleep(patience.min(Duration::from_millis(50)));
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn total_memory() -> Option<u64> {
    run("sysctl", &["-n", "hw.memsize"]).ok()?.trim().parse().ok()
}

const COLUMNS: &str = "pid=,pgid=,rss=,stat=,time=,lstart=";

/// What `ps` prints; it fails without a word when it was asked for one process that is not there.
fn list(args: &[&str]) -> io::Result<Vec<Seen>> {
    let output = output("ps", args)?;
    let nobody = output.stdout.is_empty() && output.stderr.is_empty();
    if !output.status.success() && !nobody {
        return Err(io::Error::other(format!("ps failed: {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(parse).collect())
}

fn run(program: &str, args: &[&str]) -> io::Result<String> {
    let output = output(program, args)?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{program} failed: {}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn output(program: &str, args: &[&str]) -> io::Result<Output> {
    Command::new(program).args(args).env("LC_ALL", "C").stdin(Stdio::null()).output()
}

/// `42 42 1024 S+ 00:01:05 Sat Nov 21 02:02:07 2026`
fn parse(line: &str) -> Option<Seen> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [pid, group, memory, state, time, start @ ..] = words.as_slice() else { return None };
    let start = chrono::NaiveDateTime::parse_from_str(&start.join(" "), "%a %b %d %H:%M:%S %Y").ok()?;
    let process = Process {
        pid: pid.parse().ok()?,
        group: group.parse().ok()?,
        start: u64::try_from(start.and_utc().timestamp()).ok()?,
        memory: memory.parse::<u64>().ok()? * 1024,
        cpu: Duration::from_secs_f64(seconds(time)?),
    };
    Some(if state.starts_with('Z') { Seen::Ended(process) } else { Seen::Living(process) })
}

/// `[days-]hours:minutes:seconds`, or `minutes:seconds.hundredths` as macOS prints it.
fn seconds(time: &str) -> Option<f64> {
    let (days, clock) = time.split_once('-').unwrap_or(("0", time));
    let clock = clock.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?;
    Some(days.parse::<f64>().ok()? * 86_400.0 + clock).filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_ps_is_a_process() {
        let line = "  42   7 1024 Zs 1-00:01:05 Sat Nov 21 02:02:07 2026";
        let Some(Seen::Ended(process)) = parse(line) else { panic!("{:?}", parse(line)) };
        assert_eq!((process.pid, process.group, process.memory), (42, 7, 1 << 20));
        assert_eq!(process.cpu, Duration::from_secs(86_465));
        assert!(parse("PID PGID").is_none());
    }

    #[test]
    fn a_number_that_nobody_has_has_vanished_and_a_ps_that_fails_is_an_error() {
        assert_eq!(look_at(i32::MAX).expect("ps answers"), Seen::Vanished(i32::MAX));
        assert!(list(&["--no-such-option"]).is_err());
    }
}
