//! What a colour is for. Views name roles, never colours.

macro_rules! roles {
    ($($(#[$doc:meta])* $role:ident = $name:literal),+ $(,)?) => {
        /// What a piece of the screen is, for the theme to give it a look.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $($(#[$doc])* $role),+ }

        impl Role {
            /// Every role with its name in theme files.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$role, $name)),+];
        }
    };
}

roles! {
    /// Text that is read.
    Text = "text",
    /// Text that is there if wanted.
    Muted = "muted",
    /// Lines; never text.
    Faint = "faint",
    /// A heading.
    Title = "title",
    /// The first row.
    Header = "header",
    /// What has the cursor, text and background.
    Select = "select",
    /// The row that says who waits.
    AskBar = "ask-bar",
    /// Somebody waits for the human.
    Ask = "ask",
    /// Work that goes on.
    Doing = "doing",
    /// The one accent: names, active tabs, focus.
    Accent = "accent",
    /// Work being judged.
    Review = "review",
    /// Work that is done, and good news.
    Done = "done",
    /// Attention.
    Warn = "warn",
    /// A key to press.
    Key = "key",
    /// Work that cannot go on.
    Blocked = "blocked",
    /// Failure, and what destroys.
    Danger = "danger",
    /// Priority 0.
    Prio0 = "prio.0",
    /// Priority 1.
    Prio1 = "prio.1",
    /// Priority 2.
    Prio2 = "prio.2",
    /// Priority 3.
    Prio3 = "prio.3",
    /// Letters that a search found.
    Match = "match",
    /// Something that can be followed.
    Link = "link",
    /// The cursor in a text field.
    Cursor = "cursor",
    /// A line that came.
    DiffAdd = "diff.add",
    /// A line that went.
    DiffDel = "diff.del",
    /// First series of a chart.
    Chart1 = "chart.1",
    /// Second series.
    Chart2 = "chart.2",
    /// Third series.
    Chart3 = "chart.3",
    /// Fourth series.
    Chart4 = "chart.4",
    /// Fifth series.
    Chart5 = "chart.5",
    /// Sixth series.
    Chart6 = "chart.6",
}

impl Role {
    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(role, _)| *role)
    }

    /// True for what is read, and has to be readable.
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Faint | Self::Header | Self::AskBar | Self::Cursor)
    }

    /// Priority 0 to 3.
    pub fn priority(rank: u8) -> Self {
        [Self::Prio0, Self::Prio1, Self::Prio2, Self::Prio3][usize::from(rank.min(3))]
    }
}
