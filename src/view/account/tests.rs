use insta::assert_snapshot;

use crate::ecr::{Failure, FailureKind, Login, LoginKind, SignInKind, Source, SourceId};
use crate::view::testing::draw_snapshot;
use crate::wizard::event::Verified;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Event, Model, RequestId, start, update};

fn sources() -> Vec<Source> {
    let make = |name: &str, kind, account_id: Option<&str>, role: Option<&str>, in_region: Option<&str>| Source {
        id: SourceId::Profile(name.to_owned()),
        kind,
        account: account_id.map(test_account),
        hint: None,
        role: role.map(str::to_owned),
        region: in_region.map(test_region),
        sso_session: (kind == SignInKind::Sso).then(|| "acme".to_owned()),
        login: (kind == SignInKind::Sso).then(|| Login { kind: LoginKind::Sso, profile: Some(name.to_owned()) }),
        problem: None,
    };
    let mut all = vec![
        make("default", SignInKind::Keys, None, None, Some("us-east-1")),
        make("ci-deploy", SignInKind::Role, Some("222222222222"), Some("CiDeploy"), Some("eu-west-2")),
        make("legacy-keys", SignInKind::Keys, None, None, None),
        make("mfa-admin", SignInKind::RoleWithMfa, Some("333333333333"), Some("Admin"), Some("eu-central-1")),
        make("platform", SignInKind::Sso, Some("222222222222"), Some("PlatformAdmin"), Some("eu-west-2")),
        make(
            "sandbox-with-a-rather-long-name",
            SignInKind::Sso,
            Some("444444444444"),
            Some("AdministratorAccess"),
            Some("ap-southeast-2"),
        ),
        make("settings-only", SignInKind::Nothing, None, None, Some("eu-west-1")),
    ];
    all.push(Source { id: SourceId::Environment, ..make("", SignInKind::Keys, None, None, Some("eu-west-2")) });
    all
}

fn asked(effects: &[Effect]) -> RequestId {
    effects
        .iter()
        .find_map(|effect| match effect {
            Effect::LoadSources(id) | Effect::Verify { id, .. } => Some(*id),
            _ => None,
        })
        .unwrap()
}

fn loading() -> (Model, RequestId) {
    let mut model = fresh_model();
    let id = asked(&start(&mut model));
    (model, id)
}

fn list() -> Model {
    let (mut model, id) = loading();
    give_answer(&mut model, id, Answer::Sources(Ok(sources())));
    model
}

fn at(name: &str) -> Model {
    let mut model = list();
    let row = sources().iter().position(|s| s.id.to_string() == name).unwrap();
    for _ in 0..row {
        tap_key(&mut model, Code::Down);
    }
    model
}

fn verified() -> Model {
    let mut model = at("platform");
    let id = asked(&tap_key(&mut model, Code::Enter));
    give_answer(
        &mut model,
        id,
        Answer::Verified(Ok(Verified {
            identity: test_identity(),
            region: test_region("eu-west-2"),
            endpoint: None,
            ignored: Vec::new(),
        })),
    );
    model
}

fn failed(name: &str, failure: Failure) -> Model {
    let mut model = at(name);
    model.settings.has_aws_cli = true;
    let id = asked(&tap_key(&mut model, Code::Enter));
    give_answer(&mut model, id, Answer::Verified(Err(failure)));
    model
}

