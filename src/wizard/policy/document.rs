//! One repository's document: what is stored, the text that is edited, and what is known about that text. Everything
//! that follows from the text is worked out once per change, never per frame.

use similar::{ChangeTag, TextDiff};

use super::completion::Completion;
use super::highlight::{Paint, paint_text};
use super::problem_list::{Counts, list_order};
use super::size_fixes;
use crate::ecr::text::with_commas;
use crate::ecr::{Failure, Identity, POLICY_LIMIT, RepositoryRef};
use crate::plan::{self, Baseline, Loss, Planned, Request, Target, Verdict};
use crate::policy::access::{Class, Unproved};
use crate::policy::canonical::same_meaning;
use crate::policy::{Finding, Position, RegistryPolicy, Severity, Span};
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
    /// The stored text, read; it stays as long as the draft.
    baseline: Option<Baseline>,
    draft: Option<EditedText>,
}

/// The text and what is known about it.
#[derive(Debug)]
pub struct EditedText {
    /// The text being edited.
    pub editor: Editor,
    /// The plan for the repository with this text.
    pub planned: Planned,
    /// Every finding, in the order of the text.
    pub findings: Vec<Finding>,
    /// The line of each finding, from 0.
    pub lines: Vec<usize>,
    /// The number of findings of each kind.
    pub counts: Counts,
    /// The class of the text; `None`: it cannot be read.
    pub class: Option<Class>,
    /// Why that is not proved; none: it is.
    pub unproved: Option<Unproved>,
    /// The findings as the list has them: indexes, the gravest first.
    order: Vec<usize>,
    /// The pieces of the text, for colours.
    pub paints: Vec<(Span, Paint)>,
    /// The length in characters, as ECR counts.
    pub size: usize,
    /// The plan for the request alone, and the text that it gave.
    granted: Planned,
    granted_text: String,
    /// Tells whether the stored policy can be read, so that the grant can be added to it.
    readable: bool,
    obstacle: Option<(Option<usize>, String)>,
    revision: u64,
}

