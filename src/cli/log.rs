//! `--log-file`: what this program did, never to the standard error.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::output::Stop;

/// Begins the log. Only this program's own words go there: those of the AWS SDK can hold headers with tokens.
pub(super) fn begin(path: &Path) -> Result<(), Stop> {
    let file = open(path).map_err(|error| {
        Stop::usage(format!("the log file {} cannot be written: {error}", path.display()), "name another --log-file")
    })?;
    let writing = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    let own = Targets::new().with_target("ecr_grant", LevelFilter::DEBUG);
    let _ = tracing_subscriber::registry().with(writing).with(own).try_init();
    Ok(())
}

/// Readable by its owner alone: account ids and policies are nobody else's business.
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}
