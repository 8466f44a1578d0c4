//! A review of what other collectors wrote: files, a folder, or the standard input. Nobody is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Failure, FailureKind, Region, RepositoryRef};
use crate::policy::RegistryPolicy;
use crate::review::{Collected, CollectedRegistry, FailedPlace, PolicyInput, ReadEvent, RegistryPart, read_collected};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024 * 1024;

/// All that was collected, each repository once.
#[derive(Debug, Default)]
pub struct Collection {
    repositories: BTreeMap<(AccountId, Region), BTreeMap<RepositoryRef, Result<PolicyInput, Failure>>>,
    registries: BTreeMap<(AccountId, Region), CollectedRegistry>,
    /// The places that the collectors could not read.
    failed: Vec<FailedPlace>,
    doubles: BTreeSet<RepositoryRef>,
}

impl Collection {
    /// Reads the files that the arguments name. A folder is one of iam-collect where it has `accounts`, else one of documents.
    pub fn read_files(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut collection = Self::default();
        for path in paths {
            if path.is_dir() {
                collection.add_folder(path)?;
            } else {
                collection.add_file(path)?;
            }
        }
        Ok(collection)
    }

    /// Returns the accounts of the repositories.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.repositories.keys().map(|(account, _)| account.clone())
    }

    /// Gives each answer to `take`, with the number of its registry: what is to be known of all first, then each registry
    /// before its repositories. `is_wanted` chooses the repositories.
    pub fn replay(self, is_wanted: impl Fn(&RepositoryRef) -> bool, mut take: impl FnMut(usize, ReadEvent)) {
        for double in &self.doubles {
            take(
                0,
                ReadEvent::Note(format!("{} is there twice with other policies: the first is taken", double.arn())),
            );
        }
        for place in self.failed {
            take(0, ReadEvent::PlaceFailed(place));
        }
        let places: BTreeSet<_> = self.repositories.keys().chain(self.registries.keys()).cloned().collect();
        let Self { mut repositories, mut registries, .. } = self;
        let is_unknown =
            |place: &&(AccountId, Region)| !registries.get(*place).is_some_and(CollectedRegistry::has_known_policy);
        let unknown: Vec<String> =
            places.iter().filter(is_unknown).map(|(account, region)| format!("{account} in {region}")).collect();
        if let Some(words) = unknown_words(&unknown) {
            take(0, ReadEvent::Note(words));
        }
        for (number, place) in places.into_iter().enumerate() {
            let known = registries.remove(&place);
            let here = repositories.remove(&place).unwrap_or_default();
            let known = known.unwrap_or_else(|| CollectedRegistry::at_place(place.0, place.1));
            take(number, ReadEvent::Registry(known.into_facts()));
            for (reference, read) in here {
                if is_wanted(&reference) {
                    take(number, ReadEvent::Repository(reference, read));
                }
            }
        }
    }

    fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let found = read_collected(&read_text(path)?).map_err(|fault| {
            wrong_file(
                format!("{}: {}", path.display(), make_visible(&fault)),
                "give lines of review --with-policy, items of AWS Config, rows of Steampipe, or a folder of iam-collect",
            )
        })?;
        for one in found {
            self.add_collected(one);
        }
        Ok(())
    }

    fn add_collected(&mut self, one: Collected) {
        match one {
            Collected::Repository(reference, read) => self.add_repository(reference, read),
            Collected::Registry(account, region, part) => self.registry_at(account, region).add_part(part),
            Collected::FailedPlace(Some(account), Some(region), failure) => {
                self.failed.push(FailedPlace::of_registry(account, region, failure));
            }
            Collected::FailedPlace(account, region, failure) => {
                let words = account.as_ref().map_or_else(|| "a place".to_owned(), ToString::to_string);
                self.failed.push(FailedPlace { account, region, words, failure });
            }
        }
    }

    fn registry_at(&mut self, account: AccountId, region: Region) -> &mut CollectedRegistry {
        let place = (account.clone(), region.clone());
        self.registries.entry(place).or_insert_with(|| CollectedRegistry::at_place(account, region))
    }

    /// Adds a repository. What could be read stands over what could not.
    fn add_repository(&mut self, reference: RepositoryRef, read: Result<PolicyInput, Failure>) {
        let place = self.repositories.entry((reference.account.clone(), reference.region.clone())).or_default();
        match place.get(&reference) {
            Some(Ok(known)) => {
                if read.is_ok_and(|other| other != *known) {
                    self.doubles.insert(reference);
                }
            }
            Some(Err(_)) | None => {
                place.insert(reference, read);
            }
        }
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let accounts = folder.join("accounts");
        if !accounts.is_dir() {
            for path in entries_of(folder)? {
                let is_document = path.extension().is_some_and(|end| end == "json" || end == "jsonl");
                if is_document && path.is_file() {
                    self.add_file(&path)?;
                }
            }
            return Ok(());
        }
        for account_folder in entries_of(&accounts)? {
            let Some(account) = file_name(&account_folder).and_then(|name| AccountId::parse(&name).ok()) else {
                continue;
            };
            for path in entries_of(&account_folder)? {
                let name = file_name(&path).unwrap_or_default();
                let region = name.strip_prefix("ecr-registry-policy.").and_then(|rest| rest.strip_suffix(".json"));
                if let Some(region) = region.and_then(|region| Region::parse(region).ok()) {
                    let policy = RegistryPolicy::of(Some(&read_text(&path)?));
                    self.registry_at(account.clone(), region).add_part(RegistryPart::Policy(policy));
                }
            }
            let regions = account_folder.join("ecr");
            for region_folder in if regions.is_dir() { entries_of(&regions)? } else { Vec::new() } {
                let Some(region) = file_name(&region_folder).and_then(|name| Region::parse(&name).ok()) else {
                    continue;
                };
                let repositories = region_folder.join("repository");
                if repositories.is_dir() {
                    self.add_collected_folders(&repositories, &repositories, &account, &region)?;
                }
            }
        }
        Ok(())
    }

    /// Adds the repositories of a folder of iam-collect: each has `metadata.json`, and `policy.json` where it has a policy.
    fn add_collected_folders(
        &mut self,
        folder: &Path,
        top: &Path,
        account: &AccountId,
        region: &Region,
    ) -> Result<(), Failure> {
        let (metadata, policy) = (folder.join("metadata.json"), folder.join("policy.json"));
        if metadata.is_file() || policy.is_file() {
            let told = if metadata.is_file() { read_text(&metadata)? } else { String::new() };
            let told: Value = serde_json::from_str(&told).unwrap_or_default();
            let inside = folder.strip_prefix(top).unwrap_or(folder).to_string_lossy().replace('\\', "/");
            let told_name = told.get("name").and_then(Value::as_str).map_or(inside, str::to_owned);
            let partition = region.partition();
            let built = format!("arn:{partition}:ecr:{region}:{account}:repository/{told_name}");
            let arn = told.get("arn").and_then(Value::as_str).map_or(built, str::to_owned);
            let text = if policy.is_file() { read_text(&policy)? } else { "null".to_owned() };
            let policy: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            let row = serde_json::json!({"arn": arn, "policy": policy}).to_string();
            let found = read_collected(&row).map_err(|fault| {
                wrong_file(format!("{}: {}", folder.display(), make_visible(&fault)), "collect it again")
            })?;
            for one in found {
                self.add_collected(one);
            }
        }
        for path in entries_of(folder)? {
            if path.is_dir() {
                self.add_collected_folders(&path, top, account, region)?;
            }
        }
        Ok(())
    }
}

/// Says of which registries nobody collected a policy; none: of all it is known.
fn unknown_words(places: &[String]) -> Option<String> {
    let (first, more) = places.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    Some(format!(
        "the registry policy of {first}{more} is not in what was collected: it is taken for none, and a Deny or an Allow of it \
         is not counted"
    ))
}

fn file_name(path: &Path) -> Option<String> {
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Returns the entries of a folder, in the order of their names.
fn entries_of(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let read = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = read.map_err(|error: std::io::Error| unreadable(folder, &error.to_string()))?;
    paths.sort();
    Ok(paths)
}

/// Reads a file, or the standard input for `-`.
fn read_text(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_string(&mut text))
    };
    match read {
        Ok(length) if length as u64 > LARGEST => Err(unreadable(path, "it is larger than 1 GiB")),
        Ok(_) => Ok(text),
        Err(error) => Err(unreadable(path, &error.to_string())),
    }
}

fn unreadable(path: &Path, why: &str) -> Failure {
    wrong_file(format!("{} cannot be read: {why}", path.display()), "name an existing file of text, or a folder")
}

fn wrong_file(what: String, next: &str) -> Failure {
    Failure::new(FailureKind::Setup, what, next)
}
