//! The path of a role, which the ARN of its session does not tell: what hangs on it, and where it is known all the same.

use super::statement_match::{Asked, applies};
use crate::condition::{Known, Truth, filled};
use crate::ecr::principal::session_role;
use crate::ecr::{Arn, Partition};
use crate::model::document::{Condition, Statement};

/// The key that holds the ARN of a session's role, in small letters.
pub(super) const ROLE_KEY: &str = "aws:principalarn";

/// The path of the roles that IAM Identity Center makes; a Region may follow. Source: IAM Identity Center user guide,
/// permission sets in resource policies.
const SIGN_IN_PATH: &str = "aws-reserved/sso.amazonaws.com/";

/// The beginning of the names of these roles.
const SIGN_IN_ROLE: &str = "AWSReservedSSO_";

/// The most paths of a statement that are tried.
const MOST_PATHS: usize = 64;

/// Returns the ARN of a session's role as far as it is known: without a path, or with the one of IAM Identity Center. The
/// Region in that path is any one: what hangs on it is unsure.
pub(super) fn role_of(session: &Arn) -> Option<Arn> {
    let role = session_role(session)?;
    Some(if is_of_sign_in(&role) { with_path(&role, &sign_in_paths(&role).next()?) } else { role })
}

/// Returns the paths that a role of IAM Identity Center may have: with each Region first, since only a home Region of
/// us-east-1 leaves it out. Source: IAM Identity Center user guide, permission sets in resource policies.
fn sign_in_paths(role: &Arn) -> impl Iterator<Item = String> {
    let partition = Partition::from_arn_field(&role.partition).unwrap_or(Partition::Aws);
    let with_region = partition.regions().map(|region| format!("{SIGN_IN_PATH}{}/", region.as_str()));
    with_region.chain([SIGN_IN_PATH.to_owned()])
}

/// Tells whether a statement comes out otherwise for another path that the role of a session may have.
pub(crate) fn hangs_on_path(statement: &Statement, asked: &Asked, session: &Arn) -> bool {
    let Some(role) = session_role(session) else { return false };
    let truth_for = |arn: &Arn| {
        let text = arn.to_string();
        let lookup = |key: &str| {
            if key == ROLE_KEY { Known::Values(vec![text.clone()]) } else { (asked.lookup)(key) }
        };
        applies(statement, &Asked { lookup: &lookup, ..*asked }).truth
    };
    let Some(told) = role_of(session) else { return false };
    let mut paths = paths_of(statement, asked, &role).peekable();
    if paths.peek().is_none() {
        return false;
    }
    let truth = truth_for(&told);
    paths
        .take(MOST_PATHS)
        .any(|path| (truth_for(&with_path(&role, &path)) >= Truth::Likely) != (truth >= Truth::Likely))
}

fn is_of_sign_in(role: &Arn) -> bool {
    role.resource.strip_prefix("role/").is_some_and(|name| name.starts_with(SIGN_IN_ROLE))
}

fn with_path(role: &Arn, path: &str) -> Arn {
    let name = role.resource.strip_prefix("role/").unwrap_or_default();
    Arn { resource: format!("role/{path}{name}"), ..role.clone() }
}

/// The paths, each with its last slash, that a role may have and that the statement may tell apart. A condition without a
/// path names the role by its name, as a principal does.
fn paths_of<'a>(statement: &'a Statement, asked: &'a Asked, role: &'a Arn) -> Box<dyn Iterator<Item = String> + 'a> {
    let asks = |condition: &Condition| {
        condition.key.eq_ignore_ascii_case(ROLE_KEY)
            || condition.values.iter().any(|v| v.to_ascii_lowercase().contains("${aws:principalarn"))
    };
    let mut asking = statement.conditions.iter().filter(move |c| asks(c)).peekable();
    if asking.peek().is_none() {
        return Box::new(std::iter::empty());
    }
    if is_of_sign_in(role) {
        return Box::new(sign_in_paths(role));
    }
    let texts = move |condition: &'a Condition| -> Vec<String> {
        if !condition.key.eq_ignore_ascii_case(ROLE_KEY) {
            // The ARN is compared with what the request has.
            return match (asked.lookup)(&condition.key.to_ascii_lowercase()) {
                Known::Values(values) => values,
                Known::Absent | Known::Unknown => Vec::new(),
            };
        }
        let is_filled = |value: &String| statement.has_variables && value.contains("${");
        let text = |v: &String| if is_filled(v) { filled(v, asked.lookup) } else { Some(v.clone()) };
        condition.values.iter().filter_map(text).collect()
    };
    Box::new(asking.flat_map(texts).flat_map(|text| paths_in(&text)))
}

/// The paths in a value of a condition on a role's ARN; a `*` is read as nothing and as a word.
fn paths_in(value: &str) -> Vec<String> {
    let resource = value.splitn(6, ':').nth(5).unwrap_or(value);
    let Some((_, rest)) = resource.split_once('/') else { return Vec::new() };
    let ends = rest.match_indices('/').map(|(at, _)| at + 1);
    let mut paths: Vec<String> = ends
        .filter_map(|end| rest.get(..end))
        .flat_map(|path| [path.replace('*', ""), path.replace('*', "x")])
        .map(|path| path.replace('?', "x"))
        .filter(|path| path.len() > 1 && !path.starts_with('/') && !path.contains("//"))
        .collect();
    paths.dedup();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_a_value_are_those_before_its_slashes() {
        assert_eq!(paths_in("arn:aws:iam::111111111111:role/team/a*/ci"), ["team/", "team/a/", "team/ax/"]);
        assert_eq!(paths_in("arn:aws:iam::111111111111:role/*/ci"), ["x/"]);
        assert_eq!(paths_in("*/team/ci"), ["team/"]);
        for text in ["arn:aws:iam::111111111111:role/ci", "arn:aws:iam::111111111111:root", "*", ""] {
            assert!(paths_in(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_role_of_identity_center_has_its_path() {
        let role = |name: &str| {
            let session = format!("arn:aws:sts::111111111111:assumed-role/{name}/ana");
            role_of(&Arn::parse(&session).unwrap()).unwrap().to_string()
        };
        assert_eq!(role("ci"), "arn:aws:iam::111111111111:role/ci");
        assert_eq!(
            role("AWSReservedSSO_Admin_0123456789abcdef"),
            "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/af-south-1/AWSReservedSSO_Admin_0123456789abcdef"
        );
    }
}
