//! A progress bar for what takes long: on a terminal only, and only once a second has passed.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Nothing is shown before this much time has passed.
const PATIENCE: Duration = Duration::from_secs(1);

/// One stage of work.
pub struct Bar {
    what: &'static str,
    since: Instant,
    wanted: bool,
    shown: Option<ProgressBar>,
}

impl Bar {
    /// A bar for `what`; never shown where stderr is no terminal.
    pub fn new(what: &'static str, wanted: bool) -> Self {
        Self { what, since: Instant::now(), wanted: wanted && std::io::stderr().is_terminal(), shown: None }
    }

    /// So much of so much is done; 0: nobody knows of how much.
    pub fn show(&mut self, done: u64, of: u64) {
        if !self.wanted || (self.shown.is_none() && self.since.elapsed() < PATIENCE) {
            return;
        }
        let what = self.what;
        let bar = self.shown.get_or_insert_with(|| new_bar(what, of));
        bar.set_position(done);
    }

    /// The same for steps.
    pub fn steps(mut self) -> impl FnMut(usize, usize) {
        move |done, of| self.show(done as u64, of as u64)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.shown {
            bar.finish_and_clear();
        }
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
