//! Conditions: which operators exist, and whether a condition holds as far as the keys of a request are known.
//!
//! `compare` compares two values, `variable` replaces `${...}`.

mod compare;
mod settled;
mod time_bound;
mod variable;

use super::model::document::Condition;
use compare::Comparison;
pub use settled::is_settled;
pub use time_bound::{TimeBound, denies_in_force, has_ended, have_ended, in_force, soonest_end, statement_end};
pub(crate) use time_bound::{has_begun, with_silent};
use variable::Filled;

pub(crate) use compare::{Decimal, is_readable, nanoseconds, range, seconds};
pub(crate) use variable::{ValuePart, parts, variable_names};

/// The kind of values that an operator compares. Source: IAM user guide, condition operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    TextIgnoreCase,
    TextLike,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Arn,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The operators: name, family, whether it is negated.
pub(crate) const OPERATORS: &[(&str, Family, bool)] = &[
    ("StringEquals", Family::Text, false),
    ("StringNotEquals", Family::Text, true),
    ("StringEqualsIgnoreCase", Family::TextIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Family::TextIgnoreCase, true),
    ("StringLike", Family::TextLike, false),
    ("StringNotLike", Family::TextLike, true),
    ("NumericEquals", Family::Number(Order::Equal), false),
    ("NumericNotEquals", Family::Number(Order::Equal), true),
    ("NumericLessThan", Family::Number(Order::Less), false),
    ("NumericLessThanEquals", Family::Number(Order::LessOrEqual), false),
    ("NumericGreaterThan", Family::Number(Order::Greater), false),
    ("NumericGreaterThanEquals", Family::Number(Order::GreaterOrEqual), false),
    ("DateEquals", Family::Date(Order::Equal), false),
    ("DateNotEquals", Family::Date(Order::Equal), true),
    ("DateLessThan", Family::Date(Order::Less), false),
    ("DateLessThanEquals", Family::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Family::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Family::Date(Order::GreaterOrEqual), false),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::Address, false),
    ("NotIpAddress", Family::Address, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("Null", Family::Null, false),
];

/// The number of the request's values that must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetPrefix {
    ForAllValues,
    ForAnyValue,
}

/// An operator, taken apart. Letter case does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub set: Option<SetPrefix>,
    pub family: Family,
    pub negated: bool,
    pub if_exists: bool,
}

impl Operator {
    pub fn parse(name: &str) -> Option<Self> {
        let (set, rest) = match name.split_once(':') {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => {
                (Some(SetPrefix::ForAllValues), rest)
            }
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (Some(SetPrefix::ForAnyValue), rest),
            Some(_) => return None,
            None => (None, name),
        };
        let cut = rest.len().saturating_sub("IfExists".len());
        let (base, if_exists) = match (rest.get(..cut), rest.get(cut..)) {
            (Some(base), Some(end)) if end.eq_ignore_ascii_case("IfExists") => (base, true),
            _ => (rest, false),
        };
        let (_, family, negated) = OPERATORS.iter().find(|(n, ..)| n.eq_ignore_ascii_case(base))?;
        Some(Self { set, family: *family, negated: *negated, if_exists })
    }

    /// Tells whether a request that lacks the key, or has another value, is turned away.
    pub fn restricts(self) -> bool {
        !self.negated && !self.if_exists && self.set != Some(SetPrefix::ForAllValues) && self.family != Family::Null
    }
}

/// The values of a key of a request, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    Unknown,
    Absent,
    Values(Vec<String>),
}

/// Tells whether something holds, as far as is known; ordered from No to Yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    No,
    /// AWS's documentation leaves it open; the better reading says no.
    Unlikely,
    /// It depends on what is not known of the request.
    Unknown,
    /// AWS's documentation leaves it open; the better reading says yes.
    Likely,
    Yes,
}

impl Truth {
    pub(crate) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    pub(crate) fn leaning_to(is: bool) -> Self {
        if is { Self::Likely } else { Self::Unlikely }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::Likely => Self::Unlikely,
            Self::Unknown => Self::Unknown,
            Self::Unlikely => Self::Likely,
            Self::No => Self::Yes,
        }
    }

    /// Tells whether AWS's documentation leaves it open.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Likely | Self::Unlikely)
    }

    fn any(all: impl Iterator<Item = Self>) -> Self {
        all.max().unwrap_or(Self::No)
    }

    /// Tells whether all hold.
    pub(crate) fn all(all: impl Iterator<Item = Self>) -> Self {
        all.min().unwrap_or(Self::Yes)
    }
}

