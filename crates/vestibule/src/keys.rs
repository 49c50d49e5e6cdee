//! A person's keys on this machine: one folder per person, secrets in files that only they can read.
//!
//! ```text
//! device.key    32 secret bytes in hexadecimal: signs
//! kem.key       the same: opens recordings and tours
//! state.json    what the person's commands remember between calls; no secret
//! ```

use anyhow::{Context, bail};
use hub::folder::hex;
use protocol::bytes::{Blob, Hash};
use protocol::{DeviceKey, Kid};
use recording::KemSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Fills a slice with the operating system's randomness: the one place where this program draws chance.
pub(crate) fn random(bytes: &mut [u8]) {
    #[expect(clippy::disallowed_methods, reason = "the one source of chance of this program")]
    let drawn = getrandom::fill(bytes);
    // Without randomness no key and no nonce can be made; going on would be worse than stopping.
    assert!(drawn.is_ok(), "the operating system gives no random bytes");
}

/// Fresh random bytes.
pub(crate) fn fresh<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes
}

/// A person's folder.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    dir: PathBuf,
}

impl Keys {
    /// Names a folder; makes it, with fresh keys, if it is not there.
    pub(crate) fn open_or_create(dir: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        let keys = Self { dir: dir.into() };
        for name in ["device.key", "kem.key"] {
            if !dir.join(name).exists() {
                keys.write_secret(name, &new_secret())?;
            }
        }
        Ok(keys)
    }

    /// Names a folder that must hold keys.
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Self> {
        if !dir.join("device.key").exists() {
            bail!("{} holds no keys. Enrol first, or name the folder with --keys", dir.display());
        }
        Ok(Self { dir: dir.into() })
    }

    /// Signs for the person.
    pub(crate) fn device(&self) -> anyhow::Result<DeviceKey> {
        self.signing("device.key")
    }

    /// A signing key by file name; made if it is not there.
    pub(crate) fn signing_or_new(&self, name: &str) -> anyhow::Result<DeviceKey> {
        if !self.dir.join(name).exists() {
            self.write_secret(name, &new_secret())?;
        }
        self.signing(name)
    }

    /// A signing key by file name.
    pub(crate) fn signing(&self, name: &str) -> anyhow::Result<DeviceKey> {
        let secret = self.secret(name)?;
        DeviceKey::from_secret(&secret).with_context(|| self.not_a_key(name))
    }

    /// The secret scalar of [`Keys::kem`].
    pub(crate) fn kem_scalar(&self) -> anyhow::Result<[u8; 32]> {
        self.secret("kem.key")
    }

    /// Opens what is wrapped to the person.
    pub(crate) fn kem(&self) -> anyhow::Result<KemSecret> {
        KemSecret::from_scalar(&self.kem_scalar()?).with_context(|| self.not_a_key("kem.key"))
    }

    /// The public side of [`Keys::kem`] as rosters hold it.
    pub(crate) fn kem_public(&self) -> anyhow::Result<Blob> {
        Ok(Blob(self.kem()?.public()))
    }

    /// The name of the person's device key.
    pub(crate) fn kid(&self) -> anyhow::Result<Kid> {
        Ok(self.device()?.kid())
    }

    /// Where a file of the person lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Remembers something that is no secret.
    pub(crate) fn remember<T: Serialize>(&self, name: &str, value: &T) -> anyhow::Result<()> {
        let path = self.path(name);
        fs::write(&path, serde_json::to_vec_pretty(value)?)
            .with_context(|| format!("{} cannot be written", path.display()))
    }

    /// What was remembered; an error that says what to do first if nothing was.
    pub(crate) fn recall<T: DeserializeOwned>(&self, name: &str, first: &str) -> anyhow::Result<T> {
        let path = self.path(name);
        if !path.exists() {
            bail!("{} does not exist yet. First run `{first}`", path.display());
        }
        let bytes = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        serde_json::from_slice(&bytes).with_context(|| format!("{} is damaged; remove it", path.display()))
    }

    fn secret(&self, name: &str) -> anyhow::Result<[u8; 32]> {
        let path = self.path(name);
        let mode = fs::metadata(&path)
            .with_context(|| format!("{} is missing", path.display()))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            bail!(
                "{}: others can read this secret (mode {:o}). Run chmod 600 on it",
                path.display(),
                mode & 0o777
            );
        }
        let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Hash::from_hex(text.trim()).with_context(|| self.not_a_key(name))?.0)
    }

    fn not_a_key(&self, name: &str) -> String {
        format!("{} is not 64 hexadecimal digits of a P-256 secret key", self.path(name).display())
    }

    fn write_secret(&self, name: &str, secret: &[u8; 32]) -> anyhow::Result<()> {
        let path = self.path(name);
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
        file.write_all(hex(secret).as_bytes())?;
        file.sync_all()?;
        Ok(())
    }
}

fn new_secret() -> [u8; 32] {
    loop {
        let secret = fresh();
        if DeviceKey::from_secret(&secret).is_some() {
            return secret;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_only_their_owner_can_read_them() {
        let dir = tempfile::tempdir().unwrap();
        let kid = Keys::open_or_create(dir.path()).unwrap().kid().unwrap();
        assert_eq!(Keys::open_or_create(dir.path()).unwrap().kid().unwrap(), kid);
        let path = dir.path().join("device.key");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(Keys::open(dir.path()).unwrap().device().unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_wrong_key_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open_or_create(dir.path()).unwrap();
        fs::write(keys.path("device.key"), "hello").unwrap();
        assert!(keys.device().unwrap_err().to_string().contains("device.key"));
        assert!(Keys::open(&dir.path().join("nowhere")).unwrap_err().to_string().contains("Enrol first"));
    }
}
