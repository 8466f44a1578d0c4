//! Checks of the values of conditions. Source: IAM user guide, condition operators.

use super::{Test, has_variables, is_of_text, is_wild, operators, rename_operator, text_of};
use crate::condition::{Family, Operator, SetPrefix, is_readable, range};
use crate::ecr::condition::{Form, KeyInfo, ValueKind};
use crate::ecr::id_form::{
    ORGANIZATION_WORDS, may_be_account, may_be_organization, may_be_resource, may_be_root, may_be_unit,
};
use crate::ecr::json_string::quote_string;
use crate::ecr::text::make_visible;
use crate::ecr::{Partition, Region};
use crate::lint::{Fix, Sink, Subject, Written};
use crate::syntax::Node;
use crate::text::glob::glob;
use crate::text::spelling::nearest_name;

pub(in crate::lint) fn readable_values(_: &Subject, statement: &Written, sink: &mut Sink) {
    for test in &statement.tests {
        if let Some(message) = operators::why_unsuited(test) {
            sink.report(test.operator.key.span, message);
            continue;
        }
        let Some(family) = test.family().filter(|f| *f != Family::Null) else { continue };
        for (value, text) in test.texts().filter(|(_, text)| !text.contains("${") && !is_readable(family, text)) {
            sink.report(value.span, unreadable_words(family, text));
        }
    }
}

fn unreadable_words(family: Family, text: &str) -> String {
    let shown = make_visible(text);
    match family {
        Family::Number(_) => format!("`{shown}` is no number"),
        Family::Date(_) => format!("`{shown}` is no date: write 2030-01-31T00:00:00Z, or seconds since 1970"),
        Family::Bool => format!("`{shown}` is neither true nor false"),
        Family::Binary => format!("`{shown}` is no base64"),
        Family::Address => format!("`{shown}` is no address and no range such as 203.0.113.0/24"),
        _ => match text.split(':').count() {
            fields if fields < 6 && text.starts_with("arn:") => {
                format!("`{shown}` has {fields} of the six fields of an ARN: it matches none")
            }
            _ => format!("`{shown}` is no ARN"),
        },
    }
}

/// Tells whether a list holds both true and false, so that it always holds.
pub(super) fn holds_both(does: Operator, values: &[Node]) -> bool {
    let has = |wanted: &str| values.iter().filter_map(text_of).any(|t| t.eq_ignore_ascii_case(wanted));
    matches!(does.family, Family::Bool | Family::Null) && has("true") && has("false")
}

pub(in crate::lint) fn both_booleans(_: &Subject, statement: &Written, sink: &mut Sink) {
    for test in &statement.tests {
        if test.does.is_some_and(|does| holds_both(does, test.values())) {
            let message = format!("true and false together: any value of `{}` will do", make_visible(test.name()));
            sink.report(test.member.value.span, message);
        }
    }
}

/// Returns the fault in the form of an identifier; a wildcard stands for anything.
pub(super) fn why_malformed(key: &KeyInfo, text: &str) -> Option<String> {
    if text.contains("${") {
        return None;
    }
    let shown = make_visible(text);
    match key.form? {
        Form::Account => {
            let fits = may_be_account(text);
            (!fits).then(|| format!("`{shown}` is no account id: that is 12 digits"))
        }
        Form::Organization => {
            let fits = may_be_organization(text);
            (!fits).then(|| format!("`{shown}` is no organization: that is {ORGANIZATION_WORDS}"))
        }
        Form::Vpc => {
            let fits = may_be_resource(text, "vpc-");
            (!fits).then(|| format!("`{shown}` is no VPC: that is vpc- and 8 or 17 characters"))
        }
        Form::Endpoint => {
            let fits = may_be_resource(text, "vpce-");
            (!fits).then(|| format!("`{shown}` is no VPC endpoint: that is vpce- and 8 or 17 characters"))
        }
        Form::Path => bad_part(text).map(|part| {
            format!("`{}` in `{shown}` is no part of a path: that is o-.../r-.../ou-.../", make_visible(part))
        }),
        Form::Region => None,
    }
}

/// The first part of a path in an organization that has not the form of one.
fn bad_part(path: &str) -> Option<&str> {
    let mut wild = false;
    for (at, part) in path.split('/').enumerate() {
        let fits = match at {
            // A wildcard takes slashes too: after it anything may follow.
            _ if wild || part.is_empty() && at > 0 || part == "*" => true,
            0 => may_be_organization(part),
            1 => may_be_root(part),
            _ => may_be_unit(part),
        };
        if !fits {
            return Some(part);
        }
        wild |= part.contains('*');
    }
    None
}

