//! Any text is read as what it names or refused in words; what was read is written as a text that reads the same, and a
//! text that is offered in place of a refused one is taken.

use ecr_grant::ecr::principal::{is_principal, principal_fault};
use ecr_grant::ecr::{
    AccountId, Address, Arn, Digest, Grantee, ImageUri, Partition, Region, RegistryHost, RepositoryName, Tag,
};

use super::{is_printable, is_readable};

/// Holds the property for a text.
pub fn check_bytes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_address(&text);
    check_grantees(&text);
    check_principal(&text);
    check_names(&text);
}

fn check_address(text: &str) {
    let Some(read) = Address::find_in(text) else { return };
    if let Some(reference) = read.repository() {
        for again in [reference.uri(), reference.arn().to_string()] {
            is_printable(&again);
            assert_eq!(
                Address::find_in(&again).and_then(|found| found.repository()).as_ref(),
                Some(&reference),
                "{again}"
            );
        }
        assert_eq!(read.owner_account(), Some(reference.account));
    }
    match read {
        Address::Image(image) => {
            is_printable(&image.to_string());
            let again = ImageUri::parse(&image.to_string()).expect("an image is written as one");
            // The host may be a FIPS or a dual-stack one; the text is the plain one.
            let of = |image: &ImageUri| (image.repository_ref(), image.tag.clone(), image.digest.clone());
            assert_eq!(of(&again), of(&image));
        }
        Address::Several(uris) => {
            assert!(uris.len() > 1);
            for uri in uris {
                is_printable(&uri);
                assert!(Address::find_in(&uri).is_some_and(|found| found.repository().is_some()), "{uri}");
            }
        }
        Address::Alike(words) | Address::Public(words) => is_readable(&words),
        _ => {}
    }
}

fn check_grantees(text: &str) {
    for read in std::iter::once(Grantee::parse(text)).chain(Grantee::parse_list(text)) {
        match read {
            Ok(grantee) => {
                // A root's ARN names a partition that its account id leaves out.
                let bare = |grantee: &Grantee| match grantee {
                    Grantee::Account { id, .. } => Grantee::Account { id: id.clone(), partition: None },
                    other => other.clone(),
                };
                let written = grantee.to_string();
                is_printable(&written);
                is_printable(&grantee.words());
                assert_eq!(Grantee::parse(&written).as_ref(), Ok(&bare(&grantee)), "{written}");
                let listed = Grantee::parse_list(&written);
                assert_eq!(listed, [Ok(bare(&grantee))], "{written}");
                if let Some(words) = grantee.caution_words() {
                    is_printable(&words);
                }
                let owner = AccountId::parse("222222222222").expect("twelve digits");
                if let Err(problem) = grantee.check_owner(&owner, Partition::Aws) {
                    is_printable(&problem.to_string());
                }
            }
            Err(problem) => {
                is_readable(&problem.what);
                is_readable(&problem.next);
            }
        }
    }
}

fn check_principal(text: &str) {
    let Some(fault) = principal_fault(text) else {
        assert!(is_principal(text));
        return is_printable(text);
    };
    assert!(!is_principal(text));
    is_readable(&fault.sentence_about(text));
    is_readable(&fault.next);
    if let Some(meant) = fault.meant {
        assert!(is_principal(&meant), "{meant:?} is offered for {text:?}");
        assert!(Grantee::parse(&meant).is_ok(), "{meant:?} is offered for {text:?}");
    }
}

fn check_names(text: &str) {
    match AccountId::parse(text) {
        Ok(id) => assert_eq!(AccountId::parse(id.as_str()), Ok(id)),
        Err(why) => is_readable(&why.to_string()),
    }
    match Region::parse(text) {
        Ok(region) => {
            is_printable(region.as_str());
            assert_eq!(Region::parse(region.as_str()), Ok(region));
        }
        Err(why) => is_readable(&why.to_string()),
    }
    match RepositoryName::parse(text) {
        Ok(name) => is_printable(name.as_str()),
        Err(why) => is_readable(&why.to_string()),
    }
    for typed in [Tag::parse(text).map(|tag| tag.to_string()), Digest::parse(text).map(|digest| digest.to_string())] {
        assert!(typed.is_none_or(|written| written == text), "{text:?}");
    }
    if let Some(arn) = Arn::parse(text) {
        assert_eq!(arn.to_string(), text.trim());
    }
    if let Some(host) = RegistryHost::parse(text) {
        assert!(matches!(Address::find_in(text), Some(Address::Registry(read)) if read == host), "{text}");
    }
}
