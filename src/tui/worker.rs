//! The threads behind the screen: one that holds a service and does what the model wants, one that notices what others
//! have committed, one that plans, one that looks ahead. All speak to the screen by messages only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::domain::{Actor, ChangeId};
use crate::plan::prospect::How;
use crate::plan::wizard::{Draft, Ground};
use crate::service::forecast::Foretold;
use crate::service::notify::Listener;
use crate::service::{Done, Error, Service, Undo, forecast};
use crate::store::view::ActivityFilter;

use super::data::Wanted;
use super::effect::{Aside, Change, Improve, Job, Look, Planned, Write};
use super::msg::Msg;
use super::screen::plan::News;
use super::text;

/// How often the store is asked whether somebody has committed, should a notice get lost.
const POLL: Duration = Duration::from_millis(200);

/// Cells of the words for a change.
const SAID: usize = 48;

/// Something for the worker to do.
#[derive(Debug)]
pub enum Order {
    /// Read what the screen shows. Only the last of several in a row is done.
    Read(Box<Wanted>),
    /// Make a change.
    Write(Box<Write>),
    /// Compute something.
    Compute(Job),
    /// Say when everything ordered before is done.
    Rest(Sender<()>),
}

/// Starts the worker.
pub fn work(service: Service, actor: Actor, orders: Receiver<Order>, post: Sender<Msg>) -> std::io::Result<()> {
    let mut worker = Worker { service, actor, post: post.clone() };
    spawn("worker", post, move || worker.run(&orders))
}

/// The way to the planner.
#[derive(Debug)]
pub struct Planner {
    orders: Sender<(u64, Box<Improve>)>,
    /// Number of the newest order.
    newest: Arc<AtomicU64>,
}

impl Planner {
    /// Orders something; a schedule that is being looked for is given up for that.
    pub fn order(&self, improve: Box<Improve>) {
        let number = self.newest.load(Ordering::Relaxed) + 1;
        // It ends only together with the board.
        let _ = self.orders.send((number, improve));
        self.newest.store(number, Ordering::Relaxed);
    }
}

/// Starts the planner, which looks for better schedules; of several orders, the last one counts.
pub fn plan(post: Sender<Msg>) -> std::io::Result<Planner> {
    let (orders, to_do) = mpsc::channel::<(u64, Box<Improve>)>();
    let planner = Planner { orders, newest: Arc::default() };
    let newest = Arc::clone(&planner.newest);
    spawn("planner", post.clone(), move || {
        let mut left: Option<(u64, Box<Improve>)> = None;
        while let Some(first) = left.take().or_else(|| to_do.recv().ok()) {
            let next = |(_, before): (u64, Box<Improve>), (number, next): (u64, Box<Improve>)| {
                (number, Box::new(next.after(&before)))
            };
            let (number, last) = to_do.try_iter().fold(first, next);
            let mut heard = true;
            let mut tell = |news| heard &= post.send(Msg::Plan(news)).is_ok();
            let finished = last.run(&mut || newest.load(Ordering::Relaxed) > number, &mut tell);
            left = (!finished).then(|| (number, Box::new(Improve { aside: None, ..*last })));
            if !heard {
                return;
            }
        }
    })?;
    Ok(planner)
}

/// How long after the board was opened it is looked ahead first, and how often later, if anything has happened.
const FIRST_LOOK: Duration = Duration::from_secs(1);
const NEXT_LOOK: Duration = Duration::from_secs(15);
/// After this time it is looked ahead again although nothing has happened.
const OLD: Duration = Duration::from_mins(10);
/// Runs of a forecast that is made over and over, and of one that somebody asked for.
const RUNS: (u64, u64) = (1_000, 4_000);

/// Starts the forecaster, which looks ahead whenever something has happened, and at once when it is asked. It opens the
/// board for itself when it looks first: the first frame does not wait for that.
pub fn foretell(
    open: impl Fn() -> Result<Service, Error> + Send + 'static,
    writes: bool,
    post: Sender<Msg>,
) -> std::io::Result<Sender<Look>> {
    let (ask, asked) = mpsc::channel();
    let mut forecaster = Forecaster { writes, post: post.clone(), known: None };
    spawn("forecaster", post, move || forecaster.run(&open, &asked))?;
    Ok(ask)
}

