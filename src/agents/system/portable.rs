//! Any Unix, macOS above all: the process table is what `ps` prints. Slower than `/proc`, and start times count seconds.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal};

use super::Process;

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn boot() -> String {
    run("sysctl", &["-n", "kern.bootsessionuuid"]).map_or_else(|| "unknown".into(), |id| id.trim().to_owned())
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn table() -> Option<String> {
    None
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn sees_all() -> bool {
    true
}

pub(super) fn processes() -> Vec<Process> {
    list(&["-axo", COLUMNS]).into_iter().filter(|(_, ended)| !ended).map(|(process, _)| process).collect()
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn process(pid: i32) -> Option<Process> {
    list(&["-o", COLUMNS, "-p", &pid.to_string()]).pop().map(|(process, _)| process)
}

/// Other processes' environments are not shown here: only the process group tells who belongs to whom.
#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn was_started_with(_pid: i32, _entry: &str) -> bool {
    false
}

#[cfg_attr(target_os = "linux", allow(dead_code, reason = "tested on Linux, used elsewhere"))]
pub(super) fn signal(process: &Process, signal: Signal) {
    let same = self::process(process.pid).is_some_and(|found| found.start == process.start);
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
    run("sysctl", &["-n", "hw.memsize"])?.trim().parse().ok()
}

const COLUMNS: &str = "pid=,pgid=,rss=,stat=,time=,lstart=";

fn list(args: &[&str]) -> Vec<(Process, bool)> {
    run("ps", args).unwrap_or_default().lines().filter_map(parse).collect()
}

fn run(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).env("LC_ALL", "C").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `42 42 1024 S+ 00:01:05 Sat Nov 21 02:02:07 2026`
fn parse(line: &str) -> Option<(Process, bool)> {
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
    Some((process, state.starts_with('Z')))
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
        let (process, ended) = parse("  42   7 1024 Zs 1-00:01:05 Sat Nov 21 02:02:07 2026").expect("a line");
        assert!(ended);
        assert_eq!((process.pid, process.group, process.memory), (42, 7, 1 << 20));
        assert_eq!(process.cpu, Duration::from_secs(86_465));
        assert!(parse("PID PGID").is_none());
    }
}
