//! The cloud over real HTTP and WebSockets on 127.0.0.1, with real keys and a home that only pretends to have a door.

mod companion;
mod delivery;
mod door_log;
mod guesses;
mod hand_over;
mod left;
mod left_photo;
mod letterboxes;
mod looks;
mod mail;
mod media;
mod openapi;
mod pages;
mod papers;
mod plan_b;
mod problems;
mod push;
mod restart;
mod retention;
mod revocation;
mod rings;
mod rosters;
mod shares;
mod sign_in;
mod standing;
mod support;
