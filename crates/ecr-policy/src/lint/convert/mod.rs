//! Policies written in another language, as JSON: `hcl` reads what Terraform writes a policy with, `yaml` what
//! `CloudFormation` does. Only what is certain is converted. Whatever is filled in when the other program runs is an
//! obstacle, which is told with its line.

mod hcl;
#[cfg(test)]
mod tests;
mod yaml;

use super::pasted_formats::whole_policy;
use crate::ecr::text::{fit_width, make_visible};
use crate::text::layout::{Json, Layout};

pub(super) use hcl::{heredoc_policy, policy_document, read_encoded};
pub(super) use yaml::template_policy;

/// The deepest nesting that is read; a policy needs a few levels, a template around it some more.
const MOST_LEVELS: usize = 48;

/// Said of what holds something else.
const NO_POLICY: &str = "what stands there is no policy";

/// The one policy of several places where one may be.
pub(super) fn only(each: impl Iterator<Item = Result<String, Obstacle>>) -> Result<String, Obstacle> {
    let mut found: Option<Result<String, Obstacle>> = None;
    for one in each {
        let is_policy = |one: &Result<String, Obstacle>| !matches!(one, Err(o) if o.what == NO_POLICY);
        match &found {
            Some(first) if is_policy(first) && is_policy(&one) => {
                let line = one.err().map_or(1, |obstacle| obstacle.line);
                return Err(Obstacle::new(line, "there are several policies: give one of them"));
            }
            Some(first) if is_policy(first) => {}
            _ => found = Some(one),
        }
    }
    found.unwrap_or_else(|| Err(Obstacle::new(1, NO_POLICY)))
}

/// A construct that stands in the way of a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Obstacle {
    /// The line, from 1.
    line: usize,
    what: String,
}

impl Obstacle {
    fn new(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }

    /// Something that only the other program can fill in.
    fn filled_in(line: usize, written: &str, by: &str) -> Self {
        let first = written.lines().next().unwrap_or_default().trim();
        Self::new(line, format!("`{}` is filled in by {by}", fit_width(&make_visible(first), 40, false)))
    }

    /// Says what it is and at which line, as a clause.
    pub fn words(&self) -> String {
        format!("line {}: {}", self.line, self.what)
    }
}

/// A value of the other language.
#[derive(Debug, Clone, PartialEq)]
enum ConvertedPiece {
    Text(String),
    /// A number, true, false or null, as JSON writes it.
    Word(String),
    List(Vec<ConvertedPiece>),
    Object(Vec<(String, ConvertedPiece)>),
    /// A value that only the other program knows; an obstacle where it belongs to the policy.
    Unknown(Obstacle),
}

impl ConvertedPiece {
    fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Returns it as JSON; an obstacle where a part is not known.
    fn to_json(&self) -> Result<Json, Obstacle> {
        Ok(match self {
            Self::Text(text) => Json::text(text),
            Self::Word(word) => Json::Word(word.clone()),
            Self::Unknown(obstacle) => return Err(obstacle.clone()),
            Self::List(items) => Json::List(items.iter().map(Self::to_json).collect::<Result<_, _>>()?),
            Self::Object(members) => {
                let member = |(key, value): &(String, Self)| Ok((key.clone(), value.to_json()?));
                Json::Object(members.iter().map(member).collect::<Result<_, _>>()?)
            }
        })
    }
}

/// A policy as JSON, laid out in lines.
fn json(policy: &ConvertedPiece) -> Result<String, Obstacle> {
    Ok(Layout::default().write_value(&policy.to_json()?, ""))
}

/// A policy that stands as JSON inside the other language's text.
fn json_inside(text: &str, line: usize) -> Result<String, Obstacle> {
    whole_policy(text.trim()).ok_or_else(|| Obstacle { line, what: NO_POLICY.to_owned() })
}
