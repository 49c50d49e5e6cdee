//! The home's folder: its keys, its name, its settings, the roster that was pinned when it was set up.
//!
//! ```text
//! home.toml       settings, written by people; mode 0600, since addresses hold passwords
//! identity.json   home, door and sticker: made once
//! door.key        32 secret bytes in hexadecimal, mode 0600: signs challenges and the door log
//! recorder.key    32 secret bytes for the recorder, which makes them itself
//! roster.cose     the first roster, signed by the resident: pinned by being at the hub
//! journal         what must not be forgotten
//! spool/          recordings that the cloud does not have yet
//! ```

use crate::config::Config;
use protocol::bytes::{DoorId, DoorTag, HomeId};
use protocol::roster::Roster;
use protocol::{Claimed, DeviceKey, PublicKey, Signed, Verifier};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What a resident's device must know to make the first roster: the QR code at the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// The home, 32 hexadecimal digits.
    pub home: String,
    /// The door, 32 hexadecimal digits.
    pub door: String,
    /// What the sticker at the door says, 32 hexadecimal digits.
    pub door_tag: String,
    /// The door's public key, uncompressed SEC1, 130 hexadecimal digits.
    pub door_key: String,
    /// The recorders' public keys, likewise.
    pub recorder_keys: Vec<String>,
}

/// What is wrong with a home's folder; says which file and the mend.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}. Check that the folder exists and belongs to this user")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {problem}")]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong, and the mend.
        problem: String,
    },
    /// The folder holds a home already.
    #[error("{0} holds a home already. Use it, or choose another folder: a second home needs its own")]
    Exists(PathBuf),
    /// No resident has paired yet.
    #[error(
        "{0}: no resident has paired with this home yet. Run `vestibule hub invite`, and open its link on a phone"
    )]
    NotPaired(PathBuf),
}

/// A home's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    dir: PathBuf,
}

