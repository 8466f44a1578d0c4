//! Repositories that are never written: patterns of the configuration file.

use super::planned::{Planned, Verdict};
use crate::ecr::unseen::classify_unseen;
use crate::ecr::{Failure, FailureKind, RepositoryRef, SourceId};
use crate::policy::text::glob::glob_ignoring_case;

/// The patterns of one configuration file. Whatever one of them matches is never written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOnlyPatterns {
    file: String,
    patterns: Vec<ReadOnlyPattern>,
}

/// A pattern, in which `*` stands for any characters (`/` too) and `?` for one. Letter case does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOnlyPattern {
    text: String,
    /// The line of the file, from 1.
    line: usize,
}

/// The pattern that makes a repository read-only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOnlyMatch<'p> {
    pattern: &'p ReadOnlyPattern,
    file: &'p str,
}

impl ReadOnlyPattern {
    /// Takes a pattern. An error tells, as a clause, why it could never match what it is meant for.
    pub fn parse(text: &str, line: usize) -> Result<Self, String> {
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let is_number = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '-');
        let address = text.contains(".dkr.ecr").then(|| text.rsplit('/').next().unwrap_or_default());
        let why = if text.trim().is_empty() {
            "a pattern is empty".to_owned()
        } else if text.trim() != text {
            format!("blanks stand around `{text}`")
        } else if text.chars().any(|c| classify_unseen(c).is_some()) {
            "a pattern holds characters that cannot be seen".to_owned()
        } else if text.contains(['[', ']', '{', '}']) {
            format!("`{text}`: only * and ? stand for others; name the rest in patterns of their own")
        } else if is_number && (digits != 12 || text.len() != 12) {
            format!("`{text}`: an account id is 12 digits without hyphens; a repository of that name is */{text}")
        } else if text.starts_with("arn:") {
            format!("`{text}`: name a repository by its name, as ACCOUNT/REPOSITORY, or by its address")
        } else if address.is_some_and(|last| last.contains([':', '@'])) {
            format!("`{text}`: leave tag and digest out, the repository is meant")
        } else {
            return Ok(Self { text: text.to_owned(), line });
        };
        Err(why)
    }
}

impl ReadOnlyPatterns {
    /// Takes the patterns of a file, which is named in each reason.
    pub fn of_file(file: impl Into<String>, patterns: Vec<ReadOnlyPattern>) -> Self {
        Self { file: file.into(), patterns }
    }

    /// Tells whether there is no pattern.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Finds the first pattern that matches a repository, or the profile that it would be written with, also by a role that the
    /// profile assumes. A repository is matched by its account id, by its name, as `ACCOUNT/REPOSITORY`, and by its address without a tag.
    pub fn find_match(&self, repository: &RepositoryRef, source: &SourceId) -> Option<ReadOnlyMatch<'_>> {
        let RepositoryRef { account, name, .. } = repository;
        let mut names = vec![account.to_string(), name.to_string(), format!("{account}/{name}"), repository.uri()];
        if let SourceId::Profile(profile) = source.base() {
            names.push(profile.clone());
        }
        let is_meant = |pattern: &&ReadOnlyPattern| names.iter().any(|name| glob_ignoring_case(&pattern.text, name));
        let pattern = self.patterns.iter().find(is_meant)?;
        Some(ReadOnlyMatch { pattern, file: &self.file })
    }

    /// Refuses a plan that would write a read-only repository.
    pub fn hold_plan(&self, planned: &mut Planned, source: &SourceId) {
        if !planned.will_write() {
            return;
        }
        if let Some(found) = self.find_match(&planned.repository, source) {
            planned.verdict = Verdict::ReadOnly(found.words());
        }
    }
}

