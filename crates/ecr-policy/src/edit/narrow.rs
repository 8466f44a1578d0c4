//! Narrowing a statement that somebody else wrote, such as one pasted from a vendor's page, to what a pull needs.

use super::revoke::statement_sid;
use super::{EditProblem, grantee_match, is_list, read_policy};
use crate::ecr::json_string::quote_string;
use crate::ecr::text::make_visible;
use crate::ecr::{ActionInfo, Recipe, Risk, action};
use crate::model::actions::expand_names;
use crate::model::actions::pattern_fits;
use crate::model::document::{Actions, Effect, Statement, is_lambdas_own, statement_words};
use crate::syntax::{Node, Span, Spanned};
use crate::text::TextEdit;
use crate::text::edits;
use crate::text::layout::{Json, Layout, gap_text, join_quoted, line_indentation};

/// The result of narrowing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowed {
    /// The new text.
    pub text: String,
    /// The edits that make it of the old one; none overlap.
    pub edits: Vec<TextEdit>,
    /// The parts that were cut, in document order.
    pub cut: Vec<Cut>,
    /// Statements that could not be narrowed, or not in everything.
    pub kept: Vec<Kept>,
}

impl Narrowed {
    /// Tells whether anything was cut.
    pub fn has_changed(&self) -> bool {
        !self.cut.is_empty()
    }
}

/// One thing that was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Index of the statement in the old text.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// The part that was cut: an action or pattern as it was written, an element's name, or `statement`.
    pub what: String,
    /// The reason, in one clause.
    pub why: String,
}

impl Cut {
    /// Returns what was cut and why, in one clause.
    pub fn words(&self) -> String {
        format!("{}: {}", make_visible(&self.what), self.why)
    }
}

/// One statement that could not be narrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Index of the statement in the old text.
    pub statement: usize,
    /// Its Sid.
    pub sid: Option<String>,
    /// The reason, in one clause.
    pub why: &'static str,
}

impl Kept {
    /// Returns what was kept and why, in one clause.
    pub fn words(&self) -> String {
        format!("{}: {}", statement_words(self.statement, self.sid.as_deref()), self.why)
    }
}

/// Cuts statements, by index, down to what a recipe such as `pull` allows. Nobody gains anything, and what the recipe
/// allows stays with whoever had it. Whom a statement names is never guessed: `*` stays and is reported.
pub fn narrow_statements(text: &str, statements: &[usize], purpose: &Recipe) -> Result<Narrowed, EditProblem> {
    let (policy, root) = read_policy(text)?;
    let nodes = root.get("Statement").map(|m| m.value.one_or_many()).unwrap_or_default();
    let writer = Writer { text, layout: Layout::detect(text, &root), purpose };
    let mut narrowed = Narrowed { text: text.to_owned(), edits: Vec::new(), cut: Vec::new(), kept: Vec::new() };
    let mut edits = Vec::new();
    let mut empty = Vec::new();
    for (at, (statement, node)) in policy.statements.iter().zip(nodes).enumerate() {
        if !statements.contains(&at) {
            continue;
        }
        if let Some(why) = why_untouchable(statement) {
            narrowed.kept.push(Kept { statement: at, sid: statement_sid(statement), why });
            continue;
        }
        let work = writer.narrow_one(statement, node);
        let cut = |(what, why): (String, String)| Cut { statement: at, sid: statement_sid(statement), what, why };
        if work.is_empty {
            empty.push(at);
            let why = format!("nothing in it is needed for {}", writer.purpose_words());
            narrowed.cut.push(cut(("the whole statement".to_owned(), why)));
            continue;
        }
        narrowed.cut.extend(work.cut.into_iter().map(cut));
        edits.extend(work.edits);
        if grantee_match::is_public(statement) && statement.principals.entries.iter().any(|p| p.text == "*") {
            let why = "lets everyone in; name the account in place of `*`";
            narrowed.kept.push(Kept { statement: at, sid: statement_sid(statement), why });
        }
    }
    if !empty.is_empty() && empty.len() == nodes.len() {
        // A policy without statements is none: that is for somebody to decide.
        let why = "nothing in the policy is needed for it: take it out as a whole, or write what is meant";
        let all = empty.iter().filter_map(|at| Some((*at, policy.statements.get(*at)?)));
        let kept = all.map(|(at, s)| Kept { statement: at, sid: statement_sid(s), why }).collect();
        return Ok(Narrowed { text: text.to_owned(), edits: Vec::new(), cut: Vec::new(), kept });
    }
    let spans: Vec<Span> = nodes.iter().map(|n| n.span).collect();
    edits.extend(edits::cut_ranges(&spans, |at| empty.contains(&at)).into_iter().map(TextEdit::removing));
    narrowed.text = edits::apply_edits(text, &edits);
    narrowed.edits = edits;
    Ok(narrowed)
}

