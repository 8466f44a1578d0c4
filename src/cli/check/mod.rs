//! `check`: finds refusals of ECR and risks in policy files.

mod document;
mod explain;
mod mend;
mod text;

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use super::args::{CheckArgs, FailOn, Format, Globals};
use super::exit::Exit;
use super::output::{Stop, print_data, print_drawn, print_json, print_raw, tell_drawn, tell_line, unix_time};
use super::owner::find_partition;
use super::parallel::{FEW, map_all};
use crate::ecr::{AccountId, Failure, FailureKind};
use crate::policy::lint::{Examined, PolicyKind, examine, recognised_kind};
use crate::policy::syntax::{Parsed, json_pointer};
use crate::policy::{CheckOptions, Class, Finding, Severity, Span, Unproved};

/// The largest file that is read, in bytes: a policy has at most 10,240 characters.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The fewest cells of a line that a report needs.
const NARROWEST: usize = 20;
/// The most cells of a line that a report uses.
const WIDEST: usize = 400;

/// The most files that are held in memory at a time.
const BLOCK: usize = 512;

/// A file and its findings.
struct Checked {
    name: String,
    text: String,
    parsed: Parsed,
    owner: Option<AccountId>,
    kind: PolicyKind,
    class: Option<Class>,
    /// The reason that the class is not proved.
    unproved: Option<Unproved>,
    /// Characters, as ECR counts them.
    size: usize,
    findings: Vec<Finding>,
    /// True where a mended text went to the standard output, which leaves the standard error for the report.
    is_beside_output: bool,
}

impl Checked {
    fn new(name: String, text: String, options: &CheckOptions) -> Self {
        let Examined { parsed, findings, class, unproved, .. } = examine(&text, options);
        Self {
            name,
            parsed,
            owner: options.owner.clone(),
            kind: options.kind,
            class,
            unproved,
            size: text.chars().count(),
            findings,
            text,
            is_beside_output: false,
        }
    }

    /// Builds the result of a file that is no text: one finding, at its beginning.
    fn not_text(name: String, problem: &str, options: &CheckOptions) -> Self {
        let mut checked = Self::new(name, String::new(), options);
        checked.findings.retain(|f| f.rule.is_syntax);
        for finding in &mut checked.findings {
            problem.clone_into(&mut finding.message);
        }
        checked
    }

    fn pointer_to(&self, span: Span) -> String {
        self.parsed.root.as_ref().map(|root| json_pointer(root, span)).unwrap_or_default()
    }
}

/// Checks each file, or explains a rule. A finding as grave as `--fail-on` makes the exit code 1, a file that cannot be read 2.
pub(super) fn run(globals: &Globals, args: &CheckArgs) -> Result<Exit, Stop> {
    if let Some(rule) = args.explain {
        return explain::run(globals.format, rule);
    }
    let owner = args.owner.as_ref();
    let options = CheckOptions {
        owner: owner.map(|o| o.id.clone()),
        partition: find_partition(owner, globals.region.as_ref())?,
        now: Some(unix_time()),
        ..CheckOptions::default()
    };
    let input = |path: &Path| path.as_os_str() == "-";
    if args.files.iter().filter(|path| input(path)).count() > 1 {
        return Err(Stop::wrong_usage("the standard input is named twice", "give - once"));
    }
    if args.fix && globals.format != Format::Text && args.files.iter().any(|path| input(path)) {
        return Err(Stop::wrong_usage(
            "--fix writes the mended input to the standard output, where the findings would go too",
            "leave out --format, or name a file",
        ));
    }
    let style = report_style(globals);
    let one = |path: &PathBuf| -> Result<(Checked, String), CheckProblem> {
        let bytes = read_bytes(path).map_err(CheckProblem::Unreadable)?;
        let checked = check_bytes(globals, args, path, bytes, &options).map_err(CheckProblem::Stopped)?;
        let report = match globals.format {
            Format::Text => text::draw_report(&checked, style),
            Format::Jsonl => document::json_line(&checked),
            _ => String::new(),
        };
        Ok((checked, report))
    };
    let mut files = Vec::new();
    let (mut unreadable, mut failed) = (false, false);
    for block in args.files.chunks(block_size(globals.format, args.files.len())) {
        // Repairs are written one file after the other, so that one that stops is the last.
        let all: Box<dyn Iterator<Item = _>> =
            if args.fix { Box::new(block.iter().map(one)) } else { Box::new(map_all(block, &one).into_iter()) };
        let mut reports: Vec<String> = Vec::new();
        for result in all {
            let (checked, report) = match result {
                Ok(done) => done,
                Err(CheckProblem::Stopped(stop)) => {
                    print_gathered(&mut reports);
                    return Err(stop);
                }
                Err(CheckProblem::Unreadable(stop)) => {
                    print_gathered(&mut reports);
                    stop.report_stop();
                    unreadable = true;
                    continue;
                }
            };
            failed |= checked.findings.iter().any(|f| args.fail_on.is_failing(f.severity));
            match globals.format {
                Format::Text if checked.is_beside_output => tell_drawn(&report),
                Format::Text | Format::Jsonl => reports.push(report),
                _ => files.push(checked),
            }
            if args.fix {
                print_gathered(&mut reports);
            }
        }
        print_gathered(&mut reports);
    }
    match globals.format {
        Format::Json => print_data(&document::json_document(&files)),
        Format::Sarif => print_json(&document::sarif_log(&files, !unreadable)),
        Format::Text if args.owner.is_none() && !unreadable => {
            tell_line("owner unknown: every named account counts as another's; --owner ID says whose repository it is");
        }
        _ => {}
    }
    Ok(match (unreadable, failed) {
        (true, _) => Exit::Usage,
        (false, true) => Exit::Findings,
        (false, false) => Exit::Done,
    })
}

