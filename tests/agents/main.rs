//! Agents as real processes: real children, real git, real boards.

#[path = "../shared/between.rs"]
mod between;
#[path = "../shared/chance.rs"]
mod chance;
mod common;
mod edges;
mod identity;
mod manual;
mod outage;
mod process;
mod runner;
mod supervise;
mod team;
mod workspace;
