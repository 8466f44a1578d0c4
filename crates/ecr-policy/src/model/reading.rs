//! Reads a policy from the tree of its text, and finds what stops that.
//!
//! A text is unreadable where its model would say something other than the text. Mistakes inside a readable statement,
//! such as a malformed principal, stop nothing: the model keeps them as they are.

use std::collections::HashSet;
use std::fmt;

use super::document::{Policy, Statement, has_variables};
use super::principal::PrincipalKind;
use crate::ecr::text::make_visible;
use crate::syntax::{Key, Member, Node, Parsed, Span, SyntaxError, Value, parse};

/// The elements of a policy.
pub(crate) const DOCUMENT_ELEMENTS: &[&str] = &["Version", "Id", "Statement"];

/// The elements of a statement.
pub(crate) const STATEMENT_ELEMENTS: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition", "Resource", "NotResource"];

/// The pairs of elements of which a statement has one at most.
const CONTRARIES: [(&str, &str); 3] =
    [("Action", "NotAction"), ("Principal", "NotPrincipal"), ("Resource", "NotResource")];

/// One reason why a text cannot be read as a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadProblem {
    /// The kind of the reason.
    pub kind: ReadProblemKind,
    /// The range in the text.
    pub span: Span,
    /// Says what is wrong, in one clause.
    pub message: String,
}

impl fmt::Display for ReadProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The kinds of reasons why a text cannot be read as a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ReadProblemKind {
    /// The text is not JSON.
    NotJson,
    /// A key is there twice.
    DuplicateKey,
    /// An element does not exist in the policy language.
    UnknownElement,
    /// A value has the wrong JSON type.
    WrongType,
    /// The policy has no statement.
    NoStatement,
    /// An effect is missing, or neither Allow nor Deny.
    InvalidEffect,
    /// A statement has no actions.
    NoAction,
    /// A statement has no principal.
    NoPrincipal,
    /// An element stands together with its contrary.
    ContraryElements,
    /// A principal is neither `*` nor an object.
    PrincipalForm,
    /// A type of principal does not exist.
    PrincipalType,
}

