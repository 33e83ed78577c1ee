//! Whatever an agent prints, the line is no word for vayu, or a word that is understood or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu::agents::protocol;

fuzz_target!(|text: &str| {
    for line in text.lines() {
        let _plain = protocol::parse(line);
        let _worded = protocol::parse(&format!("::vayu {line}"));
    }
});
