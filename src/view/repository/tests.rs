use insta::assert_snapshot;

use crate::ecr::repository::Encryption;
use crate::ecr::{Context, Failure, FailureKind, PolicySlowdowns, Repository, Slowdown};
use crate::policy::access::Class;
use crate::policy::explain::AccessColumn;
use crate::view::testing::{draw_snapshot, screen_text};
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Event, Model, RequestId, Step, update};

fn asked() -> (Model, RequestId) {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = crate::wizard::testing::enter_step(&mut model, Step::Repository);
    let id = effects.iter().find_map(|e| if let Effect::ListRepositories { id, .. } = e { Some(*id) } else { None });
    (model, id.unwrap())
}

fn repositories() -> Vec<Repository> {
    let names = [
        "data/feature-store",
        "data/ingest",
        "mobile/push-gateway",
        "platform/base-images/debian-with-a-very-long-name-indeed",
        "platform/billing-api",
        "platform/vault-operator",
        "vendorapp",
        "web/shop",
    ];
    let mut all: Vec<Repository> = names.map(test_repository).into();
    for (at, repository) in all.iter_mut().enumerate() {
        repository.created = Some(1_700_000_000 + 9_000_000 * i64::try_from(at).unwrap());
    }
    all[6].encryption = Some(Encryption::Kms(Some("arn:aws:kms:eu-west-2:222222222222:key/1234abcd".to_owned())));
    all[6].tag_mutability = Some("IMMUTABLE_WITH_EXCLUSION".to_owned());
    all
}

/// The list, and the policies asked for with it.
fn listed() -> (Model, Vec<Effect>) {
    let (mut model, id) = asked();
    let effects = give_answer(&mut model, id, Answer::Page { repositories: repositories(), last: true });
    (model, effects)
}

fn outside_column(words: &str) -> AccessColumn {
    AccessColumn { outside: words.to_owned(), own: String::new() }
}

/// Gives each row what it would be after reading, in words of our own: the engine's words have tests of their own.
fn with_access(model: &mut Model) {
    let known = |words: &str, class, grantees: &[&str]| PullAccess::Known {
        words: words.to_owned(),
        column: outside_column(words),
        class,
        grantees: grantees.iter().map(|&g| g.to_owned()).collect(),
        only_deleted: false,
        registry_may_open: false,
    };
    let denied = Failure::new(
        FailureKind::AccessDenied,
        "role PlatformAdmin may not read the policy of platform/vault-operator",
        "ask for ecr:GetRepositoryPolicy",
    );
    for (name, access) in [
        ("data/feature-store", PullAccess::NoPolicy),
        ("data/ingest", known("PUBLIC: everyone can pull", Class::Public, &["everyone: pull"])),
        ("mobile/push-gateway", PullAccess::Unreadable),
        (
            "platform/billing-api",
            known("organization o-a1b2c3d4e5 can pull", Class::Organization, &["organization o-a1b2c3d4e5: pull"]),
        ),
        ("platform/vault-operator", PullAccess::Failed(denied)),
        (
            "vendorapp",
            known(
                "accounts 111111111111, 333333333333 can pull",
                Class::CrossAccount,
                &[
                    "account 111111111111: pull",
                    "account 333333333333: pull and describe, only from organization o-a1b2c3d4e5",
                ],
            ),
        ),
        ("web/shop", known("only your account", Class::OwnAccount, &[])),
    ] {
        crate::wizard::testing::set_access(model, name, access);
    }
}

fn full() -> Model {
    let (mut model, _) = listed();
    with_access(&mut model);
    for _ in 0..6 {
        tap_key(&mut model, Code::Down);
    }
    model
}

fn listing_denied() -> Failure {
    Failure::new(
        FailureKind::AccessDenied,
        "role PlatformAdmin may not list the repositories of 222222222222",
        "ask for ecr:DescribeRepositories, or name the repository",
    )
    .with_aws("AccessDeniedException", "User is not authorized to perform: ecr:DescribeRepositories", None)
}

macro_rules! both {
    ($name:literal, $model:expr) => {
        let model: &mut Model = &mut $model;
        for (columns, rows) in [(80, 24), (120, 40)] {
            assert_snapshot!(format!("{}_{columns}x{rows}", $name), draw_snapshot(model, columns, rows));
        }
    };
}

