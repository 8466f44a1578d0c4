//! `grant`: the plan, the difference, a question, the writes, and a line for each repository.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::args::{Format, Globals, GrantArgs};
use super::exit::Exit;
use super::interrupt::Interrupted;
use super::kit;
use super::output::{
    FindingWords, Stop, ask_line, can_ask, failure_json, print_data, print_documents, tell_failure, tell_line,
};
use super::permissions::{by_document, reference_json, who_json};
use super::session::{CommandSession, CommandTarget, StateFolder, Suggestions, open_session};
use super::show::{ReadPolicies, read_policies, with_endpoint};
use crate::apply::{Gate, write_policy};
use crate::ecr::text::make_visible;
use crate::ecr::{ActionInfo, Failure, Grantee, Identity, Recipe, recipe};
use crate::journal::Journal;
use crate::plan::{
    Confirmation, Loss, Outcome, Planned, RepositorySelector, Request, Target, Verdict, needed_confirmation,
    plan_grant, region_advice_for,
};
use crate::policy::explain::change_words;
use crate::policy::{Change, LineIndex, RegistryPolicy};

/// The most times that a policy may change underneath before the command gives up on a repository.
const ATTEMPTS: usize = 3;

/// The request, before the owner is known.
struct Wish {
    grantees: Vec<Grantee>,
    recipe: &'static Recipe,
    actions: Vec<&'static ActionInfo>,
}

/// Grants, and tells the outcome.
pub(super) async fn run(globals: &Globals, args: &GrantArgs) -> Result<Exit, Stop> {
    let wish = read_wish(args)?;
    if !globals.yes && !globals.dry_run && !globals.read_only && !can_ask() {
        return Err(Stop::wrong_usage(
            "this is no terminal, so nobody can be asked whether to write",
            "add --yes to write without a question, or --dry-run to see what would happen",
        ));
    }
    if let Some(path) = &args.kit {
        kit::check_target(path, globals.format)?;
    }
    let CommandSession { identity, places } = Box::pin(open_session(globals, &args.which.choices())).await?;
    for place in &places {
        check_grantees(&wish, place)?;
    }
    say_beforehand(&wish, args, &places);
    let mut policies = read_policies(&places).await;
    let mut suggestions = Suggestions::default();
    for (place, policy) in places.iter().zip(&mut policies) {
        if let Err(failure) = policy {
            *failure = suggestions.add_to(place, failure.clone()).await;
        }
    }
    let mut runs: Vec<GrantRun> = places
        .into_iter()
        .zip(policies)
        .map(|(place, policy)| GrantRun::new(place, policy, &wish, &identity))
        .collect();
    tell_unread_registries(&runs);
    for run in &runs {
        run.tell_plan();
    }
    let planned: Vec<Planned> = runs.iter().filter_map(|r| r.planned.clone()).collect();
    let interrupted = Interrupted::watch_signals();
    let allowed = match ask_allowed(globals, args, &planned, &interrupted).await {
        WriteConsent::Go => true,
        WriteConsent::No => {
            tell_line("Nothing was written.");
            return Ok(interrupted.signal_number().map_or(Exit::Done, Exit::Signal));
        }
        WriteConsent::Refused => false,
    };
    let mut signal = None;
    let mut told = 0;
    if allowed && planned.iter().any(Planned::will_write) {
        let folder = StateFolder::open_folder(globals.demo)?;
        let journal = Journal::open_in(folder.path());
        let gate = Gate { read_only: globals.read_only, dry_run: globals.dry_run };
        for run in &mut runs {
            signal = interrupted.signal_number();
            if signal.is_some() {
                break;
            }
            run.write_plan(&journal, gate, &wish, &identity, globals, &interrupted).await;
            report_one(globals, args, run, allowed);
            told += 1;
        }
        signal = signal.or(interrupted.signal_number());
    }
    runs.iter().skip(told).for_each(|run| report_one(globals, args, run, allowed));
    if globals.format == Format::Json {
        print_documents(globals.format, "repositories", runs.iter().map(|run| run.to_json(allowed)).collect());
    }
    if globals.demo && runs.iter().any(|run| run.outcome.as_ref().is_some_and(|outcome| outcome.seen_text().is_some()))
    {
        tell_line("This was a demo: the registry and its backups are gone with this command.");
    }
    let kit_written = write_kit(globals, args, &wish, &identity, &runs);
    if let Some(number) = signal {
        tell_line("Interrupted: repositories without a result were not written.");
        return Ok(Exit::Signal(number));
    }
    if !allowed {
        return Ok(Exit::Refused);
    }
    let exits = Exit::of_several(runs.iter().map(GrantRun::exit_status));
    Ok(if exits == Exit::Done { kit_written } else { exits })
}

