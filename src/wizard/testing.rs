//! Models in well-known states and a few hands to drive them, for the tests of the steps and of their drawing.
#![expect(clippy::missing_panics_doc, reason = "only tests call these, with texts that hold")]

use super::draft::Draft;
use super::save::DocumentToSave;
use super::{Answer, Code, Effect, Event, Key, Model, Prefill, RequestId, Signed, Size, Step, WizardSettings, update};
use crate::ecr::repository::Encryption;
use crate::ecr::{
    AccountId, Arn, Failure, FailureKind, Grantee, Identity, Region, Repository, RepositoryName, RepositoryRef,
    SignInKind, Source, SourceId,
};
use crate::plan::{Outcome, Planned, Request, Verdict, Write};
use crate::policy::{Change, Delta, Who};

/// A policy that lets account 111111111111 pull, as ECR prints it.
pub const VENDOR_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "EcrGrantPull",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111111111111:root"
    },
    "Action" : [ "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

/// A policy that lets everyone pull.
pub const PUBLIC_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "AllowAll",
    "Effect" : "Allow",
    "Principal" : "*",
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ]
  } ]
}"#;

/// A policy of which nobody can prove whom it lets in: one key is compared as a number and as a text with wildcards.
pub const UNPROVED_POLICY: &str = r#"{
  "Version" : "2012-10-17",
  "Statement" : [ {
    "Sid" : "OldSession",
    "Effect" : "Allow",
    "Principal" : "*",
    "Action" : [ "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer" ],
    "Condition" : {
      "StringLike" : { "aws:MultiFactorAuthAge" : "1*9*" },
      "NumericLessThan" : { "aws:MultiFactorAuthAge" : "15" }
    }
  } ]
}"#;

/// An account id.
pub fn test_account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

/// The owner of the registry: 222222222222.
pub fn test_owner() -> AccountId {
    test_account("222222222222")
}

/// A Region.
pub fn test_region(name: &str) -> Region {
    Region::parse(name).unwrap()
}

/// A profile that signs in with SSO to 222222222222 in eu-west-2.
pub fn test_source(name: &str) -> Source {
    Source {
        id: SourceId::Profile(name.to_owned()),
        kind: SignInKind::Sso,
        account: Some(test_owner()),
        hint: None,
        role: Some("PlatformAdmin".to_owned()),
        region: Some(test_region("eu-west-2")),
        sso_session: Some("acme".to_owned()),
        login: Some(crate::ecr::Login { kind: crate::ecr::LoginKind::Sso, profile: Some(name.to_owned()) }),
        problem: None,
    }
}

/// Returns who the profile `platform` turns out to be.
pub fn test_identity() -> Identity {
    Identity {
        account: test_owner(),
        arn: Arn::parse("arn:aws:sts::222222222222:assumed-role/PlatformAdmin/ana").unwrap(),
    }
}

/// Profile `platform`, account 222222222222, eu-west-2.
pub fn test_signed() -> Signed {
    Signed {
        source: test_source("platform"),
        identity: test_identity(),
        region: test_region("eu-west-2"),
        endpoint: None,
    }
}

/// A repository of 222222222222 in eu-west-2.
pub fn test_reference(name: &str) -> RepositoryRef {
    RepositoryRef {
        account: test_owner(),
        region: test_region("eu-west-2"),
        name: RepositoryName::parse(name).unwrap(),
    }
}

/// A repository of 222222222222 in eu-west-2, created on 2024-03-09, with AWS's usual settings.
pub fn test_repository(name: &str) -> Repository {
    let reference = test_reference(name);
    Repository {
        reference,
        created: Some(1_709_978_400),
        encryption: Some(Encryption::Aes256),
        tag_mutability: Some("MUTABLE".to_owned()),
        scan_on_push: Some(true),
    }
}

/// `data/feature-store`, `platform/billing-api` and `vendorapp`.
pub fn test_repositories() -> Vec<Repository> {
    ["data/feature-store", "platform/billing-api", "vendorapp"].map(test_repository).into()
}

/// A failure of a kind, with words of its own.
pub fn test_failure(kind: FailureKind) -> Failure {
    Failure::new(kind, "the registry of 222222222222 did not answer", "check the network, then try again")
}

/// The very beginning at 80x24: nothing asked, nothing known.
pub fn fresh_model() -> Model {
    Model::new(WizardSettings::default(), Prefill::default(), Size { columns: 80, rows: 24 })
}

/// At Repository at 80x24, signed in as 222222222222 in eu-west-2 with the three repositories listed.
pub fn signed_model() -> Model {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    let effects = super::go(&mut model, Step::Repository);
    if let Some(id) = effects.iter().find_map(|effect| match effect {
        Effect::ListRepositories { id, .. } => Some(*id),
        _ => None,
    }) {
        give_answer(&mut model, id, Answer::Page { repositories: test_repositories(), last: true });
    }
    model
}

