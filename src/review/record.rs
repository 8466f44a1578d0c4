//! The record of a review under way: the policies that were read, a line each, so that an interrupted review goes on.
//!
//! The first line says what the review is of. A line that was torn by the end of the program is left out.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ecr::{Arn, RepositoryRef};

/// The name in the first line of each record.
const KIND: &str = "ecr-grant review";
/// The beginning of each record.
const BEGINNING: &str = "{\"record\":\"ecr-grant review\",";
/// The version of the lines.
const VERSION: u32 = 1;

/// A policy that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPolicy {
    /// The text; none: the repository had no policy.
    pub text: Option<Arc<str>>,
    /// The time at which the repository was made, in seconds since 1970, where it was told.
    pub created: Option<i64>,
    /// The time of the read, in seconds since 1970.
    pub read: i64,
}

/// A record as it was left.
#[derive(Debug, Default)]
pub struct RecordText {
    /// The policies; a repository that was recorded twice has the last one.
    pub policies: HashMap<RepositoryRef, RecordedPolicy>,
    /// The length in bytes without a torn last line; 0: there is no whole line.
    pub whole: usize,
}

/// A record that cannot be gone on with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// The text is something else. Nobody may write into it.
    #[error("it is no record of a review")]
    Foreign,
    /// The record is of a review with other arguments.
    #[error("it is the record of a review with {0}")]
    OtherReview(String),
    /// A line inside cannot be read.
    #[error("its line {0} cannot be read")]
    BrokenLine(usize),
}

#[derive(Serialize, Deserialize)]
struct Header {
    record: String,
    version: u32,
    asked: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    arn: String,
    created: Option<i64>,
    read: i64,
    #[serde(borrow)]
    policy: Option<std::borrow::Cow<'a, str>>,
}

impl RecordText {
    /// Reads a record. `asked`: the arguments that decide on what is read, which have to be the same.
    pub fn read(bytes: &[u8], asked: &[String]) -> Result<Self, RecordFault> {
        let Some(whole) = bytes.iter().rposition(|byte| *byte == b'\n').map(|end| end + 1) else {
            let is_cut = BEGINNING.as_bytes().starts_with(bytes) || bytes.starts_with(BEGINNING.as_bytes());
            return if is_cut { Ok(Self::default()) } else { Err(RecordFault::Foreign) };
        };
        let mut lines = bytes.get(..whole.saturating_sub(1)).unwrap_or_default().split(|byte| *byte == b'\n');
        let header: Option<Header> = lines.next().and_then(|line| serde_json::from_slice(line).ok());
        let header = header.filter(|header| header.record == KIND && header.version == VERSION);
        let header = header.ok_or(RecordFault::Foreign)?;
        if header.asked != asked {
            let words = header.asked.join(" ");
            return Err(RecordFault::OtherReview(if words.is_empty() { "no argument".to_owned() } else { words }));
        }
        let (mut policies, mut texts) = (HashMap::new(), HashSet::new());
        for (index, line) in lines.enumerate() {
            let (reference, policy) = read_line(line, &mut texts).ok_or(RecordFault::BrokenLine(index + 2))?;
            policies.insert(reference, policy);
        }
        Ok(Self { policies, whole })
    }
}

/// Reads a line; equal texts share one.
fn read_line(line: &[u8], texts: &mut HashSet<Arc<str>>) -> Option<(RepositoryRef, RecordedPolicy)> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let arn = Arn::parse(&line.arn)?;
    let reference =
        RepositoryRef { account: arn.account_id()?, region: arn.region.parse().ok()?, name: arn.repository()? };
    let text = line.policy.map(|text| {
        let shared: Arc<str> = texts.get(text.as_ref()).cloned().unwrap_or_else(|| Arc::from(text));
        texts.insert(Arc::clone(&shared));
        shared
    });
    Some((reference, RecordedPolicy { text, created: line.created, read: line.read }))
}

/// Writes the first line of a record.
pub fn record_header(asked: &[String]) -> String {
    let header = Header { record: KIND.to_owned(), version: VERSION, asked: asked.to_vec() };
    to_line(&header)
}

/// Writes the line of a repository.
pub fn record_line(reference: &RepositoryRef, created: Option<i64>, read: i64, policy: Option<&str>) -> String {
    to_line(&Line { arn: reference.arn().to_string(), created, read, policy: policy.map(Into::into) })
}

fn to_line(value: &impl Serialize) -> String {
    let mut line = serde_json::to_value(value).unwrap_or(Value::Null).to_string();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{AccountId, Region, RepositoryName};

    fn asked() -> Vec<String> {
        vec!["--regions".to_owned(), "eu-west-2".to_owned()]
    }

    fn reference(number: usize) -> RepositoryRef {
        RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse(&format!("team/app-{number}")).unwrap(),
        }
    }

    fn sample() -> (String, Vec<String>) {
        let texts = [Some("{\"a\": \"\\u00e9 é\\n\",\n\"a\":1}"), None, Some("{}"), Some("{}")];
        let lines = texts.iter().enumerate().map(|(number, text)| {
            record_line(&reference(number), Some(7), 100 + i64::try_from(number).unwrap(), *text)
        });
        (record_header(&asked()), lines.collect())
    }

    #[test]
    fn a_record_that_is_cut_anywhere_keeps_each_whole_line_and_no_other() {
        let (header, lines) = sample();
        let text = header.clone() + &lines.concat();
        assert!(header.starts_with(BEGINNING) && !text.is_ascii());
        for cut in 0..=text.len() {
            let read =
                RecordText::read(&text.as_bytes()[..cut], &asked()).unwrap_or_else(|fault| panic!("{cut}: {fault}"));
            let mut whole = if cut < header.len() { 0 } else { header.len() };
            let mut count = 0;
            for line in lines.iter().filter(|_| cut >= header.len()) {
                if whole + line.len() > cut {
                    break;
                }
                whole += line.len();
                count += 1;
            }
            assert_eq!((read.whole, read.policies.len()), (whole, count), "{cut}");
        }
        let read = RecordText::read(text.as_bytes(), &asked()).unwrap();
        let first = &read.policies[&reference(0)];
        assert_eq!(first.text.as_deref(), Some("{\"a\": \"\\u00e9 é\\n\",\n\"a\":1}"), "each byte of the text");
        assert_eq!((first.created, first.read, &read.policies[&reference(1)].text), (Some(7), 100, &None));
        let shared = |number| read.policies[&reference(number)].text.clone().unwrap();
        assert!(Arc::ptr_eq(&shared(2), &shared(3)), "equal texts share one");
    }

    #[test]
    fn a_foreign_text_another_review_and_a_broken_line_are_refused() {
        let (header, lines) = sample();
        let fault = |text: &str| RecordText::read(text.as_bytes(), &asked()).unwrap_err();
        for foreign in [
            "x",
            "{}\n",
            "{\"record\":\"ecr-grant review\"}\n",
            "[1,\n2]\n",
            "\n",
            "a,b\nc,d\n",
            "é",
            "{\"record\":\"x",
        ] {
            assert_eq!(fault(foreign), RecordFault::Foreign, "{foreign}");
        }
        let other = record_header(&["--all-regions".to_owned()]);
        assert_eq!(fault(&other), RecordFault::OtherReview("--all-regions".to_owned()));
        let broken = format!("{header}{}{}\n{}", lines[0], &lines[1][..20], lines[2]);
        assert_eq!(fault(&broken), RecordFault::BrokenLine(3));
    }
}
