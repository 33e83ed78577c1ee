//! What a terminal can tell: keys, mouse, pastes, focus, and answers to our questions.

use std::fmt;

/// A key on the keyboard, named by what it types or does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A character; letters carry their case.
    Char(char),
    /// A function key, from 1.
    F(u8),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tabulator.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
}

/// A key with what was held down. Shift is told only for keys that type nothing: `G` is `G`, not shift-g.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// Control.
    pub ctrl: bool,
    /// Alt, or a preceding escape.
    pub alt: bool,
    /// Shift.
    pub shift: bool,
}

impl Key {
    /// The bare key.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// The key that types `c`.
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// The key of `c` with control.
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// The character it types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Key {
    /// As people write it: `Ctrl-d`, `Shift-Tab`, `g`, `⏎`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "Ctrl-"), (self.alt, "Alt-"), (self.shift, "Shift-")] {
            f.write_str(if held { name } else { "" })?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) => write!(f, "{c}"),
            Code::F(n) => write!(f, "F{n}"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
            Code::Backspace => f.write_str("Bksp"),
            Code::Delete => f.write_str("Del"),
            Code::Insert => f.write_str("Ins"),
            code => write!(f, "{code:?}"),
        }
    }
}

/// A button of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The one that selects.
    Left,
    /// The wheel, pressed.
    Middle,
    /// The one for menus.
    Right,
}

/// What the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    /// A button went down.
    Down(Button),
    /// A button came up.
    Up(Button),
    /// The mouse moved with a button down.
    Drag(Button),
    /// The wheel turned by one notch; true: towards the end.
    Wheel(bool),
}

/// Something the mouse did, and where; cells count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    /// What.
    pub kind: MouseKind,
    /// Column.
    pub column: u16,
    /// Row.
    pub row: u16,
}

/// A colour as the terminal reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// An answer of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Its text colour.
    Foreground(Rgb),
    /// Its background colour.
    Background(Rgb),
    /// Where the cursor is; cells count from 0.
    Cursor(u16, u16),
    /// It speaks the kitty keyboard protocol.
    Kitty,
    /// The user switched to dark (true) or light colours.
    Dark(bool),
    /// It has answered all questions asked before.
    End,
}

/// One thing that came from the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key, and the key of a Latin layout in the same place, if the terminal tells it.
    Key(Key, Option<char>),
    /// The mouse.
    Mouse(Mouse),
    /// Pasted text.
    Paste(String),
    /// The window has (true) or lost the focus.
    Focus(bool),
    /// An answer.
    Reply(Reply),
}
