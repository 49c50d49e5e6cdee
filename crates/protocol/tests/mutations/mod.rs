//! Every field of every signed message, bent in every way: changed, left out, added, twice, in another order, of another
//! type. Under the signature that was made for the message, none is accepted. Under a new one of the right key it is
//! refused, or it says something else: no two bytes say the same.

mod tree;

use crate::cases::{self, Vector};
use protocol::bytes::Hash;
use protocol::canonical;
use protocol::key::Software;
use protocol::{Claimed, Credential, Message, PublicKey, Signed, Verifier};
use std::collections::{BTreeMap, BTreeSet};
use tree::Tree;

/// Whoever signs a bent message anew: a keyed hash, which signs anything and fast.
struct KeyedHash;

impl Verifier for KeyedHash {
    fn verify_p256(&self, key: &PublicKey, message: &[u8], signature: &[u8; 64]) -> bool {
        sign(key, message) == signature
    }
}

fn sign(key: &PublicKey, message: &[u8]) -> Vec<u8> {
    Hash::of("keyed hash of a test", &[&key.x, message]).0.repeat(2)
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

/// What became of the bent messages of one type.
#[derive(Default)]
struct Tally {
    bent: usize,
    /// Refused under the right signature, by reason.
    refused: BTreeMap<String, usize>,
    accepted: usize,
}

fn envelope(protected: &Tree, payload: Vec<u8>, signature: Vec<u8>) -> Vec<u8> {
    Tree::List(vec![protected.clone(), Tree::Map(vec![]), Tree::Bytes(payload), Tree::Bytes(signature)])
        .write()
}

fn bend<M: Message>(vector: &Vector, tally: &mut Tally) {
    let json = vector.credential.as_ref().expect("signed vectors name a credential");
    let by = Credential::device(PublicKey::from_sec1(&unhex(&json.public_key)).expect("a point"));
    let Tree::List(parts) = Tree::read(&unhex(&vector.hex)) else { panic!("an envelope is a list") };
    let [protected, _, Tree::Bytes(payload), Tree::Bytes(signature)] = parts.as_slice() else {
        panic!("an envelope has four parts")
    };
    let original = Claimed::<M>::parse(&unhex(&vector.hex)).expect("good");
    for (way, bent) in Tree::read(payload).bent() {
        let name = format!("{}{way}", vector.name);
        let bytes = bent.write();
        tally.bent += 1;
        // The signature is another message's.
        let stale = Claimed::<M>::parse(&envelope(protected, bytes.clone(), signature.clone()));
        if let Ok(claimed) = stale {
            assert!(claimed.verify(&by, &Software).is_err(), "{name}: accepted under an old signature");
        }
        // The right key signs it anew.
        match Claimed::<M>::parse(&envelope(protected, bytes.clone(), vec![0; 64])) {
            Err(why) => *tally.refused.entry(why.code().to_owned()).or_default() += 1,
            Ok(claimed) => {
                let message = claimed.unproven().clone();
                let to_be_signed = Signed::prepare(&message, &by).expect("it was read");
                let signature = sign(&by.key, &to_be_signed);
                let signed = Claimed::<M>::parse(&envelope(protected, bytes.clone(), signature))
                    .expect("as before")
                    .verify(&by, &KeyedHash)
                    .unwrap_or_else(|why| panic!("{name}: {why}"));
                // What is read writes these bytes and no others: so it is not what the original says.
                assert_eq!(canonical::encode(&message), bytes, "{name}: read as other bytes");
                assert_ne!(signed.hash(), original.hash(), "{name}: the same hash");
                tally.accepted += 1;
            }
        }
    }
    // Nor is anything of the envelope itself.
    for (way, bent) in Tree::List(parts.clone()).bent() {
        let refused = match Claimed::<M>::parse(&bent.write()) {
            Err(_) => true,
            Ok(claimed) => claimed.verify(&by, &Software).is_err(),
        };
        assert!(refused, "{}: envelope{way}", vector.name);
    }
}

#[test]
fn no_field_of_a_signed_message_can_be_bent_unnoticed() {
    use protocol::*;
    let mut tallies = BTreeMap::<String, Tally>::new();
    for vector in cases::good() {
        let is_device = vector.credential.as_ref().is_some_and(|credential| credential.passkey.is_none());
        // The longest repeat what shorter ones hold.
        if !is_device || vector.hex.len() > 2_000 {
            continue;
        }
        let bend = match vector.r#type.as_str() {
            "answer" => bend::<answer::Answer>,
            "arrival" => bend::<arrival::Arrival>,
            "assignment" => bend::<assignment::Assignment>,
            "challenge" => bend::<challenge::Challenge>,
            "confirmation" => bend::<confirmation::Confirmation>,
            "delegation" => bend::<delegation::Delegation>,
            "door_event" => bend::<door_event::DoorEvent>,
            "farewell" => bend::<farewell::Farewell>,
            "grant" => bend::<grant::Grant>,
            "head" => bend::<head::Head>,
            "left" => bend::<left::Left>,
            "look" => bend::<look::Look>,
            "presentation" => bend::<presentation::Presentation>,
            "recording_proof" => bend::<recording_proof::RecordingProof>,
            "revocation" => bend::<revocation::Revocation>,
            "ring" => bend::<ring::Ring>,
            "roster" => bend::<roster::Roster>,
            "sign_in" => bend::<sign_in::SignIn>,
            _ => continue,
        };
        bend(&vector, tallies.entry(vector.r#type.clone()).or_default());
    }
    // Every type that section 14 of the specification names.
    let spec = include_str!("../../../../spec/protocol.md");
    let names =
        spec.split("Message types: ").nth(1).and_then(|rest| rest.split('.').next()).expect("section 14");
    let named = names.split('`').filter(|name| name.chars().all(|c| c == '_' || c.is_ascii_lowercase()));
    let named: BTreeSet<_> = named.filter(|name| !name.is_empty()).collect();
    assert_eq!(tallies.keys().map(String::as_str).collect::<BTreeSet<_>>(), named);
    for (kind, tally) in &tallies {
        assert!(tally.bent > 30 && tally.accepted > 0, "{kind}: nothing was bent");
        assert!(tally.refused.contains_key("shape"), "{kind}: {:?}", tally.refused.keys());
        // Null where nothing may stand, an element too many, keys in another order.
        let another_encoding = ["not_canonical", "rule"].iter().any(|code| tally.refused.contains_key(*code));
        assert!(another_encoding, "{kind}: {:?}", tally.refused.keys());
    }
}
