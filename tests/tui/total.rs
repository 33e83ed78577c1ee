//! Whatever comes from the terminal or stands in a settings file, nothing panics and nothing wild is drawn.

use proptest::prelude::*;
use vayu::tui::keymap::Keymap;
use vayu::tui::source::Source;
use vayu::tui::terminal::parse::Parser;
use vayu::tui::theme::{Level, Wardrobe};

use crate::hostile::check;
use crate::payments;
use crate::seat::Seat;

/// Bytes as terminals send them, and as they should not.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "\x1b[A",
        "\x1b[B",
        "\x1bOC",
        "\x1b[1;5D",
        "\x1b[5~",
        "\x1b[6~",
        "\x1b[3~",
        "\x1b[Z",
        "\x1b[57358u",
        "\x1b[97;5u",
        "\x1b[27;5;97~",
        "\x1b[<0;10;5M",
        "\x1b[<0;10;5m",
        "\x1b[<32;300;300M",
        "\x1b[<64;1;1M",
        "\x1b[<99;99999;0M",
        "\x1b[I",
        "\x1b[O",
        "\x1b[200~paste \u{202e}\x07\x1b[201~",
        "\x1b[200~",
        "\x1b[201~",
        "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\",
        "\x1b]11;nonsense\x07",
        "\x1b[?1u",
        "\x1b[12;40R",
        "\x1bP!|0\x1b\\",
        "\x1b",
        "\r",
        "\t",
        "\x7f",
        "\x03",
        "\x1a",
        " ",
        "é",
        "漢",
        "👨‍👩‍👧",
    ]);
    let piece = prop_oneof![
        6 => known.prop_map(|text| text.as_bytes().to_vec()),
        6 => "[a-zA-Z0-9<>/?:!.,-]".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// Lines of settings files, right and wrong.
fn settings() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec![
        "[board]",
        "[everywhere]",
        "[keys]",
        "[[keys]]",
        "[colors]",
        "[roles]",
        "name = \"mine\"",
        "base = \"mono\"",
        "base = \"mine\"",
        "base = 3",
        "kind = \"dark\"",
        "down = [\"j\"]",
        "down = [\"<c-x> <c-y>\", \"\"]",
        "down = \"<\"",
        "undo = [\"g\", \"gg\", \"ggg\"]",
        "quit = []",
        "text = \"#ffffff\"",
        "text = \"#zzz\"",
        "text = \"bright-red\"",
        "text = { fg = \"red\", bold = true }",
        "accent = -1",
        "=",
        "\u{0}",
        "a.b.c.d = 1",
        "quit = [\"<c-\u{202e}>\"]",
    ]);
    prop::collection::vec(prop_oneof![9 => line.prop_map(str::to_owned), 1 => ".{0,20}"], 0..12)
        .prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_input_of_a_terminal_does_harm(pieces in prop::collection::vec(bytes(), 1..4), size in (1..140_u16, 1..50_u16)) {
        let mut seat = Seat::before(payments::board(), size);
        let mut parser = Parser::default();
        for bytes in pieces {
            let mut inputs = Vec::new();
            parser.feed(&bytes, |input| inputs.push(input));
            parser.settle(|input| inputs.push(input));
            for input in inputs {
                seat.input(input);
            }
            check(&seat);
        }
    }
}

proptest! {
    #[test]
    fn a_keymap_of_any_text_is_taken_or_refused_with_its_line(text in settings()) {
        let lines = text.lines().count().max(1);
        if let Err(mistake) = Keymap::with_user(&Source { path: "keys.toml".into(), text }) {
            prop_assert!((1..=lines + 1).contains(&mistake.line), "{mistake}");
            prop_assert!(!mistake.what.is_empty());
        }
    }

    #[test]
    fn a_theme_of_any_text_is_taken_or_refused_and_another_is_worn(text in settings()) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.toml"), text).unwrap();
        let (wardrobe, mistakes) = Wardrobe::open(Level::True, "mine", Some(folder.path()));
        prop_assert!(mistakes.is_empty() || !mistakes[0].what.is_empty());
        wardrobe.theme();
    }
}
