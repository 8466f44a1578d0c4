//! Undo on texts as they are found, and the law that nothing of others is lost, over generated histories.

use proptest::prelude::*;

use super::*;
use crate::ecr::{Grantee, Region, RepositoryName, RepositoryRef, recipe};
use crate::plan::{Request, plan_grant};
use crate::policy::canonical::same_access;
use crate::policy::edit::{RevokeOptions, revoke};
use crate::policy::{PrincipalKind, RegistryPolicy, Statement};

const PULL: &str = r#"["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"]"#;
const PUSH: &str = r#"["ecr:PutImage"]"#;
const A: &str = "111111111111";
const B: &str = "333333333333";
const C: &str = "444444444444";

fn owner() -> AccountId {
    AccountId::parse("222222222222").unwrap()
}

fn target(stored: Option<&str>) -> Target {
    let repository = RepositoryRef {
        account: owner(),
        region: Region::parse("eu-west-2").unwrap(),
        name: RepositoryName::parse("vendorapp").unwrap(),
    };
    Target { repository, stored: stored.map(str::to_owned), registry: RegistryPolicy::NotAsked, now: None }
}

fn statement(sid: &str, effect: &str, accounts: &[&str], actions: &str) -> String {
    let accounts: Vec<String> = accounts.iter().map(|id| format!("\"arn:aws:iam::{id}:root\"")).collect();
    format!(
        r#"{{"Sid":"{sid}","Effect":"{effect}","Principal":{{"AWS":[{}]}},"Action":{actions}}}"#,
        accounts.join(",")
    )
}

fn allow(sid: &str, accounts: &[&str]) -> String {
    statement(sid, "Allow", accounts, PULL)
}

fn policy(statements: &[String]) -> String {
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{}]}}", statements.join(", "))
}

/// A plan with its notes.
#[derive(Debug)]
struct UndoPlan {
    way: UndoWay,
    notes: UndoNotes,
    planned: Planned,
}

/// Plans an undo. `Err`: why it is refused.
fn try_undo(target: &Target, texts: &ChangedTexts) -> Result<UndoPlan, String> {
    let planned = plan_undo(target, texts, None);
    let notes = planned.undo.clone().unwrap();
    match notes.way.clone() {
        UndoWay::Refused(why) => {
            assert!(!planned.will_write() && planned.in_words() == format!("not written: {why}"));
            Err(why)
        }
        way => Ok(UndoPlan { way, notes, planned }),
    }
}

/// Plans an undo of a change between two lists of statements, on a third; an empty list is no policy.
fn undo(old: &[String], new: &[String], stored: &[String]) -> Result<UndoPlan, String> {
    let text = |list: &[String]| (!list.is_empty()).then(|| policy(list));
    try_undo(&target(text(stored).as_deref()), &ChangedTexts { old: text(old), new: text(new) })
}

fn undone(old: &[String], new: &[String], stored: &[String]) -> Option<String> {
    let plan = undo(old, new, stored).unwrap();
    assert_eq!((plan.way.clone(), plan.planned.will_write()), (UndoWay::Partial, true), "{plan:?}");
    plan.planned.text
}

