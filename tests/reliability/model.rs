//! What a board must do, said once more and as briefly as can be: states, dependencies, limits and fences as they were
//! asked for. It knows nothing of how vayu decides.

use std::collections::{BTreeMap, BTreeSet};

use vayu::domain::Status;
use vayu::domain::Status as S;

/// Tasks that an agent may have in hand.
pub const HANDS: usize = 2;
/// Retries of a task.
const RETRIES: u32 = 3;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Owner,
    Ada,
    Bob,
}

/// What somebody tries with one of the tasks that are there.
#[derive(Debug, Clone)]
pub enum Op {
    Create { key: Option<u8>, critical: bool, backlog: bool, after: Option<usize> },
    Depend { task: usize, on: usize },
    Undepend { task: usize, on: usize },
    Ready(usize),
    ClaimAny(Who),
    Claim(Who, usize),
    Beat(Who, usize),
    Start(Who, usize),
    Progress(Who, usize, u8),
    Pause(Who, usize),
    Resume(Who, usize),
    Submit(Who, usize),
    Fail(Who, usize),
    Release(Who, usize),
    Review { who: Who, task: usize, passed: bool },
    Retry(usize),
    Cancel(usize),
    Reopen(Who, usize),
    Wait { seconds: u8 },
}

/// What must come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused,
    /// One of these is taken.
    Takes(Vec<usize>),
    /// Nothing is said about it: it is not tried.
    Open,
}

/// A task, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub status: Status,
    pub critical: bool,
    pub after: BTreeSet<usize>,
    /// Whose work it is while it is in somebody's hands.
    pub worker: Option<Who>,
    pub claimed: bool,
    /// Goes up with every claim.
    pub epoch: u64,
    pub progress: u8,
    pub retries: u32,
    pub attempts: usize,
    /// When it is tried again; the pause is drawn at random, so that this is looked up.
    pub retry_at: Option<i64>,
}

/// The board.
#[derive(Debug, Default)]
pub struct Model {
    pub cards: Vec<Card>,
    pub keys: BTreeMap<u8, usize>,
    /// The claim that somebody knows of a task, by its number of then.
    pub tokens: BTreeMap<(Who, usize), u64>,
    /// Milliseconds.
    pub now: i64,
}

use Outcome::{Done, Open, Refused, Takes};

/// Done if this holds, refused if not.
fn only_if(holds: bool) -> Outcome {
    if holds { Done } else { Refused }
}

impl Model {
    /// What must come of it, and the board after it.
    pub fn take(&mut self, op: &Op) -> Outcome {
        let outcome = self.judge(op);
        if outcome == Done {
            self.carry_out(op);
            self.settle();
        }
        outcome
    }

    fn judge(&self, op: &Op) -> Outcome {
        let status = |task: usize| self.cards[task].status;
        match *op {
            Op::Create { .. } | Op::Wait { .. } => Done,
            Op::Depend { task, on } => only_if(task != on && !self.waits_for(on, task)),
            Op::Undepend { task, on } => only_if(self.cards[task].after.contains(&on)),
            Op::Ready(task) => only_if(matches!(status(task), S::Created | S::Queued | S::Blocked)),
            Op::ClaimAny(who) => self.next_for(who),
            Op::Claim(who, task) => only_if(self.can_take(who, task) && self.has_hands(who, task)),
            Op::Beat(who, task) if self.tokens.contains_key(&(who, task)) => only_if(self.is_worker(who, task)),
            Op::Beat(..) => Open,
            Op::Start(who, task) => {
                self.by_worker(who, task, |card| self.is_met(task) && matches!(card.status, S::Assigned | S::Executing))
            }
            Op::Progress(who, task, n) => self.by_worker(who, task, |card| {
                n <= 100 && (card.status == S::Executing || card.status == S::Assigned && self.is_met(task))
            }),
            Op::Pause(who, task) => self.by_worker(who, task, |card| card.status == S::Executing),
            Op::Resume(who, task) => self.by_worker(who, task, |card| card.status == S::Paused),
            Op::Submit(who, task) | Op::Fail(who, task) => self.by_worker(who, task, |card| match card.status {
                S::Assigned => self.is_met(task),
                status => matches!(status, S::Executing | S::Paused),
            }),
            Op::Release(Who::Owner, task) => only_if(status(task).is_held()),
            Op::Release(who, task) => self.by_worker(who, task, |_| true),
            Op::Review { who, task, .. } => only_if(who == Who::Owner && status(task) == S::Reviewing),
            Op::Retry(task) => only_if(status(task) == S::Failed),
            Op::Cancel(task) => only_if(!status(task).is_closed()),
            Op::Reopen(who, task) => {
                only_if(who == Who::Owner && matches!(status(task), S::Completed | S::Cancelled | S::Failed))
            }
        }
    }

    /// What a worker says counts if the claim that it knows is the one that stands. Who never had one is refused what is
    /// in other hands; of the rest nothing is said.
    fn by_worker(&self, who: Who, task: usize, may: impl Fn(&Card) -> bool) -> Outcome {
        let card = &self.cards[task];
        match self.tokens.get(&(who, task)) {
            Some(_) => only_if(self.is_worker(who, task) && may(card)),
            None if card.claimed => Refused,
            None => Open,
        }
    }

    fn is_worker(&self, who: Who, task: usize) -> bool {
        let card = &self.cards[task];
        card.claimed && self.tokens.get(&(who, task)) == Some(&card.epoch)
    }

    fn is_met(&self, task: usize) -> bool {
        self.cards[task].after.iter().all(|before| self.cards[*before].status == S::Completed)
    }

