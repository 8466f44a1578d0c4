//! The typed model of a policy. It keeps the span of everything and the text as written.

use super::principal::{Principal, PrincipalKind};
use crate::ecr::service::{LAMBDA, LAMBDAS_SID};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Arn};
use crate::syntax::{Node, Span, Spanned, Value};

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `Version`, where present.
    pub version: Option<Spanned<String>>,
    /// `Id`, where present.
    pub id: Option<Spanned<String>>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// Tells whether `Statement` is a list, not a single object.
    pub statement_is_list: bool,
    /// The whole object.
    pub span: Span,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The whole object.
    pub span: Span,
    /// `Sid`, where present.
    pub sid: Option<Spanned<String>>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`.
    pub principals: Principals,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// Every operator and key of `Condition`, in order.
    pub conditions: Vec<Condition>,
    /// `Resource` or `NotResource`: a registry policy needs one, and ECR refuses a repository policy with one.
    pub resource: Option<Resource>,
    /// Tells whether `${...}` in condition values is a variable, as the `Version` of its document has it.
    pub has_variables: bool,
    /// The document that it stands in.
    pub origin: Origin,
}

/// The repositories that a statement of a registry policy is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Tells whether the element is `NotResource`.
    pub negated: bool,
    /// The patterns, such as `arn:aws:ecr:eu-west-2:222222222222:repository/*`, in document order.
    pub patterns: Vec<String>,
}

/// The document that a statement stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The repository's own policy.
    #[default]
    Repository,
    /// The registry's policy, with the statement's index there.
    Registry(usize),
}

/// The two effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Gives.
    Allow,
    /// Takes away, whatever else gives.
    Deny,
}

/// The principal element of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// Tells whether the element is `NotPrincipal`.
    pub negated: bool,
    /// The entries, in document order.
    pub entries: Vec<Principal>,
    /// The element's value.
    pub span: Span,
}

/// The action element of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// Tells whether the element is `NotAction`.
    pub negated: bool,
    /// The patterns, such as `ecr:BatchGet*`, in document order.
    pub patterns: Vec<Spanned<String>>,
}

/// One operator and key of a condition, with its values: all must hold, any value will do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Condition {
    /// The operator, such as `StringEquals`.
    pub operator: String,
    /// The key, such as `aws:PrincipalOrgID`.
    pub key: String,
    /// The values, as text.
    pub values: Vec<String>,
}

/// The `Version` from which on there are variables.
const WITH_VARIABLES: &str = "2012-10-17";

/// Tells whether `${...}` is a variable in the document of a tree.
pub(crate) fn has_variables(root: &Node) -> bool {
    root.get("Version").is_some_and(|member| member.value.as_str() == Some(WITH_VARIABLES))
}

/// Tells whether AWS Lambda keeps a statement by itself, for functions of the owner's account: by its Sid, its only
/// principal, and a condition that names functions of that account, or of any one account where the owner is not known.
pub fn is_lambdas_own(statement: &Statement, owner: Option<&AccountId>) -> bool {
    let is_lambda = |p: &Principal| matches!(&p.kind, PrincipalKind::Service(name) if name == LAMBDA);
    let is_own = |value: &String| {
        let function = Arn::parse(value).filter(|arn| arn.service == "lambda");
        function.and_then(|arn| arn.account_id()).is_some_and(|id| owner.is_none_or(|owner| *owner == id))
    };
    let names_own = |condition: &Condition| {
        condition.key.eq_ignore_ascii_case("aws:SourceArn")
            && !condition.values.is_empty()
            && condition.values.iter().all(is_own)
    };
    let Statement { sid, effect, principals, conditions, .. } = statement;
    *effect == Effect::Allow
        && sid.as_ref().is_some_and(|sid| sid.value == LAMBDAS_SID)
        && !principals.negated
        && !principals.entries.is_empty()
        && principals.entries.iter().all(is_lambda)
        && conditions.iter().any(names_own)
}

impl Policy {
    /// Returns a policy without any statement.
    pub fn empty() -> Self {
        let span = Span::default();
        let version = Some(Spanned { span, value: WITH_VARIABLES.to_owned() });
        Self { version, id: None, statements: Vec::new(), statement_is_list: true, span }
    }

    /// A policy of those statements of a tree that can be understood.
    pub(crate) fn of_statements(root: &Node, statements: Vec<Statement>) -> Self {
        let is_list = root.get("Statement").is_some_and(|m| matches!(m.value.value, Value::Array(_)));
        Self {
            version: read_spanned(root, "Version"),
            id: read_spanned(root, "Id"),
            statements,
            statement_is_list: is_list,
            span: root.span,
        }
    }

    /// Tells whether `${...}` in condition values is a variable. Source: IAM user guide, policy elements: variables.
    pub fn has_variables(&self) -> bool {
        self.version.as_ref().is_some_and(|v| v.value == WITH_VARIABLES)
    }
}

impl Statement {
    /// The model of one statement, where it can be understood. `has_variables` as the document's `Version` has it.
    pub(crate) fn from_tree(node: &Node, has_variables: bool) -> Option<Self> {
        let effect = match node.get("Effect")?.value.as_str()? {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ => return None,
        };
        Some(Self {
            span: node.span,
            sid: read_spanned(node, "Sid"),
            effect,
            principals: read_principals(node)?,
            actions: read_actions(node)?,
            conditions: read_conditions(node)?,
            resource: read_resource(node),
            has_variables,
            origin: Origin::Repository,
        })
    }

    /// Names a statement for people by its place and Sid, and by its document where that is not the repository's policy:
    /// `statement 2 (Fence)`, `statement 1 (Ban) of the registry policy`. `index` is its place in the policy at hand.
    pub fn display_name(&self, index: usize) -> String {
        let sid = self.sid.as_ref().map(|sid| sid.value.as_str());
        match self.origin {
            Origin::Repository => statement_words(index, sid),
            Origin::Registry(at) => format!("{} of the registry policy", statement_words(at, sid)),
        }
    }

    /// Tells whether it is one of ours: its Sid begins with `EcrGrant`.
    pub fn is_ours(&self) -> bool {
        self.sid.as_ref().is_some_and(|s| s.value.starts_with("EcrGrant"))
    }
}

/// Names a statement by its number from 1, and its Sid where it has one.
pub(crate) fn statement_words(index: usize, sid: Option<&str>) -> String {
    match sid.filter(|sid| !sid.is_empty()) {
        Some(sid) => format!("statement {} ({})", index + 1, make_visible(sid)),
        None => format!("statement {}", index + 1),
    }
}

fn read_spanned(node: &Node, name: &str) -> Option<Spanned<String>> {
    let value = &node.get(name)?.value;
    Some(Spanned { span: value.span, value: value.as_str()?.to_owned() })
}

fn read_principals(node: &Node) -> Option<Principals> {
    let (negated, value) = match (node.get("Principal"), node.get("NotPrincipal")) {
        (Some(m), None) => (false, &m.value),
        (None, Some(m)) => (true, &m.value),
        _ => return None,
    };
    let mut entries = Vec::new();
    if value.as_str() == Some("*") {
        entries.push(Principal { span: value.span, kind: PrincipalKind::Everyone, text: "*".to_owned() });
    } else {
        let Value::Object(types) = &value.value else { return None };
        for member in types {
            for entry in member.value.one_or_many() {
                let text = entry.as_str()?.to_owned();
                let kind = PrincipalKind::classify(&member.key.text, &text)?;
                entries.push(Principal { span: entry.span, kind, text });
            }
        }
    }
    Some(Principals { negated, entries, span: value.span })
}

fn read_resource(node: &Node) -> Option<Resource> {
    let given = |name: &str, negated| {
        let member = node.get(name)?;
        let texts = member.value.one_or_many().iter().filter_map(Node::as_str).map(str::to_owned);
        Some(Resource { negated, patterns: texts.collect() })
    };
    given("Resource", false).or_else(|| given("NotResource", true))
}

fn read_actions(node: &Node) -> Option<Actions> {
    let (negated, value) = match (node.get("Action"), node.get("NotAction")) {
        (Some(m), None) => (false, &m.value),
        (None, Some(m)) => (true, &m.value),
        _ => return None,
    };
    let pattern = |n: &Node| Some(Spanned { span: n.span, value: n.as_str()?.to_owned() });
    Some(Actions { negated, patterns: value.one_or_many().iter().map(pattern).collect::<Option<_>>()? })
}

fn read_conditions(node: &Node) -> Option<Vec<Condition>> {
    let mut conditions = Vec::new();
    let Some(block) = node.get("Condition") else { return Some(conditions) };
    let Value::Object(operators) = &block.value.value else { return None };
    for operator in operators {
        let Value::Object(keys) = &operator.value.value else { return None };
        for key in keys {
            let values: Option<Vec<String>> = key.value.one_or_many().iter().map(read_scalar).collect();
            conditions.push(Condition {
                operator: operator.key.text.clone(),
                key: key.key.text.clone(),
                values: values?,
            });
        }
    }
    Some(conditions)
}

/// A condition value as text: quotes around numbers and booleans do not count.
fn read_scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_own_statement_is_one_that_names_functions_of_the_owner() {
        let own = r#"{"Statement": [{"Sid": "LambdaECRImageRetrievalPolicy", "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "ecr:BatchGetImage",
            "Condition": {"StringLike": {"aws:sourceArn": "arn:aws:lambda:eu-west-2:222222222222:function:*"}}}]}"#;
        let id = |text: &str| AccountId::parse(text).unwrap();
        let is_own = |text: &str, owner: Option<&str>| {
            is_lambdas_own(&Policy::read(text).unwrap().statements[0], owner.map(id).as_ref())
        };
        assert!(is_own(own, None) && is_own(own, Some("222222222222")) && !is_own(own, Some("111111111111")));
        for (part, other) in [
            ("\"LambdaECRImageRetrievalPolicy\"", "\"Mine\""),
            ("\"Allow\"", "\"Deny\""),
            ("\"Service\": \"lambda.amazonaws.com\"", "\"AWS\": \"*\""),
            ("lambda.amazonaws.com\"", "codebuild.amazonaws.com\""),
            ("aws:sourceArn", "aws:PrincipalArn"),
            (":222222222222:", ":*:"),
            (":lambda:", ":codebuild:"),
        ] {
            assert!(own.contains(part) && !is_own(&own.replace(part, other), None), "{part}");
        }
    }

    const POLICY: &str = r#"{
  "Version": "2012-10-17", "Id": "x",
  "Statement": {
    "Sid": "Pull", "Effect": "Deny",
    "NotPrincipal": {"AWS": ["111111111111", "arn:aws:iam::333333333333:role/ci"], "Service": "lambda.amazonaws.com"},
    "NotAction": "ecr:*",
    "Condition": {"Bool": {"aws:SecureTransport": false}, "NumericEquals": {"aws:x": [1, "2"]}}
  }
}"#;

    #[test]
    fn keeps_order_spans_and_the_text_as_written() {
        let policy = Policy::read(POLICY).unwrap();
        assert!(!policy.statement_is_list && policy.has_variables());
        let statement = &policy.statements[0];
        assert_eq!(statement.effect, Effect::Deny);
        assert!(statement.principals.negated && statement.actions.negated && statement.resource.is_none());
        let texts: Vec<_> = statement.principals.entries.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(texts, ["111111111111", "arn:aws:iam::333333333333:role/ci", "lambda.amazonaws.com"]);
        assert_eq!(statement.principals.entries[0].span.text_in(POLICY), "\"111111111111\"");
        assert_eq!(statement.conditions[0].values, ["false"]);
        assert_eq!(statement.conditions[1].values, ["1", "2"]);
        assert_eq!(policy.id.unwrap().value, "x");
    }

    #[test]
    fn what_cannot_be_understood_is_not_read() {
        use super::super::ReadProblemKind::{DuplicateKey, InvalidEffect, NoStatement, NotJson, WrongType};
        let kinds = |text: &str| -> Vec<_> { Policy::read(text).unwrap_err().iter().map(|p| p.kind).collect() };
        assert_eq!(kinds("{\"Statement\": [}"), [NotJson, NoStatement]);
        assert_eq!(kinds(&POLICY.replace("\"Deny\"", "\"deny\"")), [InvalidEffect]);
        assert_eq!(kinds(&POLICY.replace("\"Id\": \"x\"", "\"Version\": \"2008-10-17\"")), [DuplicateKey]);
        assert_eq!(kinds("[]"), [WrongType]);
    }

    #[test]
    fn a_malformed_principal_is_kept_as_such() {
        let policy = Policy::read(&POLICY.replace("role/ci", "role/*")).unwrap();
        assert!(matches!(policy.statements[0].principals.entries[1].kind, PrincipalKind::Malformed(_)));
    }
}
