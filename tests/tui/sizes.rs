//! No window is too small, too large or too quick to change.

use crate::payments;
use crate::seat::Seat;
use crate::ways::{BACK, WAYS, walk};

#[test]
fn r16_no_screen_fails_at_any_size() {
    let mut seat = Seat::before(payments::board(), (120, 36));
    let widths = [1, 2, 3, 5, 8, 13, 21, 22, 23, 30, 44, 59, 60, 66, 80, 99, 100, 120, 160, 300];
    let heights = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 24, 30, 100];
    for (_, keys) in WAYS {
        seat.resize((120, 36)).press(BACK);
        walk(&mut seat, keys);
        for width in widths {
            for height in heights {
                // Reading for each of so many sizes would test the store, not the screen.
                seat.model.size = (width, height);
                seat.buffer();
            }
        }
    }
}

#[test]
fn keys_at_any_size_do_no_harm() {
    let mut random = fastrand::Rng::with_seed(11);
    let keys = "jkhlgGzxvm<>pa1234 7/?:!uUT,";
    let keys: Vec<char> = keys.chars().collect();
    let mut seat = Seat::before(payments::board(), (80, 24));
    for _ in 0..400 {
        if random.u8(0..5) == 0 {
            seat.resize((random.u16(1..200), random.u16(1..60)));
        }
        let key = keys[random.usize(0..keys.len())];
        seat.press(&key.to_string());
        if random.u8(0..4) == 0 {
            seat.press("<esc>");
        }
        seat.buffer();
        assert!(!seat.ended, "no key here quits");
    }
}

#[test]
fn the_cursor_survives_every_resize() {
    let mut seat = Seat::before(payments::board(), (120, 36));
    seat.press("l l j");
    let card = seat.model.board.card().unwrap().task_id;
    for size in [(80, 24), (44, 20), (20, 5), (300, 100), (120, 36)] {
        seat.resize(size);
        assert_eq!(seat.model.board.card().unwrap().task_id, card, "{size:?}");
    }
}

#[test]
fn a_window_too_small_for_anything_says_what_matters_most() {
    let mut seat = Seat::before(payments::board(), (20, 4));
    seat.expect("vayu: 3 need you");
    seat.resize((120, 36)).expect("In progress");
}
