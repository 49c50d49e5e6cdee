//! The doorkeeper, from every side: one test program, so that the world that most of them stand in is compiled and linked once.

mod world;

mod codes;
mod companion;
mod distress;
mod looks;
mod models;
mod noes;
mod papers;
mod people_and_the_bolt;
mod people_at_the_door;
mod properties;
mod reference;
mod rings;
mod strays;
mod vectors;
mod visits;
mod wrong_fields;
