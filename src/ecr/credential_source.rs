//! Places of credentials, the identity that they give, and the account and Region that a request is meant for.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::json::to_compact;
use super::{AccountId, Failure, Identity, Login, Region};

/// One place that credentials can come from. A chosen profile uses its own credentials alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceId {
    /// A profile of the shared config or credentials file.
    Profile(String),
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// The web identity token that the environment names (`AWS_WEB_IDENTITY_TOKEN_FILE`), as in a Kubernetes pod.
    WebIdentity,
    /// The endpoint that a container's environment names (ECS, EKS Pod Identity).
    Container,
    /// The instance's metadata service.
    Instance,
    /// A settings file, or a part of one, that cannot be used: `~/.aws/config, line 3`. It gives no credentials.
    File(String),
    /// A role in an account of the organization, which another source assumes.
    Member(Box<MemberRole>),
}

/// A role in an account of the organization, and the source that assumes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberRole {
    /// The account.
    pub account: AccountId,
    /// The role's name with its path, such as `audit/ReadEcr`.
    pub role: String,
    /// The source that assumes it, which is no such role itself.
    pub base: SourceId,
    /// The Region in which STS is asked: the account may not have enabled others.
    pub home: Region,
}

/// The words of a [`MemberRole`] in files of this program, as JSON.
#[derive(Serialize, Deserialize)]
struct StoredMember<'t> {
    account: Cow<'t, str>,
    role: Cow<'t, str>,
    home: Cow<'t, str>,
    credentials: Cow<'t, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'t, str>>,
}

impl MemberRole {
    fn to_stored(&self) -> String {
        let (credentials, name) = self.base.stored_words();
        to_compact(&StoredMember {
            account: self.account.as_str().into(),
            role: self.role.as_str().into(),
            home: self.home.as_str().into(),
            credentials: credentials.into(),
            name,
        })
    }

    fn from_stored(text: &str) -> Option<Self> {
        let stored: StoredMember<'_> = serde_json::from_str(text).ok()?;
        let base = SourceId::from_stored(&stored.credentials, stored.name.map(Cow::into_owned))?;
        if matches!(base, SourceId::Member(_)) {
            return None;
        }
        let (account, home) = (AccountId::parse(&stored.account).ok()?, Region::parse(&stored.home).ok()?);
        Some(Self { account, role: stored.role.into_owned(), base, home })
    }
}

impl SourceId {
    /// Returns how files of this program name it: a kind, and a name where the kind has several.
    pub fn stored_words(&self) -> (&'static str, Option<Cow<'_, str>>) {
        match self {
            Self::Profile(name) => ("profile", Some(name.into())),
            Self::Environment => ("environment", None),
            Self::WebIdentity => ("web-identity", None),
            Self::Container => ("container", None),
            Self::Instance => ("instance", None),
            Self::File(place) => ("file", Some(place.into())),
            Self::Member(member) => ("member", Some(member.to_stored().into())),
        }
    }

    /// Returns the source whose sign-in it begins with: itself, but for a role that another one assumes.
    pub fn base(&self) -> &Self {
        match self {
            Self::Member(member) => &member.base,
            other => other,
        }
    }

    /// Reads what [`Self::stored_words`] gave; `None`: it names no source.
    pub fn from_stored(kind: &str, name: Option<String>) -> Option<Self> {
        match (kind, name) {
            ("profile", Some(name)) => Some(Self::Profile(name)),
            ("environment", None) => Some(Self::Environment),
            ("web-identity", None) => Some(Self::WebIdentity),
            ("container", None) => Some(Self::Container),
            ("instance", None) => Some(Self::Instance),
            ("file", Some(place)) => Some(Self::File(place)),
            ("member", Some(text)) => MemberRole::from_stored(&text).map(|member| Self::Member(Box::new(member))),
            _ => None,
        }
    }
}

impl fmt::Display for SourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(name) | Self::File(name) => f.write_str(name),
            Self::Environment => f.write_str("environment variables"),
            Self::WebIdentity => f.write_str("web identity"),
            Self::Container => f.write_str("container role"),
            Self::Instance => f.write_str("instance role"),
            Self::Member(member) => write!(f, "role {} in {}", member.role, member.account),
        }
    }
}

/// The kinds of sign-in of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignInKind {
    /// `aws_access_key_id` in a file or in the environment.
    Keys,
    /// IAM Identity Center, with `sso_session` or the older `sso_start_url`.
    Sso,
    /// `role_arn` with `source_profile` or `credential_source`.
    Role,
    /// As `Role`, with `mfa_serial`.
    RoleWithMfa,
    /// A web identity token.
    WebIdentity,
    /// `credential_process`.
    Process,
    /// `login_session`, written by `aws login`.
    Login,
    /// A container's endpoint.
    Container,
    /// The instance's metadata service.
    Instance,
    /// The profile holds no credentials, only settings.
    Nothing,
    /// The settings cannot be used.
    Unusable,
}

