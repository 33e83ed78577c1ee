//! Linux: the process table is `/proc`, and processes are held by descriptor while they are signalled.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal};

use super::Process;

/// Inode of the host's first process table, fixed by the kernel; whoever is in it sees all processes.
const FIRST_TABLE: &str = "4026531836";

pub(super) fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(|_| "unknown".into(), |id| id.trim().to_owned())
}

/// The process namespace, so that the numbers of a container are not taken for the host's.
pub(super) fn table() -> Option<String> {
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    let digits: String = link.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

pub(super) fn sees_all() -> bool {
    table().as_deref() == Some(FIRST_TABLE)
}

pub(super) fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(stat)
        .filter(|(_, ended)| !ended)
        .map(|(process, _)| process)
        .collect()
}

pub(super) fn process(pid: i32) -> Option<Process> {
    stat(pid).map(|(process, _)| process)
}

/// The process and whether it has ended.
fn stat(pid: i32) -> Option<(Process, bool)> {
    let line = fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse_stat(&String::from_utf8_lossy(&line))
}

/// The command's name may hold spaces and brackets: the fields begin after the last bracket.
fn parse_stat(line: &str) -> Option<(Process, bool)> {
    let pid = line.split(' ').next()?.parse().ok()?;
    let fields: Vec<&str> = line[line.rfind(')')? + 1..].split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    let ended = matches!(*fields.first()?, "Z" | "X" | "x");
    let process = Process {
        pid,
        group: fields.get(2)?.parse().ok()?,
        start: number(19)?,
        memory: number(21)? * rustix::param::page_size() as u64,
        cpu: ticks(number(11)? + number(12)?),
    };
    Some((process, ended))
}

fn ticks(count: u64) -> Duration {
    Duration::from_secs_f64(count as f64 / rustix::param::clock_ticks_per_second().max(1) as f64)
}

pub(super) fn was_started_with(pid: i32, entry: &str) -> bool {
    let Ok(block) = fs::read(format!("/proc/{pid}/environ")) else { return false };
    block.split(|byte| *byte == 0).any(|own| own == entry.as_bytes())
}

/// A descriptor of exactly this process: it is looked at again once the descriptor is open.
fn hold(process: &Process) -> Option<OwnedFd> {
    let fd = rustix::process::pidfd_open(Pid::from_raw(process.pid)?, PidfdFlags::empty()).ok()?;
    (self::process(process.pid)?.start == process.start).then_some(fd)
}

pub(super) fn signal(process: &Process, signal: Signal) {
    if let Some(fd) = hold(process) {
        // An error means that it has ended meanwhile, or belongs to somebody else: the caller looks again anyway.
        let _ = rustix::process::pidfd_send_signal(fd, signal);
    }
}

pub(super) fn await_end_of_one(processes: &[Process], patience: Duration) {
    let held: Vec<OwnedFd> = processes.iter().filter_map(hold).collect();
    if held.len() < processes.len() {
        return thread::sleep(patience.min(Duration::from_millis(5)));
    }
    let mut polled: Vec<PollFd> = held.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
    let until = Instant::now() + patience;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        match rustix::event::poll(&mut polled, Some(&timeout)).map_err(io::Error::from) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

pub(super) fn total_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let line = "42 (a) R 1 (b) Z 1 42 9 0 -1 0 0 0 0 0 150 50 0 0 20 0 1 0 777 4096 2 0 0";
        let (process, ended) = parse_stat(line).expect("a line of the table");
        assert!(ended);
        assert_eq!((process.pid, process.group, process.start), (42, 42, 777));
        assert_eq!(process.cpu, ticks(200));
    }

    #[test]
    fn what_is_no_line_of_the_table_is_nothing() {
        for line in ["", "42", "42 (a", "42 (a) R", "x (a) R 1 2 3"] {
            assert!(parse_stat(line).is_none(), "{line}");
        }
    }
}
