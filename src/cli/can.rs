//! `can`: answers whether a policy allows a request, and why.

use std::borrow::Cow;

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::args::{CanArgs, Format, Globals, OwnPolicies};
use super::exit::Exit;
use super::output::{Stop, print_data, print_words};
use super::{cases, check};
use crate::ecr::json::{to_compact, to_pretty};
use crate::ecr::text::make_visible;
use crate::policy::evaluate::{Part, Request};
use crate::policy::evaluate_in;
use crate::policy::lint;
use crate::policy::{Answer, Decision, Effect, IdentityPolicies, Origin, Policy, RegistryPolicy};

/// Answers one question, or those of `--cases`.
pub(super) fn run(globals: &Globals, args: &CanArgs) -> Result<Exit, Stop> {
    let registry = match &args.registry_policy {
        None => RegistryPolicy::NotAsked,
        Some(path) => RegistryPolicy::of_file(&check::read_text(path)?).map_err(|why| {
            Stop::wrong_usage(
                format!("{} is no registry policy: {why}", path.display()),
                "get it with `aws ecr get-registry-policy --query policyText --output text`",
            )
        })?,
    };
    if let Some(path) = &args.cases {
        return cases::run(path, &registry);
    }
    let (Some(path), Some(principal), Some(action), Some(repository)) =
        (&args.policy, &args.principal, &args.action, &args.repository)
    else {
        return Err(Stop::wrong_usage(
            "a part of the question is missing",
            "give --policy, --principal, --action, --repository",
        ));
    };
    let action = if action.contains(':') { action.clone() } else { format!("ecr:{action}") };
    let identity = match args.identity {
        OwnPolicies::All => IdentityPolicies::All,
        OwnPolicies::None => IdentityPolicies::None,
    };
    let mut request = Request::new(principal, &action, repository, identity, Vec::new())
        .map_err(|problem| Stop::wrong_usage(problem, "see ecr-grant can --help"))?;
    for (key, value) in &args.context {
        request.add(key, vec![value.clone()]);
    }
    let (policy, decision) = match lint::storable_or_decision(&check::read_text(path)?) {
        Ok(own) => {
            let around = request.repository_ref().map(|repository| registry.around(Some(&own), &repository));
            let policy = around.unwrap_or_else(|| own.clone());
            request.add_what_the_caller_tells(&policy);
            request.add_what_the_repository_tells(&policy);
            add_the_time(&mut request, &args.context);
            let mut decision = evaluate_in(&registry, &own, &request);
            let absent = request.absent_keys(&policy);
            if !absent.is_empty() {
                decision
                    .notes
                    .push(format!("taken as absent, since --context does not give it: {}", absent.join(", ")));
            }
            (Some(policy), decision)
        }
        Err(refused) => (None, refused),
    };
    match globals.format {
        Format::Json => print_data(&to_pretty(&Decided::from(&decision))),
        Format::Jsonl => print_data(&to_compact(&Decided::from(&decision))),
        _ => {
            for line in decision_lines(&request, policy.as_ref(), &decision) {
                print_words(&make_visible(&line));
            }
        }
    }
    Ok(match decision.answer {
        Answer::Allow => Exit::Done,
        Answer::ExplicitDeny | Answer::ImplicitDeny => Exit::Denied,
        Answer::Refused => Exit::Refused,
    })
}

/// Adds the time, which every request carries.
fn add_the_time(request: &mut Request, given: &[(String, String)]) {
    let now = OffsetDateTime::now_utc();
    let is_given = |key: &str| given.iter().any(|(k, _)| k.eq_ignore_ascii_case(key));
    if let (false, Ok(text)) = (is_given("aws:CurrentTime"), now.format(&Rfc3339)) {
        request.add("aws:CurrentTime", vec![text]);
    }
    if !is_given("aws:EpochTime") {
        request.add("aws:EpochTime", vec![now.unix_timestamp().to_string()]);
    }
}

/// A decision for programs.
#[derive(Serialize)]
pub(super) struct Decided<'a> {
    result: &'static str,
    unsure: bool,
    allow: &'a [usize],
    deny: &'a [usize],
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    registry_deny: &'a [usize],
    notes: Vec<Cow<'a, str>>,
}

impl<'a> From<&'a Decision> for Decided<'a> {
    fn from(decision: &'a Decision) -> Self {
        let open = decision.unsure.iter().map(|reason| Cow::from(format!("not explicit: {reason}")));
        Self {
            result: decision.answer.name(),
            unsure: decision.is_unsure(),
            allow: &decision.allow,
            deny: &decision.deny,
            registry_deny: &decision.registry_deny,
            notes: open.chain(decision.notes.iter().map(|note| Cow::from(note.as_str()))).collect(),
        }
    }
}

/// Puts a decision into words: the answer, the part of each statement in it, and notes.
fn decision_lines(request: &Request, policy: Option<&Policy>, decision: &Decision) -> Vec<String> {
    let answer = match decision.answer {
        Answer::Allow => "allowed",
        Answer::ExplicitDeny => "denied by a statement",
        Answer::ImplicitDeny => "denied: nothing allows it",
        Answer::Refused => "no answer: ECR would refuse this policy",
    };
    let unsure = if decision.is_unsure() { " (unsure)" } else { "" };
    let name = request.repository.repository().map(|name| name.to_string()).unwrap_or_default();
    let mut lines = vec![format!(
        "{answer}{unsure}: {} on {name} of {}",
        format_args!("ecr:{}", request.action),
        request.repository.account
    )];
    for (index, statement) in policy.iter().flat_map(|p| p.statements.iter()).enumerate() {
        let sid = statement.sid.as_ref().map(|sid| format!(" \"{}\"", sid.value)).unwrap_or_default();
        let (number, document, denying) = match statement.origin {
            Origin::Repository => (index + 1, "", &decision.deny),
            Origin::Registry(at) => (at + 1, " of the registry policy", &decision.registry_deny),
        };
        let effect = match statement.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let says = if denying.contains(&number) {
            "denies it".to_owned()
        } else if statement.origin == Origin::Repository && decision.allow.contains(&number) {
            "allows it".to_owned()
        } else {
            match decision.parts.get(index) {
                Some(Part::Principal) => "is about somebody else".to_owned(),
                Some(Part::Action) => "is about other actions".to_owned(),
                Some(Part::Condition(at)) => {
                    let condition = statement.conditions.get(*at);
                    let words = condition.map(|c| format!("{} {} {}", c.operator, c.key, c.values.join(" or ")));
                    format!("does not apply: its condition does not hold ({})", words.unwrap_or_default())
                }
                Some(Part::All) | None => "is left open".to_owned(),
            }
        };
        lines.push(format!("  statement {number}{sid}{document} ({effect}) {says}"));
    }
    lines.extend(decision.unsure.iter().map(|reason| format!("  unsure: {reason}")));
    lines.extend(decision.notes.iter().map(|note| format!("  note: {note}")));
    lines
}
