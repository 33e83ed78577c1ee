//! Themes: which colours a role has, on this terminal, on this background.
//!
//! This module owns looks; it must never decide by colour alone what a view tells, nor reach the terminal itself.

mod colour;
mod file;
mod role;

use std::path::Path;

use ratatui::style::{Color, Modifier, Style};

use super::source::{Mistake, Source};
use super::terminal::Rgb;
use colour::{is_dark, readable, rgb_of};
pub use file::Kind;
use file::ThemeFile;
pub use role::Role;

/// Least contrast of text against its background.
const READABLE: f64 = 4.5;

/// The themes inside the program.
const BUILT_IN: [(&str, &str); 4] = [
    ("vayu-dark", include_str!("../../../themes/vayu-dark.toml")),
    ("vayu-light", include_str!("../../../themes/vayu-light.toml")),
    ("terminal", include_str!("../../../themes/terminal.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
];

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// None, or the user wants none.
    Mono,
    /// The 16 that the user has chosen.
    Named,
    /// 256.
    Indexed,
    /// 16 million.
    True,
}

impl Level {
    /// The level that the environment tells of; `var` looks a variable up.
    pub fn detect(var: impl Fn(&str) -> Option<String>) -> Self {
        let var = |name: &str| var(name).unwrap_or_default().to_ascii_lowercase();
        let (term, colours) = (var("TERM"), var("COLORTERM"));
        let full = ["kitty", "alacritty", "foot", "wezterm", "ghostty", "direct"];
        if !var("NO_COLOR").is_empty() || term == "dumb" {
            Self::Mono
        } else if matches!(colours.as_str(), "truecolor" | "24bit") || full.iter().any(|name| term.contains(name)) {
            Self::True
        } else if term.contains("256") {
            Self::Indexed
        } else {
            Self::Named
        }
    }
}

/// A theme for one terminal: a style for every role.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    styles: Vec<Style>,
}

impl Theme {
    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// True if what is selected is shown by reversing it, so that its own colours must go.
    pub fn selects_by_reversing(&self) -> bool {
        self.style(Role::Select).add_modifier.contains(Modifier::REVERSED)
    }

    fn new(file: &ThemeFile, level: Level, background: Option<Rgb>) -> Self {
        let style = |role: Role| {
            let paint = file.paints[&role];
            let (fg, bg) = (paint.fg.at(level), paint.bg.at(level));
            let fg = if role.is_text() { mend(fg, bg, background) } else { fg };
            Style::new().fg(fg).bg(bg).add_modifier(paint.modifier)
        };
        Self { name: file.name.clone(), styles: Role::ALL.iter().map(|(role, _)| style(*role)).collect() }
    }
}

/// A text colour that can be read on its background, which is the terminal's own where none is given.
fn mend(fg: Color, bg: Color, background: Option<Rgb>) -> Color {
    let behind = if bg == Color::Reset { background } else { rgb_of(bg) };
    match (fg, behind) {
        (Color::Rgb(r, g, b), Some(behind)) => {
            let Rgb(r, g, b) = readable(Rgb(r, g, b), behind, READABLE);
            Color::Rgb(r, g, b)
        }
        _ => fg,
    }
}

/// Which theme to use, and what is known about the terminal.
#[derive(Debug, Clone)]
pub struct Wardrobe {
    level: Level,
    background: Option<Rgb>,
    files: Vec<ThemeFile>,
    wanted: String,
}

impl Wardrobe {
    /// The built-in themes and those of the user, which are the `*.toml` files in `folder`; mistakes in them are
    /// returned, and leave the others usable. `wanted` is a name or `auto`.
    #[allow(clippy::missing_panics_doc, reason = "the built-in themes are checked by a test")]
    pub fn open(level: Level, wanted: &str, folder: Option<&Path>) -> (Self, Vec<Mistake>) {
        let mut wardrobe = Self { level, background: None, files: Vec::new(), wanted: wanted.to_owned() };
        for (name, text) in BUILT_IN {
            let source = Source::built_in(&format!("{name}.toml"), text);
            wardrobe.add(name, &source).expect("built-in themes are checked by a test");
        }
        let mut mistakes = folder.map_or_else(Vec::new, |folder| wardrobe.add_folder(folder));
        if !wardrobe.want(wanted) {
            let what = format!("there is no theme `{wanted}`; there are {}", wardrobe.names().join(", "));
            let (path, key) = ("--theme".into(), "theme".into());
            mistakes.insert(0, Mistake { path, line: 1, key, what });
        }
        (wardrobe, mistakes)
    }

