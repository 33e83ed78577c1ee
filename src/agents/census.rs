//! Finding the processes of a run, so that "none is left" is never said of one that was merely overlooked.
//!
//! The process table is no still picture: while it is read, a process can start another and end, or be in the middle of
//! becoming another program, when its environment cannot be seen. Whatever may have hidden a process in one round makes
//! the round doubtful, and only rounds without doubt count.

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::identity::{Identity, Life, MARK};
use super::system::{self, Nearness, Process, Seen, Trace};

/// Pauses in milliseconds between the rounds of one look; when they are used up, doubt remains.
const PAUSES: [u64; 12] = [0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 16, 16];
/// Rounds in a row that must find nothing, without doubt: numbers may begin anew during one of them, hardly during two.
const PROOF: u32 = 2;
/// Rounds after which a process that shows no environment is taken at its word.
const BLANK: u8 = 6;
/// Most rounds of signals: each hits what was started while the one before went on.
const BLOWS: u32 = 40;

/// A living process of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    /// The process.
    pub process: Process,
    /// Whether it is proven to be of the run, and not of another that was given the same group number later.
    proven: bool,
}

/// What was found out about a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    /// It is of the run.
    Member { proven: bool },
    /// It is not.
    Stranger,
    /// It has ended and was not collected yet.
    Ended,
    /// It showed nothing, in so many rounds.
    Blank(u8),
    /// It may not be looked at.
    Hidden,
}

/// What one round has shown.
#[derive(Debug, Default)]
struct Round {
    members: Vec<Member>,
    /// True if a process may have slipped past.
    doubtful: bool,
    /// True if there is one that may be of the run and can never be looked at from here.
    hidden: bool,
}

/// How the first process of the run stands in the table, and where the run is.
#[derive(Debug, Clone, Copy)]
struct View {
    nearness: Nearness,
    /// The first process is there, ended or not: nobody else can be given the number of its group.
    original: bool,
    /// Its number belongs to another.
    replaced: bool,
}

impl View {
    /// True if the numbers of the run are the numbers of this table.
    fn is_here(self) -> bool {
        self.nearness == Nearness::Here
    }
}

/// Looks for the processes of one run, and remembers what it found: whoever was once proven to be of the run stays so.
#[derive(Debug)]
pub(super) struct Census {
    identity: Identity,
    entry: String,
    judged: HashMap<i32, (u64, Judged)>,
}

impl Census {
    /// A census of this run.
    pub fn of(identity: &Identity) -> Self {
        let entry = format!("{MARK}={}", identity.mark);
        Self { identity: identity.clone(), entry, judged: HashMap::new() }
    }

    /// How the run is recognized.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// True if the run is in the process table that is seen from here.
    pub fn is_here(&self) -> bool {
        system::nearness(&self.identity.boot_id).is_ok_and(|nearness| nearness == Nearness::Here)
    }

    /// Whether anything of the run is left; where that cannot be found out, it is out of sight.
    pub fn life(&mut self) -> Life {
        self.look().unwrap_or(Life::OutOfSight)
    }

    fn look(&mut self) -> io::Result<Life> {
        let nearness = system::nearness(&self.identity.boot_id)?;
        if nearness == Nearness::Past {
            return Ok(Life::Gone);
        }
        let mut clear = 0;
        for pause in PAUSES {
            let round = self.round(|_| {})?;
            if !round.members.is_empty() {
                return Ok(Life::Alive);
            }
            if nearness == Nearness::Beside || round.hidden {
                return Ok(Life::OutOfSight);
            }
            clear = if round.doubtful { 0 } else { clear + 1 };
            if clear == PROOF {
                return Ok(Life::Gone);
            }
            std::thread::sleep(Duration::from_millis(pause));
        }
        Ok(Life::OutOfSight)
    }

    /// The living processes that one round finds.
    ///
    /// # Errors
    /// When the process table cannot be read.
    pub fn members(&mut self) -> io::Result<Vec<Process>> {
        Ok(self.round(|_| {})?.members.iter().map(|member| member.process).collect())
    }

    /// Asks every process that is proven to be of the run to end, and wakes stopped ones. Once only: what is started in
    /// answer is how a run tidies up. The oldest first: whoever started others is to know before they are gone.
    pub fn ask_to_end(&mut self) {
        // What cannot be seen cannot be asked; whoever waits for it finds it still out of sight.
        let Ok(mut round) = self.round(|_| {}) else { return };
        round.members.sort_by_key(|member| (member.process.start, member.process.pid));
        for member in round.members.iter().filter(|member| member.proven) {
            system::signal(&member.process, Signal::TERM);
            system::signal(&member.process, Signal::CONT);
        }
    }

    /// Sends these signals to every process that is proven to be of the run, also to those started meanwhile.
    pub fn signal(&mut self, signals: &[Signal]) {
        let mut struck = HashSet::new();
        for _ in 0..BLOWS {
            let before = struck.len();
            let round = self.round(|member| {
                if member.proven && struck.insert((member.process.pid, member.process.start)) {
                    for signal in signals {
                        system::signal(&member.process, *signal);
                    }
                }
            });
            if struck.len() == before && !round.is_ok_and(|round| round.doubtful) {
                return;
            }
        }
    }

