//! Grantees: whoever receives access, read from what people type or paste.

use std::fmt;

use super::{AccountId, Arn, ImageUri, Partition};

/// Whoever receives access.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grantee {
    /// A whole account: all its users and roles, once its own administrators allow them.
    Account {
        /// The account.
        id: AccountId,
        /// The partition, where an ARN named it; otherwise the owner's own.
        partition: Option<Partition>,
    },
    /// One role, by ARN.
    Role(Arn),
    /// One user, by ARN.
    User(Arn),
    /// One session of a role (`sts:assumed-role`) or of a federated user, by ARN.
    Session(Arn),
    /// Every account of an organization, by its id (`o-...`).
    Organization(String),
    /// Every account under an organizational unit, by its path (`o-.../r-.../ou-.../`), without the final `*`.
    OrgUnit(String),
    /// An AWS service, such as `lambda.amazonaws.com`.
    Service(String),
    /// Every authenticated AWS principal of every account: public.
    Everyone,
}

/// Why a text is no grantee, or none that this owner can grant to, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {next}")]
pub struct GranteeProblem {
    /// What is wrong, to what.
    pub what: String,
    /// What to type in its place.
    pub next: String,
}

fn problem(what: impl Into<String>, next: impl Into<String>) -> GranteeProblem {
    GranteeProblem { what: what.into(), next: next.into() }
}

impl Grantee {
    /// Reads one grantee: a twelve-digit id (also in groups of four), a root, role, user or session ARN, an
    /// organization id, an OU path, a service name, or `*`.
    pub fn parse(text: &str) -> Result<Self, GranteeProblem> {
        let text = text.trim().trim_matches(['"', '\'', ',', ';']).trim();
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if let Some(image) = ImageUri::parse(text) {
            return Err(problem(
                format!("an image URI names its owner ({}), not who pulls it", image.host.account),
                "type the id of the account that will pull",
            ));
        }
        if text.starts_with("arn:") {
            return Self::from_arn(text);
        }
        if looks_like_digits(text) {
            return match AccountId::parse(text) {
                Ok(id) => Ok(Self::Account { id, partition: None }),
                Err(why) => {
                    Err(problem(format!("`{text}` is no account id: {why}"), "type all 12 digits, leading zeros too"))
                }
            };
        }
        if let Some(path) = organization_path(text)? {
            return Ok(path);
        }
        if text.contains('.') {
            return Self::from_service(text);
        }
        Err(problem(
            format!("`{text}` names nobody in AWS"),
            "type a 12-digit account id, a role or user ARN, an organization (o-...), an OU path or a service",
        ))
    }

    fn from_arn(text: &str) -> Result<Self, GranteeProblem> {
        let Some(arn) = Arn::parse(text) else {
            return Err(problem(
                format!("`{text}` is no whole ARN"),
                "an IAM ARN looks like arn:aws:iam::111111111111:role/name",
            ));
        };
        if arn.service == "ecr" {
            return Err(problem(
                "this ARN names a repository, not who pulls from it",
                "type the account id or the role ARN of the puller",
            ));
        }
        let Some(partition) = arn.known_partition() else {
            return Err(problem(
                format!("`{}` is no AWS partition", arn.partition),
                "the second field is aws, aws-cn, aws-us-gov or aws-eusc",
            ));
        };
        if arn.service == "organizations" {
            return Err(problem(
                "an organization's ARN is no principal",
                "type its id (o-...) or an OU path (o-.../r-.../ou-.../)",
            ));
        }
        let Some(account) = arn.account_id() else {
            return Err(problem(
                format!("`{}` is no account id", arn.account),
                "the fifth field of an IAM ARN is the 12-digit account id",
            ));
        };
        if arn.resource.contains(['*', '?']) {
            return Err(problem(
                "AWS takes no wildcard inside a principal ARN",
                format!("grant the account ({account}), or one role by its whole ARN"),
            ));
        }
        let kind = arn.resource.split_once('/').map_or(arn.resource.as_str(), |(kind, _)| kind);
        match (arn.service.as_str(), kind) {
            ("iam", "root") if arn.resource == "root" => Ok(Self::Account { id: account, partition: Some(partition) }),
            ("iam", "role") => Ok(Self::Role(arn)),
            ("iam", "user") => Ok(Self::User(arn)),
            ("sts", "assumed-role" | "federated-user") => Ok(Self::Session(arn)),
            ("iam", "group") => {
                Err(problem("an IAM group is no principal", "grant its users, or a role, or the account"))
            }
            ("iam", "instance-profile") => {
                Err(problem("an instance profile is no principal", "type the ARN of the role inside it"))
            }
            ("iam", "policy") => Err(problem("this ARN names a policy, not who holds it", "type the role's ARN")),
            _ => Err(problem(
                "this ARN names no user, role or account",
                "a principal looks like arn:aws:iam::111111111111:role/name",
            )),
        }
    }

