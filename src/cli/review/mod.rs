//! `review`: who can do what, over all repositories of the chosen accounts and Regions, with findings.

mod csv;
mod document;
mod html;
mod markdown;
mod places;
mod reading;
mod scan;
mod table;
mod words;

pub(super) use table::table_text;

use document::{failed_object, failed_place, index_objects, registry_object, repository_object};
use places::{FailedPlace, ReviewPlaces, find_places};
use reading::{ReadEvent, read_places};

use super::args::{Format, Globals, ReviewArgs, ReviewFailOn};
use super::exit::Exit;
use super::output::{Stop, can_ask, print_data, print_json, print_raw, tell_failure, tell_line};
use super::session::{endpoint_words, open_access};
use crate::ecr::json::to_compact;
use crate::ecr::text::make_visible;
use crate::ecr::{Failure, FailureKind};
use crate::plan::RepositorySelector;
use crate::policy::{RegistryPolicy, Severity};
use crate::review::{Analyst, RegistryEntry, RepositoryEntry, ReverseIndex, ReviewFinding, count_severities};

/// Everything that a review found.
#[derive(Debug, Default)]
struct ReviewResult {
    /// The repositories.
    entries: Vec<RepositoryEntry>,
    /// The registries, by the numbers of their places.
    registries: Vec<RegistryEntry>,
    /// The places that could not be read, or not to their end.
    failed: Vec<FailedPlace>,
}

/// Reads, judges and prints.
pub(super) async fn run(globals: &Globals, args: &ReviewArgs) -> Result<Exit, Stop> {
    let access = open_access(globals, can_ask() && args.profiles.len() < 2 && !args.all_profiles);
    endpoint_words(&access)?;
    let ReviewPlaces { places, failed, .. } = Box::pin(find_places(globals, args, &access)).await?;
    let mut review =
        Review { globals, args, analyst: Analyst::default(), result: ReviewResult::default(), sums: Sums::default() };
    for place in failed {
        review.take_failed(place);
    }
    let mut numbers: Vec<Option<usize>> = vec![None; places.len()];
    Box::pin(read_places(&places, |number, event| review.take_event(number, event, &mut numbers))).await;
    review.tell_missing();
    Ok(review.finish())
}

/// The numbers from which the summary and the exit code are made.
#[derive(Debug, Default)]
struct Sums {
    repositories: usize,
    unread: usize,
    exits: Vec<Exit>,
    gravest: Option<Severity>,
}

struct Review<'a> {
    globals: &'a Globals,
    args: &'a ReviewArgs,
    analyst: Analyst,
    result: ReviewResult,
    sums: Sums,
}

