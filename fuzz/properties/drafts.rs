//! Any file in a draft's place is refused, or read as a draft that is shown clean, gone on with, and written and read
//! again as it was.

use ecr_grant::ecr::{RepositoryName, Tag};
use ecr_grant::wizard::draft::{self, Draft, OfferedDraft};
use ecr_grant::wizard::{self, Event, Key, Model, Prefill, Size, Step, WizardSettings};

use super::{is_drawn_clean, is_printable, is_readable, text_or_bent};

const GOOD: &str = include_str!("../seeds/drafts/whole.json");

/// Holds the property for the bytes of a file.
pub fn check_bytes(data: &[u8]) {
    let Some(text) = text_or_bent(data, GOOD) else { return };
    let (read, when) = match Draft::from_text(&text) {
        Ok(read) => read,
        Err(why) => return is_readable(&why),
    };
    for name in read.repositories.iter().chain(&read.shown).chain(read.texts.iter().map(|edited| &edited.repository)) {
        assert_eq!(RepositoryName::parse(name.as_str()).as_ref(), Ok(name));
        is_printable(name.as_str());
    }
    assert!(read.step < Step::Permissions);
    assert!(read.tag.as_ref().is_none_or(|tag| Tag::parse(tag.as_str()).is_some()));
    assert!(read.actions.iter().all(|info| ecr_grant::ecr::action::find_action(&info.name) == Some(*info)));
    read.words().iter().for_each(|(name, words)| {
        is_printable(name);
        is_readable(words);
    });
    // A tag that was none is not kept; all else is.
    let kept = read.to_text(when);
    let again = Draft { dropped_tag: None, ..read.clone() };
    assert_eq!(Draft::from_text(&kept).as_ref(), Ok(&(again, when)));

    let mut model = Model::new(WizardSettings::default(), Prefill::default(), Size { columns: 80, rows: 24 });
    model.draft.on = true;
    draft::offer_draft(&mut model, OfferedDraft { draft: read, age: when.unsigned_abs() });
    wizard::start(&mut model);
    is_drawn_clean(&model);
    wizard::update(&mut model, Event::Drawn);
    wizard::update(&mut model, Event::Clock(1000));
    wizard::update(&mut model, Event::Key(Key::of_char('g')));
    assert!(model.draft.is_resuming());
    is_drawn_clean(&model);
}
