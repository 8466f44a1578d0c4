//! Addresses that people paste: images, registry hosts, ARNs, pages of the console, lines of `docker`. Each is read as
//! the repository that it names, or named as what it is.

use super::{AccountId, Arn, ImageUri, Partition, Region, RegistryHost, RepositoryName, RepositoryRef};

/// The longest text that is searched for an address, in bytes.
const LONGEST: usize = 256 * 1024;

/// The most different addresses that are told of one text.
const MOST: usize = 64;

/// The target of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An image of a private registry, or its repository.
    Image(ImageUri),
    /// A repository, by its ARN or its page in the console.
    Repository(RepositoryRef),
    /// A private registry without a repository.
    Registry(RegistryHost),
    /// The public registry, by the host that was named.
    Public(String),
    /// ECR's own service in a Region, which clients call and nobody pulls from.
    Endpoint(Region),
    /// A page of the console that names no repository of an account.
    Console,
    /// A text that looks like an address of a private registry and is none, with the reason.
    Alike(String),
    /// Several repositories, by their URIs.
    Several(Vec<String>),
}

impl Address {
    /// Reads an address, alone or inside a line such as `docker pull IMAGE` or an error of AWS. `None`: the text holds
    /// no address.
    pub fn find_in(text: &str) -> Option<Self> {
        one_of(Self::find_all(text))
    }

    /// Returns every address in a text, each once, in the order of the text; never [`Address::Several`].
    pub fn find_all(text: &str) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        if text.len() > LONGEST {
            return found;
        }
        for address in split_words(text).filter_map(Self::of_word) {
            if !found.contains(&address) && found.len() < MOST {
                found.push(address);
            }
        }
        found
    }

    /// Reads one word of a text, with the punctuation that [`split_words`] leaves around it.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.trim_end_matches(['.', ':', '\\', '!', '?', '…']).trim_matches(['[', ']', '{', '}', '*']);
        let value =
            || word.split_once('=').filter(|(key, _)| !key.contains("://")).and_then(|(_, value)| read_word(value));
        let labelled = || {
            let (_, rest) = word.split_once(":arn:")?;
            read_word(&format!("arn:{rest}"))
        };
        // `image:HOST/NAME`, without a blank.
        let behind_colon = || {
            let (label, rest) = word.split_once(':')?;
            label.bytes().all(|b| b.is_ascii_alphabetic()).then(|| read_word(rest))?
        };
        value().or_else(|| read_word(word)).or_else(labelled).or_else(behind_colon)
    }

    /// Returns the repository that is named, where one is.
    pub fn repository(&self) -> Option<RepositoryRef> {
        match self {
            Self::Image(image) => Some(image.repository_ref()),
            Self::Repository(reference) => Some(reference.clone()),
            _ => None,
        }
    }

    /// Returns the account that owns what is named, where it is told.
    pub fn owner_account(&self) -> Option<AccountId> {
        match self {
            Self::Registry(host) => Some(host.account.clone()),
            other => other.repository().map(|reference| reference.account),
        }
    }
}

/// Splits a text into words, at blanks and at the signs that people put around an address.
pub fn split_words(text: &str) -> impl Iterator<Item = &str> {
    let between = |c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | '`' | '|' | '<' | '>' | ',' | ';' | '(' | ')')
            || matches!(c, '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}' | '\u{ab}' | '\u{bb}' | '\u{200b}')
    };
    text.split(between).filter(|word| !word.is_empty())
}

/// Chooses among the addresses of a text: repositories before all else, and one only.
fn one_of(found: Vec<Address>) -> Option<Address> {
    let mut repositories: Vec<RepositoryRef> = found.iter().filter_map(Address::repository).collect();
    repositories.sort();
    repositories.dedup();
    match repositories.as_slice() {
        [] => found.into_iter().next(),
        [_] => found.into_iter().find(|address| address.repository().is_some()),
        several => Some(Address::Several(several.iter().map(RepositoryRef::uri).collect())),
    }
}

fn read_word(word: &str) -> Option<Address> {
    if word.starts_with("arn:") {
        return from_arn(word).map(Address::Repository);
    }
    let (scheme, rest) = match word.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, word),
    };
    let is_web = scheme.is_some_and(|s| s.eq_ignore_ascii_case("https") || s.eq_ignore_ascii_case("http"));
    let (rest, query) = if is_web {
        let rest = rest.split('#').next().unwrap_or_default();
        rest.split_once('?').unwrap_or((rest, ""))
    } else {
        (rest, "")
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    // Behind a scheme a name and a password may stand in front of the host.
    let authority = if scheme.is_some() { authority.rsplit('@').next().unwrap_or_default() } else { authority };
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if let Some(partition) = console_of(&host) {
        return Some(read_console(partition, &host, path, query));
    }
    if is_public(&host) {
        return Some(Address::Public(host));
    }
    if let Some(registry) = RegistryHost::parse(&host) {
        return Some(in_registry(registry, &host, port, path, is_web));
    }
    if let Some(region) = endpoint_region(&host) {
        return Some(Address::Endpoint(region));
    }
    why_alike(&host).map(Address::Alike)
}

fn from_arn(text: &str) -> Option<RepositoryRef> {
    let arn = Arn::parse(text)?;
    let region = Region::parse(&arn.region).ok()?;
    let reference = RepositoryRef { account: arn.account_id()?, region, name: arn.repository()? };
    (reference.arn() == arn).then_some(reference)
}

