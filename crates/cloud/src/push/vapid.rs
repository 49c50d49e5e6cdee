//! How the cloud names itself to push services (VAPID, RFC 8292): a key of its own and a short signed token.
//!
//! The key opens no door and reads no message: a push service takes messages for a subscription only from the key
//! that the browser subscribed to.

use crate::clock::random;
use axum::http::Uri;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::DeviceKey;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::path::Path;

/// Seconds that a token counts; push services take 24 h at most.
const TOKEN_LIFE_S: i64 = 12 * 3_600;

/// The cloud's key towards push services.
#[derive(Debug)]
pub(crate) struct Vapid {
    key: DeviceKey,
}

impl Vapid {
    /// Reads the key, or makes it at the first start: 64 hexadecimal digits that only the owner of the file may read.
    pub(crate) fn open(file: &Path) -> Result<Self, Error> {
        match OpenOptions::new().read(true).open(file) {
            Ok(mut file) => {
                let mut text = String::new();
                file.read_to_string(&mut text)?;
                let secret = protocol::Hash::from_hex(text.trim()).map(|secret| secret.0);
                let key = secret.as_ref().and_then(DeviceKey::from_secret);
                key.map(|key| Self { key }).ok_or_else(|| {
                    let why = "push.key is no key of 64 hexadecimal digits; restore it, or delete it: then every \
                               browser has to subscribe again";
                    Error::new(ErrorKind::InvalidData, why)
                })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Self::make(file),
            Err(error) => Err(error),
        }
    }

    fn make(file: &Path) -> Result<Self, Error> {
        let (secret, key) = loop {
            let secret: [u8; 32] = random();
            // One value in 2^32 is no key.
            if let Some(key) = DeviceKey::from_secret(&secret) {
                break (secret, key);
            }
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(file)?;
        let mut text = String::new();
        for byte in secret {
            // Writing into a string does not fail.
            let _written = write!(text, "{byte:02x}");
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(Self { key })
    }

    /// The public key as browsers take it: uncompressed SEC1.
    pub(crate) fn public(&self) -> [u8; 65] {
        self.key.public().to_sec1()
    }

    /// The value of `Authorization` for a message to this address.
    pub(crate) fn authorization(&self, address: &Uri, contact: &str, now_s: i64) -> String {
        let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let part = |value: Value| base64(value.to_string().as_bytes());
        let audience = format!(
            "{}://{}",
            address.scheme_str().unwrap_or_default(),
            address.authority().map_or("", |authority| authority.as_str())
        );
        let claims = json!({ "aud": audience, "exp": now_s + TOKEN_LIFE_S, "sub": contact });
        let signed = format!("{}.{}", part(json!({ "typ": "JWT", "alg": "ES256" })), part(claims));
        let signature = base64(&self.key.sign_raw(signed.as_bytes()));
        format!("vapid t={signed}.{signature}, k={}", base64(&self.public()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone_and_a_damaged_one_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("push.key");
        let made = Vapid::open(&file).unwrap().public();
        assert_eq!(Vapid::open(&file).unwrap().public(), made);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata().unwrap());
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&file, "abc").unwrap();
        assert!(Vapid::open(&file).unwrap_err().to_string().contains("subscribe again"));
        assert_eq!(std::fs::read(&file).unwrap(), b"abc");
    }
}