    fn from_service(text: &str) -> Result<Self, GranteeProblem> {
        let name = text.to_ascii_lowercase();
        let suffixed = name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn");
        let legal = name.split('.').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        });
        if suffixed && legal {
            return match name.as_str() {
                "ecs-tasks.amazonaws.com"
                | "ecs.amazonaws.com"
                | "ec2.amazonaws.com"
                | "eks.amazonaws.com"
                | "batch.amazonaws.com" => Err(problem(
                    format!("{name} does not pull: its workloads pull with an IAM role"),
                    "grant that role (task execution role, node role), or its account",
                )),
                _ => Ok(Self::Service(name)),
            };
        }
        Err(problem(format!("`{text}` is no AWS service name"), "a service name looks like lambda.amazonaws.com"))
    }

    /// Reads several grantees, separated by blanks, commas, semicolons or line ends; the same one twice counts once.
    pub fn parse_list(text: &str) -> Vec<Result<Self, GranteeProblem>> {
        let joined = join_grouped_ids(text);
        let mut seen = Vec::new();
        for part in joined.split([',', ';', ' ', '\n', '\r', '\t']).filter(|p| !p.trim_matches(['"', '\'']).is_empty())
        {
            let read = Self::parse(part);
            if !seen.contains(&read) {
                seen.push(read);
            }
        }
        seen
    }

    /// What stops this grantee at this owner: the owner's own account, or another partition.
    pub fn check(&self, owner: &AccountId, partition: Partition) -> Result<(), GranteeProblem> {
        if self.partition().is_some_and(|p| p != partition) {
            return Err(problem(
                format!(
                    "{self} is in partition {}, the repository in {partition}: no policy reaches across",
                    self.partition().map_or("?", Partition::as_str)
                ),
                "copy the images to a registry in that partition",
            ));
        }
        if let Self::Account { id, .. } = self
            && id == owner
        {
            return Err(problem(
                format!("{id} owns this registry: it pulls through its own identity policies already"),
                "type the id of the account that will pull",
            ));
        }
        Ok(())
    }

    /// The partition that the grantee names, where it names one.
    pub fn partition(&self) -> Option<Partition> {
        match self {
            Self::Account { partition, .. } => *partition,
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.known_partition(),
            _ => None,
        }
    }

    /// The account that the grantee belongs to, where it is one account's.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { id, .. } => Some(id.clone()),
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.account_id(),
            _ => None,
        }
    }

    /// What it is, in words, such as `account 111111111111` or `role ci of 111111111111`.
    pub fn words(&self) -> String {
        let last = |arn: &Arn| arn.resource.rsplit('/').next().unwrap_or_default().to_owned();
        match self {
            Self::Account { id, .. } => format!("account {id}"),
            Self::Role(arn) => format!("role {} of {}", last(arn), arn.account),
            Self::User(arn) => format!("user {} of {}", last(arn), arn.account),
            Self::Session(arn) => format!("session {} of {}", last(arn), arn.account),
            Self::Organization(id) => format!("organization {id}"),
            Self::OrgUnit(path) => format!("OU {path}"),
            Self::Service(name) => format!("service {name}"),
            Self::Everyone => "everyone with an AWS account".to_owned(),
        }
    }
}

/// The text that `--to` takes.
impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { id, .. } => id.fmt(f),
            Self::Role(arn) | Self::User(arn) | Self::Session(arn) => arn.fmt(f),
            Self::Organization(text) | Self::OrgUnit(text) | Self::Service(text) => f.write_str(text),
            Self::Everyone => f.write_str("*"),
        }
    }
}

fn looks_like_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' '))
}

/// Joins `1111 1111 1111` and `1111-1111-1111` into twelve digits, so that blanks can separate a list.
fn join_grouped_ids(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let is_group = |w: &str| {
            let digits = w.trim_end().trim_end_matches([',', ';']);
            digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
        };
        let open = words.last().is_some_and(|w| {
            let digits = w.trim_end();
            matches!(digits.len(), 4 | 8) && digits.bytes().all(|b| b.is_ascii_digit()) && w.ends_with(' ')
        });
        if let (true, true, Some(last)) = (open, is_group(word), words.last_mut()) {
            *last = format!("{}{word}", last.trim_end());
        } else {
            words.push(word.to_owned());
        }
    }
    words.concat()
}

