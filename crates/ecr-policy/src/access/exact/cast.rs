//! The callers: their kinds, their standing to the policies, and the condition keys that each tells.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::fresh::Fresh;
use super::super::rules::{Cond, Space};
use super::acceptor::Acceptor;
use super::grammar::{
    ACCOUNT, ARN, CallerKind, NAME, OWN_OF_SESSION, ROLE_OF_SESSION, SESSION, WHOLE, Word, WordFields, callers,
};
use super::pattern::{exact, glob, written};
use super::walk::{Steps, Walked, WordTest, walk};
use crate::condition::Family;
use crate::ecr::Arn;
use crate::ecr::condition::{find_key, is_service};
use crate::evaluate::Caller;
use crate::model::document::Principals;
use crate::model::principal::{PrincipalKind, is_session_of};

/// The standing of a caller to the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::access) enum Standing {
    /// Of an account that nobody names.
    Stranger,
    /// Of an account that is named.
    Named,
    /// An AWS service.
    Service,
    /// Of the account that owns the repository.
    Own,
}

/// A kind of caller with a standing, before a repository of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::access) struct Cast {
    pub kind: CallerKind,
    pub standing: Standing,
    pub owner: Rc<str>,
}

/// A key as the caller tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tells {
    Absent,
    Fixed(String),
    /// Some fields of the caller's word.
    Reads(WordFields),
    /// The same, where the key is there at all.
    MayRead(WordFields),
    /// Nothing: the key is free.
    Free,
}

