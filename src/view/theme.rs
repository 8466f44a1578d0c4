//! Styles by role. Foreground and background stay the terminal's own; only the 16 ANSI colours are used, and none of
//! black, white and dark grey, which vanish on one background or the other. Without colour, modifiers alone carry it.

use ratatui::style::{Color, Modifier, Style};

use crate::wizard::Settings;

/// What a piece of the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// What can be overlooked.
    Dim,
    /// Headings, and the one thing that matters most.
    Strong,
    /// The current step, links, what can be acted on.
    Accent,
    /// The chosen row.
    Selected,
    /// The chosen row of a part that has not the focus.
    SelectedDim,
    /// Names of keys.
    Key,
    /// Characters that match a filter.
    Match,
    /// What went well, or is allowed as wished.
    Good,
    /// What wants a second look.
    Warn,
    /// What failed or endangers.
    Bad,
    /// Added in a difference.
    Added,
    /// Removed in a difference.
    Removed,
    /// A key of an object in JSON.
    JsonKey,
    /// A string in JSON.
    JsonString,
    /// An effect, a known action or a principal in a policy.
    JsonKnown,
    /// A badge such as READ-ONLY.
    Badge,
}

/// Styles and signs for one terminal.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colour: bool,
    /// Only ASCII signs.
    pub ascii: bool,
}

impl Theme {
    /// The theme that the settings ask for.
    pub fn new(settings: &Settings) -> Self {
        Self { colour: !settings.no_color, ascii: settings.ascii }
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let ink = |colour: Color| if self.colour { plain.fg(colour) } else { plain };
        match role {
            Role::Plain | Role::JsonString => plain,
            Role::Dim => plain.add_modifier(Modifier::DIM),
            Role::Strong => plain.add_modifier(Modifier::BOLD),
            Role::Accent | Role::Key => ink(Color::Cyan).add_modifier(Modifier::BOLD),
            Role::Selected => plain.add_modifier(Modifier::REVERSED),
            Role::SelectedDim | Role::Match => plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            Role::Good => ink(Color::Green),
            Role::Added => ink(Color::Green).add_modifier(Modifier::BOLD),
            Role::Warn => ink(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Bad => ink(Color::Red).add_modifier(Modifier::BOLD),
            Role::Removed => ink(Color::Red),
            Role::JsonKey => ink(Color::Blue),
            Role::JsonKnown => ink(Color::Cyan),
            Role::Badge => ink(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        }
    }

    /// A sign, or its ASCII twin.
    pub fn sign(self, sign: Sign) -> &'static str {
        let (unicode, ascii) = match sign {
            Sign::Ok => ("✓", "+"),
            Sign::Failed => ("✗", "x"),
            Sign::Warn => ("!", "!"),
            Sign::Chosen => ("›", ">"),
            Sign::Bullet => ("•", "*"),
            Sign::Between => ("·", "-"),
            Sign::Rule => ("─", "-"),
            Sign::Bar => ("│", "|"),
            Sign::Arrow => ("→", "->"),
            Sign::More => ("…", "..."),
            Sign::Full => ("█", "#"),
            Sign::Empty => ("░", "."),
        };
        if self.ascii { ascii } else { unicode }
    }

    /// The spinner's sign, so many milliseconds after the question; blank for the first 120.
    pub fn spinner(self, waited: u64) -> &'static str {
        const DOTS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        const ASCII: [&str; 4] = ["|", "/", "-", "\\"];
        if waited < 120 {
            return " ";
        }
        let turn = usize::try_from(waited / 100).unwrap_or_default();
        let frames: &[&str] = if self.ascii { &ASCII } else { &DOTS };
        frames.get(turn % frames.len()).copied().unwrap_or(" ")
    }
}

/// Signs with an ASCII twin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; the table above shows them")]
pub enum Sign {
    Ok,
    Failed,
    Warn,
    Chosen,
    Bullet,
    Between,
    Rule,
    Bar,
    Arrow,
    More,
    Full,
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 17] = [
        Role::Plain,
        Role::Dim,
        Role::Strong,
        Role::Accent,
        Role::Selected,
        Role::SelectedDim,
        Role::Key,
        Role::Match,
        Role::Good,
        Role::Warn,
        Role::Bad,
        Role::Added,
        Role::Removed,
        Role::JsonKey,
        Role::JsonString,
        Role::JsonKnown,
        Role::Badge,
    ];

    #[test]
    fn no_colour_vanishes_on_a_light_or_a_dark_background() {
        let theme = Theme::new(&Settings::default());
        for role in ROLES {
            let style = theme.style(role);
            assert!(style.bg.is_none(), "{role:?} paints a background");
            let vanishing = [Color::Black, Color::White, Color::DarkGray, Color::Gray];
            assert!(style.fg.is_none_or(|c| !vanishing.contains(&c)), "{role:?}");
        }
    }

    #[test]
    fn without_colour_nothing_is_coloured_and_the_selection_stays() {
        let theme = Theme::new(&Settings { no_color: true, ..Settings::default() });
        assert!(ROLES.iter().all(|role| theme.style(*role).fg.is_none()));
        assert!(theme.style(Role::Selected).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn a_spinner_waits_before_it_shows() {
        let theme = Theme::new(&Settings { ascii: true, ..Settings::default() });
        assert_eq!(theme.spinner(100), " ");
        assert_ne!(theme.spinner(200), " ");
    }
}
