//! The word that was probably meant.

/// The candidate that was probably meant: equal but for letter case, or one or two letters off.
pub fn nearest_name<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
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

/// The only candidate that a word shortens: it has the word's letters in their order, the first one first, and at most
/// twice as many. Letter case does not count.
pub fn shortened<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let is_short_for = |long: &&str| {
        let mut letters = long.chars();
        let has = |c: char| letters.any(|l| l.eq_ignore_ascii_case(&c));
        let begins = word.chars().next().zip(long.chars().next()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b));
        begins && word.len() * 2 >= long.len() && word.chars().all(has)
    };
    let mut found = candidates.into_iter().filter(is_short_for);
    let first = found.next();
    if found.next().is_some() { None } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_a_letter_or_two_off_is_the_nearest_and_a_short_one_its_only_long_form() {
        let names = ["BatchGetImage", "GetAuthorizationToken", "GetDownloadUrlForLayer", "PutImage", "PutImages"];
        assert_eq!(nearest_name("batchgetimge", names), Some("BatchGetImage"));
        assert_eq!(nearest_name("GetAuthToken", names), None);
        assert_eq!(nearest_name(&"a".repeat(81), [&*"a".repeat(81)]), None);
        assert_eq!(shortened("GetAuthToken", names), Some("GetAuthorizationToken"));
        assert_eq!(shortened("getdownloadurl", names), Some("GetDownloadUrlForLayer"));
        for none in ["", "Get", "AuthorizationToken", "PutImag", "GetTokenAuth"] {
            assert_eq!(shortened(none, names), None, "{none}");
        }
    }
}
