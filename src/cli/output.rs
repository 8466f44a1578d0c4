//! The streams of a command: data goes to the standard output, words for people to the standard error.

use std::borrow::Cow;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::CommandFactory as _;

use crate::cli::args::{Cli, Format};
use crate::cli::exit::Exit;
use crate::ecr::json::{escape_unseen, to_compact, to_pretty};
use crate::ecr::text::{make_visible, visible_lines};
use crate::ecr::{AccountNames, Failure, FailureKind};
use crate::policy::Finding;

/// A reason why a command stopped before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A wrong command line: the fault, and the words to type instead.
    Usage(String, String),
    /// A failure.
    Failure(Failure),
}

impl Stop {
    /// Builds the reason for a wrong command line.
    pub(super) fn wrong_usage(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Usage(what.into(), next.into())
    }

    /// Tells it on the standard error; returns the exit code.
    pub(super) fn report_stop(&self) -> Exit {
        match self {
            Self::Usage(what, next) => {
                tell_line(&format!("error: {}", make_visible(what)));
                tell_line(&format!("  {}", make_visible(next)));
                Exit::Usage
            }
            Self::Failure(failure) => {
                tell_failure(None, failure);
                Exit::from(failure)
            }
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// The first error of writing to the standard output; after it nothing more goes there.
static BROKEN: Mutex<Option<io::Error>> = Mutex::new(None);

/// The names that stand beside account ids in what people read.
static NAMES: OnceLock<AccountNames> = OnceLock::new();

/// Lets names stand beside account ids in what people read from here on.
pub(super) fn name_accounts(names: &AccountNames) {
    let _ = NAMES.set(names.clone());
}

/// Puts the names of accounts beside their ids in a sentence. What names something else than an account, such as a repository
/// or a Sid, is no part of it: it may look like an id.
pub(super) fn with_names(text: &str) -> Cow<'_, str> {
    NAMES.get().map_or(Cow::Borrowed(text), |names| names.beside_ids(text))
}

/// Returns an ARN, made visible, with the name of its account behind it.
pub(super) fn arn_words(arn: &str) -> String {
    let name = NAMES.get().and_then(|names| names.name_of(names.ids_in(arn).next()?));
    let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
    make_visible(arn) + &name
}

/// Writes words for people to the standard output, made visible, with the names of accounts beside their ids.
pub(super) fn print_words(text: &str) {
    print_data(&with_names(text));
}

/// Writes data to the standard output, made visible: a file name or a policy in it reaches no terminal raw. JSON comes
/// escaped from `ecr::json` and stays as it is. The first error is kept for [`output_failure`]; after it nothing is
/// written.
pub(super) fn print_data(text: &str) {
    print_drawn(&visible_lines(text));
}

/// Writes a drawing of `check::text` to the standard output: its colours are the only control characters in it.
pub(super) fn print_drawn(text: &str) {
    raw_parts(&[text.as_bytes(), b"\n"]);
}

/// Writes bytes to the standard output as they are.
pub(super) fn print_raw(bytes: &[u8]) {
    raw_parts(&[bytes]);
}

/// The most bytes that a [`DataWriter`] holds before it writes them.
const PIECE: usize = 64 * 1024;

/// A writer of large data to the standard output, in pieces. Errors are kept as [`print_raw`] keeps them.
#[derive(Debug, Default)]
pub(super) struct DataWriter {
    held: Vec<u8>,
    /// True for JSON, of which unseen characters are escaped.
    is_json: bool,
}

impl DataWriter {
    /// Writes what is held. JSON is cut behind the end of a line, which stands in none of its texts.
    fn write_held(&mut self, is_last: bool) {
        let end = match self.held.iter().rposition(|byte| *byte == b'\n') {
            Some(end) if self.is_json && !is_last => end + 1,
            None if self.is_json && !is_last => return,
            _ => self.held.len(),
        };
        let rest = self.held.split_off(end);
        let piece = std::mem::replace(&mut self.held, rest);
        if self.is_json {
            print_raw(escape_unseen(&String::from_utf8_lossy(&piece)).as_bytes());
        } else {
            print_raw(&piece);
        }
    }
}

impl io::Write for DataWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= PIECE {
            self.write_held(false);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.write_held(true);
        Ok(())
    }
}

impl std::fmt::Write for DataWriter {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.write_all(text.as_bytes()).map_err(|_| std::fmt::Error)
    }
}

impl Drop for DataWriter {
    fn drop(&mut self) {
        self.write_held(true);
    }
}

/// Writes a large JSON document to the standard output while it is made, in the form of [`print_json`].
pub(super) fn print_large_json(value: &impl serde::Serialize) {
    let mut writer = DataWriter { held: Vec::new(), is_json: true };
    if let Err(error) = serde_json::to_writer_pretty(&mut writer, value) {
        note_output(Err(error.into()));
    }
    writer.held.push(b'\n');
}

fn raw_parts(parts: &[&[u8]]) {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if broken.is_some() {
        return;
    }
    let mut out = io::stdout().lock();
    let written = parts.iter().try_for_each(|part| out.write_all(part)).and_then(|()| out.flush());
    *broken = written.err();
}

/// Keeps an error of another writer to the standard output.
pub(super) fn note_output(written: io::Result<()>) {
    let mut broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    if broken.is_none() {
        *broken = written.err();
    }
}

