//! A passkey as a signer, checked offline and without a JSON parser.
//!
//! The WebAuthn challenge is SHA-256 of the Sig_structure; the COSE signature field is
//! CBOR `[authenticatorData, clientDataJSON, DER signature]`. The client data is checked by WebAuthn Level 3's
//! limited verification algorithm (section 5.8.1.2): a prefix comparison, then `}` or `,`. Browsers may add members at the end.

use crate::bytes::Blob;
use crate::canonical;
use crate::envelope::Untrusted;
use crate::key::{
    Credential, DeviceKey, Passkey, PublicKey, Signer, Verifier, signature_from_der, signature_to_der,
};
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// Which rule a passkey assertion breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breach {
    /// The signature field is not the three-part assertion.
    Shape,
    /// Authenticator data is for another relying party.
    RelyingParty,
    /// The person was not seen (UP).
    UserNotPresent,
    /// The person was not verified (UV): a touch alone signs nothing here.
    UserNotVerified,
    /// Backup flags contradict each other or the enrolment.
    Backup,
    /// Attested data or extensions inside an assertion: may hide other content under the signature.
    ExtraData,
    /// The client data is for another type, challenge or origin, or was made in a foreign frame.
    ClientData,
    /// The signature does not fit.
    Signature,
}

impl Breach {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "passkey_shape",
            Self::RelyingParty => "passkey_relying_party",
            Self::UserNotPresent => "passkey_user_not_present",
            Self::UserNotVerified => "passkey_user_not_verified",
            Self::Backup => "passkey_backup",
            Self::ExtraData => "passkey_extra_data",
            Self::ClientData => "passkey_client_data",
            Self::Signature => "bad_signature",
        }
    }
}

impl From<Breach> for Untrusted {
    fn from(breach: Breach) -> Self {
        match breach {
            Breach::Signature => Self::BadSignature,
            Breach::Shape
            | Breach::RelyingParty
            | Breach::UserNotPresent
            | Breach::UserNotVerified
            | Breach::Backup
            | Breach::ExtraData
            | Breach::ClientData => Self::Passkey(breach),
        }
    }
}

/// What an authenticator returns, as it stands in the signature field.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Assertion {
    /// Authenticator data: rpIdHash (32), flags (1), signCount (4).
    #[n(0)]
    pub authenticator_data: Blob,
    /// Client data as the browser serialised it.
    #[n(1)]
    pub client_data: Blob,
    /// ECDSA signature in DER.
    #[n(2)]
    pub signature: Blob,
}

const FLAG_USER_PRESENT: u8 = 0x01;
const FLAG_USER_VERIFIED: u8 = 0x04;
const FLAG_BACKUP_ELIGIBLE: u8 = 0x08;
const FLAG_BACKED_UP: u8 = 0x10;
const FLAG_ATTESTED_DATA: u8 = 0x40;
const FLAG_EXTENSIONS: u8 = 0x80;

/// The WebAuthn challenge for a message, 32 bytes.
pub fn challenge(to_be_signed: &[u8]) -> [u8; 32] {
    Sha256::digest(to_be_signed).into()
}

/// How the client data of a valid assertion begins, up to but not including `}` or `,`.
/// `origin` must need no JSON escape; [`origin_is_plain`] says so at enrolment.
pub fn client_data_prefix(challenge: &[u8; 32], origin: &str) -> String {
    alloc::format!(
        r#"{{"type":"webauthn.get","challenge":"{}","origin":"{origin}","crossOrigin":false"#,
        base64url(challenge)
    )
}

