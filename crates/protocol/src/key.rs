//! Keys: P-256 points, their thumbprints, who signs and who checks.

use crate::canonical::{self, Malformed};
use crate::grant::rule;
use crate::limits::{ORIGIN_BYTES_MAX, RP_ID_BYTES_MAX};
use alloc::string::String;
use alloc::vec::Vec;
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

fixed_bytes!(
    /// Names a key: SHA-256 COSE Key Thumbprint (RFC 9679).
    Kid, 32);

impl Kid {
    /// The first eight hexadecimal digits in two groups, for people to compare.
    pub fn fingerprint(&self) -> String {
        let [a, b, c, d, ..] = self.0;
        alloc::format!("{a:02x}{b:02x} {c:02x}{d:02x}")
    }
}

/// A P-256 public key by its coordinates. Whether the point lies on the curve shows when a signature is checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    /// Big-endian x coordinate.
    pub x: [u8; 32],
    /// Big-endian y coordinate.
    pub y: [u8; 32],
}

impl PublicKey {
    /// The key's name: SHA-256 over its deterministic COSE_Key encoding.
    pub fn kid(&self) -> Kid {
        Kid(Sha256::digest(canonical::encode(self)).into())
    }

    /// Uncompressed SEC1 form: 0x04, x, y.
    pub fn to_sec1(&self) -> [u8; 65] {
        let mut out = [4; 65];
        let (_, tail) = out.split_at_mut(1);
        let (x, y) = tail.split_at_mut(32);
        x.copy_from_slice(&self.x);
        y.copy_from_slice(&self.y);
        out
    }

    /// From the uncompressed SEC1 form; `None` for any other form.
    pub fn from_sec1(bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        let (x, y) = rest.split_at_checked(32)?;
        (*tag == 4).then_some(Self { x: x.try_into().ok()?, y: y.try_into().ok()? })
    }
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "PublicKey({})", self.kid().fingerprint())
    }
}

/// COSE_Key {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y} (RFC 9053 section 7.1.1), and nothing else.
impl<C> Encode<C> for PublicKey {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.map(4)?.i8(1)?.i8(2)?.i8(-1)?.i8(1)?.i8(-2)?.bytes(&self.x)?.i8(-3)?.bytes(&self.y)?.ok()
    }
}

impl<'b, C> Decode<'b, C> for PublicKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let other = || decode::Error::message("not an EC2 P-256 COSE_Key");
        let coordinate = |bytes: &[u8]| <[u8; 32]>::try_from(bytes).map_err(|_| other());
        if d.map()? != Some(4)
            || d.i8()? != 1
            || d.i8()? != 2
            || d.i8()? != -1
            || d.i8()? != 1
            || d.i8()? != -2
        {
            return Err(other());
        }
        let x = coordinate(d.bytes()?)?;
        if d.i8()? != -3 {
            return Err(other());
        }
        Ok(Self { x, y: coordinate(d.bytes()?)? })
    }
}

/// How a passkey is bound to its website. Pinned when the key is enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Passkey {
    /// Relying party id: the registrable domain, such as `home.example`.
    #[n(0)]
    pub rp_id: String,
    /// Origin of the page that asks, such as `https://home.example`.
    #[n(1)]
    pub origin: String,
    /// Whether the authenticator may copy the key to other devices (WebAuthn flag BE).
    #[n(2)]
    pub backup_eligible: bool,
}

/// A key that may sign: a plain device key, or a passkey with its binding.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Credential {
    /// The public key.
    #[n(0)]
    pub key: PublicKey,
    /// Present for a passkey.
    #[n(1)]
    pub passkey: Option<Passkey>,
}

impl Credential {
    /// A plain device key.
    pub const fn device(key: PublicKey) -> Self {
        Self { key, passkey: None }
    }

    /// The key's name.
    pub fn kid(&self) -> Kid {
        self.key.kid()
    }

    /// A pinned origin is compared as text inside JSON, wherever the credential stands.
    pub(crate) fn check(&self) -> Result<(), Malformed> {
        let Some(passkey) = &self.passkey else { return Ok(()) };
        rule((1..=RP_ID_BYTES_MAX).contains(&passkey.rp_id.len()), "rp_id has 1 to 253 bytes")?;
        rule((1..=ORIGIN_BYTES_MAX).contains(&passkey.origin.len()), "origin has 1 to 262 bytes")?;
        rule(crate::passkey::origin_is_plain(&passkey.origin), "origin needs no escape")
    }

