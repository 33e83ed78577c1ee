//! Roles: TOML files with default skills, permissions, review duties and a prompt. Some come with vayu; a file of the
//! same name in a folder of the user's takes the place of one of those.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use crate::domain::Permission;

/// The roles that come with vayu: name and file.
const BUILT_IN: &[(&str, &str)] = &[
    ("backend-dev", include_str!("../../assets/roles/backend-dev.toml")),
    ("cto", include_str!("../../assets/roles/cto.toml")),
    ("data-engineer", include_str!("../../assets/roles/data-engineer.toml")),
    ("designer", include_str!("../../assets/roles/designer.toml")),
    ("devops", include_str!("../../assets/roles/devops.toml")),
    ("frontend-dev", include_str!("../../assets/roles/frontend-dev.toml")),
    ("ml-engineer", include_str!("../../assets/roles/ml-engineer.toml")),
    ("mobile-dev", include_str!("../../assets/roles/mobile-dev.toml")),
    ("product-owner", include_str!("../../assets/roles/product-owner.toml")),
    ("qa", include_str!("../../assets/roles/qa.toml")),
    ("researcher", include_str!("../../assets/roles/researcher.toml")),
    ("security", include_str!("../../assets/roles/security.toml")),
    ("tech-writer", include_str!("../../assets/roles/tech-writer.toml")),
];

/// Largest role file in bytes.
const MAX_FILE: u64 = 256 << 10;

/// What a role reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Duties {
    /// Skills whose work it reviews.
    pub of: Vec<String>,
    /// What it looks at.
    pub criteria: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Name by which agents and tasks refer to it: the name of its file.
    #[serde(skip)]
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it is for, in one sentence.
    #[serde(default)]
    pub summary: String,
    /// Skills of an agent that names none of its own; level 1 to 5.
    #[serde(default)]
    pub skills: BTreeMap<String, Level>,
    /// Tasks at once of an agent that does not say; at least 1.
    #[serde(default)]
    pub wip_limit: Option<std::num::NonZeroU32>,
    /// What it may do; nothing said, nothing forbidden.
    #[serde(default)]
    pub permissions: Option<Vec<Permission>>,
    /// Environment variables that its commands are given besides the usual ones.
    #[serde(default)]
    pub env: Vec<VariableName>,
    /// What it reviews.
    #[serde(default)]
    pub review: Duties,
    /// What an agent of this role is told with every task.
    #[serde(default)]
    pub prompt: String,
}

/// A skill level, 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(pub u8);

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let level = i64::deserialize(from)?;
        match u8::try_from(level) {
            Ok(level @ 1..=5) => Ok(Self(level)),
            _ => Err(serde::de::Error::custom(format!("a skill level is 1 to 5, not {level}"))),
        }
    }
}

/// The name of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableName(pub String);

impl<'de> Deserialize<'de> for VariableName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        if name.is_empty() || name.starts_with("VAYU_") || name.contains(['=', '\0']) {
            return Err(serde::de::Error::custom(format!("`{name}` is no name of a variable that can be handed on")));
        }
        Ok(Self(name))
    }
}

impl Role {
    /// Default skills with their levels.
    pub fn skills(&self) -> BTreeMap<String, u8> {
        self.skills.iter().map(|(skill, level)| (skill.clone(), level.0)).collect()
    }

    fn parse(name: &str, file: &Path, text: &str) -> Result<Self, RoleError> {
        match toml::from_str::<Self>(text) {
            Ok(role) => Ok(Self { name: name.to_owned(), ..role }),
            Err(error) => {
                let place = error.span().map(|span| Place::of(text, span.start));
                Err(RoleError { file: file.to_owned(), place, why: error.message().to_owned() })
            }
        }
    }
}

/// A role file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleError {
    /// The file.
    pub file: PathBuf,
    /// Where in it.
    pub place: Option<Place>,
    /// What is wrong.
    pub why: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// The key on that line, if there is one.
    pub key: Option<String>,
}

impl Place {
    fn of(text: &str, at: usize) -> Self {
        let at = text.floor_char_boundary(at);
        let line = text[..at].matches('\n').count();
        let key = text.lines().nth(line).and_then(|line| line.split_once('=')).map(|(key, _)| key.trim().to_owned());
        Self { line: line + 1, key: key.filter(|key| !key.is_empty()) }
    }
}

impl std::fmt::Display for RoleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "role file {}", self.file.display())?;
        if let Some(place) = &self.place {
            write!(f, ", line {}", place.line)?;
            if let Some(key) = &place.key {
                write!(f, ", key `{key}`")?;
            }
        }
        write!(f, ": {}", self.why)
    }
}

impl std::error::Error for RoleError {}

