//! YAML, as far as a policy or a `CloudFormation` template is written in it: blocks, flow collections, quoted and plain
//! texts, comments. Source: YAML 1.2, chapters 6 to 8. Anchors, merges and texts over several lines are not read; tags
//! stand for what `CloudFormation` fills in.

use super::{ConvertedPiece, MOST_LEVELS, Obstacle, json, json_inside};

const CLOUDFORMATION: &str = "CloudFormation";

/// The members under which templates keep a policy.
const HOLDERS: &[&str] = &["RepositoryPolicyText", "PolicyText", "PolicyDocument", "policyText", "policy"];

/// The policy of a template, or of a text that is one.
pub(in super::super) fn template_policy(text: &str) -> Result<String, Obstacle> {
    let mut reader = YamlReader { lines: read_lines(text)?, at: 0 };
    let root = match reader.lines.first().map(|line| line.indent) {
        Some(indent) => reader.read_block(indent, 0)?,
        None => return Err(Obstacle::new(1, "there is nothing here")),
    };
    if let Some(line) = reader.lines.get(reader.at) {
        return Err(Obstacle::new(line.number, "the indentation there is of no block"));
    }
    let mut found = Vec::new();
    policies_inside(&root, &mut found);
    match found.as_slice() {
        [ConvertedPiece::Text(inside)] => json_inside(inside, 1),
        [policy] => json(policy),
        [] => Err(Obstacle::new(1, "no policy with a `Statement` was found in it")),
        [_, ..] => Err(Obstacle::new(1, "there are several policies: give one of them")),
    }
}

/// Every policy of a tree.
fn policies_inside<'p>(piece: &'p ConvertedPiece, found: &mut Vec<&'p ConvertedPiece>) {
    match piece {
        ConvertedPiece::Object(_) if piece.get("Statement").is_some() => found.push(piece),
        ConvertedPiece::Object(members) => {
            for (name, value) in members {
                match value {
                    ConvertedPiece::Text(_) | ConvertedPiece::Unknown(_) if HOLDERS.contains(&name.as_str()) => {
                        found.push(value);
                    }
                    other => policies_inside(other, found),
                }
            }
        }
        ConvertedPiece::List(items) => items.iter().for_each(|item| policies_inside(item, found)),
        _ => {}
    }
}

/// A line with something on it.
#[derive(Clone, Copy)]
struct YamlLine<'a> {
    number: usize,
    indent: usize,
    /// Without its indentation and comment.
    text: &'a str,
    /// The whole line.
    raw: &'a str,
}

fn read_lines(text: &str) -> Result<Vec<YamlLine<'_>>, Obstacle> {
    let mut found = Vec::new();
    for (at, raw) in text.lines().enumerate() {
        let number = at + 1;
        let body = raw.trim_start_matches(' ');
        if body.starts_with('\t') && !body.trim().is_empty() {
            return Err(Obstacle::new(number, "YAML takes no tabs before a text"));
        }
        let text = without_comment(body).trim_end();
        if text == "---" && !found.is_empty() {
            return Err(Obstacle::new(number, "a second document begins there"));
        }
        if !matches!(text, "" | "---" | "...") {
            found.push(YamlLine { number, indent: raw.len() - body.len(), text, raw });
        }
    }
    Ok(found)
}

/// A `#` begins a comment at the beginning of a line or behind a blank, outside of quotes.
fn without_comment(text: &str) -> &str {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in text.char_indices() {
        match quote {
            Some('"') if before == '\\' && c == '\\' => before = ' ',
            Some(open) => {
                if c == open && !(open == '"' && before == '\\') {
                    quote = None;
                }
                before = c;
            }
            None => {
                if c == '#' && matches!(before, ' ' | '\t') {
                    return text.get(..at).unwrap_or_default();
                }
                // `''` inside of quotes is one quote.
                let begins = matches!(before, ' ' | '[' | '{' | ',' | ':') || (c == '\'' && before == '\'');
                if matches!(c, '"' | '\'') && begins {
                    quote = Some(c);
                }
                before = c;
            }
        }
    }
    text
}

struct YamlReader<'a> {
    lines: Vec<YamlLine<'a>>,
    at: usize,
}

