//! The text of a file of accepted findings, in TOML or JSON: read, and with one entry more. What stands in it keeps its
//! bytes.

use std::fmt::Write as _;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::acceptance::{Acceptance, AcceptedFindings};
use crate::ecr::json_string::escape_unseen;
use crate::ecr::unseen::classify_unseen;
use crate::policy::Span;
use crate::policy::syntax;

impl AcceptedFindings {
    /// The largest file that is read, in bytes.
    pub const LARGEST_FILE: u64 = 4 * 1024 * 1024;

    /// Reads a file's text. `today`: `YYYY-MM-DD`. The error names the fault.
    pub fn read_text(text: &str, today: &str) -> Result<Self, String> {
        let value = if is_json(text) {
            serde_json::from_str(text).map_err(|error| error.to_string())?
        } else {
            let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
            table_value(table.get_ref())
        };
        Self::read_value(value, today)
    }
}

impl Acceptance {
    /// Returns a file's text with this entry behind the others; every byte of theirs stays. No text: a new file, whose name
    /// decides the form. The error says why it cannot be added.
    pub fn added_to(&self, text: Option<&str>, file_name: &str) -> Result<String, String> {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
            let is_json =
                std::path::Path::new(file_name).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
            let before = text.unwrap_or_default();
            return Ok(if is_json { self.new_json() } else { self.behind_tables(before) });
        };
        // The day counts for nothing here.
        let before = AcceptedFindings::read_text(text, "")?;
        let candidates = if is_json(text) {
            vec![self.in_json_list(text)]
        } else {
            // A list in brackets takes no table behind it, and tables are in no brackets: what reads right is right.
            vec![Some(self.behind_tables(text)), self.in_toml_list(text)]
        };
        let is_right =
            |text: &String| AcceptedFindings::read_text(text, "").is_ok_and(|now| now.is_longer_by(&before, self));
        let fitting = candidates.into_iter().flatten().find(is_right);
        fitting.ok_or_else(|| "its list is written in a way that no entry can be added to".to_owned())
    }

    /// Returns the entry as a table of TOML.
    pub fn toml_text(&self) -> String {
        let lines: Vec<String> =
            self.toml_members().into_iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
        format!("[[accepted]]\n{}", lines.concat())
    }

    /// Returns the members with their values, the texts as a form writes them. A day of TOML has no quotation marks.
    fn members(&self, text: impl Fn(&str) -> String, day: impl Fn(&str) -> String) -> Vec<(&'static str, String)> {
        let mut members = vec![("finding", text(&self.finding)), ("repository", text(&self.repository))];
        members.extend(self.grantee.as_ref().map(|grantee| ("grantee", text(grantee))));
        members.extend(self.statement.map(|number| ("statement", number.to_string())));
        members.extend([("reason", text(&self.reason)), ("who", text(&self.who))]);
        members.extend(self.until.as_ref().map(|until| ("until", day(until))));
        members
    }

    fn toml_members(&self) -> Vec<(&'static str, String)> {
        self.members(toml_string, str::to_owned)
    }

    /// Returns the entry as an object of JSON on lines of its own, or on one.
    fn json_object(&self, newline: Option<&str>, indent: &str, unit: &str) -> String {
        let members = self.members(json_string, json_string).into_iter();
        let members: Vec<String> = members.map(|(name, value)| format!("\"{name}\": {value}")).collect();
        match newline {
            None => format!("{{{}}}", members.join(", ")),
            Some(newline) => {
                let between = format!(",{newline}{indent}{unit}");
                format!("{{{newline}{indent}{unit}{}{newline}{indent}}}", members.join(&between))
            }
        }
    }

    fn new_json(&self) -> String {
        format!("{{\n  \"accepted\": [\n    {}\n  ]\n}}\n", self.json_object(Some("\n"), "    ", "  "))
    }

    /// Adds a table at the end of a text.
    fn behind_tables(&self, text: &str) -> String {
        let newline = newline_of(text);
        let end = match text {
            "" => String::new(),
            text if text.ends_with('\n') => newline.to_owned(),
            _ => newline.repeat(2),
        };
        format!("{text}{end}{}", self.toml_text().replace('\n', newline))
    }

    /// Adds a table to a list in brackets.
    fn in_toml_list(&self, text: &str) -> Option<String> {
        let table = DeTable::parse(text).ok()?;
        let list = table.get_ref().get("accepted")?;
        let entries = list.get_ref().as_array()?.iter();
        let entries: Vec<Span> = entries.map(|entry| Span::new(entry.span().start, entry.span().end)).collect();
        let members: Vec<String> =
            self.toml_members().into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let entry = format!("{{ {} }}", members.join(", "));
        let around = Span::new(list.span().start, list.span().end);
        insert_last(text, around, &entries, |_| entry.clone())
    }

    /// Adds an object to the list of a JSON text.
    fn in_json_list(&self, text: &str) -> Option<String> {
        let parsed = syntax::parse(text);
        let root = parsed.root.as_ref()?;
        let list = &root.get("accepted")?.value;
        let syntax::Value::Array(entries) = &list.value else { return None };
        let spans: Vec<Span> = entries.iter().map(|entry| entry.span).collect();
        let before = entries.last();
        let has_lines = before.is_some_and(|entry| entry.span.text_in(text).contains('\n'));
        let newline = has_lines.then(|| newline_of(text));
        let inner =
            before.and_then(|entry| entry.members().first()).map(|first| indentation_at(text, first.key.span.start));
        insert_last(text, list.span, &spans, |indent| {
            let unit = inner.as_ref().and_then(|inner| inner.strip_prefix(indent)).unwrap_or("  ");
            self.json_object(newline, indent, unit)
        })
    }
}

