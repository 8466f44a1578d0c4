//! The pages match the program: their tables come from the program's own, their examples are run, and their links lead
//! somewhere.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use ecr_grant::cli::config::SETTINGS;
use ecr_grant::policy::Severity;
use ecr_grant::policy::lint::rules;
use ecr_grant::wizard::keymap::{KeyScope, TABLE};

use crate::support;

fn project_root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read_page(page: &Path) -> String {
    std::fs::read_to_string(page).unwrap_or_else(|e| panic!("{}: {e}", page.display()))
}

/// Returns the section of keys as the table of keys says it, with the names for the configuration file.
fn keys_section() -> String {
    let mut out = String::new();
    let mut seen: Vec<KeyScope> = Vec::new();
    for binding in TABLE {
        if seen.contains(&binding.scope) {
            continue;
        }
        seen.push(binding.scope);
        let scope = binding.scope;
        write!(
            out,
            "\n**{}** (`[keys.{}]`)\n\n| key | does | name |\n| --- | --- | --- |\n",
            scope.title(),
            scope.name()
        )
        .unwrap();
        for row in TABLE.iter().filter(|b| b.scope == scope) {
            let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(out, "| {} | {} | `{}` |", keys.join(" "), row.help, row.action.name()).unwrap();
        }
    }
    out + "\n"
}

/// Returns the section of settings as the table of settings says it.
fn settings_section() -> String {
    let mut out = String::from("\n| setting | does |\n| --- | --- |\n");
    for setting in SETTINGS {
        writeln!(out, "| `{} = {}` | {} |", setting.name, setting.example, setting.help).unwrap();
    }
    out + "\n"
}

/// Returns the section of checks as the table of checks says it.
fn checks_section() -> String {
    let mut out =
        String::from("\n| id | name | severity | a save | finds | why |\n| --- | --- | --- | --- | --- | --- |\n");
    for rule in rules() {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Security => "security",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        };
        let save = if rule.stops { "stops" } else { "" };
        let cell = |text: &str| text.replace('|', "\\|").replace('*', "\\*");
        let (what, why) = (cell(rule.what), cell(rule.why));
        writeln!(out, "| {} | `{}` | {severity} | {save} | {what} | {why} |", rule.id, rule.name).unwrap();
    }
    out + "\n"
}

/// Compares the part of a page between two marks with the program's own; `ECR_GRANT_UPDATE` writes it anew.
fn check_section(page: &str, name: &str, section: &str) {
    let path = project_root().join("docs").join(page);
    let (begin_mark, end_mark) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let text = read_page(&path);
    let begin = text.find(&begin_mark).expect("the section has its marks") + begin_mark.len();
    let end = text.find(&end_mark).expect("the section has its marks");
    if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
        std::fs::write(&path, format!("{}{section}{}", &text[..begin], &text[end..])).unwrap();
    } else {
        assert_eq!(&text[begin..end], section, "write it anew with ECR_GRANT_UPDATE=1 cargo test readme");
    }
}

#[test]
fn the_pages_list_the_keys_the_settings_and_the_checks_of_the_tables() {
    check_section("checks.md", "checks", &checks_section());
    check_section("keys.md", "keys", &keys_section());
    check_section("configuration.md", "settings", &settings_section());
}

