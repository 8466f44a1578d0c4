//! Grantees: whoever receives access, read from what people type or paste.

use std::fmt;

use super::id_form::{ORGANIZATION_WORDS, has_wildcard, may_be_organization, may_be_root, may_be_unit};
use super::principal::{principal_fault, session_role, session_words};
use super::service::{find_service, service_stem};
use super::{AccountId, Address, Arn, Partition, Problem};

/// A party that receives access.
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

fn grantee_problem(what: impl Into<String>, next: impl Into<String>) -> Problem {
    Problem { what: what.into(), next: next.into() }
}

impl Grantee {
    /// Reads one grantee: a twelve-digit id (also in groups of four), a root, role, user or session ARN, an
    /// organization id, an OU path, a service name, or `*`. `service:NAME` takes a service that the table does not know.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim().trim_matches(['"', '\'', ',', ';']).trim();
        if text == "*" {
            return Ok(Self::Everyone);
        }
        // The label is the user's own word for what follows: no address is looked for in it.
        if let Some(name) = text.strip_prefix("service:") {
            return Self::from_named_service(name);
        }
        if let Some(problem) = Address::find_in(text).and_then(|address| owner_not_puller(text, &address)) {
            return Err(problem);
        }
        if text.to_ascii_lowercase().starts_with("arn:") {
            return Self::from_arn(text);
        }
        if looks_like_digits(text) {
            return match AccountId::parse(text) {
                Ok(id) => Ok(Self::Account { id, partition: None }),
                Err(why) => Err(grantee_problem(
                    format!("`{text}` is no account id: {why}"),
                    "type all 12 digits, leading zeros too",
                )),
            };
        }
        if let Some(path) = organization_path(text)? {
            return Ok(path);
        }
        if text.contains('.') && !text.contains([':', '/']) {
            return Self::from_service(text);
        }
        if let Some(fault) = principal_fault(text).filter(|fault| fault.meant.is_some()) {
            return Err(grantee_problem(fault.sentence_about(text), fault.next));
        }
        if is_unique_id(text) {
            return Err(grantee_problem(
                format!("`{text}` is the unique id of a role or user, which a policy cannot name"),
                "type its ARN",
            ));
        }
        Err(grantee_problem(
            format!("`{text}` names nobody in AWS"),
            "type a 12-digit account id, a role or user ARN, an organization (o-...), an OU path or a service",
        ))
    }

    fn from_arn(text: &str) -> Result<Self, Problem> {
        match Arn::parse(text).as_ref().map(|arn| arn.service.as_str()) {
            Some("ecr") => {
                return Err(grantee_problem(
                    format!("`{text}` names a repository, not who pulls from it"),
                    "type the account id or the role ARN of the puller",
                ));
            }
            Some("organizations") => {
                return Err(grantee_problem(
                    "an organization's ARN is no principal",
                    "type its id (o-...) or an OU path (o-.../r-.../ou-.../)",
                ));
            }
            _ => {}
        }
        if text.contains(['*', '?']) {
            let whose = Arn::parse(text).and_then(|arn| arn.account_id());
            let account = whose.map(|id| format!(" ({id})")).unwrap_or_default();
            return Err(grantee_problem(
                "AWS takes no wildcard inside a principal ARN",
                format!("grant the account{account}, or one role by its whole ARN"),
            ));
        }
        if let Some(fault) = principal_fault(text) {
            return Err(grantee_problem(fault.sentence_about(text), fault.next));
        }
        let Some(arn) = Arn::parse(text) else {
            return Err(grantee_problem(
                format!("`{text}` is no whole ARN"),
                "an IAM ARN looks like arn:aws:iam::111111111111:role/name",
            ));
        };
        match (arn.known_partition(), arn.account_id()) {
            (Some(partition), Some(id)) if arn.resource == "root" => {
                Ok(Self::Account { id, partition: Some(partition) })
            }
            _ if arn.resource.starts_with("role/") => Ok(Self::Role(arn)),
            _ if arn.resource.starts_with("user/") => Ok(Self::User(arn)),
            _ => Ok(Self::Session(arn)),
        }
    }

    fn from_service(text: &str) -> Result<Self, Problem> {
        let name = text.to_ascii_lowercase();
        if service_stem(&name).is_none() {
            return Err(grantee_problem(
                format!("`{text}` is no AWS service name"),
                "a service name looks like lambda.amazonaws.com",
            ));
        }
        match find_service(&name) {
            Some(info) if info.is_puller() => Ok(Self::Service(name)),
            Some(info) => {
                let who = info.instead.as_deref().unwrap_or("a role pulls in its stead: name that role");
                // A role can be named by its account too.
                let or_account = if who.ends_with("name that role") { ", or its account" } else { "" };
                Err(grantee_problem(format!("{name} does not pull by itself"), format!("{who}{or_account}")))
            }
            None => Err(grantee_problem(
                format!("it is not known whether {name} pulls from ECR"),
                format!("look at the spelling on AWS's page, or type service:{name} to name it all the same"),
            )),
        }
    }

    fn from_named_service(name: &str) -> Result<Self, Problem> {
        match service_stem(name) {
            Some(_) if Address::find_in(name).is_none() => Ok(Self::Service(name.to_owned())),
            _ => Err(grantee_problem(
                format!("`{name}` is no AWS service name"),
                "a service name is in small letters and looks like lambda.amazonaws.com",
            )),
        }
    }

    /// Reads several grantees, separated by blanks, commas, semicolons or line ends; the same one twice counts once.
    /// Of errors of AWS (`User: ARN is not authorized to perform: ...`) the callers count alone.
    pub fn parse_list(text: &str) -> Vec<Result<Self, Problem>> {
        let refused = refused_callers(text);
        if !refused.is_empty() {
            return refused;
        }
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

    /// Returns what stops this grantee at this owner: the owner's own account, or another partition.
    pub fn check_owner(&self, owner: &AccountId, partition: Partition) -> Result<(), Problem> {
        if self.partition().is_some_and(|p| p != partition) {
            return Err(grantee_problem(
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
            return Err(grantee_problem(
                format!("{id} owns this registry: it pulls through its own identity policies already"),
                "type the id of the account that will pull",
            ));
        }
        Ok(())
    }

    /// Says what to think about before granting to it: a sample's account, a session, a service outside the table.
    pub fn caution_words(&self) -> Option<String> {
        match self {
            Self::Account { id, .. } if id.is_sample() => {
                Some(format!("account {id} stands in AWS's samples: is it the real one?"))
            }
            Self::Role(arn) | Self::User(arn) if arn.account_id().is_some_and(|id| id.is_sample()) => {
                Some(format!("{}: that account stands in AWS's samples: is it the real one?", self.words()))
            }
            Self::Session(arn) => Some(session_caution(arn)),
            Self::Service(name) if find_service(name).is_none() => {
                Some(format!("it is not known whether {name} pulls from ECR: is it spelled as on AWS's page?"))
            }
            Self::Service(name) => find_service(name)
                .and_then(|info| info.instead.as_ref())
                .map(|who| format!("{name} does not pull by itself: {who}")),
            _ => None,
        }
    }

    /// Returns the role of a session, without its path: a session's ARN does not tell that. The path of a role of IAM
    /// Identity Center cannot be left out, so it is none.
    pub fn role_of_session(&self) -> Option<Arn> {
        match self {
            Self::Session(arn) => session_role(arn).filter(|role| !role.resource.starts_with("role/AWSReservedSSO_")),
            _ => None,
        }
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

    /// Returns what it is, in words, such as `account 111111111111` or `role ci of 111111111111`.
    pub fn words(&self) -> String {
        let last = |arn: &Arn| arn.resource.rsplit('/').next().unwrap_or_default().to_owned();
        match self {
            Self::Account { id, .. } => format!("account {id}"),
            Self::Role(arn) => format!("role {} of {}", last(arn), arn.account),
            Self::User(arn) => format!("user {} of {}", last(arn), arn.account),
            Self::Session(arn) => session_words(arn),
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
            Self::Service(name) if !find_service(name).is_some_and(super::service::ServiceInfo::is_puller) => {
                write!(f, "service:{name}")
            }
            Self::Organization(text) | Self::OrgUnit(text) | Self::Service(text) => f.write_str(text),
            Self::Everyone => f.write_str("*"),
        }
    }
}

/// Explains an address as grantee: it names the owner of images or one of ECR's hosts, never who pulls.
fn owner_not_puller(text: &str, address: &Address) -> Option<Problem> {
    const PULLER: &str = "type the id of the account that will pull";
    let problem = |what: String| Some(grantee_problem(what, PULLER));
    match address {
        Address::Image(image) => {
            problem(format!("an image URI names its owner ({}), not who pulls it", image.host.account))
        }
        Address::Registry(host) => {
            problem(format!("a registry's host names its owner ({}), not who pulls from it", host.account))
        }
        Address::Repository(reference) => {
            problem(format!("this names a repository of {}, not who pulls from it", reference.account))
        }
        Address::Several(_) => problem("this names repositories, not who pulls from them".to_owned()),
        Address::Public(host) => problem(format!("{host} is the public registry, not who pulls")),
        Address::Endpoint(region) => {
            problem(format!("this is the address of ECR's own service in {region}, not who pulls"))
        }
        Address::Console => problem("this is a page of the console, not who pulls".to_owned()),
        Address::Alike(why) => problem(format!("`{text}` looks like a registry's address, not like who pulls: {why}")),
    }
}

/// Reads the callers that errors of AWS name. A session counts as its role, which has to be named: its name is another
/// one each time.
fn refused_callers(text: &str) -> Vec<Result<Grantee, Problem>> {
    const MARK: &str = " is not authorized to perform";
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut seen = Vec::new();
    let mut rest = flat.as_str();
    while let Some((before, after)) = rest.split_once(MARK) {
        let caller = before.rsplit(' ').next().unwrap_or_default().trim_matches(['"', '\'', '`']);
        let read = match Grantee::parse(caller) {
            Ok(Grantee::Session(arn)) => Err(grantee_problem(
                format!("this error of AWS names a session, {}", session_words(&arn)),
                session_next(&arn),
            )),
            read => read,
        };
        if !seen.contains(&read) {
            seen.push(read);
        }
        rest = after;
    }
    seen
}

fn session_next(session: &Arn) -> String {
    match session_role(session) {
        Some(role) if role.resource.starts_with("role/AWSReservedSSO_") => {
            format!("type its role's ARN as IAM shows it, or its account, {}", session.account)
        }
        Some(role) => {
            format!("type its role, {role} (with its path, where it has one), or its account, {}", session.account)
        }
        None => format!("type the user's ARN, or its account, {}", session.account),
    }
}

fn session_caution(session: &Arn) -> String {
    let next = session_next(session);
    format!("{}: only sessions of exactly this name have access; otherwise {next}", session_words(session))
}

/// Tells whether a text is a unique id of IAM, such as `AROA...`.
fn is_unique_id(text: &str) -> bool {
    ["AROA", "AIDA"].iter().any(|prefix| text.starts_with(prefix))
        && text.len() >= 16
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
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

/// An organization id or an OU path.
fn organization_path(text: &str) -> Result<Option<Grantee>, Problem> {
    if !text.starts_with("o-") && !text.starts_with("ou-") && !text.starts_with("r-") {
        return Ok(None);
    }
    // A grantee is one, and no pattern of several.
    let is_exactly = |may_be: fn(&str) -> bool, part: &str| !has_wildcard(part) && may_be(part);
    let is_organization = |id: &str| is_exactly(may_be_organization, id);
    let is_unit = |part: &&str| is_exactly(may_be_unit, part);
    let path = text.trim_end_matches('*').trim_end_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [id] if id.starts_with("o-") => {
            if is_organization(id) {
                Ok(Some(Grantee::Organization((*id).to_owned())))
            } else {
                Err(grantee_problem(
                    format!("`{id}` is no organization id"),
                    format!("an organization id is {ORGANIZATION_WORDS}"),
                ))
            }
        }
        [id, root, units @ ..] if is_organization(id) && is_exactly(may_be_root, root) && units.iter().all(is_unit) => {
            Ok(Some(Grantee::OrgUnit(format!("{path}/"))))
        }
        _ => Err(grantee_problem(
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
            ("arn:aws:sts::111111111111:assumed-role/ci/run-7", "session run-7 of role ci of 111111111111"),
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
            ("arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp", "names a repository of 222222222222"),
            ("arn:aws:organizations::111111111111:organization/o-a1b2c3d4e5", "no principal"),
            ("arn:amazon:iam::111111111111:root", "no AWS partition"),
            ("arn:aws:iam::111111111111:root/x", "nothing follows `root`"),
            ("o-short", "no organization id"),
            ("ou-ab12-11111111", "no whole OU path"),
            ("222222222222.dkr.ecr.eu-west-2.amazonaws.com", "a registry's host names its owner (222222222222)"),
            ("https://222222222222.dkr.ecr.eu-west-2.amazonaws.com", "a registry's host names its owner"),
            ("222222222222.dkr-ecr.eu-west-2.on.aws:443", "a registry's host names its owner"),
            ("2222.dkr.ecr.eu-west-2.amazonaws.com", "looks like a registry's address"),
            ("api.ecr.eu-west-2.amazonaws.com", "the address of ECR's own service in eu-west-2"),
            ("public.ecr.aws", "the public registry"),
            ("ecr-public.aws.com/nginx/nginx", "the public registry"),
            ("https://us-east-1.console.aws.amazon.com/iam/home#/roles/details/ci", "a page of the console"),
            ("foo.amazonaws.com", "not known whether foo.amazonaws.com pulls"),
            ("foo.amazonaws.com", "type service:foo.amazonaws.com"),
            ("service:foo", "no AWS service name"),
            ("service:222222222222.dkr.ecr.eu-west-2.amazonaws.com", "no AWS service name"),
            ("amazonaws.com", "no AWS service name"),
            ("build.apprunner.amazonaws.com", "App Runner pulls as the access role of its service: name that role"),
            ("batch.amazonaws.com", "Batch pulls as the job's execution role"),
            ("ecs-tasks.amazonaws.com", "ECS pulls as the task execution role: name that role"),
            ("ecs-tasks.amazonaws.com.cn", "ECS pulls as the task execution role"),
            ("1111111111111", "this has 13"),
            ("arn:aws::iam::111111111111:root", "write arn:aws:iam::111111111111:root"),
            ("arn:aws:iam::111111111111:Root", "write arn:aws:iam::111111111111:root"),
            ("arn:aws:sts::111111111111:root", "write arn:aws:iam::111111111111:root"),
            ("aws:iam::111111111111:root", "write arn:aws:iam::111111111111:root"),
            ("arn:aws:iam::111111111111:role/a/arn:aws:iam::111111111111:role/b", "two ARNs"),
            ("AROAEXAMPLEEXAMPLEEX1", "unique id"),
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
    fn the_caller_of_an_error_of_aws_is_read_and_a_sessions_role_is_offered() {
        let error = |caller: &str| {
            format!(
                "An error occurred (AccessDeniedException) when calling the BatchGetImage operation: User: {caller} is not \
                 authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-2:222222222222:repository/app \
                 because no resource-based policy allows the ecr:BatchGetImage action"
            )
        };
        let read = |text: &str| Grantee::parse_list(text);
        let user = read(&error("arn:aws:iam::111111111111:user/ana"));
        assert_eq!(user, [Grantee::parse("arn:aws:iam::111111111111:user/ana")]);
        let session = read(&error("arn:aws:sts::111111111111:assumed-role/ci/i-123"));
        let said = session.first().unwrap().as_ref().unwrap_err().to_string();
        assert_eq!(session.len(), 1);
        assert!(said.contains("session i-123 of role ci of 111111111111"), "{said}");
        assert!(said.contains("type its role, arn:aws:iam::111111111111:role/ci"), "{said}");
        let sso = read(&error("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/ana"));
        assert!(sso.first().unwrap().as_ref().unwrap_err().next.contains("as IAM shows it"));
        let twice =
            format!("{}\n{}", error("arn:aws:iam::111111111111:user/ana"), error("arn:aws:iam::111111111111:user/ana"));
        assert_eq!(read(&twice).len(), 1);
    }

    #[test]
    fn what_is_to_be_thought_about_is_said_before_a_grant() {
        for (text, words) in [
            ("123456789012", "stands in AWS's samples"),
            ("arn:aws:iam::123456789012:role/ci", "stands in AWS's samples"),
            ("arn:aws:sts::111111111111:assumed-role/ci/i-123", "type its role, arn:aws:iam::111111111111:role/ci"),
            ("service:foo.amazonaws.com", "not known whether"),
            ("service:batch.amazonaws.com", "does not pull by itself"),
        ] {
            let grantee = Grantee::parse(text).unwrap();
            assert!(grantee.caution_words().unwrap().contains(words), "{text}: {:?}", grantee.caution_words());
            assert_eq!(Grantee::parse(&grantee.to_string()), Ok(grantee), "{text}");
        }
        for text in ["111111111111", "arn:aws:iam::111111111111:role/ci", "lambda.amazonaws.com", "o-a1b2c3d4e5", "*"] {
            assert_eq!(Grantee::parse(text).unwrap().caution_words(), None, "{text}");
        }
    }

    #[test]
    fn the_own_account_and_another_partition_are_stopped() {
        let owner = account("222222222222");
        let check = |text: &str| Grantee::parse(text).unwrap().check_owner(&owner, Partition::Aws);
        assert!(check("222222222222").unwrap_err().what.contains("owns this registry"));
        assert!(check("arn:aws-cn:iam::111111111111:root").unwrap_err().what.contains("aws-cn"));
        assert!(check("arn:aws:iam::222222222222:role/own").is_ok());
        assert!(check("111111111111").is_ok());
    }
}
