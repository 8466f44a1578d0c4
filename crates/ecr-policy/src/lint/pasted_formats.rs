//! Recognises what was pasted in the place of a policy: another language, or a policy wrapped in something else.

use super::convert::{self, Obstacle};
use super::{Fix, Sink, Subject, apply_fix, rules};
use crate::syntax::{Member, Node, Parsed, Slip, Span, Value, parse};
use crate::text::TextEdit;

/// A text of another form than a policy.
pub(crate) struct Foreign {
    pub span: Span,
    pub message: String,
    pub fix: Option<Fix>,
}

/// The most opening braces that are tried in the search for a policy inside other text.
const MOST_TRIES: usize = 8;

/// A text in another language, or a policy amid text in one. Only text that is no JSON is looked at; the many errors
/// that JSON's rules find in it would say less than its name.
pub(super) fn find_language(text: &str, parsed: &Parsed) -> Option<Foreign> {
    if parsed.errors.is_empty() {
        return None;
    }
    let readable = parsed.root.as_ref().is_some_and(|r| r.get("Statement").is_some());
    let amid = parsed.errors.iter().any(|e| matches!(e.slip, Slip::TextBefore | Slip::TextAfter));
    find_terraform(text)
        .filter(|_| amid || !readable)
        .or_else(|| find_escaped(text).filter(|_| !readable))
        .or_else(|| of_a_page(text).filter(|_| !readable))
        .or_else(|| super::listed::in_lines(text))
        .or_else(|| find_yaml(text).filter(|_| amid || !readable))
        .or_else(|| without_braces(text).filter(|_| !readable))
        .or_else(|| amid_text(text).filter(|_| !readable))
}

/// The fix that leaves the policy alone of a text in another language, or of what it is wrapped in, with its check.
pub(super) fn taken_out(text: &str) -> Option<(&'static str, Fix)> {
    let parsed = parse(text);
    if let Some(language) = find_language(text, &parsed) {
        return language.fix.map(|fix| (rules::NOT_JSON, fix));
    }
    let wrapping = parsed.root.as_ref().and_then(|root| find_wrapping(text, root))?;
    wrapping.fix.map(|fix| (rules::WRAPPED, fix))
}

/// Returns the policy of a text, valid as JSON: the text itself, or the one policy that stands in a page, a command, a
/// mail, a template or a program's output. `None`: the text holds none, or several different ones.
pub fn policy_inside(text: &str) -> Option<String> {
    let parsed = parse(text);
    if parsed.errors.is_empty() && parsed.root.as_ref().is_some_and(|root| root.get("Statement").is_some()) {
        return Some(text.to_owned());
    }
    if let Some((_, fix)) = taken_out(text) {
        return whole_policy(&apply_fix(text, &fix));
    }
    whole_policy(text).or_else(|| rescue_policy(text, 0))
}

fn first_word(text: &str) -> Span {
    let start = text.len() - text.trim_start().len();
    let word = text.get(start..).unwrap_or_default();
    let end = word.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(word.len()).max(1);
    Span::new(start, text.len().min(start + end))
}

pub(super) fn foreign_text(text: &str, message: &str, title: &'static str, policy: Option<String>) -> Foreign {
    let span = first_word(text);
    let span = if span.text_in(text).is_empty() { Span::new(0, text.len()) } else { span };
    Foreign { span, message: message.to_owned(), fix: policy.map(|p| replace_all(text, title, p)) }
}

impl Foreign {
    /// Never unasked: what is around the policy is more than quotes, and goes.
    pub(super) fn losing_text(mut self) -> Self {
        self.fix = self.fix.map(Fix::changing_access);
        self
    }
}

/// One edit of the whole text; a line end at its end stays.
fn replace_all(text: &str, title: &str, mut policy: String) -> Fix {
    if text.ends_with('\n') && !policy.ends_with('\n') {
        policy.push('\n');
    }
    Fix::single_edit(title, Span::new(0, text.len()), policy)
}

