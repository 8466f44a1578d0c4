//! One caller for each way in which policies can tell callers apart.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::pattern_overlap::{common, common_arns, members};
use super::rules::Cond;
use crate::condition::{Family, Known};
use crate::ecr::{AccountId, Arn, Partition};
use crate::evaluate::Caller;
use crate::model::document::Principals;
use crate::model::principal::PrincipalKind;

/// How a caller stands to the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Of an account that nobody names.
    Stranger,
    /// Of an account that is named.
    Named,
    /// An AWS service.
    Service,
    /// Of the account that owns the repository.
    Own,
}

/// A caller that stands for all those that no policy tells from it.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    pub caller: Caller,
    /// The ARN of a session's role with its path, which the session's own ARN has lost.
    pub role: Option<String>,
    pub standing: Standing,
}

impl Atom {
    /// Returns what the caller tells of a key; `Unknown`: the key is free.
    pub fn known(&self, key: &str) -> Known {
        let is_service = self.is_service();
        match (key, &self.role) {
            ("aws:principalarn", Some(role)) => Known::Values(vec![role.clone()]),
            // A person's call may come by way of a service.
            ("aws:viaawsservice", _) if !is_service => Known::Unknown,
            _ if is_service && is_of_people(key) => Known::Absent,
            _ => self.caller.known(key),
        }
    }

    pub fn is_service(&self) -> bool {
        matches!(self.caller, Caller::Service(_))
    }

    /// The caller as `can` and the cases file write it.
    pub fn text(&self) -> String {
        match &self.caller {
            Caller::Service(name) => name.clone(),
            other => other.arn().map_or_else(|| "anonymous".to_owned(), ToString::to_string),
        }
    }
}

