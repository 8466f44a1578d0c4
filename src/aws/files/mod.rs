//! The shared config and credentials files, and the environment: the places that credentials can come from.
//!
//! The files are read here and not by the SDK's parser, which refuses a whole file for one bad line. The settings that
//! decide the sign-in of a profile follow the SDK's order (`aws-config`, `profile/credentials/repr.rs`).

use aws_types::os_shim_internal::{Env, Fs};

pub(super) use self::profiles::{Profile, ProfileSet};
use super::environment::get_variable;
use super::errors::{EXPORTED, export_command, mfa_needed};
use crate::ecr::access_key::account_of_key;
use crate::ecr::{
    AccountId, Arn, Failure, FailureKind, Login, LoginKind, Region, SignInKind, Source, SourceId, shell::profile_flag,
    text::make_visible,
};

mod decode;
mod profiles;
mod sections;

/// Returns the Region that the environment names; `Err`: the text that is no Region.
pub(super) fn environment_region(env: &Env) -> Option<Result<Region, String>> {
    let text = get_variable(env, "AWS_REGION").or_else(|| get_variable(env, "AWS_DEFAULT_REGION"))?;
    Some(Region::parse(&text).map_err(|_| text))
}

/// Returns all sources that files and environment show: profiles (`default` first, then by name), then the rest, and at
/// the end the unusable parts of the files.
pub(super) async fn find_sources(set: &ProfileSet, env: &Env, fs: &Fs) -> Vec<Source> {
    let here = environment_region(env).and_then(Result::ok);
    let mut names: Vec<&str> = set.profile_names().collect();
    names.sort_unstable_by_key(|name| (*name != "default", name.to_lowercase(), *name));
    let mut found: Vec<Source> = names
        .into_iter()
        .filter_map(|name| set.get_profile(name))
        .map(|profile| profile_source(set, profile, here.as_ref()))
        .collect();
    let plain = |id, kind| Source { region: here.clone(), ..Source::new(id, kind) };
    if get_variable(env, "AWS_ACCESS_KEY_ID").is_some() {
        let hint = get_variable(env, "AWS_ACCESS_KEY_ID").and_then(|key_id| account_of_key(key_id.trim()));
        found.push(Source { hint, ..plain(SourceId::Environment, SignInKind::Keys) });
    }
    if let (Some(_), Some(role)) = (get_variable(env, "AWS_WEB_IDENTITY_TOKEN_FILE"), get_variable(env, "AWS_ROLE_ARN"))
    {
        let (account, role) = role_parts(&role);
        found.push(Source { account, role, ..plain(SourceId::WebIdentity, SignInKind::WebIdentity) });
    }
    let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if container.iter().any(|name| get_variable(env, name).is_some()) {
        found.push(plain(SourceId::Container, SignInKind::Container));
    }
    if is_instance(env, fs).await {
        found.push(plain(SourceId::Instance, SignInKind::Instance));
    }
    for unusable in set.rows_to_show() {
        let profile = unusable.profile_name().map(|name| SourceId::Profile(name.to_owned()));
        // Each fault has a row of its own; the first one of a profile has the profile's.
        let id = profile.filter(|id| found.iter().all(|source| source.id != *id));
        let id = id.unwrap_or_else(|| SourceId::File(unusable.place().to_owned()));
        found.push(Source { problem: Some(unusable.to_failure()), ..Source::new(id, SignInKind::Unusable) });
    }
    found
}

/// Tells whether this computer is an EC2 instance whose metadata may be asked. The firmware's words tell it, because
/// asking the network takes a second where nobody answers.
async fn is_instance(env: &Env, fs: &Fs) -> bool {
    if get_variable(env, "AWS_EC2_METADATA_DISABLED").is_some_and(|v| v.trim().eq_ignore_ascii_case("true")) {
        return false;
    }
    if get_variable(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT").is_some() {
        return true;
    }
    for file in ["/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/class/dmi/id/bios_vendor"] {
        if fs.read_to_end(file).await.is_ok_and(|words| String::from_utf8_lossy(&words).contains("Amazon EC2")) {
            return true;
        }
    }
    false
}

