//! Whatever a settings file holds, it is taken, or refused with its line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vayu::agents::roles::Roles;
use vayu::plan::breakdown::playbook::Playbook;
use vayu::tui::keymap::Keymap;
use vayu::tui::source::Source;
use vayu::tui::theme::{Level, Wardrobe};

fuzz_target!(|text: &str| {
    let lines = text.lines().count().max(1);
    if let Err(mistake) = Keymap::with_user(&Source { path: "keys.toml".into(), text: text.to_owned() }) {
        assert!((1..=lines + 1).contains(&mistake.line), "{mistake}");
    }
    let _refused = Playbook::parse("mine.toml", text);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("mine.toml"), text).expect("a file");
    let (wardrobe, _) = Wardrobe::open(Level::True, "mine", Some(folder.path()));
    wardrobe.theme();
    let _refused = Roles::load(&[folder.path().to_owned()]);
});
