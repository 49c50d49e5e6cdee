//! `vestibule hub`: the box at home.

mod invite;

use crate::doctor::app::digits;
use crate::keys::random;
use crate::say::{Say, Tone};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use hub::RecorderProgram;
use hub::config::{Commissioning, Config};
use hub::folder::Folder;
use hub::ring_verifier::RingVerifier;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// The box at home.
#[derive(Debug, Subcommand)]
pub(crate) enum Hub {
    /// Make a new home: its keys, its name, its settings.
    Init(Init),
    /// Pair with the first resident's phone: shows a link for it, and waits.
    Invite(invite::Invite),
    /// Print the invitation for pairing by file.
    Invitation(Dir),
    /// Pin the first roster, made by a resident's device from the invitation.
    Pair(Pair),
    /// Run.
    Run(Dir),
    /// Ask a running hub how the door stands.
    Status(Dir),
    /// Press its button: someone is here.
    Presence(Dir),
    /// Press No.
    No(Dir),
    /// Confirm, at the hub, a first permission that waits.
    Confirm(Confirm),
}

/// The home's folder.
#[derive(Debug, Args)]
pub(crate) struct Dir {
    /// The home's folder.
    #[arg(long)]
    dir: PathBuf,
}

/// A new home.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  vestibule hub init --dir home --lock 'mqtt://127.0.0.1/home_assistant?lock=front&door=front_door' \\
      --camera rtsp://camera.local/stream --cloud http://127.0.0.1:8480 --commissioned")]
pub(crate) struct Init {
    /// Folder to make.
    #[arg(long)]
    dir: PathBuf,
    /// The lock: `virtual:<socket>` or `mqtt://...`.
    #[arg(long)]
    lock: String,
    /// The camera at the door: `virtual:<socket>` or `rtsp://...`.
    #[arg(long)]
    camera: String,
    /// The cloud; none for a home that stands alone.
    #[arg(long)]
    cloud: Option<String>,
    /// You have tested, at this door: it relocks although the hub is dead; a thrown bolt opens from inside without
    /// a key; the lock's blind auto-lock is off.
    #[arg(long)]
    commissioned: bool,
    /// The box has a battery-backed clock or a time daemon.
    #[arg(long)]
    clock_survives_power_loss: bool,
}

/// The first roster.
#[derive(Debug, Args)]
pub(crate) struct Pair {
    /// The home's folder.
    #[arg(long)]
    dir: PathBuf,
    /// The roster's file.
    #[arg(long)]
    roster: PathBuf,
}

/// A permission that waits.
#[derive(Debug, Args)]
pub(crate) struct Confirm {
    /// The home's folder.
    #[arg(long)]
    dir: PathBuf,
    /// H(grant), 64 hexadecimal digits; the only one that waits, if absent.
    #[arg(long)]
    grant: Option<String>,
}

