//! A new home and its first resident find each other through a link, over the real program and a real cloud. The phone
//! is played by hand: it opens the box's letter, signs the first roster, and leaves it.

use crate::stage::{SOON, Stage, VESTIBULE, read};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use letterbox::{Card, Invitation, Pairing, Reply, Secret, Slot};
use protocol::bytes::Blob;
use protocol::{Claimed, Credential, DeviceKey, Signed};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// `vestibule hub invite`, and somebody in front of it.
struct Inviting {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Inviting {
    fn start(stage: &Stage) -> Self {
        let (out, err) = (stage.path("logs/invite.log"), stage.path("logs/invite.err.log"));
        let child = Command::new(VESTIBULE)
            .args(["--json", "hub", "invite", "--dir", &stage.text("home")])
            .stdin(Stdio::piped())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Self { child, out, err }
    }

    /// The line with this field, as soon as it is said.
    fn says(&mut self, stage: &Stage, field: &str) -> Value {
        stage.until(field, SOON, || {
            let out = read(&self.out);
            let line = out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            line.map(|line| line[field].clone()).find(|value| !value.is_null()).ok_or_else(|| read(&self.err))
        })
    }

    fn link(&mut self, stage: &Stage) -> Secret {
        let link = self.says(stage, "link");
        let (origin, secret) = link.as_str().unwrap().split_once("/#/home/").unwrap();
        assert_eq!(origin, stage.cloud_url());
        Secret(URL_SAFE_NO_PAD.decode(secret).unwrap().try_into().unwrap())
    }

    fn answer(&mut self, word: &str) {
        writeln!(self.child.stdin.take().unwrap(), "{word}").unwrap();
    }

