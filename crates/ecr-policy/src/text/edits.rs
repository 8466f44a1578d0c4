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

/// Takes a member or an element out of its list, with the comma that belongs to it. `siblings` are the ranges of all,
/// `at` the one to go.
pub(crate) fn remove_item(siblings: &[Span], at: usize) -> Option<TextEdit> {
    let this = *siblings.get(at)?;
    let span = match (at.checked_sub(1).and_then(|p| siblings.get(p)), siblings.get(at + 1)) {
        (_, Some(next)) => Span::new(this.start, next.start),
        (Some(previous), None) => Span::new(previous.end, this.end),
        (None, None) => this,
    };
    Some(TextEdit { span, text: String::new() })
}

/// The ranges to cut so that the marked ones of a row of elements or members go. At least one stays: a row that loses
/// everything is its owner's to take out.
pub(crate) fn cut_ranges(elements: &[Span], goes: impl Fn(usize) -> bool) -> Vec<Span> {
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

/// The text with ranges replaced; none of them overlap.
pub(crate) fn apply_edits(text: &str, mut edits: Vec<(Span, String)>) -> String {
    edits.sort_by_key(|(span, _)| *span);
    let mut out = text.to_owned();
    for (span, with) in edits.into_iter().rev() {
        out.replace_range(span.start..span.end, &with);
    }
    out
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
            let left = apply_edits(text, cuts.into_iter().map(|span| (span, String::new())).collect());
            let values: Vec<u8> = serde_json::from_str(&left).unwrap();
            let expected: Vec<u8> = (0..4).filter(|i| choice & (1 << i) == 0).map(|i| i + 1).collect();
            assert_eq!(values, expected, "{left}");
            assert!(left.starts_with("[ ") && left.ends_with(" ]"), "{left}");
        }
    }
}