    fn waits_for(&self, task: usize, other: usize) -> bool {
        self.cards[task].after.iter().any(|before| *before == other || self.waits_for(*before, other))
    }

    fn can_take(&self, who: Who, task: usize) -> bool {
        let card = &self.cards[task];
        let ready = match card.status {
            S::Queued => true,
            S::Assigned => !card.claimed && card.worker == Some(who),
            S::Failed => card.retry_at.is_some_and(|at| at <= self.now),
            _ => false,
        };
        ready && self.is_met(task)
    }

    /// Work that was sent back to somebody is in their hands already, and takes none to claim.
    fn has_hands(&self, who: Who, task: usize) -> bool {
        let own = self.cards[task].status == S::Assigned;
        let busy = |card: &&Card| card.worker == Some(who) && card.status.is_held() && (card.claimed || !own);
        self.cards.iter().filter(busy).count() < HANDS
    }

    /// What was sent back comes first, then what is critical.
    fn next_for(&self, who: Who) -> Outcome {
        let all: Vec<usize> = (0..self.cards.len()).filter(|task| self.can_take(who, *task)).collect();
        let only = |wanted: &dyn Fn(&Card) -> bool| -> Vec<usize> {
            all.iter().copied().filter(|task| wanted(&self.cards[*task])).collect()
        };
        let choices = [only(&|card| card.status == S::Assigned), only(&|card| card.critical), all.clone()];
        let best = choices.into_iter().find(|tasks| !tasks.is_empty()).unwrap_or_default();
        if best.iter().any(|task| self.has_hands(who, *task)) { Takes(best) } else { Refused }
    }

    /// Somebody has claimed a task.
    pub fn grant(&mut self, who: Who, task: usize) {
        let card = &mut self.cards[task];
        card.epoch += 1;
        (card.status, card.worker, card.claimed, card.retry_at) = (S::Assigned, Some(who), true, None);
        self.tokens.insert((who, task), card.epoch);
    }

    fn carry_out(&mut self, op: &Op) {
        match *op {
            Op::Create { key, critical, backlog, after } => self.create(key, critical, backlog, after),
            Op::Depend { task, on } => drop(self.cards[task].after.insert(on)),
            Op::Undepend { task, on } => drop(self.cards[task].after.remove(&on)),
            Op::Ready(task) if self.cards[task].status == S::Created => self.cards[task].status = S::Queued,
            Op::Claim(who, task) => self.grant(who, task),
            Op::Start(_, task) | Op::Resume(_, task) => self.begin(task),
            Op::Progress(_, task, percent) => {
                self.begin(task);
                self.cards[task].progress = percent;
            }
            Op::Pause(_, task) => self.cards[task].status = S::Paused,
            Op::Submit(_, task) => self.submit(task),
            Op::Fail(_, task) => self.fail(task),
            Op::Release(_, task) | Op::Retry(task) => self.leave(task, S::Queued),
            Op::Review { task, passed: true, .. } => self.complete(task),
            // It goes back to whom it came from.
            Op::Review { task, .. } => self.cards[task].status = S::Assigned,
            Op::Cancel(task) => self.leave(task, S::Cancelled),
            Op::Reopen(_, task) => {
                self.leave(task, S::Created);
                (self.cards[task].progress, self.cards[task].retries) = (0, 0);
            }
            Op::Wait { seconds } => self.now += i64::from(seconds) * 1000,
            Op::Ready(_) | Op::ClaimAny(_) | Op::Beat(..) => {}
        }
    }

    fn create(&mut self, key: Option<u8>, critical: bool, backlog: bool, after: Option<usize>) {
        if key.is_some_and(|key| self.keys.contains_key(&key)) {
            return;
        }
        self.keys.extend(key.map(|key| (key, self.cards.len())));
        self.cards.push(Card {
            status: if backlog { S::Created } else { S::Queued },
            critical,
            after: after.into_iter().collect(),
            worker: None,
            claimed: false,
            epoch: 0,
            progress: 0,
            retries: 0,
            attempts: 0,
            retry_at: None,
        });
    }

    /// Work begins, or goes on after a pause: a new attempt.
    fn begin(&mut self, task: usize) {
        let card = &mut self.cards[task];
        card.attempts += usize::from(card.status != S::Executing);
        card.status = S::Executing;
    }

    fn submit(&mut self, task: usize) {
        self.begin(task);
        let card = &mut self.cards[task];
        card.claimed = false;
        if card.critical { card.status = S::Reviewing } else { self.complete(task) }
    }

    fn complete(&mut self, task: usize) {
        (self.cards[task].status, self.cards[task].progress) = (S::Completed, 100);
    }

    fn fail(&mut self, task: usize) {
        self.begin(task);
        let card = &mut self.cards[task];
        (card.status, card.claimed) = (S::Failed, false);
        // Far away until it has been looked up.
        card.retry_at = (card.retries < RETRIES).then_some(i64::MAX);
        card.retries += u32::from(card.retry_at.is_some());
    }

    fn leave(&mut self, task: usize, status: Status) {
        let card = &mut self.cards[task];
        (card.status, card.worker, card.claimed, card.retry_at) = (status, None, false, None);
    }

    /// What has not begun waits while something before it is not done, and is ready as soon as it is.
    fn settle(&mut self) {
        for task in 0..self.cards.len() {
            let met = self.is_met(task);
            let card = &mut self.cards[task];
            card.status = match card.status {
                S::Created | S::Queued if !met => S::Blocked,
                S::Blocked if met => S::Queued,
                status => status,
            };
            if matches!(card.status, S::Completed | S::Failed) {
                card.worker = None;
            }
        }
    }
}