struct Forecaster {
    writes: bool,
    post: Sender<Msg>,
    /// The newest change when it looked last, and when that was.
    known: Option<(ChangeId, Instant)>,
}

impl Forecaster {
    /// Looks until nobody listens any more.
    fn run(&mut self, open: &dyn Fn() -> Result<Service, Error>, asked: &Receiver<Look>) {
        let (mut wait, mut opened) = (FIRST_LOOK, None);
        // What could not be looked at, as the board could not be opened, is looked at when it can.
        let mut draft: Option<Box<Planned>> = None;
        let mut promised: Option<Box<(Draft, Arc<Ground>)>> = None;
        loop {
            let first = match asked.recv_timeout(wait) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            wait = NEXT_LOOK;
            let mut advises = false;
            for look in first.into_iter().chain(asked.try_iter()) {
                match look {
                    Look::Sprint => advises = true,
                    Look::Draft(planned) => draft = Some(planned),
                    Look::Promise(planned) => promised = Some(planned),
                }
            }
            let heard = match opened.take().map_or_else(open, Ok) {
                Ok(service) => {
                    let service = opened.insert(service);
                    promised.take().is_none_or(|planned| self.promise(service, *planned))
                        && draft.take().is_none_or(|planned| self.plan(service, &planned))
                        && self.sprint(service, advises)
                }
                Err(error) => self.tell(advises, Err(error)),
            };
            if !heard {
                return;
            }
        }
    }

    /// Looks ahead for a sprint that is being planned; false when nobody listens any more.
    fn plan(&self, service: &Service, Planned { draft, ground, outlook }: &Planned) -> bool {
        let (read, now) = (service.read(), service.now());
        let found = forecast::of_draft(read, &now, draft, ground, outlook, how(false));
        let prospect = found.ok().flatten().map(Box::new);
        self.post.send(Msg::Plan(News::Foretold { draft: Box::new(draft.clone()), prospect })).is_ok()
    }

    /// Looks for how much of it can be promised; false when nobody listens any more.
    fn promise(&self, service: &Service, (draft, ground): (Draft, Arc<Ground>)) -> bool {
        let found = forecast::promise(service.read(), &service.now(), &draft, &ground, how(false)).map_err(Into::into);
        self.post.send(Msg::Plan(News::Promised { draft: Box::new(draft), found })).is_ok()
    }

    /// The same for the active sprint, if something has happened or somebody wants advice.
    fn sprint(&mut self, service: &mut Service, advises: bool) -> bool {
        // What cannot be read now is complained about when it is read for the screen.
        let Ok(head) = service.read().head() else { return true };
        if !advises && self.known.is_some_and(|(seen, at)| seen == head && at.elapsed() < OLD) {
            return true;
        }
        self.known = Some((head, Instant::now()));
        self.tell(advises, forecast::look(service, how(advises), self.writes))
    }

    /// False when nobody listens any more.
    fn tell(&self, advises: bool, found: Result<Option<Foretold>, Error>) -> bool {
        let found = found.map(|found| found.map(Box::new)).map_err(Into::into);
        self.post.send(Msg::Foretold { advises, found }).is_ok()
    }
}

fn how(advises: bool) -> How {
    How { runs: if advises { RUNS.1 } else { RUNS.0 }, seed: 1, advises }
}

/// Starts something that takes long; when the board has closed meanwhile, nobody hears of it.
pub fn aside(work: Aside, post: Sender<Msg>) -> std::io::Result<()> {
    spawn(work.name, post.clone(), move || drop(post.send((work.run)())))
}

/// Starts a thread whose panic ends the board instead of leaving it deaf.
pub fn spawn(name: &str, post: Sender<Msg>, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let alarm = Alarm { name: name.to_owned(), post };
    let run = move || {
        let _alarm = alarm;
        run();
    };
    std::thread::Builder::new().name(name.into()).spawn(run).map(drop)
}

