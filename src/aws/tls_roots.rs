//! The HTTP client and the certificates that it trusts.
//!
//! The SDK trusts the system's store alone, panics in a debug build where there is none, and does not read
//! `AWS_CA_BUNDLE` or a profile's `ca_bundle`. So the store is looked at before the client is made.

use std::path::Path;
use std::sync::OnceLock;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::Engine as _;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::bounded::limit_bodies;
use crate::ecr::{Failure, FailureKind, text::make_visible};

/// The certificates that are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// The system's store.
    System,
    /// These alone (PEM, one certificate each), as the AWS CLI does with `AWS_CA_BUNDLE`.
    Bundle(Vec<Vec<u8>>),
    /// None are found: only `http://` can be asked.
    Nothing,
}

impl Trust {
    /// Finds the certificates of a bundle, or the system's. Reads files: call it off the drawing thread.
    pub(super) fn find_roots(bundle: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = bundle else {
            // Parsed once: the same store serves every client.
            static SYSTEM: OnceLock<bool> = OnceLock::new();
            let found = *SYSTEM.get_or_init(|| any_usable(rustls_native_certs::load_native_certs().certs));
            return Ok(if found { Self::System } else { Self::Nothing });
        };
        let failed = |kind, problem: &str| {
            Failure::new(
                kind,
                format!("The certificate bundle {} {problem}", make_visible(&path.display().to_string())),
                "correct AWS_CA_BUNDLE or the profile's ca_bundle: a file with certificates in PEM form",
            )
        };
        let pem =
            std::fs::read(path).map_err(|error| failed(FailureKind::File, &format!("cannot be read: {error}")))?;
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem)
            .filter_map(Result::ok)
            .filter(|der| any_usable([der.clone()]))
            .collect();
        if certificates.is_empty() {
            return Err(failed(FailureKind::Setup, "holds no certificate"));
        }
        // Written anew, one by one: the SDK's client panics at a block that it cannot read.
        Ok(Self::Bundle(certificates.iter().map(|der| as_pem(der)).collect()))
    }

    /// Builds an HTTP client that trusts these, and goes through the proxy that the environment names. Reads the
    /// system's store on the first call: call it off the drawing thread.
    pub(super) fn http_client(&self) -> SharedHttpClient {
        let mut store = TrustStore::empty().with_native_roots(matches!(self, Self::System));
        if let Self::Bundle(certificates) = self {
            for pem in certificates {
                store.add_pem_certificate(pem.clone());
            }
        }
        let context = TlsContext::builder().with_trust_store(store).build().unwrap_or_default();
        let start = move || {
            let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
            ConnectorBuilder::default().tls_provider(provider).tls_context(context.clone())
        };
        // Made and dropped: the SDK reads the system's store once, and that should not be when a request goes out.
        drop(start().build());
        // As the SDK's own default client, but for the trust store and the limit on bodies.
        let client = Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = start();
            connector.set_connector_settings(settings.cloned());
            if let Some(components) = components {
                connector.set_sleep_impl(components.sleep_impl());
            }
            connector.set_proxy_config(Some(ProxyConfig::from_env()));
            connector.build()
        });
        limit_bodies(client)
    }
}

fn any_usable(certificates: impl IntoIterator<Item = CertificateDer<'static>>) -> bool {
    RootCertStore::empty().add_parsable_certificates(certificates).0 > 0
}

fn as_pem(der: &[u8]) -> Vec<u8> {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_a_certificate_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.pem");
        let missing = Trust::find_roots(Some(&path)).unwrap_err();
        assert_eq!(missing.kind, FailureKind::File);
        assert!(missing.what.contains("bundle.pem"), "{missing}");
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        assert_eq!(Trust::find_roots(Some(&path)).unwrap_err().kind, FailureKind::Setup);
    }
}
