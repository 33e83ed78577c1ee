//! Which column of a table holds which field: by the user's word, else by the usual names.

use std::fmt;
use std::str::FromStr;

/// A field that a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Id at the source.
    Key,
    /// Title.
    Title,
    /// Long text.
    Description,
    /// State.
    Status,
    /// Urgency.
    Priority,
    /// Sort of work.
    Type,
    /// Level in the breakdown.
    Level,
    /// Key of the whole.
    Parent,
    /// Labels.
    Tags,
    /// Who has it.
    Assignee,
    /// Who asked.
    Requester,
    /// Effort.
    Estimate,
    /// Relative size.
    Points,
    /// Wanted by.
    Deadline,
    /// Not to be started earlier.
    NotBefore,
    /// Written down.
    Created,
    /// Done.
    Ended,
    /// Keys of predecessors.
    BlockedBy,
    /// Criteria.
    Acceptance,
    /// Skills wanted.
    Skills,
    /// Milestone.
    Milestone,
    /// Address.
    Url,
    /// A remark.
    Comment,
}

/// Field, its word, and the headers that mean it, the best first; compared in lower case without marks and spaces.
const NAMES: &[(Field, &str, &[&str])] = &[
    (Field::Key, "key", &["issuekey", "key", "id", "number", "no", "taskid", "issueid", "ticket", "ref", "uuid"]),
    (Field::Title, "title", &["title", "summary", "subject", "name", "task", "taskname", "issue", "story", "cardname"]),
    (Field::Description, "description", &["description", "body", "details", "text", "notes", "carddescription"]),
    (Field::Status, "status", &["status", "state", "column", "list", "listname", "done", "completed", "progress"]),
    (Field::Priority, "priority", &["priority", "prio", "urgency", "importance", "severity"]),
    (Field::Type, "type", &["type", "issuetype", "kind", "tracker", "category"]),
    (Field::Level, "level", &["level"]),
    (Field::Parent, "parent", &["parent", "parentkey", "parentid", "epic", "epiclink", "partof", "parenttask"]),
    (Field::Tags, "tags", &["tags", "labels", "label", "tag", "components", "component"]),
    (Field::Assignee, "assignee", &["assignee", "assignedto", "owner", "responsible", "agent", "who"]),
    (Field::Requester, "requester", &["requester", "reporter", "author", "creator", "createdby", "requestedby"]),
    (Field::Estimate, "estimate", ESTIMATES),
    (Field::Points, "points", &["points", "storypoints", "storypointestimate", "sp", "size"]),
    (Field::Deadline, "deadline", &["deadline", "due", "duedate", "dueon", "targetdate"]),
    (Field::NotBefore, "not_before", &["notbefore", "startdate", "start", "wait"]),
    (Field::Created, "created", &["created", "createdat", "createddate", "datecreated", "opened"]),
    (Field::Ended, "ended", &["ended", "endedat", "closed", "closedat", "resolved", "resolutiondate", "completedat"]),
    (Field::BlockedBy, "blocked_by", &["blockedby", "dependson", "dependencies", "depends", "predecessors", "after"]),
    (Field::Acceptance, "acceptance", &["acceptance", "acceptancecriteria", "criteria", "definitionofdone"]),
    (Field::Skills, "skills", &["skills", "skill", "capabilities"]),
    (Field::Milestone, "milestone", &["milestone", "fixversion", "fixversions", "release", "version"]),
    (Field::Url, "url", &["url", "link", "address", "permalink"]),
    (Field::Comment, "comment", &["comment", "comments", "remark"]),
];

const ESTIMATES: &[&str] = &[
    "estimate",
    "estimatedduration",
    "estimatedminutes",
    "estimateminutes",
    "originalestimate",
    "estimatehours",
    "estimatedhours",
    "estimateh",
    "hours",
    "effort",
    "duration",
];

impl Field {
    /// The word for it in `--map`.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(field, ..)| *field == self).map_or("", |(_, word, _)| word)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let wanted = bare(word);
        let found = NAMES.iter().find(|(_, name, headers)| bare(name) == wanted || headers.contains(&wanted.as_str()));
        found.map(|(field, ..)| *field).ok_or_else(|| {
            let known: Vec<_> = NAMES.iter().map(|(_, word, _)| *word).collect();
            format!("`{word}` is no field; the fields are {}", known.join(", "))
        })
    }
}

