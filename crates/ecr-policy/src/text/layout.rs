//! Finds the layout of a document, and writes in the same manner.

use std::borrow::Cow;

use crate::ecr::POLICY_LIMIT;
use crate::ecr::json_string::quote_string;
use crate::syntax::{Node, Span, Value, parse};

/// A piece of JSON to be written.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Text(String),
    /// A number, true, false or null, as JSON writes it.
    Word(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn text_list(texts: &[String]) -> Self {
        Self::List(texts.iter().map(|t| Self::text(t)).collect())
    }

    /// One text alone, and a list of any other number.
    pub fn one_or_list(texts: &[String]) -> Self {
        if let [only] = texts { Self::text(only) } else { Self::text_list(texts) }
    }

    pub fn object(members: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Writes it on one line with a blank after each colon and comma.
    pub fn on_one_line(&self) -> String {
        Layout::default().on_one_line().write_value(self, "")
    }
}

/// The manner of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// `None`: everything on one line.
    pub newline: Option<&'static str>,
    /// One level of indentation.
    pub unit: String,
    /// The text between a name and its value.
    pub colon: String,
    /// The text between elements on one line.
    pub comma: String,
    /// The padding inside the brackets of a list on one line.
    pub list_pad: String,
    /// The padding inside the brackets of an object on one line.
    pub object_pad: String,
    /// Tells whether lists of strings stand on one line.
    pub inline_lists: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            newline: Some("\n"),
            unit: "  ".to_owned(),
            colon: ": ".to_owned(),
            comma: ", ".to_owned(),
            list_pad: String::new(),
            object_pad: String::new(),
            inline_lists: false,
        }
    }
}

impl Layout {
    /// Looks at how a document is written.
    pub fn detect(text: &str, root: &Node) -> Self {
        let mut layout = Self { newline: first_newline(root.span.text_in(text)), ..Self::default() };
        let members = root.members();
        if let Some(first) = members.first() {
            layout.colon = gap_text(text, first.key.span.end, first.value.span.start);
            let lead = gap_text(text, root.span.start + 1, first.key.span.start);
            if layout.newline.is_some() && lead.contains(['\n', '\r']) {
                let outer = line_indentation(text, root.span.start);
                let inner = line_indentation(text, first.key.span.start);
                inner.strip_prefix(outer.as_str()).unwrap_or(&inner).clone_into(&mut layout.unit);
            }
            if layout.newline.is_none() {
                layout.object_pad = if lead.chars().all(|c| c == ' ') { lead } else { String::new() };
            }
        }
        if let (Some(first), Some(second)) = (members.first(), members.get(1))
            && layout.newline.is_none()
        {
            layout.comma = gap_text(text, first.value.span.end, second.key.span.start);
        }
        if let Some((list, first, second)) = list_of_strings(root) {
            let lead = gap_text(text, list.start + 1, first.start);
            layout.inline_lists = !lead.contains(['\n', '\r']);
            if layout.inline_lists {
                layout.list_pad = lead;
                if let Some(second) = second {
                    let comma = gap_text(text, first.end, second.start);
                    layout.comma = if comma.contains(['\n', '\r']) { layout.comma } else { comma };
                }
            }
        } else {
            // ECR's own printing, where no list is there to look at.
            layout.inline_lists = layout.colon == " : ";
            layout.list_pad = if layout.inline_lists { " ".to_owned() } else { String::new() };
        }
        layout
    }

    /// The same manner on one line.
    pub fn on_one_line(mut self) -> Self {
        self.newline = None;
        self
    }

    /// Writes a value whose closing bracket, where it gets a line of its own, is indented by `indent`.
    pub fn write_value(&self, json: &Json, indent: &str) -> String {
        match json {
            Json::Text(text) => quote_string(text),
            Json::Word(word) => word.clone(),
            Json::List(elements) if elements.is_empty() => "[]".to_owned(),
            Json::Object(members) if members.is_empty() => "{}".to_owned(),
            Json::List(elements) => {
                let flat = self.inline_lists && elements.iter().all(|e| matches!(e, Json::Text(_)));
                let inner = format!("{indent}{}", self.unit);
                let parts: Vec<String> = elements.iter().map(|e| self.write_value(e, &inner)).collect();
                self.write_bracket('[', &parts, ']', indent, flat, &self.list_pad)
            }
            Json::Object(members) => {
                let inner = format!("{indent}{}", self.unit);
                let part = |(name, value): &(String, Json)| self.write_member(name, value, &inner);
                self.write_bracket(
                    '{',
                    &members.iter().map(part).collect::<Vec<_>>(),
                    '}',
                    indent,
                    false,
                    &self.object_pad,
                )
            }
        }
    }

    /// Writes a member of an object that stands on a line indented by `indent`.
    pub fn write_member(&self, name: &str, value: &Json, indent: &str) -> String {
        format!("{}{}{}", quote_string(name), self.colon, self.write_value(value, indent))
    }

    fn write_bracket(&self, open: char, parts: &[String], close: char, indent: &str, flat: bool, pad: &str) -> String {
        match self.newline.filter(|_| !flat) {
            None => format!("{open}{pad}{}{pad}{close}", parts.join(&self.comma)),
            Some(nl) => {
                let separator = format!(",{nl}{indent}{}", self.unit);
                format!("{open}{nl}{indent}{}{}{nl}{indent}{close}", self.unit, parts.join(&separator))
            }
        }
    }
}

/// Writes a member of an object on one line, as [`Json::on_one_line`] writes values.
pub(crate) fn member_on_one_line(name: &str, value: &Json) -> String {
    Layout::default().on_one_line().write_member(name, value, "")
}

