//! One repository's document: what is stored, the text that is edited, and what is known about that text.
//!
//! A change of the text is followed at once as far as the work is linear: colours, length, the places of what was found.
//! The examination is a computation: it comes back later, and what acts on it waits until it is of the text on the screen.

use std::sync::Arc;

use super::completion::Completion;
use super::highlight::{Paint, paint_text};
use super::problem_list::{Counts, list_order};
use super::text_change::TextChange;
use crate::ecr::Identity;
use crate::ecr::{Failure, RepositoryRef};
use crate::plan::{Planned, Request, Target, Verdict};
use crate::policy::access::{Class, Unproved};
use crate::policy::lint::{Concern, join_fixes};
use crate::policy::{Delta, Finding, Fix, Position, RegistryPolicy, Severity, Span};
use crate::wizard::computation::examination::{Basis, Examination, Preparation, Prepared, TextToExamine};
use crate::wizard::computation::{Computation, Computed};
use crate::wizard::editor::Editor;
use crate::wizard::{Remote, RequestId};

/// From this many characters on, the size is shown as a warning.
pub const NEARLY_FULL: usize = 9_500;

/// One repository's document.
#[derive(Debug)]
pub struct RepositoryDocument {
    repository: RepositoryRef,
    request: Request,
    stored: Remote<Option<String>>,
    registry: RegistryPolicy,
    /// Tells whether the draft is made from what is stored and asked for now.
    is_prepared: bool,
    draft: Option<EditedText>,
    /// The computation under way: at most one.
    running: Option<Running>,
    /// A computation whose result is not wanted, still to be cancelled.
    unwanted: Option<RequestId>,
    /// The time since which the examination is of another text than the one on the screen.
    stale_since: Option<u64>,
}

/// A computation under way.
#[derive(Debug)]
struct Running {
    id: RequestId,
    /// The revision of the text that it examines; none: it prepares the document.
    revision: Option<u64>,
}

/// The text and what is known about it.
#[derive(Debug)]
pub struct EditedText {
    /// The text being edited.
    pub editor: Editor,
    /// The plan for the repository with the text that was examined last.
    pub planned: Planned,
    /// Every finding, in the order of the text. While another text is examined they are those of the last one, at the
    /// places where that text went.
    pub findings: Vec<Finding>,
    /// The line of each finding, from 0.
    pub lines: Vec<usize>,
    /// The number of findings of each kind.
    pub counts: Counts,
    /// The class of the text; `None`: it cannot be read.
    pub class: Option<Class>,
    /// The reason that this is not proved; none: it is.
    pub unproved: Option<Unproved>,
    /// The findings as the list has them: indexes, the gravest first.
    order: Vec<usize>,
    /// The pieces of the text, for colours.
    pub paints: Vec<(Span, Paint)>,
    /// The length in characters, as ECR counts.
    pub size: usize,
    basis: Arc<Basis>,
    obstacle: Option<(Option<usize>, String)>,
    says_another_thing: bool,
    /// The revision that was examined, or could not be by a defect; none: another basis holds.
    examined: Option<u64>,
    /// The text that colours, length and places belong to, with its revision.
    followed: (u64, String),
}

impl RepositoryDocument {
    /// A document whose stored policy is still to be read.
    pub(super) fn new(repository: RepositoryRef, request: Request) -> Self {
        Self {
            repository,
            request,
            stored: Remote::NotAsked,
            registry: RegistryPolicy::NotAsked,
            is_prepared: false,
            draft: None,
            running: None,
            unwanted: None,
            stale_since: None,
        }
    }

    /// Returns whose document it is.
    pub fn whose_repository(&self) -> &RepositoryRef {
        &self.repository
    }

    /// The request that it was made for.
    pub(super) fn made_for(&self) -> &Request {
        &self.request
    }

    /// Returns what is stored, as far as it is known.
    pub fn stored_text(&self) -> &Remote<Option<String>> {
        &self.stored
    }

