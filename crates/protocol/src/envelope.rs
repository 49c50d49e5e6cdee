//! The signed envelope: COSE_Sign1 (RFC 9052), untagged, with nothing optional left in it.
//!
//! ```text
//! [ << {1: algorithm, 4: kid} >>, {}, << payload >>, signature ]
//! Sig_structure = ["Signature1", protected, external_aad, payload]
//! external_aad  = "vestibule/1/" type          type: "grant", "assignment", ...
//! H(message)    = SHA-256(type || 0x00 || payload bytes as received)
//! ```
//!
//! The protected header only says which enrolled key to try. Algorithm and key come from whoever trusts the
//! signer (the roster, a `cnf` field), and the header must then be exactly what that key implies.
//! Nothing is ever keyed on signature bytes: ECDSA signatures are malleable, hashes of payloads are not.
//!
//! States: bytes → [`Claimed`] (readable, unproven) → [`Signed`] (proven). Only [`Claimed::verify`] and
//! [`Signed::sign`] make a [`Signed`].

use crate::bytes::Hash;
use crate::canonical::{self, Malformed};
use crate::key::{Credential, Kid, Signer, Verifier};
use crate::passkey;
use alloc::vec::Vec;
use core::fmt;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// A type that is signed. `TYPE` separates it from every other one in hashes and signatures.
pub trait Message: Encode<()> + for<'b> Decode<'b, ()> + Clone + fmt::Debug {
    /// Name in `external_aad` and hashes. Never reused for another shape.
    const TYPE: &'static str;

    /// Rules that the shape alone does not express: counts, order, lengths.
    fn check(&self) -> Result<(), Malformed>;
}

/// A signature that does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untrusted {
    /// The envelope names another key or algorithm than the expected one.
    OtherKey,
    /// The signature does not fit key and bytes.
    BadSignature,
    /// A passkey assertion breaks a rule; says which.
    Passkey(passkey::Breach),
}

impl Untrusted {
    /// Stable name for vectors, logs and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OtherKey => "other_key",
            Self::BadSignature => "bad_signature",
            Self::Passkey(breach) => breach.code(),
        }
    }
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl core::error::Error for Untrusted {}

/// A well-formed message that nobody vouches for yet.
#[derive(Clone)]
pub struct Claimed<M> {
    message: M,
    hash: Hash,
    kid: Kid,
    protected: Vec<u8>,
    payload: Vec<u8>,
    signature: Vec<u8>,
    bytes: Vec<u8>,
}

impl<M: Message> Claimed<M> {
    /// Reads an envelope of exactly this type in its one canonical encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.len() > crate::limits::MESSAGE_BYTES_MAX {
            return Err(Malformed::Oversized);
        }
        let raw = RawEnvelope::read(bytes)?;
        let message: M = canonical::decode(raw.payload, crate::limits::MESSAGE_BYTES_MAX)?;
        message.check()?;
        Ok(Self {
            hash: Hash::of(M::TYPE, &[raw.payload]),
            kid: raw.kid,
            message,
            protected: raw.protected.into(),
            payload: raw.payload.into(),
            signature: raw.signature.into(),
            bytes: bytes.into(),
        })
    }

    /// The content, unproven: good for choosing a key to check against, never for a decision.
    pub const fn unproven(&self) -> &M {
        &self.message
    }

    /// The key that the envelope claims. Use it to look up an enrolled key.
    pub const fn kid(&self) -> Kid {
        self.kid
    }

    /// H(message).
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Proves that `by` signed exactly these bytes as exactly this type.
    pub fn verify(self, by: &Credential, verifier: &dyn Verifier) -> Result<Signed<M>, Untrusted> {
        if by.kid() != self.kid || protected_header(by.algorithm(), self.kid) != self.protected {
            return Err(Untrusted::OtherKey);
        }
        let signed_bytes = to_be_signed(M::TYPE, &self.protected, &self.payload);
        match &by.passkey {
            None => {
                let Ok(signature) = <[u8; 64]>::try_from(self.signature.as_slice()) else {
                    return Err(Untrusted::BadSignature);
                };
                if !verifier.verify_p256(&by.key, &signed_bytes, &signature) {
                    return Err(Untrusted::BadSignature);
                }
            }
            Some(binding) => passkey::verify(binding, &by.key, &signed_bytes, &self.signature, verifier)?,
        }
        Ok(Signed { message: self.message, hash: self.hash, signer: self.kid, bytes: self.bytes })
    }
}

impl<M: fmt::Debug> fmt::Debug for Claimed<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claimed({:?} by {:?})", self.message, self.kid)
    }
}

/// A message whose signature was checked, with the bytes that prove it.
#[derive(Clone, PartialEq, Eq)]
pub struct Signed<M> {
    message: M,
    hash: Hash,
    signer: Kid,
    bytes: Vec<u8>,
}