/// True if an origin has only characters that JSON writes as themselves.
pub fn origin_is_plain(origin: &str) -> bool {
    !origin.is_empty() && origin.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

pub(crate) fn verify(
    binding: &Passkey,
    key: &PublicKey,
    to_be_signed: &[u8],
    signature_field: &[u8],
    verifier: &dyn Verifier,
) -> Result<(), Breach> {
    let assertion: Assertion =
        canonical::decode(signature_field, crate::limits::MESSAGE_BYTES_MAX).map_err(|_| Breach::Shape)?;
    check_authenticator_data(binding, &assertion.authenticator_data.0)?;

    let prefix = client_data_prefix(&challenge(to_be_signed), &binding.origin);
    match assertion.client_data.0.strip_prefix(prefix.as_bytes()) {
        Some([b'}' | b',', ..]) => {}
        Some(_) | None => return Err(Breach::ClientData),
    }

    let mut message: Vec<u8> = assertion.authenticator_data.0;
    message.extend_from_slice(&Sha256::digest(&assertion.client_data.0));
    let signature = signature_from_der(&assertion.signature.0).ok_or(Breach::Signature)?;
    if verifier.verify_p256(key, &message, &signature) { Ok(()) } else { Err(Breach::Signature) }
}

fn check_authenticator_data(binding: &Passkey, data: &[u8]) -> Result<(), Breach> {
    // Exactly rpIdHash, flags, signCount. The count is for the record only: synced passkeys report zero.
    let data: &[u8; 37] = data.try_into().map_err(|_| Breach::ExtraData)?;
    let [rp_id_hash @ .., flags, _, _, _, _] = data;
    if rp_id_hash.as_slice() != Sha256::digest(binding.rp_id.as_bytes()).as_slice() {
        return Err(Breach::RelyingParty);
    }
    let set = |flag: u8| flags & flag != 0;
    if set(FLAG_ATTESTED_DATA) || set(FLAG_EXTENSIONS) {
        return Err(Breach::ExtraData);
    }
    if !set(FLAG_USER_PRESENT) {
        return Err(Breach::UserNotPresent);
    }
    if !set(FLAG_USER_VERIFIED) {
        return Err(Breach::UserNotVerified);
    }
    let eligible = set(FLAG_BACKUP_ELIGIBLE);
    if eligible != binding.backup_eligible || (set(FLAG_BACKED_UP) && !eligible) {
        return Err(Breach::Backup);
    }
    Ok(())
}

/// An authenticator in software: for tests, vectors, and homes without a browser.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// The secret key.
    pub key: DeviceKey,
    /// What the key is bound to.
    pub binding: Passkey,
}

impl Signer for Authenticator {
    fn credential(&self) -> Credential {
        Credential { key: self.key.public(), passkey: Some(self.binding.clone()) }
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        let mut flags = FLAG_USER_PRESENT | FLAG_USER_VERIFIED;
        if self.binding.backup_eligible {
            flags |= FLAG_BACKUP_ELIGIBLE;
        }
        let mut client_data = client_data_prefix(&challenge(to_be_signed), &self.binding.origin).into_bytes();
        client_data.push(b'}');
        self.assert(flags, &client_data)
    }
}

impl Authenticator {
    /// An assertion over any flags and client data, right or wrong.
    pub fn assert(&self, flags: u8, client_data: &[u8]) -> Vec<u8> {
        let mut authenticator_data = Sha256::digest(self.binding.rp_id.as_bytes()).to_vec();
        authenticator_data.push(flags);
        authenticator_data.extend_from_slice(&[0; 4]);
        let mut message = authenticator_data.clone();
        message.extend_from_slice(&Sha256::digest(client_data));
        let signature = signature_to_der(&self.key.sign_raw(&message));
        canonical::encode(&Assertion {
            authenticator_data: Blob(authenticator_data),
            client_data: Blob(client_data.into()),
            signature: Blob(signature),
        })
    }
}

/// Unpadded base64url (RFC 4648 section 5) of 32 bytes.
fn base64url(bytes: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(43);
    for group in bytes.chunks(3) {
        let wide = group.iter().enumerate().fold(0_u32, |acc, (i, byte)| {
            acc | (u32::from(*byte) << (16_usize.saturating_sub(i.saturating_mul(8))))
        });
        let digits = group.len().saturating_add(1);
        for place in 0..digits {
            let shift = 18_usize.saturating_sub(place.saturating_mul(6));
            let index = usize::try_from((wide >> shift) & 0x3f).unwrap_or(0);
            out.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_matches_known_values() {
        // RFC 4648 alphabet, checked against an independent encoder.
        assert_eq!(base64url(&[0; 32]), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(base64url(&[0xff; 32]), "__________________________________________8");
    }

    #[test]
    fn an_origin_that_json_would_escape_is_not_plain() {
        assert!(origin_is_plain("https://home.example:8443"));
        assert!(!origin_is_plain("https://home.example\""));
        assert!(!origin_is_plain(""));
    }
}
