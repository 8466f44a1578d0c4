//! Holds every path in the source to the table of rooms: which room may import which, which crates and which parts of
//! the standard library each may name. Not only `use` lines count: inline paths, paths in macros and attributes, and
//! `super::super::` do too. In-file tests are held to the same table.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a room may import. A room that is not here fails the test: it must be given a row.
const ROOMS: [(&str, &[&str]); 13] = [
    ("policy", &["ecr"]),
    ("ecr", &[]),
    ("plan", &["policy", "ecr"]),
    ("review", &["policy", "ecr"]),
    ("handoff", &["policy", "ecr"]),
    ("wizard", &["plan", "review", "handoff", "policy", "ecr"]),
    ("view", &["wizard", "plan", "review", "handoff", "policy", "ecr"]),
    ("aws", &["ecr"]),
    ("sandbox", &["policy", "ecr"]),
    ("journal", &["ecr"]),
    ("apply", &["aws", "journal", "plan", "policy", "ecr"]),
    (
        "runtime",
        &["policy", "ecr", "plan", "review", "handoff", "wizard", "view", "aws", "sandbox", "journal", "apply"],
    ),
    (
        "cli",
        &[
            "policy", "ecr", "plan", "review", "handoff", "wizard", "view", "aws", "sandbox", "journal", "apply",
            "runtime",
        ],
    ),
];

/// Rooms without tokio, crossterm, AWS, files, clock or environment.
const PURE: [&str; 7] = ["ecr", "policy", "plan", "review", "handoff", "wizard", "view"];

/// The rest.
const WORLDLY: &[&str] = &["aws", "sandbox", "journal", "apply", "runtime", "cli"];

/// Which rooms may name a crate; `None`: every room. A dependency that is not here fails the test.
const CRATES: &[(&str, Option<&[&str]>)] = &[
    ("annotate_snippets", Some(&["cli"])),
    ("aws_config", Some(&["aws"])),
    ("aws_credential_types", Some(&["aws"])),
    ("aws_runtime", Some(&["aws"])),
    ("aws_sdk_ecr", Some(&["aws"])),
    ("aws_sdk_sso", Some(&["aws"])),
    ("aws_sdk_sts", Some(&["aws"])),
    ("aws_types", Some(&["aws"])),
    ("aws_smithy_async", Some(&["aws", "sandbox"])),
    ("aws_smithy_http_client", Some(&["aws", "sandbox"])),
    ("aws_smithy_runtime_api", Some(&["aws", "sandbox"])),
    ("aws_smithy_types", Some(&["aws", "sandbox"])),
    ("base64", None),
    ("bytes", Some(&["aws", "sandbox"])),
    ("clap", Some(&["cli"])),
    ("clap_complete", Some(&["cli"])),
    ("clap_mangen", Some(&["cli"])),
    ("crossterm", Some(&["runtime"])),
    ("ecr_policy", Some(&["policy", "ecr"])),
    ("etcetera", Some(&["journal", "runtime", "cli"])),
    ("form_urlencoded", None),
    ("futures_util", Some(WORLDLY)),
    ("http", Some(&["aws", "sandbox"])),
    ("http_body_util", Some(&["aws", "sandbox"])),
    ("hyper", Some(&["sandbox"])),
    ("hyper_util", Some(&["sandbox"])),
    ("nucleo_matcher", Some(&["wizard", "view"])),
    ("open", Some(&["runtime"])),
    ("ratatui", Some(&["view", "runtime"])),
    ("rustix", Some(&["aws", "cli", "runtime", "journal"])),
    ("rustls", Some(&["aws"])),
    ("rustls_native_certs", Some(&["aws"])),
    ("serde", None),
    ("serde_json", None),
    ("signal_hook", Some(&["runtime", "cli"])),
    ("similar", None),
    ("thiserror", None),
    ("time", None),
    ("tokio", Some(WORLDLY)),
    ("toml", Some(&["cli"])),
    ("tracing", Some(WORLDLY)),
    ("tracing_subscriber", Some(&["cli"])),
    ("unicode_segmentation", None),
    ("unicode_width", None),
    // For tests only.
    ("insta", None),
    ("proptest", None),
    ("tempfile", Some(WORLDLY)),
    ("portable_pty", Some(&["runtime"])),
    ("vt100", Some(&["runtime"])),
];

