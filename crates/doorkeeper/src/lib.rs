//! May this door open now, and is it closed again?
#![no_std]

pub mod sensors;
