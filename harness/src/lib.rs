//! The harness of mapspec: litmus tests in, verdicts and reports out.
//!
//! Data flows one way: text → program → traces → verdict → report.

pub mod catalogue;
pub mod cli;
pub mod compare;
pub mod corpus;
pub mod differ;
pub mod examine;
pub mod fuzz_target;
pub mod generate;
pub mod litmus;
pub mod policy;
pub mod report;
pub mod sweep;
pub mod view;