/// Keys that AWS services lack. Source: IAM user guide, global condition keys.
fn is_of_people(key: &str) -> bool {
    key.starts_with("aws:principaltag/")
        || ["aws:userid", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime", "aws:calledvia"]
            .contains(&key)
}

/// Tells whether a key is one of another service, which no request to ECR has.
fn is_foreign(key: &str) -> bool {
    let Some((prefix, _)) = key.split_once(':') else { return true };
    find_key(key).is_none() && !matches!(prefix, "aws" | "ecr") && is_service(prefix)
}

impl Cast {
    pub fn is_service(&self) -> bool {
        self.kind == CallerKind::Service
    }

    pub(super) fn tells(&self, key: &str) -> Tells {
        let service = self.is_service();
        let fixed = |text: &str| Tells::Fixed(text.to_owned());
        match key {
            // Every ECR endpoint is HTTPS.
            "aws:securetransport" => fixed("true"),
            "aws:principalisawsservice" => fixed(if service { "true" } else { "false" }),
            "aws:principalservicename" | "aws:principalservicenameslist" if service => Tells::Reads(NAME),
            "aws:principalservicename" | "aws:principalservicenameslist" => Tells::Absent,
            "aws:principalaccount"
            | "aws:principalarn"
            | "aws:principalorgid"
            | "aws:principalorgpaths"
            | "aws:principaltype"
            | "aws:username"
                if service =>
            {
                Tells::Absent
            }
            "aws:principalaccount" => Tells::Reads(ACCOUNT),
            "aws:principalarn" => Tells::Reads(ARN),
            "aws:principaltype" => fixed(match self.kind {
                CallerKind::Root => "Account",
                CallerKind::User => "User",
                CallerKind::Federated => "FederatedUser",
                CallerKind::Role | CallerKind::Session | CallerKind::Service => "AssumedRole",
            }),
            "aws:username" => match self.kind {
                CallerKind::User => Tells::Reads(NAME),
                CallerKind::Federated => Tells::MayRead(SESSION),
                CallerKind::Role | CallerKind::Session | CallerKind::Root | CallerKind::Service => Tells::Absent,
            },
            "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceorgid" | "aws:sourceorgpaths" if !service => {
                Tells::Absent
            }
            "aws:viaawsservice" if service => fixed("false"),
            "aws:resourceaccount" => fixed(&self.owner),
            _ if (service && is_of_people(key)) || is_foreign(key) => Tells::Absent,
            _ => Tells::Free,
        }
    }

    /// The caller of a word, and the ARN of a session's role.
    pub fn caller(&self, word: &Word) -> Option<(Caller, Option<String>)> {
        let parse = |text: &str| Arn::parse(text);
        let arn = word.view(ARN);
        Some(match self.kind {
            CallerKind::Role => (Caller::Role(parse(&arn)?), None),
            CallerKind::User => (Caller::User(parse(&arn)?), None),
            CallerKind::Root => (Caller::Root(parse(&arn)?), None),
            CallerKind::Federated => (Caller::FederatedUser(parse(&arn)?), None),
            CallerKind::Service => (Caller::Service(word.view(WHOLE)), None),
            CallerKind::Session => {
                let role = parse(&arn)?;
                let (of, own) = (word.view(NAME), word.view(SESSION));
                let session = Arn { service: "sts".to_owned(), resource: format!("assumed-role/{of}/{own}"), ..role };
                (Caller::Session(session), Some(arn))
            }
        })
    }
}

/// Returns the tests that the word of every caller of a cast meets.
pub(super) fn of_cast(cast: &Cast, named: &NamedTexts) -> Vec<WordTest> {
    let test = |set: &Rc<Acceptor>, is_in: bool, reads: WordFields| WordTest { set: Rc::clone(set), is_in, reads };
    let mut tests = match cast.standing {
        Standing::Stranger => vec![test(&named.or_owner, false, ACCOUNT)],
        Standing::Named => vec![test(&named.others, true, ACCOUNT)],
        Standing::Own => vec![test(&Rc::new(Acceptor::of_text(&cast.owner)), true, ACCOUNT)],
        Standing::Service => {
            let [dotted, misshapen] = &named.services;
            vec![test(dotted, true, WHOLE), test(misshapen, false, WHOLE)]
        }
    };
    if matches!(cast.kind, CallerKind::Role | CallerKind::User) {
        // A second ARN in a path is taken for a list that lost its quotes.
        tests.push(test(&named.lists, false, ARN));
    }
    tests
}

/// The callers of one kind that a principal element names.
#[derive(Debug, Clone)]
pub(in crate::access) enum Names {
    All,
    Nobody,
    /// Callers some of whose fields are, or are not, one of these texts.
    Texts {
        reads: WordFields,
        set: Rc<Acceptor>,
        is_in: bool,
        first: Option<String>,
    },
}

/// Returns whom a principal element names. The evaluator's `is_meant`, as sets.
pub(super) fn names(entry: &Principals, kind: CallerKind, fresh: &Fresh) -> Names {
    if entry.negated {
        return left_over(entry, kind, fresh);
    }
    let Some(only) = entry.entries.first().filter(|_| entry.entries.len() == 1) else { return Names::Nobody };
    match one(&only.kind, kind, fresh) {
        Some((WHOLE, _)) if only.kind == PrincipalKind::Everyone => Names::All,
        Some((reads, text)) => texts(reads, vec![text], true),
        None => Names::Nobody,
    }
}

fn texts(reads: WordFields, list: Vec<String>, is_in: bool) -> Names {
    let patterns: Vec<_> = list.iter().map(|text| exact(text)).collect();
    let set = Rc::new(Acceptor::new(patterns, false));
    Names::Texts { reads, set, is_in, first: list.into_iter().next() }
}

/// The fields and the text by which an entry names callers of one kind.
fn one(entry: &PrincipalKind, kind: CallerKind, fresh: &Fresh) -> Option<(WordFields, String)> {
    let here = |arn: &Arn| arn.partition == fresh.partition.as_str();
    match (entry, kind) {
        (PrincipalKind::Everyone, _) => Some((WHOLE, String::new())),
        (PrincipalKind::Account(id, named), k) if k != CallerKind::Service => {
            (named.is_none_or(|p| p == fresh.partition)).then(|| (ACCOUNT, id.to_string()))
        }
        (PrincipalKind::Role(arn), CallerKind::Role) | (PrincipalKind::User(arn), CallerKind::User) if here(arn) => {
            Some((ARN, arn.to_string()))
        }
        (PrincipalKind::Role(arn), CallerKind::Session) if here(arn) => {
            let name = arn.resource.rsplit('/').next().unwrap_or_default();
            Some((ROLE_OF_SESSION, format!("{}:role/{name}", arn.account)))
        }
        (PrincipalKind::Session(arn), CallerKind::Session) if here(arn) => {
            let own = arn.resource.strip_prefix("assumed-role/")?;
            Some((OWN_OF_SESSION, format!("{}:role/{own}", arn.account)))
        }
        (PrincipalKind::Session(arn), CallerKind::Federated)
            if here(arn) && arn.resource.starts_with("federated-user/") =>
        {
            Some((ARN, arn.to_string()))
        }
        (PrincipalKind::Service(name), CallerKind::Service) => Some((WHOLE, name.clone())),
        _ => None,
    }
}

/// Returns the callers that `NotPrincipal` leaves over: all but those of whom every level is named.
fn left_over(entry: &Principals, kind: CallerKind, fresh: &Fresh) -> Names {
    let kinds: Vec<&PrincipalKind> = entry.entries.iter().map(|p| &p.kind).collect();
    if kinds.iter().any(|k| **k == PrincipalKind::Everyone) {
        return Names::Nobody;
    }
    let of = |is: &dyn Fn(&PrincipalKind) -> bool| {
        kinds.iter().filter(|k| is(k)).filter_map(|k| one(k, kind, fresh)).collect::<Vec<(WordFields, String)>>()
    };
    let accounts: Vec<String> =
        of(&|k| matches!(k, PrincipalKind::Account(..))).into_iter().map(|(_, text)| text).collect();
    let of_account = |arn: &Arn| accounts.contains(&arn.account);
    let spared: Vec<(WordFields, String)> = match kind {
        CallerKind::Root => accounts.iter().map(|id| (ACCOUNT, id.clone())).collect(),
        CallerKind::User => of(&|k| matches!(k, PrincipalKind::User(arn) if of_account(arn))),
        CallerKind::Federated => of(&|k| matches!(k, PrincipalKind::Session(arn) if of_account(arn))),
        CallerKind::Role => of(&|k| matches!(k, PrincipalKind::Role(arn) if of_account(arn))),
        CallerKind::Session => {
            let has_role = |session: &Arn| {
                kinds.iter().any(|k| matches!(k, PrincipalKind::Role(role) if is_session_of(session, role)))
            };
            of(&|k| matches!(k, PrincipalKind::Session(arn) if of_account(arn) && has_role(arn)))
        }
        CallerKind::Service => of(&|k| matches!(k, PrincipalKind::Service(_))),
    };
    let Some(reads) = spared.first().map(|(reads, _)| *reads) else { return Names::All };
    texts(reads, spared.into_iter().map(|(_, text)| text).collect(), false)
}

/// The texts that fit one of a few patterns.
fn globs(patterns: &[&str]) -> Rc<Acceptor> {
    let patterns: Vec<_> = patterns.iter().map(|p| glob(&written(p))).collect();
    Rc::new(Acceptor::new(patterns, false))
}

/// The accounts that the policies single out, and the forms that no caller has.
#[derive(Debug)]
pub(super) struct NamedTexts {
    pub all: BTreeSet<String>,
    /// Texts that are not the owner's.
    pub others: Rc<Acceptor>,
    pub or_owner: Rc<Acceptor>,
    /// ARNs that are taken for a list of several.
    lists: Rc<Acceptor>,
    /// Names with a dot, and those whose dots are not where a service has them.
    services: [Rc<Acceptor>; 2],
    /// Tells whether the steps sufficed to tell which patterns leave one account.
    pub is_whole: bool,
}

impl NamedTexts {
    /// The accounts that principals, and conditions on the caller's account or ARN, spell out.
    pub fn new(space: &Space, owner: &str, steps: &mut Steps) -> Self {
        let principals = space.rules.iter().flat_map(|rule| &rule.entry.entries);
        let mut all: BTreeSet<String> = principals.filter_map(|p| p.kind.account()).map(|id| id.to_string()).collect();
        let mut is_whole = true;
        for cond in &space.conds {
            let reads = match cond.key.as_str() {
                "aws:principalaccount" => ACCOUNT,
                "aws:principalarn" => ARN,
                _ => continue,
            };
            for value in cond.condition.values.iter().filter(|v| !v.contains("${")) {
                match singled_out(cond, value, reads, &space.fresh, steps) {
                    Single::Account(id) => {
                        all.insert(id);
                    }
                    Single::None => {}
                    Single::Spent => is_whole = false,
                }
            }
        }
        let set = |ids: &mut dyn Iterator<Item = &str>| {
            let patterns: Vec<_> = ids.map(exact).collect();
            Rc::new(Acceptor::new(patterns, false))
        };
        let others = set(&mut all.iter().map(String::as_str).filter(|id| *id != owner));
        let or_owner = set(&mut all.iter().map(String::as_str).chain([owner]));
        let (lists, services) = (globs(&["arn:*arn:aws*"]), [globs(&["*.*"]), globs(&["*..*", ".*", "*."])]);
        Self { all, others, or_owner, lists, services, is_whole }
    }
}

enum Single {
    Account(String),
    None,
    Spent,
}

/// The account of a value, where callers of one account alone fit it.
fn singled_out(cond: &Cond, value: &str, reads: WordFields, fresh: &Fresh, steps: &mut Steps) -> Single {
    if value.bytes().filter(u8::is_ascii_digit).count() < 12 {
        return Single::None;
    }
    let id = |text: &str| (text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned());
    if reads == ACCOUNT
        && let Some(account) = id(value)
    {
        return Single::Account(account);
    }
    // What stands at the place of the account, where nothing before it is open.
    let begin = format!("arn:{}:iam::", fresh.partition.as_str());
    if reads == ARN
        && let Some(account) = value.strip_prefix(&begin).and_then(|rest| rest.get(..12)).and_then(id)
        && value.as_bytes().get(begin.len() + 12) == Some(&b':')
    {
        return Single::Account(account);
    }
    let patterns = [cond.pattern(&written(value))];
    let set = Rc::new(Acceptor::new(patterns, cond.family() == Some(Family::TextIgnoreCase)));
    let test = |set: Rc<Acceptor>, is_in, reads| WordTest { set, is_in, reads };
    let mut found: Option<String> = None;
    for kind in [CallerKind::Role, CallerKind::User, CallerKind::Root, CallerKind::Federated] {
        let shapes = callers(kind, fresh.partition.as_str(), &fresh.account, &fresh.word);
        let mut tests = vec![test(Rc::clone(&set), true, reads)];
        if let Some(found) = &found {
            tests.push(test(Rc::new(Acceptor::of_text(found)), false, ACCOUNT));
        }
        for _ in 0..2 {
            match walk(&shapes, &tests, &[], steps) {
                Walked::Spent => return Single::Spent,
                Walked::Nothing => break,
                Walked::Word(_) if found.is_some() => return Single::None,
                Walked::Word(word) => {
                    let account = word.view(ACCOUNT);
                    tests.push(test(Rc::new(Acceptor::of_text(&account)), false, ACCOUNT));
                    found = Some(account);
                }
            }
        }
    }
    found.map_or(Single::None, Single::Account)
}
