//! The permissions view of one repository, as text and as JSON: its statements as the console shows them, then the
//! access in words.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::output::with_names;
use crate::ecr::RepositoryRef;
use crate::ecr::text::make_visible;
use crate::policy::access::{AccessAt, table_at};
use crate::policy::explain::{access_words, actions_words, condition_words, condition_words_at};
use crate::policy::lint::unreadable_findings;
use crate::policy::syntax::parse;
use crate::policy::{
    AccessTable, Class, Condition, Effect, Origin, Policy, PrincipalKind, RegistryPolicy, Statement, Who, soonest_end,
};
use crate::review::GranteeAccess;

/// A repository's policy, read.
pub(super) struct Permissions<'a> {
    repository: &'a RepositoryRef,
    stored: Option<&'a str>,
    registry: &'a RegistryPolicy,
    /// All statements that decide, the registry's Deny statements behind the repository's own. `None`: the repository has
    /// no policy and its registry denies nothing here, or its policy cannot be read.
    read: Option<Policy>,
    problem: Option<String>,
}

impl<'a> Permissions<'a> {
    /// Reads a stored policy and its registry's.
    pub(super) fn read_stored(
        repository: &'a RepositoryRef,
        stored: Option<&'a str>,
        registry: &'a RegistryPolicy,
    ) -> Self {
        let decided = |policy: Option<&Policy>| registry.around(policy, repository);
        let (read, problem) = match stored.map(|text| (text, Policy::read(text))) {
            None => (registry.denies(repository).then(|| decided(None)), None),
            Some((_, Ok(policy))) => (Some(decided(Some(&policy))), None),
            Some((text, Err(_))) => {
                let findings = unreadable_findings(text, &parse(text));
                let words = findings.first().map_or("no reason is known", |f| f.message.as_str());
                (None, Some(format!("this policy cannot be read: {words}")))
            }
        };
        Self { repository, stored, registry, read, problem }
    }

    /// Writes the view for people at a moment, in seconds since 1970: what has ended by then is told as that.
    pub(super) fn to_text(&self, now: i64) -> String {
        let mut text = self.body_text(now);
        for note in self.registry.note_words(self.repository) {
            let _ = write!(text, "\nNote: {}\n", make_visible(&with_names(&note)));
        }
        text
    }

    fn body_text(&self, now: i64) -> String {
        let mut text = format!("{}\n  {}\n", self.repository.name, self.repository.uri());
        let Some(policy) = &self.read else {
            match (&self.problem, self.stored) {
                (Some(problem), Some(stored)) => {
                    let _ = write!(text, "\n{}\n\n", make_visible(problem));
                    for line in stored.lines() {
                        let _ = writeln!(text, "  {}", make_visible(line));
                    }
                }
                _ => {
                    let _ = write!(
                        text,
                        "\nNo policy: only account {} has access, by its own identity policies.\n",
                        with_names(self.repository.account.as_str())
                    );
                }
            }
            return text;
        };
        if self.stored.is_none() {
            let account = with_names(self.repository.account.as_str());
            let _ = write!(
                text,
                "\nNo policy of its own: its registry's, and account {account}'s identity policies, decide.\n"
            );
        }
        for (index, statement) in policy.statements.iter().enumerate() {
            statement_text(&mut text, index, statement);
        }
        let AccessAt { present, ended } = table_at(policy, &self.repository.account, Some(now));
        let _ = write!(
            text,
            "
Who has access: {}
",
            make_visible(&with_names(&access_words(&present)))
        );
        for row in &present.rows {
            let _ = writeln!(
                text,
                "  {}: {} ({})",
                make_visible(&with_names(&row.who.words())),
                actions_words(&row.actions),
                name_statements(policy, &row.statements)
            );
            for condition in &row.conditions {
                let _ = writeln!(text, "    {}", make_visible(&with_names(&condition_words_at(condition, now))));
            }
            let times = row.denied_time_words();
            if !times.is_empty() {
                let _ = writeln!(text, "    {times}");
            }
            if !row.blocked.is_empty() {
                let _ = writeln!(text, "    {} {}", row.denial_words(), name_statements(policy, &row.blocked));
            }
        }
        for access in &GranteeAccess::of_table(&ended) {
            let indexes: Vec<usize> = access.statements.iter().map(|number| number.saturating_sub(1)).collect();
            let names = name_statements(policy, &indexes);
            let _ = writeln!(text, "  {} ({names})", make_visible(&with_names(&access.ended_words())));
        }
        for row in &present.denies {
            let _ = writeln!(
                text,
                "  denied to {}: {} ({})",
                make_visible(&with_names(&row.who.words())),
                actions_words(&row.actions),
                name_statements(policy, &[row.statement])
            );
            for condition in &row.conditions {
                let _ = writeln!(text, "    {}", make_visible(&with_names(&condition_words_at(condition, now))));
            }
        }
        text
    }

