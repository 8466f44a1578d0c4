//! The files that a review is held to: known parties, accepted findings, an earlier review.

use std::io::Read as _;
use std::path::Path;

use crate::cli::args::{Globals, ReviewArgs};
use crate::cli::grantee_file::read_grantee_file;
use crate::cli::output::{Stop, unix_time};
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, day_of};
use crate::review::{AcceptedFindings, Baseline, KnownParties};

/// The largest earlier review, in bytes: 100,000 repositories with policies of the usual size.
const LARGEST_REVIEW: u64 = 1024 * 1024 * 1024;

/// Reads the known parties: those of the file, the accounts with a name in the configuration, and the accounts of the
/// review. None: neither file nor configuration says who is known.
pub(in crate::cli) fn read_known(
    globals: &Globals,
    file: Option<&Path>,
    own: impl IntoIterator<Item = AccountId>,
) -> Result<Option<KnownParties>, Stop> {
    if file.is_none() && globals.account_names.ids().next().is_none() {
        return Ok(None);
    }
    let mut known = KnownParties::default();
    if let Some(path) = file {
        for grantee in read_grantee_file(path)? {
            known.add_grantee(grantee);
        }
    }
    globals.account_names.ids().for_each(|id| known.add_account(id.clone()));
    own.into_iter().for_each(|id| known.add_account(id));
    Ok(Some(known))
}

/// Reads the accepted findings of the file that `--accepted` names, or the configuration: that one may be absent still.
/// Without a file there are none.
pub(in crate::cli) fn read_accepted(globals: &Globals, args: &ReviewArgs) -> Result<AcceptedFindings, Stop> {
    let path = match (&args.accepted, &globals.usual.accepted) {
        (Some(path), _) => path,
        (None, Some(path)) if path.exists() => path,
        (None, _) => return Ok(AcceptedFindings::default()),
    };
    let text = read_text(path, AcceptedFindings::LARGEST_FILE)?;
    AcceptedFindings::read_text(&text, &today()).map_err(|fault| {
        Stop::wrong_usage(
            format!("{} is no list of accepted findings: {}", path.display(), make_visible(fault.trim())),
            "write [[accepted]] with finding, repository, reason and who; grantee, statement and until as you like",
        )
    })
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
    day_of(unix_time())
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