/// Crates that only `tests/` and `benches/` may name.
const OUTSIDE_ONLY: [&str; 2] = ["criterion", "regex_syntax"];

/// Parts of crates with rows of their own: the crate is allowed, this part is not, but in these rooms.
const PARTS: &[(&[&str], &[&str])] = &[
    (&["std", "fs"], WORLDLY),
    (&["std", "env"], WORLDLY),
    // Addresses are data; only what opens or looks up something is the network.
    (&["std", "net", "TcpListener"], WORLDLY),
    (&["std", "net", "TcpStream"], WORLDLY),
    (&["std", "net", "UdpSocket"], WORLDLY),
    (&["std", "net", "ToSocketAddrs"], WORLDLY),
    (&["std", "process"], WORLDLY),
    (&["std", "thread"], WORLDLY),
    (&["std", "io"], WORLDLY),
    (&["std", "os"], WORLDLY),
    (&["std", "time", "SystemTime"], WORLDLY),
    (&["std", "time", "Instant"], WORLDLY),
    (&["std", "time", "UNIX_EPOCH"], WORLDLY),
    (&["ratatui", "crossterm"], &["runtime"]),
];

/// Names that reach the clock or the terminal without a path that tells.
const PURE_MAY_NOT_SAY: [&str; 8] =
    ["now_utc", "now_local", "println", "print", "eprintln", "eprint", "dbg", "RandomState"];

/// The longest that `main.rs` may be, in lines.
const MAIN_LIMIT: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Path,
    Sign(char),
    /// A string, character, number or lifetime: never part of a path.
    Other,
}

/// Splits Rust source into words and signs; comments vanish, literals become `Other`.
fn tokens(source: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = source.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let (mut found, mut i, mut line) = (Vec::new(), 0, 1);
    let skip_quoted = |mut i: usize, line: &mut usize| {
        while i < chars.len() && at(i) != '"' {
            *line += usize::from(at(i) == '\n');
            // A backslash hides the next character, which may be a line end.
            if at(i) == '\\' {
                i += 1;
                *line += usize::from(at(i) == '\n');
            }
            i += 1;
        }
        i + 1
    };
    while i < chars.len() {
        let c = at(i);
        if c == '\n' {
            line += 1;
            i += 1;
        } else if c.is_whitespace() {
            i += 1;
        } else if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '/' && at(i + 1) == '*' {
            let mut depth = 1;
            i += 2;
            while i < chars.len() && depth > 0 {
                line += usize::from(at(i) == '\n');
                match (at(i), at(i + 1)) {
                    ('/', '*') => (depth, i) = (depth + 1, i + 2),
                    ('*', '/') => (depth, i) = (depth - 1, i + 2),
                    _ => i += 1,
                }
            }
        } else if c == '"' {
            i = skip_quoted(i + 1, &mut line);
            found.push((line, Token::Other));
        } else if c == '\'' {
            // A character ends in a quote; a lifetime does not.
            if at(i + 1) == '\\' {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            } else if at(i + 2) == '\'' {
                i += 3;
            } else {
                i += 1;
                while is_word(at(i)) {
                    i += 1;
                }
            }
            found.push((line, Token::Other));
        } else if c.is_ascii_digit() {
            while is_word(at(i)) {
                i += 1;
            }
            found.push((line, Token::Other));
        } else if is_word(c) {
            let begin = i;
            while is_word(at(i)) {
                i += 1;
            }
            let word: String = chars.get(begin..i).unwrap_or_default().iter().collect();
            let hashes = (i..chars.len()).take_while(|&k| at(k) == '#').count();
            if matches!(word.as_str(), "r" | "br" | "cr") && at(i + hashes) == '"' {
                i += hashes + 1;
                while i < chars.len() && !(at(i) == '"' && (1..=hashes).all(|k| at(i + k) == '#')) {
                    line += usize::from(at(i) == '\n');
                    i += 1;
                }
                i += hashes + 1;
                found.push((line, Token::Other));
            } else if matches!(word.as_str(), "b" | "c") && at(i) == '"' {
                i = skip_quoted(i + 1, &mut line);
                found.push((line, Token::Other));
            } else if word == "r" && hashes == 1 && is_word(at(i + 1)) {
                // A raw identifier: the word behind the sign is the name.
                i += 1;
            } else {
                found.push((line, Token::Word(word)));
            }
        } else if c == ':' && at(i + 1) == ':' {
            found.push((line, Token::Path));
            i += 2;
        } else {
            found.push((line, Token::Sign(c)));
            i += 1;
        }
    }
    found
}

