//! The people of the sandbox: principals, keys, sessions of assumed roles, and the demo's profiles. Data:
//! `assets/sandbox/people.json`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::signature::CredentialScope;
use crate::ecr::{AccountId, Arn, Partition, Region, SignInKind, Source, SourceId};

const PEOPLE: &str = include_str!("../../assets/sandbox/people.json");

/// The caller of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SandboxCaller {
    pub account: AccountId,
    /// The ARN as STS writes it.
    pub arn: String,
    pub user_id: String,
    /// The role behind a session, or the user: what `aws:PrincipalArn` holds.
    pub principal: String,
    /// The operations that the caller's own policies do not allow.
    pub denied: Vec<String>,
}

/// A reason why a key is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyRejection {
    Unknown,
    Expired,
    MfaMissing,
}

/// A reason why a role cannot be assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoleRejection {
    NotAllowed,
    MfaMissing,
}

/// Temporary keys.
#[derive(Debug, Clone)]
pub(super) struct RoleSession {
    pub key_id: String,
    pub secret: String,
    pub token: String,
    pub expires: i64,
    pub caller: SandboxCaller,
}

#[derive(Debug, Deserialize)]
struct PeopleFile {
    organization: Organization,
    missing_accounts: BTreeSet<String>,
    principals: Vec<KnownPrincipal>,
    deleted_principals: Vec<KnownPrincipal>,
    keys: Vec<AccessKey>,
    profiles: Vec<DemoProfile>,
}

#[derive(Debug, Default, Deserialize)]
struct Organization {
    id: String,
    /// The account that may list the members.
    management: String,
    /// The members' ids and names.
    members: BTreeMap<String, String>,
    aggregator: AggregatorPlace,
    #[serde(skip)]
    suspended: BTreeSet<String>,
    /// The registries that the aggregator could not read, with AWS's code.
    #[serde(skip)]
    unread: BTreeMap<(String, String), String>,
}

/// The account and the Region of the aggregator of AWS Config.
#[derive(Debug, Default, Deserialize)]
struct AggregatorPlace {
    account: String,
    region: String,
}

#[derive(Debug, Clone, Deserialize)]
struct KnownPrincipal {
    arn: String,
    id: String,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    mfa: bool,
}

#[derive(Debug, Clone, Deserialize)]
struct AccessKey {
    id: String,
    principal: String,
    session: Option<String>,
    #[serde(default)]
    state: KeyState,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KeyState {
    #[default]
    Active,
    Expired,
    Mfa,
}

#[derive(Debug, Clone, Deserialize)]
struct DemoProfile {
    name: String,
    kind: DemoProfileKind,
    key: String,
    account: Option<String>,
    role: Option<String>,
    region: Option<String>,
    sso_session: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DemoProfileKind {
    Keys,
    Sso,
    Role,
    RoleMfa,
    Process,
}

/// Everyone that the service knows.
#[derive(Debug, Default)]
pub(super) struct People {
    organization: Organization,
    missing: BTreeSet<String>,
    principals: BTreeMap<String, KnownPrincipal>,
    /// ARN to unique id.
    pub deleted: BTreeMap<String, String>,
    keys: BTreeMap<String, AccessKey>,
    sessions: BTreeMap<String, RoleSession>,
    /// The Regions that accounts have not enabled: their keys are not known there.
    off: BTreeSet<(AccountId, Region)>,
}

/// The name of the role that a 12-digit key id acts as; it exists in every account.
const ADMIN: &str = "Admin";

/// The most sessions of assumed roles that are kept.
const SESSIONS_KEPT: usize = 1_000;

impl People {
    /// Reads `people.json`.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let file: PeopleFile = serde_json::from_str(text)?;
        Ok(Self {
            organization: file.organization,
            missing: file.missing_accounts,
            principals: file.principals.into_iter().map(|p| (p.arn.clone(), p)).collect(),
            deleted: file.deleted_principals.into_iter().map(|p| (p.arn, p.id)).collect(),
            keys: file.keys.into_iter().map(|k| (k.id.clone(), k)).collect(),
            sessions: BTreeMap::new(),
            off: BTreeSet::new(),
        })
    }

