//! The sections of a settings file, each read by itself, so that a bad one spoils no other.
//!
//! The grammar is that of the SDKs, and takes more where the AWS CLI does (source: Python's `configparser.py`,
//! botocore's `configloader.py`): a setting may be indented, `:` may stand for `=`, a name may hold any character.

use std::collections::BTreeMap;

use crate::ecr::text::make_visible;

/// The two kinds of files, which name profiles in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Config,
    Credentials,
}

/// The subject of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionKind {
    Profile,
    SsoSession,
    Services,
}

/// A section that can be used. It may hold secrets, so it has no `Debug`.
pub(super) struct SettingsSection {
    pub(super) kind: SectionKind,
    pub(super) name: String,
    /// True for `[profile NAME]`, false for `[NAME]`.
    pub(super) is_prefixed: bool,
    pub(super) settings: BTreeMap<String, String>,
}

/// A section, or a line outside of any, that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The subject and the name of the section, as far as they can be read.
    pub(super) of: Option<(SectionKind, String)>,
    /// The number of the line, from 1.
    pub(super) line: usize,
    /// The fault of the line, to follow a colon.
    pub(super) cause: String,
    /// The way to mend it, in the imperative.
    pub(super) fix: String,
    /// True where the AWS CLI ignores the section without a word, so that another one of this name counts.
    pub(super) is_passed_over: bool,
}

/// The settings of profiles that this program or the AWS CLI reads.
const KNOWN: [&str; 27] = [
    "aws_access_key_id",
    "aws_account_id",
    "aws_secret_access_key",
    "aws_session_token",
    "ca_bundle",
    "credential_process",
    "credential_source",
    "duration_seconds",
    "endpoint_url",
    "external_id",
    "login_session",
    "mfa_serial",
    "output",
    "region",
    "role_arn",
    "role_session_name",
    "services",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "web_identity_token_file",
];

/// Sections of the AWS CLI itself, which describe no profile.
const OF_THE_CLI: [&str; 2] = ["plugins", "preview"];

/// Reads a file's usable sections, and its faults.
pub(super) fn read_sections(text: &str, kind: FileKind) -> (Vec<SettingsSection>, Vec<Fault>) {
    let mut reader =
        SectionReader { kind, sections: Vec::new(), faults: Vec::new(), open: OpenSection::Nothing, indent: 0 };
    for (at, line) in text.split('\n').enumerate() {
        reader.read_line(at + 1, line);
    }
    reader.close_section();
    (reader.sections, reader.faults)
}

/// The section that the next lines belong to.
enum OpenSection {
    /// No section yet.
    Nothing,
    /// A section that can be used so far, and the key whose value the next line may continue.
    Good(SettingsSection, Option<String>),
    /// Another tool's section. Its header is kept, because it may turn out to hold settings of a profile.
    Foreign { line: usize, prefix: String, name: String, is_profile: bool },
    /// A section whose fault is told; its lines are skipped.
    Faulty,
}

struct SectionReader {
    kind: FileKind,
    sections: Vec<SettingsSection>,
    faults: Vec<Fault>,
    open: OpenSection,
    /// The indentation above which a line continues the one before.
    indent: usize,
}

impl SectionReader {
    fn read_line(&mut self, number: usize, line: &str) {
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            return;
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let goes_on = indent > self.indent && matches!(&self.open, OpenSection::Good(_, Some(_)));
        if !goes_on {
            self.indent = indent;
        }
        if text.starts_with('[') {
            self.close_section();
            self.open = self.read_header(number, text, goes_on);
            // The lines below an indented header are its own, at whatever indentation.
            if goes_on {
                self.indent = indent;
            }
            return;
        }
        let problem = match &mut self.open {
            OpenSection::Nothing => {
                self.add_fault(None, number, "it stands before any section", "put it below the section it belongs to");
                self.open = OpenSection::Faulty;
                return;
            }
            OpenSection::Faulty => return,
            OpenSection::Foreign { is_profile, .. } => {
                *is_profile |= key_and_value(text).is_some_and(|(key, _)| KNOWN.contains(&key.as_str()));
                return;
            }
            OpenSection::Good(section, Some(key)) if goes_on => go_on(section, key, text),
            OpenSection::Good(section, key) => match read_setting(text) {
                Ok((name, value)) => {
                    section.settings.insert(name.clone(), value);
                    *key = Some(name);
                    return;
                }
                Err(problem) => Some(problem),
            },
        };
        if let Some((cause, fix)) = problem
            && let OpenSection::Good(section, _) = std::mem::replace(&mut self.open, OpenSection::Faulty)
        {
            self.add_fault(Some((section.kind, section.name)), number, cause, fix);
        }
    }

