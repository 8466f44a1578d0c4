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

/// A text that fits both patterns, where there is one. `pad` stands for a run that both leave open, `one` for a character
/// that both do.
fn meet(a: &[char], b: &[char], pad: &str, one: char) -> Option<String> {
    match (Open::of(a), Open::of(b)) {
        (Some(a), Some(b)) => open(&a, &b, pad, one),
        (Some(_), None) => closed(b, a, one),
        (None, _) => closed(a, b, one),
    }
}

/// A pattern with a `*`: what stands before the first one, between it and the last one, and after that.
struct Open<'p> {
    before: &'p [char],
    between: &'p [char],
    after: &'p [char],
}

impl<'p> Open<'p> {
    fn of(pattern: &'p [char]) -> Option<Self> {
        let (first, last) = (pattern.iter().position(|c| *c == '*')?, pattern.iter().rposition(|c| *c == '*')?);
        let between = pattern.get(first + 1..last).unwrap_or_default();
        Some(Self { before: pattern.get(..first)?, between, after: pattern.get(last + 1..)? })
    }
}

/// Two patterns with a `*` each meet wherever their beginnings and their ends do: between them there is room for what both
/// ask for, one after the other.
fn open(a: &Open, b: &Open, pad: &str, one: char) -> Option<String> {
    let before = overlaid(a.before.iter(), b.before.iter(), one)?;
    let after = overlaid(a.after.iter().rev(), b.after.iter().rev(), one)?;
    let mut text: String = before.into_iter().collect();
    text.push_str(pad);
    let both = [a.between, if a.between == b.between { &[] } else { b.between }];
    for between in both.into_iter().filter(|between| !between.is_empty()) {
        for c in between {
            match c {
                '*' => text.push_str(pad),
                '?' => text.push(one),
                c => text.push(*c),
            }
        }
        text.push_str(pad);
    }
    text.extend(after.into_iter().rev());
    Some(text)
}

/// Two runs over each other, as long as the longer one.
fn overlaid<'c>(
    mut a: impl Iterator<Item = &'c char>,
    mut b: impl Iterator<Item = &'c char>,
    one: char,
) -> Option<Vec<char>> {
    let mut all = Vec::new();
    loop {
        all.push(match (a.next(), b.next()) {
            (None, None) => return Some(all),
            (Some(a), Some(b)) => same(*a, *b, one)?,
            (Some(c), None) | (None, Some(c)) => same(*c, '?', one)?,
        });
    }
}

/// The character that fits both.
fn same(a: char, b: char, one: char) -> Option<char> {
    match (a, b) {
        ('?', '?') => Some(one),
        ('?', c) | (c, '?') => Some(c),
        (a, b) => (a == b).then_some(a),
    }
}

/// A pattern of one length and any other: what the other asks for between its `*` is put as far to the front as it fits,
/// which leaves the most room for the rest.
fn closed(fixed: &[char], other: &[char], one: char) -> Option<String> {
    let mut text: Vec<char> = fixed.to_vec();
    let mut put = |piece: &[char], at: usize| -> Option<()> {
        let place = text.get_mut(at..at + piece.len())?;
        for (there, wanted) in place.iter_mut().zip(piece) {
            *there = if *there == '?' { *wanted } else { same(*there, *wanted, one)? };
        }
        Some(())
    };
    match Open::of(other) {
        None if fixed.len() == other.len() => put(other, 0)?,
        None => return None,
        Some(open) => {
            let end = fixed.len().checked_sub(open.after.len())?;
            let mut from = open.before.len();
            put(open.before, 0)?;
            for piece in open.between.split(|c| *c == '*').filter(|piece| !piece.is_empty()) {
                let room = fixed.get(from..end)?;
                let fits = |place: &[char]| place.iter().zip(piece).all(|(a, b)| same(*a, *b, one).is_some());
                from += room.windows(piece.len()).position(fits)?;
                put(piece, from)?;
                from += piece.len();
            }
            if from > end {
                return None;
            }
            put(open.after, end)?;
        }
    }
    Some(text.into_iter().map(|c| if c == '?' { one } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::glob::glob;

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

    #[test]
    fn patterns_of_a_megabyte_are_met_in_one_pass() {
        let (a, b) = ("*a".repeat(500_000), "*b".repeat(500_000));
        assert!(common(&format!("{a}*"), &format!("{b}*"), "x").iter().all(|text| text.len() >= 1_000_000));
        assert!(common(&a, &b, "x").is_empty() && common(&a, &"b".repeat(500_000), "x").is_empty());
        assert_eq!(common(&a, &"a".repeat(500_000), "x"), ["a".repeat(500_000)]);
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
