//! `review`: who can do what, over all repositories of the chosen accounts and Regions, with findings.

mod changed;
mod document;
mod files;
mod html;
mod markdown;
mod places;
mod reached;
mod reading;
mod resume;
mod scan;
mod table;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) use table::table_text;

use document::{ReviewDocument, failed_object, gone_object, registry_object, repository_object, with_change};
pub(super) use files::{read_accepted, read_known};
use files::{read_baseline, today};
use places::{ReviewPlaces, find_places, sign_in_once};
use reached::AskedGrantee;
use reading::read_places;
use resume::ReviewRecord;
pub(super) use resume::interrupted_words;
use tokio::sync::mpsc;

use super::args::{Format, Globals, ReviewArgs, ReviewFailOn};
use super::exit::Exit;
use super::output::{
    DataWriter, Stop, can_ask, output_ended, print_data, print_json, print_large_json, tell_failure, tell_line,
    unix_time,
};
use super::session::{endpoint_words, open_access};
use crate::ecr::json::to_compact;
use crate::ecr::text::make_visible;
use crate::ecr::{AccountId, Failure, FailureKind, Region, RepositoryRef};
use crate::policy::{RegistryPolicy, Severity};
use crate::review::{
    AcceptedFindings, Analyst, Baseline, ChangeState, FailedPlace, KeptParts, KnownParties, ReadEvent, RegistryEntry,
    RepositoryChange, RepositoryEntry, ReverseIndex, ReviewFinding, csv_lines,
};
use crate::runtime::{Collection, read_recorded};

/// The answers that wait for the analysis at most.
const WAITING: usize = 256;
/// The analyses that are remembered at least, beside those of the entries: equal policies are often many, and each is kept
/// with its text.
const REMEMBERED: usize = 4_096;

/// Everything that a review found.
#[derive(Debug, Default)]
struct ReviewResult {
    /// The moment of the review, in seconds since 1970.
    now: i64,
    /// The repositories.
    entries: Vec<RepositoryEntry>,
    /// The registries, by the numbers of their places.
    registries: Vec<RegistryEntry>,
    /// The places that could not be read, or not to their end.
    failed: Vec<FailedPlace>,
    /// The Regions that accounts have not enabled, where all Regions were asked for.
    disabled: BTreeMap<AccountId, BTreeSet<Region>>,
    /// With a baseline: what changed of the entries, which are those with a change alone.
    changes: HashMap<RepositoryRef, RepositoryChange>,
    /// With a baseline: the repositories that are gone.
    gone: Vec<(RepositoryRef, RepositoryChange)>,
}

/// Reads, judges and prints.
pub(super) async fn run(globals: &Globals, args: &ReviewArgs) -> Result<Exit, Stop> {
    let access = open_access(globals, can_ask() && args.profiles.len() < 2 && !args.all_profiles);
    endpoint_words(&access)?;
    let grantee = args.grantee.as_ref().map(|text| AskedGrantee::parse(text, globals.format)).transpose()?;
    let (accepted, baseline) = (read_accepted(globals, args)?, read_baseline(args)?);
    // A file that cannot be used is told before anybody is asked.
    read_known(globals, args.known.as_deref(), [])?;
    if !args.from.is_empty() {
        let read = Collection::read_files(&args.from);
        let collection = read.map_err(|failure| Stop::wrong_usage(failure.what, failure.next))?;
        let known = read_known(globals, args.known.as_deref(), collection.accounts())?;
        let mut review = Review::begin(globals, args, grantee, accepted, baseline, known);
        let mut policies: Vec<RegistryPolicy> = Vec::new();
        collection.replay(is_wanted(args), |number, event| {
            policies.resize(policies.len().max(number + 1), RegistryPolicy::NotAsked);
            review.take_event(number, event, &mut policies);
        });
        review.tell_missing();
        return Ok(review.finish());
    }
    if let Some(name) = &args.aggregator {
        let (context, verified) = Box::pin(sign_in_once(globals, args, &access)).await?;
        let aggregator = access.open_aggregator(&context, name).await?;
        let known = read_known(globals, args.known.as_deref(), [verified.identity.account])?;
        let mut review = Review::begin(globals, args, grantee, accepted, baseline, known);
        let mut policies: Vec<RegistryPolicy> = Vec::new();
        let take = |number: usize, event| {
            policies.resize(policies.len().max(number + 1), RegistryPolicy::NotAsked);
            review.take_event(number, event, &mut policies);
        };
        Box::pin(read_recorded(&aggregator, is_wanted(args), unix_time(), take)).await?;
        review.tell_missing();
        return Ok(review.finish());
    }
    let record = ReviewRecord::open(globals, args, access.endpoint_words()?.as_deref())?;
    let ReviewPlaces { places, failed, accounts } = Box::pin(find_places(globals, args, &access)).await?;
    let owners = places.iter().map(|place| place.registry.owner().clone());
    let known = read_known(globals, args.known.as_deref(), owners.chain(accounts))?;
    let mut review = Review::begin(globals, args, grantee, accepted, baseline, known);
    for place in failed {
        review.take_failed(place);
    }
    let mut policies = vec![RegistryPolicy::NotAsked; places.len()];
    let (send, mut receive) = mpsc::channel(WAITING);
    // The analysis has a thread of its own: no answer waits for it while the next is asked for.
    let judging = tokio::task::spawn_blocking(move || {
        while let Some((number, event)) = receive.blocking_recv() {
            review.take_event(number, event, &mut policies);
        }
        review
    });
    Box::pin(read_places(&places, record.as_ref(), send)).await;
    let mut review = judging
        .await
        .map_err(|_| Failure::new(FailureKind::Defect, "The review ended before its end", "please report this"))?;
    review.tell_missing();
    let is_whole = review.is_whole();
    let exit = review.finish();
    if let Some(record) = record {
        record.finish(is_whole && !output_ended());
    }
    Ok(exit)
}

