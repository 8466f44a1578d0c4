//! Looks up what the named grantees can do already in the chosen repositories, as far as their policies were read.

use std::collections::HashSet;
use std::sync::Arc;

use super::existing::{Basis, ExistingState, ExistingSum, GranteeSum, PolicyKey};
use super::note::clause_of_actions;
use super::request;
use crate::ecr::{ActionInfo, RepositoryRef};
use crate::plan::{ExistingAccess, Lasting, Target};
use crate::policy::RegistryPolicy;
use crate::wizard::computation::existing_access::AccessToFind;
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::repository::reads::PullAccess;
use crate::wizard::{Answer, Effect, Model, RequestId, Step};

/// The most policies of one computation: between two of them other work that somebody waits for can begin.
const AT_ONCE: usize = 8;

/// Begins to look into policies that were read, where the request or they are others than before.
pub(super) fn begin_existing(model: &mut Model) -> Vec<Effect> {
    if model.step != Step::Actions {
        return Vec::new();
    }
    let Some(basis) = basis_of(model) else {
        model.actions.existing = ExistingState::default();
        return Vec::new();
    };
    let state = &model.actions.existing;
    if state.basis.as_ref() != Some(&basis) {
        let is_same_question =
            state.basis.as_ref().is_some_and(|old| old.request == basis.request && old.registry == basis.registry);
        let state = &mut model.actions.existing;
        if !is_same_question {
            *state = ExistingState::default();
        }
        state.basis = Some(basis);
        list_open(model);
        sum_up(model);
    } else if state.asked.is_none() && state.open.is_empty() {
        // How a read failed is not in the texts.
        if state.sum.as_ref().is_some_and(|sum| sum.unknown > 0) {
            sum_up(model);
        }
        return Vec::new();
    }
    ask_next(model)
}

fn ask_next(model: &mut Model) -> Vec<Effect> {
    let state = &mut model.actions.existing;
    let Some(basis) = state.basis.as_ref().filter(|_| state.asked.is_none() && !state.open.is_empty()) else {
        return Vec::new();
    };
    let request = Arc::clone(&basis.request);
    let rest = state.open.split_off(state.open.len().min(AT_ONCE));
    let (keys, targets) = std::mem::replace(&mut state.open, rest).into_iter().unzip();
    let id = model.next_request();
    model.actions.existing.asked = Some((id, keys));
    vec![Effect::Compute { id, computation: Computation::FindExisting(AccessToFind { request, targets }) }]
}

/// Takes what was found in policies; a late answer is dropped by its number.
pub(super) fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    let state = &mut model.actions.existing;
    if state.asked.as_ref().is_none_or(|(asked, _)| *asked != id) {
        return Vec::new();
    }
    let Some((_, keys)) = state.asked.take() else { return Vec::new() };
    if let Answer::Computed(Ok(Computed::Existing(found))) = answer {
        state.found.extend(keys.into_iter().zip(found.iter().cloned()));
        sum_up(model);
    }
    Vec::new()
}

fn basis_of(model: &Model) -> Option<Basis> {
    let request = request(model)?;
    if !request.actions.iter().any(|action| action.is_repository_level()) {
        return None;
    }
    let registry = model.registry_policies.policy_of(&request.owner, &request.region);
    let chosen = model.chosen.iter().map(|chosen| chosen.reference.clone()).collect();
    let version = model.stored_policies.version();
    Some(Basis { request: Arc::new(request), registry, chosen, version })
}

/// Returns what answers about a repository are kept under; `None`: its policy is not read.
fn key_of(model: &Model, registry: &RegistryPolicy, repository: &RepositoryRef) -> Option<PolicyKey> {
    let number = model.stored_policies.policy_of(repository)?.number;
    let is_alike = matches!(registry, RegistryPolicy::Absent | RegistryPolicy::NotAsked);
    Some(PolicyKey(number, (!is_alike).then(|| repository.clone())))
}

fn list_open(model: &mut Model) {
    let Some(Basis { registry, chosen, .. }) = model.actions.existing.basis.clone() else { return };
    let now = model.unix_now();
    let state = &model.actions.existing;
    let asked: &[PolicyKey] = state.asked.as_ref().map_or(&[], |(_, keys)| keys);
    let mut listed = HashSet::new();
    let mut open = Vec::new();
    for repository in chosen {
        let Some(read) = model.stored_policies.policy_of(&repository) else { continue };
        let Some(key) = key_of(model, &registry, &repository) else { continue };
        if !state.found.contains_key(&key) && !asked.contains(&key) && listed.insert(key.clone()) {
            let stored = read.text.as_deref().map(str::to_owned);
            open.push((key, Target { repository, stored, registry: registry.clone(), now: Some(now) }));
        }
    }
    model.actions.existing.open = open;
}

