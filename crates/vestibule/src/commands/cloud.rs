//! `vestibule cloud`: relays, matches, notifies, stores ciphertext.

use crate::say::{Say, Tone};
use anyhow::Context;
use clap::Args;
use protocol::Kid;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Run a cloud. It can open nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vestibule cloud --data cloud --operator $(vestibule operator key)")]
pub(crate) struct Cloud {
    /// Address and port; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// Folder for databases and recordings.
    #[arg(long, default_value = "cloud")]
    data: PathBuf,
    /// The cloud's name, which everyone who signs in signs.
    #[arg(long, default_value = "localhost")]
    audience: String,
    /// Key identifier of an operator, 64 hexadecimal digits; once per operator.
    #[arg(long = "operator")]
    operators: Vec<String>,
    /// A settings file instead of the options.
    #[arg(long, conflicts_with_all = ["operators", "audience", "data", "listen"])]
    config: Option<PathBuf>,
}

impl Cloud {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        let running = cloud::start(self.settings()?).await?;
        let address = running.address();
        say.result(
            Tone::Calm,
            &format!("The cloud listens on http://{address}. It can open nothing."),
            &json!({ "listening": address }),
        );
        hub::control::stop_signals()?.recv().await;
        running.shutdown().await;
        Ok(ExitCode::SUCCESS)
    }

    fn settings(self) -> anyhow::Result<cloud::Config> {
        if let Some(path) = self.config {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            return toml::from_str(&text).with_context(|| path.display().to_string());
        }
        let operator = |text: &String| {
            Kid::from_hex(text)
                .with_context(|| format!("--operator {text} is no key identifier of 64 hexadecimal digits"))
        };
        Ok(cloud::Config {
            listen: self.listen,
            data: self.data,
            audience: self.audience,
            operators: self.operators.iter().map(operator).collect::<Result<_, _>>()?,
            origin: None,
            push_services: cloud::PushService::of_browsers(),
            mail: None,
            app: None,
        })
    }
}
