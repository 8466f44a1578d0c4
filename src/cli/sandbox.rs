//! `sandbox`: the demo registry on a loopback port.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::args::{Globals, SandboxArgs};
use super::exit::Exit;
use super::output::{Stop, output_ended, print_data, tell_line};
use crate::ecr::{Failure, FailureKind, SourceId};
use crate::sandbox::{Clock, Service, demo_sources, serve};

/// Serves until interrupted. The address goes to the standard output, its use to the standard error.
pub(super) async fn run(globals: &Globals, args: &SandboxArgs) -> Result<Exit, Stop> {
    let failure = |what: String| {
        Stop::Failure(Failure::new(FailureKind::Other, what, "take another port, or --port 0 for any free one"))
    };
    let service = match args.repositories {
        Some(count) => Service::with_many(count, Clock::System),
        None => Service::demo(Clock::System),
    };
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let address = SocketAddr::new(args.host, args.port);
    let latency = args.fault.as_ref().and_then(|faults| faults.latency);
    let latency = latency.unwrap_or_else(|| Duration::from_millis(globals.latency));
    if let Some(faults) = &args.fault {
        service.set_faults(faults.clone());
    }
    let until = async {
        let _ = stopped.await;
    };
    // Before the address is told: whoever reads it may stop us at once.
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| failure(e.to_string()))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| failure(e.to_string()))?;
    let (bound, serving) = serve(Arc::new(service), address, latency, until)
        .await
        .map_err(|error| failure(format!("the sandbox cannot listen on {address}: {error}")))?;
    print_data(&format!("http://{bound}"));
    if output_ended() {
        return Ok(Exit::Done);
    }
    if let Some((source, key, secret)) = demo_sources().into_iter().next() {
        let region = source.region.map(|region| region.to_string()).unwrap_or_default();
        let SourceId::Profile(name) = source.id else { return Ok(Exit::Done) };
        tell_line(&format!("The demo registry answers there until Ctrl-C, any secret will do. As {name}:"));
        // The Region is a flag: AWS CLI 1 and boto3 read no AWS_REGION. An old token in the environment is no part of it.
        tell_line(&format!("  AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={secret} AWS_SESSION_TOKEN= \\"));
        tell_line(&format!("  aws --endpoint-url http://{bound} --region {region} ecr describe-repositories"));
        tell_line("From Python:");
        tell_line(&format!(
            "  boto3.client(\"ecr\", endpoint_url=\"http://{bound}\", region_name=\"{region}\", \
             aws_access_key_id=\"{key}\", aws_secret_access_key=\"{secret}\")"
        ));
    }
    tokio::pin!(serving);
    let number = tokio::select! {
        () = &mut serving => return Ok(Exit::Done),
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
    };
    let _ = stop.send(());
    serving.await;
    Ok(Exit::Signal(number))
}
