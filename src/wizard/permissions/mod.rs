//! Step: Permissions. What holds now, statement by statement, and what is left to do on the other side.

mod heading;
mod state;

use std::borrow::Cow;
use std::sync::Arc;

use unicode_width::UnicodeWidthStr as _;

use super::access_rows::{self, list_entries};
use super::computation::deciding::{Before, DecidingPolicies, HeldPolicies, HeldToRead, PoliciesToRead};
use super::computation::{Computation, Computed};
use super::keymap::{Action, KeyScope};
use super::layout::body_rows;
use super::page::{Ink, KeptPage, Mark, TextPage, scroll_rows};
use super::save::{How, begun, described_repository};
use super::screen::Screen;
use super::statements;
use super::{Answer, Effect, Model, Remote, RequestId, Step, Tone};
use crate::ecr::{Failure, OwnerSide, RepositoryRef, Tag};
use crate::handoff::{Kit, KitInput, NO_TAG, build_kit, file_stem, plain_part};
use crate::plan::{Planned, Request};
pub use heading::{Heading, INDENT, heading};
use state::PageKey;
pub use state::{PROPOSAL, PermissionsStep, Shown};

/// The step's row in the table of screens.
pub(super) const SCREEN: Screen = Screen {
    title: "Permissions",
    details_share: 36,
    leads_to_question: false,
    enter: enter_step,
    resume: |_, _| Some(Vec::new()),
    pass: |_| None,
    act: do_action,
    text: |_, _| Vec::new(),
    paste: |_, _| Vec::new(),
    click: click_at,
    resized: |_| Vec::new(),
    drawn: |_| (),
    answer: take_answer,
    scopes: |_| vec![KeyScope::Permissions, KeyScope::List, KeyScope::Commands],
    why_off,
    label: action_label,
    is_asking: |_| false,
    // Nobody waits for a tag.
    waiting_since: |model| {
        model.permissions.shown_policies().loading_since().or_else(|| model.save.change_planned_since())
    },
    compute: begin_computations,
    endpoint: Model::signed_endpoint,
};

/// The narrowest window whose footer has room for whole names beside the message to send.
const ROOMY: u16 = 92;

/// Returns what the footer calls an action: in a narrow window its short name, so that the message to send has its room.
fn action_label(model: &Model, scope: KeyScope, action: Action) -> Option<Cow<'static, str>> {
    let room_for = if model.permissions.entries().len() > 1 { ROOMY } else { NARROWEST };
    if scope != KeyScope::Permissions || model.size.columns >= room_for {
        return None;
    }
    match action {
        Action::FocusNext => Some(Cow::Borrowed("part")),
        Action::NextDocument => Some(Cow::Borrowed("repository")),
        _ => None,
    }
}

/// The narrowest window with a list of parts beside the chosen part.
const NARROWEST: u16 = 76;

/// The cells of the list of parts beside the chosen part: its longest title with the sign before it. 0: there is no room.
pub fn list_width(model: &Model) -> u16 {
    if model.size.columns < NARROWEST {
        return 0;
    }
    let longest = model.permissions.part_titles().iter().map(|title| title.width()).max().unwrap_or_default();
    u16::try_from(longest + 4).unwrap_or(u16::MAX).min(model.size.columns / 2)
}

/// Cells between two parts in the line of parts.
pub const STRIP_GAP: usize = 3;

/// Returns what stands before the line of parts: which of them is shown.
pub fn strip_count(step: &PermissionsStep) -> String {
    format!(" {}/{}  ", step.part() + 1, step.part_titles().len())
}

/// The first part that is in sight in a list of so many rows.
pub fn first_part(step: &PermissionsStep, height: usize) -> usize {
    (step.part() + 1).saturating_sub(height)
}

/// Rows above the page: what became of the repository, and the line of parts or an empty one.
pub fn head_rows(model: &Model) -> u16 {
    let words = heading(model).map_or(0, |heading| heading.rows.len());
    let strip = u16::from(list_width(model) == 0);
    2 + strip + u16::try_from(words).unwrap_or_default()
}

