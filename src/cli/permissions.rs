//! The permissions view of one repository, as text and as JSON: its statements as the console shows them, then who has
//! access in words.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::ecr::RepositoryRef;
use crate::ecr::text::visible;
use crate::policy::access::table;
use crate::policy::explain::{access_words, actions_words, condition_words};
use crate::policy::{AccessTable, Class, Condition, Effect, Policy, PrincipalKind, Statement, Who};

/// A repository's policy, read.
pub(super) struct Permissions<'a> {
    repository: &'a RepositoryRef,
    stored: Option<&'a str>,
    /// `None`: there is no policy, or it cannot be read.
    read: Option<(Policy, AccessTable)>,
    problem: Option<String>,
}

impl<'a> Permissions<'a> {
    /// Reads a stored policy.
    pub(super) fn read(repository: &'a RepositoryRef, stored: Option<&'a str>) -> Self {
        let (read, problem) = match stored.map(Policy::read) {
            None => (None, None),
            Some(Ok(policy)) => {
                let table = table(&policy, &repository.account);
                (Some((policy, table)), None)
            }
            Some(Err(findings)) => {
                let words = findings.first().map_or("no reason is known", |f| f.message.as_str());
                (None, Some(format!("this policy cannot be read: {words}")))
            }
        };
        Self { repository, stored, read, problem }
    }

    /// For people.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n  {}\n", self.repository.name, self.repository.uri());
        let Some((policy, table)) = &self.read else {
            match (&self.problem, self.stored) {
                (Some(problem), Some(stored)) => {
                    let _ = write!(text, "\n{}\n\n", visible(problem));
                    for line in stored.lines() {
                        let _ = writeln!(text, "  {}", visible(line));
                    }
                }
                _ => {
                    let _ = write!(
                        text,
                        "\nNo policy: only account {} has access, by its own identity policies.\n",
                        self.repository.account
                    );
                }
            }
            return text;
        };
        for (index, statement) in policy.statements.iter().enumerate() {
            statement_text(&mut text, index, statement);
        }
        let _ = write!(text, "\nWho has access: {}\n", visible(&access_words(table)));
        for row in &table.rows {
            let _ = writeln!(
                text,
                "  {}: {} ({})",
                visible(&row.who.words()),
                actions_words(&row.actions),
                numbers(&row.statements)
            );
            for condition in &row.conditions {
                let _ = writeln!(text, "    {}", visible(&condition_words(condition)));
            }
            if !row.blocked.is_empty() {
                let _ = writeln!(text, "    may be denied by {}", numbers(&row.blocked));
            }
        }
        for row in &table.denies {
            let _ = writeln!(
                text,
                "  denied to {}: {} ({})",
                visible(&row.who.words()),
                actions_words(&row.actions),
                numbers(&[row.statement])
            );
            for condition in &row.conditions {
                let _ = writeln!(text, "    {}", visible(&condition_words(condition)));
            }
        }
        text
    }

    /// For programs. The names of the fields are documented in the README and do not change.
    pub(super) fn json(&self) -> Value {
        let mut value = reference_json(self.repository);
        let fields = json!({
            "policy": self.stored,
            "problem": self.problem,
            "statements": self.read.as_ref().map(|(policy, _)| {
                policy.statements.iter().enumerate().map(|(i, s)| statement_json(i, s)).collect::<Vec<_>>()
            }).unwrap_or_default(),
            "class": match &self.read {
                Some((_, table)) => Value::from(table.class.name()),
                None if self.problem.is_some() => Value::Null,
                None => Value::from(Class::None.name()),
            },
            "access": self.read.as_ref().map(|(_, table)| access_json(table)).unwrap_or_default(),
            "denies": self.read.as_ref().map(|(_, table)| denies_json(table)).unwrap_or_default(),
        });
        if let (Value::Object(all), Value::Object(more)) = (&mut value, fields) {
            all.extend(more);
        }
        value
    }
}

/// Name, ARN, URI, account and Region.
pub(super) fn reference_json(repository: &RepositoryRef) -> Value {
    json!({
        "repository": repository.name.as_str(),
        "arn": repository.arn().to_string(),
        "uri": repository.uri(),
        "account": repository.account.as_str(),
        "region": repository.region.as_str(),
    })
}

fn numbers(statements: &[usize]) -> String {
    let list: Vec<String> = statements.iter().map(|i| (i + 1).to_string()).collect();
    format!("statement{} {}", if list.len() == 1 { "" } else { "s" }, list.join(", "))
}