/// A path as written, with `*` for a glob, and where it stands.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    line: usize,
    /// The module that it stands in, such as `["aws", "pace", "tests"]`.
    module: Vec<String>,
    segments: Vec<String>,
    /// Whether an import brought it: then one segment is a path too.
    import: bool,
}

struct Reader {
    tokens: Vec<(usize, Token)>,
    found: Vec<Named>,
    words: Vec<(usize, String)>,
}

impl Reader {
    fn token(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i).map(|(_, token)| token)
    }

    fn word(&self, i: usize) -> Option<&str> {
        match self.token(i) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is(&self, i: usize, sign: char) -> bool {
        self.token(i) == Some(&Token::Sign(sign))
    }

    fn read(source: &str, file_module: &[String]) -> Self {
        let mut reader = Self { tokens: tokens(source), found: Vec::new(), words: Vec::new() };
        let mut modules: Vec<(usize, String)> = Vec::new();
        let (mut i, mut depth) = (0, 0_usize);
        while i < reader.tokens.len() {
            let line = reader.tokens[i].0;
            let module = || file_module.iter().cloned().chain(modules.iter().map(|(_, name)| name.clone())).collect();
            match reader.token(i).cloned() {
                Some(Token::Sign('{')) => depth += 1,
                Some(Token::Sign('}')) => {
                    depth = depth.saturating_sub(1);
                    modules.retain(|(at, _)| *at <= depth);
                }
                Some(Token::Word(word)) if word == "mod" && reader.is(i + 2, '{') => {
                    let name = reader.word(i + 1).unwrap_or_default().to_owned();
                    depth += 1;
                    modules.push((depth, name));
                    i += 2;
                }
                Some(Token::Word(word)) if word == "extern" && reader.word(i + 1) == Some("crate") => {
                    let name = reader.word(i + 2).unwrap_or_default().to_owned();
                    let module = module();
                    reader.found.push(Named { line, module, segments: vec![name], import: true });
                    i += 2;
                }
                // `use<'a>` in a type is about lifetimes.
                Some(Token::Word(word)) if word == "use" && !reader.is(i + 1, '<') => {
                    let module = module();
                    i = reader.use_tree(i + 1, &module, &[]);
                    continue;
                }
                // `pub(crate)` and `pub(super)` name nothing.
                Some(Token::Word(word))
                    if word == "pub" && reader.is(i + 1, '(') && reader.word(i + 2) != Some("in") =>
                {
                    i += 2;
                }
                Some(Token::Word(word)) => {
                    reader.words.push((line, word.clone()));
                    let mut segments = vec![word];
                    while reader.token(i + 1) == Some(&Token::Path) {
                        let Some(next) = reader.word(i + 2) else { break };
                        let next = next.to_owned();
                        reader.words.push((line, next.clone()));
                        segments.push(next);
                        i += 2;
                    }
                    let module = module();
                    reader.found.push(Named { line, module, segments, import: false });
                }
                _ => {}
            }
            i += 1;
        }
        reader
    }

    /// Reads one tree of a `use`; answers where it ends.
    fn use_tree(&mut self, mut i: usize, module: &[String], prefix: &[String]) -> usize {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(i).map_or(0, |(line, _)| *line);
        let mut named = |path: Vec<String>| {
            self.found.push(Named { line, module: module.to_vec(), segments: path, import: true });
        };
        loop {
            match self.tokens.get(i).map(|(_, token)| token) {
                Some(Token::Path) => i += 1,
                Some(Token::Word(word)) if word == "as" => i += 2,
                Some(Token::Word(word)) => {
                    path.push(word.clone());
                    i += 1;
                }
                Some(Token::Sign('*')) => {
                    path.push("*".to_owned());
                    i += 1;
                }
                Some(Token::Sign('{')) => {
                    i += 1;
                    while i < self.tokens.len() && !self.is(i, '}') {
                        i = if self.is(i, ',') { i + 1 } else { self.use_tree(i, module, &path) };
                    }
                    return i + 1;
                }
                _ => {
                    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
                        path.pop();
                    }
                    named(path);
                    return i;
                }
            }
        }
    }
}

