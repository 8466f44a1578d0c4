//! The lines of a change's file: one JSON object each, written once and never rewritten.

use serde::{Deserialize, Serialize};

use crate::ecr::json::to_compact;

/// The format that the first line of a file names.
pub(super) const FORMAT: &str = "ecr-grant change 1";

/// One line of a file. Kinds and fields of later versions are passed over by the reader; they stay in the file, because
/// no line is ever rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub(super) enum Record {
    /// The first line: who changes what from where.
    Change(Header),
    /// A write that may be sent once this line is on the disk.
    Write(WriteLine),
    /// The outcome of a write that was sent.
    Outcome(OutcomeLine),
    /// A write that was not sent.
    Withdrawn {
        /// The number of the write.
        write: u64,
    },
    /// A repository of the change that nothing was sent for.
    Unsent(UnsentLine),
    /// The last line: the change was gone through to its end.
    End {
        /// Seconds since 1970-01-01 UTC.
        when: i64,
    },
    /// The last line of a change whose program was killed, added by a later start that told about it.
    Interrupted {
        /// Seconds since 1970-01-01 UTC.
        when: i64,
    },
    /// A kind of line that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The first line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) id: String,
    pub(super) when: i64,
    pub(super) time: String,
    /// When the file was made, in microseconds since 1970-01-01 UTC: the order of changes of the same second.
    #[serde(default)]
    pub(super) made: i64,
    pub(super) command: String,
    pub(super) program: String,
    #[serde(default)]
    pub(super) caller: Option<CallerLine>,
    /// The number of repositories that the change is about, where known.
    #[serde(default)]
    pub(super) planned: Option<usize>,
    /// The change that this one takes back.
    #[serde(default)]
    pub(super) undoes: Option<String>,
}

/// The caller, as STS told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CallerLine {
    pub(super) account: String,
    pub(super) arn: String,
}

/// A write, before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WriteLine {
    pub(super) write: u64,
    pub(super) when: i64,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) repository: String,
    /// The endpoint, where it is not AWS's own.
    #[serde(default)]
    pub(super) endpoint: Option<String>,
    /// The text as AWS gave it; null: there was no policy.
    pub(super) old: Option<String>,
    /// The text that is sent; null: the policy is deleted.
    pub(super) new: Option<String>,
}

/// The outcome of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OutcomeLine {
    pub(super) write: u64,
    pub(super) when: i64,
    pub(super) outcome: String,
    /// The id of AWS's answer to the write.
    #[serde(default)]
    pub(super) request_id: Option<String>,
    /// The failure in words, where there was one.
    #[serde(default)]
    pub(super) words: Option<String>,
}

/// A repository that nothing was sent for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UnsentLine {
    pub(super) when: i64,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) repository: String,
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) words: Option<String>,
}

impl Record {
    /// Writes the line with its end.
    pub(super) fn to_line(&self) -> String {
        let mut line = to_compact(self);
        line.push('\n');
        line
    }
}