/// Returns why a statement cannot be narrowed at all.
fn why_untouchable(statement: &Statement) -> Option<&'static str> {
    if statement.effect == Effect::Deny {
        Some("denies; cut down, it would let more through")
    } else if statement.principals.negated {
        Some("lets in whoever it does not name; name who is meant in Principal")
    } else if is_lambdas_own(statement, None) {
        Some("AWS Lambda keeps it for functions of the owner's account")
    } else {
        None
    }
}

/// The work of narrowing one statement.
#[derive(Default)]
struct Work {
    edits: Vec<TextEdit>,
    cut: Vec<(String, String)>,
    is_empty: bool,
}

struct Writer<'a> {
    text: &'a str,
    layout: Layout,
    purpose: &'a Recipe,
}

impl Writer<'_> {
    fn purpose_words(&self) -> String {
        if self.purpose.name == "pull" { "a pull".to_owned() } else { format!("recipe {}", self.purpose.name) }
    }

    fn is_needed(&self, name: &str) -> bool {
        self.purpose.repository_actions().any(|a| a.name.eq_ignore_ascii_case(name))
    }

    /// The actions of the purpose that a list of patterns allows, as a policy writes them.
    fn covered_actions(&self, actions: &Actions) -> Vec<String> {
        let names = expand_names(actions);
        self.purpose.repository_actions().filter(|a| names.contains(&a.name)).map(ActionInfo::iam_name).collect()
    }

    fn narrow_one(&self, statement: &Statement, node: &Node) -> Work {
        let mut work = Work::default();
        if self.covered_actions(&statement.actions).is_empty() {
            return Work { is_empty: true, ..work };
        }
        let members = node.members();
        let is_resource =
            |at: usize| members.get(at).is_some_and(|m| matches!(m.key.text.as_str(), "Resource" | "NotResource"));
        let spans: Vec<Span> = members.iter().map(|m| Span::new(m.key.span.start, m.value.span.end)).collect();
        work.edits.extend(edits::cut_ranges(&spans, is_resource).into_iter().map(TextEdit::removing));
        let resources = members.iter().enumerate().filter(|(at, _)| is_resource(*at));
        work.cut.extend(resources.map(|(_, m)| {
            (m.key.text.clone(), "ECR refuses the element; the policy is its repository's own".to_owned())
        }));
        if let Some(member) = node.get("NotAction") {
            let named = self.layout.write_value(
                &Json::text_list(&self.covered_actions(&statement.actions)),
                &line_indentation(self.text, member.key.span.start),
            );
            work.edits.push(TextEdit::replacing(member.key.span, quote_string("Action")));
            work.edits.push(TextEdit::replacing(member.value.span, named));
            let why = format!("allows all that it does not name; what is needed for {} is named", self.purpose_words());
            work.cut.push(("NotAction".to_owned(), why));
        } else if let Some(member) = node.get("Action") {
            self.cut_list(&statement.actions, &member.value, &mut work);
        }
        work
    }

    /// Cuts a list of actions; a pattern that allows more makes room for the names that are meant.
    fn cut_list(&self, actions: &Actions, node: &Node, work: &mut Work) {
        let mut there: Vec<String> = actions
            .patterns
            .iter()
            .filter(|p| self.is_needed_pattern(p))
            .flat_map(|p| self.covered_actions(&only_pattern(p)))
            .collect();
        let mut goes = vec![false; actions.patterns.len()];
        for ((pattern, goes), element) in actions.patterns.iter().zip(&mut goes).zip(node.one_or_many()) {
            if self.is_needed_pattern(pattern) {
                continue;
            }
            let named: Vec<String> =
                self.covered_actions(&only_pattern(pattern)).into_iter().filter(|n| !there.contains(n)).collect();
            work.cut.push((pattern.value.clone(), self.why_cut(&pattern.value)));
            if named.is_empty() {
                *goes = true;
                continue;
            }
            let with = if is_list(node) {
                join_quoted(&named, &self.list_separator(node))
            } else if let [only] = named.as_slice() {
                quote_string(only)
            } else {
                self.layout.write_value(&Json::text_list(&named), &line_indentation(self.text, node.span.start))
            };
            work.edits.push(TextEdit::replacing(element.span, with));
            there.extend(named);
        }
        let spans: Vec<Span> = node.one_or_many().iter().map(|e| e.span).collect();
        let cuts = edits::cut_ranges(&spans, |at| goes.get(at).is_some_and(|g| *g));
        work.edits.extend(cuts.into_iter().map(TextEdit::removing));
    }

    /// Returns what sets the elements of a list apart: each has its own line where the first has.
    fn list_separator(&self, list: &Node) -> String {
        let first = list.one_or_many().first().map_or(list.span.start + 1, |e| e.span.start);
        let lead = gap_text(self.text, list.span.start + 1, first);
        if lead.contains(['\n', '\r']) { format!(",{lead}") } else { self.layout.comma.clone() }
    }

    /// Tells whether a pattern allows nothing but what is needed.
    fn is_needed_pattern(&self, pattern: &Spanned<String>) -> bool {
        let names = expand_names(&only_pattern(pattern));
        !names.is_empty() && names.iter().all(|name| self.is_needed(name))
    }

    fn why_cut(&self, pattern: &str) -> String {
        let purpose = self.purpose_words();
        if pattern.contains(['*', '?']) {
            return format!("allows more than {purpose} needs; what is needed is named");
        }
        let Some(info) = action::all_actions().iter().find(|a| pattern_fits(pattern, &a.name)) else {
            return "ECR has no such action, and it allows nothing here".to_owned();
        };
        match info.risk {
            Risk::Account => "does nothing in a repository policy".to_owned(),
            Risk::Push => format!("puts images in; not needed for {purpose}"),
            Risk::Delete => format!("deletes, or can; not needed for {purpose}"),
            Risk::Policy => format!("hands the repository over; not needed for {purpose}"),
            Risk::Leak => format!("shows who else has access; not needed for {purpose}"),
            Risk::Settings => format!("changes settings; not needed for {purpose}"),
            Risk::Pull | Risk::Browse => format!("only looks things up; not needed for {purpose}"),
        }
    }
}