    fn add_fault(
        &mut self,
        of: Option<(SectionKind, String)>,
        line: usize,
        cause: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.faults.push(Fault { of, line, cause: cause.into(), fix: fix.into(), is_passed_over: false });
    }

    /// Ends the open section.
    fn close_section(&mut self) {
        match std::mem::replace(&mut self.open, OpenSection::Nothing) {
            OpenSection::Good(section, _) => self.sections.push(section),
            OpenSection::Foreign { line, prefix, name, is_profile: true } => self.faults.push(Fault {
                cause: format!("`{}` is no kind of section", make_visible(&prefix)),
                fix: format!("write {}", header_of(&name)),
                of: Some((SectionKind::Profile, name)),
                line,
                is_passed_over: true,
            }),
            OpenSection::Foreign { .. } | OpenSection::Nothing | OpenSection::Faulty => {}
        }
    }

    /// Reads the line of a section's name.
    fn read_header(&mut self, line: usize, text: &str, is_indented: bool) -> OpenSection {
        let Some(inner) = text_in_brackets(text) else {
            let inner = text.trim_start_matches('[').trim();
            let of = self.kind_and_name(inner).ok().map(|(kind, name, _)| (kind, name));
            self.add_fault(of, line, "the bracket around the section's name is not closed", "close it with ]");
            return OpenSection::Faulty;
        };
        let inner = inner.trim();
        match self.kind_and_name(inner) {
            Ok((kind, name, _)) if is_indented => {
                let fault = "blanks before the bracket make the section a part of the setting above";
                self.add_fault(Some((kind, name)), line, fault, "remove the blanks");
                OpenSection::Faulty
            }
            Ok((kind, name, is_prefixed)) => {
                OpenSection::Good(SettingsSection { kind, name, is_prefixed, settings: BTreeMap::new() }, None)
            }
            Err(Header::OfTheCli) => OpenSection::Faulty,
            Err(Header::Foreign(prefix, name)) => OpenSection::Foreign { line, prefix, name, is_profile: false },
            Err(Header::Bad { of, cause, fix }) => {
                self.faults.push(Fault { of, line, cause, fix, is_passed_over: true });
                OpenSection::Faulty
            }
        }
    }

