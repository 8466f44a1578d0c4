//! Names of accounts, and how they stand beside ids in sentences.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use super::AccountId;
use super::text::{fit_width, make_visible, wrap_lines};

/// The names of accounts: those that the user gave, and profiles that sign in there. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountNames(Arc<BTreeMap<AccountId, String>>);

impl AccountNames {
    /// The longest name, in characters.
    pub const LONGEST: usize = 40;

    /// Makes the names of these accounts.
    pub fn new(names: BTreeMap<AccountId, String>) -> Self {
        Self(Arc::new(names))
    }

    /// Returns the accounts that have a name.
    pub fn ids(&self) -> impl Iterator<Item = &AccountId> {
        self.0.keys()
    }

    /// Returns the name of an account.
    pub fn name_of(&self, account: &AccountId) -> Option<&str> {
        self.0.get(account).map(String::as_str)
    }

    /// Finds the accounts with a name whose ids stand in a text of any kind, an ARN for example, as whole numbers.
    pub fn ids_in<'n>(&'n self, text: &str) -> impl Iterator<Item = &'n AccountId> {
        let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() == 12);
        numbers.filter_map(|number| self.0.keys().find(|id| id.as_str() == number))
    }

    /// Adds the accounts of profiles, each as `profile NAME`, where the account has no name yet. Of several profiles of one
    /// account the shortest is named, and the others are counted.
    #[must_use]
    pub fn with_profiles<'p>(&self, profiles: impl Iterator<Item = (&'p AccountId, &'p str)>) -> Self {
        let mut by_account: BTreeMap<&AccountId, Vec<&str>> = BTreeMap::new();
        for (account, profile) in profiles.filter(|(account, _)| self.name_of(account).is_none()) {
            by_account.entry(account).or_default().push(profile);
        }
        if by_account.is_empty() {
            return self.clone();
        }
        let mut names = BTreeMap::clone(&self.0);
        for (account, mut profiles) in by_account {
            profiles.sort_unstable_by_key(|profile| (profile.len(), *profile));
            profiles.dedup();
            let others = match profiles.len() {
                0 | 1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            let first = make_visible(profiles.first().copied().unwrap_or_default());
            let room = Self::LONGEST.saturating_sub("profile ".len() + others.len());
            names.insert(account.clone(), format!("profile {}{others}", fit_width(&first, room, true)));
        }
        Self::new(names)
    }

    /// Puts the name behind each account id of a sentence: `account 111111111111 (Release)`. An id inside an ARN, an address
    /// or quotes, or behind an option, stays as it is: that is a text to copy. An id that has its name already gets no second one.
    pub fn beside_ids<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.beside_ids_within(text, usize::MAX)
    }

    /// Puts the name behind account ids as far as the text stays within so many cells, the first ids first. A whole id is worth
    /// more than a name.
    pub fn beside_ids_within<'t>(&self, text: &'t str, width: usize) -> Cow<'t, str> {
        if self.0.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut room = width.saturating_sub(text.width());
        let mut out = String::new();
        let mut copied = 0;
        for (start, id) in account_ids(text) {
            let end = start + id.as_str().len();
            let behind = text.get(end..).unwrap_or_default();
            let is_told = |name: &str| behind.starts_with(&format!(" ({name})"));
            if is_behind_option(text.get(..start).unwrap_or_default()) {
                continue;
            }
            let has_room = |name: &str| name.width() + 3 <= room;
            if let Some(name) = self.name_of(&id).filter(|name| !is_told(name) && has_room(name)) {
                room -= name.width() + 3;
                out += text.get(copied..end).unwrap_or_default();
                out += " (";
                out += name;
                out.push(')');
                copied = end;
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        out += text.get(copied..).unwrap_or_default();
        Cow::Owned(out)
    }
}

