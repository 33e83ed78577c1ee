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
    ("config", &["domain", "text"]),
    ("agents", &["domain", "plan", "service", "store", "config", "text"]),
    ("orchestrator", &["domain", "plan", "service", "store", "agents", "config", "text"]),
    ("exchange", &["domain", "plan", "service", "store", "text"]),
    ("demo", &["domain", "plan", "service", "store", "agents", "orchestrator", "text"]),
    ("tui", &["domain", "plan", "service", "store", "agents", "orchestrator", "config", "exchange", "text"]),
    ("bootstrap", &["domain", "service", "store", "config", "text"]),
    (
        "cli",
        &[
            "domain",
            "plan",
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

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let sources: Vec<PathBuf> = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"))
        .into_iter()
        .chain(rust_files(&source()))
        .collect();
    let code: String = sources.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let page = include_str!("../SECURITY.md");
    let named = page.split('`').skip(1).step_by(2).filter(|name| name.len() > 15 && name.chars().all(is_of_a_name));
    for name in named {
        assert!(code.contains(&format!("fn {name}")), "SECURITY.md names {name}, which is no test");
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}
