#![no_main]

use ecr_grant::policy::edit::{Wanted, WantedPrincipals, format, grant, minify};
use ecr_grant::policy::syntax::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let wanted = [Wanted {
        sid: "EcrGrantPull".to_owned(),
        principals: WantedPrincipals::Aws(vec!["arn:aws:iam::987654321098:root".to_owned()]),
        actions: vec!["ecr:BatchGetImage".to_owned(), "ecr:GetDownloadUrlForLayer".to_owned()],
        conditions: Vec::new(),
    }];
    if let Ok(edited) = grant(Some(text), &wanted) {
        assert!(parse(&edited.text).errors.is_empty());
        assert!(edited.changed || edited.text == text);
        let again = grant(Some(&edited.text), &wanted).expect("what was granted can be read");
        assert!(!again.changed, "granted twice");
    }
    for layout in [format, minify] {
        if let Some(laid_out) = layout(text) {
            assert_eq!(layout(&laid_out).as_deref(), Some(laid_out.as_str()));
        }
    }
});
