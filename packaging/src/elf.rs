//! The oldest glibc that the binary starts on, by the versions of the symbols that it needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use object::elf::{FileHeader64, VER_FLG_WEAK};
use object::read::elf::FileHeader as _;
use object::{Endianness, SectionIndex};

use crate::Result;
use crate::project::Project;

/// The page that states the oldest glibc, and the words before it.
const PAGE: (&str, &str) = ("docs/packaging.md", "starts on glibc ");

type Version = Vec<u32>;

/// Fails where the binary needs a newer glibc than the page says, or the packages ask for another one.
pub fn check_glibc(project: &Project, binary: &Path) -> Result<()> {
    let page = fs::read_to_string(project.root.join(PAGE.0))?;
    let stated = stated_version(&page).ok_or_else(|| format!("{} does not say `{}`", PAGE.0, PAGE.1))?;
    let needed = needed_versions(&fs::read(binary)?)?;
    let newest = needed.iter().next_back().ok_or("the binary needs no version of glibc: is it static?")?;
    if *newest > stated {
        return Err(format!(
            "the binary needs glibc {}, {} says {}: build on an older system, or state the newer glibc",
            version_words(newest),
            PAGE.0,
            version_words(&stated)
        )
        .into());
    }
    println!("glibc {} is needed, {} is stated", version_words(newest), version_words(&stated));

    let deb = project.settings_of("deb")["depends"].as_str().unwrap_or_default().to_owned();
    let rpm = project.settings_of("generate-rpm")["requires"].to_string();
    let wanted = [
        ("deb", deb, format!("libc6 (>= {})", version_words(&stated))),
        ("generate-rpm", rpm, format!("GLIBC_{})", version_words(&stated))),
    ];
    for (table, text, want) in wanted {
        if !text.contains(&want) {
            return Err(format!("package.metadata.{table} in Cargo.toml does not ask for `{want}`").into());
        }
    }
    Ok(())
}

/// Returns the version that the page states.
fn stated_version(page: &str) -> Option<Version> {
    let rest = page.split_once(PAGE.1)?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    read_version(rest[..end].trim_end_matches('.'))
}

/// Returns the versions of glibc that the loader would refuse to start without.
fn needed_versions(binary: &[u8]) -> Result<BTreeSet<Version>> {
    let header = FileHeader64::<Endianness>::parse(binary)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, binary)?;
    let mut found = BTreeSet::new();
    let Some((mut files, link)) = sections.gnu_verneed(endian, binary)? else { return Ok(found) };
    let strings = sections.strings(endian, binary, SectionIndex(link.0))?;
    while let Some((_, mut versions)) = files.next()? {
        while let Some(entry) = versions.next()? {
            let name = String::from_utf8_lossy(entry.name(endian, strings)?).into_owned();
            let is_weak = entry.vna_flags.get(endian) & VER_FLG_WEAK != 0;
            if let (Some(number), false) = (name.strip_prefix("GLIBC_"), is_weak) {
                found.extend(read_version(number));
            }
        }
    }
    Ok(found)
}

fn read_version(text: &str) -> Option<Version> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

fn version_words(version: &Version) -> String {
    version.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::{needed_versions, read_version, stated_version, version_words};

    #[test]
    fn the_page_states_a_version_and_later_versions_are_newer() {
        assert_eq!(
            stated_version("The tarball starts on glibc 2.34 and newer.").as_ref().map(version_words).as_deref(),
            Some("2.34")
        );
        assert_eq!(stated_version("The tarball starts on glibc 2.34."), read_version("2.34"));
        assert_eq!(stated_version("nothing"), None);
        assert!(read_version("2.9") < read_version("2.34") && read_version("2.2.5") < read_version("2.9"));
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn a_binary_of_this_machine_needs_some_glibc() {
        let binary = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(needed_versions(&binary).unwrap().len() > 1);
    }
}