/// Writes the kit for the access that is granted now, where one was asked for.
fn write_kit(globals: &Globals, args: &GrantArgs, wish: &Wish, identity: &Identity, runs: &[GrantRun]) -> Exit {
    let granted: Vec<kit::Granted> = runs.iter().filter_map(GrantRun::granted_repository).collect();
    let (Some(path), false) = (&args.kit, granted.is_empty()) else { return Exit::Done };
    let tag = args.which.repositories.iter().find_map(|choice| match choice {
        RepositorySelector::Exact { tag, .. } => tag.as_ref(),
        _ => None,
    });
    let wanted = kit::KitContext {
        grantees: &wish.grantees,
        recipe: wish.recipe,
        actions: &wish.actions,
        puller_region: args.request.puller_region.as_ref(),
        tag,
        profile: globals.profile.as_deref(),
        caller: &identity.account,
    };
    match kit::write_kit(path, &wanted, &granted) {
        Ok(()) if kit::is_output(path) => Exit::Done,
        Ok(()) => {
            tell_line(&format!("The puller's kit is in {}", path.display()));
            Exit::Done
        }
        Err(failure) => {
            tell_failure(None, &failure);
            Exit::from(&failure)
        }
    }
}

fn read_wish(args: &GrantArgs) -> Result<Wish, Stop> {
    let example = "such as --to 111111111111";
    let grantees = args
        .request
        .read_grantees()
        .map_err(|problem| Stop::wrong_usage(problem, format!("name a grantee, {example}")))?;
    if grantees.is_empty() {
        return Err(Stop::wrong_usage("no grantee is named", format!("name a grantee, {example}")));
    }
    let default = if args.request.actions.is_some() { "custom" } else { "pull" };
    let chosen = args.request.recipe.or_else(|| recipe::find_recipe(default));
    let Some(recipe) = chosen else { return Err(Stop::wrong_usage("there are no recipes", "this build has a defect")) };
    let actions: Vec<&'static ActionInfo> = match &args.request.actions {
        Some(list) => list.0.clone(),
        None => recipe.repository_actions().collect(),
    };
    if actions.is_empty() {
        return Err(Stop::wrong_usage("the recipe custom names no actions", "name them with --actions"));
    }
    Ok(Wish { grantees, recipe, actions })
}

/// Checks that this owner can grant to every grantee.
fn check_grantees(wish: &Wish, place: &CommandTarget) -> Result<(), Stop> {
    let owner = &place.repository.account;
    let partition = place.repository.region.partition();
    for grantee in &wish.grantees {
        grantee.check_owner(owner, partition).map_err(|problem| Stop::Usage(problem.what, problem.next))?;
    }
    Ok(())
}

fn say_beforehand(wish: &Wish, args: &GrantArgs, places: &[CommandTarget]) {
    for action in wish.actions.iter().filter(|a| !a.is_repository_level()) {
        tell_line(&format!(
            "note: {} is account-level: a repository policy never gives it, and ECR may refuse the text",
            action.name
        ));
    }
    for caution in wish.grantees.iter().filter_map(Grantee::caution_words) {
        tell_line(&format!("warning: {}", make_visible(&caution)));
    }
    let Some(puller) = &args.request.puller_region else { return };
    let mut regions: Vec<_> = places.iter().map(|p| &p.repository.region).collect();
    regions.sort();
    regions.dedup();
    for region in regions {
        if let Some(advice) = region_advice_for(wish.recipe, &wish.grantees, region, puller) {
            tell_line(&format!("{}: {}", if advice.must { "warning" } else { "note" }, advice.what));
            tell_line(&format!("  {}", advice.way_out));
        }
    }
}

