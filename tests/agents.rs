//! Agents as real processes: real children, real git, real boards.

mod agents {
    mod common;
    mod identity;
    mod runner;
    mod supervise;
    mod team;
    mod workspace;
}
