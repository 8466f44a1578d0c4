//! A plan in words for people.

use super::report::text_difference;
use super::repository_run::RepositoryRun;
use crate::cli::output::{tell_failure, tell_line, tell_text};
use crate::ecr::text::make_visible;
use crate::handoff::code_snippet;
use crate::plan::{Loss, PlanKind, Planned, UndoNotes, Verdict, group_plans, kind_sums};
use crate::policy::LineIndex;

/// The most repositories that are named of those that come to the same.
const NAMED: usize = 6;

/// Tells the plans in words: first what could not be read, then each kind of change once, with the difference of the
/// texts of its first repository. `is_verbose`: each repository by itself.
pub(super) fn tell_plans(runs: &[RepositoryRun], is_verbose: bool) {
    for (run, failure) in runs.iter().filter_map(|run| Some((run, run.unread.as_ref()?))) {
        tell_failure(Some(run.repository_name()), failure);
    }
    let endpoint = runs.first().and_then(|run| run.place.endpoint.as_deref());
    let mut plans: Vec<&Planned> = runs.iter().filter_map(|run| run.planned.as_ref()).collect();
    if is_verbose {
        plans.sort_by_key(|plan| plan.kind());
        for plan in plans {
            tell_plan(plan, endpoint);
        }
        return;
    }
    let groups = group_plans(plans.iter().copied());
    if plans.len() > 1 {
        let unread = runs.iter().filter(|run| run.planned.is_none()).map(|_| PlanKind::Unread);
        let sums = kind_sums(plans.iter().map(|plan| plan.kind()).chain(unread));
        tell_line(&format!("{} repositories: {sums}", runs.len()));
    }
    for group in groups {
        tell_plan(group.first, endpoint);
        if !group.others.is_empty() {
            let names: Vec<&str> = group.others.iter().take(NAMED).map(|plan| plan.repository.name.as_str()).collect();
            let more = group.others.len() - names.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} others (-v names them)") };
            let same = if group.first.will_write() { "the same change" } else { "the same" };
            tell_line(&format!("  {} more: {same}: {}{more}", group.others.len(), names.join(", ")));
        }
    }
}

/// Tells one plan in words, then the difference of the texts.
pub(super) fn tell_plan(planned: &Planned, endpoint: Option<&str>) {
    let repository = &planned.repository;
    tell_line(&format!("{} ({}, {})", repository.name, repository.account, repository.region));
    if let Some(endpoint) = endpoint {
        tell_line(&format!("  at {}, which is not AWS", make_visible(endpoint)));
    }
    tell_line(&format!("  {}", make_visible(&planned.in_words())));
    if let Some(words) = planned.ownership_words() {
        tell_line(&format!("  ! {}", make_visible(&words)));
    }
    let (gains, losses) = (&planned.delta.gains, &planned.delta.losses);
    for (mark, change) in gains.iter().map(|c| ('+', c)).chain(losses.iter().map(|c| ('-', c))) {
        if planned.will_write() {
            tell_line(&format!("  {mark} {}", make_visible(&planned.change_words(change))));
        }
    }
    for words in planned.deleted.iter().filter(|_| planned.will_write()) {
        tell_line(&format!("  takes out {words}: deleted, nobody can use it"));
    }
    tell_removal(planned);
    for words in planned.undo.iter().flat_map(UndoNotes::remaining_words) {
        tell_line(&format!("  ! {}", make_visible(&words)));
    }
    // The first line of a plan that is blocked has said it.
    let denied = if planned.verdict == Verdict::Blocked { Vec::new() } else { planned.denied_words() };
    // A Deny can void a grant, not what is taken away.
    let unknown = if planned.names_losses() { Vec::new() } else { planned.unknown_words() };
    for words in denied.into_iter().chain(unknown) {
        tell_line(&format!("  ! {}", make_visible(&words)));
    }
    match &planned.verdict {
        Verdict::TooLong(_) if planned.organization_accounts.is_some() => {}
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
        if planned.names_deleted() {
            tell_line("    --remove-deleted takes deleted roles and users out in the same write");
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
        tell_text(&format!("    {}", make_visible(line)));
    }
    tell_line("");
    if let Some(owner) = planned.ownership.owner() {
        let snippet = code_snippet(owner, repository, planned.text.as_deref());
        tell_line(&format!("  {}{}", snippet.words, if snippet.body.is_empty() { "" } else { ":" }));
        for line in snippet.body.lines() {
            tell_text(&format!("    {line}"));
        }
        tell_line("");
    }
}

/// Tells what a revoke takes out of where, and how the grantees still get in.
fn tell_removal(planned: &Planned) {
    let Some(removal) = &planned.removal else { return };
    if planned.will_write() {
        for words in removal.removed_words() {
            tell_line(&format!("  takes out {words}"));
        }
    }
    for words in removal.still_words().into_iter().chain(planned.registry.opening_words(&planned.repository)) {
        tell_line(&format!("  ! {words}"));
    }
    for words in removal.left_words() {
        tell_line(&format!("  {words}"));
    }
}