/// Returns the accounts that profiles state, each with its profile.
pub(super) fn stated_accounts(set: &ProfileSet) -> Vec<(AccountId, String)> {
    let profiles = set.profile_names().filter_map(|name| set.get_profile(name));
    profiles
        .filter_map(|profile| Some((profile_source(set, profile, None).account?, profile.name().to_owned())))
        .collect()
}

fn profile_source(set: &ProfileSet, profile: &Profile, here: Option<&Region>) -> Source {
    let chain = walk_chain(set, profile.name());
    let own = own_kind(profile);
    let kind = match (own, &chain) {
        (SignInKind::Role, Ok(chain)) if chain.mfa.is_some() => SignInKind::RoleWithMfa,
        (SignInKind::Role, _) if profile.get("mfa_serial").is_some() => SignInKind::RoleWithMfa,
        _ => own,
    };
    let (role_account, role_name) = profile.get("role_arn").map(role_parts).unwrap_or_default();
    let told = ["sso_account_id", "aws_account_id"].iter().find_map(|key| AccountId::parse(profile.get(key)?).ok());
    let session = profile.get("login_session").and_then(Arn::parse).and_then(|arn| arn.account_id());
    // A role signs in where its chain begins.
    let base = chain.as_ref().ok().and_then(|chain| set.get_profile(&chain.base)).unwrap_or(profile);
    let login = match chain.as_ref().map_or(own, |chain| chain.kind) {
        SignInKind::Sso => Some(LoginKind::Sso),
        SignInKind::Login => Some(LoginKind::Console),
        _ => None,
    };
    Source {
        id: SourceId::Profile(profile.name().to_owned()),
        kind,
        account: if kind == SignInKind::Sso { told.clone() } else { None }.or(role_account).or(told).or(session),
        hint: profile
            .get("aws_access_key_id")
            .filter(|_| kind == SignInKind::Keys)
            .and_then(|key_id| account_of_key(key_id.trim())),
        role: role_name.or_else(|| profile.get("sso_role_name").map(str::to_owned)),
        region: here.cloned().or_else(|| profile.get("region").and_then(|text| Region::parse(text).ok())),
        sso_session: base.get("sso_session").or_else(|| base.get("sso_start_url")).map(str::to_owned),
        login: login.map(|kind| Login { kind, profile: Some(base.name().to_owned()) }),
        problem: None,
    }
}

/// Reads account and name from a role's ARN, `arn:aws:iam::111111111111:role/path/Name`.
fn role_parts(text: &str) -> (Option<AccountId>, Option<String>) {
    let Some(arn) = Arn::parse(text) else { return (None, None) };
    let name = arn.resource.strip_prefix("role/").and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    (arn.account_id(), name)
}

/// Returns a profile's own kind of sign-in, in the order in which the SDK looks.
fn own_kind(profile: &Profile) -> SignInKind {
    let has = |key: &str| profile.get(key).is_some();
    if has("role_arn") && !has("web_identity_token_file") { SignInKind::Role } else { base_kind(profile) }
}

/// Returns a profile's kind of sign-in at the end of a chain: as [`own_kind`], without its role.
fn base_kind(profile: &Profile) -> SignInKind {
    let has = |key: &str| profile.get(key).is_some();
    if let Some(kind) = profile.get("credential_source").and_then(credential_source) {
        return kind;
    }
    if has("web_identity_token_file") {
        SignInKind::WebIdentity
    } else if ["sso_session", "sso_start_url", "sso_account_id", "sso_role_name"].iter().any(|key| has(key)) {
        SignInKind::Sso
    } else if has("login_session") {
        SignInKind::Login
    } else if has("credential_process") {
        SignInKind::Process
    } else if has("aws_access_key_id") || has("aws_secret_access_key") {
        SignInKind::Keys
    } else {
        SignInKind::Nothing
    }
}