/// Rows of the page that are shown at once.
pub fn page_rows(model: &Model) -> usize {
    usize::from(body_rows(model.size).saturating_sub(head_rows(model)).max(1))
}

/// The chosen part.
pub fn shown_page(model: &Model) -> Cow<'_, TextPage> {
    match KeptPage::page_of(&model.permissions.page, &page_key(model)) {
        Some(page) => Cow::Borrowed(page),
        None => Cow::Owned(make_page(model)),
    }
}

fn page_key(model: &Model) -> PageKey {
    let step = &model.permissions;
    PageKey {
        width: model.size.columns,
        back: model.key_name(KeyScope::Global, Action::Back),
        repository: step.repository,
        part: step.part(),
        is_told_as_checking: step.told_as_checking(model.now).is_some(),
        changes: step.changes,
    }
}

/// Keeps the shown page: it may be long, and is drawn and scrolled more often than it changes.
fn keep_page(model: &mut Model) {
    let key = page_key(model);
    let mut page = model.permissions.page.take();
    KeptPage::keep(&mut page, key, || make_page(model));
    model.permissions.page = page;
}

fn make_page(model: &Model) -> TextPage {
    let step = &model.permissions;
    let width = usize::from(model.size.columns.saturating_sub(list_width(model) + 2));
    let page = TextPage::new(width).with_names(&model.account_names).at_moment(model.unix_now());
    let mut page = part_page(step, page);
    if let Some(since) = step.told_as_checking(model.now) {
        page.add_marked(Mark::Waiting(since), Ink::Dim, 0, "checking...");
    }
    if step.shown_repository().is_some() && !step.missing.is_empty() {
        page.add_blank();
        let back = model.key_name(KeyScope::Global, Action::Back);
        let lead = if step.is_proposal() { "not among them" } else { "not saved" };
        let words = format!("{lead}: {}; {back} goes back to the outcome", step.missing.join(", "));
        page.add_marked(Mark::Warn, Ink::Warn, 0, &words);
    }
    page
}

fn part_page(step: &PermissionsStep, mut page: TextPage) -> TextPage {
    let Some(shown) = step.shown_repository() else {
        page.text_row(Ink::Plain, 0, "Nothing was saved yet: choose repositories and who receives access first.");
        return page;
    };
    let owner = &shown.repository.reference.account;
    if step.part() < 2 && shown.text.is_none() {
        page.text_row(
            Ink::Plain,
            0,
            &if shown.is_proposed() {
                format!(
                    "The repository would have no policy: identities of account {owner} could use it as their own policies \
                     allow, it would let nobody else in."
                )
            } else {
                format!(
                    "The repository has no policy: identities of account {owner} can use it as their own policies allow, \
                     it lets nobody else in."
                )
            },
        );
    }
    match (step.part(), step.shown_policies(), &shown.text) {
        (0 | 1, Remote::Failed { failure, .. }, _) => page.add_failure(0, failure),
        (0 | 1, Remote::NotAsked | Remote::Loading { .. }, _) => {}
        (0 | 1, Remote::Ready(held), None) => statements::add_registry(&mut page, &held.policies),
        (0, Remote::Ready(held), Some(_)) => statements::add_statements(&mut page, &held.policies),
        (1, Remote::Ready(held), Some(_)) => add_access(&mut page, &held.policies),
        _ => {
            if let Some(section) = step.shown_section() {
                // The notes begin with it.
                if let Some(words) = kit_caveat(shown).filter(|_| section.key() != "notes" && !section.is_message()) {
                    page.add_marked(Mark::Warn, Ink::Warn, 0, &words);
                    page.add_blank();
                }
                page.text_row(Ink::Plain, 0, section.purpose_words());
                page.add_blank();
                page.add_code(Ink::Strong, 2, section.body());
            }
        }
    }
    page
}

/// Adds who has access. No key unfolds a row here, so that it names all parties.
fn add_access(page: &mut TextPage, policies: &DecidingPolicies) {
    let table = policies.deciding.as_ref().map(|(_, table)| table).ok();
    let entries = table.map(|table| list_entries(table, |_| false)).unwrap_or_default();
    access_rows::add_access(page, policies, &entries, false);
}