/// Tells whether a key may have several values in one request. Source: IAM user guide, global condition keys.
pub(crate) fn is_multivalued(key: &str) -> bool {
    crate::ecr::condition::find_key(key).is_some_and(|k| k.many)
}

/// Tells whether a condition holds for a request of which `lookup` tells the keys (asked in small letters).
/// `variables`: whether `${...}` in values is a variable.
pub(crate) fn holds(condition: &Condition, variables: bool, lookup: &dyn Fn(&str) -> Known) -> Truth {
    holds_noting(condition, variables, lookup, &mut Vec::new())
}

/// The same; what AWS's documentation leaves open goes to `doubts`, in words.
pub(crate) fn holds_noting(
    condition: &Condition,
    variables: bool,
    lookup: &dyn Fn(&str) -> Known,
    doubts: &mut Vec<String>,
) -> Truth {
    let Some(operator) = Operator::parse(&condition.operator) else { return Truth::Unknown };
    let mut found = Vec::new();
    let key = condition.key.to_ascii_lowercase();
    let truth = match lookup(&key) {
        Known::Unknown => Truth::Unknown,
        known if operator.family == Family::Null => test_null(operator, condition, &known, &mut found),
        Known::Absent if operator.if_exists => Truth::Yes,
        // Source: IAM user guide, condition operators: a missing key; multivalued keys.
        Known::Absent => match operator.set {
            Some(SetPrefix::ForAllValues) => Truth::Yes,
            Some(SetPrefix::ForAnyValue) => Truth::No,
            None => Truth::of(operator.negated),
        },
        Known::Values(values) => {
            let found = &mut found;
            let several = operator.set.is_none() && (values.len() != 1 || is_multivalued(&key));
            let each: Vec<Truth> =
                values.iter().map(|v| one_value(operator, condition, v, variables, lookup, found)).collect();
            match operator.set {
                Some(set) => of_set(set, &condition.key, &values, &each, found),
                None if several => without_set(operator, &condition.key, &each, found),
                None => Truth::any(each.into_iter()),
            }
        }
    };
    if truth.is_open() {
        doubts.append(&mut found);
    }
    truth
}

/// Tells whether one value of the request satisfies the operator: any value of the condition will do, for a negated
/// operator none may match.
fn one_value(
    operator: Operator,
    condition: &Condition,
    actual: &str,
    variables: bool,
    lookup: &dyn Fn(&str) -> Known,
    doubts: &mut Vec<String>,
) -> Truth {
    let matches = Truth::any(condition.values.iter().map(|wanted| {
        let comparison = compare_value(operator, wanted, actual, variables, lookup);
        doubts.extend(comparison.doubt);
        comparison.truth
    }));
    if operator.negated { matches.not() } else { matches }
}

fn compare_value(
    operator: Operator,
    wanted: &str,
    actual: &str,
    variables: bool,
    lookup: &dyn Fn(&str) -> Known,
) -> Comparison {
    let is_text = matches!(operator.family, Family::Text | Family::TextIgnoreCase | Family::TextLike | Family::Arn);
    let open = |truth, doubt: String| Comparison { truth, doubt: Some(doubt) };
    if operator.family == Family::Arn && wanted == "*" {
        // Field by field it is no ARN; it is in wide use all the same.
        return open(Truth::Likely, "AWS is not explicit about `*` alone under an ARN operator".to_owned());
    }
    if !variables || !wanted.contains("${") || !(is_text || operator.family == Family::Bool) {
        return if is_text {
            compare::matches_written(operator.family, wanted, actual).into()
        } else {
            compare::compare_plain(operator.family, wanted, actual, operator.negated)
        };
    }
    let has_no_text = |key: &str| matches!(lookup(key), Known::Values(values) if values == [""]);
    let names = variable::variable_names(wanted).unwrap_or_default();
    let found = with_variables(operator, wanted, actual, lookup);
    if !names.iter().any(|name| has_no_text(&name.to_ascii_lowercase())) {
        return found;
    }
    let as_absent = |key: &str| if has_no_text(key) { Known::Absent } else { lookup(key) };
    let other = with_variables(operator, wanted, actual, &as_absent);
    if (found.truth >= Truth::Likely) == (other.truth >= Truth::Likely) {
        return found;
    }
    let doubt = format!("AWS does not say whether a variable of an empty value, as in `{wanted}`, has a value");
    open(Truth::leaning_to(found.truth >= Truth::Likely), doubt)
}

