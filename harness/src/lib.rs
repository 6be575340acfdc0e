//! The harness of mapspec: litmus tests in, verdicts and reports out.
//!
//! Data flows one way: text → program → traces → verdict → report.

pub mod adversity;
mod attribution;
pub mod bench;
pub mod campaign;
pub mod catalogue;
pub mod cli;
pub mod compare;
pub mod corpus;
pub mod differ;
pub mod enumerate;
pub mod examine;
pub mod explain;
pub mod explore;
pub mod fuzz_target;
pub mod generate;
pub mod litmus;
pub mod policy;
pub mod rename;
pub mod report;
pub mod rules;
pub mod session;
pub mod shrink;
pub mod sweep;
pub mod view;
