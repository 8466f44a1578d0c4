//! The word that was probably meant.

/// The candidate that was probably meant: equal but for letter case, or one or two letters off.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let length = word.chars().count();
    let most = (length / 4).clamp(1, 3);
    let word = word.to_ascii_lowercase();
    candidates
        .into_iter()
        .filter(|c| length <= LONGEST && c.chars().count().abs_diff(length) <= most)
        .map(|c| (strsim::levenshtein(&word, &c.to_ascii_lowercase()), c))
        .filter(|(off, _)| *off <= most)
        .min_by_key(|(off, _)| *off)
        .map(|(_, c)| c)
}

/// Counts the characters beyond which a word is taken for no misspelling of anything.
const LONGEST: usize = 80;
