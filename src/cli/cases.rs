//! `can --cases`: one question a line in, one JSON object a line out, streamed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Serialize;
use serde_json::Value as Json;

use super::can::Decided;
use super::exit::Exit;
use super::output::{Stop, output_ended, print_data};
use super::parallel::map_with;
use crate::policy::evaluate::{Request, evaluate};
use crate::policy::evaluate_in;
use crate::policy::lint::{storable_or_decision, storable_part};
use crate::policy::syntax::{Node, Value, parse};
use crate::policy::text_to_send;
use crate::policy::{Answer, Decision, IdentityPolicies, Policy, RegistryPolicy};

/// The longest line that is read, in bytes: a policy has at most 10,240 characters.
const LONGEST: usize = 4 * 1024 * 1024;

/// The most lines that are answered at a time.
const BLOCK: usize = 1_024;

/// The bytes that are read ahead.
const AHEAD: usize = 1024 * 1024;

/// Answers every line of a file, or of the standard input for `-`; blank lines are skipped. Lines that have come are
/// answered before more are waited for.
pub(super) fn run(path: &Path, registry: &RegistryPolicy) -> Result<Exit, Stop> {
    let unreadable = |error: std::io::Error| {
        Stop::wrong_usage(
            format!("{} cannot be read: {error}", path.display()),
            "name an existing file, or - for the standard input",
        )
    };
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(path).map_err(unreadable)?)
    };
    let mut reader = BufReader::with_capacity(AHEAD, input);
    loop {
        let mut lines = Vec::new();
        let end = loop {
            match next_line(&mut reader).map_err(unreadable)? {
                None => break true,
                Some(line) => lines.push(line),
            }
            if lines.len() >= BLOCK || !reader.buffer().contains(&b'\n') {
                break false;
            }
        };
        let answers: Vec<Option<String>> =
            map_with(&lines, &Policies::default, &|policies, line| answer_to(policies, line, registry));
        let mut all: String = answers.into_iter().flatten().fold(String::new(), |all, answer| all + &answer + "\n");
        if all.pop().is_some() {
            print_data(&all);
        }
        if end || output_ended() {
            return Ok(Exit::Done);
        }
    }
}

/// The policies of a block by their texts: many questions often share one.
type Policies = HashMap<String, Result<Policy, Decision>>;

/// Returns the answer to one line; `None`: a blank one.
fn answer_to(policies: &mut Policies, line: &CaseLine, registry: &RegistryPolicy) -> Option<String> {
    match line {
        CaseLine::Long => Some(broken_line(&Json::Null, &format!("the line is longer than {LONGEST} bytes"))),
        CaseLine::Bytes(bytes) if bytes.trim_ascii().is_empty() => None,
        CaseLine::Bytes(bytes) => Some(match std::str::from_utf8(bytes) {
            Ok(text) => answer_line(policies, text, registry),
            Err(_) => broken_line(&Json::Null, "the line is no text in UTF-8"),
        }),
    }
}

enum CaseLine {
    Bytes(Vec<u8>),
    Long,
}

/// Reads the next line without its end; `None` at the end. No more than the longest line is held in memory.
fn next_line(reader: &mut impl BufRead) -> std::io::Result<Option<CaseLine>> {
    let mut line = Vec::new();
    let (mut read, mut long) = (false, false);
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            break;
        }
        read = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        long = long || line.len() + part.len() > LONGEST;
        if !long {
            line.extend_from_slice(part);
        }
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(read.then_some(if long { CaseLine::Long } else { CaseLine::Bytes(line) }))
}

fn answer_line(policies: &mut Policies, line: &str, registry: &RegistryPolicy) -> String {
    let parsed = parse(line);
    let root = match (&parsed.root, parsed.errors.first()) {
        (Some(root), None) if matches!(root.value, Value::Object(_)) => root,
        (_, Some(error)) => return broken_line(&Json::Null, &format!("the line is no JSON: {}", error.message)),
        _ => return broken_line(&Json::Null, "the line is no JSON object"),
    };
    let id = root.get("id").and_then(|m| serde_json::from_str(m.value.span.text_in(line)).ok()).unwrap_or(Json::Null);
    let CaseQuestion { text, part, request } = match read_question(root, line) {
        Ok(question) => question,
        Err(problem) => return broken_line(&id, &problem),
    };
    let decided = if let Some(policy) = policies.get(text.as_ref()) {
        decide_request(policy, registry, &request)
    } else {
        let policy = part.and_then(|part| storable_part(line, part)).map_or_else(|| storable_or_decision(&text), Ok);
        decide_request(policies.entry(text.into_owned()).or_insert(policy), registry, &request)
    };
    with_id(&id, &decided)
}

fn decide_request(policy: &Result<Policy, Decision>, registry: &RegistryPolicy, request: &Request) -> Decision {
    policy.as_ref().map_or_else(Clone::clone, |policy| match registry {
        RegistryPolicy::NotAsked => evaluate(policy, request),
        registry => evaluate_in(registry, policy, request),
    })
}

/// The question of a line.
struct CaseQuestion<'l> {
    /// The policy's text as it would be sent to ECR.
    text: Cow<'l, str>,
    /// The policy's object in the line's own tree, where it is sent as it stands there.
    part: Option<&'l Node>,
    request: Request,
}

fn read_question<'l>(root: &'l Node, line: &'l str) -> Result<CaseQuestion<'l>, String> {
    let text = |name: &str| {
        let member = root.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
        member.value.as_str().ok_or_else(|| format!("`{name}` is no string"))
    };
    let policy = root.get("policy").ok_or("`policy` is missing")?;
    let (policy, part) = match &policy.value.value {
        Value::String(text) => (Cow::from(text), None),
        Value::Object(_) => {
            let sent = text_to_send(policy.value.span.text_in(line));
            let part = matches!(sent, Cow::Borrowed(_)).then_some(&policy.value);
            (sent, part)
        }
        _ => return Err("`policy` is neither an object nor a string".to_owned()),
    };
    let identity = match root.get("identity") {
        None => IdentityPolicies::All,
        Some(_) => match text("identity")? {
            "all" => IdentityPolicies::All,
            "none" => IdentityPolicies::None,
            _ => return Err("`identity` is neither all nor none".to_owned()),
        },
    };
    let mut context = Vec::new();
    if let Some(member) = root.get("context") {
        let Value::Object(keys) = &member.value.value else { return Err("`context` is no object".to_owned()) };
        for key in keys {
            if !matches!(key.value.value, Value::Null) {
                let values: Option<Vec<String>> = key.value.one_or_many().iter().map(scalar_text).collect();
                let values =
                    values.ok_or_else(|| format!("the value of `{}` in `context` is no text", key.key.text))?;
                context.push((key.key.text.clone(), values));
            }
        }
    }
    let request = Request::new(text("principal")?, text("action")?, text("resource")?, identity, context)?;
    Ok(CaseQuestion { text: policy, part, request })
}

fn scalar_text(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

fn broken_line(id: &Json, problem: &str) -> String {
    with_id(id, &Decision { notes: vec![problem.to_owned()], ..Decision::of(Answer::Refused) })
}

/// A line of the output.
#[derive(Serialize)]
struct Answered<'a> {
    id: &'a Json,
    #[serde(flatten)]
    decision: Decided<'a>,
}

fn with_id(id: &Json, decision: &Decision) -> String {
    crate::ecr::json::to_compact(&Answered { id, decision: Decided::from(decision) })
}
