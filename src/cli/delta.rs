//! `delta`: tells who gains and who loses between two policies.

use std::path::Path;

use serde_json::{Value, json};

use super::args::{DeltaArgs, Format, Globals};
use super::check;
use super::exit::Exit;
use super::output::{Stop, print_data, print_json, print_words};
use super::permissions::who_json;
use crate::ecr::condition::find_key;
use crate::ecr::json::to_compact;
use crate::ecr::shell::file_word;
use crate::ecr::text::make_visible;
use crate::policy::delta::{Change, Witness, delta_for};
use crate::policy::explain::{gain_words, loss_words};
use crate::policy::lint::storable;
use crate::policy::{IdentityPolicies, LineIndex, Policy, Unproved};

/// Compares two policies; a difference makes the exit code 1.
pub(super) fn run(globals: &Globals, args: &DeltaArgs) -> Result<Exit, Stop> {
    if args.old.as_os_str() == "-" && args.new.as_os_str() == "-" {
        return Err(Stop::wrong_usage("the standard input is named twice", "give - once"));
    }
    let (old, new) = (read_policy(&args.old)?, read_policy(&args.new)?);
    let delta = delta_for(old.as_ref(), new.as_ref(), args.owner.as_ref().map(|o| &o.id));
    let objects = |changes: &[Change]| changes.iter().map(change_json).collect::<Vec<Value>>();
    match globals.format {
        Format::Json => print_json(&json!({"gains": objects(&delta.gains), "losses": objects(&delta.losses)})),
        Format::Jsonl => {
            for (name, changes) in [("gain", &delta.gains), ("loss", &delta.losses)] {
                for change in changes {
                    print_data(&to_compact(&with_name(name, change_json(change))));
                }
            }
        }
        _ if delta.is_empty() => print_data("no difference: nobody gains, nobody loses"),
        _ => {
            let lost = delta.losses.iter().map(|c| change_lines("-", &loss_words(c), "no longer", c));
            let gained = delta.gains.iter().map(|c| change_lines("+", &gain_words(c), "now", c));
            lost.chain(gained).flatten().for_each(|line| print_words(&make_visible(&line)));
        }
    }
    Ok(if delta.is_empty() { Exit::Done } else { Exit::Findings })
}

/// Reads the policy of a file; an empty file is no policy. A policy that ECR would refuse gives nobody anything, so it
/// is an error with the places.
fn read_policy(path: &Path) -> Result<Option<Policy>, Stop> {
    let text = check::read_text(path)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    storable(&text).map(Some).map_err(|findings| {
        let index = LineIndex::new(&text);
        let place = |finding: &crate::policy::Finding| {
            let at = index.position_of(finding.span.start);
            format!("{}:{}:{}: {} [{}]", path.display(), at.line, at.column, finding.message, finding.id)
        };
        let places: Vec<String> = findings.iter().map(place).collect();
        let what = match places.as_slice() {
            [] => format!("{}: the policy cannot be read", path.display()),
            [only] => only.clone(),
            [first, rest @ ..] => format!("{first}, and {} more", rest.len()),
        };
        Stop::wrong_usage(what, format!("ecr-grant check {} says all of it", file_word(&path.display().to_string())))
    })
}

/// Puts a change into words, with a request that shows it.
pub(super) fn change_lines(mark: &str, words: &str, may: &str, change: &Change) -> Vec<String> {
    let Some(witness) = &change.witness else {
        let why = change.unproved.map_or("no request shows it", Unproved::words);
        return vec![format!("{mark} {words}"), format!("    not proved by a request: {why}")];
    };
    let mut lines =
        vec![format!("{mark} {words}"), format!("    such as {}, who may {may} {}", witness.principal, witness.action)];
    if witness.identity == IdentityPolicies::None {
        lines.push("      whatever its own policies say".to_owned());
    }
    for (key, values) in &witness.context {
        lines.push(format!("      {key}={}", values.join(", ")));
    }
    lines
}

/// Builds a change for programs.
pub(super) fn change_json(change: &Change) -> Value {
    let who = who_json(&change.who);
    let actions: Vec<String> = change.actions.iter().map(|name| format!("ecr:{name}")).collect();
    let conditions: Vec<Value> =
        change.conditions.iter().map(|c| json!({"operator": c.operator, "key": c.key, "values": c.values})).collect();
    let mut value = json!({
        "grantee": who.get("id"),
        "grantee_kind": who.get("kind"),
        "actions": actions,
        "conditions": conditions,
        "witness": change.witness.as_ref().map(witness_json),
    });
    if let (Value::Object(fields), Some(why)) = (&mut value, change.unproved) {
        fields.insert("unproved".to_owned(), why.words().into());
    }
    value
}

/// Builds a request as a line of `can --cases`, without its policy.
fn witness_json(witness: &Witness) -> Value {
    let value = |key: &str, values: &[String]| match values {
        [one] if !find_key(key).is_some_and(|k| k.many) => json!(one),
        many => json!(many),
    };
    let context: serde_json::Map<String, Value> =
        witness.context.iter().map(|(key, values)| (key.clone(), value(key, values))).collect();
    let identity = match witness.identity {
        IdentityPolicies::All => "all",
        IdentityPolicies::None => "none",
    };
    json!({
        "principal": witness.principal,
        "action": witness.action,
        "resource": witness.resource,
        "identity": identity,
        "context": context,
    })
}

fn with_name(name: &str, object: Value) -> Value {
    let mut all = serde_json::Map::new();
    all.insert("change".to_owned(), name.into());
    if let Value::Object(fields) = object {
        all.extend(fields);
    }
    Value::Object(all)
}
