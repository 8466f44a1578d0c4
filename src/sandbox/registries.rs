//! The registries' contents: one registry an account and Region. Data: `assets/sandbox/registries.json`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::json_format::{print_json, stored_form};
use crate::ecr::{AccountId, Region, RepositoryName, RepositoryRef};

const REGISTRIES: &str = include_str!("../../assets/sandbox/registries.json");

/// An image of a repository.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StoredImage {
    pub digest: String,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970-01-01 UTC.
    pub pushed: i64,
    /// Seconds since 1970-01-01 UTC.
    pub pulled: Option<i64>,
}

/// The encryption of a repository's images.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StoredEncryption {
    #[serde(rename = "type")]
    pub kind: String,
    pub key: Option<String>,
}

/// A repository with its images and its policy.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StoredRepository {
    pub name: String,
    /// Seconds since 1970-01-01 UTC.
    pub created: i64,
    #[serde(default = "mutable_tags")]
    pub mutability: String,
    #[serde(default)]
    pub exclusions: Vec<String>,
    pub encryption: Option<StoredEncryption>,
    #[serde(default)]
    pub scan_on_push: bool,
    #[serde(default)]
    pub tags: Map<String, Value>,
    #[serde(rename = "policy")]
    given_policy: Option<Value>,
    /// The policy as ECR keeps it.
    #[serde(skip)]
    pub policy: Option<String>,
    /// The policy before the last write.
    #[serde(skip)]
    pub previous: Option<String>,
    /// The moment of the last write by a request.
    #[serde(skip)]
    pub written: Option<Instant>,
    #[serde(default)]
    pub images: Vec<StoredImage>,
}

fn mutable_tags() -> String {
    "MUTABLE".to_owned()
}

/// One account's registry in one Region.
#[derive(Debug, Default)]
pub(super) struct StoredRegistry {
    pub policy: Option<String>,
    pub replication: Option<Value>,
    /// Creation templates, in the shape of the API model.
    pub templates: Vec<Value>,
    pub repositories: BTreeMap<String, StoredRepository>,
}

#[derive(Debug, Deserialize)]
struct RegistriesFile {
    registries: Vec<RegistryEntry>,
}

#[derive(Debug, Deserialize)]
struct RegistryEntry {
    account: String,
    region: String,
    registry_policy: Option<Value>,
    replication: Option<Value>,
    #[serde(default)]
    creation_templates: Vec<Value>,
    repositories: Vec<StoredRepository>,
}

/// All registries.
#[derive(Debug, Default)]
pub(super) struct Registries {
    registries: BTreeMap<(AccountId, Region), StoredRegistry>,
}