fn expired() -> Failure {
    Failure::new(
        FailureKind::SignInExpired,
        "the SSO session of profile platform has run out",
        "log in again, then try again",
    )
    .with_command("aws sso login --profile=platform")
    .with_aws("UnauthorizedException", "Session token not found or invalid", None)
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
fn what_signed_in_lately_stands_first_with_its_age() {
    let (mut model, id) = loading();
    model.settings.started_at = 1_800_000_000;
    let used = |name: &str, hours: i64| (SourceId::Profile(name.to_owned()), 1_800_000_000 - hours * 3600);
    model.account.set_recent(vec![used("platform", 3), used("mfa-admin", 80), used("settings-only", 1)]);
    give_answer(&mut model, id, Answer::Sources(Ok(sources())));
    both!("recent", model);
    assert_snapshot!("recent_60x16", draw_snapshot(&mut model, 60, 16));
}

#[test]
fn while_profiles_are_read() {
    let (mut model, _) = loading();
    update(&mut model, Event::Clock(300));
    both!("loading", model);
}

#[test]
fn without_any_credentials_it_says_how_to_make_some() {
    let (mut model, id) = loading();
    give_answer(&mut model, id, Answer::Sources(Ok(Vec::new())));
    both!("empty", model);
}

#[test]
fn a_row_that_cannot_be_used_says_file_line_and_cause() {
    let (mut model, id) = loading();
    let row = |id, what: &str, next: &str| Source {
        problem: Some(Failure::new(FailureKind::Setup, what, next)),
        ..Source::new(id, crate::ecr::SignInKind::Unusable)
    };
    let dev = row(
        SourceId::Profile("dev".to_owned()),
        "Profile dev cannot be used: ~/.aws/config, line 7: it is no setting of the form KEY = VALUE",
        "correct or remove the line, then try again",
    );
    let stray = row(
        SourceId::File("~/.aws/config, line 1".to_owned()),
        "~/.aws/config, line 1: it stands before any section",
        "put it below the section it belongs to, then try again",
    );
    give_answer(&mut model, id, Answer::Sources(Ok(vec![test_source("platform"), dev, stray])));
    tap_key(&mut model, Code::Down);
    both!("unusable", model);
}

#[test]
fn files_that_cannot_be_read() {
    let (mut model, id) = loading();
    let why = Failure::new(
        FailureKind::File,
        "the AWS config file cannot be read: line 7 is no setting",
        "mend the line, then read it again",
    );
    give_answer(&mut model, id, Answer::Sources(Err(why)));
    both!("unreadable", model);
}

#[test]
fn the_list_of_sources() {
    both!("list", list());
}

#[test]
fn who_you_are() {
    both!("verified", verified());
}

#[test]
fn while_aws_is_asked() {
    let mut model = at("platform");
    tap_key(&mut model, Code::Enter);
    update(&mut model, Event::Clock(450));
    both!("verifying", model);
}

#[test]
fn an_expired_session() {
    both!("expired", failed("platform", expired()));
}

#[test]
fn no_region() {
    let why = Failure::new(FailureKind::NoRegion, "profile legacy-keys names no Region", "choose one");
    both!("no_region", failed("legacy-keys", why));
}

#[test]
fn a_filter_with_its_matches_marked() {
    let mut model = list();
    type_text(&mut model, "/4444");
    both!("filter", model);
    type_text(&mut model, "zz");
    both!("filter_nothing", model);
}

#[test]
fn choosing_a_region() {
    let mut model = verified();
    type_text(&mut model, "R");
    both!("regions", model);
    type_text(&mut model, "us-w");
    both!("regions_typed", model);
    for _ in 0..4 {
        tap_key(&mut model, Code::Backspace);
    }
    type_text(&mut model, "cn-north-1");
    both!("regions_refused", model);
}

#[test]
fn a_pasted_image_of_another_account() {
    let mut model = verified();
    paste_text(&mut model, "555555555555.dkr.ecr.eu-west-2.amazonaws.com/team/app:1");
    both!("pasted", model);
    // Rows of other accounts say so, before they are asked and after.
    for (row, name) in [(4, "pasted_other"), (5, "pasted_other_verified")] {
        tap_key(&mut model, Code::Home);
        for _ in 0..row {
            tap_key(&mut model, Code::Down);
        }
        assert_snapshot!(format!("{name}_80x24"), draw_snapshot(&mut model, 80, 24));
    }
}

#[test]
fn what_to_do_about_a_failure_is_seen_whole_in_a_small_window() {
    let why = Failure::new(
        FailureKind::MfaNeeded,
        "The sign-in of profile platform asks for an MFA code, which this program cannot ask for yet",
        "run this in a shell, start ecr-grant there, and choose the environment variables",
    )
    .with_command("eval \"$(aws configure export-credentials --profile=platform --format env)\"");
    let screen = draw_snapshot(&mut failed("platform", why), 60, 16);
    for words in ["MFA code", "environment variables", "format env", "›✗ platform"] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
}

#[test]
fn small_windows() {
    assert_snapshot!("small_60x16", draw_snapshot(&mut verified(), 60, 16));
    assert_snapshot!("small_40x10", draw_snapshot(&mut verified(), 40, 10));
    assert_snapshot!("small_expired_60x16", draw_snapshot(&mut failed("platform", expired()), 60, 16));
    let mut ascii = verified();
    ascii.settings.ascii = true;
    let drawn = draw_snapshot(&mut ascii, 80, 24);
    assert!(drawn.is_ascii(), "{drawn}");
}

#[test]
fn it_draws_at_any_size() {
    let (columns, rows) = ([1, 2, 39, 40, 41, 55, 57, 67, 69, 109, 110, 300], [1, 2, 9, 10, 11, 13, 14, 15, 24, 100]);
    let regions = || {
        let mut model = verified();
        type_text(&mut model, "R");
        model
    };
    let makers: [fn() -> Model; 5] = [|| loading().0, list, verified, || failed("platform", expired()), regions];
    for make in makers {
        let mut model = make();
        for columns in columns {
            for rows in rows {
                draw_snapshot(&mut model, columns, rows);
            }
        }
    }
}

#[test]
fn names_of_profiles_come_before_everything_but_their_account() {
    let (mut model, id) = loading();
    model.settings.has_aws_cli = true;
    let session = |team: &str, role: &str| Source {
        role: Some(role.to_owned()),
        ..test_source(&format!("corp-{team}-production-{role}"))
    };
    let teams = ["payments", "checkout", "search", "mobile", "data", "platform", "billing", "edge", "wiki", "ml", "qa"];
    let all = teams.iter().map(|team| session(team, "ReadOnlyAccess")).collect();
    give_answer(&mut model, id, Answer::Sources(Ok(all)));
    for columns in [80, 120] {
        let drawn = draw_snapshot(&mut model, columns, 24);
        assert!(drawn.contains("corp-payments-production-ReadOnlyAccess "), "{columns}: {drawn}");
        assert!(drawn.contains(" 222222222222 "), "{columns}: {drawn}");
    }
    insta::assert_snapshot!("many_60x16", draw_snapshot(&mut model, 60, 16));
}
