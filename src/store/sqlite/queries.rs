//! Filters as SQL: words of our own in the text, everything from outside as a bound value.

use rusqlite::types::Value;

use super::rows::Key;
use crate::store::view::Filter;

/// A condition on `tasks t` and the values it binds, in order.
pub(super) struct Condition {
    /// The table, with a hint where the rows are best found by their numbers.
    pub from: &'static str,
    pub sql: String,
    pub values: Vec<Value>,
}

impl Condition {
    /// The filter as a condition; `TRUE` when it leaves nothing out. `query` is what its words mean to the search.
    pub fn of(filter: &Filter, query: Option<String>) -> Self {
        let mut parts = Parts::default();
        parts.words("t.status", filter.statuses.iter().map(|status| status.as_str()));
        parts.words("t.level", filter.levels.iter().map(|level| level.as_str()));
        parts.words("t.type", filter.kind.iter().map(|kind| kind.as_str()));
        parts.list("t.priority", filter.priorities.iter().map(|p| Value::Integer(i64::from(p.rank()))).collect());
        parts.equals("t.agent", filter.agent.map(|id| Key(id.0)));
        parts.equals("t.sprint", filter.sprint.map(|id| Key(id.0)));
        parts.equals("t.parent", filter.parent.map(|id| Key(id.0)));
        parts.when(filter.unassigned, "t.agent IS NULL");
        parts.when(filter.no_sprint, "t.sprint IS NULL");
        parts.when(
            filter.ready,
            "(t.status = 'queued' AND t.level = 'task' AND t.admission_lane IS NULL
              AND NOT EXISTS (SELECT 1 FROM processes p WHERE p.task = t.id))",
        );
        if let Some(milestone) = &filter.milestone {
            parts.sql.push("t.milestone = ? COLLATE NOCASE".into());
            parts.values.push(Value::Text(milestone.clone()));
        }
        for tag in &filter.tags {
            parts.sql.push("EXISTS (SELECT 1 FROM json_each(t.tags) WHERE value = ?)".into());
            parts.values.push(Value::Text(tag.clone()));
        }
        if let Some(query) = query {
            parts.sql.push("(t.number IN (SELECT rowid FROM words WHERE words MATCH ?) OR t.number = ?)".into());
            parts.values.push(Value::Text(query));
            // No task has the number 0.
            parts.values.push(Value::Integer(number(&filter.text).unwrap_or_default()));
        }
        parts.into_condition(filter.invert, filter.archived)
    }

    /// The cards of these numbers, a JSON array.
    pub fn of_numbers(numbers: String) -> Self {
        let sql = "t.archived = 0 AND t.number IN (SELECT value FROM json_each(?))".to_owned();
        Self { from: "tasks t NOT INDEXED", sql, values: vec![Value::Text(numbers)] }
    }
}

/// Whether a filter is nothing but words.
pub(super) fn is_words_alone(filter: &Filter) -> bool {
    *filter == Filter { text: filter.text.clone(), ..Filter::default() }
}

#[derive(Default)]
struct Parts {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Parts {
    fn words(&mut self, column: &str, words: impl Iterator<Item = &'static str>) {
        self.list(column, words.map(|word| Value::Text(word.into())).collect());
    }

    fn list(&mut self, column: &str, values: Vec<Value>) {
        if values.is_empty() {
            return;
        }
        let marks = vec!["?"; values.len()].join(", ");
        self.sql.push(format!("{column} IN ({marks})"));
        self.values.extend(values);
    }

    fn equals(&mut self, column: &str, key: Option<Key>) {
        if let Some(key) = key {
            self.sql.push(format!("{column} IS ?"));
            self.values.push(key.into());
        }
    }

    fn when(&mut self, wanted: bool, sql: &str) {
        if wanted {
            self.sql.push(sql.into());
        }
    }

    fn into_condition(self, invert: bool, archived: bool) -> Condition {
        let shown = if self.sql.is_empty() { "TRUE".to_owned() } else { self.sql.join(" AND ") };
        let shown = if invert { format!("NOT ({shown})") } else { shown };
        let sql = if archived { shown } else { format!("t.archived = 0 AND {shown}") };
        Condition { from: "tasks t", sql, values: self.values }
    }
}

/// The number of a task, if that is what was typed.
pub(super) fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    text.strip_prefix('#').unwrap_or(text).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_hides_only_what_is_archived() {
        assert_eq!(Condition::of(&Filter::default(), None).sql, "t.archived = 0 AND TRUE");
    }
}
