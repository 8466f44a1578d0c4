//! `apply`: writes a plan that was saved with `--plan-out`.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::args::{ApplyArgs, Globals};
use super::change::{ChangeCommand, check_consent};
use super::exit::Exit;
use super::output::{Stop, tell_line, unix_time};
use super::plan_file::load_plan;
use super::session::{CommandSession, open_session};
use crate::ecr::text::make_visible;
use crate::plan::{PlanFile, RepositorySelector, SavedMatch, Target};

/// Plans the saved change from what is stored now, asks, and writes.
pub(super) async fn run(globals: &Globals, args: &ApplyArgs) -> Result<Exit, Stop> {
    let file = load_plan(&args.plan)?;
    let intent = file.intent().map_err(|problem| Stop::wrong_usage(problem.what, problem.next))?;
    if let Some(problem) = intent.ask.find_time_problem(unix_time()) {
        return Err(Stop::wrong_usage(problem.what, problem.next));
    }
    check_consent(globals)?;
    tell_origin(&file);
    let choices: Vec<RepositorySelector> =
        file.written_repositories().map(|reference| RepositorySelector::Exact { reference, tag: None }).collect();
    if choices.is_empty() {
        tell_line("This plan has nothing to write.");
        return Ok(Exit::Done);
    }
    let CommandSession { identity, places } = Box::pin(open_session(globals, &choices)).await?;
    let endpoint = places.first().and_then(|place| place.endpoint.as_deref());
    if endpoint != file.endpoint() {
        let named = |endpoint: Option<&str>| endpoint.map_or_else(|| "AWS itself".to_owned(), str::to_owned);
        return Err(Stop::wrong_usage(
            format!("the plan was made at {}, and this would write to {}", named(file.endpoint()), named(endpoint)),
            "use the same --endpoint-url, or save a plan anew",
        ));
    }
    let plan = |target: &Target| file.plan_target(&intent, target, Some(&identity));
    let command = ChangeCommand {
        undoes: file.undoes(),
        is_confirmed: &|planned| file.compare_plan(planned, Some(&identity)) == SavedMatch::Same,
        ..ChangeCommand::new(globals, &args.allowed, &plan)
    };
    Ok(Box::pin(command.carry_out(places)).await?.exit)
}

/// Tells who made the plan, and when.
fn tell_origin(file: &PlanFile) {
    let (made, by) = file.origin();
    let when = OffsetDateTime::from_unix_timestamp(made).ok().and_then(|time| time.format(&Rfc3339).ok());
    tell_line(&format!("This plan was made by {}, {}", make_visible(by), when.unwrap_or_else(|| made.to_string())));
}
