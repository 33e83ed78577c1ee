//! A progress bar for what takes long: on a terminal only, and only once a second has passed.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nothing is shown before this much time has passed.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two looks at how far it is.
const BEAT: Duration = Duration::from_millis(100);

/// One stage of work. A thread of its own draws: a terminal that takes nothing holds up nobody.
pub struct Bar {
    seen: Arc<Seen>,
    drawer: Option<JoinHandle<()>>,
}

/// How far it is.
#[derive(Default)]
struct Seen {
    done: AtomicU64,
    of: AtomicU64,
    ended: AtomicBool,
}

impl Bar {
    /// A bar for `what`; never shown where stderr is no terminal.
    pub fn new(what: &'static str, wanted: bool) -> Self {
        let seen = Arc::<Seen>::default();
        let drawn = Arc::clone(&seen);
        let wanted = wanted && std::io::stderr().is_terminal();
        Self { seen, drawer: wanted.then(|| std::thread::spawn(move || draw(what, &drawn))) }
    }

    /// So much of so much is done; 0: nobody knows of how much.
    pub fn show(&self, done: u64, of: u64) {
        self.seen.done.store(done, Ordering::Relaxed);
        self.seen.of.store(of, Ordering::Relaxed);
    }

    /// The same for steps.
    pub fn steps(self) -> impl FnMut(usize, usize) {
        move |done, of| self.show(done as u64, of as u64)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.seen.ended.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            // A panic there was reported by the panic hook; the work itself is done.
            let _ = drawer.join();
        }
    }
}

fn draw(what: &'static str, seen: &Seen) {
    std::thread::park_timeout(PATIENCE);
    let mut shown = None;
    while !seen.ended.load(Ordering::Relaxed) {
        let bar = shown.get_or_insert_with(|| new_bar(what, seen.of.load(Ordering::Relaxed)));
        bar.set_position(seen.done.load(Ordering::Relaxed));
        std::thread::park_timeout(BEAT);
    }
    if let Some(bar) = shown {
        bar.finish_and_clear();
    }
}

fn new_bar(what: &'static str, of: u64) -> ProgressBar {
    let (bar, form) = if of > 0 {
        (ProgressBar::new(of), "{msg} [{bar:40}] {percent}% {eta}")
    } else {
        (ProgressBar::no_length(), "{msg} {pos} {spinner}")
    };
    bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(
        ProgressStyle::with_template(form).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "),
    );
    bar.set_message(what);
    bar
}