impl<'a> YamlReader<'a> {
    fn current_line(&self) -> Option<YamlLine<'a>> {
        self.lines.get(self.at).copied()
    }

    /// The lines that stand further right than a place, which belong to what begins there.
    fn skip_inner(&mut self, indent: usize) {
        while self.current_line().is_some_and(|line| line.indent > indent) {
            self.at += 1;
        }
    }

    /// The block whose lines have this indentation.
    fn read_block(&mut self, indent: usize, level: usize) -> Result<ConvertedPiece, Obstacle> {
        let Some(first) = self.current_line() else { return Ok(ConvertedPiece::Word("null".to_owned())) };
        if level > MOST_LEVELS {
            return Err(Obstacle::new(first.number, "it is nested too deep"));
        }
        if is_item(first.text) {
            return self.read_sequence(indent, level);
        }
        if split_entry(first.text).is_none() {
            self.at += 1;
            return self.read_inline(first.text, first, level);
        }
        let mut members = Vec::new();
        while let Some(line) = self.current_line().filter(|line| line.indent == indent && !is_item(line.text)) {
            let (key, rest) = split_entry(line.text)
                .ok_or_else(|| Obstacle::new(line.number, "a name with a colon is wanted there"))?;
            let key = match read_scalar(key, line.number)? {
                ConvertedPiece::Text(key) if key != "<<" => key,
                _ => return Err(Obstacle::new(line.number, "the name there is none that is read")),
            };
            self.at += 1;
            let value = self.read_value(rest, line, level)?;
            // The long forms of what CloudFormation fills in.
            if key == "Ref" || key.starts_with("Fn::") {
                self.skip_inner(indent);
                return Ok(ConvertedPiece::Unknown(Obstacle::filled_in(line.number, line.text, CLOUDFORMATION)));
            }
            members.push((key, value));
        }
        if let Some(line) = self.current_line().filter(|line| line.indent > indent) {
            return Err(Obstacle::new(line.number, "the indentation there is of no block"));
        }
        Ok(ConvertedPiece::Object(members))
    }

    fn read_sequence(&mut self, indent: usize, level: usize) -> Result<ConvertedPiece, Obstacle> {
        let mut items = Vec::new();
        while let Some(line) = self.current_line().filter(|line| line.indent == indent && is_item(line.text)) {
            let rest = line.text.get(1..).unwrap_or_default().trim_start_matches(' ');
            if rest.is_empty() {
                self.at += 1;
                items.push(self.read_inner(line, level)?);
            } else if is_item(rest) || split_entry(rest).is_some() {
                // What follows the dash is the first line of a block of its own.
                let inner = indent + line.text.len() - rest.len();
                if let Some(here) = self.lines.get_mut(self.at) {
                    *here = YamlLine { indent: inner, text: rest, ..line };
                }
                items.push(self.read_block(inner, level + 1)?);
            } else {
                self.at += 1;
                items.push(self.read_inline(rest, line, level)?);
            }
        }
        Ok(ConvertedPiece::List(items))
    }

    /// Reads the value behind a name, or below it.
    fn read_value(&mut self, rest: &'a str, line: YamlLine<'a>, level: usize) -> Result<ConvertedPiece, Obstacle> {
        if !rest.is_empty() {
            return self.read_inline(rest, line, level);
        }
        // A list may stand as far left as the name that it belongs to.
        match self.current_line() {
            Some(next) if next.indent == line.indent && is_item(next.text) => {
                self.read_sequence(next.indent, level + 1)
            }
            _ => self.read_inner(line, level),
        }
    }

    /// The block below a line.
    fn read_inner(&mut self, line: YamlLine<'a>, level: usize) -> Result<ConvertedPiece, Obstacle> {
        match self.current_line() {
            Some(next) if next.indent > line.indent => self.read_block(next.indent, level + 1),
            _ => Ok(ConvertedPiece::Unknown(Obstacle::new(line.number, "there is no value"))),
        }
    }

    /// A value that begins in a line.
    fn read_inline(&mut self, text: &'a str, line: YamlLine<'a>, level: usize) -> Result<ConvertedPiece, Obstacle> {
        match text.chars().next() {
            Some('!' | '&' | '*') => {
                self.skip_inner(line.indent);
                Ok(ConvertedPiece::Unknown(Obstacle::filled_in(line.number, text, CLOUDFORMATION)))
            }
            Some('|' | '>') => Ok(self.read_literal(text, line)),
            Some('[' | '{') => {
                let mut whole = text.to_owned();
                while !is_closed(&whole) {
                    let Some(next) = self
                        .current_line()
                        .filter(|next| next.indent > line.indent || next.text.starts_with([']', '}']))
                    else {
                        return Err(Obstacle::new(line.number, "a bracket is never closed"));
                    };
                    whole.push(' ');
                    whole.push_str(next.text);
                    self.at += 1;
                }
                let mut flow = Flow { text: &whole, at: 0, line: line.number };
                let piece = flow.flow_value(level + 1)?;
                if flow.rest().trim().is_empty() { Ok(piece) } else { Err(flow.strange_text()) }
            }
            _ => {
                if let Some(next) = self.current_line().filter(|next| next.indent > line.indent) {
                    return Err(Obstacle::new(next.number, "a text over several lines is not read"));
                }
                read_scalar(text, line.number)
            }
        }
    }

    /// `|`: the lines below as they are, without the indentation of the first.
    fn read_literal(&mut self, mark: &str, line: YamlLine<'a>) -> ConvertedPiece {
        let indent = self.current_line().map_or(0, |next| next.indent);
        let mut text = String::new();
        let mut last = None;
        while let Some(next) = self.current_line().filter(|next| next.indent > line.indent) {
            let blank = last.map_or(0, |last: usize| next.number - last - 1);
            text.push_str(&"\n".repeat(blank));
            text.push_str(next.raw.get(indent..).unwrap_or(next.text));
            text.push('\n');
            last = Some(next.number);
            self.at += 1;
        }
        if mark.starts_with('|') {
            ConvertedPiece::Text(text)
        } else {
            ConvertedPiece::Unknown(Obstacle::new(line.number, "a folded text is not read"))
        }
    }
}