/// A problem at its place in the tree, from which a fix can be made.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Flaw<'t> {
    /// The text breaks RFC 8259.
    Syntax(&'t SyntaxError),
    /// The key was there before.
    DuplicateKey(&'t Key),
    /// The member of the object has no name of an element.
    UnknownElement(&'t Node, &'t Member),
    /// The value is not what belongs there.
    WrongType(&'t Node, Expected<'t>),
    /// The policy has no `Statement`.
    NoStatement(&'t Node),
    /// The list of statements is empty.
    NoneListed(&'t Node),
    /// The statement has no `Effect`.
    NoEffect(&'t Node),
    /// The text is no effect.
    UnknownEffect(&'t Node, &'t str),
    /// The statement has neither `Action` nor `NotAction`.
    NoAction(&'t Node),
    /// The statement has neither `Principal` nor `NotPrincipal`.
    NoPrincipal(&'t Node),
    /// The member stands beside the element of that name.
    Contrary(&'t Member, &'static str),
    /// The value of the principal element is neither `*` nor an object.
    PrincipalForm(&'t Member),
    /// The second member, inside the principal element, has no name of a type.
    PrincipalType(&'t Member, &'t Member),
}

/// The value that belongs where another one stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Expected<'t> {
    /// An object: the policy.
    Policy,
    /// A list of objects, or one of them.
    Statements,
    /// An object: one statement.
    Statement,
    /// A string, under an element of that name.
    Text(&'static str),
    /// A string or a list of strings, under an element of that name.
    Texts(&'static str),
    /// A string or a list of strings, under a type of principal of that name.
    Principals(&'t str),
    /// An object of operators.
    Operators,
    /// An object of keys, under an operator of that name.
    Keys(&'t str),
    /// A string, a number or a boolean.
    ConditionValue,
}

impl Flaw<'_> {
    /// Returns its kind.
    pub fn kind(&self) -> ReadProblemKind {
        match self {
            Self::Syntax(_) => ReadProblemKind::NotJson,
            Self::DuplicateKey(_) => ReadProblemKind::DuplicateKey,
            Self::UnknownElement(..) => ReadProblemKind::UnknownElement,
            Self::WrongType(..) => ReadProblemKind::WrongType,
            Self::NoStatement(_) | Self::NoneListed(_) => ReadProblemKind::NoStatement,
            Self::NoEffect(_) | Self::UnknownEffect(..) => ReadProblemKind::InvalidEffect,
            Self::NoAction(_) => ReadProblemKind::NoAction,
            Self::NoPrincipal(_) => ReadProblemKind::NoPrincipal,
            Self::Contrary(..) => ReadProblemKind::ContraryElements,
            Self::PrincipalForm(_) => ReadProblemKind::PrincipalForm,
            Self::PrincipalType(..) => ReadProblemKind::PrincipalType,
        }
    }

    /// Returns its range in the text: of something that is missing, the bracket that opens the object without it.
    pub fn span(&self) -> Span {
        match self {
            Self::Syntax(error) => error.span,
            Self::DuplicateKey(key) => key.span,
            Self::NoStatement(node) | Self::NoEffect(node) | Self::NoAction(node) | Self::NoPrincipal(node) => {
                node.opening_bracket()
            }
            Self::WrongType(node, _) | Self::NoneListed(node) | Self::UnknownEffect(node, _) => node.span,
            Self::UnknownElement(_, member) | Self::Contrary(member, _) | Self::PrincipalType(_, member) => {
                member.key.span
            }
            Self::PrincipalForm(member) => member.value.span,
        }
    }

    /// Says what is wrong, in one clause.
    pub fn message(&self) -> String {
        match self {
            Self::Syntax(error) => error.message.clone(),
            Self::DuplicateKey(key) => format!("`{}` is there twice", make_visible(&key.text)),
            Self::UnknownElement(_, member) => {
                format!("`{}` is no element of a policy", make_visible(&member.key.text))
            }
            Self::WrongType(node, expected) => expected.wrong_words(node),
            Self::NoStatement(_) => "the policy has no `Statement`".to_owned(),
            Self::NoneListed(_) => "the list of statements is empty".to_owned(),
            Self::NoEffect(_) => "the statement has no `Effect`".to_owned(),
            Self::UnknownEffect(_, effect) => format!("`{}` is neither Allow nor Deny", make_visible(effect)),
            Self::NoAction(_) => "the statement has no `Action`".to_owned(),
            Self::NoPrincipal(_) => "the statement has no `Principal`: it looks like an identity policy".to_owned(),
            Self::Contrary(member, name) => format!("`{name}` and `{}` in one statement", member.key.text),
            Self::PrincipalForm(member) => format!("`{}` is neither \"*\" nor an object", member.key.text),
            Self::PrincipalType(_, kind) => format!("`{}` is no type of principal", make_visible(&kind.key.text)),
        }
    }

    fn as_problem(&self) -> ReadProblem {
        ReadProblem { kind: self.kind(), span: self.span(), message: self.message() }
    }
}

impl Expected<'_> {
    fn wrong_words(self, node: &Node) -> String {
        let kind = node.kind_words();
        let texts = |name: &str| format!("`{name}` is a string or a list of strings, this is {kind}");
        match self {
            Self::Policy => format!("a policy is an object, this is {kind}"),
            Self::Statements => format!("`Statement` is a list of objects, this is {kind}"),
            Self::Statement => format!("a statement is an object, this is {kind}"),
            Self::Text(name) => format!("`{name}` is a string, this is {kind}"),
            Self::Texts(name) => texts(name),
            Self::Principals(name) => texts(&make_visible(name)),
            Self::Operators => format!("`Condition` is an object, this is {kind}"),
            Self::Keys(operator) => {
                format!("`{}` holds condition keys with their values, this is {kind}", make_visible(operator))
            }
            Self::ConditionValue => format!("a condition value is a string, this is {kind}"),
        }
    }
}

impl Policy {
    /// Reads a policy. `Err` holds the problems, in the order of the text, and never none of them.
    pub fn read(text: &str) -> Result<Self, Vec<ReadProblem>> {
        Self::read_tree(&parse(text))
    }

    /// Reads a policy as [`Policy::read`] does, from the tree of its text.
    pub fn read_tree(parsed: &Parsed) -> Result<Self, Vec<ReadProblem>> {
        let flaws = find_flaws(parsed.root.as_ref());
        let all = parsed.errors.iter().map(Flaw::Syntax).chain(flaws);
        let mut problems: Vec<ReadProblem> = all.map(|flaw| flaw.as_problem()).collect();
        problems.sort_by_key(|problem| (problem.span, problem.kind));
        let root = parsed.root.as_ref().filter(|_| problems.is_empty());
        root.and_then(Self::whole_policy).ok_or(problems)
    }

    /// Returns the policy of a tree in which every statement can be understood.
    fn whole_policy(root: &Node) -> Option<Self> {
        let statements: Option<Vec<Statement>> = read_statements(root).into_iter().map(|(_, model)| model).collect();
        Some(Self::of_statements(root, statements?))
    }
}

/// Reads the statements of a policy, each by itself; `None` where one cannot be understood.
pub(crate) fn read_statements(root: &Node) -> Vec<(&Node, Option<Statement>)> {
    let with_variables = has_variables(root);
    statement_nodes(root).iter().map(|node| (node, Statement::from_tree(node, with_variables))).collect()
}

fn statement_nodes(root: &Node) -> &[Node] {
    root.get("Statement").map_or(&[][..], |member| member.value.one_or_many())
}

/// Finds all that stops reading in a tree, kind by kind within each object.
pub(crate) fn find_flaws(root: Option<&Node>) -> Vec<Flaw<'_>> {
    let mut flaws = Vec::new();
    let Some(root) = root else { return flaws };
    find_duplicates(root, false, &mut flaws);
    if !is_object(root) {
        flaws.push(Flaw::WrongType(root, Expected::Policy));
        return flaws;
    }
    find_unknown(root, DOCUMENT_ELEMENTS, &mut flaws);
    for name in ["Version", "Id"] {
        expect_text(root, name, &mut flaws);
    }
    match root.get("Statement").map(|member| &member.value) {
        None => flaws.push(Flaw::NoStatement(root)),
        Some(node) if !matches!(node.value, Value::Array(_) | Value::Object(_)) => {
            flaws.push(Flaw::WrongType(node, Expected::Statements));
        }
        Some(node) if node.one_or_many().is_empty() => flaws.push(Flaw::NoneListed(node)),
        Some(node) => node.one_or_many().iter().for_each(|statement| find_in_statement(statement, &mut flaws)),
    }
    flaws
}

fn is_object(node: &Node) -> bool {
    matches!(node.value, Value::Object(_))
}

/// Finds keys that are there twice. Names are compared as they read once unescaped; inside a condition, letter case does
/// not count.
fn find_duplicates<'t>(node: &'t Node, ignore_case: bool, flaws: &mut Vec<Flaw<'t>>) {
    match &node.value {
        Value::Object(members) => {
            let same = |a: &str, b: &str| if ignore_case { a.eq_ignore_ascii_case(b) } else { a == b };
            let name = |text: &str| if ignore_case { text.to_ascii_lowercase() } else { text.to_owned() };
            // Few names are compared faster than they are remembered.
            let many = members.len() > 16;
            let mut seen = HashSet::new();
            for (at, member) in members.iter().enumerate() {
                let is_new = if many {
                    seen.insert(name(&member.key.text))
                } else {
                    !members.iter().take(at).any(|earlier| same(&earlier.key.text, &member.key.text))
                };
                if !is_new {
                    flaws.push(Flaw::DuplicateKey(&member.key));
                }
                find_duplicates(&member.value, ignore_case || member.key.text == "Condition", flaws);
            }
        }
        Value::Array(elements) => elements.iter().for_each(|element| find_duplicates(element, ignore_case, flaws)),
        _ => {}
    }
}

fn find_unknown<'t>(node: &'t Node, known: &[&str], flaws: &mut Vec<Flaw<'t>>) {
    let unknown = node.members().iter().filter(|member| !known.contains(&member.key.text.as_str()));
    flaws.extend(unknown.map(|member| Flaw::UnknownElement(node, member)));
}

fn expect_text<'t>(node: &'t Node, name: &'static str, flaws: &mut Vec<Flaw<'t>>) {
    let value = node.get(name).map(|member| &member.value).filter(|value| value.as_str().is_none());
    flaws.extend(value.map(|value| Flaw::WrongType(value, Expected::Text(name))));
}

fn expect_texts<'t>(value: &'t Node, expected: Expected<'t>, flaws: &mut Vec<Flaw<'t>>) {
    let others = value.one_or_many().iter().filter(|element| element.as_str().is_none());
    flaws.extend(others.map(|element| Flaw::WrongType(element, expected)));
}

fn find_in_statement<'t>(node: &'t Node, flaws: &mut Vec<Flaw<'t>>) {
    if !is_object(node) {
        flaws.push(Flaw::WrongType(node, Expected::Statement));
        return;
    }
    find_unknown(node, STATEMENT_ELEMENTS, flaws);
    for name in ["Sid", "Effect"] {
        expect_text(node, name, flaws);
    }
    for name in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(member) = node.get(name) {
            expect_texts(&member.value, Expected::Texts(name), flaws);
        }
    }
    let elements = ["Principal", "NotPrincipal"].into_iter().filter_map(|name| node.get(name));
    for kind in elements.flat_map(|element| element.value.members()) {
        expect_texts(&kind.value, Expected::Principals(&kind.key.text), flaws);
    }
    if let Some(member) = node.get("Condition") {
        find_in_condition(&member.value, flaws);
    }
    find_absent(node, flaws);
    for (name, contrary) in CONTRARIES {
        if let (Some(_), Some(member)) = (node.get(name), node.get(contrary)) {
            flaws.push(Flaw::Contrary(member, name));
        }
    }
    let is_principal = |member: &&Member| matches!(member.key.text.as_str(), "Principal" | "NotPrincipal");
    node.members().iter().filter(is_principal).for_each(|member| find_in_principal(member, flaws));
}

fn find_absent<'t>(node: &'t Node, flaws: &mut Vec<Flaw<'t>>) {
    match node.get("Effect").map(|member| &member.value) {
        None => flaws.push(Flaw::NoEffect(node)),
        Some(value) => {
            let unknown = value.as_str().filter(|effect| !matches!(*effect, "Allow" | "Deny"));
            flaws.extend(unknown.map(|effect| Flaw::UnknownEffect(value, effect)));
        }
    }
    let has_one = |names: [&str; 2]| names.into_iter().any(|name| node.get(name).is_some());
    if !has_one(["Action", "NotAction"]) {
        flaws.push(Flaw::NoAction(node));
    }
    if !has_one(["Principal", "NotPrincipal"]) {
        flaws.push(Flaw::NoPrincipal(node));
    }
}

fn find_in_principal<'t>(element: &'t Member, flaws: &mut Vec<Flaw<'t>>) {
    let value = &element.value;
    if !is_object(value) && value.as_str() != Some("*") {
        flaws.push(Flaw::PrincipalForm(element));
    }
    let unknown = value.members().iter().filter(|kind| !PrincipalKind::TYPES.contains(&kind.key.text.as_str()));
    flaws.extend(unknown.map(|kind| Flaw::PrincipalType(element, kind)));
}

fn find_in_condition<'t>(block: &'t Node, flaws: &mut Vec<Flaw<'t>>) {
    if !is_object(block) {
        flaws.push(Flaw::WrongType(block, Expected::Operators));
        return;
    }
    for operator in block.members() {
        if !is_object(&operator.value) {
            flaws.push(Flaw::WrongType(&operator.value, Expected::Keys(&operator.key.text)));
            continue;
        }
        for value in operator.value.members().iter().flat_map(|key| key.value.one_or_many()) {
            if matches!(value.value, Value::Null | Value::Array(_) | Value::Object(_)) {
                flaws.push(Flaw::WrongType(value, Expected::ConditionValue));
            }
        }
    }
}
