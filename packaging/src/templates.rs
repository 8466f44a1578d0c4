//! Recipes of other package managers, with version, address and hash filled in.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::Result;
use crate::archive::{file_sha256, to_hex};
use crate::project::Project;

/// The templates, each with the folder that its file goes to.
const TEMPLATES: [(&str, &str); 3] = [("ecr-grant.rb", "homebrew"), ("PKGBUILD", "aur"), ("package.nix", "nix")];

/// Writes the recipes. Without an address they keep the mark `@URL@` in its place.
pub fn fill_templates(
    project: &Project,
    packages: &Path,
    url: Option<&str>,
    tarball: &str,
    source: &str,
) -> Result<()> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(project.root.join("target/packaging/staged/man"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        pages.extend(name.strip_prefix("ecr-grant-").and_then(|rest| rest.strip_suffix(".1")).map(str::to_owned));
    }
    pages.sort();
    let (tar_sum, source_sum) = (file_sha256(&packages.join(tarball))?, file_sha256(&packages.join(source))?);
    let words = [
        ("@VERSION@", project.version.clone()),
        ("@TARGET@", project.target.clone()),
        ("@TARBALL@", tarball.to_owned()),
        ("@TARBALL_SHA256@", to_hex(&tar_sum)),
        ("@TARBALL_SRI@", format!("sha256-{}", BASE64_STANDARD.encode(tar_sum))),
        ("@SOURCE@", source.to_owned()),
        ("@SOURCE_SHA256@", to_hex(&source_sum)),
        ("@COMMANDS@", pages.join(" ")),
        ("@URL@", url.unwrap_or("@URL@").to_owned()),
    ];
    for (file, folder) in TEMPLATES {
        let path = project.root.join("packaging/templates").join(file);
        let template = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let filled = words.iter().fold(template, |text, (mark, word)| text.replace(mark, word));
        fs::create_dir_all(packages.join(folder))?;
        fs::write(packages.join(folder).join(file), filled)?;
    }
    if url.is_none() {
        println!("without --url the templates keep @URL@ in the place of the address");
    }
    Ok(())
}