/// Returns what must be known before anything of the kit is handed on.
fn kit_caveat(shown: &Shown) -> Option<String> {
    let side = shown.owner_side()?;
    if shown.is_proposed() {
        return Some(side.words_unwritten("nothing was written"));
    }
    matches!(side, OwnerSide::NotDone(_) | OwnerSide::Unproved(_)).then(|| side.words())
}

/// Returns why an action does nothing here.
fn why_off(model: &Model, action: Action) -> Option<String> {
    let step = &model.permissions;
    match action {
        Action::NextDocument | Action::PreviousDocument if step.entries.len() < 2 => {
            Some("there is only one repository".to_owned())
        }
        Action::WriteAll | Action::CopyMessage | Action::Copy | Action::WriteFile
            if step.shown_repository().is_none() =>
        {
            Some("nothing was saved yet".to_owned())
        }
        Action::WriteAll | Action::CopyMessage if !step.is_all_read() => {
            Some("what was saved is still being checked".to_owned())
        }
        Action::WriteAll if step.kit.is_none() => Some("there is no list of what is left to do".to_owned()),
        Action::CopyMessage if step.kit().and_then(Kit::message).is_none() => {
            Some("nobody received access: there is no message to send".to_owned())
        }
        Action::Undo => begun::why_no_undo(model),
        _ => None,
    }
}

fn enter_step(model: &mut Model) -> Vec<Effect> {
    // A change without a grantee leaves nothing to do on the other side.
    let request = super::actions::request(model).filter(|_| !model.is_without_grant());
    let entries: Vec<Shown> = model
        .save
        .entries()
        .iter()
        .filter_map(|entry| {
            let holds = model.save.known_or_proposed(entry)?;
            Some(Shown {
                repository: described_repository(model, &entry.planned),
                text: holds.text,
                before: entry.planned.stored.clone(),
                registry: entry.planned.registry.clone(),
                how: holds.how,
                changes: changes_of(&entry.planned),
                planned_side: entry.planned.owner_side(),
                is_by_hand: entry.by_hand,
                lacks: None,
            })
        })
        .collect();
    let missing = model.save.entries().iter().filter(|entry| model.save.known_or_proposed(entry).is_none());
    let missing = missing.map(|entry| entry.planned.repository.name.to_string()).collect();
    let effects = begin_with(model, entries, request);
    model.permissions.missing = missing;
    model.permissions.changes += 1;
    effects
}

/// Begins with what these repositories have now.
pub fn begin_with(model: &mut Model, entries: Vec<Shown>, request: Option<Request>) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut tags = Remote::NotAsked;
    if let [only] = entries.as_slice()
        && let Some(context) = model.signed.as_ref().map(super::Signed::request_context)
        && given_tag(model, &only.repository.reference).is_none()
    {
        let id = model.next_request();
        tags.begin_request(id, model.now);
        effects.push(Effect::ReadTags { id, context, repository: only.repository.reference.clone() });
    }
    model.permissions = PermissionsStep {
        held: vec![Remote::NotAsked; entries.len()],
        entries,
        tags,
        request,
        ..PermissionsStep::default()
    };
    make_kit(model);
    effects
}

/// Begins to read what each repository has.
fn begin_computations(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    for at in 0..model.permissions.held.len() {
        if !matches!(model.permissions.held.get(at), Some(Remote::NotAsked)) {
            continue;
        }
        let Some(shown) = model.permissions.entries.get(at) else { break };
        let before = match shown.how {
            How::Already => Before::Unchanged,
            How::Saved | How::BesideOthers | How::Proposed => Before::Text(shown.before.clone()),
        };
        let (own, registry, repository) =
            (shown.text.clone(), shown.registry.clone(), shown.repository.reference.clone());
        let policies = PoliciesToRead { own, before, registry, repository, is_checked: false, now: model.unix_now() };
        let held = HeldToRead { policies, request: model.permissions.request.clone() };
        let (id, now) = (model.next_request(), model.now);
        if let Some(remote) = model.permissions.held.get_mut(at) {
            remote.begin_request(id, now);
        }
        effects.push(Effect::Compute { id, computation: Computation::ReadHeld(Box::new(held)) });
    }
    if model.step == Step::Permissions {
        keep_page(model);
    }
    effects
}

