//! Tables with a header row, comma, semicolon or tab between the cells.

use std::collections::HashMap;
use std::io::BufRead;

use super::columns::{Column, Columns, Field};
use super::incoming::{Asker, Batch, Incoming, Remark, State};
use super::source::{self, ReadError};
use super::{Kind, text};
use crate::domain::ActorKind;
use crate::domain::agent::parse_skills;

/// Reads a table.
///
/// # Errors
/// When the stream fails, there is no header, a column that the mapping names is missing, or none holds a title.
pub fn read(name: &str, mut input: impl BufRead, columns: &Columns) -> Result<Batch, ReadError> {
    let delimiter = delimiter(input.fill_buf().map_err(|error| ReadError::io(name, error))?);
    let mut table = ::csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(input);
    let header: Vec<String> = match table.byte_headers() {
        Ok(row) => row.iter().map(|cell| cell_text(source::without_mark(cell))).collect(),
        Err(error) => return Err(broken(name, &error)),
    };
    let columns = columns.locate(&header).map_err(|what| malformed(name, 1, what))?;
    let mut batch = Batch::new(Kind::Csv);
    let mut keys = Keys { name, seen: HashMap::new() };
    let mut row = ::csv::ByteRecord::new();
    while table.read_byte_record(&mut row).map_err(|error| broken(name, &error))? {
        let line = row.position().map_or(0, |position| position.line() as usize);
        if row.iter().all(|cell| cell.trim_ascii().is_empty()) {
            continue;
        }
        match Row::new(&row, &columns).incoming(line, &mut keys) {
            Ok(task) => batch.incoming.push(task),
            Err(reason) => batch.skip(line, "row", reason),
        }
    }
    Ok(batch)
}

/// The separator that occurs most in the first line.
fn delimiter(start: &[u8]) -> u8 {
    let header = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| header.split(|byte| *byte == separator).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn cell_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}

/// First characters that make a spreadsheet take a cell for a formula.
const FORMULA: &[char] = &['=', '+', '-', '@'];

/// The text as a cell that no spreadsheet calculates: an apostrophe goes before what looks like a formula.
pub(super) fn guard(text: &str) -> String {
    let bare = text.trim_start_matches('\'');
    if bare.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell without that apostrophe.
fn unguard(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest.to_owned(),
        _ => text,
    }
}

fn malformed(name: &str, line: usize, what: String) -> ReadError {
    ReadError::Malformed { name: name.to_owned(), line, column: 1, what }
}

fn broken(name: &str, error: &::csv::Error) -> ReadError {
    let line = error.position().map_or(1, |position| position.line() as usize);
    match error.kind() {
        ::csv::ErrorKind::Io(io) => ReadError::io(name, std::io::Error::new(io.kind(), io.to_string())),
        _ => malformed(name, line, error.to_string()),
    }
}

/// Keys of rows, which carry the file's name: numbers of two tables mean different things.
struct Keys<'a> {
    name: &'a str,
    /// How often a title has been seen, where rows have no ids.
    seen: HashMap<String, u32>,
}

impl Keys<'_> {
    fn of(&self, id: &str) -> String {
        format!("{}#{}", self.name, id.trim().trim_start_matches('#'))
    }

    /// A row without an id is known by its title, and by its place among equals.
    fn of_title(&mut self, title: &str) -> String {
        let count = self.seen.entry(title.to_lowercase()).or_default();
        *count += 1;
        match *count {
            1 => format!("{}:{}", self.name, title.to_lowercase()),
            n => format!("{}:{} ~{n}", self.name, title.to_lowercase()),
        }
    }
}

/// The cells of one row by field.
struct Row<'a> {
    cells: Vec<(&'a Column, String)>,
}

impl<'a> Row<'a> {
    fn new(row: &::csv::ByteRecord, columns: &'a [Column]) -> Self {
        let cell = |column: &Column| row.get(column.at).map(cell_text).map(unguard).filter(|text| !text.is_empty());
        Self { cells: columns.iter().filter_map(|column| Some((column, cell(column)?))).collect() }
    }

