//! One verb over several items: each is a change of its own and gets a result of its own.

use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::output::one_line;
use super::{Failure, Outcome};

/// Does `one` for each item and prints what became of them: a single item as itself, several as a list of results.
///
/// # Errors
/// For a single item, its failure; for several, each is reported and the worst exit code returned.
pub fn each<I: ToString, T: Serialize>(
    cx: &mut Context,
    items: &[I],
    mut one: impl FnMut(&mut Context, &I) -> Result<T, Failure>,
    line: impl Fn(&Context, &T) -> String,
) -> Result<Outcome, Failure> {
    if let [only] = items {
        let done = one(cx, only)?;
        cx.out.print(&done, || line(cx, &done))?;
        return Ok(Outcome::Done);
    }
    let results: Vec<_> = items.iter().map(|item| (item.to_string(), one(cx, item))).collect();
    let worst = results.iter().filter_map(|(_, result)| result.as_ref().err()).map(Failure::exit_code).max();
    let values: Vec<_> = results.iter().map(|(item, result)| value(item, result)).collect();
    cx.out.print(&values, || {
        let text = |(item, result): &(String, Result<T, Failure>)| match result {
            Ok(done) => line(cx, done),
            Err(failure) => format!("{}: {}", one_line(item, 80), one_line(&failure.to_string(), 400)),
        };
        results.iter().map(text).collect::<Vec<_>>().join("\n")
    })?;
    Ok(worst.map_or(Outcome::Done, Outcome::Partly))
}

fn value<T: Serialize>(item: &str, result: &Result<T, Failure>) -> serde_json::Value {
    match result {
        Ok(done) => json!({ "id": item, "ok": true, "result": done }),
        Err(failure) => {
            json!({ "id": item, "ok": false, "error": failure.to_string(), "exit_code": failure.exit_code() })
        }
    }
}