/// At Actions with these repositories chosen, nothing typed yet.
pub fn model_with_chosen(names: &[&str]) -> Model {
    let mut model = signed_model();
    model.chosen = names.iter().map(|name| test_repository(name)).collect();
    super::go(&mut model, Step::Actions);
    model
}

/// Carries out every computation at once, and those that follow from them; the other effects.
pub fn compute_all(model: &mut Model, effects: Vec<Effect>) -> Vec<Effect> {
    let mut queue = std::collections::VecDeque::from(effects);
    let mut others = Vec::new();
    while let Some(effect) = queue.pop_front() {
        match effect {
            Effect::Compute { id, computation } => {
                let computed = Answer::Computed(Ok(computation.carry_out()));
                queue.extend(update(model, Event::Answer(id, Box::new(computed))));
            }
            other => others.push(other),
        }
    }
    others
}

/// Lets an event happen, with every computation that follows from it.
pub fn happen(model: &mut Model, event: Event) -> Vec<Effect> {
    let effects = update(model, event);
    compute_all(model, effects)
}

/// Makes the shown text of Policy another one, and examines it.
pub fn edit_text(model: &mut Model, text: &str) {
    model.policy.set_text(text);
    let now = model.now;
    happen(model, Event::Clock(now));
}

/// Presses one key, after the screen was drawn and read.
pub fn press_key(model: &mut Model, key: Key) -> Vec<Effect> {
    super::question::read(model);
    happen(model, Event::Key(key))
}

/// Presses one key as above, and leaves the computations that follow to the caller.
pub fn press_alone(model: &mut Model, key: Key) -> Vec<Effect> {
    super::question::read(model);
    update(model, Event::Key(key))
}

/// Presses a key without modifiers.
pub fn tap_key(model: &mut Model, code: Code) -> Vec<Effect> {
    press_key(model, Key::without_modifiers(code))
}

/// Types a text, key by key.
pub fn type_text(model: &mut Model, text: &str) -> Vec<Effect> {
    text.chars().flat_map(|c| press_key(model, Key::of_char(c))).collect()
}

/// Pastes a text, after the screen was drawn and read.
pub fn paste_text(model: &mut Model, text: &str) -> Vec<Effect> {
    super::question::read(model);
    happen(model, Event::Paste(text.to_owned()))
}

/// Answers a request.
pub fn give_answer(model: &mut Model, id: RequestId, answer: Answer) -> Vec<Effect> {
    happen(model, Event::Answer(id, Box::new(answer)))
}

/// Returns what is asked for: account 111111111111 is to pull from 222222222222.
pub fn pull_request() -> Request {
    let recipe = crate::ecr::recipe::find_recipe("pull").unwrap();
    Request {
        owner: test_owner(),
        region: test_region("eu-west-2"),
        grantees: vec![Grantee::Account { id: test_account("111111111111"), partition: None }],
        recipe,
        actions: recipe.repository_actions().collect(),
        until: None,
    }
}

/// Somebody's gain or loss, by action names without `ecr:`.
pub fn test_change(id: &str, actions: &[&str]) -> Change {
    let actions = actions.iter().map(|name| (*name).to_owned()).collect();
    Change { who: Who::Account(test_account(id)), actions, conditions: Vec::new(), witness: None, unproved: None }
}

/// A plan that gives account 111111111111 the right to pull from a repository without a policy.
pub fn first_grant(name: &str) -> Planned {
    Planned {
        repository: test_reference(name),
        stored: None,
        registry: crate::policy::RegistryPolicy::Absent,
        now: None,
        was_readable: true,
        text: Some(VENDOR_POLICY.to_owned()),
        policy: crate::policy::Policy::read(VENDOR_POLICY).ok(),
        verdict: Verdict::Write,
        delta: Delta {
            gains: vec![test_change(
                "111111111111",
                &["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"],
            )],
            losses: Vec::new(),
        },
        stated: Vec::new(),
        touched: vec![0],
        findings: Vec::new(),
        added: Vec::new(),
        class: Some(crate::policy::Class::CrossAccount),
        unproved: None,
        blocked: Vec::new(),
        kept_from: Vec::new(),
        offers: Vec::new(),
        organization_accounts: None,
        lasts: None,
        asked_end: None,
        removal: None,
        deleted: Vec::new(),
        is_compacted: false,
        undo: None,
        ownership: crate::ecr::Ownership::NotAsked,
    }
}

/// A plan that finds its grant already there.
pub fn granted_before(name: &str) -> Planned {
    Planned {
        stored: Some(VENDOR_POLICY.to_owned()),
        verdict: Verdict::AlreadyGranted,
        delta: Delta::default(),
        touched: Vec::new(),
        ..first_grant(name)
    }
}

