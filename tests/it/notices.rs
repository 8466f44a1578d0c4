//! The notices of the crates in the binary: a page made from Cargo's metadata, and from the licence files of the
//! crates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const PAGE: &str = "THIRD-PARTY-NOTICES.txt";
/// The platform of the binary. Others have a few crates more.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";
const RULE: &str = "================================================================================\n";

/// Runs Cargo offline.
fn run_cargo(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).args(["--locked", "--offline"]).current_dir(project_root()).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn project_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns name and version of each crate that is linked into the binary.
fn linked_crates() -> BTreeSet<(String, String)> {
    let edges = ["--package", "ecr-grant", "--edges", "normal,no-proc-macro", "--target", PLATFORM];
    let tree = run_cargo(&[&["tree", "--prefix", "none", "--format", "{p}"], &edges[..]].concat());
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    };
    tree.lines().filter_map(entry).collect()
}

/// Returns the licence files of a crate; those of MIT where the crate offers it.
fn licence_files(folder: &Path, licence: &str) -> Vec<PathBuf> {
    let name_of = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().to_uppercase();
    let kinds = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"];
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file() && kinds.iter().any(|kind| name_of(path).starts_with(kind)));
    files.sort();
    let offers_mit = licence.split(" OR ").flat_map(|part| part.split('/')).any(|part| part.trim() == "MIT");
    let of_mit: Vec<PathBuf> = files.iter().filter(|path| name_of(path).contains("MIT")).cloned().collect();
    if offers_mit && !of_mit.is_empty() { of_mit } else { files }
}

/// Returns the page: each crate with its licence, then each text with the crates that it belongs to.
fn notices_page() -> String {
    let metadata: Value =
        serde_json::from_str(&run_cargo(&["metadata", "--format-version", "1", "--filter-platform", PLATFORM]))
            .unwrap();
    let linked = linked_crates();
    let mut crates = BTreeMap::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().unwrap() {
        let word = |key: &str| package[key].as_str().unwrap_or_default();
        let id = (word("name").to_owned(), word("version").to_owned());
        if package["source"].is_null() || !linked.contains(&id) {
            continue;
        }
        let title = format!("{} {}", id.0, id.1);
        for file in licence_files(Path::new(word("manifest_path")).parent().unwrap(), word("license")) {
            let bytes = std::fs::read(file).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
            texts.entry(lines.join("\n")).or_default().insert(title.clone());
        }
        crates.insert(title, format!("{}  {}", word("license"), word("repository")));
    }
    let mut page = format!(
        "Third-party notices\n\nThe binary of ecr-grant for {PLATFORM} contains these {} crates.\n\
         ECR_GRANT_UPDATE=1 cargo test notices writes this file anew.\n\n",
        crates.len()
    );
    for (title, words) in &crates {
        writeln!(page, "{title}  {}", words.trim_end()).unwrap();
    }
    let mut texts: Vec<(String, BTreeSet<String>)> = texts.into_iter().collect();
    texts.sort_by(|(_, a), (_, b)| a.cmp(b));
    for (text, owners) in texts {
        let owners: Vec<String> = owners.into_iter().collect();
        write!(page, "\n{RULE}{}\n{RULE}\n{text}\n", owners.join(", ")).unwrap();
    }
    page
}

#[test]
fn the_notices_name_every_crate_in_the_binary() {
    let path = project_root().join(PAGE);
    let made = notices_page();
    if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    let differ = stored.lines().zip(made.lines()).find(|(stored, made)| stored != made);
    assert!(stored == made, "{PAGE} is stale at {differ:?}: ECR_GRANT_UPDATE=1 cargo test notices writes it anew");
}
