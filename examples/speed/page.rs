//! The results as JSON and as a page.

use std::fmt::Write as _;
use std::path::Path;

use crate::Outcome;
use crate::line::{Line, count, number};
use crate::machine::Machine;

const BEGIN: &str = "<!-- speed: made by the command below; changes between these marks are lost -->";
const END: &str = "<!-- end of speed -->";

/// Everything, for programs.
pub fn json(machine: &Machine, lines: &[Line]) -> Outcome<String> {
    let all = serde_json::json!({ "machine": machine, "lines": lines });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}

/// The part of a page that is about speed.
pub fn markdown(machine: &Machine, lines: &[Line]) -> String {
    let mut page = format!("{BEGIN}\n\n");
    let _infallible = write!(
        page,
        "Measured on {} at commit `{}` with `{}`: {}.\n\n{}, {}, load {} before the run; beside {}.\n\n\
         | bar | what | vayu | beside it | ratio | wanted | verdict |\n|---|---|---:|---:|---:|---|---|\n",
        machine.date,
        machine.commit,
        machine.command,
        count(lines),
        machine.processor,
        machine.system,
        machine.load,
        machine.peers.join(", ")
    );
    for line in lines {
        let ratio = line.ratio.map(|ratio| format!("{}×", number(ratio))).unwrap_or_default();
        let (figure, anchor) = (line.figure(), line.anchor_figure());
        let _infallible = writeln!(
            page,
            "| {} | {} | {figure} | {anchor} | {ratio} | {} | {} |",
            line.bar,
            line.what,
            line.wanted,
            line.verdict().replace("NOT HELD", "**not held**")
        );
    }
    page + "\n" + END + "\n"
}

/// Writes the part into a page, in the place of the one of before.
pub fn put(file: &Path, part: &str) -> Outcome<()> {
    let page = std::fs::read_to_string(file).unwrap_or_default();
    let page = match (page.find(BEGIN), page.find(END)) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{part}{}", &page[..from], page[to + END.len()..].trim_start_matches('\n'))
        }
        _ => page + part,
    };
    Ok(std::fs::write(file, page)?)
}