/// All roles that are known, by name.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    known: BTreeMap<String, Role>,
}

impl Roles {
    /// The roles that come with vayu.
    pub fn built_in() -> Self {
        // A test holds that each of them can be read.
        let roles = BUILT_IN.iter().filter_map(|(name, text)| Role::parse(name, Path::new(name), text).ok());
        Self { known: roles.map(|role| (role.name.clone(), role)).collect() }
    }

    /// The roles that come with vayu and those in these folders, later ones in place of earlier ones of the same
    /// name. A file that cannot be used is left out and named; a folder that is not there holds none.
    pub fn load(folders: &[PathBuf]) -> (Self, Vec<RoleError>) {
        let (mut roles, mut errors) = (Self::built_in(), Vec::new());
        for file in folders.iter().flat_map(|folder| role_files(folder)) {
            match read(&file) {
                Ok(role) => drop(roles.known.insert(role.name.clone(), role)),
                Err(error) => errors.push(error),
            }
        }
        (roles, errors)
    }

    /// The role of this name.
    pub fn get(&self, name: &str) -> Option<&Role> {
        self.known.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Role> {
        self.known.values()
    }
}

fn role_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml") && path.is_file());
    files.sort();
    files
}

fn read(file: &Path) -> Result<Role, RoleError> {
    let wrong = |why: String| RoleError { file: file.to_owned(), place: None, why };
    let name = file.file_stem().and_then(|stem| stem.to_str()).ok_or_else(|| wrong("its name is not text".into()))?;
    let size = file.metadata().map_err(|error| wrong(error.to_string()))?.len();
    if size > MAX_FILE {
        return Err(wrong(format!("it has {size} bytes, more than {MAX_FILE}")));
    }
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    Role::parse(name, file, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_that_comes_with_vayu_has_skills_and_something_to_say() {
        let roles = Roles::built_in();
        for name in ["cto", "backend-dev", "frontend-dev", "qa", "devops", "designer", "tech-writer", "product-owner"] {
            assert!(roles.get(name).is_some(), "{name}");
        }
        assert_eq!(roles.iter().count(), BUILT_IN.len());
        for role in roles.iter() {
            assert!(!role.skills().is_empty() && !role.prompt.trim().is_empty(), "{}", role.name);
            assert!(
                role.permissions.as_ref().is_some_and(|allowed| allowed.contains(&Permission::Work)),
                "{}",
                role.name
            );
            for reviewed in &role.review.of {
                let known = roles.iter().any(|other| other.skills.contains_key(reviewed));
                assert!(known, "{} reviews {reviewed}, which nobody can do", role.name);
            }
        }
    }

    #[test]
    fn a_users_file_takes_the_place_of_one_that_comes_with_vayu() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("qa.toml"), "title = 'Ours'\n[skills]\ntesting = 2\n").expect("written");
        std::fs::write(folder.path().join("chef.toml"), "title = 'Chef'\nenv = ['API_KEY']").expect("written");
        std::fs::write(folder.path().join("notes.txt"), "not a role").expect("written");
        let (roles, errors) = Roles::load(&[folder.path().to_owned(), folder.path().join("nowhere")]);
        assert_eq!(errors, []);
        assert_eq!(roles.get("qa").expect("a role").title, "Ours");
        assert_eq!(roles.get("chef").expect("a role").env, [VariableName("API_KEY".into())]);
        assert_eq!(roles.get("cto").expect("a role").title, "CTO");
    }

    #[test]
    fn what_is_wrong_with_a_file_is_named_with_line_and_key() {
        let folder = tempfile::tempdir().expect("a folder");
        for (text, line, key, why) in [
            ("title = 'x'\n[skills]\nrust = 9\n", 3, Some("rust"), "1 to 5"),
            ("title = 'x'\nprompts = 'y'\n", 2, Some("prompts"), "unknown field"),
            ("title = 'x'\npermissions = ['work', 'rule']\n", 2, Some("permissions"), "unknown variant"),
            ("title = 'x'\nenv = ['VAYU_CLAIM']\n", 2, Some("env"), "handed on"),
            ("title = 'x'\nwip_limit = 0\n", 2, Some("wip_limit"), "nonzero"),
            ("title = \n", 1, Some("title"), ""),
        ] {
            let file = folder.path().join("bad.toml");
            std::fs::write(&file, text).expect("written");
            let (_, errors) = Roles::load(&[folder.path().to_owned()]);
            let [error] = errors.as_slice() else { panic!("one error for {text:?}: {errors:?}") };
            let place = error.place.as_ref().expect("a place");
            assert_eq!((place.line, place.key.as_deref()), (line, key), "{error}");
            assert!(error.to_string().contains(why) && error.to_string().contains("bad.toml"), "{error}");
        }
    }
}