/// Where a path leads: into a room of this crate, or into another crate.
#[derive(Debug, PartialEq, Eq)]
enum Leads {
    /// To this path from the crate's root; empty: the root itself.
    Inside(Vec<String>),
    Outside(Vec<String>),
    Nowhere,
}

fn resolve(named: &Named) -> Leads {
    let Some(first) = named.segments.first() else { return Leads::Nowhere };
    let rest = |skip: usize| named.segments.iter().skip(skip).cloned();
    match first.as_str() {
        // `self` alone is a method's receiver.
        "self" if named.segments.len() == 1 => Leads::Nowhere,
        "crate" | "ecr_grant" => Leads::Inside(rest(1).collect()),
        "self" | "super" => {
            let mut base = named.module.clone();
            let mut skip = usize::from(first == "self");
            while named.segments.get(skip).is_some_and(|s| s == "super") {
                base.pop();
                skip += 1;
            }
            base.extend(rest(skip));
            Leads::Inside(base)
        }
        "core" | "alloc" => Leads::Outside(std::iter::once("std".to_owned()).chain(rest(1)).collect()),
        _ if named.segments.len() > 1 || named.import => Leads::Outside(named.segments.clone()),
        _ => Leads::Nowhere,
    }
}

/// What is wrong with one file's paths, a line each: `line: words`.
fn complaints(source: &str, file_module: &[&str]) -> Vec<String> {
    let file_module: Vec<String> = file_module.iter().map(|&s| s.to_owned()).collect();
    let Some(room) = file_module.first().cloned() else { return vec!["0: the root is no room".to_owned()] };
    let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("0: the room `{room}` has no row in the table")];
    };
    let pure = PURE.contains(&room.as_str());
    let reader = Reader::read(source, &file_module);
    let mut said = Vec::new();
    for named in &reader.found {
        let line = named.line;
        let text = named.segments.join("::");
        match resolve(named) {
            Leads::Nowhere => {}
            Leads::Inside(path) => match path.first().map(String::as_str) {
                None | Some("*") => said.push(format!("{line}: `{text}` names the whole crate")),
                Some(other) if other == room || may.contains(&other) => {}
                Some(other) => said.push(format!("{line}: `{text}`: `{room}` may not import `{other}`")),
            },
            Leads::Outside(path) => {
                let first = path.first().map(String::as_str).unwrap_or_default();
                if OUTSIDE_ONLY.contains(&first) {
                    said.push(format!("{line}: `{text}`: only tests/ may name `{first}`"));
                }
                if let Some((_, Some(rooms))) = CRATES.iter().find(|(name, _)| *name == first)
                    && !rooms.contains(&room.as_str())
                {
                    said.push(format!("{line}: `{text}`: `{room}` may not name `{first}`"));
                }
                for &(part, rooms) in PARTS {
                    let inside = path.iter().zip(part).all(|(a, b)| a == b) && path.len() >= part.len();
                    // Importing what holds the part, whole or by a glob, brings the part in unseen.
                    let head = path.strip_suffix(&["*".to_owned()]).unwrap_or(&path);
                    let brings = named.import && head.len() < part.len() && part.starts_with(&words(head));
                    if (inside || brings) && !rooms.contains(&room.as_str()) {
                        said.push(format!("{line}: `{text}`: `{room}` may not name `{}`", part.join("::")));
                    }
                }
            }
        }
    }
    for (line, word) in &reader.words {
        if pure && PURE_MAY_NOT_SAY.contains(&word.as_str()) {
            said.push(format!("{line}: a pure room may not say `{word}`"));
        }
    }
    for (i, (line, token)) in reader.tokens.iter().enumerate() {
        let word = |word: &str| *token == Token::Word(word.to_owned());
        if word("include") && reader.is(i + 1, '!')
            || word("path") && i > 1 && reader.is(i - 1, '[') && reader.is(i - 2, '#')
        {
            said.push(format!("{line}: code from a file that this check does not see"));
        }
    }
    said
}

