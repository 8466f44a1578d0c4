//! Which repositories somebody means: a name, a pattern, an image URI, an ARN, or all.

use std::fmt;

use crate::ecr::{Arn, ImageUri, RepositoryName, RepositoryRef, Tag};

/// What a `REPOSITORY` argument or a pasted text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Every repository of the registry.
    All,
    /// One repository of the registry at hand.
    Name(RepositoryName),
    /// Those whose name matches: `*` stands for any characters (`/` too), `?` for one, `[a-z]` for one of a set.
    Glob(String),
    /// One repository with its owner and Region, from an image URI or from an ARN.
    Exact {
        /// Owner, Region and name.
        reference: RepositoryRef,
        /// The tag that the image URI named.
        tag: Option<Tag>,
    },
}

/// Why a text chooses no repository, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {next}")]
pub struct ChoiceProblem {
    /// What is wrong, to what.
    pub what: String,
    /// What to type in its place.
    pub next: String,
}

impl Choice {
    /// Reads one `REPOSITORY`.
    pub fn parse(text: &str) -> Result<Self, ChoiceProblem> {
        let text = text.trim();
        let problem = |what: String, next: &str| Err(ChoiceProblem { what, next: next.to_owned() });
        if let Some(image) = ImageUri::parse(text) {
            return Ok(Self::Exact { reference: image.reference(), tag: image.tag });
        }
        if text.starts_with("arn:") {
            let Some((name, account, region)) = Arn::parse(text).and_then(|arn| {
                let region = crate::ecr::Region::parse(&arn.region).ok()?;
                Some((arn.repository()?, arn.account_id()?, region))
            }) else {
                return problem(
                    format!("`{text}` is no ARN of an ECR repository"),
                    "it looks like arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp",
                );
            };
            return Ok(Self::Exact { reference: RepositoryRef { account, region, name }, tag: None });
        }
        if text.starts_with("public.ecr.aws/") {
            return problem(
                format!("`{text}` is in the public registry, which everyone may pull from"),
                "name a repository of a private registry",
            );
        }
        if text.contains(['*', '?', '[']) {
            return Ok(Self::Glob(text.to_owned()));
        }
        match RepositoryName::parse(text) {
            Ok(name) => Ok(Self::Name(name)),
            Err(why) => problem(
                format!("`{text}` is no repository: {why}"),
                "type a name, a pattern such as team/*, an image URI or an ARN",
            ),
        }
    }

    /// Whether the choice takes this repository, were it in the registry at hand.
    pub fn takes(&self, repository: &RepositoryRef) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => *name == repository.name,
            Self::Glob(pattern) => glob(pattern, repository.name.as_str()),
            Self::Exact { reference, .. } => reference == repository,
        }
    }

    /// Whether the registry's list is needed to know which repositories are meant.
    pub fn needs_list(&self) -> bool {
        matches!(self, Self::All | Self::Glob(_))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("every repository"),
            Self::Name(name) => name.fmt(f),
            Self::Glob(pattern) => f.write_str(pattern),
            Self::Exact { reference, .. } => f.write_str(&reference.uri()),
        }
    }
}

/// Whether a name matches a pattern. Goes back only to the last `*`: linear in practice, never exponential.
fn glob(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&c) = name.get(n) {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => set(pattern.get(p..).unwrap_or_default(), c),
            Some(&literal) if literal == c => Some(1),
            _ => None,
        };
        match (step, star) {
            (Some(step), _) => (p, n) = (p + step, n + 1),
            (None, Some((at, from))) => {
                star = Some((at, from + 1));
                (p, n) = (at + 1, from + 1);
            }
            (None, None) => return false,
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|&c| c == '*'))
}

/// The length of the set that the pattern begins with, where the character is in it; an unclosed `[` matches nothing.
fn set(pattern: &[char], c: char) -> Option<usize> {
    let close = pattern.iter().skip(2).position(|&x| x == ']')? + 2;
    let inside = pattern.get(1..close)?;
    let (negated, inside) = match inside.split_first() {
        Some(('!' | '^', rest)) => (true, rest),
        _ => (false, inside),
    };
    let mut at = 0;
    let mut found = false;
    while let Some(&first) = inside.get(at) {
        if inside.get(at + 1) == Some(&'-')
            && let Some(&last) = inside.get(at + 2)
        {
            found |= (first..=last).contains(&c);
            at += 3;
        } else {
            found |= first == c;
            at += 1;
        }
    }
    (found != negated).then_some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{AccountId, Region};

    fn reference(name: &str) -> RepositoryRef {
        RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse(name).unwrap(),
        }
    }

    #[test]
    fn reads_what_people_have_at_hand() {
        assert_eq!(Choice::parse("vendorapp").unwrap(), Choice::Name(RepositoryName::parse("vendorapp").unwrap()));
        assert_eq!(Choice::parse("team/*").unwrap(), Choice::Glob("team/*".to_owned()));
        let exact = Choice::Exact { reference: reference("team/app"), tag: Tag::parse("1.2") };
        assert_eq!(Choice::parse("222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app:1.2").unwrap(), exact);
        let exact = Choice::Exact { reference: reference("team/app"), tag: None };
        assert_eq!(Choice::parse(" arn:aws:ecr:eu-west-2:222222222222:repository/team/app ").unwrap(), exact);
    }

    #[test]
    fn says_what_is_wrong_with_the_rest() {
        for (text, words) in [
            ("arn:aws:iam::222222222222:role/x", "no ARN of an ECR repository"),
            ("public.ecr.aws/nginx/nginx:1", "public registry"),
            ("VendorApp", "small letters"),
            ("", "is no repository"),
            ("docker.io/library/nginx:1", "is no repository"),
        ] {
            let said = Choice::parse(text).unwrap_err().to_string();
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn a_pattern_crosses_slashes_and_is_anchored() {
        for (pattern, name, fits) in [
            ("*", "team/app", true),
            ("team/*", "team/a/b", true),
            ("*app", "team/app", true),
            ("*app", "team/apps", false),
            ("team/a?p", "team/app", true),
            ("team/a?p", "team/ap", false),
            ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1b2b3d", false),
            ("svc-[0-9]", "svc-7", true),
            ("svc-[!0-9]", "svc-7", false),
            ("svc-[abx-z]", "svc-y", true),
            ("svc-[", "svc-a", false),
            ("team", "team/app", false),
        ] {
            assert_eq!(Choice::Glob(pattern.to_owned()).takes(&reference(name)), fits, "{pattern} {name}");
        }
        // A pattern of many stars ends too: this would take ages if every star went back.
        assert!(!glob(&format!("{}b", "a*".repeat(60)), &"a".repeat(256)));
    }

    #[test]
    fn an_exact_choice_takes_its_own_registry_only() {
        let choice = Choice::parse("222222222222.dkr.ecr.us-east-1.amazonaws.com/team/app").unwrap();
        assert!(!choice.takes(&reference("team/app")));
        assert!(Choice::All.takes(&reference("team/app")));
    }
}