impl Hub {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        match self {
            Self::Init(init) => init.run(say)?,
            Self::Invite(invite) => invite.run(say).await?,
            Self::Invitation(Dir { dir }) => {
                println!("{}", serde_json::to_string_pretty(&Folder::at(dir).invitation()?)?);
            }
            Self::Pair(pair) => pair.run(say).await?,
            Self::Run(Dir { dir }) => run(&dir).await?,
            Self::Status(Dir { dir }) => status(say, &dir).await?,
            Self::Presence(Dir { dir }) => {
                ask(&dir, &json!({ "ask": "presence" })).await?;
                say.note(Tone::Plain, "The hub knows that someone is here, for two minutes.");
            }
            Self::No(Dir { dir }) => {
                ask(&dir, &json!({ "ask": "no" })).await?;
                say.note(Tone::Plain, "Nobody who is at the door now will be let in, and for an hour nobody looks through the camera.");
            }
            Self::Confirm(Confirm { dir, grant }) => confirm(say, &dir, grant).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Init {
    fn run(self, say: Say) -> anyhow::Result<()> {
        let mut config = Config::new(&self.lock, &self.camera, self.cloud.as_deref());
        config.clock_survives_power_loss = self.clock_survives_power_loss;
        if self.commissioned {
            config.commissioning = Commissioning {
                relocks_without_hub: true,
                opens_from_inside: true,
                no_blind_auto_lock: true,
            };
        }
        let folder = Folder::create(&self.dir, &config, random)?;
        let invitation = folder.invitation()?;
        let fingerprint = folder.key("door.key")?.kid().fingerprint();
        say.result(
            Tone::Calm,
            &format!(
                "A new home in {}. Its door's fingerprint: {fingerprint}\nNext: vestibule hub invite, for the phone of the first resident",
                self.dir.display()
            ),
            &json!({ "invitation": invitation, "fingerprint": fingerprint }),
        );
        Ok(())
    }
}

impl Pair {
    async fn run(self, say: Say) -> anyhow::Result<()> {
        let folder = Folder::at(&self.dir);
        let roster = std::fs::read(&self.roster)
            .with_context(|| format!("{} cannot be read", self.roster.display()))?;
        folder.pair(&roster, &RingVerifier)?;
        if let Some(cloud) = folder.config()?.cloud {
            invite::register(&folder, &cloud, &roster).await?;
        }
        say.note(Tone::Calm, "Paired. This home now listens to the resident who signed the roster.");
        Ok(())
    }
}

async fn run(dir: &Path) -> anyhow::Result<()> {
    let folder = Folder::at(dir);
    let program = std::env::current_exe().context("the program does not know where it lies")?;
    let arguments = ["recorder".into(), "--dir".into(), dir.as_os_str().to_owned()];
    let recorder = RecorderProgram { program: program.into_os_string(), arguments: arguments.into() };
    hub::start::run(&folder, recorder, random).await?;
    Ok(())
}

async fn status(say: Say, dir: &Path) -> anyhow::Result<()> {
    let answer = ask(dir, &json!({ "ask": "status" })).await?;
    let mut status = answer["status"].clone();
    let app = cloud::app_build();
    status["app_build"] = json!(app.map(|build| build.to_string()));
    let secured = status["secured"].as_bool().unwrap_or_default();
    let sentence = if secured {
        "Closed and locked.".into()
    } else {
        format!(
            "Bolt {}, door {}.",
            status["bolt"].as_str().unwrap_or("unknown"),
            status["door"].as_str().unwrap_or("unknown")
        )
    };
    say.result(if secured { Tone::Calm } else { Tone::Waiting }, &sentence, &status);
    if let Some(app) = app {
        say.note(Tone::Plain, &format!("App of this version: {}. Phones show the same.", digits(app)));
    }
    Ok(())
}

async fn confirm(say: Say, dir: &Path, grant: Option<String>) -> anyhow::Result<()> {
    let grant = match grant {
        Some(grant) => grant,
        None => only_pending(dir).await?,
    };
    ask(dir, &json!({ "ask": "confirm", "grant": grant })).await?;
    say.note(Tone::Calm, "Confirmed at the hub: the permission counts from now on.");
    Ok(())
}

async fn only_pending(dir: &Path) -> anyhow::Result<String> {
    let answer = ask(dir, &json!({ "ask": "status" })).await?;
    let pending: Vec<&str> = answer["status"]["grants_pending"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match pending.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => bail!("no permission waits for a confirmation"),
        several => bail!("several wait; name one with --grant: {}", several.join(", ")),
    }
}

/// Asks a running hub.
pub(crate) async fn ask(dir: &Path, question: &Value) -> anyhow::Result<Value> {
    let socket = dir.join("hub.sock");
    let stream = UnixStream::connect(&socket).await.with_context(|| {
        format!(
            "no hub listens at {}. Start it with `vestibule hub run --dir {}`",
            socket.display(),
            dir.display()
        )
    })?;
    let (reader, mut writer) = stream.into_split();
    writer.write_all(format!("{question}\n").as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(reader).read_line(&mut line).await?;
    let answer: Value = serde_json::from_str(&line).context("the hub hung up")?;
    match answer["error"].as_str() {
        Some(error) => bail!("{error}"),
        None => Ok(answer),
    }
}