    /// Reads the demo's people; a test checks the asset.
    pub fn demo_people() -> Self {
        Self::from_json(PEOPLE).unwrap_or_default()
    }

    /// Takes a Region from an account, which has not enabled it then.
    pub fn disable_region(&mut self, account: &AccountId, region: &Region) {
        self.off.insert((account.clone(), region.clone()));
    }

    /// Finds the caller that a key belongs to. No key is known in a Region that its account has not enabled.
    pub fn identify_caller(&self, scope: &CredentialScope, now: i64) -> Result<SandboxCaller, KeyRejection> {
        let caller = self.caller_of_key(scope, now)?;
        let is_off = self.off.contains(&(caller.account.clone(), scope.region.clone()));
        if is_off { Err(KeyRejection::Unknown) } else { Ok(caller) }
    }

    fn caller_of_key(&self, scope: &CredentialScope, now: i64) -> Result<SandboxCaller, KeyRejection> {
        if let Some(key) = self.keys.get(&scope.key_id) {
            return match key.state {
                KeyState::Active => {
                    self.find_caller(&key.principal, key.session.as_deref()).ok_or(KeyRejection::Unknown)
                }
                KeyState::Expired => Err(KeyRejection::Expired),
                KeyState::Mfa => Err(KeyRejection::MfaMissing),
            };
        }
        if let Some(session) = self.sessions.get(&scope.key_id) {
            return if scope.token.as_deref() != Some(session.token.as_str()) {
                Err(KeyRejection::Unknown)
            } else if now >= session.expires {
                Err(KeyRejection::Expired)
            } else {
                Ok(session.caller.clone())
            };
        }
        let account = AccountId::parse(&scope.key_id).map_err(|_| KeyRejection::Unknown)?;
        if !self.account_exists(&account) {
            return Err(KeyRejection::Unknown);
        }
        let role = format!("arn:{}:iam::{account}:role/{ADMIN}", scope.region.partition());
        self.find_caller(&role, Some("sandbox")).ok_or(KeyRejection::Unknown)
    }

    /// Makes the keys of an assumed role, valid until `expires` (seconds since 1970). `number` makes them unique.
    pub fn assume_role(
        &mut self,
        role: &str,
        session: &str,
        mfa_given: bool,
        expires: i64,
        now: i64,
        number: u64,
    ) -> Result<RoleSession, RoleRejection> {
        if !role.contains(":role/") || !self.principal_exists(role) {
            return Err(RoleRejection::NotAllowed);
        }
        if self.principals.get(role).is_some_and(|p| p.mfa) && !mfa_given {
            return Err(RoleRejection::MfaMissing);
        }
        let caller = self.find_caller(role, Some(session)).ok_or(RoleRejection::NotAllowed)?;
        self.sessions.retain(|_, s| s.expires > now);
        while self.sessions.len() >= SESSIONS_KEPT {
            self.sessions.pop_first();
        }
        let session = RoleSession {
            key_id: format!("ASIASANDBOX{number:09}"),
            secret: format!("sandbox/{number:032x}"),
            token: format!("sandbox-session-token-{number}"),
            expires,
            caller,
        };
        self.sessions.insert(session.key_id.clone(), session.clone());
        Ok(session)
    }

    fn find_caller(&self, principal: &str, session: Option<&str>) -> Option<SandboxCaller> {
        let arn = Arn::parse(principal)?;
        let known = self.principals.get(principal);
        let id = known.map_or_else(|| format!("AROA{}ADMIN", arn.account), |p| p.id.clone());
        let denied = known.map(|p| p.denied.clone()).unwrap_or_default();
        let name = arn.resource.rsplit('/').next().unwrap_or_default();
        let (shown, user_id) = match (arn.resource.starts_with("role/"), session) {
            // STS drops the path of a role.
            (true, Some(session)) => (
                format!("arn:{}:sts::{}:assumed-role/{name}/{session}", arn.partition, arn.account),
                format!("{id}:{session}"),
            ),
            _ => (principal.to_owned(), id),
        };
        Some(SandboxCaller { account: arn.account_id()?, arn: shown, user_id, principal: principal.to_owned(), denied })
    }

