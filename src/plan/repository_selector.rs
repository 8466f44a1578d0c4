//! Reads the repositories that somebody means: a name, a pattern, an image URI, an ARN, or all.

use std::fmt;

use crate::ecr::{Address, Problem, RegistryHost, RepositoryName, RepositoryRef, Tag};
use crate::policy::text::spelling::nearest_name;

/// A choice of repositories, from a `REPOSITORY` argument or a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepositorySelector {
    /// Every repository of the registry.
    All,
    /// One repository of the registry at hand.
    Name(RepositoryName),
    /// Repositories whose name matches: `*` stands for any characters (`/` too), `?` for one, `[a-z]` for one of a set.
    Glob(String),
    /// One repository with its owner and Region, from an image URI or from an ARN.
    Exact {
        /// Owner, Region and name.
        reference: RepositoryRef,
        /// The tag that the image URI named.
        tag: Option<Tag>,
    },
}

impl RepositorySelector {
    /// Reads one `REPOSITORY`: a name, a pattern, or any address that names one repository.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let problem = |what: String, next: &str| Err(Problem { what, next: next.to_owned() });
        match Address::find_in(text) {
            Some(Address::Image(image)) => {
                return Ok(Self::Exact { reference: image.repository_ref(), tag: image.tag });
            }
            Some(Address::Repository(reference)) => return Ok(Self::Exact { reference, tag: None }),
            Some(other) => return Err(names_none(text, &other)),
            None => {}
        }
        if text.starts_with("arn:") {
            return problem(
                format!("`{text}` is no ARN of an ECR repository"),
                "it looks like arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp",
            );
        }
        if text.contains(['*', '?', '[']) {
            return Ok(Self::Glob(text.to_owned()));
        }
        let why = match RepositoryName::parse(text) {
            Ok(name) => return Ok(Self::Name(name)),
            Err(why) => why,
        };
        let bare = text.split(['@', ':']).next().unwrap_or_default();
        if bare.len() < text.len() && !text.contains("://") && RepositoryName::parse(bare).is_ok() {
            let host = bare.split('/').next().unwrap_or_default();
            if bare.contains('/') && host.contains('.') {
                return problem(
                    format!("`{text}` is no repository: it is an image of the registry {host}, not of ECR"),
                    "name a repository of a private registry of ECR",
                );
            }
            return problem(
                format!("`{text}` is no repository: it names an image in it by its tag or digest"),
                &format!("type the repository's name, {bare}"),
            );
        }
        problem(
            format!("`{text}` is no repository: {why}"),
            "type a name, a pattern such as team/*, an image URI or an ARN",
        )
    }

    /// Tells whether the choice takes this repository, were it in the registry at hand.
    pub fn selects(&self, repository: &RepositoryRef) -> bool {
        match self {
            Self::All => true,
            Self::Name(name) => *name == repository.name,
            Self::Glob(pattern) => glob_matches(pattern, repository.name.as_str()),
            Self::Exact { reference, .. } => reference == repository,
        }
    }

    /// Tells whether the registry's list is needed to know which repositories are meant.
    pub fn needs_list(&self) -> bool {
        matches!(self, Self::All | Self::Glob(_))
    }
}

impl fmt::Display for RepositorySelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("every repository"),
            Self::Name(name) => name.fmt(f),
            Self::Glob(pattern) => f.write_str(pattern),
            Self::Exact { reference, .. } => f.write_str(&reference.uri()),
        }
    }
}

/// Finds the repository that a name which is not there probably meant: one a letter or two off, or the only one whose
/// last part is that name.
pub fn near_name<'n>(
    missing: &RepositoryName,
    names: impl Iterator<Item = &'n RepositoryName> + Clone,
) -> Option<&'n RepositoryName> {
    let last = |name: &'n RepositoryName| name.as_str().rsplit('/').next().unwrap_or_default();
    let near = nearest_name(missing.as_str(), names.clone().map(RepositoryName::as_str));
    if let Some(near) = near {
        return names.clone().find(|name| name.as_str() == near);
    }
    let wanted = missing.as_str().rsplit('/').next().unwrap_or_default();
    let mut same = names.filter(|name| last(name) == wanted);
    let first = same.next();
    if same.next().is_some() { None } else { first }
}

/// Explains an address that names no repository, or more than one.
fn names_none(text: &str, address: &Address) -> Problem {
    let (what, next) = match address {
        Address::Registry(host) => (
            format!("this is the registry of account {} in {}, without a repository", host.account, host.region),
            format!(
                "add the repository behind it: {}.dkr.ecr.{}.{}/NAME",
                host.account,
                host.region,
                host_suffix(host)
            ),
        ),
        Address::Public(host) => (
            format!("`{text}` is in the public registry ({host}), which everyone may pull from"),
            "name a repository of a private registry".to_owned(),
        ),
        Address::Endpoint(region) => (
            format!("`{text}` is the address of ECR's own service in {region}, not of a repository"),
            "name a repository, by its name, its URI or its ARN".to_owned(),
        ),
        Address::Console => (
            "this page of the console names no private repository with its account and Region".to_owned(),
            "open the repository in the console and copy that address, or type its name".to_owned(),
        ),
        Address::Alike(why) => (
            format!("`{text}` looks like the address of a repository and is none: {why}"),
            "copy the URI that ECR shows, such as 222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp".to_owned(),
        ),
        Address::Several(all) => {
            (format!("this names several repositories: {}", all.join(", ")), "name them one by one".to_owned())
        }
        Address::Image(_) | Address::Repository(_) => {
            (format!("`{text}` is no repository"), "type its name".to_owned())
        }
    };
    Problem { what, next }
}

