//! Plans that hold: whatever the scheduler returns is looked at by a checker that shares no code with it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod advice;
mod calibration;
mod checker;
mod forecast;
mod hostile;
mod large;
mod program;
mod project;
mod properties;
mod replan;
mod scenarios;
