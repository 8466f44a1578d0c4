//! Edits of a text: ranges that are replaced, and elements and members taken out of it with the comma that set them
//! apart and nothing else.

use crate::syntax::Span;

/// Replaces a range by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// The range that is replaced; empty for an insertion.
    pub span: Span,
    /// The text that takes its place.
    pub text: String,
}

impl TextEdit {
    /// Replaces a range.
    pub(crate) fn replacing(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Takes a range out.
    pub(crate) fn removing(span: Span) -> Self {
        Self::replacing(span, "")
    }
}

/// Takes a member or an element out of its list, with the comma that belongs to it. `siblings` are the ranges of all,
/// `at` the one to go.
pub(crate) fn remove_item(siblings: &[Span], at: usize) -> Option<TextEdit> {
    let this = *siblings.get(at)?;
    let span = match (at.checked_sub(1).and_then(|p| siblings.get(p)), siblings.get(at + 1)) {
        (_, Some(next)) => Span::new(this.start, next.start),
        (Some(previous), None) => Span::new(previous.end, this.end),
        (None, None) => this,
    };
    Some(TextEdit::removing(span))
}

/// Returns the ranges to cut so that the marked ones of a row of elements or members go. At least one stays: a row that loses
/// everything is its owner's to take out.
pub fn cut_ranges(elements: &[Span], goes: impl Fn(usize) -> bool) -> Vec<Span> {
    let mut cuts = Vec::new();
    let mut at = 0;
    while at < elements.len() {
        let run = elements.iter().enumerate().skip(at).take_while(|(i, _)| goes(*i)).count();
        if run == 0 {
            at += 1;
            continue;
        }
        let (before, last, after) = (at.checked_sub(1), at + run - 1, at + run);
        let (first, last) = (elements.get(at), elements.get(last));
        if let Some(before) = before.and_then(|i| elements.get(i)) {
            // With the comma before it.
            cuts.extend(last.map(|last| Span::new(before.end, last.end)));
        } else {
            // With the comma behind it.
            cuts.extend(first.zip(elements.get(after)).map(|(first, next)| Span::new(first.start, next.start)));
        }
        at = after;
    }
    cuts
}

/// Applies edits to a text. Returns it unchanged where they do not fit: one is outside the text, cuts a character, or
/// reaches into another one.
pub fn apply_edits(text: &str, edits: &[TextEdit]) -> String {
    let mut edits: Vec<&TextEdit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let mut edited = String::with_capacity(text.len() + 16);
    let mut at = 0;
    for edit in edits {
        let (Some(kept), Some(_)) = (text.get(at..edit.span.start), text.get(edit.span.start..edit.span.end)) else {
            return text.to_owned();
        };
        edited.push_str(kept);
        edited.push_str(&edit.text);
        at = edit.span.end;
    }
    edited.push_str(text.get(at..).unwrap_or_default());
    edited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_of_elements_leaves_a_list_of_the_others() {
        let text = "[ 1,2 ,\n 3,  4 ]";
        let spans: Vec<Span> =
            ["1", "2", "3", "4"].map(|digit| text.find(digit).map(|at| Span::new(at, at + 1)).unwrap()).to_vec();
        for choice in 0..15_u8 {
            let cuts = cut_ranges(&spans, |i| choice & (1 << i) != 0);
            let cuts: Vec<TextEdit> = cuts.into_iter().map(TextEdit::removing).collect();
            let left = apply_edits(text, &cuts);
            let values: Vec<u8> = serde_json::from_str(&left).unwrap();
            let expected: Vec<u8> = (0..4).filter(|i| choice & (1 << i) == 0).map(|i| i + 1).collect();
            assert_eq!(values, expected, "{left}");
            assert!(left.starts_with("[ ") && left.ends_with(" ]"), "{left}");
        }
    }
    #[test]
    fn edits_apply_in_any_order_and_those_that_do_not_fit_change_nothing() {
        let text = "caf\u{e9} 12";
        let edit = |start, end, with: &str| TextEdit::replacing(Span::new(start, end), with);
        let fitting = [edit(6, 8, "3"), edit(0, 1, "C"), edit(6, 6, "<")];
        assert_eq!(apply_edits(text, &fitting), "Caf\u{e9} <3");
        assert_eq!(apply_edits(text, &[]), text);
        for wrong in [edit(4, 5, ""), edit(7, 9, ""), edit(0, 7, ""), edit(3, 2, "")] {
            assert_eq!(apply_edits(text, &[edit(6, 8, "3"), wrong.clone()]), text, "{wrong:?}");
        }
    }
}
