//! Text from outside never reaches a terminal raw, and never breaks a command.

use clap::CommandFactory;
use serde_json::Value;

use super::chance::{seed, size};
use super::common::{Home, Run};

/// Screen erasure, clipboard, C1, direction overrides, joiners, a pile of marks, tags, and a line break in the middle.
const HOSTILE: &str = "\u{1b}[2J\u{1b}]52;c;cm0gLXJm\u{7}\u{9b}31m\u{202e}gnp.exe\u{2066}\u{200d}\u{feff}\
    e\u{301}\u{301}\u{301}\u{301}\u{301}\r\u{8}\u{85}\u{e0041}\nsecond line";

/// True for what a terminal would obey, or what changes the order or the height of a line.
fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[track_caller]
fn harmless(what: &str, run: &Run) {
    for (name, text) in [("stdout", &run.out), ("stderr", &run.err)] {
        let found: Vec<_> = text.chars().filter(|c| is_dangerous(*c)).collect();
        assert!(found.is_empty(), "vayu {what}: {name} has {found:?} in {text:?}");
    }
}

/// A board where every text that comes from outside is hostile.
fn infested() -> Home {
    let home = Home::new();
    home.ok(["config", "set", &format!("project={HOSTILE}")]);
    home.ok(["agent", "add", "builder"]);
    home.ok([
        "task",
        "create",
        HOSTILE,
        "--description",
        HOSTILE,
        "--tag",
        HOSTILE,
        "--acceptance",
        HOSTILE,
        "--role",
        HOSTILE,
    ]);
    home.ok(["task", "create", "plain"]);
    home.ok(["task", "comment", "1", HOSTILE]);
    home.ok(["--as", HOSTILE, "task", "comment", "1", HOSTILE]);
    let token = home.claim(2, "builder");
    home.ok(["task", "progress", "2", "--percent", "10", "--step", HOSTILE, "--claim", &token]);
    home.ok([
        "ask",
        "2",
        HOSTILE,
        "--option",
        HOSTILE,
        "--context",
        HOSTILE,
        "--otherwise",
        HOSTILE,
        "--claim",
        &token,
    ]);
    home.ok(["sprint", "create", HOSTILE, "--goal", HOSTILE, "--objective", HOSTILE]);
    home.ok(["task", "edit", "2", "--sprint", "1"]);
    home.ok(["sprint", "start"]);
    home
}

/// Verbs that print the hostile text, in an order in which each has it to say.
const SHOWING: &[&str] = &[
    "task list",
    "task list --search second",
    "task status 1",
    "task status 2",
    "task ready",
    "task edit 1 --priority low",
    "task claim 1 --agent builder",
    "task start 1",
    "task depend 1 --on 2",
    "task undepend 1 --on 2",
    "task complete 1",
    "task reopen 1",
    "task ready 1",
    "task comment 1 word",
    "task cancel 1",
    "sprint list",
    "sprint status",
    "inbox",
    "inbox 1",
    "inbox --all",
    "answer 1 --choice 1",
    "log",
    "log --task 1",
    "log --by po",
    "board",
    "config",
    "config list",
    "config get project",
    "forecast --runs 50",
    "sprint close",
    "sprint report",
    "sprint report --corrections",
    "sprint retro",
];

/// Verbs that have nothing of it to say, or refuse; all after the others.
const SILENT: &[&str] = &[
    "undo",
    "redo",
    "agent list",
    "agent workload",
    "agent edit builder --role x",
    "agent drain builder",
    "agent add another",
    "ask 2 word --option yes",
    "config set theme=mono",
    "doctor",
    "sprint create again",
    "sprint plan --name again --dry-run",
    "sprint start again",
    "sprint replan",
    "sprint retro --accept 99",
    "task estimate 2",
    "risk add word --chance 20 --delay 1d --task 1",
    "risk list",
    "risk edit word --chance 30",
    "risk remove word",
    "forecast score",
    "plan show",
    "plan why 1",
    "plan why-not 1 builder",
    "task create another",
    "task move 2 --to review",
    "task assign 2 --to builder",
    "task heartbeat 2 --claim 00000000-0000-0000-0000-000000000000",
    "task progress 2 --percent 5",
    "task pause 2",
    "task resume 2",
    "task block 2 --reason why",
    "task unblock 2",
    "task submit 2",
    "task review 2 --pass",
    "task fail 2",
    "task retry 2",
    "task release 2",
];

