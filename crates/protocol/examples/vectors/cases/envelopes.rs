//! Envelopes that must be refused: wrong form, wrong header, wrong slot, wrong signature.

use super::cast::*;
use super::{Vector, cbor, envelope, payload, protected, seal, seal_under, sig_structure, signed_vector};
use protocol::{Message, Signer};

pub(super) fn all() -> Vec<Vector> {
    [form(), headers(), slots(), signatures()].concat()
}

const ESP256: i32 = -9;

fn arrival_bytes() -> Vec<u8> {
    seal("arrival", &payload(&arrival()), &handset())
}

fn bad(name: &str, sentence: &str, expected: &str, bytes: &[u8]) -> Vector {
    signed_vector(&format!("envelope-{name}"), sentence, "arrival", expected, bytes, &handset().credential())
}

fn refuses(vector: Vector) -> Vector {
    Vector { cddl: Some("refuses".into()), ..vector }
}

fn cannot(vector: Vector) -> Vector {
    Vector { cddl: Some("cannot".into()), ..vector }
}

fn form() -> Vec<Vector> {
    let right = arrival_bytes();
    let after_first = right.get(1..).unwrap_or_default();
    let header = protected(ESP256, handset().kid());
    let signature = [0x11; 64];
    let three = cbor(|e| e.array(3)?.bytes(&header)?.map(0)?.bytes(&payload(&arrival()))?.ok());
    let five = cbor(|e| {
        e.array(5)?.bytes(&header)?.map(0)?.bytes(&payload(&arrival()))?.bytes(&signature)?.null()?.ok()
    });
    let detached = cbor(|e| e.array(4)?.bytes(&header)?.map(0)?.null()?.bytes(&signature)?.ok());
    // The first byte string, the protected header, has 40 bytes: 0x58 0x28.
    let long_length = [&[right[0], 0x59, 0x00], right.get(2..).unwrap_or_default()].concat();
    let cut = right.get(..right.len() - 1).unwrap_or_default();
    vec![
        refuses(bad("empty", "No bytes at all.", "malformed:shape", &[])),
        refuses(bad("cut-short", "The last byte is missing.", "malformed:shape", cut)),
        cannot(bad(
            "trailing-byte",
            "A byte follows the envelope.",
            "malformed:trailing_bytes",
            &[&right[..], &[0]].concat(),
        )),
        refuses(bad(
            "oversized",
            "4097 bytes: one more than any slot takes.",
            "malformed:oversized",
            &oversized(),
        )),
        cannot(bad(
            "array-length-not-minimal",
            "The array's length 4 is written in two bytes.",
            "malformed:not_canonical",
            &[&[0x98, 0x04], after_first].concat(),
        )),
        cannot(bad(
            "bytes-length-not-minimal",
            "The protected header's length is written in three bytes.",
            "malformed:not_canonical",
            &long_length,
        )),
        cannot(bad(
            "indefinite-array",
            "The array has no length and ends in a break.",
            "malformed:shape",
            &[&[0x9f], after_first, &[0xff]].concat(),
        )),
        refuses(bad(
            "tagged",
            "Tag 18 of COSE_Sign1 is not used.",
            "malformed:shape",
            &[&[0xd2], &right[..]].concat(),
        )),
        refuses(bad("three-elements", "The signature is missing.", "malformed:shape", &three)),
        refuses(bad("five-elements", "An element too many.", "malformed:shape", &five)),
        refuses(bad(
            "detached-payload",
            "The payload is null, to be found elsewhere.",
            "malformed:shape",
            &detached,
        )),
    ]
}

/// A well-formed envelope of 4097 bytes around a payload of zeros: refused before anything is read.
fn oversized() -> Vec<u8> {
    let header = protected(ESP256, handset().kid());
    let around = envelope(&header, &[0; 1_000], &[0x11; 64]).len() - 1_000;
    envelope(&header, &vec![0; 4_097 - around], &[0x11; 64])
}

