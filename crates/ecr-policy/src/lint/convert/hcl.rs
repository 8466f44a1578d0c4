//! Terraform's language, as far as a policy is written in it. Source: the HCL native syntax specification; the
//! `aws_iam_policy_document` data source of the AWS provider.

use super::{ConvertedPiece, MOST_LEVELS, NO_POLICY, Obstacle, json, json_inside};

const TERRAFORM: &str = "Terraform";

/// The policy that `jsonencode` makes; `at` is the byte behind its opening bracket.
pub(in super::super) fn read_encoded(text: &str, at: usize) -> Result<String, Obstacle> {
    let mut reader = HclReader::start_at(text, at);
    let policy = reader.read_value(0)?;
    let line = reader.line;
    if policy.get("Statement").is_none() {
        return Err(Obstacle::new(line, NO_POLICY));
    }
    json(&policy)
}

/// The policy of a heredoc; `at` is the byte of its `<<`.
pub(in super::super) fn heredoc_policy(text: &str, at: usize) -> Result<String, Obstacle> {
    let mut reader = HclReader::start_at(text, at);
    let line = reader.line;
    match reader.read_heredoc() {
        ConvertedPiece::Text(inside) => json_inside(&inside, line + 1),
        ConvertedPiece::Unknown(obstacle) => Err(obstacle),
        _ => Err(Obstacle::new(line, NO_POLICY)),
    }
}

/// The policy of an `aws_iam_policy_document`, or of its `statement` blocks alone.
pub(in super::super) fn policy_document(text: &str) -> Result<String, Obstacle> {
    const NAME: &str = "aws_iam_policy_document\"";
    let mut reader = HclReader { has_variables: true, ..HclReader::start_at(text, 0) };
    let body = match text.find(NAME) {
        Some(at) => {
            if let Some(second) = text.get(at + NAME.len()..).and_then(|rest| rest.find(NAME)) {
                let line = HclReader::start_at(text, at + NAME.len() + second).line;
                return Err(Obstacle::new(line, "a second policy begins there: give one of them"));
            }
            reader = HclReader { has_variables: true, ..HclReader::start_at(text, at + NAME.len()) };
            let open = reader.rest().find('{').unwrap_or(reader.rest().len());
            reader.skip_bytes(open + 1);
            reader.read_body(0, true)?
        }
        None => reader.read_body(0, false)?,
    };
    json(&policy_of_body(body)?)
}

/// One line of a body.
enum Item {
    Attribute(usize, String, ConvertedPiece),
    Block(usize, String, Vec<Item>),
}

/// The members of a policy that attributes stand for. Source: the provider's documentation.
const STATEMENT: &[(&str, &str)] = &[
    ("sid", "Sid"),
    ("effect", "Effect"),
    ("actions", "Action"),
    ("not_actions", "NotAction"),
    ("resources", "Resource"),
    ("not_resources", "NotResource"),
];

fn strange_name(line: usize, name: &str) -> Obstacle {
    Obstacle::filled_in(line, name, TERRAFORM)
}

fn policy_of_body(body: Vec<Item>) -> Result<ConvertedPiece, Obstacle> {
    let mut version = ConvertedPiece::Text("2012-10-17".to_owned());
    let (mut id, mut statements) = (None, Vec::new());
    for item in body {
        match item {
            Item::Attribute(_, name, value) if name == "version" => version = value,
            Item::Attribute(_, name, value) if name == "policy_id" => id = Some(value),
            Item::Block(_, name, body) if name == "statement" => statements.push(statement_of_body(body)?),
            Item::Attribute(line, name, _) | Item::Block(line, name, _) => return Err(strange_name(line, &name)),
        }
    }
    let mut members = vec![("Version".to_owned(), version)];
    members.extend(id.map(|id| ("Id".to_owned(), id)));
    members.push(("Statement".to_owned(), ConvertedPiece::List(statements)));
    Ok(ConvertedPiece::Object(members))
}

