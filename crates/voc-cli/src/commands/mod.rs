//! One module per command.

pub mod analyze;
pub mod audit;
pub mod completions;
pub mod correct;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod init;
pub mod pulse;
pub mod rebuild;
pub mod run;
pub mod search;
pub mod status;
pub mod train;