/// Takes what a repository has; a late result changes nothing.
fn take_held(model: &mut Model, id: RequestId, result: Result<Arc<HeldPolicies>, Failure>) {
    let step = &mut model.permissions;
    let Some(at) = step.held.iter().position(|held| held.is_awaiting(id)) else { return };
    if let (Ok(held), Some(shown)) = (&result, step.entries.get_mut(at)) {
        shown.lacks.clone_from(&held.lacks);
    }
    if let Some(remote) = step.held.get_mut(at) {
        remote.take_answer(id, result);
    }
    make_kit(model);
}

/// The tag of the image URI that the program was started with, where it names this repository.
fn given_tag(model: &Model, repository: &RepositoryRef) -> Option<Tag> {
    let target = model.prefill.target.as_ref();
    model.prefill.tag.clone().filter(|_| target.is_none_or(|target| target == repository))
}

/// Makes the kit from what is known: a tag is never invented. What the repositories lack of the request stands in it, so
/// it is not made before that is known.
fn make_kit(model: &mut Model) {
    model.permissions.changes += 1;
    if !model.permissions.is_all_read() {
        return;
    }
    let step = &model.permissions;
    let is_proposal = step.is_proposal();
    // A change without a grantee leaves nothing to the other side, but it may have to be written by somebody else.
    let Some(shown) = step.shown_repository() else { return };
    let reference = &shown.repository.reference;
    let empty = || empty_request(reference).filter(|_| is_proposal);
    let Some(request) = step.request.clone().or_else(empty) else { return };
    let newest = step.tags.known_value().and_then(|tags| tags.legal.first().cloned());
    let only = step.entries.len() == 1;
    // A placeholder is a tag by the rule: it stands where the owner's side knows none.
    let tag = given_tag(model, reference).or(newest).filter(|_| only).or_else(|| Tag::parse(NO_TAG));
    // Whoever writes a proposal has a profile of their own.
    let profile = model.signed.as_ref().filter(|_| !is_proposal).and_then(|signed| match &signed.source.id {
        crate::ecr::SourceId::Profile(name) => Some(name.clone()),
        _ => None,
    });
    let named = |shown: &Shown| Some((shown.repository.name().to_string(), shown.owner_side()?));
    // What is stored and what is only proposed go to different people.
    let told = || step.entries.iter().filter(|shown| shown.is_proposed() == is_proposal);
    let sides: Vec<(String, OwnerSide)> = told().filter_map(named).collect();
    let is_only = told().count() == 1;
    let with_name = |shown: &Shown| {
        let name = shown.repository.name().clone();
        let change = move |words: &String| if is_only { words.clone() } else { format!("{name}: {words}") };
        shown.changes.iter().map(change).collect::<Vec<_>>()
    };
    let input = KitInput {
        repositories: told().map(|shown| shown.repository.clone()).collect(),
        grantees: request.grantees,
        recipe: request.recipe,
        actions: request.actions,
        until: request.until,
        owner: reference.account.clone(),
        region: reference.region.clone(),
        puller_region: super::actions::puller_region(model),
        tag,
        profile,
        caller: model.signed.as_ref().map(|signed| signed.owner_account().clone()),
        policies: told().map(|shown| (shown.repository.reference.clone(), shown.text.clone())).collect(),
        is_written: !is_proposal,
        is_by_hand: told().any(|shown| shown.is_by_hand),
        owner_side: OwnerSide::of_all(&sides),
        changes: told().flat_map(with_name).collect(),
        endpoint: model.signed.as_ref().and_then(|signed| signed.endpoint.clone()),
        // The names of profiles mean nothing to whoever reads this.
        account_names: model.settings.account_names.clone(),
    };
    model.permissions.kit = Some(build_kit(&input));
}