    /// Builds the view for programs at a moment, in seconds since 1970. The names of the fields are documented in
    /// docs/output.md and do not change.
    pub(super) fn to_json(&self, now: i64) -> Value {
        let mut value = reference_json(self.repository);
        let read = self.read.as_ref().map(|policy| (policy, table_at(policy, &self.repository.account, Some(now))));
        let fields = json!({
            "policy": self.stored,
            "problem": self.problem,
            "statements": self.read.as_ref().map(|policy| {
                let own = policy.statements.iter().enumerate().filter(|(_, s)| !is_of_registry(s));
                own.map(|(i, s)| statement_json(i, s)).collect::<Vec<_>>()
            }).unwrap_or_default(),
            "class": match &read {
                Some((_, at)) => Value::from(at.present.class.name()),
                None if self.problem.is_some() => Value::Null,
                None => Value::from(Class::None.name()),
            },
            "access": read.as_ref().map(|(policy, at)| access_json(policy, &at.present)).unwrap_or_default(),
            "ended": read.as_ref().map(|(policy, at)| access_json(policy, &at.ended)).unwrap_or_default(),
            "denies": read.as_ref().map(|(policy, at)| denies_json(policy, &at.present)).unwrap_or_default(),
            "registry_policy": self.registry.text(),
            "registry_notes": self.registry.note_words(self.repository),
        });
        if let (Value::Object(all), Value::Object(more)) = (&mut value, fields) {
            all.extend(more);
            let unproved = read.as_ref().and_then(|(_, at)| at.present.unproved);
            all.extend(unproved.map(|why| ("unproved".to_owned(), Value::from(why.words()))));
        }
        value
    }
}

/// Builds the JSON of a repository: name, ARN, URI, account and Region.
pub(super) fn reference_json(repository: &RepositoryRef) -> Value {
    json!({
        "repository": repository.name.as_str(),
        "arn": repository.arn().to_string(),
        "uri": repository.uri(),
        "account": repository.account.as_str(),
        "region": repository.region.as_str(),
    })
}

/// Names statements by their numbers: `statements 1, 3`, `statement 1 (Fence) of the registry policy`.
fn name_statements(policy: &Policy, statements: &[usize]) -> String {
    let (own, registry) = by_document(policy, statements);
    let mut words = Vec::new();
    if !own.is_empty() {
        let list: Vec<String> = own.iter().map(usize::to_string).collect();
        words.push(format!("statement{} {}", if list.len() == 1 { "" } else { "s" }, list.join(", ")));
    }
    let of_registry = |at: &&usize| !registry.is_empty() && policy.statements.get(**at).is_some_and(is_of_registry);
    let named =
        statements.iter().filter(of_registry).filter_map(|at| Some(policy.statements.get(*at)?.display_name(*at)));
    words.extend(named.map(|name| make_visible(&name)));
    words.join(", ")
}

fn is_of_registry(statement: &Statement) -> bool {
    statement.origin != Origin::Repository
}

/// Returns the numbers, from 1, of statements of the repository's own policy, and of those of its registry's.
pub(super) fn by_document(policy: &Policy, statements: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let (mut own, mut registry) = (Vec::new(), Vec::new());
    for at in statements {
        match policy.statements.get(*at).map(|statement| statement.origin) {
            Some(Origin::Registry(at)) => registry.push(at + 1),
            Some(Origin::Repository) | None => own.push(at + 1),
        }
    }
    (own, registry)
}

fn statement_text(text: &mut String, index: usize, statement: &Statement) {
    let name = statement.sid.as_ref().map_or_else(|| "(no name)".to_owned(), |sid| make_visible(&sid.value));
    let _ = match statement.origin {
        Origin::Repository => write!(text, "\nStatement {}: {name}\n", index + 1),
        Origin::Registry(at) => write!(text, "\nRegistry policy, statement {}: {name}\n", at + 1),
    };
    let _ = writeln!(text, "  Effect      {}", effect_name(statement.effect));
    let principals = statement.principals.entries.iter().map(|p| p.text.clone());
    let title = if statement.principals.negated { "All but" } else { "Principals" };
    add_list(text, title, principals);
    let actions = statement.actions.patterns.iter().map(|p| p.value.clone());
    add_list(text, if statement.actions.negated { "All but" } else { "Actions" }, actions);
    let conditions = statement.conditions.iter().map(|c| format!("{} {}: {}", c.operator, c.key, c.values.join(", ")));
    add_list(text, "Conditions", conditions);
}

fn add_list(text: &mut String, title: &str, entries: impl Iterator<Item = String>) {
    for (i, entry) in entries.enumerate() {
        let _ = writeln!(text, "  {:<11} {}", if i == 0 { title } else { "" }, make_visible(&with_names(&entry)));
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

fn access_json(policy: &Policy, table: &AccessTable) -> Vec<Value> {
    table
        .rows
        .iter()
        .map(|row| {
            let (denied_by, denied_by_registry) = by_document(policy, &row.blocked);
            let mut value = json!({
                "who": who_json(&row.who),
                "actions": row.actions,
                "words": actions_words(&row.actions),
                "conditions": conditions_json(&row.conditions),
                "statements": by_document(policy, &row.statements).0,
                "denied_by": denied_by,
                "denied_by_registry": denied_by_registry,
            });
            if let Value::Object(fields) = &mut value {
                let times = [("begins", row.begins), ("ends", row.ends.or_else(|| soonest_end(&row.conditions)))];
                let told = times.into_iter().filter_map(|(name, moment)| Some((name, moment?.policy_value())));
                fields.extend(told.map(|(name, moment)| (name.to_owned(), Value::from(moment))));
                fields.extend(row.unproved.map(|why| ("unproved".to_owned(), Value::from(why.words()))));
            }
            value
        })
        .collect()
}

fn denies_json(policy: &Policy, table: &AccessTable) -> Vec<Value> {
    table
        .denies
        .iter()
        .map(|row| {
            let (own, registry) = by_document(policy, &[row.statement]);
            json!({
                "who": who_json(&row.who),
                "actions": row.actions,
                "words": actions_words(&row.actions),
                "conditions": conditions_json(&row.conditions),
                "statement": own.first(),
                "registry_statement": registry.first(),
            })
        })
        .collect()
}

/// Builds the JSON of a principal with access: kind, id and words.
pub(super) fn who_json(who: &Who) -> Value {
    json!({"kind": who.kind_name(), "id": who.id(), "words": who.words()})
}