/// Returns a test for the repositories that the arguments mean.
fn is_wanted(args: &ReviewArgs) -> impl Fn(&RepositoryRef) -> bool {
    |reference| args.repositories.is_empty() || args.repositories.iter().any(|chosen| chosen.selects(reference))
}

/// The numbers from which the summary and the exit code are made.
#[derive(Debug, Default)]
struct Sums {
    repositories: usize,
    unread: usize,
    exits: Vec<Exit>,
    gravest: Option<Severity>,
    /// The findings that count, by their severity.
    counts: BTreeMap<std::cmp::Reverse<Severity>, usize>,
}

impl Sums {
    fn note_findings<'a>(&mut self, findings: impl Iterator<Item = &'a ReviewFinding>) {
        for finding in findings {
            self.gravest = self.gravest.max(Some(finding.severity));
            *self.counts.entry(std::cmp::Reverse(finding.severity)).or_default() += 1;
        }
    }

    /// Counts a gain as a risk: somebody can do more than when it was last looked at.
    fn note_change(&mut self, change: &RepositoryChange) {
        if !change.delta.gains.is_empty() {
            self.gravest = self.gravest.max(Some(Severity::Security));
        }
    }
}

struct Review {
    globals: Globals,
    args: ReviewArgs,
    grantee: Option<AskedGrantee>,
    accepted: AcceptedFindings,
    baseline: Option<Baseline>,
    /// True where each answer is printed at once, and nothing is kept of it.
    is_streaming: bool,
    /// With a baseline: the repositories that are there.
    present: HashSet<RepositoryRef>,
    /// The arguments that took a repository.
    matched: Vec<bool>,
    analyst: Analyst,
    result: ReviewResult,
    sums: Sums,
}

impl Review {
    fn begin(
        globals: &Globals,
        args: &ReviewArgs,
        grantee: Option<AskedGrantee>,
        accepted: AcceptedFindings,
        baseline: Option<Baseline>,
        known: Option<KnownParties>,
    ) -> Self {
        let now = unix_time();
        let is_streaming = globals.format == Format::Jsonl && grantee.is_none();
        let kept = KeptParts {
            has_texts: args.with_policy || baseline.is_some() || globals.format == Format::Sarif,
            has_tables: grantee.is_some(),
            remembered: Some(REMEMBERED),
        };
        Self {
            globals: globals.clone(),
            args: args.clone(),
            grantee,
            accepted,
            baseline,
            is_streaming,
            present: HashSet::new(),
            matched: vec![false; args.repositories.len()],
            analyst: Analyst::with_known(known.map(Arc::new)).keeping(kept).at_moment(now),
            result: ReviewResult { now, ..ReviewResult::default() },
            sums: Sums::default(),
        }
    }