#[test]
fn the_old_text_comes_back_byte_for_byte_where_what_was_written_is_stored() {
    let old = "{ \"Version\" : \"2012-10-17\",\r\n\t\"Statement\": [".to_owned() + &allow("Theirs", &[C]) + "  ] }\n";
    let new = policy(&[allow("Theirs", &[C]), allow("EcrGrantPull", &[A])]);
    let texts = ChangedTexts { old: Some(old.clone()), new: Some(new.clone()) };
    for stored in [new.clone(), crate::policy::format(&new).unwrap(), new.replace(&format!("arn:aws:iam::{A}:root"), A)]
    {
        let plan = try_undo(&target(Some(&stored)), &texts).unwrap();
        assert_eq!((plan.way.clone(), plan.planned.text.as_deref()), (UndoWay::Exact, Some(old.as_str())));
        assert!(plan.planned.will_write());
        assert_eq!(plan.planned.delta.losses.len(), 1);
    }
    let plan = try_undo(&target(Some(&old)), &texts).unwrap();
    assert_eq!((plan.way.clone(), plan.planned.will_write()), (UndoWay::AlreadySo, false));
    // Where there was none, the policy goes; where it was deleted, it comes back.
    let first = ChangedTexts { old: None, new: Some(new.clone()) };
    let plan = try_undo(&target(Some(&new)), &first).unwrap();
    assert_eq!(
        (plan.way.clone(), plan.planned.text.as_deref(), plan.planned.will_write()),
        (UndoWay::Exact, None, true)
    );
    assert_eq!(try_undo(&target(None), &first).unwrap().way, UndoWay::AlreadySo);
    let deleted = ChangedTexts { old: Some(old.clone()), new: None };
    let plan = try_undo(&target(None), &deleted).unwrap();
    assert_eq!((plan.way.clone(), plan.planned.text), (UndoWay::Exact, Some(old)));
}