fn in_registry(registry: RegistryHost, host: &str, port: Option<&str>, path: &str, is_web: bool) -> Address {
    // `host:tag` without a path is a registry with a slip of the hand, not a port.
    if let Some(port) = port.filter(|port| *port != "443") {
        return Address::Alike(format!("a registry of ECR answers at port 443 only, not at {port}"));
    }
    let path = path.trim_end_matches('/');
    let reference = api_path(path, is_web).unwrap_or_else(|| path.to_owned());
    if reference.is_empty() {
        return Address::Registry(registry);
    }
    match ImageUri::parse(&format!("{host}/{reference}")) {
        Some(image) => Address::Image(image),
        None => Address::Alike(format!("`{}` is no repository, tag or digest", super::text::make_visible(&reference))),
    }
}

/// Reads a path of the registry's API, `v2/NAME/manifests/TAG`, as the image that it names. Source: the OCI distribution
/// specification, end-points.
fn api_path(path: &str, is_web: bool) -> Option<String> {
    if is_web && path == "v2" {
        return Some(String::new());
    }
    let rest = path.strip_prefix("v2/")?;
    if is_web && rest == "_catalog" {
        return Some(String::new());
    }
    let parts: Vec<&str> = rest.split('/').collect();
    match parts.as_slice() {
        [name @ .., "manifests" | "referrers" | "blobs", digest]
            if digest.starts_with("sha256:") && !name.is_empty() =>
        {
            Some(format!("{}@{digest}", name.join("/")))
        }
        [name @ .., "manifests", tag] if !name.is_empty() => Some(format!("{}:{tag}", name.join("/"))),
        [name @ .., "tags", "list"] | [name @ .., "blobs", "uploads"] | [name @ .., "blobs", "uploads", _]
            if !name.is_empty() =>
        {
            Some(name.join("/"))
        }
        // Without a scheme `v2` may be a part of the repository's name.
        _ => is_web.then(|| rest.to_owned()),
    }
}

/// Source: the console's hosts of each partition.
const CONSOLES: [(&str, Partition); 4] = [
    ("console.aws.amazon.com", Partition::Aws),
    ("console.amazonaws.cn", Partition::China),
    ("console.amazonaws-us-gov.com", Partition::GovCloud),
    ("console.amazonaws-eusc.eu", Partition::EuropeanSovereign),
];

fn console_of(host: &str) -> Option<Partition> {
    let is_console = |base: &str| host.strip_suffix(base).is_some_and(|front| front.is_empty() || front.ends_with('.'));
    CONSOLES.into_iter().find(|(base, _)| is_console(base)).map(|(_, partition)| partition)
}

/// Reads `ecr/repositories/private/ACCOUNT/NAME`, with what follows the name behind `/_/`.
fn read_console(partition: Partition, host: &str, path: &str, query: &str) -> Address {
    let decoded = |text: &str| {
        form_urlencoded::parse(text.replace('+', "%2B").replace('&', "%26").as_bytes())
            .next()
            .map(|(text, _)| text.into_owned())
            .unwrap_or_default()
    };
    let read = || {
        let path = decoded(path);
        let (account, rest) = path.strip_prefix("ecr/repositories/private/")?.split_once('/')?;
        if account.len() != 12 {
            return None;
        }
        let name = rest.split("/_").next().unwrap_or_default().trim_end_matches('/');
        let named = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "region");
        let region = named
            .and_then(|(_, region)| Region::parse(&region).ok())
            .or_else(|| host.split('.').find_map(|label| Region::parse(label).ok()))?;
        let reference =
            RepositoryRef { account: AccountId::parse(account).ok()?, name: RepositoryName::parse(name).ok()?, region };
        (reference.region.partition() == partition).then_some(reference)
    };
    read().map_or(Address::Console, Address::Repository)
}

fn is_public(host: &str) -> bool {
    matches!(host, "public.ecr.aws" | "ecr-public.aws.com" | "gallery.ecr.aws")
        || host.starts_with("api.ecr-public.")
        || host.starts_with("ecr-public.") && host.ends_with(".api.aws")
}

/// Reads the hosts of ECR's API, such as `api.ecr.eu-west-2.amazonaws.com`. Source: the endpoints of the SDKs.
fn endpoint_region(host: &str) -> Option<Region> {
    let rest = host.strip_prefix("api.").unwrap_or(host);
    let rest = rest.strip_prefix("ecr.").or_else(|| rest.strip_prefix("ecr-fips."))?;
    let (region, suffix) = rest.split_once('.')?;
    let region = Region::parse(region).ok()?;
    let ends = [region.partition().registry_suffix(), "api.aws", "api.amazonwebservices.com.cn"];
    ends.contains(&suffix).then_some(region)
}

/// Says why a host that looks like a registry's is none.
fn why_alike(host: &str) -> Option<String> {
    let (account, rest) = ["dkr.ecr", "dkr-ecr"].iter().find_map(|middle| {
        let (front, rest) = host.split_once(middle)?;
        (rest.starts_with(['.', '-']) && (front.is_empty() || front.ends_with('.'))).then_some((front, rest))
    })?;
    let account = account.trim_end_matches('.');
    if account.starts_with("vpce-") || rest.contains(".vpce.") {
        return Some("it is the address of a VPC endpoint, which names no account".to_owned());
    }
    if let Err(why) = AccountId::parse(account) {
        return Some(format!("it begins with the registry's account id, and {why}"));
    }
    Some("no registry of AWS has this host".to_owned())
}

#[cfg(test)]
mod tests;