#[test]
fn while_the_list_is_asked_for() {
    let (mut model, _) = asked();
    update(&mut model, Event::Clock(300));
    both!("loading", model);
}

#[test]
fn while_pages_and_policies_arrive() {
    let (mut model, id) = asked();
    give_answer(&mut model, id, Answer::Page { repositories: repositories(), last: false });
    update(&mut model, Event::Clock(300));
    both!("streaming", model);
}

#[test]
fn the_whole_list() {
    both!("list", full());
}

#[test]
fn marked_and_sorted() {
    let mut model = full();
    type_text(&mut model, " ");
    tap_key(&mut model, Code::Up);
    type_text(&mut model, " s");
    both!("marked", model);
}

#[test]
fn a_filter_with_its_matches_marked() {
    let mut model = full();
    type_text(&mut model, "/plat");
    both!("filter", model);
    type_text(&mut model, "zzz");
    both!("filter_nothing", model);
}

#[test]
fn an_empty_registry() {
    let (mut model, id) = asked();
    give_answer(&mut model, id, Answer::Page { repositories: Vec::new(), last: true });
    both!("empty", model);
}

#[test]
fn a_list_that_is_denied() {
    let (mut model, id) = asked();
    give_answer(&mut model, id, Answer::ListingFailed(listing_denied()));
    both!("denied", model);
}

#[test]
fn a_sign_in_that_has_run_out() {
    let (mut model, id) = asked();
    let why = Failure::new(FailureKind::SignInExpired, "the sign-in of profile platform has run out", "sign in again")
        .with_command("aws sso login --profile=platform");
    give_answer(&mut model, id, Answer::ListingFailed(why));
    both!("expired", model);
}

#[test]
fn a_list_that_ended_early() {
    let (mut model, id) = asked();
    give_answer(&mut model, id, Answer::Page { repositories: repositories(), last: false });
    with_access(&mut model);
    let why = Failure::new(
        FailureKind::Throttled,
        "AWS asks to slow down, and went on asking",
        "wait a moment, then list again",
    );
    give_answer(&mut model, id, Answer::ListingFailed(why));
    both!("ended_early", model);
}

#[test]
fn a_name_that_is_not_there() {
    let mut model = full();
    type_text(&mut model, "/nothing-like-it");
    let effects = tap_key(&mut model, Code::Enter);
    both!("asking_by_name", model);
    let Some(Effect::Describe { id, .. }) = effects.first() else { panic!("{effects:?}") };
    let why = Failure::new(
        FailureKind::RepositoryNotFound,
        "there is no repository nothing-like-it in account 222222222222, eu-west-2",
        "check the name and the Region",
    );
    give_answer(&mut model, *id, Answer::Described(Err(why)));
    both!("not_found", model);
}

#[test]
fn policies_that_may_not_be_read() {
    let (mut model, effects) = listed();
    for effect in effects {
        if let Effect::ReadPolicy { id, repository, .. } = effect {
            give_answer(&mut model, id, Answer::Policy(repository, Err(test_failure(FailureKind::AccessDenied))));
        }
    }
    both!("not_allowed", model);
}

#[test]
fn choosing_a_region() {
    let mut model = full();
    type_text(&mut model, "R");
    assert_snapshot!("regions_80x24", draw_snapshot(&mut model, 80, 24));
}

#[test]
fn small_windows() {
    assert_snapshot!("small_60x16", draw_snapshot(&mut full(), 60, 16));
    assert_snapshot!("small_40x10", draw_snapshot(&mut full(), 40, 10));
    let mut ascii = full();
    ascii.settings.ascii = true;
    let drawn = draw_snapshot(&mut ascii, 120, 40);
    assert!(drawn.is_ascii(), "{drawn}");
}

#[test]
fn parties_of_the_own_account_stand_dim_behind_the_others() {
    let mut model = full();
    let access = PullAccess::Known {
        words: "two parties".to_owned(),
        column: AccessColumn { outside: "777777777777:node-group".to_owned(), own: "role deploy".to_owned() },
        class: Class::CrossAccount,
        grantees: Vec::new(),
        only_deleted: false,
        registry_may_open: false,
    };
    set_access(&mut model, "vendorapp", access);
    assert_snapshot!("own_parties_120x40", draw_snapshot(&mut model, 120, 40));
    assert!(draw_snapshot(&mut model, 80, 24).contains("777777777777:node-group"));
}

