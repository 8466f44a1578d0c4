//! The policy engine: reads, checks, compares, edits and explains an ECR repository policy. Pure and offline.
