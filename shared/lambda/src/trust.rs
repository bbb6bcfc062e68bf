//! Whom a function trusts when it calls AWS.
//!
//! To read the 140 root certificates of the system takes longer than all else that a cold start does by itself. The endpoints of
//! AWS are certified by a handful of roots of Amazon's own, so those are tried first. An endpoint that another root certifies -
//! as in some partitions, or behind a proxy, or one day - makes the process read the system's, once, and go on with those.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;

/// Amazon's own roots.
const AMAZON: &str = include_str!("roots.pem");

/// A client that trusts these roots first, in PEM, or Amazon's; and then those of the system.
pub(crate) fn client(roots: Option<String>) -> SharedHttpClient {
    let first = TrustStore::empty().with_pem_certificate(roots.unwrap_or_else(|| AMAZON.to_owned()));
    let system = TrustStore::empty().with_native_roots(true);
    let (first, system) = (trusting(first), trusting(system));
    SharedHttpClient::new(Client { first, system, distrusted: Arc::default() })
}

fn trusting(roots: TrustStore) -> SharedHttpClient {
    let context = TlsContext::builder().with_trust_store(roots).build().unwrap_or_default();
    Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(context).build_https()
}

#[derive(Debug)]
struct Client {
    first: SharedHttpClient,
    system: SharedHttpClient,
    /// An endpoint was certified by none of the first.
    distrusted: Arc<AtomicBool>,
}

impl HttpClient for Client {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        if self.distrusted.load(Ordering::Relaxed) {
            return self.system.http_connector(settings, components);
        }
        let (system, settings_then, components_then) = (self.system.clone(), settings.clone(), components.clone());
        SharedHttpConnector::new(Connector {
            first: self.first.http_connector(settings, components),
            system: Arc::new(move || system.http_connector(&settings_then, &components_then)),
            distrusted: Arc::clone(&self.distrusted),
        })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.first.validate_base_client_config(components, config)
    }

    fn validate_final_config(&self, components: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.first.validate_final_config(components, config)
    }
}

/// A way to an endpoint, and another one should it not be trusted.
struct Connector {
    first: SharedHttpConnector,
    /// Reads the roots of the system when it is called for the first time.
    system: Arc<dyn Fn() -> SharedHttpConnector + Send + Sync>,
    distrusted: Arc<AtomicBool>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // Nothing of a request has been sent when a certificate is refused.
        let again = request.try_clone();
        let called = self.first.call(request);
        let (system, distrusted) = (Arc::clone(&self.system), Arc::clone(&self.distrusted));
        HttpConnectorFuture::new(async move {
            match (called.await, again) {
                (Err(error), Some(request)) if is_about_certificate(&error) => {
                    tracing::warn!("an endpoint is not certified by Amazon's roots: the system's are used from now on");
                    distrusted.store(true, Ordering::Relaxed);
                    system().call(request).await
                }
                (outcome, _) => outcome,
            }
        })
    }
}

/// As rustls words it; the SDK gives the error on as text.
fn is_about_certificate(error: &ConnectorError) -> bool {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("invalid peer certificate") {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::atomic::AtomicUsize;

    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// Answers, or fails with a message; counts how often it is asked.
    #[derive(Debug, Clone)]
    struct Endpoint(Option<&'static str>, Arc<AtomicUsize>);

    impl Endpoint {
        fn asked(&self) -> usize {
            self.1.load(Ordering::Relaxed)
        }
    }

    impl HttpConnector for Endpoint {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            assert_eq!(request.body().bytes(), Some(b"{}".as_slice()));
            self.1.fetch_add(1, Ordering::Relaxed);
            HttpConnectorFuture::ready(match self.0 {
                Some(message) => Err(ConnectorError::io(io::Error::other(message).into())),
                None => Ok(HttpResponse::new(200.try_into().expect("a status"), SdkBody::empty())),
            })
        }
    }

    #[track_caller]
    fn check(failure: Option<&'static str>, expected: (bool, usize, bool)) {
        let (first, system) = (Endpoint(failure, Arc::default()), Endpoint(None, Arc::default()));
        let distrusted = Arc::new(AtomicBool::new(false));
        let then = system.clone();
        let connector = Connector {
            first: SharedHttpConnector::new(first.clone()),
            system: Arc::new(move || SharedHttpConnector::new(then.clone())),
            distrusted: Arc::clone(&distrusted),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let outcome = runtime.block_on(connector.call(HttpRequest::new(SdkBody::from("{}"))));
        assert_eq!((outcome.is_ok(), system.asked(), distrusted.load(Ordering::Relaxed)), expected, "{failure:?}");
        assert_eq!(first.asked(), 1);
    }

    #[test]
    fn an_endpoint_of_another_authority_is_asked_with_the_roots_of_the_system() {
        check(Some("invalid peer certificate: UnknownIssuer"), (true, 1, true));
    }

    #[test]
    fn what_else_fails_is_left_to_the_retries() {
        check(Some("connection reset by peer"), (false, 0, false));
        check(None, (true, 0, false));
    }

    #[test]
    fn amazons_roots_are_certificates() {
        assert_eq!(AMAZON.matches("BEGIN CERTIFICATE").count(), 5);
        // Panics if one of them is none.
        let _ = client(None);
    }
}
