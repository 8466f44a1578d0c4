//! The review of all accounts of an organization, each through its role.

use insta::assert_snapshot;

use super::several::{all_regions, answer_of, shown};
use crate::ecr::{Arn, Failure, FailureKind, Identity, MemberAccount, Repository, RepositoryRef, SourceId, Verified};
use crate::view::testing::draw_snapshot;
use crate::wizard::testing::*;
use crate::wizard::{
    Answer, Code, Effect, Model, Prefill, RequestId, Size, SurveyRegions, SurveyRequest, SurveySources, WizardSettings,
    start,
};

const ROLE: &str = "audit/ReadEcr";

fn member(id: &str, is_active: bool) -> MemberAccount {
    MemberAccount { id: test_account(id), name: String::new(), is_active }
}

/// Answers as AWS would, to an organization of four accounts: 444444444444 has no such role, 555555555555 is closed.
fn answer(effect: &Effect) -> Option<(RequestId, Answer)> {
    Some(match effect {
        Effect::ListMembers { id, context } => {
            assert_eq!(context.source, SourceId::Profile("platform".to_owned()));
            let members =
                [("222222222222", true), ("333333333333", true), ("444444444444", true), ("555555555555", false)];
            (*id, Answer::Members(Ok(members.map(|(id, is_active)| member(id, is_active)).into())))
        }
        Effect::Verify { id, source: SourceId::Member(role), region } => {
            assert_eq!((role.role.as_str(), &role.base), (ROLE, &SourceId::Profile("platform".to_owned())));
            let arn = format!("arn:aws:sts::{}:assumed-role/ReadEcr/ecr-grant", role.account);
            let identity = Identity { account: role.account.clone(), arn: Arn::parse(&arn).unwrap() };
            let region = region.clone().unwrap_or_else(|| role.home.clone());
            let verified = Verified { identity, region, endpoint: None, ignored: Vec::new() };
            let denied = Failure::new(FailureKind::AccessDenied, "the role cannot be assumed", "ask its owner");
            let is_there = role.account.as_str() == "333333333333";
            (*id, Answer::Verified(if is_there { Ok(verified) } else { Err(denied) }))
        }
        Effect::ListRepositories { id, context, owner, .. } if owner.as_str() == "333333333333" => {
            assert!(matches!(context.source, SourceId::Member(_)), "{context:?}");
            let (account, region) = (owner.clone(), context.region.clone());
            let one = test_repository("models");
            let reference = RepositoryRef { account, region, ..one.reference.clone() };
            (*id, Answer::Page { repositories: vec![Repository { reference, ..one }], last: true })
        }
        Effect::ReadPolicy { id, context, repository, .. } if repository.account.as_str() == "333333333333" => {
            assert!(matches!(&context.source, SourceId::Member(role) if role.account == repository.account));
            (*id, Answer::Policy(repository.clone(), Ok(Some(PUBLIC_POLICY.to_owned()))))
        }
        other => return answer_of(other),
    })
}

fn serve(model: &mut Model, effects: Vec<Effect>) {
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        if let Some((id, answer)) = answer(&effect) {
            open.extend(give_answer(model, id, answer));
        }
    }
}

/// The review of the organization, with profile `platform` as the one that is signed in.
fn organization(regions: SurveyRegions) -> (Model, Vec<Effect>) {
    let request = SurveyRequest { sources: SurveySources::SignedIn, regions, org_role: Some(ROLE.to_owned()) };
    let source = Some(SourceId::Profile("platform".to_owned()));
    let prefill = Prefill { overview: true, survey: Some(request), source, ..Prefill::default() };
    let mut model = Model::new(WizardSettings::default(), prefill, Size { columns: 120, rows: 40 });
    let effects = start(&mut model);
    (model, effects)
}

