//! Lists access that ends, and how many days it has left.

use super::entry::RepositoryEntry;
use super::grantee_access::GranteeAccess;
use crate::ecr::{AccessEnd, RepositoryRef};

const DAY: i64 = 24 * 60 * 60;

/// An access with its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndingAccess<'a> {
    /// The repository.
    pub repository: &'a RepositoryRef,
    /// The access.
    pub access: &'a GranteeAccess,
    /// The moment at which it ends.
    pub end: AccessEnd,
}

impl EndingAccess<'_> {
    /// Returns how long it lasts from `now` on, in seconds since 1970, in words: whole days, rounded down.
    pub fn remaining_words(&self, now: i64) -> String {
        let left = self.end.seconds() - now;
        let days = |count: i64| if count == 1 { "1 day".to_owned() } else { format!("{count} days") };
        match left.abs() / DAY {
            0 if left <= 0 => "ended today".to_owned(),
            0 => "less than a day left".to_owned(),
            count if left <= 0 => format!("ended {} ago", days(count)),
            count => format!("{} left", days(count)),
        }
    }
}

/// Lists the accesses that end or have ended, the soonest first.
pub fn list_ends<'a>(entries: impl IntoIterator<Item = &'a RepositoryEntry>) -> Vec<EndingAccess<'a>> {
    let mut found: Vec<EndingAccess> = Vec::new();
    for entry in entries {
        let accesses = entry.ended().iter().chain(entry.grantees());
        found.extend(
            accesses
                .filter_map(|access| Some(EndingAccess { repository: &entry.reference, access, end: access.end()? })),
        );
    }
    found.sort_by(|a, b| (a.end, &a.access.who, a.repository).cmp(&(b.end, &b.access.who, b.repository)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{AccountId, Region, RepositoryName};
    use crate::policy::{Class, RegistryPolicy};
    use crate::review::{Analyst, PolicyInput};

    /// 2027-01-01T00:00:00Z.
    const NOW: i64 = 1_798_761_600;

    fn statement(id: &str, condition: &str) -> String {
        format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{id}"}},"Action":"ecr:BatchGetImage","Condition":{{{condition}}}}}"#
        )
    }

    fn until(moment: &str) -> String {
        format!(r#""DateLessThan":{{"aws:CurrentTime":"{moment}"}}"#)
    }

    fn reviewed(statements: &[String], now: Option<i64>) -> RepositoryEntry {
        let reference = RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse("team/app").unwrap(),
        };
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let mut analyst = now.map_or_else(Analyst::default, |now| Analyst::default().at_moment(now));
        RepositoryEntry::review(reference, Ok(PolicyInput::Text(text)), &RegistryPolicy::Absent, &mut analyst)
    }

    #[test]
    fn what_has_ended_is_no_access_today_and_the_others_keep_their_numbers() {
        let statements = [
            statement("*", &until("2026-12-31T00:00:00Z")),
            statement("111111111111", &until("2027-03-31T23:59:59Z")),
            statement("333333333333", &until("2027-01-01T00:00:00Z")),
            statement("444444444444", ""),
        ];
        let entry = reviewed(&statements, Some(NOW));
        assert_eq!(entry.class(), Some(Class::CrossAccount), "the public statement has ended");
        let told = |list: &[GranteeAccess]| -> Vec<(String, Vec<usize>)> {
            list.iter().map(|access| (access.who.id(), access.statements.clone())).collect()
        };
        let of = |id: &str, at: usize| (id.to_owned(), vec![at]);
        assert_eq!(told(entry.grantees()), [of("111111111111", 2), of("444444444444", 4)]);
        assert_eq!(told(entry.ended()), [of("*", 1), of("333333333333", 3)]);
        let ids: Vec<_> =
            entry.findings().filter(|f| f.id == "R406").map(|f| (f.statement, f.message.clone())).collect();
        assert_eq!(
            ids,
            [
                (Some(1), "the access of everyone ended on 2026-12-31 00:00 UTC".to_owned()),
                (Some(3), "the access of account 333333333333 ended on 2027-01-01 00:00 UTC".to_owned())
            ]
        );
        let entries = [entry];
        let ends = list_ends(&entries);
        let words: Vec<String> =
            ends.iter().map(|one| format!("{} {}", one.access.who.id(), one.remaining_words(NOW))).collect();
        assert_eq!(words, ["* ended 1 day ago", "333333333333 ended today", "111111111111 89 days left"]);
    }

    #[test]
    fn without_a_moment_nothing_has_ended_and_with_all_ended_nobody_is_left() {
        let past = [statement("111111111111", &until("2020-01-01T00:00:00Z"))];
        let entry = reviewed(&past, None);
        assert_eq!((entry.grantees().len(), entry.ended().len()), (1, 0));
        let entry = reviewed(&past, Some(NOW));
        assert_eq!((entry.class(), entry.grantees().len(), entry.ended().len()), (Some(Class::None), 0, 1));
    }
}