/// Names the registry policies that could not be read, a line for each account and Region.
fn tell_unread_registries(runs: &[GrantRun]) {
    let mut told = Vec::new();
    for run in runs {
        let (account, region) = (&run.place.repository.account, &run.place.repository.region);
        let Some(planned) = run.planned.as_ref().filter(|_| !told.contains(&(account, region))) else { continue };
        if let Some(words) = planned.registry.unread_words(account, region) {
            tell_line(&format!("warning: {words}"));
            told.push((account, region));
        }
    }
}

enum WriteConsent {
    Go,
    No,
    Refused,
}

/// Tells whether the plans may be written, by flags or by a question.
async fn ask_allowed(
    globals: &Globals,
    args: &GrantArgs,
    planned: &[Planned],
    interrupted: &Interrupted,
) -> WriteConsent {
    if !planned.iter().any(Planned::will_write) || globals.read_only {
        return WriteConsent::Go;
    }
    let confirmation = needed_confirmation(planned);
    for reason in confirmation.all_reasons() {
        tell_line(&format!("warning: {}", make_visible(&reason.words)));
    }
    let missing: Vec<&str> =
        confirmation.all_reasons().iter().filter(|r| !args.allowed.is_allowed(r.peril)).map(|r| r.flag).collect();
    if globals.dry_run {
        if !missing.is_empty() {
            tell_line(&format!("With --yes this needs {} too.", missing.join(" ")));
        }
        return WriteConsent::Go;
    }
    if globals.yes {
        if missing.is_empty() {
            return WriteConsent::Go;
        }
        tell_line(&format!("error: --yes does not cover this: it needs {} too", missing.join(" ")));
        return WriteConsent::Refused;
    }
    if ask_confirmed(&confirmation, planned, interrupted).await { WriteConsent::Go } else { WriteConsent::No }
}

/// Asks the question. The end of the input means No, and so does a signal.
async fn ask_confirmed(confirmation: &Confirmation, planned: &[Planned], interrupted: &Interrupted) -> bool {
    let count = planned.iter().filter(|p| p.will_write()).count();
    let question = match confirmation {
        Confirmation::Plain if count == 1 => "Write this policy? [y/N]".to_owned(),
        Confirmation::Plain => format!("Write these {count} policies? [y/N]"),
        Confirmation::Typed { .. } => format!("{}:", upper_first(&confirmation.what_to_type())),
    };
    interrupted.set_asking(true);
    let typed = ask_line(&question, interrupted.wait_signal()).await;
    interrupted.set_asking(false);
    typed.is_some_and(|typed| confirmation.is_confirmed_by(&typed))
}

fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// One repository on its way through the command.
struct GrantRun {
    place: CommandTarget,
    /// The failure of the reading: there is no plan then.
    unread: Option<Failure>,
    planned: Option<Planned>,
    outcome: Option<Outcome>,
}

impl GrantRun {
    fn new(place: CommandTarget, policy: Result<ReadPolicies, Failure>, wish: &Wish, caller: &Identity) -> Self {
        match policy {
            Ok((stored, registry)) => {
                let planned = plan_for(&place, stored, registry, wish, caller);
                Self { place, unread: None, planned: Some(planned), outcome: None }
            }
            Err(failure) => Self { place, unread: Some(failure), planned: None, outcome: None },
        }
    }

    fn repository_name(&self) -> &str {
        self.place.repository.name.as_str()
    }

