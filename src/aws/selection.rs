//! The credentials and settings that hold where the user chose none: the order of the AWS CLI and the SDKs.

use std::collections::HashMap;

use aws_types::os_shim_internal::Env;

use super::environment;
use super::files::ProfileSet;
use crate::ecr::{Region, SignInKind, Source, SourceId, text::make_visible};

/// Reads the environment once. An empty variable counts as not set.
pub(super) fn read_environment() -> Env {
    let set =
        std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Env::from(set.filter(|(_, value)| !value.trim().is_empty()).collect::<HashMap<_, _>>())
}

/// Finds the variable that names a profile, and the name. `AWS_DEFAULT_PROFILE` counts first (source: botocore,
/// `configprovider.py`).
pub(super) fn named_profile(env: &Env) -> Option<(&'static str, String)> {
    ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"]
        .into_iter()
        .find_map(|name| Some((name, environment::get_variable(env, name)?)))
}

/// Finds the source that a command takes when none is chosen. The order is botocore's (`credentials.py`): keys of the
/// environment, the profile's role, a web identity, the profile's other credentials, a container's and an instance's
/// role.
pub(super) fn default_source(env: &Env, found: &[Source]) -> Option<SourceId> {
    let named = named_profile(env).map(|(_, name)| SourceId::Profile(name));
    let profile = named.clone().unwrap_or_else(|| SourceId::Profile("default".to_owned()));
    let kind = found.iter().find(|source| source.id == profile).map(|source| source.kind);
    let has = |id: &SourceId| found.iter().any(|source| source.id == *id);
    if has(&SourceId::Environment) {
        return Some(SourceId::Environment);
    }
    // A name that no profile has is told, never passed over for somebody else's credentials.
    if named.is_some() && kind.is_none() {
        return named;
    }
    // What a profile that cannot be used would have been is not known: nothing else takes its place.
    if matches!(kind, Some(SignInKind::Role | SignInKind::RoleWithMfa | SignInKind::Unusable)) {
        return Some(profile);
    }
    if has(&SourceId::WebIdentity) {
        return Some(SourceId::WebIdentity);
    }
    if kind.is_some_and(|kind| kind != SignInKind::Nothing) {
        return Some(profile);
    }
    [SourceId::Container, SourceId::Instance].into_iter().find(has).or(named)
}

/// Names the settings that another setting overrides. `asked`: a Region was named.
pub(super) fn overridden_settings(env: &Env, set: &ProfileSet, source: &SourceId, asked: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let named = named_profile(env);
    if let Some((variable, name)) = &named {
        let stronger = match source {
            SourceId::Environment => Some("keys in the environment count more"),
            SourceId::WebIdentity => Some("the web identity of the environment counts more"),
            SourceId::Container => Some("the container's role counts more"),
            SourceId::Instance => Some("the instance's role counts more"),
            SourceId::Profile(_) | SourceId::File(_) | SourceId::Member(_) => None,
        };
        if let Some(stronger) = stronger {
            lines.push(format!("{variable}={} is ignored for the sign-in: {stronger}", make_visible(name)));
        }
        let other = environment::get_variable(env, "AWS_PROFILE").filter(|other| other != name);
        if let Some(other) = other.filter(|_| !matches!(source, SourceId::Profile(chosen) if chosen != name)) {
            lines.push(format!(
                "AWS_PROFILE={} is ignored: {variable}={} counts more",
                make_visible(&other),
                make_visible(name)
            ));
        }
    }
    if asked {
        return lines;
    }
    let region = |name: &str| environment::get_variable(env, name);
    let (first, second) = (region("AWS_REGION"), region("AWS_DEFAULT_REGION"));
    let strongest = match (&first, &second) {
        (Some(first), second) => {
            if let Some(second) = second.as_ref().filter(|second| *second != first) {
                lines.push(format!(
                    "AWS_DEFAULT_REGION={} is ignored: AWS_REGION={} counts more",
                    make_visible(second),
                    make_visible(first)
                ));
            }
            Some(("AWS_REGION", first))
        }
        (None, Some(second)) => Some(("AWS_DEFAULT_REGION", second)),
        (None, None) => None,
    };
    let own = set.get("region").map(str::trim).filter(|own| Region::parse(own).is_ok());
    if let (Some((variable, strongest)), Some(own)) = (strongest, own)
        && own != strongest.trim()
    {
        lines.push(format!(
            "region = {} of profile {} is ignored: {variable}={} counts more",
            make_visible(own),
            make_visible(set.selected_profile()),
            make_visible(strongest)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source_of(id: SourceId, kind: SignInKind) -> Source {
        Source::new(id, kind)
    }

    fn profile_id(name: &str) -> SourceId {
        SourceId::Profile(name.to_owned())
    }

    #[test]
    fn the_order_of_sources_is_that_of_the_aws_cli() {
        use SignInKind as K;
        // Strongest first; the profile stands at two places, by its kind.
        let order = [
            (SourceId::Environment, K::Keys),
            (profile_id("default"), K::Role),
            (SourceId::WebIdentity, K::WebIdentity),
            (profile_id("default"), K::Sso),
            (SourceId::Container, K::Container),
            (SourceId::Instance, K::Instance),
        ];
        for mask in 0..1_u32 << order.len() {
            let present: Vec<_> = (0..order.len()).filter(|at| mask & (1 << at) != 0).map(|at| &order[at]).collect();
            if present.iter().filter(|(id, _)| *id == profile_id("default")).count() > 1 {
                continue;
            }
            let mut found: Vec<Source> = present.iter().map(|(id, kind)| source_of(id.clone(), *kind)).collect();
            found.reverse();
            found.push(source_of(profile_id("other"), K::Keys));
            let first = present.first().map(|(id, _)| id.clone());
            assert_eq!(default_source(&Env::from_slice(&[]), &found), first, "{present:?}");
        }
    }

    #[test]
    fn a_profile_named_by_a_variable_is_taken_or_told_never_passed_over() {
        let found =
            [source_of(profile_id("default"), SignInKind::Keys), source_of(profile_id("bare"), SignInKind::Nothing)];
        for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            for (name, taken) in [("default", "default"), ("bare", "bare"), ("gone", "gone")] {
                let env = Env::from_slice(&[(variable, name)]);
                assert_eq!(default_source(&env, &found), Some(profile_id(taken)), "{variable}={name}");
            }
        }
        let here = [found[1].clone(), source_of(SourceId::Instance, SignInKind::Instance)];
        let env = Env::from_slice(&[("AWS_PROFILE", "bare")]);
        assert_eq!(default_source(&env, &here), Some(SourceId::Instance), "its settings alone");
        let both = Env::from_slice(&[("AWS_PROFILE", "bare"), ("AWS_DEFAULT_PROFILE", "default")]);
        assert_eq!(default_source(&both, &found), Some(profile_id("default")));
    }
}
