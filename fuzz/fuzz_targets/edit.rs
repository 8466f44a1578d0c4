#![no_main]

use ecr_grant::ecr::{Grantee, recipe};
use ecr_grant::policy::edit::{self, RevokeOptions, Wanted, WantedPrincipals, grant, minify, narrow, revoke};
use ecr_grant::policy::syntax::parse;
use libfuzzer_sys::fuzz_target;

const ACCOUNT: &str = "987654321098";

fuzz_target!(|text: &str| {
    let wanted = [Wanted {
        sid: "EcrGrantPull".to_owned(),
        principals: WantedPrincipals::Aws(vec![format!("arn:aws:iam::{ACCOUNT}:root")]),
        actions: vec!["ecr:BatchGetImage".to_owned(), "ecr:GetDownloadUrlForLayer".to_owned()],
        conditions: Vec::new(),
    }];
    let grantee = Grantee::parse(ACCOUNT).expect("an account");
    if let Ok(edited) = grant(Some(text), &wanted) {
        assert!(parse(&edited.text).errors.is_empty());
        assert!(edited.changed || edited.text == text);
        let again = grant(Some(&edited.text), &wanted).expect("what was granted can be read");
        assert!(!again.changed, "granted twice");
        let options = RevokeOptions::default();
        let revoked = revoke(Some(&edited.text), std::slice::from_ref(&grantee), options).expect("it can be read");
        if let Some(rest) = &revoked.text {
            assert!(parse(rest).errors.is_empty());
            let twice = revoke(Some(rest), std::slice::from_ref(&grantee), options).expect("it can be read");
            assert!(!twice.changed, "revoked twice");
        }
    }
    if let (Some(purpose), true) = (recipe::find("pull"), parse(text).errors.is_empty())
        && let Ok(narrowed) = narrow(text, &[0, 1], purpose)
    {
        assert!(parse(&narrowed.text).errors.is_empty());
    }
    for layout in [edit::format, minify] {
        if let Some(laid_out) = layout(text) {
            assert_eq!(layout(&laid_out).as_deref(), Some(laid_out.as_str()));
        }
    }
});
