//! Finds files that import one another in a circle: they can only be understood together. A module and the files below
//! it count as one house, so that what a `mod.rs` passes on for its own files is no circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::files_under;
use super::paths::{Leads, NamedPath, PathReader, resolve_path};

/// The most files that may import one another.
const LONGEST: usize = 3;

/// A module, by its path from the crate's root.
type Module = Vec<String>;

/// The files of a crate and the paths that each names.
struct Sources {
    named: BTreeMap<Module, Vec<NamedPath>>,
}

impl Sources {
    /// Reads the sources below a folder, without tests.
    fn read_below(root: &Path) -> Self {
        let mut files: Vec<PathBuf> = Vec::new();
        files_under(root, &mut files);
        let mut named = BTreeMap::new();
        for file in files {
            let relative = file.strip_prefix(root).unwrap().with_extension("");
            let mut module: Module = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if module.last().is_some_and(|last| last == "mod" || last == "lib" || last == "main") {
                module.pop();
            }
            if !is_of_tests(&module) {
                let paths = PathReader::read_source(&std::fs::read_to_string(&file).unwrap(), &module).found;
                named.entry(module).or_insert_with(Vec::new).extend(paths);
            }
        }
        Self { named }
    }

    /// Returns the file that holds what a path names: the deepest module on it, re-exports followed.
    fn file_of(&self, path: &[String], depth: usize) -> Module {
        let mut module: Module = Vec::new();
        for (at, segment) in path.iter().enumerate() {
            let below: Module = module.iter().chain([segment]).cloned().collect();
            if self.named.contains_key(&below) {
                module = below;
                continue;
            }
            let imports = self.named.get(&module).into_iter().flatten().filter(|named| named.import && depth < 8);
            let brings = |named: &&NamedPath| named.alias.as_ref().or(named.segments.last()) == Some(segment);
            let Some(mut full) = imports.filter(brings).find_map(|named| self.path_inside(&module, named)) else {
                break;
            };
            full.extend(path.iter().skip(at + 1).cloned());
            return self.file_of(&full, depth + 1);
        }
        module
    }

    /// Returns a path from the crate's root; `None` where it leads into another crate.
    fn path_inside(&self, file: &Module, named: &NamedPath) -> Option<Vec<String>> {
        if let Leads::Inside(path) = resolve_path(named) {
            return Some(path);
        }
        // A module right below, or one that an import brought.
        let first = named.segments.first()?;
        let below: Module = file.iter().chain([first]).cloned().collect();
        if self.named.contains_key(&below) {
            return Some(file.iter().chain(&named.segments).cloned().collect());
        }
        let imports = self.named.get(file)?.iter().filter(|other| other.import && named.segments.len() > 1);
        let brought = imports
            .filter(|other| other.alias.as_ref().or(other.segments.last()) == Some(first))
            .find_map(|other| if let Leads::Inside(path) = resolve_path(other) { Some(path) } else { None });
        brought.map(|mut path| {
            path.extend(named.segments.iter().skip(1).cloned());
            path
        })
    }

    /// Finds which files each file takes something from.
    fn import_arrows(&self) -> BTreeMap<&Module, BTreeSet<&Module>> {
        let mut arrows: BTreeMap<&Module, BTreeSet<&Module>> = BTreeMap::new();
        for (file, paths) in &self.named {
            let to = arrows.entry(file).or_default();
            for named in paths.iter().filter(|named| !is_of_tests(&named.module)) {
                let Some(path) = self.path_inside(file, named) else { continue };
                let Some((target, _)) = self.named.get_key_value(&self.file_of(&path, 0)) else { continue };
                if !target.starts_with(file) && !file.starts_with(target) {
                    to.insert(target);
                }
            }
        }
        arrows
    }
}

fn is_of_tests(module: &[String]) -> bool {
    module.iter().any(|part| part == "tests" || part == "testing")
}

/// Finds the circles, each as its files in order.
fn find_circles<'a>(arrows: &BTreeMap<&'a Module, BTreeSet<&'a Module>>) -> BTreeSet<Vec<&'a Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = arrows
        .keys()
        .map(|from| {
            let (mut seen, mut next) = (BTreeSet::new(), vec![*from]);
            while let Some(file) = next.pop() {
                next.extend(arrows.get(file).into_iter().flatten().filter(|to| seen.insert(**to)));
            }
            (*from, seen)
        })
        .collect();
    let is_mutual = |a: &Module, b: &Module| reached[a].contains(b) && reached[b].contains(a);
    let of = |file: &&'a Module| arrows.keys().filter(|other| is_mutual(file, other)).copied().collect::<Vec<_>>();
    arrows.keys().map(of).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn no_more_than_three_files_import_one_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = String::new();
    for crate_root in ["src", "crates/ecr-policy/src"] {
        let sources = Sources::read_below(&root.join(crate_root));
        let arrows = sources.import_arrows();
        let count: usize = arrows.values().map(BTreeSet::len).sum();
        assert!(count > 100, "{crate_root}: only {count} arrows found");
        for circle in find_circles(&arrows).into_iter().filter(|circle| circle.len() > LONGEST) {
            writeln!(wrong, "{crate_root}: a circle of {} files", circle.len()).unwrap();
            for file in &circle {
                let to: Vec<String> =
                    arrows[*file].iter().filter(|to| circle.contains(*to)).map(|to| to.join("/")).collect();
                writeln!(wrong, "  {} -> {}", file.join("/"), to.join(", ")).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_circle_is_seen_through_imports_re_exports_and_plain_paths() {
    let sources = |files: &[(&str, &str)]| {
        let module =
            |name: &str| name.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Module>();
        let read = |(name, text): &(&str, &str)| (module(name), PathReader::read_source(text, &module(name)).found);
        Sources { named: files.iter().map(read).collect() }
    };
    let a_to_b = ("room/a", "use super::B;");
    for (files, length) in [
        (&[("room", "pub use b::B;"), a_to_b, ("room/b", "fn f(x: crate::room::a::A) {}")][..], 2),
        (&[("room", "pub use b::B as C;"), ("room/a", "use super::C;"), ("room/b", "use super::a;")], 2),
        (
            &[
                ("room", "pub use b::B;"),
                a_to_b,
                ("room/b", "use super::c; fn f() { c::g() }"),
                ("room/c", "use super::a::A;"),
            ],
            3,
        ),
        (&[("room", "pub use b::B;"), a_to_b, ("room/b", "mod tests { use super::super::a::A; }")], 0),
        (&[("room", "pub use b::B; use a::A;"), a_to_b, ("room/b", "use super::Other;")], 0),
    ] {
        let sources = sources(files);
        let found = find_circles(&sources.import_arrows());
        assert_eq!(found.iter().map(Vec::len).max().unwrap_or(0), length, "{files:?}: {found:?}");
    }
}
