//! The demo's time: held while history is written, then many times faster than the host's until it has caught up.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::domain::Timestamp;
use crate::service::env::{Clock, HostClock, to_micros};
use crate::store::Now;

/// A clock whose wall time is the demo's; leases run by the host's boot clock, so that a slow host loses no work.
#[derive(Debug, Clone)]
pub struct DemoClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    host: HostClock,
    time: Mutex<Time>,
}

#[derive(Debug)]
struct Time {
    wall: Timestamp,
    running: Option<(Instant, f64)>,
}

impl DemoClock {
    /// A clock that stands at `wall`.
    pub fn held_at(wall: Timestamp) -> Self {
        Self(Arc::new(Inner { host: HostClock::new(), time: Mutex::new(Time { wall, running: None }) }))
    }

    /// Sets a clock that stands.
    pub fn set(&self, wall: Timestamp) {
        self.time().wall = wall;
    }

    /// Lets it run, `speed` times faster than the host's clock, which it never overtakes.
    pub fn run(&self, speed: f64) {
        self.time().running = Some((Instant::now(), speed));
    }

    /// How many times faster than the host's clock it runs.
    pub fn speed(&self) -> f64 {
        self.time().running.map_or(0.0, |(_, speed)| speed)
    }

    fn time(&self) -> std::sync::MutexGuard<'_, Time> {
        self.0.time.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Now {
        let host = self.0.host.now();
        let time = self.time();
        let wall = match time.running {
            None => time.wall,
            Some((since, speed)) => {
                let micros = since.elapsed().as_secs_f64() * speed * 1e6;
                (time.wall + chrono::Duration::microseconds(micros as i64)).min(host.wall.max(time.wall))
            }
        };
        Now { wall: to_micros(wall), ..host }
    }
}