fn statement_of_body(body: Vec<Item>) -> Result<ConvertedPiece, Obstacle> {
    let mut members: Vec<(String, ConvertedPiece)> = Vec::new();
    let mut conditions: Vec<(String, ConvertedPiece)> = Vec::new();
    let (mut named, mut excepted) = (Vec::new(), Vec::new());
    for item in body {
        match item {
            Item::Attribute(line, name, value) => {
                let known = STATEMENT.iter().find(|(attribute, _)| *attribute == name);
                let (_, member) = known.ok_or_else(|| strange_name(line, &name))?;
                members.push(((*member).to_owned(), single_or_list(value)));
            }
            Item::Block(line, name, body) if name == "principals" => add_principals(line, body, &mut named)?,
            Item::Block(line, name, body) if name == "not_principals" => add_principals(line, body, &mut excepted)?,
            Item::Block(line, name, body) if name == "condition" => add_condition(line, body, &mut conditions)?,
            Item::Block(line, name, _) => return Err(strange_name(line, &name)),
        }
    }
    if !members.iter().any(|(name, _)| name == "Effect") {
        let after_sid = usize::from(members.first().is_some_and(|(name, _)| name == "Sid"));
        members.insert(after_sid, ("Effect".to_owned(), ConvertedPiece::Text("Allow".to_owned())));
    }
    let place = members.iter().position(|(name, _)| name == "Effect").map_or(0, |at| at + 1);
    for (name, entries) in [("NotPrincipal", excepted), ("Principal", named)] {
        if !entries.is_empty() {
            members.insert(place, (name.to_owned(), principal_element(entries)));
        }
    }
    if !conditions.is_empty() {
        members.push(("Condition".to_owned(), ConvertedPiece::Object(conditions)));
    }
    Ok(ConvertedPiece::Object(members))
}

/// A list of one as that one.
fn single_or_list(value: ConvertedPiece) -> ConvertedPiece {
    match value {
        ConvertedPiece::List(mut items) if items.len() == 1 => items.pop().unwrap_or(ConvertedPiece::List(Vec::new())),
        other => other,
    }
}

fn principal_element(entries: Vec<(String, Vec<ConvertedPiece>)>) -> ConvertedPiece {
    let is_everyone =
        |kind: &str, items: &[ConvertedPiece]| kind == "*" && items == [ConvertedPiece::Text("*".to_owned())];
    if let [(kind, items)] = entries.as_slice()
        && is_everyone(kind, items)
    {
        return ConvertedPiece::Text("*".to_owned());
    }
    ConvertedPiece::Object(
        entries.into_iter().map(|(kind, items)| (kind, single_or_list(ConvertedPiece::List(items)))).collect(),
    )
}

/// The attributes of a block that has no blocks inside, each of one name.
fn named_attributes<const N: usize>(
    line: usize,
    body: Vec<Item>,
    names: [&str; N],
) -> Result<[ConvertedPiece; N], Obstacle> {
    let mut found: [Option<ConvertedPiece>; N] = std::array::from_fn(|_| None);
    for item in body {
        let (at, name, value) = match item {
            Item::Attribute(at, name, value) => (at, name, Some(value)),
            Item::Block(at, name, _) => (at, name, None),
        };
        let place = names.iter().position(|n| *n == name).and_then(|place| found.get_mut(place));
        match (place, value) {
            (Some(place), Some(value)) => *place = Some(value),
            _ => return Err(strange_name(at, &name)),
        }
    }
    let mut lacking = names.iter().zip(&found).filter(|(_, value)| value.is_none());
    if let Some((name, _)) = lacking.next() {
        return Err(Obstacle::new(line, format!("the block has no `{name}`")));
    }
    Ok(found.map(|value| value.unwrap_or(ConvertedPiece::List(Vec::new()))))
}

fn text_of(value: ConvertedPiece, line: usize) -> Result<String, Obstacle> {
    match value {
        ConvertedPiece::Text(text) => Ok(text),
        ConvertedPiece::Unknown(obstacle) => Err(obstacle),
        _ => Err(Obstacle::new(line, "a text is wanted in this block")),
    }
}