/// A policy that was converted, or why it was not: that is said with the rest.
fn converted_text(text: &str, message: &str, policy: Result<String, Obstacle>) -> Foreign {
    match policy {
        Ok(policy) => foreign_text(text, message, "write the policy as JSON", Some(policy)).losing_text(),
        Err(obstacle) => foreign_text(text, &format!("{message}; {}", obstacle.words()), "", None),
    }
}

fn find_terraform(text: &str) -> Option<Foreign> {
    const ENCODE: &str = "jsonencode(";
    if text.contains(ENCODE) {
        let message = "this is Terraform, not JSON: the policy is what `jsonencode` makes of it";
        let each =
            text.match_indices(ENCODE).take(MOST_TRIES).map(|(at, _)| convert::read_encoded(text, at + ENCODE.len()));
        return Some(converted_text(text, message, convert::only(each)));
    }
    if text.contains("aws_iam_policy_document") || text.contains("principals {") {
        let message = "this is Terraform, not JSON: `terraform show -json` of a saved plan holds the policy as JSON";
        return Some(converted_text(text, message, convert::policy_document(text)));
    }
    let begins = |at: &usize| text.get(..*at).is_some_and(|t| t.trim_end().ends_with('='));
    let places: Vec<usize> = text.match_indices("<<").map(|(at, _)| at).filter(begins).take(MOST_TRIES).collect();
    if places.is_empty() {
        return None;
    }
    let each = places.into_iter().map(|at| convert::heredoc_policy(text, at));
    Some(converted_text(text, "this is Terraform, with the policy inside", convert::only(each)))
}

/// `{\"Version\": ...}`: the inside of a JSON string without its quotes.
fn find_escaped(text: &str) -> Option<Foreign> {
    let inside = text.trim();
    if !inside.trim_start_matches(['{', '[', ' ']).starts_with('\\') {
        return None;
    }
    let line_ends = inside.replace('\r', "\\r").replace('\n', "\\n").replace('\t', "\\t");
    let parsed = parse(&format!("\"{line_ends}\""));
    let inner = parsed.root.as_ref().filter(|_| parsed.errors.is_empty())?.as_str()?;
    let policy = rescue_policy(inner, 0)?;
    Some(foreign_text(
        text,
        "the quotes are escaped: this was copied out of a JSON string",
        "unescape the policy",
        Some(policy),
    ))
}