    fn kind_and_name(&self, inner: &str) -> Result<(SectionKind, String, bool), Header> {
        if inner.is_empty() {
            return Err(Header::with_fault(None, "the section has no name", "write a name between the brackets"));
        }
        if self.kind == FileKind::Credentials {
            return Ok((SectionKind::Profile, inner.to_owned(), false));
        }
        if inner == "default" {
            return Ok((SectionKind::Profile, inner.to_owned(), false));
        }
        let (prefix, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        // As botocore: `[profiles x]` too.
        let kind = [
            ("profile", SectionKind::Profile),
            ("sso-session", SectionKind::SsoSession),
            ("services", SectionKind::Services),
        ];
        let Some((word, kind)) = kind.into_iter().find(|(word, _)| prefix.starts_with(word)) else {
            if OF_THE_CLI.contains(&inner) {
                return Err(Header::OfTheCli);
            }
            let rest = rest.trim();
            if rest.is_empty() {
                let fix = if inner.eq_ignore_ascii_case("default") {
                    "write [default], in small letters".to_owned()
                } else {
                    format!("write {}", header_of(inner))
                };
                return Err(Header::with_fault(
                    Some((SectionKind::Profile, inner)),
                    "a profile's section needs the word profile in this file",
                    fix,
                ));
            }
            return Err(Header::Foreign(prefix.to_owned(), rest.to_owned()));
        };
        let rest = rest.trim();
        if rest.is_empty() {
            return Err(Header::with_fault(None, "the section has no name", format!("write [{word} NAME]")));
        }
        match split_words(rest).as_deref() {
            Some([name]) if !name.is_empty() => Ok((kind, name.clone(), true)),
            Some([_]) => Err(Header::with_fault(None, "the section has no name", format!("write [{word} NAME]"))),
            Some(_) => Err(Header::with_fault(
                Some((kind, rest)),
                "a name with blanks has to stand in quotes",
                format!("write [{word} {}]", quote_name(rest)),
            )),
            None => Err(Header::with_fault(
                Some((kind, rest)),
                "a quote in the section's name is not closed",
                format!("write [{word} {}]", quote_name(rest)),
            )),
        }
    }
}

/// A header that names no section of ours.
enum Header {
    /// The AWS CLI's own.
    OfTheCli,
    /// `[PREFIX NAME]` with a prefix that means nothing to us.
    Foreign(String, String),
    /// A header that seems to name a profile, wrongly.
    Bad { of: Option<(SectionKind, String)>, cause: String, fix: String },
}

impl Header {
    fn with_fault(of: Option<(SectionKind, &str)>, cause: &str, fix: impl Into<String>) -> Self {
        let of = of.map(|(kind, name)| (kind, name.to_owned()));
        Self::Bad { of, cause: cause.to_owned(), fix: fix.into() }
    }
}

/// Finds the text between the brackets. The closing one ends the line or stands before a comment; else the last one
/// counts.
fn text_in_brackets(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[')?;
    let closes = |at: usize| {
        let rest = &inner[at + 1..];
        let comment = rest.trim_start();
        comment.is_empty() || comment.starts_with(['#', ';'])
    };
    let end = inner.match_indices(']').map(|(at, _)| at).find(|at| closes(*at)).or_else(|| inner.rfind(']'))?;
    Some(&inner[..end])
}

/// Splits a name into words as a shell does, because the AWS CLI does so (source: Python's `shlex.split`). None: a
/// quote or a backslash is left open.
fn split_words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some('"'), '\\') => {
                let next = chars.next()?;
                let word = word.get_or_insert_default();
                if !matches!(next, '"' | '\\') {
                    word.push('\\');
                }
                word.push(next);
            }
            (None, '\\') => word.get_or_insert_default().push(chars.next()?),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ' | '\t') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Writes a name so that [`split_words`] reads it as one word.
fn quote_name(name: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '\\');
    if name.chars().all(is_plain) {
        return make_visible(name);
    }
    format!("\"{}\"", make_visible(&name.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn header_of(name: &str) -> String {
    format!("[profile {}]", quote_name(name))
}

/// Splits a setting at its `=`. A `:` splits it where the AWS CLI would find a setting that it knows, or where no `=`
/// is there.
fn key_and_value(text: &str) -> Option<(String, &str)> {
    let text = without_comment(text);
    let at = text.find('=');
    let colon = text.find(':').filter(|colon| {
        let key = text[..*colon].trim().to_ascii_lowercase();
        at.is_none_or(|at| *colon < at && KNOWN.contains(&key.as_str()))
    });
    let at = colon.or(at)?;
    Some((text[..at].trim().to_ascii_lowercase(), text[at + 1..].trim()))
}

/// Cuts a comment off; a blank stands before it.
fn without_comment(text: &str) -> &str {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if matches!(c, '#' | ';') && before.is_whitespace() {
            return text[..at].trim_end();
        }
        before = c;
    }
    text
}

type Problem = (String, String);

const NO_SETTING: &str = "it is no setting of the form KEY = VALUE";

/// Reads a line with a setting.
fn read_setting(text: &str) -> Result<(String, String), Problem> {
    let mend = || "correct or remove the line".to_owned();
    let (key, value) = key_and_value(text).ok_or_else(|| (NO_SETTING.to_owned(), mend()))?;
    if key.is_empty() {
        return Err(("there is a value without a key".to_owned(), mend()));
    }
    // A program may have options of any name.
    if KNOWN.contains(&key.as_str())
        && key != "credential_process"
        && let Some(second) = second_key(value)
    {
        return Err((
            format!("it holds two settings, {key} and {second}"),
            "write each setting on a line of its own".to_owned(),
        ));
    }
    Ok((key, value.to_owned()))
}

/// Finds the key of another setting in a value.
fn second_key(value: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|key| {
        value.match_indices(key).any(|(at, _)| {
            let begins = value[..at].ends_with(|c: char| c.is_whitespace() || c == ',');
            begins && value[at + key.len()..].trim_start().starts_with('=')
        })
    })
}

/// Takes up a line that continues a value.
fn go_on(section: &mut SettingsSection, key: &str, text: &str) -> Option<Problem> {
    let value = section.settings.get_mut(key)?;
    let nested = key_and_value(text);
    let is_group = value.is_empty() || value.starts_with('\n');
    match nested {
        None if is_group => return Some((NO_SETTING.to_owned(), "correct or remove the line".to_owned())),
        Some((nested, _)) if !is_group && KNOWN.contains(&nested.as_str()) => {
            return Some((
                format!("blanks before {nested} make it a part of the setting above"),
                "begin each setting in the same column".to_owned(),
            ));
        }
        _ => {}
    }
    value.push('\n');
    value.push_str(text);
    None
}

#[cfg(test)]
mod tests;