/// Returns the gains and losses of a plan, each in words, and why they are not known.
fn changes_of(planned: &Planned) -> Vec<String> {
    let gains = planned.delta.gains.iter().map(|change| format!("gains {}", planned.change_words(change)));
    let losses = planned.delta.losses.iter().map(|change| format!("loses {}", planned.change_words(change)));
    gains.chain(losses).chain(planned.unknown_words()).collect()
}

/// Shows the next repository. The parts are those of its side: of what is stored, or of what is only proposed.
fn turn_repository(model: &mut Model, by: usize) {
    let step = &mut model.permissions;
    let (before, repositories) = (step.is_proposal(), step.entries.len().max(1));
    turn_by(&mut step.repository, &mut step.scroll, by, repositories);
    if step.is_proposal() != before {
        step.part = None;
        make_kit(model);
    }
}

/// Returns the request of a change that grants nothing.
fn empty_request(of: &RepositoryRef) -> Option<Request> {
    let recipe = crate::ecr::recipe::find_recipe("custom")?;
    let (owner, region) = (of.account.clone(), of.region.clone());
    Some(Request { owner, region, grantees: Vec::new(), recipe, actions: Vec::new(), until: None })
}

fn do_action(model: &mut Model, action: Action) -> Vec<Effect> {
    let (len, height) = (shown_page(model).len(), page_rows(model));
    if scroll_rows(&mut model.permissions.scroll, action, len, height) {
        return Vec::new();
    }
    let step = &mut model.permissions;
    let parts = step.part_titles().len();
    let repositories = step.entries.len().max(1);
    match action {
        Action::Back => super::back(model),
        Action::FocusNext => turn_part(step, 1),
        Action::FocusPrevious => turn_part(step, parts - 1),
        Action::NextDocument => {
            turn_repository(model, 1);
            Vec::new()
        }
        Action::PreviousDocument => {
            turn_repository(model, repositories - 1);
            Vec::new()
        }
        Action::Copy => {
            let Some((_, text)) = chosen_text(model) else { return Vec::new() };
            let id = model.next_request();
            vec![Effect::Copy { id, text }]
        }
        Action::CopyMessage => {
            let Some(text) = model.permissions.kit().and_then(Kit::message).map(|part| with_end(part.body())) else {
                return Vec::new();
            };
            let id = model.next_request();
            vec![Effect::Copy { id, text }]
        }
        Action::WriteFile => {
            let Some((name, text)) = chosen_text(model) else { return Vec::new() };
            let id = model.next_request();
            vec![Effect::WriteFile { id, name, text }]
        }
        Action::WriteAll => {
            let Some(text) = model.permissions.kit.as_ref().map(Kit::to_markdown) else { return Vec::new() };
            let caveats = model
                .permissions
                .entries
                .iter()
                .filter_map(|shown| Some(format!("> {}: {}\n\n", shown.repository.name(), kit_caveat(shown)?)));
            let text = caveats.collect::<String>() + &text;
            let end = if model.permissions.is_proposal() { "change.md" } else { "handover.md" };
            let name = name_file(&model.permissions, end);
            let id = model.next_request();
            vec![Effect::WriteFile { id, name, text }]
        }
        Action::Undo => begun::begin_undo(model),
        Action::AnotherRepository => another_repository(model),
        Action::AnotherGrantee => another_grantee(model),
        _ => Vec::new(),
    }
}

