//! Finds out whether the terminal is light or dark. OSC 11 asks once, before keys are read, and nobody waits for the
//! answer. It comes between the keys and is taken out of them, for a limited time: later ones count as keys.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use crate::wizard::Background;

/// The question for the colour of the background.
pub const QUESTION: &[u8] = b"\x1b]11;?\x1b\\";
/// The time for which an answer is taken, however slow the line.
const PATIENCE: Duration = Duration::from_secs(5);
/// The beginning of every answer, behind Alt-]: the terminal library shows an operating system command as these keys.
const BEGINNING: &str = "11;rgb";
/// The longest answer, in keys: `11;rgba:ffff/ffff/ffff/ffff`.
const LONGEST: usize = 32;

/// Tells whether to ask a terminal of this environment. Some terminals would show the question as text.
pub fn is_asked(variable: impl Fn(&str) -> Option<String>) -> bool {
    let term = variable("TERM").unwrap_or_default();
    // GNU screen names itself in STY and hands nothing through.
    !matches!(term.as_str(), "" | "dumb" | "linux" | "cons25" | "eterm" | "eterm-color") && variable("STY").is_none()
}

/// Takes the answer out of what the terminal sends.
#[derive(Debug, Default)]
pub struct Listener {
    until: Option<Instant>,
    held: Vec<Event>,
    text: String,
}

/// A listener's reading of an event.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// Keys and other events; none while an answer may be under way.
    Events(Vec<Event>),
    /// The answer.
    Background(Background),
}

impl Listener {
    /// Begins to listen, for a limited time.
    pub fn new(now: Instant) -> Self {
        Self { until: now.checked_add(PATIENCE), ..Self::default() }
    }

    /// Takes one event.
    pub fn hear_event(&mut self, event: Event, now: Instant) -> Heard {
        if self.held.is_empty() {
            let begins = matches!(&event, Event::Key(KeyEvent { code: KeyCode::Char(']'), modifiers, .. })
                if modifiers.contains(KeyModifiers::ALT));
            if !begins || self.until.is_none_or(|until| now > until) {
                return Heard::Events(vec![event]);
            }
            self.held.push(event);
            return Heard::Events(Vec::new());
        }
        let Event::Key(key) = event else { return self.give_up(event) };
        let ends = match key.code {
            KeyCode::Char('\\') => key.modifiers.contains(KeyModifiers::ALT) || self.text.ends_with('\x1b'),
            KeyCode::Char('g') => key.modifiers.contains(KeyModifiers::CONTROL),
            _ => false,
        };
        if ends {
            let background = background_of(self.text.trim_end_matches('\x1b'));
            let given_up = background.is_none().then(|| self.give_up(event));
            *self = Self::default();
            return background.map(Heard::Background).or(given_up).unwrap_or(Heard::Events(Vec::new()));
        }
        match key.code {
            KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::CONTROL) => {
                self.text.push(c);
            }
            KeyCode::Esc if !self.text.ends_with('\x1b') => self.text.push('\x1b'),
            _ => return self.give_up(event),
        }
        let shared = self.text.len().min(BEGINNING.len());
        if self.text.len() > LONGEST || self.text.get(..shared) != BEGINNING.get(..shared) {
            return self.give_up(event);
        }
        self.held.push(event);
        Heard::Events(Vec::new())
    }

    /// Gives up on an answer: returns all events that were held back, in their order.
    fn give_up(&mut self, last: Event) -> Heard {
        self.text.clear();
        let mut events = std::mem::take(&mut self.held);
        events.push(last);
        Heard::Events(events)
    }
}

/// Reads `11;rgb:R/G/B`, one to four hex digits each. Light or dark follows from the brightness that eyes see (ITU-R
/// BT.709).
fn background_of(answer: &str) -> Option<Background> {
    let colours = answer.strip_prefix(BEGINNING)?.trim_start_matches('a').strip_prefix(':')?;
    let mut parts = colours.split('/').map(|digits| {
        let most = 16_u32.checked_pow(u32::try_from(digits.len()).ok()?).filter(|_| (1..=4).contains(&digits.len()))?;
        Some(u32::from_str_radix(digits, 16).ok()? * 1000 / (most - 1))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    let bright = (red * 2126 + green * 7152 + blue * 722) / 10_000;
    Some(if bright > 500 { Background::Light } else { Background::Dark })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_events(text: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut alt = false;
        for c in text.chars() {
            let (code, modifiers) = match c {
                '\x1b' => {
                    alt = true;
                    continue;
                }
                '\x07' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                c => (KeyCode::Char(c), if alt { KeyModifiers::ALT } else { KeyModifiers::NONE }),
            };
            alt = false;
            events.push(Event::Key(KeyEvent::new(code, modifiers)));
        }
        events
    }

    /// Returns everything that passes, and the answer.
    fn hear_all(listener: &mut Listener, events: Vec<Event>, now: Instant) -> (Vec<Event>, Option<Background>) {
        let (mut through, mut background) = (Vec::new(), None);
        for event in events {
            match listener.hear_event(event, now) {
                Heard::Events(events) => through.extend(events),
                Heard::Background(heard) => background = Some(heard),
            }
        }
        (through, background)
    }

    #[test]
    fn the_answer_is_taken_out_and_the_keys_around_it_stay() {
        let now = Instant::now();
        for (answer, background) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", Background::Light),
            ("\x1b]11;rgb:1e1e/1e1e/2e2e\x07", Background::Dark),
            ("\x1b]11;rgba:fd/f6/e3/ff\x1b\\", Background::Light),
            ("\x1b]11;rgb:0/0/8\x1b\\", Background::Dark),
        ] {
            let mut events = key_events("j");
            events.extend(key_events(answer));
            events.extend(key_events("q"));
            let heard = hear_all(&mut Listener::new(now), events, now);
            assert_eq!(heard, (key_events("jq"), Some(background)), "{answer:?}");
        }
    }

    #[test]
    fn what_is_no_answer_comes_through_in_its_order() {
        let now = Instant::now();
        for text in ["\x1b]x", "\x1b]11;rgX", "\x1b]11;rgb:zz/0/0\x07q", "abc]11;rgb:0/0/0"] {
            let heard = hear_all(&mut Listener::new(now), key_events(text), now);
            assert_eq!(heard, (key_events(text), None), "{text:?}");
        }
        let mut pasted = key_events("\x1b]11;");
        pasted.push(Event::Paste("x".to_owned()));
        assert_eq!(hear_all(&mut Listener::new(now), pasted.clone(), now), (pasted, None));
    }

    #[test]
    fn after_the_time_limit_nothing_is_held_back() {
        let now = Instant::now();
        let answer = key_events("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
        let late = now + PATIENCE + Duration::from_millis(1);
        assert_eq!(hear_all(&mut Listener::new(now), answer.clone(), late), (answer.clone(), None));
        // One that was never asked hears nothing.
        assert_eq!(hear_all(&mut Listener::default(), answer.clone(), now), (answer, None));
    }

    #[test]
    fn terminals_that_would_show_the_question_are_not_asked() {
        let with = |term: &'static str| move |name: &str| (name == "TERM").then(|| term.to_owned());
        assert!(is_asked(with("xterm-256color")) && is_asked(with("tmux-256color")));
        assert!(!is_asked(with("dumb")) && !is_asked(with("linux")) && !is_asked(|_| None));
        assert!(!is_asked(|name| Some(if name == "STY" { "1.pts" } else { "screen" }.to_owned())));
    }
}
