//! Any bytes in the shared config and credentials files are refused in words, or read as sources, each once, that the
//! wizard shows clean.

use ecr_grant::aws::AwsAccess;
use ecr_grant::ecr::{Arn, SourceId};
use ecr_grant::wizard::{self, Answer, Effect, Event, Model, Prefill, Size, WizardSettings};

use super::{is_drawn_clean, is_readable, is_told, wait_for};

/// Holds the property for the bytes of both files, the second behind the first 0x01.
pub fn check_bytes(data: &[u8]) {
    let cut = data.iter().position(|b| *b == 1).unwrap_or(data.len());
    let (config, credentials) = data.split_at(cut);
    let access = AwsAccess::of_files(config.to_vec(), credentials.get(1..).unwrap_or_default().to_vec());
    let (read, again, default) =
        wait_for(async { (access.list_sources().await, access.list_sources().await, access.default_source().await) });
    assert_eq!(read, again);
    match (&read, default) {
        (Ok(sources), Ok(default)) => {
            assert!(default.is_none_or(|id| sources.iter().any(|source| source.id == id)));
            for (at, source) in sources.iter().enumerate() {
                assert!(sources.iter().skip(at + 1).all(|other| other.id != source.id), "{source:?} is there twice");
                is_readable(&source.id.to_string());
                // Whether this computer is an instance of EC2 is told by no file of ours.
                match (&source.id, &source.problem) {
                    (SourceId::Profile(_), None) => {}
                    (SourceId::Profile(_) | SourceId::File(_), Some(problem)) => is_told(problem),
                    _ => panic!("{source:?}"),
                }
                if let Some(account) = &source.account {
                    assert!(account.as_str().len() == 12 && account.as_str().bytes().all(|b| b.is_ascii_digit()));
                }
                assert!(source.role.as_ref().is_none_or(|role| Arn::parse(role).is_none()), "{source:?}");
            }
        }
        (Err(failure), Err(other)) => {
            assert_eq!(*failure, other);
            is_told(failure);
        }
        (read, default) => panic!("{read:?}, and as the default {default:?}"),
    }
    let mut model = Model::new(WizardSettings::default(), Prefill::default(), Size { columns: 80, rows: 24 });
    let effects = wizard::start(&mut model);
    let id = effects.iter().find_map(|effect| if let Effect::LoadSources(id) = effect { Some(*id) } else { None });
    wizard::update(&mut model, Event::Answer(id.expect("the sources are asked for"), Box::new(Answer::Sources(read))));
    is_drawn_clean(&model);
}