    /// Returns why it could not be read, where it could not and there is nothing to edit.
    pub fn read_failure(&self) -> Option<&Failure> {
        self.stored.last_failure()
    }

    /// The text and what is known about it, once the stored policy is there.
    pub fn current_draft(&self) -> Option<&EditedText> {
        self.draft.as_ref()
    }

    pub(super) fn draft_mut(&mut self) -> Option<&mut EditedText> {
        self.draft.as_mut()
    }

    /// The names that can stand at the caret.
    pub(super) fn names_at_caret(&self) -> Option<Completion> {
        let editor = &self.draft.as_ref()?.editor;
        Completion::at_offset(editor.text(), editor.caret(), &self.request)
    }

    /// Tells whether the caret is inside a string for which names are known, and nothing is selected.
    pub(super) fn is_in_string_with_names(&self) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.editor.selection().is_none())
            && self.names_at_caret().is_some_and(|found| found.is_in_string())
    }

    /// Tells whether the text is not what the request alone comes to.
    pub fn is_by_hand(&self) -> bool {
        self.draft.as_ref().is_some_and(EditedText::is_by_hand)
    }

    pub(super) fn begin_read(&mut self, id: RequestId, now: u64) {
        self.stored.begin_request(id, now);
    }

    /// Makes the document for another request. A text changed by hand is kept.
    pub(super) fn replan_for(&mut self, request: Request) {
        self.request = request;
        if self.stored.known_value().is_some() {
            self.prepare_again();
        }
    }

    /// Takes the answer of the request under way; `false`: it was another one's.
    pub(super) fn take_answer(
        &mut self,
        id: RequestId,
        result: Result<Option<String>, Failure>,
        registry: RegistryPolicy,
    ) -> bool {
        if !self.stored.take_answer(id, result) {
            return false;
        }
        self.registry = registry;
        if matches!(self.stored, Remote::Ready(_)) {
            self.prepare_again();
        }
        true
    }

    /// Takes what is stored now: the grant is added to it, or the text changed by hand compared with it.
    pub(super) fn take_stored(&mut self, stored: Option<String>) {
        self.stored = Remote::Ready(stored);
        self.prepare_again();
    }

    /// Forgets the answers that it waits for: they were given up.
    pub(super) fn stop_waiting(&mut self) {
        if matches!(self.stored, Remote::Loading { .. }) {
            self.stored = Remote::NotAsked;
        }
        (self.running, self.unwanted, self.stale_since) = (None, None, None);
    }

    /// Forgets everything that was worked out of the old beginning of the draft.
    fn prepare_again(&mut self) {
        self.is_prepared = false;
        self.unwanted = self.running.take().map(|running| running.id).or(self.unwanted);
    }

    /// Tells whether all that is known is of the text on the screen and of what is stored and asked for now.
    pub fn is_examined(&self) -> bool {
        self.is_prepared && self.draft.as_ref().is_some_and(|draft| draft.examined == Some(draft.editor.revision()))
    }

    /// Tells whether the text on the screen waits for its examination. One that is not read waits for something else.
    pub fn is_being_checked(&self) -> bool {
        (self.running.is_some() || self.wants_computation()) && !self.is_examined()
    }

    /// Returns since when the text on the screen waits for its examination; `None`: it does not.
    pub fn checking_since(&self) -> Option<u64> {
        self.stale_since
    }

    /// Returns the computation that is not wanted any longer, once.
    pub(super) fn take_unwanted(&mut self) -> Option<RequestId> {
        self.unwanted.take()
    }

    /// Returns every computation under way.
    pub(super) fn running_computation(&self) -> Option<RequestId> {
        self.running.as_ref().map(|running| running.id)
    }

    /// Tells whether a computation is to be begun: none is under way, and what is known is of another text.
    pub(super) fn wants_computation(&self) -> bool {
        let can_begin = if self.is_prepared { self.draft.is_some() } else { matches!(self.stored, Remote::Ready(_)) };
        self.running.is_none() && can_begin && !self.is_examined()
    }

    /// Begins the computation that is wanted, always of the newest text.
    pub(super) fn begin_computation(
        &mut self,
        id: RequestId,
        now: u64,
        unix_now: i64,
        caller: Option<Identity>,
    ) -> Option<Computation> {
        self.stale_since.get_or_insert(now);
        if let Some(draft) = self.draft.as_ref().filter(|_| self.is_prepared) {
            self.running = Some(Running { id, revision: Some(draft.editor.revision()) });
            let (basis, text) = (draft.basis.clone(), draft.editor.text().to_owned());
            return Some(Computation::Examine(TextToExamine { basis, text }));
        }
        let target = self.plan_target(self.stored.known_value()?.clone(), unix_now);
        self.running = Some(Running { id, revision: None });
        let edited = self.draft.as_ref().filter(|draft| draft.is_by_hand()).map(|draft| draft.editor.text().to_owned());
        Some(Computation::Prepare(Box::new(Preparation { target, request: self.request.clone(), caller, edited })))
    }

    /// Takes the result of the computation under way: `None`: it was another one's. Else, whether the document is
    /// prepared by it.
    pub(super) fn take_computed(&mut self, id: RequestId, result: &Result<Computed, Failure>) -> Option<bool> {
        let running = self.running.take_if(|running| running.id == id)?;
        let is_preparation = running.revision.is_none();
        match (result, running.revision) {
            (Ok(Computed::Prepared(prepared)), None) => self.take_prepared(prepared),
            (Ok(Computed::Examined(examination)), Some(revision)) => {
                // What belongs to an older text says nothing about this one: the next computation is of the newest.
                if let Some(draft) = self.draft.as_mut().filter(|draft| draft.editor.revision() == revision) {
                    draft.take_examination(examination);
                }
            }
            (Err(failure), None) => self.stored = Remote::Failed { failure: failure.clone(), previous: None },
            (Err(failure), Some(revision)) => {
                if let Some(draft) = self.draft.as_mut().filter(|draft| draft.editor.revision() == revision) {
                    draft.take_defect(failure);
                }
            }
            (Ok(_), _) => {}
        }
        if self.is_examined() {
            self.stale_since = None;
        }
        Some(is_preparation && self.is_prepared)
    }

    fn take_prepared(&mut self, prepared: &Prepared) {
        self.is_prepared = true;
        let kept = self
            .draft
            .take()
            .filter(|draft| draft.is_by_hand() && prepared.stored_by_now.as_deref() != Some(draft.editor.text()));
        self.draft = Some(match kept {
            Some(kept) => EditedText { basis: prepared.basis.clone(), examined: None, ..kept },
            None => EditedText::new(prepared),
        });
    }

    /// Follows a changed text in all that is linear: colours, length, the places of what was found.
    pub(super) fn follow_text(&mut self) {
        if let Some(draft) = &mut self.draft {
            draft.follow_text();
        }
    }

    /// Gives up what was changed by hand: the stored policy with the grant added. One that cannot be read has no place
    /// for the grant: then returns the mended text, to which it is to be added.
    pub(super) fn begin_again(&mut self, now: i64) -> Option<Target> {
        let target = self.plan_target(Some(self.draft.as_ref()?.editor.text().to_owned()), now);
        let draft = self.draft.as_mut()?;
        if !draft.basis.is_readable() {
            return Some(target);
        }
        draft.editor.set_text(draft.basis.granted_text());
        None
    }

    fn plan_target(&self, stored: Option<String>, now: i64) -> Target {
        Target { repository: self.repository.clone(), stored, registry: self.registry.clone(), now: Some(now) }
    }
}

