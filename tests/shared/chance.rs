//! How much a test tries, and how what it left to chance is played again.
//!
//! The short forms run always; `VAYU_LONG=1` (by `tests/run.sh --long [NAME]`) runs the long ones. What depends on
//! chance prints its seed, and `VAYU_SEED=N` replays it.
#![allow(dead_code, reason = "shared by several test programs, of which each needs some of it")]

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

/// How much of something: `short` always, `long` on demand.
pub fn size<T>(short: T, long: T) -> T {
    if std::env::var_os("VAYU_LONG").is_some() { long } else { short }
}

/// The seed of a test, printed: the one that is asked for, or this one.
pub fn seed(test: &str, usual: u64) -> u64 {
    let seed = std::env::var("VAYU_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(usual);
    println!("{test}: seed {seed}");
    seed
}

/// Tries a property on so many values of chance; what fails is made as small as possible and told with its seed.
#[track_caller]
pub fn property<S: Strategy>(test: &str, usual: u64, cases: u32, values: &S, holds: impl Fn(S::Value)) {
    let seed = seed(test, usual);
    let mut runner = runner(seed, cases);
    let found = runner.run(values, |value| -> TestCaseResult {
        holds(value);
        Ok(())
    });
    if let Err(failure) = found {
        panic!("{test} fails with VAYU_SEED={seed}: {failure}");
    }
    println!("{test}: {cases} cases");
}

/// One value of chance, for what takes too long to be tried often.
pub fn any_of<S: Strategy>(test: &str, usual: u64, values: &S) -> S::Value {
    values.new_tree(&mut runner(seed(test, usual), 1)).expect("a value").current()
}

fn runner(seed: u64, cases: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, max_shrink_iters: 2_000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}