impl<M: Message> Signed<M> {
    /// Signs a message. Fails if the message breaks a rule of its own type or grows past the limit.
    pub fn sign(message: M, signer: &dyn Signer) -> Result<Self, Malformed> {
        message.check()?;
        let credential = signer.credential();
        let kid = credential.kid();
        let payload = canonical::encode(&message);
        let protected = protected_header(credential.algorithm(), kid);
        let signature = signer.sign(&to_be_signed(M::TYPE, &protected, &payload));
        let bytes = envelope(&protected, &payload, &signature);
        if bytes.len() > crate::limits::MESSAGE_BYTES_MAX {
            return Err(Malformed::Oversized);
        }
        Ok(Self { hash: Hash::of(M::TYPE, &[&payload]), message, signer: kid, bytes })
    }

    /// What a signer must sign for `message`, and what its signature must then be put into with
    /// [`Signed::assemble`]: for keys that answer later, such as those of a browser.
    pub fn prepare(message: &M, credential: &Credential) -> Result<Vec<u8>, Malformed> {
        message.check()?;
        let protected = protected_header(credential.algorithm(), credential.kid());
        Ok(to_be_signed(M::TYPE, &protected, &canonical::encode(message)))
    }

    /// Joins a message with a signature made elsewhere. The result is only claimed; verify it.
    pub fn assemble(message: &M, credential: &Credential, signature: &[u8]) -> Result<Claimed<M>, Malformed> {
        let protected = protected_header(credential.algorithm(), credential.kid());
        Claimed::parse(&envelope(&protected, &canonical::encode(message), signature))
    }

    /// The proven content.
    pub const fn message(&self) -> &M {
        &self.message
    }

    /// H(message).
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Who signed.
    pub const fn signer(&self) -> Kid {
        self.signer
    }

    /// The envelope as received or made.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl<M: fmt::Debug> fmt::Debug for Signed<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({:?} by {:?})", self.message, self.signer)
    }
}

struct RawEnvelope<'b> {
    kid: Kid,
    protected: &'b [u8],
    payload: &'b [u8],
    signature: &'b [u8],
}

impl<'b> RawEnvelope<'b> {
    /// Takes the four fields apart, then requires that joining them again gives the same bytes.
    fn read(bytes: &'b [u8]) -> Result<Self, Malformed> {
        let mut d = Decoder::new(bytes);
        let shape = |_| Malformed::Shape;
        if d.array().map_err(shape)? != Some(4) {
            return Err(Malformed::Shape);
        }
        let protected = d.bytes().map_err(shape)?;
        if d.map().map_err(shape)? != Some(0) {
            return Err(Malformed::UnprotectedHeader);
        }
        let payload = d.bytes().map_err(shape)?;
        let signature = d.bytes().map_err(shape)?;
        if d.position() != bytes.len() {
            return Err(Malformed::TrailingBytes);
        }
        if envelope(protected, payload, signature) != bytes {
            return Err(Malformed::NotCanonical);
        }
        let (algorithm, kid) = read_protected(protected).ok_or(Malformed::ProtectedHeader)?;
        if protected_header(algorithm, kid) != protected {
            return Err(Malformed::ProtectedHeader);
        }
        Ok(Self { kid, protected, payload, signature })
    }
}

fn read_protected(bytes: &[u8]) -> Option<(i32, Kid)> {
    let mut d = Decoder::new(bytes);
    if d.map().ok()? != Some(2) || d.u8().ok()? != HEADER_ALGORITHM {
        return None;
    }
    let algorithm = d.i32().ok()?;
    if d.u8().ok()? != HEADER_KID {
        return None;
    }
    Some((algorithm, d.decode().ok()?))
}

const HEADER_ALGORITHM: u8 = 1;
const HEADER_KID: u8 = 4;

/// Runs an encoder over memory, where nothing can fail.
fn written(
    write: impl FnOnce(
        &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<core::convert::Infallible>>,
) -> Vec<u8> {
    let mut out = Vec::new();
    let _infallible = write(&mut Encoder::new(&mut out));
    out
}

fn protected_header(algorithm: i32, kid: Kid) -> Vec<u8> {
    written(|e| e.map(2)?.u8(HEADER_ALGORITHM)?.i32(algorithm)?.u8(HEADER_KID)?.bytes(&kid.0)?.ok())
}

fn envelope(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    written(|e| e.array(4)?.bytes(protected)?.map(0)?.bytes(payload)?.bytes(signature)?.ok())
}

fn to_be_signed(kind: &str, protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let aad = alloc::format!("vestibule/1/{kind}");
    written(|e| e.array(4)?.str("Signature1")?.bytes(protected)?.bytes(aad.as_bytes())?.bytes(payload)?.ok())
}