impl EditedText {
    fn new(prepared: &Prepared) -> Self {
        let (basis, examination) = (prepared.basis.clone(), &prepared.examination);
        let granted = basis.granted_plan();
        let mut editor = Editor::new(basis.granted_text());
        // The eye is led to what is new.
        let policy = granted.policy.as_ref();
        if let Some(statement) = policy.and_then(|p| granted.touched.first().and_then(|at| p.statements.get(*at))) {
            // A new document is read from its beginning; in an old one the new statement is far down.
            if granted.stored.is_some() {
                editor.show_from(statement.span.start);
            } else {
                editor.go_to(statement.span.start);
            }
        }
        let mut draft = Self {
            planned: granted.clone(),
            findings: Vec::new(),
            lines: Vec::new(),
            counts: Counts::default(),
            class: None,
            unproved: None,
            order: Vec::new(),
            paints: Vec::new(),
            size: 0,
            obstacle: None,
            says_another_thing: false,
            examined: None,
            followed: (editor.revision(), String::new()),
            editor,
            basis,
        };
        draft.take_text();
        draft.take_examination(examination);
        draft
    }

    /// Takes all that follows from the text by linear work.
    fn take_text(&mut self) {
        let text = self.editor.text();
        self.paints = paint_text(text);
        self.size = text.chars().count();
        self.followed = (self.editor.revision(), text.to_owned());
    }

