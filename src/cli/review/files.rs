//! The files that a review is held to: known parties, accepted findings, an earlier review.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;
use time::OffsetDateTime;
use toml::de::{DeTable, DeValue};

use crate::cli::args::{Globals, ReviewArgs};
use crate::cli::grantee_file::read_grantee_file;
use crate::cli::output::Stop;
use crate::ecr::AccountId;
use crate::ecr::text::make_visible;
use crate::review::{AcceptedFindings, Baseline, KnownParties};

/// The largest file of accepted findings, in bytes.
const LARGEST_LIST: u64 = 4 * 1024 * 1024;
/// The largest earlier review, in bytes: 100,000 repositories with policies of the usual size.
const LARGEST_REVIEW: u64 = 1024 * 1024 * 1024;

/// Reads the known parties: those of the file, the accounts with a name in the configuration, and the accounts of the
/// review. None: neither file nor configuration says who is known.
pub(super) fn read_known(
    globals: &Globals,
    args: &ReviewArgs,
    own: impl IntoIterator<Item = AccountId>,
) -> Result<Option<KnownParties>, Stop> {
    if args.known.is_none() && globals.account_names.ids().next().is_none() {
        return Ok(None);
    }
    let mut known = KnownParties::default();
    if let Some(path) = &args.known {
        for grantee in read_grantee_file(path)? {
            known.add_grantee(grantee);
        }
    }
    globals.account_names.ids().for_each(|id| known.add_account(id.clone()));
    own.into_iter().for_each(|id| known.add_account(id));
    Ok(Some(known))
}

/// Reads the accepted findings; without a file there are none.
pub(super) fn read_accepted(args: &ReviewArgs) -> Result<AcceptedFindings, Stop> {
    let Some(path) = &args.accepted else { return Ok(AcceptedFindings::default()) };
    let text = read_text(path, LARGEST_LIST)?;
    let refuse = |fault: String| {
        Stop::wrong_usage(
            format!("{} is no list of accepted findings: {}", path.display(), make_visible(fault.trim())),
            "write [[accepted]] with finding, repository, reason and who; grantee, statement and until as you like",
        )
    };
    let value = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    } else {
        DeTable::parse(&text).map(|table| table_value(table.get_ref())).map_err(|error| error.message().to_owned())
    };
    let today = today();
    value.and_then(|value| AcceptedFindings::read_value(value, &today)).map_err(refuse)
}

/// Reads an earlier review; none: there is nothing to compare with.
pub(super) fn read_baseline(args: &ReviewArgs) -> Result<Option<Baseline>, Stop> {
    let Some(path) = &args.baseline else { return Ok(None) };
    let read = Baseline::read_text(&read_text(path, LARGEST_REVIEW)?);
    read.map(Some).map_err(|fault| {
        Stop::wrong_usage(
            format!("{} is no earlier review: {}", path.display(), make_visible(&fault)),
            "make one with ecr-grant review --format jsonl --with-policy",
        )
    })
}

/// Returns the day, `YYYY-MM-DD`, in UTC.
pub(super) fn today() -> String {
    let date = OffsetDateTime::now_utc().date();
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

fn read_text(path: &Path, largest: u64) -> Result<String, Stop> {
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(largest + 1).read_to_string(&mut text));
    let fault = match read {
        Ok(length) if length as u64 > largest => format!("it is larger than {largest} bytes"),
        Ok(_) => return Ok(text),
        Err(error) => error.to_string(),
    };
    Err(Stop::wrong_usage(format!("{} cannot be read: {fault}", path.display()), "name an existing file of text"))
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
