//! The command line: arguments in, text out. What is decided is decided by the same services as everywhere else.

pub mod apply;
