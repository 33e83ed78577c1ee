//! Whatever a terminal sends, in whatever pieces, the same keys come out and nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu::tui::terminal::parse::Parser;

fuzz_target!(|bytes: &[u8]| {
    let mut whole = Vec::new();
    let mut parser = Parser::default();
    parser.feed(bytes, |input| whole.push(input));
    parser.settle(|input| whole.push(input));
    let mut pieces = Vec::new();
    let mut parser = Parser::default();
    for byte in bytes.chunks(1) {
        parser.feed(byte, |input| pieces.push(input));
    }
    parser.settle(|input| pieces.push(input));
    assert_eq!(whole, pieces);
});