    /// Tells the plan in words, then the difference of the texts.
    fn tell_plan(&self) {
        if let Some(failure) = &self.unread {
            tell_failure(Some(self.repository_name()), failure);
            return;
        }
        let Some(planned) = &self.planned else { return };
        tell_line(&format!(
            "{} ({}, {})",
            self.repository_name(),
            self.place.repository.account,
            self.place.repository.region
        ));
        if let Some(endpoint) = &self.place.endpoint {
            tell_line(&format!("  at {}, which is not AWS", make_visible(endpoint)));
        }
        tell_line(&format!("  {}", make_visible(&planned.in_words())));
        let (gains, losses) = (&planned.delta.gains, &planned.delta.losses);
        for (mark, change) in gains.iter().map(|c| ('+', c)).chain(losses.iter().map(|c| ('-', c))) {
            if planned.will_write() {
                tell_line(&format!("  {mark} {}", make_visible(&change_words(change))));
            }
        }
        // The first line of a plan that is blocked has said it.
        let denied = if planned.verdict == Verdict::Blocked { Vec::new() } else { planned.denied_words() };
        for words in denied.into_iter().chain(planned.unknown_words()) {
            tell_line(&format!("  ! {}", make_visible(&words)));
        }
        match &planned.verdict {
            Verdict::TooLong(_) => {
                tell_line("  open it in the wizard and join or take out statements, or take the layout out, first");
            }
            Verdict::LocksOut(Loss::Denied(_)) => tell_line("  exempt your own role in that statement first"),
            Verdict::LocksOut(Loss::NotAllowed) => {
                tell_line("  leave a statement that allows you ecr:SetRepositoryPolicy");
            }
            _ => {}
        }
        if let Verdict::Refused(findings) = &planned.verdict {
            let text = planned.text.as_deref().unwrap_or_default();
            let lines = LineIndex::new(text);
            for finding in findings {
                let position = lines.position_of(finding.span.start);
                tell_line(&format!(
                    "  {}:{}: {} ({}): {}",
                    position.line,
                    position.column,
                    make_visible(&finding.message),
                    finding.id,
                    make_visible(finding.why)
                ));
                if let Some(fix) = &finding.fix {
                    tell_line(&format!("    the wizard's policy step can mend it: {}", make_visible(&fix.title)));
                }
            }
        }
        for finding in planned.risk_findings() {
            let (message, why) = (make_visible(&finding.message), make_visible(finding.why));
            tell_line(&format!("  ! {}: {message} ({}): {why}", finding.severity.name(), finding.id));
        }
        if !planned.will_write() {
            return;
        }
        tell_line("");
        for line in text_difference(planned).lines() {
            tell_line(&format!("    {}", make_visible(line)));
        }
        tell_line("");
    }

    /// Writes. When the policy changed underneath, plans again, and goes on alone only where the same people gain and
    /// lose the same. Otherwise it asks, where somebody can be asked and asking is on.
    async fn write_plan(
        &mut self,
        journal: &Journal,
        gate: Gate,
        wish: &Wish,
        caller: &Identity,
        globals: &Globals,
        interrupted: &Interrupted,
    ) {
        for attempt in 1..=ATTEMPTS {
            let Some(planned_now) = self.planned.as_ref() else { return };
            let Some(write_now) = planned_now.to_write() else { return };
            let write_registry = planned_now.registry.clone();
            let outcome = write_policy(&self.place.registry, journal, gate, &write_now, unix_time()).await;
            let Outcome::Changed { now } = &outcome else {
                tracing::info!(repository = %self.place.repository, ?outcome, "write ended");
                self.outcome = Some(outcome);
                return;
            };
            let again = plan_for(&self.place, now.clone(), write_registry, wish, caller);
            let same = self.planned.as_ref().is_some_and(|before| before.same_change(&again));
            let settled = !again.will_write();
            tell_line(&format!("{}: the policy changed underneath; planned anew", self.repository_name()));
            self.planned = Some(again);
            if settled {
                self.outcome = None;
                return;
            }
            if attempt == ATTEMPTS || !(same || self.confirms_again(globals, interrupted).await) {
                self.outcome = Some(outcome);
                return;
            }
        }
    }

    async fn confirms_again(&self, globals: &Globals, interrupted: &Interrupted) -> bool {
        self.tell_plan();
        let Some(planned) = &self.planned else { return false };
        let one = std::slice::from_ref(planned);
        let question = needed_confirmation(one);
        !globals.yes && !globals.dry_run && can_ask() && ask_confirmed(&question, one, interrupted).await
    }

