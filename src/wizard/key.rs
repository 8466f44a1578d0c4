//! Keys as the state machine sees them, free of any terminal library.

use std::fmt;
use std::str::FromStr;

/// A key without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A character, as typed (capital letters need no shift flag).
    Char(char),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key, F1 is 1.
    F(u8),
}

/// A key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    /// The key.
    pub code: Code,
    /// Tells whether Ctrl was held.
    pub ctrl: bool,
    /// Tells whether Alt was held; nothing essential needs it.
    pub alt: bool,
    /// Tells whether Shift was held; never set for characters, which are what they are.
    pub shift: bool,
}

impl Key {
    /// A key without modifiers.
    pub const fn without_modifiers(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }

    /// A character.
    pub const fn of_char(c: char) -> Self {
        Self::without_modifiers(Code::Char(c))
    }

    /// Ctrl and a small letter.
    pub const fn with_ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// Shift and a key that is no character.
    pub const fn with_shift(code: Code) -> Self {
        Self { code, ctrl: false, alt: false, shift: true }
    }

    /// The character that this key types into a text, where it types one.
    pub fn typed_char(self) -> Option<char> {
        match self.code {
            Code::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// Returns why a terminal cannot tell this key from another one, or never sends it; `None`: it can.
    /// (Ctrl is sent as the letter's low five bits, Alt as an Esc before the key.)
    pub fn why_confused(self) -> Option<&'static str> {
        let modified = self.ctrl || self.alt || self.shift;
        match self.code {
            Code::Char(c) if c.is_control() => Some("this is no character that a key types"),
            Code::Char(_) if self.shift => Some("write the character that Shift gives, such as `G` or `?`"),
            Code::Char(_) if self.ctrl && self.alt => Some("terminals take Ctrl and Alt together for AltGr"),
            Code::Char(c) if self.ctrl => match c {
                'h' => Some("terminals send Backspace as Ctrl-H"),
                'i' => Some("terminals send Tab as Ctrl-I"),
                'j' => Some("terminals send a line feed as Ctrl-J"),
                'm' => Some("terminals send Enter as Ctrl-M"),
                '[' => Some("terminals send Esc as Ctrl-["),
                ' ' | 'a'..='z' => None,
                _ => Some("terminals send Ctrl with letters and Space only"),
            },
            Code::Char('[' | 'O') if self.alt => Some("this is how the arrow and function keys begin"),
            Code::Enter | Code::Esc | Code::Tab | Code::BackTab | Code::Backspace if modified => {
                Some("terminals send it without Ctrl, Alt and Shift")
            }
            _ => None,
        }
    }
}

/// The reason why a text names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it names no key: write such as Ctrl-S, F5, PgDn, Space, Shift-Tab, Alt-x or a single character")]
pub struct KeyProblem;

impl FromStr for Key {
    type Err = KeyProblem;

