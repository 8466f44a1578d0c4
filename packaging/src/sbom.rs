//! The parts of the binary as CycloneDX 1.5, from Cargo's metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::Result;
use crate::project::{Project, cargo_path, run_for_output};

/// Returns the list of parts. It has neither a time nor a serial number: the same parts give the same bytes.
pub fn list_parts(project: &Project) -> Result<String> {
    let metadata = &project.metadata;
    let packages: BTreeMap<&str, &Value> =
        as_list(&metadata["packages"]).iter().filter_map(|p| Some((p["id"].as_str()?, p))).collect();
    let nodes: BTreeMap<&str, &Value> =
        as_list(&metadata["resolve"]["nodes"]).iter().filter_map(|n| Some((n["id"].as_str()?, n))).collect();
    let root = metadata["resolve"]["root"].as_str().ok_or("the workspace has no root package")?;

    let in_binary = linked_crates(project)?;

    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut waiting = vec![root];
    while let Some(id) = waiting.pop() {
        if edges.contains_key(id) {
            continue;
        }
        let node = nodes.get(id).ok_or_else(|| format!("cargo metadata does not resolve {id}"))?;
        let needs =
            as_list(&node["deps"]).iter().filter(|dep| as_list(&dep["dep_kinds"]).iter().any(|k| k["kind"].is_null()));
        let is_part = |id: &&str| packages.get(id).is_some_and(|package| in_binary.contains(&name_version(package)));
        let ids = needs.filter_map(|dep| dep["pkg"].as_str()).filter(is_part);
        let ids: BTreeSet<&str> = ids.collect();
        waiting.extend(&ids);
        edges.insert(id, ids);
    }

    let sums = read_sums(&fs::read_to_string(project.root.join("Cargo.lock"))?);
    let mut components: Vec<Value> = edges
        .keys()
        .filter(|id| **id != root)
        .filter_map(|id| Some(component_json(packages.get(id)?, &sums)))
        .collect();
    let name = |value: &Value| value["bom-ref"].as_str().unwrap_or_default().to_owned();
    components.sort_by_key(name);
    let address = |id: &&str| packages.get(*id).map(|package| package_url(package));
    let mut dependencies: Vec<Value> = edges
        .iter()
        .map(|(id, ids)| json!({ "ref": address(id), "dependsOn": ids.iter().filter_map(address).collect::<BTreeSet<_>>() }))
        .collect();
    dependencies.sort_by_key(|value| value["ref"].as_str().unwrap_or_default().to_owned());
    let mut program = packages.get(root).map(|package| component_json(package, &sums)).ok_or("no root package")?;
    program["type"] = json!("application");
    let bom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": program, "properties": [{ "name": "cargo:target", "value": project.target }] },
        "components": components,
        "dependencies": dependencies,
    });
    println!("{} crates in the list of parts", components_of(&bom));
    Ok(serde_json::to_string_pretty(&bom)? + "\n")
}

fn components_of(bom: &Value) -> usize {
    as_list(&bom["components"]).len()
}

fn as_list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Returns name and version of each crate whose code is in the binary. `cargo tree` leaves out macros, and what only a
/// feature of the tests would bring; `cargo metadata` does not.
fn linked_crates(project: &Project) -> Result<BTreeSet<(String, String)>> {
    let arguments =
        ["tree", "--locked", "--package", &project.name, "--edges", "normal,no-proc-macro", "--prefix", "none"];
    let mut command = Command::new(cargo_path());
    command.args(arguments).args(["--format", "{p}", "--target", &project.target]).current_dir(&project.root);
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    };
    Ok(run_for_output(&mut command)?.lines().filter_map(entry).collect())
}

fn name_version(package: &Value) -> (String, String) {
    let word = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    (word("name"), word("version"))
}

fn package_url(package: &Value) -> String {
    let word = |key: &str| package[key].as_str().unwrap_or_default();
    format!("pkg:cargo/{}@{}", word("name"), word("version").replace('+', "%2B"))
}

fn component_json(package: &Value, sums: &BTreeMap<(String, String), String>) -> Value {
    let word = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let address = package_url(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": address,
        "name": word("name"),
        "version": word("version"),
        "purl": address,
    });
    // `/` between licences is Cargo's old way to say `OR`.
    let licence = word("license").replace(" / ", " OR ").replace('/', " OR ");
    if !licence.is_empty() {
        component["licenses"] = json!([{ "expression": licence }]);
    }
    if let Some(sum) = sums.get(&(word("name"), word("version"))) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    component
}

/// Reads the sums of the crates in a lock file, by name and version.
fn read_sums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for table in lock.split("[[package]]").skip(1) {
        let word = |key: &str| {
            let line = table.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""));
            line.and_then(|rest| rest.strip_suffix('"')).map(str::to_owned)
        };
        if let (Some(name), Some(version), Some(sum)) = (word("name"), word("version"), word("checksum")) {
            found.insert((name, version), sum);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::read_sums;

    #[test]
    fn the_sums_of_a_lock_file_are_found_by_name_and_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"0f\"\n\n\
                    [[package]]\nname = \"own\"\nversion = \"0.1.0\"\n";
        let found = read_sums(lock);
        assert_eq!(found.len(), 1);
        assert_eq!(found[&("a".to_owned(), "1.0.0".to_owned())], "0f");
    }
}