/// At Save with these plans, nothing answered yet; without the request every document counts as edited by hand.
pub fn save_model(planned: Vec<Planned>, request: Option<Request>) -> Model {
    let mut model = fresh_model();
    model.signed = Some(test_signed());
    model.chosen = planned.iter().map(|planned| test_repository(planned.repository.name.as_str())).collect();
    model.step = Step::Save;
    super::save::begin_visit(&mut model, to_save(planned, request.as_ref()), request);
    model
}

/// The documents of these plans, each compared with what the request alone comes to.
pub fn to_save(planned: Vec<Planned>, request: Option<&Request>) -> Vec<DocumentToSave> {
    let document = |planned: Planned| {
        let granted = request.map(|request| {
            let (stored, registry) = (planned.stored.clone(), planned.registry.clone());
            let target =
                crate::plan::Target { repository: planned.repository.clone(), stored, registry, now: planned.now };
            crate::plan::plan_grant(&target, request, Some(&test_identity()))
        });
        let is_by_hand = granted.map_or(planned.will_write(), |granted| planned.is_by_hand(&granted));
        DocumentToSave { planned, is_by_hand }
    };
    planned.into_iter().map(document).collect()
}

/// Answers the first write of a save. Returns the other effects that follow, and the save with the writes that are left.
pub fn answer_write(model: &mut Model, effects: &[Effect], outcome: Outcome) -> Vec<Effect> {
    let Some(Effect::Save { id, context, writes, undoes }) = effects.iter().find(|e| matches!(e, Effect::Save { .. }))
    else {
        panic!("no write is under way: {effects:?}");
    };
    let (first, left) = writes.split_first().expect("a save has a write");
    let begun = super::event::SaveNews::Begun(first.repository.clone());
    give_answer(model, *id, Answer::Saving(begun));
    let mut following = give_answer(model, *id, Answer::Saved(first.repository.clone(), outcome));
    if !left.is_empty() {
        let (context, writes, undoes) = (context.clone(), left.to_vec(), undoes.clone());
        following.push(Effect::Save { id: *id, context, writes, undoes });
    }
    following
}

/// Answers every write of a save, in their order, and ends it.
pub fn answer_writes(model: &mut Model, effects: &[Effect], mut outcome: impl FnMut(&Write) -> Outcome) {
    let mut left = effects.to_vec();
    while let Some(Effect::Save { writes, .. }) = left.iter().find(|e| matches!(e, Effect::Save { .. })) {
        let ended = outcome(&writes[0]);
        left = answer_write(model, &left, ended);
    }
}

/// A write that went well, with a backup.
pub fn test_written() -> Outcome {
    Outcome::Written {
        stored: Some(VENDOR_POLICY.to_owned()),
        backup: Some("/home/ana/.local/state/ecr-grant/backups/vendorapp-1.json".into()),
    }
}

/// At Policy with these repositories, account 111111111111 to pull, nothing read yet; the effects that read.
pub fn policy_reading(names: &[&str]) -> (Model, Vec<Effect>) {
    let mut model = model_with_chosen(names);
    type_text(&mut model, "111111111111");
    let effects = tap_key(&mut model, Code::Enter);
    (model, effects)
}

/// Answers every read of a policy that was asked for.
pub fn answer_policies(model: &mut Model, effects: &[Effect], stored: Option<&str>) {
    for effect in effects {
        if let Effect::ReadPolicy { id, repository, .. } = effect {
            give_answer(model, *id, Answer::Policy(repository.clone(), Ok(stored.map(str::to_owned))));
        }
    }
}

/// At Policy with `vendorapp`, account 111111111111 to pull, and this policy stored: what changes is looked at.
pub fn policy_view_model(stored: Option<&str>) -> Model {
    let (mut model, effects) = policy_reading(&["vendorapp"]);
    answer_policies(&mut model, &effects, stored);
    model
}

/// The same in the editor.
pub fn policy_model(stored: Option<&str>) -> Model {
    let mut model = policy_view_model(stored);
    press_key(&mut model, Key::of_char('e'));
    model
}

/// Begins Permissions with what these repositories have, read; the effects that are left.
pub fn hold_policies(
    model: &mut Model,
    entries: Vec<super::permissions::Shown>,
    request: Option<Request>,
) -> Vec<Effect> {
    let mut effects = super::permissions::begin_with(model, entries, request);
    let now = model.now;
    effects.extend(happen(model, Event::Clock(now)));
    effects
}

/// Goes to a step and lets it begin.
pub fn enter_step(model: &mut Model, step: Step) -> Vec<Effect> {
    super::go(model, step)
}

/// A draft of `vendorapp` at Policy, account 111111111111 to pull, its policy changed by hand; there was none before.
pub fn test_draft() -> Draft {
    let mut model = policy_model(None);
    edit_text(&mut model, VENDOR_POLICY);
    Draft::of(&model).unwrap()
}

/// Gives a listed repository what reading its policy would have told.
pub fn set_access(model: &mut Model, name: &str, access: super::repository::reads::PullAccess) {
    let name = RepositoryName::parse(name).unwrap();
    model.repository.set_access(&name, access);
}