    /// Takes an answer. `policies`: the registry policies of the places, by their numbers.
    fn take_event(&mut self, number: usize, event: ReadEvent, policies: &mut [RegistryPolicy]) {
        match event {
            ReadEvent::PlaceFailed(place) => self.take_failed(place),
            ReadEvent::Note(words) => tell_line(&format!("note: {}", make_visible(&words))),
            ReadEvent::RegistryPolicy(policy) => keep_policy(policies, number, policy),
            ReadEvent::Registry(facts) => {
                keep_policy(policies, number, facts.counted_policy());
                let mut entry = RegistryEntry::review(facts, &mut self.analyst);
                entry.accept_findings(&mut self.accepted);
                tell_registry(&entry);
                self.sums.note_findings(entry.open_findings());
                if self.is_streaming && entry.is_noteworthy() {
                    print_data(&to_compact(&registry_object(&entry)));
                }
                self.result.registries.push(entry);
            }
            ReadEvent::Repository(reference, read) => {
                let policy = policies.get(number).unwrap_or(&RegistryPolicy::NotAsked);
                let mut entry = RepositoryEntry::review(reference, read, policy, &mut self.analyst);
                entry.accept_findings(&mut self.accepted);
                let change = self.baseline.as_ref().map(|baseline| baseline.compare(&entry, policy));
                self.take_entry(entry, change);
            }
            ReadEvent::Disabled(account, region) => {
                self.result.disabled.entry(account).or_default().insert(region);
            }
            ReadEvent::ListFailed(account, region, failure) => {
                self.take_failed(FailedPlace::of_registry(account, region, failure));
            }
        }
    }

    /// Tells whether all that was meant was read.
    fn is_whole(&self) -> bool {
        self.result.failed.is_empty() && self.sums.unread == 0
    }

    /// Takes a repository; with a baseline, one that is the same as it was is left out.
    fn take_entry(&mut self, entry: RepositoryEntry, change: Option<RepositoryChange>) {
        self.sums.repositories += 1;
        for (selector, is_matched) in self.args.repositories.iter().zip(&mut self.matched) {
            *is_matched = *is_matched || selector.selects(&entry.reference);
        }
        match &entry.outcome {
            Ok(_) => self.sums.exits.push(Exit::Done),
            Err(failure) => {
                self.sums.unread += 1;
                tell_failure(Some(&words::repository_words(&entry.reference)), failure);
                self.sums.exits.push(Exit::from(failure));
            }
        }
        self.sums.exits.dedup();
        let mut object = self.is_streaming.then(|| repository_object(&entry, self.args.with_policy));
        if let Some(change) = change {
            self.present.insert(entry.reference.clone());
            if change.state == ChangeState::Same {
                return;
            }
            self.sums.note_change(&change);
            object = object.map(|object| with_change(object, &change));
            if !self.is_streaming {
                self.result.changes.insert(entry.reference.clone(), change);
            }
        }
        self.sums.note_findings(entry.open_findings());
        match object {
            Some(object) => print_data(&to_compact(&object)),
            None => self.result.entries.push(entry),
        }
    }

    fn take_failed(&mut self, place: FailedPlace) {
        tell_failure(Some(&place.words), &place.failure);
        self.sums.exits.push(Exit::from(&place.failure));
        if self.is_streaming {
            print_data(&to_compact(&failed_object(&place)));
        }
        self.result.failed.push(place);
    }

    /// Tells which selectors took no repository, where all lists were read.
    fn tell_missing(&mut self) {
        if !self.result.failed.is_empty() {
            return;
        }
        let selectors = self.args.repositories.iter().zip(&self.matched);
        for (selector, _) in selectors.filter(|(_, is_matched)| !**is_matched) {
            let failure = Failure::new(
                FailureKind::RepositoryNotFound,
                format!("no repository matches {selector}"),
                "look at the accounts and Regions, or name another pattern",
            );
            tell_failure(None, &failure);
            self.sums.exits.push(Exit::from(&failure));
        }
    }

    /// Finds the repositories of the baseline that are gone from the places that were read to their end.
    fn find_gone(&mut self) {
        let Some(baseline) = &self.baseline else { return };
        let selectors = &self.args.repositories;
        let failed = &self.result.failed;
        for registry in &self.result.registries {
            let (account, region) = (&registry.facts.account, &registry.facts.region);
            let has_failed =
                failed.iter().any(|f| f.account.as_ref() == Some(account) && f.region.as_ref() == Some(region));
            if has_failed {
                continue;
            }
            let gone = baseline.find_gone(account, region, |reference| self.present.contains(reference));
            let is_meant = |reference: &RepositoryRef| {
                selectors.is_empty() || selectors.iter().any(|selector| selector.selects(reference))
            };
            self.result.gone.extend(gone.into_iter().filter(|(reference, _)| is_meant(reference)));
        }
        if self.is_streaming {
            for (reference, change) in &self.result.gone {
                print_data(&to_compact(&gone_object(reference, change)));
            }
        }
    }

