//! Tells where a changed text went: what both texts begin and end with stays in its place.

use crate::policy::Span;

/// The part of a text that was replaced, as byte offsets: one piece, however many there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextChange {
    start: usize,
    old_end: usize,
    new_end: usize,
}

impl TextChange {
    /// Compares two texts, from both ends: linear work.
    pub fn between(old: &str, new: &str) -> Self {
        let same_start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let start = (0..=same_start).rev().find(|at| old.is_char_boundary(*at)).unwrap_or(0);
        let room = old.len().min(new.len()) - start;
        let same_end = old.bytes().rev().zip(new.bytes().rev()).take(room).take_while(|(a, b)| a == b).count();
        let same_end = (0..=same_end).rev().find(|count| old.is_char_boundary(old.len() - count)).unwrap_or(0);
        Self { start, old_end: old.len() - same_end, new_end: new.len() - same_end }
    }

    /// Returns where a span of the old text is in the new one. An end inside of what was replaced goes to its edge.
    pub fn moved_span(self, span: Span) -> Span {
        let start = if span.start <= self.start {
            span.start
        } else if span.start >= self.old_end {
            span.start - self.old_end + self.new_end
        } else {
            self.new_end
        };
        let end =
            if span.end >= self.old_end { span.end - self.old_end + self.new_end } else { span.end.min(self.start) };
        Span::new(start, end.max(start))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_before_and_behind_a_change_keeps_its_words() {
        let (old, new) = ("one two three", "one 名前 three");
        let change = TextChange::between(old, new);
        let moved = |words: &str| {
            let at = old.find(words).unwrap();
            let span = change.moved_span(Span::new(at, at + words.len()));
            new[span.start..span.end].to_owned()
        };
        assert_eq!([moved("one"), moved("three")], ["one", "three"]);
        assert_eq!([moved("two"), moved("one two"), moved("two three")], ["名前", "one 名前", "名前 three"]);
        assert_eq!([moved("wo"), moved("tw")], ["", ""]);
    }

    proptest! {
        #[test]
        fn a_moved_span_lies_in_the_new_text_on_whole_characters(old in "[ab名é]{0,12}", new in "[ab名é]{0,12}") {
            let change = TextChange::between(&old, &new);
            let ends: Vec<usize> = (0..=old.len()).filter(|at| old.is_char_boundary(*at)).collect();
            for (at, start) in ends.iter().enumerate() {
                for end in &ends[at..] {
                    let moved = change.moved_span(Span::new(*start, *end));
                    prop_assert!(new.get(moved.start..moved.end).is_some(), "{old:?} {new:?} {start} {end}: {moved:?}");
                }
            }
            // The kept ends are the same text on both sides.
            prop_assert_eq!(&old[..change.start], &new[..change.start]);
            prop_assert_eq!(&old[change.old_end..], &new[change.new_end..]);
        }
    }
}
