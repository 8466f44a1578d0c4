//! Compares the statements from before a change, of the change, and of today.

use super::edits::{Cuts, StatementTexts};
use super::{ReadText, ReadTexts};
use crate::ecr::text::make_visible;
use crate::policy::canonical::same_access;
use crate::policy::{Effect, Principal, Statement};

/// The text without the change.
pub(super) struct Merged {
    /// The text; none: no statement is left, so that the policy goes.
    pub(super) text: Option<String>,
    /// Tells whether it differs from what is stored.
    pub(super) is_changed: bool,
}

/// A statement with its index in its policy.
type Indexed<'p> = (usize, &'p Statement);

/// The statements that differ between the text from before and the one that was sent.
#[derive(Default)]
struct Differences<'p> {
    /// In both.
    common: Vec<&'p Statement>,
    /// Only in the one that was sent.
    added: Vec<Indexed<'p>>,
    /// Only in the one from before.
    removed: Vec<Indexed<'p>>,
    /// The statement from before and the one that was sent, which differ in their principals alone.
    joined: Vec<(Indexed<'p>, Indexed<'p>)>,
}

/// Takes the change out of what is stored. `Err`: what others wrote stands in the way.
pub(super) fn merge_texts(read: &ReadTexts<'_>) -> Result<Merged, String> {
    let (stored, old, new) = (statements_in(&read.stored), statements_in(&read.old), statements_in(&read.new));
    refuse_other_version(read)?;
    let differences = find_differences(old, new);
    let mut merge = Merge { stored, claimed: vec![false; stored.len()], cuts: Cuts::default(), back: Vec::new() };
    for common in &differences.common {
        merge.claim(|s| same_access(s, common), common);
    }
    for (before, (_, added)) in &differences.joined {
        merge.split_joined(*before, added)?;
    }
    for (_, added) in &differences.added {
        merge.take_out(added, old)?;
    }
    for removed in &differences.removed {
        merge.give_back(*removed)?;
    }
    let Merge { cuts, back, .. } = merge;
    let is_changed = !cuts.is_empty() || !back.is_empty();
    let old_text = read.old.as_ref().map(|(text, _)| StatementTexts::read(text)).transpose()?;
    let text = match &read.stored {
        Some((text, _)) => {
            let texts: Vec<String> =
                back.iter().filter_map(|at| old_text.as_ref()?.statement_text(*at)).map(str::to_owned).collect();
            StatementTexts::read(text)?.without(&cuts, &texts)?
        }
        None if back.is_empty() => None,
        // The document from before, without the statements that were not the change's to give back.
        None => match &old_text {
            Some(old_text) => old_text.with_only(&back)?,
            None => None,
        },
    };
    Ok(Merged { text, is_changed })
}

fn statements_in<'a>(text: &'a ReadText<'_>) -> &'a [Statement] {
    text.as_ref().map_or(&[], |(_, policy)| &policy.statements)
}

/// Refuses where the version of the policy language was changed: it decides what variables in the statements of others
/// mean.
fn refuse_other_version(read: &ReadTexts<'_>) -> Result<(), String> {
    let version = |text: &ReadText<'_>| {
        text.as_ref().map(|(_, p)| p.version.as_ref().map_or("2008-10-17".to_owned(), |v| v.value.clone()))
    };
    let (stored, old, new) = (version(&read.stored), version(&read.old), version(&read.new));
    let differ = |a: &Option<String>, b: &Option<String>| a.is_some() && b.is_some() && a != b;
    if differ(&old, &new) || differ(&stored, &old) || differ(&stored, &new) {
        return Err("others wrote since, and the version of the policy language is another one".to_owned());
    }
    Ok(())
}

fn find_differences<'p>(old: &'p [Statement], new: &'p [Statement]) -> Differences<'p> {
    let mut found = Differences::default();
    let mut rest: Vec<Indexed<'p>> = old.iter().enumerate().collect();
    let mut added: Vec<Indexed<'p>> = Vec::new();
    // First those whose name is the same too, so that of two alike the right one is left over.
    let mut take = |statement: &Statement, is_same: &dyn Fn(&Statement) -> bool| {
        let named = rest.iter().position(|(_, s)| is_same(s) && sid(s) == sid(statement));
        named.or_else(|| rest.iter().position(|(_, s)| is_same(s))).map(|at| rest.remove(at))
    };
    for (index, statement) in new.iter().enumerate() {
        match take(statement, &|s| same_access(s, statement)) {
            Some(_) => found.common.push(statement),
            None => added.push((index, statement)),
        }
    }
    for (index, statement) in added {
        match take(statement, &|s| differs_in_principals(s, statement)) {
            Some(before) => found.joined.push((before, (index, statement))),
            None => found.added.push((index, statement)),
        }
    }
    found.removed = rest;
    found
}

fn sid(statement: &Statement) -> Option<&str> {
    statement.sid.as_ref().map(|sid| sid.value.as_str())
}

/// Tells whether two statements say the same of lists of principals, whatever principals these are.
fn differs_in_principals(a: &Statement, b: &Statement) -> bool {
    let alike = Statement { principals: b.principals.clone(), ..a.clone() };
    !a.principals.negated && !b.principals.negated && same_access(&alike, b)
}

