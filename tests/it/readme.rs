//! The README tells what the program does: what it lists comes from the program's own tables.

use std::fmt::Write as _;
use std::path::PathBuf;

use ecr_grant::wizard::keymap::{Scope, TABLE};

fn readme_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The README's section of keys, as the table of keys says it.
fn keys_section() -> String {
    let mut out = String::from("<!-- keys: begin -->\n");
    let mut seen: Vec<Scope> = Vec::new();
    for binding in TABLE {
        if seen.contains(&binding.scope) {
            continue;
        }
        seen.push(binding.scope);
        write!(out, "\n**{}**\n\n| key | does |\n| --- | --- |\n", binding.scope.title()).unwrap();
        for row in TABLE.iter().filter(|b| b.scope == binding.scope) {
            let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(out, "| {} | {} |", keys.join(" "), row.help).unwrap();
        }
    }
    out.push_str("\n<!-- keys: end -->");
    out
}

#[test]
fn the_readme_lists_the_keys_of_the_table() {
    let text = std::fs::read_to_string(readme_path()).unwrap();
    let begin = text.find("<!-- keys: begin -->").expect("the section of keys has its marks");
    let end_mark = "<!-- keys: end -->";
    let end = text.find(end_mark).expect("the section of keys has its marks") + end_mark.len();
    let section = keys_section();
    if std::env::var_os("ECR_GRANT_UPDATE").is_some() {
        std::fs::write(readme_path(), format!("{}{section}{}", &text[..begin], &text[end..])).unwrap();
    } else {
        assert_eq!(&text[begin..end], section, "write it anew with ECR_GRANT_UPDATE=1 cargo test readme");
    }
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