    fn exit_status(&self) -> Exit {
        match (&self.unread, &self.outcome, &self.planned) {
            (Some(failure), ..) => Exit::from(failure),
            // What is surely denied is not granted, whatever was written.
            (None, Some(Outcome::Written { .. } | Outcome::AlreadyThere), Some(planned)) if planned.is_denied() => {
                Exit::Refused
            }
            (None, None, Some(planned)) if planned.is_denied() && !planned.will_write() => Exit::Refused,
            (None, Some(outcome), _) => Exit::from(outcome),
            // Confirmed, and never begun.
            (None, None, Some(planned)) if planned.will_write() => Exit::Refused,
            (None, None, Some(planned)) => Exit::from(&planned.verdict),
            (None, None, None) => Exit::Refused,
        }
    }

    /// Returns the repository with its policy, where the request holds there now.
    fn granted_repository(&self) -> Option<kit::Granted> {
        let planned = self.planned.as_ref()?;
        let stored = match (&self.outcome, &planned.verdict) {
            (Some(outcome), _) if outcome.seen_text().is_some() => outcome.seen_text().flatten().map(str::to_owned),
            (Some(Outcome::AlreadyThere), _) => planned.text.clone(),
            (None, Verdict::AlreadyGranted) => planned.stored.clone(),
            _ => return None,
        };
        // What somebody else wrote right after was not judged: it may be a Deny.
        let is_alone = !matches!(self.outcome, Some(Outcome::WrittenBesideOthers { .. }));
        let in_effect = planned.doubt_words().is_none() && is_alone;
        Some(kit::Granted { repository: self.place.repository.clone(), stored, in_effect })
    }

    /// Returns the result: one word for programs, and words for people.
    fn result_words(&self, allowed: bool) -> (&'static str, String) {
        if let Some(failure) = &self.unread {
            return ("failed", format!("failed: {}", failure.what));
        }
        let Some(planned) = &self.planned else { return ("failed", "failed".to_owned()) };
        match (&self.outcome, &planned.verdict) {
            (Some(outcome), _) => outcome_result(outcome, planned),
            (None, Verdict::AlreadyGranted) => already_granted(planned),
            (None, Verdict::Blocked) => ("blocked", planned.in_words()),
            (None, Verdict::Write) if allowed => ("interrupted", "not written: interrupted".to_owned()),
            (None, Verdict::Write) => ("not-allowed", "not written: a flag is missing".to_owned()),
            (None, _) => ("refused", planned.in_words()),
        }
    }

    fn to_json(&self, allowed: bool) -> Value {
        let (result, words) = self.result_words(allowed);
        let failure = self.unread.as_ref().or(match &self.outcome {
            Some(Outcome::Refused(failure) | Outcome::Unknown(failure)) => Some(failure),
            _ => None,
        });
        let backup = self.outcome.as_ref().and_then(Outcome::backup_file).map(|path| path.display().to_string());
        let mut value = with_endpoint(reference_json(&self.place.repository), &self.place);
        let planned = self.planned.as_ref();
        let changes =
            |changes: Option<&Vec<Change>>| changes.into_iter().flatten().map(change_json).collect::<Vec<_>>();
        let (denied_by, denied_by_registry) = planned.map(denied_by).unwrap_or_default();
        let fields = json!({
            "result": result,
            "words": words,
            "gains": changes(planned.map(|p| &p.delta.gains)),
            "losses": changes(planned.map(|p| &p.delta.losses)),
            "denied_by": denied_by,
            "denied_by_registry": denied_by_registry,
            "registry_notes": planned.map(|p| p.registry.note_words(&p.repository)).unwrap_or_default(),
            "findings": planned.map(|p| p.findings.iter().map(FindingWords::from).collect::<Vec<_>>()).unwrap_or_default(),
            "diff": planned.filter(|p| p.will_write()).map(text_difference),
            "policy": planned.and_then(|p| p.text.clone()),
            "backup": backup,
            "failure": failure.map(failure_json),
        });
        if let (Value::Object(all), Value::Object(more)) = (&mut value, fields) {
            all.extend(more);
        }
        value
    }
}

