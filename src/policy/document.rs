//! The typed model of a policy. It keeps the span of everything and the text as written.

use super::lint::{self, Finding};
use super::principal::{Principal, PrincipalKind};
use super::syntax::{Node, Span, Spanned, Value};

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `Version`, where present.
    pub version: Option<Spanned<String>>,
    /// `Id`, where present.
    pub id: Option<Spanned<String>>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// Whether `Statement` is a list, not a single object.
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
    /// Whether `Resource` or `NotResource` is present, which ECR refuses.
    pub has_resource: bool,
}

/// The two effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Gives.
    Allow,
    /// Takes away, whatever else gives.
    Deny,
}

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// Whether the element is `NotPrincipal`.
    pub negated: bool,
    /// The entries, in document order.
    pub entries: Vec<Principal>,
    /// The element's value.
    pub span: Span,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actions {
    /// Whether the element is `NotAction`.
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

impl Policy {
    /// Reads a policy. `Err` holds the findings that stop reading it: those after which the model would not say what
    /// the text says. Mistakes inside a readable statement, such as a malformed principal, do not stop it.
    pub fn read(text: &str) -> Result<Self, Vec<Finding>> {
        lint::readable(text)
    }

    /// A policy of those statements of a tree that can be understood.
    pub(super) fn of_statements(root: &Node, statements: Vec<Statement>) -> Self {
        let is_list = root.get("Statement").is_some_and(|m| matches!(m.value.value, Value::Array(_)));
        Self {
            version: spanned(root, "Version"),
            id: spanned(root, "Id"),
            statements,
            statement_is_list: is_list,
            span: root.span,
        }
    }

    /// Whether `${...}` in condition values is a variable. Source: IAM user guide, policy elements: variables.
    pub fn has_variables(&self) -> bool {
        self.version.as_ref().is_some_and(|v| v.value == "2012-10-17")
    }
}

impl Statement {
    /// The model of one statement, where it can be understood.
    pub(super) fn from_tree(node: &Node) -> Option<Self> {
        let effect = match node.get("Effect")?.value.as_str()? {
            "Allow" => Effect::Allow,
            "Deny" => Effect::Deny,
            _ => return None,
        };
        Some(Self {
            span: node.span,
            sid: spanned(node, "Sid"),
            effect,
            principals: principals(node)?,
            actions: actions(node)?,
            conditions: conditions(node)?,
            has_resource: node.get("Resource").or_else(|| node.get("NotResource")).is_some(),
        })
    }

    /// Whether it is one of ours: its Sid begins with `EcrGrant`.
    pub fn is_ours(&self) -> bool {
        self.sid.as_ref().is_some_and(|s| s.value.starts_with("EcrGrant"))
    }
}

fn spanned(node: &Node, name: &str) -> Option<Spanned<String>> {
    let value = &node.get(name)?.value;
    Some(Spanned { span: value.span, value: value.as_str()?.to_owned() })
}

fn principals(node: &Node) -> Option<Principals> {
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

fn actions(node: &Node) -> Option<Actions> {
    let (negated, value) = match (node.get("Action"), node.get("NotAction")) {
        (Some(m), None) => (false, &m.value),
        (None, Some(m)) => (true, &m.value),
        _ => return None,
    };
    let pattern = |n: &Node| Some(Spanned { span: n.span, value: n.as_str()?.to_owned() });
    Some(Actions { negated, patterns: value.one_or_many().iter().map(pattern).collect::<Option<_>>()? })
}

fn conditions(node: &Node) -> Option<Vec<Condition>> {
    let mut conditions = Vec::new();
    let Some(block) = node.get("Condition") else { return Some(conditions) };
    let Value::Object(operators) = &block.value.value else { return None };
    for operator in operators {
        let Value::Object(keys) = &operator.value.value else { return None };
        for key in keys {
            let values: Option<Vec<String>> = key.value.one_or_many().iter().map(scalar).collect();
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
fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(statement.principals.negated && statement.actions.negated && !statement.has_resource);
        let texts: Vec<_> = statement.principals.entries.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(texts, ["111111111111", "arn:aws:iam::333333333333:role/ci", "lambda.amazonaws.com"]);
        assert_eq!(statement.principals.entries[0].span.of(POLICY), "\"111111111111\"");
        assert_eq!(statement.conditions[0].values, ["false"]);
        assert_eq!(statement.conditions[1].values, ["1", "2"]);
        assert_eq!(policy.id.unwrap().value, "x");
    }

    #[test]
    fn what_cannot_be_understood_is_not_read() {
        let ids = |text: &str| -> Vec<_> { Policy::read(text).unwrap_err().iter().map(|f| f.id).collect() };
        assert_eq!(ids("{\"Statement\": [}"), ["E001"]);
        assert_eq!(ids(&POLICY.replace("\"Deny\"", "\"deny\"")), ["E006"]);
        assert_eq!(ids(&POLICY.replace("\"Id\": \"x\"", "\"Version\": \"2008-10-17\"")), ["E002"]);
        assert_eq!(ids("[]"), ["E004"]);
    }

    #[test]
    fn a_malformed_principal_is_kept_as_such() {
        let policy = Policy::read(&POLICY.replace("role/ci", "role/*")).unwrap();
        assert!(matches!(policy.statements[0].principals.entries[1].kind, PrincipalKind::Malformed(_)));
    }
}