/// Tells whether the standard output has failed: work for output alone can end then.
pub(super) fn output_ended() -> bool {
    BROKEN.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

/// Returns the failure of the standard output. A reader that went away, such as `head`, is no failure.
pub(super) fn output_failure() -> Option<Failure> {
    let broken = BROKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let error = broken.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)?;
    Some(Failure::new(
        FailureKind::File,
        format!("the standard output cannot be written: {error}"),
        "make room or send the output elsewhere; earlier changes stay",
    ))
}

/// Writes a policy to the standard output: raw to a file or a program, made visible to a terminal.
pub(super) fn print_policy(text: &str) {
    if io::stdout().is_terminal() {
        print_raw(text.split_inclusive(['\n', '\t']).map(shown_piece).collect::<String>().as_bytes());
    } else {
        print_raw(text.as_bytes());
    }
}

/// Makes a piece visible whose last character may be a tab or the end of a line.
fn shown_piece(piece: &str) -> String {
    let inside = piece.trim_end_matches("\r\n").trim_end_matches(['\n', '\t']);
    make_visible(inside) + piece.get(inside.len()..).unwrap_or_default()
}

/// Writes a JSON document to the standard output.
pub(super) fn print_json(value: &serde_json::Value) {
    print_data(&to_pretty(value));
}

/// Prints clap's own words: an error, help, the version. They repeat typed words and values of variables.
pub(super) fn clap_words(told: &clap::Error) {
    let bare = Cli::command().styles(clap::builder::Styles::plain());
    let again = bare.try_get_matches_from(std::env::args_os()).err();
    let text = again.map_or_else(|| told.render().to_string(), |again| again.render().ansi().to_string());
    let shown = visible_lines(&text);
    if shown == text {
        let printed = told.print();
        if !told.use_stderr() {
            note_output(printed.and_then(|()| io::stdout().flush()));
        }
    } else if told.use_stderr() {
        let _ = io::stderr().lock().write_all(shown.as_bytes());
    } else {
        print_raw(shown.as_bytes());
    }
}

/// Writes objects as one document under a name, or one a line; writes nothing in the format for people.
pub(super) fn print_documents(format: Format, name: &str, objects: Vec<serde_json::Value>) {
    match format {
        Format::Json => {
            print_json(&serde_json::Value::Object([(name.to_owned(), objects.into())].into_iter().collect()));
        }
        Format::Jsonl => objects.iter().for_each(|object| print_data(&to_compact(object))),
        _ => {}
    }
}

/// A finding in the JSON of every command.
#[derive(serde::Serialize)]
pub(super) struct FindingWords<'a> {
    id: &'a str,
    name: &'a str,
    severity: &'a str,
    stops: bool,
    message: &'a str,
    why: &'a str,
}

impl<'a> From<&'a Finding> for FindingWords<'a> {
    fn from(finding: &'a Finding) -> Self {
        let Finding { rule, stops, message, .. } = finding;
        Self { id: rule.id, name: rule.name, severity: rule.severity.name(), stops: *stops, message, why: rule.why }
    }
}

/// Builds the JSON of a failure.
pub(super) fn failure_json(failure: &Failure) -> serde_json::Value {
    let aws = failure
        .aws
        .as_ref()
        .map(|aws| serde_json::json!({"code": aws.code, "message": aws.message, "request_id": aws.request_id}));
    serde_json::json!({
        "what": failure.what,
        "next": failure.next,
        "command": failure.command,
        "exit_code": Exit::from(failure).code(),
        "aws": aws,
    })
}

/// Writes a line for people to the standard error, made visible, with the names of accounts beside their ids.
pub(super) fn tell_line(line: &str) {
    tell_text(&with_names(line));
}

/// Writes a line to the standard error as it is, made visible: a command to copy, a part of a policy, or another's words.
pub(super) fn tell_text(line: &str) {
    tell_drawn(&visible_lines(line));
}

/// Writes a drawing of `check::text` to the standard error.
pub(super) fn tell_drawn(line: &str) {
    let mut out = io::stderr().lock();
    let _ = writeln!(out, "{line}");
}

/// Tells a failure and its subject, with the next step and AWS's own words.
pub(super) fn tell_failure(subject: Option<&str>, failure: &Failure) {
    let what = make_visible(&failure.what);
    match subject {
        Some(subject) => tell_line(&format!("error: {}: {what}", make_visible(subject))),
        None => tell_line(&format!("error: {what}")),
    }
    tell_line(&format!("  {}", make_visible(&failure.next)));
    if let Some(command) = &failure.command {
        tell_text(&format!("  $ {}", make_visible(command)));
    }
    if let Some(aws) = &failure.aws {
        let id = aws.request_id.as_ref().map(|id| format!(" (request {})", make_visible(id))).unwrap_or_default();
        tell_text(&format!("  AWS said: {}: {}{id}", make_visible(&aws.code), make_visible(&aws.message)));
    }
}

/// Tells whether somebody can be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for a line; `None` when the input or `interrupted` ended. Keys typed before the question stood there are no
/// answer.
pub(super) async fn ask_line(question: &str, interrupted: impl Future<Output = ()>) -> Option<String> {
    let _ = write!(io::stderr(), "{} ", visible_lines(question)).and_then(|()| io::stderr().flush());
    crate::runtime::forget_typed();
    let (tell, typed) = tokio::sync::oneshot::channel();
    // A thread of its own: nobody waits for it when the program ends.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = tell.send(read.is_ok_and(|count| count > 0).then_some(line));
    });
    let line = tokio::select! {
        biased;
        () = interrupted => None,
        line = typed => line.ok().flatten(),
    };
    if line.is_none() {
        let _ = writeln!(io::stderr());
    }
    line
}

/// Returns the time, in seconds since 1970-01-01 UTC.
pub(super) fn unix_time() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}
