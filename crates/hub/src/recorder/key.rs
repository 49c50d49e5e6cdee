//! The recorder's key: who vouches for recordings. A file of 32 bytes that only its owner can read.

use super::{RecorderError, now};
use protocol::DeviceKey;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Reads the key, or makes one if the file does not exist.
pub fn load_or_create_key(path: &Path) -> Result<DeviceKey, RecorderError> {
    let failed = |source| RecorderError::KeyFile { path: path.into(), source };
    match std::fs::read(path) {
        Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice())
            .ok()
            .and_then(|secret| DeviceKey::from_secret(&secret))
            .ok_or_else(|| RecorderError::BadKey(path.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn create(path: &Path) -> std::io::Result<DeviceKey> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let (secret, key) = loop {
        let secret = now::entropy().map_err(std::io::Error::other)?;
        if let Some(key) = DeviceKey::from_secret(&secret) {
            break (secret, key);
        }
    };
    // create_new: of two recorders that start at once, one makes the key and the other fails and is restarted
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    Ok(key)
}