/// Verbs that print nothing of a board, run until they are stopped, or have a test of their own here or beside it.
const ELSEWHERE: &[&str] = &[
    "init",
    "demo",
    "import",
    "export",
    "backup",
    "restore",
    "completions",
    "man",
    "orchestrate",
    "agent run",
    "plan solve",
];

#[test]
fn r19_no_verb_is_forgotten() {
    let told = |verb: &str| SHOWING.iter().chain(SILENT).chain(ELSEWHERE).any(|line| starts_with_verb(line, verb));
    let forgotten: Vec<String> = leaves(&vayu::cli::Cli::command()).into_iter().filter(|verb| !told(verb)).collect();
    assert_eq!(forgotten, Vec::<String>::new());
}

fn starts_with_verb(line: &str, verb: &str) -> bool {
    line.strip_prefix(verb).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Every verb that has no verbs below it, in full.
fn leaves(command: &clap::Command) -> Vec<String> {
    let below = command.get_subcommands().filter(|verb| verb.get_name() != "help");
    let full = |verb: &clap::Command| match leaves(verb) {
        deeper if deeper.is_empty() => vec![verb.get_name().to_owned()],
        deeper => deeper.iter().map(|leaf| format!("{} {leaf}", verb.get_name())).collect(),
    };
    below.flat_map(full).collect()
}

#[test]
fn r19_no_verb_prints_hostile_text_raw() {
    let home = infested();
    for verb in SHOWING {
        let run = home.vayu(verb.split(' '));
        harmless(verb, &run);
        assert!(run.out.contains("gnp.exe") || run.err.contains("gnp.exe"), "{verb} says nothing of it: {run:?}");
    }
    for verb in SILENT {
        harmless(verb, &home.vayu(verb.split(' ')));
    }
}

#[test]
fn r19_json_is_valid_keeps_every_byte_and_is_harmless_on_a_terminal() {
    let home = infested();
    for verb in SHOWING.iter().chain(SILENT) {
        let run = home.vayu(verb.split(' ').chain(["--json"]));
        harmless(verb, &run);
        let said = if run.code == 0 { &run.out } else { &run.err };
        let values: Vec<&str> = if verb.starts_with("log") { said.lines().collect() } else { vec![said] };
        assert!(!values.is_empty(), "{verb} --json says nothing");
        for value in values {
            assert!(serde_json::from_str::<Value>(value).is_ok(), "{verb} --json: {value:?}");
        }
    }
    assert_eq!(home.json(["task", "status", "1"])["title"], HOSTILE);
}

#[test]
fn r19_exports_are_harmless_where_json_is_and_keep_every_byte_where_it_is_not() {
    let home = infested();
    for kind in ["vayu", "beads", "github", "taskwarrior"] {
        harmless(kind, &home.vayu(["export", "--to", kind]));
    }
    let home = Home::new();
    let title = HOSTILE.replace(['\n', '\r'], " ");
    home.task(&title);
    assert!(home.ok(["export", "--to", "csv"]).contains(&title.replace('"', "\"\"")));
    assert!(home.ok(["export", "--to", "vayu"]).contains("\\u009b31m\\u202egnp.exe"));
    let copy = Home::new();
    std::fs::write(copy.path().join("all.jsonl"), home.ok(["export", "--to", "vayu"])).unwrap();
    copy.ok(["import", "all.jsonl"]);
    assert_eq!(copy.field(1, "title"), title);
}

#[test]
fn r19_files_that_cannot_be_taken_are_named_in_harmless_words() {
    let home = Home::new();
    let hostile: &[u8] = HOSTILE.as_bytes();
    let cases: [(&str, Vec<u8>); 6] = [
        ("not-json.jsonl", [b"{\"title\": ", hostile].concat()),
        ("not-text.md", [b"- [ ] caf\xe9 \x1b[2J ", hostile, b"\xff\xfe"].concat()),
        ("unknown.csv", [b"title,priority,parent\nx,", hostile, b",", hostile].concat()),
        ("fields.json", format!("[{{\"title\": {0}, \"priority\": {0}}}]", Value::from(HOSTILE)).into_bytes()),
        ("beads.jsonl", format!("{{\"id\": {0}, \"title\": {0}, \"status\": {0}}}", Value::from(HOSTILE)).into_bytes()),
        ("\u{1b}[2J\u{202e}.jsonl", hostile.to_vec()),
    ];
    for (name, text) in cases {
        std::fs::write(home.path().join(name), text).unwrap();
        harmless(name, &home.vayu(["import", name]));
        harmless(name, &home.vayu(["import", name, "--json"]));
        harmless(name, &home.vayu(["restore", name, "--yes"]));
        harmless(name, &home.vayu(["task", "list", "--board", name]));
    }
}

#[test]
fn r19_hostile_arguments_are_refused_in_harmless_words() {
    let home = Home::new();
    for args in [
        vec![HOSTILE],
        vec!["task", "status", HOSTILE],
        vec!["task", "create", "x", "--priority", HOSTILE],
        vec!["task", "create", "x", "--deadline", HOSTILE],
        vec!["task", "create", "x", "--sprint", HOSTILE],
        vec!["task", "claim", "--agent", HOSTILE],
        vec!["task", "list", "--board", HOSTILE],
        vec!["agent", "add", HOSTILE],
        vec!["agent", "workload", HOSTILE],
        vec!["config", "set", HOSTILE],
        vec!["config", "get", HOSTILE],
        vec!["restore", HOSTILE, "--yes"],
        vec!["answer", HOSTILE],
    ] {
        let run = home.vayu(&args);
        assert_ne!(run.code, 0, "{args:?}");
        harmless(&format!("{args:?}"), &run);
    }
}

#[test]
fn r19_what_was_written_down_is_kept_to_the_byte() {
    let home = infested();
    let task = home.json(["task", "status", "1"]);
    assert_eq!(task["title"], HOSTILE);
    assert_eq!(task["description"], HOSTILE);
    assert_eq!(task["metadata"]["tags"][0], HOSTILE);
}

#[test]
fn colour_only_where_it_is_wanted() {
    let home = Home::new();
    home.ok(["task", "create", "one", "--priority", "critical"]);
    assert!(!home.ok(["task", "list"]).contains('\u{1b}'), "a pipe gets no colour");
    assert!(home.ok(["task", "list", "--color", "always"]).contains("\u{1b}["));
    assert!(!home.ok(["task", "list", "--color", "never"]).contains('\u{1b}'));
    assert!(!home.ok(["task", "list", "--color", "always", "--json"]).contains('\u{1b}'));
}

#[test]
fn r19_words_of_a_megabyte_are_shown_short_and_kept_whole() {
    let home = Home::new();
    let word = "x".repeat(1 << 20);
    let made: Value = home.fed(["task", "create", "big", "--description", "-", "--json"], &word).code(0).json();
    assert_eq!(made["description"].as_str().unwrap().len(), 1 << 20);
    let long = "y".repeat(100_000);
    home.ok(["task", "create", &long]);
    assert!(home.ok(["task", "list"]).len() < 1_000, "lists show the beginning");
    assert!(home.ok(["board"]).len() < 1_000);
    let found = home.json(["task", "list", "--search", &word[..40]]);
    assert!(found.as_array().unwrap().len() <= 1, "a search for a long word is no error");
}

/// What means something to SQLite, or to its full-text search.
const QUERIES: [&str; 24] = [
    "'; DROP TABLE tasks;--",
    "\"; DROP TABLE tasks;--",
    "' OR 1=1 --",
    "Robert'); DELETE FROM tasks;--",
    "'||(SELECT group_concat(token) FROM leases)||'",
    "NEAR(",
    "NEAR(a b)",
    "\"",
    "\"unfinished",
    "*",
    "a*",
    "-",
    "-plain",
    ":",
    "a AND",
    "NOT",
    "title:plain",
    "{title description}:plain",
    "(",
    "^",
    "%",
    "_",
    "\\",
    "?1",
];

/// The definitions of all tables and the marks of the file.
fn schema(home: &Home) -> String {
    let conn = rusqlite::Connection::open(home.board()).unwrap();
    let sql = "SELECT group_concat(type || name || coalesce(sql, ''), char(10)) FROM (SELECT * FROM sqlite_schema ORDER BY name)";
    let tables: String = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    let mark = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    format!("{tables}\n{} {}", mark("user_version"), mark("application_id"))
}

/// A result, or a refusal in words of people.
#[track_caller]
fn friendly(args: &[&str], run: &Run) {
    assert!((0..=4).contains(&run.code), "{args:?}: {run:?}");
    for word in ["SQL", "sql", "syntax error", "fts5", "no such column", "no such table", "unterminated"] {
        assert!(
            run.code == 0 || !run.err.contains(word) || args.iter().any(|arg| arg.contains(word)),
            "{args:?}: {run:?}"
        );
    }
}

#[test]
fn r20_words_of_sql_and_of_searches_are_words_wherever_they_can_be_written() {
    let home = Home::new();
    home.task("plain");
    home.ok(["agent", "add", "ada"]);
    let before = schema(&home);
    let count = |home: &Home| home.json(["task", "list"]).as_array().unwrap().len();
    let mut queries = QUERIES;
    fastrand::Rng::with_seed(seed("R20", 20)).shuffle(&mut queries);
    for (n, words) in queries.into_iter().take(size(9, QUERIES.len())).enumerate() {
        let fields = ["title", "description", "tag", "acceptance"].map(|field| format!("--{field}={words}"));
        let made = home.json(["task", "create"].into_iter().chain(fields.iter().map(String::as_str)));
        assert_eq!((&made["title"], &made["metadata"]["tags"][0]), (&words.into(), &words.into()));
        let tagged = home.json(["task", "list", &format!("--tag={words}")]);
        assert_eq!(tagged.as_array().unwrap().len(), 1, "only what has the label {words}");
        for option in ["search", "agent", "sprint", "status", "type", "level", "parent", "priority", "limit", "offset"]
        {
            let args = ["task", "list", &format!("--{option}={words}")];
            friendly(&args, &home.vayu(args));
        }
        let name = format!("--name={words}");
        let by = format!("--by={words}");
        for args in [
            &["agent", "add", &name][..],
            &["agent", "workload", "--", words],
            &["sprint", "create", "--goal", words, "--", words],
            &["task", "status", "--", words],
            &["task", "comment", "1", "--", words],
            &["log", &by],
            &["config", "set", &format!("project={words}")],
            &["config", "get", "--", words],
        ] {
            friendly(args, &home.vayu(args));
        }
        let file = format!("{n}.csv");
        let cell = format!("\"{}\"", words.replace('"', "\"\""));
        std::fs::write(home.path().join(&file), format!("title,parent,assignee,{cell}\n{cell},{cell},{cell},{cell}\n"))
            .unwrap();
        friendly(&["import", &file], &home.vayu(["import", &file]));
        assert_eq!(count(&home), 3 + 2 * n, "after {words}");
    }
    assert_eq!(schema(&home), before);
    assert!(!home.json(["task", "list", "--search=plain"]).as_array().unwrap().is_empty());
    home.ok(["doctor"]);
}

#[test]
fn r19_a_null_byte_in_a_text_is_kept_and_shown_as_a_sign() {
    let home = Home::new();
    home.fed(["task", "create", "nul", "--description", "-"], "before\0after").code(0);
    assert_eq!(home.field(1, "description"), "before\0after");
    harmless("task status", &home.vayu(["task", "status", "1"]));
    assert_eq!(home.json(["task", "list", "--search", "nul"]).as_array().unwrap().len(), 1);
}

#[test]
fn r19_bytes_that_are_no_text_are_refused() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let title = std::ffi::OsStr::from_bytes(b"caf\xe9 \x1b[2J");
    let run = home.vayu([std::ffi::OsStr::new("task"), std::ffi::OsStr::new("create"), title]);
    assert_eq!(run.code, 2);
    harmless("task create", &run);
}
