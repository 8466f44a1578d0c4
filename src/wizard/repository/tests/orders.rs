//! Orders of the rows: each thing that is shown, both ways.

use proptest::prelude::*;

use super::super::order::{Order, Sort};
use super::super::reads::PullAccess;
use super::super::rows::RepositoryRows;
use crate::ecr::{Repository, RepositoryRef};
use crate::policy::RegistryPolicy;
use crate::wizard::computation::pull_access::{FoundAccess, StoredPolicy};
use crate::wizard::testing::{PUBLIC_POLICY, VENDOR_POLICY, test_account, test_region, test_repository};

const ALL: [Sort; 8] = Sort::OF_REVIEW;

fn repository(name: &str, account: &str, region: &str, created: Option<i64>) -> Repository {
    let before = test_repository(name);
    let reference = RepositoryRef {
        account: test_account(account),
        region: test_region(region),
        name: before.reference.name.clone(),
    };
    Repository { reference, created, ..before }
}

/// The knowledge of a repository's policy.
#[derive(Debug, Clone, Copy)]
enum Known {
    Nothing,
    NoPolicy,
    Text(&'static str),
}

fn found(repository: &Repository, known: Known) -> FoundAccess {
    let stored = match known {
        Known::Nothing => return PullAccess::Unknown.into(),
        Known::NoPolicy => None,
        Known::Text(text) => Some(text.to_owned()),
    };
    let (repository, registry) = (repository.reference.clone(), RegistryPolicy::default());
    let computation = crate::wizard::computation::Computation::FindAccess {
        policy: Box::new(StoredPolicy { stored: crate::review::PolicyInput::of_stored(stored), repository, registry }),
        known: None,
        now: 0,
    };
    match computation.carry_out() {
        crate::wizard::computation::Computed::Access(found) => found,
        other => panic!("{other:?}"),
    }
}

/// Rows in the order of `all`, and what is known of each.
fn rows_of(all: &[(Repository, Known)], order: Order) -> RepositoryRows {
    let mut rows = RepositoryRows::default();
    rows.set_order(order);
    for chunk in all.chunks(3) {
        rows.put_rows(chunk.iter().map(|(repository, _)| repository.clone()).collect());
        for (repository, policy) in chunk {
            let at = rows.find_row(&repository.reference).unwrap();
            rows.set_access(at, found(repository, *policy));
        }
    }
    rows
}

fn shown(rows: &RepositoryRows) -> Vec<RepositoryRef> {
    rows.shown_indexes().iter().filter_map(|at| rows.get(*at)).map(|row| row.repository.reference.clone()).collect()
}

fn any_rows() -> impl Strategy<Value = Vec<(Repository, Known)>> {
    let name = prop::sample::select(vec!["aa", "bb", "cc/dd", "ee", "zz"]);
    let account = prop::sample::select(vec!["111111111111", "022222222222", "222222222222"]);
    let region = prop::sample::select(vec!["eu-west-2", "ap-south-1", "us-east-1"]);
    let created = prop::sample::select(vec![None, Some(1), Some(2), Some(3)]);
    let policy = prop::sample::select(vec![
        Known::Nothing,
        Known::NoPolicy,
        Known::Text(PUBLIC_POLICY),
        Known::Text(VENDOR_POLICY),
        Known::Text("{"),
    ]);
    let row = (name, account, region, created, policy);
    prop::collection::vec(row, 0..14).prop_map(|all| {
        let mut rows: Vec<(Repository, Known)> = Vec::new();
        for (name, account, region, created, policy) in all {
            let one = repository(name, account, region, created);
            if rows.iter().all(|(known, _)| known.reference != one.reference) {
                rows.push((one, policy));
            }
        }
        rows
    })
}

proptest! {
    #[test]
    fn every_order_holds_every_row_once_and_what_is_not_known_stands_at_the_end(all in any_rows()) {
        for by in ALL {
            for is_backwards in [false, true] {
                let mut rows = rows_of(&all, Order { by, is_backwards });
                rows.sort_again();
                let order = shown(&rows);
                let mut sorted = order.clone();
                sorted.sort();
                let mut expected: Vec<RepositoryRef> = all.iter().map(|(one, _)| one.reference.clone()).collect();
                expected.sort();
                prop_assert_eq!(sorted, expected);
                let is_known = |reference: &RepositoryRef| {
                    let row = rows.find_row(reference).and_then(|at| rows.get(at)).unwrap();
                    match by {
                        Sort::Newest => row.repository.created.is_some(),
                        _ if by.is_by_policy() => row.access != PullAccess::Unknown,
                        _ => true,
                    }
                };
                prop_assert!(order.iter().map(|one| !is_known(one)).is_sorted(), "{by:?} {is_backwards}: {order:?}");
            }
        }
    }

    #[test]
    fn rows_that_arrive_in_pages_stand_where_a_fresh_sort_puts_them(all in any_rows()) {
        // What is learned later moves no row before the next sorting: only orders of what is listed hold at once.
        for by in [Sort::Name, Sort::Newest, Sort::Account, Sort::Region] {
            for is_backwards in [false, true] {
                let mut rows = rows_of(&all, Order { by, is_backwards });
                let arrived = shown(&rows);
                rows.sort_again();
                prop_assert_eq!(&arrived, &shown(&rows), "{:?} {}", by, is_backwards);
            }
        }
    }

    #[test]
    fn the_sum_is_that_of_the_shown_rows(all in any_rows(), query in "[a-z:/ ]{0,6}|class:public|open:|severity:security") {
        let mut rows = rows_of(&all, Order::default());
        rows.apply_filter(&query);
        let mut again = rows_of(&all, Order::default());
        again.apply_filter("");
        let count = |rows: &RepositoryRows| {
            let entries = rows.shown_indexes().iter().filter_map(|at| rows.get(*at)?.entry.clone());
            let open: usize = entries.map(|entry| {
                entry.open_findings().filter(|finding| finding.severity > crate::policy::Severity::Warning).count()
            }).sum();
            open
        };
        for rows in [&rows, &again] {
            prop_assert_eq!(rows.sum().errors + rows.sum().risks, count(rows));
        }
        // What is learned while a filter holds counts too.
        let mut filtered = RepositoryRows::default();
        filtered.put_rows(all.iter().map(|(one, _)| one.clone()).collect());
        filtered.apply_filter(&query);
        for (one, policy) in &all {
            let at = filtered.find_row(&one.reference).unwrap();
            filtered.set_access(at, found(one, *policy));
        }
        prop_assert_eq!(filtered.sum().errors + filtered.sum().risks, count(&filtered));
    }
}

#[test]
fn each_column_puts_first_what_it_says() {
    let all = [
        (repository("aa", "222222222222", "us-east-1", Some(3)), Known::Text(VENDOR_POLICY)),
        (repository("bb", "111111111111", "eu-west-2", Some(1)), Known::Text(PUBLIC_POLICY)),
        (repository("cc", "022222222222", "ap-south-1", Some(2)), Known::NoPolicy),
    ];
    let first = |by, is_backwards| {
        let mut rows = rows_of(&all, Order { by, is_backwards });
        rows.sort_again();
        shown(&rows)[0].name.to_string()
    };
    for (by, forwards, backwards) in [
        (Sort::Name, "aa", "cc"),
        (Sort::Newest, "aa", "bb"),
        (Sort::Access, "bb", "cc"),
        (Sort::Worst, "bb", "cc"),
        (Sort::Findings, "bb", "aa"),
        (Sort::Grantees, "aa", "cc"),
        (Sort::Account, "cc", "aa"),
        (Sort::Region, "cc", "aa"),
    ] {
        assert_eq!((first(by, false).as_str(), first(by, true).as_str()), (forwards, backwards), "{by:?}");
    }
}

#[test]
fn orders_go_round_and_leave_out_what_is_not_shown() {
    let mut order = Sort::Worst;
    let mut round = Vec::new();
    for _ in 0..6 {
        order = order.next_of(&Sort::OF_REVIEW, |sort| !matches!(sort, Sort::Account | Sort::Region));
        round.push(order);
    }
    assert_eq!(round, [Sort::Name, Sort::Findings, Sort::Grantees, Sort::Newest, Sort::Access, Sort::Worst]);
    assert_eq!(Sort::Account.next_of(&Sort::OF_LIST, |_| true), Sort::Name, "an order of another list");
}
