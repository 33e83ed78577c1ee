//! Whatever a file holds, its reader yields what a board can hold, or says what is wrong. The first byte chooses the format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu::domain::Actor;
use vayu::exchange::{self, Columns, Kind, Options, source};
use vayu::service::Service;
use vayu::store::sqlite::Board;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let kind = Kind::ALL[usize::from(*first) % Kind::ALL.len()];
    let Ok(input) = source::unpacked(std::io::Cursor::new(rest.to_vec())) else { return };
    if kind == Kind::Vayu {
        let _named = exchange::vayu::read("x", input);
        return;
    }
    let Ok(batch) = exchange::read(kind, "x", input, &Columns::default()) else { return };
    let tasks = batch.incoming.len();
    let mut service = Service::new(Box::new(Board::in_memory().expect("a board in memory")));
    let report = exchange::import(&mut service, &Actor::human("po"), batch, Options::default(), &mut |_, _| {});
    assert!(report.expect("a board takes what a reader yields").tasks.total() <= tasks);
});
