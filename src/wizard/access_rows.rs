//! Who has access, one row each: the party, what it can do, under which condition, and by which statement. Rows that say the
//! same of several parties are folded into one with their number.

use unicode_width::UnicodeWidthStr as _;

use super::computation::deciding::DecidingPolicies;
use super::page::{Cell, Ink, Mark, TextPage};
use super::statements::{add_notes, name_of, words_of_condition};
use crate::ecr::{AccountId, AccountNames};
use crate::plan::first_three;
use crate::policy::explain::{actions_words, denial_limits, party_words};
use crate::policy::{AccessRow, AccessTable, DenyRow, Policy, Who, have_ended};

/// As many parties of one kind with the same access are folded into one row. Deleted ones are folded from two on.
const FOLDED_FROM: usize = 4;

/// The cells between two columns.
const GAP: usize = 2;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessEntry {
    /// Access that one party has: the index of its row in the access table.
    Party(usize),
    /// Access that several parties have alike: their rows in the access table.
    Folded(Vec<usize>),
    /// Deny rows that say the same in several statements: their indexes.
    Denied(Vec<usize>),
}

/// Lists the rows of an access table: what is given first, then what is denied. `is_open` tells which folded rows, named by
/// their first index, are shown one by one.
pub fn list_entries(table: &AccessTable, is_open: impl Fn(usize) -> bool) -> Vec<AccessEntry> {
    let mut entries: Vec<AccessEntry> = Vec::new();
    let mut is_told = vec![false; table.rows.len()];
    for (at, row) in table.rows.iter().enumerate() {
        if is_told.get(at).copied().unwrap_or_default() {
            continue;
        }
        let same: Vec<usize> =
            (at..).zip(table.rows.iter().skip(at)).filter(|(_, other)| is_alike(row, other)).map(|(i, _)| i).collect();
        let needed = if row.who.is_deleted() { 2 } else { FOLDED_FROM };
        if same.len() < needed || plural_kind(&row.who).is_none() {
            entries.push(AccessEntry::Party(at));
            continue;
        }
        for index in &same {
            if let Some(told) = is_told.get_mut(*index) {
                *told = true;
            }
        }
        if is_open(at) {
            entries.extend(same.into_iter().map(AccessEntry::Party));
        } else {
            entries.push(AccessEntry::Folded(same));
        }
    }
    let mut denied: Vec<Vec<usize>> = Vec::new();
    for (at, row) in table.denies.iter().enumerate() {
        let says_same = |other: &DenyRow| {
            (&other.who, &other.actions, &other.conditions) == (&row.who, &row.actions, &row.conditions)
        };
        let same = denied
            .iter_mut()
            .find(|list| list.first().and_then(|first| table.denies.get(*first)).is_some_and(says_same));
        match same {
            Some(list) => list.push(at),
            None => denied.push(vec![at]),
        }
    }
    entries.extend(denied.into_iter().map(AccessEntry::Denied));
    entries
}

/// Tells whether two rows say the same of two parties of one kind.
fn is_alike(a: &AccessRow, b: &AccessRow) -> bool {
    let said = |row: &AccessRow| (plural_kind(&row.who), row.unproved);
    said(a) == said(b)
        && (&a.actions, &a.void, &a.conditions, &a.statements, &a.blocked)
            == (&b.actions, &b.void, &b.conditions, &b.statements, &b.blocked)
}

/// Returns the word for several parties of one kind; none: such parties are never folded.
fn plural_kind(who: &Who) -> Option<&'static str> {
    Some(match who {
        Who::Account(_) => "accounts",
        Who::Role(_) => "roles",
        Who::User(_) => "users",
        Who::Session(_) => "sessions",
        Who::Organization(_) => "organizations",
        Who::OrgUnit(_) => "OUs",
        Who::Service(_) => "services",
        Who::Orphan(_) => "deleted roles and users",
        Who::Everyone | Who::Other(_) => return None,
    })
}

/// The words of a row of the list.
#[derive(Debug)]
struct EntryWords {
    who: String,
    what: (Ink, String),
    condition: String,
    statement: String,
    /// What is told below, each with its ink; a warning has a sign.
    below: Vec<(Ink, String)>,
}

