//! The way of every command that writes: read, plan, show, ask, write, report.

mod plan_text;
mod question;
mod report;
mod repository_run;
mod writing;

use std::collections::HashSet;
use std::path::Path;

use futures_util::StreamExt as _;

use super::args::{Allowed, Format, Globals};
use super::exit::Exit;
use super::interrupt::Interrupted;
use super::output::{Stop, can_ask, print_documents, tell_failure, tell_line, unix_time};
use super::plan_file::save_plan;
use super::session::{CommandTarget, StateFolder, Suggestions};
use super::show::read_policies;
use crate::aws::AT_ONCE;
use crate::ecr::shell::file_word;
use crate::ecr::text::make_visible;
use crate::ecr::{Identity, Ownership};
use crate::journal::{ChangeStart, Journal};
use crate::plan::{Intent, Outcome, PlanFile, Planned, Target};
use question::{WriteConsent, ask_allowed};
pub(super) use report::{change_json, difference_of};
pub(super) use repository_run::RepositoryRun;
use writing::Writing;

/// The most repositories of which each has a line of its own in the results.
const FEW: usize = 5;

/// A change that a command asks for.
pub(super) struct ChangeCommand<'a> {
    /// The flags of every command.
    pub(super) globals: &'a Globals,
    /// The dangers that may be written without a question.
    pub(super) allowed: &'a Allowed,
    /// Plans the change of one repository, from what is stored there.
    pub(super) plan: &'a dyn Fn(&Target) -> Planned,
    /// Tells whether `--yes` covers a plan: it changes no more than was confirmed before.
    pub(super) is_confirmed: &'a dyn Fn(&Planned) -> bool,
    /// The file for the plan, with the change and the caller that it names; none: the plan is written to AWS.
    pub(super) saving: Option<(&'a Path, &'a Intent, &'a Identity)>,
    /// The id of the change that this one takes back.
    pub(super) undoes: Option<&'a str>,
    /// True where something else takes the standard output: results go to the standard error then.
    pub(super) is_output_taken: bool,
}

/// The end of a change.
pub(super) struct ChangeEnd {
    /// The repositories, in the order of the command line.
    pub(super) runs: Vec<RepositoryRun>,
    /// The exit, as far as the repositories tell.
    pub(super) exit: Exit,
}

/// Refuses a command that would have to ask where nobody can be asked.
pub(super) fn check_consent(globals: &Globals) -> Result<(), Stop> {
    if globals.yes || globals.dry_run || globals.read_only || can_ask() {
        return Ok(());
    }
    Err(Stop::wrong_usage(
        "this is no terminal, so nobody can be asked whether to write",
        "add --yes to write without a question, or --dry-run to see what would happen",
    ))
}

impl<'a> ChangeCommand<'a> {
    /// Builds a change that is written as it is planned.
    pub(super) fn new(globals: &'a Globals, allowed: &'a Allowed, plan: &'a dyn Fn(&Target) -> Planned) -> Self {
        Self { globals, allowed, plan, is_confirmed: &|_| true, saving: None, undoes: None, is_output_taken: false }
    }