/// Returns the number of files that are checked before their reports are written: one where they are checked in turn.
fn block_size(format: Format, files: usize) -> usize {
    match format {
        Format::Text | Format::Jsonl if files < 2 * FEW => 1,
        Format::Jsonl => 4 * FEW,
        _ => BLOCK,
    }
}

/// Writes the gathered lines in one piece.
fn print_gathered(reports: &mut Vec<String>) {
    if !reports.is_empty() {
        print_drawn(&std::mem::take(reports).join("\n"));
    }
}

/// A reason why a file was not checked.
enum CheckProblem {
    /// The file cannot be read; the others are checked all the same.
    Unreadable(Stop),
    /// The file cannot be written, or must not be; that ends the command.
    Stopped(Stop),
}

impl FailOn {
    fn is_failing(self, severity: Severity) -> bool {
        let least = match self {
            Self::Error => Severity::Error,
            Self::Security => Severity::Security,
            Self::Warning => Severity::Warning,
        };
        severity >= least
    }
}

/// Returns the file's name for people and programs.
fn file_name(path: &Path) -> String {
    path.display().to_string()
}

/// Checks the bytes of a file, after the repairs where they are asked for.
fn check_bytes(
    globals: &Globals,
    args: &CheckArgs,
    path: &Path,
    bytes: Vec<u8>,
    options: &CheckOptions,
) -> Result<Checked, Stop> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let problem = guess_encoding(error.as_bytes());
            let checked = Checked::not_text(file_name(path), problem, options);
            // What cannot be read goes through as it came.
            let is_input = args.fix && path.as_os_str() == "-";
            if is_input {
                print_raw(error.as_bytes());
            }
            return Ok(Checked { is_beside_output: is_input, ..checked });
        }
    };
    let kind = args.kind.map_or_else(|| recognised_kind(&text), PolicyKind::from);
    let options = &CheckOptions { kind, ..options.clone() };
    if !args.fix {
        return Ok(Checked::new(file_name(path), text, options));
    }
    if path.as_os_str() == "-" {
        Ok(mend::mend_input(path, &text, options))
    } else {
        mend::mend_file(globals, path, text, options)
    }
}

/// Names the probable encoding of bytes that are no UTF-8.
fn guess_encoding(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the file is UTF-16, which is no JSON text: save it as UTF-8",
        _ => "the file is no text in UTF-8: save it as UTF-8",
    }
}

fn report_style(globals: &Globals) -> text::ReportStyle {
    let terminal = std::io::stdout().is_terminal();
    let quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let columns = told.or_else(|| if terminal { crate::runtime::line_width() } else { None });
    text::ReportStyle {
        colours: terminal && !quiet,
        ascii: globals.ascii,
        width: columns.unwrap_or(100).clamp(NARROWEST, WIDEST),
    }
}

/// Reads the text of a file, or of the standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Stop> {
    String::from_utf8(read_bytes(path)?).map_err(|_| {
        Failure::new(
            FailureKind::File,
            format!("{} is no text in UTF-8", path.display()),
            "save it as UTF-8 and try again",
        )
        .into()
    })
}

/// Reads the bytes of a file, or of the standard input for `-`.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Stop> {
    fn read(reader: impl std::io::Read, length: u64) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(usize::try_from(length.min(LARGEST) + 1).unwrap_or_default());
        reader.take(LARGEST + 1).read_to_end(&mut bytes).map(|_| bytes)
    }
    let bytes = if path.as_os_str() == "-" {
        read(std::io::stdin(), 0)
    } else {
        std::fs::File::open(path).and_then(|file| {
            let length = file.metadata().map_or(0, |about| about.len());
            read(file, length)
        })
    };
    let usage = |problem: String| {
        Stop::wrong_usage(
            format!("{} cannot be read: {problem}", path.display()),
            "name an existing file, or - for the standard input",
        )
    };
    let bytes = bytes.map_err(|error| usage(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(usage(format!("it is larger than {LARGEST} bytes, and ECR takes 10,240 characters")));
    }
    Ok(bytes)
}
