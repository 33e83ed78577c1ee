//! House rules as tests: which layer may use which, and what no layer may do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each module may use. A missing arrow points up, and is an error.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("text", &[]),
    ("plan", &["domain"]),
    ("store", &["domain"]),
    ("service", &["domain", "plan", "store"]),
    ("models", &["domain", "plan"]),
    ("config", &["domain", "text"]),
    ("agents", &["domain", "plan", "service", "store", "config", "text"]),
    ("orchestrator", &["domain", "plan", "service", "store", "agents", "config", "text"]),
    ("exchange", &["domain", "plan", "service", "store", "text"]),
    ("demo", &["domain", "plan", "service", "store", "agents", "orchestrator", "text"]),
    ("tui", &["domain", "plan", "models", "service", "store", "agents", "orchestrator", "config", "exchange", "text"]),
    ("bootstrap", &["domain", "service", "store", "config", "text"]),
    (
        "cli",
        &[
            "domain",
            "plan",
            "models",
            "service",
            "store",
            "agents",
            "orchestrator",
            "config",
            "exchange",
            "demo",
            "tui",
            "bootstrap",
            "text",
        ],
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The module of a file, and its text without test modules and comments.
fn modules() -> Vec<(String, PathBuf, String)> {
    let root = source();
    rust_files(&root)
        .into_iter()
        .filter(|path| !["lib.rs", "main.rs"].iter().any(|name| *path == root.join(name)))
        .map(|path| {
            let relative = path.strip_prefix(&root).unwrap().to_owned();
            let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
            let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (first.trim_end_matches(".rs").to_owned(), relative, code.join("\n"))
        })
        .collect()
}

#[test]
fn dependencies_point_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, file, code) in modules() {
        let Some(may) = allowed.get(module.as_str()) else {
            wrong.push(format!("{}: module `{module}` has no place in the layers", file.display()));
            continue;
        };
        for (_, rest) in code.match_indices("crate::").map(|(at, found)| (at, &code[at + found.len()..])) {
            let used: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let known = allowed.contains_key(used.as_str());
            if known && used != module && !may.contains(&used.as_str()) {
                wrong.push(format!("{}: {module} uses {used}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up:\n{}", wrong.join("\n"));
}

#[test]
fn the_pure_layers_touch_neither_world_nor_clock_nor_chance() {
    let banned = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "std::thread",
        "std::time",
        "Utc::now",
        "Local::now",
        "Uuid::new_v4",
        "Uuid::now_v7",
        "fastrand",
        "rusqlite",
        "ratatui",
        "crossterm",
        "println!",
        "async ",
    ];
    for (module, file, code) in modules().iter().filter(|(module, ..)| ["domain", "plan"].contains(&module.as_str())) {
        for word in banned {
            assert!(!code.contains(word), "{}: {module} must not use {word}", file.display());
        }
    }
}

#[test]
fn only_the_store_speaks_sql() {
    for (module, file, code) in modules().iter().filter(|(module, ..)| module != "store") {
        for word in ["rusqlite::", "SELECT ", "INSERT INTO", "DELETE FROM"] {
            assert!(!code.contains(word), "{}: {module} must not contain {word}", file.display());
        }
    }
}

/// Closing any descriptor of the database file drops the locks of the whole process.
#[test]
fn nothing_but_sqlite_opens_the_database() {
    let opening = ["File::open", "fs::read(", "fs::copy", "fs::read_to_string", "OpenOptions::new"];
    for (_, file, code) in modules().iter().filter(|(module, ..)| module == "store") {
        let opened = code.lines().filter(|line| opening.iter().any(|word| line.contains(word)));
        let wrong: Vec<&str> = opened.filter(|line| !line.contains("create_new(true)")).collect();
        assert!(wrong.is_empty(), "{}: only new files may be made: {wrong:?}", file.display());
    }
}

#[test]
fn every_module_says_what_it_owns() {
    for (_, file, _) in modules() {
        let text = std::fs::read_to_string(source().join(&file)).unwrap();
        let by_its_parent = file.file_name().is_some_and(|name| name == "tests.rs");
        assert!(by_its_parent || text.starts_with("//! "), "{} opens without a word about itself", file.display());
    }
}

#[test]
fn the_documented_life_cycle_is_the_table_in_the_code() {
    let page = include_str!("../src/architecture.md");
    let table = vayu::domain::lifecycle::markdown();
    assert!(page.contains(&table), "src/architecture.md must show this table:\n{table}");
}

/// All code, tests included.
fn all_code() -> String {
    let tests = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    tests.into_iter().chain(rust_files(&source())).map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// The names of functions among what a page has in backticks.
fn named_in(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2).filter(|name| name.len() > 15 && name.chars().all(is_of_a_name))
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let code = all_code();
    let pages = [
        ("SECURITY.md", include_str!("../SECURITY.md")),
        ("docs/reliability.md", include_str!("../docs/reliability.md")),
    ];
    for (file, page) in pages {
        assert!(named_in(page).count() > 20, "{file} names its tests");
        for name in named_in(page) {
            assert!(code.contains(&format!("fn {name}(")), "{file} names {name}, which is no test");
        }
    }
}

#[test]
fn every_promise_has_its_line_and_every_test_of_one_is_in_it() {
    let page = include_str!("../docs/reliability.md");
    let line = |id: &str| page.lines().find(|line| line.starts_with(&format!("| {id} |")));
    for id in (1..=30).map(|n| format!("R{n}")).chain((1..=31).map(|n| format!("C{n}"))) {
        let line = line(&id).unwrap_or_else(|| panic!("docs/reliability.md has no line for {id}"));
        let shown = named_in(line).next().is_some();
        assert!(shown || line.contains("ot yet: needs "), "{id} is neither shown, nor does it say what it needs");
    }
    let code = all_code();
    for (at, _) in code.match_indices("fn ") {
        let name: String = code[at + 3..].chars().take_while(|c| is_of_a_name(*c)).collect();
        let number = name[1.min(name.len())..].split_once('_').and_then(|(number, _)| number.parse::<u32>().ok());
        if let (Some(number), true) = (number, name.starts_with(['r', 'c'])) {
            let id = format!("{}{number}", name[..1].to_ascii_uppercase());
            let told = line(&id).is_some_and(|line| line.contains(&format!("`{name}`")));
            assert!(told, "docs/reliability.md does not name {name} in the line of {id}");
        }
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}