/// An organization id or an OU path. Source: the Organizations API model (`o-[a-z0-9]{10,32}`,
/// `r-[0-9a-z]{4,32}`, `ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}`).
fn organization_path(text: &str) -> Result<Option<Grantee>, GranteeProblem> {
    if !text.starts_with("o-") && !text.starts_with("ou-") && !text.starts_with("r-") {
        return Ok(None);
    }
    let part_is = |part: &str, prefix: &str, least: usize| {
        part.strip_prefix(prefix).is_some_and(|rest| {
            (least..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    let is_ou = |part: &str| {
        part.strip_prefix("ou-").and_then(|r| r.split_once('-')).is_some_and(|(root, id)| {
            (4..=32).contains(&root.len())
                && (8..=32).contains(&id.len())
                && root.bytes().chain(id.bytes()).all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
    };
    let path = text.trim_end_matches('*').trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [id] if id.starts_with("o-") => {
            if part_is(id, "o-", 10) {
                Ok(Some(Grantee::Organization((*id).to_owned())))
            } else {
                Err(problem(
                    format!("`{id}` is no organization id"),
                    "an organization id is o- and 10 to 32 small letters and digits",
                ))
            }
        }
        [id, root, units @ ..] if part_is(id, "o-", 10) && part_is(root, "r-", 4) && units.iter().all(|u| is_ou(u)) => {
            Ok(Some(Grantee::OrgUnit(format!("{path}/"))))
        }
        _ => Err(problem(
            format!("`{text}` is no whole OU path"),
            "an OU path begins with the organization: o-exampleorg/r-ab12/ou-ab12-11111111/",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(text: &str) -> AccountId {
        AccountId::parse(text).unwrap()
    }

    #[test]
    fn reads_every_kind_of_grantee() {
        let kinds = [
            ("111111111111", "account 111111111111"),
            ("1111-1111-1111", "account 111111111111"),
            ("arn:aws:iam::111111111111:root", "account 111111111111"),
            ("arn:aws:iam::111111111111:role/ci/deploy", "role deploy of 111111111111"),
            ("arn:aws:iam::111111111111:user/ana", "user ana of 111111111111"),
            ("arn:aws:sts::111111111111:assumed-role/ci/run-7", "session run-7 of 111111111111"),
            ("o-a1b2c3d4e5", "organization o-a1b2c3d4e5"),
            ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", "OU o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
            ("lambda.amazonaws.com", "service lambda.amazonaws.com"),
            ("*", "everyone with an AWS account"),
        ];
        for (text, words) in kinds {
            assert_eq!(Grantee::parse(text).unwrap().words(), words, "{text}");
        }
    }

    #[test]
    fn explains_what_it_cannot_take() {
        let cases = [
            ("222222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp:latest", "names its owner (222222222222)"),
            ("11111111111", "this has 11"),
            ("arn:aws:iam::111111111111:role/*", "no wildcard"),
            ("arn:aws:iam::111111111111:group/dev", "group"),
            ("arn:aws:iam::111111111111:instance-profile/x", "instance profile"),
            ("arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp", "names a repository"),
            ("arn:aws:organizations::111111111111:organization/o-a1b2c3d4e5", "no principal"),
            ("arn:amazon:iam::111111111111:root", "no AWS partition"),
            ("arn:aws:iam::111111111111:root/x", "names no user, role or account"),
            ("o-short", "no organization id"),
            ("ou-ab12-11111111", "no whole OU path"),
            ("ecs-tasks.amazonaws.com", "with an IAM role"),
            ("example.com", "no AWS service name"),
            ("Release", "names nobody"),
        ];
        for (text, words) in cases {
            let said = Grantee::parse(text).unwrap_err().to_string();
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn a_list_takes_any_separator_and_drops_repeats() {
        let list =
            Grantee::parse_list("1111 1111 1111, 111111111111\n\"arn:aws:iam::333333333333:role/x\";o-a1b2c3d4e5");
        let read: Vec<_> = list.into_iter().map(|g| g.unwrap().to_string()).collect();
        assert_eq!(read, ["111111111111", "arn:aws:iam::333333333333:role/x", "o-a1b2c3d4e5"]);
    }

    #[test]
    fn the_own_account_and_another_partition_are_stopped() {
        let owner = account("222222222222");
        let check = |text: &str| Grantee::parse(text).unwrap().check(&owner, Partition::Aws);
        assert!(check("222222222222").unwrap_err().what.contains("owns this registry"));
        assert!(check("arn:aws-cn:iam::111111111111:root").unwrap_err().what.contains("aws-cn"));
        assert!(check("arn:aws:iam::222222222222:role/own").is_ok());
        assert!(check("111111111111").is_ok());
    }
}
