//! The table of condition operators and keys, `assets/conditions.json`: what a policy's `Condition` may be written with.
//! Sources: the IAM user guide (condition operators, global condition keys) and the service authorization reference.

use std::sync::LazyLock;

/// The kinds of values that condition keys have and operators compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    /// Text; an ARN compares as text too.
    String,
    /// An ARN.
    Arn,
    /// An IPv4 or IPv6 address.
    Address,
    /// `true` or `false`.
    Bool,
    /// A moment, ISO 8601 or seconds since 1970.
    Date,
    /// A number.
    Number,
    /// Bytes as base64.
    Binary,
    /// Any key at all: whether it is there.
    Any,
}

/// One operator, without `IfExists` and without `ForAnyValue:` or `ForAllValues:`.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct OperatorInfo {
    /// The name as AWS writes it; letter case does not count.
    pub name: String,
    /// The kind of values that it compares.
    pub kind: ValueKind,
    /// The clause for when it holds, about the key's value, without a full stop.
    pub words: String,
}

impl OperatorInfo {
    /// Tells whether it can compare the values of such a key.
    pub fn can_compare(&self, key: &KeyInfo) -> bool {
        self.kind == ValueKind::Any
            || self.kind == key.kind
            || (self.kind == ValueKind::String && key.kind == ValueKind::Arn)
            || (self.kind == ValueKind::Number && key.kind == ValueKind::Date)
    }
}

/// The calls that hold a condition key at all. Source: IAM user guide, global condition keys, availability of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Callers {
    /// Calls of users, roles and accounts; never those that an AWS service makes by itself.
    Principals,
    /// Calls that an AWS service makes by itself.
    Services,
    /// Both.
    All,
}

/// The form that the values of a condition key have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// An account id, 12 digits.
    Account,
    /// `o-...`.
    Organization,
    /// `o-.../r-.../ou-.../`.
    Path,
    /// `vpc-...`.
    Vpc,
    /// `vpce-...`.
    Endpoint,
    /// The name of a Region.
    Region,
}

/// One condition key.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct KeyInfo {
    /// The name as AWS writes it; letter case does not count. One that ends in `/` wants the name of a tag behind it.
    pub name: String,
    /// The kind of its value.
    pub kind: ValueKind,
    /// Tells whether a request holds several values: then the operator wants `ForAnyValue:` or `ForAllValues:`.
    pub many: bool,
    /// The words for what it tells: one clause without a full stop.
    pub words: String,
    /// The requests that hold it at all, in one clause without a full stop.
    pub present: String,
    /// The calls that hold it.
    pub callers: Callers,
    /// The form of its values, where they have one.
    #[serde(default)]
    pub form: Option<Form>,
    /// The reason why a condition on it keeps nobody out, where that is so: one clause without a full stop.
    #[serde(default)]
    pub open: Option<String>,
}

impl KeyInfo {
    /// Tells whether it wants the name of a tag behind it.
    pub fn is_tag(&self) -> bool {
        self.name.ends_with('/')
    }
}

/// A key that AWS has given up.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct RetiredKey {
    /// Its name.
    pub name: String,
    /// The key that tells the same now.
    pub now: String,
}

/// All operators, those most used in repository policies first.
pub fn all_operators() -> &'static [OperatorInfo] {
    &TABLE.operators
}

/// All condition keys that a request to ECR can hold, or that every policy may name, those most used first.
pub fn all_keys() -> &'static [KeyInfo] {
    &TABLE.keys
}

/// The keys that AWS has given up.
pub fn retired_keys() -> &'static [RetiredKey] {
    &TABLE.retired
}

/// Tells whether a prefix, such as `s3`, is that of a service with condition keys of its own.
pub fn is_service(prefix: &str) -> bool {
    TABLE.services.iter().any(|s| s.eq_ignore_ascii_case(prefix))
}