/// `{&quot;Version&quot;: ...}`: the source of a page in the place of what it shows.
fn of_a_page(text: &str) -> Option<Foreign> {
    if !text.contains("&quot;") && !text.contains("&#34;") {
        return None;
    }
    let shown = [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    let plain = shown.iter().fold(text.to_owned(), |plain, (written, sign)| plain.replace(written, sign));
    let message = "the quotes are written as in the source of a page, `&quot;`";
    Some(foreign_text(text, message, "write plain quotes", Some(rescue_policy(&plain, 0)?)))
}

fn find_yaml(text: &str) -> Option<Foreign> {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#') && *l != "---");
    let first = lines.next()?;
    let is_entry = |line: &str| {
        let line = line.trim_start_matches("- ");
        let name = line.split(':').next().unwrap_or_default();
        line.contains(':') && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let is_literal = first.ends_with(['|', '>']);
    if !is_entry(first) || !(is_literal || lines.clone().next().is_none_or(is_entry)) || first.ends_with([',', '{']) {
        return None;
    }
    if text.contains("crossplane.io/") && text.contains("forProvider:") && convert::template_policy(text).is_err() {
        return Some(foreign_text(text, TYPED_FORM, "", None));
    }
    let template = text.contains("RepositoryPolicyText") || text.contains("AWS::");
    let message = if template {
        "this is a CloudFormation template in YAML: ECR takes the policy alone, as JSON"
    } else {
        "this is YAML: ECR takes a policy only as JSON"
    };
    Some(converted_text(text, message, convert::template_policy(text)))
}

/// The members of a policy without the braces around them.
fn without_braces(text: &str) -> Option<Foreign> {
    if !text.trim_start().starts_with('"') {
        return None;
    }
    let body = text.trim().trim_end_matches(',');
    let policy = [format!("{{\n{body}"), format!("{{\n{body}\n}}")].into_iter().find_map(|t| whole_policy(&t))?;
    Some(foreign_text(text, "the brace that opens the policy is missing", "put the braces around it", Some(policy)))
}

/// A policy inside a command, quotes or a page of text.
fn amid_text(text: &str) -> Option<Foreign> {
    let policy = rescue_policy(text, 0)?;
    let take = "take the policy out";
    if text.trim_start().starts_with(['\'', '"', '`']) {
        return Some(foreign_text(text, "the whole policy is in quotes", take, Some(policy)));
    }
    let message = if text.contains("--policy-text") {
        "this is a command: the policy is the text after `--policy-text`"
    } else {
        "the policy stands inside other text"
    };
    Some(foreign_text(text, message, take, Some(policy)).losing_text())
}

/// The first policy inside a text from a byte on, as valid JSON.
pub(super) fn rescue_policy(text: &str, mut from: usize) -> Option<String> {
    for _ in 0..MOST_TRIES {
        from += text.get(from..)?.find('{')?;
        let rest = text.get(from..)?;
        if let Some(root) = parse(rest).root.filter(|r| r.get("Statement").is_some()) {
            return whole_policy(&without_indentation(text, Span::new(from, from + root.span.end)));
        }
        from += 1;
    }
    None
}

/// A text as valid JSON, after all its repairs; `None` where that would guess, or is no policy.
pub(super) fn whole_policy(text: &str) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..3 {
        let parsed = parse(&text);
        if parsed.errors.is_empty() {
            return parsed.root.is_some_and(|r| r.get("Statement").is_some()).then_some(text);
        }
        let mut edits = Vec::new();
        for error in parsed.errors {
            // A bare word may be a reference to something else.
            let repair = error.repair.filter(|_| error.slip != Slip::UnquotedValue)?;
            edits.extend(repair.edits.into_iter().map(|(span, text)| TextEdit { span, text }));
        }
        text = apply_fix(&text, &Fix { title: String::new(), changes_access: false, edits });
    }
    None
}

/// A part of a text, its lines moved left by the indentation of the line on which it begins.
fn without_indentation(text: &str, span: Span) -> String {
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let indentation: String = line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let mut lines = span.text_in(text).split('\n');
    let mut part = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        part.push('\n');
        part.push_str(line.strip_prefix(indentation.as_str()).unwrap_or(line));
    }
    part
}

/// The members under which commands, templates and programs keep a policy.
const WRAPPERS: &[&str] = &[
    "policyText",
    "RepositoryPolicyText",
    "repositoryPolicyText",
    "PolicyText",
    "repositoryPolicy",
    "RepositoryPolicy",
    "policyDocument",
    "PolicyDocument",
    "policy",
    "Policy",
    "document",
    "json",
    "registryPolicyText",
];

/// JSON that is no policy but holds one: the output of a command, a template, a policy as text, a statement alone.
pub(super) fn find_wrapping(text: &str, root: &Node) -> Option<Foreign> {
    match &root.value {
        Value::String(inner) => {
            let fix = replace_all(text, "take the policy out of the string", policy_text(inner)?);
            let span = Span::new(root.span.start, root.span.start + 1);
            Some(Foreign { span, message: "the whole policy is one JSON string".to_owned(), fix: Some(fix) })
        }
        Value::Array(elements) if !elements.is_empty() && elements.iter().all(is_statement) => {
            let span = Span::new(root.span.start, root.span.start + 1);
            Some(wrap_statements(text, root, span, "these are statements without the policy around them", ""))
        }
        Value::Object(_) if root.get("Statement").is_none() => {
            if is_statement(root) {
                let span = Span::new(root.span.start, root.span.start + 1);
                return Some(wrap_statements(
                    text,
                    root,
                    span,
                    "this is one statement without the policy around it",
                    "[",
                ));
            }
            let mut found = Vec::new();
            policies_inside(text, root, &mut found);
            // A plan tells a policy several times: as it was, as it will be.
            found.dedup_by(|b, a| same_policy(&a.1, &b.1));
            // Identity policies of other resources have no principal.
            let of_resource = |(_, policy): &(&Member, String)| policy.contains("rincipal\"");
            if found.iter().any(of_resource) {
                found.retain(of_resource);
            }
            let Some((member, policy)) = found.first().cloned() else { return typed_form(text, root) };
            let message = holder_words(root, &member.key.text);
            if found.iter().any(|(_, other)| !same_policy(other, &policy)) {
                let message = format!("{message}; there are several policies: give one of them");
                return Some(Foreign { span: member.key.span, message, fix: None });
            }
            let message = message.to_owned();
            let fix = replace_all(text, "take the policy out", policy);
            let found = Foreign { span: member.key.span, message, fix: Some(fix) };
            Some(if member.key.text == "policyText" { found } else { found.losing_text() })
        }
        _ => None,
    }
}

