//! Keys of a browser: WebCrypto's P-256 keys and passkeys, by their public side.

use crate::text;
use crate::trouble::Trouble;
use protocol::bytes::Blob;
use protocol::key::Passkey;
use protocol::passkey::Assertion;
use protocol::{Credential, Kid, PublicKey, canonical};
use wasm_bindgen::prelude::wasm_bindgen;

/// Bytes of an encoded credential at most: the longest origin and relying party, with room.
const CREDENTIAL_BYTES_MAX: usize = 1_024;

/// The credential of a plain device key, from its uncompressed point (65 bytes, WebCrypto's `raw`).
#[wasm_bindgen(js_name = deviceCredential)]
pub fn device_credential(point: &[u8]) -> Result<String, Trouble> {
    Ok(write(&Credential::device(public(point)?)))
}

/// The credential of a passkey: its point (the last 65 bytes of `getPublicKey()`), and what it is bound to.
#[wasm_bindgen(js_name = passkeyCredential)]
pub fn passkey_credential(
    point: &[u8],
    rp_id: String,
    origin: String,
    backup_eligible: bool,
) -> Result<String, Trouble> {
    let passkey = Passkey { rp_id, origin, backup_eligible };
    Ok(write(&Credential { key: public(point)?, passkey: Some(passkey) }))
}

/// The key's name, 64 hexadecimal digits.
#[wasm_bindgen(js_name = kidOf)]
pub fn kid_of(credential: &str) -> Result<String, Trouble> {
    Ok(read(credential)?.kid().to_string())
}

/// The key's name for people to compare: eight digits in two groups.
#[wasm_bindgen]
pub fn fingerprint(kid: &str) -> Result<String, Trouble> {
    Ok(text::hex("kid", Kid::from_hex, kid)?.fingerprint())
}

/// What a passkey answered, as the signature of a [`crate::draft::Draft`].
#[wasm_bindgen(js_name = passkeySignature)]
pub fn passkey_signature(authenticator_data: Vec<u8>, client_data: Vec<u8>, signature: Vec<u8>) -> Vec<u8> {
    canonical::encode(&Assertion {
        authenticator_data: Blob(authenticator_data),
        client_data: Blob(client_data),
        signature: Blob(signature),
    })
}

fn public(point: &[u8]) -> Result<PublicKey, Trouble> {
    PublicKey::from_sec1(point)
        .ok_or_else(|| Trouble::argument("point", "is not an uncompressed P-256 point of 65 bytes"))
}

pub(crate) fn write(credential: &Credential) -> String {
    text::encode(&canonical::encode(credential))
}

pub(crate) fn read(credential: &str) -> Result<Credential, Trouble> {
    Ok(canonical::decode(&text::decode("credential", credential)?, CREDENTIAL_BYTES_MAX)?)
}
