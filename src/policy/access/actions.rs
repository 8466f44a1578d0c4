//! Action patterns, expanded over the actions that a repository policy can control.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::ecr::action;
use crate::policy::condition::glob;
use crate::policy::document::Actions;

static ORDER: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| action::all().iter().enumerate().map(|(at, a)| (a.name.as_str(), at)).collect());

/// Sorts names without `ecr:` in the order of the action table, unknown ones last, and drops repeats.
pub(crate) fn sort(names: &mut Vec<String>) {
    names.sort_by(|a, b| {
        let at = |n: &str| ORDER.get(n).copied().unwrap_or(usize::MAX);
        at(a).cmp(&at(b)).then_with(|| a.cmp(b))
    });
    names.dedup();
}

/// The repository-level actions by their names in small letters, as places in their table.
static PLACES: LazyLock<HashMap<String, usize>> =
    LazyLock::new(|| action::repository_level().enumerate().map(|(at, a)| (a.name.to_ascii_lowercase(), at)).collect());

/// The names, without `ecr:`, that a statement is about, in the order of the action table. An `ecr:` name that the
/// table lacks may be newer than the table: it is kept, last.
pub(crate) fn expand(actions: &Actions) -> Vec<String> {
    let mut hit = vec![false; PLACES.len()];
    let mut unknown: Vec<String> = Vec::new();
    for pattern in actions.patterns.iter().map(|p| p.value.as_str()) {
        // Nearly every pattern is a plain name, and an editor asks for all of them at each key.
        match ecr_part(pattern).filter(|bare| is_name(bare)) {
            Some(bare) => match PLACES.get(&bare.to_ascii_lowercase()).and_then(|at| hit.get_mut(*at)) {
                Some(is_hit) => *is_hit = true,
                None if !actions.negated && action::find(bare).is_none() => unknown.push(bare.to_owned()),
                None => {}
            },
            None => {
                for (is_hit, info) in hit.iter_mut().zip(action::repository_level()) {
                    *is_hit = *is_hit || fits(pattern, &info.name);
                }
            }
        }
    }
    let chosen = action::repository_level().zip(hit).filter(|(_, is_hit)| *is_hit != actions.negated);
    let mut names: Vec<String> = chosen.map(|(info, _)| info.name.clone()).chain(unknown).collect();
    sort(&mut names);
    names
}

/// Whether a pattern such as `ecr:BatchGet*` fits a name without prefix; letter case does not count.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    if pattern == "*" || pattern == "*:*" {
        return true;
    }
    ecr_part(pattern).is_some_and(|bare| {
        if bare == "*" {
            true
        } else if bare.contains(['*', '?']) {
            glob(&bare.to_ascii_lowercase(), &name.to_ascii_lowercase())
        } else {
            bare.eq_ignore_ascii_case(name)
        }
    })
}

fn ecr_part(pattern: &str) -> Option<&str> {
    let (service, bare) = pattern.split_once(':')?;
    service.eq_ignore_ascii_case("ecr").then_some(bare)
}

fn is_name(bare: &str) -> bool {
    !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::syntax::{Span, Spanned};

    fn expanded(negated: bool, patterns: &[&str]) -> Vec<String> {
        let patterns =
            patterns.iter().map(|p| Spanned { span: Span::default(), value: (*p).to_owned() }).collect::<Vec<_>>();
        expand(&Actions { negated, patterns })
    }

    #[test]
    fn wildcards_cover_the_table_and_nothing_else() {
        for all in ["*", "ecr:*", "ECR:*", "*:*"] {
            assert_eq!(expanded(false, &[all]).len(), 35);
            assert!(expanded(true, &[all]).is_empty());
        }
        assert_eq!(
            expanded(false, &["ecr:GetDownloadUrlForLayer", "ecr:batchget?mage"]),
            ["BatchGetImage", "GetDownloadUrlForLayer"]
        );
        assert_eq!(expanded(true, &["ecr:PutImage"]).len(), 34);
        assert!(expanded(false, &["s3:*", "ecr:GetAuthorizationToken", "ecr: ListImages", "ListImages"]).is_empty());
    }

    #[test]
    fn a_name_newer_than_the_table_is_kept() {
        assert_eq!(expanded(false, &["ecr:FlyImage", "ecr:PutImage"]), ["PutImage", "FlyImage"]);
    }
}