fn host_suffix(host: &RegistryHost) -> &'static str {
    host.region.partition().registry_suffix()
}

/// Tells whether a name matches a pattern. Goes back only to the last `*`: linear in practice, never exponential.
fn glob_matches(pattern: &str, name: &str) -> bool {
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
            Some('[') => set_length(pattern.get(p..).unwrap_or_default(), c),
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
fn set_length(pattern: &[char], c: char) -> Option<usize> {
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
        assert_eq!(
            RepositorySelector::parse("vendorapp").unwrap(),
            RepositorySelector::Name(RepositoryName::parse("vendorapp").unwrap())
        );
        assert_eq!(RepositorySelector::parse("team/*").unwrap(), RepositorySelector::Glob("team/*".to_owned()));
        let exact = RepositorySelector::Exact { reference: reference("team/app"), tag: Tag::parse("1.2") };
        assert_eq!(
            RepositorySelector::parse("222222222222.dkr.ecr.eu-west-2.amazonaws.com/team/app:1.2").unwrap(),
            exact
        );
        let line = "docker pull 222222222222.dkr.ecr.eu-west-2.amazonaws.com:443/team/app:1.2";
        assert_eq!(RepositorySelector::parse(line).unwrap(), exact);
        let exact = RepositorySelector::Exact { reference: reference("team/app"), tag: None };
        assert_eq!(
            RepositorySelector::parse(" arn:aws:ecr:eu-west-2:222222222222:repository/team/app ").unwrap(),
            exact
        );
    }

    #[test]
    fn says_what_is_wrong_with_the_rest() {
        for (text, words) in [
            ("arn:aws:iam::222222222222:role/x", "no ARN of an ECR repository"),
            ("public.ecr.aws/nginx/nginx:1", "public registry"),
            ("VendorApp", "small letters"),
            ("", "is no repository"),
            ("docker.io/library/nginx:1", "an image of the registry docker.io"),
            ("vendorapp:latest", "type the repository's name, vendorapp"),
            ("team/app@sha256:00", "type the repository's name, team/app"),
            ("222222222222.dkr.ecr.eu-west-2.amazonaws.com", "the registry of account 222222222222 in eu-west-2"),
            ("docker login 222222222222.dkr.ecr.eu-west-2.amazonaws.com", "add the repository behind it: 2222"),
            ("ecr-public.aws.com/nginx/nginx", "public registry"),
            ("api.ecr.eu-west-2.amazonaws.com", "ECR's own service in eu-west-2"),
            ("https://eu-west-2.console.aws.amazon.com/ecr/private-registry/repositories", "page of the console"),
            ("222222222222.dkr.ecr.eu-west-2.amazonaws.com.fake.example.com/app", "and is none: no registry of AWS"),
            (
                "docker tag 222222222222.dkr.ecr.eu-west-2.amazonaws.com/a1 222222222222.dkr.ecr.eu-west-2.amazonaws.com/b1",
                "several repositories",
            ),
        ] {
            let said = RepositorySelector::parse(text).unwrap_err().to_string();
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn a_name_that_is_not_there_finds_the_one_that_was_meant() {
        let names: Vec<RepositoryName> = ["vendorapp", "vendorapp-worker", "team/api", "shop/web", "blog/web"]
            .map(|n| RepositoryName::parse(n).unwrap())
            .into();
        for (missing, meant) in [
            ("vendorap", Some("vendorapp")),
            ("vendor-app", Some("vendorapp")),
            ("api", Some("team/api")),
            ("old/api", Some("team/api")),
            ("web", None),
            ("something-else", None),
        ] {
            let found = near_name(&RepositoryName::parse(missing).unwrap(), names.iter());
            assert_eq!(found.map(RepositoryName::as_str), meant, "{missing}");
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
            assert_eq!(
                RepositorySelector::Glob(pattern.to_owned()).selects(&reference(name)),
                fits,
                "{pattern} {name}"
            );
        }
        // A pattern of many stars ends too: this would take ages if every star went back.
        assert!(!glob_matches(&format!("{}b", "a*".repeat(60)), &"a".repeat(256)));
    }

    #[test]
    fn an_exact_choice_takes_its_own_registry_only() {
        let choice = RepositorySelector::parse("222222222222.dkr.ecr.us-east-1.amazonaws.com/team/app").unwrap();
        assert!(!choice.selects(&reference("team/app")));
        assert!(RepositorySelector::All.selects(&reference("team/app")));
    }
}
