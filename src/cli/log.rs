//! `--log-file`: the program's deeds, never on the standard error.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::output::Stop;
use crate::ecr::text::visible_lines;

/// Begins the log. Only this program's own words go there: those of the AWS SDK can hold headers with tokens.
pub(super) fn begin_log(path: &Path) -> Result<(), Stop> {
    let file = open_private(path).map_err(|error| {
        Stop::wrong_usage(
            format!("the log file {} cannot be written: {error}", path.display()),
            "name another --log-file",
        )
    })?;
    let writing = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(Visible(file)));
    let own = Targets::new().with_target("ecr_grant", LevelFilter::DEBUG);
    let _ = tracing_subscriber::registry().with(writing).with(own).try_init();
    Ok(())
}

/// Opens the log for its owner alone: account ids and policies are private.
fn open_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// A log that somebody may print on a terminal. Each record is written in one piece.
struct Visible(File);

impl Write for Visible {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        self.0.write_all(visible_lines(&String::from_utf8_lossy(record)).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
