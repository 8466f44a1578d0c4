//! Findings that somebody accepted, with a reason, for a time.

use std::collections::BTreeSet;

use super::finding::ReviewFinding;
use super::grantee_access::GranteeAccess;
use crate::ecr::{AccountId, Grantee, Region, RepositoryRef};
use crate::policy::text::glob::glob;

/// One accepted finding, as a file in the owner's repository of code has it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// The id or the name of the rule.
    pub finding: String,
    /// The repository: its name, a pattern of names with `*` and `?`, or its ARN.
    pub repository: String,
    /// The grantee; none: whoever it is.
    pub grantee: Option<String>,
    /// The statement, by its number from 1; none: whichever it is.
    pub statement: Option<usize>,
    /// The reason.
    pub reason: String,
    /// Whoever accepted it.
    pub who: String,
    /// The last day, `YYYY-MM-DD`; none: without an end.
    pub until: Option<String>,
}

impl Acceptance {
    /// Returns the fault of its fields, in words.
    fn fault(&self) -> Option<String> {
        let is_empty = |name: &str, text: &str| text.trim().is_empty().then(|| format!("`{name}` is empty"));
        let is_day = |text: &str| {
            let form = time::macros::format_description!("[year]-[month]-[day]");
            time::Date::parse(text, form).is_ok()
        };
        let bad_day = self.until.as_ref().filter(|text| !is_day(text));
        is_empty("finding", &self.finding)
            .or_else(|| is_empty("repository", &self.repository))
            .or_else(|| is_empty("reason", &self.reason))
            .or_else(|| is_empty("who", &self.who))
            .or_else(|| bad_day.map(|text| format!("`until` is {text}, which is no day such as 2027-03-31")))
    }

    /// Tells whether it has ended before a day, `YYYY-MM-DD`.
    pub fn has_ended(&self, today: &str) -> bool {
        self.until.as_ref().is_some_and(|until| until.as_str() < today)
    }

    /// Returns it in words.
    pub fn words(&self) -> String {
        let until = self.until.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
        format!("accepted by {}{until}: {}", self.who, self.reason)
    }

    /// Builds the narrowest entry that accepts a finding: of this repository or registry alone, of its statement, and of its grantee where
    /// it is about one. Reason, who and end are still empty.
    pub fn narrowest(subject: FindingSubject<'_>, finding: &ReviewFinding, accesses: &[GranteeAccess]) -> Self {
        let entry = Self {
            finding: finding.name.to_owned(),
            repository: subject.arn(),
            grantee: None,
            statement: finding.statement,
            reason: String::new(),
            who: String::new(),
            until: None,
        };
        let named = accesses.iter().filter(|access| access.statements.iter().any(|at| Some(*at) == finding.statement));
        let about = finding.grantee.clone().or_else(|| named.map(|access| access.who.id()).next());
        // Of several grantees none can be named: the finding is about all of them.
        let of_one = about.map(|grantee| Self { grantee: Some(grantee), ..entry.clone() });
        of_one.filter(|one| one.is_about(subject, finding, accesses)).unwrap_or(entry)
    }

    /// Tells whether it is about a finding, whether it has ended or not.
    pub fn is_about(&self, subject: FindingSubject<'_>, finding: &ReviewFinding, accesses: &[GranteeAccess]) -> bool {
        let is_rule = [finding.id, finding.name].iter().any(|word| word.eq_ignore_ascii_case(&self.finding));
        let is_there = subject.is_named_by(&self.repository);
        is_rule
            && is_there
            && self.statement.is_none_or(|number| finding.statement == Some(number))
            && self.grantee.as_ref().is_none_or(|grantee| is_of_grantee(grantee, finding, accesses))
    }
}

/// Tells whether a finding is about one grantee alone: somebody else in the same statement was not accepted.
fn is_of_grantee(grantee: &str, finding: &ReviewFinding, accesses: &[GranteeAccess]) -> bool {
    let wanted = match Grantee::parse(grantee) {
        Ok(Grantee::Account { id, .. }) => id.to_string(),
        Ok(Grantee::Everyone) | Err(_) => grantee.to_owned(),
        Ok(other) => other.to_string(),
    };
    if let Some(about) = &finding.grantee {
        return *about == wanted;
    }
    let Some(statement) = finding.statement else { return false };
    let there = accesses.iter().filter(|access| access.statements.contains(&statement));
    let named: BTreeSet<String> = there.map(|access| access.who.id()).collect();
    named.iter().eq([&wanted])
}

/// The thing that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingSubject<'s> {
    /// A repository.
    Repository(&'s RepositoryRef),
    /// A registry itself: what stands around the repositories of an account in a Region.
    Registry(&'s AccountId, &'s Region),
}