    /// COSE algorithm identifier that this credential signs with.
    pub const fn algorithm(&self) -> i32 {
        if self.passkey.is_some() { ALGORITHM_PASSKEY } else { ALGORITHM_ESP256 }
    }
}

/// ECDSA with P-256 and SHA-256, fully specified (RFC 9864).
pub const ALGORITHM_ESP256: i32 = -9;
/// A WebAuthn assertion over ES256. Private use; none is registered.
pub const ALGORITHM_PASSKEY: i32 = -65_600;

/// Checks ECDSA P-256 signatures. Two implementations: [`Software`] for every target, `ring` in programs.
pub trait Verifier {
    /// True if `signature` (r and s, 32 bytes each, big-endian; high s accepted) signs SHA-256 of `message`.
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool;
}

/// Portable verification.
#[derive(Debug, Clone, Copy, Default)]
pub struct Software;

impl Verifier for Software {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        let Ok(verifying) = VerifyingKey::from_sec1_bytes(&key.to_sec1()) else { return false };
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        verifying.verify(message, &signature).is_ok()
    }
}

/// Something that holds a secret key and signs with it: a device, or a passkey's authenticator.
pub trait Signer {
    /// The public side, as it stands in rosters and `cnf` fields.
    fn credential(&self) -> Credential;
    /// The COSE signature field for `to_be_signed` (an encoded Sig_structure).
    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8>;
}

/// A plain P-256 key in memory. Signs deterministically (RFC 6979), so no randomness is needed.
#[derive(Clone)]
pub struct DeviceKey {
    secret: SigningKey,
    public: PublicKey,
}

impl DeviceKey {
    /// From 32 secret bytes. `None` for the few values that are no P-256 scalar; draw again.
    pub fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        let secret = SigningKey::from_slice(secret).ok()?;
        let public = PublicKey::from_sec1(secret.verifying_key().to_sec1_point(false).as_bytes())?;
        Some(Self { secret, public })
    }

    /// The public key.
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// The key's name.
    pub fn kid(&self) -> Kid {
        self.public.kid()
    }

    /// Raw ECDSA signature, r and s, over SHA-256 of `message`.
    pub fn sign_raw(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.secret.sign(message);
        signature.to_bytes().into()
    }
}

impl core::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DeviceKey({}, secret not shown)", self.kid().fingerprint())
    }
}

impl Signer for DeviceKey {
    fn credential(&self) -> Credential {
        Credential::device(self.public)
    }

    fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.sign_raw(to_be_signed).to_vec()
    }
}

/// Fixed-size signature from its DER form, as passkeys deliver it.
pub(crate) fn signature_from_der(der: &[u8]) -> Option<[u8; 64]> {
    Signature::from_der(der).ok().map(|signature| signature.to_bytes().into())
}

/// DER form of a fixed-size signature; empty for bytes that are no signature.
pub(crate) fn signature_to_der(fixed: &[u8; 64]) -> Vec<u8> {
    Signature::from_slice(fixed).map(|signature| signature.to_der().as_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_encoding_and_names_itself() {
        let key = DeviceKey::from_secret(&[7; 32]).unwrap();
        let bytes = canonical::encode(&key.public());
        assert_eq!(canonical::decode::<PublicKey>(&bytes, 128), Ok(key.public()));
        assert_eq!(bytes.len(), 75);
        assert_eq!(PublicKey::from_sec1(&key.public().to_sec1()), Some(key.public()));
    }

    #[test]
    fn verification_needs_the_same_key_message_and_signature() {
        let key = DeviceKey::from_secret(&[7; 32]).unwrap();
        let other = DeviceKey::from_secret(&[8; 32]).unwrap();
        let signature = key.sign_raw(b"open");
        assert!(Software.verify_p256(&key.public(), b"open", &signature));
        assert!(!Software.verify_p256(&key.public(), b"shut", &signature));
        assert!(!Software.verify_p256(&other.public(), b"open", &signature));
        assert!(!Software.verify_p256(&PublicKey { x: [1; 32], y: [1; 32] }, b"open", &signature));
        let mut bad = signature;
        bad[10] ^= 1;
        assert!(!Software.verify_p256(&key.public(), b"open", &bad));
    }

    #[test]
    fn high_s_is_accepted() {
        let key = DeviceKey::from_secret(&[7; 32]).unwrap();
        let low = Signature::from_slice(&key.sign_raw(b"open")).unwrap();
        let (r, s) = low.split_scalars();
        let high = Signature::from_scalars(*r, -*s).unwrap();
        let bytes: [u8; 64] = high.to_bytes().into();
        assert!(Software.verify_p256(&key.public(), b"open", &bytes));
    }
}
