//! The clipboard of the terminal that shows us, by OSC 52: it reaches through SSH, and through tmux.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The way to a clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClipboardRoute {
    /// The terminal is sent the text.
    Terminal,
    /// tmux is between: it is sent the text, and asked to hand it on as well.
    Tmux,
    /// No clipboard is known: the Linux console, a dumb terminal, GNU screen.
    None,
}

impl ClipboardRoute {
    /// Finds the way in this environment.
    pub fn find_way(variable: impl Fn(&str) -> Option<String>) -> Self {
        let is_set = |name| variable(name).is_some_and(|value| !value.is_empty());
        if is_set("TMUX") {
            return Self::Tmux;
        }
        let term = variable("TERM").unwrap_or_default();
        if is_set("STY") || matches!(term.as_str(), "" | "dumb" | "linux" | "cons25") {
            Self::None
        } else {
            Self::Terminal
        }
    }

    /// Returns the bytes that put this text on the clipboard, with unseen characters made visible: a terminal runs
    /// pasted text. `None`: no clipboard is known.
    pub fn bytes_to_send(self, text: &str) -> Option<Vec<u8>> {
        let plain = format!("\x1b]52;c;{}\x1b\\", STANDARD.encode(super::files::escape_hidden(text)));
        match self {
            Self::None => None,
            Self::Terminal => Some(plain.into_bytes()),
            // tmux takes it itself with `set-clipboard on`, and hands it on with `allow-passthrough on`. Neither is on
            // everywhere; both together set the same text twice.
            Self::Tmux => Some(format!("{plain}\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).into_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way_in(set: &[(&'static str, &'static str)]) -> ClipboardRoute {
        let set = set.to_vec();
        ClipboardRoute::find_way(move |asked| {
            set.iter().find(|(name, _)| *name == asked).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_way_is_known_from_the_environment() {
        assert_eq!(way_in(&[("TERM", "xterm-256color"), ("SSH_TTY", "/dev/pts/1")]), ClipboardRoute::Terminal);
        assert_eq!(way_in(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/tmux-1000/default,1,0")]), ClipboardRoute::Tmux);
        assert_eq!(way_in(&[("TERM", "screen"), ("STY", "123.pts-0")]), ClipboardRoute::None);
        assert_eq!(way_in(&[("TERM", "linux")]), ClipboardRoute::None);
        assert_eq!(way_in(&[("TERM", "dumb")]), ClipboardRoute::None);
    }

    #[test]
    fn tmux_is_sent_it_plain_and_wrapped_with_doubled_escapes() {
        assert_eq!(ClipboardRoute::Terminal.bytes_to_send("hi").unwrap(), b"\x1b]52;c;aGk=\x1b\\");
        let wrapped = b"\x1b]52;c;aGk=\x1b\\\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\";
        assert_eq!(ClipboardRoute::Tmux.bytes_to_send("hi").unwrap(), wrapped);
        assert_eq!(ClipboardRoute::None.bytes_to_send("hi"), None);
    }

    #[test]
    fn what_is_pasted_holds_nothing_unseen() {
        let sent = ClipboardRoute::Terminal.bytes_to_send("{\"a\": \"\u{1b}[201~\u{9b}\u{202e}\"}\r\n").unwrap();
        let sent = String::from_utf8(sent).unwrap();
        let encoded = sent.strip_prefix("\u{1b}]52;c;").unwrap().strip_suffix("\u{1b}\\").unwrap();
        let text = STANDARD.decode(encoded).unwrap();
        assert_eq!(text, b"{\"a\": \"\\u001b[201~\\u009b\\u202e\"}\n");
    }
}
