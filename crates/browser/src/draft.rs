//! Something to sign: written here, signed by a key that the page cannot read, put together and checked here.

use crate::letter::Letter;
use crate::text;
use crate::trouble::Trouble;
use protocol::grant::Grant;
use protocol::key::Software;
use protocol::limits::MESSAGE_BYTES_MAX;
use protocol::{Credential, Message, Signed, canonical, passkey};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

/// A message before it is signed.
#[wasm_bindgen]
pub struct Draft {
    to_be_signed: Vec<u8>,
    is_passkey: bool,
    assemble: Box<Assemble>,
}

/// Joins the message, whatever its type, with a signature.
type Assemble = dyn Fn(&[u8]) -> Result<Done, Trouble>;

struct Done {
    envelope: Vec<u8>,
    hash: String,
}

/// A signed message.
#[wasm_bindgen(getter_with_clone)]
#[derive(Debug, Clone)]
pub struct Envelope {
    /// base64url, as the cloud takes it.
    pub bytes: String,
    /// H(message), hexadecimal.
    pub hash: String,
}

impl Draft {
    pub(crate) fn read(&self) -> Result<Letter, Trouble> {
        Ok(Letter::of(&grant_in(&self.to_be_signed)?))
    }

    pub(crate) fn of<M: Message + Clone + 'static>(message: M, signer: &Credential) -> Result<Self, Trouble> {
        let to_be_signed = Signed::prepare(&message, signer)?;
        let is_passkey = signer.passkey.is_some();
        let signer = signer.clone();
        let assemble = move |signature: &[u8]| {
            let claimed = Signed::assemble(&message, &signer, signature)?;
            // A signature over something else must not leave this device looking like a permission.
            let signed = claimed.verify(&signer, &Software)?;
            Ok(Done { envelope: signed.bytes().to_vec(), hash: signed.hash().to_string() })
        };
        Ok(Self { to_be_signed, is_passkey, assemble: Box::new(assemble) })
    }
}

#[wasm_bindgen]
impl Draft {
    /// What a plain key signs: ECDSA P-256 over its SHA-256, r and s.
    #[wasm_bindgen(getter, js_name = toBeSigned)]
    pub fn to_be_signed(&self) -> Vec<u8> {
        self.to_be_signed.clone()
    }

    /// What a passkey signs: the challenge of its assertion, 32 bytes.
    #[wasm_bindgen(getter)]
    pub fn challenge(&self) -> Vec<u8> {
        passkey::challenge(&self.to_be_signed).to_vec()
    }

    /// Whether a passkey must sign.
    #[wasm_bindgen(getter, js_name = isPasskey)]
    pub fn is_passkey(&self) -> bool {
        self.is_passkey
    }

    /// The permission in words, decoded from the very bytes that are to be signed.
    pub fn letter(&self) -> Result<Ts<Letter>, Trouble> {
        Ok(self.read()?.into_ts()?)
    }

    /// Joins message and signature, and checks that they fit.
    pub fn sign(&self, signature: &[u8]) -> Result<Envelope, Trouble> {
        let done = (self.assemble)(signature)?;
        Ok(Envelope { bytes: text::encode(&done.envelope), hash: done.hash })
    }
}

/// The grant inside a Sig_structure (RFC 9052 section 4.4).
fn grant_in(to_be_signed: &[u8]) -> Result<Grant, Trouble> {
    let other = |_| Trouble::new("not_a_grant", "what is to be signed is no permission");
    let mut decoder = minicbor::Decoder::new(to_be_signed);
    decoder.array().map_err(other)?;
    decoder.str().map_err(other)?;
    decoder.bytes().map_err(other)?;
    let kind = decoder.bytes().map_err(other)?;
    if kind != format!("vestibule/1/{}", Grant::TYPE).as_bytes() {
        return Err(Trouble::new("not_a_grant", "what is to be signed is another kind of message"));
    }
    let payload = decoder.bytes().map_err(other)?;
    Ok(canonical::decode(payload, MESSAGE_BYTES_MAX)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::answer::{Answer, Word};
    use protocol::bytes::{DoorId, VisitId};
    use protocol::{DeviceKey, Signer};

    fn answer() -> Answer {
        Answer { door: DoorId([1; 16]), visit: VisitId([2; 16]), word: Word::Stop }
    }

    #[test]
    fn a_signature_over_something_else_is_not_put_together() {
        let key = DeviceKey::from_secret(&[7; 32]).unwrap();
        let draft = Draft::of(answer(), &key.credential()).unwrap();
        assert!(draft.sign(&key.sign(&draft.to_be_signed())).is_ok());
        assert_eq!(draft.sign(&key.sign(b"other")).unwrap_err().code, "bad_signature");
        assert_eq!(draft.sign(b"short").unwrap_err().code, "bad_signature");
    }

    #[test]
    fn only_a_grant_reads_as_a_letter() {
        let key = DeviceKey::from_secret(&[7; 32]).unwrap();
        let draft = Draft::of(answer(), &key.credential()).unwrap();
        assert_eq!(draft.read().unwrap_err().code, "not_a_grant");
    }
}