/// Keys that AWS services lack, besides those of `Caller::known`. Source: IAM user guide, global condition keys.
fn is_of_people(key: &str) -> bool {
    key.starts_with("aws:principaltag/")
        || ["aws:userid", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:calledvia"]
            .contains(&key)
}

/// Names that no policy uses.
#[derive(Debug, Clone)]
pub(super) struct Fresh {
    pub partition: Partition,
    /// The account that owns the repository.
    pub owner: String,
    pub owner_is_known: bool,
    /// An account that nobody names.
    pub account: String,
    /// A word that stands in no text of the policies.
    pub word: String,
}

impl Fresh {
    /// `texts`: everything that the policies name.
    pub fn new(partition: Partition, owner: Option<&AccountId>, texts: &str) -> Self {
        let own = owner.map(AccountId::as_str);
        let round = (1..=9u64).rev().map(|d| d.to_string().repeat(12));
        // Ten thousand characters do not name a thousand accounts.
        let numbers = (0..1000u64).map(|n| (987_654_321_000 + n).to_string());
        let mut ids = round.chain(numbers).filter(|id| !texts.contains(id.as_str()) && own != Some(id));
        let account = ids.next().unwrap_or_default();
        let next = ids.next().unwrap_or_default();
        let word = word(texts);
        let owner = own.map_or(next, str::to_owned);
        Self { partition, owner, owner_is_known: own.is_some(), account, word }
    }

    fn arn(&self, service: &str, account: &str, resource: String) -> Arn {
        Arn {
            partition: self.partition.as_str().to_owned(),
            service: service.to_owned(),
            region: String::new(),
            account: account.to_owned(),
            resource,
        }
    }
}

/// A word that no pattern fits but by its wildcards: it is in no text, no piece of a pattern runs into it, and where a
/// pattern asks for single characters its first one, which stands for them, is in no text either.
fn word(texts: &str) -> String {
    let texts = texts.to_ascii_lowercase();
    let patterns: Vec<&str> = texts.lines().filter(|line| line.contains(['*', '?'])).collect();
    let pieces: Vec<&str> =
        patterns.iter().flat_map(|p| p.split(['*', '?'])).filter(|piece| !piece.is_empty()).collect();
    let asks_for_one = patterns.iter().any(|p| p.contains('?'));
    let is_apart = |word: &String| {
        let runs_in = |piece: &&str| {
            word.contains(*piece)
                || piece.chars().next_back() == word.chars().next()
                || piece.chars().next() == word.chars().next_back()
        };
        let first_is_used = || word.chars().next().is_some_and(|first| texts.contains(first));
        pieces.iter().all(|piece| !runs_in(piece)) && (!asks_for_one || !first_is_used())
    };
    let is_new = |word: &String| !texts.contains(word.as_str());
    let words = || ["other", "any", "some", "fresh", "else"].into_iter().map(str::to_owned);
    let letters = "zxqjkvywuhgbfpmdltsncrioea".chars().map(|c| c.to_string().repeat(7));
    let mut apart = words().chain(letters).filter(|w| is_new(w) && is_apart(w));
    let numbered = || words().chain((0..1000).map(|n| format!("w{n}"))).find(is_new);
    apart.next().or_else(numbered).unwrap_or_default()
}

/// All callers that matter.
pub(super) struct Callers {
    pub atoms: Vec<Atom>,
    by_account: HashMap<String, Vec<usize>>,
    everyone: Vec<usize>,
    /// Tells whether there were not too many.
    pub complete: bool,
}

/// The most callers that are looked at.
const MOST: usize = 6_000;

impl Callers {
    /// The callers that an entry may name.
    pub fn of(&self, entry: &Principals) -> &[usize] {
        let [only] = entry.entries.as_slice() else { return &self.everyone };
        if entry.negated {
            return &self.everyone;
        }
        let of = |account: &str| self.by_account.get(account).map_or(&[][..], Vec::as_slice);
        match &only.kind {
            PrincipalKind::Everyone => &self.everyone,
            PrincipalKind::Account(id, _) => of(id.as_str()),
            PrincipalKind::Role(arn) | PrincipalKind::User(arn) | PrincipalKind::Session(arn) => of(&arn.account),
            PrincipalKind::Service(_) => of(""),
            _ => &[],
        }
    }
}

pub(super) fn callers(fresh: &Fresh, entries: &[&Principals], conds: &[Cond]) -> Callers {
    let mut maker = Maker { fresh, found: Vec::new(), seen: HashSet::new(), complete: true };
    let uses = |keys: &[&str]| conds.iter().any(|c| keys.iter().any(|k| c.reads(k)));
    let kinds = entries.iter().any(|e| e.negated)
        || uses(&["aws:principalarn", "aws:principaltype", "aws:username", "aws:userid"]);
    let named = named_accounts(entries, conds);
    let strangers = strangers(fresh, conds, &named);
    let mut accounts: Vec<(String, Standing)> = strangers.into_iter().map(|a| (a, Standing::Stranger)).collect();
    accounts.extend(named.into_iter().filter(|a| *a != fresh.owner).map(|a| (a, Standing::Named)));
    // A condition may ask for the owner's account without naming it.
    if fresh.owner_is_known || uses(&["aws:resourceaccount"]) {
        accounts.push((fresh.owner.clone(), Standing::Own));
    }
    for (account, standing) in &accounts {
        maker.anybody(account, *standing, kinds);
    }
    for entry in entries.iter().flat_map(|e| &e.entries) {
        maker.named(&entry.kind, kinds);
    }
    maker.by_arn(&accounts, conds);
    maker.by_name(&accounts, conds);
    maker.services(entries, conds);
    maker.end()
}

/// The accounts that principals, and conditions on the caller's account or ARN, spell out.
fn named_accounts(entries: &[&Principals], conds: &[Cond]) -> BTreeSet<String> {
    let mut named: BTreeSet<String> =
        entries.iter().flat_map(|e| &e.entries).filter_map(|p| p.kind.account()).map(|id| id.to_string()).collect();
    for cond in conds {
        for value in &cond.condition.values {
            match cond.key.as_str() {
                "aws:principalaccount" if is_id(value) => named.extend([value.clone()]),
                "aws:principalarn" if cond.family() == Some(Family::TextIgnoreCase) => {
                    named.extend(exact_account(&value.to_ascii_lowercase(), cond.family()));
                }
                "aws:principalarn" => named.extend(exact_account(value, cond.family())),
                _ => {}
            }
        }
    }
    named
}

fn is_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// The account of an ARN pattern, where the pattern leaves no other: in a plain text a `*` before it runs over colons.
pub(super) fn exact_account(value: &str, family: Option<Family>) -> Option<String> {
    let fields: Vec<&str> = value.splitn(6, ':').collect();
    // Any field may be a pattern, `arn` itself too.
    let ([before @ .., account, _], 6) = (fields.as_slice(), fields.len()) else { return None };
    let open = before.iter().any(|field| field.contains('*'));
    (is_id(account) && (family != Some(Family::TextLike) || !open)).then(|| (*account).to_owned())
}

/// The account field of an ARN pattern that leaves only a part of it open.
fn partial_account(pattern: &str) -> Option<String> {
    let field = pattern.split(':').nth(4)?;
    let has_digits = field.bytes().any(|b| b.is_ascii_digit());
    (has_digits && field.contains(['*', '?'])).then(|| field.to_owned())
}

/// An account that nobody names, and those that only patterns of account ids reach.
fn strangers(fresh: &Fresh, conds: &[Cond], named: &BTreeSet<String>) -> Vec<String> {
    let mut found = vec![fresh.account.clone()];
    for cond in conds {
        let patterns: Vec<String> = match cond.key.as_str() {
            "aws:principalaccount" => cond.patterns(),
            "aws:principalarn" => cond.patterns().iter().filter_map(|p| partial_account(p)).collect(),
            _ => continue,
        };
        for pattern in patterns {
            let missing = 12usize.saturating_sub(pattern.chars().filter(|c| *c != '*').count());
            for digit in ["7", "3"] {
                let filled = pattern.replacen('*', &digit.repeat(missing), 1).replace('*', "").replace('?', digit);
                if is_id(&filled) && !named.contains(&filled) && !found.contains(&filled) && filled != fresh.owner {
                    found.push(filled);
                }
            }
        }
    }
    found
}

struct Maker<'a> {
    fresh: &'a Fresh,
    found: Vec<Atom>,
    seen: HashSet<String>,
    complete: bool,
}