#[test]
fn each_account_is_read_through_its_role_and_one_without_it_hides_no_other() {
    let (mut model, effects) = organization(SurveyRegions::Own);
    serve(&mut model, effects);
    let mut accounts: Vec<String> = shown(&model).iter().map(|one| one.account.to_string()).collect();
    accounts.sort();
    accounts.dedup();
    assert_eq!(accounts, ["222222222222", "333333333333"]);
    tap_key(&mut model, Code::Tab);
    tap_key(&mut model, Code::Tab);
    for (columns, rows) in [(80, 24), (120, 40)] {
        assert_snapshot!(format!("organization_{columns}x{rows}"), draw_snapshot(&mut model, columns, rows));
    }
}

#[test]
fn a_refresh_asks_for_the_accounts_again() {
    let (mut model, effects) = organization(all_regions());
    serve(&mut model, effects);
    let before = shown(&model);
    let effects = type_text(&mut model, "r");
    let is_of_member = |effect: &Effect| matches!(effect, Effect::Verify { source: SourceId::Member(_), .. });
    assert!(!effects.iter().any(is_of_member), "an account may have left: {effects:?}");
    serve(&mut model, effects);
    assert_eq!(shown(&model), before);
}

#[test]
fn accounts_that_cannot_be_listed_are_told_and_the_own_one_is_read() {
    let (mut model, effects) = organization(SurveyRegions::Own);
    let mut open = std::collections::VecDeque::from(effects);
    while let Some(effect) = open.pop_front() {
        let answered = match &effect {
            Effect::ListMembers { id, .. } => {
                Some((*id, Answer::Members(Err(test_failure(FailureKind::AccessDenied)))))
            }
            other => answer(other),
        };
        if let Some((id, answer)) = answered {
            open.extend(give_answer(&mut model, id, answer));
        }
    }
    assert!(!shown(&model).is_empty());
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("not read: the accounts of the organization"), "{drawn}");
    let effects = type_text(&mut model, "x");
    let text = effects.iter().find_map(|effect| match effect {
        Effect::WriteFile { text, .. } => Some(text.clone()),
        _ => None,
    });
    assert!(text.unwrap().contains("the accounts of the organization: "), "an export without them is no whole");
}

#[test]
fn a_change_in_another_account_is_read_and_written_with_its_role() {
    let (mut model, effects) = organization(SurveyRegions::Own);
    serve(&mut model, effects);
    super::filter(&mut model, "models account:333333333333");
    tap_key(&mut model, Code::Enter);
    let effects = type_text(&mut model, "g");
    let signed = model.signed.clone().unwrap();
    assert!(matches!(&signed.source.id, SourceId::Member(role) if role.role == ROLE), "{effects:?}");
    assert_eq!(signed.owner_account().as_str(), "333333333333");
    let drawn = draw_snapshot(&mut model, 120, 40);
    assert!(drawn.contains("333333333333") && drawn.contains("role audit/ReadEcr in 333333333333"), "{drawn}");
}

#[test]
fn an_account_of_the_organization_without_the_role_is_no_stranger() {
    let known = std::sync::Arc::new(crate::review::KnownParties::default());
    for (account, is_unknown) in [("444444444444", false), ("555555555555", true)] {
        let (mut model, effects) = organization(SurveyRegions::Own);
        model.settings.known = Some(known.clone());
        let policy = VENDOR_POLICY.replace("111111111111", account);
        let mut open = std::collections::VecDeque::from(effects);
        while let Some(effect) = open.pop_front() {
            let answered = match &effect {
                Effect::ReadPolicy { id, repository, .. } => {
                    Some((*id, Answer::Policy(repository.clone(), Ok(Some(policy.clone())))))
                }
                other => answer(other),
            };
            if let Some((id, answer)) = answered {
                open.extend(give_answer(&mut model, id, answer));
            }
        }
        let rows = model.repository.rows();
        let entries = (0..rows.len()).map(|at| rows.get(at).unwrap().entry.clone().unwrap());
        for entry in entries {
            let told = entry.findings().any(|finding| finding.name == "unknown-account");
            assert_eq!(told, is_unknown, "{account}: as the command tells it");
        }
    }
}