impl Review<'_> {
    fn take_event(&mut self, number: usize, event: ReadEvent, numbers: &mut [Option<usize>]) {
        let known = numbers.get(number).copied().flatten();
        match event {
            ReadEvent::Registry(facts) => {
                let entry = RegistryEntry::review(facts, &mut self.analyst);
                tell_registry(&entry);
                self.note_findings(&entry.findings.iter().collect::<Vec<_>>());
                if self.is_streaming() && entry.is_noteworthy() {
                    print_data(&to_compact(&registry_object(&entry)));
                }
                if let Some(place) = numbers.get_mut(number) {
                    *place = Some(self.result.registries.len());
                }
                self.result.registries.push(entry);
            }
            ReadEvent::Repository(reference, read) => {
                let registry = known.and_then(|at| self.result.registries.get(at));
                let policy = registry.map_or(&RegistryPolicy::NotAsked, |registry| &registry.facts.policy);
                let entry = RepositoryEntry::review(reference, read, policy, &mut self.analyst);
                self.take_entry(entry);
            }
            ReadEvent::ListFailed(failure) => {
                if let Some(registry) = known.and_then(|at| self.result.registries.get(at)) {
                    let place = failed_place(registry, failure);
                    self.take_failed(place);
                }
            }
        }
    }

    fn is_streaming(&self) -> bool {
        self.globals.format == Format::Jsonl
    }

    fn take_entry(&mut self, entry: RepositoryEntry) {
        self.sums.repositories += 1;
        match &entry.outcome {
            Ok(_) => self.sums.exits.push(Exit::Done),
            Err(failure) => {
                self.sums.unread += 1;
                tell_failure(Some(&words::repository_words(&entry.reference)), failure);
                self.sums.exits.push(Exit::from(failure));
            }
        }
        self.sums.exits.dedup();
        self.note_findings(&entry.findings().collect::<Vec<_>>());
        if self.is_streaming() {
            print_data(&to_compact(&repository_object(&entry, self.args.with_policy)));
        }
        self.result.entries.push(entry);
    }

    fn take_failed(&mut self, place: FailedPlace) {
        tell_failure(Some(&place.words), &place.failure);
        self.sums.exits.push(Exit::from(&place.failure));
        if self.is_streaming() {
            print_data(&to_compact(&failed_object(&place)));
        }
        self.result.failed.push(place);
    }

    fn note_findings(&mut self, findings: &[&ReviewFinding]) {
        let gravest = findings.iter().map(|finding| finding.severity).max();
        self.sums.gravest = self.sums.gravest.max(gravest);
    }

    /// Tells which selectors took no repository, where all lists were read.
    fn tell_missing(&mut self) {
        let entries = &self.result.entries;
        let missing: Vec<&RepositorySelector> = self
            .args
            .repositories
            .iter()
            .filter(|selector| !entries.iter().any(|entry| selector.selects(&entry.reference)))
            .collect();
        if !self.result.failed.is_empty() {
            return;
        }
        for selector in missing {
            let failure = Failure::new(
                FailureKind::RepositoryNotFound,
                format!("no repository matches {selector}"),
                "look at the accounts and Regions, or name another pattern",
            );
            tell_failure(None, &failure);
            self.sums.exits.push(Exit::from(&failure));
        }
    }

    fn finish(mut self) -> Exit {
        self.result.entries.sort_by_cached_key(RepositoryEntry::badness);
        self.result
            .registries
            .sort_by(|a, b| (&a.facts.account, &a.facts.region).cmp(&(&b.facts.account, &b.facts.region)));
        self.print_result();
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
                let with_policy = self.args.with_policy;
                print_json(&serde_json::json!({
                    "repositories": result.entries.iter().map(|entry| repository_object(entry, with_policy)).collect::<Vec<_>>(),
                    "registries": result.registries.iter().filter(|entry| entry.is_noteworthy()).map(registry_object).collect::<Vec<_>>(),
                    "failed": result.failed.iter().map(failed_object).collect::<Vec<_>>(),
                    "index": index_objects(&index()),
                }));
            }
            Format::Sarif => print_json(&scan::sarif_log(result)),
            Format::Csv => print_raw(csv::csv_text(&result.entries, &result.failed).as_bytes()),
            Format::Markdown => print_data(markdown::markdown_page(result, &index()).trim_end()),
            Format::Html => print_raw(html::html_page(result, &index()).as_bytes()),
            Format::Table => print_data(table::table_text(&result.entries).trim_end()),
            Format::Text => print_data(table::review_text(result).trim_end()),
        }
    }

    /// Tells people what was read and found.
    fn tell_summary(&self) {
        let entries = &self.result.entries;
        let counts = count_severities(
            entries
                .iter()
                .flat_map(RepositoryEntry::findings)
                .chain(self.result.registries.iter().flat_map(|registry| &registry.findings)),
        );
        let found: Vec<String> =
            counts.iter().map(|(severity, count)| format!("{count} {}", severity.name())).collect();
        let found = if found.is_empty() { "no finding".to_owned() } else { format!("findings: {}", found.join(", ")) };
        let unread = match self.sums.unread + self.result.failed.len() {
            0 => String::new(),
            count => format!("; {count} could not be read"),
        };
        tell_line(&format!("{}; {found}{unread}", words::count_words(entries.len(), self.result.registries.len())));
    }
}

/// Tells what could not be read of a registry: a Deny there would void grants.
fn tell_registry(entry: &RegistryEntry) {
    let facts = &entry.facts;
    if let Some(words) = facts.policy.unread_words(&facts.account, &facts.region) {
        tell_line(&format!("note: {}", make_visible(&words)));
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