    /// Tells whether an account exists: every 12-digit one does that is not listed as missing.
    pub fn account_exists(&self, account: &AccountId) -> bool {
        !self.missing.contains(account.as_str())
    }

    /// Tells whether a role or user, by its ARN, exists.
    pub fn principal_exists(&self, arn: &str) -> bool {
        !self.deleted.contains_key(arn)
            && (self.principals.contains_key(arn)
                || Arn::parse(arn).is_some_and(|a| {
                    a.resource == format!("role/{ADMIN}") && a.account_id().is_some_and(|id| self.account_exists(&id))
                }))
    }

    /// Tells whether an account has a role of this name, with any path.
    pub fn role_exists(&self, account: &str, name: &str) -> bool {
        name == ADMIN
            || self.principals.keys().any(|arn| {
                Arn::parse(arn).is_some_and(|a| {
                    a.account == account
                        && a.resource.starts_with("role/")
                        && a.resource.rsplit('/').next() == Some(name)
                        && self.principal_exists(arn)
                })
            })
    }

    /// Deletes a role or user: policies show its unique id from then on.
    pub fn delete_principal(&mut self, arn: &str) {
        let id = match self.principals.remove(arn) {
            Some(principal) => principal.id,
            None => {
                format!("{}DELETED{:010}", if arn.contains(":user/") { "AIDA" } else { "AROA" }, self.deleted.len())
            }
        };
        self.deleted.insert(arn.to_owned(), id);
    }

    /// Returns the organization of an account.
    pub fn organization_of(&self, account: &AccountId) -> Option<&str> {
        self.is_member(account).then_some(self.organization.id.as_str())
    }

    /// Tells whether an account belongs to the organization.
    pub fn is_member(&self, account: &AccountId) -> bool {
        self.organization.members.contains_key(account.as_str())
    }

    /// Tells whether an account is the one that manages the organization.
    pub fn is_management(&self, account: &AccountId) -> bool {
        self.organization.management == account.as_str()
    }

    /// Returns the ids, names and statuses of the organization's accounts, by id.
    pub fn member_accounts(&self) -> impl Iterator<Item = (&str, &str, &'static str)> {
        self.organization.members.iter().map(|(id, name)| {
            let status = if self.organization.suspended.contains(id) { "SUSPENDED" } else { "ACTIVE" };
            (id.as_str(), name.as_str(), status)
        })
    }

    /// Suspends an account of the organization.
    pub fn suspend_account(&mut self, account: &AccountId) {
        self.organization.suspended.insert(account.to_string());
    }

    /// Returns the account and the Region of the aggregator of AWS Config; none: there is none.
    pub fn aggregator_place(&self) -> Option<(&str, &str)> {
        let place = &self.organization.aggregator;
        (!place.account.is_empty()).then_some((place.account.as_str(), place.region.as_str()))
    }

    /// Returns the code of the aggregator's failure to read a registry; none: it reads it.
    pub fn unread_source(&self, account: &AccountId, region: &Region) -> Option<&str> {
        self.organization.unread.get(&(account.to_string(), region.to_string())).map(String::as_str)
    }

