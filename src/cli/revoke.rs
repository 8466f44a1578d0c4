//! `revoke`: takes grantees out of the stored policies.

use super::args::{Globals, RevokeArgs, parse_grantees};
use super::change::{ChangeCommand, check_consent};
use super::exit::Exit;
use super::grantee_file::read_grantee_file;
use super::output::{Stop, unix_time};
use super::plan_file::check_new;
use super::session::{CommandSession, open_session};
use crate::ecr::Grantee;
use crate::plan::{Ask, Intent, Target};
use crate::policy::RevokeOptions;

/// Takes the grantees out, and tells what still lets them in.
pub(super) async fn run(globals: &Globals, args: &RevokeArgs) -> Result<Exit, Stop> {
    let ask = read_ask(args)?;
    if args.planning.plan_out.is_none() {
        check_consent(globals)?;
    }
    let saving = args.planning.plan_out.as_deref();
    saving.map_or(Ok(()), check_new)?;
    let intent = Intent { ask, remove_deleted: args.planning.remove_deleted };
    let CommandSession { identity, places } = Box::pin(open_session(globals, &args.which.choices())).await?;
    let plan = |target: &Target| intent.plan_target(target, Some(&identity));
    let command = ChangeCommand {
        saving: saving.map(|path| (path, &intent, &identity)),
        ..ChangeCommand::new(globals, &args.allowed, &plan)
    };
    Ok(Box::pin(command.carry_out(places)).await?.exit)
}

fn read_ask(args: &RevokeArgs) -> Result<Ask, Stop> {
    if args.expired {
        return Ok(Ask::RevokeExpired { now: unix_time() });
    }
    let options = RevokeOptions { and_principals: args.include_members, and_lambdas_own: args.include_lambda };
    Ok(Ask::Revoke { grantees: read_grantees(args)?, options })
}

fn read_grantees(args: &RevokeArgs) -> Result<Vec<Grantee>, Stop> {
    let mut grantees = parse_grantees(&args.from)
        .map_err(|problem| Stop::wrong_usage(problem, "name a grantee, such as --from 111111111111"))?;
    if let Some(path) = &args.from_file {
        grantees.extend(read_grantee_file(path)?);
    }
    Ok(grantees)
}