    fn add(&mut self, name: &str, source: &Source) -> Result<(), Mistake> {
        let theme = ThemeFile::parse(name, source, |base| self.find(base).cloned())?;
        self.files.retain(|file| file.name != name);
        self.files.push(theme);
        Ok(())
    }

    fn add_folder(&mut self, folder: &Path) -> Vec<Mistake> {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let themes = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
        themes.filter_map(|path| self.add_file(path).err()).collect()
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Mistake> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Source::read(path)?.map_or(Ok(()), |source| self.add(&name, &source))
    }

    fn find(&self, name: &str) -> Option<&ThemeFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// The terminal said what its background is.
    pub fn set_background(&mut self, background: Rgb) {
        self.background = Some(background);
    }

    /// Asks for another theme by name, or `auto`; false if there is none of that name.
    pub fn want(&mut self, name: &str) -> bool {
        let known = name == "auto" || self.find(name).is_some();
        if known {
            name.clone_into(&mut self.wanted);
        }
        known
    }

    /// What was asked for.
    pub fn wanted(&self) -> &str {
        &self.wanted
    }

    /// Names to choose from.
    pub fn names(&self) -> Vec<String> {
        std::iter::once("auto".to_owned()).chain(self.files.iter().map(|file| file.name.clone())).collect()
    }

    /// The theme to draw with now.
    #[allow(clippy::missing_panics_doc, reason = "`terminal` is built in")]
    pub fn theme(&self) -> Theme {
        let name = match self.wanted.as_str() {
            _ if self.level == Level::Mono => "mono",
            "auto" => self.automatic(),
            name => name,
        };
        let file = self.find(name).or_else(|| self.find("terminal")).expect("`terminal` is built in");
        Theme::new(file, self.level, self.background)
    }

    fn automatic(&self) -> &'static str {
        match self.background {
            Some(background) if self.level >= Level::Indexed => {
                if is_dark(background) {
                    "vayu-dark"
                } else {
                    "vayu-light"
                }
            }
            _ => "terminal",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn var<'a>(pairs: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    fn theme(name: &str, level: Level, background: Option<Rgb>) -> Theme {
        let (mut wardrobe, mistakes) = Wardrobe::open(level, name, None);
        assert_eq!(mistakes, []);
        if let Some(background) = background {
            wardrobe.set_background(background);
        }
        wardrobe.theme()
    }