impl Registries {
    /// Reads `registries.json`; the error names its fault.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let file: RegistriesFile = serde_json::from_str(text).map_err(|e| e.to_string())?;
        let mut registries = BTreeMap::new();
        for entry in file.registries {
            let account = AccountId::parse(&entry.account).map_err(|e| format!("{}: {e}", entry.account))?;
            let region = Region::parse(&entry.region).map_err(|e| e.to_string())?;
            let mut registry = StoredRegistry {
                policy: entry.registry_policy.as_ref().map(print_json),
                replication: entry.replication,
                templates: entry.creation_templates,
                repositories: BTreeMap::new(),
            };
            for mut repository in entry.repositories {
                RepositoryName::parse(&repository.name).map_err(|e| format!("{}: {e}", repository.name))?;
                repository.policy = match repository.given_policy.take() {
                    None => None,
                    Some(policy) => stored_form(&policy.to_string(), region.partition()),
                };
                registry.repositories.insert(repository.name.clone(), repository);
            }
            registries.insert((account, region), registry);
        }
        Ok(Self { registries })
    }

    /// Reads the demo's registries; a test checks the asset.
    pub fn demo_registries() -> Self {
        Self::from_json(REGISTRIES).unwrap_or_default()
    }

    /// Builds a registry of `count` repositories in 222222222222, eu-west-2, for measurements. The first one is
    /// `vendorapp`; every third has a policy.
    pub fn many_repositories(count: usize) -> Self {
        let demo = Self::demo_registries();
        let policies: Vec<String> =
            demo.registries.values().flat_map(|r| r.repositories.values()).filter_map(|r| r.policy.clone()).collect();
        let mut registry = StoredRegistry::default();
        for index in 0..count {
            let name = if index == 0 {
                "vendorapp".to_owned()
            } else {
                format!("load/team-{:03}/service-{index:05}", index % 211)
            };
            let number = i64::try_from(index).unwrap_or_default();
            let pushed = LOAD_BEGAN + number * 60;
            let policy = if index % 3 == 1 { policies.get(index % policies.len().max(1)).cloned() } else { None };
            let image = StoredImage {
                digest: format!("sha256:{index:064x}"),
                tags: vec!["latest".to_owned()],
                size: 52_428_800 + index as u64,
                pushed,
                pulled: None,
            };
            let repository = StoredRepository {
                name: name.clone(),
                created: pushed,
                mutability: mutable_tags(),
                exclusions: Vec::new(),
                encryption: None,
                scan_on_push: false,
                tags: Map::new(),
                given_policy: None,
                policy,
                previous: None,
                written: None,
                images: vec![image],
            };
            registry.repositories.insert(name, repository);
        }
        let mut registries = BTreeMap::new();
        if let (Ok(account), Ok(region)) = (AccountId::parse("222222222222"), Region::parse("eu-west-2")) {
            registries.insert((account, region), registry);
        }
        Self { registries }
    }

    /// Returns an account's registry in a Region; `None`: nothing was ever put into it.
    pub fn get(&self, account: &AccountId, region: &Region) -> Option<&StoredRegistry> {
        self.registries.get(&(account.clone(), region.clone()))
    }

    /// Returns all registries, in the order of accounts and Regions.
    pub fn all_registries(&self) -> impl Iterator<Item = (&AccountId, &Region, &StoredRegistry)> {
        self.registries.iter().map(|((account, region), registry)| (account, region, registry))
    }

    /// Returns an account's registry in a Region, to be changed.
    pub fn registry_mut(&mut self, account: &AccountId, region: &Region) -> &mut StoredRegistry {
        self.registries.entry((account.clone(), region.clone())).or_default()
    }

    /// Returns a repository.
    pub fn find_repository(&self, reference: &RepositoryRef) -> Option<&StoredRepository> {
        self.get(&reference.account, &reference.region)?.repositories.get(reference.name.as_str())
    }

    /// Returns a repository, to be changed.
    pub fn repository_mut(&mut self, reference: &RepositoryRef) -> Option<&mut StoredRepository> {
        self.registries
            .get_mut(&(reference.account.clone(), reference.region.clone()))?
            .repositories
            .get_mut(reference.name.as_str())
    }

    /// Adds an empty repository; an existing one stays as it is.
    pub fn add_repository(&mut self, reference: &RepositoryRef, created: i64) {
        let registry = self.registries.entry((reference.account.clone(), reference.region.clone())).or_default();
        let name = reference.name.as_str().to_owned();
        registry.repositories.entry(name.clone()).or_insert_with(|| StoredRepository {
            name,
            created,
            mutability: mutable_tags(),
            exclusions: Vec::new(),
            encryption: None,
            scan_on_push: false,
            tags: Map::new(),
            given_policy: None,
            policy: None,
            previous: None,
            written: None,
            images: Vec::new(),
        });
    }

    /// Removes a repository with its contents; tells whether it existed.
    pub fn remove_repository(&mut self, reference: &RepositoryRef) -> bool {
        self.registries
            .get_mut(&(reference.account.clone(), reference.region.clone()))
            .is_some_and(|r| r.repositories.remove(reference.name.as_str()).is_some())
    }

    /// Returns every repository, with its policy in the stored form.
    #[cfg(test)]
    pub fn all_repositories(&self) -> impl Iterator<Item = (RepositoryRef, &StoredRepository)> {
        self.registries.iter().flat_map(|((account, region), registry)| {
            registry.repositories.values().map(move |repository| {
                let name = RepositoryName::parse(&repository.name).unwrap();
                (RepositoryRef { account: account.clone(), region: region.clone(), name }, repository)
            })
        })
    }
}

