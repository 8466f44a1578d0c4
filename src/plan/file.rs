//! A plan as a file: saved by one, applied later or by somebody else. `assets/plan.schema.json` describes it.

use serde::{Deserialize, Serialize};

use super::intent::{Ask, Intent};
use super::planned::{Planned, Target, Verdict, plan_text};
use super::repository_selector::RepositorySelector;
use super::undo::ChangedTexts;
use crate::ecr::json::to_pretty;
use crate::ecr::{AccessEnd, Grantee, Identity, Problem, RepositoryRef, action, recipe};
use crate::policy::{Change, RevokeOptions};

/// The format that this program writes and reads.
const FORMAT: &str = "ecr-grant-plan-1";

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    format: String,
    /// Seconds since 1970-01-01 UTC.
    made: i64,
    /// The ARN of whoever made it.
    made_by: String,
    /// The endpoint that is asked in place of AWS's own, in words; none: AWS's.
    endpoint: Option<String>,
    change: SavedAsk,
    /// Tells whether deleted roles and users go in the same write.
    remove_deleted: bool,
    repositories: Vec<SavedRepository>,
}

/// The change that is asked, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum SavedAsk {
    Grant {
        grantees: Vec<String>,
        recipe: String,
        actions: Vec<String>,
        /// The moment at which the access ends; left out: it has no end. A program that does not know it refuses the plan.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<String>,
    },
    Revoke {
        grantees: Vec<String>,
        include_members: bool,
        include_lambda: bool,
    },
    /// Statements whose access has ended by the moment, in seconds since 1970-01-01 UTC.
    RevokeExpired {
        now: i64,
    },
    Delete,
    Undo {
        change: String,
        texts: Vec<SavedTexts>,
    },
}

/// The texts of a change that is taken back from one repository; null: there was no policy, or it was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedTexts {
    arn: String,
    old: Option<String>,
    new: Option<String>,
}

/// One repository of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRepository {
    arn: String,
    /// Tells whether the plan writes it.
    writes: bool,
    /// The plan for it, in words.
    words: String,
    /// The policy that the plan was made from; null: there was none.
    stored: Option<String>,
    /// The policy to store; null: it is deleted.
    text: Option<String>,
    gains: Vec<String>,
    losses: Vec<String>,
}

/// The relation of a plan made now to the one that was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SavedMatch {
    /// The same parties gain and lose the same.
    Same,
    /// Others gain or lose: it has to be confirmed anew.
    Differs,
}