#[test]
fn more_grantees_than_fit_are_counted() {
    let mut model = full();
    let grantees = (0..60).map(|n| format!("account 1111111111{n:02}: pull")).collect();
    let access = PullAccess::Known {
        words: "60 accounts can pull".to_owned(),
        column: outside_column("60 accounts"),
        class: Class::CrossAccount,
        grantees,
        only_deleted: false,
        registry_may_open: false,
    };
    set_access(&mut model, "vendorapp", access);
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("more: v shows all"), "{drawn}");
}

#[test]
fn nothing_from_outside_reaches_the_terminal_raw() {
    let mut model = full();
    let nasty = "\u{1b}[2J\u{202e}evil";
    let access = PullAccess::Known {
        words: nasty.to_owned(),
        column: outside_column(nasty),
        class: Class::CrossAccount,
        grantees: vec![nasty.to_owned()],
        only_deleted: false,
        registry_may_open: false,
    };
    set_access(&mut model, "vendorapp", access);
    for columns in [80, 120] {
        let drawn = draw_snapshot(&mut model, columns, 40);
        assert!(!drawn.contains(['\u{1b}', '\u{202e}']), "{drawn}");
    }
}

#[test]
fn it_draws_at_any_size() {
    let (columns, rows) = ([1, 2, 39, 40, 41, 55, 69, 71, 109, 110, 300], [1, 2, 9, 10, 11, 13, 14, 15, 24, 100]);
    let denied = || {
        let (mut model, id) = asked();
        give_answer(&mut model, id, Answer::ListingFailed(listing_denied()));
        model
    };
    let typed = |keys: &str| {
        let mut model = full();
        type_text(&mut model, keys);
        model
    };
    for make in [&|| asked().0, &denied as &dyn Fn() -> Model, &|| typed("/ven"), &|| typed("R"), &full] {
        let mut model = make();
        for columns in columns {
            for rows in rows {
                draw_snapshot(&mut model, columns, rows);
            }
        }
    }
}

/// The list while its policies are read and AWS asks to slow down; `overview`: as the review of all.
fn slowed(overview: bool) -> Model {
    let (mut model, id) = asked();
    let names: Vec<String> = (0..340).map(|number| format!("app/service-{number:03}")).collect();
    let listed = names.iter().map(|name| test_repository(name)).collect();
    give_answer(&mut model, id, Answer::Page { repositories: listed, last: true });
    if overview {
        type_text(&mut model, "V");
    }
    tell_slowdown(&mut model, PolicySlowdowns { reads: Some(Slowdown { per_second: Some(5) }), writes: None });
    model
}

fn tell_slowdown(model: &mut Model, now: PolicySlowdowns) {
    let signed = test_signed();
    let news = Answer::Slowdowns(signed.request_context(), signed.owner_account().clone(), now);
    give_answer(model, RequestId::OF_NEWS, news);
}

#[test]
fn that_aws_asks_to_slow_down_is_said_with_the_time_left_until_it_ends() {
    for (columns, rows) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let mut model = slowed(false);
        assert_snapshot!(format!("slowed_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
        let mut model = slowed(true);
        assert_snapshot!(format!("slowed_overview_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
        assert!(screen_text(&model, columns, rows).contains("AWS asks to slow down: 5 a second, about 68 s left"));
        // Who types a filter reads as much of it as there is room for.
        type_text(&mut model, "/service");
        let typed = screen_text(&model, columns, rows);
        assert!(typed.contains("AWS asks to slow down"), "{typed}");
        assert!(columns < 80 || typed.contains("AWS asks to slow down: 5 a second"), "{typed}");
        tell_slowdown(&mut model, PolicySlowdowns::default());
        assert!(!screen_text(&model, columns, rows).contains("AWS asks"));
    }
}

#[test]
fn a_slowdown_of_another_registry_or_of_writes_is_not_said_of_reads() {
    let mut model = slowed(false);
    let slowdown = Some(Slowdown { per_second: Some(5) });
    tell_slowdown(&mut model, PolicySlowdowns { reads: None, writes: slowdown });
    let context = Context { region: test_region("us-east-1"), ..test_signed().request_context() };
    let elsewhere = PolicySlowdowns { reads: slowdown, writes: None };
    give_answer(&mut model, RequestId::OF_NEWS, Answer::Slowdowns(context, test_owner(), elsewhere));
    assert!(!screen_text(&model, 120, 40).contains("AWS asks"));
}
