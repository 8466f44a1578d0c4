//! ECR: `DescribeImages` and `ListImages`.

use serde_json::{Value, json};

use super::answer::{AwsError, timestamp};
use super::ask::Ask;
use super::registries::{Registries, StoredImage, StoredRepository};
use super::repositories::{not_found, page_start, page_token};
use crate::ecr::RepositoryRef;

/// Answers `DescribeImages`: the newest images first, or those that `imageIds` names.
pub(super) fn describe_images(registries: &Registries, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let (reference, repository) = find_repository(registries, ask)?;
    let detail = |image: &StoredImage| image_detail(&reference, image);
    if let Some(ids) = ask.get_list("imageIds")? {
        if ids.is_empty() || ids.len() > 100 {
            return Err(AwsError::bad_parameter("imageIds", "must have length between 1 and 100"));
        }
        // The API model says that they cannot be combined; AWS's own words for it are not known.
        if ask.get_value("nextToken").is_some() || ask.get_value("maxResults").is_some() {
            return Err(AwsError::bad_request(
                "InvalidParameterException",
                "Invalid parameter: 'nextToken' and 'maxResults' cannot be used with 'imageIds'",
            ));
        }
        let details =
            ids.iter().map(|id| find_image(&reference, repository, id).map(detail)).collect::<Result<Vec<_>, _>>()?;
        return Ok(json!({ "imageDetails": details }));
    }
    let images: Vec<Value> = filter_images(ask, repository)?.map(detail).collect();
    answer_page(ask, "imageDetails", &reference, images)
}

/// Answers `ListImages`: an entry for each tag, and one for each image without a tag.
pub(super) fn list_images(registries: &Registries, ask: &Ask<'_>) -> Result<Value, AwsError> {
    let (reference, repository) = find_repository(registries, ask)?;
    let mut ids = Vec::new();
    for image in filter_images(ask, repository)? {
        if image.tags.is_empty() {
            ids.push(json!({ "imageDigest": image.digest }));
        }
        ids.extend(image.tags.iter().map(|tag| json!({ "imageDigest": image.digest, "imageTag": tag })));
    }
    answer_page(ask, "imageIds", &reference, ids)
}

fn find_repository<'r>(
    registries: &'r Registries,
    ask: &Ask<'_>,
) -> Result<(RepositoryRef, &'r StoredRepository), AwsError> {
    let reference = ask.repository_ref()?;
    ask.authorize_caller(&reference.account, &reference.arn().to_string())?;
    let repository = registries.find_repository(&reference).ok_or_else(|| not_found(&reference))?;
    Ok((reference, repository))
}

fn answer_page(ask: &Ask<'_>, member: &str, reference: &RepositoryRef, all: Vec<Value>) -> Result<Value, AwsError> {
    let size = ask.page_size()?;
    let list = reference.name.as_str();
    let start = match page_start(ask, list)? {
        None => 0,
        Some(place) => {
            // A place that no page ends at is a token that somebody made up.
            let place: Option<usize> = place.parse().ok().filter(|place| (1..all.len()).contains(place));
            place.ok_or_else(|| AwsError::bad_parameter("nextToken", "must be a token of a previous response"))?
        }
    };
    let end = start.saturating_add(size);
    let more = all.len() > end;
    let items: Vec<Value> = all.into_iter().skip(start).take(size).collect();
    let mut answer = json!({ member: items });
    if let (Some(fields), true) = (answer.as_object_mut(), more) {
        fields.insert("nextToken".to_owned(), Value::String(page_token(ask, list, &end.to_string())));
    }
    Ok(answer)
}

fn image_detail(reference: &RepositoryRef, image: &StoredImage) -> Value {
    let mut detail = json!({
        "registryId": reference.account.as_str(),
        "repositoryName": reference.name.as_str(),
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": timestamp(image.pushed),
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
        "imageStatus": "ACTIVE",
    });
    if let Some(fields) = detail.as_object_mut() {
        if !image.tags.is_empty() {
            fields.insert("imageTags".to_owned(), json!(image.tags));
        }
        if let Some(pulled) = image.pulled {
            fields.insert("lastRecordedPullTime".to_owned(), timestamp(pulled));
        }
    }
    detail
}

fn find_image<'r>(
    reference: &RepositoryRef,
    repository: &'r StoredRepository,
    id: &Value,
) -> Result<&'r StoredImage, AwsError> {
    let member = |name: &str| id.get(name).and_then(Value::as_str);
    let (digest, tag) = (member("imageDigest"), member("imageTag"));
    repository
        .images
        .iter()
        .find(|image| {
            (digest.is_some() || tag.is_some())
                && digest.is_none_or(|d| image.digest == d)
                && tag.is_none_or(|t| image.tags.iter().any(|own| own == t))
        })
        .ok_or_else(|| {
            let shown = |text: Option<&str>| text.map_or("null".to_owned(), |t| format!("'{t}'"));
            AwsError::bad_request(
                "ImageNotFoundException",
                format!(
                    "The image with imageId {{imageDigest:{}, imageTag:{}}} does not exist within the repository with \
                     name '{}' in the registry with id '{}'",
                    shown(digest),
                    shown(tag),
                    reference.name,
                    reference.account
                ),
            )
        })
}

/// Returns the images that the `filter` of a request takes. Every image here is active.
fn filter_images<'r>(
    ask: &Ask<'_>,
    repository: &'r StoredRepository,
) -> Result<impl Iterator<Item = &'r StoredImage>, AwsError> {
    let member = |name: &str| ask.get_value("filter").and_then(|f| f.get(name)).and_then(Value::as_str);
    let tagged = match member("tagStatus") {
        None | Some("ANY") => None,
        Some("TAGGED") => Some(true),
        Some("UNTAGGED") => Some(false),
        Some(_) => {
            let set = "Member must satisfy enum value set: [TAGGED, UNTAGGED, ANY]";
            return Err(AwsError::bad_parameter("filter.tagStatus", set));
        }
    };
    let active = match member("imageStatus") {
        None | Some("ACTIVE" | "ANY") => true,
        Some("ARCHIVED" | "ACTIVATING") => false,
        Some(_) => {
            let set = "Member must satisfy enum value set: [ACTIVE, ARCHIVED, ACTIVATING, ANY]";
            return Err(AwsError::bad_parameter("filter.imageStatus", set));
        }
    };
    Ok(repository.images.iter().filter(move |i| active && tagged.is_none_or(|t| t != i.tags.is_empty())))
}