fn is_item(text: &str) -> bool {
    text == "-" || text.starts_with("- ")
}

/// A name and what stands behind its colon.
fn split_entry(text: &str) -> Option<(&str, &str)> {
    let end = match text.chars().next()? {
        quote @ ('"' | '\'') => text.get(1..)?.find(quote)? + 2,
        '[' | '{' | '|' | '>' | '!' | '&' | '*' => return None,
        _ => text.find(": ").or_else(|| text.len().checked_sub(1).filter(|_| text.ends_with(':')))?,
    };
    let rest = text.get(end..)?.trim_start().strip_prefix(':')?;
    (rest.is_empty() || rest.starts_with(' '))
        .then(|| (text.get(..end).unwrap_or_default().trim_end(), rest.trim_start()))
}

/// Tells whether every bracket outside of quotes is closed.
fn is_closed(text: &str) -> bool {
    let (mut open, mut quote) = (0_usize, None);
    for c in text.chars() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => open += 1,
            (None, ']' | '}') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    open == 0
}

/// A quoted or plain text. A plain number or date is text too: a policy has no others.
fn read_scalar(text: &str, line: usize) -> Result<ConvertedPiece, Obstacle> {
    let closed = |mark: char| text.len() > 1 && text.ends_with(mark);
    match text.chars().next() {
        Some('\'') => {
            let inside = text.get(1..text.len() - 1).filter(|_| closed('\'')).unwrap_or("'");
            let plain = inside.replace("''", "\u{0}");
            if plain.contains('\'') {
                return Err(Obstacle::new(line, "the quotes there are not closed, or something follows them"));
            }
            Ok(ConvertedPiece::Text(plain.replace('\u{0}', "'")))
        }
        Some('"') => {
            // The escapes of JSON are those that are read.
            let parsed = crate::syntax::parse(text);
            let inside = parsed.root.as_ref().filter(|_| parsed.errors.is_empty()).and_then(|root| root.as_str());
            let inside = inside.ok_or_else(|| Obstacle::new(line, "the text in quotes there is not read"))?;
            Ok(ConvertedPiece::Text(inside.to_owned()))
        }
        Some('!' | '&' | '*' | '%' | '@' | '`') => {
            Ok(ConvertedPiece::Unknown(Obstacle::filled_in(line, text, CLOUDFORMATION)))
        }
        _ if matches!(text, "" | "~" | "null" | "Null" | "NULL") => {
            Ok(ConvertedPiece::Unknown(Obstacle::new(line, "there is no value")))
        }
        _ => Ok(ConvertedPiece::Text(text.to_owned())),
    }
}

/// `[a, b]` and `{a: b}`.
struct Flow<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl<'t> Flow<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn strange_text(&self) -> Obstacle {
        Obstacle::new(self.line, "the brackets there are not read")
    }

    fn take_mark(&mut self, mark: char) -> bool {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let there = self.rest().starts_with(mark);
        self.at += if there { mark.len_utf8() } else { 0 };
        there
    }

    fn flow_value(&mut self, level: usize) -> Result<ConvertedPiece, Obstacle> {
        if level > MOST_LEVELS {
            return Err(Obstacle::new(self.line, "it is nested too deep"));
        }
        if self.take_mark('[') {
            let mut items = Vec::new();
            while !self.take_mark(']') {
                items.push(self.flow_value(level + 1)?);
                if !self.take_mark(',') && !self.rest().starts_with(']') {
                    return Err(self.strange_text());
                }
            }
            return Ok(ConvertedPiece::List(items));
        }
        if self.take_mark('{') {
            let mut members = Vec::new();
            while !self.take_mark('}') {
                let ConvertedPiece::Text(key) = self.flow_scalar(true)? else { return Err(self.strange_text()) };
                if !self.take_mark(':') {
                    return Err(self.strange_text());
                }
                members.push((key, self.flow_value(level + 1)?));
                if !self.take_mark(',') && !self.rest().starts_with('}') {
                    return Err(self.strange_text());
                }
            }
            return Ok(ConvertedPiece::Object(members));
        }
        self.flow_scalar(false)
    }

    fn flow_scalar(&mut self, is_key: bool) -> Result<ConvertedPiece, Obstacle> {
        self.take_mark(' ');
        let rest = self.rest();
        let end = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                rest.get(1..).and_then(|inside| inside.find(quote)).map_or(rest.len(), |at| at + 2)
            }
            _ => rest
                .char_indices()
                .find(|(at, c)| {
                    matches!(c, ',' | ']' | '}') || (*c == ':' && (is_key || rest.get(at + 1..at + 2) == Some(" ")))
                })
                .map_or(rest.len(), |(at, _)| at),
        };
        self.at += end;
        read_scalar(rest.get(..end).unwrap_or_default().trim(), self.line)
    }
}