/// A header in lower case, letters and digits only.
fn bare(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The user's mapping, `title=Summary,priority=Prio`; what it does not name is found by its usual names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    given: Vec<(Field, String)>,
}

impl FromStr for Columns {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let given = pairs.map(|pair| {
            let (field, column) = pair
                .split_once('=')
                .ok_or_else(|| format!("`{pair}`: write field=column, as in title=Summary,priority=Prio"))?;
            Ok((field.parse()?, column.trim().to_owned()))
        });
        Ok(Self { given: given.collect::<Result<_, String>>()? })
    }
}

/// One column that is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Position in a row.
    pub at: usize,
    /// What it holds.
    pub field: Field,
    /// Minutes that a bare number means, for estimates.
    pub unit: f64,
}

impl Columns {
    /// More pairs after these.
    pub fn extend(&mut self, more: Self) {
        self.given.extend(more.given);
    }

    /// The columns of a header row that are read.
    ///
    /// # Errors
    /// When a column that the user named is not there, or none holds a title.
    pub fn locate(&self, header: &[String]) -> Result<Vec<Column>, String> {
        let mut found = Vec::new();
        for (field, name) in &self.given {
            let at = header
                .iter()
                .position(|head| head.trim().eq_ignore_ascii_case(name))
                .ok_or_else(|| format!("there is no column `{name}`; the columns are {}", listed(header)))?;
            found.push(column(at, *field, header));
        }
        for (field, _, usual) in NAMES {
            let known = |columns: &[Column]| columns.iter().any(|column| column.field == *field);
            let free = |columns: &[Column], at: usize| columns.iter().all(|column| column.at != at);
            if known(&found) {
                continue;
            }
            let best =
                usual.iter().find(|name| (0..header.len()).any(|at| bare(&header[at]) == **name && free(&found, at)));
            let all = best.into_iter().flat_map(|name| (0..header.len()).filter(move |at| bare(&header[*at]) == *name));
            let all: Vec<_> = all.filter(|at| free(&found, *at)).collect();
            found.extend(all.into_iter().map(|at| column(at, *field, header)));
        }
        if found.iter().any(|column| column.field == Field::Title) {
            return Ok(found);
        }
        Err(format!("no column holds a title; name it with --map title=COLUMN; the columns are {}", listed(header)))
    }
}

fn column(at: usize, field: Field, header: &[String]) -> Column {
    let name = bare(&header[at]);
    let unit = match name.as_str() {
        "originalestimate" => 1.0 / 60.0,
        name if field == Field::Estimate && (name.contains("hour") || name == "estimateh") => 60.0,
        _ => 1.0,
    };
    Column { at, field, unit }
}

fn listed(header: &[String]) -> String {
    let mut names: Vec<String> = header.iter().take(40).map(|head| format!("`{}`", head.trim())).collect();
    if header.len() > names.len() {
        names.push(format!("{} more", header.len() - names.len()));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn fields(columns: &[Column]) -> Vec<(usize, Field)> {
        let mut fields: Vec<_> = columns.iter().map(|column| (column.at, column.field)).collect();
        fields.sort_by_key(|(at, _)| *at);
        fields
    }

    #[test]
    fn usual_headers_need_no_mapping() {
        let found =
            Columns::default().locate(&header(&["Issue key", "Summary", "Labels", "Labels", "Story Points", "Junk"]));
        assert_eq!(
            fields(&found.expect("has a title")),
            [(0, Field::Key), (1, Field::Title), (2, Field::Tags), (3, Field::Tags), (4, Field::Points)]
        );
    }

    #[test]
    fn the_users_word_comes_first() {
        let columns: Columns = "title=What, priority=Prio 2".parse().expect("valid");
        let found = columns.locate(&header(&["Title", "What", "Priority", "Prio 2"])).expect("all there");
        assert_eq!(fields(&found), [(1, Field::Title), (3, Field::Priority)]);
        let missing = columns.locate(&header(&["Title"])).expect_err("no such column");
        assert_eq!(missing, "there is no column `What`; the columns are `Title`");
    }

    #[test]
    fn a_table_without_titles_is_refused_with_advice() {
        let error = Columns::default().locate(&header(&["foo", "bar"])).expect_err("no title");
        assert!(error.contains("--map title=COLUMN"), "{error}");
        assert!("title".parse::<Columns>().expect_err("no column").contains("field=column"));
        assert!("tilte=x".parse::<Columns>().expect_err("no field").contains("the fields are"));
    }
}
