//! Parties that nobody knows, told by the review on the screen as by the command.

use std::sync::Arc;

use super::*;
use crate::ecr::{Grantee, Identity, Repository, RepositoryRef, Verified};
use crate::review::KnownParties;
use crate::wizard::testing::test_identity;
use crate::wizard::{Prefill, SurveyRegions, SurveyRequest, SurveySources, WizardSettings, start};

/// The profiles with their accounts, in the order in which the review names them.
const PROFILES: [(&str, &str); 2] = [("platform", "222222222222"), ("data", "333333333333")];

fn known_of(accounts: &[&str]) -> Arc<KnownParties> {
    let mut known = KnownParties::default();
    for id in accounts {
        known.add_grantee(Grantee::Account { id: test_account(id), partition: None });
    }
    Arc::new(known)
}

/// A policy that lets these accounts pull, and CodeBuild on behalf of them.
fn policy_for(accounts: &[&str]) -> String {
    let arns: Vec<String> = accounts.iter().map(|id| format!("arn:aws:iam::{id}:root")).collect();
    let statement = |principal: serde_json::Value, condition: serde_json::Value| {
        serde_json::json!({"Effect": "Allow", "Principal": principal, "Condition": condition,
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]})
    };
    let by_name = statement(serde_json::json!({"AWS": arns}), serde_json::json!({}));
    let behalf = statement(
        serde_json::json!({"Service": "codebuild.amazonaws.com"}),
        serde_json::json!({"StringEquals": {"aws:SourceAccount": accounts}}),
    );
    serde_json::json!({"Version": "2012-10-17", "Statement": [by_name, behalf]}).to_string()
}

/// The unknown parties that a row tells of.
fn unknown_in(model: &Model, repository: &RepositoryRef) -> Vec<String> {
    let row = model.repository.rows().find_row(repository).and_then(|at| model.repository.rows().get(at)).unwrap();
    let entry = row.entry.as_deref().unwrap_or_else(|| panic!("{repository} is not read"));
    let unknown = entry.findings().filter(|finding| finding.name == "unknown-account");
    unknown.map(|finding| finding.message.split(" is not known").next().unwrap().to_owned()).collect()
}

/// The list of one account with this policy at `vendorapp`, read.
fn read_with(known: Option<Arc<KnownParties>>, policy: &str) -> Model {
    let mut model = fresh_model();
    model.settings.known = known;
    model.signed = Some(test_signed());
    let mut open = go(&mut model, Step::Repository);
    while let Some(effect) = open.pop() {
        let (id, answer) = match effect {
            Effect::ListRepositories { id, .. } => (id, page_of(&["vendorapp"], true)),
            Effect::ReadPolicy { id, repository, .. } => (id, Answer::Policy(repository, Ok(Some(policy.to_owned())))),
            _ => continue,
        };
        open.extend(give_answer(&mut model, id, answer));
    }
    model
}

#[test]
fn a_row_tells_of_parties_that_nobody_named_and_a_filter_finds_it() {
    let policy = policy_for(&["111111111111", "222222222222", "333333333333"]);
    let of_one = |id: &str| {
        let behalf = format!("service codebuild.amazonaws.com on behalf of account {id}, which");
        vec![format!("account {id}"), behalf]
    };
    let of_both = ["111111111111", "333333333333"].map(of_one);
    for (known, expected) in [
        (None, Vec::new()),
        (Some(known_of(&["111111111111"])), of_one("333333333333")),
        (Some(known_of(&["111111111111", "333333333333"])), Vec::new()),
        (
            Some(known_of(&[])),
            [0, 1].into_iter().flat_map(|at| of_both.iter().map(move |one| one[at].clone())).collect(),
        ),
    ] {
        let mut model = read_with(known.clone(), &policy);
        assert_eq!(unknown_in(&model, &test_reference("vendorapp")), expected, "{known:?}");
        type_text(&mut model, "/finding:unknown-account");
        let shown = model.repository.rows().shown_indexes().len();
        assert_eq!(shown, usize::from(!expected.is_empty()), "{known:?}");
    }
}

/// A review of both profiles, each with `vendorapp`, whose policy names both accounts and a third.
struct Survey {
    model: Model,
    open: Vec<Effect>,
}

fn reference_in(account: &str) -> RepositoryRef {
    RepositoryRef { account: test_account(account), ..test_reference("vendorapp") }
}

