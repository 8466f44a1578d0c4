use super::*;
use crate::wizard::repository::order::Sort;
use crate::wizard::testing::{test_repository, test_signed};

fn rows(names: &[&str]) -> RepositoryRows {
    let mut rows = RepositoryRows::default();
    rows.put_rows(names.iter().map(|name| test_repository(name)).collect());
    rows
}

fn names(rows: &RepositoryRows) -> Vec<String> {
    rows.shown_indexes().iter().filter_map(|at| rows.get(*at)).map(|r| r.repository.name().to_string()).collect()
}

#[test]
fn pages_are_merged_into_the_order() {
    let mut rows = rows(&["cc", "aa"]);
    rows.put_rows(["dd", "bb", "aa"].map(test_repository).into());
    assert_eq!(names(&rows), ["aa", "bb", "cc", "dd"]);
    assert_eq!(rows.len(), 4);
}

#[test]
fn a_longer_query_finds_what_a_fresh_one_finds() {
    let all = ["team/app", "team/api", "platform/tap", "data/vendor-feed", "vendorapp", "ap/te"];
    for whole in ["app", "t/a", "vend", "!t", "ap$", "te ap", "tea'"] {
        let mut step_by_step = rows(&all);
        for end in 1..=whole.len() {
            step_by_step.apply_filter(&whole[..end]);
        }
        let mut at_once = rows(&all);
        at_once.apply_filter(whole);
        assert_eq!(names(&step_by_step), names(&at_once), "{whole}");
    }
}

#[test]
fn a_page_that_comes_while_filtering_is_filtered_too() {
    let mut rows = rows(&["vendorapp", "billing"]);
    rows.apply_filter("vend");
    rows.put_rows(["vendor", "other"].map(test_repository).into());
    assert_eq!(names(&rows), ["vendor", "vendorapp"]);
}

#[test]
fn a_refresh_drops_what_is_gone_and_keeps_the_marks_of_the_rest() {
    let mut rows = rows(&["aa", "bb", "cc"]);
    rows.mark_shown("");
    rows.begin_listing();
    rows.put_rows(["cc", "aa"].map(test_repository).into());
    assert_eq!(rows.count_marked(), 3, "until the listing is complete");
    rows.finish_listing(&test_signed().registry_place());
    assert_eq!(names(&rows), ["aa", "cc"]);
    assert_eq!(rows.count_marked(), 2);
    assert_eq!(
        rows.find_row(&test_repository("cc").reference).and_then(|at| rows.get(at)).unwrap().repository,
        test_repository("cc")
    );
}

#[test]
fn the_newest_come_first_and_those_without_a_date_last() {
    let mut all = ["old", "new", "unknown"].map(test_repository);
    all[0].created = Some(1);
    all[1].created = Some(2);
    all[2].created = None;
    let mut rows = RepositoryRows::default();
    rows.put_rows(all.into());
    rows.set_order(Order { by: Sort::Newest, is_backwards: false });
    assert_eq!(names(&rows), ["new", "old", "unknown"]);
}

#[test]
fn marking_all_marks_what_is_shown_and_a_second_time_takes_it_back() {
    let mut rows = rows(&["app-one", "app-two", "other"]);
    rows.apply_filter("app");
    rows.mark_shown("app");
    assert_eq!(rows.marked_repositories(), ["app-one", "app-two"].map(test_repository));
    rows.mark_shown("app");
    assert_eq!(rows.count_marked(), 0);
}

#[test]
fn names_that_only_have_the_letters_in_order_are_not_marked_with_all() {
    let mut rows = rows(&["payments-api", "platform/any"]);
    rows.apply_filter("pay");
    assert_eq!(rows.shown_indexes().len(), 2, "the filter is a loose one");
    assert_eq!(rows.mark_shown("Pay"), 1);
    assert_eq!(rows.marked_repositories(), ["payments-api"].map(test_repository));
}