fn is_statement(node: &Node) -> bool {
    node.get("Effect").is_some() && (node.get("Action").is_some() || node.get("NotAction").is_some())
}

/// Puts a policy around statements; `list` is the bracket that they lack.
fn wrap_statements(text: &str, root: &Node, span: Span, message: &str, list: &str) -> Foreign {
    let close = if list.is_empty() { "" } else { "]" };
    let policy = format!("{{\"Version\": \"2012-10-17\", \"Statement\": {list}{}{close}}}", root.span.text_in(text));
    Foreign { span, message: message.to_owned(), fix: Some(replace_all(text, "put the policy around it", policy)) }
}

/// Crossplane's typed form of a policy, whose names are not those of a policy.
fn typed_form(text: &str, root: &Node) -> Option<Foreign> {
    let first =
        root.members().first().filter(|_| text.contains("crossplane.io/") && text.contains("\"forProvider\""))?;
    Some(Foreign { span: first.key.span, message: TYPED_FORM.to_owned(), fix: None })
}

/// Said of a manifest of Crossplane without a policy as text.
const TYPED_FORM: &str = "this is a Crossplane manifest with the policy in its typed form: write it as a policy in JSON, \
                          which `policyText` takes too";

/// Names the document that holds a policy under a member, as a clause.
fn holder_words(root: &Node, member: &str) -> &'static str {
    let has = |name: &str| root.get(name).is_some();
    match member {
        "policyText" if has("registryId") && !has("repositoryName") && !has("Resources") => {
            "this is what `aws ecr get-registry-policy` printed: the policy is the text inside"
        }
        "policyText" if !has("Resources") => {
            "this is what `aws ecr get-repository-policy` printed: the policy is the text inside"
        }
        "repositoryPolicy" if has("repositoryCreationTemplates") || has("prefix") || has("appliedFor") => {
            "this is an ECR creation template: the policy is the text of `repositoryPolicy`"
        }
        _ if has("planned_values") || has("resource_changes") => {
            "this is a Terraform plan as JSON: the policy is a text inside"
        }
        _ if has("terraform_version") => "this is a Terraform state: the policy is a text inside",
        _ if has("apiVersion") && has("kind") => "this is a Kubernetes manifest: the policy is the part inside",
        "RepositoryPolicyText" => "this is a CloudFormation template: the policy is the part inside",
        _ => "the policy is the part inside",
    }
}

/// Tells whether two texts are the same policy, however they are laid out.
fn same_policy(a: &str, b: &str) -> bool {
    a == b || matches!((parse(a).root, parse(b).root), (Some(a), Some(b)) if a.same_as(&b))
}

/// More policies than anybody needs to be told of.
const MOST_INSIDE: usize = 16;

