//! Which keys run which action. One tree per scope answers the keyboard, the box that explains a begun chord, the
//! hints and the help.
//!
//! This module owns bindings; it never runs an action, and it refuses a file in which two actions want one key.

mod chord;

use std::collections::BTreeMap;

use super::action::{Action, Scope};
use super::source::{Mistake, Source, entries};
use super::terminal::Key;
use chord::{latin, parse_sequence, show_sequence};

const DEFAULT: &str = include_str!("default.toml");

/// All bindings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    trees: BTreeMap<Scope, Node>,
    keys: BTreeMap<Action, Vec<Vec<Key>>>,
}

/// A key pressed, and what may follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    action: Option<Action>,
    next: BTreeMap<Key, Node>,
}

/// What the keys pressed so far mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// This action.
    Action(Action),
    /// The beginning of several.
    Prefix,
    /// Nothing.
    Nothing,
}

impl Keymap {
    /// The built-in bindings.
    #[allow(clippy::missing_panics_doc, reason = "the built-in keys are checked by a test")]
    pub fn built_in() -> Self {
        let mut map = Self { trees: BTreeMap::new(), keys: BTreeMap::new() };
        let source = Source::built_in("default.toml", DEFAULT);
        map.read(&source).expect("the built-in keys are checked by a test");
        map
    }

    /// The built-in bindings, changed by a user's file.
    pub fn with_user(source: &Source) -> Result<Self, Mistake> {
        let mut map = Self::built_in();
        map.read(source)?;
        Ok(map)
    }

    fn read(&mut self, source: &Source) -> Result<(), Mistake> {
        for (section, value) in entries(&source.table()?) {
            for (id, value) in source.entries(section, value)? {
                let found = Action::named(id).filter(|action| action.entry().scope.name() == section);
                let action =
                    found.ok_or_else(|| source.mistake(id, &value.span(), format!("no such action in [{section}]")))?;
                let wrong = |what: &str| source.mistake(id, &value.span(), what);
                let list = value.get_ref().as_array().ok_or_else(|| wrong("keys are a list: [\"j\", \"down\"]"))?;
                let mut sequences = Vec::new();
                for item in list {
                    let text = source.text_of(id, item)?;
                    sequences.push(parse_sequence(text).map_err(|what| source.mistake(id, &item.span(), what))?);
                }
                self.keys.insert(action, sequences);
            }
        }
        self.plant().map_err(|(action, what)| {
            let at = source.text.find(&format!("{} ", action.entry().id)).unwrap_or(0);
            source.mistake(action.entry().id, &(at..at), what)
        })
    }

    /// Builds the trees from the lists; fails when one key would have two meanings.
    fn plant(&mut self) -> Result<(), (Action, String)> {
        self.trees.clear();
        for (action, sequences) in &self.keys {
            let tree = self.trees.entry(action.entry().scope).or_default();
            for keys in sequences {
                tree.insert(keys, *action).map_err(|other| {
                    let what = format!(
                        "{} is the key of `{}` too; give one of them another",
                        show_sequence(keys),
                        other.entry().id
                    );
                    (*action, what)
                })?;
            }
        }
        Ok(())
    }

    /// What `pressed` means, looked up in `scopes` from the innermost to the outermost.
    pub fn meaning(&self, scopes: &[Scope], pressed: &[Key]) -> Meaning {
        for tree in scopes.iter().filter_map(|scope| self.trees.get(scope)) {
            match tree.find(pressed) {
                Some(Node { action: Some(action), .. }) => return Meaning::Action(*action),
                Some(_) => return Meaning::Prefix,
                None => {}
            }
        }
        Meaning::Nothing
    }

    /// The same key, or where it means nothing here, the key of a Latin layout in the same place.
    pub fn latin_if_unbound(&self, scopes: &[Scope], pressed: &[Key], key: Key, told: Option<char>) -> Key {
        let meaning = |key| self.meaning(scopes, &[pressed, &[key]].concat());
        match latin(key, told) {
            Some(base) if meaning(key) == Meaning::Nothing && meaning(base) != Meaning::Nothing => base,
            _ => key,
        }
    }

    /// The keys that may follow `pressed`, each with the action that it runs or leads to.
    pub fn continuations(&self, scopes: &[Scope], pressed: &[Key]) -> Vec<(String, Action)> {
        let mut found: Vec<(String, Action)> = Vec::new();
        for node in scopes.iter().filter_map(|scope| self.trees.get(scope)?.find(pressed)) {
            for (keys, action) in node.all(&[]) {
                let shown = show_sequence(&keys);
                if !found.iter().any(|(known, _)| *known == shown) {
                    found.push((shown, action));
                }
            }
        }
        found
    }

