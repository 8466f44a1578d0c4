//! The one budget of steps that an examination has, beside policies that are hard to analyse.

use super::*;
use crate::testing::adversary;

#[test]
fn conditions_that_exclude_one_another_are_told_beside_the_hardest_tables() {
    let impossible = r#"{"Sid":"Never","Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"ecr:BatchGetImage","Condition":{"StringLike":{"aws:userid":"a*"},"StringEquals":{"aws:userid":"b"}}},"#;
    let options = CheckOptions { owner: "222222222222".parse().ok(), ..CheckOptions::default() };
    for adversary in adversary::adversaries() {
        let text = adversary.text.replacen(r#""Statement":["#, &format!(r#""Statement":[{impossible}"#), 1);
        let end = text.find("}},").unwrap();
        let told = check(&text, &options).iter().any(|f| f.id == "W201" && f.span.end <= end);
        assert!(told, "{}", adversary.name);
    }
}