impl EntryWords {
    fn of(
        entry: &AccessEntry,
        policy: &Policy,
        table: &AccessTable,
        owner: &AccountId,
        is_short: bool,
        now: Option<i64>,
    ) -> Option<Self> {
        match entry {
            AccessEntry::Party(at) => Some(Self::of_row(table.rows.get(*at)?, policy, now)),
            AccessEntry::Folded(all) => {
                let rows: Vec<&AccessRow> = all.iter().filter_map(|at| table.rows.get(*at)).collect();
                let first = rows.first()?;
                let name = |row: &&AccessRow| match &row.who {
                    who if who.is_deleted() => party_words(who).trim_start_matches("deleted ").to_owned(),
                    who => who.short(owner),
                };
                let names: Vec<String> = rows.iter().map(name).collect();
                let names = if is_short { first_three(&names, ("more", "more")) } else { names.join(", ") };
                let mut words = Self::of_row(first, policy, now);
                words.who = format!("{} {}", rows.len(), plural_kind(&first.who)?);
                words.below.insert(0, (Ink::Dim, names));
                Some(words)
            }
            AccessEntry::Denied(all) => {
                let rows: Vec<&DenyRow> = all.iter().filter_map(|at| table.denies.get(*at)).collect();
                let first = rows.first()?;
                let limits = denial_limits(first);
                let condition = if limits.is_empty() && first.who == Who::Everyone {
                    "without exception".to_owned()
                } else {
                    limits.join("; ")
                };
                Some(Self {
                    who: party_words(&first.who),
                    what: (Ink::Bad, format!("denied: {}", actions_words(&first.actions))),
                    condition,
                    statement: statement_names(policy, rows.iter().map(|row| row.statement)),
                    below: Vec::new(),
                })
            }
        }
    }

    fn of_row(row: &AccessRow, policy: &Policy, now: Option<i64>) -> Self {
        let left = row.effective();
        let what = if row.who.is_deleted() || now.is_some_and(|now| have_ended(&row.conditions, now)) {
            (Ink::Dim, "nothing".to_owned())
        } else if !left.is_empty() {
            (Ink::Plain, actions_words(&left))
        } else if row.blocked.is_empty() {
            (Ink::Dim, "nothing: no request fits".to_owned())
        } else {
            (Ink::Bad, format!("denied: {}", actions_words(&row.actions)))
        };
        let mut below = Vec::new();
        if let Some(why) = row.unproved {
            below.push((Ink::Warn, format!("unproved: {}", why.words())));
        }
        if !row.blocked.is_empty() {
            let word = if row.blocked.len() == 1 { "statement" } else { "statements" };
            let names = statement_names(policy, row.blocked.iter().copied());
            below.push((Ink::Warn, format!("{} {word} {names}", row.denial_words())));
        }
        let conditions = row.conditions.iter().map(|condition| words_of_condition(condition, now));
        let times = Some(row.denied_time_words()).filter(|times| !times.is_empty());
        let conditions: Vec<String> = conditions.chain(times).collect();
        Self {
            who: party_words(&row.who),
            what,
            condition: conditions.join("; "),
            statement: statement_names(policy, row.statements.iter().copied()),
            below,
        }
    }
}

fn statement_names(policy: &Policy, statements: impl Iterator<Item = usize>) -> String {
    statements.map(|index| name_of(policy, index)).collect::<Vec<_>>().join(", ")
}

/// Adds these rows of the list, and then what cannot be seen from here. Each row has the place of its entry as its owner.
/// `is_short`: of a folded row three parties are named.
pub fn add_access(page: &mut TextPage, policies: &DecidingPolicies, entries: &[AccessEntry], is_short: bool) {
    let Ok((policy, table)) = &policies.deciding else {
        page.add_marked(Mark::Failed, Ink::Plain, 0, "the policy cannot be read, so nobody can say who has access");
        return;
    };
    let owner = &policies.repository.account;
    add_entries(page, (policy, table), owner, entries, is_short, false);
    add_notes(page, policies);
    page.add_blank();
    page.text_row(
        Ink::Dim,
        0,
        &format!(
            "Identities of account {owner} can do what their own policies allow, whatever stands here, unless a Deny \
             above holds for them. Policies of the other side and of organizations cannot be seen from here; they may deny."
        ),
    );
}

/// Adds these rows of the list alone. `is_stacked`: where the columns have no room for the names of accounts, what stands in
/// them stands below one another.
pub(super) fn add_entries(
    page: &mut TextPage,
    (policy, table): (&Policy, &AccessTable),
    owner: &AccountId,
    entries: &[AccessEntry],
    is_short: bool,
    is_stacked: bool,
) {
    if table.rows.is_empty() {
        page.text_row(Ink::Plain, 0, "Nobody gains anything by this policy.");
    }
    let all: Vec<(usize, EntryWords)> = (0..)
        .zip(entries)
        .filter_map(|(at, entry)| Some((at, EntryWords::of(entry, policy, table, owner, is_short, page.moment())?)))
        .collect();
    let columns = if is_stacked {
        Columns::fit_all_names(&all, page.width(), page.account_names())
    } else {
        Columns::fit_with_names(&all, page.width(), page.account_names())
    };
    for (at, words) in &all {
        page.belongs_to(Some(*at));
        match &columns {
            Some(columns) => columns.add_row(page, words),
            None => add_stacked(page, words),
        }
        for (ink, text) in &words.below {
            if *ink == Ink::Warn {
                page.add_marked(Mark::Warn, *ink, 2, text);
            } else {
                page.text_row(*ink, 2, text);
            }
        }
    }
    page.belongs_to(None);
}