fn has_principal(statement: &Statement, principal: &Principal) -> bool {
    statement.principals.entries.iter().any(|entry| entry.kind.same_as(&principal.kind))
}

/// The stored statements while the change is taken out of them.
struct Merge<'p> {
    stored: &'p [Statement],
    /// The statements that stand for one of the change, or for one that it left alone.
    claimed: Vec<bool>,
    cuts: Cuts,
    /// Indexes of the statements from before that come back.
    back: Vec<usize>,
}

impl<'p> Merge<'p> {
    /// Finds the stored statement for one of the change; with the same name where there are several.
    fn claim(&mut self, is_it: impl Fn(&Statement) -> bool, for_it: &Statement) -> Option<Indexed<'p>> {
        let free = || self.stored.iter().enumerate().filter(|(at, s)| !self.is_claimed(*at) && is_it(s));
        let found = free().find(|(_, s)| sid(s) == sid(for_it)).or_else(|| free().next())?;
        if let Some(claimed) = self.claimed.get_mut(found.0) {
            *claimed = true;
        }
        Some(found)
    }

    fn is_claimed(&self, at: usize) -> bool {
        self.claimed.get(at).copied().unwrap_or_default()
    }

    /// Takes the principals out that the change joined to a statement, and gives those back that it took out of it.
    fn split_joined(&mut self, (before_at, before): Indexed<'_>, after: &Statement) -> Result<(), String> {
        let is_named_so = |s: &Statement| sid(s) == sid(after);
        let found = self
            .claim(|s| is_named_so(s) && same_access(s, after), after)
            .or_else(|| self.claim(|s| is_named_so(s) && differs_in_principals(s, after), after));
        let mut gone = before.principals.entries.iter().filter(|entry| !has_principal(after, entry));
        let Some((at, statement)) = found else {
            self.refuse_edited(after)?;
            return match gone.next() {
                Some(_) => Err(format!("others took {} out since", before.display_name(before_at))),
                None => Ok(()),
            };
        };
        if let Some(lost) = gone.find(|entry| !has_principal(statement, entry)) {
            if !same_access(statement, after) {
                let lost = make_visible(&lost.text);
                return Err(format!(
                    "others changed {} since, so that {lost} cannot be given back beside theirs",
                    statement.display_name(at)
                ));
            }
            self.cuts.add_whole(at);
            self.back.push(before_at);
            return Ok(());
        }
        let is_ours = |entry: &Principal| has_principal(after, entry) && !has_principal(before, entry);
        self.cut_principals(at, statement, is_ours);
        Ok(())
    }

    /// Takes a statement out that the change added, or its principals out of the one that others made of it.
    fn take_out(&mut self, added: &Statement, old: &[Statement]) -> Result<(), String> {
        // One of another name is somebody's own.
        let is_named_so = |s: &Statement| sid(s) == sid(added);
        if let Some((at, _)) = self.claim(|s| is_named_so(s) && same_access(s, added), added) {
            self.cuts.add_whole(at);
            return Ok(());
        }
        let is_of_it = |s: &Statement| {
            is_named_so(s)
                && differs_in_principals(s, added)
                && added.principals.entries.iter().any(|entry| has_principal(s, entry))
        };
        let Some((at, statement)) = self.claim(is_of_it, added) else { return self.refuse_edited(added) };
        // Where others put two statements together, one of them may have been there before.
        let was_there =
            |entry: &Principal| old.iter().any(|s| differs_in_principals(s, added) && has_principal(s, entry));
        self.cut_principals(at, statement, |entry| has_principal(added, entry) && !was_there(entry));
        Ok(())
    }

    fn cut_principals(&mut self, at: usize, statement: &Statement, goes: impl Fn(&Principal) -> bool) {
        let entries = &statement.principals.entries;
        let going: Vec<usize> = entries.iter().enumerate().filter(|(_, p)| goes(p)).map(|(i, _)| i).collect();
        if going.len() == entries.len() {
            self.cuts.add_whole(at);
        } else if !going.is_empty() {
            self.cuts.add_principals(at, going);
        }
    }

    /// Gives a statement back that the change took out.
    fn give_back(&mut self, (at, removed): Indexed<'_>) -> Result<(), String> {
        if self.claim(|s| same_access(s, removed), removed).is_some() {
            return Ok(());
        }
        let is_in_the_way = |(at, s): (usize, &Statement)| {
            !self.cuts.takes_whole(at) && sid(removed).is_some() && sid(s) == sid(removed)
        };
        if let Some((at, other)) = self.stored.iter().enumerate().find(|found| is_in_the_way(*found)) {
            return Err(format!(
                "{} has the name of one that the change took out, and says something else",
                other.display_name(at)
            ));
        }
        self.back.push(at);
        Ok(())
    }

    /// Refuses where a statement of the change is there under its name and says something else.
    fn refuse_edited(&self, written: &Statement) -> Result<(), String> {
        let is_edited =
            |(at, s): &(usize, &Statement)| !self.is_claimed(*at) && sid(written).is_some() && sid(s) == sid(written);
        match self.stored.iter().enumerate().find(is_edited) {
            Some((at, statement)) => {
                let what = if statement.effect == Effect::Deny { "denies" } else { "gives" };
                Err(format!("others edited {} since: it {what} something else", statement.display_name(at)))
            }
            None => Ok(()),
        }
    }
}