    fn all(&self, field: Field) -> impl Iterator<Item = &str> {
        self.cells.iter().filter(move |(column, _)| column.field == field).map(|(_, text)| text.as_str())
    }

    fn first(&self, field: Field) -> Option<&str> {
        self.all(field).next()
    }

    fn list(&self, field: Field) -> Vec<String> {
        self.all(field).flat_map(text::list).collect()
    }

    fn incoming(&self, line: usize, keys: &mut Keys) -> Result<Incoming, String> {
        let title = text::one_line(self.first(Field::Title).ok_or("it has no title")?);
        let key = match self.first(Field::Key) {
            Some(id) => keys.of(id),
            None => keys.of_title(&title),
        };
        let mut task = Incoming::new(key, line, title);
        self.take_words(&mut task);
        self.take_sizes(&mut task);
        self.take_dates(&mut task);
        task.parent = self.first(Field::Parent).map(|id| keys.of(id));
        task.parent_named = task.parent.is_some();
        for on in self.list(Field::BlockedBy) {
            task.wait_for(keys.of(&on));
        }
        let remark = |text: &str| Remark { author: "csv".into(), at: None, text: text.to_owned() };
        task.remarks = self.all(Field::Comment).map(remark).collect();
        Ok(task)
    }

    fn take_words(&self, task: &mut Incoming) {
        let fields = &mut task.fields;
        fields.description = self.first(Field::Description).map(str::to_owned);
        fields.tags = self.list(Field::Tags);
        fields.assignees = self.all(Field::Assignee).flat_map(|names| names.split([',', ';'])).map(person).collect();
        fields.asker = self.first(Field::Requester).map(|name| Asker { kind: ActorKind::Human, name: name.to_owned() });
        fields.acceptance = self.all(Field::Acceptance).flat_map(text::criteria).collect();
        fields.milestone = self.first(Field::Milestone).map(str::to_owned);
        fields.url = self.first(Field::Url).map(str::to_owned);
        if let Some(word) = self.first(Field::Type) {
            fields.kind = text::task_kind(word);
            fields.group = text::is_group(word);
            if fields.kind.is_none() && !fields.group {
                fields.tags.push(word.to_lowercase());
            }
        }
        if let Some(word) = self.first(Field::Level) {
            match word.parse() {
                Ok(level) => fields.level = Some(level),
                Err(why) => task.warnings.push(why),
            }
        }
        if let Some(word) = self.first(Field::Status) {
            stand(task, word);
        }
    }

    fn take_sizes(&self, task: &mut Incoming) {
        task.fields.priority = self.read(task, Field::Priority, |_, word| text::priority(word));
        task.fields.points = self
            .read(task, Field::Points, |_, word| word.replace(',', ".").parse().ok().filter(|p: &f64| p.is_finite()));
        task.fields.estimate = self.read(task, Field::Estimate, |column, word| match word.parse::<f64>() {
            Ok(number) => text::minutes(&(number * column.unit).to_string()),
            Err(_) => text::minutes(word),
        });
        if let Some(skills) = self.read(task, Field::Skills, |_, word| parse_skills(&word.replace(';', ",")).ok()) {
            task.fields.skills = skills;
        }
    }

    fn take_dates(&self, task: &mut Incoming) {
        task.fields.deadline = self.read(task, Field::Deadline, |_, word| text::instant(word).map(text::until_its_end));
        task.fields.not_before = self.read(task, Field::NotBefore, |_, word| text::instant(word));
        task.fields.created_at = self.read(task, Field::Created, |_, word| text::instant(word));
        task.fields.ended_at = self.read(task, Field::Ended, |_, word| text::instant(word));
    }