fn words(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files_under(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_under(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_path_in_the_source_keeps_to_the_table_of_rooms() {
    let root = source_root();
    let mut files = Vec::new();
    files_under(&root, &mut files);
    files.sort();
    let mut report = String::new();
    let mut rooms_seen = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().with_extension("");
        let mut module: Vec<&str> = relative.iter().map(|part| part.to_str().unwrap()).collect();
        if module == ["lib"] || module == ["main"] {
            continue;
        }
        if module.last() == Some(&"mod") {
            module.pop();
            rooms_seen += usize::from(module.len() == 1);
        }
        for complaint in complaints(&std::fs::read_to_string(&file).unwrap(), &module) {
            writeln!(report, "src/{}.rs:{complaint}", relative.display()).unwrap();
        }
    }
    assert!(rooms_seen > 8, "the check found only {rooms_seen} rooms");
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn the_roots_hold_no_code_of_their_own() {
    let lib = std::fs::read_to_string(source_root().join("lib.rs")).unwrap();
    for (line, token) in tokens(&lib) {
        let fine = match &token {
            Token::Word(word) => matches!(word.as_str(), "pub" | "mod") || ROOMS.iter().any(|(room, _)| room == word),
            Token::Sign(sign) => *sign == ';',
            Token::Path | Token::Other => false,
        };
        assert!(fine, "src/lib.rs:{line}: the library's root only lists rooms, this is {token:?}");
    }
    let main = std::fs::read_to_string(source_root().join("main.rs")).unwrap();
    assert!(main.lines().count() < MAIN_LIMIT, "main.rs has {} lines", main.lines().count());
    for named in Reader::read(&main, &[]).found {
        match resolve(&named) {
            Leads::Inside(path) => assert_eq!(path.first().map(String::as_str), Some("cli"), "main.rs: {named:?}"),
            Leads::Outside(path) => assert_eq!(path.first().map(String::as_str), Some("std"), "main.rs: {named:?}"),
            Leads::Nowhere => {}
        }
    }
}

#[test]
fn every_dependency_has_a_row() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let mut inside = false;
    let mut count = 0;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once(" = ")) {
            let name = name.replace('-', "_");
            let known = CRATES.iter().any(|(row, _)| *row == name) || OUTSIDE_ONLY.contains(&name.as_str());
            assert!(known, "give `{name}` a row in tests/it/rooms.rs");
            count += 1;
        }
    }
    assert!(count > 20, "only {count} dependencies read");
}

#[test]
fn the_check_sees_every_way_to_name_another_room() {
    let bad = [
        (&["plan"][..], "use crate::aws::Access;"),
        (&["plan"], "use crate::{ecr::Region, aws};"),
        (&["plan"], "use crate::{ecr::{self, Region}, sandbox::{self}};"),
        (&["plan"], "pub(crate) use crate::aws as other;"),
        (&["plan"], "fn f(x: &crate::aws::Access) {}"),
        (&["plan"], "fn f() { let _ = <crate::aws::Access as Default>::default(); }"),
        (&["plan"], "fn f() { vec![crate::aws::thing()]; }"),
        (&["plan"], "#[derive(crate::runtime::Thing)] struct S;"),
        (&["plan", "words"], "use super::super::aws::Access;"),
        (&["plan", "words"], "mod tests { use super::super::super::aws; }"),
        (&["plan"], "mod a { mod b { } fn f() { super::super::aws::g() } }"),
        (&["plan"], "use super::aws;"),
        (&["plan"], "use super::*;"),
        (&["plan"], "use crate::*;"),
        (&["plan"], "use crate as everything;"),
        (&["plan"], "fn f() { self::super::aws::g() }"),
        (&["plan"], "use ecr_grant::aws;"),
        (&["plan"], "use crate::r#aws;"),
        (&["plan"], "pub(in crate::aws) fn f() {}"),
        (&["ecr"], "use crate::policy::lint;"),
        (&["runtime"], "use crate::cli::run;"),
        (&["wizard"], "use crate::view;"),
        (&["journal"], "use crate::policy;"),
        (&["newroom"], "fn f() {}"),
        (&["plan"], "include!(\"other.rs\");"),
        (&["plan"], "#[path = \"../aws/mod.rs\"] mod aws;"),
    ];
    for (module, source) in bad {
        assert!(!complaints(source, module).is_empty(), "not seen in {module:?}: {source}");
    }
}

