//! From labelled records to heads.
//!
//! [`Texts`] are labelled records as the network sees them: the encoder's hidden states, run
//! once, and what is to be said about them. [`train`] fits copies of the encoder's last
//! layers and the heads above them, pass by pass, and keeps a checkpoint after each: a
//! training that is stopped goes on from there and ends with the same weights. Decisions
//! (how scores become probabilities, and from which on a label holds) are fitted to
//! development texts that nothing was trained on.
//!
//! [`few_shot`] fits heads for a company's own themes to a handful of examples, over the
//! vectors of the untouched encoder, in seconds.
//!
//! **Architecture Invariant:** the same texts, settings, seed and number of threads give the
//! same heads. All draws come from the seed, and what threads work out is added up in order;
//! nothing here reads the clock.

mod adamw;
mod checkpoint;
mod decide;
mod error;
mod few_shot;
mod loss;
mod memory;
mod schedule;
mod targets;
mod texts;
mod training;

pub use error::TrainError;
pub use few_shot::{FewShot, Shot, few_shot};
pub use targets::{Spoken, Targets};
pub use texts::Texts;
pub use training::{Base, Progress, Settings, decide_anew, train};