fn sum_up(model: &mut Model) {
    let state = &model.actions.existing;
    let Some(Basis { request, registry, chosen, .. }) = &state.basis else { return };
    let ours = request.actions.iter().filter(|action| action.is_repository_level());
    let names: Vec<String> = ours.map(|action: &&ActionInfo| action.name.clone()).collect();
    let mut sum = ExistingSum {
        repositories: chosen.len(),
        only_name: chosen.first().filter(|_| chosen.len() == 1).map(|only| only.name.to_string()),
        grantees: vec![GranteeSum::default(); request.grantees.len()],
        actions: clause_of_actions(&names),
        ..ExistingSum::default()
    };
    for repository in chosen {
        let found = key_of(model, registry, repository).and_then(|key| state.found.get(&key));
        let known = found.filter(|found| !found.contains(&ExistingAccess::Unreadable));
        if known.is_none() {
            if sum.unknown == 0 {
                sum.reason = if found.is_some() { "cannot be understood" } else { reason_of(model, repository) };
            }
            sum.unknown += 1;
        }
        for (total, access) in sum.grantees.iter_mut().zip(known.into_iter().flatten()) {
            let place = |clauses: &[String]| (repository.name.to_string(), clauses.join("; "));
            match access {
                ExistingAccess::Whole { lasts } => {
                    total.whole += 1;
                    total.endless += usize::from(*lasts == Some(Lasting::Forever));
                }
                ExistingAccess::Partial { parts, doubts } => {
                    total.partial += 1;
                    total.is_partly_doubtful |= !doubts.is_empty();
                    let but = if doubts.is_empty() { String::new() } else { format!(", but {}", doubts.join("; ")) };
                    let (name, parts) = place(parts);
                    // One that something takes is told first.
                    if total.first_partial.as_ref().is_none_or(|(_, told)| !but.is_empty() && !told.contains(", but "))
                    {
                        total.first_partial = Some((name, format!("{parts}{but}")));
                    }
                }
                ExistingAccess::Doubtful(clauses) => {
                    total.doubtful += 1;
                    total.first_doubt.get_or_insert_with(|| place(clauses));
                }
                ExistingAccess::Missing | ExistingAccess::Unreadable => {}
            }
        }
    }
    model.actions.existing.sum = Some(sum);
}

/// Returns why nothing is known of a repository.
fn reason_of(model: &Model, repository: &RepositoryRef) -> &'static str {
    let step = &model.repository;
    let row = step.rows().find_row(repository).and_then(|at| step.rows().get(at));
    let is_failed = row.is_some_and(|row| matches!(row.access, PullAccess::Failed(_)));
    if is_failed || step.reads().why_stopped_at(repository).is_some() { "could not be read" } else { "is not read yet" }
}

#[cfg(test)]
mod tests {
    use super::super::note::{NoteKind, shown_notes};
    use crate::ecr::FailureKind;
    use crate::wizard::repository::reads::PullAccess;
    use crate::wizard::repository::stored_now;
    use crate::wizard::testing::{
        PUBLIC_POLICY, VENDOR_POLICY, enter_step, happen, model_with_chosen, set_access, tap_key, test_failure,
        test_reference, test_repository, type_text,
    };
    use crate::wizard::{Answer, Code, Effect, Event, Model, Step, update};