impl SignInKind {
    /// Returns a word or two for a column.
    pub fn as_words(self) -> &'static str {
        match self {
            Self::Keys => "access keys",
            Self::Sso => "SSO",
            Self::Role => "role",
            Self::RoleWithMfa => "role + MFA",
            Self::WebIdentity => "web identity",
            Self::Process => "process",
            Self::Login => "aws login",
            Self::Container => "container",
            Self::Instance => "instance",
            Self::Nothing => "no credentials",
            Self::Unusable => "cannot be used",
        }
    }
}

/// A place that credentials can come from, with the details that the files tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The place.
    pub id: SourceId,
    /// Its kind of sign-in.
    pub kind: SignInKind,
    /// The account, where the file tells it (`sso_account_id`, or the account of `role_arn`).
    pub account: Option<AccountId>,
    /// The account that a static access key id names: a hint, which nobody has verified.
    pub hint: Option<AccountId>,
    /// The role's name, where the file tells it (`sso_role_name`, or the name in `role_arn`).
    pub role: Option<String>,
    /// The Region of the profile, or of the environment.
    pub region: Option<Region>,
    /// The name of the SSO session or start URL that profiles share, where there is one.
    pub sso_session: Option<String>,
    /// The login program that signs it in, for the profile at the end of its `source_profile`s.
    pub login: Option<Login>,
    /// The reason why it cannot be used: the file, the line and the cause.
    pub problem: Option<Failure>,
}

impl Source {
    /// Builds a source without further details.
    pub fn new(id: SourceId, kind: SignInKind) -> Self {
        Self {
            id,
            kind,
            account: None,
            hint: None,
            role: None,
            region: None,
            sso_session: None,
            login: None,
            problem: None,
        }
    }
}

/// The identity that a source gave, and the Region to use with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The caller.
    pub identity: Identity,
    /// The Region asked for, or else the environment's, or else the profile's.
    pub region: Region,
    /// The endpoints that are not AWS's own, in words for people and without passwords.
    pub endpoint: Option<String>,
    /// The settings that another one overrides, a line for each.
    pub ignored: Vec<String>,
}

/// The credentials and the Region of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Context {
    /// The credentials.
    pub source: SourceId,
    /// The Region.
    pub region: Region,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ecr::Arn;

    fn member(role: &str, base: SourceId) -> SourceId {
        let (account, home) = (AccountId::parse("333333333333").unwrap(), Region::parse("eu-west-2").unwrap());
        SourceId::Member(Box::new(MemberRole { account, role: role.to_owned(), base, home }))
    }

    fn any_base() -> impl Strategy<Value = SourceId> {
        let odd = prop_oneof![".*", "[ \"'\\\\{}:,\u{0}-\u{1f}é日]*", Just("a \"b\" c".to_owned())];
        prop_oneof![
            odd.clone().prop_map(SourceId::Profile),
            odd.prop_map(SourceId::File),
            Just(SourceId::Environment),
            Just(SourceId::WebIdentity),
            Just(SourceId::Container),
            Just(SourceId::Instance),
        ]
    }

    fn read_back(source: &SourceId) -> Option<SourceId> {
        let (kind, name) = source.stored_words();
        SourceId::from_stored(kind, name.map(Cow::into_owned))
    }

    proptest! {
        #[test]
        fn each_source_is_read_as_it_was_stored(base in any_base(), role in "(.{0,20}/)?.{0,20}") {
            prop_assert_eq!(read_back(&base), Some(base.clone()));
            let source = member(&role, base.clone());
            prop_assert_eq!(read_back(&source), Some(source.clone()));
            prop_assert_eq!(source.base(), &base);
            prop_assert_eq!(base.base(), &base);
            let nested = member(&role, source);
            prop_assert_eq!(read_back(&nested), None, "a role that a role assumes");
        }

        #[test]
        fn other_words_are_no_role(text in ".*") {
            prop_assert_eq!(SourceId::from_stored("member", Some(text)), None);
        }
    }

    #[test]
    fn a_role_in_an_account_is_shown_with_both() {
        let source = member("audit/ReadEcr", SourceId::Profile("prod".to_owned()));
        assert_eq!(source.to_string(), "role audit/ReadEcr in 333333333333");
    }

    #[test]
    fn a_badge_names_the_role_and_not_the_session() {
        let identity =
            |arn: &str| Identity { account: AccountId::parse("222222222222").unwrap(), arn: Arn::parse(arn).unwrap() };
        assert_eq!(
            identity("arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana").short_name(),
            "role PlatformAdmin"
        );
        let made = "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Power_Users_0123456789abcdef/ana@example.com";
        assert_eq!(identity(made).short_name(), "role Power_Users");
        assert_eq!(identity("arn:aws:iam::222222222222:user/team/ana").short_name(), "user ana");
        assert_eq!(identity("arn:aws:iam::222222222222:root").short_name(), "root user");
    }
}