fn only_pattern(pattern: &Spanned<String>) -> Actions {
    Actions { negated: false, patterns: vec![pattern.clone()] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::recipe;

    fn narrowed(text: &str, statements: &[usize]) -> Narrowed {
        narrow_statements(text, statements, recipe::find_recipe("pull").unwrap()).unwrap()
    }

    fn said(narrowed: &Narrowed) -> Vec<String> {
        let cut = narrowed.cut.iter().map(Cut::words);
        cut.chain(narrowed.kept.iter().map(Kept::words)).collect()
    }

    fn statement(principal: &str, action: &str) -> String {
        format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},{action}}}]}}"#)
    }

    const VENDOR: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Vendor",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::333333333333:root"
      },
      "Action": [
        "ecr:GetAuthorizationToken",
        "ecr:BatchGetImage",
        "ecr:PutImage",
        "ecr:GetDownload*",
        "ecr:Get*",
        "ecr:SetRepositoryPolicy"
      ],
      "Resource": "*"
    },
    {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
  ]
}"#;

    #[test]
    fn a_vendors_statement_is_cut_to_what_a_pull_needs_and_its_neighbours_stay() {
        let narrowed = narrowed(VENDOR, &[0]);
        let expected = VENDOR
            .replace("        \"ecr:GetAuthorizationToken\",\n", "")
            .replace("        \"ecr:PutImage\",\n", "")
            .replace(",\n        \"ecr:Get*\",\n        \"ecr:SetRepositoryPolicy\"", "")
            .replace(",\n      \"Resource\": \"*\"", "");
        assert_eq!(narrowed.text, expected);
        assert_eq!(
            said(&narrowed),
            [
                "Resource: ECR refuses the element; the policy is its repository's own",
                "ecr:GetAuthorizationToken: does nothing in a repository policy",
                "ecr:PutImage: puts images in; not needed for a pull",
                "ecr:Get*: allows more than a pull needs; what is needed is named",
                "ecr:SetRepositoryPolicy: hands the repository over; not needed for a pull",
            ]
        );
    }

    #[test]
    fn a_wildcard_makes_room_for_the_names_in_the_manner_of_the_document() {
        let vendor = r#"{"AWS":"333333333333"}"#;
        let names = r#""ecr:BatchCheckLayerAvailability","ecr:BatchGetImage","ecr:GetDownloadUrlForLayer""#;
        for (before, after) in [
            (r#""Action":"ecr:*""#, format!(r#""Action":[{names}]"#)),
            (r#""Action":["*"]"#, format!(r#""Action":[{names}]"#)),
            (r#""NotAction":"ecr:PutImage""#, format!(r#""Action":[{names}]"#)),
            (r#""Action":"ecr:GetDown*""#, r#""Action":"ecr:GetDown*""#.to_owned()),
            (r#""Action":"ecr:Get*""#, r#""Action":"ecr:GetDownloadUrlForLayer""#.to_owned()),
            (
                r#""Action":["ecr:BatchGetImage","ecr:*","ecr:PutImage"]"#,
                r#""Action":["ecr:BatchGetImage","ecr:BatchCheckLayerAvailability","ecr:GetDownloadUrlForLayer"]"#
                    .to_owned(),
            ),
        ] {
            let narrowed = narrowed(&statement(vendor, before), &[0]);
            assert_eq!(narrowed.text, statement(vendor, &after), "{before}");
            assert_eq!(narrowed.has_changed(), before != after);
        }
        let public = narrowed(VENDOR, &[1]);
        assert!(public.text.contains("\"Principal\": \"*\", \"Action\": ["), "{}", public.text);
        assert!(said(&public)[1].starts_with("statement 2: lets everyone in"), "{:?}", said(&public));
    }

    #[test]
    fn what_gives_no_pull_goes_and_what_is_not_ours_to_cut_is_told() {
        let push = r#"{"Sid":"Push","Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"ecr:PutImage"}"#;
        let deny = push.replace("Allow", "Deny").replace("Push", "No");
        let except = push.replace("Principal", "NotPrincipal").replace("Push", "Except");
        let text = |all: &[&str]| format!(r#"{{"Statement":[{}]}}"#, all.join(","));
        let cut = narrowed(&text(&[push, &deny, &except]), &[0, 1, 2]);
        assert_eq!(cut.text, text(&[&deny, &except]));
        assert_eq!(
            said(&cut),
            [
                "the whole statement: nothing in it is needed for a pull",
                "statement 2 (No): denies; cut down, it would let more through",
                "statement 3 (Except): lets in whoever it does not name; name who is meant in Principal",
            ]
        );
        let alone = narrowed(&text(&[push]), &[0]);
        assert_eq!((alone.text.clone(), alone.has_changed(), alone.kept.len()), (text(&[push]), false, 1));
        assert!(narrow_statements("{", &[0], recipe::find_recipe("pull").unwrap()).is_err());
    }
}
