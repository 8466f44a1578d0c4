//! Translates events of the terminal into the wizard's.

use crossterm::event::{
    Event as TerminalEvent, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::wizard::{Code, Event, Key, Size};

/// The largest paste that is taken, in bytes; a policy has at most 10,240 characters.
const LARGEST_PASTE: usize = 256 * 1024;

/// Translates an event of the terminal; `None`: it means nothing to the wizard.
pub fn translate_event(event: TerminalEvent) -> Option<Event> {
    match event {
        TerminalEvent::Key(key) => translate_key(key).map(Event::Key),
        TerminalEvent::Paste(mut text) => {
            if text.len() > LARGEST_PASTE {
                let mut end = LARGEST_PASTE;
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
            }
            // Terminals send a line end of a paste as CR.
            Some(Event::Paste(text.replace("\r\n", "\n").replace('\r', "\n")))
        }
        TerminalEvent::Resize(columns, rows) => Some(Event::Resized(Size { columns, rows })),
        TerminalEvent::Mouse(mouse) => translate_mouse(mouse),
        _ => None,
    }
}

/// Translates the wheel and a press of the left button; the terminal keeps every other event.
fn translate_mouse(mouse: MouseEvent) -> Option<Event> {
    match mouse.kind {
        MouseEventKind::ScrollUp => Some(Event::Wheel { up: true }),
        MouseEventKind::ScrollDown => Some(Event::Wheel { up: false }),
        MouseEventKind::Down(MouseButton::Left) => Some(Event::Click { column: mouse.column, row: mouse.row }),
        _ => None,
    }
}

fn translate_key(key: KeyEvent) -> Option<Key> {
    // Windows also reports releases.
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let code = match key.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => Code::BackTab,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    let is_char = matches!(code, Code::Char(_));
    let code = match code {
        // Ctrl-S and Ctrl-Shift-S are the same key on most terminals. AltGr on Windows shows as Ctrl-Alt.
        Code::Char(c) if ctrl && !alt => Code::Char(c.to_ascii_lowercase()),
        other => other,
    };
    let shift = key.modifiers.contains(KeyModifiers::SHIFT) && !is_char && code != Code::BackTab;
    Some(Key { code, ctrl: ctrl && !(is_char && alt), alt: alt && !(is_char && ctrl), shift })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press_key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        translate_key(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn capital_letters_are_characters_and_control_letters_are_small() {
        assert_eq!(press_key(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Key::of_char('G')));
        assert_eq!(press_key(KeyCode::Char('S'), KeyModifiers::CONTROL), Some(Key::with_ctrl('s')));
        assert_eq!(press_key(KeyCode::Tab, KeyModifiers::SHIFT), Some(Key::without_modifiers(Code::BackTab)));
        assert_eq!(press_key(KeyCode::Char('{'), KeyModifiers::CONTROL | KeyModifiers::ALT), Some(Key::of_char('{')));
    }

    #[test]
    fn releases_are_no_key_presses() {
        let release = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE) };
        assert_eq!(translate_key(release), None);
    }

    #[test]
    fn a_paste_has_line_feeds_only() {
        let pasted = translate_event(TerminalEvent::Paste("a\rb\r\nc\n".to_owned()));
        assert_eq!(pasted, Some(Event::Paste("a\nb\nc\n".to_owned())));
    }
}
