//! One house as a whole: its sockets, its camera, its broker.

mod broker;
mod camera;
mod control;
mod standing;
