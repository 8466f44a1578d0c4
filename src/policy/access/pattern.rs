//! Texts that fit patterns, and texts that fit two patterns at once.

/// The character that stands for `?`, where no pattern says another: the first of the word that stands for `*`.
fn fill(token: &str) -> char {
    token.chars().next().unwrap_or('q')
}

/// A text as a pattern of which it is the only member.
pub(super) fn literal(text: &str) -> String {
    text.replace('*', STAR).replace('?', MARK)
}

/// The text itself of a pattern's member.
fn plain(text: String) -> String {
    if text.contains([PRIVATE_STAR, PRIVATE_MARK]) { text.replace(STAR, "*").replace(MARK, "?") } else { text }
}

const STAR: &str = "\u{e000}";
const MARK: &str = "\u{e001}";
const PRIVATE_STAR: char = '\u{e000}';
const PRIVATE_MARK: char = '\u{e001}';

/// A member with every run filled with `token`, one with every run empty.
pub(super) fn members(pattern: &str, token: &str) -> Vec<String> {
    let one = fill(token).to_string();
    let filled = pattern.replace('*', token).replace('?', &one);
    let empty = pattern.replace('*', "").replace('?', &one);
    let mut all = vec![plain(filled), plain(empty)];
    all.dedup();
    all
}

/// Texts that fit both patterns: one whose common runs hold `token`, one as short as the search finds it.
pub(super) fn common(a: &str, b: &str, token: &str) -> Vec<String> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut all: Vec<String> = [token, ""].iter().filter_map(|pad| meet(&a, &b, pad, fill(token))).map(plain).collect();
    all.dedup();
    all
}

/// The same for ARNs, which are compared field by field. A pattern without six fields fits none.
pub(super) fn common_arns(a: &str, b: &str, token: &str) -> Vec<String> {
    let (mut filled, mut shortest) = (String::new(), String::new());
    let (mut first, mut second) = (a.splitn(6, ':'), b.splitn(6, ':'));
    for field in 0..6 {
        let (Some(a), Some(b)) = (first.next(), second.next()) else { return Vec::new() };
        if field > 0 {
            filled.push(':');
            shortest.push(':');
        }
        // Most fields of most patterns are plain.
        if !a.contains(['*', '?']) && !b.contains(['*', '?']) {
            if a != b {
                return Vec::new();
            }
            filled.push_str(a);
            shortest.push_str(a);
            continue;
        }
        let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
        for (text, pad) in [(&mut filled, token), (&mut shortest, "")] {
            let Some(met) = meet(&a, &b, pad, fill(token)) else { return Vec::new() };
            text.push_str(&met);
        }
    }
    let mut all = vec![plain(filled), plain(shortest)];
    all.dedup();
    all
}

/// What a step adds to the text.
#[derive(Clone, Copy)]
enum Add {
    Nothing,
    One(char),
    /// A run that both patterns leave open.
    Run,
}

/// Walks both patterns at once; a pair of places that led nowhere is not tried again. `pad` stands for a run that both
/// leave open, `one` for a character that both do.
fn meet(a: &[char], b: &[char], pad: &str, one: char) -> Option<String> {
    let mut out = String::with_capacity(a.len().max(b.len()) + pad.len());
    // The places still to try, with the length of the text so far and what to add to it.
    let mut open: Vec<(usize, usize, usize, Add)> = vec![(0, 0, 0, Add::Nothing)];
    let width = b.len() + 1;
    let mut seen = vec![false; (a.len() + 1) * width];
    while let Some((i, j, length, add)) = open.pop() {
        match seen.get_mut(i * width + j) {
            Some(seen) if !*seen => *seen = true,
            _ => continue,
        }
        out.truncate(length);
        match add {
            Add::Nothing => {}
            Add::One('?') => out.push(one),
            Add::One(c) => out.push(c),
            Add::Run => out.push_str(pad),
        }
        let length = out.len();
        match (a.get(i), b.get(j)) {
            (None, None) => return Some(out),
            (Some('*'), Some('*')) => {
                open.push((i, j + 1, length, Add::Run));
                open.push((i + 1, j, length, Add::Run));
            }
            (Some('*'), other) => {
                open.extend(other.map(|c| (i, j + 1, length, Add::One(*c))));
                open.push((i + 1, j, length, Add::Nothing));
            }
            (other, Some('*')) => {
                open.extend(other.map(|c| (i + 1, j, length, Add::One(*c))));
                open.push((i, j + 1, length, Add::Nothing));
            }
            (Some('?'), Some(c)) | (Some(c), Some('?')) => open.push((i + 1, j + 1, length, Add::One(*c))),
            (Some(c), Some(d)) if c == d => open.push((i + 1, j + 1, length, Add::One(*c))),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::condition::glob;

    #[test]
    fn a_text_is_found_that_fits_both() {
        for (a, b, found) in [
            ("o-*", "*x", true),
            ("a*b", "*c", false),
            ("role/ci*", "role/*-prod", true),
            ("a?c", "ab?", true),
            ("abc", "a*", true),
            ("a", "b", false),
            ("*", "", true),
        ] {
            let texts = common(a, b, "other");
            assert_eq!(!texts.is_empty(), found, "{a} {b}");
            assert!(texts.iter().all(|t| glob(a, t) && glob(b, t)), "{texts:?}");
        }
        assert_eq!(common("a*", "*b", "-"), ["a-b", "ab"]);
    }

    #[test]
    fn fields_of_arns_do_not_run_into_each_other() {
        let of = |a: &str| common_arns(a, "arn:aws:iam::999999999999:role/*", "x");
        assert_eq!(
            of("arn:aws:iam::*:role/ci*"),
            ["arn:aws:iam::999999999999:role/cix", "arn:aws:iam::999999999999:role/ci"]
        );
        assert!(of("arn:*:role/ci").is_empty() && of("arn:*:*::111111111111:role/x*").is_empty());
        assert!(!common("arn:*:*::111111111111:role/x*", "arn:aws:iam::999999999999:role/*", "x").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_found_fits_and_nothing_is_missed(a in "[ab*?]{0,6}", b in "[ab*?]{0,6}", text in "[ab]{0,8}") {
            let texts = common(&a, &b, "a");
            prop_assert!(texts.iter().all(|t| glob(&a, t) && glob(&b, t)), "{texts:?}");
            prop_assert!(!(texts.is_empty() && glob(&a, &text) && glob(&b, &text)));
            prop_assert!(members(&a, "b").iter().all(|t| glob(&a, t)));
        }
    }
}