    /// Reads what `Display` writes; names and modifiers in small or capital letters.
    fn from_str(text: &str) -> Result<Self, KeyProblem> {
        let mut key = Self::without_modifiers(Code::Esc);
        let mut rest = text;
        loop {
            let after = |word: &str| {
                let head = rest.get(..word.len())?;
                let tail = rest.get(word.len()..)?;
                (head.eq_ignore_ascii_case(word) && !tail.is_empty()).then_some(tail)
            };
            let (flag, tail) = if let Some(tail) = after("Ctrl-") {
                (&mut key.ctrl, tail)
            } else if let Some(tail) = after("Alt-") {
                (&mut key.alt, tail)
            } else if let Some(tail) = after("Shift-") {
                (&mut key.shift, tail)
            } else {
                break;
            };
            if std::mem::replace(flag, true) {
                return Err(KeyProblem);
            }
            rest = tail;
        }
        let mut chars = rest.chars();
        key.code = match (chars.next(), chars.next()) {
            // Ctrl-S and Ctrl-Shift-S are one key.
            (Some(c), None) if key.ctrl => Code::Char(c.to_ascii_lowercase()),
            (Some(c), None) => Code::Char(c),
            _ => code_of_name(rest).ok_or(KeyProblem)?,
        };
        if key.code == Code::Tab && key.shift {
            key.code = Code::BackTab;
            key.shift = false;
        }
        Ok(key)
    }
}

/// The key of a name of several letters.
fn code_of_name(name: &str) -> Option<Code> {
    Some(match name.to_ascii_lowercase().as_str() {
        "space" => Code::Char(' '),
        "enter" | "return" => Code::Enter,
        "esc" | "escape" => Code::Esc,
        "tab" => Code::Tab,
        "backspace" => Code::Backspace,
        "delete" | "del" => Code::Delete,
        "up" => Code::Up,
        "down" => Code::Down,
        "left" => Code::Left,
        "right" => Code::Right,
        "home" => Code::Home,
        "end" => Code::End,
        "pgup" | "pageup" => Code::PageUp,
        "pgdn" | "pagedown" => Code::PageDown,
        other => {
            let number = other.strip_prefix('f').filter(|n| !n.starts_with(['0', '+']))?;
            Code::F(number.parse().ok().filter(|n| (1..=24).contains(n))?)
        }
    })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        if self.shift {
            f.write_str("Shift-")?;
        }
        match self.code {
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(c) if self.ctrl => write!(f, "{}", c.to_ascii_uppercase()),
            Code::Char(c) => write!(f, "{c}"),
            Code::BackTab => f.write_str("Shift-Tab"),
            Code::PageUp => f.write_str("PgUp"),
            Code::PageDown => f.write_str("PgDn"),
            Code::F(n) => write!(f, "F{n}"),
            other => write!(f, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_written_as_people_read_them() {
        let shown: Vec<_> = [
            Key::of_char('G'),
            Key::with_ctrl('s'),
            Key::without_modifiers(Code::F(1)),
            Key::without_modifiers(Code::PageDown),
            Key::of_char(' '),
            Key::with_shift(Code::Up),
            Key::without_modifiers(Code::BackTab),
        ]
        .iter()
        .map(Key::to_string)
        .collect();
        assert_eq!(shown, ["G", "Ctrl-S", "F1", "PgDn", "Space", "Shift-Up", "Shift-Tab"]);
        assert_eq!(Key::with_ctrl('s').typed_char(), None);
        assert_eq!(Key::of_char('s').typed_char(), Some('s'));
    }

    #[test]
    fn names_are_read_in_any_case_and_nonsense_is_refused() {
        for (text, key) in [
            ("ctrl-s", Key::with_ctrl('s')),
            ("Ctrl-S", Key::with_ctrl('s')),
            ("shift-tab", Key::without_modifiers(Code::BackTab)),
            ("PageDown", Key::without_modifiers(Code::PageDown)),
            ("space", Key::of_char(' ')),
            ("-", Key::of_char('-')),
            ("G", Key::of_char('G')),
            ("é", Key::of_char('é')),
        ] {
            assert_eq!(text.parse(), Ok(key), "{text}");
        }
        for text in ["", "Ctrl-", "Ctrl-Ctrl-S", "Hyper-x", "F0", "F25", "F01", "ab", "Ctrl+S"] {
            assert_eq!(text.parse::<Key>(), Err(KeyProblem), "{text}");
        }
    }

    #[test]
    fn keys_that_terminals_confuse_are_told() {
        for text in ["Ctrl-H", "Ctrl-I", "Ctrl-J", "Ctrl-M", "Ctrl-[", "Ctrl-1", "Shift-g", "Ctrl-Enter", "Ctrl-Alt-x"]
        {
            assert!(text.parse::<Key>().unwrap().why_confused().is_some(), "{text}");
        }
        for text in ["Ctrl-S", "Ctrl-Space", "Shift-Up", "Ctrl-Shift-End", "Shift-Tab", "Alt-x", "F12", "?", "Delete"] {
            assert_eq!(text.parse::<Key>().unwrap().why_confused(), None, "{text}");
        }
    }

    fn any_key() -> impl Strategy<Value = Key> {
        let code = prop_oneof![
            any::<char>().prop_map(Code::Char),
            prop::char::range('!', '~').prop_map(Code::Char),
            (1u8..=24).prop_map(Code::F),
            prop::sample::select(vec![
                Code::Char(' '),
                Code::Enter,
                Code::Esc,
                Code::Tab,
                Code::BackTab,
                Code::Backspace,
                Code::Delete,
                Code::Up,
                Code::Down,
                Code::Left,
                Code::Right,
                Code::Home,
                Code::End,
                Code::PageUp,
                Code::PageDown,
            ]),
        ];
        (code, any::<[bool; 3]>()).prop_map(|(code, [ctrl, alt, shift])| match code {
            // As they come from a terminal.
            Code::Char(c) if ctrl => Key { code: Code::Char(c.to_ascii_lowercase()), ctrl, alt, shift },
            Code::Tab if shift => Key { code: Code::BackTab, ctrl, alt, shift: false },
            Code::BackTab => Key { code, ctrl, alt, shift: false },
            code => Key { code, ctrl, alt, shift },
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(key in any_key()) {
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn reading_any_text_ends(text in ".{0,20}") {
            let _ = text.parse::<Key>();
        }
    }
}
