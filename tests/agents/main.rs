//! Agents as real processes: real children, real git, real boards.

mod common;
mod identity;
mod manual;
mod outage;
mod process;
mod runner;
mod supervise;
mod team;
mod workspace;