/// Finds the account ids that stand alone in a sentence, with their places in bytes.
fn account_ids(text: &str) -> Vec<(usize, AccountId)> {
    let quoted = quoted_places(text);
    let mut found = Vec::new();
    let mut rest = text.char_indices().peekable();
    let mut before = None;
    while let Some((start, first)) = rest.next() {
        let joined_before = before.is_some_and(joins_word);
        before = Some(first);
        if !first.is_ascii_digit() {
            continue;
        }
        let mut end = start + 1;
        while let Some((at, digit)) = rest.next_if(|(_, next)| next.is_ascii_digit()) {
            (end, before) = (at + 1, Some(digit));
        }
        let mut behind = text.get(end..).unwrap_or_default().chars();
        let is_joined_behind = match behind.next() {
            // The end of a sentence or a clause, not a host name or an ARN.
            Some('.' | ':') => behind.next().is_some_and(joins_word),
            Some(next) => joins_word(next),
            None => false,
        };
        let is_quoted = quoted.iter().any(|place| place.contains(&start));
        let id = text.get(start..end).filter(|_| !joined_before && !is_joined_behind && !is_quoted);
        found.extend(id.and_then(|id| AccountId::parse(id).ok()).map(|id| (start, id)));
    }
    found
}

/// Finds what stands between quotes or backticks of one line, in bytes: texts of others, such as a Sid.
fn quoted_places(text: &str) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut rest = 0;
    while let Some(open) = text.get(rest..).and_then(|left| left.find(['"', '`'])).map(|at| rest + at) {
        let inner = text.get(open + 1..).unwrap_or_default();
        let mark = text.get(open..=open).unwrap_or_default();
        let line = inner.split('\n').next().unwrap_or_default();
        rest = match line.find(mark) {
            Some(length) => {
                places.push(open..open + 1 + length);
                open + length + 2
            }
            None => open + 1,
        };
    }
    places
}

/// Tells whether a text ends in an option of a command line, whose value follows.
fn is_behind_option(before: &str) -> bool {
    before.ends_with(' ') && before.split_whitespace().next_back().is_some_and(|word| word.starts_with("--"))
}

/// Tells whether a character makes the id beside it a part of something else.
fn joins_word(c: char) -> bool {
    c.is_alphanumeric() || "_-:/.\"'`@*".contains(c)
}

