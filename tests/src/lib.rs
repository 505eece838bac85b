//! End-to-end tests: they start the real `voc` with the real model and look at what a user
//! sees (output, exit codes, files). This library is the hand that holds the binary; the
//! tests themselves are in `tests/`, one file per subject.
//!
//! The model is loaded by every command that labels text, which takes seconds: a test that
//! can do without does without.
//!
//! **Architecture Invariant:** no crate of the workspace is imported. What cannot be seen
//! from outside is tested where it lives.

mod cache;
mod finished;
mod instance;
mod repository;
mod running;

pub use cache::cache_folder;
pub use finished::Finished;
pub use instance::{Instance, finish};
pub use repository::repository;
pub use running::{Running, holds_a_chunk};
