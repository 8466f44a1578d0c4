//! The README tells what the program does: what it lists comes from the program's own tables.

use std::fmt::Write as _;
use std::path::PathBuf;

use ecr_grant::cli::config::SETTINGS;
use ecr_grant::policy::Severity;
use ecr_grant::policy::lint::rules;
use ecr_grant::wizard::keymap::{Scope, TABLE};

fn readme_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The README's section of keys, as the table of keys says it, with the names for the configuration file.
fn keys_section() -> String {
    let mut out = String::new();
    let mut seen: Vec<Scope> = Vec::new();
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

/// The README's section of settings, as the table of settings says it.
fn settings_section() -> String {
    let mut out = String::from("\n| setting | does |\n| --- | --- |\n");
    for setting in SETTINGS {
        writeln!(out, "| `{} = {}` | {} |", setting.name, setting.example, setting.help).unwrap();
    }
    out + "\n"
}

/// The README's section of checks, as the table of checks says it.
fn checks_section() -> String {
    let mut out = String::from("\n| id | severity | a save | finds | why |\n| --- | --- | --- | --- | --- |\n");
    for rule in rules() {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Security => "security",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        };
        let save = if rule.stops { "stops" } else { "" };
        let cell = |text: &str| text.replace('|', "\\|").replace('*', "\\*");
        writeln!(out, "| {} | {severity} | {save} | {} | {} |", rule.id, cell(rule.what), cell(rule.why)).unwrap();
    }
    out + "\n"
}

/// Holds the part of the README between two marks to what the program says; `ECR_GRANT_UPDATE` writes it anew.
fn check_section(name: &str, section: &str) {
    let (begin_mark, end_mark) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let text = std::fs::read_to_string(readme_path()).unwrap();
    let begin = text.find(&begin_mark).expect("the section has its marks") + begin_mark.len();
    let end = text.find(&end_mark).expect("the section has its marks");
    if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
        std::fs::write(readme_path(), format!("{}{section}{}", &text[..begin], &text[end..])).unwrap();
    } else {
        assert_eq!(&text[begin..end], section, "write it anew with ECR_GRANT_UPDATE=1 cargo test readme");
    }
}

#[test]
fn the_readme_lists_the_keys_the_settings_and_the_checks_of_the_tables() {
    check_section("checks", &checks_section());
    check_section("keys", &keys_section());
    check_section("settings", &settings_section());
}

#[test]
fn the_readme_shows_pictures_that_exist() {
    let text = std::fs::read_to_string(readme_path()).unwrap();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let pictures: Vec<&str> = links.filter(|link| link.starts_with("assets/pictures/")).collect();
    assert!(pictures.len() >= 6, "a picture of each step: {pictures:?}");
    for picture in pictures {
        assert!(readme_path().with_file_name(picture).exists(), "{picture}");
    }
}