/// Sends word when its thread panics.
struct Alarm {
    name: String,
    post: Sender<Msg>,
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Without a listener the board has ended already.
            let _ = self.post.send(Msg::Broken(format!("the {} thread has failed", self.name)));
        }
    }
}

struct Worker {
    service: Service,
    actor: Actor,
    post: Sender<Msg>,
}

impl Worker {
    fn run(&mut self, orders: &Receiver<Order>) {
        let mut next = orders.recv().ok();
        while let Some(order) = next {
            let following = orders.try_recv().ok();
            let outdated = matches!((&order, &following), (Order::Read(_), Some(Order::Read(_))));
            if !outdated && !self.carry_out(order) {
                return;
            }
            next = following.or_else(|| orders.recv().ok());
        }
    }

    /// Does one thing; false when nobody listens any more.
    fn carry_out(&mut self, order: Order) -> bool {
        let msg = match order {
            Order::Read(wanted) => Msg::Seen(wanted.read(&self.service).map(Box::new).map_err(Into::into)),
            Order::Write(mut write) => {
                let done = make(&mut self.service, &self.actor, &write.what);
                name_reversed(&self.service, &mut write, done.as_ref().ok());
                Msg::Done(write, done.map_err(Into::into))
            }
            Order::Compute(job) => (job.run)(&mut self.service),
            Order::Rest(done) => return done.send(()).is_ok(),
        };
        self.post.send(msg).is_ok()
    }
}

/// Makes a change.
pub fn make(service: &mut Service, actor: &Actor, what: &Change) -> Result<Done, Error> {
    match what {
        Change::Commands(commands) => service.submit_all(actor, commands),
        Change::Undo => service.undo(actor, Undo::Own),
        Change::UndoThis(change) => service.undo(actor, Undo::Change(*change)),
        Change::Redo => service.redo(actor, false),
        Change::Draft(name, text) => service.keep_draft(name, text.as_deref()).map(|()| Done::default()),
    }
}

/// Lets an undo or redo say what it took back or did again, as the log has it.
pub fn name_reversed(service: &Service, write: &mut Write, done: Option<&Done>) {
    if !matches!(write.what, Change::Undo | Change::Redo) {
        return;
    }
    let newest = |before| {
        let filter = ActivityFilter { before, limit: 1, ..ActivityFilter::default() };
        service.read().activity(&filter).ok().and_then(|rows| rows.into_iter().next())
    };
    let this = done.and_then(|done| done.change).and_then(|change| newest(Some(ChangeId(change.0 + 1))));
    let below = this.and_then(|row| row.target).and_then(|target| newest(Some(ChangeId(target.0 + 1))));
    if let Some(row) = below {
        write.said = format!("{}: {}", write.said, text::clip(&row.in_words(), SAID));
    }
}

/// Starts the thread that watches for commits of others, until `stop` is set.
pub fn watch(mut service: Service, stop: Arc<AtomicBool>, post: Sender<Msg>) -> std::io::Result<()> {
    let listener = service.folder().and_then(|folder| Listener::at(&folder).ok());
    let wait = move || match &listener {
        Some(listener) => drop(listener.wait(POLL)),
        None => std::thread::sleep(POLL),
    };
    let watched = post.clone();
    spawn("watcher", post, move || {
        while !stop.load(Ordering::Relaxed) {
            wait();
            // What cannot be read now is complained about when it is read for the screen.
            let changed = service.changed().unwrap_or(false);
            if changed && watched.send(Msg::Changed).is_err() {
                return;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Rejection;

    #[test]
    fn a_board_that_cannot_be_opened_again_is_told_and_ends_nothing() {
        let (post, heard) = mpsc::channel();
        let ask = foretell(|| Err(Rejection::Invalid("it is gone".into()).into()), false, post).expect("a thread");
        for _ in 0..2 {
            ask.send(Look::Sprint).expect("it listens");
            let told = heard.recv_timeout(Duration::from_mins(1)).expect("an answer");
            assert!(matches!(told, Msg::Foretold { advises: true, found: Err(_) }), "{told:?}");
        }
    }
}
