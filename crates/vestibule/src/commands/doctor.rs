//! `vestibule doctor`: what is wrong with this home or cloud, and the mend.

use crate::doctor::{self, Part, Severity, Subject, page};
use crate::say::{Say, Tone};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Look at a home or a cloud as it really is, and say what to mend. Exits 0 only if nothing must be mended.
#[derive(Debug, Args)]
#[command(after_help = "\
Exits 0 only if nothing must be mended. It reads and tries things out, changes
nothing, and moves no bolt except with --really-unlock. It may run beside the
hub. The codes, such as [secret_readable], are stable.

Examples:
  vestibule doctor --dir home           a home, and the cloud that it names
  vestibule doctor --dir home --json    one object a finding, for programs
  vestibule doctor --cloud http://127.0.0.1:8480 --data cloud
  vestibule doctor --cloud-config cloud.toml")]
pub(crate) struct Doctor {
    /// The home's folder; `home` if nothing else is named.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A cloud's settings file.
    #[arg(long, conflicts_with_all = ["cloud", "data"])]
    cloud_config: Option<PathBuf>,
    /// A cloud's address, instead of the one in the home's settings.
    #[arg(long)]
    cloud: Option<String>,
    /// A cloud's folder with databases and recordings.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Send a real, anonymous UNLOCK to the lock's broker and see whether the bolt moves. If it does, the door is
    /// open: stand beside it.
    #[arg(long, requires = "dir")]
    really_unlock: bool,
}

impl Doctor {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        let names_a_cloud = self.cloud.is_some() || self.cloud_config.is_some() || self.data.is_some();
        let subject = Subject {
            home: self.dir.or_else(|| (!names_a_cloud).then(|| PathBuf::from("home"))),
            cloud: self.cloud,
            cloud_config: self.cloud_config,
            cloud_data: self.data,
            really_unlock: self.really_unlock,
        };
        if subject.really_unlock {
            eprintln!(
                "vestibule: a real unlock goes to the broker without a password. Stay beside the door; a running hub raises its alarm if it opens."
            );
        }
        let mut severities = Vec::new();
        doctor::examine(subject, |part| {
            severities.extend(part.findings.iter().map(|finding| finding.severity));
            show(say, &part);
        })
        .await;
        let must_be_mended = severities.contains(&Severity::Mend);
        let worst = severities.iter().max().copied().unwrap_or(Severity::Fine);
        say.note(Tone::Plain, &say.paint(worst.tone(), &page::summary(&severities)));
        Ok(if must_be_mended { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn show(say: Say, part: &Part) {
    if say.is_json() {
        for finding in &part.findings {
            say.result(Tone::Plain, "", &finding.json(part.name));
        }
    } else {
        for line in page::lines(part, |tone, words| say.paint(tone, words)) {
            say.note(Tone::Plain, &line);
        }
    }
}