/// Compares a value in which variables are read.
fn with_variables(operator: Operator, wanted: &str, actual: &str, lookup: &dyn Fn(&str) -> Known) -> Comparison {
    let is_text = operator.family != Family::Bool;
    let open = |truth, doubt: String| Comparison { truth, doubt: Some(doubt) };
    match variable::fill_variables(wanted, lookup) {
        Filled::Unknown => Comparison { truth: Truth::Unknown, doubt: None },
        Filled::Text(pieces) if is_text => compare::matches_pieces(operator.family, &pieces, actual).into(),
        Filled::Text(pieces) => {
            let text: String = pieces.iter().map(|p| p.char()).collect();
            if compare::compare_plain(operator.family, &text, actual, false).truth == Truth::Yes {
                open(Truth::Likely, "AWS's pages disagree about variables under Bool".to_owned())
            } else {
                false.into()
            }
        }
        Filled::Malformed if is_text && compare::matches_written(operator.family, wanted, actual) => {
            open(Truth::Likely, format!("AWS does not say what the malformed variable in `{wanted}` stands for"))
        }
        Filled::Null | Filled::Malformed => false.into(),
    }
}

/// A value with its variables replaced, where all of them have values.
pub(crate) fn filled(value: &str, lookup: &dyn Fn(&str) -> Known) -> Option<String> {
    match variable::fill_variables(value, lookup) {
        Filled::Text(pieces) => Some(pieces.iter().map(|p| p.char()).collect()),
        Filled::Null | Filled::Unknown | Filled::Malformed => None,
    }
}

/// All values or any. An empty text is one of the values, or none at all: where that matters it is open. Source: IAM user
/// guide, multivalued context keys: an empty text alone is no value for `ForAllValues`.
fn of_set(set: SetPrefix, key: &str, values: &[String], each: &[Truth], doubts: &mut Vec<String>) -> Truth {
    let over = |some: &mut dyn Iterator<Item = Truth>| match set {
        SetPrefix::ForAllValues => Truth::all(some),
        SetPrefix::ForAnyValue => Truth::any(some),
    };
    let whole = over(&mut each.iter().copied());
    let filled = over(&mut values.iter().zip(each).filter(|(value, _)| !value.is_empty()).map(|(_, truth)| *truth));
    let is = |truth: Truth| truth >= Truth::Likely;
    if whole == Truth::Unknown || filled == Truth::Unknown || is(whole) == is(filled) {
        return whole;
    }
    doubts.push(format!("AWS is not explicit about an empty text among the values of `{key}`"));
    let is_alone = values.iter().all(String::is_empty);
    Truth::leaning_to(is(if is_alone && set == SetPrefix::ForAllValues { filled } else { whole }))
}

/// Several values and no set operator: not defined, whatever they are. Source: IAM Access Analyzer calls it an error.
fn without_set(operator: Operator, key: &str, each: &[Truth], doubts: &mut Vec<String>) -> Truth {
    if Truth::any(each.iter().copied()) == Truth::Unknown {
        return Truth::Unknown;
    }
    doubts.push(format!(
        "AWS does not define a condition on `{key}`, which may have several values, without ForAllValues or ForAnyValue"
    ));
    Truth::leaning_to(if each.is_empty() {
        operator.negated
    } else {
        Truth::all(each.iter().copied()) >= Truth::Likely
    })
}

/// `Null`: "true" holds where the key is absent, "false" where it is present.
fn test_null(operator: Operator, condition: &Condition, known: &Known, doubts: &mut Vec<String>) -> Truth {
    let absent = *known == Known::Absent;
    let is_empty = |values: &Vec<String>| {
        values.is_empty() || (is_multivalued(&condition.key) && values.iter().all(String::is_empty))
    };
    let open = if matches!(known, Known::Values(values) if is_empty(values)) {
        Some(format!("AWS does not say whether `{}` without any value counts as present", condition.key))
    } else if operator.set.is_some() {
        Some("AWS does not define Null with ForAllValues or ForAnyValue".to_owned())
    } else {
        None
    };
    let truth = Truth::any(condition.values.iter().map(|v| match v.to_ascii_lowercase().as_str() {
        "true" => Truth::of(absent),
        "false" => Truth::of(!absent),
        _ => Truth::Unknown,
    }));
    match open {
        Some(doubt) if truth != Truth::Unknown => {
            doubts.push(doubt);
            Truth::leaning_to(truth == Truth::Yes)
        }
        _ => truth,
    }
}

