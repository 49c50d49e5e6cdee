//! The messages, from every side: one test program, so that what they share is compiled and linked once.

#[path = "../examples/vectors/cases/mod.rs"]
mod cases;

mod envelope;
mod limits;
mod mutations;
mod ranks;
mod vectors;