impl Folder {
    /// Names a folder; reads nothing.
    pub fn at(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Makes a new home: identity, door key, recorder key, settings.
    pub fn create(
        dir: impl Into<PathBuf>,
        config: &Config,
        random: impl Fn(&mut [u8]),
    ) -> Result<Self, FolderError> {
        let folder = Self::at(dir);
        if folder.path("identity.json").exists() {
            return Err(FolderError::Exists(folder.dir));
        }
        fs::create_dir_all(&folder.dir).map_err(|source| folder.io("", source))?;
        let id = || {
            let mut bytes = [0; 16];
            random(&mut bytes);
            bytes
        };
        let identity = Identity {
            home: HomeId(id()).to_string(),
            door: DoorId(id()).to_string(),
            door_tag: DoorTag(id()).to_string(),
        };
        folder.write_key("door.key", &random)?;
        folder.recorder_key()?;
        // The addresses of lock and camera hold their passwords.
        folder.write_with_mode("home.toml", config.to_toml().as_bytes(), 0o600)?;
        let identity = serde_json::to_string_pretty(&identity).unwrap_or_default();
        // Last: a folder without it is an attempt that did not finish, and may be tried again.
        folder.write("identity.json", identity.as_bytes())?;
        Ok(folder)
    }

    /// Where a file of the home lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The settings.
    pub fn config(&self) -> Result<Config, FolderError> {
        let text = self.read("home.toml")?;
        Config::from_toml(&text).map_err(|problem| self.content("home.toml", problem))
    }

    /// A secret key of the home.
    pub fn key(&self, name: &str) -> Result<DeviceKey, FolderError> {
        let text = self.read(name)?;
        let mode =
            fs::metadata(self.path(name)).map_err(|source| self.io(name, source))?.permissions().mode();
        if mode & 0o077 != 0 {
            let problem =
                format!("others can read this secret (mode {:o}). Run chmod 600 on it", mode & 0o777);
            return Err(self.content(name, problem));
        }
        protocol::bytes::Hash::from_hex(text.trim())
            .and_then(|secret| DeviceKey::from_secret(&secret.0))
            .ok_or_else(|| {
                self.content(
                    name,
                    "not 64 hexadecimal digits of a P-256 secret key. Restore it, or set the home up anew"
                        .into(),
                )
            })
    }

    /// The recorder's key; the recorder makes it itself.
    fn recorder_key(&self) -> Result<DeviceKey, FolderError> {
        crate::recorder::load_or_create_key(&self.path("recorder.key"))
            .map_err(|why| self.content("recorder.key", why.to_string()))
    }

    /// What a resident's device needs.
    pub fn invitation(&self) -> Result<Invitation, FolderError> {
        let identity = self.identity()?;
        Ok(Invitation {
            home: identity.home,
            door: identity.door,
            door_tag: identity.door_tag,
            door_key: hex(&self.key("door.key")?.public().to_sec1()),
            recorder_keys: vec![hex(&self.recorder_key()?.public().to_sec1())],
        })
    }

    /// The door's name.
    pub fn door(&self) -> Result<DoorId, FolderError> {
        let identity = self.identity()?;
        DoorId::from_hex(&identity.door)
            .ok_or_else(|| self.content("identity.json", "`door` is not 32 hexadecimal digits".into()))
    }

    /// Notes that this home has a journal from now on, so that a journal that vanished is noticed.
    pub fn note_journal(&self) -> Result<(), FolderError> {
        self.write("journal.began", b"")
    }

    /// Whether this home ever had a journal.
    pub fn had_journal(&self) -> bool {
        self.path("journal.began").exists()
    }

    /// The sticker's tag.
    pub fn door_tag(&self) -> Result<DoorTag, FolderError> {
        let identity = self.identity()?;
        DoorTag::from_hex(&identity.door_tag)
            .ok_or_else(|| self.content("identity.json", "`door_tag` is not 32 hexadecimal digits".into()))
    }

    /// Pins the first roster: someone is at the hub with a resident's device. Only once in a home's life; the same
    /// roster again changes nothing.
    pub fn pair(&self, roster: &[u8], verifier: &dyn Verifier) -> Result<(), FolderError> {
        if let Ok(pinned) = fs::read(self.path("roster.cose")) {
            return if pinned == roster { Ok(()) } else { Err(FolderError::Exists(self.dir.clone())) };
        }
        let signed = self.check_first_roster(roster, verifier)?;
        self.write("roster.cose", signed.bytes())
    }

    /// The pinned first roster.
    pub fn roster(&self, verifier: &dyn Verifier) -> Result<Signed<Roster>, FolderError> {
        let path = self.path("roster.cose");
        if !path.exists() {
            return Err(FolderError::NotPaired(self.dir.clone()));
        }
        let bytes = fs::read(&path).map_err(|source| self.io("roster.cose", source))?;
        self.check_first_roster(&bytes, verifier)
    }

    /// Checks a first roster and pins nothing: it is for this home, and signed by an owner in it.
    pub fn check_first_roster(
        &self,
        bytes: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Signed<Roster>, FolderError> {
        let wrong = |problem: String| self.content("roster.cose", problem);
        let claimed = Claimed::<Roster>::parse(bytes).map_err(|why| wrong(format!("not a roster: {why}")))?;
        let roster = claimed.unproven().clone();
        let invitation = self.invitation()?;
        let ours = roster.home.to_string() == invitation.home
            && roster.door.to_string() == invitation.door
            && roster.door_key == self.key("door.key")?.public()
            && roster.recorder_keys.iter().map(|key| hex(&key.to_sec1())).eq(invitation.recorder_keys);
        if !ours || roster.epoch != 1 {
            return Err(wrong("the roster is for another home. Use the invitation of this one".into()));
        }
        let signer = roster.owner(claimed.kid()).cloned();
        let signer =
            signer.ok_or_else(|| wrong("the first roster is not signed by an owner in it".into()))?;
        claimed
            .verify(&signer.credential, verifier)
            .map_err(|why| wrong(format!("the roster's signature: {why}")))
    }

    fn identity(&self) -> Result<Identity, FolderError> {
        let text = self.read("identity.json")?;
        serde_json::from_str(&text)
            .map_err(|why| self.content("identity.json", format!("{why}. Restore the file")))
    }

    fn write_key(&self, name: &str, random: &impl Fn(&mut [u8])) -> Result<(), FolderError> {
        loop {
            let mut secret = [0; 32];
            random(&mut secret);
            if DeviceKey::from_secret(&secret).is_some() {
                return self.write_with_mode(name, hex(&secret).as_bytes(), 0o600);
            }
        }
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), FolderError> {
        self.write_with_mode(name, content, 0o644)
    }

    /// Whole or not at all: written beside, synced, renamed.
    fn write_with_mode(&self, name: &str, content: &[u8], mode: u32) -> Result<(), FolderError> {
        let (path, beside) = (self.path(name), self.path(&format!("{name}.new")));
        let write = || {
            let mut file =
                fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&beside, &path)?;
            fs::File::open(&self.dir)?.sync_all()
        };
        write().map_err(|source| self.io(name, source))
    }

    fn read(&self, name: &str) -> Result<String, FolderError> {
        fs::read_to_string(self.path(name)).map_err(|source| self.io(name, source))
    }

    fn io(&self, name: &str, source: std::io::Error) -> FolderError {
        FolderError::Io { path: if name.is_empty() { self.dir.clone() } else { self.path(name) }, source }
    }

    fn content(&self, name: &str, problem: String) -> FolderError {
        FolderError::Content { path: self.path(name), problem }
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Identity {
    home: String,
    door: String,
    door_tag: String,
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.dir
    }
}

impl Invitation {
    /// The keys as values; `None` if a field is not what it should be.
    pub fn keys(&self) -> Option<(PublicKey, Vec<PublicKey>)> {
        let key = |text: &String| unhex(text).and_then(|bytes| PublicKey::from_sec1(&bytes));
        Some((key(&self.door_key)?, self.recorder_keys.iter().map(key).collect::<Option<_>>()?))
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(out, "{byte:02x}");
        out
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Signer as _;
    use protocol::key::Software;

    fn random(bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn config() -> Config {
        Config::new("virtual:/run/house.sock", "virtual:/run/camera.sock", None)
    }

    #[test]
    fn a_folder_is_made_once_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path().join("home"), &config(), random).unwrap();
        assert_eq!(folder.config().unwrap(), config());
        assert!(folder.invitation().unwrap().keys().is_some());
        assert!(matches!(
            Folder::create(dir.path().join("home"), &config(), random),
            Err(FolderError::Exists(_))
        ));
        assert!(matches!(folder.roster(&Software), Err(FolderError::NotPaired(_))));
    }

    #[test]
    fn only_an_owner_founds_a_home() {
        use protocol::bytes::Hash;
        use protocol::roster::{Rank, Resident};
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path().join("home"), &config(), random).unwrap();
        let key = |rank: Rank| DeviceKey::from_secret(&[rank as u8 + 1; 32]).unwrap();
        let ranks = [Rank::Owner, Rank::Member, Rank::Recovery, Rank::Companion];
        let mut residents = ranks.map(|role| Resident {
            credential: key(role).credential(),
            role,
            since: 1,
            name: "key".into(),
            kem: None,
        });
        residents.sort_by_key(|resident| resident.credential.kid());
        let invitation = folder.invitation().unwrap();
        let (door_key, recorder_keys) = invitation.keys().unwrap();
        let roster = Roster {
            home: HomeId::from_hex(&invitation.home).unwrap(),
            door: DoorId::from_hex(&invitation.door).unwrap(),
            epoch: 1,
            prev: Hash::ZERO,
            door_key,
            recorder_keys,
            residents: residents.to_vec(),
            quorum: 1,
            grants_from: 0,
        };
        let paired_by = |rank| {
            let signed = Signed::sign(roster.clone(), &key(rank)).unwrap();
            folder.pair(signed.bytes(), &Software).is_ok()
        };
        assert_eq!([Rank::Member, Rank::Recovery, Rank::Companion].map(paired_by), [false; 3]);
        assert!(paired_by(Rank::Owner));
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused_with_the_mend() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::create(dir.path().join("home"), &config(), random).unwrap();
        let path = folder.path("door.key");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(folder.key("door.key").unwrap_err().to_string().contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "not a key").unwrap();
        assert!(folder.key("door.key").unwrap_err().to_string().contains("64 hexadecimal digits"));
    }
}
