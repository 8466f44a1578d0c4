//! `can --cases`: one question a line in, one JSON object a line out, streamed.

use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Value as Json, json};

use super::can::object;
use super::exit::Exit;
use super::output::{Stop, data};
use crate::policy::IdentityPolicies;
use crate::policy::evaluate::{Request, evaluate_text, sendable};
use crate::policy::syntax::{Node, Value, parse};

/// The longest line that is read, in bytes: a policy has at most 10,240 characters.
const LONGEST: usize = 4 * 1024 * 1024;

/// Answers every line of a file, or of the standard input for `-`; blank lines are skipped.
pub(super) fn run(path: &Path) -> Result<Exit, Stop> {
    let unreadable = |error: std::io::Error| {
        Stop::usage(
            format!("{} cannot be read: {error}", path.display()),
            "name a file that is there, or - for the input",
        )
    };
    let mut reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(std::fs::File::open(path).map_err(unreadable)?))
    };
    while let Some(line) = next_line(&mut reader).map_err(unreadable)? {
        let answer = match line {
            Line::Long => broken(Json::Null, &format!("the line is longer than {LONGEST} bytes")),
            Line::Bytes(bytes) if bytes.trim_ascii().is_empty() => continue,
            Line::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => answer(&text),
                Err(_) => broken(Json::Null, "the line is no text in UTF-8"),
            },
        };
        data(&answer.to_string());
    }
    Ok(Exit::Done)
}

enum Line {
    Bytes(Vec<u8>),
    Long,
}

/// The next line without its end; `None` at the end. No more than the longest line is held in memory.
fn next_line(reader: &mut dyn BufRead) -> std::io::Result<Option<Line>> {
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
    Ok(read.then_some(if long { Line::Long } else { Line::Bytes(line) }))
}

/// The answer to one line.
fn answer(line: &str) -> Json {
    let parsed = parse(line);
    let root = match (&parsed.root, parsed.errors.first()) {
        (Some(root), None) if matches!(root.value, Value::Object(_)) => root,
        (_, Some(error)) => return broken(Json::Null, &format!("the line is no JSON: {}", error.message)),
        _ => return broken(Json::Null, "the line is no JSON object"),
    };
    let id = root.get("id").and_then(|m| serde_json::from_str(m.value.span.of(line)).ok()).unwrap_or(Json::Null);
    match question(root, line) {
        Ok((policy, request)) => with_id(id, object(&evaluate_text(&policy, &request))),
        Err(problem) => broken(id, &problem),
    }
}

/// The policy's text and the request of a line.
fn question(root: &Node, line: &str) -> Result<(String, Request), String> {
    let text = |name: &str| {
        let member = root.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
        member.value.as_str().ok_or_else(|| format!("`{name}` is no string"))
    };
    let policy = root.get("policy").ok_or("`policy` is missing")?;
    let policy = match &policy.value.value {
        Value::String(text) => text.clone(),
        Value::Object(_) => sendable(policy.value.span.of(line)),
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
                let values: Option<Vec<String>> = key.value.one_or_many().iter().map(scalar).collect();
                let values =
                    values.ok_or_else(|| format!("the value of `{}` in `context` is no text", key.key.text))?;
                context.push((key.key.text.clone(), values));
            }
        }
    }
    let request = Request::new(text("principal")?, text("action")?, text("resource")?, identity, context)?;
    Ok((policy, request))
}

fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) | Value::Number(text) => Some(text.clone()),
        Value::Bool(is) => Some(is.to_string()),
        _ => None,
    }
}

fn broken(id: Json, problem: &str) -> Json {
    with_id(id, json!({"result": "error", "unsure": false, "allow": [], "deny": [], "notes": [problem]}))
}

fn with_id(id: Json, answer: Json) -> Json {
    let mut object = serde_json::Map::new();
    object.insert("id".to_owned(), id);
    if let Json::Object(fields) = answer {
        object.extend(fields);
    }
    Json::Object(object)
}