    fn follow_text(&mut self) {
        if self.followed.0 == self.editor.revision() {
            return;
        }
        let change = TextChange::between(&self.followed.1, self.editor.text());
        for finding in &mut self.findings {
            finding.span = change.moved_span(finding.span);
        }
        self.take_text();
        self.place_findings();
    }

    fn place_findings(&mut self) {
        self.lines = self.findings.iter().map(|f| self.editor.line_of(f.span.start)).collect();
    }

    /// Takes what was found in the text as it is.
    fn take_examination(&mut self, examination: &Examination) {
        let Examination { planned, findings, counts, class, unproved, obstacle, is_by_hand } = examination.clone();
        (self.planned, self.findings, self.counts, self.class) = (planned, findings, counts, class);
        (self.unproved, self.obstacle, self.says_another_thing) = (unproved, obstacle, is_by_hand);
        self.order = list_order(&self.findings);
        self.place_findings();
        self.examined = Some(self.editor.revision());
    }

    /// The text cannot be examined: nothing is known about it, and nothing of it is saved.
    fn take_defect(&mut self, failure: &Failure) {
        (self.findings, self.lines, self.order) = (Vec::new(), Vec::new(), Vec::new());
        (self.counts, self.class, self.unproved) = (Counts::default(), None, None);
        let unknown = self.basis.granted_plan().clone();
        self.planned =
            Planned { verdict: Verdict::Refused(Vec::new()), delta: Delta::default(), blocked: Vec::new(), ..unknown };
        self.obstacle = Some((None, failure.to_string()));
        self.examined = Some(self.editor.revision());
    }

    /// Tells whether the text is not what the request alone comes to.
    pub fn is_by_hand(&self) -> bool {
        self.editor.text() != self.basis.granted_text()
    }

    /// Tells whether the examined text says something else than the request alone comes to.
    pub fn says_another_thing(&self) -> bool {
        self.says_another_thing
    }

    /// Tells whether the stored policy can be read, so that the grant can be added to it.
    pub fn is_readable(&self) -> bool {
        self.basis.is_readable()
    }

    /// Tells whether nothing will be written.
    pub fn is_granted(&self) -> bool {
        self.planned.verdict == Verdict::AlreadyGranted
    }

    /// Returns why ECR would not take the text, and where, when it is somewhere; `None`: it would.
    pub fn first_obstacle(&self) -> Option<(Option<usize>, String)> {
        self.obstacle.clone()
    }