impl PlanFile {
    /// Takes plans that were made together.
    pub fn of<'a>(
        intent: &Intent,
        plans: impl IntoIterator<Item = &'a Planned>,
        caller: &Identity,
        endpoint: Option<&str>,
        now: i64,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            made: now,
            made_by: caller.arn.to_string(),
            endpoint: endpoint.map(str::to_owned),
            change: SavedAsk::of(&intent.ask),
            remove_deleted: intent.remove_deleted,
            repositories: plans.into_iter().map(SavedRepository::of).collect(),
        }
    }

    /// Sets when it was made, in seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn made_at(self, now: i64) -> Self {
        Self { made: now, ..self }
    }

    /// Returns the text of the file.
    pub fn to_text(&self) -> String {
        format!("{}\n", to_pretty(self))
    }

    /// Reads the text of a file.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = |what: String| Problem { what, next: "save a plan anew with --plan-out".to_owned() };
        let file: Self = serde_json::from_str(text).map_err(|error| problem(format!("this is no plan: {error}")))?;
        if file.format != FORMAT {
            return Err(problem(format!("its format is `{}`, and this program reads `{FORMAT}`", file.format)));
        }
        if let Some(odd) = file.repositories.iter().find(|saved| saved.reference().is_none()) {
            return Err(problem(format!("`{}` is no ARN of a repository", odd.arn)));
        }
        Ok(file)
    }

    /// Returns the endpoint that the plan was made at; none: AWS's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Returns the repositories that the plan writes.
    pub fn written_repositories(&self) -> impl Iterator<Item = RepositoryRef> {
        self.repositories.iter().filter(|saved| saved.writes).filter_map(SavedRepository::reference)
    }

    /// Returns the id of the change that the plan takes back; none: it is another change.
    pub fn undoes(&self) -> Option<&str> {
        match &self.change {
            SavedAsk::Undo { change, .. } => Some(change),
            SavedAsk::Grant { .. } | SavedAsk::Revoke { .. } | SavedAsk::RevokeExpired { .. } | SavedAsk::Delete => {
                None
            }
        }
    }

    /// Returns when it was made, in seconds since 1970-01-01 UTC, and by whom.
    pub fn origin(&self) -> (i64, &str) {
        (self.made, &self.made_by)
    }

    /// Reads the change that is asked.
    pub fn intent(&self) -> Result<Intent, Problem> {
        Ok(Intent { ask: self.change.to_ask()?, remove_deleted: self.remove_deleted })
    }

    /// Plans one repository from what is stored there now. Where that means what the plan was made from, the saved text
    /// is planned, to the byte.
    pub fn plan_target(&self, intent: &Intent, target: &Target, caller: Option<&Identity>) -> Planned {
        let fresh = intent.plan_target(target, caller);
        let Some(saved) = self.saved_for(&target.repository) else { return fresh };
        // A text that was edited by hand may be written where the change alone could not be.
        let is_same = fresh.stored == saved.stored && saved.writes && fresh.text != saved.text;
        if !is_same {
            return fresh;
        }
        let exact = plan_text(target, saved.text.clone(), caller);
        let blocked = intent.blocked_rows(&exact);
        let Planned { removal, undo, deleted, asked_end, .. } = fresh;
        Planned { blocked, asked_end, removal, deleted, undo, ..exact }
    }

    /// Compares a plan made now with the saved one: both are worked out anew from their texts.
    pub fn compare_plan(&self, planned: &Planned, caller: Option<&Identity>) -> SavedMatch {
        let Some(saved) = self.saved_for(&planned.repository) else { return SavedMatch::Differs };
        let target = Target {
            repository: planned.repository.clone(),
            stored: saved.stored.clone(),
            registry: planned.registry.clone(),
            now: planned.now,
        };
        let confirmed = plan_text(&target, saved.text.clone(), caller);
        let is_same = confirmed.delta == planned.delta
            && confirmed.text.is_some() == planned.text.is_some()
            && confirmed.risk_findings().map(|f| &f.message).eq(planned.risk_findings().map(|f| &f.message));
        if is_same { SavedMatch::Same } else { SavedMatch::Differs }
    }

    fn saved_for(&self, repository: &RepositoryRef) -> Option<&SavedRepository> {
        self.repositories.iter().find(|saved| saved.reference().as_ref() == Some(repository))
    }
}

impl SavedAsk {
    fn of(ask: &Ask) -> Self {
        let texts = |grantees: &[Grantee]| grantees.iter().map(Grantee::to_string).collect();
        match ask {
            Ask::Grant { grantees, recipe, actions, until } => Self::Grant {
                grantees: texts(grantees),
                recipe: recipe.name.clone(),
                actions: actions.iter().map(|action| action.name.clone()).collect(),
                until: until.map(AccessEnd::policy_value),
            },
            Ask::Revoke { grantees, options } => Self::Revoke {
                grantees: texts(grantees),
                include_members: options.and_principals,
                include_lambda: options.and_lambdas_own,
            },
            Ask::RevokeExpired { now } => Self::RevokeExpired { now: *now },
            Ask::Delete => Self::Delete,
            Ask::Undo { change, texts } => {
                let saved = |(repository, texts): &(RepositoryRef, ChangedTexts)| SavedTexts {
                    arn: repository.arn().to_string(),
                    old: texts.old.clone(),
                    new: texts.new.clone(),
                };
                Self::Undo { change: change.clone(), texts: texts.iter().map(saved).collect() }
            }
        }
    }

