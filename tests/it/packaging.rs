//! The packages and the profiles are what their pages say. The tool that makes the packages has tests of its own in
//! `packaging/`.

use std::path::Path;

fn read_file(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Returns the lines of a table of `Cargo.toml`, up to the next header.
fn table_lines(name: &str) -> Vec<String> {
    let manifest = read_file("Cargo.toml");
    let lines = manifest.lines().skip_while(|line| *line != format!("[{name}]")).skip(1);
    let rows: Vec<String> = lines.take_while(|line| !line.starts_with('[')).map(str::to_owned).collect();
    assert!(!rows.is_empty(), "Cargo.toml has no [{name}]");
    rows
}

fn assert_has(name: &str, row: &str) {
    assert!(table_lines(name).iter().any(|line| line == row), "[{name}] of Cargo.toml lacks `{row}`");
}

#[test]
fn the_packages_ask_for_the_glibc_that_their_page_states() {
    let page = read_file("docs/packaging.md");
    let stated = page.split_once("starts on glibc ").unwrap().1.split_whitespace().next().unwrap();
    assert_has("package.metadata.deb", &format!("depends = \"libc6 (>= {stated}), libgcc-s1\""));
    assert_has("package.metadata.generate-rpm.requires", &format!("\"libc.so.6(GLIBC_{stated})(64bit)\" = \"*\""));
}

#[test]
fn the_first_command_builds_without_optimising_over_crates_and_the_packages_with_it() {
    assert_has("profile.release", "lto = \"off\"");
    for row in ["inherits = \"release\"", "lto = \"fat\"", "codegen-units = 1"] {
        assert_has("profile.dist", row);
    }
    // A row of the program's own crate without `strip` would put Cargo's default in the profile's place.
    assert_has("profile.release", "strip = true");
    assert_has("profile.release.package", "ecr-grant = { opt-level = 3, strip = true }");
    // Such a row would optimise macros and build scripts too.
    let manifest = read_file("Cargo.toml");
    assert!(!manifest.contains("[profile.release.package.\"*\"]"));
    // What is built without optimisation for the first command is shipped for size.
    for row in table_lines("profile.release.package") {
        if let Some(name) = row.strip_suffix(" = { opt-level = 0 }") {
            assert_has("profile.dist.package", &format!("{name} = {{ opt-level = \"s\" }}"));
        }
    }
    // The figures are those of what is shipped.
    assert_has("profile.bench", "inherits = \"dist\"");
}