fn items_of(value: ConvertedPiece) -> Vec<ConvertedPiece> {
    if let ConvertedPiece::List(items) = value { items } else { vec![value] }
}

fn add_principals(line: usize, body: Vec<Item>, all: &mut Vec<(String, Vec<ConvertedPiece>)>) -> Result<(), Obstacle> {
    let [kind, entries] = named_attributes(line, body, ["type", "identifiers"])?;
    let kind = text_of(kind, line)?;
    match all.iter_mut().find(|(known, _)| *known == kind) {
        Some((_, items)) => items.extend(items_of(entries)),
        None => all.push((kind, items_of(entries))),
    }
    Ok(())
}

fn add_condition(line: usize, body: Vec<Item>, all: &mut Vec<(String, ConvertedPiece)>) -> Result<(), Obstacle> {
    let [test, variable, values] = named_attributes(line, body, ["test", "variable", "values"])?;
    let (test, variable) = (text_of(test, line)?, text_of(variable, line)?);
    if !all.iter().any(|(known, _)| *known == test) {
        all.push((test.clone(), ConvertedPiece::Object(Vec::new())));
    }
    let Some((_, ConvertedPiece::Object(keys))) = all.iter_mut().find(|(known, _)| *known == test) else {
        return Ok(());
    };
    match keys.iter_mut().find(|(known, _)| *known == variable) {
        Some((_, known)) => {
            let mut items = items_of(std::mem::replace(known, ConvertedPiece::List(Vec::new())));
            items.extend(items_of(values));
            *known = ConvertedPiece::List(items);
        }
        None => keys.push((variable, single_or_list(values))),
    }
    Ok(())
}

/// Reads values and bodies from a place of the text on.
struct HclReader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
    /// True when `&{` stands for a variable of the policy language, as it does in the data source.
    has_variables: bool,
}

