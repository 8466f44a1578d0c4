//! The only room that talks to AWS: sources of credentials, sign-in, registry operations, pace, conversion of errors.