    /// Lets the aggregator fail to read a registry.
    pub fn fail_source(&mut self, account: &AccountId, region: &Region, code: &str) {
        self.organization.unread.insert((account.to_string(), region.to_string()), code.to_owned());
    }
}

/// Returns the profiles of the demo's Account screen: source, access key id and secret. Only [`super::Service::demo`]
/// knows the keys. One profile has expired, one lacks its MFA code, and one belongs to nobody.
pub fn demo_sources() -> Vec<(Source, String, String)> {
    let Ok(file) = serde_json::from_str::<PeopleFile>(PEOPLE) else { return Vec::new() };
    file.profiles
        .into_iter()
        .map(|profile| {
            let source = Source {
                id: SourceId::Profile(profile.name),
                kind: match profile.kind {
                    DemoProfileKind::Keys => SignInKind::Keys,
                    DemoProfileKind::Sso => SignInKind::Sso,
                    DemoProfileKind::Role => SignInKind::Role,
                    DemoProfileKind::RoleMfa => SignInKind::RoleWithMfa,
                    DemoProfileKind::Process => SignInKind::Process,
                },
                account: profile.account.and_then(|a| AccountId::parse(&a).ok()),
                hint: None,
                role: profile.role,
                region: profile.region.and_then(|r| Region::parse(&r).ok()),
                sso_session: profile.sso_session,
                login: None,
                problem: None,
            };
            (source, profile.key, "demo-secret".to_owned())
        })
        .collect()
}

/// Returns the partition of a caller's ARN.
pub(super) fn partition_of(arn: &str) -> Option<Partition> {
    Arn::parse(arn).and_then(|a| a.known_partition())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope_of(key_id: &str) -> CredentialScope {
        CredentialScope {
            key_id: key_id.to_owned(),
            region: Region::parse("eu-west-2").unwrap(),
            service: "ecr".to_owned(),
            token: None,
        }
    }

    #[test]
    fn the_asset_is_whole_and_every_profile_has_its_outcome() {
        People::from_json(PEOPLE).unwrap();
        let people = People::demo_people();
        let outcome = |name: &str| {
            let sources = demo_sources();
            let (source, key, _) =
                sources.iter().find(|(s, ..)| s.id == SourceId::Profile(name.to_owned())).unwrap().clone();
            assert!(source.region.is_some(), "{name}");
            people.identify_caller(&scope_of(&key), 0).map(|caller| caller.arn)
        };
        assert_eq!(outcome("release-owner").unwrap(), "arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana");
        assert_eq!(outcome("sandbox").unwrap(), "arn:aws:iam::444444444444:user/sam");
        assert_eq!(outcome("last-week"), Err(KeyRejection::Expired));
        assert_eq!(outcome("break-glass"), Err(KeyRejection::MfaMissing));
        assert_eq!(outcome("old-laptop"), Err(KeyRejection::Unknown));
        for name in ["release-owner-us", "auditor", "build-agent", "data-platform"] {
            assert!(outcome(name).is_ok(), "{name}");
        }
        assert_eq!(demo_sources().len(), 9);
    }

    #[test]
    fn a_twelve_digit_key_id_is_that_accounts_admin() {
        let caller = People::demo_people().identify_caller(&scope_of("012345678901"), 0).unwrap();
        assert_eq!(caller.account.as_str(), "012345678901");
        assert_eq!(caller.arn, "arn:aws:sts::012345678901:assumed-role/Admin/sandbox");
        assert_eq!(People::demo_people().identify_caller(&scope_of("999999999999"), 0), Err(KeyRejection::Unknown));
        assert_eq!(People::demo_people().identify_caller(&scope_of("2222-2222-2222x"), 0), Err(KeyRejection::Unknown));
    }

    #[test]
    fn keys_of_an_assumed_role_need_their_token_and_run_out() {
        let mut people = People::demo_people();
        let role = "arn:aws:iam::222222222222:role/service/ecs-task-execution";
        let session = people.assume_role(role, "task", false, 900, 0, 7).unwrap();
        assert_eq!(session.caller.arn, "arn:aws:sts::222222222222:assumed-role/ecs-task-execution/task");
        assert_eq!(people.identify_caller(&scope_of(&session.key_id), 0), Err(KeyRejection::Unknown));
        let with_token = CredentialScope { token: Some(session.token.clone()), ..scope_of(&session.key_id) };
        assert_eq!(people.identify_caller(&with_token, 899), Ok(session.caller));
        assert_eq!(people.identify_caller(&with_token, 900), Err(KeyRejection::Expired));
    }

    #[test]
    fn a_deleted_principal_no_longer_exists() {
        let mut people = People::demo_people();
        let role = "arn:aws:iam::777777777777:role/eks/node-group";
        assert!(people.principal_exists(role) && people.role_exists("777777777777", "node-group"));
        people.delete_principal(role);
        assert!(!people.principal_exists(role) && !people.role_exists("777777777777", "node-group"));
        assert_eq!(people.deleted.get(role).unwrap(), "AROA777AAAAAAAAAAAAA1");
    }
}
