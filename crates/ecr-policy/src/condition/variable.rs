//! Variables in condition values, `${key}`. Source: IAM user guide, policy elements: variables and tags.

use super::{Known, is_multivalued};

/// One character of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// As the policy has it: `*` and `?` are wildcards where the operator has wildcards.
    Written(char),
    /// From a variable: itself, never a wildcard.
    Exact(char),
}

impl Piece {
    pub(super) fn char(self) -> char {
        match self {
            Self::Written(c) | Self::Exact(c) => c,
        }
    }
}

/// A value after its variables were replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// Its characters, variables replaced.
    Text(Vec<Piece>),
    /// A variable has no value, so the comparison is with null: it matches nothing.
    Null,
    /// A variable's key is not known.
    Unknown,
    /// `${` without the form of a variable.
    Malformed,
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValuePart<'a> {
    /// As the policy has it: `*` and `?` are wildcards where the operator has wildcards.
    Written(&'a str),
    /// From `${*}`, `${?}` or `${$}`: itself.
    Exact(&'a str),
    /// A variable: its key in small letters, and its default.
    Key(String, Option<&'a str>),
}

/// Takes a value apart; none: `${` without the form of a variable.
pub(crate) fn parts(value: &str) -> Option<Vec<ValuePart<'_>>> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        parts.extend(rest.get(..at).filter(|before| !before.is_empty()).map(ValuePart::Written));
        let (name, default, after) = split_variable(rest.get(at + 2..)?)?;
        parts.push(if matches!(name, "*" | "?" | "$") {
            ValuePart::Exact(name)
        } else {
            ValuePart::Key(name.to_ascii_lowercase(), default)
        });
        rest = after;
    }
    parts.extend(Some(rest).filter(|rest| !rest.is_empty()).map(ValuePart::Written));
    Some(parts)
}

/// Replaces the variables of a value.
pub(super) fn fill_variables(value: &str, lookup: &dyn Fn(&str) -> Known) -> Filled {
    let mut pieces = Vec::new();
    let mut filled = None;
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        let (before, inside) = (rest.get(..at).unwrap_or_default(), rest.get(at + 2..).unwrap_or_default());
        pieces.extend(before.chars().map(Piece::Written));
        let Some((name, default, after)) = split_variable(inside) else { return Filled::Malformed };
        rest = after;
        match value_of(name, default, lookup) {
            Ok(Some(text)) => pieces.extend(text.chars().map(Piece::Exact)),
            Ok(None) => filled = Some(Filled::Null),
            Err(()) => filled = filled.or(Some(Filled::Unknown)),
        }
    }
    pieces.extend(rest.chars().map(Piece::Written));
    filled.unwrap_or(Filled::Text(pieces))
}

/// The names of the variables of a value, `*`, `?` and `$` among them; `Err`: what keeps it from being read, in words.
pub(crate) fn variable_names(value: &str) -> Result<Vec<&str>, &'static str> {
    let mut names = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        let inside = rest.get(at + 2..).unwrap_or_default();
        let (name, _, after) = split_variable(inside).ok_or_else(|| describe_slip(inside))?;
        names.push(name);
        rest = after;
    }
    Ok(names)
}

/// Returns what is wrong with a variable that cannot be read.
fn describe_slip(inside: &str) -> &'static str {
    let Some(name_end) = inside.find([',', '}']) else { return "`${` is never closed" };
    let name = inside.get(..name_end).unwrap_or_default();
    if name.contains("${") {
        "there is no variable inside a variable"
    } else if name.trim().is_empty() {
        "a variable has a name"
    } else if name.trim() != name {
        "a variable has no blanks around its name"
    } else if inside.get(name_end..).is_some_and(|rest| rest.starts_with(',')) {
        "the default of a variable stands in single quotes, `${key, 'default'}`"
    } else {
        "`$`, `{` and quotes are not part of a variable's name"
    }
}

/// The name and the default of a variable, and what follows it.
fn split_variable(inside: &str) -> Option<(&str, Option<&str>, &str)> {
    let name_end = inside.find([',', '}'])?;
    let name = inside.get(..name_end)?;
    if name.is_empty() || name.trim() != name || (name.contains(['$', '{', '\'']) && name != "$") {
        return None;
    }
    let after = inside.get(name_end..)?;
    if let Some(rest) = after.strip_prefix('}') {
        return Some((name, None, rest));
    }
    let quoted = after.strip_prefix(',')?.trim_start().strip_prefix('\'')?;
    let (default, rest) = quoted.split_once('\'')?;
    Some((name, Some(default), rest.trim_start().strip_prefix('}')?))
}

/// `Err` where the key is not known.
fn value_of(name: &str, default: Option<&str>, lookup: &dyn Fn(&str) -> Known) -> Result<Option<String>, ()> {
    if matches!(name, "*" | "?" | "$") {
        return Ok(Some(name.to_owned()));
    }
    let key = name.to_ascii_lowercase();
    let value = match lookup(&key) {
        Known::Unknown => return Err(()),
        // A key with several values cannot be a variable.
        Known::Values(mut values) if values.len() == 1 && !is_multivalued(&key) => values.pop(),
        Known::Values(_) | Known::Absent => None,
    };
    Ok(value.or_else(|| default.map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(value: &str) -> Option<String> {
        let lookup = |key: &str| match key {
            "aws:username" => Known::Values(vec!["b*b".to_owned()]),
            "aws:principalorgpaths" => Known::Values(vec!["o-a/".to_owned()]),
            "aws:unknown" => Known::Unknown,
            _ => Known::Absent,
        };
        match fill_variables(value, &lookup) {
            Filled::Text(pieces) => Some(pieces.iter().map(|p| p.char()).collect()),
            Filled::Null => None,
            other => Some(format!("{other:?}")),
        }
    }

    #[test]
    fn variables_take_the_value_of_their_key_or_their_default() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(filled("x-${aws:UserName}-*"), some("x-b*b-*"));
        assert_eq!(filled("a${*}${?}${$}b"), some("a*?$b"));
        assert_eq!(filled("${aws:PrincipalTag/team, 'no one'}!"), some("no one!"));
        assert_eq!(filled("${aws:PrincipalTag/team}"), None);
        assert_eq!(filled("${aws:PrincipalOrgPaths}"), None);
        assert_eq!(filled("${aws:unknown}"), some("Unknown"));
        assert_eq!(
            fill_variables("${aws:username}", &|_| Known::Values(vec!["*".to_owned()])),
            Filled::Text(vec![Piece::Exact('*')])
        );
    }

    #[test]
    fn what_has_not_the_form_of_a_variable_is_none() {
        for text in ["${aws:username", "${}", "${ aws:username }", "${aws:${x}}", "${a, b}", "${a, 'b}", "${a,'b'"] {
            assert_eq!(filled(text), Some("Malformed".to_owned()), "{text}");
            assert!(variable_names(text).is_err(), "{text}");
        }
        assert_eq!(variable_names("a${aws:username}${*}${x, 'y'}"), Ok(vec!["aws:username", "*", "x"]));
        assert_eq!(variable_names("$aws:username {x}"), Ok(Vec::new()));
        let slips = ["${a", "${}", "${ a}", "${a${b}}", "${a, b}", "${a'b}"].map(|t| variable_names(t).unwrap_err());
        let mut apart = slips.to_vec();
        apart.sort_unstable();
        apart.dedup();
        assert_eq!(apart.len(), slips.len(), "each slip is called by its name: {slips:?}");
    }
}