    fn to_ask(&self) -> Result<Ask, Problem> {
        let read = |texts: &[String]| texts.iter().map(|text| Grantee::parse(text)).collect::<Result<Vec<_>, _>>();
        let unknown = |what: &str, name: &str| Problem {
            what: format!("there is no {what} `{name}`"),
            next: "save the plan anew with this version of the program".to_owned(),
        };
        match self {
            Self::Grant { grantees, recipe, actions, until } => Ok(Ask::Grant {
                grantees: read(grantees)?,
                recipe: recipe::find_recipe(recipe).ok_or_else(|| unknown("recipe", recipe))?,
                actions: actions
                    .iter()
                    .map(|name| action::find_action(name).ok_or_else(|| unknown("action", name)))
                    .collect::<Result<_, _>>()?,
                until: until
                    .as_deref()
                    .map(|text| AccessEnd::read_value(text).ok_or_else(|| unknown("date", text)))
                    .transpose()?,
            }),
            Self::Revoke { grantees, include_members, include_lambda } => Ok(Ask::Revoke {
                grantees: read(grantees)?,
                options: RevokeOptions { and_principals: *include_members, and_lambdas_own: *include_lambda },
            }),
            Self::RevokeExpired { now } => Ok(Ask::RevokeExpired { now: *now }),
            Self::Delete => Ok(Ask::Delete),
            Self::Undo { change, texts } => {
                let texts = texts.iter().map(|saved| {
                    let texts = ChangedTexts { old: saved.old.clone(), new: saved.new.clone() };
                    Some((read_reference(&saved.arn)?, texts))
                });
                let texts: Option<Vec<_>> = texts.collect();
                let texts = texts.ok_or_else(|| Problem {
                    what: "it takes a change back from something that is no repository".to_owned(),
                    next: "save a plan anew with --plan-out".to_owned(),
                })?;
                Ok(Ask::Undo { change: change.clone(), texts })
            }
        }
    }
}

impl SavedRepository {
    fn of(planned: &Planned) -> Self {
        let words = |changes: &[Change]| changes.iter().map(|change| planned.change_words(change)).collect();
        Self {
            arn: planned.repository.arn().to_string(),
            writes: planned.verdict == Verdict::Write,
            words: planned.in_words(),
            stored: planned.stored.clone(),
            text: planned.text.clone(),
            gains: words(&planned.delta.gains),
            losses: words(&planned.delta.losses),
        }
    }

    fn reference(&self) -> Option<RepositoryRef> {
        read_reference(&self.arn)
    }
}