/// Wraps a text at blanks; an account id and what begins behind it in brackets stay in one line.
pub fn wrap_named(text: &str, width: usize) -> Vec<String> {
    /// Stands for a blank at which no line ends: for private use, and as wide.
    const GLUE: char = '\u{e000}';
    if text.contains(GLUE) {
        return wrap_lines(text, width);
    }
    let mut glued = String::with_capacity(text.len());
    for part in text.split_inclusive(" (") {
        let digits = part.strip_suffix(" (").map(|head| head.bytes().rev().take_while(u8::is_ascii_digit).count());
        match part.strip_suffix(" (").filter(|_| digits == Some(12)) {
            Some(head) => {
                glued.push_str(head);
                glued.extend([GLUE, '(']);
            }
            None => glued.push_str(part),
        }
    }
    wrap_lines(&glued, width).into_iter().map(|line| line.replace(GLUE, " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> AccountNames {
        let id = |text: &str| AccountId::parse(text).unwrap();
        AccountNames::new(BTreeMap::from([
            (id("111111111111"), "Release".to_owned()),
            (id("222222222222"), "Ours (eu)".to_owned()),
        ]))
    }

    #[test]
    fn the_name_stands_behind_each_id_that_stands_alone() {
        for (text, told) in [
            ("account 111111111111: pull", "account 111111111111 (Release): pull"),
            ("111111111111", "111111111111 (Release)"),
            (
                "111111111111, 333333333333 and 222222222222.",
                "111111111111 (Release), 333333333333 and 222222222222 (Ours (eu)).",
            ),
            ("role x of 111111111111 can pull", "role x of 111111111111 (Release) can pull"),
            ("é 111111111111 · é", "é 111111111111 (Release) · é"),
        ] {
            assert_eq!(names().beside_ids(text), told);
            assert_eq!(names().beside_ids(told), told, "a name stands there once");
            assert_eq!(AccountNames::default().beside_ids(text), text);
        }
    }

    #[test]
    fn the_named_accounts_of_a_policys_line_are_found() {
        for (text, found) in [
            ("\"AWS\": \"arn:aws:iam::111111111111:root\"", vec!["111111111111"]),
            ("[\"222222222222\", \"333333333333\", \"111111111111\"]", vec!["222222222222", "111111111111"]),
            ("1111111111112 x11111111111", vec![]),
        ] {
            let (names, none) = (names(), AccountNames::default());
            assert_eq!(names.ids_in(text).map(AccountId::as_str).collect::<Vec<_>>(), found, "{text}");
            assert_eq!(none.ids_in(text).count(), 0);
        }
    }

    #[test]
    fn texts_to_copy_and_longer_numbers_stay_as_they_are() {
        for text in [
            "arn:aws:iam::111111111111:root",
            "111111111111.dkr.ecr.eu-west-2.amazonaws.com/vendorapp",
            "\"111111111111\"",
            "`--to 111111111111`",
            "statement 1 \"Say 111111111111 aloud\" denies it",
            "`ecr-grant can 111111111111 pull vendorapp`",
            "ecr-grant grant vendorapp --to 111111111111",
            "1111111111111",
            "11111111111",
            "x111111111111",
            "kit-111111111111-pull.md",
            "",
        ] {
            assert_eq!(names().beside_ids(text), text);
        }
    }

    #[test]
    fn no_text_loses_a_character() {
        for text in ["é111111111111", "111111111111é", "٣111111111111", "111111111111 ", "  111111111111\n"] {
            let told = names().beside_ids(text).into_owned();
            assert_eq!(told.replace(" (Release)", ""), text);
        }
    }

    #[test]
    fn a_name_stands_only_where_the_whole_text_has_room_for_it() {
        let text = "111111111111 and 222222222222";
        for (width, told) in [
            (29, text),
            (38, text),
            (39, "111111111111 (Release) and 222222222222"),
            (50, "111111111111 (Release) and 222222222222"),
            (51, "111111111111 (Release) and 222222222222 (Ours (eu))"),
            (10, text),
        ] {
            assert_eq!(names().beside_ids_within(text, width), told, "{width}");
        }
    }

    #[test]
    fn profiles_name_accounts_that_have_no_name() {
        let id = |text: &str| AccountId::parse(text).unwrap();
        let (named, one, many) = (id("111111111111"), id("333333333333"), id("444444444444"));
        let long = "x".repeat(90);
        let profiles = [
            (&named, "release"),
            (&one, "build\u{1b}"),
            (&many, "staging-admin"),
            (&many, "staging"),
            (&many, "staging"),
        ];
        let all = names().with_profiles(profiles.into_iter());
        assert_eq!(all.name_of(&named), Some("Release"));
        assert_eq!(
            all.name_of(&one).map(|name| name.starts_with("profile build") && !name.contains('\u{1b}')),
            Some(true)
        );
        assert_eq!(all.name_of(&many), Some("profile staging and 1 more"));
        let cut = names().with_profiles([(&one, long.as_str()), (&one, "y")].into_iter());
        assert_eq!(cut.name_of(&one), Some("profile y and 1 more"));
        let cut = names().with_profiles([(&one, long.as_str())].into_iter());
        assert_eq!(cut.name_of(&one).map(|name| name.chars().count()), Some(AccountNames::LONGEST));
        assert_eq!(names().with_profiles(std::iter::empty()), names());
    }

    #[test]
    fn a_name_stays_in_the_line_of_its_id() {
        let text = "only on behalf of account 333333333333 (Build farm) or 111111111111 (x)";
        for width in 1..90 {
            let lines = wrap_named(text, width);
            let joined = lines.join(" ");
            assert!(!joined.contains('\u{e000}'));
            if width >= "333333333333 (Build".len() {
                assert!(lines.iter().any(|line| line.contains("333333333333 (Build")), "{width}: {lines:?}");
                assert_eq!(joined, text, "{width}");
            }
        }
        assert_eq!(wrap_named("12 (a) and 1234567890123 (b)", 80), ["12 (a) and 1234567890123 (b)"]);
    }
}