impl RepositoryDocument {
    /// A document whose stored policy is still to be read.
    pub(super) fn new(repository: RepositoryRef, request: Request) -> Self {
        Self {
            repository,
            request,
            stored: Remote::NotAsked,
            registry: RegistryPolicy::NotAsked,
            baseline: None,
            draft: None,
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
    pub(super) fn replan_for(&mut self, request: Request, caller: Option<&Identity>) {
        self.request = request;
        if let Some(stored) = self.stored.known_value().cloned() {
            self.take_stored(stored, caller);
        }
    }

    /// Takes the answer of the request under way; `false`: it was another one's.
    pub(super) fn take_answer(
        &mut self,
        id: RequestId,
        result: Result<Option<String>, Failure>,
        registry: RegistryPolicy,
        caller: Option<&Identity>,
    ) -> bool {
        if !self.stored.take_answer(id, result) {
            return false;
        }
        self.registry = registry;
        if let Remote::Ready(stored) = &self.stored {
            self.take_stored(stored.clone(), caller);
        }
        true
    }

    /// Takes what is stored now: adds the grant to it, or compares the text changed by hand with it.
    pub(super) fn take_stored(&mut self, stored: Option<String>, caller: Option<&Identity>) {
        self.stored = Remote::Ready(stored.clone());
        let target = self.plan_target(stored);
        let kept = self.draft.take().filter(|draft| {
            let text = draft.editor.text();
            draft.is_by_hand() && !target.stored.as_deref().is_some_and(|stored| same_meaning(stored, text))
        });
        let baseline = Baseline::of(target);
        let mut draft = EditedText::new(&baseline, &self.request, caller);
        if let Some(kept) = kept {
            draft.editor = kept.editor;
            draft.work_out(&baseline, &self.request, caller);
        }
        self.draft = Some(draft);
        self.baseline = Some(baseline);
    }

    /// Works out again what follows from the text, where it changed.
    pub(super) fn refresh_draft(&mut self, caller: Option<&Identity>) {
        let (Some(baseline), Some(draft)) = (&self.baseline, &mut self.draft) else { return };
        if draft.revision != draft.editor.revision() {
            draft.work_out(baseline, &self.request, caller);
        }
    }

    /// Gives up what was changed by hand: the stored policy with the grant added. One that cannot be read has no
    /// place for the grant: there it is added to the mended text.
    pub(super) fn begin_again(&mut self, caller: Option<&Identity>) {
        let Some(draft) = &self.draft else { return };
        let text = if draft.readable {
            draft.granted_text.clone()
        } else {
            let target = self.plan_target(Some(draft.editor.text().to_owned()));
            plan::plan_grant(&target, &self.request, caller).text.unwrap_or_default()
        };
        if let Some(draft) = &mut self.draft {
            draft.editor.set_text(&text);
        }
        self.refresh_draft(caller);
    }

    fn plan_target(&self, stored: Option<String>) -> Target {
        Target { repository: self.repository.clone(), stored, registry: self.registry.clone() }
    }

    /// Lines added and removed against what is stored.
    pub(super) fn changed_lines(&self) -> (usize, usize) {
        let old = self.stored.known_value().cloned().flatten().unwrap_or_default();
        let new = self.draft.as_ref().map(|draft| draft.editor.text()).unwrap_or_default();
        let diff = TextDiff::from_lines(old.trim_end(), new.trim_end());
        let count = |tag| diff.iter_all_changes().filter(|change| change.tag() == tag).count();
        (count(ChangeTag::Insert), count(ChangeTag::Delete))
    }
}

impl EditedText {
    fn new(baseline: &Baseline, request: &Request, caller: Option<&Identity>) -> Self {
        let granted = baseline.plan_request(request, caller);
        let granted_text = granted.text.clone().or_else(|| granted.stored.clone()).unwrap_or_default();
        let mut editor = Editor::new(granted_text.clone());
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
            readable: baseline.is_readable(),
            revision: editor.revision(),
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
            editor,
            granted,
            granted_text,
        };
        draft.work_out(baseline, request, caller);
        draft
    }

    /// Works out what follows from the text, which is read once for all of it.
    fn work_out(&mut self, baseline: &Baseline, request: &Request, caller: Option<&Identity>) {
        let text = self.editor.text();
        let examined = baseline.examine_text(text);
        self.planned = if text == self.granted_text {
            self.granted.clone()
        } else {
            let mut planned = baseline.plan_text(text, &examined, caller);
            planned.blocked = plan::blocked_rows(&planned, request);
            planned
        };
        (self.findings, self.class, self.unproved) = match self.planned.verdict {
            // A plan without a write was not checked: what is stored may have findings all the same.
            Verdict::AlreadyGranted => (examined.findings, examined.policy.and(examined.class), examined.unproved),
            _ => (self.planned.findings.clone(), self.planned.class, self.planned.unproved),
        };
        self.counts = Counts::count_findings(&self.findings);
        size_fixes::list_offers(&mut self.findings, &self.planned.offers, text);
        self.lines = self.findings.iter().map(|f| self.editor.line_of(f.span.start)).collect();
        self.order = list_order(&self.findings);
        self.paints = paint_text(text);
        self.size = text.chars().count();
        self.obstacle = self.find_obstacle();
        self.revision = self.editor.revision();
    }

    /// Tells whether the text is not what the request alone comes to.
    pub fn is_by_hand(&self) -> bool {
        self.editor.text() != self.granted_text
    }

    /// Tells whether the stored policy can be read, so that the grant can be added to it.
    pub fn is_readable(&self) -> bool {
        self.readable
    }

    /// Tells whether nothing will be written.
    pub fn is_granted(&self) -> bool {
        self.planned.verdict == Verdict::AlreadyGranted
    }

    /// Returns why ECR would not take the text, and where, when it is somewhere; `None`: it would.
    pub fn first_obstacle(&self) -> Option<(Option<usize>, String)> {
        self.obstacle.clone()
    }

    fn find_obstacle(&self) -> Option<(Option<usize>, String)> {
        match &self.planned.verdict {
            Verdict::Write | Verdict::AlreadyGranted => None,
            Verdict::Blocked => Some((None, self.planned.denied_words().join("; "))),
            Verdict::Refused(findings) => {
                let first = findings.iter().find(|f| f.stops).or(findings.first());
                Some(first.map_or((None, self.planned.in_words()), |f| (Some(f.span.start), f.message.clone())))
            }
            Verdict::TooLong(length) => {
                let ways = self.planned.ways_to_fit();
                let words = format!(
                    "{} characters: ECR takes at most {}{ways}",
                    with_commas(*length),
                    with_commas(POLICY_LIMIT)
                );
                Some((None, words))
            }
            Verdict::LocksOut(loss @ Loss::NotAllowed) => Some((None, loss.lockout_words())),
            Verdict::LocksOut(loss @ Loss::Denied(at)) => {
                let policy = self.planned.policy.as_ref();
                let start = policy.and_then(|p| p.statements.get(*at).map(|s| s.span.start));
                let words = format!("{}: ECR refuses that", loss.lockout_words());
                Some((start, words))
            }
        }
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
            .or_else(|| self.findings.iter().find(|f| f.stops))
    }

    /// The findings, what stops the save first, then the graver.
    pub fn listed_findings(&self) -> impl Iterator<Item = &Finding> {
        self.order.iter().filter_map(|at| self.findings.get(*at))
    }

    /// The gravest remark, for where no finding is at hand. Advice is only counted: nobody asked for it.
    pub fn gravest_remark(&self) -> Option<&Finding> {
        self.listed_findings().next().filter(|finding| finding.severity > Severity::Advice)
    }

    /// The fix that F2 applies: that of the finding spoken about, else the first of one that stops the save.
    pub fn offered_fix(&self) -> Option<&crate::policy::Fix> {
        let spoken = self.spoken_finding().or(self.gravest_remark()).and_then(|f| f.fix.as_ref());
        spoken.or_else(|| self.findings.iter().filter(|f| f.stops).find_map(|f| f.fix.as_ref()))
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