    /// All keys of an action, as they are shown.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        self.keys.get(&action).into_iter().flatten().map(|keys| show_sequence(keys)).collect()
    }

    /// The first key of an action, as it is shown; empty if it has none.
    pub fn key_of(&self, action: Action) -> String {
        self.keys_of(action).into_iter().next().unwrap_or_default()
    }
}

impl Node {
    /// Binds a sequence; the error is the action that has it, or begins or continues it.
    fn insert(&mut self, keys: &[Key], action: Action) -> Result<(), Action> {
        if let Some(taken) = self.action {
            return Err(taken);
        }
        if let Some((key, rest)) = keys.split_first() {
            return self.next.entry(*key).or_default().insert(rest, action);
        }
        match self.all(&[]).first() {
            Some((_, taken)) => return Err(*taken),
            None => self.action = Some(action),
        }
        Ok(())
    }

    fn find(&self, pressed: &[Key]) -> Option<&Self> {
        pressed.iter().try_fold(self, |node, key| node.next.get(key))
    }

    fn all(&self, before: &[Key]) -> Vec<(Vec<Key>, Action)> {
        let own = self.action.map(|action| (before.to_vec(), action));
        let below = self.next.iter().flat_map(|(key, node)| node.all(&[before, &[*key]].concat()));
        own.into_iter().chain(below).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: &[Scope] = &[Scope::Board, Scope::Card, Scope::Everywhere];

    fn meaning(map: &Keymap, scopes: &[Scope], text: &str) -> Meaning {
        map.meaning(scopes, &parse_sequence(text).expect("keys"))
    }

    #[test]
    fn chords_are_followed_key_by_key() {
        let map = Keymap::built_in();
        assert_eq!(meaning(&map, BOARD, "j"), Meaning::Action(Action::Down));
        assert_eq!(meaning(&map, BOARD, "g"), Meaning::Prefix);
        assert_eq!(meaning(&map, BOARD, "g g"), Meaning::Action(Action::First));
        assert_eq!(meaning(&map, BOARD, "g x"), Meaning::Nothing);
    }

    #[test]
    fn the_inner_scope_has_the_first_word() {
        let map = Keymap::built_in();
        assert_eq!(meaning(&map, &[Scope::Activity, Scope::Everywhere], "u"), Meaning::Action(Action::UndoThis));
        assert_eq!(meaning(&map, BOARD, "u"), Meaning::Action(Action::Undo));
        assert_eq!(meaning(&map, &[Scope::Grab], "j"), Meaning::Nothing);
    }

    #[test]
    fn every_action_is_listed_with_its_keys() {
        let map = Keymap::built_in();
        let missing: Vec<_> = Action::ALL.iter().filter(|action| !map.keys.contains_key(action)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn no_default_key_is_out_of_reach_of_a_plain_terminal() {
        let map = Keymap::built_in();
        for key in map.keys.values().flatten().flatten() {
            assert!(!key.alt, "{key}");
            let taken = [Key::ctrl('a'), Key::ctrl('b'), Key::ctrl('s'), Key::ctrl('q'), Key::ctrl('j')];
            assert!(!taken.contains(key), "{key}");
        }
    }

    #[test]
    fn a_clash_is_refused_with_both_names() {
        let user = |text: &str| Keymap::with_user(&Source::built_in("keys.toml", text)).map_err(|m| m.to_string());
        let wrong = user("[everywhere]\n\nundo = [\"U\"]\n").expect_err("U is redo");
        assert!(wrong.contains("`undo`") && wrong.starts_with("keys.toml:") && wrong.contains("redo"), "{wrong}");
        let wrong = user("[everywhere]\nundo = [\"g\"]\n").expect_err("g begins other chords");
        assert!(wrong.contains("undo"), "{wrong}");
        let wrong = user("[board]\nundo = [\"g\"]\n").expect_err("undo is everywhere");
        assert_eq!(wrong, "keys.toml:2: undo: no such action in [board]");
        let map = user("[everywhere]\nundo = [\"Z\"]\nmouse = []\n").expect("fine");
        assert_eq!(meaning(&map, BOARD, "Z"), Meaning::Action(Action::Undo));
        assert_eq!(meaning(&map, BOARD, "M"), Meaning::Nothing);
    }

    #[test]
    fn an_unbound_letter_of_another_layout_acts_as_its_latin_key() {
        let map = Keymap::built_in();
        assert_eq!(map.latin_if_unbound(BOARD, &[], Key::char('о'), None), Key::char('j'));
        assert_eq!(map.latin_if_unbound(BOARD, &[], Key::char('j'), Some('x')), Key::char('j'));
        assert_eq!(map.latin_if_unbound(BOARD, &[], Key::char('漢'), None), Key::char('漢'));
    }
}