impl<'a> HclReader<'a> {
    fn start_at(text: &'a str, at: usize) -> Self {
        let before = text.get(..at).unwrap_or_default();
        Self { text, at, line: before.matches('\n').count() + 1, has_variables: false }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_bytes(&mut self, bytes: usize) {
        let gone = self.rest().get(..bytes).unwrap_or(self.rest());
        self.line += gone.matches('\n').count();
        self.at += gone.len();
    }

    fn take_mark(&mut self, mark: &str) -> bool {
        let there = self.rest().starts_with(mark);
        if there {
            self.skip_bytes(mark.len());
        }
        there
    }

    /// Goes over white space and comments.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let comment = if rest.starts_with('#') || rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                0
            };
            let blank = rest.len() - rest.trim_start().len();
            if comment.max(blank) == 0 {
                return;
            }
            self.skip_bytes(comment.max(blank));
        }
    }

    fn read_name(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-')).unwrap_or(rest.len());
        self.skip_bytes(end);
        rest.get(..end).unwrap_or_default()
    }

    /// The rest of the line, for an obstacle.
    fn unknown_line(&self) -> Obstacle {
        let rest = self.rest().lines().next().unwrap_or_default();
        let opened = rest.find('[').unwrap_or(rest.len());
        let closes = |(at, c): &(usize, char)| matches!(c, ',' | '}') || (*c == ']' && *at < opened);
        let end = rest.char_indices().find(closes).map_or(rest.len(), |(at, _)| at);
        Obstacle::filled_in(self.line, rest.get(..end).unwrap_or(rest), TERRAFORM)
    }

    fn read_value(&mut self, level: usize) -> Result<ConvertedPiece, Obstacle> {
        if level > MOST_LEVELS {
            return Err(Obstacle::new(self.line, "brackets are nested too deep"));
        }
        self.skip_blanks();
        let start = HclReader { ..*self };
        let piece = match self.rest().chars().next() {
            Some('{') => self.read_object(level)?,
            Some('[') => self.read_list(level)?,
            Some('"') => self.read_string()?,
            Some('<') if self.rest().starts_with("<<") => self.read_heredoc(),
            Some(c) if c.is_ascii_digit() || c == '-' => self.read_number(),
            _ => match self.read_name() {
                word @ ("true" | "false" | "null") => ConvertedPiece::Word(word.to_owned()),
                _ => return Err(start.unknown_line()),
            },
        };
        // Behind a value an operator would make another one of it.
        let rest = self.rest().trim_start_matches([' ', '\t']);
        let goes_on = rest.starts_with(['.', '[', '(', '?', '+', '-', '*', '%', '&', '|', '>', '<', '!'])
            || rest.starts_with("==")
            || (rest.starts_with('/') && !rest.starts_with("//") && !rest.starts_with("/*"));
        if goes_on { Err(start.unknown_line()) } else { Ok(piece) }
    }

    fn read_number(&mut self) -> ConvertedPiece {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '+' | '-')).unwrap_or(rest.len());
        let written = rest.get(..end).unwrap_or_default();
        let line = self.line;
        self.skip_bytes(end);
        if is_json_number(written) {
            ConvertedPiece::Word(written.to_owned())
        } else {
            ConvertedPiece::Unknown(strange_name(line, written))
        }
    }

    fn read_list(&mut self, level: usize) -> Result<ConvertedPiece, Obstacle> {
        self.skip_bytes(1);
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            if self.take_mark("]") {
                return Ok(ConvertedPiece::List(items));
            }
            items.push(self.read_value(level + 1)?);
            self.skip_blanks();
            if !self.take_mark(",") && !self.rest().starts_with(']') {
                return Err(self.unknown_line());
            }
        }
    }

    fn read_object(&mut self, level: usize) -> Result<ConvertedPiece, Obstacle> {
        self.skip_bytes(1);
        let mut members = Vec::new();
        loop {
            self.skip_blanks();
            if self.take_mark("}") {
                return Ok(ConvertedPiece::Object(members));
            }
            let before = HclReader { ..*self };
            let key = if self.rest().starts_with('"') {
                match self.read_string()? {
                    ConvertedPiece::Text(key) => key,
                    _ => return Err(before.unknown_line()),
                }
            } else {
                self.read_name().to_owned()
            };
            self.skip_blanks();
            if key.is_empty() || key == "for" || !(self.take_mark("=") || self.take_mark(":")) {
                return Err(before.unknown_line());
            }
            members.push((key, self.read_value(level + 1)?));
            self.skip_blanks();
            self.take_mark(",");
        }
    }

    /// The attributes and blocks up to a closing brace, or to the end of the text.
    fn read_body(&mut self, level: usize, is_closed: bool) -> Result<Vec<Item>, Obstacle> {
        if level > MOST_LEVELS {
            return Err(Obstacle::new(self.line, "brackets are nested too deep"));
        }
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            if self.rest().is_empty() && !is_closed || self.take_mark("}") {
                return Ok(items);
            }
            let before = HclReader { ..*self };
            let name = self.read_name().to_owned();
            self.skip_blanks();
            if name.is_empty() {
                return Err(before.unknown_line());
            }
            if self.take_mark("=") {
                items.push(Item::Attribute(before.line, name, self.read_value(level + 1)?));
            } else if self.take_mark("{") {
                items.push(Item::Block(before.line, name, self.read_body(level + 1, true)?));
            } else {
                return Err(before.unknown_line());
            }
        }
    }

    /// A text in quotes.
    fn read_string(&mut self) -> Result<ConvertedPiece, Obstacle> {
        let (line, start) = (self.line, self.at);
        self.skip_bytes(1);
        let mut text = String::new();
        loop {
            let Some(c) = self.rest().chars().next().filter(|c| *c != '\n') else {
                return Err(Obstacle::new(line, "the quotes are never closed"));
            };
            if c == '"' {
                self.skip_bytes(1);
                return Ok(filled_text(&text, self.has_variables).unwrap_or_else(|| {
                    let written = self.text.get(start..self.at).unwrap_or_default();
                    ConvertedPiece::Unknown(Obstacle::filled_in(line, first_interpolation(written), TERRAFORM))
                }));
            }
            if c != '\\' {
                text.push(c);
                self.skip_bytes(c.len_utf8());
                continue;
            }
            let escape = self.rest().chars().nth(1);
            let digits = match escape {
                Some('u') => 4,
                Some('U') => 8,
                _ => 0,
            };
            let code = self.rest().get(2..2 + digits).and_then(|code| u32::from_str_radix(code, 16).ok());
            let plain = match escape {
                Some('n') => Some('\n'),
                Some('r') => Some('\r'),
                Some('t') => Some('\t'),
                Some(mark @ ('"' | '\\')) => Some(mark),
                Some('u' | 'U') => code.and_then(char::from_u32),
                _ => None,
            };
            text.push(plain.ok_or_else(|| Obstacle::new(line, "an escape sequence there is unknown"))?);
            self.skip_bytes(2 + digits);
        }
    }

    /// `<<EOF` up to a line of that word alone; with `<<-` the lines lose the indentation that all have.
    fn read_heredoc(&mut self) -> ConvertedPiece {
        self.skip_bytes(2);
        let moves = self.take_mark("-");
        let (line, word) = (self.line, self.read_name());
        let end_of_line = self.rest().find('\n').map_or(self.rest().len(), |at| at + 1);
        self.skip_bytes(end_of_line);
        let mut lines: Vec<&str> = Vec::new();
        loop {
            let rest = self.rest();
            if rest.is_empty() || word.is_empty() {
                return ConvertedPiece::Unknown(Obstacle::new(line, "the text behind `<<` has no end"));
            }
            let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
            let one = rest.get(..end).unwrap_or(rest);
            if one.trim() == word {
                // Its line end is not the heredoc's own.
                self.skip_bytes(one.trim_end().len());
                break;
            }
            lines.push(one);
            self.skip_bytes(end);
        }
        let indentation = |one: &str| one.len() - one.trim_start_matches([' ', '\t']).len();
        let least = lines.iter().filter(|one| !one.trim().is_empty()).map(|one| indentation(one)).min().unwrap_or(0);
        let cut = if moves { least } else { 0 };
        let text: String = lines.iter().map(|one| one.get(cut..).unwrap_or("\n")).collect();
        filled_text(&text, self.has_variables).unwrap_or_else(|| {
            let at = lines.iter().position(|one| filled_text(one, self.has_variables).is_none()).unwrap_or(0);
            let written = lines.get(at).copied().unwrap_or_default();
            ConvertedPiece::Unknown(Obstacle::filled_in(line + 1 + at, first_interpolation(written), TERRAFORM))
        })
    }
}