/// Writes strings for a list that has its brackets already.
pub(crate) fn join_quoted<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, separator: &str) -> String {
    texts.into_iter().map(|text| quote_string(text.as_ref())).collect::<Vec<_>>().join(separator)
}

/// The first line end of a text.
pub(crate) fn first_newline(text: &str) -> Option<&'static str> {
    let at = text.find(['\n', '\r'])?;
    let rest = text.get(at..).unwrap_or_default();
    Some(if rest.starts_with("\r\n") {
        "\r\n"
    } else if rest.starts_with('\r') {
        "\r"
    } else {
        "\n"
    })
}

/// The text of a gap.
pub(crate) fn gap_text(text: &str, start: usize, end: usize) -> String {
    Span::new(start, end).text_in(text).to_owned()
}

/// The blanks that the line of a byte offset begins with.
pub(crate) fn line_indentation(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line = text.get(start..).unwrap_or_default();
    line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// A list of strings in the statements, longest lists first: the list, its first element, its second.
fn list_of_strings(node: &Node) -> Option<(Span, Span, Option<Span>)> {
    let mut found: Vec<&Node> = Vec::new();
    collect_nodes(node, &mut found);
    let best = found.into_iter().max_by_key(|n| n.one_or_many().len().min(2))?;
    let elements = best.one_or_many();
    Some((best.span, elements.first()?.span, elements.get(1).map(|e| e.span)))
}

fn collect_nodes<'a>(node: &'a Node, found: &mut Vec<&'a Node>) {
    match &node.value {
        Value::Object(members) => {
            for member in members {
                collect_nodes(&member.value, found);
            }
        }
        Value::Array(elements) => {
            if !elements.is_empty() && elements.iter().all(|e| e.as_str().is_some()) {
                found.push(node);
            }
            for element in elements {
                collect_nodes(element, found);
            }
        }
        _ => {}
    }
}

/// The text laid out with two blanks a level, its line ends and the order of everything kept; `None` when it is not
/// valid JSON.
pub fn format(text: &str) -> Option<String> {
    let parsed = parse(text);
    let root = parsed.root.filter(|_| parsed.errors.is_empty())?;
    let nl = first_newline(text).unwrap_or("\n");
    let mut out = String::with_capacity(text.len() * 2);
    write_pretty(text, &root, nl, 0, &mut out);
    if text.ends_with(['\n', '\r']) {
        out.push_str(nl);
    }
    Some(out)
}

fn write_pretty(text: &str, node: &Node, nl: &str, depth: usize, out: &mut String) {
    let line = |out: &mut String, depth: usize| {
        out.push_str(nl);
        out.push_str(&"  ".repeat(depth));
    };
    match &node.value {
        Value::Array(elements) if !elements.is_empty() => {
            for (at, element) in elements.iter().enumerate() {
                out.push(if at == 0 { '[' } else { ',' });
                line(out, depth + 1);
                write_pretty(text, element, nl, depth + 1, out);
            }
            line(out, depth);
            out.push(']');
        }
        Value::Object(members) if !members.is_empty() => {
            for (at, member) in members.iter().enumerate() {
                out.push(if at == 0 { '{' } else { ',' });
                line(out, depth + 1);
                out.push_str(member.key.span.text_in(text));
                out.push_str(": ");
                write_pretty(text, &member.value, nl, depth + 1, out);
            }
            line(out, depth);
            out.push('}');
        }
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        _ => out.push_str(node.span.text_in(text)),
    }
}

/// The text without white space; `None` when it is not valid JSON.
pub fn minify(text: &str) -> Option<String> {
    if !parse(text).errors.is_empty() {
        return None;
    }
    Some(crate::syntax::tokens(text).iter().map(|t| t.span.text_in(text)).collect())
}

/// Returns the text to send for a policy that came as an object: its layout is dropped only where it does not fit.
pub fn text_to_send(text: &str) -> Cow<'_, str> {
    // No text has more characters than bytes.
    if text.len() <= POLICY_LIMIT || text.chars().count() <= POLICY_LIMIT {
        return Cow::from(text);
    }
    minify(text).map_or(Cow::from(text), Cow::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::odd_text;

    proptest! {
        #[test]
        fn odd_strings_come_back_from_every_layout(name in odd_text(), texts in prop::collection::vec(odd_text(), 0..3)) {
            let value = serde_json::json!({ (name.clone()): [texts.clone(), texts], "n": [1.5, null, {}] });
            let ecrs = "{\n  \"a\" : [ \"b\", \"c\" ]\n}";
            let manners = ["{\"a\":\"b\",\"c\":\"d\"}", "{ \"a\": [\"b\"] }", "{\r\n\t\"a\": [\r\n\t\t\"b\"]\r\n}", ecrs];
            let detected = manners.map(|text| Layout::detect(text, parse(text).root.as_ref().unwrap()));
            for layout in detected.into_iter().chain([Layout::default()]) {
                for layout in [layout.clone(), layout.on_one_line()] {
                    let written = layout.write_value(&Json::from_value(&value), "");
                    let moved = [format(&written), minify(&written), Some(text_to_send(&written).into_owned()), Some(written)];
                    for text in moved.map(Option::unwrap) {
                        prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&text).unwrap(), &value, "{}", text);
                    }
                }
            }
            let member = format!("{{{}}}", member_on_one_line(&name, &Json::text(&name)));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&member).unwrap(), serde_json::json!({ (name.clone()): name }));
        }
    }

    impl Json {
        fn from_value(value: &serde_json::Value) -> Self {
            match value {
                serde_json::Value::String(text) => Self::text(text),
                serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from_value).collect()),
                serde_json::Value::Object(members) => {
                    Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::from_value(value))).collect())
                }
                other => Self::Word(other.to_string()),
            }
        }
    }
}
