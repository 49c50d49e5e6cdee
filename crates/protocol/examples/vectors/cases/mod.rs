//! The message vectors, as values. Expectations are written by hand here, never taken from the code under test.

#![allow(clippy::wildcard_imports, reason = "every file speaks of the whole cast")]

pub(crate) mod cast;
mod envelopes;
mod good;
mod passkeys;
mod payloads;
mod receipts;
mod rules;
mod succession;
mod values;

use minicbor::Encoder;
use protocol::{Credential, DeviceKey, Kid, Message, Signer, canonical};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// One file of `spec/vectors`. The README beside them explains the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    /// Name of the file.
    pub(crate) name: String,
    /// What it shows.
    pub(crate) sentence: String,
    /// Message type of the slot, or the name of an unsigned value.
    pub(crate) r#type: String,
    /// `ok`, `malformed:<code>`, `untrusted:<code>`, `refused:<code>` for rosters, `flaw:<code>` for receipts.
    pub(crate) expected: String,
    /// The broken rule, for `malformed:rule`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) rule: Option<String>,
    /// What CDDL says of a malformed vector: `refuses`, or `cannot` where no CDDL can tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) cddl: Option<String>,
    /// The bytes under test.
    pub(crate) hex: String,
    /// `roster_next`: the envelopes that propose the next roster.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) next: Vec<String>,
    /// Whom the verifier expects to have signed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) credential: Option<CredentialJson>,
    /// H(message).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) hash: Option<String>,
    /// Thumbprint of the signer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) kid: Option<String>,
    /// The encoded Sig_structure.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) to_be_signed: Option<String>,
    /// Salt of a commitment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) salt: Option<String>,
    /// The commitment that the value opens.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) commitment: Option<String>,
    /// A label as a scanner or a person gives it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) label: Option<String>,
}

/// A credential in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredentialJson {
    /// Uncompressed SEC1 point.
    pub(crate) public_key: String,
    /// Present for a passkey.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) passkey: Option<PasskeyJson>,
}

/// What a passkey is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasskeyJson {
    /// Relying party.
    pub(crate) rp_id: String,
    /// Origin of the page.
    pub(crate) origin: String,
    /// WebAuthn flag BE at enrolment.
    pub(crate) backup_eligible: bool,
}

impl Vector {
    /// The file's text.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings always serialise") + "\n"
    }
}

/// Everything that must be accepted.
pub(crate) fn good() -> Vec<Vector> {
    [good::all(), values::all(), succession::good(), receipts::good()].concat()
}

/// Everything that must be refused.
pub(crate) fn bad() -> Vec<Vector> {
    [envelopes::all(), payloads::all(), passkeys::all(), rules::all(), succession::bad(), receipts::bad()]
        .concat()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("memory does not fail");
        out
    })
}

pub(crate) fn credential_json(credential: &Credential) -> CredentialJson {
    CredentialJson {
        public_key: hex(&credential.key.to_sec1()),
        passkey: credential.passkey.as_ref().map(|p| PasskeyJson {
            rp_id: p.rp_id.clone(),
            origin: p.origin.clone(),
            backup_eligible: p.backup_eligible,
        }),
    }
}

/// A vector about signed bytes.
pub(crate) fn signed_vector(
    name: &str,
    sentence: &str,
    kind: &str,
    expected: &str,
    bytes: &[u8],
    credential: &Credential,
) -> Vector {
    Vector {
        name: name.into(),
        sentence: sentence.into(),
        r#type: kind.into(),
        expected: expected.into(),
        hex: hex(bytes),
        credential: Some(credential_json(credential)),
        ..Vector::default()
    }
}

/// CBOR written by hand, so that wrong forms can be written too.
pub(crate) fn cbor(
    write: impl FnOnce(
        &mut Encoder<&mut Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<core::convert::Infallible>>,
) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut Encoder::new(&mut out)).expect("memory does not fail");
    out
}

/// `{1: algorithm, 4: kid}`.
pub(crate) fn protected(algorithm: i32, kid: Kid) -> Vec<u8> {
    cbor(|e| e.map(2)?.u8(1)?.i32(algorithm)?.u8(4)?.bytes(&kid.0)?.ok())
}

/// The Sig_structure.
pub(crate) fn sig_structure(context: &str, protected: &[u8], aad: &str, payload: &[u8]) -> Vec<u8> {
    cbor(|e| e.array(4)?.str(context)?.bytes(protected)?.bytes(aad.as_bytes())?.bytes(payload)?.ok())
}

/// The envelope.
pub(crate) fn envelope(protected: &[u8], payload: &[u8], signature: &[u8]) -> Vec<u8> {
    cbor(|e| e.array(4)?.bytes(protected)?.map(0)?.bytes(payload)?.bytes(signature)?.ok())
}

/// An envelope that is right in everything but, perhaps, the payload's bytes.
pub(crate) fn seal(kind: &str, payload: &[u8], signer: &dyn Signer) -> Vec<u8> {
    let credential = signer.credential();
    let protected = protected(credential.algorithm(), credential.kid());
    let signature =
        signer.sign(&sig_structure("Signature1", &protected, &format!("vestibule/1/{kind}"), payload));
    envelope(&protected, payload, &signature)
}

/// As [`seal`], with the protected header given and signed over.
pub(crate) fn seal_under(kind: &str, protected: &[u8], payload: &[u8], key: &DeviceKey) -> Vec<u8> {
    let to_be_signed = sig_structure("Signature1", protected, &format!("vestibule/1/{kind}"), payload);
    envelope(protected, payload, &key.sign_raw(&to_be_signed))
}

/// The canonical payload of a message, without asking whether it keeps the rules.
pub(crate) fn payload<M: Message>(message: &M) -> Vec<u8> {
    canonical::encode(message)
}