    /// Reads the policies, tells the plans, asks, writes, and tells what came of it.
    pub(super) async fn carry_out(&self, places: Vec<CommandTarget>) -> Result<ChangeEnd, Stop> {
        let mut runs = self.plan_all(places).await;
        Box::pin(read_owners(&mut runs)).await;
        tell_unread_registries(&runs);
        plan_text::tell_plans(&runs, self.globals.verbose);
        if let Some((path, intent, caller)) = self.saving {
            self.note_read_only(&runs);
            return Self::save_plans(path, intent, caller, &runs);
        }
        if self.globals.yes {
            self.hold_unconfirmed(&mut runs);
        }
        let is_open = |run: &&RepositoryRun| run.outcome.is_none();
        let planned: Vec<Planned> = runs.iter().filter(is_open).filter_map(|run| run.planned.clone()).collect();
        let interrupted = Interrupted::watch_signals();
        let endpoint = runs.first().and_then(|run| run.place.endpoint.clone());
        let endpoint = endpoint.as_deref();
        let is_allowed = match ask_allowed(self.globals, self.allowed, &planned, endpoint, &interrupted).await {
            WriteConsent::Go => true,
            WriteConsent::No => {
                tell_line("Nothing was written.");
                let exit = interrupted.signal_number().map_or(Exit::Done, Exit::Signal);
                return Ok(ChangeEnd { runs: Vec::new(), exit });
            }
            WriteConsent::Refused => false,
        };
        let is_many = runs.len() > FEW;
        let mut told = HashSet::new();
        let mut written_by = None;
        if is_allowed && planned.iter().any(Planned::will_write) {
            let folder = StateFolder::open_folder(self.globals.demo)?;
            let planned = Some(planned.iter().filter(|planned| planned.will_write()).count());
            let change = Journal::open_in(folder.path()).with_limits(self.globals.limits).begin_change(ChangeStart {
                planned,
                undoes: self.undoes.map(str::to_owned),
                command: None,
            });
            let writing = Writing { command: self, change: &change, interrupted: &interrupted, is_many };
            let on_end = |at: usize, run: &RepositoryRun| {
                self.report_one(run, is_allowed, is_many);
                told.insert(at);
            };
            Box::pin(writing.write_all(&mut runs, on_end)).await;
            if let Err(failure) = change.end_change() {
                tell_failure(None, &failure);
            }
            written_by = Some(change.id().to_owned());
        }
        for (_, run) in runs.iter().enumerate().filter(|(at, _)| !told.contains(at)) {
            self.report_one(run, is_allowed, is_many);
        }
        if is_many {
            report::report_sums(self.globals, self.is_output_taken, &runs, is_allowed);
        }
        if self.globals.format == Format::Json {
            let objects = runs.iter().map(|run| report::to_json(run, is_allowed)).collect();
            print_documents(Format::Json, "repositories", objects);
        }
        match written_by.filter(|_| runs.iter().any(RepositoryRun::is_written)) {
            Some(_) if self.globals.demo => {
                tell_line("This was a demo: the registry and its backups are gone with this command.");
            }
            Some(id) => tell_line(&format!("ecr-grant undo {id} takes this back")),
            None => {}
        }
        let exit = match interrupted.signal_number() {
            Some(number) => {
                tell_line("Interrupted: repositories without a result were not written.");
                Exit::Signal(number)
            }
            None if is_allowed => Exit::of_several(runs.iter().map(RepositoryRun::exit_status)),
            None => Exit::Refused,
        };
        Ok(ChangeEnd { runs, exit })
    }

    /// Saves the plans in a file in place of writing them.
    fn save_plans(path: &Path, intent: &Intent, caller: &Identity, runs: &[RepositoryRun]) -> Result<ChangeEnd, Stop> {
        let endpoint = runs.first().and_then(|run| run.place.endpoint.as_deref());
        let plans = runs.iter().filter_map(|run| run.planned.as_ref());
        save_plan(path, &PlanFile::of(intent, plans, caller, endpoint, unix_time()))?;
        let shown = path.display().to_string();
        let (shown, word) = (make_visible(&shown), file_word(&shown));
        tell_line(&format!("Nothing was written to AWS. The plan is in {shown}: ecr-grant apply {word}"));
        let of_plan = |run: &RepositoryRun| match (&run.unread, &run.planned) {
            (Some(failure), _) => Exit::from(failure),
            (None, Some(planned)) => Exit::from(&planned.verdict),
            (None, None) => Exit::Refused,
        };
        let exit = Exit::of_several(runs.iter().map(of_plan));
        Ok(ChangeEnd { runs: Vec::new(), exit })
    }

