//! Fuzzy filtering of lists: what matches a query, best first, and which characters to mark.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A matcher with its scratch memory, made once per filtering.
pub struct Fuzzy {
    matcher: Matcher,
    pattern: Pattern,
    scratch: Vec<char>,
}

impl Fuzzy {
    /// Prepares a query: words separated by blanks must all match; capital letters count only when typed.
    pub fn new(query: &str) -> Self {
        Self {
            matcher: Matcher::new(Config::DEFAULT.match_paths()),
            pattern: Pattern::parse(query, CaseMatching::Smart, Normalization::Smart),
            scratch: Vec::new(),
        }
    }

    /// The score of a text; `None` when it does not match. Higher is better.
    pub fn match_score(&mut self, text: &str) -> Option<u32> {
        self.pattern.score(Utf32Str::new(text, &mut self.scratch), &mut self.matcher)
    }

    /// The numbers of the characters that matched, ascending, for marking.
    pub fn match_marks(&mut self, text: &str) -> Vec<usize> {
        let mut found = Vec::new();
        let text = Utf32Str::new(text, &mut self.scratch);
        if self.pattern.indices(text, &mut self.matcher, &mut found).is_none() {
            return Vec::new();
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|at| at as usize).collect()
    }
}

/// The rows whose text matches, best first, equals in their own order; all rows when the query is empty.
pub fn filter_rows<'a>(query: &str, texts: impl Iterator<Item = &'a str>) -> Vec<usize> {
    if query.trim().is_empty() {
        return texts.enumerate().map(|(row, _)| row).collect();
    }
    let mut fuzzy = Fuzzy::new(query);
    let mut found: Vec<(u32, usize)> =
        texts.enumerate().filter_map(|(row, text)| fuzzy.match_score(text).map(|score| (score, row))).collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn best_match_comes_first_and_an_empty_query_keeps_the_order() {
        let names = ["platform/vault-operator", "vendorapp", "data/vendor-feed"];
        assert_eq!(filter_rows("", names.into_iter()), [0, 1, 2]);
        assert_eq!(filter_rows("vend", names.into_iter()).first(), Some(&1));
        assert_eq!(filter_rows("zzz", names.into_iter()), [0usize; 0]);
        assert_eq!(Fuzzy::new("vap").match_marks("vendorapp"), [0, 6, 7]);
    }
}
