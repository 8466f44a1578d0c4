//! Styles by role. The background stays the terminal's own, and so does the ink of text; only the 16 ANSI colours are
//! used (the blue and orange theme alone takes two more where there are 256), and none of black, white and grey, which
//! vanish on one background or the other. Without colour, modifiers alone carry it: colour is never the only sign.

use crate::wizard::remote::PATIENCE;
use ratatui::style::{Color, Modifier, Style};

use crate::wizard::{Background, ThemeName, WizardSettings};

/// The part that a piece of the screen plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// Text that can be overlooked.
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
    /// Success, or access that is allowed as wished.
    Good,
    /// A warning.
    Warn,
    /// A failure or a danger.
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

/// The use of a colour.
#[derive(Debug, Clone, Copy)]
enum Hue {
    Accent,
    Good,
    Warn,
    Bad,
    JsonKey,
    JsonKnown,
}

/// The colours that the hues are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inks {
    /// None: modifiers alone.
    None,
    /// Colours that can be read on a light and on a dark background.
    Either,
    /// The bright ones, for a dark background.
    Dark,
    /// The deep ones, for a light background.
    Light,
    /// Blue and orange, which every kind of colour vision tells apart.
    BlueOrange {
        /// Tells whether the terminal has an orange; brown yellow stands for it otherwise.
        many: bool,
    },
}

impl Inks {
    fn colour_of(self, hue: Hue) -> Option<Color> {
        use Color::{
            Blue, Cyan, Green, Indexed, LightBlue, LightCyan, LightGreen, LightRed, LightYellow, Magenta, Red, Yellow,
        };
        // In the order of the hues: accent, good, warn, bad, key and known word of JSON.
        let inks = match self {
            Self::None => return None,
            Self::Either => [Cyan, Green, Yellow, Red, Blue, Cyan],
            Self::Dark => [LightCyan, LightGreen, LightYellow, LightRed, LightBlue, LightCyan],
            Self::Light => [Blue, Green, Magenta, Red, Blue, Magenta],
            // A warning is told by its weight and its sign: there are only two colours.
            Self::BlueOrange { .. } if matches!(hue, Hue::Warn) => return None,
            // 33 is #0087ff, 166 is #d75f00: at least 3.5 : 1 on black and on white.
            Self::BlueOrange { many: true } => [33, 33, 33, 166, 33, 33].map(Indexed),
            Self::BlueOrange { many: false } => [LightBlue, LightBlue, LightBlue, Yellow, LightBlue, LightBlue],
        };
        inks.get(hue as usize).copied()
    }
}

/// Styles and signs for one terminal.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    inks: Inks,
    /// Nothing dim, everything that matters bold.
    contrast: bool,
    /// Only ASCII signs.
    pub ascii: bool,
}

impl Theme {
    /// The theme that the settings ask for.
    pub fn new(settings: &WizardSettings) -> Self {
        let by_background = |unknown| match settings.background {
            Some(Background::Dark) => Inks::Dark,
            Some(Background::Light) => Inks::Light,
            None => unknown,
        };
        let inks = match settings.theme {
            ThemeName::Auto if settings.no_color => Inks::None,
            ThemeName::Auto => by_background(Inks::Either),
            ThemeName::Dark => Inks::Dark,
            ThemeName::Light => Inks::Light,
            // On a background that nobody knows, only the terminal's own ink is sure to stand out.
            ThemeName::HighContrast => by_background(Inks::None),
            ThemeName::Mono => Inks::None,
            ThemeName::ColourBlind => Inks::BlueOrange { many: settings.many_colours },
        };
        Self { inks, contrast: settings.theme == ThemeName::HighContrast, ascii: settings.ascii }
    }

    /// The style of a role.
    pub fn role_style(self, role: Role) -> Style {
        let plain = Style::new();
        let ink = |hue: Hue| self.inks.colour_of(hue).map_or(plain, |colour| plain.fg(colour));
        let style = match role {
            Role::Plain | Role::JsonString => return plain,
            Role::Dim if self.contrast => return plain,
            Role::Dim => return plain.add_modifier(Modifier::DIM),
            Role::Strong => plain.add_modifier(Modifier::BOLD),
            Role::Accent | Role::Key => ink(Hue::Accent).add_modifier(Modifier::BOLD),
            Role::Selected => plain.add_modifier(Modifier::REVERSED),
            Role::SelectedDim | Role::Match => plain.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            Role::Good => ink(Hue::Good),
            Role::Added => ink(Hue::Good).add_modifier(Modifier::BOLD),
            Role::Warn => ink(Hue::Warn).add_modifier(Modifier::BOLD),
            Role::Bad => ink(Hue::Bad).add_modifier(Modifier::BOLD),
            Role::Removed => ink(Hue::Bad),
            Role::JsonKey => ink(Hue::JsonKey),
            Role::JsonKnown => ink(Hue::JsonKnown),
            Role::Badge => ink(Hue::Warn).add_modifier(Modifier::BOLD | Modifier::REVERSED),
        };
        // What is gone is told from what is new by weight, too.
        if self.contrast && role != Role::Removed { style.add_modifier(Modifier::BOLD) } else { style }
    }

    /// A sign, or its ASCII twin.
    pub fn sign_text(self, sign: Sign) -> &'static str {
        let (unicode, ascii) = match sign {
            // In ASCII `+` and `-` stand for gains and losses, and `x` for a tick.
            Sign::Ok => ("✓", "ok"),
            Sign::Failed => ("✗", "X"),
            Sign::Marked => ("✓", "*"),
            Sign::Open => ("·", "."),
            Sign::Warn => ("!", "!"),
            Sign::Chosen => ("›", ">"),
            Sign::Bullet => ("•", "*"),
            Sign::Between => ("·", "-"),
            Sign::Rule => ("─", "-"),
            Sign::Bar => ("│", "|"),
            Sign::Arrow => ("→", "->"),
            Sign::Ascending => ("↑", "^"),
            Sign::Descending => ("↓", "v"),
            Sign::More => ("…", "..."),
            Sign::Full => ("█", "#"),
            Sign::Empty => ("░", "."),
            Sign::Wrapped => ("↳", ">"),
        };
        if self.ascii { ascii } else { unicode }
    }

    /// Returns a sign in two cells, at their right end: the blank before a sign gives way to a word.
    pub fn wide_sign(self, sign: Sign) -> String {
        format!("{:>2}", self.sign_text(sign))
    }

    /// The spinner's sign, so many milliseconds after the question; blank for the first 120.
    pub fn spinner_sign(self, waited: u64) -> &'static str {
        const DOTS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        const ASCII: [&str; 4] = ["|", "/", "-", "\\"];
        if waited < PATIENCE {
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
    Marked,
    Open,
    Warn,
    Chosen,
    Bullet,
    Between,
    Rule,
    Bar,
    Arrow,
    Ascending,
    Descending,
    More,
    Full,
    Empty,
    Wrapped,
}

#[cfg(test)]
mod tests;
