//! `revoke`: takes grantees out of the stored policies.

use super::args::{Globals, RevokeArgs, parse_grantees};
use super::change::{ChangeCommand, check_consent};
use super::exit::Exit;
use super::grantee_file::read_grantee_file;
use super::output::Stop;
use super::session::{CommandSession, open_session};
use crate::ecr::Grantee;
use crate::plan::plan_revoke;
use crate::policy::RevokeOptions;

/// Takes the grantees out, and tells what still lets them in.
pub(super) async fn run(globals: &Globals, args: &RevokeArgs) -> Result<Exit, Stop> {
    let grantees = read_grantees(args)?;
    check_consent(globals)?;
    let options = RevokeOptions { and_principals: args.include_members, and_lambdas_own: args.include_lambda };
    let CommandSession { identity, places } = Box::pin(open_session(globals, &args.which.choices())).await?;
    let command = ChangeCommand {
        globals,
        allowed: &args.allowed,
        plan: &|target| plan_revoke(target, &grantees, options, Some(&identity)),
        is_output_taken: false,
    };
    Ok(Box::pin(command.carry_out(places)).await?.exit)
}

fn read_grantees(args: &RevokeArgs) -> Result<Vec<Grantee>, Stop> {
    let mut grantees = parse_grantees(&args.from)
        .map_err(|problem| Stop::wrong_usage(problem, "name a grantee, such as --from 111111111111"))?;
    if let Some(path) = &args.from_file {
        grantees.extend(read_grantee_file(path)?);
    }
    Ok(grantees)
}
