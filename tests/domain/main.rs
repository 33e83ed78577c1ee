//! The rules hold over every sequence of commands: invariants, undo and redo, replay. Over the real store in memory.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod model;
#[path = "../shared/rows.rs"]
mod rows;
mod rules;

use model::{Step, World};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_sequence_of_commands_keeps_the_invariants(steps in model::steps(1..120)) {
        let mut world = World::new(&steps);
        for step in &steps {
            world.take(step);
            world.check_invariants();
        }
    }

    #[test]
    fn undo_and_redo_in_between_keep_the_invariants(steps in model::steps_to_and_fro(1..120)) {
        let mut world = World::new(&steps);
        for step in &steps {
            world.take(step);
            world.check_invariants();
        }
        prop_assert_eq!(world.misremembered(), []);
    }

    #[test]
    fn undoing_all_leads_back_and_redoing_all_leads_forth(steps in model::steps(1..80)) {
        let mut world = World::new(&steps);
        let start = world.rows();
        for step in &steps {
            world.take(step);
        }
        let end = world.rows();
        let undone = world.undo_all();
        prop_assert_eq!(world.rows(), start);
        prop_assert_eq!(world.redo_all(), undone);
        prop_assert_eq!(world.rows(), end);
        world.check_invariants();
    }

    #[test]
    fn replaying_the_events_gives_the_same_rows(steps in model::steps(1..120)) {
        let mut world = World::new(&steps);
        for step in &steps {
            world.take(step);
            if matches!(step, Step::Advance(n) if n % 3 == 0) {
                world.undo_one();
            }
        }
        prop_assert_eq!(world.misremembered(), []);
    }
}

/// Sequences per property: few in every run, more on demand.
fn cases() -> u32 {
    std::env::var("VAYU_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
}
