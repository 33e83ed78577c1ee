//! The rules hold over every sequence of commands: invariants, undo and redo, replay. Over the real store in memory.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod books;
#[path = "../shared/chance.rs"]
mod chance;
mod lessons;
mod model;
mod plans;
mod reports;
#[path = "../shared/rows.rs"]
mod rows;
mod rules;

use chance::{any_of, property, size};
use model::{Step, World};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: size(64, 600), max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn every_sequence_of_commands_keeps_the_invariants(steps in model::steps(1..120)) {
        let mut world = World::new(&steps);
        for step in &steps {
            world.take(step);
            world.check_invariants();
        }
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

#[test]
fn r9_undo_and_redo_in_between_keep_the_invariants() {
    property("R9, to and fro", 9, size(64, 600), &model::steps_to_and_fro(1..120), |steps| {
        let mut world = World::new(&steps);
        for step in &steps {
            world.take(step);
            world.check_invariants();
        }
        assert_eq!(world.misremembered(), []);
    });
}

#[test]
fn r9_undoing_all_leads_back_and_redoing_all_leads_forth() {
    property("R9, there and back", 9, size(64, 600), &model::steps(1..80), |steps| there_and_back(&steps));
}

#[test]
fn r9_ten_thousand_changes_are_all_taken_back_and_all_done_again() {
    let count = size(600, 10_000);
    there_and_back(&any_of("R9, at length", 9, &model::steps(count..count + 1)));
}

fn there_and_back(steps: &[Step]) {
    let mut world = World::new(steps);
    let start = world.rows();
    for step in steps {
        world.take(step);
    }
    let end = world.rows();
    let undone = world.undo_all();
    assert_eq!(world.rows(), start);
    assert_eq!(world.redo_all(), undone);
    assert_eq!(world.rows(), end);
    world.check_invariants();
    assert_eq!(world.misremembered(), []);
}
