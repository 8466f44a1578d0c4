//! `grant`: adds what is missing to the stored policies, and writes the puller's kit.

use super::args::{Globals, GrantArgs};
use super::change::{ChangeCommand, ChangeEnd, RepositoryRun, check_consent};
use super::exit::Exit;
use super::grantee_file::read_grantee_file;
use super::kit;
use super::output::{Stop, tell_failure, tell_line};
use super::plan_file::check_new;
use super::session::{CommandSession, CommandTarget, open_session};
use crate::ecr::text::make_visible;
use crate::ecr::{AccessEnd, ActionInfo, Grantee, Identity, OwnerSide, Recipe, recipe};
use crate::plan::{Ask, Intent, Lasting, Outcome, RepositorySelector, Target, Verdict, region_advice_for};

/// The request, before the owner is known.
struct Wish {
    grantees: Vec<Grantee>,
    recipe: &'static Recipe,
    actions: Vec<&'static ActionInfo>,
    until: Option<AccessEnd>,
}

/// Grants, and tells the outcome.
pub(super) async fn run(globals: &Globals, args: &GrantArgs) -> Result<Exit, Stop> {
    let wish = read_wish(args)?;
    let saving = args.planning.plan_out.as_deref();
    saving.map_or(Ok(()), check_new)?;
    if saving.is_none() {
        check_consent(globals)?;
    }
    if let Some(path) = &args.kit {
        kit::check_target(path, globals.format)?;
    }
    let CommandSession { identity, places } = Box::pin(open_session(globals, &args.which.choices())).await?;
    for place in &places {
        check_grantees(&wish, place)?;
    }
    say_beforehand(&wish, args, &places);
    let Wish { grantees, recipe, actions, until } = &wish;
    let ask = Ask::Grant { grantees: grantees.clone(), recipe, actions: actions.clone(), until: *until };
    let intent = Intent { ask, remove_deleted: args.planning.remove_deleted };
    let plan = |target: &Target| intent.plan_target(target, Some(&identity));
    let command = ChangeCommand {
        saving: saving.map(|path| (path, &intent, &identity)),
        is_output_taken: args.kit.as_deref().is_some_and(kit::is_output),
        ..ChangeCommand::new(globals, &args.allowed, &plan)
    };
    let ChangeEnd { runs, exit } = Box::pin(command.carry_out(places)).await?;
    let kit_written = write_kit(globals, args, &wish, &identity, &runs);
    Ok(if exit == Exit::Done { kit_written } else { exit })
}

/// Writes the kit for the access that is granted now, where one was asked for.
fn write_kit(globals: &Globals, args: &GrantArgs, wish: &Wish, identity: &Identity, runs: &[RepositoryRun]) -> Exit {
    let granted: Vec<kit::Granted> = runs.iter().filter_map(|run| granted_repository(run, wish.until)).collect();
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
        account_names: &globals.account_names,
        endpoint: runs.first().and_then(|run| run.place.endpoint.as_deref()),
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

/// Returns the repository with its policy, where the request, which ends at `until`, holds there now.
fn granted_repository(run: &RepositoryRun, until: Option<AccessEnd>) -> Option<kit::Granted> {
    let planned = run.planned.as_ref()?;
    let stored = match (&run.outcome, &planned.verdict) {
        (Some(outcome), _) if outcome.seen_text().is_some() => outcome.seen_text().flatten().map(str::to_owned),
        (Some(Outcome::AlreadyThere), _) => planned.text.clone(),
        (None, Verdict::AlreadyGranted) => planned.stored.clone(),
        _ => return None,
    };
    // What somebody else wrote right after was not judged: it may be a Deny.
    let is_alone = !matches!(run.outcome, Some(Outcome::WrittenBesideOthers { .. }));
    let owner_side = planned.owner_side().filter(|_| is_alone).unwrap_or_else(OwnerSide::beside_others);
    let until = match planned.lasts {
        None => until,
        Some(Lasting::Forever) => None,
        Some(Lasting::Until(end)) => Some(end),
    };
    Some(kit::Granted { repository: run.place.repository.clone(), stored, owner_side, until })
}

fn read_wish(args: &GrantArgs) -> Result<Wish, Stop> {
    let example = "such as --to 111111111111";
    let mut grantees = args
        .request
        .read_grantees()
        .map_err(|problem| Stop::wrong_usage(problem, format!("name a grantee, {example}")))?;
    if let Some(path) = &args.from_file {
        grantees.extend(read_grantee_file(path)?);
    }
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
    Ok(Wish { grantees, recipe, actions, until: args.request.until })
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