#[test]
fn the_readme_shows_a_picture_of_each_step_and_of_the_whole_job() {
    let text = read_page(&project_root().join("README.md"));
    let pictures: Vec<&str> =
        link_targets(&text).into_iter().filter(|link| link.starts_with("assets/pictures/")).collect();
    let mut stored: Vec<String> = std::fs::read_dir(project_root().join("assets/pictures"))
        .unwrap()
        .map(|entry| format!("assets/pictures/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    stored.sort();
    let mut shown = pictures.clone();
    shown.sort_unstable();
    assert_eq!(shown, stored, "each stored picture is shown once");
}

/// Returns the pages in Markdown: those at the top, those under `docs/`, and those beside code.
fn all_pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![project_root().join("docs"), project_root().join("fuzz")];
    for entry in std::fs::read_dir(project_root()).unwrap() {
        found.push(entry.unwrap().path());
    }
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.retain(|path| path.is_file() && path.extension().is_some_and(|e| e == "md"));
    found.sort();
    found
}

/// Returns the lines of a page that stand outside fenced blocks.
fn prose_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// Returns the targets of the links and pictures of a page.
fn link_targets(text: &str) -> Vec<&str> {
    let parts = prose_lines(text).flat_map(|line| line.split("](").skip(1));
    parts.filter_map(|rest| rest.split(')').next()).collect()
}

/// Returns the anchors of a page as GitHub makes them of its headings.
fn heading_anchors(text: &str) -> Vec<String> {
    let headings = prose_lines(text).filter(|line| line.starts_with('#'));
    let slug = |heading: &str| -> String {
        let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    };
    headings.map(slug).collect()
}

/// Returns a path without `.` and `..`.
fn normalize_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

#[test]
fn every_link_of_the_pages_leads_to_a_file_and_a_heading() {
    let pages = all_pages();
    assert!(pages.len() > 15, "only {} pages", pages.len());
    let mut broken = String::new();
    let mut reached: Vec<PathBuf> = vec![project_root().join("README.md"), project_root().join("fuzz/README.md")];
    for page in &pages {
        let text = read_page(page);
        for link in link_targets(&text) {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { normalize_path(&page.with_file_name(file)) };
            let whole = if !target.starts_with(project_root()) || !target.exists() {
                false
            } else {
                anchor.is_empty() || heading_anchors(&read_page(&target)).iter().any(|a| a == anchor)
            };
            if !whole {
                writeln!(broken, "{}: {link}", page.display()).unwrap();
            }
            reached.push(target);
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{broken}");
    for page in &pages {
        assert!(reached.contains(page), "no page links to {}", page.display());
    }
}

/// Returns the fenced block after a mark in a page.
fn example_block<'a>(text: &'a str, name: &str) -> &'a str {
    let mark = format!("<!-- example: {name} -->\n```");
    let rest = text.split_once(&mark).unwrap_or_else(|| panic!("no example {name}")).1;
    let body = rest.split_once('\n').unwrap().1;
    body.split_once("```").unwrap().0
}

#[test]
fn the_example_of_the_exact_difference_is_what_the_command_prints() {
    let home = tempfile::tempdir().unwrap();
    let page = read_page(&project_root().join("docs/delta.md"));
    for name in ["stored.json", "edited.json"] {
        std::fs::write(home.path().join(name), example_block(&page, name)).unwrap();
    }
    let (line, output) = example_block(&page, "output").split_once('\n').unwrap();
    let arguments = line.strip_prefix("$ ecr-grant ").expect("a command line").split_whitespace();
    let mut command = support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
    command.args(arguments);
    let ended = support::run(command);
    assert_eq!(ended.stdout, output);
    assert_eq!(ended.status.code(), Some(1), "the page names the exit code");
}

#[test]
fn the_readme_lists_as_missing_what_is_missing() {
    let home = tempfile::tempdir().unwrap();
    let text = read_page(&project_root().join("README.md"));
    let section = text.split_once("### Not there yet").expect("the section is there").1;
    let rows = section.lines().skip_while(|line| !line.starts_with("| ---")).skip(1);
    let names: Vec<&str> = rows
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|cell| cell.split(','))
        .map(|name| name.trim().trim_matches('`'))
        .collect();
    assert!(!names.is_empty(), "{names:?}");
    for name in names {
        let mut command = support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        command.arg(name);
        let said = support::run(command);
        assert!(said.expect_failure().contains("is reserved for a future command"), "{name}: {}", said.stderr);
    }
}

#[test]
fn the_map_of_the_code_names_every_room() {
    let map = read_page(&project_root().join("ARCHITECTURE.md"));
    for folder in ["src", "crates"] {
        let Ok(entries) = std::fs::read_dir(project_root().join(folder)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(map.contains(&format!("`{name}`")), "give `{folder}/{name}` a row in ARCHITECTURE.md");
        }
    }
}

/// Collects the names of all fields in a document; those of a request's context are condition keys.
fn field_names(value: &serde_json::Value, names: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, inner) in fields {
                names.push(name.clone());
                if name != "context" {
                    field_names(inner, names);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| field_names(item, names)),
        _ => {}
    }
}

#[test]
fn the_page_of_outputs_names_every_field() {
    let home = tempfile::tempdir().unwrap();
    let delta = read_page(&project_root().join("docs/delta.md"));
    for name in ["stored.json", "edited.json"] {
        std::fs::write(home.path().join(name), example_block(&delta, name)).unwrap();
    }
    let page = read_page(&project_root().join("docs/output.md"));
    let words: Vec<&str> = page.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let request = "--principal 111111111111 --action ecr:BatchGetImage --repository \
                   arn:aws:ecr:eu-west-2:222222222222:repository/app";
    for line in [
        "show --all --demo".to_owned(),
        "show nothing-there --demo".to_owned(),
        "grant vendorapp payments-api --to 111111111111 --recipe push-pull --dry-run --demo".to_owned(),
        "revoke --all --from 333333333333 --dry-run --demo".to_owned(),
        "check stored.json".to_owned(),
        "check --explain wildcard-principal".to_owned(),
        format!("can --policy stored.json --registry-policy edited.json {request}"),
        "delta stored.json edited.json".to_owned(),
    ] {
        let mut command = support::clean_command(env!("CARGO_BIN_EXE_ecr-grant"), home.path());
        command.args(line.split_whitespace()).args(["--format", "json"]);
        let ended = support::run(command);
        let value = serde_json::from_str(&ended.stdout).unwrap_or_else(|e| panic!("{line}: {e}: {ended:?}"));
        let mut names = Vec::new();
        field_names(&value, &mut names);
        assert!(names.len() > 3, "{line}: {names:?}");
        for name in names {
            assert!(words.contains(&name.as_str()), "{line}: docs/output.md lacks the field `{name}`");
        }
    }
}
