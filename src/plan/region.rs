//! Tells when images must be pulled in the repository's own Region.

use crate::ecr::service::find_service;
use crate::ecr::{Grantee, Recipe, Region};

/// The advice for images that are pulled in another Region than the repository's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// Tells whether the purpose fails in another Region; otherwise it is only worth knowing.
    pub must: bool,
    /// The problem, in one sentence without a full stop.
    pub what: String,
    /// The next step, in one sentence without a full stop.
    pub way_out: String,
}

/// Returns what to say about a recipe when the images will be pulled in `puller`; `None` when that is the repository's
/// Region.
///
/// ECR itself lets clients pull across Regions, but through VPC endpoints; Release, Lambda and HealthOmics take images
/// from their own Region only (sources: Release's guide; the notes on container images in the Lambda and HealthOmics
/// guides; the ECR guide's page on VPC endpoints).
pub fn region_advice(recipe: &Recipe, owner: &Region, puller: &Region) -> Option<Advice> {
    region_advice_for(recipe, &[], owner, puller)
}

/// As `region_advice`, with the services among the grantees taken into account.
pub fn region_advice_for(recipe: &Recipe, grantees: &[Grantee], owner: &Region, puller: &Region) -> Option<Advice> {
    if owner == puller {
        return None;
    }
    let (theirs, ours) = (puller.partition(), owner.partition());
    if theirs != ours {
        return Some(Advice {
            must: true,
            what: format!("{puller} is in partition {theirs}, the repository in {ours}: no policy reaches across"),
            way_out: format!("copy the images to a registry in {puller} and grant there; replication stops there too"),
        });
    }
    let by_service = grantees.iter().find_map(|g| match g {
        Grantee::Service(name) => find_service(name)?.same_region.as_deref(),
        _ => None,
    });
    Some(match recipe.same_region.as_deref().or(by_service) {
        Some(reason) => Advice {
            must: true,
            what: format!("{reason}: this one is in {owner}, not {puller}"),
            way_out: format!(
                "replicate it to {puller} (Private registry > Settings > Replication) and grant on the copy too: \
                 policies are not replicated, nor are images pushed before"
            ),
        },
        None => Advice {
            must: false,
            what: format!("images in {owner} can be pulled in {puller}, but not through a VPC endpoint for ECR"),
            way_out: format!(
                "the puller signs in to {owner}; replication to {puller} starts faster, and its copy needs the grant too"
            ),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ecr::recipe;

    fn region(name: &str) -> Region {
        Region::parse(name).unwrap()
    }

    #[test]
    fn only_some_purposes_need_the_same_region() {
        for (name, must) in
            [("release", true), ("lambda", true), ("pull", false), ("watch", false), ("push-pull", false)]
        {
            let recipe = recipe::find_recipe(name).unwrap();
            assert_eq!(region_advice(recipe, &region("eu-west-2"), &region("eu-west-2")), None);
            let advice = region_advice(recipe, &region("eu-west-2"), &region("us-east-1")).unwrap();
            assert_eq!(advice.must, must, "{name}");
            assert!(advice.what.contains("eu-west-2") && advice.what.contains("us-east-1"), "{advice:?}");
            assert_eq!(advice.way_out.contains("not replicated"), must, "{advice:?}");
        }
    }

    #[test]
    fn services_bring_their_rule_with_any_recipe() {
        let pull = recipe::find_recipe("pull").unwrap();
        for (grantee, must) in
            [("omics.amazonaws.com", true), ("lambda.amazonaws.com", true), ("codebuild.amazonaws.com", false)]
        {
            let grantees = [Grantee::parse(grantee).unwrap()];
            let advice = region_advice_for(pull, &grantees, &region("eu-west-2"), &region("eu-west-1")).unwrap();
            assert_eq!(advice.must, must, "{grantee}");
        }
    }

    #[test]
    fn nothing_reaches_into_another_partition() {
        let pull = recipe::find_recipe("pull").unwrap();
        let advice = region_advice(pull, &region("eu-west-2"), &region("cn-north-1")).unwrap();
        assert!(advice.must && advice.what.contains("aws-cn"), "{advice:?}");
    }
}