    #[test]
    fn the_environment_tells_how_many_colours_there_are() {
        assert_eq!(Level::detect(var(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")])), Level::True);
        assert_eq!(Level::detect(var(&[("TERM", "xterm-kitty")])), Level::True);
        assert_eq!(Level::detect(var(&[("TERM", "tmux-256color")])), Level::Indexed);
        assert_eq!(Level::detect(var(&[("TERM", "linux")])), Level::Named);
        assert_eq!(Level::detect(var(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")])), Level::Mono);
        assert_eq!(Level::detect(var(&[("NO_COLOR", ""), ("TERM", "xterm-256color")])), Level::Indexed);
        assert_eq!(Level::detect(var(&[("TERM", "dumb")])), Level::Mono);
    }

    #[test]
    fn automatic_follows_the_background_and_never_guesses() {
        assert_eq!(theme("auto", Level::True, Some(Rgb(0x1e, 0x1e, 0x1e))).name, "vayu-dark");
        assert_eq!(theme("auto", Level::True, Some(Rgb(0xfd, 0xf6, 0xe3))).name, "vayu-light");
        assert_eq!(theme("auto", Level::True, None).name, "terminal");
        assert_eq!(theme("auto", Level::Named, Some(Rgb(0, 0, 0))).name, "terminal");
        assert_eq!(theme("vayu-dark", Level::Mono, None).name, "mono");
    }

    /// Every text role against every background that it may stand on.
    fn unreadable(name: &str, level: Level, background: Rgb) -> Vec<String> {
        let theme = theme(name, level, None);
        let behind = |role: Role| rgb_of(theme.style(role).bg.unwrap_or_default()).unwrap_or(background);
        let backs = [background, behind(Role::Header), behind(Role::Select), behind(Role::AskBar)];
        let mut poor = Vec::new();
        for (role, role_name) in Role::ALL.iter().filter(|(role, _)| role.is_text() && *role != Role::Select) {
            let Some(fg) = theme.style(*role).fg.and_then(rgb_of) else { continue };
            for back in backs {
                let contrast = colour::contrast(fg, back);
                if contrast < READABLE {
                    poor.push(format!("{name} {level:?} {role_name} on {back:?}: {contrast:.2}"));
                }
            }
        }
        poor
    }

    #[test]
    fn everything_that_is_read_is_readable() {
        let (dark, light) = (Rgb(0x1e, 0x1e, 0x1e), Rgb(0xff, 0xff, 0xff));
        let mut poor = Vec::new();
        for level in [Level::True, Level::Indexed] {
            poor.extend(unreadable("vayu-dark", level, dark));
            poor.extend(unreadable("vayu-light", level, light));
        }
        assert!(poor.is_empty(), "{}", poor.join("\n"));
    }

    #[test]
    fn the_accent_is_readable_in_every_palette_of_a_terminal() {
        let theme = theme("terminal", Level::Named, None);
        for role in [Role::Accent, Role::Doing, Role::Text, Role::Title, Role::Key, Role::Warn, Role::Link] {
            let fg = theme.style(role).fg;
            assert!(matches!(fg, None | Some(Color::Reset)), "{role:?} leans on the user's palette: {fg:?}");
        }
    }

    #[test]
    fn a_theme_that_is_not_there_is_named_with_those_that_are() {
        let (wardrobe, mistakes) = Wardrobe::open(Level::True, "nosuch", None);
        assert_eq!(wardrobe.theme().name, "terminal");
        let said = mistakes[0].to_string();
        assert!(said.contains("no theme `nosuch`") && said.contains("vayu-dark"), "{said}");
    }

    #[test]
    fn without_colours_there_is_not_one() {
        let theme = theme("auto", Level::Mono, None);
        let coloured = |style: &Style| [style.fg, style.bg].iter().any(|c| !matches!(c, None | Some(Color::Reset)));
        assert!(!theme.styles.iter().any(coloured));
    }

    #[test]
    fn a_mistake_in_a_theme_is_named_by_file_line_and_key() {
        let parse = |text: &str| {
            let (wardrobe, _) = Wardrobe::open(Level::True, "auto", None);
            let source = Source::built_in("mine.toml", text);
            ThemeFile::parse("mine", &source, |base| wardrobe.find(base).cloned()).map_err(|m| m.to_string())
        };
        assert!(parse("base = \"vayu-dark\"\n").is_ok());
        let wrong = parse("base = \"vayu-dark\"\n[roles]\ntext = { fg = \"pink\" }\n").expect_err("no pink");
        assert!(wrong.starts_with("mine.toml:3: text: no colour `pink`"), "{wrong}");
        let wrong = parse("base = \"vayu-dark\"\n[colours]\npink = \"#ff00ff\"\n").expect_err("three qualities");
        assert!(wrong.starts_with("mine.toml:3: pink: a colour is"), "{wrong}");
        let wrong = parse("for = \"dark\"\n").expect_err("incomplete");
        assert!(wrong.starts_with("mine.toml:1: text: has no look"), "{wrong}");
    }
}