fn plan_for(
    place: &CommandTarget,
    stored: Option<String>,
    registry: RegistryPolicy,
    wish: &Wish,
    caller: &Identity,
) -> Planned {
    let request = Request {
        owner: place.repository.account.clone(),
        region: place.repository.region.clone(),
        grantees: wish.grantees.clone(),
        recipe: wish.recipe,
        actions: wish.actions.clone(),
    };
    plan_grant(&Target { repository: place.repository.clone(), stored, registry }, &request, Some(caller))
}

/// Returns the numbers, from 1, of the Deny statements that may void a part of the grant: the repository's, and the
/// registry's.
fn denied_by(planned: &Planned) -> (Vec<usize>, Vec<usize>) {
    let mut all: Vec<usize> = planned.blocked.iter().flat_map(|row| row.blocked.clone()).collect();
    all.sort_unstable();
    all.dedup();
    planned.deciding_policy().map(|policy| by_document(&policy, &all)).unwrap_or_default()
}

fn change_json(change: &Change) -> Value {
    json!({"who": who_json(&change.who), "actions": change.actions, "words": change_words(change)})
}

fn already_granted(planned: &Planned) -> (&'static str, String) {
    let words = match planned.doubt_words() {
        None => "already granted; nothing was written".to_owned(),
        Some(words) => format!("already granted, but {words}"),
    };
    ("already-granted", words)
}

fn outcome_result(outcome: &Outcome, planned: &Planned) -> (&'static str, String) {
    match outcome {
        Outcome::Written { .. } => match planned.doubt_words() {
            Some(words) => ("written", format!("written, but {words}")),
            None => ("written", "granted: the owner's side is done".to_owned()),
        },
        Outcome::WrittenBesideOthers { .. } => (
            "written-beside-others",
            "written, and somebody else wrote right after: look at it again with `ecr-grant show`".to_owned(),
        ),
        Outcome::Replaced { .. } => {
            ("replaced", "written, but another policy is stored now: somebody else wrote at the same time".to_owned())
        }
        Outcome::AlreadyThere => already_granted(planned),
        Outcome::Changed { .. } => ("changed", "not written: the policy changed underneath".to_owned()),
        Outcome::Refused(failure) => ("refused", format!("refused: {}", failure.what)),
        Outcome::Unknown(failure) => ("unknown", format!("nobody knows whether it was written: {}", failure.what)),
        Outcome::DryRun => ("dry-run", format!("dry run: nothing was written; {}", planned.in_words())),
    }
}

/// Returns the difference of the two texts, with three lines around each change.
fn text_difference(planned: &Planned) -> String {
    let old = planned.stored.as_deref().unwrap_or_default();
    let new = planned.text.as_deref().unwrap_or_default();
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .missing_newline_hint(false)
        .header("stored", "new")
        .to_string()
}

/// Tells the outcome of one repository as soon as it is known. JSON comes at the end, as one document.
fn report_one(globals: &Globals, args: &GrantArgs, run: &GrantRun, allowed: bool) {
    let line = || make_visible(&format!("{}: {}", run.repository_name(), run.result_words(allowed).1));
    match globals.format {
        // There the kit goes to the standard output.
        Format::Text if args.kit.as_deref().is_some_and(kit::is_output) => tell_line(&line()),
        Format::Text => print_data(&line()),
        Format::Jsonl => print_documents(Format::Jsonl, "repositories", vec![run.to_json(allowed)]),
        Format::Json | Format::Sarif => {}
    }
    match &run.outcome {
        Some(Outcome::Refused(failure) | Outcome::Unknown(failure)) => {
            tell_failure(Some(run.repository_name()), failure);
        }
        Some(outcome) if !globals.demo => {
            if let Some(path) = outcome.backup_file() {
                tell_line(&format!("  the text before is in {}", path.display()));
            }
        }
        _ => {}
    }
}

fn unix_time() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}
