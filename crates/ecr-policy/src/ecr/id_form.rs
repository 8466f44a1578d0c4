//! The forms of ids: of accounts, organizations and their units, VPCs and endpoints. In a pattern a `?` is one character and a
//! `*` any number of them, so that each question is whether an id of that form may be meant. Sources: the Organizations API
//! model (`o-[a-z0-9]{10,32}`, `r-[0-9a-z]{4,32}`, `ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}`); the EC2 user guide, resource ids.

use std::ops::RangeInclusive;

/// The form of an organization's id, in words.
pub(crate) const ORGANIZATION_WORDS: &str = "o- and 10 to 32 small letters and digits";

/// Tells whether a text holds a wildcard.
pub(crate) fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// Tells whether a text or a pattern may be an account id.
pub(crate) fn may_be_account(text: &str) -> bool {
    has_form(text, 12..=12, |c| c.is_ascii_digit())
}

/// Tells whether a text or a pattern may be the id of an organization.
pub(crate) fn may_be_organization(text: &str) -> bool {
    after_prefix(text, "o-").is_some_and(|rest| has_form(rest, 10..=32, is_small))
}

/// Tells whether a text or a pattern may be the id of an organization's root.
pub(crate) fn may_be_root(text: &str) -> bool {
    after_prefix(text, "r-").is_some_and(|rest| has_form(rest, 4..=32, is_small))
}

/// Tells whether a text or a pattern may be the id of an organizational unit.
pub(crate) fn may_be_unit(text: &str) -> bool {
    after_prefix(text, "ou-").is_some_and(|rest| {
        // A `*` may stand for the hyphen too.
        let parts = rest.split_once('-').or_else(|| rest.contains('*').then_some(("*", rest)));
        parts.is_some_and(|(root, own)| has_form(root, 4..=32, is_small) && has_form(own, 8..=32, is_small))
    })
}

/// Tells whether a text or a pattern may be an id of EC2 with that prefix, such as `vpc-`.
pub(crate) fn may_be_resource(text: &str, prefix: &str) -> bool {
    after_prefix(text, prefix)
        .is_some_and(|rest| has_form(rest, 8..=17, is_small) && (has_wildcard(rest) || matches!(rest.len(), 8 | 17)))
}

/// Tells whether a text has such a length and such characters, wildcards aside.
fn has_form(text: &str, length: RangeInclusive<usize>, is_char: fn(char) -> bool) -> bool {
    let size = text.chars().filter(|c| *c != '*').count();
    let is_long_enough = size >= *length.start() || text.contains('*');
    is_long_enough && size <= *length.end() && text.chars().all(|c| is_char(c) || matches!(c, '*' | '?'))
}

fn is_small(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Returns the text behind a prefix; a wildcard at the beginning may stand for the prefix too.
fn after_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    text.strip_prefix(prefix).or_else(|| text.starts_with('*').then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The question, the ids that it takes, and texts near them that it does not.
    type Form = (fn(&str) -> bool, &'static [&'static str], &'static [&'static str]);

    const FORMS: &[Form] = &[
        (may_be_account, &["111111111111"], &["11111111111", "1111111111111", "11111111111a"]),
        (may_be_organization, &["o-a1b2c3d4e5"], &["o-a1b2c3d4e", "O-a1b2c3d4e5", "a1b2c3d4e5", "o-a1b2c3d4E5"]),
        (may_be_root, &["r-ab12"], &["r-ab1", "ab12", "r-ab-2"]),
        (may_be_unit, &["ou-ab12-11111111"], &["ou-ab12-1111111", "ou-ab1211111111", "ou-ab1-11111111", "ou-ab12"]),
        (
            |t| may_be_resource(t, "vpc-"),
            &["vpc-0a1b2c3d", "vpc-0a1b2c3d4e5f60718"],
            &["vpc-0a1b2c3d4", "vpce-0a1b2c3d"],
        ),
    ];

    #[test]
    fn an_id_fits_its_form_and_a_near_one_does_not() {
        for (fits, ids, others) in FORMS {
            assert!(ids.iter().all(|id| fits(id)), "{ids:?}");
            others.iter().for_each(|other| assert!(!fits(other), "{other}"));
        }
    }

    #[test]
    fn every_pattern_that_an_id_matches_may_be_one() {
        for (fits, ids, _) in FORMS {
            for id in *ids {
                for (start, end) in (0..id.len()).flat_map(|start| (start..=id.len()).map(move |end| (start, end))) {
                    let pattern = format!("{}*{}", &id[..start], &id[end..]);
                    // What is cut inside the prefix leaves no prefix to be known by.
                    let is_whole = |hyphen| start > hyphen || (start == 0 && end > hyphen);
                    let keeps_prefix = id.find('-').is_none_or(is_whole);
                    assert!(!keeps_prefix || fits(&pattern), "{pattern}");
                    if end == start + 1 && keeps_prefix && start > 0 && &id[start..end] != "-" {
                        let one = format!("{}?{}", &id[..start], &id[end..]);
                        assert!(fits(&one), "{one}");
                    }
                }
            }
        }
    }
}