    /// Waits until nothing of the run is left; false if something is, or may be, after `patience`.
    pub fn await_gone(&mut self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        loop {
            let life = self.life();
            let left = until.saturating_duration_since(Instant::now());
            if life == Life::Gone || left.is_zero() {
                return life == Life::Gone;
            }
            match self.members() {
                Ok(members) if !members.is_empty() => system::await_end_of_one(&members, left),
                _ => std::thread::sleep(left.min(Duration::from_millis(5))),
            }
        }
    }

    /// Looks at every process once; each that is of the run is met at once, before it can end.
    fn round(&mut self, mut meet: impl FnMut(&Member)) -> io::Result<Round> {
        let view = self.view()?;
        if view.nearness == Nearness::Past {
            return Ok(Round::default());
        }
        if self.identity.mark.is_empty() {
            return self.one_alone(view, meet);
        }
        let (mut round, mut judged) = (Round::default(), HashMap::new());
        for seen in system::listing()? {
            match seen? {
                Seen::Living(process) => {
                    let judgement = self.judge(&process, view)?;
                    judged.insert(process.pid, (process.start, judgement));
                    match judgement {
                        Judged::Member { proven } => {
                            round.members.push(Member { process, proven });
                            meet(&Member { process, proven });
                        }
                        Judged::Blank(rounds) => round.doubtful |= rounds < BLANK,
                        Judged::Hidden => round.hidden |= is_within(view, process.pid)?,
                        Judged::Stranger | Judged::Ended => {}
                    }
                }
                Seen::Ended(process) => {
                    round.doubtful |= self.may_have_begun_another(&process, view);
                    judged.insert(process.pid, (process.start, Judged::Ended));
                }
                Seen::Vanished(pid) => round.doubtful |= !was_harmless(self.judged.get(&pid)),
                Seen::Foreign(pid) => {
                    judged.insert(pid, (0, Judged::Hidden));
                    round.hidden |= is_within(view, pid)?;
                }
            }
        }
        self.judged = judged;
        Ok(round)
    }

    fn view(&self) -> io::Result<View> {
        let nearness = system::nearness(&self.identity.boot_id)?;
        let (mut original, mut replaced) = (false, false);
        if nearness == Nearness::Here
            && let Seen::Living(first) | Seen::Ended(first) = system::look_at(self.identity.pid)?
        {
            original = first.start == self.identity.start_ticks;
            replaced = !original;
        }
        Ok(View { nearness, original, replaced })
    }

    /// A process without a mark is no run: it is itself and nothing else. In a table within this one it has another
    /// number here, and is never touched.
    fn one_alone(&self, view: View, mut meet: impl FnMut(&Member)) -> io::Result<Round> {
        let mut round = Round::default();
        if view.nearness == Nearness::Within {
            for seen in system::listing()? {
                if let Seen::Living(Process { pid, .. }) | Seen::Foreign(pid) = seen? {
                    round.hidden |= system::nested(pid)?.contains(&self.identity.pid);
                }
            }
        } else if view.original
            && let Seen::Living(process) = system::look_at(self.identity.pid)?
        {
            let member = Member { process, proven: true };
            meet(&member);
            round.members.push(member);
        }
        Ok(round)
    }

    fn judge(&self, process: &Process, view: View) -> io::Result<Judged> {
        let before = self.judged.get(&process.pid).filter(|(start, _)| *start == process.start);
        let before = before.map(|(_, judged)| *judged);
        let itself = view.original && process.pid == self.identity.pid;
        let grouped = view.is_here() && !view.replaced && (process.group == self.identity.pid || itself);
        let proven = Judged::Member { proven: true };
        if (grouped && view.original) || before == Some(proven) {
            return Ok(proven);
        }
        let otherwise = |judged| if grouped { Judged::Member { proven: false } } else { judged };
        if before == Some(Judged::Stranger) || (view.is_here() && process.start < self.identity.start_ticks) {
            return Ok(otherwise(Judged::Stranger));
        }
        Ok(match system::trace(process.pid, &self.entry)? {
            Trace::Present => proven,
            Trace::Absent => otherwise(Judged::Stranger),
            Trace::Hidden => otherwise(Judged::Hidden),
            Trace::Unclear => otherwise(match before {
                Some(Judged::Blank(rounds)) => Judged::Blank(rounds.saturating_add(1)),
                _ => Judged::Blank(1),
            }),
        })
    }

    /// True unless it is certain that an ended process left no other of the run behind that this round has not listed.
    fn may_have_begun_another(&self, process: &Process, view: View) -> bool {
        let older = view.is_here() && process.start < self.identity.start_ticks;
        let before = self.judged.get(&process.pid).filter(|(start, _)| *start == process.start);
        !older && !was_harmless(before)
    }
}

/// True if a process was known before this round to be none that could begin another of the run.
fn was_harmless(before: Option<&(u64, Judged)>) -> bool {
    matches!(before, Some((_, Judged::Stranger | Judged::Ended | Judged::Hidden)))
}

/// True if the process is in a table within this one, where the run is: then it may be of it.
fn is_within(view: View, pid: i32) -> io::Result<bool> {
    Ok(view.nearness == Nearness::Within && !system::nested(pid)?.is_empty())
}