/// Inserts an element behind the last one of a list in brackets, set off as that one is. `write` is given the indentation of
/// the element's line. A comma behind the last element stands behind the new one then.
fn insert_last(text: &str, list: Span, elements: &[Span], write: impl Fn(&str) -> String) -> Option<String> {
    let (at, lead, indent) = if let Some(last) = elements.last() {
        let before = elements.len().checked_sub(2).and_then(|at| elements.get(at)).map_or(list.start, |span| span.end);
        let is_on_own_line = text.get(before..last.start)?.contains('\n');
        let indent = indentation_at(text, last.start);
        let lead = if is_on_own_line { format!(",{}{indent}", newline_of(text)) } else { ", ".to_owned() };
        (last.end, lead, indent)
    } else {
        (list.start + 1, String::new(), indentation_at(text, list.start))
    };
    Some(format!("{}{lead}{}{}", text.get(..at)?, write(&indent), text.get(at..)?))
}

fn indentation_at(text: &str, at: usize) -> String {
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

fn newline_of(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Writes a string of JSON; whatever cannot be seen is escaped.
fn json_string(text: &str) -> String {
    escape_unseen(&Value::from(text).to_string())
}

/// Writes a string of TOML; whatever cannot be seen is escaped.
fn toml_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() || classify_unseen(c).is_some() => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn table_value(table: &DeTable) -> Value {
    let members = table.iter().map(|(name, value)| (name.get_ref().to_string(), toml_value(value.get_ref())));
    Value::Object(members.collect())
}

/// Turns a value of TOML into one of JSON; a date becomes its text.
fn toml_value(value: &DeValue) -> Value {
    match value {
        DeValue::String(text) => text.to_string().into(),
        DeValue::Integer(number) => number.to_string().parse::<i64>().map_or(Value::Null, Value::from),
        DeValue::Float(number) => number.to_string().parse::<f64>().map_or(Value::Null, Value::from),
        DeValue::Boolean(is) => (*is).into(),
        DeValue::Datetime(date) => date.to_string().into(),
        DeValue::Array(values) => values.iter().map(|value| toml_value(value.get_ref())).collect(),
        DeValue::Table(table) => table_value(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: &str = "# Reviewed each quarter.\n\n[[accepted]]\nfinding = \"S105\" # builds\nrepository = 'team/*'\nreason = \"ours\"\nwho = \"ana\"\nuntil = 2027-03-31\n# The end.\n";
    const INLINE: &str = "accepted = [\n  # first\n  { finding = \"S105\", repository = \"a\", reason = \"r\", who = \"w\" }, # why\n]\n";
    const ON_ONE_LINE: &str = "accepted = [{ finding = \"S105\", repository = \"a\", reason = \"r\", who = \"w\" }]";
    const EMPTY: &str = "accepted = [ # none so far\n]\n";
    const COMMENT: &str = "# Nothing yet.\n";
    const JSON: &str = "{\n  \"accepted\" : [\n    {\n      \"finding\": \"S105\",\n      \"repository\": \"a\",\n      \"reason\": \"r\",\n      \"who\": \"w\"\n    }\n  ]\n}\n";
    const FLAT: &str = r#"{"accepted": [{"finding": "S105", "repository": "a", "reason": "r", "who": "w"}]}"#;
    const EMPTY_JSON: &str = "{\"accepted\": []}";

    fn entry(reason: &str) -> Acceptance {
        Acceptance {
            finding: "public".to_owned(),
            repository: "arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp".to_owned(),
            grantee: Some("*".to_owned()),
            statement: Some(2),
            reason: reason.to_owned(),
            who: "Ana <ana@example.com>".to_owned(),
            until: Some("2027-03-31".to_owned()),
        }
    }

    /// Tells whether all of a text stands in another one, before and behind one insertion.
    fn is_kept(before: &str, after: &str) -> bool {
        let same = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
        (0..=same).any(|at| before.is_char_boundary(at) && after.ends_with(before.split_at(at).1))
    }

    #[test]
    fn an_entry_is_added_to_each_layout_and_every_byte_of_the_others_stays() {
        let layouts = [TABLES, INLINE, ON_ONE_LINE, EMPTY, COMMENT, JSON, FLAT, EMPTY_JSON];
        let windows = layouts.map(|text| text.replace('\n', "\r\n"));
        for text in layouts.iter().copied().chain(windows.iter().map(String::as_str)) {
            let before = AcceptedFindings::read_text(text, "").unwrap();
            let mut now = text.to_owned();
            for reason in ["plain", "it's \"quoted\" \\ \u{202e}\u{7f}\t é 名"] {
                let next = entry(reason).added_to(Some(&now), "x").unwrap();
                assert!(is_kept(&now, &next), "{now}\n---\n{next}");
                let is_escaped = !next.contains(['\u{202e}', '\u{7f}']);
                assert!(is_escaped && !next.replace("\r\n", "").contains('\r'), "{next}");
                assert_eq!(next.contains("\r\n"), text.contains("\r\n"), "{next:?}");
                now = next;
            }
            let after = AcceptedFindings::read_text(&now, "").unwrap();
            assert_eq!(after.iter().count(), before.iter().count() + 2, "{now}");
            assert_eq!(after.iter().last().unwrap().reason, "it's \"quoted\" \\ \u{202e}\u{7f}\t é 名");
        }
    }

    #[test]
    fn layouts_are_followed() {
        assert_eq!(
            entry("ours").added_to(None, "x.toml").unwrap(),
            "[[accepted]]\nfinding = \"public\"\nrepository = \"arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp\"\n\
             grantee = \"*\"\nstatement = 2\nreason = \"ours\"\nwho = \"Ana <ana@example.com>\"\nuntil = 2027-03-31\n"
        );
        let json = entry("ours").added_to(None, "x.JSON").unwrap();
        assert!(
            AcceptedFindings::read_text(&json, "").is_ok() && json.starts_with("{\n  \"accepted\": [\n    {\n"),
            "{json}"
        );
        let added = entry("ours").added_to(Some(TABLES), "x").unwrap();
        assert!(added.starts_with(&format!("{TABLES}\n[[accepted]]\n")), "{added}");
        let added = entry("ours").added_to(Some(INLINE), "x").unwrap();
        assert!(added.contains("},\n  { finding = \"public\"") && added.ends_with(" }, # why\n]\n"), "{added}");
        let added = entry("ours").added_to(Some(JSON), "x").unwrap();
        assert!(added.contains("    },\n    {\n      \"finding\""), "{added}");
    }

    #[test]
    fn what_cannot_be_read_is_not_added_to() {
        for text in ["accepted = [", "{\"accepted\": 1}", "[[accepted]]\nfinding = \"S105\"\n", "{", "other = 1"] {
            assert!(entry("ours").added_to(Some(text), "x").is_err(), "{text}");
        }
    }
}