/// Reads a value of `credential_source`, in any case, as the SDK takes it.
fn credential_source(text: &str) -> Option<SignInKind> {
    match text.to_ascii_lowercase().as_str() {
        "environment" => Some(SignInKind::Keys),
        "ec2instancemetadata" => Some(SignInKind::Instance),
        "ecscontainer" => Some(SignInKind::Container),
        _ => None,
    }
}

/// A role that is assumed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    /// `role_arn`.
    pub(super) role: String,
    /// `external_id`.
    pub(super) external_id: Option<String>,
    /// `role_session_name`.
    pub(super) session_name: Option<String>,
    /// `duration_seconds`.
    pub(super) seconds: Option<u64>,
}

/// A profile's way to credentials: the profile that signs in, and the roles assumed from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain {
    /// The profile that signs in.
    pub(super) base: String,
    /// Its kind of sign-in.
    pub(super) kind: SignInKind,
    /// The profile's `credential_process`, where its kind is that.
    pub(super) process: Option<String>,
    /// The roles, in the order in which they are assumed.
    pub(super) links: Vec<Link>,
    /// True where the keys are the environment's: `credential_source = Environment`.
    pub(super) by_environment: bool,
    /// The first profile on the way that has `mfa_serial`.
    pub(super) mfa: Option<String>,
}

impl Chain {
    /// Refuses a chain that this program cannot sign in with, before any request. `name`: the chosen profile.
    pub(super) fn check_supported(&self, name: &str) -> Result<(), Failure> {
        if self.mfa.is_some() {
            return Err(mfa_needed(name));
        }
        match self.kind {
            SignInKind::Login => Err(Failure::new(
                FailureKind::Setup,
                format!(
                    "Profile {} signs in with `aws login`, whose sessions this build cannot read",
                    make_visible(&self.base)
                ),
                EXPORTED,
            )
            .with_command(export_command(name))),
            SignInKind::Nothing => Err(Failure::new(
                FailureKind::NoCredentials,
                format!("Profile {} holds no credentials", make_visible(&self.base)),
                "set up a sign-in for it, or choose another account",
            )
            .with_command(format!("aws configure sso {}", profile_flag(&self.base)))),
            _ => Ok(()),
        }
    }
}