impl Survey {
    fn begin() -> Self {
        let named = PROFILES.map(|(name, _)| SourceId::Profile(name.to_owned())).into();
        let request =
            SurveyRequest { sources: SurveySources::Named(named), regions: SurveyRegions::Own, org_role: None };
        let prefill = Prefill { overview: true, survey: Some(request), ..Prefill::default() };
        let settings = WizardSettings { known: Some(known_of(&[])), ..WizardSettings::default() };
        let mut model = Model::new(settings, prefill, Size { columns: 120, rows: 40 });
        let open = start(&mut model);
        Self { model, open }
    }

    /// Answers everything but the sign-ins of profiles that are not among these. `holds_work`: and but what is to be judged.
    fn serve(&mut self, signed_in: &[&str], holds_work: bool) {
        let mut left = Vec::new();
        while let Some(effect) = self.open.pop() {
            let is_held = holds_work && matches!(effect, Effect::Compute { .. });
            match answer_to(&effect, signed_in).filter(|_| !is_held) {
                Some((id, answer)) => {
                    self.open.extend(update(&mut self.model, Event::Answer(id, Box::new(answer))));
                }
                None => left.push(effect),
            }
        }
        self.open = left;
    }

    fn unknown(&self) -> [Vec<String>; 2] {
        PROFILES.map(|(_, account)| unknown_in(&self.model, &reference_in(account)))
    }
}

fn answer_to(effect: &Effect, signed_in: &[&str]) -> Option<(RequestId, Answer)> {
    Some(match effect {
        Effect::LoadSources(id) => (*id, Answer::Sources(Ok(PROFILES.map(|(name, _)| test_source(name)).into()))),
        Effect::Verify { id, source, .. } => {
            let (_, account) =
                PROFILES.iter().find(|(name, _)| signed_in.contains(name) && source.to_string() == *name)?;
            let identity = Identity { account: test_account(account), ..test_identity() };
            let region = test_region("eu-west-2");
            (*id, Answer::Verified(Ok(Verified { identity, region, endpoint: None, ignored: Vec::new() })))
        }
        Effect::ListRepositories { id, owner, .. } => {
            let repository = Repository { reference: reference_in(owner.as_str()), ..test_repository("vendorapp") };
            (*id, Answer::Page { repositories: vec![repository], last: true })
        }
        Effect::ReadPolicy { id, repository, .. } => {
            let policy = policy_for(&["111111111111", "222222222222", "333333333333"]);
            (*id, Answer::Policy(repository.clone(), Ok(Some(policy))))
        }
        Effect::Compute { id, computation } => (*id, Answer::Computed(Ok(computation.carry_out()))),
        _ => return None,
    })
}

const THIRD: [&str; 2] =
    ["account 111111111111", "service codebuild.amazonaws.com on behalf of account 111111111111, which"];

#[test]
fn an_account_that_signs_in_after_a_policy_was_judged_is_known() {
    let mut survey = Survey::begin();
    survey.serve(&["platform"], false);
    let before = unknown_in(&survey.model, &reference_in("222222222222"));
    assert_eq!(before.len(), 4, "nobody has signed in to 333333333333 yet: {before:?}");
    survey.serve(&["platform", "data"], false);
    assert_eq!(survey.unknown(), [THIRD, THIRD]);
    // While all is read again nobody of the review becomes a stranger.
    survey.open.extend(type_text(&mut survey.model, "r"));
    survey.serve(&["platform"], false);
    assert_eq!(unknown_in(&survey.model, &reference_in("222222222222")), THIRD);
    survey.serve(&["data"], false);
    assert_eq!(survey.unknown(), [THIRD, THIRD]);
}

#[test]
fn an_account_that_signs_in_while_a_policy_is_judged_is_known() {
    let mut survey = Survey::begin();
    survey.serve(&["platform"], true);
    let is_work = |effect: &Effect| matches!(effect, Effect::Compute { .. });
    let (held, open) = std::mem::take(&mut survey.open).into_iter().partition(is_work);
    survey.open = open;
    // The judgement of the first account has begun and is not there when the second one signs in.
    survey.serve(&["data"], false);
    survey.open.extend::<Vec<Effect>>(held);
    assert_eq!(survey.open.iter().filter(|effect| is_work(effect)).count(), 1);
    survey.serve(&[], false);
    assert_eq!(survey.unknown(), [THIRD, THIRD]);
}