#[test]
fn the_check_sees_every_way_to_reach_the_world() {
    let bad = [
        (&["wizard"][..], "#[tokio::test] async fn f() {}"),
        (&["wizard"], "use ratatui::style::Color;"),
        (&["view"], "use ratatui::crossterm::event::KeyCode;"),
        (&["view"], "use crossterm::event;"),
        (&["cli"], "fn f() { crossterm::terminal::size(); }"),
        (&["policy"], "use std::{fmt, fs};"),
        (&["policy"], "use std::fs::File;"),
        (&["policy"], "fn f() { std::env::var(\"HOME\"); }"),
        (&["policy"], "use ::std::time::{Duration, Instant};"),
        (&["policy"], "use std::time::*;"),
        (&["policy"], "use std::*;"),
        (&["policy"], "use std as s;"),
        (&["policy"], "use std::time;"),
        (&["policy"], "use std::net::{IpAddr, *};"),
        (&["policy"], "fn f() { core::net::TcpStream::connect(x); }"),
        (&["policy"], "extern crate tokio as t;"),
        (&["policy"], "fn f() { println!(\"{}\", 1); }"),
        (&["policy"], "fn f() { time::OffsetDateTime::now_utc(); }"),
        (&["ecr"], "use aws_sdk_ecr::Client;"),
        (&["runtime"], "use aws_config::SdkConfig;"),
        (&["sandbox"], "use aws_sdk_ecr::Client;"),
        (&["apply"], "use hyper::body::Incoming;"),
        (&["runtime"], "use clap::Parser;"),
        (&["cli"], "use vt100::Parser;"),
        // Literals and comments before it must not hide it.
        (&["ecr"], "fn f<'a>(c: char) -> &'a str { if c == '\"' || c == '\\'' { tokio::x() } r#\"\"\"# }"),
        (&["ecr"], "/* /* */ \" */ use tokio::time;"),
        (&["ecr"], "const A: &str = \"\\\"\"; use tokio::time;"),
        (&["ecr"], "const A: &[u8] = b\"\\\\\"; use tokio::time;"),
    ];
    for (module, source) in bad {
        assert!(!complaints(source, module).is_empty(), "not seen in {module:?}: {source}");
    }
}

#[test]
fn the_check_lets_through_what_the_table_allows() {
    let good = [
        (&["plan"][..], "use crate::policy::delta; use crate::{ecr::{self, Region}, plan::Request};"),
        (
            &["plan"],
            "// crate::aws\n/* use crate::aws; */ const A: &str = \"crate::aws::X\"; const B: &str = r#\"tokio::x\"#;",
        ),
        (&["plan", "words"], "use super::Request; mod tests { use super::*; use super::super::Planned; }"),
        (&["plan"], "pub(crate) fn f(&self) -> Self { self.x } pub(super) fn g() {} mod tests { use super::*; }"),
        (&["plan"], "mod a { fn f() {} } use self::a::f; fn g() -> impl Sized + use<'_> {}"),
        (&["plan"], "use std::time::Duration; use std::{fmt, collections::BTreeMap}; use std::net::IpAddr;"),
        (&["plan"], "let aws = 1; let tokio = aws; struct X { http: u8 }"),
        (&["view"], "use ratatui::prelude::*; use crate::wizard::Model;"),
        (&["sandbox"], "use aws_smithy_runtime_api::client::http::SharedHttpClient; use hyper::body::Incoming;"),
        (&["aws"], "use aws_sdk_ecr::Client; use crate::ecr::Failure; use tokio::time::sleep; use std::time::Instant;"),
        (&["cli"], "use crate::runtime::Start; use clap::Parser;"),
    ];
    for (module, source) in good {
        assert_eq!(complaints(source, module), Vec::<String>::new(), "{module:?}: {source}");
    }
}
