//! Regions and partitions. The list is `assets/regions.json`; a Region that is not in it is accepted when its name has
//! the shape that its partition's Regions have, because AWS opens new ones.

use std::fmt;
use std::sync::LazyLock;

/// One of AWS's separate worlds: accounts of different partitions cannot grant each other anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Partition {
    /// The commercial Regions, `aws`.
    Aws,
    /// China, `aws-cn`.
    China,
    /// GovCloud (US), `aws-us-gov`.
    GovCloud,
    /// The European Sovereign Cloud, `aws-eusc`.
    EuropeanSovereign,
    /// `aws-iso`.
    Iso,
    /// `aws-iso-b`.
    IsoB,
    /// `aws-iso-e`.
    IsoE,
    /// `aws-iso-f`.
    IsoF,
}

impl Partition {
    /// All partitions, the usual one first.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::China,
        Self::GovCloud,
        Self::EuropeanSovereign,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
    ];

    /// The second field of an ARN, such as `aws` or `aws-cn`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::EuropeanSovereign => "aws-eusc",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
        }
    }

    /// The partition of an ARN's second field.
    pub fn from_arn_field(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.as_str() == field)
    }

    /// The end of a registry's host name after the Region, such as `amazonaws.com`.
    pub fn registry_suffix(self) -> &'static str {
        self.table_entry().map_or("amazonaws.com", |e| e.registry_suffix.as_str())
    }

    /// The end of a registry's dual-stack host name, where the partition has one.
    pub fn dual_stack_suffix(self) -> Option<&'static str> {
        self.table_entry().and_then(|e| e.dual_stack_suffix.as_deref())
    }

    /// The Regions of this partition that have ECR, in alphabetical order.
    pub fn regions(self) -> impl Iterator<Item = Region> {
        self.table_entry().into_iter().flat_map(|e| e.regions.iter()).map(|name| Region(name.clone()))
    }

    fn table_entry(self) -> Option<&'static Entry> {
        TABLE.partitions.iter().find(|e| e.name == self.as_str())
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a Region, such as `eu-west-2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct Region(String);

/// A text that has not the shape of a Region's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Region: a Region looks like eu-west-2")]
pub struct RegionProblem(pub String);

impl Region {
    /// Reads a Region's name; unknown ones pass when they have the shape of one (two or more words, then a number).
    pub fn parse(text: &str) -> Result<Self, RegionProblem> {
        let name = text.trim();
        let parts: Vec<&str> = name.split('-').collect();
        let (Some(last), Some(first)) = (parts.last(), parts.first()) else {
            return Err(RegionProblem(name.to_owned()));
        };
        let words = parts.len().saturating_sub(1);
        let shaped = words >= 2
            && PREFIXES.contains(first)
            && !last.is_empty()
            && last.bytes().all(|b| b.is_ascii_digit())
            && parts.iter().take(words).all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
        if shaped { Ok(Self(name.to_owned())) } else { Err(RegionProblem(name.to_owned())) }
    }

    /// The name, such as `eu-west-2`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition, from the shape of the name (the partitions' own `regionRegex`, longest prefixes first).
    pub fn partition(&self) -> Partition {
        let name = self.0.as_str();
        for (prefix, partition) in [
            ("us-gov-", Partition::GovCloud),
            ("us-isob-", Partition::IsoB),
            ("us-isof-", Partition::IsoF),
            ("us-iso-", Partition::Iso),
            ("eu-isoe-", Partition::IsoE),
            ("eusc-", Partition::EuropeanSovereign),
            ("cn-", Partition::China),
        ] {
            if name.starts_with(prefix) {
                return partition;
            }
        }
        Partition::Aws
    }

    /// Returns where it is, in AWS's words, such as `London`; empty where this program does not know.
    pub fn place_words(&self) -> &'static str {
        TABLE.places.get(&self.0).map_or("", String::as_str)
    }

    /// Returns where in its place, in bytes, a text stands, upper and lower case alike.
    pub fn place_holds(&self, text: &str) -> Option<usize> {
        self.place_words().to_ascii_lowercase().find(&text.to_ascii_lowercase())
    }

    /// Finds the Region of a place in AWS's words, such as `Frankfurt`; its beginning is enough where no other Region has
    /// it. Letter case does not count.
    pub fn find_place(text: &str) -> Option<Self> {
        let wanted = text.trim().to_lowercase();
        let all = TABLE.places.iter().map(|(name, place)| (name, place.to_lowercase()));
        let begins = |(_, place): &(&String, String)| wanted.len() >= 3 && place.starts_with(&wanted);
        let found: Vec<(&String, String)> = all.filter(begins).collect();
        let name = match found.as_slice() {
            [(name, _)] => name,
            several => several.iter().find(|(_, place)| *place == wanted).map(|(name, _)| name)?,
        };
        Self::parse(name).ok()
    }

    /// Tells whether an account has it only after enabling it. A Region that this program does not know is a new one, and
    /// such Regions are. Source: AWS Account Management Reference, "Enable or disable AWS Regions in your account".
    pub fn needs_opt_in(&self) -> bool {
        let listed = self.partition().table_entry().and_then(|entry| entry.always_enabled.as_ref());
        listed.is_some_and(|enabled| !enabled.contains(&self.0))
    }

    /// Tells whether the list of Regions with ECR holds it.
    pub fn is_known(&self) -> bool {
        self.partition().regions().any(|r| r == *self)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Region {
    type Err = RegionProblem;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

const PREFIXES: [&str; 11] = ["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx", "cn", "eusc"];

#[derive(serde::Deserialize)]
struct RegionTable {
    partitions: Vec<Entry>,
    /// The places of the Regions, by their names.
    places: std::collections::BTreeMap<String, String>,
}

#[derive(serde::Deserialize)]
struct Entry {
    name: String,
    registry_suffix: String,
    dual_stack_suffix: Option<String>,
    regions: Vec<String>,
    /// The Regions that every account has; none: all of the partition.
    always_enabled: Option<Vec<String>>,
}

static TABLE: LazyLock<RegionTable> = LazyLock::new(|| {
    let none = RegionTable { partitions: Vec::new(), places: std::collections::BTreeMap::new() };
    serde_json::from_str(include_str!("../../assets/regions.json")).unwrap_or(none)
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_region_that_anybody_can_have_tells_where_it_is() {
        for partition in [Partition::Aws, Partition::China, Partition::GovCloud, Partition::EuropeanSovereign] {
            for region in partition.regions() {
                assert!(!region.place_words().is_empty() && region.place_words().is_ascii(), "{region}");
            }
        }
        assert!(TABLE.places.keys().all(|name| Region::parse(name).unwrap().is_known()));
        let place = |name: &str| Region::parse(name).unwrap();
        assert_eq!(
            (place("us-east-1").place_words(), place("us-east-1").place_holds("virg")),
            ("N. Virginia", Some(3))
        );
        assert_eq!((place("eu-west-9").place_words(), place("eu-west-9").place_holds("virg")), ("", None));
    }

    #[test]
    fn the_table_is_whole() {
        for partition in Partition::ALL {
            assert!(partition.regions().count() > 0, "{partition} has no Regions");
            for region in partition.regions() {
                assert_eq!(Region::parse(region.as_str()).unwrap(), region);
                assert_eq!(region.partition(), partition, "{region}");
            }
        }
        assert_eq!(Partition::Aws.regions().count(), 34);
    }

    #[test]
    fn an_account_enables_the_regions_that_came_late_and_no_other() {
        let needs = |name: &str| Region::parse(name).unwrap().needs_opt_in();
        assert_eq!(Partition::Aws.regions().filter(Region::needs_opt_in).count(), 17);
        assert!(needs("me-south-1") && needs("af-south-1") && needs("me-west-9"));
        assert!(!needs("us-east-1") && !needs("ap-northeast-3"));
        for partition in Partition::ALL {
            let listed = partition.table_entry().and_then(|entry| entry.always_enabled.as_ref()).into_iter().flatten();
            for name in listed {
                assert!(Region::parse(name).unwrap().is_known(), "{name}");
            }
            assert!(partition == Partition::Aws || !partition.regions().any(|region| region.needs_opt_in()));
        }
    }

    #[test]
    fn a_new_region_passes_and_nonsense_does_not() {
        assert!(!Region::parse("me-west-1").unwrap().is_known());
        for text in ["", "london", "eu_west_2", "EU-WEST-2", "eu-west-2a", "xx-west-1", "eu-2"] {
            assert!(Region::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_place_is_found_by_its_words_or_their_only_beginning() {
        let of = |text: &str| Region::find_place(text).map(|region| region.as_str().to_owned());
        for (name, place) in &TABLE.places {
            assert_eq!(of(&place.to_uppercase()).as_ref(), Some(name), "{place}");
        }
        assert_eq!(of(" frank ").as_deref(), Some("eu-central-1"));
        assert_eq!((of("us-"), of("S"), of("to"), of("nowhere"), of("")), (None, None, None, None, None));
    }
}