/// Shows the part under the pointer; `row` counts from the top of the body.
fn click_at(model: &mut Model, column: u16, row: u16) -> Vec<Effect> {
    let side = list_width(model);
    let step = &model.permissions;
    let titles = step.part_titles();
    let part = if side == 0 {
        // The line of parts: the chosen one first, the others after it, three cells between.
        let mut from = strip_count(step).width();
        let turned = (0..titles.len()).map(|at| (at + step.part()) % titles.len());
        turned.filter(|_| row + 2 == head_rows(model)).find(|at| {
            let width = titles.get(*at).map_or(0, |title| title.width());
            let is_here = (from..from + width).contains(&usize::from(column));
            from += width + STRIP_GAP;
            is_here
        })
    } else {
        let height = usize::from(body_rows(model.size).saturating_sub(head_rows(model)));
        let first = first_part(step, height);
        row.checked_sub(head_rows(model)).filter(|_| column < side).map(|at| first + usize::from(at))
    };
    if let Some(part) = part.filter(|part| *part < titles.len() && *part != step.part()) {
        model.permissions.part = Some(part);
        model.permissions.scroll = 0;
    }
    Vec::new()
}

/// Goes so many parts further in a ring.
fn turn_part(step: &mut PermissionsStep, by: usize) -> Vec<Effect> {
    let (mut part, parts) = (step.part(), step.part_titles().len());
    turn_by(&mut part, &mut step.scroll, by, parts);
    step.part = Some(part);
    Vec::new()
}

/// Goes so many further in a ring.
fn turn_by(at: &mut usize, scroll: &mut usize, by: usize, len: usize) -> Vec<Effect> {
    *at = (*at + by) % len.max(1);
    *scroll = 0;
    Vec::new()
}

/// The chosen part as a text of its own, with the name of a file for it.
fn chosen_text(model: &Model) -> Option<(String, String)> {
    let step = &model.permissions;
    let shown = step.shown_repository()?;
    let repository = plain_part(shown.repository.name().as_str());
    // A file is read without its screen: it says itself that nothing was written.
    let (of_what, lead) = if shown.is_proposed() {
        ("proposed-", format!("{PROPOSAL}: nothing was written.\n\n"))
    } else {
        ("", String::new())
    };
    match (step.part(), &shown.text) {
        (0, Some(text)) => Some((name_file(step, &format!("{repository}-{of_what}policy.json")), with_end(text))),
        (0 | 1, _) => {
            let page = TextPage::new(100).with_names(&model.settings.account_names).at_moment(model.unix_now());
            let name = name_file(step, &format!("{repository}-{of_what}access.txt"));
            Some((name, lead + &part_page(step, page).text()))
        }
        _ => step.shown_section().map(|section| (section.file_name().to_owned(), with_end(section.body()))),
    }
}

fn with_end(text: &str) -> String {
    text.trim_end().to_owned() + "\n"
}

/// Names a file after whoever receives access.
fn name_file(step: &PermissionsStep, end: &str) -> String {
    let grantees = step.request.as_ref().map_or(&[][..], |request| request.grantees.as_slice());
    format!("{}-{end}", file_stem(grantees))
}

fn another_repository(model: &mut Model) -> Vec<Effect> {
    super::policy::forget(model);
    super::repository::begin_again(model);
    model.set_notice(Tone::Plain, "choose the next repositories");
    super::go(model, Step::Repository)
}

fn another_grantee(model: &mut Model) -> Vec<Effect> {
    super::policy::forget(model);
    super::actions::begin_again(model);
    model.set_notice(Tone::Plain, "who else is to receive access?");
    super::go(model, Step::Actions)
}

fn take_answer(model: &mut Model, id: RequestId, answer: &Answer) -> Vec<Effect> {
    match answer {
        Answer::Computed(Ok(Computed::Held(held))) => take_held(model, id, Ok(held.clone())),
        Answer::Computed(Err(failure)) => take_held(model, id, Err(failure.clone())),
        _ => {}
    }
    if let Answer::Tags(repository, tags) = answer
        && model.permissions.tags.take_answer(id, tags.clone())
    {
        let dropped = model.permissions.tags.known_value().map_or(0, |tags| tags.dropped);
        if dropped > 0 {
            let what = if dropped == 1 { "one tag".to_owned() } else { format!("{dropped} tags") };
            model.set_notice(
                Tone::Bad,
                format!(
                    "AWS gave {what} of {} that no image can have: left out; name the tag yourself",
                    repository.name
                ),
            );
        }
        make_kit(model);
    }
    Vec::new()
}

#[cfg(test)]
mod tests;
