//! `vestibule recorder`: the recorder of a home, a process of its own.

use clap::Args;
use hub::folder::Folder;
use std::path::PathBuf;
use std::process::ExitCode;

/// The recorder of a home. The hub starts it and speaks to it over standard input and output.
#[derive(Debug, Args)]
pub(crate) struct Recorder {
    /// The home's folder.
    #[arg(long)]
    dir: PathBuf,
}

impl Recorder {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        let folder = Folder::at(&self.dir);
        let _config = folder.config()?;
        Ok(ExitCode::SUCCESS)
    }
}
