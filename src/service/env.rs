//! Clock and ids: the only place that reads a clock or draws at random. Tests freeze both.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::domain::{ClaimToken, Ids, Timestamp};
use crate::store::Now;

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The present reading of both clocks.
    fn now(&self) -> Now;
}

/// The host's clocks.
#[derive(Debug)]
pub struct HostClock {
    boot_id: String,
}

impl HostClock {
    /// Reads which boot this is.
    pub fn new() -> Self {
        let boot_id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Self { boot_id: boot_id.trim().to_owned() }
    }
}

impl Default for HostClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HostClock {
    fn now(&self) -> Now {
        let boot = rustix::time::clock_gettime(BOOT_CLOCK);
        Now {
            wall: to_micros(chrono::Utc::now()),
            boot_ms: boot.tv_sec * 1000 + boot.tv_nsec / 1_000_000,
            boot_id: self.boot_id.clone(),
        }
    }
}

#[cfg(target_os = "linux")]
const BOOT_CLOCK: rustix::time::ClockId = rustix::time::ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const BOOT_CLOCK: rustix::time::ClockId = rustix::time::ClockId::Monotonic;

/// Records keep microseconds; cutting here makes what is read equal to what was written.
pub fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// Random ids: UUID v7, so that later ones sort later.
#[derive(Debug, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn next(&mut self) -> Uuid {
        Uuid::now_v7()
    }

    fn token(&mut self) -> ClaimToken {
        ClaimToken(Uuid::new_v4())
    }

    fn fraction(&mut self) -> f64 {
        fastrand::f64()
    }
}

/// A clock that stands until it is moved, shared by all who hold it: for tests and simulations.
#[derive(Debug, Clone)]
pub struct FrozenClock(Arc<Mutex<Now>>);

impl FrozenClock {
    /// A clock that stands at `wall`.
    pub fn at(wall: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Now { wall, boot_ms: 1_000_000, boot_id: "frozen".into() })))
    }

    /// Moves both clocks on.
    pub fn advance(&self, by: chrono::Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.wall += by;
        now.boot_ms += by.num_milliseconds();
    }

    /// Sets the wall clock alone, as a user or a time server may do.
    pub fn set_wall(&self, wall: Timestamp) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wall = wall;
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Now {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Ids that count from a seed: the same every time.
#[derive(Debug)]
pub struct CountedIds {
    next: u128,
    random: fastrand::Rng,
}

impl CountedIds {
    /// Ids of this seed; different seeds give different ids.
    pub fn seeded(seed: u64) -> Self {
        let base = (u128::from(seed) << 64) | (7 << 76) | (0b10 << 62);
        Self { next: base, random: fastrand::Rng::with_seed(seed) }
    }
}

impl Ids for CountedIds {
    fn next(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn token(&mut self) -> ClaimToken {
        ClaimToken(Uuid::from_u128(self.random.u128(..)))
    }

    fn fraction(&mut self) -> f64 {
        self.random.f64()
    }
}
