//! Every reader takes every stream of bytes without a panic, and what it yields a board can hold.

use proptest::prelude::*;
use vayu::exchange::{self, Columns, Kind, Options, source};

use super::{board, po};

fn take(kind: Kind, bytes: &[u8]) {
    let input = source::unpacked(std::io::Cursor::new(bytes.to_vec())).unwrap();
    if kind == Kind::Vayu {
        let _names_what_is_bad = exchange::vayu::read("x", input);
        return;
    }
    let Ok(batch) = exchange::read(kind, "x", input, &Columns::default()) else { return };
    let mut service = board();
    let tasks = batch.incoming.len();
    let report = exchange::import(&mut service, &po(), batch, Options::default(), &mut |_, _| {}).unwrap();
    assert!(report.tasks.total() <= tasks);
}

/// Pieces of all formats, so that chance reaches the places where readers decide.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "{\"id\":\"a\",\"title\":\"t\"",
        "{\"id\":\"a.1\",\"title\":\"t\"",
        "{\"uuid\":\"u\",\"description\":\"d\"",
        "{\"number\":1,\"title\":\"t\",\"body\":\"Depends on #1\\n- [ ] #1\"",
        ",\"dependencies\":[{\"depends_on_id\":\"a.1\",\"type\":\"blocks\"}]",
        ",\"depends\":\"u,v\"",
        ",\"priority\":",
        ",\"created_at\":\"9999-12-31T23:59:60Z\"",
        "null",
        "\"é\u{0}\u{202e}\"",
        "-1e999",
        "}",
        "[",
        "]",
        ",",
        "\n",
        "\r\n",
        "\t",
        "id,title,status,parent,depends on,estimate,points,due\n",
        "1,\"a\nb\",done,2,1 2,1e9h,NaN,0000-00-00\n",
        "2,x,blocked,1,#1,-5,1e400,99999-01-01\n",
        "# Heading\n",
        "## Heading ^a\n",
        "- [ ] item #tag @who !high (3p) ~2h due:2024-01-01 after:^a ^b\n",
        "  - [x] part\n",
        "    - Acceptance: é; b\n",
        "```\n",
        "📅 2024-01-01",
        "\u{1f}\u{8b}",
        "\u{feff}",
    ]);
    let piece = prop_oneof![
        8 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_upset_a_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0..Kind::ALL.len()) {
        take(Kind::ALL[at], &bytes);
    }

    #[test]
    fn no_mixture_upsets_a_reader(bytes in pieces(), at in 0..Kind::ALL.len()) {
        take(Kind::ALL[at], &bytes);
    }
}