pub(in crate::lint) fn identifier_form(_: &Subject, statement: &Written, sink: &mut Sink) {
    // Under an operator that does not exist it is no better.
    for test in statement.tests.iter().filter(|t| t.does.is_none() || t.is_of_text()) {
        let Some(key) = test.key else { continue };
        for (value, text) in test.texts() {
            let message =
                if key.kind == ValueKind::Arn { malformed_in_arn(test, key, text) } else { why_malformed(key, text) };
            if let Some(message) = message {
                sink.report(value.span, message);
            }
        }
    }
}

/// Returns the faults of the identifiers inside an ARN: its account, and the VPC, endpoint or organization that it names. The
/// ARN of a principal names its account; that of a bucket, among resources, has none.
fn malformed_in_arn(test: &Test, key: &KeyInfo, value: &str) -> Option<String> {
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, resource] = fields.as_slice() else { return None };
    // Under an operator that knows no fields a wildcard takes colons too.
    let is_run = |field: &&str| field.contains('*');
    let takes_colons = test.family() == Some(Family::TextLike) && [partition, service, region].into_iter().any(is_run);
    if takes_colons || value.contains("${") {
        return None;
    }
    let shown = make_visible(value);
    let is_principals = key.name.eq_ignore_ascii_case("aws:PrincipalArn");
    let is_id = may_be_account(account);
    if !is_id && (is_principals || !matches!(*account, "" | "aws")) {
        let account = make_visible(account);
        return Some(if account.is_empty() {
            format!("`{shown}` has no account in its fifth field: the ARN of a principal has one")
        } else {
            format!("`{account}` in the fifth field of `{shown}` is no account id: that is 12 digits")
        });
    }
    let (kind, name) = resource.split_once('/')?;
    let (is_right, form) = match (*service, kind) {
        ("ec2", "vpc") => (may_be_resource(name, "vpc-"), "VPC: that is vpc- and 8 or 17 characters"),
        ("ec2", "vpc-endpoint") => {
            (may_be_resource(name, "vpce-"), "VPC endpoint: that is vpce- and 8 or 17 characters")
        }
        ("organizations", "organization") => {
            (may_be_organization(name), "organization: that is o- and 10 to 32 small letters and digits")
        }
        _ => return None,
    };
    (!is_right && !name.contains('/')).then(|| format!("`{}` in `{shown}` is no {form}", make_visible(name)))
}

pub(in crate::lint) fn empty_condition(_: &Subject, statement: &Written, sink: &mut Sink) {
    let Some(block) = statement.node.get("Condition").map(|m| &m.value) else { return };
    if is_empty(block) {
        sink.report(block.span, "an empty condition: the statement holds as if there were none");
    }
    for operator in block.members().iter().filter(|m| is_empty(&m.value)) {
        let name = make_visible(&operator.key.text);
        sink.report(operator.value.span, format!("`{name}` has no keys: it asks for nothing"));
    }
    for test in statement.tests.iter().filter(|t| is_empty(&t.member.value)) {
        let Some(does) = test.does else { continue };
        let meaning = match (does.set, does.negated, does.if_exists) {
            (Some(SetPrefix::ForAllValues), false, _) => "this holds only where the key is missing",
            (_, _, true) if !does.negated => "this holds only where the key is missing",
            (Some(SetPrefix::ForAnyValue), true, _) => "this holds wherever the key is there",
            (_, true, _) => "this always holds",
            _ => "this never holds",
        };
        sink.report(test.member.value.span, format!("no values for `{}`: {meaning}", make_visible(test.name())));
    }
}

fn is_empty(node: &Node) -> bool {
    node.members().is_empty() && node.one_or_many().is_empty()
        || matches!(&node.value, crate::syntax::Value::Object(members) if members.is_empty())
}

/// Tells whether a value has a wildcard that is no variable's. A `?` is at home in free texts such as a tag or a page.
fn has_literal_wildcard(test: &Test, value: &str, has_variables: bool) -> bool {
    let free = test.key.is_none_or(|k| k.is_tag() || k.open.is_some());
    let is_wild = |part: &str| part.contains('*') || (!free && part.contains('?'));
    if !has_variables || !value.contains("${") {
        return is_wild(value);
    }
    let mut parts = value.split("${");
    parts.next().is_some_and(is_wild)
        || parts.any(|part| is_wild(part.split_once('}').map_or(part, |(_, after)| after)))
}

