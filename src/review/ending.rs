//! Lists access that ends, and how many days it has left.

use super::ended::remaining_words;
use super::entry::RepositoryEntry;
use super::grantee_access::GranteeAccess;
use crate::ecr::{AccessEnd, RepositoryRef};

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
        remaining_words(self.end, now)
    }
}

/// Lists the accesses that end or have ended, the soonest first; without those that go on by another statement.
pub fn list_ends<'a>(entries: impl IntoIterator<Item = &'a RepositoryEntry>) -> Vec<EndingAccess<'a>> {
    let mut found: Vec<EndingAccess> = Vec::new();
    for entry in entries {
        let ends = |access: &&GranteeAccess| access.continuing_statements(entry.grantees()).is_none();
        let accesses = entry.ended().iter().chain(entry.grantees()).filter(ends);
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
        assert_eq!(words, ["* ended 1 day ago", "333333333333 ended less than a day ago", "111111111111 89 days left"]);
    }

    fn findings_of(entry: &RepositoryEntry, id: &str) -> Vec<String> {
        entry.findings().filter(|finding| finding.id == id).map(|finding| finding.message.clone()).collect()
    }

    fn ends_of(entry: RepositoryEntry) -> Vec<String> {
        let entries = [entry];
        list_ends(&entries).iter().map(|one| format!("{} {}", one.access.who.id(), one.end.words())).collect()
    }

    #[test]
    fn access_that_ends_within_two_weeks_is_a_finding_with_its_date_and_its_days() {
        let of = |moment: &str| findings_of(&reviewed(&[statement("111111111111", &until(moment))], Some(NOW)), "R407");
        let told = |words: &str| vec![format!("the access of account 111111111111 ends on {words}")];
        assert_eq!(of("2027-01-01T00:00:01Z"), told("2027-01-01 00:00:01 UTC: less than a day left"));
        assert_eq!(of("2027-01-15T00:00:00Z"), told("2027-01-15 00:00 UTC: 14 days left"));
        assert_eq!(of("2027-01-15T00:00:01Z"), Vec::<String>::new());
        assert_eq!(of("2026-12-31T00:00:00Z"), Vec::<String>::new(), "that has ended");
        let undated = reviewed(&[statement("111111111111", &until("2027-01-02T00:00:00Z"))], None);
        assert_eq!(findings_of(&undated, "R407"), Vec::<String>::new());
    }

    #[test]
    fn what_goes_on_by_another_statement_is_no_end() {
        let soon = || statement("111111111111", &until("2027-01-05T23:59:59Z"));
        let past = || statement("111111111111", &until("2026-12-05T23:59:59Z"));
        let forever = || statement("111111111111", "");
        let later = || statement("111111111111", &until("2027-02-05T23:59:59Z"));
        let elsewhere = || statement("111111111111", r#""IpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#);
        let future = || statement("111111111111", r#""DateGreaterThan":{"aws:CurrentTime":"2027-01-03T00:00:00Z"}"#);
        let deny = || forever().replace("Allow", "Deny");
        // The statements beside one that ends and one that has ended; whether it goes on, and the ends that are left.
        let end = |date: &str| vec![format!("111111111111 {date} 23:59 UTC")];
        let cases = [
            (forever(), true, vec![]),
            (later(), true, end("2027-02-05")),
            (statement("*", ""), true, vec![]),
            (elsewhere(), false, end("2027-01-05")),
            (future(), false, end("2027-01-05")),
            (statement("333333333333", ""), false, end("2027-01-05")),
            (forever().replace("BatchGetImage", "ListImages"), false, end("2027-01-05")),
        ];
        for (other, goes_on, ends) in cases {
            let entry = reviewed(&[soon(), other.clone()], Some(NOW));
            assert_eq!(findings_of(&entry, "R407").is_empty(), goes_on, "{other}");
            assert_eq!(ends_of(entry), ends, "{other}");
            let entry = reviewed(&[past(), other.clone()], Some(NOW));
            let told = findings_of(&entry, "R406");
            let ended = "the access of account 111111111111 ended on 2026-12-05 23:59 UTC".to_owned();
            let still = if goes_on { "; it goes on by statement 2" } else { "" };
            assert_eq!(told, [format!("{ended}{still}")], "{other}");
            assert_eq!(ends_of(entry).contains(&"111111111111 2026-12-05 23:59 UTC".to_owned()), !goes_on, "{other}");
        }
        // A Deny takes what would go on.
        let entry = reviewed(&[past(), forever(), deny()], Some(NOW));
        assert!(!findings_of(&entry, "R406")[0].contains("goes on"));
    }

    #[test]
    fn a_deny_that_has_ended_takes_nothing_and_one_that_begins_later_is_an_end() {
        let deny = |operator: &str, moment: &str| {
            statement("*", &format!(r#""{operator}":{{"aws:CurrentTime":"{moment}"}}"#)).replace("Allow", "Deny")
        };
        let forever = || statement("111111111111", "");
        let entry = reviewed(&[forever(), deny("DateLessThan", "2026-12-31T00:00:00Z")], Some(NOW));
        assert_eq!(
            (entry.grantees().len(), entry.grantees()[0].end(), entry.class()),
            (1, None, Some(Class::CrossAccount))
        );
        let entry = reviewed(&[forever(), deny("DateGreaterThan", "2027-01-11T00:00:00Z")], Some(NOW));
        assert_eq!(entry.grantees()[0].denied_times, "until 2027-01-11 00:00 UTC");
        let told = "the access of account 111111111111 ends on 2027-01-11 00:00 UTC: 10 days left";
        assert_eq!(findings_of(&entry, "R407"), [told]);
        let entry = reviewed(&[forever(), deny("DateLessThan", "2027-01-11T00:00:00Z")], Some(NOW));
        let column = entry.outcome.as_ref().map(|reviewed| reviewed.analysis.column.clone()).unwrap();
        assert_eq!(column, "111111111111 (BatchGetImage) from 2027-01-11");
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
