//! The bars, each in a function that measures it and says whether it holds. None of them knows how figures are printed.

mod commands;
mod instructions;
mod keys;
mod memory;
mod paint;
mod search;
mod store;

use crate::Outcome;
use crate::ground::Ground;
use crate::line::Line;

/// A bar and how it is measured.
pub struct Bar {
    /// As `P1`.
    pub name: &'static str,
    /// Measures it.
    pub measure: fn(&Ground) -> Outcome<Vec<Line>>,
}

/// All of them, in their order.
const BARS: [Bar; 15] = [
    Bar { name: "P1", measure: commands::create },
    Bar { name: "P2", measure: commands::list },
    Bar { name: "P3", measure: paint::first },
    Bar { name: "P4", measure: keys::latency },
    Bar { name: "P5", measure: keys::bytes },
    Bar { name: "P6", measure: paint::idle },
    Bar { name: "P7", measure: memory::resident },
    Bar { name: "P8", measure: store::claims },
    Bar { name: "P9", measure: store::crowd },
    Bar { name: "P10", measure: paint::news },
    Bar { name: "P12", measure: search::typing },
    Bar { name: "P13", measure: commands::import },
    Bar { name: "P14", measure: commands::parallel },
    Bar { name: "P15", measure: keys::flood },
    Bar { name: "I", measure: instructions::counted },
];

/// The bars of these names; all for none.
pub fn chosen(names: &[String]) -> Outcome<Vec<&'static Bar>> {
    let known = |name: &String| {
        let found = BARS.iter().find(|bar| bar.name.eq_ignore_ascii_case(name));
        found.ok_or_else(|| format!("there is no bar {name}").into())
    };
    if names.is_empty() { Ok(BARS.iter().collect()) } else { names.iter().map(known).collect() }
}
