//! The sandbox on a loopback port, in a thread of its own, with a profile that leads to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use ecr_grant::aws::AT_ONCE;
use ecr_grant::sandbox::{self, Clock, Service};
use serde_json::{Value, json};

/// A running sandbox. Dropping it ends it.
pub struct Served {
    /// The service itself, to look behind the scenes and to make faults.
    pub service: Arc<Service>,
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// Serves the demo's registries.
    pub fn serve_demo() -> Self {
        Self::new(Service::demo(Clock::System), Duration::ZERO)
    }

    /// Serves any service, each answer after `latency`.
    pub fn new(service: Service, latency: Duration) -> Self {
        let service = Arc::new(service);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let (tell, told) = mpsc::channel();
        let served = Arc::clone(&service);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let until = async {
                    let _ = stopped.await;
                };
                let (bound, serving) = sandbox::serve(served, address, latency, until).await.unwrap();
                tell.send(bound).unwrap();
                serving.await;
            });
        });
        let bound = told.recv_timeout(Duration::from_secs(10)).unwrap();
        Self { service, url: format!("http://{bound}"), stop: Some(stop), thread: Some(thread) }
    }

    /// Serves twice as many repositories without a policy as are read or written at once, each answer after `latency`.
    pub fn serve_many(latency: Duration) -> Self {
        let named = (0..2 * AT_ONCE).map(|number| json!({"name": format!("app-{number}"), "created": 0}));
        let repositories: Vec<Value> = named.collect();
        let registries =
            json!({"registries": [{"account": "222222222222", "region": "eu-west-2", "repositories": repositories}]});
        Self::new(Service::from_json(&registries.to_string(), Clock::System).unwrap(), latency)
    }

    /// Writes AWS files into `home` whose profile `owner` acts as account 222222222222 in eu-west-2.
    pub fn write_profile(home: &Path) {
        let config = "[profile owner]\nregion = eu-west-2\naws_access_key_id = 222222222222\n\
                      aws_secret_access_key = none\n";
        std::fs::write(home.join("aws-config"), config).unwrap();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
