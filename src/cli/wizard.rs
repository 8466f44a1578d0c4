//! `wizard`: the screens.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::sync::Arc;

use super::args::{Globals, ReviewArgs, WizardArgs};
use super::exit::Exit;
use super::output::{Stop, unix_time};
use super::session::{StateFolder, endpoint_words, open_access};
use crate::ecr::SourceId;
use crate::ecr::recipe;
use crate::plan::RepositorySelector;
use crate::review::KnownParties;
use crate::runtime::{self, Start, WizardEnd};
use crate::wizard::keymap::Keymap;
use crate::wizard::{AcceptedPath, Prefill, ReviewOrigin, SurveyRegions, SurveyRequest, SurveySources, WizardSettings};

/// Tells whether both ends are a terminal: then screens can be shown.
pub(super) fn has_terminal() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Opens the review of all repositories as a screen.
pub(super) async fn run_review(globals: &Globals, keymap: Keymap, args: &ReviewArgs) -> Result<Exit, Stop> {
    // A file that cannot be used is told before the screen is there.
    super::review::read_accepted(globals, args)?;
    let known = super::review::read_known(globals, args.known.as_deref(), [])?;
    let held_to = HeldTo { accepted: args.accepted.clone(), known };
    let prefill = Prefill {
        source: globals.chosen_source(),
        region: globals.region.clone().or_else(|| globals.usual.region.clone()),
        overview: true,
        survey: survey_request(globals, args),
        ..Prefill::default()
    };
    open_screens(globals, keymap, prefill, true, held_to).await
}

/// Returns the accounts and Regions that are asked for; none: those of one sign-in.
fn survey_request(globals: &Globals, args: &ReviewArgs) -> Option<SurveyRequest> {
    let profiles = args.profiles.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let profiles: Vec<SourceId> = profiles.map(|name| SourceId::Profile(name.to_owned())).collect();
    let sources = match profiles.as_slice() {
        _ if !args.from.is_empty() => SurveySources::Elsewhere(ReviewOrigin::Files(args.from.clone())),
        _ if args.all_profiles => SurveySources::AllProfiles,
        [] => match &args.aggregator {
            Some(name) => SurveySources::Elsewhere(ReviewOrigin::Aggregator(name.clone())),
            None => SurveySources::SignedIn,
        },
        _ => SurveySources::Named(profiles),
    };
    let regions = match args.regions.as_slice() {
        _ if args.all_regions => SurveyRegions::All,
        [] => match globals.region.as_ref().or(globals.usual.region.as_ref()) {
            Some(region) => SurveyRegions::Named(vec![region.clone()]),
            None => SurveyRegions::Own,
        },
        named => SurveyRegions::Named(named.to_vec()),
    };
    let org_role = args.org_role.clone();
    let is_of_one =
        sources == SurveySources::SignedIn && !args.all_regions && args.regions.is_empty() && org_role.is_none();
    (!is_of_one).then_some(SurveyRequest { sources, regions, org_role })
}

/// Opens the wizard with its steps pre-filled by the flags.
pub(super) async fn run(globals: &Globals, keymap: Keymap, args: &WizardArgs) -> Result<Exit, Stop> {
    // Only the flag says that the answers come from a program: a script without a terminal would not know the questions.
    let is_script = globals.plain_flag == Some(true);
    if !is_script && !has_terminal() {
        return Err(Stop::wrong_usage(
            "the wizard needs a terminal, and this is none",
            "use `ecr-grant show REPOSITORY`, or `ecr-grant grant REPOSITORY --to GRANTEE --yes`, or `--plain`",
        ));
    }
    let grantees = args
        .request
        .read_grantees()
        .map_err(|problem| Stop::wrong_usage(problem, "name a grantee, such as --to 111111111111"))?;
    let actions = args.request.actions.as_ref().map(|list| list.0.clone()).unwrap_or_default();
    let custom = if actions.is_empty() { None } else { recipe::find_recipe("custom") };
    let has_address = args.repositories.iter().any(|choice| matches!(choice, RepositorySelector::Exact { .. }));
    let prefill = Prefill {
        // An address finds its owner's profile itself.
        source: globals.chosen_source().filter(|source| !has_address || globals.usual.source.as_ref() != Some(source)),
        region: globals.region.clone().or_else(|| globals.usual.region.clone()),
        grantees,
        recipe: args.request.recipe.or(custom),
        actions,
        until: args.request.until,
        puller_region: args.request.puller_region.clone(),
        ..Prefill::default()
    };
    let has_arguments =
        globals.profile.is_some() || globals.source.is_some() || globals.region.is_some() || !args.is_empty();
    let held_to = HeldTo { accepted: None, known: super::review::read_known(globals, None, [])? };
    open_screens(globals, keymap, prefill.with_repositories(args.repositories.clone()), has_arguments, held_to).await
}