/// Finds an operator by its written name: with `IfExists` or a set operator too; letter case does not count, as in IAM.
pub fn find_operator(name: &str) -> Option<&'static OperatorInfo> {
    let (_, base, _) = operator_parts(name);
    all_operators().iter().find(|o| o.name.eq_ignore_ascii_case(base))
}

/// Finds a key by its written name, the name of a tag behind it or not; letter case does not count, as in IAM.
pub fn find_key(name: &str) -> Option<&'static KeyInfo> {
    let cut = name.find('/').map_or(name.len(), |at| at + 1);
    let name = name.get(..cut).unwrap_or(name);
    all_keys().iter().find(|k| k.name.eq_ignore_ascii_case(name))
}

/// A written operator in its parts: `ForAnyValue:` or `ForAllValues:`, the operator, `IfExists`; empty where not written.
pub fn operator_parts(name: &str) -> (&str, &str, &str) {
    let cut = name.find(':').map_or(0, |at| at + 1);
    let (set, rest) = name.split_at_checked(cut).unwrap_or(("", name));
    let end = rest.len().saturating_sub("IfExists".len());
    match rest.split_at_checked(end) {
        Some((base, tail)) if !base.is_empty() && tail.eq_ignore_ascii_case("IfExists") => (set, base, tail),
        _ => (set, rest, ""),
    }
}

#[derive(serde::Deserialize)]
struct ConditionTable {
    operators: Vec<OperatorInfo>,
    keys: Vec<KeyInfo>,
    retired: Vec<RetiredKey>,
    services: Vec<String>,
}

static TABLE: LazyLock<ConditionTable> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../assets/conditions.json")).unwrap_or(ConditionTable {
        operators: Vec::new(),
        keys: Vec::new(),
        retired: Vec::new(),
        services: Vec::new(),
    })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(all_operators().len(), 27);
        assert_eq!(all_keys().len(), 60);
        assert_eq!((retired_keys().len(), TABLE.services.len()), (2, 168));
        for words in
            all_operators().iter().map(|o| &o.words).chain(all_keys().iter().flat_map(|k| [&k.words, &k.present]))
        {
            assert!(!words.is_empty() && !words.ends_with('.') || words.ends_with("..."), "{words}");
        }
        let mut names: Vec<String> = all_operators()
            .iter()
            .map(|o| &o.name)
            .chain(all_keys().iter().map(|k| &k.name))
            .map(|n| n.to_lowercase())
            .collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 87, "no name is there twice");
        for key in all_keys() {
            let prefix = key.name.split(':').next().unwrap();
            assert!(["aws", "ecr"].contains(&prefix) || is_service(prefix), "{}", key.name);
            assert!(key.open.as_ref().is_none_or(|o| !o.is_empty() && !o.ends_with('.')), "{}", key.name);
        }
        for key in retired_keys() {
            assert!(find_key(&key.name).is_none() && find_key(&key.now).is_some(), "{}", key.name);
        }
    }

    #[test]
    fn every_key_has_an_operator_that_fits() {
        for key in all_keys() {
            assert!(all_operators().iter().any(|o| o.kind != ValueKind::Any && o.can_compare(key)), "{}", key.name);
        }
    }

    #[test]
    fn finds_names_as_iam_does() {
        assert_eq!(find_operator("ForAnyValue:stringlikeifexists").map(|o| o.name.as_str()), Some("StringLike"));
        assert_eq!(operator_parts("ForAnyValue:StringLikeIfExists"), ("ForAnyValue:", "StringLike", "IfExists"));
        assert_eq!(operator_parts("Bool"), ("", "Bool", ""));
        assert!(find_operator("StringIs").is_none());
        assert!(find_operator("").is_none());
        assert_eq!(find_key("AWS:principalorgid").map(|k| k.kind), Some(ValueKind::String));
        assert_eq!(find_key("aws:PrincipalTag/team").map(|k| k.name.as_str()), Some("aws:PrincipalTag/"));
        assert!(find_key("aws:PrincipalOrg").is_none() && find_key("aws:SourceIp/x").is_none());
        assert!(is_service("S3") && !is_service("aws") && !is_service("ecr"));
    }
}