pub(in crate::lint) fn wildcard_taken_literally(subject: &Subject, statement: &Written, sink: &mut Sink) {
    let modern = has_variables(subject);
    for test in &statement.tests {
        let Some(does) = test.does.filter(|o| matches!(o.family, Family::Text | Family::TextIgnoreCase)) else {
            continue;
        };
        for (value, text) in test.texts().filter(|(_, text)| has_literal_wildcard(test, text, modern)) {
            let to = like_operator(&test.operator.key.text);
            let fix = to.and_then(|to| rename_operator(test.block, test.operator, &to));
            let meaning = if does.negated { "no request is told apart by it" } else { "no request has that very text" };
            let message = format!(
                "`{}` under `{}` is compared letter by letter: {meaning}",
                make_visible(text),
                make_visible(&test.operator.key.text)
            );
            sink.report_fix(value.span, message, fix);
        }
    }
}

/// The operator with wildcards that compares like an exact one; there is none that ignores letter case.
fn like_operator(name: &str) -> Option<String> {
    let at = name.to_ascii_lowercase().find("equals")?;
    let (head, tail) = (name.get(..at)?, name.get(at + "equals".len()..)?);
    (!tail.to_ascii_lowercase().starts_with("ignorecase")).then(|| format!("{head}Like{tail}"))
}

/// Returns the Region of an ARN; `None` where a wildcard before it takes colons too, under an operator that knows no fields.
fn region_in_arn<'t>(test: &Test, value: &'t str) -> Option<&'t str> {
    let (before, rest) = value.split_at_checked(value.match_indices(':').nth(2)?.0 + 1)?;
    let is_field = test.family() != Some(Family::TextLike) || !before.contains('*');
    let region = rest.split(':').next()?;
    // The last field of a shorter text may stand for those behind it.
    (before.starts_with("arn:") && is_field && (rest.contains(':') || !is_wild(region))).then_some(region)
}

/// Tells whether a known Region is among the texts that a test takes for such a value.
fn is_of_a_region(test: &Test, region: &str) -> bool {
    let known = || Partition::ALL.into_iter().flat_map(Partition::regions);
    match test.family() {
        Some(Family::TextLike | Family::Arn) => known().any(|r| glob(region, r.as_str())),
        Some(Family::TextIgnoreCase) => known().any(|r| r.as_str().eq_ignore_ascii_case(region)),
        // Another rule tells of wildcards that are none.
        _ => is_wild(region) || known().any(|r| r.as_str() == region),
    }
}

pub(in crate::lint) fn known_region(_: &Subject, statement: &Written, sink: &mut Sink) {
    for test in statement.tests.iter().filter(|t| t.is_of_text()) {
        let Some(key) = test.key else { continue };
        for (value, text) in test.texts() {
            let region = match (key.form, key.kind) {
                (Some(Form::Region), _) => text,
                (_, ValueKind::Arn) => region_in_arn(test, text).unwrap_or_default(),
                _ => continue,
            };
            if region.is_empty() || text.contains("${") || is_of_a_region(test, region) {
                continue;
            }
            let all: Vec<Region> = Partition::ALL.into_iter().flat_map(Partition::regions).collect();
            let shown = make_visible(region);
            sink.report(
                value.span,
                match nearest_name(region, all.iter().map(Region::as_str)) {
                    _ if is_wild(region) => format!("no Region that is known here fits `{shown}`"),
                    Some(near) => format!("there is no Region `{shown}` that is known here; did you mean `{near}`?"),
                    None => format!("there is no Region `{shown}` that is known here"),
                },
            );
        }
    }
}

pub(in crate::lint) fn host_bits(_: &Subject, statement: &Written, sink: &mut Sink) {
    for test in statement.tests.iter().filter(|t| t.family() == Some(Family::Address)) {
        for (value, text) in test.texts().filter(|(_, text)| text.contains('/')) {
            let Some(range) = range(text) else { continue };
            if range.trunc() != range {
                let plain = range.trunc().to_string();
                let message = format!(
                    "`{}` is the range `{plain}`: what follows the first {} bits does not count",
                    make_visible(text),
                    range.prefix_len()
                );
                sink.report_fix(
                    value.span,
                    message,
                    Some(Fix::single_edit(format!("write `{plain}`"), value.span, quote_string(&plain))),
                );
            }
        }
    }
}

/// Tells whether an operator compares texts by wildcards.
pub(super) fn takes_wildcards(test: &Test) -> bool {
    matches!(test.family(), Some(Family::TextLike | Family::Arn)) && test.family().is_some_and(is_of_text)
}
