//! `vestibule operator`: whoever runs a cloud.

use crate::keys::Keys;
use crate::people::operator;
use crate::say::{Say, Tone};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// The operator of a cloud.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule operator --keys operator key                   its name, for the cloud's settings
  vestibule operator --keys operator admit 4f1c...         a provider that signed up")]
pub(crate) struct Operator {
    /// Folder with the operator's keys.
    #[arg(long, default_value = "operator")]
    keys: PathBuf,
    /// The cloud.
    #[arg(long, default_value = "http://127.0.0.1:8480", env = "VESTIBULE_CLOUD")]
    cloud: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print this operator's key identifier; makes the key if there is none.
    Key,
    /// Admit a provider.
    Admit {
        /// Its root key's identifier, 64 hexadecimal digits.
        provider: String,
    },
}

impl Operator {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        match self.what {
            What::Key => {
                let kid = Keys::open_or_create(&self.keys)?.kid()?;
                say.result(Tone::Plain, &kid.to_string(), &json!({ "kid": kid.to_string() }));
            }
            What::Admit { provider } => {
                operator::admit(&self.cloud, &Keys::open(&self.keys)?, &provider).await?;
                say.result(Tone::Calm, "Admitted.", &json!({ "admitted": provider }));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