impl Maker<'_> {
    fn add(&mut self, caller: Caller, role: Option<String>, standing: Standing) {
        if self.found.len() >= MOST {
            self.complete = false;
            return;
        }
        let atom = Atom { caller, role, standing };
        let mut name = atom.text();
        if let Some(role) = &atom.role {
            name.push(' ');
            name.push_str(role);
        }
        if self.seen.insert(name) {
            self.found.push(atom);
        }
    }

    fn standing(&self, account: &str) -> Standing {
        if account == self.fresh.owner && self.fresh.owner_is_known { Standing::Own } else { Standing::Named }
    }

    /// Those of an account that nobody names: a role, and where kinds of callers matter one of each.
    fn anybody(&mut self, account: &str, standing: Standing, kinds: bool) {
        let (fresh, word) = (self.fresh, &self.fresh.word);
        self.add(Caller::Role(fresh.arn("iam", account, format!("role/{word}"))), None, standing);
        if kinds || standing == Standing::Own {
            self.add(Caller::User(fresh.arn("iam", account, format!("user/{word}"))), None, standing);
            self.add(Caller::Root(fresh.arn("iam", account, "root".to_owned())), None, standing);
        }
        if kinds {
            let federated = fresh.arn("sts", account, format!("federated-user/{word}"));
            self.add(Caller::FederatedUser(federated), None, standing);
        }
    }

    /// An entry of a principal list, and who stands near it.
    fn named(&mut self, kind: &PrincipalKind, kinds: bool) {
        let fresh = self.fresh;
        let is_here = |arn: &&Arn| arn.partition == fresh.partition.as_str();
        match kind {
            PrincipalKind::Role(arn) => {
                if let Some(arn) = Some(arn).filter(is_here) {
                    self.role(arn, kinds);
                }
            }
            PrincipalKind::User(arn) => {
                if let Some(arn) = Some(arn).filter(is_here) {
                    let standing = self.standing(&arn.account);
                    self.add(Caller::User(arn.clone()), None, standing);
                }
            }
            PrincipalKind::Session(arn) => {
                let Some(arn) = Some(arn).filter(is_here) else { return };
                let standing = self.standing(&arn.account);
                if arn.resource.starts_with("federated-user/") {
                    self.add(Caller::FederatedUser(arn.clone()), None, standing);
                    return;
                }
                self.add(Caller::Session(arn.clone()), None, standing);
                let name = arn.resource.split('/').nth(1).unwrap_or_default();
                self.role(&fresh.arn("iam", &arn.account, format!("role/{name}")), true);
            }
            _ => {}
        }
    }

    /// A role, and where kinds matter a session of it.
    fn role(&mut self, role: &Arn, kinds: bool) {
        let standing = self.standing(&role.account);
        self.add(Caller::Role(role.clone()), None, standing);
        if kinds {
            let name = role.resource.rsplit('/').next().unwrap_or_default();
            let session = self.fresh.arn("sts", &role.account, format!("assumed-role/{name}/{}", self.fresh.word));
            self.add(Caller::Session(session), Some(role.to_string()), standing);
        }
    }

    /// Callers whose ARN fits what conditions ask of it, in every account that fits too.
    fn by_arn(&mut self, accounts: &[(String, Standing)], conds: &[Cond]) {
        let mut patterns: Vec<(String, bool, Option<String>)> = Vec::new();
        for cond in conds.iter().filter(|c| c.key == "aws:principalarn") {
            let is_arn = cond.family() == Some(Family::Arn);
            let ignores_case = cond.family() == Some(Family::TextIgnoreCase);
            let lowered = |pattern: &String| ignores_case.then(|| pattern.to_ascii_lowercase());
            let patterns_of_cond = cond.patterns();
            let lower: Vec<String> = patterns_of_cond.iter().filter_map(lowered).collect();
            for pattern in patterns_of_cond.into_iter().chain(lower) {
                let exact = exact_account(&pattern, cond.family());
                let one = (pattern, is_arn, exact);
                if !patterns.contains(&one) {
                    patterns.push(one);
                }
            }
        }
        let few = patterns.len() <= 10;
        for (at, (pattern, is_arn, exact)) in patterns.iter().enumerate() {
            let fresh = self.fresh;
            let [roles, users] = ["role", "user"].map(|kind| format!("{kind}/*/{}", fresh.word));
            let shapes = ["role/*", "user/*", "root", &roles, &users];
            let shape = |account: &str, shape: &str| fresh.arn("iam", account, shape.to_owned()).to_string();
            let fresh_account = format!("::{}:", fresh.account);
            // A pattern that takes any account meets the shapes of all accounts alike.
            let blind = *is_arn && pattern.split(':').nth(4) == Some("*");
            let alike = shapes.map(|s| meet(pattern, &shape(&fresh.account, s), *is_arn, &fresh.word));
            for (account, standing) in accounts {
                if exact.as_ref().is_some_and(|exact| exact != account) {
                    continue;
                }
                let own_account = format!("::{account}:");
                for (shape, alike) in shapes.iter().zip(&alike) {
                    let shape = fresh.arn("iam", account, (*shape).to_owned()).to_string();
                    let met = if blind {
                        alike.iter().map(|text| text.replacen(&fresh_account, &own_account, 1)).collect()
                    } else {
                        meet(pattern, &shape, *is_arn, &self.fresh.word)
                    };
                    for text in &met {
                        self.by_text(text, *standing);
                    }
                    // What fits two patterns may fare otherwise than what fits either.
                    for (other, is_arn, exact) in patterns.iter().skip(at + 1).filter(|_| few && !met.is_empty()) {
                        if exact.as_ref().is_none_or(|exact| exact == account) {
                            for text in meet(pattern, other, *is_arn, &self.fresh.word) {
                                let text = meet(&text, &shape, *is_arn, &self.fresh.word);
                                for text in &text {
                                    self.by_text(text, *standing);
                                }
                            }
                            for text in &met {
                                for text in meet(other, text, *is_arn, &self.fresh.word) {
                                    self.by_text(&text, *standing);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn by_text(&mut self, text: &str, standing: Standing) {
        match PrincipalKind::classify_aws(text) {
            // A session of a role that nobody names fares as the role does.
            PrincipalKind::Role(arn) => self.add(Caller::Role(arn), None, standing),
            PrincipalKind::User(arn) => self.add(Caller::User(arn), None, standing),
            PrincipalKind::Account(..) => {
                if let Some(arn) = Arn::parse(text) {
                    self.add(Caller::Root(arn), None, standing);
                }
            }
            _ => {}
        }
    }

    /// Users whose name fits what conditions ask of it.
    fn by_name(&mut self, accounts: &[(String, Standing)], conds: &[Cond]) {
        let mut names: Vec<String> = Vec::new();
        for cond in conds.iter().filter(|c| c.key == "aws:username") {
            for pattern in cond.patterns() {
                names.extend(members(&pattern, &self.fresh.word).into_iter().filter(|n| !n.is_empty()));
            }
        }
        for (account, standing) in accounts {
            for name in &names {
                let user = self.fresh.arn("iam", account, format!("user/{name}"));
                if matches!(PrincipalKind::classify_aws(&user.to_string()), PrincipalKind::User(_)) {
                    self.add(Caller::User(user), None, *standing);
                }
            }
        }
    }

    fn services(&mut self, entries: &[&Principals], conds: &[Cond]) {
        let mut names = vec![format!("{}.amazonaws.com", self.fresh.word)];
        for entry in entries.iter().flat_map(|e| &e.entries) {
            if let PrincipalKind::Service(name) = &entry.kind {
                names.push(name.clone());
            }
        }
        for cond in conds {
            if matches!(cond.key.as_str(), "aws:principalservicename" | "aws:principalservicenameslist") {
                for pattern in cond.patterns() {
                    names.extend(members(&pattern, &self.fresh.word));
                    names.extend(common(&pattern, "*.amazonaws.com", &self.fresh.word));
                }
            }
        }
        for name in names {
            if let Ok(service @ Caller::Service(_)) = Caller::parse(&name, self.fresh.partition) {
                self.add(service, None, Standing::Service);
            }
        }
    }

    fn end(mut self) -> Callers {
        self.found.sort_by_key(|atom| atom.standing);
        let mut by_account: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, atom) in self.found.iter().enumerate() {
            let account = atom.caller.arn().map(|arn| arn.account.clone()).unwrap_or_default();
            by_account.entry(account).or_default().push(at);
        }
        let everyone = (0..self.found.len()).collect();
        Callers { atoms: self.found, by_account, everyone, complete: self.complete }
    }
}

fn meet(a: &str, b: &str, is_arn: bool, word: &str) -> Vec<String> {
    let mut met = common_arns(a, b, word);
    // In a plain text a run goes over colons too, but a name has none: it may take the fields to find one.
    if !is_arn {
        met.extend(common(a, b, word));
    }
    met
}
