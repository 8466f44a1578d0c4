//! Condition operators: which exist, and what is known of a condition before a request is made.

use std::net::IpAddr;

use super::document::Condition;

/// What an operator compares. Source: IAM user guide, condition operators.
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

/// How many of the request's values must match.
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

    /// Whether a request that lacks the key, or has another value, is turned away.
    pub fn restricts(self) -> bool {
        !self.negated && !self.if_exists && self.set != Some(SetPrefix::ForAllValues) && self.family != Family::Null
    }
}

/// What is known of a key of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known {
    Unknown,
    Absent,
    Values(Vec<String>),
}

/// Whether a condition holds, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Unknown,
}

impl Truth {
    pub(crate) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
        }
    }

    fn any(all: impl Iterator<Item = Self>) -> Self {
        let mut sum = Self::No;
        for one in all {
            match one {
                Self::Yes => return Self::Yes,
                Self::Unknown => sum = Self::Unknown,
                Self::No => {}
            }
        }
        sum
    }

    /// Whether all hold.
    pub(crate) fn all(all: impl Iterator<Item = Self>) -> Self {
        Self::any(all.map(Self::not)).not()
    }
}

/// Whether a condition holds for a request of which `lookup` tells the keys (asked in small letters). `variables`:
/// whether `${...}` in values is a variable; then the outcome counts as unknown.
pub(crate) fn holds(condition: &Condition, variables: bool, lookup: &dyn Fn(&str) -> Known) -> Truth {
    let Some(operator) = Operator::parse(&condition.operator) else { return Truth::Unknown };
    let known = lookup(&condition.key.to_ascii_lowercase());
    if operator.family == Family::Null {
        let absent = match known {
            Known::Unknown => return Truth::Unknown,
            Known::Absent => true,
            Known::Values(_) => false,
        };
        return Truth::any(condition.values.iter().map(|v| match v.to_ascii_lowercase().as_str() {
            "true" => Truth::of(absent),
            "false" => Truth::of(!absent),
            _ => Truth::Unknown,
        }));
    }
    let values = match known {
        Known::Unknown => return Truth::Unknown,
        Known::Absent if operator.if_exists => return Truth::Yes,
        Known::Absent => {
            return match operator.set {
                Some(SetPrefix::ForAllValues) => Truth::Yes,
                Some(SetPrefix::ForAnyValue) => Truth::No,
                None => Truth::of(operator.negated),
            };
        }
        Known::Values(values) => values,
    };
    let one = |actual: &String| {
        let matches = Truth::any(condition.values.iter().map(|wanted| {
            if variables && wanted.contains("${") { Truth::Unknown } else { matches(operator.family, wanted, actual) }
        }));
        if operator.negated { matches.not() } else { matches }
    };
    match operator.set {
        Some(SetPrefix::ForAllValues) => Truth::all(values.iter().map(one)),
        // A key with several values and no set operator: AWS does not say.
        None if values.len() != 1 => Truth::Unknown,
        Some(SetPrefix::ForAnyValue) | None => Truth::any(values.iter().map(one)),
    }
}

fn matches(family: Family, wanted: &str, actual: &str) -> Truth {
    match family {
        Family::Text | Family::Binary => Truth::of(wanted == actual),
        Family::TextIgnoreCase => Truth::of(wanted.to_lowercase() == actual.to_lowercase()),
        Family::TextLike => Truth::of(glob(wanted, actual)),
        Family::Bool => Truth::of(wanted.eq_ignore_ascii_case(actual)),
        Family::Arn => Truth::of(arn_glob(wanted, actual)),
        Family::Address => match (range(wanted), actual.parse::<IpAddr>()) {
            (Some((base, bits)), Ok(actual)) => Truth::of(in_range(base, bits, actual)),
            _ => Truth::Unknown,
        },
        Family::Number(order) => match (wanted.parse::<f64>(), actual.parse::<f64>()) {
            (Ok(wanted), Ok(actual)) => Truth::of(match order {
                Order::Equal => actual.total_cmp(&wanted).is_eq(),
                Order::Less => actual < wanted,
                Order::LessOrEqual => actual <= wanted,
                Order::Greater => actual > wanted,
                Order::GreaterOrEqual => actual >= wanted,
            }),
            _ => Truth::Unknown,
        },
        Family::Date(_) | Family::Null => Truth::Unknown,
    }
}

/// Whether a text fits a pattern in which `*` stands for any run and `?` for one character.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let wanted = pattern.get(p);
        if wanted == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if wanted == Some(&'?') || (wanted.is_some() && wanted == text.get(t)) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

/// ARN operators compare the six fields one by one; the last keeps its colons.
fn arn_glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<&str> = pattern.splitn(6, ':').collect();
    let text: Vec<&str> = text.splitn(6, ':').collect();
    pattern.len() == text.len() && pattern.iter().zip(&text).all(|(p, t)| glob(p, t))
}

/// An address or a range of addresses with the number of leading bits that count.
pub(crate) fn range(text: &str) -> Option<(IpAddr, u32)> {
    let (base, bits) = match text.split_once('/') {
        Some((base, bits)) => (base.parse::<IpAddr>().ok()?, Some(bits.parse::<u32>().ok()?)),
        None => (text.parse::<IpAddr>().ok()?, None),
    };
    let most = if base.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(most);
    (bits <= most).then_some((base, bits))
}

fn in_range(base: IpAddr, bits: u32, actual: IpAddr) -> bool {
    let number = |a: IpAddr| match a {
        IpAddr::V4(a) => u128::from(u32::from(a)) << 96,
        IpAddr::V6(a) => u128::from(a),
    };
    base.is_ipv4() == actual.is_ipv4() && (bits == 0 || (number(base) ^ number(actual)) >> (128 - bits) == 0)
}

/// A condition in the form in which equal ones compare equal: names in small letters, values sorted.
pub(crate) fn normal(condition: &Condition) -> Condition {
    let mut values = condition.values.clone();
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

    #[test]
    fn the_operators_that_are_offered_are_those_that_are_evaluated() {
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names
        };
        let offered = crate::ecr::condition::operators().iter().map(|o| o.name.clone()).collect();
        assert_eq!(sorted(offered), sorted(OPERATORS.iter().map(|o| o.0.to_owned()).collect()));
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
            ("StringEquals", "${aws:userid}", is("x"), Truth::Unknown),
            ("DateLessThan", "2030-01-01", is("2026-01-01"), Truth::Unknown),
            ("StringIs", "a", is("a"), Truth::Unknown),
        ];
        for (operator, value, known, expected) in cases {
            assert_eq!(truth(operator, &[value], &known), expected, "{operator} {value} {known:?}");
        }
        assert_eq!(truth("StringNotEquals", &["a", "b"], &is("b")), Truth::No, "negated operators join values by NOR");
    }
}
