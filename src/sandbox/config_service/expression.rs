//! The part of the query language of AWS Config that a reader of resources needs: `SELECT field, ... WHERE` conditions
//! joined by `AND`. Source: AWS Config Developer Guide, "Query components".

use serde_json::{Map, Value};

use crate::sandbox::answer::AwsError;

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// The fields to return, such as `configuration.PolicyText`.
    pub fields: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Debug, PartialEq, Eq)]
struct Condition {
    field: String,
    test: Test,
}

#[derive(Debug, PartialEq, Eq)]
enum Test {
    /// `= 'text'`, and `IN ('text', ...)`.
    OneOf(Vec<String>),
    /// `LIKE 'text%'`.
    Begins(String),
}

/// The most characters of an expression (source: the API model).
const LONGEST: usize = 4096;
/// The fewest characters before the `%` of `LIKE`.
const SHORTEST_PREFIX: usize = 3;

impl Query {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Self, AwsError> {
        if text.chars().count() > LONGEST {
            return Err(invalid("it is longer than 4096 characters"));
        }
        let mut words = Words { rest: text };
        words.take_keyword("SELECT")?;
        let mut fields = vec![words.take_field()?];
        while words.take_sign(',') {
            fields.push(words.take_field()?);
        }
        let mut conditions = Vec::new();
        if words.rest.trim_start().is_empty() {
            return Ok(Self { fields, conditions });
        }
        words.take_keyword("WHERE")?;
        loop {
            conditions.push(words.take_condition()?);
            if words.rest.trim_start().is_empty() {
                return Ok(Self { fields, conditions });
            }
            words.take_keyword("AND")?;
        }
    }

    /// Tells whether all conditions hold for an item.
    pub fn takes(&self, item: &Value) -> bool {
        self.conditions.iter().all(|condition| {
            let found = find_field(item, &condition.field).and_then(Value::as_str);
            found.is_some_and(|found| match &condition.test {
                Test::OneOf(texts) => texts.iter().any(|text| text == found),
                Test::Begins(text) => found.starts_with(text.as_str()),
            })
        })
    }

    /// Returns the fields of an item that are asked for, each at its place; one that the item lacks is left out.
    pub fn select_fields(&self, item: &Value) -> Value {
        let mut selected = Map::new();
        for field in &self.fields {
            let Some(found) = find_field(item, field) else { continue };
            match field.split_once('.') {
                None => {
                    selected.insert(field.clone(), found.clone());
                }
                Some((outer, inner)) => {
                    let place = selected.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                    if let Some(place) = place.as_object_mut() {
                        place.insert(inner.to_owned(), found.clone());
                    }
                }
            }
        }
        Value::Object(selected)
    }
}

fn find_field<'v>(item: &'v Value, field: &str) -> Option<&'v Value> {
    match field.split_once('.') {
        None => item.get(field),
        Some((outer, inner)) => item.get(outer)?.get(inner),
    }
}

/// Builds the error for an expression that is not understood. AWS's own words after the code are not known.
fn invalid(why: &str) -> AwsError {
    AwsError::bad_request("InvalidExpressionException", format!("The syntax of the query is incorrect: {why}"))
}

struct Words<'t> {
    rest: &'t str,
}

impl<'t> Words<'t> {
    fn take_word(&mut self) -> &'t str {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._".contains(c))).unwrap_or(rest.len());
        let (word, rest) = rest.split_at(end);
        self.rest = rest;
        word
    }

    fn take_keyword(&mut self, wanted: &str) -> Result<(), AwsError> {
        let word = self.take_word();
        if word.eq_ignore_ascii_case(wanted) { Ok(()) } else { Err(invalid(&format!("{wanted} is missing"))) }
    }

    fn take_field(&mut self) -> Result<String, AwsError> {
        match self.take_word() {
            "" => Err(invalid("a field is missing")),
            word => Ok(word.to_owned()),
        }
    }

    fn take_sign(&mut self, sign: char) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn take_text(&mut self) -> Result<String, AwsError> {
        let missing = || invalid("a text in single quotes is missing");
        let rest = self.rest.trim_start().strip_prefix('\'').ok_or_else(missing)?;
        let (text, rest) = rest.split_once('\'').ok_or_else(missing)?;
        self.rest = rest;
        Ok(text.to_owned())
    }

    fn take_condition(&mut self) -> Result<Condition, AwsError> {
        let field = self.take_field()?;
        if self.take_sign('=') {
            return Ok(Condition { field, test: Test::OneOf(vec![self.take_text()?]) });
        }
        let word = self.take_word();
        if word.eq_ignore_ascii_case("IN") {
            if !self.take_sign('(') {
                return Err(invalid("( is missing"));
            }
            let mut texts = vec![self.take_text()?];
            while self.take_sign(',') {
                texts.push(self.take_text()?);
            }
            return if self.take_sign(')') {
                Ok(Condition { field, test: Test::OneOf(texts) })
            } else {
                Err(invalid(") is missing"))
            };
        }
        if word.eq_ignore_ascii_case("LIKE") {
            let text = self.take_text()?;
            return match text.strip_suffix('%') {
                Some(begin) if begin.chars().count() >= SHORTEST_PREFIX && !begin.contains('%') => {
                    Ok(Condition { field, test: Test::Begins(begin.to_owned()) })
                }
                _ => Err(invalid("LIKE takes three characters and a % behind them")),
            };
        }
        Err(invalid("a condition is =, IN or LIKE"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_returned_where_they_stand() {
        let query = Query::parse(
            "SELECT accountId, configuration.PolicyText, missing, tags WHERE resourceType = 'AWS::ECR::RegistryPolicy' AND \
             status IN ('OK', 'ResourceDiscovered') AND arn LIKE 'arn:aws%'",
        )
        .unwrap();
        let item = json!({
            "accountId": "222222222222", "resourceType": "AWS::ECR::RegistryPolicy", "status": "OK", "arn": "arn:aws:ecr:x",
            "configuration": {"PolicyText": {"Version": "2012-10-17"}, "Other": 1}, "tags": []
        });
        assert!(query.takes(&item));
        let shown = json!({"accountId": "222222222222", "configuration": {"PolicyText": {"Version": "2012-10-17"}}, "tags": []});
        assert_eq!(query.select_fields(&item), shown);
        for (field, other) in
            [("status", json!("ResourceDeleted")), ("arn", json!("arn:bws")), ("resourceType", json!(1))]
        {
            let mut changed = item.clone();
            changed[field] = other;
            assert!(!query.takes(&changed), "{field}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "",
            "SELECT",
            "SELECT *",
            "SELECT a b",
            "SELECT a WHERE",
            "SELECT a WHERE b",
            "SELECT a WHERE b = c",
            "SELECT a WHERE b = 'c",
            "SELECT a WHERE b IN ('c'",
            "SELECT a WHERE b = 'c' OR d = 'e'",
            "SELECT a WHERE b LIKE 'ab%'",
            "SELECT a WHERE b LIKE '%abc'",
            "SELECT a WHERE b IS NULL",
        ] {
            let error = Query::parse(text).unwrap_err();
            assert_eq!(error.code, "InvalidExpressionException", "{text}");
        }
        assert!(Query::parse(&format!("SELECT {}", "a".repeat(LONGEST))).is_err());
    }
}
