//! Checks every path in the source by the table of rooms: the rooms that a room may import, and the crates and the
//! parts of the standard library that it may name. Not only `use` lines count: inline paths, paths in macros and
//! attributes, and `super::super::` do too. In-file tests are checked by the same table.

mod circles;
mod paths;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use paths::{Leads, PathReader, SourceToken, resolve_path, split_tokens};

/// The rooms that a room may import. A room without a row fails the test.
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

/// The other rooms.
const WORLDLY: &[&str] = &["aws", "sandbox", "journal", "apply", "runtime", "cli"];

/// The rooms that may name a crate; `None`: every room. A dependency without a row fails the test.
const CRATES: &[(&str, Option<&[&str]>)] = &[
    ("annotate_snippets", Some(&["cli"])),
    ("aws_config", Some(&["aws"])),
    ("aws_credential_types", Some(&["aws"])),
    ("aws_runtime", Some(&["aws"])),
    ("aws_sdk_ecr", Some(&["aws"])),
    ("aws_sdk_sso", Some(&["aws"])),
    ("aws_sdk_sts", Some(&["aws"])),
    ("aws_types", Some(&["aws"])),
    ("aws_sigv4", Some(&["aws"])),
    ("aws_smithy_async", Some(&["aws", "sandbox"])),
    ("aws_smithy_http_client", Some(&["aws", "sandbox"])),
    ("aws_smithy_runtime", Some(&["aws"])),
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
    ("fastrand", Some(&["aws", "sandbox"])),
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
    ("toml", Some(&["review", "cli"])),
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
const OUTSIDE_ONLY: [&str; 3] = ["criterion", "proc_macro2", "regex_syntax"];

/// Parts of crates with rows of their own: only these rooms may name the part.
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

/// Returns the faults of one file's paths, a line each: `line: words`.
fn find_complaints(source: &str, file_module: &[&str]) -> Vec<String> {
    let file_module: Vec<String> = file_module.iter().map(|&s| s.to_owned()).collect();
    let Some(room) = file_module.first().cloned() else { return vec!["0: the root is no room".to_owned()] };
    let Some((_, may)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("0: the room `{room}` has no row in the table")];
    };
    let pure = PURE.contains(&room.as_str());
    let reader = PathReader::read_source(source, &file_module);
    let mut said = Vec::new();
    for named in &reader.found {
        let line = named.line;
        let text = named.segments.join("::");
        match resolve_path(named) {
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
                    let brings = named.import && head.len() < part.len() && part.starts_with(&as_words(head));
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
        let word = |word: &str| *token == SourceToken::Word(word.to_owned());
        if word("include") && reader.is_sign(i + 1, '!')
            || word("path") && i > 1 && reader.is_sign(i - 1, '[') && reader.is_sign(i - 2, '#')
        {
            said.push(format!("{line}: code from a file that this check does not see"));
        }
    }
    said
}

fn as_words(path: &[String]) -> Vec<&str> {
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
        for complaint in find_complaints(&std::fs::read_to_string(&file).unwrap(), &module) {
            writeln!(report, "src/{}.rs:{complaint}", relative.display()).unwrap();
        }
    }
    assert!(rooms_seen > 8, "the check found only {rooms_seen} rooms");
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn the_roots_hold_no_code_of_their_own() {
    let lib = std::fs::read_to_string(source_root().join("lib.rs")).unwrap();
    for (line, token) in split_tokens(&lib) {
        let fine = match &token {
            SourceToken::Word(word) => {
                matches!(word.as_str(), "pub" | "mod") || ROOMS.iter().any(|(room, _)| room == word)
            }
            SourceToken::Sign(sign) => *sign == ';',
            SourceToken::Path | SourceToken::Other => false,
        };
        assert!(fine, "src/lib.rs:{line}: the library's root only lists rooms, this is {token:?}");
    }
    let main = std::fs::read_to_string(source_root().join("main.rs")).unwrap();
    assert!(main.lines().count() < MAIN_LIMIT, "main.rs has {} lines", main.lines().count());
    for named in PathReader::read_source(&main, &[]).found {
        match resolve_path(&named) {
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
        assert!(!find_complaints(source, module).is_empty(), "not seen in {module:?}: {source}");
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
        assert!(!find_complaints(source, module).is_empty(), "not seen in {module:?}: {source}");
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
        assert_eq!(find_complaints(source, module), Vec::<String>::new(), "{module:?}: {source}");
    }
}
