//! Finds the partner of a bracket. Brackets inside strings are text; a string ends with its line at the latest.

/// The brackets of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Brackets {
    /// Each bracket that has a mate, with the mate's offset, in the order of the text.
    mates: Vec<(usize, usize)>,
    /// Closing brackets that close nothing.
    lonely: Vec<usize>,
}

impl Brackets {
    pub fn new(text: &str) -> Self {
        let mut found = Self::default();
        let mut open: Vec<(u8, usize)> = Vec::new();
        let mut quoted = false;
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'\n' | b'\r' => (quoted, escaped) = (false, false),
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' => open.push((b'}', at)),
                b'[' => open.push((b']', at)),
                b'}' | b']' => match open.pop_if(|(closing, _)| *closing == byte) {
                    Some((_, mate)) => found.mates.extend([(mate, at), (at, mate)]),
                    None => found.lonely.push(at),
                },
                _ => {}
            }
        }
        found.mates.sort_unstable();
        found
    }

    /// The mate of the bracket at an offset, where one stands there and has one.
    pub fn mate_of(&self, at: usize) -> Option<usize> {
        let found = self.mates.binary_search_by_key(&at, |(bracket, _)| *bracket).ok()?;
        self.mates.get(found).map(|(_, mate)| *mate)
    }

    /// Tells whether a closing bracket at or behind an offset closes nothing.
    pub fn wants_opening(&self, from: usize) -> bool {
        self.lonely.last().is_some_and(|last| *last >= from)
    }
}

/// Tells whether an offset of a line is inside a string, the line being given up to there.
pub(super) fn in_string(before: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for byte in before.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bracket_finds_its_mate_and_those_in_strings_are_text() {
        let text = "{\"a]\": [1, {}], \"\\\"}\": 2}";
        let brackets = Brackets::new(text);
        assert_eq!(brackets.mate_of(0), Some(text.len() - 1));
        assert_eq!(brackets.mate_of(text.len() - 1), Some(0));
        assert_eq!(brackets.mate_of(7), text.find("],"));
        assert_eq!(brackets.mate_of(3), None, "a bracket in a string");
        assert!(!brackets.wants_opening(0));
    }

    #[test]
    fn what_does_not_belong_together_has_no_mate() {
        let brackets = Brackets::new("[}\n]{\"\n}");
        assert_eq!(brackets.mate_of(0), Some(3));
        assert_eq!(brackets.mate_of(1), None);
        assert!(brackets.wants_opening(1) && !brackets.wants_opening(2));
        assert_eq!(brackets.mate_of(4), Some(7), "a string ends with its line");
    }
}
