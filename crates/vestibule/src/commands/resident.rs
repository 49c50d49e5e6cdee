//! `vestibule resident`: enrol, approve, revoke, watch, clip, log.

use crate::delivery_folder::{CLIP, SealedRecording, write};
use crate::keys::Keys;
use crate::letters;
use crate::people::now_unix_ms;
use crate::people::resident::folder::{Holders, collect};
use crate::people::resident::look::look;
use crate::people::resident::showing::Showing;
use crate::people::resident::watch::{Live, Seen};
use crate::people::resident::{self, MyHome, Stopped, Wishes, household, proof};
use crate::say::{Say, Tone};
use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use drafts::Change;
use hub::folder::{Invitation, hex};
use letterbox::{Reply, Slot};
use protocol::answer::Word;
use protocol::bytes::{GrantId, VisitId};
use protocol::roster::Rank;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A resident's device.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  vestibule resident --keys resident enrol --invitation invitation.json
  vestibule resident --keys resident number --label \"book shop\"
  vestibule resident --keys resident approve
  vestibule resident --keys resident door
  vestibule resident --keys resident folder --visit 5e02...   the proof of a delivery, for anyone")]
pub(crate) struct Resident {
    /// Folder with this person's keys.
    #[arg(long, default_value = "resident")]
    keys: PathBuf,
    /// The cloud.
    #[arg(long, default_value = "http://127.0.0.1:8480", env = "VESTIBULE_CLOUD")]
    cloud: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make this home's first roster from the hub's invitation.
    Enrol {
        /// The invitation's file.
        #[arg(long)]
        invitation: PathBuf,
        /// What to call this device.
        #[arg(long, default_value = "phone")]
        name: String,
    },
    /// Draw a delivery number for the address line at a shop.
    Number {
        /// Which shop it is for.
        #[arg(long, default_value = "shop")]
        label: String,
    },
    /// Show what waits for your word, as a letter; with --yes, sign it.
    Approve {
        /// Sign.
        #[arg(long)]
        yes: bool,
        /// Only this consignment.
        #[arg(long)]
        consignment: Option<String>,
        /// Seconds that the door may stand open.
        #[arg(long, default_value_t = 60)]
        door_open_s: u32,
        /// Visits in all.
        #[arg(long, default_value_t = 1)]
        uses: u32,
    },
    /// Take a permission back. Says "revoked" only when the home has confirmed.
    Revoke {
        /// The permission's id, 32 hexadecimal digits.
        grant: String,
    },
    /// Block: nobody opens through Vestibule.
    Block,
    /// Lift the block. Only an owner can.
    Unblock,
    /// Ask the door itself how it stands.
    Door,
    /// Let another device, or another person, in: prints a link, and signs to the keys of whoever opens it.
    Invite {
        /// What they may do.
        #[arg(long, default_value = "member")]
        rank: InviteRank,
        /// Where the app is served, as browsers reach it.
        #[arg(long, default_value = "http://localhost:8480")]
        origin: String,
        /// Sign without asking: whoever opens the link first is let in.
        #[arg(long)]
        yes: bool,
    },
    /// List visits.
    Visits,
    /// Answer during a visit.
    Say {
        /// What to say.
        word: SayWord,
        /// The visit, 32 hexadecimal digits.
        #[arg(long)]
        visit: String,
    },
    /// Check the whole door log: nothing left out, nothing rewritten.
    Log,
    /// Watch a visit live: prints the link of a page on this machine and serves it until the visit is over.
    Watch {
        /// The visit, 32 hexadecimal digits; the newest, if absent.
        #[arg(long)]
        visit: Option<String>,
    },
    /// Look through the camera outside a visit: everybody of the household is told. Prints what comes, keeps nothing.
    Look {
        /// For how long, seconds; the home ends it after 60.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// Save a visit's recording as an MP4, opened with your key.
    Clip {
        /// The visit, 32 hexadecimal digits.
        #[arg(long)]
        visit: String,
        /// Where to.
        #[arg(long, default_value = CLIP)]
        out: PathBuf,
    },
    /// Collect the proof of a delivery into a folder that `vestibule verify` checks without trusting anyone.
    Folder {
        /// The visit, 32 hexadecimal digits.
        #[arg(long)]
        visit: String,
        /// Where to.
        #[arg(long, default_value = "delivery")]
        out: PathBuf,
        /// The courier's folder, for what the handset signed.
        #[arg(long, default_value = "courier")]
        courier: PathBuf,
        /// The provider's folder, for its order.
        #[arg(long, default_value = "provider")]
        provider: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum InviteRank {
    /// Everything, including who belongs here.
    Owner,
    /// Permissions, watching, saying no.
    Member,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SayWord {
    /// Open as agreed, though someone is home.
    Allow,
    /// Do not open in this visit.
    Stop,
    /// I'm coming.
    Coming,
}

impl Resident {
    pub(crate) async fn run(self, say: Say) -> anyhow::Result<ExitCode> {
        if let What::Enrol { invitation, name } = &self.what {
            enrol(say, &self.keys, invitation, name)?;
            return Ok(ExitCode::SUCCESS);
        }
        let keys = Keys::open(&self.keys)?;
        let home = MyHome::of(&keys)?;
        let cloud = resident::sign_in(&self.cloud, &keys).await?;
        let mut me = Me { say, keys, home, cloud };
        match self.what {
            What::Enrol { .. } => {}
            What::Number { label } => me.number(&label).await?,
            What::Approve { yes, consignment, door_open_s, uses } => {
                me.approve(yes, consignment, Wishes { door_open_s, uses }).await?;
            }
            What::Revoke { grant } => {
                let id = GrantId::from_hex(&grant).context("the permission's id is 32 hexadecimal digits")?;
                me.stop("Revoked", Change::Revoke(id)).await?;
            }
            What::Block => me.stop("Blocked", Change::Block).await?,
            What::Unblock => me.stop("No longer blocked", Change::Unblock).await?,
            What::Door => return me.door().await,
            What::Invite { rank, origin, yes } => me.invite(&self.cloud, rank, &origin, yes).await?,
            What::Visits => me.visits().await?,
            What::Say { word, visit } => me.answer(word, &visit).await?,
            What::Log => me.log().await?,
            What::Watch { visit } => me.watch(visit).await?,
            What::Look { seconds } => me.look(seconds).await?,
            What::Clip { visit, out } => me.clip(&visit, &out).await?,
            What::Folder { visit, out, courier, provider } => {
                me.folder(&visit, &out, &Keys::open(&courier)?, &Keys::open(&provider)?).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn enrol(say: Say, dir: &Path, invitation: &Path, name: &str) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(invitation)
        .with_context(|| format!("{} cannot be read", invitation.display()))?;
    let invitation: Invitation = serde_json::from_str(&text).context("the invitation")?;
    let keys = Keys::open_or_create(dir)?;
    let (_, recovery) = resident::enrol(&keys, &invitation, name)?;
    let (recovery, fingerprint) = (hex(&recovery), keys.kid()?.fingerprint());
    let roster = keys.path("roster.cose");
    say.result(
        Tone::Calm,
        &format!(
            "This device is the home's owner now. Its fingerprint: {fingerprint}\n\
             Recovery key, to print and to put away; if every device is lost, it opens recordings and, with\n\
             someone at the box, brings in a new one in the app:\n  {recovery}\n\
             Next, at the hub: vestibule hub pair --dir HOME --roster {}",
            roster.display()
        ),
        &json!({ "fingerprint": fingerprint, "recovery": recovery, "roster": roster }),
    );
    Ok(())
}

/// Asks the person at the terminal; anything but a yes is a no.
fn ask(question: &str) -> anyhow::Result<bool> {
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "j" | "ja"))
}

struct Me {
    say: Say,
    keys: Keys,
    home: MyHome,
    cloud: crate::client::Cloud,
}

impl Me {
    async fn number(&self, label: &str) -> anyhow::Result<()> {
        let number = resident::new_number(&self.cloud, &self.home, label).await?;
        self.say.result(
            Tone::Calm,
            &format!("{number}\nWrite it into the address line. It opens nothing."),
            &json!({ "number": number }),
        );
        Ok(())
    }

    async fn approve(&self, yes: bool, only: Option<String>, wishes: Wishes) -> anyhow::Result<()> {
        let mut awaiting = resident::awaiting(&self.cloud, &self.home).await?;
        awaiting.retain(|one| only.as_ref().is_none_or(|id| one.consignment == *id));
        if awaiting.is_empty() {
            self.say.result(Tone::Plain, "Nothing waits for your word.", &json!({ "awaiting": [] }));
        }
        for one in awaiting {
            let grant = resident::draft(&self.home, &one, wishes)?;
            let letter = resident::letter(&grant).join("\n");
            if !yes {
                let text = format!(
                    "{letter}\nSign with: vestibule resident approve --yes --consignment {}",
                    one.consignment
                );
                self.say.result(Tone::Waiting, &text, &json!({ "consignment": one, "letter": letter }));
                continue;
            }
            let id = grant.id.to_string();
            let hash = resident::approve(&self.cloud, &self.home, &self.keys, grant).await?;
            self.say.result(
                Tone::Calm,
                &format!("{letter}\nSigned. Take it back with: vestibule resident revoke {id}"),
                &json!({ "grant": id, "hash": hash.to_string() }),
            );
        }
        Ok(())
    }

    async fn stop(&self, done: &str, change: Change) -> anyhow::Result<()> {
        match resident::stop(&self.cloud, &self.home, &self.keys, change).await? {
            Stopped::Confirmed => self.say.result(
                Tone::Calm,
                &format!("{done}. Your door has confirmed."),
                &json!({ "confirmed": true }),
            ),
            Stopped::NotConfirmed(until) => self.say.result(
                Tone::Waiting,
                &until.map_or_else(
                    || "Not confirmed by your door yet. No permission has time left.".into(),
                    |until| format!("Not confirmed by your door yet. It could open until {until} (seconds since 1970)."),
                ),
                &json!({ "confirmed": false, "could_open_until": until }),
            ),
        }
        Ok(())
    }

    async fn door(&self) -> anyhow::Result<ExitCode> {
        let head = match resident::ask_the_door(&self.cloud, &self.home).await {
            Ok(head) => head,
            Err(why) => {
                self.say.note(Tone::Waiting, "We don't know. The door itself does not answer.");
                return Err(why);
            }
        };
        let (tone, sentence) = match head.secured {
            Some(true) => (Tone::Calm, "Closed and locked. The door itself said so just now."),
            Some(false) => (Tone::Waiting, "Not closed and locked. The door itself said so just now."),
            None => (Tone::Waiting, "We don't know. The door answers, and its lock or contact does not."),
        };
        self.say.result(tone, sentence, &json!({ "secured": head.secured, "events": head.counter }));
        Ok(ExitCode::SUCCESS)
    }

    async fn invite(&mut self, base: &str, rank: InviteRank, origin: &str, yes: bool) -> anyhow::Result<()> {
        let secret = letters::new_secret();
        let link = household::link(origin, &secret);
        self.say.result(
            Tone::Plain,
            &format!("Whoever opens this link is asked for a name and makes keys:\n  {link}\nIt opens nothing. Waiting; Ctrl-C ends the wait."),
            &json!({ "link": link }),
        );
        let card = household::asked(base, &secret).await?;
        let code = card.device.kid().fingerprint();
        let question = format!("{:?} asks. Does its screen show the code {code}?", card.name);
        if !yes && !ask(&question)? {
            letters::post(base, &secret, Slot::Reply, &Reply::Refused).await?;
            bail!("nobody was let in; make a new link");
        }
        let rank = match rank {
            InviteRank::Owner => Rank::Owner,
            InviteRank::Member => Rank::Member,
        };
        household::admit(&self.cloud, base, &mut self.home, &self.keys, &secret, &card, rank).await?;
        self.say.result(
            Tone::Calm,
            &format!("{:?} belongs to this home now.", card.name),
            &json!({ "name": card.name, "fingerprint": code }),
        );
        Ok(())
    }

    async fn visits(&self) -> anyhow::Result<()> {
        let answer = self.cloud.get(&format!("{}/visits", self.home.path())).await?;
        let visits = answer["visits"].as_array().cloned().unwrap_or_default();
        if visits.is_empty() {
            self.say.note(Tone::Plain, "No visits yet.");
        }
        for visit in visits {
            let text = |field: &str| visit[field].as_str().unwrap_or("-").to_owned();
            let sentence = format!(
                "{}  {}  {}  {} parcels{}",
                text("visit"),
                text("state"),
                text("outcome"),
                visit["parcels"],
                visit["refusal"].as_str().map_or_else(String::new, |code| format!("  last refusal: {code}")),
            );
            self.say.result(Tone::Plain, &sentence, &visit);
        }
        Ok(())
    }

    async fn answer(&self, word: SayWord, visit: &str) -> anyhow::Result<()> {
        let word = match word {
            SayWord::Allow => Word::Allow,
            SayWord::Stop => Word::Stop,
            SayWord::Coming => Word::Coming,
        };
        let visit = VisitId::from_hex(visit).context("the visit's name is 32 hexadecimal digits")?;
        resident::say(&self.cloud, &self.home, &self.keys, visit, word).await?;
        self.say.note(Tone::Calm, "Said. The door log will show what the home made of it.");
        Ok(())
    }

    async fn log(&self) -> anyhow::Result<()> {
        let entries = proof::whole_log(&self.cloud, &self.home).await?;
        self.say.result(
            Tone::Calm,
            &format!(
                "Door log complete: {} events from the first on, signed by your door, none missing.",
                entries.len()
            ),
            &json!({ "events": entries.len(), "complete": true }),
        );
        Ok(())
    }

    async fn watch(&self, visit: Option<String>) -> anyhow::Result<()> {
        let visit = match visit {
            Some(visit) => visit,
            None => self.newest_visit().await?,
        };
        let showing = Showing::start(([127, 0, 0, 1], 0).into()).await?;
        let link = showing.link();
        self.say.result(Tone::Plain, &format!("Open this on this machine: {link}"), &json!({ "link": link }));
        let mut live = Live::join(&self.cloud, &self.home, &self.keys, &visit).await?;
        let mut news = tokio::time::interval(std::time::Duration::from_millis(500));
        loop {
            tokio::select! {
                seen = live.next() => match seen? {
                    Some(seen) => showing.picture(&seen),
                    None => return Ok(()),
                },
                _ = news.tick() => showing.refresh(&self.cloud, &self.home, &visit).await?,
            }
        }
    }

    async fn look(&self, seconds: u64) -> anyhow::Result<()> {
        let mut live = look(&self.cloud, &self.home, &self.keys).await?;
        self.say.result(
            Tone::Plain,
            "The camera is shown; your household is told.",
            &json!({ "looks": true }),
        );
        let (mut pictures, mut newest_ms, mut ages) = (0_u64, None, Vec::new());
        // What was captured before came along so that a player can begin.
        let looks_from_ms = now_unix_ms();
        let until = tokio::time::Instant::now() + std::time::Duration::from_secs(seconds);
        let ended = loop {
            tokio::select! {
                seen = live.next() => match seen? {
                    Some(Seen::Frame { captured_ms, .. }) => {
                        pictures += 1;
                        newest_ms = Some(captured_ms);
                        if captured_ms >= looks_from_ms {
                            ages.push(now_unix_ms().saturating_sub(captured_ms));
                        }
                    }
                    Some(Seen::End) | None => break true,
                    Some(Seen::Init(_) | Seen::Gap(_)) => {}
                },
                () = tokio::time::sleep_until(until) => break false,
            }
        };
        ages.sort_unstable();
        // The age that so many of a hundred had at most, if the clocks here and at home agree: for programs, which may know.
        let age_ms =
            |share: usize| ages.get((ages.len() * share / 100).min(ages.len().saturating_sub(1))).copied();
        let words = if ended { "The home ended it" } else { "Enough seen" };
        self.say.result(
            Tone::Calm,
            &format!("{words}: {pictures} pictures, and none of them is kept."),
            &json!({
                "pictures": pictures,
                "newest_ms": newest_ms,
                "ended": ended,
                "age_ms": { "p50": age_ms(50), "p95": age_ms(95) },
            }),
        );
        Ok(())
    }

    async fn newest_visit(&self) -> anyhow::Result<String> {
        let answer = self.cloud.get(&format!("{}/visits?limit=1", self.home.path())).await?;
        answer["visits"][0]["visit"].as_str().map(Into::into).context("there is no visit yet")
    }

    async fn clip(&self, visit: &str, out: &Path) -> anyhow::Result<()> {
        let sealed: SealedRecording = proof::recording(&self.cloud, &self.home, visit).await?;
        let (mp4, duration_ms) = proof::clip(&self.home, &self.keys, &sealed)?;
        let Some(name) = out.file_name().and_then(|name| name.to_str()) else {
            bail!("{} is no file name", out.display());
        };
        write(out.parent().unwrap_or(Path::new(".")), name, &mp4)?;
        let seconds = std::time::Duration::from_millis(duration_ms).as_secs_f64();
        self.say.result(
            Tone::Calm,
            &format!("{}: {seconds:.1} s", out.display()),
            &json!({ "clip": out, "duration_ms": duration_ms }),
        );
        Ok(())
    }

    async fn folder(&self, visit: &str, out: &Path, courier: &Keys, provider: &Keys) -> anyhow::Result<()> {
        let holders = Holders { resident: &self.keys, provider, courier };
        let duration_ms = collect(holders, &self.home, &self.cloud, visit, out).await?;
        self.say.result(
            Tone::Calm,
            &format!("The proof lies in {0}. Anyone can check it: vestibule verify {0}", out.display()),
            &json!({ "folder": out, "clip_ms": duration_ms }),
        );
        Ok(())
    }
}
