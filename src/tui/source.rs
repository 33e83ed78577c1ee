//! A user's settings file, read so that every mistake in it can be named by file, line and key.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A settings file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it is, or a name for a built-in one.
    pub path: PathBuf,
    /// What is in it.
    pub text: String,
}

/// A mistake in a settings file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {key}: {what}", path.display())]
pub struct Mistake {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The key, or what stands in its place.
    pub key: String,
    /// What is wrong and what would be right.
    pub what: String,
}

/// A key with its value.
pub type Entry<'a, 'i> = (&'a str, &'a Spanned<DeValue<'i>>);

impl Source {
    /// A file that is part of the program.
    pub fn built_in(name: &str, text: &str) -> Self {
        Self { path: PathBuf::from(name), text: text.to_owned() }
    }

    /// A file of the user; `None` if there is none.
    pub fn read(path: &Path) -> Result<Option<Self>, Mistake> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self { path: path.to_owned(), text })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Mistake { path: path.to_owned(), line: 1, key: "file".into(), what: error.to_string() }),
        }
    }

    /// The file as a table.
    pub fn table(&self) -> Result<DeTable<'_>, Mistake> {
        DeTable::parse(&self.text).map(Spanned::into_inner).map_err(|error| {
            let at = error.span().unwrap_or(0..0);
            self.mistake("toml", &at, error.message())
        })
    }

    /// A mistake at a place in the file.
    pub fn mistake(&self, key: &str, at: &Range<usize>, what: impl Into<String>) -> Mistake {
        let before = self.text.get(..at.start).unwrap_or_default();
        let line = 1 + before.matches('\n').count();
        Mistake { path: self.path.clone(), line, key: key.to_owned(), what: what.into() }
    }

    /// The entries of a table, or a mistake that it is none.
    pub fn entries<'a, 'i>(&self, key: &str, value: &'a Spanned<DeValue<'i>>) -> Result<Vec<Entry<'a, 'i>>, Mistake> {
        let table = value.get_ref().as_table();
        let table = table.ok_or_else(|| self.mistake(key, &value.span(), "this is a table: write [name]"))?;
        Ok(entries(table))
    }

    /// A text value.
    pub fn text_of<'a>(&self, key: &str, value: &'a Spanned<DeValue>) -> Result<&'a str, Mistake> {
        value.get_ref().as_str().ok_or_else(|| self.mistake(key, &value.span(), "this is a text: write \"…\""))
    }

    /// A yes or no.
    pub fn bool_of(&self, key: &str, value: &Spanned<DeValue>) -> Result<bool, Mistake> {
        value.get_ref().as_bool().ok_or_else(|| self.mistake(key, &value.span(), "this is true or false"))
    }
}

/// The entries of a table.
pub fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), value)).collect()
}
