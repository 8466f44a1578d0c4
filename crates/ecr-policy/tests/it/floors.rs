//! The modules of the engine stand on floors: none imports from a floor above its own.

use std::path::{Path, PathBuf};

/// The modules, from the ground up; those of one floor may not import one another.
const FLOORS: [&[&str]; 12] = [
    &["ecr"],
    &["syntax"],
    &["text"],
    &["model"],
    &["condition"],
    &["evaluate"],
    &["access"],
    &["canonical", "delta", "lockout"],
    &["lint"],
    &["edit"],
    &["explain"],
    &["registry"],
];

/// Modules for tests alone.
const OF_TESTS: [&str; 1] = ["testing"];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Finds the modules of the root that a source names by `crate::`, without its tests.
fn named(source: &str) -> Vec<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let code = code.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
    let first_word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            // `crate::{a::B, c}`: each name after a bracket or a comma at the first level.
            Some(group) => {
                let mut depth = 0;
                let mut is_next = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => is_next = true,
                        c if is_next && !c.is_whitespace() => {
                            found.push(first_word(&group[at..]));
                            is_next = false;
                        }
                        _ => {}
                    }
                }
            }
            None => found.push(first_word(rest)),
        }
    }
    found
}

/// The names of the root that a file right under it names by `super::`.
fn by_super(source: &str) -> Vec<String> {
    named(&source.replace("super::", "crate::"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_module_imports_from_a_floor_above_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    files(&root, &mut all);
    let mut wrong = Vec::new();
    let mut edges = 0;
    for path in all {
        let relative = path.strip_prefix(&root).unwrap().with_extension("");
        let parts: Vec<String> = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
        let module = parts[0].as_str();
        let is_of_tests = parts.iter().any(|part| part == "tests");
        if module == "lib" || OF_TESTS.contains(&module) || is_of_tests {
            continue;
        }
        let mine = floor(module).unwrap_or_else(|| panic!("give `{module}` a floor"));
        let source = std::fs::read_to_string(&path).unwrap();
        let is_at_root = parts.len() == 1 || (parts.len() == 2 && parts[1] == "mod");
        let names = if is_at_root { by_super(&source) } else { named(&source) };
        for name in names.iter().filter(|name| *name != module) {
            match floor(name) {
                Some(theirs) if theirs < mine => edges += 1,
                Some(_) => wrong.push(format!("{}: imports `{name}`", relative.display())),
                None => wrong.push(format!("{}: `{name}` is on no floor: import it where it is", relative.display())),
            }
        }
    }
    assert!(edges > 100, "the test found only {edges} imports");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The source of every file in a folder under `src`, without its tests.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder), &mut all);
    let is_of_tests = |path: &PathBuf| path.iter().any(|part| part == "tests" || part == "tests.rs");
    all.retain(|path| !is_of_tests(path));
    let code = |path: &PathBuf| {
        let source = std::fs::read_to_string(path).unwrap();
        source.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
    };
    all.into_iter().map(|path| (path.clone(), code(&path))).collect()
}

#[test]
fn a_policy_is_read_by_the_model_alone() {
    // The linter turns the flaws of the model into findings; it makes no model, and no method of one, itself.
    let of_reading =
        ["impl Policy {", "impl Statement {", "Statement::from_tree(", "Statement {\n        span:", "fn find_flaws("];
    let model = sources("model");
    for sign in of_reading {
        assert!(model.iter().any(|(_, source)| source.contains(sign)), "the model has no `{sign}`: mend this test");
        for (path, source) in sources("lint") {
            assert!(!source.contains(sign), "{}: `{sign}` belongs to the model", path.display());
        }
    }
    for (path, source) in model {
        assert!(!named(&source).contains(&"lint".to_owned()), "{} names the linter", path.display());
    }
}

#[test]
fn the_test_sees_every_way_to_name_a_module() {
    let source = "use crate::lint::Finding;\nuse crate::{access::{A, B}, edit, delta::D};\nfn f() { crate::explain::x() }\n\
                  // crate::ecr::X\n#[cfg(test)]\nmod tests { use crate::registry::Y; }";
    assert_eq!(named(source), ["lint", "access", "edit", "delta", "explain"]);
    assert_eq!(by_super("use super::model::{A, B};"), ["model"]);
}
