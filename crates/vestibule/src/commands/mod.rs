//! The commands, one file each.

mod cloud;
mod demo;
mod doctor;
pub(crate) mod house;
pub(crate) mod hub;
mod operator;
mod provider;
mod recorder;
mod resident;
mod verify;
mod visitor;

use crate::say::Say;
use clap::Subcommand;
use std::process::ExitCode;

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// A whole delivery on this machine, then play on by hand.
    Demo(demo::Demo),
    /// Relays, matches, notifies, stores ciphertext; can open nothing.
    Cloud(cloud::Cloud),
    /// The box at home: set up, run, press its buttons.
    #[command(subcommand)]
    Hub(hub::Hub),
    /// A resident's device.
    Resident(resident::Resident),
    /// A visitor's handset.
    Visitor(visitor::Visitor),
    /// A provider: carrier, cleaning firm, shop.
    Provider(provider::Provider),
    /// Whoever runs a cloud.
    Operator(operator::Operator),
    /// The virtual home: a drawn door with a lock, a camera and people, for trying things out.
    House(house::House),
    /// The recorder of a home. The hub starts it.
    #[command(hide = true)]
    Recorder(recorder::Recorder),
    /// What is wrong with this home, and the mend.
    Doctor(doctor::Doctor),
    /// Check a delivery folder: papers, door log and recording.
    Verify(verify::Verify),
}

impl Command {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        match self {
            Self::Demo(demo) => demo.run(say).await,
            Self::Cloud(cloud) => cloud.run(say).await,
            Self::Hub(hub) => hub.run(say).await,
            Self::Resident(resident) => resident.run(say).await,
            Self::Visitor(visitor) => visitor.run(say).await,
            Self::Provider(provider) => provider.run(say).await,
            Self::Operator(operator) => operator.run(say).await,
            Self::House(house) => house.run().await,
            Self::Recorder(recorder) => recorder.run().await,
            Self::Doctor(doctor) => doctor.run(say).await,
            Self::Verify(verify) => verify.run(say),
        }
    }
}