/// Walks a profile's chain of `source_profile` to the profile that signs in.
pub(super) fn walk_chain(set: &ProfileSet, name: &str) -> Result<Chain, Failure> {
    let mut seen: Vec<&str> = Vec::new();
    let mut links = Vec::new();
    let mut mfa = None;
    let mut current = name;
    loop {
        let Some(profile) = set.get_profile(current) else {
            return Err(missing_profile(set, current, seen.last().copied()));
        };
        if seen.contains(&current) {
            return Err(Failure::new(
                FailureKind::Setup,
                format!(
                    "The profiles go in a circle: {} leads back to {}",
                    make_visible(&seen.join(" > ")),
                    make_visible(current)
                ),
                "correct source_profile in one of them",
            ));
        }
        seen.push(profile.name());
        let is_first = seen.len() == 1;
        let has_keys = profile.get("aws_access_key_id").is_some() && profile.get("aws_secret_access_key").is_some();
        let ends = |kind: SignInKind, links: Vec<Link>, mfa: Option<String>| Chain {
            base: profile.name().to_owned(),
            kind,
            process: profile.get("credential_process").filter(|_| kind == SignInKind::Process).map(str::to_owned),
            links: links.into_iter().rev().collect(),
            by_environment: profile.get("credential_source").is_some() && (is_first || !has_keys),
            mfa,
        };
        // As the SDK: behind the first profile, keys count before a role.
        if !is_first && has_keys {
            return Ok(ends(SignInKind::Keys, links, mfa));
        }
        if own_kind(profile) != SignInKind::Role {
            return Ok(ends(base_kind(profile), links, mfa));
        }
        if mfa.is_none() && profile.get("mfa_serial").is_some() {
            mfa = Some(profile.name().to_owned());
        }
        links.push(Link {
            role: profile.get("role_arn").unwrap_or_default().to_owned(),
            external_id: profile.get("external_id").map(str::to_owned),
            session_name: profile.get("role_session_name").map(str::to_owned),
            seconds: profile.get("duration_seconds").and_then(|text| text.parse().ok()),
        });
        match (profile.get("source_profile"), profile.get("credential_source")) {
            (Some(next), None) if next != profile.name() => current = next,
            (None, Some(source)) if credential_source(source).is_none() => {
                return Err(Failure::new(
                    FailureKind::Setup,
                    format!(
                        "Profile {} has an unknown credential_source: {}",
                        make_visible(current),
                        make_visible(source)
                    ),
                    "set it to Environment, Ec2InstanceMetadata or EcsContainer",
                ));
            }
            (Some(_), None) | (None, Some(_)) => return Ok(ends(base_kind(profile), links, mfa)),
            (both, _) => {
                let problem =
                    if both.is_some() { "both source_profile and credential_source" } else { "no source_profile" };
                return Err(Failure::new(
                    FailureKind::Setup,
                    format!("Profile {} has a role_arn and {problem}", make_visible(current)),
                    "give it exactly one source: source_profile = the profile that may assume the role",
                ));
            }
        }
    }
}

/// Reads the files anew and tells why a part of them cannot be used.
pub(super) fn unusable_failure(set: &ProfileSet, place: &str) -> Failure {
    let why = set.unusable_parts().iter().find(|unusable| unusable.place() == place);
    why.map_or_else(
        || {
            let what = format!("{} names no account, and its fault is mended by now", make_visible(place));
            Failure::new(FailureKind::Setup, what, "read the files again, and choose a profile")
        },
        profiles::Unusable::to_failure,
    )
}

fn missing_profile(set: &ProfileSet, name: &str, from: Option<&str>) -> Failure {
    let why = set.why_no_profile(name);
    if let Some(from) = from {
        let named = format!("Profile {} names the source_profile {}", make_visible(from), make_visible(name));
        return match why {
            Some(why) => {
                Failure { what: format!("{named}, which cannot be used: {}", why.cause_words()), ..why.to_failure() }
            }
            None => Failure::new(
                FailureKind::Setup,
                format!("{named}, which does not exist"),
                "correct source_profile, or add that profile",
            ),
        };
    }
    if let Some(why) = why {
        return why.to_failure();
    }
    let mut names: Vec<&str> = set.profile_names().collect();
    names.sort_unstable();
    let mut what = format!("There is no profile {}", make_visible(name));
    // It may stand where nothing could be read.
    let hidden = set.rows_to_show().find(|unusable| unusable.profile_name().is_none());
    if let Some(hidden) = hidden {
        what = format!("{what}; {}", hidden.cause_words());
    }
    let next = match (names.as_slice(), hidden, set.unusable_parts()) {
        ([], Some(hidden), _) => return Failure { what, ..hidden.to_failure() },
        ([], None, []) => "there are no profiles yet: make one".to_owned(),
        ([], None, unusable) => {
            let causes: Vec<String> = unusable.iter().take(3).map(profiles::Unusable::cause_words).collect();
            format!("correct the profiles that cannot be used: {}", causes.join("; "))
        }
        (few, ..) if few.len() <= 8 => format!("choose one of {}", make_visible(&few.join(", "))),
        _ => "choose one of the list, or make it".to_owned(),
    };
    Failure::new(FailureKind::Setup, what, next).with_command(format!("aws configure sso {}", profile_flag(name)))
}

#[cfg(test)]
mod tests;