/// The files and names that the review on the screen is held to.
struct HeldTo {
    /// The file of accepted findings that a flag names.
    accepted: Option<PathBuf>,
    /// The parties that flag and configuration name as known; none: neither does.
    known: Option<KnownParties>,
}

/// Opens the screens.
async fn open_screens(
    globals: &Globals,
    keymap: Keymap,
    prefill: Prefill,
    has_arguments: bool,
    held_to: HeldTo,
) -> Result<Exit, Stop> {
    let folder = StateFolder::open_folder(globals.demo)?;
    let access = open_access(globals, false);
    let settings = WizardSettings {
        read_only: globals.read_only,
        read_only_patterns: globals.read_only_patterns.clone(),
        dry_run: globals.dry_run,
        demo: globals.demo,
        ascii: globals.ascii,
        account_names: globals.account_names.clone(),
        known: held_to.known.map(Arc::new),
        accepted: AcceptedPath::of_named(held_to.accepted.or_else(|| globals.usual.accepted.clone()), globals.demo),
        no_color: no_color(get_variable),
        theme: globals.theme.theme_name(),
        many_colours: many_colours(get_variable),
        endpoint: endpoint_words(&access)?,
        started_at: unix_time(),
        ..WizardSettings::default()
    };
    let ended = Box::pin(runtime::run(Start {
        access,
        settings,
        prefill,
        keymap,
        mouse: globals.mouse,
        plain: globals.plain,
        has_arguments,
        state_dir: folder.path(),
        limits: globals.limits,
    }))
    .await?;
    Ok(match ended {
        WizardEnd::Left => Exit::Done,
        WizardEnd::Signal(number) => Exit::Signal(number),
    })
}

/// Tells whether colours are unwanted: `NO_COLOR` is set (no-color.org), or the terminal is dumb.
pub(super) fn no_color(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty()) || variable("TERM").as_deref() == Some("dumb")
}

/// Tells whether the terminal has 256 colours or more.
fn many_colours(variable: impl Fn(&str) -> Option<String>) -> bool {
    let term = variable("TERM").unwrap_or_default();
    let names = ["256color", "direct", "kitty", "alacritty", "ghostty", "foot", "wezterm"];
    names.iter().any(|name| term.contains(name)) || variable("COLORTERM").is_some_and(|value| !value.is_empty())
}

fn get_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_when_anything_says_so() {
        let with =
            |name: &'static str, value: &'static str| no_color(move |asked| (asked == name).then(|| value.to_owned()));
        assert!(with("NO_COLOR", "1") && with("TERM", "dumb"));
        assert!(!with("NO_COLOR", "") && !with("TERM", "xterm-256color"));
    }

    #[test]
    fn more_than_sixteen_colours_are_used_where_the_terminal_says_so() {
        let with = |name: &'static str, value: &'static str| {
            many_colours(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(with("TERM", "screen-256color") && with("TERM", "xterm-kitty") && with("COLORTERM", "truecolor"));
        assert!(!with("TERM", "linux") && !with("TERM", "xterm") && !with("COLORTERM", ""));
    }
}
