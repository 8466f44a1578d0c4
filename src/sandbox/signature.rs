//! Reads a request's SigV4 header: the signing key, the Region and the service. Signatures are not checked.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::ecr::Region;

/// The credential scope of a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CredentialScope {
    pub key_id: String,
    pub region: Region,
    pub service: String,
    /// `x-amz-security-token`, which temporary keys need.
    pub token: Option<String>,
}

/// A reason why a request has no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// No `Authorization` header.
    Missing,
    /// A header in another form than SigV4.
    Malformed,
}

/// Reads `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`.
pub(super) fn read_scope(headers: &HeaderMap) -> Result<CredentialScope, Unsigned> {
    let header = headers.get(AUTHORIZATION).ok_or(Unsigned::Missing)?;
    let text = header.to_str().map_err(|_| Unsigned::Malformed)?;
    let fields = text.strip_prefix("AWS4-HMAC-SHA256 ").ok_or(Unsigned::Malformed)?;
    let credential = fields
        .split(',')
        .find_map(|field| field.trim().strip_prefix("Credential="))
        .filter(|_| fields.contains("Signature="))
        .ok_or(Unsigned::Malformed)?;
    let parts: Vec<&str> = credential.split('/').collect();
    let [key_id, _date, region, service, "aws4_request"] = parts.as_slice() else {
        return Err(Unsigned::Malformed);
    };
    let token = headers.get("x-amz-security-token").and_then(|t| t.to_str().ok()).map(str::to_owned);
    Ok(CredentialScope {
        key_id: (*key_id).to_owned(),
        region: Region::parse(region).map_err(|_| Unsigned::Malformed)?,
        service: (*service).to_owned(),
        token,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope_of(text: &str) -> Result<CredentialScope, Unsigned> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, text.parse().unwrap());
        read_scope(&headers)
    }

    #[test]
    fn the_credential_scope_names_key_region_and_service() {
        let scope = scope_of(
            "AWS4-HMAC-SHA256 Credential=222222222222/20261123/eu-west-2/ecr/aws4_request, \
                        SignedHeaders=host;x-amz-date, Signature=00ff",
        )
        .unwrap();
        assert_eq!(
            (scope.key_id.as_str(), scope.region.as_str(), scope.service.as_str()),
            ("222222222222", "eu-west-2", "ecr")
        );
        assert_eq!(scope.token, None);
    }

    #[test]
    fn a_header_without_a_whole_scope_is_malformed() {
        assert_eq!(read_scope(&HeaderMap::new()), Err(Unsigned::Missing));
        for text in [
            "Basic QVdTOng=",
            "AWS4-HMAC-SHA256 Credential=k/20261123/eu-west-2/ecr, Signature=0",
            "AWS4-HMAC-SHA256 Credential=k/20261123/eu-west-2/ecr/aws4_request",
            "AWS4-HMAC-SHA256 Credential=k/20261123/nowhere/ecr/aws4_request, Signature=0",
        ] {
            assert_eq!(scope_of(text), Err(Unsigned::Malformed), "{text}");
        }
    }
}
