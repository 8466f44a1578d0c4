mod around;
mod elsewhere;
mod given_up;
mod kept_edits;
mod not_enabled;
mod organization;
mod several;
mod taken_over;
mod unread;

use insta::assert_snapshot;

use crate::view::testing::draw_snapshot;
use crate::wizard::testing::*;
use crate::wizard::{Answer, Code, Effect, Event, Model, Step, update};

const ORGANIZATION: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Org","Effect":"Allow","Principal":"*",
"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]}"#;
const PUSHER: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Build","Effect":"Allow",
"Principal":{"AWS":["arn:aws:iam::333333333333:role/build","111111111111"]},"Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer",
"ecr:PutImage","ecr:InitiateLayerUpload","ecr:UploadLayerPart","ecr:CompleteLayerUpload","ecr:BatchCheckLayerAvailability"]}]}"#;
const DELETED: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Gone","Effect":"Allow","Principal":{"AWS":"AROAEXAMPLEEXAMPLEEX1"},
"Action":"ecr:BatchGetImage"}]}"#;

const REPOSITORIES: [(&str, Option<&str>); 7] = [
    ("data/feature-store", None),
    ("data/ingest", Some(PUBLIC_POLICY)),
    ("mobile/push-gateway", Some(r#"{"Version": "#)),
    ("platform/base-images/debian-with-a-very-long-name-indeed", Some(ORGANIZATION)),
    ("platform/builder", Some(PUSHER)),
    ("platform/old", Some(DELETED)),
    ("vendorapp", Some(VENDOR_POLICY)),
];

/// Answers everything that a list asks for.
fn serve(model: &mut Model, effects: Vec<Effect>) {
    serve_of(model, effects, &REPOSITORIES);
}

fn serve_of(model: &mut Model, effects: Vec<Effect>, all: &[(&str, Option<&str>)]) {
    let mut open = effects;
    while let Some(effect) = open.pop() {
        let answer = match effect {
            Effect::ListRepositories { id, .. } => {
                let repositories = all.iter().map(|(name, _)| test_repository(name)).collect();
                (id, Answer::Page { repositories, last: true })
            }
            Effect::ReadPolicy { id, repository, .. } => {
                let stored = all.iter().find(|(name, _)| *name == repository.name.as_str()).unwrap().1;
                (id, Answer::Policy(repository, Ok(stored.map(str::to_owned))))
            }
            _ => continue,
        };
        open.extend(give_answer(model, answer.0, answer.1));
    }
}

/// The overview with everything read.
fn overview() -> Model {
    overview_of(&REPOSITORIES)
}

/// The overview of repositories with their policies.
pub(in crate::view) fn overview_of(all: &[(&str, Option<&str>)]) -> Model {
    let mut model = fresh_model();
    model.settings.started_at = 1_795_920_900;
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    serve_of(&mut model, effects, all);
    let effects = type_text(&mut model, "V");
    serve_of(&mut model, effects, all);
    model
}

fn shown_names(model: &Model) -> Vec<String> {
    let rows = model.repository.rows();
    let shown = rows.shown_indexes().iter().filter_map(|at| rows.get(*at));
    shown.map(|row| row.repository.name().to_string()).collect()
}

fn filter(model: &mut Model, query: &str) {
    type_text(model, "/");
    type_text(model, query);
    tap_key(model, Code::Enter);
}

#[test]
fn the_worst_repositories_come_first_with_their_findings() {
    let mut model = overview();
    assert_eq!(shown_names(&model)[0], "data/ingest");
    for (columns, rows) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        assert_snapshot!(format!("worst_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    type_text(&mut model, "s");
    assert_eq!(shown_names(&model)[0], "data/feature-store");
    type_text(&mut model, "S");
    assert_eq!(shown_names(&model)[0], "vendorapp");
    for _ in 0..8 {
        if model.repository.rows().current_order().in_words(true) != "worst first" {
            type_text(&mut model, "s");
        }
    }
    assert_eq!(shown_names(&model)[0], "data/ingest");
}

#[test]
fn the_grantees_are_shown_with_what_they_reach_and_lead_to_it() {
    let mut model = overview();
    tap_key(&mut model, Code::Tab);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("grantees_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
    let list = model.repository.overview().unwrap().grantees().unwrap();
    let place = list.rows.iter().position(|row| row.who.id() == "111111111111").unwrap();
    assert_eq!(list.rows[place].reaches.len(), 2);
    for _ in 0..place {
        tap_key(&mut model, Code::Down);
    }
    tap_key(&mut model, Code::Enter);
    assert_eq!(shown_names(&model), ["platform/builder", "vendorapp"]);
}

#[test]
fn a_grantee_is_taken_out_of_all_policies_that_name_it_by_one_plan() {
    let reading = |model: &mut Model, id: &str| {
        tap_key(model, Code::Tab);
        let list = model.repository.overview().unwrap().grantees().unwrap();
        let place = list.rows.iter().position(|row| row.who.id() == id).unwrap();
        for _ in 0..place {
            tap_key(model, Code::Down);
        }
        type_text(model, "x")
    };
    let names = |effects: &[Effect]| -> Vec<String> {
        let read = effects.iter().filter_map(|effect| match effect {
            Effect::ReadPolicy { repository, for_write: true, .. } => Some(repository.name.to_string()),
            _ => None,
        });
        read.collect()
    };
    let mut model = overview();
    let effects = reading(&mut model, "111111111111");
    assert_eq!(names(&effects), ["platform/builder", "vendorapp"]);
    serve(&mut model, effects);
    assert_eq!(model.step, Step::Save);
    let losses = model.save.entries().iter().map(|entry| entry.planned.delta.losses.len()).collect::<Vec<_>>();
    assert_eq!(losses, [1, 1]);
    assert_snapshot!("taken_out_80x24", draw_snapshot(&mut model, 80, 24));
    tap_key(&mut model, Code::Esc);
    assert!(model.step == Step::Repository && model.repository.overview().unwrap().grantees().is_some());
    // Of what a filter hides nothing is taken out.
    let mut model = overview();
    filter(&mut model, "right:push");
    assert_eq!(names(&reading(&mut model, "111111111111")), ["platform/builder"]);
    // The remains of a deleted role go too.
    let mut model = overview();
    let effects = reading(&mut model, "AROAEXAMPLEEXAMPLEEX1");
    assert_eq!(names(&effects), ["platform/old"]);
}

#[test]
fn a_filter_takes_classes_findings_grantees_rights_and_actions() {
    for (query, names) in [
        ("class:public", &["data/ingest"][..]),
        ("right:push", &["platform/builder"]),
        ("grantee:o-a1b2c3d4e5", &["platform/base-images/debian-with-a-very-long-name-indeed"]),
        ("action:putimage", &["platform/builder"]),
        ("finding:s101", &["data/ingest"]),
        ("class:cross-account grantee:111111111111", &["platform/builder", "vendorapp"]),
        ("account:222222222222 class:none", &["data/feature-store", "platform/old"]),
    ] {
        let mut model = overview();
        filter(&mut model, query);
        let mut found = shown_names(&model);
        found.sort_unstable();
        assert_eq!(found, names, "{query}");
        // The grantees are those of what the filter shows.
        tap_key(&mut model, Code::Tab);
        let list = model.repository.overview().unwrap().grantees().unwrap();
        let reached = list.rows.iter().flat_map(|row| &row.reaches);
        assert!(
            reached.clone().count() > 0 && reached.clone().all(|(one, _)| names.contains(&one.name.as_str())),
            "{query}"
        );
    }
}

#[test]
fn enter_opens_a_repository_and_escape_leads_back_step_by_step() {
    let mut model = overview();
    tap_key(&mut model, Code::Enter);
    assert_eq!(model.repository.review().unwrap().repository.name().as_str(), "data/ingest");
    tap_key(&mut model, Code::Esc);
    assert!(model.repository.review().is_none() && model.repository.overview().is_some());
    filter(&mut model, "class:public");
    tap_key(&mut model, Code::Esc);
    assert_eq!(shown_names(&model).len(), REPOSITORIES.len());
    tap_key(&mut model, Code::Esc);
    assert!(model.repository.overview().is_none());
    assert_eq!(model.step, Step::Repository);
}

#[test]
fn what_is_shown_is_exported_once_all_of_it_is_read() {
    let mut model = overview();
    filter(&mut model, "class:cross-account");
    let effects = type_text(&mut model, "x");
    let Some(Effect::WriteFile { name, text, .. }) = effects.first() else { panic!("{effects:?}") };
    assert_eq!(name, "ecr-review-222222222222-eu-west-2.csv");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 2 + 1, "a heading, two accesses of one, one of the other: {text}");
    assert!(lines[1].contains("platform/builder") && lines[3].contains("111111111111,account,read"), "{text}");
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    let Some(Effect::ListRepositories { id, .. }) = effects.into_iter().next() else { panic!() };
    let repositories = REPOSITORIES.map(|(name, _)| test_repository(name)).into();
    give_answer(&mut model, id, Answer::Page { repositories, last: true });
    assert!(type_text(&mut model, "Vx").iter().all(|effect| !matches!(effect, Effect::WriteFile { .. })));
    assert_eq!(model.notice.unwrap().text, "7 of the shown repositories are not read yet");
}

#[test]
fn marked_repositories_go_on_to_a_grant() {
    let mut model = overview();
    type_text(&mut model, " ");
    tap_key(&mut model, Code::Down);
    type_text(&mut model, " ");
    type_text(&mut model, "g");
    assert_eq!((model.step, model.chosen.len()), (Step::Actions, 2));
}

#[test]
fn while_policies_come_nothing_is_called_known() {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    let Some(Effect::ListRepositories { id, .. }) = effects.into_iter().next() else { panic!() };
    let repositories = REPOSITORIES.map(|(name, _)| test_repository(name)).into();
    give_answer(&mut model, id, Answer::Page { repositories, last: true });
    type_text(&mut model, "V");
    assert_snapshot!("reading_80x24", draw_snapshot(&mut model, 80, 24));
    tap_key(&mut model, Code::Tab);
    let drawn = draw_snapshot(&mut model, 80, 24);
    assert!(drawn.contains("nobody, in the policies that are read so far"), "{drawn}");
}

/// Reads of a list of 200, of which the last is public, all but one: its policy never comes.
fn read_all_but_one(has_moved: bool) -> Model {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = enter_step(&mut model, Step::Repository);
    let Some(Effect::ListRepositories { id, .. }) = effects.first() else { panic!("{effects:?}") };
    let repositories = (0..200).map(|at| test_repository(&format!("app{at:03}"))).collect();
    let mut open = give_answer(&mut model, *id, Answer::Page { repositories, last: true });
    open.extend(type_text(&mut model, "V"));
    if has_moved {
        tap_key(&mut model, Code::Down);
    }
    let mut now = 0;
    while let Some(effect) = open.pop() {
        let Effect::ReadPolicy { id, repository, .. } = effect else { continue };
        if repository.name.as_str() == "app000" {
            continue;
        }
        now += 100;
        update(&mut model, Event::Clock(now));
        let stored = (repository.name.as_str() == "app150").then(|| PUBLIC_POLICY.to_owned());
        open.extend(give_answer(&mut model, id, Answer::Policy(repository, Ok(stored))));
    }
    assert!(!model.repository.reads().is_idle());
    model
}

#[test]
fn the_worst_comes_first_while_policies_come_unless_somebody_has_moved() {
    assert_eq!(shown_names(&read_all_but_one(false))[0], "app150");
    assert_eq!(shown_names(&read_all_but_one(true))[0], "app000");
}

#[test]
fn it_draws_at_any_size() {
    for grouped in [false, true] {
        let mut model = overview();
        if grouped {
            tap_key(&mut model, Code::Tab);
        }
        for columns in [1, 2, 20, 39, 41, 55, 71, 110, 300] {
            for rows in [1, 2, 9, 11, 14, 24, 100] {
                update(&mut model, Event::Resized(crate::wizard::Size { columns, rows }));
                draw_snapshot(&mut model, columns, rows);
            }
        }
    }
}

#[test]
fn the_details_have_each_finding_with_its_place_and_each_party_with_its_statement() {
    let model = overview();
    for at in 0..REPOSITORIES.len() {
        let row = model.repository.rows().get(at).unwrap();
        let entry = row.entry.as_ref().unwrap();
        let tall = crate::wizard::overview::detail_page(&model, row, 200, 60).text();
        for finding in entry.findings() {
            let line = finding.span.map(|span| {
                let text = entry.outcome.as_ref().unwrap().analysis.text.clone().unwrap();
                format!("line {}", text[..span.start].matches('\n').count() + 1)
            });
            let place = line.iter().cloned().chain(finding.statement.map(|number| format!("statement {number}")));
            let lines: Vec<&str> = tall.lines().collect();
            let head = lines.iter().position(|line| line.contains(finding.id) && line.contains(&finding.message));
            let below = lines[head.unwrap_or_else(|| panic!("{}: {tall}", finding.id)) + 1];
            assert!(place.into_iter().all(|words| below.contains(&words)), "{finding:?}: {below}");
        }
        // Who, what and by which statement stand as the opened repository has them.
        let mut opened = overview();
        opened.repository.choose_for_test(at);
        let effects = tap_key(&mut opened, Code::Enter);
        serve(&mut opened, effects);
        let review = opened.repository.review().unwrap();
        let page = crate::wizard::review::shown_page(&opened, review).text();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let shown: Vec<Vec<String>> = page.lines().map(words).collect();
        let access: Vec<&str> = tall.lines().skip_while(|line| *line != "Who has access").skip(1).collect();
        for line in access.iter().filter(|_| page.contains("Who has access")) {
            assert!(shown.contains(&words(line)), "{line}:\n{page}");
        }
        // Below a list each finding has one row where all of them would not fit.
        let count = entry.findings().count();
        let lowest = crate::wizard::overview::detail_page(&model, row, 30, 1);
        let rows = lowest.all_rows().iter().filter(|row| row.mark.is_some()).count();
        assert_eq!(rows, count, "{}", lowest.text());
    }
}
