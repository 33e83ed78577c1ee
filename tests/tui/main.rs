//! The interface as its user meets it: scripted keys over a real board in memory, with a clock that stands.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod asks;
mod cards;
#[path = "../shared/chance.rs"]
mod chance;
#[cfg(feature = "models")]
mod consult;
mod filters;
mod hostile;
mod lookback;
#[cfg(feature = "models")]
#[path = "../shared/model_server.rs"]
mod model_server;
mod mouse;
mod payments;
mod plan;
mod seat;
mod sizes;
mod snapshots;
mod total;
mod ways;
mod writing;
