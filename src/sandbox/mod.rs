//! An embedded ECR and STS that speak AWS's wire protocols, behind the SDK's HTTP connector and on a loopback port.
