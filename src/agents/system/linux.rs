//! Linux: the process table is `/proc`, and processes are held by descriptor while they are signalled.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal};

use super::{Process, Seen, Trace};

/// Inode of the host's first process table, fixed by the kernel; whoever is in it sees all processes.
const FIRST_TABLE: &str = "4026531836";

/// In the flags of a process: it is a part of the kernel and has no environment.
const KERNEL_THREAD: u64 = 0x0020_0000;

pub(super) fn boot() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

/// The process namespace, so that the numbers of a container are not taken for the host's.
pub(super) fn table() -> io::Result<Option<String>> {
    let link = fs::read_link("/proc/self/ns/pid")?;
    let digits: String = link.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    Ok((!digits.is_empty()).then_some(digits))
}

/// True in the first table, unless the processes of others are kept from view.
pub(super) fn sees_all(table: Option<&str>) -> bool {
    table == Some(FIRST_TABLE) && fs::metadata("/proc/1/stat").is_ok()
}

/// The kernel lists by ascending number, and a child is there before its parent can end: unless the numbers begin anew
/// meanwhile, a chain of processes that each start the next and end does not slip past.
pub(super) fn listing() -> io::Result<impl Iterator<Item = io::Result<Seen>>> {
    let mut pids: Vec<i32> = Vec::new();
    for entry in fs::read_dir("/proc")? {
        pids.extend(entry?.file_name().to_str().and_then(|name| name.parse::<i32>().ok()));
    }
    // The newest first: they are the ones that may be gone in a moment.
    pids.sort_unstable_by(|one, other| other.cmp(one));
    Ok(pids.into_iter().map(look_at))
}

pub(super) fn look_at(pid: i32) -> io::Result<Seen> {
    match fs::read(format!("/proc/{pid}/stat")) {
        Ok(line) => parse_stat(&String::from_utf8_lossy(&line)).ok_or_else(|| io::ErrorKind::InvalidData.into()),
        Err(error) if is_gone(&error) => Ok(Seen::Vanished(pid)),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Seen::Foreign(pid)),
        Err(error) => Err(error),
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(Errno::SRCH.raw_os_error())
}

/// The command's name may hold spaces and brackets: the fields begin after the last bracket.
fn parse_stat(line: &str) -> Option<Seen> {
    let pid = line.split(' ').next()?.parse().ok()?;
    let fields: Vec<&str> = line[line.rfind(')')? + 1..].split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    if number(6)? & KERNEL_THREAD != 0 {
        return Some(Seen::Foreign(pid));
    }
    // Where the first thread has ended and others go on, the process lives.
    let ended = matches!(*fields.first()?, "Z" | "X" | "x") && number(17)? <= 1;
    let process = Process {
        pid,
        group: fields.get(2)?.parse().ok()?,
        start: number(19)?,
        memory: number(21)? * rustix::param::page_size() as u64,
        cpu: ticks(number(11)? + number(12)?),
    };
    Some(if ended { Seen::Ended(process) } else { Seen::Living(process) })
}

fn ticks(count: u64) -> Duration {
    Duration::from_secs_f64(count as f64 / rustix::param::clock_ticks_per_second().max(1) as f64)
}

pub(super) fn trace(pid: i32, entry: &str) -> io::Result<Trace> {
    match fs::read(format!("/proc/{pid}/environ")) {
        Ok(block) if block.is_empty() => Ok(if has_environment(pid)? { Trace::Absent } else { Trace::Unclear }),
        Ok(block) if block.split(|byte| *byte == 0).any(|own| own == entry.as_bytes()) => Ok(Trace::Present),
        Ok(_) => Ok(Trace::Absent),
        Err(error) if is_gone(&error) => Ok(Trace::Unclear),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(Trace::Hidden),
        Err(error) => Err(error),
    }
}

/// False while a process begins another program, and when it is about to end: it has no memory then.
fn has_environment(pid: i32) -> io::Result<bool> {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(line) => {
            let fields = line.rsplit(')').next().unwrap_or_default();
            Ok(fields.split_ascii_whitespace().nth(48).is_some_and(|end| end != "0"))
        }
        Err(error) if is_gone(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

pub(super) fn nested(pid: i32) -> io::Result<Vec<i32>> {
    let text = match fs::read_to_string(format!("/proc/{pid}/status")) {
        Err(error) if is_gone(&error) => return Ok(Vec::new()),
        text => text?,
    };
    let line = text.lines().find_map(|line| line.strip_prefix("NSpid:")).ok_or(io::ErrorKind::InvalidData)?;
    Ok(line.split_ascii_whitespace().skip(1).filter_map(|number| number.parse().ok()).collect())
}

/// A descriptor of exactly this process: it is looked at again once the descriptor is open.
fn hold(process: &Process) -> Option<OwnedFd> {
    let fd = rustix::process::pidfd_open(Pid::from_raw(process.pid)?, PidfdFlags::empty()).ok()?;
    matches!(look_at(process.pid), Ok(Seen::Living(now)) if now.start == process.start).then_some(fd)
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
        let line = "42 (a) R 1 (b) Z 1 42 9 0 -1 64 0 0 0 0 150 50 0 0 20 0 1 0 777 4096 2 0 0";
        let Some(Seen::Ended(process)) = parse_stat(line) else { panic!("{:?}", parse_stat(line)) };
        assert_eq!((process.pid, process.group, process.start), (42, 42, 777));
        assert_eq!(process.cpu, ticks(200));
    }

    #[test]
    fn a_process_whose_first_thread_has_ended_lives_and_a_part_of_the_kernel_is_foreign() {
        let with =
            |flags, threads| format!("42 (a) Z 1 42 42 9 0 {flags} 0 0 0 0 1 1 0 0 20 0 {threads} 0 777 4096 2 0 0");
        assert!(matches!(parse_stat(&with(0, 1)), Some(Seen::Ended(_))));
        assert!(matches!(parse_stat(&with(0, 2)), Some(Seen::Living(_))));
        assert_eq!(parse_stat(&with(KERNEL_THREAD | 64, 1)), Some(Seen::Foreign(42)));
    }

    #[test]
    fn what_is_no_line_of_the_table_is_nothing() {
        for line in ["", "42", "42 (a", "42 (a) R", "x (a) R 1 2 3"] {
            assert!(parse_stat(line).is_none(), "{line}");
        }
    }
}