    const DENIED: &str = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":["ecr:BatchCheckLayerAvailability",
         "ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]},
        {"Sid":"Ban","Effect":"Deny","Principal":"*","Action":"ecr:BatchGetImage"}]}"#;

    fn learn(model: &mut Model, name: &str, stored: Option<&str>) {
        stored_now(model, &test_reference(name), stored);
        let now = model.now;
        happen(model, Event::Clock(now));
    }

    fn typed(names: &[&str], text: &str) -> Model {
        let mut model = model_with_chosen(names);
        type_text(&mut model, text);
        model
    }

    fn notes(model: &Model) -> Vec<(NoteKind, String)> {
        shown_notes(model).into_iter().map(|note| (note.kind, note.text)).collect()
    }

    fn good(text: &str) -> (NoteKind, String) {
        (NoteKind::Good, text.to_owned())
    }

    fn open(text: &str) -> (NoteKind, String) {
        (NoteKind::Open, text.to_owned())
    }

    fn is_all_there(model: &Model) -> bool {
        model.actions.existing_sum().is_some_and(super::ExistingSum::is_all_there)
    }

    #[test]
    fn a_grantee_that_has_it_is_told_as_soon_as_the_policy_is_read() {
        let mut model = typed(&["vendorapp"], "111111111111");
        let unknown = open("present access is not known: the policy is not read yet");
        assert_eq!(notes(&model), [good("account 111111111111"), unknown]);
        assert!(!is_all_there(&model));
        learn(&mut model, "vendorapp", Some(VENDOR_POLICY));
        assert_eq!(notes(&model), [good("account 111111111111: can pull from vendorapp already")]);
        assert!(is_all_there(&model));
        type_text(&mut model, ", 333333333333");
        let told = [good("account 111111111111: can pull from vendorapp already"), good("account 333333333333")];
        assert_eq!(notes(&model), told);
        assert!(!is_all_there(&model));
        // Another policy by now, and none.
        learn(&mut model, "vendorapp", Some(PUBLIC_POLICY));
        assert!(!is_all_there(&model), "{:?}", notes(&model));
        learn(&mut model, "vendorapp", None);
        assert_eq!(notes(&model), [good("account 111111111111"), good("account 333333333333")]);
    }

    #[test]
    fn of_several_repositories_those_that_have_it_are_counted() {
        let names = ["data/feature-store", "platform/billing-api", "vendorapp"];
        let mut model = typed(&names, "111111111111");
        let unknown = open("present access is not known in 3 of 3: a policy is not read yet");
        assert_eq!(notes(&model), [good("account 111111111111"), unknown]);
        learn(&mut model, "data/feature-store", Some(VENDOR_POLICY));
        learn(&mut model, "platform/billing-api", None);
        let counted = good("account 111111111111: can pull from 1 of 3 already");
        let unknown = open("present access is not known in 1 of 3: a policy is not read yet");
        assert_eq!(notes(&model), [counted, unknown]);
        learn(&mut model, "vendorapp", Some(VENDOR_POLICY));
        assert_eq!(notes(&model), [good("account 111111111111: can pull from 2 of 3 already")]);
        learn(&mut model, "platform/billing-api", Some(VENDOR_POLICY));
        assert_eq!(notes(&model), [good("account 111111111111: can pull from all 3 already")]);
        assert!(is_all_there(&model));
        model.chosen.truncate(2);
        learn(&mut model, "vendorapp", None);
        assert_eq!(notes(&model), [good("account 111111111111: can pull from both already")]);
    }

    #[test]
    fn a_deny_and_a_condition_are_told_and_never_count_as_there() {
        let mut model = typed(&["vendorapp"], "111111111111");
        learn(&mut model, "vendorapp", Some(DENIED));
        let [(NoteKind::Warn, text)] = &notes(&model)[..] else { panic!("{:?}", notes(&model)) };
        assert!(text.contains("allowed already, but") && text.contains("blocked by statement 2 (Ban)"), "{text}");
        assert!(!is_all_there(&model) && model.actions.existing_sum().unwrap().is_all_doubtful());
        let from = VENDOR_POLICY.replace(
            r#""Effect" : "Allow","#,
            r#""Effect" : "Allow", "Condition" : {"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}},"#,
        );
        learn(&mut model, "vendorapp", Some(&from));
        let part = "account 111111111111: has a part already: pull only from address 203.0.113.0/24";
        assert_eq!(notes(&model), [good(part)]);
        assert!(!is_all_there(&model));
    }

    #[test]
    fn what_has_ended_is_no_access_and_the_end_of_the_rest_is_told() {
        let until = |year: &str| {
            let condition =
                format!(r#""Condition" : {{"DateLessThan":{{"aws:CurrentTime":"{year}-01-01T00:00:00Z"}}}},"#);
            VENDOR_POLICY.replace(r#""Effect" : "Allow","#, &format!(r#""Effect" : "Allow", {condition}"#))
        };
        let mut model = typed(&["vendorapp"], "111111111111");
        model.settings.started_at = 1_798_761_600;
        learn(&mut model, "vendorapp", Some(&until("2027")));
        assert_eq!(notes(&model), [good("account 111111111111")], "it has ended this very second");
        learn(&mut model, "vendorapp", Some(&until("2028")));
        let part = "account 111111111111: has a part already: pull until 2028-01-01 00:00 UTC";
        assert_eq!(notes(&model), [good(part)]);
        assert!(!is_all_there(&model));
        let deny = r#"{"Sid":"Ban","Effect":"Deny","Principal":"*","Action":"ecr:BatchGetImage"},"#;
        let denied = until("2028").replacen(r#""Statement" : ["#, &format!(r#""Statement" : [{deny}"#), 1);
        assert_ne!(denied, until("2028"));
        learn(&mut model, "vendorapp", Some(&denied));
        let [(NoteKind::Warn, text)] = &notes(&model)[..] else { panic!("{:?}", notes(&model)) };
        assert!(text.contains("has a part") && text.contains("but BatchGetImage for account"), "{text}");
    }

    #[test]
    fn what_cannot_be_known_is_said_with_its_reason() {
        let mut model = typed(&["vendorapp"], "111111111111");
        learn(&mut model, "vendorapp", Some("{"));
        let unknown = open("present access is not known: the policy cannot be understood");
        assert_eq!(notes(&model), [good("account 111111111111"), unknown]);
        let mut model = typed(&["vendorapp"], "111111111111");
        set_access(&mut model, "vendorapp", PullAccess::Failed(test_failure(FailureKind::Offline)));
        happen(&mut model, Event::Clock(1));
        let unknown = open("present access is not known: the policy could not be read");
        assert_eq!(notes(&model), [good("account 111111111111"), unknown]);
    }

    #[test]
    fn the_actions_that_are_marked_decide() {
        let mut model = typed(&["vendorapp"], "111111111111");
        learn(&mut model, "vendorapp", Some(VENDOR_POLICY));
        assert!(is_all_there(&model));
        tap_key(&mut model, Code::Tab);
        tap_key(&mut model, Code::Tab);
        for _ in 0..5 {
            tap_key(&mut model, Code::Down);
            if !is_all_there(&model) {
                let part = &notes(&model)[0].1;
                assert!(part.starts_with("account 111111111111: has a part already: pull"), "{part}");
                return;
            }
        }
        panic!("every recipe is there: {:?}", notes(&model));
    }

    /// The computations among effects, without carrying them out.
    fn asked(effects: &[Effect]) -> Vec<(crate::wizard::RequestId, crate::wizard::computation::Computation)> {
        let of = |effect: &Effect| match effect {
            Effect::Compute { id, computation } => Some((*id, computation.clone())),
            _ => None,
        };
        effects.iter().filter_map(of).collect()
    }

    #[test]
    fn a_late_answer_is_dropped_and_equal_texts_are_looked_at_once() {
        let mut model = model_with_chosen(&["vendorapp"]);
        model.chosen = (0..500).map(|at| test_repository(&format!("team/app-{at}"))).collect();
        let chosen: Vec<_> = model.chosen.iter().map(|chosen| chosen.reference.clone()).collect();
        for reference in &chosen {
            model.stored_policies.note_read(reference, Some(VENDOR_POLICY));
        }
        let mut last = Vec::new();
        for c in "111111111111".chars() {
            last = asked(&update(&mut model, Event::Key(crate::wizard::Key::of_char(c))));
        }
        let [(old, computation)] = &last[..] else { panic!("{last:?}") };
        let super::Computation::FindExisting(access) = computation else { panic!("{computation:?}") };
        assert_eq!(access.targets.len(), 1);
        // Before it is answered the grantee is another one.
        let answer = Answer::Computed(Ok(computation.carry_out()));
        let mut newer = Vec::new();
        for key in [Code::Backspace, Code::Char('2')] {
            newer = asked(&update(&mut model, Event::Key(crate::wizard::Key::without_modifiers(key))));
        }
        update(&mut model, Event::Answer(*old, Box::new(answer)));
        assert!(!is_all_there(&model));
        let [(id, computation)] = &newer[..] else { panic!("{newer:?}") };
        update(&mut model, Event::Answer(*id, Box::new(Answer::Computed(Ok(computation.carry_out())))));
        assert_eq!(notes(&model), [good("account 111111111112")]);
    }

    #[test]
    fn leaving_and_coming_back_asks_about_the_policies_of_then() {
        let mut model = typed(&["vendorapp"], "111111111111");
        learn(&mut model, "vendorapp", Some(VENDOR_POLICY));
        // Step 2 reads the chosen ones anew: until then it is not known.
        enter_step(&mut model, Step::Repository);
        enter_step(&mut model, Step::Actions);
        happen(&mut model, Event::Clock(1));
        let unknown = open("present access is not known: the policy is not read yet");
        assert_eq!(notes(&model), [good("account 111111111111"), unknown]);
        learn(&mut model, "vendorapp", None);
        assert_eq!(notes(&model), [good("account 111111111111")]);
    }
}