    /// Tells which repositories of a plan for a file cannot be written with this configuration.
    fn note_read_only(&self, runs: &[RepositoryRun]) {
        let mut held: Vec<(String, Vec<&str>)> = Vec::new();
        for run in runs.iter().filter(|run| run.planned.as_ref().is_some_and(Planned::will_write)) {
            let source = &run.place.registry.context().source;
            let Some(found) = self.globals.read_only_patterns.find_match(&run.place.repository, source) else {
                continue;
            };
            match held.iter_mut().find(|(words, _)| *words == found.words()) {
                Some((_, names)) => names.push(run.repository_name()),
                None => held.push((found.words(), vec![run.repository_name()])),
            }
        }
        for (words, names) in held {
            tell_line(&format!("note: apply will refuse {} here: {}", names.join(", "), make_visible(&words)));
        }
    }

    /// Holds back the plans that change more than was confirmed: `--yes` does not cover them.
    fn hold_unconfirmed(&self, runs: &mut [RepositoryRun]) {
        for run in runs {
            let Some(planned) = run.planned.as_ref().filter(|planned| planned.will_write()) else { continue };
            if !(self.is_confirmed)(planned) {
                let now = planned.stored.clone();
                run.outcome = Some(Outcome::Changed { now });
                tell_line(&format!("{}: others gain or lose now than the plan says", run.repository_name()));
            }
        }
    }

    /// Plans one repository. What the configuration holds read-only is refused, unless the plan is for a file.
    fn plan_target(&self, place: &CommandTarget, target: &Target) -> Planned {
        let mut planned = (self.plan)(target);
        if self.saving.is_none() {
            self.globals.read_only_patterns.hold_plan(&mut planned, &place.registry.context().source);
        }
        planned
    }

    async fn plan_all(&self, places: Vec<CommandTarget>) -> Vec<RepositoryRun> {
        let mut policies = read_policies(&places).await;
        let mut suggestions = Suggestions::default();
        for (place, policy) in places.iter().zip(&mut policies) {
            if let Err(failure) = policy {
                *failure = suggestions.add_to(place, failure.clone()).await;
            }
        }
        let plan = |place: &CommandTarget, (stored, registry)| {
            self.plan_target(
                place,
                &Target { repository: place.repository.clone(), stored, registry, now: Some(unix_time()) },
            )
        };
        let runs =
            places.into_iter().zip(policies).map(|(place, policy)| match policy.map(|read| plan(&place, read)) {
                Ok(planned) => RepositoryRun { place, unread: None, planned: Some(planned), outcome: None },
                Err(failure) => RepositoryRun { place, unread: Some(failure), planned: None, outcome: None },
            });
        runs.collect()
    }

    /// Tells one result. Among many, those without anything to look at are left to the sums.
    fn report_one(&self, run: &RepositoryRun, is_allowed: bool, is_many: bool) {
        let is_folded = is_many && !self.globals.verbose && run.exit_status() == Exit::Done && is_allowed;
        report::report_one(self.globals, self.is_output_taken, run, is_allowed, is_folded);
    }
}

/// Reads the tags of the repositories that will be written, for the code that owns them.
async fn read_owners(runs: &mut [RepositoryRun]) {
    let asked: Vec<(usize, CommandTarget)> = runs
        .iter()
        .enumerate()
        .filter(|(_, run)| run.planned.as_ref().is_some_and(Planned::will_write))
        .map(|(at, run)| (at, run.place.clone()))
        .collect();
    let read = asked
        .into_iter()
        .map(|(at, place)| async move { (at, Box::pin(place.registry.read_tags(&place.repository.name)).await) });
    let answers: Vec<_> = futures_util::stream::iter(read).buffer_unordered(AT_ONCE).collect().await;
    for (at, answer) in answers {
        if let Some(planned) = runs.get_mut(at).and_then(|run| run.planned.as_mut()) {
            planned.ownership = Ownership::of_read(answer);
        }
    }
}

/// Names the registry policies that could not be read, a line for each account and Region.
fn tell_unread_registries(runs: &[RepositoryRun]) {
    let mut told = Vec::new();
    for run in runs {
        let (account, region) = (&run.place.repository.account, &run.place.repository.region);
        let Some(planned) = run.planned.as_ref().filter(|_| !told.contains(&(account, region))) else { continue };
        if let Some(words) = planned.registry.unread_words(account, region) {
            tell_line(&format!("warning: {}", make_visible(&words)));
            told.push((account, region));
        }
    }
}