/// A text without the signs that keep `${` from being filled in; `None` where something is.
fn filled_text(text: &str, has_variables: bool) -> Option<ConvertedPiece> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%', '&']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let mark = from.get(..1)?;
        if from.starts_with(&format!("{mark}{mark}{{")) && mark != "&" {
            out.push_str(mark);
            out.push('{');
            rest = from.get(3..)?;
        } else if has_variables && from.starts_with("&{") {
            out.push_str("${");
            rest = from.get(2..)?;
        } else if mark != "&" && from.get(1..2) == Some("{") {
            return None;
        } else {
            out.push_str(mark);
            rest = from.get(1..)?;
        }
    }
    out.push_str(rest);
    Some(ConvertedPiece::Text(out))
}

/// The first `${...}` of a text, or `%{...}`.
fn first_interpolation(text: &str) -> &str {
    let escaped = |at: usize| text.get(..at).is_some_and(|t| t.ends_with(['$', '%']));
    let mut starts = text.match_indices(['$', '%']).map(|(at, _)| at);
    let start = starts.find(|at| text.get(at + 1..).is_some_and(|t| t.starts_with('{')) && !escaped(*at));
    let from = start.and_then(|at| text.get(at..)).unwrap_or(text);
    from.get(..from.find('}').map_or(from.len(), |at| at + 1)).unwrap_or(from)
}

/// Tells whether JSON has such a number.
fn is_json_number(number: &str) -> bool {
    let parsed = crate::syntax::parse(number);
    parsed.errors.is_empty() && parsed.root.is_some_and(|n| matches!(n.value, crate::syntax::Value::Number(_)))
}