impl ReadOnlyMatch<'_> {
    /// Returns the reason as a clause, with the pattern and its place.
    pub fn words(self) -> String {
        format!("read-only by pattern \"{}\" of {}:{}", self.pattern.text, self.file, self.pattern.line)
    }

    /// Returns the refusal of a write to that repository.
    pub fn to_failure(self, repository: &RepositoryRef) -> Failure {
        Failure::new(
            FailureKind::ReadOnly,
            format!("Nothing was written to {}: it is {}", repository.name, self.words()),
            "take the pattern out of that file, or give --read-only=false once",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{ImageUri, MemberRole};

    fn repository() -> RepositoryRef {
        ImageUri::parse("222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app-one").unwrap().repository_ref()
    }

    #[test]
    fn each_name_of_a_repository_and_its_profile_is_matched_whole() {
        let profile = SourceId::Profile("Prod Main".to_owned());
        let through_role = |base: &SourceId| {
            let (account, home) = (repository().account, repository().region);
            SourceId::Member(Box::new(MemberRole { account, role: "Writer".to_owned(), base: base.clone(), home }))
        };
        let (of_profile, of_environment) = (through_role(&profile), through_role(&SourceId::Environment));
        for (pattern, source, is_held) in [
            ("prod*", &profile, true),
            ("Prod Mai?", &profile, true),
            ("prod", &profile, false),
            ("prod*", &of_profile, true),
            ("prod*", &of_environment, false),
            ("writer", &of_profile, false),
            ("222222222222", &of_environment, true),
            ("prod*", &SourceId::Environment, false),
            ("222222222222", &SourceId::Environment, true),
            ("2222*", &SourceId::Environment, true),
            ("333333333333", &profile, false),
            ("team/app-one", &SourceId::Environment, true),
            ("team/app-*", &SourceId::Environment, true),
            ("TEAM/app-???", &SourceId::Environment, true),
            ("team/app-??", &SourceId::Environment, false),
            ("app-*", &SourceId::Environment, false),
            ("*/app-*", &SourceId::Environment, true),
            ("222222222222/team/*", &SourceId::Environment, true),
            ("333333333333/team/*", &SourceId::Environment, false),
            ("*.eu-west-2.amazonaws.com/*", &SourceId::Environment, true),
            ("*.us-east-1.amazonaws.com/*", &SourceId::Environment, false),
            ("*", &SourceId::Instance, true),
        ] {
            let patterns = ReadOnlyPatterns::of_file("f", vec![ReadOnlyPattern::parse(pattern, 1).unwrap()]);
            assert_eq!(patterns.find_match(&repository(), source).is_some(), is_held, "{pattern} {source}");
        }
    }

    #[test]
    fn the_first_pattern_that_matches_is_the_reason() {
        let patterns = ["nothing", "team/*", "*"].iter().zip(3..);
        let patterns = patterns.map(|(text, line)| ReadOnlyPattern::parse(text, line).unwrap()).collect();
        let patterns = ReadOnlyPatterns::of_file("/home/a/config.toml", patterns);
        let found = patterns.find_match(&repository(), &SourceId::Environment).unwrap();
        assert_eq!(found.words(), "read-only by pattern \"team/*\" of /home/a/config.toml:4");
    }

    #[test]
    fn what_could_never_match_is_no_pattern() {
        for (text, words) in [
            ("", "is empty"),
            ("  ", "is empty"),
            (" prod-*", "blanks"),
            ("prod\u{200b}*", "cannot be seen"),
            ("app-[ab]", "only * and ?"),
            ("{a,b}", "only * and ?"),
            ("22222222222", "12 digits"),
            ("2222-2222-2222", "12 digits"),
            ("arn:aws:ecr:eu-west-2:222222222222:repository/app", "ACCOUNT/REPOSITORY"),
            ("222222222222.dkr.ecr.eu-west-2.amazonaws.com/app:latest", "tag"),
        ] {
            let said = ReadOnlyPattern::parse(text, 1).unwrap_err();
            assert!(said.contains(words), "{text:?}: {said}");
        }
        for text in ["2*", "*-prod", "prod_1.x", "my profile", "222222222222"] {
            assert!(ReadOnlyPattern::parse(text, 1).is_ok(), "{text}");
        }
    }
}