/// Reads the ARN of a repository, spelt as this program spells it.
fn read_reference(arn: &str) -> Option<RepositoryRef> {
    match RepositorySelector::parse(arn) {
        Ok(RepositorySelector::Exact { reference, .. }) if reference.arn().to_string() == arn => Some(reference),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::{AccountId, Arn, Region, RepositoryName};
    use crate::policy::RegistryPolicy;

    const THEIRS: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"ecr:BatchGetImage"}]}"#;

    fn target(stored: Option<&str>) -> Target {
        let repository = RepositoryRef {
            account: AccountId::parse("222222222222").unwrap(),
            region: Region::parse("eu-west-2").unwrap(),
            name: RepositoryName::parse("team/app").unwrap(),
        };
        Target { repository, stored: stored.map(str::to_owned), registry: RegistryPolicy::Absent, now: None }
    }

    fn caller() -> Identity {
        Identity {
            account: AccountId::parse("222222222222").unwrap(),
            arn: Arn::parse("arn:aws:iam::222222222222:role/admin").unwrap(),
        }
    }

    fn grant() -> Intent {
        let recipe = recipe::find_recipe("pull").unwrap();
        let grantees = vec![Grantee::parse("111111111111").unwrap(), Grantee::parse("o-a1b2c3d4e5").unwrap()];
        let ask = Ask::Grant { grantees, recipe, actions: recipe.repository_actions().collect(), until: None };
        Intent { ask, remove_deleted: true }
    }

    fn grant_until() -> Intent {
        let mut intent = grant();
        if let Ask::Grant { until, .. } = &mut intent.ask {
            *until = AccessEnd::read_value("2027-03-31T23:59:59Z");
        }
        intent
    }

    fn revoke() -> Intent {
        let options = RevokeOptions { and_principals: true, and_lambdas_own: false };
        let ask = Ask::Revoke { grantees: vec![Grantee::parse("333333333333").unwrap()], options };
        Intent { ask, remove_deleted: false }
    }

    fn saved(intent: &Intent, stored: Option<&str>) -> PlanFile {
        let plan = intent.plan_target(&target(stored), Some(&caller()));
        let text = serde_json::to_string(&PlanFile::of(intent, [&plan], &caller(), None, 7)).unwrap();
        PlanFile::parse(&text).unwrap()
    }

    #[test]
    fn a_saved_plan_comes_to_the_same_texts_when_nothing_changed() {
        let delete = Intent { ask: Ask::Delete, remove_deleted: false };
        for (intent, stored) in
            [(grant(), None), (grant_until(), Some(THEIRS)), (revoke(), Some(THEIRS)), (delete, Some(THEIRS))]
        {
            let file = saved(&intent, stored);
            assert_eq!(file.intent().unwrap(), intent);
            assert_eq!(file.written_repositories().collect::<Vec<_>>(), [target(None).repository]);
            let planned = intent.plan_target(&target(stored), Some(&caller()));
            let again = file.plan_target(&intent, &target(stored), Some(&caller()));
            assert_eq!((&again.text, &again.verdict), (&planned.text, &planned.verdict));
            assert_eq!(file.compare_plan(&again, Some(&caller())), SavedMatch::Same);
        }
    }

    #[test]
    fn a_text_that_was_edited_in_the_file_is_stored_to_the_byte_or_told_to_differ() {
        let mut file = saved(&grant(), Some(THEIRS));
        let spaced = format!("{}\n", file.repositories[0].text.as_deref().unwrap());
        file.repositories[0].text = Some(spaced.clone());
        let planned = file.plan_target(&grant(), &target(Some(THEIRS)), Some(&caller()));
        assert_eq!(planned.text, Some(spaced));
        assert!(planned.will_write());
    }

    #[test]
    fn another_stored_policy_is_the_same_change_only_where_the_same_parties_gain_and_lose() {
        let file = saved(&grant(), Some(THEIRS));
        let also = THEIRS.replace("333333333333", "444444444444");
        let plan = |stored: &str| file.plan_target(&grant(), &target(Some(stored)), Some(&caller()));
        assert_eq!(file.compare_plan(&plan(&also), Some(&caller())), SavedMatch::Same, "somebody else's change");
        let half = THEIRS.replace("333333333333", "111111111111");
        assert_eq!(file.compare_plan(&plan(&half), Some(&caller())), SavedMatch::Differs, "a part is there already");
    }

    #[test]
    fn a_file_that_is_no_plan_is_refused_with_the_reason() {
        let good = serde_json::to_string(&saved(&grant(), None)).unwrap();
        for (from, to, words) in [
            ("ecr-grant-plan-1", "ecr-grant-plan-9", "its format is"),
            ("arn:aws:ecr:eu-west-2", "arn:aws:s3:eu-west-2", "is no ARN of a repository"),
            ("\"made\":7", "\"made\":7,\"extra\":1", "unknown field"),
            ("{", "", "this is no plan"),
        ] {
            let problem = PlanFile::parse(&good.replacen(from, to, 1)).unwrap_err();
            assert!(problem.what.contains(words), "{problem}");
        }
        let unknown = PlanFile::parse(&good.replace("\"pull\"", "\"pul\"")).unwrap();
        assert!(unknown.intent().unwrap_err().what.contains("no recipe `pul`"));
        let ending = serde_json::to_string(&saved(&grant_until(), None)).unwrap();
        let odd = PlanFile::parse(&ending.replace("\"until\":\"2027-03-31T23:59:59Z\"", "\"until\":\"soon\"")).unwrap();
        assert!(odd.intent().unwrap_err().what.contains("no date `soon`"));
    }
}