/// The time for which reads by chance may lag behind a write.
const LAG: Duration = Duration::from_secs(1);

/// The reads that show the policy from before the last write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lag {
    /// None.
    Never,
    /// The texts within a second of a write by a request.
    Recent,
    /// All.
    Always,
}

/// 2024-01-01 00:00 UTC.
const LOAD_BEGAN: i64 = 1_704_067_200;

impl StoredRepository {
    /// Returns the policy as a read shows it that may lag.
    pub fn shown_policy(&self, lag: Lag) -> Option<&str> {
        let is_old = match lag {
            Lag::Never => false,
            Lag::Recent => self.written.is_some_and(|written| written.elapsed() < LAG),
            Lag::Always => true,
        };
        if is_old { self.previous.as_deref() } else { self.policy.as_deref() }
    }

    /// Replaces the policy as a request asks for it.
    pub fn write_asked(&mut self, policy: Option<String>) -> Option<String> {
        self.written = Some(Instant::now());
        self.write_policy(policy)
    }

    /// Replaces the policy. Keeps the old one for reads that lag.
    pub fn write_policy(&mut self, policy: Option<String>) -> Option<String> {
        let old = std::mem::replace(&mut self.policy, policy);
        self.previous.clone_from(&old);
        old
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::POLICY_LIMIT;

    #[test]
    fn the_asset_holds_what_the_demo_promises() {
        let demo = Registries::from_json(REGISTRIES).unwrap();
        let all: Vec<_> = demo.all_repositories().collect();
        assert!(all.len() >= 48, "{}", all.len());
        let accounts: std::collections::BTreeSet<_> = all.iter().map(|(r, _)| r.account.as_str()).collect();
        let regions: std::collections::BTreeSet<_> = all.iter().map(|(r, _)| r.region.as_str()).collect();
        assert_eq!(accounts.into_iter().collect::<Vec<_>>(), ["222222222222", "333333333333", "444444444444"]);
        assert_eq!(regions.into_iter().collect::<Vec<_>>(), ["eu-central-1", "eu-west-2", "us-east-1"]);
        assert!(all.iter().filter(|(r, _)| r.account.as_str() == "222222222222").count() >= 40);
    }

    #[test]
    fn the_guides_repository_has_the_tag_latest_and_no_policy() {
        let demo = Registries::demo_registries();
        let (_, vendorapp) =
            demo.all_repositories().find(|(r, _)| r.uri().ends_with("eu-west-2.amazonaws.com/vendorapp")).unwrap();
        assert!(vendorapp.policy.is_none());
        assert!(vendorapp.images.iter().any(|i| i.tags.iter().any(|t| t == "latest")));
    }

    #[test]
    fn digests_and_policies_of_the_asset_are_well_formed() {
        for (reference, repository) in Registries::demo_registries().all_repositories() {
            for image in &repository.images {
                let hex = image.digest.strip_prefix("sha256:").unwrap();
                assert!(hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()), "{reference}");
                assert!(image.pushed > 1_000_000_000 && image.size > 0, "{reference}");
            }
            let Some(policy) = &repository.policy else { continue };
            assert!(policy.chars().count() <= POLICY_LIMIT, "{reference}: {}", policy.len());
        }
        let demo = Registries::demo_registries();
        let longest = demo.all_repositories().filter_map(|(_, r)| r.policy.as_ref().map(String::len)).max().unwrap();
        assert!(longest > 9_500, "no policy is near the limit: {longest}");
    }

    #[test]
    fn a_registry_of_ten_thousand_has_ten_thousand() {
        let many = Registries::many_repositories(10_000);
        assert_eq!(many.all_repositories().count(), 10_000);
        assert!(many.all_repositories().filter(|(_, r)| r.policy.is_some()).count() > 3_000);
        assert_eq!(Registries::many_repositories(0).all_repositories().count(), 0);
    }
}