    /// The finding to speak about: the one at the caret, else one of its line, else the first that stops the save.
    pub fn spoken_finding(&self) -> Option<&Finding> {
        let caret = self.editor.caret();
        let line = self.editor.line_of(caret);
        let narrow_first = |f: &&Finding| (finding_rank(f), std::cmp::Reverse(f.span.end - f.span.start));
        let of_line = || self.findings.iter().zip(&self.lines).filter(|(_, at)| **at == line).map(|(f, _)| f);
        let at_caret = |f: &&Finding| (f.span.start..=f.span.end).contains(&caret);
        // A remark about a whole statement, begun further up, says less than what stands in the line.
        let reaching = || self.findings.iter().filter(|f| f.stops).filter(at_caret).max_by_key(narrow_first);
        of_line()
            .filter(at_caret)
            .max_by_key(narrow_first)
            .or_else(reaching)
            .or_else(|| of_line().max_by_key(narrow_first))
            // Far from all of them, one that a key mends comes first.
            .or_else(|| self.listed_findings().next().filter(|f| f.stops))
    }

    /// The findings, what stops the save first, then the graver.
    pub fn listed_findings(&self) -> impl Iterator<Item = &Finding> {
        self.order.iter().filter_map(|at| self.findings.get(*at))
    }

    /// The gravest remark, for where no finding is at hand. Advice is only counted: nobody asked for it.
    pub fn gravest_remark(&self) -> Option<&Finding> {
        self.listed_findings().next().filter(|finding| finding.severity > Severity::Advice)
    }

    /// The finding whose fix F2 applies: the one spoken about, else the first that stops the save and has a fix.
    pub fn mended_finding(&self) -> Option<&Finding> {
        let has_fix = |f: &&Finding| f.fix.is_some();
        let spoken = self.spoken_finding().or(self.gravest_remark()).filter(has_fix);
        spoken.or_else(|| self.findings.iter().filter(|f| f.stops).find(has_fix))
    }

    /// The fix that F2 applies: that of all findings of the same kind at once, with their number. The ways to make a text
    /// fit are a choice: each stays alone.
    pub fn kind_fix(&self, finding: &Finding) -> Option<(Fix, usize)> {
        let own = finding.fix.as_ref()?;
        if finding.rule.concern == Some(Concern::Length) {
            return Some((own.clone(), 1));
        }
        // One that changes access is never made along with one that does not.
        let is_alike = |fix: &&Fix| fix.changes_access == own.changes_access;
        let alike = self.findings.iter().filter(|f| f.id == finding.id).filter_map(|f| f.fix.as_ref()).filter(is_alike);
        match join_fixes(alike)? {
            (joined, count) if count > 1 => {
                Some((Fix { title: format!("{} (all {count} of this kind)", own.title), ..joined }, count))
            }
            _ => Some((own.clone(), 1)),
        }
    }

    /// The finding after the caret, or the first one; advice only where there is nothing else.
    pub fn next_finding(&self) -> Option<&Finding> {
        let caret = self.editor.caret();
        let only_advice = self.counts.count_all() == self.counts.advice;
        let mut counted = self.findings.iter().filter(|f| only_advice || f.severity > Severity::Advice || f.stops);
        let first = counted.clone().next();
        counted.find(|f| f.span.start > caret).or(first)
    }

    /// Line and column of a byte offset, for people.
    pub fn position_of(&self, offset: usize) -> Position {
        self.editor.position(offset)
    }

    /// The worst finding that begins in a line, from 0.
    pub fn worst_in(&self, line: usize) -> Option<(Severity, bool)> {
        let of_line = self.findings.iter().zip(&self.lines).filter(|(_, at)| **at == line);
        of_line.max_by_key(|(f, _)| finding_rank(f)).map(|(f, _)| (f.severity, f.stops))
    }
}

/// Returns what stops the save comes before what does not, then the graver.
fn finding_rank(finding: &Finding) -> (bool, Severity) {
    (finding.stops, finding.severity)
}
