//! `grant --kit FILE`: the puller's half of the grant, written beside the owner's.

use std::io::Write as _;
use std::path::Path;

use super::args::Format;
use super::output::{Stop, print_data};
use crate::ecr::{
    AccessEnd, AccountId, AccountNames, ActionInfo, Failure, FailureKind, Grantee, OwnerSide, Recipe, Region,
    Repository, RepositoryRef, Tag,
};
use crate::handoff::{KitInput, build_kit};
use crate::runtime::files::new_file;

/// The facts of the kit beside the repositories.
pub(super) struct KitContext<'a> {
    pub(super) grantees: &'a [Grantee],
    pub(super) recipe: &'static Recipe,
    pub(super) actions: &'a [&'static ActionInfo],
    pub(super) puller_region: Option<&'a Region>,
    pub(super) tag: Option<&'a Tag>,
    pub(super) profile: Option<&'a str>,
    pub(super) caller: &'a AccountId,
    pub(super) account_names: &'a AccountNames,
    /// The endpoints that are not AWS's own, in words.
    pub(super) endpoint: Option<&'a str>,
}

/// A granted repository.
pub(super) struct Granted {
    pub(super) repository: RepositoryRef,
    /// Its present policy.
    pub(super) stored: Option<String>,
    /// The state of the owner's side.
    pub(super) owner_side: OwnerSide,
    /// The moment at which the access ends; none: it has no end.
    pub(super) until: Option<AccessEnd>,
}

/// Tells whether the kit goes to the standard output, which `-` stands for.
pub(super) fn is_output(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Refuses a kit beforehand: where its file exists already, because a kit never replaces one, and where the results
/// take the standard output.
pub(super) fn check_target(path: &Path, format: Format) -> Result<(), Stop> {
    if is_output(path) {
        if format == Format::Text {
            return Ok(());
        }
        return Err(Stop::wrong_usage(
            "--kit - writes the kit to the standard output, where the results would go too",
            "leave out --format, or name a file for --kit",
        ));
    }
    if path.exists() {
        return Err(Stop::wrong_usage(format!("{} exists already", path.display()), "name another file for --kit"));
    }
    Ok(())
}

/// Writes the kit as Markdown, readable for the user alone. Repositories of different registries get a part each.
pub(super) fn write_kit(path: &Path, wanted: &KitContext, granted: &[Granted]) -> Result<(), Failure> {
    let mut registries: Vec<Vec<&Granted>> = Vec::new();
    for one in granted {
        let same = |other: &Vec<&Granted>| {
            let of = |granted: &Granted| (granted.repository.account.clone(), granted.repository.region.clone());
            other.first().is_some_and(|first| of(first) == of(one))
        };
        match registries.iter_mut().find(|other| same(other)) {
            Some(registry) => registry.push(one),
            None => registries.push(vec![one]),
        }
    }
    let parts: Vec<String> = registries.iter().filter_map(|list| write_part(wanted, list)).collect();
    let failure = |error: std::io::Error| {
        Failure::new(
            FailureKind::File,
            format!("the kit {} could not be written: {error}", path.display()),
            "the grant itself is done; run the same command with another --kit",
        )
    };
    if is_output(path) {
        print_data(parts.join("\n").trim_end());
        return Ok(());
    }
    let mut file = new_file().open(path).map_err(failure)?;
    file.write_all(parts.join("\n").as_bytes()).map_err(failure)
}

fn write_part(wanted: &KitContext, granted: &[&Granted]) -> Option<String> {
    let first = granted.first()?;
    let owner = &first.repository;
    let repository = |reference: &RepositoryRef| Repository {
        reference: reference.clone(),
        created: None,
        encryption: None,
        tag_mutability: None,
        scan_on_push: None,
    };
    let input = KitInput {
        repositories: granted.iter().map(|one| repository(&one.repository)).collect(),
        grantees: wanted.grantees.to_vec(),
        recipe: wanted.recipe,
        actions: wanted.actions.to_vec(),
        // Until the soonest of them all is granted.
        until: granted.iter().filter_map(|one| one.until).min(),
        owner: owner.account.clone(),
        region: owner.region.clone(),
        puller_region: wanted.puller_region.cloned(),
        tag: wanted.tag.cloned(),
        profile: wanted.profile.map(str::to_owned),
        caller: Some(wanted.caller.clone()),
        policies: granted.iter().map(|one| (one.repository.clone(), one.stored.clone())).collect(),
        is_written: true,
        is_by_hand: false,
        changes: Vec::new(),
        endpoint: wanted.endpoint.map(str::to_owned),
        owner_side: OwnerSide::of_all(
            &granted.iter().map(|one| (one.repository.name.to_string(), one.owner_side.clone())).collect::<Vec<_>>(),
        ),
        account_names: wanted.account_names.clone(),
    };
    Some(build_kit(&input).to_markdown())
}
