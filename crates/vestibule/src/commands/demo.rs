//! `vestibule demo`: a whole delivery on this machine.

use crate::demo::play::{self, Direction, Played};
use crate::demo::practice::Practice;
use crate::demo::stage::{RealParts, Stage};
use crate::letters;
use crate::panes::{Cast, Ending, Mode, View};
use crate::people::resident::showing::Showing;
use crate::people::resident::{self, MyHome};
use crate::say::{Say, Tone};
use ::hub::folder::Folder;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// A whole delivery on this machine: a cloud, a virtual home with its hub, and four people with keys of their own.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule demo                                     run it, then play on by hand
  vestibule demo --once                              run it and exit 0 if the parcel is inside and the door secured
  vestibule demo --camera rtsp://user:secret@10.0.0.7/stream
  vestibule demo --lock 'mqtt://127.0.0.1/home_assistant?lock=front&door=front_door'")]
pub(crate) struct Demo {
    /// Run one delivery and exit.
    #[arg(long)]
    once: bool,
    /// Folder for everything; made anew each time.
    #[arg(long, default_value = "demo")]
    dir: PathBuf,
    /// A real camera instead of the drawn one.
    #[arg(long)]
    camera: Option<String>,
    /// How large the drawn picture is: 1280x720, or 640x360 for a slow machine.
    #[arg(long, default_value_t)]
    picture: ::house::hallway::Size,
    /// A real lock instead of the virtual one. Test first that it relocks without the hub, opens from inside without
    /// a key, and has no blind auto-lock. You push the door and bring the parcels in yourself.
    #[arg(long)]
    lock: Option<String>,
    /// Where browsers find the app, for the links: an https address that leads here, if phones are to open them.
    #[arg(long)]
    origin: Option<String>,
    /// Seconds for which residents are asked when the courier rings, 3 to 300.
    #[arg(long, default_value_t = 45)]
    answer_s: u32,
    /// Milliseconds between two things that people do; 0 for tests.
    #[arg(long, default_value_t = 700)]
    pace_ms: u64,
}

impl Demo {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        let stage = Stage::new(&self.dir)?;
        let real = RealParts { camera: self.camera, lock: self.lock, answer_s: Some(self.answer_s) };
        let mut processes = stage.raise(&real, self.picture).await?;
        let mode = if say.is_json() { Mode::PlainOnStandardError } else { Mode::detect() };
        let view = Arc::new(View::start(cast(&stage)?, mode)?);
        let showing = Arc::new(Showing::start(([127, 0, 0, 1], 0).into()).await?);
        let direction = Direction {
            pace: Duration::from_millis(self.pace_ms),
            house_acts: real.lock.is_none(),
            showing: Arc::clone(&showing),
        };
        view.state(&format!("watch the picture: {}", showing.link()));
        let played = perform(&stage, &mut processes, &view, &direction).await;
        let practice = Practice::at(self.origin.clone().unwrap_or_else(|| stage.origin()));
        let code = match &played {
            Ok(played) => {
                let commands = if self.once { vec![] } else { commands(&stage, showing.link(), &practice) };
                let commands: Vec<(&str, &str)> =
                    commands.iter().map(|(line, what)| (line.as_str(), *what)).collect();
                view.finish(Ending::Kept, &last_line(played), &commands)?;
                if say.is_json() {
                    say.result(Tone::Calm, "", &summary(played));
                }
                ExitCode::SUCCESS
            }
            Err(why) => {
                view.finish(Ending::Broken, &format!("{why:#}"), &[])?;
                ExitCode::FAILURE
            }
        };
        if !self.once && played.is_ok() {
            // Whoever gives an origin has phones to open the links with.
            if self.origin.is_some() {
                for (who, link) in [
                    ("You as the resident:", practice.resident_link()),
                    ("You as the courier:", practice.courier_link()),
                ] {
                    say.note(Tone::Plain, &format!("\n{who} {link}\n{}", letters::code(&link)?));
                }
            }
            let home = MyHome::of(&stage.resident)?;
            let mut stop = ::hub::control::stop_signals()?;
            tokio::select! {
                _ = stop.recv() => {}
                () = practice.play(stage, home) => {}
            }
        }
        processes.end().await;
        Ok(code)
    }
}

async fn perform(
    stage: &Stage,
    processes: &mut crate::demo::stage::Processes,
    view: &Arc<View>,
    direction: &Direction,
) -> anyhow::Result<Played> {
    let home = Arc::new(play::introduce(stage, processes, view, direction).await?);
    let cloud = resident::sign_in(&stage.cloud, &stage.resident).await?;
    play::prepare(stage, &home, &cloud, view, direction).await?;
    let played = play::deliver(stage, home, &cloud, view, direction).await?;
    processes.check()?;
    Ok(played)
}

fn cast(stage: &Stage) -> anyhow::Result<Cast> {
    let door = Folder::at(stage.home()).key("door.key")?.kid();
    Ok(Cast::of_a_delivery([
        &stage.resident.kid()?.0,
        &stage.courier.kid()?.0,
        &stage.provider.kid()?.0,
        &door.0,
    ]))
}

/// Like `inside · closed and locked · 14.2 s · 0 gaps`.
fn last_line(played: &Played) -> String {
    let seconds = Duration::from_millis(played.proven.visit_ms).as_secs_f64();
    format!("inside · closed and locked · {seconds:.1} s · {} gaps", played.proven.gaps)
}

fn summary(played: &Played) -> serde_json::Value {
    json!({
        "visit": played.visit, "folder": played.folder, "parcels_inside": played.proven.end.parcels,
        "visit_ms": played.proven.visit_ms, "clip_ms": played.clip_ms, "gaps": played.proven.gaps,
        "frames_seen_live": played.seen.frames(), "gaps_seen_live": played.seen.gaps(),
    })
}

/// How to play on by hand: what to type, and what it does.
fn commands(stage: &Stage, link: &str, practice: &Practice) -> Vec<(String, &'static str)> {
    let dir = stage.dir.file_name().map_or_else(|| "demo".into(), |name| name.to_string_lossy().into_owned());
    let program = program();
    let elsewhere =
        if stage.cloud.ends_with(":8480") { String::new() } else { format!(" --cloud {}", stage.cloud) };
    let resident = format!("{program} resident --keys {dir}/resident{elsewhere}");
    vec![
        (format!("open {}", practice.resident_link()), "you as the resident; side by side with"),
        (format!("open {}", practice.courier_link()), "you as the courier: bring the next parcel"),
        (format!("open {link}"), "the picture, as the resident saw it"),
        (format!("{program} verify {dir}/delivery"), "check the delivery without trusting anyone"),
        (format!("{resident} door"), "ask the door itself how it stands"),
        (format!("{resident} log"), "is anything missing from the door log"),
        (format!("{program} house --dir {dir}/house say '{{\"act\":\"key\"}}'"), "someone comes home by key"),
        (format!("{resident} block"), "nobody opens any more"),
    ]
}

/// How this program is called from here.
fn program() -> String {
    let path = std::env::current_exe().unwrap_or_else(|_| "vestibule".into());
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(&path).display().to_string()
}
