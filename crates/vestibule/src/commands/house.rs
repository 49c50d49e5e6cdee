//! `vestibule house`: the virtual home as a process, and ways to act in it.

use anyhow::{Context, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

/// Run a virtual home, or act in one that runs.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule house --dir house                                  run it
  vestibule house --dir house say '{\"act\":\"push\"}'             someone pushes the door
  vestibule house --dir house say '{\"misbehave\":{\"lock\":\"jam\"}}'")]
pub(crate) struct House {
    /// Folder for its two sockets.
    #[arg(long)]
    dir: PathBuf,
    /// Also speak as a lock on this broker, such as mqtt://127.0.0.1:1883.
    #[arg(long)]
    mqtt: Option<String>,
    /// First part of its topics there.
    #[arg(long, default_value = "front")]
    mqtt_prefix: String,
    /// How large its camera's picture is: 1280x720 or 640x360, a quarter of the pixels.
    #[arg(long, default_value_t)]
    picture: ::house::hallway::Size,
    #[command(subcommand)]
    act: Option<Act>,
}

/// Acting in a virtual home that runs.
#[derive(Debug, clap::Subcommand)]
enum Act {
    /// Send one JSON line and print the answer; see the crate's socket documentation for all of them.
    Say {
        /// The line.
        line: String,
    },
}

impl House {
    pub(crate) async fn run(self) -> anyhow::Result<ExitCode> {
        if let Some(Act::Say { line }) = &self.act {
            println!("{}", say(&self.dir, line).await?);
            return Ok(ExitCode::SUCCESS);
        }
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("{} cannot be made", self.dir.display()))?;
        let options = house::Options {
            control: control_socket(&self.dir),
            camera: camera_socket(&self.dir),
            mqtt: self.mqtt,
            mqtt_prefix: self.mqtt_prefix,
            picture: self.picture,
            utc_offset_minutes: 60,
        };
        tokio::select! {
            ended = house::run(options) => ended?,
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Where a virtual home in this folder is commanded.
pub(crate) fn control_socket(dir: &Path) -> PathBuf {
    dir.join("house.sock")
}

/// Where its camera is.
pub(crate) fn camera_socket(dir: &Path) -> PathBuf {
    dir.join("camera.sock")
}

/// Sends one line to a virtual home and takes its answer.
pub(crate) async fn say(dir: &Path, line: &str) -> anyhow::Result<String> {
    let socket = control_socket(dir);
    let stream = UnixStream::connect(&socket).await.with_context(|| {
        format!(
            "no virtual home listens at {}. Start it with `vestibule house --dir {}`",
            socket.display(),
            dir.display()
        )
    })?;
    let (reader, mut writer) = stream.into_split();
    writer.write_all(format!("{line}\n").as_bytes()).await?;
    let mut answer = String::new();
    if BufReader::new(reader).read_line(&mut answer).await? == 0 {
        bail!("the virtual home hung up");
    }
    Ok(answer.trim_end().into())
}
