//! Whatever a product owner types, it becomes objectives of at least one word, or none.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu::plan::objectives::objectives;

fuzz_target!(|text: &str| {
    for objective in objectives(text) {
        assert!(!objective.title.trim().is_empty());
    }
});