    /// A cell's value; one that cannot be read is left out with a warning.
    fn read<T>(&self, task: &mut Incoming, field: Field, parse: impl Fn(&Column, &str) -> Option<T>) -> Option<T> {
        let (column, word) = self.cells.iter().find(|(column, _)| column.field == field)?;
        let value = parse(column, word);
        if value.is_none() {
            let word: String = word.chars().take(60).collect();
            task.warnings.push(format!("{field} `{word}` cannot be read and was left out"));
        }
        value
    }
}

fn person(name: &str) -> String {
    name.trim().trim_start_matches('@').to_owned()
}

/// State by the words of many boards; what is none of them is to be done, and its word is kept.
fn stand(task: &mut Incoming, word: &str) {
    let fields = &mut task.fields;
    match word.to_lowercase().replace([' ', '_', '-', '\''], "").as_str() {
        "done" | "closed" | "completed" | "complete" | "resolved" | "finished" | "fixed" | "x" | "yes" | "true"
        | "100" | "100%" => fields.state = State::Done,
        "cancelled" | "canceled" | "dropped" | "wontdo" | "wontfix" | "abandoned" | "deleted" | "duplicate" => {
            fields.state = State::Dropped;
        }
        "blocked" | "onhold" | "impeded" => {
            fields.state = State::Blocked;
            fields.blocked_because = Some(format!("{} in the table", word.to_lowercase()));
        }
        "" | "open" | "todo" | "new" | "created" | "queued" | "backlog" | "ready" | "no" | "false" | "0" | "0%" => {}
        _ => fields.notes.push(format!("{} there", word.to_lowercase())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Batch {
        read("t.csv", text.as_bytes(), &Columns::default()).expect("has a title column")
    }

    #[test]
    fn a_table_of_an_issue_tracker_needs_no_mapping() {
        let batch = table(
            "Issue key;Summary;Status;Priority;Labels;Labels;Original Estimate;Depends on;Created\n\
             AB-1;\"Pay\nby card\";In Progress;Highest;money;ui;7200;;31/Jan/24 2:15 PM\n\
             AB-2;Refund;Done;Low;;;;AB-1;2024-02-01\n",
        );
        let (first, second) = (&batch.incoming[0], &batch.incoming[1]);
        assert_eq!(first.key, "t.csv#AB-1");
        assert_eq!(first.fields.title, "Pay by card");
        assert_eq!(first.fields.estimate, Some(120));
        assert_eq!(first.fields.tags, ["money", "ui"]);
        assert_eq!(first.fields.notes, ["in progress there"]);
        assert_eq!((second.line, second.waits[0].on.as_str()), (4, "t.csv#AB-1"));
        assert_eq!(second.fields.state, State::Done);
    }

    #[test]
    fn rows_without_ids_are_known_by_their_titles() {
        let batch = table("title\nWash\nWash\nDry\n");
        let keys: Vec<_> = batch.incoming.iter().map(|task| task.key.as_str()).collect();
        assert_eq!(keys, ["t.csv:wash", "t.csv:wash ~2", "t.csv:dry"]);
    }

    #[test]
    fn unreadable_cells_are_named_and_left_out() {
        let batch = table("id,title,priority,due,points\n1,A,whenever,someday,many\n2,,high,,\n");
        assert_eq!(batch.incoming[0].warnings.len(), 3);
        assert_eq!(batch.skipped[0].reason, "it has no title");
        assert_eq!(batch.skipped[0].line, 3);
    }

    #[test]
    fn formulas_are_defused_on_the_way_out_and_whole_again_on_the_way_in() {
        for text in ["=1+1", "@ana", "'=x", "-5", "plain", "it's"] {
            assert_eq!(unguard(guard(text)), text);
            assert!(!guard(text).starts_with(FORMULA), "{text}");
        }
    }

    #[test]
    fn a_table_without_a_title_is_an_error_with_a_place() {
        let error = read("t.csv", &b"a,b\n1,2\n"[..], &Columns::default()).expect_err("no title");
        assert!(error.to_string().starts_with("t.csv:1:1: no column holds a title"), "{error}");
    }
}
