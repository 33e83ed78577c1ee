//! R14 and R26: damaged files are named and never crash anything; of many that upgrade a board, each finds it upgraded.

use std::path::Path;
use std::sync::Barrier;

use vayu::store::Store;
use vayu::store::sqlite::Board;
use vayu::store::view::{Filter, Page};

use super::old_board::to_first_schema;
use super::team::Home;
use super::{seed, size};

const WORDS: &[&str] =
    &["BAD", "damaged", "not a vayu board", "newer vayu", "cannot be read", "could not be read", "malformed"];

/// Runs a verb on the damaged copy: whatever it says, it ends by itself and in words.
fn try_on(home: &Home, copy: &Path, args: &[&str]) -> bool {
    let mut command = home.command(args);
    command.env("VAYU_BOARD", copy).stderr(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    let code = output.status.code().unwrap_or_else(|| panic!("{args:?} was killed: {said}"));
    assert!(code <= 1, "{args:?} ended with {code}: {said}");
    assert!(code == 0 || WORDS.iter().any(|word| said.contains(word)), "{args:?} does not name the damage: {said}");
    code == 1
}

fn titles(board: &Path) -> Vec<String> {
    let service = vayu::service::Service::new(Box::new(Board::at(board).open().unwrap()));
    let cards = service.read().list_cards(&Filter::default(), Page::ALL).unwrap();
    cards.into_iter().map(|card| card.title).collect()
}

#[test]
fn r14_flipped_bytes_anywhere_are_named_or_harmless_and_never_crash() {
    let seed = seed("R14", 14);
    let mut random = fastrand::Rng::with_seed(seed);
    let home = Home::new();
    for n in 0..40 {
        home.ok(&["task", "create", &format!("task {n}")]);
    }
    let whole = home.path().join("whole.db");
    home.service().backup(&whole).unwrap();
    let bytes = std::fs::read(&whole).unwrap();
    let good = titles(&whole);
    let (mut named, rounds) = (0, size(40, 2_000));
    for round in 0..rounds {
        let copy = home.path().join(format!("{round}/.vayu/board.db"));
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        let mut damaged = bytes.clone();
        // Every fourth time in the header, else anywhere; one byte or a torn piece of a page.
        let reach = if round % 4 == 0 { 100 } else { damaged.len() };
        let at = random.usize(0..reach);
        let length = if random.bool() { 1 } else { random.usize(1..2_000) };
        // First the number of the format, which SQLite refuses without a code of its own, and the sign of the schema's.
        let (at, length) = [(47, 1), (60, 1)].get(round).copied().unwrap_or((at, length));
        for byte in damaged.iter_mut().skip(at).take(length) {
            *byte ^= if round == 1 { 0x80 } else { random.u8(1..) };
        }
        std::fs::write(&copy, &damaged).unwrap();
        let broken = try_on(&home, &copy, &["doctor"]);
        named += usize::from(broken);
        try_on(&home, &copy, &["task", "list"]);
        assert!(std::fs::read(&copy).unwrap() == damaged, "round {round}: looking at byte {at} has changed the file");
        if broken {
            assert!(!try_on(&home, &copy, &["restore", whole.to_str().unwrap(), "--yes"]), "no backup heals it");
        }
        assert_eq!(titles(&copy), good, "round {round} is called in order, or healed, and has other titles");
        std::fs::remove_dir_all(copy.parent().unwrap()).unwrap();
    }
    println!("R14: {rounds} damaged files, {named} found to be broken by the doctor");
    assert!(named * 4 > rounds, "the doctor finds hardly any damage: {named} of {rounds}");
}

#[test]
fn r26_of_many_that_open_an_old_board_at_once_each_finds_it_upgraded() {
    const OPENERS: usize = 8;
    let home = Home::new();
    home.ok(&["task", "create", "kept"]);
    to_first_schema(&home.board());
    let start = Barrier::new(OPENERS);
    std::thread::scope(|scope| {
        for _ in 0..OPENERS {
            scope.spawn(|| {
                start.wait();
                let (code, tasks) = home.json(&["task", "list"]);
                assert_eq!((code, tasks.as_array().map(Vec::len)), (0, Some(1)), "{tasks}");
            });
        }
    });
    let backups: Vec<_> = std::fs::read_dir(home.board().with_file_name("backups")).unwrap().flatten().collect();
    assert_eq!(backups.len(), 1, "one copy of the board as it was: {backups:?}");
    let store = Board::at(home.board()).open().unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