#[test]
fn a_text_that_stood_there_before_comes_back_whatever_the_checks_say_of_it() {
    let odd = policy(&[r#"{"Sid":"Odd","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"ecr:BatchGetImage","Resource":"*"}"#.to_owned()]);
    let new = policy(&[allow("EcrGrantPull", &[A])]);
    let texts = ChangedTexts { old: Some(odd.clone()), new: Some(new.clone()) };
    let plan = try_undo(&target(Some(&new)), &texts).unwrap();
    assert!(plan.planned.findings.iter().any(|finding| finding.stops), "{:?}", plan.planned.findings);
    assert_eq!((plan.planned.will_write(), plan.planned.text), (true, Some(odd)));
}

#[test]
fn deleted_roles_and_users_stay_out_of_what_comes_back() {
    let with_deleted = |sid: &str, accounts: &[&str], deleted: &str| {
        allow(sid, accounts).replace(r#""AWS":["#, &format!(r#""AWS":["{deleted}","#)).replace(",]", "]")
    };
    let (role, user) = ("AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE123");
    // A grant that cleaned the policy: all but the deleted comes back.
    let old = policy(&[with_deleted("Team", &[A], role), with_deleted("Old", &[], user)]);
    let new = policy(&[allow("Team", &[A]), allow("Grant", &[B])]);
    let texts = ChangedTexts { old: Some(old.clone()), new: Some(new.clone()) };
    let planned = plan_undo(&target(Some(&new)), &texts, None);
    assert_eq!(planned.undo.as_ref().unwrap().way, UndoWay::WithoutDeleted(vec![user.to_owned(), role.to_owned()]));
    assert!(planned.will_write(), "{:?}", planned.verdict);
    let text = planned.text.as_deref().unwrap();
    assert!(!text.contains(role) && !text.contains(user) && text.contains(A) && !text.contains(B), "{text}");
    // Nothing but deleted ones was there: the policy goes.
    let texts = ChangedTexts {
        old: Some(policy(&[with_deleted("Old", &[], user)])),
        new: Some(policy(&[allow("Grant", &[B])])),
    };
    let planned = plan_undo(&target(texts.new.as_deref()), &texts, None);
    assert!(planned.will_write() && planned.text.is_none(), "{planned:?}");
    // The change did nothing else: it cannot be taken back, and that is said.
    let texts = ChangedTexts { old: Some(old), new: Some(policy(&[allow("Team", &[A])])) };
    let planned = plan_undo(&target(texts.new.as_deref()), &texts, None);
    assert!(!planned.will_write());
    assert!(
        matches!(&planned.undo.as_ref().unwrap().way, UndoWay::Refused(why) if why.contains("deleted")),
        "{planned:?}"
    );
    // Others wrote since.
    let texts = ChangedTexts {
        old: Some(policy(&[with_deleted("Team", &[A], role)])),
        new: Some(policy(&[allow("Grant", &[B])])),
    };
    let stored = policy(&[allow("Grant", &[B]), allow("Theirs", &[C])]);
    let planned = plan_undo(&target(Some(&stored)), &texts, None);
    let text = planned.text.as_deref().unwrap();
    assert!(planned.will_write() && text.contains(A) && text.contains(C) && !text.contains(role), "{text}");
}

#[test]
fn a_statement_that_was_added_goes_and_those_of_others_stay_as_they_are() {
    let (theirs, ours, later) = (allow("Theirs", &[C]), allow("EcrGrantPull", &[A]), allow("Later", &[B]));
    let left = |old: &[String], stored: &[String]| undone(old, &[old, std::slice::from_ref(&ours)].concat(), stored);
    let old = [theirs.clone()];
    assert_eq!(
        left(&old, &[theirs.clone(), ours.clone(), later.clone()]),
        Some(policy(&[theirs.clone(), later.clone()]))
    );
    assert_eq!(
        left(&old, &[later.clone(), ours.clone()]),
        Some(policy(std::slice::from_ref(&later))),
        "theirs went since"
    );
    assert_eq!(left(&[], &[ours.clone(), later.clone()]), Some(policy(std::slice::from_ref(&later))));
    assert_eq!(left(&old, std::slice::from_ref(&ours)), None, "no statement is left, and ECR takes no empty policy");
}

#[test]
fn principals_that_others_joined_to_a_statement_of_the_change_stay() {
    let ours = |accounts: &[&str]| [allow("EcrGrantPull", accounts)];
    assert_eq!(undone(&[], &ours(&[A]), &ours(&[A, B])), Some(policy(&ours(&[B]))), "a new statement");
    assert_eq!(undone(&ours(&[B]), &ours(&[B, A]), &ours(&[B, A, C])), Some(policy(&ours(&[B, C]))), "a joined one");
    assert_eq!(undone(&ours(&[B]), &ours(&[B, A]), &ours(&[C, A])), Some(policy(&ours(&[C]))), "B went since");
    let plan = undo(&ours(&[B]), &ours(&[B, A]), &ours(&[B, C])).unwrap();
    assert_eq!(plan.way, UndoWay::AlreadySo, "A went since");
}

#[test]
fn what_a_change_took_out_comes_back_with_its_bytes() {
    let (first, second, later) = (allow("First", &[A]), allow("Second", &[B]), allow("Later", &[C]));
    let old = [first.clone(), second.clone()];
    let stored = [second.clone(), later.clone()];
    assert_eq!(
        undone(&old, std::slice::from_ref(&second), &stored),
        Some(policy(&[second.clone(), later.clone(), first.clone()]))
    );
    // The whole policy went, and somebody began anew.
    let text = undone(&old, &[], std::slice::from_ref(&later)).unwrap();
    assert_eq!(text, policy(&[later.clone(), first.clone(), second.clone()]).replace("}, {", "},{"));
    // The rest went since: only what the change took comes back.
    assert_eq!(undone(&old, std::slice::from_ref(&second), &[]), Some(policy(std::slice::from_ref(&first))));
    // A statement that is no list takes another one.
    let stored = format!("{{\"Version\":\"2012-10-17\",\"Statement\":{}}}", allow("Later", &[C]));
    let texts = ChangedTexts { old: Some(policy(&old)), new: Some(policy(std::slice::from_ref(&second))) };
    let plan = try_undo(&target(Some(&stored)), &texts).unwrap();
    let text = plan.planned.text.unwrap();
    assert_eq!(Policy::read(&text).unwrap().statements.len(), 2, "{text}");
    // A principal that was taken out of a statement.
    let both = [allow("Both", &[A, B])];
    let one = [allow("Both", &[B])];
    let beside = [one[0].clone(), later.clone()];
    assert_eq!(undone(&both, &one, &beside), Some(policy(&[later.clone(), both[0].clone()])));
}

#[test]
fn what_would_lose_the_edits_of_others_is_refused_with_the_reason() {
    let refused = |old: &[String], new: &[String], stored: &[String], words: &str| {
        let said = undo(old, new, stored).unwrap_err();
        assert!(said.contains(words), "{said}");
    };
    let ours = allow("EcrGrantPull", &[A]);
    let edited = statement("EcrGrantPull", "Allow", &[A], PUSH);
    refused(
        &[],
        std::slice::from_ref(&ours),
        &[edited, allow("Later", &[B])],
        "others edited statement 1 (EcrGrantPull)",
    );
    let unnamed = |actions: &str| statement("", "Allow", &[A], actions).replace("\"Sid\":\"\",", "");
    refused(
        &[],
        &[unnamed(PULL)],
        &[unnamed(r#"["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer","ecr:ListImages"]"#)],
        "was edited since",
    );
    // A Deny that comes back would take what others gave since.
    let deny = statement("Fence", "Deny", &[A, B], PULL);
    let keep = allow("Keep", &[C]);
    let later = allow("Later", &[B]);
    refused(
        &[keep.clone(), deny.clone()],
        std::slice::from_ref(&keep),
        &[keep.clone(), later],
        "what others gave since",
    );
    refused(
        &[allow("Both", &[A, B])],
        &[allow("Both", &[B])],
        &[allow("Both", &[B, C])],
        "cannot be given back beside theirs",
    );
    refused(
        &[ours.clone(), keep.clone()],
        std::slice::from_ref(&keep),
        &[keep.clone(), allow("EcrGrantPull", &[C])],
        "has the name of one that the change took out",
    );
    let other_version = policy(std::slice::from_ref(&ours)).replace("2012", "2008");
    let texts = ChangedTexts { old: None, new: Some(policy(std::slice::from_ref(&ours))) };
    let stored = other_version.replace(A, B);
    assert!(try_undo(&target(Some(&stored)), &texts).unwrap_err().contains("version"));
    assert!(try_undo(&target(Some("{")), &texts).unwrap_err().contains("the stored policy cannot be read"));
}

#[test]
fn access_that_another_statement_gives_too_is_told_to_stay() {
    let ours = allow("EcrGrantPull", &[A]);
    let own = statement("Own", "Allow", &[A, B], PULL);
    let plan = undo(&[], std::slice::from_ref(&ours), &[ours.clone(), own.clone()]).unwrap();
    assert_eq!((plan.way.clone(), plan.planned.text.as_deref()), (UndoWay::Partial, Some(policy(&[own]).as_str())));
    assert_eq!(plan.notes.remaining_words().len(), 1);
    assert!(plan.notes.remaining_words()[0].contains(A), "{:?}", plan.notes.remaining_words());
}

/// A step of a history on one repository. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    /// We grant to one of two accounts.
    Grant(bool, bool),
    /// We take one of two accounts out.
    Revoke(bool),
    /// We delete the policy.
    Delete,
    /// We take a change back.
    Undo(usize),
    /// We plan as above and write after the step of somebody else.
    Late(Box<Step>, Box<Step>),
    /// Somebody adds a statement: with a name or without, Allow or Deny.
    Add(bool, bool),
    /// Somebody joins an account to a statement.
    Join(usize),
    /// Somebody takes a statement out.
    Remove(usize),
    /// Somebody writes the same in another layout.
    Layout(bool),
    /// Somebody deletes the policy.
    Wipe,
}

fn any_step() -> impl Strategy<Value = Step> {
    let ours = || {
        prop_oneof![
            4 => (any::<bool>(), any::<bool>()).prop_map(|(who, push)| Step::Grant(who, push)),
            2 => any::<bool>().prop_map(Step::Revoke),
            1 => Just(Step::Delete),
            6 => any::<usize>().prop_map(Step::Undo),
        ]
    };
    let theirs = || {
        prop_oneof![
            4 => (any::<bool>(), any::<bool>()).prop_map(|(named, deny)| Step::Add(named, deny)),
            4 => any::<usize>().prop_map(Step::Join),
            3 => any::<usize>().prop_map(Step::Remove),
            2 => any::<bool>().prop_map(Step::Layout),
            1 => Just(Step::Wipe),
        ]
    };
    prop_oneof![
        5 => ours(),
        5 => theirs(),
        1 => (ours(), theirs()).prop_map(|(ours, theirs)| Step::Late(Box::new(ours), Box::new(theirs))),
    ]
}

/// A repository with what others wrote to it, and the changes that we made.
#[derive(Default)]
struct World {
    stored: Option<String>,
    /// The statements of others, by their access.
    foreign: Vec<Statement>,
    /// The accounts that others joined to statements, with the actions and the effect that they have there.
    joined: Vec<Statement>,
    changes: Vec<ChangedTexts>,
    count: u64,
}

impl World {
    fn statements(&self) -> Vec<Statement> {
        self.stored.as_deref().map(|text| Policy::read(text).unwrap().statements).unwrap_or_default()
    }

    /// Returns a text that we would write; none: nothing.
    #[expect(clippy::option_option, reason = "no write, and a write that deletes")]
    fn plan_ours(&self, step: &Step) -> Option<Option<String>> {
        let stored = self.stored.as_deref();
        match step {
            Step::Grant(first, push) => {
                let recipe = recipe::find_recipe(if *push { "push-pull" } else { "pull" }).unwrap();
                let request = Request {
                    owner: owner(),
                    region: Region::parse("eu-west-2").unwrap(),
                    grantees: vec![Grantee::parse(if *first { A } else { B }).unwrap()],
                    recipe,
                    actions: recipe.repository_actions().collect(),
                    until: None,
                };
                let planned = plan_grant(&target(stored), &request, None);
                planned.will_write().then_some(planned.text)
            }
            Step::Revoke(first) => {
                let grantee = Grantee::parse(if *first { A } else { B }).unwrap();
                let revoked = revoke(stored, &[grantee], RevokeOptions::default()).unwrap();
                revoked.changed.then_some(revoked.text)
            }
            // Asked for, it takes what others wrote along; so it is done only where there is nothing of theirs.
            Step::Delete => (stored.is_some() && self.foreign.is_empty() && self.joined.is_empty()).then_some(None),
            Step::Undo(which) => {
                let texts = self.changes.get(which % self.changes.len().max(1))?;
                let plan = try_undo(&target(stored), texts).ok()?;
                if plan.planned.will_write() && means_same(stored, texts.new.as_deref()) {
                    assert_eq!(plan.planned.text, texts.old, "the very text from before");
                }
                plan.planned.will_write().then_some(plan.planned.text)
            }
            _ => None,
        }
    }

    /// Writes as `apply` does: only where what the plan was made from is stored.
    fn write_ours(&mut self, based_on: Option<&str>, text: Option<String>) {
        if means_same(self.stored.as_deref(), based_on) {
            self.changes.push(ChangedTexts { old: self.stored.clone(), new: text.clone() });
            self.stored = text;
        }
    }

    fn take_step(&mut self, step: &Step) {
        match step {
            Step::Late(ours, theirs) => {
                let (based_on, planned) = (self.stored.clone(), self.plan_ours(ours));
                self.take_step(theirs);
                if let Some(text) = planned {
                    self.write_ours(based_on.as_deref(), text);
                }
            }
            Step::Grant(..) | Step::Revoke(_) | Step::Delete | Step::Undo(_) => {
                if let Some(text) = self.plan_ours(step) {
                    self.write_ours(self.stored.clone().as_deref(), text);
                }
            }
            Step::Add(named, deny) => {
                self.count += 1;
                let account = format!("{:012}", 500_000_000_000 + self.count);
                let sid = format!("Outside{}", self.count);
                let mut added = statement(&sid, if *deny { "Deny" } else { "Allow" }, &[&account], PULL);
                if !named {
                    added = added.replace(&format!("\"Sid\":\"{sid}\","), "");
                }
                let mut all: Vec<String> = self.statement_texts();
                all.push(added);
                self.stored = Some(policy(&all));
                self.foreign.extend(self.statements().pop());
            }
            Step::Join(which) => {
                let statements = self.statements();
                let Some(at) = which.checked_rem(statements.len()) else { return };
                self.count += 1;
                let account = format!("arn:aws:iam::{:012}:root", 600_000_000_000 + self.count);
                let mut all = self.statement_texts();
                let mut value: serde_json::Value = serde_json::from_str(&all[at]).unwrap();
                value["Principal"]["AWS"].as_array_mut().unwrap().push(account.into());
                all[at] = value.to_string();
                self.stored = Some(policy(&all));
                let joined = self.statements().swap_remove(at);
                // What was theirs before is theirs with the account.
                self.foreign.retain(|s| !same_access(s, &statements[at]));
                let is_foreign = |p: &crate::policy::Principal| !is_ours(&p.kind);
                for entry in joined.principals.entries.iter().filter(|p| is_foreign(p)) {
                    let mut alone = joined.clone();
                    alone.principals.entries = vec![entry.clone()];
                    self.joined.push(alone);
                }
            }
            Step::Remove(which) => {
                let mut all = self.statement_texts();
                let Some(at) = which.checked_rem(all.len()) else { return };
                all.remove(at);
                self.stored = (!all.is_empty()).then(|| policy(&all));
                self.forget_gone();
            }
            Step::Layout(minify) => {
                let change = if *minify { crate::policy::minify } else { crate::policy::format };
                self.stored = self.stored.as_deref().map(|text| change(text).unwrap());
            }
            Step::Wipe => {
                self.stored = None;
                self.forget_gone();
            }
        }
    }

    /// Returns the texts of the stored statements.
    fn statement_texts(&self) -> Vec<String> {
        let Some(text) = &self.stored else { return Vec::new() };
        Policy::read(text).unwrap().statements.iter().map(|s| s.span.text_in(text).to_owned()).collect()
    }

    /// Others took out what they took out.
    fn forget_gone(&mut self) {
        let (foreign, joined) = (std::mem::take(&mut self.foreign), std::mem::take(&mut self.joined));
        self.foreign = foreign.into_iter().filter(|s| self.holds(s)).collect();
        self.joined = joined.into_iter().filter(|s| self.holds_principal(s)).collect();
    }

    fn holds(&self, statement: &Statement) -> bool {
        self.statements().iter().any(|s| same_access(s, statement))
    }

    /// Tells whether a statement with the same effect, actions and conditions names the only principal of this one.
    fn holds_principal(&self, alone: &Statement) -> bool {
        self.statements().iter().any(|s| {
            let alike = Statement { principals: alone.principals.clone(), ..s.clone() };
            same_access(&alike, alone)
                && s.principals.entries.iter().any(|p| p.kind.same_as(&alone.principals.entries[0].kind))
        })
    }
}

fn is_ours(kind: &PrincipalKind) -> bool {
    [A, B].iter().any(|id| kind.same_as(&PrincipalKind::classify_aws(id)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn nothing_that_others_wrote_is_lost_in_any_history(steps in prop::collection::vec(any_step(), 1..24)) {
        let mut world = World::default();
        for (at, step) in steps.iter().enumerate() {
            let before = world.stored.clone();
            world.take_step(step);
            for foreign in &world.foreign {
                prop_assert!(
                    world.holds(foreign),
                    "step {at} {step:?} lost a statement:\n{before:?}\n{:?}\n{:?}", world.stored, foreign
                );
            }
            for joined in &world.joined {
                prop_assert!(
                    world.holds_principal(joined),
                    "step {at} {step:?} lost an account:\n{before:?}\n{:?}\n{:?}", world.stored, joined.principals
                );
            }
        }
    }

    #[test]
    fn changes_that_are_taken_back_from_the_last_to_the_first_leave_the_first_text(
        steps in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 1..8)
    ) {
        let mut world = World::default();
        for (grants, who, push) in steps {
            world.take_step(&if grants { Step::Grant(who, push) } else { Step::Revoke(who) });
        }
        let changes = std::mem::take(&mut world.changes);
        for texts in changes.iter().rev() {
            let plan = try_undo(&target(world.stored.as_deref()), texts);
            let plan = plan.map_err(TestCaseError::fail)?;
            prop_assert_eq!(plan.way, UndoWay::Exact);
            prop_assert!(plan.planned.will_write());
            world.stored = plan.planned.text;
        }
        prop_assert_eq!(world.stored, None);
    }
}