/// The widths of the columns.
#[derive(Debug, Clone, Copy)]
struct Columns {
    who: usize,
    what: usize,
    /// None: a condition stands below its row.
    condition: Option<usize>,
    statement: usize,
}

impl Columns {
    /// Returns the widths in a page so wide; none: a word would not fit into its column.
    fn fit(all: &[(usize, EntryWords)], width: usize) -> Option<Self> {
        type Of = fn(&EntryWords) -> &str;
        let of: [Of; 3] = [|words| &words.who, |words| &words.what.1, |words| &words.statement];
        let texts = |of: Of| all.iter().map(move |(_, words)| of(words));
        let widest = |of: Of| texts(of).map(str::width).max().unwrap_or_default();
        let longest_word = |of: Of| texts(of).flat_map(str::split_whitespace).map(str::width).max().unwrap_or_default();
        let [who, what, statement] = of.map(widest);
        let condition = widest(|words| &words.condition);
        let between = if condition > 0 { condition + GAP } else { 0 };
        if who + what + between + statement + 2 * GAP <= width {
            return Some(Self { who, what, condition: Some(condition), statement });
        }
        let least = of.map(longest_word);
        let mut left = width.checked_sub(least.iter().sum::<usize>() + 2 * GAP)?;
        let mut widen = |least: usize, wanted: usize| {
            let more = wanted.saturating_sub(least).min(left);
            left -= more;
            least + more
        };
        let [least_who, least_what, least_statement] = least;
        let (who, what) = (widen(least_who, who), widen(least_what, what));
        Some(Self { who, what, condition: None, statement: widen(least_statement, statement) })
    }

    /// Returns the widths with the names of accounts beside their ids, where no row needs a second line for them; else without.
    fn fit_with_names(all: &[(usize, EntryWords)], width: usize, names: &AccountNames) -> Option<Self> {
        Self::fit_all_names(all, width, names).or_else(|| Self::fit(all, width))
    }

    /// Returns the widths with the names of accounts beside their ids; none: there is no room for all of them.
    fn fit_all_names(all: &[(usize, EntryWords)], width: usize, names: &AccountNames) -> Option<Self> {
        let plain = Self::fit(all, width)?;
        let widest = |of: fn(&EntryWords) -> &str| {
            all.iter().map(|(_, words)| names.beside_ids(of(words)).width()).max().unwrap_or_default()
        };
        let condition = plain.condition.map(|_| widest(|words| &words.condition));
        let wide = Self { who: widest(|words| &words.who), condition, ..plain };
        (wide.needed_width() <= width).then_some(wide)
    }

    fn needed_width(&self) -> usize {
        let between = self.condition.filter(|condition| *condition > 0).map_or(0, |condition| condition + GAP);
        self.who + self.what + between + self.statement + 2 * GAP
    }

    fn add_row(&self, page: &mut TextPage, words: &EntryWords) {
        let cell = |ink, text, width| Cell { ink, text, width };
        let names = page.account_names().clone();
        let who = names.beside_ids_within(&words.who, self.who);
        let condition = names.beside_ids_within(&words.condition, self.condition.unwrap_or_default());
        let mut cells = vec![cell(Ink::Strong, &*who, self.who), cell(words.what.0, &words.what.1, self.what)];
        match self.condition {
            Some(0) | None => {}
            Some(width) => cells.push(cell(Ink::Plain, &condition, width)),
        }
        cells.push(cell(Ink::Dim, &words.statement, self.statement));
        page.add_cells(&cells, GAP);
        if self.condition.is_none() && !words.condition.is_empty() {
            page.text_row(Ink::Plain, 2, &words.condition);
        }
    }
}

/// Adds a row of the list where there is no room for columns.
fn add_stacked(page: &mut TextPage, words: &EntryWords) {
    page.text_row(Ink::Strong, 0, &words.who);
    page.text_row(words.what.0, 2, &words.what.1);
    if !words.condition.is_empty() {
        page.text_row(Ink::Plain, 2, &words.condition);
    }
    page.text_row(Ink::Dim, 2, &format!("by {}", words.statement));
}