impl FindingSubject<'_> {
    /// Returns the ARN of the repository, or the one of all repositories of the registry.
    fn arn(self) -> String {
        match self {
            Self::Repository(repository) => repository.arn().to_string(),
            Self::Registry(account, region) => {
                format!("arn:{}:ecr:{region}:{account}:repository/*", region.partition())
            }
        }
    }

    /// Tells whether a text names it: an ARN, or a pattern. A pattern of names means no registry, but for `*`.
    fn is_named_by(self, text: &str) -> bool {
        match self {
            Self::Repository(repository) if text.starts_with("arn:") => glob(text, &repository.arn().to_string()),
            Self::Repository(repository) => glob(text, repository.name.as_str()),
            Self::Registry(..) => text == "*" || text == self.arn(),
        }
    }
}

/// The accepted findings of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AcceptedFindings {
    all: Vec<Acceptance>,
    used: BTreeSet<usize>,
    today: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptanceFile {
    /// Absent: a file in which nothing stands yet.
    #[serde(default)]
    accepted: Vec<Acceptance>,
}

impl AcceptedFindings {
    /// Reads a file's content: an object whose `accepted` is a list. `today`: `YYYY-MM-DD`. The error names the fault.
    pub fn read_value(value: serde_json::Value, today: &str) -> Result<Self, String> {
        let file: AcceptanceFile = serde_json::from_value(value).map_err(|error| error.to_string())?;
        for (index, acceptance) in file.accepted.iter().enumerate() {
            if let Some(fault) = acceptance.fault() {
                return Err(format!("entry {}: {fault}", index + 1));
            }
        }
        Ok(Self { all: file.accepted, used: BTreeSet::new(), today: today.to_owned() })
    }

    /// Finds what accepts a finding. One that has ended accepts nothing. All that fit count as used.
    pub fn find_acceptance(
        &mut self,
        subject: FindingSubject<'_>,
        finding: &ReviewFinding,
        accesses: &[GranteeAccess],
    ) -> Option<Acceptance> {
        let fitting: Vec<usize> = self.find_fitting(subject, finding, accesses).map(|(index, _)| index).collect();
        self.used.extend(&fitting);
        self.find_lasting(subject, finding, accesses).cloned()
    }

    /// Finds what accepts a finding, as [`Self::find_acceptance`] does, and notes nothing.
    pub fn find_lasting(
        &self,
        subject: FindingSubject<'_>,
        finding: &ReviewFinding,
        accesses: &[GranteeAccess],
    ) -> Option<&Acceptance> {
        self.find_fitting(subject, finding, accesses).map(|(_, one)| one).find(|one| !one.has_ended(&self.today))
    }

    fn find_fitting(
        &self,
        subject: FindingSubject<'_>,
        finding: &ReviewFinding,
        accesses: &[GranteeAccess],
    ) -> impl Iterator<Item = (usize, &Acceptance)> {
        self.all.iter().enumerate().filter(move |(_, one)| one.is_about(subject, finding, accesses))
    }

    /// Returns all of them, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Acceptance> {
        self.all.iter()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Tells whether it holds what another list holds, and one entry behind that.
    pub(super) fn is_longer_by(&self, before: &Self, entry: &Acceptance) -> bool {
        self.all.iter().eq(before.all.iter().chain([entry]))
    }

    /// Returns those that fit a finding and have ended.
    pub fn ended(&self) -> impl Iterator<Item = &Acceptance> {
        self.used.iter().filter_map(|index| self.all.get(*index)).filter(|one| one.has_ended(&self.today))
    }

    /// Returns those that fit no finding.
    pub fn unused(&self) -> impl Iterator<Item = &Acceptance> {
        self.all.iter().enumerate().filter(|(index, _)| !self.used.contains(index)).map(|(_, one)| one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::RepositoryName;

    #[test]
    fn a_repository_is_named_by_name_or_arn_and_a_registry_by_the_arn_of_all_its_repositories() {
        let (account, region) = (AccountId::parse("222222222222").unwrap(), Region::parse("eu-west-2").unwrap());
        let name = RepositoryName::parse("team/app").unwrap();
        let one = RepositoryRef { account: account.clone(), region: region.clone(), name };
        let (repository, registry) = (FindingSubject::Repository(&one), FindingSubject::Registry(&account, &region));
        let arn = |rest: &str| format!("arn:aws:ecr:eu-west-2:222222222222:repository/{rest}");
        for (text, of_repository, of_registry) in [
            ("*".to_owned(), true, true),
            ("team/*".to_owned(), true, false),
            ("team/app".to_owned(), true, false),
            ("other/*".to_owned(), false, false),
            ("*222222222222*".to_owned(), false, false),
            (arn("team/app"), true, false),
            (arn("team/*"), true, false),
            (arn("*"), true, true),
            (arn("*").replace("eu-west-2", "us-east-1"), false, false),
            (arn("*").replace("222222222222", "333333333333"), false, false),
            (arn("*").replace("arn:aws:", "arn:aws-cn:"), false, false),
        ] {
            assert_eq!(repository.is_named_by(&text), of_repository, "{text}");
            assert_eq!(registry.is_named_by(&text), of_registry, "{text}");
        }
    }
}