/// The members, at any depth, that hold a policy, each with its policy.
fn policies_inside<'a>(text: &str, node: &'a Node, found: &mut Vec<(&'a Member, String)>) {
    if let Value::Array(elements) = &node.value {
        for element in elements {
            policies_inside(text, element, found);
        }
    }
    for member in node.members() {
        if found.len() >= MOST_INSIDE {
            return;
        }
        if WRAPPERS.contains(&member.key.text.as_str()) {
            let policy = match &member.value.value {
                Value::String(inner) => policy_text(inner),
                _ if member.value.get("Statement").is_some() => Some(without_indentation(text, member.value.span)),
                _ => None,
            };
            if let Some(policy) = policy {
                found.push((member, policy));
                continue;
            }
        }
        policies_inside(text, &member.value, found);
    }
}

/// The text of a string, where it is a policy.
fn policy_text(inner: &str) -> Option<String> {
    let begins = inner.trim_start().starts_with(['{', '"']);
    let root = if begins { parse(inner).root? } else { return None };
    match &root.value {
        // Encoded more than once.
        Value::String(again) if again.len() < inner.len() => policy_text(again),
        _ => root.get("Statement").map(|_| inner.to_owned()),
    }
}

pub(super) fn is_bare(subject: &Subject, sink: &mut Sink) {
    if let Some(wrapping) = &subject.wrapping {
        sink.report_fix(wrapping.span, wrapping.message.clone(), wrapping.fix.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CheckOptions, Finding, check};
    use super::*;
    use crate::ecr::json_string::quote_string;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]}]}"#;

    fn found(text: &str) -> Vec<Finding> {
        check(text, &CheckOptions::default())
    }

    fn healed(text: &str) -> String {
        let first = found(text).remove(0);
        let fix = first.fix.unwrap_or_else(|| panic!("{} has no fix in {text}", first.message));
        apply_fix(text, &fix)
    }

    #[test]
    fn another_language_is_one_finding_that_names_it() {
        let hcl = "data \"aws_iam_policy_document\" \"x\" {\n  statement {\n    actions = [\"ecr:*\"]\n  }\n}\n";
        let cases = [
            (hcl, "Terraform", "data"),
            ("Version: \"2012-10-17\"\nStatement:\n  - Sid: x\n    Effect: Allow\n", "YAML", "Version"),
            ("# ours\n---\n- Effect: Allow\n  Action: ecr:*\n", "YAML", "#"),
            ("Properties:\n  RepositoryPolicyText:\n    Version: x\n", "CloudFormation template in YAML", "Properties"),
        ];
        for (text, name, at) in cases {
            let all = found(text);
            assert_eq!(all.iter().map(|f| f.id).collect::<Vec<_>>(), ["E001"], "{text}: {all:?}");
            assert!(all[0].message.contains(name), "{}", all[0].message);
            assert_eq!(all[0].span.text_in(text), at);
        }
    }

    #[test]
    fn a_policy_amid_other_text_is_taken_out() {
        let command = format!("aws ecr set-repository-policy --repository-name app --policy-text '{POLICY}'");
        let cases = [
            (command, "command", true),
            (format!("'{POLICY}'"), "in quotes", false),
            (format!("\"\"\"{POLICY}\"\"\""), "in quotes", false),
            (POLICY.replace('"', "\\\""), "escaped", false),
            (POLICY.replace('"', "&quot;"), "source of a page", false),
            (format!("  policy = <<EOF\n{POLICY}\nEOF"), "Terraform, with the policy inside", true),
        ];
        for (text, name, asked) in cases {
            let all = found(&text);
            assert_eq!(all.len(), 1, "{text}: {all:?}");
            assert!(all[0].message.contains(name), "{}", all[0].message);
            assert_eq!(all[0].fix.as_ref().unwrap().changes_access, asked, "what is lost is asked about: {text}");
            assert_eq!(healed(&text), POLICY);
        }
        let naked = &POLICY[1..POLICY.len() - 1];
        assert_eq!(healed(naked), format!("{{\n{naked}\n}}"));
        assert_eq!(healed(&format!("{naked}}}")), format!("{{\n{naked}}}"));
    }

    #[test]
    fn jsonencode_is_written_as_json_where_nothing_is_referred_to() {
        let hcl = "  policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect = \"Allow\"\n      \
                   Principal = { AWS = \"arn:aws:iam::111111111111:root\" }\n      Action = [\"ecr:BatchGetImage\", \
                   \"ecr:GetDownloadUrlForLayer\",]\n    }]\n  })\n";
        let fixed = healed(hcl);
        assert_eq!(found(&fixed), [], "{fixed}");
        assert!(fixed.starts_with("{\n  \"Version\": \"2012-10-17\",\n") && fixed.ends_with("]\n}\n"), "{fixed}");
        let refers = hcl.replace("\"arn:aws:iam::111111111111:root\"", "var.account");
        assert!(found(&refers)[0].fix.is_none());
    }

    #[test]
    fn what_a_policy_is_wrapped_in_is_told_and_taken_off() {
        let pretty = "{\n    \"Version\": \"2012-10-17\",\n    \"Statement\": []\n}";
        let inside = pretty.replace('\n', "\n  ");
        let cases = [
            (format!("{{\"policyText\": {}}}", quote_string(POLICY)), "\"policyText\"", POLICY, false),
            (
                format!("{{\"R\": [{{\n  \"RepositoryPolicyText\": {inside}\n}}]}}"),
                "\"RepositoryPolicyText\"",
                pretty,
                true,
            ),
            (quote_string(POLICY), "\"", POLICY, false),
        ];
        for (text, at, policy, asked) in cases {
            let all = found(&text);
            let told = all.iter().find(|f| f.id == "W225").unwrap();
            assert_eq!(told.span.text_in(&text), at);
            assert!(told.stops && told.fix.as_ref().unwrap().changes_access == asked);
            assert_eq!(apply_fix(&text, told.fix.as_ref().unwrap()), policy);
            assert_eq!(healed(&text), policy, "the first finding mends it too");
            assert!(all.iter().all(|f| f.id != "E003"), "{all:?}");
        }
        let statement = POLICY.split_once('[').unwrap().1.strip_suffix("]}").unwrap();
        for text in [statement.to_owned(), format!("[{statement}]")] {
            assert_eq!(found(&healed(&text)), [], "{text}");
        }
    }

    #[test]
    fn policies_inside_what_tools_print_are_found_or_named() {
        let text = quote_string(POLICY);
        let cases = [
            (
                format!(r#"{{"repositoryCreationTemplates": [{{"prefix": "a", "repositoryPolicy": {text}}}]}}"#),
                "ECR creation template",
            ),
            (format!(r#"{{"prefix": "a", "appliedFor": [], "repositoryPolicy": {text}}}"#), "ECR creation template"),
            (
                format!(
                    r#"{{"terraform_version": "1", "planned_values": {{"values": {{"policy": {text}}}}}, "resource_changes": [{{"change": {{"after": {{"policy": {text}}}}}}}, {{"policy": "{{\"Statement\":[{{\"Effect\":\"Allow\"}}]}}"}}]}}"#
                ),
                "Terraform plan",
            ),
            (
                format!(
                    r#"{{"version": 4, "terraform_version": "1", "resources": [{{"attributes": {{"policy": {text}}}}}]}}"#
                ),
                "Terraform state",
            ),
            (
                format!(
                    r#"{{"apiVersion": "ecr.aws.crossplane.io/v1beta1", "kind": "RepositoryPolicy", "spec": {{"forProvider": {{"policyText": {text}}}}}}}"#
                ),
                "",
            ),
            (
                format!(r#"{{"apiVersion": "v1", "kind": "X", "spec": {{"forProvider": {{"policy": {POLICY}}}}}}}"#),
                "Kubernetes manifest",
            ),
            (
                format!(
                    r#"{{"Resources": {{"R": {{"Type": "AWS::ECR::Repository", "Properties": {{"RepositoryPolicyText": {POLICY}}}}}}}}}"#
                ),
                "CloudFormation",
            ),
            (format!(r#"{{"deployment": {{"resources": [{{"outputs": {{"policy": {text}}}}}]}}}}"#), "the part inside"),
            (
                format!(r#"{{"registryId": "222222222222", "repositoryName": "a", "policyText": {text}}}"#),
                "get-repository",
            ),
        ];
        for (text, name) in cases {
            let all = found(&text);
            let told = all.iter().find(|f| f.id == "W225").unwrap_or_else(|| panic!("{text}: {all:?}"));
            assert!(told.message.contains(name), "{}", told.message);
            assert_eq!(apply_fix(&text, told.fix.as_ref().unwrap()), POLICY, "{text}");
        }
        let other = quote_string(&POLICY.replace("111111111111", "333333333333"));
        let all =
            found(&format!(r#"{{"terraform_version": "1", "a": {{"policy": {text}}}, "b": {{"policy": {other}}}}}"#));
        let told = all.iter().find(|f| f.id == "W225").unwrap();
        assert!(told.message.contains("several policies: give one") && told.fix.is_none(), "{}", told.message);
        let typed = r#"{"apiVersion": "ecr.aws.crossplane.io/v1beta1", "spec": {"forProvider": {"policy": {"version": "2012-10-17", "statements": []}}}}"#;
        assert!(found(typed).iter().any(|f| f.id == "W225" && f.message.contains("typed form")));
        let typed = "apiVersion: ecr.aws.crossplane.io/v1beta1\nkind: RepositoryPolicy\nspec:\n  forProvider:\n    policy:\n      version: '2012-10-17'\n      statements:\n      - effect: Allow\n";
        assert!(found(typed)[0].message.contains("typed form"), "{:?}", found(typed));
        let hcl = "data \"aws_iam_policy_document\" \"x\" {\n}\n";
        assert!(found(hcl)[0].message.contains("terraform show -json"), "{}", found(hcl)[0].message);
    }

    #[test]
    fn listings_and_differences_are_named_and_the_policy_taken_out() {
        let pretty = crate::format(POLICY).unwrap();
        let each = |one: &dyn Fn(usize, &str) -> String| {
            pretty.lines().enumerate().map(|(at, line)| one(at + 1, line)).collect::<Vec<_>>().join("\n")
        };
        let cases = [
            (each(&|at, line| format!("{at:>3} | {line}")), "listing"),
            (each(&|at, line| format!("{at:>6}\t{line}")), "listing"),
            (each(&|at, line| format!("{at}: {line}")), "listing"),
            (each(&|at, line| format!("{at:>4} {line}")), "listing"),
            (each(&|_, line| format!("+{line}")), "difference"),
            (
                format!(
                    "--- a/p.json\n+++ b/p.json\n@@ -1,3 +1,3 @@\n{}",
                    each(&|at, line| match at {
                        2 => format!("-  \"Version\": \"2008-10-17\",\n+{line}"),
                        _ => format!(" {line}"),
                    })
                ),
                "difference",
            ),
        ];
        for (text, name) in cases {
            let all = found(&text);
            assert_eq!(all.iter().map(|f| f.id).collect::<Vec<_>>(), ["E001"], "{text}: {all:?}");
            assert!(all[0].message.contains(name), "{}", all[0].message);
            let fix = all[0].fix.as_ref().unwrap();
            assert!(fix.changes_access);
            assert_eq!(crate::text::minify(&apply_fix(&text, fix)).unwrap(), POLICY);
        }
    }

    #[test]
    fn a_policy_with_a_slip_is_not_taken_for_another_language() {
        for (from, to) in [("}]}", "},]}"), ("\"Effect\"", "Effect"), ("{\"AWS\"", "{\"Service\""), (":[{", " [{")] {
            let text = POLICY.replace(from, to);
            assert!(found(&text).iter().all(|f| f.id != "W225"));
            assert!(find_language(&text, &parse(&text)).is_none(), "{text}");
        }
        let other = "{\"Version\": \"2012-10-17\", \"policy\": {\"a\": \"b\"}}";
        assert!(found(other).iter().all(|f| f.id != "W225"));
    }
}