fn statement_text(text: &mut String, index: usize, statement: &Statement) {
    let name = statement.sid.as_ref().map_or_else(|| "(no name)".to_owned(), |sid| visible(&sid.value));
    let _ = write!(text, "\nStatement {}: {name}\n", index + 1);
    let _ = writeln!(text, "  Effect      {}", effect_name(statement.effect));
    let principals = statement.principals.entries.iter().map(|p| p.text.clone());
    let title = if statement.principals.negated { "All but" } else { "Principals" };
    list(text, title, principals);
    let actions = statement.actions.patterns.iter().map(|p| p.value.clone());
    list(text, if statement.actions.negated { "All but" } else { "Actions" }, actions);
    let conditions = statement.conditions.iter().map(|c| format!("{} {}: {}", c.operator, c.key, c.values.join(", ")));
    list(text, "Conditions", conditions);
}

fn list(text: &mut String, title: &str, entries: impl Iterator<Item = String>) {
    for (i, entry) in entries.enumerate() {
        let _ = writeln!(text, "  {:<11} {}", if i == 0 { title } else { "" }, visible(&entry));
    }
}

fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

fn statement_json(index: usize, statement: &Statement) -> Value {
    json!({
        "statement": index + 1,
        "sid": statement.sid.as_ref().map(|s| s.value.as_str()),
        "effect": effect_name(statement.effect),
        "principals_negated": statement.principals.negated,
        "principals": statement.principals.entries.iter().map(|p| {
            json!({"kind": principal_kind(&p.kind), "text": p.text})
        }).collect::<Vec<_>>(),
        "actions_negated": statement.actions.negated,
        "actions": statement.actions.patterns.iter().map(|p| p.value.as_str()).collect::<Vec<_>>(),
        "conditions": conditions_json(&statement.conditions),
    })
}

fn principal_kind(kind: &PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Everyone => "everyone",
        PrincipalKind::Account(..) => "account",
        PrincipalKind::Role(_) => "role",
        PrincipalKind::User(_) => "user",
        PrincipalKind::Session(_) => "session",
        PrincipalKind::Service(_) => "service",
        PrincipalKind::Federated(_) => "federated",
        PrincipalKind::Canonical(_) => "canonical",
        PrincipalKind::Orphan(_) => "orphan",
        PrincipalKind::Malformed(_) => "malformed",
    }
}

fn conditions_json(conditions: &[Condition]) -> Value {
    conditions
        .iter()
        .map(|c| json!({"operator": c.operator, "key": c.key, "values": c.values, "words": condition_words(c)}))
        .collect()
}

fn one_based(statements: &[usize]) -> Vec<usize> {
    statements.iter().map(|i| i + 1).collect()
}

fn access_json(table: &AccessTable) -> Vec<Value> {
    table
        .rows
        .iter()
        .map(|row| {
            json!({
                "who": who_json(&row.who),
                "actions": row.actions,
                "words": actions_words(&row.actions),
                "conditions": conditions_json(&row.conditions),
                "statements": one_based(&row.statements),
                "denied_by": one_based(&row.blocked),
            })
        })
        .collect()
}

fn denies_json(table: &AccessTable) -> Vec<Value> {
    table
        .denies
        .iter()
        .map(|row| {
            json!({
                "who": who_json(&row.who),
                "actions": row.actions,
                "words": actions_words(&row.actions),
                "conditions": conditions_json(&row.conditions),
                "statement": row.statement + 1,
            })
        })
        .collect()
}

/// Kind, id and words of whoever has access.
pub(super) fn who_json(who: &Who) -> Value {
    let (kind, id) = match who {
        Who::Everyone => ("everyone", "*".to_owned()),
        Who::Organization(id) => ("organization", id.clone()),
        Who::OrgUnit(path) => ("organizational-unit", path.clone()),
        Who::Account(id) => ("account", id.to_string()),
        Who::Role(arn) => ("role", arn.to_string()),
        Who::User(arn) => ("user", arn.to_string()),
        Who::Session(arn) => ("session", arn.to_string()),
        Who::Service(name) => ("service", name.clone()),
        Who::Orphan(id) => ("orphan", id.clone()),
        Who::Other(words) => ("other", words.clone()),
    };
    json!({"kind": kind, "id": id, "words": who.words()})
}