fn headers() -> Vec<Vector> {
    let kid = handset().kid();
    let bytes = payload(&arrival());
    let under = |header: &[u8]| seal_under("arrival", header, &bytes, &handset());
    let extra = cbor(|e| e.map(3)?.u8(1)?.i32(ESP256)?.u8(3)?.u8(0)?.u8(4)?.bytes(&kid.0)?.ok());
    let reordered = cbor(|e| e.map(2)?.u8(4)?.bytes(&kid.0)?.u8(1)?.i32(ESP256)?.ok());
    let short_kid = cbor(|e| e.map(2)?.u8(1)?.i32(ESP256)?.u8(4)?.bytes(&[7; 16])?.ok());
    let no_kid = cbor(|e| e.map(1)?.u8(1)?.i32(ESP256)?.ok());
    let wide_algorithm =
        [&[0xa2, 0x01, 0x38, 0x08], protected(ESP256, kid).get(3..).unwrap_or_default()].concat();
    let unprotected = |map: &[u8]| {
        let right = arrival_bytes();
        let at = 1 + 2 + protected(ESP256, kid).len();
        [&right[..at], map, right.get(at + 1..).unwrap_or_default()].concat()
    };
    vec![
        refuses(bad(
            "unprotected-member",
            "The unprotected header names an algorithm.",
            "malformed:unprotected_header",
            &unprotected(&[0xa1, 0x01, 0x28]),
        )),
        cannot(bad(
            "unprotected-indefinite",
            "The unprotected header is an empty map without a length.",
            "malformed:unprotected_header",
            &unprotected(&[0xbf, 0xff]),
        )),
        refuses(bad(
            "protected-empty",
            "The protected header is an empty byte string.",
            "malformed:protected_header",
            &under(&[]),
        )),
        refuses(bad(
            "protected-extra-member",
            "The protected header also names a content type.",
            "malformed:protected_header",
            &under(&extra),
        )),
        refuses(bad(
            "protected-no-kid",
            "The protected header names no key.",
            "malformed:protected_header",
            &under(&no_kid),
        )),
        refuses(bad(
            "protected-short-kid",
            "The key identifier has 16 bytes.",
            "malformed:protected_header",
            &under(&short_kid),
        )),
        cannot(bad(
            "protected-reordered",
            "The key identifier comes before the algorithm.",
            "malformed:protected_header",
            &under(&reordered),
        )),
        cannot(bad(
            "protected-not-minimal",
            "The algorithm is written in two bytes.",
            "malformed:protected_header",
            &under(&wide_algorithm),
        )),
        refuses(bad(
            "protected-es256",
            "The header says ES256 (-7), the key means ESP256 (-9).",
            "untrusted:other_key",
            &under(&protected(-7, kid)),
        )),
        bad(
            "protected-passkey",
            "The header says passkey, the key is a plain device key.",
            "untrusted:other_key",
            &under(&protected(-65_600, kid)),
        ),
        bad(
            "other-kid",
            "The header names another key than the one that signed and is expected.",
            "untrusted:other_key",
            &under(&protected(ESP256, guest().kid())),
        ),
    ]
}

fn slots() -> Vec<Vector> {
    let in_slot =
        |name: &str, sentence: &str, slot: &str, expected: &str, bytes: &[u8], signer: &dyn Signer| {
            signed_vector(&format!("slot-{name}"), sentence, slot, expected, bytes, &signer.credential())
        };
    let sealed = seal("farewell", &payload(&farewell()), &member());
    let challenged = seal("challenge", &payload(&challenge()), &door());
    let proof = payload(&recording_proof());
    vec![
        in_slot(
            "farewell-as-answer",
            "A farewell and an answer have the same shape: only the external_aad tells them apart.",
            "answer",
            "untrusted:bad_signature",
            &sealed,
            &member(),
        ),
        in_slot(
            "left-by-another-device",
            "Another device than the one that is expected says where it went.",
            "left",
            "untrusted:other_key",
            &seal("left", &payload(&left()), &guest()),
            &handset(),
        ),
        refuses(in_slot(
            "challenge-as-arrival",
            "A challenge in the slot of an arrival.",
            "arrival",
            "malformed:shape",
            &challenged,
            &door(),
        )),
        refuses(in_slot(
            "proof-as-presentation",
            "A recording proof in the slot of a presentation.",
            "presentation",
            "malformed:shape",
            &seal("recording_proof", &proof, &recorder()),
            &recorder(),
        )),
    ]
}

fn signatures() -> Vec<Vector> {
    let header = protected(ESP256, handset().kid());
    let bytes = payload(&arrival());
    let right = handset().sign_raw(&sig_structure("Signature1", &header, "vestibule/1/arrival", &bytes));
    let signed_over = |context: &str, aad: &str| {
        envelope(&header, &bytes, &handset().sign_raw(&sig_structure(context, &header, aad, &bytes)))
    };
    let der = p256::ecdsa::Signature::from_slice(&right).expect("just signed").to_der();
    let forged = guest().sign_raw(&sig_structure("Signature1", &header, "vestibule/1/arrival", &bytes));
    let mut changed = arrival();
    changed.door.0 = [0xd1; 16];
    let s = |name: &str, sentence: &str, bytes: &[u8]| bad(name, sentence, "untrusted:bad_signature", bytes);
    vec![
        s("signed-without-aad", "The external_aad was left empty.", &signed_over("Signature1", "")),
        s(
            "signed-for-version-2",
            "The external_aad names another version.",
            &signed_over("Signature1", "vestibule/2/arrival"),
        ),
        s(
            "signed-as-cose-sign",
            "The context string is that of COSE_Sign.",
            &signed_over("Signature", "vestibule/1/arrival"),
        ),
        s(
            "signature-of-another-key",
            "Another key signed under this key's identifier.",
            &envelope(&header, &bytes, &forged),
        ),
        s(
            "payload-changed",
            "The door was changed after signing.",
            &envelope(&header, &payload(&changed), &right),
        ),
        s(
            "signature-der",
            "A device key's signature is r and s, not DER.",
            &envelope(&header, &bytes, der.as_bytes()),
        ),
        s("signature-63-bytes", "The signature lacks a byte.", &envelope(&header, &bytes, &right[..63])),
        s("signature-empty", "There is no signature.", &envelope(&header, &bytes, &[])),
        s("signature-zero", "r and s are zero.", &envelope(&header, &bytes, &[0; 64])),
        off_curve(),
    ]
}

fn off_curve() -> Vector {
    let key = protocol::PublicKey { x: [1; 32], y: [1; 32] };
    let credential = protocol::Credential::device(key);
    let header = protected(ESP256, key.kid());
    let bytes = envelope(&header, &payload(&arrival()), &[0x11; 64]);
    signed_vector(
        "envelope-key-off-curve",
        "The expected key is no point of the curve.",
        protocol::arrival::Arrival::TYPE,
        "untrusted:bad_signature",
        &bytes,
        &credential,
    )
}