    /// Tells which acceptances have ended, and which fit nothing where everything was read.
    fn tell_acceptances(&self) {
        for one in self.accepted.ended() {
            let until = one.until.as_deref().unwrap_or_default();
            tell_line(&make_visible(&format!(
                "note: {} in {} counts again: {} accepted it until {until}",
                one.finding, one.repository, one.who
            )));
        }
        let is_whole = self.is_whole() && self.args.repositories.is_empty();
        for one in self.accepted.unused().filter(|_| is_whole) {
            tell_line(&make_visible(&format!("note: {} in {} is accepted and not found", one.finding, one.repository)));
        }
    }

    fn finish(mut self) -> Exit {
        self.find_gone();
        self.result.entries.sort_by_cached_key(RepositoryEntry::badness);
        self.result
            .registries
            .sort_by(|a, b| (&a.facts.account, &a.facts.region).cmp(&(&b.facts.account, &b.facts.region)));
        if let Some(grantee) = &self.grantee {
            grantee.print_reach(&self.result.entries, self.globals.format);
            return Exit::of_several(std::mem::take(&mut self.sums.exits));
        }
        self.print_result();
        self.tell_acceptances();
        self.tell_summary();
        let unread = Exit::of_several(std::mem::take(&mut self.sums.exits));
        let has_failed = self.args.fail_on.is_failing(self.sums.gravest);
        if unread == Exit::Done && has_failed { Exit::Findings } else { unread }
    }

    fn print_result(&self) {
        let result = &self.result;
        let index = || ReverseIndex::of_entries(&result.entries);
        match self.globals.format {
            Format::Jsonl => {}
            Format::Json => {
                print_large_json(&ReviewDocument { result, with_policy: self.args.with_policy, index: index() });
            }
            Format::Sarif => print_json(&scan::sarif_log(result)),
            Format::Csv => {
                let mut writer = DataWriter::default();
                let lines = csv_lines(&result.entries, result.failed.iter().map(FailedPlace::cells));
                for line in lines {
                    let _ = writer.write_str(&line);
                }
            }
            Format::Markdown => print_data(markdown::markdown_page(result, &index()).trim_end()),
            Format::Html => {
                // The writer keeps its errors for the end of the command.
                let _ = html::write_page(&mut DataWriter::default(), result, &index(), &today());
            }
            Format::Table => print_data(table::table_text(&result.entries).trim_end()),
            Format::Text => print_data(table::review_text(result).trim_end()),
        }
    }

    /// Tells people what was read and found.
    fn tell_summary(&self) {
        for line in words::disabled_words(&self.result.disabled) {
            tell_line(&format!("note: {line}"));
        }
        let counts = self.sums.counts.iter();
        let found: Vec<String> = counts.map(|(severity, count)| format!("{count} {}", severity.0.name())).collect();
        let found = if found.is_empty() { "no finding".to_owned() } else { format!("findings: {}", found.join(", ")) };
        let unread = match self.sums.unread + self.result.failed.len() {
            0 => String::new(),
            count => format!("; {count} could not be read"),
        };
        tell_line(&format!(
            "{}; {found}{unread}",
            words::count_words(self.sums.repositories, self.result.registries.len())
        ));
    }
}

/// Keeps the registry policy of a place: the next repositories are judged under it.
fn keep_policy(policies: &mut [RegistryPolicy], number: usize, policy: RegistryPolicy) {
    if let Some(place) = policies.get_mut(number) {
        *place = policy;
    }
}

/// Tells what could not be read of a registry: a Deny there would void grants.
fn tell_registry(entry: &RegistryEntry) {
    let facts = &entry.facts;
    if let Some(words) = facts.policy.unread_words(&facts.account, &facts.region) {
        tell_line(&format!("note: {}", make_visible(&words)));
    }
    let is_told = |what: &str| matches!(&facts.policy, RegistryPolicy::Unreadable(why) if why == what);
    for failure in facts.failures.iter().filter(|failure| !is_told(&failure.what)) {
        let place = format!("{} in {}", facts.account, facts.region);
        tell_line(&make_visible(&format!("note: not all of the registry {place} is known: {}", failure.what)));
    }
}

impl ReviewFailOn {
    fn is_failing(self, gravest: Option<Severity>) -> bool {
        let least = match self {
            Self::Error => Severity::Error,
            Self::Security => Severity::Security,
            Self::Warning => Severity::Warning,
            Self::None => return false,
        };
        gravest.is_some_and(|severity| severity >= least)
    }
}
