use super::*;

const HOST: &str = "222222222222.dkr.ecr.eu-west-2.amazonaws.com";

/// The kind of an address with what it names.
fn told(text: &str) -> String {
    match Address::find_in(text) {
        None => "nothing".to_owned(),
        Some(Address::Image(image)) => {
            let tag = image.tag.as_ref().map(|tag| format!(" tag {tag}")).unwrap_or_default();
            let digest = image.digest.as_ref().map(|digest| format!(" digest {digest}")).unwrap_or_default();
            let at = image.repository_ref();
            format!("{} {} {}{tag}{digest}", at.account, at.region, at.name)
        }
        Some(Address::Repository(at)) => format!("{} {} {}", at.account, at.region, at.name),
        Some(Address::Registry(host)) => format!("registry {} {}", host.account, host.region),
        Some(Address::Public(_)) => "public".to_owned(),
        Some(Address::Endpoint(region)) => format!("endpoint {region}"),
        Some(Address::Console) => "console".to_owned(),
        Some(Address::Alike(why)) => format!("alike: {why}"),
        Some(Address::Several(all)) => format!("several: {}", all.len()),
    }
}

/// `HOST` stands for the owner's registry in London; the second column is a beginning of what is told.
const SPELLINGS: &[(&str, &str)] = &[
    // Images and repositories.
    ("HOST/vendorapp", "222222222222 eu-west-2 vendorapp"),
    ("HOST/vendorapp:latest", "222222222222 eu-west-2 vendorapp tag latest"),
    ("HOST/team/vendorapp:1.2", "222222222222 eu-west-2 team/vendorapp tag 1.2"),
    ("HOST/vendorapp/", "222222222222 eu-west-2 vendorapp"),
    ("HOST:443/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("HOST./vendorapp", "222222222222 eu-west-2 vendorapp"),
    ("222222222222.DKR.ECR.EU-WEST-2.AMAZONAWS.COM/vendorapp", "222222222222 eu-west-2 vendorapp"),
    ("https://HOST/vendorapp", "222222222222 eu-west-2 vendorapp"),
    ("http://HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("docker://HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("oci://HOST/charts/app", "222222222222 eu-west-2 charts/app"),
    (
        "docker-pullable://HOST/vendorapp@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "222222222222 eu-west-2 vendorapp",
    ),
    ("https://AWS:secret@HOST/vendorapp", "222222222222 eu-west-2 vendorapp"),
    (" HOST/vendorapp:1 ", "222222222222 eu-west-2 vendorapp tag 1"),
    ("\"HOST/vendorapp:1\",", "222222222222 eu-west-2 vendorapp tag 1"),
    ("'HOST/vendorapp:1'", "222222222222 eu-west-2 vendorapp tag 1"),
    ("`HOST/vendorapp:1`", "222222222222 eu-west-2 vendorapp tag 1"),
    ("<HOST/vendorapp:1>", "222222222222 eu-west-2 vendorapp tag 1"),
    ("(HOST/vendorapp:1).", "222222222222 eu-west-2 vendorapp tag 1"),
    ("222222222222.dkr-ecr.eu-west-2.on.aws/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("222222222222.dkr-ecr-fips.us-east-1.on.aws/vendorapp", "222222222222 us-east-1 vendorapp"),
    ("222222222222.dkr.ecr-fips.us-gov-west-1.amazonaws.com/vendorapp", "222222222222 us-gov-west-1 vendorapp"),
    ("222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/vendorapp", "222222222222 cn-north-1 vendorapp"),
    ("222222222222.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/vendorapp", "222222222222 cn-north-1 vendorapp"),
    ("222222222222.dkr.ecr.eusc-de-east-1.amazonaws.eu/vendorapp", "222222222222 eusc-de-east-1 vendorapp"),
    ("222222222222.dkr.ecr.us-iso-east-1.c2s.ic.gov/vendorapp", "222222222222 us-iso-east-1 vendorapp"),
    ("HOST/v2/vendorapp:1", "222222222222 eu-west-2 v2/vendorapp tag 1"),
    // The registry's API.
    ("https://HOST/v2/vendorapp/manifests/latest", "222222222222 eu-west-2 vendorapp tag latest"),
    ("https://HOST/v2/team/vendorapp/manifests/1.2", "222222222222 eu-west-2 team/vendorapp tag 1.2"),
    ("https://HOST/v2/vendorapp/tags/list?n=100", "222222222222 eu-west-2 vendorapp"),
    ("https://HOST/v2/vendorapp/blobs/uploads/", "222222222222 eu-west-2 vendorapp"),
    ("HOST/v2/vendorapp/manifests/latest", "222222222222 eu-west-2 vendorapp tag latest"),
    ("https://HOST/v2/team/vendorapp", "222222222222 eu-west-2 team/vendorapp"),
    ("https://HOST/v2/", "registry 222222222222 eu-west-2"),
    ("https://HOST/v2/_catalog", "registry 222222222222 eu-west-2"),
    ("Head \"https://HOST/v2/vendorapp/manifests/1\": no basic auth", "222222222222 eu-west-2 vendorapp tag 1"),
    // Registries.
    ("HOST", "registry 222222222222 eu-west-2"),
    ("HOST/", "registry 222222222222 eu-west-2"),
    ("https://HOST", "registry 222222222222 eu-west-2"),
    ("HOST:443", "registry 222222222222 eu-west-2"),
    ("222222222222.dkr-ecr.eu-west-2.on.aws", "registry 222222222222 eu-west-2"),
    ("docker login --username AWS --password-stdin HOST", "registry 222222222222 eu-west-2"),
    (
        "aws ecr get-login-password --region eu-west-2 | docker login -u AWS --password-stdin https://HOST",
        "registry 222222222222 eu-west-2",
    ),
    // Lines with an image in them.
    ("docker pull HOST/vendorapp:latest", "222222222222 eu-west-2 vendorapp tag latest"),
    ("docker pull --platform linux/arm64 HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("sudo podman pull docker://HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("docker run --rm -p 80:80 HOST/vendorapp:1 sh -c true", "222222222222 eu-west-2 vendorapp tag 1"),
    ("docker tag vendorapp:latest HOST/vendorapp:latest", "222222222222 eu-west-2 vendorapp tag latest"),
    ("docker tag HOST/vendorapp:1 HOST/vendorapp:2", "222222222222 eu-west-2 vendorapp tag 1"),
    ("docker login -u AWS HOST && docker pull HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("FROM HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("FROM --platform=linux/amd64 HOST/vendorapp:1 AS base", "222222222222 eu-west-2 vendorapp tag 1"),
    ("COPY --from=HOST/vendorapp:1 /a /b", "222222222222 eu-west-2 vendorapp tag 1"),
    ("    image: HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("\"image\":\"HOST/vendorapp:1\"", "222222222222 eu-west-2 vendorapp tag 1"),
    ("image=HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("helm pull oci://HOST/charts/app --version 1.0", "222222222222 eu-west-2 charts/app"),
    ("crane manifest HOST/vendorapp:1", "222222222222 eu-west-2 vendorapp tag 1"),
    ("The push refers to repository [HOST/vendorapp]", "222222222222 eu-west-2 vendorapp"),
    ("docker tag HOST/one:1 HOST/two:1", "several: 2"),
    // ARNs.
    ("arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp", "222222222222 eu-west-2 vendorapp"),
    ("arn:aws-cn:ecr:cn-north-1:222222222222:repository/team/app", "222222222222 cn-north-1 team/app"),
    (
        "User: arn:aws:sts::111111111111:assumed-role/ci/i-1 is not authorized to perform: ecr:BatchGetImage on resource: \
         arn:aws:ecr:eu-west-2:222222222222:repository/vendorapp because no resource-based policy allows it",
        "222222222222 eu-west-2 vendorapp",
    ),
    ("arn:aws-cn:ecr:eu-west-2:222222222222:repository/vendorapp", "nothing"),
    ("arn:aws:iam::222222222222:role/x", "nothing"),
    // The console.
    (
        "https://eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp?region=eu-west-2",
        "222222222222 eu-west-2 vendorapp",
    ),
    (
        "https://eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/team/app/_/permissions?region=eu-west-2",
        "222222222222 eu-west-2 team/app",
    ),
    (
        "https://eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/team%2Fapp/_/image/sha256:00/details",
        "222222222222 eu-west-2 team/app",
    ),
    (
        "https://console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp?region=us-east-1#x",
        "222222222222 us-east-1 vendorapp",
    ),
    (
        "https://222222222222-abcdefgh.eu-west-2.console.aws.amazon.com/ecr/repositories/private/222222222222/vendorapp",
        "222222222222 eu-west-2 vendorapp",
    ),
    (
        "https://cn-north-1.console.amazonaws.cn/ecr/repositories/private/222222222222/vendorapp?region=cn-north-1",
        "222222222222 cn-north-1 vendorapp",
    ),
    (
        "https://us-gov-west-1.console.amazonaws-us-gov.com/ecr/repositories/private/222222222222/vendorapp",
        "222222222222 us-gov-west-1 vendorapp",
    ),
    ("https://eu-west-2.console.aws.amazon.com/ecr/private-registry/repositories?region=eu-west-2", "console"),
    ("https://console.aws.amazon.com/ecr/repositories/vendorapp/?region=eu-west-2", "console"),
    ("https://us-east-1.console.aws.amazon.com/iam/home#/roles/details/ci", "console"),
    (
        "https://cn-north-1.console.amazonaws.cn/ecr/repositories/private/222222222222/vendorapp?region=eu-west-2",
        "console",
    ),
    // Other hosts of ECR.
    ("public.ecr.aws/nginx/nginx:1", "public"),
    ("public.ecr.aws", "public"),
    ("https://public.ecr.aws/v2/", "public"),
    ("ecr-public.aws.com/nginx/nginx:1", "public"),
    ("ecr-public.aws.com", "public"),
    ("docker pull public.ecr.aws/docker/library/nginx:latest", "public"),
    ("https://gallery.ecr.aws/nginx/nginx", "public"),
    ("api.ecr-public.us-east-1.amazonaws.com", "public"),
    ("api.ecr.eu-west-2.amazonaws.com", "endpoint eu-west-2"),
    ("https://api.ecr.eu-west-2.amazonaws.com/", "endpoint eu-west-2"),
    ("ecr.eu-west-2.amazonaws.com", "endpoint eu-west-2"),
    ("ecr-fips.us-east-1.amazonaws.com", "endpoint us-east-1"),
    ("ecr.eu-west-2.api.aws", "endpoint eu-west-2"),
    ("api.ecr.cn-north-1.amazonaws.com.cn", "endpoint cn-north-1"),
    // Look-alikes.
    ("HOST.fake.example.com/vendorapp", "alike: no registry"),
    ("222222222222.dkr.ecr.eu-west-2.amazonaws.com.cn/vendorapp", "alike: no registry"),
    ("222222222222.dkr.ecr.london.amazonaws.com/vendorapp", "alike: no registry"),
    (
        "22222222222.dkr.ecr.eu-west-2.amazonaws.com/vendorapp",
        "alike: it begins with the registry's account id, and an account id has 12 digits, this has 11",
    ),
    ("vpce-0a1b-2c.dkr.ecr.eu-west-2.vpce.amazonaws.com/vendorapp", "alike: it is the address of a VPC endpoint"),
    ("HOST:8443/vendorapp", "alike: a registry of ECR answers at port 443"),
    ("HOST:latest", "alike: a registry of ECR answers at port 443"),
    ("HOST/Vendorapp:1", "alike: `Vendorapp:1` is no repository"),
    ("HOST/vendorapp:", "222222222222 eu-west-2 vendorapp"),
    ("https://HOST@fake.example.com/vendorapp", "nothing"),
    ("https://fake.example.com/HOST/vendorapp", "nothing"),
    ("https://fake.example.com/?x=HOST/vendorapp", "nothing"),
    // Nothing of ECR.
    ("vendorapp", "nothing"),
    ("vendorapp:latest", "nothing"),
    ("team/vendorapp", "nothing"),
    ("team/*", "nothing"),
    ("docker.io/library/nginx:1", "nothing"),
    ("ghcr.io/org/app", "nothing"),
    ("111111111111", "nothing"),
    ("lambda.amazonaws.com", "nothing"),
    ("", "nothing"),
];

#[test]
fn every_spelling_of_an_address_is_read_or_named() {
    assert!(SPELLINGS.len() > 100, "{}", SPELLINGS.len());
    let wrong: Vec<String> = SPELLINGS
        .iter()
        .map(|(text, expected)| (text.replace("HOST", HOST), expected))
        .filter(|(text, expected)| !told(text).starts_with(*expected))
        .map(|(text, expected)| format!("{text}\n  told: {}\n  expected: {expected}", told(&text)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Hosts of a registry in every partition, by each of its names.
fn hosts() -> Vec<(String, Region)> {
    let mut hosts = Vec::new();
    for region in Partition::ALL.into_iter().flat_map(Partition::regions) {
        let partition = region.partition();
        for service in ["dkr.ecr", "dkr.ecr-fips"] {
            hosts.push((format!("222222222222.{service}.{region}.{}", partition.registry_suffix()), region.clone()));
        }
        for service in ["dkr-ecr", "dkr-ecr-fips"] {
            if let Some(suffix) = partition.dual_stack_suffix() {
                hosts.push((format!("222222222222.{service}.{region}.{suffix}"), region.clone()));
            }
        }
    }
    hosts
}

#[test]
fn an_image_is_found_in_every_region_and_inside_every_kind_of_line() {
    let frames = [
        "{}",
        "docker pull {}",
        "docker run -it --name x {} sh",
        "FROM {} AS build",
        "image: {}",
        "  \"image\": \"{}\",",
        "https://{}",
        "docker://{}",
        "see `{}`.",
        "Error: pull access denied for {}, repository does not exist",
    ];
    for (host, region) in hosts() {
        for frame in frames {
            for (path, tag) in [("vendorapp", None), ("team/app:1.2", Some("1.2"))] {
                let text = frame.replace("{}", &format!("{host}/{path}"));
                let Some(Address::Image(image)) = Address::find_in(&text) else { panic!("{text}: {}", told(&text)) };
                assert_eq!(
                    (image.host.region.as_str(), image.tag.as_ref().map(crate::ecr::Tag::as_str)),
                    (region.as_str(), tag),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_host_with_anything_added_behind_it_never_leads_to_a_repository() {
    for (host, _) in hosts() {
        for added in [".example.com", ".cn.example.com", "x", "-x", ".evil"] {
            let text = format!("{host}{added}/vendorapp");
            assert_eq!(Address::find_in(&text).and_then(|a| a.repository()), None, "{text}");
        }
    }
}