    /// What it says when it ends without having paired.
    fn failure(mut self) -> String {
        assert_eq!(self.child.wait().unwrap().code(), Some(1), "{}", read(&self.out));
        read(&self.err)
    }
}

impl Drop for Inviting {
    fn drop(&mut self) {
        // It may have ended by itself just now.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A phone's keys.
struct Phone {
    key: DeviceKey,
}

impl Phone {
    fn new(byte: u8) -> Self {
        Self { key: DeviceKey::from_secret(&[byte; 32]).unwrap() }
    }

    /// The first roster, signed.
    fn roster(&self, invitation: &Invitation) -> Vec<u8> {
        let kem = Blob(self.key.public().to_sec1().to_vec());
        let card =
            Card { name: "phone".into(), device: Credential::device(self.key.public()), passkey: None, kem };
        let recovery = DeviceKey::from_secret(&[0x55; 32]).unwrap().public();
        let roster = invitation.first_roster(&card, recovery);
        Signed::sign(roster, &self.key).unwrap().bytes().to_vec()
    }

    fn fingerprint(&self) -> Value {
        self.key.public().kid().fingerprint().into()
    }
}

fn box_of(stage: &Stage, secret: &Secret, slot: Slot) -> String {
    format!("{}/v1/letterboxes/{}/{}", stage.cloud_url(), secret.number(), slot.name())
}

#[tokio::main(flavor = "current_thread")]
async fn letter_of_the_box(stage: &Stage, secret: &Secret) -> Option<Vec<u8>> {
    let answer = reqwest::get(box_of(stage, secret, Slot::Reply)).await.unwrap();
    let letter = serde_json::from_str::<Value>(&answer.text().await.unwrap()).ok()?["letter"].clone();
    Some(URL_SAFE_NO_PAD.decode(letter.as_str()?).unwrap())
}

fn open(stage: &Stage, secret: &Secret) -> Invitation {
    match secret.open(Slot::Reply, &letter_of_the_box(stage, secret).unwrap()).unwrap() {
        Reply::Invitation(invitation) => invitation,
        other => panic!("{other:?}"),
    }
}

/// Leaves a letter for the box. Answers with the cloud's status.
#[tokio::main(flavor = "current_thread")]
async fn leave(stage: &Stage, secret: &Secret, letter: &[u8]) -> u16 {
    let body = json!({ "letter": URL_SAFE_NO_PAD.encode(letter) }).to_string();
    let put = reqwest::Client::new().put(box_of(stage, secret, Slot::Request));
    put.header("content-type", "application/json").body(body).send().await.unwrap().status().as_u16()
}

fn pairing(secret: &Secret, roster: Vec<u8>) -> Vec<u8> {
    secret.seal(Slot::Request, [1; 12], &Pairing { roster: vec![Blob(roster)] })
}

fn stage_with_a_new_home() -> Stage {
    let mut stage = Stage::new();
    stage.start_cloud();
    stage.make_home();
    stage
}

#[test]
fn a_link_makes_the_first_owner_once_the_codes_were_compared() {
    let stage = stage_with_a_new_home();
    let mut inviting = Inviting::start(&stage);
    let secret = inviting.link(&stage);
    let invitation = open(&stage, &secret);
    let phone = Phone::new(7);
    let roster = phone.roster(&invitation);
    assert_eq!(leave(&stage, &secret, &pairing(&secret, roster.clone())), 204);

    let asks = inviting.says(&stage, "asks");
    let fingerprints: Vec<&Value> = asks.as_array().unwrap().iter().map(|key| &key["fingerprint"]).collect();
    assert!(fingerprints.contains(&&phone.fingerprint()), "{asks}");
    assert_eq!(inviting.says(&stage, "door"), json!(invitation.door_key.kid().fingerprint()));
    assert!(!stage.path("home/roster.cose").exists(), "pinned before anybody compared");
    inviting.answer("yes");
    inviting.says(&stage, "paired");
    assert!(inviting.child.wait().unwrap().success());
    assert_eq!(std::fs::read(stage.path("home/roster.cose")).unwrap(), roster);

    // The cloud knows the home: its owner can sign in and draw a delivery number.
    let keys = stage.path("resident");
    std::fs::create_dir(&keys).unwrap();
    for name in ["device.key", "kem.key"] {
        std::fs::write(keys.join(name), "07".repeat(32)).unwrap();
        let only_me = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(keys.join(name), only_me).unwrap();
    }
    std::fs::write(keys.join("roster.cose"), &roster).unwrap();
    assert!(stage.person("resident", &["number"]).ok()["number"].is_string());

    // The used link takes nobody else in, and the home no other owner.
    assert_eq!(leave(&stage, &secret, &pairing(&secret, Phone::new(8).roster(&invitation))), 409);
    let again = stage.run(&["hub", "invite", "--dir", &stage.text("home")]).failure();
    assert!(again.contains("paired already"), "{again}");
    assert!(again.contains(phone.fingerprint().as_str().unwrap()), "{again}");
    let kept = std::fs::read(stage.path("home/roster.cose")).unwrap();
    assert_eq!(Claimed::<protocol::roster::Roster>::parse(&kept).unwrap().kid(), phone.key.kid());
}

#[test]
fn whoever_shows_other_codes_does_not_get_the_home() {
    let stage = stage_with_a_new_home();
    let mut inviting = Inviting::start(&stage);
    let secret = inviting.link(&stage);
    let roster = Phone::new(66).roster(&open(&stage, &secret));
    assert_eq!(leave(&stage, &secret, &pairing(&secret, roster)), 204);
    inviting.says(&stage, "asks");
    inviting.answer("no");
    let why = inviting.failure();
    assert!(why.contains("not paired"), "{why}");
    assert!(!stage.path("home/roster.cose").exists());
}

#[test]
fn a_wrong_letter_pairs_nothing_and_the_next_link_does() {
    let stage = stage_with_a_new_home();
    let mut inviting = Inviting::start(&stage);
    let secret = inviting.link(&stage);
    assert_eq!(letter_of_the_box(&stage, &Secret([9; 16])), None, "another link's box is empty");
    let sealed_otherwise = pairing(&Secret([9; 16]), vec![1, 2, 3]);
    assert_eq!(leave(&stage, &secret, &sealed_otherwise), 204);
    let why = inviting.failure();
    assert!(why.contains("run this again"), "{why}");

    // Signed for another home.
    let mut inviting = Inviting::start(&stage);
    let secret = inviting.link(&stage);
    let here = open(&stage, &secret);
    let elsewhere = Invitation { home: protocol::bytes::HomeId([1; 16]), ..here };
    assert_eq!(leave(&stage, &secret, &pairing(&secret, Phone::new(7).roster(&elsewhere))), 204);
    let why = inviting.failure();
    assert!(why.contains("another home"), "{why}");
    assert!(!stage.path("home/roster.cose").exists());

    // Ended while it waits: nothing is half done.
    let mut inviting = Inviting::start(&stage);
    inviting.link(&stage);
    drop(inviting);
    assert!(!stage.path("home/roster.cose").exists());
    let mut inviting = Inviting::start(&stage);
    let secret = inviting.link(&stage);
    let roster = Phone::new(7).roster(&open(&stage, &secret));
    assert_eq!(leave(&stage, &secret, &pairing(&secret, roster)), 204);
    inviting.says(&stage, "asks");
    inviting.answer("yes");
    inviting.says(&stage, "paired");
}