/// A condition in the form in which equal ones compare equal: names in small letters, values sorted, addresses without
/// the bits that do not count.
pub(crate) fn normal(condition: &Condition) -> Condition {
    let is_address = Operator::parse(&condition.operator).is_some_and(|o| o.family == Family::Address);
    let plain = |value: &String| match range(value).filter(|_| is_address) {
        Some(range) => range.trunc().to_string(),
        None => value.clone(),
    };
    let mut values: Vec<String> = condition.values.iter().map(plain).collect();
    values.sort();
    values.dedup();
    Condition { operator: condition.operator.to_ascii_lowercase(), key: condition.key.to_ascii_lowercase(), values }
}

/// Conditions in that form, sorted.
pub(crate) fn normal_all(conditions: &[Condition]) -> Vec<Condition> {
    let mut all: Vec<Condition> = conditions.iter().map(normal).collect();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(operator: &str, values: &[&str], known: &Known) -> Truth {
        let condition = Condition {
            operator: operator.to_owned(),
            key: "aws:K".to_owned(),
            values: values.iter().map(ToString::to_string).collect(),
        };
        holds(&condition, true, &|key| {
            assert_eq!(key, "aws:k");
            known.clone()
        })
    }

    fn is(text: &str) -> Known {
        Known::Values(vec![text.to_owned()])
    }

    fn none() -> Known {
        Known::Values(Vec::new())
    }

    fn with_owner(operator: &str, value: &str, variables: bool, tag: &str) -> Truth {
        let condition = Condition {
            operator: operator.to_owned(),
            key: "aws:PrincipalTag/owner".to_owned(),
            values: vec![value.to_owned()],
        };
        holds(&condition, variables, &|key| match key {
            "aws:principaltag/owner" => is(tag),
            "aws:username" => is("b*b"),
            "aws:mfa" => is("true"),
            "aws:hidden" => Known::Unknown,
            _ => Known::Absent,
        })
    }

    #[test]
    fn variables_are_read_in_string_and_arn_operators_of_the_newer_version_only() {
        for (operator, value, variables, tag, expected) in [
            ("StringEquals", "${aws:username}", true, "b*b", Truth::Yes),
            ("StringLike", "${aws:username}", true, "bob", Truth::No),
            ("StringLike", "x${aws:username}*", true, "xb*bz", Truth::Yes),
            ("StringEquals", "${aws:username}", false, "b*b", Truth::No),
            ("StringEquals", "${aws:username}", false, "${aws:username}", Truth::Yes),
            ("StringEquals", "${aws:nobody}", true, "${aws:nobody}", Truth::No),
            ("StringNotEquals", "${aws:nobody}", true, "x", Truth::Yes),
            ("StringEquals", "${aws:hidden}", true, "x", Truth::Unknown),
            ("StringEquals", "${aws:username", true, "x", Truth::No),
            ("StringEquals", "${aws:username", true, "${aws:username", Truth::Likely),
            ("StringEqualsIgnoreCase", "${aws:username}", true, "B*B", Truth::Yes),
            ("ArnLike", "arn:aws:iam::1:user/${aws:username}", true, "arn:aws:iam::1:user/b*b", Truth::Yes),
            ("Bool", "${aws:mfa}", true, "true", Truth::Likely),
            ("NumericEquals", "${aws:username}", true, "1", Truth::No),
        ] {
            assert_eq!(with_owner(operator, value, variables, tag), expected, "{operator} {value} {tag}");
        }
    }

    #[test]
    fn several_values_without_a_set_operator_are_left_open() {
        let paths = |operator: &str, values: &[&str]| {
            let condition = Condition {
                operator: operator.to_owned(),
                key: "aws:PrincipalOrgPaths".to_owned(),
                values: vec!["o-a/*".to_owned()],
            };
            let values = values.iter().map(ToString::to_string).collect();
            let mut doubts = Vec::new();
            let truth = holds_noting(&condition, true, &|_| Known::Values(Vec::clone(&values)), &mut doubts);
            assert_eq!(truth.is_open(), doubts.len() == 1, "{doubts:?}");
            truth
        };
        assert_eq!(paths("StringLike", &["o-a/r-1/"]), Truth::Likely);
        assert_eq!(paths("StringLike", &["o-b/r-1/"]), Truth::Unlikely);
        assert_eq!(paths("StringNotLike", &["o-b/r-1/"]), Truth::Likely);
        assert_eq!(paths("StringLike", &["o-a/r-1/", "o-b/"]), Truth::Unlikely);
        assert_eq!(paths("ForAnyValue:StringLike", &["o-a/r-1/", "o-b/"]), Truth::Yes);
    }

    #[test]
    fn an_empty_text_among_several_values_is_left_open_where_it_matters() {
        let keys = |operator: &str, value: &str, values: &[&str]| {
            let key = "aws:TagKeys".to_owned();
            let condition = Condition { operator: operator.to_owned(), key, values: vec![value.to_owned()] };
            let values = values.iter().map(ToString::to_string).collect();
            let mut doubts = Vec::new();
            let truth = holds_noting(&condition, true, &|_| Known::Values(Vec::clone(&values)), &mut doubts);
            assert_eq!(truth.is_open(), doubts.len() == 1, "{operator} {values:?}: {doubts:?}");
            truth
        };
        for (operator, value, values, expected) in [
            ("ForAllValues:StringEquals", "a", &["a", ""][..], Truth::Unlikely),
            ("ForAllValues:StringEquals", "a", &["b", ""], Truth::No),
            ("ForAllValues:StringLike", "*", &["b", ""], Truth::Yes),
            ("ForAllValues:StringNotEquals", "", &["b", ""], Truth::Unlikely),
            ("ForAnyValue:StringEquals", "a", &["a", ""], Truth::Yes),
            ("ForAnyValue:StringEquals", "", &["a", ""], Truth::Likely),
            ("Null", "true", &[""], Truth::Unlikely),
            ("Null", "false", &[""], Truth::Likely),
            ("Null", "false", &["a", ""], Truth::Yes),
        ] {
            assert_eq!(keys(operator, value, values), expected, "{operator} {value} {values:?}");
        }
    }

    #[test]
    fn a_variable_of_an_empty_value_is_left_open_where_it_matters() {
        let team = |operator: &str, value: &str, actual: &str| {
            let key = "ecr:ResourceTag/team".to_owned();
            let condition = Condition { operator: operator.to_owned(), key, values: vec![value.to_owned()] };
            let mut doubts = Vec::new();
            let lookup = |key: &str| if key == "ecr:resourcetag/team" { is(actual) } else { is("") };
            let truth = holds_noting(&condition, true, &lookup, &mut doubts);
            assert_eq!(truth.is_open(), doubts.len() == 1, "{operator} {value}: {doubts:?}");
            truth
        };
        let tag = "${aws:PrincipalTag/team}";
        for (operator, value, actual, expected) in [
            ("StringEquals", tag, "", Truth::Likely),
            ("StringEquals", tag, "a", Truth::No),
            ("StringNotEquals", tag, "", Truth::Unlikely),
            ("StringNotEquals", tag, "a", Truth::Yes),
            ("StringLike", "x${aws:PrincipalTag/team}*", "xy", Truth::Likely),
            ("StringEquals", "${aws:PrincipalTag/team, 'b'}", "b", Truth::Unlikely),
            ("StringEquals", "${aws:PrincipalTag/team, 'b'}", "c", Truth::No),
        ] {
            assert_eq!(team(operator, value, actual), expected, "{operator} {value} {actual}");
        }
    }

    #[test]
    fn the_operators_that_are_offered_are_those_that_are_evaluated() {
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let offered = crate::ecr::condition::all_operators().iter().map(|o| o.name.clone()).collect();
        assert_eq!(sorted(offered), sorted(OPERATORS.iter().map(|o| o.0.to_owned()).collect()));
    }

    #[test]
    fn equal_ranges_of_addresses_are_the_same_condition() {
        let of = |operator: &str, value: &str| {
            let values = vec![value.to_owned()];
            normal(&Condition { operator: operator.to_owned(), key: "aws:SourceIp".to_owned(), values })
        };
        for (one, other) in [
            ("203.0.113.77/24", "203.0.113.0/24"),
            ("203.0.113.7", "203.0.113.7/32"),
            ("2001:DB8::5/32", "2001:db8::/32"),
            ("10.1.2.3/0", "0.0.0.0/0"),
        ] {
            assert_eq!(of("NotIpAddress", one), of("notipaddress", other));
            assert_ne!(of("StringEquals", one), of("StringEquals", other));
        }
        assert_ne!(of("IpAddress", "203.0.113.0/24"), of("IpAddress", "203.0.113.0/25"));
    }

    #[test]
    fn operators_hold_as_documented() {
        let cases = [
            ("StringEquals", "a", is("a"), Truth::Yes),
            ("stringequals", "a", is("A"), Truth::No),
            ("StringEqualsIgnoreCase", "a", is("A"), Truth::Yes),
            ("StringNotEquals", "a", is("b"), Truth::Yes),
            ("StringNotEquals", "a", Known::Absent, Truth::Yes),
            ("StringEquals", "a", Known::Absent, Truth::No),
            ("StringEqualsIfExists", "a", Known::Absent, Truth::Yes),
            ("ForAllValues:StringEquals", "a", Known::Absent, Truth::Yes),
            ("ForAnyValue:StringEquals", "a", Known::Absent, Truth::No),
            ("StringLike", "o-*", is("o-x"), Truth::Yes),
            ("StringNotLike", "o-?", is("o-xy"), Truth::Yes),
            ("ArnLike", "arn:aws:iam::*:role/ci*", is("arn:aws:iam::1:role/ci/x"), Truth::Yes),
            ("ArnLike", "arn:*:role/ci", is("arn:aws:iam::1:role/ci"), Truth::No),
            ("NotIpAddress", "203.0.113.0/24", is("203.0.113.9"), Truth::No),
            ("NotIpAddress", "203.0.113.0/24", is("2001:db8::1"), Truth::Yes),
            ("IpAddress", "2001:db8::/32", is("2001:DB8::1"), Truth::Yes),
            ("IpAddress", "0.0.0.0/0", is("8.8.8.8"), Truth::Yes),
            ("Bool", "false", is("FALSE"), Truth::Yes),
            ("NumericLessThan", "5", is("4.5"), Truth::Yes),
            ("Null", "true", Known::Absent, Truth::Yes),
            ("Null", "false", Known::Absent, Truth::No),
            ("StringEquals", "a", Known::Unknown, Truth::Unknown),
            ("DateLessThan", "2030-01-01", is("2026-01-01"), Truth::Yes),
            ("ForAllValues:StringEquals", "a", is(""), Truth::Likely),
            ("ForAllValues:StringEquals", "", is(""), Truth::Yes),
            ("ForAllValues:StringLike", "*", is(""), Truth::Yes),
            ("ForAnyValue:StringEquals", "a", is(""), Truth::No),
            ("ForAnyValue:StringLike", "*", is(""), Truth::Likely),
            ("Null", "true", is(""), Truth::No),
            ("ForAnyValue:StringEquals", "a", none(), Truth::No),
            ("ForAnyValue:StringEqualsIfExists", "a", none(), Truth::No),
            ("ForAnyValue:StringEqualsIfExists", "a", Known::Absent, Truth::Yes),
            ("ForAllValues:StringNotEquals", "a", none(), Truth::Yes),
            ("ArnLike", "nra:aws:iam::1:role/ci", is("arn:aws:iam::1:role/ci"), Truth::No),
            ("ArnEquals", "arn:aws:iam::*:role/*", is("arn:aws:iam::1:role/ci"), Truth::Yes),
            ("NotIpAddress", "203.0.113.0/33", is("203.0.113.7"), Truth::Likely),
            ("IpAddress", "203.0.113.0/33", is("203.0.113.7"), Truth::No),
            ("ArnLike", "*", is("arn:aws:iam::1:role/ci"), Truth::Likely),
            ("StringEquals", "a", none(), Truth::Unlikely),
            ("StringNotEquals", "a", none(), Truth::Likely),
            ("Null", "true", none(), Truth::Unlikely),
            ("ForAnyValue:Null", "true", Known::Absent, Truth::Likely),
            ("StringIs", "a", is("a"), Truth::Unknown),
        ];
        for (operator, value, known, expected) in cases {
            assert_eq!(truth(operator, &[value], &known), expected, "{operator} {value} {known:?}");
        }
        assert_eq!(truth("StringNotEquals", &["a", "b"], &is("b")), Truth::No, "negated operators join values by NOR");
    }
}
